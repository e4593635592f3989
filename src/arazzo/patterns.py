"""Regular expressions that are compiled when they are first used.

Compiling is slow in Python, the house has some 140, and a command needs few of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final, cast

_COMPILE: Final = re.compile
NAME_CHARACTERS: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")
"""``[A-Za-z0-9_-]``, which most names keep to: whether a text does is found out without a pattern."""


class _Pattern:
    """Becomes a ``re.Pattern`` one method at a time: each is looked up once and stays."""

    def __init__(self, text: str, flags: int) -> None:
        self.pattern = text
        self._written = text, flags

    def __getattr__(self, name: str) -> object:
        found: object = getattr(_COMPILE(*self._written), name)
        setattr(self, name, found)
        return found


class _Among:
    """A pattern that is not compiled for a text without any of some pieces, one of which is in every match."""

    def __init__(self, text: str, flags: int, pieces: tuple[str, ...]) -> None:
        self._written = text, flags
        self._pieces = pieces
        self._folds = bool(flags & re.IGNORECASE)
        self._compiled: re.Pattern[str] | None = None

    def _for(self, text: str) -> re.Pattern[str] | None:
        if self._compiled is None and self._may_match(text):
            self._compiled = _COMPILE(*self._written)
        return self._compiled

    def _may_match(self, text: str) -> bool:
        if self._folds:
            if not text.isascii():
                return True  # Letters beyond ASCII have more cases than lower() knows.
            text = text.lower()
        return any(piece in text for piece in self._pieces)

    def search(self, text: str) -> re.Match[str] | None:
        found = self._for(text)
        return found.search(text) if found else None

    def fullmatch(self, text: str) -> re.Match[str] | None:
        found = self._for(text)
        return found.fullmatch(text) if found else None

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        found = self._for(text)
        return found.finditer(text) if found else iter(())

    def findall(self, text: str) -> list[str]:
        found = self._for(text)
        return found.findall(text) if found else []

    def sub(self, new: str | Callable[[re.Match[str]], str], text: str) -> str:
        found = self._for(text)
        return found.sub(new, text) if found else text


def pattern(text: str, flags: int = 0, *, among: tuple[str, ...] = ()) -> re.Pattern[str]:
    """What ``re.compile`` gives, for patterns at the top of a module, whose methods are called.

    ``among`` are pieces of text (in lower case where case is ignored) one of which is in everything that matches:
    most texts have none of them, which is found out without compiling.
    """
    return cast("re.Pattern[str]", _Among(text, flags, among) if among else _Pattern(text, flags))
