"""`python -m lmtx`."""

from lmtx.cli.run import entry

entry()
