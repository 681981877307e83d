"""Where a run begins, `lmtx` and `python -m lmtx` alike: what else is read is read where an
interrupt is caught."""

import sys
from types import ModuleType

GC_THRESHOLD = 100_000
"""New objects after which Python looks for unused cycles.

A look-up makes fewer, and looking as often as by default is a twentieth of it.
"""
DEFERRED_MODULES = (
    "bz2", "fnmatch", "ipaddress", "linecache", "locale", "lzma", "selectors", "shellingham", "subprocess", "textwrap", "token", "tokenize",
)  # fmt: skip
"""Modules that Typer and the standard library import for what no look-up does: a sixth of its
time."""


class DeferredModule(ModuleType):
    """Stands for a module until something of it is touched, which imports it."""

    def __getattr__(self, name: str) -> object:
        from importlib import import_module

        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        module = import_module(self.__name__)
        self.__dict__.update(vars(module))
        return getattr(module, name)


def entry() -> None:
    """Run lmtx as a command; interrupted while modules are read, it leaves as quietly as later."""
    import gc
    import os

    gc.set_threshold(GC_THRESHOLD)
    for name in DEFERRED_MODULES:
        sys.modules.setdefault(name, DeferredModule(name))
    try:
        from lmtx.cli.run import entry as run
    except KeyboardInterrupt:
        os._exit(130)
    run()


if __name__ == "__main__":
    entry()
