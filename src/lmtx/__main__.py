"""Where a run begins, `lmtx` and `python -m lmtx` alike: what else is read is read where an
interrupt is caught."""

ALLOCATIONS = 100_000
"""New objects after which Python looks for unused cycles.

A look-up makes fewer, and looking as often as by default is a twentieth of it.
"""


def entry() -> None:
    """Run lmtx as a command; interrupted while modules are read, it leaves as quietly as later."""
    import gc
    import os

    gc.set_threshold(ALLOCATIONS)
    try:
        from lmtx.cli.run import entry as run
    except KeyboardInterrupt:
        os._exit(130)
    run()


if __name__ == "__main__":
    entry()
