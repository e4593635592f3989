"""What the house is built of: ``msgspec.Struct``, here with a few words about equality (``docs/decisions/0009``)."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from operator import attrgetter
from typing import ClassVar

from msgspec import Struct


class Record(Struct, frozen=True):
    """A struct some of whose fields are about it rather than part of it, such as the place it was read from.

    Those fields are named in ``aside``. Records that differ in nothing else are equal, and their ``repr`` is silent
    about it, as it is about the fields in ``silent``, which count, but are long.
    """

    aside: ClassVar[tuple[str, ...]]
    silent: ClassVar[tuple[str, ...]] = ()

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        content = _content(type(self))
        return content(self) == content(other)

    def __hash__(self) -> int:
        return hash((type(self), _content(type(self))(self)))

    def __repr__(self) -> str:
        shown = (f"{name}={value!r}" for name, value in self.__rich_repr__())
        return f"{type(self).__name__}({', '.join(shown)})"

    def __rich_repr__(self) -> list[tuple[str, object]]:
        """What ``rich`` shows: no more than ``repr``."""
        return [(name, getattr(self, name)) for name in _own_fields(type(self)) if name not in self.silent]


@cache
def _own_fields(kind: type[Record]) -> tuple[str, ...]:
    return tuple(name for name in kind.__struct_fields__ if name not in kind.aside)


@cache
def _content(kind: type[Record]) -> Callable[[Record], object]:
    names = _own_fields(kind)
    return attrgetter(*names) if names else type
