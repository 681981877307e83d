"""Where a run begins: what else is read is read where an interrupt is caught."""


def entry() -> None:
    """Run lmtx as a command; interrupted while its modules are read, it leaves as quietly as later."""
    import os

    try:
        from lmtx.cli.run import entry as run
    except KeyboardInterrupt:
        os._exit(130)
    run()
