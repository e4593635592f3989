"""A text that matches a pattern, for the patterns that descriptions mostly have: ids, codes, numbers.

Reads literals, classes, groups, alternatives and quantifiers. What it does not know (look-around, back-references,
Unicode properties) has no text.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from random import Random
from typing import Final

from arazzo.patterns import pattern

_DIGITS: Final = string.digits
_WORD: Final = string.ascii_lowercase + string.digits
_CLASSES: Final = {"d": _DIGITS, "w": _WORD, "s": " ", "D": "x", "W": "-", "S": "x"}
_CONTROLS: Final = {"t": "\t", "n": "\n", "r": "\r"}
_QUANTIFIER: Final = pattern(r"\{(\d{1,4})(,(\d{1,4})?)?\}\??")
_LONGEST: Final = 2_000
_MOST_PARTS: Final = 2_000


def text_for(pattern: str, random: Random) -> str | None:
    """A text in which ``pattern`` is found, or None where none can be made."""
    reading = _Reading(pattern, random)
    try:
        text = reading.alternatives(0)
    except (_Unknown, IndexError):
        return None
    return text if reading.at == len(pattern) else None


class _Unknown(Exception):  # noqa: N818 - it says what the pattern is
    """The pattern has something that is not read here, or makes too long a text."""


class _Reading:
    """A pattern as far as it has been read."""

    def __init__(self, pattern: str, random: Random) -> None:
        self.pattern, self.random, self.at = pattern, random, 0
        self._parts = 0

    def alternatives(self, depth: int) -> str:
        if depth > 20:
            raise _Unknown
        choices = [self._sequence(depth)]
        while self._peek() == "|":
            self.at += 1
            choices.append(self._sequence(depth))
        return self.random.choice(choices)

    def _peek(self) -> str:
        return self.pattern[self.at] if self.at < len(self.pattern) else ""

    def _sequence(self, depth: int) -> str:
        made: list[str] = []
        while self._peek() not in ("", "|", ")"):
            made.append(self._repeated(depth))
            if sum(map(len, made)) > _LONGEST:
                raise _Unknown
        return "".join(made)

    def _repeated(self, depth: int) -> str:
        self._parts += 1
        if self._parts > _MOST_PARTS:
            raise _Unknown
        make = self._atom(depth)
        least, most = self._times()
        if most > _LONGEST:
            raise _Unknown
        count = max(least, min(most, least or 1))
        return "".join(make() for _ in range(count))

    def _times(self) -> tuple[int, int]:
        sign = self._peek()
        if sign in ("*", "+", "?"):
            self.at += 1
            if self._peek() == "?":
                self.at += 1
            return {"*": (0, 8), "+": (1, 8), "?": (0, 1)}[sign]
        found = _QUANTIFIER.match(self.pattern, self.at)
        if found is None:
            return 1, 1
        self.at = found.end()
        least = int(found[1])
        return least, least if found[2] is None else int(found[3] or max(least, 1))

    def _atom(self, depth: int) -> Callable[[], str]:
        sign = self.pattern[self.at]
        self.at += 1
        if sign in "^$":
            return lambda: ""
        if sign == "(":
            return self._group(depth)
        if sign == "[":
            allowed = self._class()
            return lambda: self.random.choice(allowed)
        if sign == ".":
            return lambda: self.random.choice(_WORD)
        if sign == "\\":
            allowed = self._escaped()
            return lambda: self.random.choice(allowed) if allowed else ""
        if sign in "*+?{":
            raise _Unknown
        return lambda: sign

    def _group(self, depth: int) -> Callable[[], str]:
        if self._peek() == "?":
            if self.pattern[self.at + 1] != ":":
                raise _Unknown
            self.at += 2
        made = self.alternatives(depth + 1)
        if self.pattern[self.at] != ")":
            raise _Unknown
        self.at += 1
        return lambda: made

    def _escaped(self) -> str:
        sign = self.pattern[self.at]
        self.at += 1
        if sign in "bB":
            return ""
        if sign in _CLASSES:
            return _CLASSES[sign]
        if sign in _CONTROLS:
            return _CONTROLS[sign]
        if sign.isalnum():
            raise _Unknown
        return sign

    def _class(self) -> str:
        negated = self._peek() == "^"
        self.at += negated
        allowed = ""
        while self.pattern[self.at] != "]" or not allowed:
            allowed += self._range()
        self.at += 1
        if negated:
            allowed = "".join(sign for sign in _WORD + "-_ " if sign not in allowed)
        if not allowed:
            raise _Unknown
        return allowed

    def _range(self) -> str:
        sign = self.pattern[self.at]
        self.at += 1
        first = self._escaped() if sign == "\\" else sign
        if self._peek() != "-" or self.pattern[self.at + 1] == "]" or len(first) != 1:
            return first
        last = self.pattern[self.at + 1]
        self.at += 2
        if last == "\\":
            last = self._escaped()
        if len(last) != 1 or not 0 <= ord(last) - ord(first) <= 256:
            raise _Unknown
        return "".join(map(chr, range(ord(first), ord(last) + 1)))
