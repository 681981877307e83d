"""Files in, checked records out: those of the base and a user's own; and files written whole or not
at all."""
