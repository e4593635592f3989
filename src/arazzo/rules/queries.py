"""What a JSONPath query that can select several nodes goes into: the elements it passes, and what it asks of them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from re import Pattern
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from arazzo.criterion.nodes import (
    Condition,
    ConditionSyntaxError,
    Not,
    Query,
    QueryLength,
    parts,
)
from arazzo.patterns import pattern
from arazzo.query.errors import QueryError
from arazzo.query.singular import plain_path
from arazzo.rules.infer import Missing, walk
from arazzo.rules.schemas import Nowhere, into, types_of
from arazzo.rules.shapes import UNKNOWN, AnyOf, Described, ListOf, Shape, any_of

EACH: Final = "*"
"""What stands in a path for every element of an array."""
_BLANK: Final = r"[ \t\n\r]*"
_STRING: Final = pattern(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""")
_MOST: Final = 40


class Asked(Struct, frozen=True):
    """A filter, as a condition on ``$``, and the shape of the elements that it is asked of, which stand at ``path``."""

    condition: Condition
    shape: Shape
    path: tuple[str | int, ...]


class Passage(Struct, frozen=True):
    """Where a query goes: the shape of what it selects, or where it ends, and the filters on the way."""

    found: Shape | Missing
    filters: tuple[Asked, ...]


@cache
def _step() -> Pattern[str]:
    """One segment whose meaning is read here."""
    return pattern(
        rf"{_BLANK}(?:\.(?P<name>[^\W\d]\w*)|\[{_BLANK}(?:(?P<index>0|-?[1-9][0-9]{{0,14}})"
        rf"|(?P<quoted>'[^'\\]*'|\"[^\"\\]*\")){_BLANK}\]"
        rf"|(?P<each>\.\*|\[{_BLANK}\*{_BLANK}\]|\[[-0-9: \t\n\r]*:[-0-9: \t\n\r]*\])|\[{_BLANK}(?P<filter>\?))"
    )


def passage(text: str, shape: Shape) -> Passage:
    """Where the JSONPath query ``text`` leads in a value of ``shape``; ``UNKNOWN`` behind what is not read here."""
    plain = plain_path(text)
    if plain is not None and len(plain) < _MOST:
        found = walk(shape, plain)
        if isinstance(found, Missing):
            found = replace(found, path=found.path[: found.depth + 1])
        return Passage(found, ())
    filters: list[Asked] = []
    here, path, at = shape, (), 1
    taken: tuple[str | int, ...] = path
    while at < len(text) and len(taken) < _MOST:
        match = _step().match(text, at)
        if match is None or not text.startswith("$"):
            return Passage(UNKNOWN, tuple(filters))
        at = match.end()
        if match["each"] or match["filter"]:
            here, taken = _elements(here), (*taken, EACH)
            if match["filter"]:
                end = _closing(text, at)
                condition = _condition(text[at:end])
                if condition is not None:
                    filters.append(Asked(condition, here, taken))
                at = end + 1
            continue
        key = int(match["index"]) if match["index"] else match["name"] or match["quoted"][1:-1]
        inside = into(here, key)
        taken = (*taken, key)
        if isinstance(inside, Nowhere):
            return Passage(Missing(inside, taken, len(taken) - 1), tuple(filters))
        here = inside
    return Passage(here, tuple(filters))


def passages(condition: Condition | None, base: Shape) -> Iterator[Passage]:
    """Where the queries of a condition lead, but for those that a negation asks about."""
    for part in parts(condition, negated=False):
        match part:
            case Query(query) | QueryLength(_, query):
                yield passage(query.text, base)
            case _:
                pass


def walked(asked: Asked, path: tuple[str | int, ...]) -> Shape | Missing:
    """Where ``path`` leads in the elements of a filter; what is missing is told from the query's own context."""
    found = walk(asked.shape, path)
    if isinstance(found, Missing):
        return Missing(found.nowhere, (*asked.path, *found.path), len(asked.path) + found.depth)
    return found


def _elements(shape: Shape) -> Shape:
    """The shape of every element of an array; ``UNKNOWN`` of what may be an object as well."""
    match shape:
        case ListOf(element):
            return element
        case AnyOf(options):
            return any_of(_elements(option) for option in options)
        case Described(alternatives):
            types = types_of(shape)
            tuples = any(schema.node.get("prefixItems") for one in alternatives for schema in one)
            if types is None or not types <= {"array", "null"} or tuples:
                return UNKNOWN
            found = into(shape, 0)
            return UNKNOWN if isinstance(found, Nowhere) else found
        case _:
            return UNKNOWN


def _closing(text: str, at: int) -> int:
    """Where the bracket ends that is open at ``at``."""
    depth = 1
    while at < len(text):
        string = _STRING.match(text, at)
        if string is not None:
            at = string.end()
            continue
        depth += {"[": 1, "]": -1}.get(text[at], 0)
        if depth == 0:
            return at
        at += 1
    return at


def _condition(text: str) -> Condition | None:
    """A filter as a condition on its element; None for one that speaks of something else as well, or not plainly."""
    from arazzo.criterion.logical import parse_logical  # here: few documents have filters

    bare = _STRING.sub(lambda match: " " * len(match[0]), text)
    if "$" in bare or "?" in bare:
        return None
    meant = "".join("$" if bare[at] == "@" else sign for at, sign in enumerate(text))
    try:
        return _plain(parse_logical(meant))
    except (ConditionSyntaxError, QueryError, RecursionError):
        return None


def _plain(condition: Condition) -> Condition | None:
    """``condition``, unless a negation is the whole of it."""
    return None if isinstance(condition, Not) else condition
