"""How far long work has come, told to whoever listens; the core never prints. Where nobody listens,
nothing happens."""

from collections.abc import Callable, Collection, Iterator
from typing import TypeVar

Item = TypeVar("Item")
Listener = Callable[[str, int, int], None]
"""Hears what is being done, which step of it and of how many; "", 0, 0 when nothing is under way
any more."""

_listeners: list[Listener] = []
_under_way: list[str] = []


def set_listener(listener: Listener) -> None:
    """Tell this listener from now on, in place of any other."""
    _listeners[:] = [listener]


def report_steps(stage: str, items: Collection[Item]) -> Iterator[Item]:
    """Yield the items of a stage, and tell before each which one it is."""
    _under_way[:] = [stage]
    for number, item in enumerate(items, start=1):
        for listener in _listeners:
            listener(stage, number, len(items))
        yield item
    end_stage()


def end_stage() -> None:
    """Tell that a stage is over, if one is under way: also after an error in the middle of it."""
    if _under_way:
        _under_way.clear()
        for listener in _listeners:
            listener("", 0, 0)
