"""Answers drawn for a terminal: one module a command. Only these modules import rich."""
