"""`python -m lmtx`."""

from lmtx.start import entry

entry()
