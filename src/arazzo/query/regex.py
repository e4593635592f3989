"""Regular expressions from documents, matched in linear time where that is possible and in bounded time anyway.

A pattern is given to RE2 first. What RE2 does not know (look-around, back-references, possessive quantifiers) goes
to the ``regex`` package, which can be told when to give up.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from arazzo.patterns import pattern
from arazzo.query.errors import QueryError, QuerySyntaxError
from arazzo.query.iregexp import to_re2
from arazzo.records import Record

MAX_PATTERN: Final = 10_000
"""Characters of a pattern."""
TIMEOUT: Final = 1.0
"""Seconds that a pattern outside RE2 may take for one text."""

MAX_EXPANDED: Final = 20_000
"""Characters of a pattern outside RE2 when its counted repetitions are written out."""

_PIECE: Final = pattern(
    r"\\.|\[\^?\]?(?:\\.|[^\\\]])*\]|\{(?P<low>[0-9]{1,9})(?P<more>,(?P<high>[0-9]{1,9})?)?\}|.", re.DOTALL
)
_END: Final = pattern(r"\\.", re.DOTALL)
"""An escaped character; ``\\z``, the end of the text, is ``\\Z`` in the fallback."""


class Regex(Record, frozen=True):
    """A compiled pattern. ``search`` says whether it matches anywhere in a text; it may raise ``QueryError``."""

    aside = ("search",)

    pattern: str
    search: Callable[[str], bool]


@lru_cache(maxsize=256)
def compile_regex(pattern: str) -> Regex:
    """Compile ``pattern`` for searching; raises ``QuerySyntaxError`` when it is none."""
    if len(pattern) > MAX_PATTERN:
        raise QuerySyntaxError(f"a regular expression of more than {MAX_PATTERN:,} characters")
    return Regex(pattern, linear(pattern) or _bounded(pattern))


def iregexp(pattern: str, text: str, *, whole: bool) -> bool:
    """Whether an I-Regexp (RFC 9485) matches ``text``, or with ``whole`` all of it; False when it is none."""
    search = _iregexp(pattern, whole)
    try:
        return search is not None and search(text)
    except QueryError:
        return False


@lru_cache(maxsize=256)
def _iregexp(pattern: str, whole: bool) -> Callable[[str], bool] | None:
    translated = to_re2(pattern) if len(pattern) <= MAX_PATTERN else None
    if translated is None:
        return None
    try:
        return compile_regex(rf"\A(?:{translated})\z" if whole else translated).search
    except QuerySyntaxError:
        return None


def linear(pattern: str) -> Callable[[str], bool] | None:
    """A search by RE2, or None when RE2 cannot read the pattern."""
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        compiled = re2.compile(pattern, options)
    except (re2.error, UnicodeEncodeError):
        return None

    def search(text: str) -> bool:
        try:
            return compiled.search(text) is not None
        except UnicodeEncodeError:
            return _bounded(pattern)(text)

    return search


@lru_cache(maxsize=64)
def _bounded(pattern: str) -> Callable[[str], bool]:
    """A search by the ``regex`` package that gives up after ``TIMEOUT``."""
    import regex  # type: ignore[import-untyped]

    if expanded(pattern) > MAX_EXPANDED:
        raise QuerySyntaxError("a regular expression with too many repetitions inside each other")
    try:
        compiled = regex.compile(_END.sub(lambda match: r"\Z" if match[0] == r"\z" else match[0], pattern))
    except regex.error as error:
        at = error.pos if isinstance(error.pos, int) else 0
        raise QuerySyntaxError(f"not a regular expression: {error.msg}", at, at + 1) from None
    except (RecursionError, OverflowError, ValueError, MemoryError) as error:
        raise QuerySyntaxError(f"not a regular expression: {error}") from None

    def search(text: str) -> bool:
        try:
            return compiled.search(text, timeout=TIMEOUT) is not None
        except TimeoutError:
            message = (
                f"the regular expression took longer than {TIMEOUT:g} s on a text of {len(text):,} characters"
            )
            raise QueryError(message) from None

    return search


def expanded(pattern: str) -> int:
    """How long ``pattern`` gets when its counted repetitions are written out, roughly."""
    open_groups: list[int] = []
    total, last = 0, 0
    for piece in _PIECE.finditer(pattern):
        if piece["low"]:
            times = int(piece["high"] or piece["low"])
            total += last * max(times - 1, 0)
            last *= max(times, 1)
        elif piece[0] == "(":
            open_groups.append(total)
            total, last = 0, 0
        elif piece[0] == ")" and open_groups:
            last = total
            total += open_groups.pop()
        else:
            total, last = total + 1, 1
    return total
