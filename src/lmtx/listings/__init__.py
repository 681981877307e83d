"""The listings, one file each: its fields for machines, its columns for people."""
