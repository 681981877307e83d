"""The named tuples of lmtx are those of `typing`, made later."""

from __future__ import annotations

import copy
import pickle
import typing
from typing import Any, Generic, TypeVar

import pytest

from lmtx.tuples import FEW, NamedTuple

Value = TypeVar("Value")


class Plain(NamedTuple):
    """Two fields, one with a default."""

    first: int
    second: str = "none"

    @property
    def double(self) -> int:
        """Twice the first."""
        return 2 * self.first


class Typed(typing.NamedTuple):
    """The same, as `typing` makes it."""

    first: int
    second: str = "none"


class Empty(NamedTuple):
    """No fields."""


class Pair(NamedTuple, Generic[Value]):
    """One of a kind that the caller names."""

    kind: type[Value]
    number: int = 0


CALLS: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    ((1,), {}),
    ((1, "a"), {}),
    ((), {"first": 1}),
    ((1,), {"second": "a"}),
    ((), {"second": "a", "first": 1}),
    ((), {}),
    ((), {"second": "a"}),
    ((1, "a", 2), {}),
    ((1,), {"first": 2}),
    ((1,), {"third": 3}),
]


def outcome(made: type[Any], values: tuple[Any, ...], named: dict[str, Any]) -> Any:
    try:
        return tuple(made(*values, **named))
    except TypeError:
        return TypeError


@pytest.mark.parametrize("earlier", [0, FEW + 1])
@pytest.mark.parametrize(("values", "named"), CALLS)
def test_it_takes_and_refuses_the_same(
    values: tuple[Any, ...], named: dict[str, Any], earlier: int
) -> None:
    class Fresh(NamedTuple):
        first: int
        second: str = "none"

    for number in range(earlier):
        Fresh(number)
    assert outcome(Fresh, values, named) == outcome(Typed, values, named)


def test_it_can_the_same() -> None:
    one = Plain(1)
    assert one == (1, "none") and hash(one) == hash((1, "none")) and one.double == 2
    assert repr(one) == "Plain(first=1, second='none')" and one._asdict() == Typed(1)._asdict()
    assert one._replace(second="a") == (1, "a") and type(one._replace(first=2)) is Plain
    assert Plain._make([1, "a"]) == (1, "a")
    assert (Plain._fields, Plain._field_defaults) == (Typed._fields, Typed._field_defaults)
    assert typing.get_type_hints(Plain) == typing.get_type_hints(Typed)
    assert pickle.loads(pickle.dumps(one)) == one and type(copy.copy(one)) is Plain
    assert Empty() == () and Pair(int) == (int, 0) and Pair[int](int, 1).number == 1
    with pytest.raises(ValueError, match="third"):
        one._replace(third=3)  # type: ignore[call-arg]
    with pytest.raises(AttributeError):
        one.first = 2  # type: ignore[misc]
    with pytest.raises(AttributeError):
        one.third = 2  # type: ignore[attr-defined]
    match one:
        case Plain(first, second):
            assert (first, second) == (1, "none")
        case _:
            raise AssertionError


def test_what_is_derived_from_it_is_a_class_like_any_other() -> None:
    class Named(Plain):
        """One with more to say."""

        note = "n"

    for number in range(FEW + 2):
        assert Named(number).first == number and type(Named(number)) is Named
    assert Named._fields == Plain._fields and Named(1).note == "n"
