"""`NamedTuple` as `typing` has it, for a program that ends before most of its classes are used.

The one of `typing` checks every annotation and compiles a constructor for each class: 0.1 ms, some
forty times a look-up. This one compiles the constructor of a class of which there are many
instances. Type checkers see that of `typing`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import NamedTuple  # noqa: TID251 - the one that it stands for
else:
    from collections import _tuplegetter as field_getter

    FEW = 8
    """Instances up to which a constructor is not worth compiling."""

    class _Tuple(tuple):
        """What all named tuples can; fields, defaults and constructor are those of the class."""

        __slots__ = ()

        def __new__(cls, *values: Any, **named: Any) -> _Tuple:
            declared = next(one for one in cls.__mro__ if "_fields" in vars(one))
            others = cls._fields[len(values) :]
            declared._few -= 1
            if declared._few > 0 and named.keys() <= set(others):
                given = {**cls._field_defaults, **named}
                if len(values) + len(others) == len(cls._fields) and given.keys() >= set(others):
                    return tuple.__new__(cls, (*values, *map(given.get, others)))
            declared.__new__ = staticmethod(_compile_constructor(declared))
            return declared.__new__(cls, *values, **named)

        @classmethod
        def _make(cls, values: Any) -> _Tuple:
            return cls(*values)

        def _replace(self, **named: Any) -> _Tuple:
            made = tuple.__new__(type(self), map(named.pop, self._fields, self))
            if named:
                raise ValueError(f"got unexpected field names: {list(named)!r}")
            return made

        def _asdict(self) -> dict[str, Any]:
            return dict(zip(self._fields, self, strict=True))

        def __repr__(self) -> str:
            inside = ", ".join(f"{name}={value!r}" for name, value in self._asdict().items())
            return f"{type(self).__name__}({inside})"

        def __getnewargs__(self) -> tuple[Any, ...]:
            return tuple(self)

    class _Maker(type):
        """Makes the class of a named tuple; what is derived from it is a class like any other."""

        def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> type:
            made = type(name, (_Tuple, *bases[1:]), {**body, "__slots__": ()})
            fields = tuple(made.__annotations__)
            made._fields = made.__match_args__ = fields
            made._few = FEW
            made._field_defaults = {field: body[field] for field in fields if field in body}
            for number, field in enumerate(fields):
                setattr(made, field, field_getter(number, ""))
            return made

    def _compile_constructor(declared: type) -> Any:
        """Return the constructor of a class, which takes values by position and by name."""
        names = ", ".join(declared._fields)
        scope = {"__builtins__": {}, "new_tuple": tuple.__new__, "__name__": declared.__module__}
        source = f"lambda _cls, {names}: new_tuple(_cls, ({names}{',' * bool(names)}))"
        constructor = eval(source, scope)
        constructor.__defaults__ = tuple(declared._field_defaults.values())
        constructor.__name__ = constructor.__qualname__ = "__new__"
        return constructor

    def NamedTuple() -> None:  # noqa: N802 - stands for a class
        """Base of a class whose annotated attributes are the fields of a tuple."""

    _base = type.__new__(_Maker, "NamedTuple", (), {})
    NamedTuple.__mro_entries__ = lambda bases: (_base,)

__all__ = ["NamedTuple"]
