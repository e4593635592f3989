"""JSONPath as in draft-goessner-dispatch-jsonpath-00, for documents that ask for it by name.

The draft leaves script expressions, ``[(…)]``, to "the underlying scripting language". Nothing is evaluated here: the
one kind the draft itself shows, ``[(@.length-1)]``, is read as what it means, an element counted from the end of an
array. A query with such steps is cut at them, and each piece is a query of the library.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeAlias

from msgspec import Struct

from arazzo.patterns import pattern
from arazzo.query.cost import check_cost, shape_of
from arazzo.query.errors import QueryError, QuerySyntaxError
from arazzo.values import Value

_Nodes: TypeAlias = Iterable[tuple[tuple[str | int, ...], Value]]

_STRING: Final = pattern(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""", re.DOTALL)
_STEP: Final = pattern(r"\.\.?(?:[\w@$\-]+|\*)|(?:\.\.)?\[")
_AT: Final = pattern(r"at 1:([0-9]+)")
_SCRIPT: Final = pattern(r"\[\s*\(\s*@\s*\.\s*length\s*-\s*(?P<back>[0-9]{1,15})\s*\)\s*\]")
_OPENING: Final = pattern(r"\[\s*\(")
_PLAIN_STEP: Final = pattern(r"""\.\w+|\[\s*(?:-?[0-9]+|'[^'\\]*'|"[^"\\]*")\s*\]""")


class _Piece(Struct, frozen=True):
    """A stretch of a query without script expressions, and the one after it: how far from the end, if there is one."""

    text: str
    start: int
    back: int | None


def compile_goessner(text: str) -> Callable[[Value], _Nodes]:
    """Compile a query of the draft to a function from a value to the nodes it selects.

    Raises ``QuerySyntaxError``. Of script expressions only ``[(@.length-n)]`` is supported, and ``=~`` is not: it is
    not in the draft and cannot be bounded in time.
    """
    outside = _outside(text)
    for mark, what in (("=~", "the operator `=~`"), ("`", "a function in backquotes")):
        at = outside.find(mark)
        if at >= 0:
            hint = "RFC 9535 has match() and search(); leave the version away to use it"
            raise QuerySyntaxError(
                f"{what} is not supported in this version of JSONPath", at, at + len(mark), hint
            )
    pieces = _pieces(text, outside)
    shape = shape_of(text)
    queries = [(_compile("$" + piece.text, piece.start - 1), piece.back) for piece in pieces]

    def nodes(context: Value) -> _Nodes:
        check_cost(shape, context)
        found: _Nodes = [((), context)]
        for query, back in queries:
            found = [
                (above + location, value)
                for above, here in found
                for location, value in (query(here) if query is not None else [((), here)])
            ]
            if back is not None:
                found = _from_the_end(found, back)
        return found

    return nodes


def selects_one(text: str) -> bool:
    """Whether a query of the draft, which must be one, can select one node at most."""
    return all(
        re.fullmatch(f"(?:{_PLAIN_STEP.pattern})*", piece.text) for piece in _pieces(text, _outside(text))
    )


def _outside(text: str) -> str:
    """``text`` with its strings blotted out."""
    return _STRING.sub(lambda match: " " * len(match[0]), text)


def _pieces(text: str, outside: str) -> list[_Piece]:
    """``text``, after its ``$``, cut at its script expressions.

    The library knows more than the draft, which ends here: operators between paths, and paths without ``$``.
    """
    if not outside.startswith("$"):
        raise QuerySyntaxError("not a JSONPath query: no path begins like this", 0, 1)
    pieces: list[_Piece] = []
    start = at = 1
    while step := _STEP.match(outside, at):
        begins, at = at, step.end()
        if not step[0].endswith("["):
            continue
        at = _closing(outside, at)
        opening = _OPENING.search(outside, begins, at)
        if opening is None:
            continue
        script = _SCRIPT.fullmatch(outside, begins, at)
        if script is None:
            raise _refusal(outside, begins, opening.start(), at)
        pieces.append(_Piece(text[start:begins], start, int(script["back"])))
        start = at
    if at < len(text):
        raise QuerySyntaxError("not a JSONPath query: no path goes on like this", at, at + 1)
    pieces.append(_Piece(text[start:], start, None))
    if len(pieces) > 1 and (root := outside.find("$", 1)) > pieces[0].start:
        message = "a query with a script expression cannot go back to the root with `$`"
        raise QuerySyntaxError(message, root, root + 1)
    return pieces


def _closing(outside: str, at: int) -> int:
    """The offset behind the bracket that closes the one before ``at``."""
    depth = 1
    while depth and at < len(outside):
        depth += {"[": 1, "]": -1}.get(outside[at], 0)
        at += 1
    return at


def _refusal(outside: str, begins: int, opening: int, end: int) -> QuerySyntaxError:
    """Why the subscript at ``begins``, with a script at ``opening``, is none that can be read."""
    hint = "`[(@.length-1)]` and `[-1:]` name the last element, `[?(…)]` is a filter"
    if outside.startswith("..", begins):
        message = "a script expression right after `..` is not supported"
        hint = "name what it is to be applied to: `$..name[(@.length-1)]`"
    elif opening > begins:
        message = "a script expression inside a filter is not supported"
    else:
        message = (
            "a script expression is not run; only `(@.length-n)`, n from the end of an array, is understood"
        )
    return QuerySyntaxError(message, opening, end, hint)


def _compile(text: str, offset: int) -> Callable[[Value], _Nodes] | None:
    """A query of the library; None for ``$`` alone. ``offset`` is where ``text`` stands in the whole query."""
    from jsonpath_ng.exceptions import JSONPathError
    from jsonpath_ng.ext.parser import parse

    if text == "$" and offset:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            query = parse(text)
    except JSONPathError as error:
        match = _AT.search(str(error))
        start = offset + int(match[1]) if match else 0
        raise QuerySyntaxError(f"not a JSONPath query: {error}", start, start + 1) from None
    except RecursionError:
        raise QuerySyntaxError("a JSONPath query that is nested too deeply") from None
    except (ValueError, ArithmeticError, LookupError, TypeError, AttributeError) as error:
        raise QuerySyntaxError(f"not a JSONPath query: {error}") from None

    def nodes(context: Value) -> _Nodes:
        try:
            return [(_location(found), found.value) for found in query.find(context)]
        except (JSONPathError, ValueError, ArithmeticError, LookupError, TypeError, AttributeError) as error:
            raise QueryError(f"the query cannot be evaluated: {error}") from None
        except RecursionError:
            raise QueryError("the query or the value is nested too deeply") from None

    return nodes


def _from_the_end(found: _Nodes, back: int) -> _Nodes:
    """Of each array its element ``back`` places from the end; nothing of what is no array, or too short."""
    return [
        ((*location, len(value) - back), value[-back])
        for location, value in found
        if isinstance(value, list) and 0 < back <= len(value)
    ]


def _location(found: Any) -> tuple[str | int, ...]:
    """The keys and indices that lead to a node, which the library keeps as a chain of contexts."""
    steps: list[str | int] = []
    while found.context is not None:
        path = found.path
        if hasattr(path, "fields"):
            steps.append(path.fields[0])
        elif hasattr(path, "indices"):
            steps.append(path.indices[0])
        elif hasattr(path, "index"):
            steps.append(path.index)
        found = found.context
    return tuple(reversed(steps))
