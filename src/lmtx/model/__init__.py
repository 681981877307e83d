"""What a record is: its shape, its words, and what follows from one record alone. No input or
output."""
