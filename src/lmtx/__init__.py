"""lmtx: what has been tried against leptomeningeal metastasis, in whom, with what result, and how far to trust it."""

__version__ = "0.1.0"
