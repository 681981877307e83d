"""What helps those who keep the data: what wants work, a file in canonical order, a file begun. No look-up imports it."""
