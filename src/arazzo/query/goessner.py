"""JSONPath as in draft-goessner-dispatch-jsonpath-00, for documents that ask for it by name."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable
from typing import Any, Final

from arazzo.query.cost import check_cost, shape_of
from arazzo.query.errors import QueryError, QuerySyntaxError
from arazzo.values import Value

_STRING: Final = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""", re.DOTALL)
_STEP: Final = re.compile(r"\.\.?(?:[\w@$\-]+|\*)|(?:\.\.)?\[")
_AT: Final = re.compile(r"at 1:([0-9]+)")


def compile_goessner(text: str) -> Callable[[Value], Iterable[tuple[tuple[str | int, ...], Value]]]:
    """Compile a query of the draft to a function from a value to the nodes it selects.

    Raises ``QuerySyntaxError``. Script expressions (``[(@.length-1)]``) are not supported, and neither is ``=~``,
    which is not in the draft and cannot be bounded in time.
    """
    from jsonpath_ng.exceptions import JSONPathError
    from jsonpath_ng.ext.parser import parse

    outside = _STRING.sub(lambda match: " " * len(match[0]), text)
    for mark, what in (
        ("=~", "the operator `=~`"),
        ("`", "a function in backquotes"),
        ("[(", "a script expression"),
    ):
        at = outside.find(mark)
        if at >= 0:
            hint = "RFC 9535 has match() and search(); leave the version away to use it"
            raise QuerySyntaxError(
                f"{what} is not supported in this version of JSONPath", at, at + len(mark), hint
            )
    end = _end_of_path(outside)
    if end < len(text):
        raise QuerySyntaxError("not a JSONPath query: no path goes on like this", end, end + 1)
    shape = shape_of(text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            query = parse(text)
    except JSONPathError as error:
        match = _AT.search(str(error))
        start = int(match[1]) if match else 0
        raise QuerySyntaxError(f"not a JSONPath query: {error}", start, start + 1) from None
    except RecursionError:
        raise QuerySyntaxError("a JSONPath query that is nested too deeply") from None
    except (ValueError, ArithmeticError, LookupError, TypeError, AttributeError) as error:
        raise QuerySyntaxError(f"not a JSONPath query: {error}") from None

    def nodes(context: Value) -> Iterable[tuple[tuple[str | int, ...], Value]]:
        check_cost(shape, context)
        try:
            return [(_location(found), found.value) for found in query.find(context)]
        except (JSONPathError, ValueError, ArithmeticError, LookupError, TypeError, AttributeError) as error:
            raise QueryError(f"the query cannot be evaluated: {error}") from None
        except RecursionError:
            raise QueryError("the query or the value is nested too deeply") from None

    return nodes


def _end_of_path(outside: str) -> int:
    """Where the path ends that a text, its strings blotted out, begins with.

    The library knows more than the draft: operators between paths, and paths that do not begin with ``$``.
    """
    if not outside.startswith("$"):
        return 0
    at = 1
    while step := _STEP.match(outside, at):
        at = step.end()
        if step[0].endswith("["):
            depth = 1
            while depth and at < len(outside):
                depth += {"[": 1, "]": -1}.get(outside[at], 0)
                at += 1
    return at


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
