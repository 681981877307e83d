"""What changed between two versions of the data: `snapshots` reads them, `differences` compares them."""
