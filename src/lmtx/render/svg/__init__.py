"""Pictures: each chart is drawn once, as SVG text; a raster is made from that by an extra. Nothing
here touches a look-up."""
