"""Answers as plain text, and the words that other drawings share."""
