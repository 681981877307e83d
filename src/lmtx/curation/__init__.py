"""What helps those who keep the data: what wants work, canonical order, a file begun, differences,
schema and dictionary. No look-up imports it."""
