"""JSONPath queries, compiled once: RFC 9535, and on request the draft that came before it.

A singular query made of plain names and indices is answered here, without any library. Queries are untrusted:
their length, the cost of an evaluation and the time of ``match()`` and ``search()`` are bounded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache
from importlib import import_module
from typing import Any, Final

from arazzo.document.model import GOESSNER, RFC9535
from arazzo.patterns import pattern
from arazzo.query.errors import QueryError, QuerySyntaxError
from arazzo.query.singular import BLANK, ESCAPED, Location, plain_path, singular_end
from arazzo.records import Record
from arazzo.values import Value

MAX_QUERY: Final = 10_000
"""Characters of a query."""
MAX_DEPTH: Final = 300
"""Levels of a value that ``..`` goes down."""


class JsonPath(Record, frozen=True):
    """A compiled query. ``singular`` says that it can select one node at most."""

    aside = ("nodes",)

    text: str
    version: str
    singular: bool
    nodes: Callable[[Value], Iterable[tuple[Location, Value]]]

    def values(self, context: Value) -> list[Value]:
        """The values it selects from ``context``; raises ``QueryError`` when it cannot be evaluated."""
        return [value for _, value in self.nodes(context)]

    def paths(self, context: Value) -> list[Location]:
        """Where in ``context`` the nodes it selects are; raises ``QueryError`` as ``values`` does."""
        return [location for location, _ in self.nodes(context)]


@lru_cache(maxsize=512)
def compile_jsonpath(text: str, version: str = RFC9535) -> JsonPath:
    """Compile a query in the language ``version`` names; raises ``QuerySyntaxError`` when it is none."""
    if len(text) > MAX_QUERY:
        raise QuerySyntaxError(f"a JSONPath query of more than {MAX_QUERY:,} characters")
    if version == GOESSNER:
        from arazzo.query.goessner import compile_goessner, selects_one

        nodes = compile_goessner(text)
        return JsonPath(text, version, singular_end(text) == len(text) or selects_one(text), nodes)
    if version != RFC9535:
        hint = f"the versions are {RFC9535} and {GOESSNER}"
        raise QuerySyntaxError(f"there is no version {version!r} of JSONPath", hint=hint)
    path = plain_path(text)
    if path is not None:
        return JsonPath(text, version, True, lambda context: _walk(context, path))
    return JsonPath(text, version, singular_end(text) == len(text), _compile_rfc9535(text))


def _walk(context: Value, path: Location) -> Iterator[tuple[Location, Value]]:
    here: Value = context
    location: list[str | int] = []
    for step in path:
        if isinstance(step, str):
            if not isinstance(here, dict) or step not in here:
                return
            here = here[step]
            location.append(step)
        else:
            if not isinstance(here, list) or not -len(here) <= step < len(here):
                return
            location.append(step % len(here))
            here = here[step]
    yield tuple(location), here


def _compile_rfc9535(text: str) -> Callable[[Value], Iterable[tuple[Location, Value]]]:
    from arazzo.query.cost import check_cost, shape_of  # here: most queries lead to one place

    library, compile_, bare_current_works = _environment()
    shape = shape_of(text)
    try:
        query = compile_(text)
        if not bare_current_works and "@" in text:
            query = compile_(_compare_bare_current(text))
    except library.JSONPathError as error:
        at = _position(error)
        raise QuerySyntaxError(f"not a JSONPath query: {_message(error)}", at, at + 1) from None
    except RecursionError:
        raise QuerySyntaxError("a JSONPath query that is nested too deeply") from None
    except (ValueError, ArithmeticError, LookupError, TypeError, AttributeError) as error:
        raise QuerySyntaxError(f"not a JSONPath query: {error}") from None

    def nodes(context: Value) -> Iterable[tuple[Location, Value]]:
        check_cost(shape, context)
        try:
            return [(node.location, node.value) for node in query.find(context)]
        except library.JSONPathError as error:
            raise QueryError(f"the query cannot be evaluated: {_message(error)}") from None
        except RecursionError:
            raise QueryError("the query or the value is nested too deeply") from None

    return nodes


@cache
def _environment() -> tuple[Any, Callable[[str], Any], bool]:
    """The library, its compiler with our limits and functions, and whether ``[?@]`` selects falsy values.

    ``Any`` because its two major versions have different public classes, of which one is installed.
    """
    from arazzo.query.regex import iregexp

    library: Any = import_module("jsonpath_rfc9535")
    functions: Any
    if hasattr(library, "FunctionExtension"):
        environment = library.JSONPathEnvironment(max_recursion_depth=MAX_DEPTH)
        base, registry = library.FunctionExtension, environment.functions
        value_type, logical_type = library.VALUE_TYPE, library.LOGICAL_TYPE
    else:
        functions = import_module("jsonpath_rfc9535.function_extensions")
        environment = type(
            "Environment", (library.JSONPathEnvironment,), {"max_recursion_depth": MAX_DEPTH}
        )()
        base, registry = functions.FilterFunction, environment.function_extensions
        value_type, logical_type = functions.ExpressionType.VALUE, functions.ExpressionType.LOGICAL
    for name, whole in (("match", True), ("search", False)):

        def test(_self: object, text: object, pattern: object, whole: bool = whole) -> bool:
            return isinstance(text, str) and isinstance(pattern, str) and iregexp(pattern, text, whole=whole)

        members = {"arg_types": [value_type, value_type], "return_type": logical_type, "__call__": test}
        registry[name] = type(name, (base,), members)()
    return library, environment.compile, bool(environment.compile("$[?@]").find([0]))


_BARE_CURRENT: Final = pattern(
    rf"(?P<string>{ESCAPED})|(?P<before>(?:\?|&&|\|\||!|(?<![A-Za-z0-9_])\(){BLANK})@(?={BLANK}(?:[\]),&|]|$))",
    re.DOTALL,
)


def _compare_bare_current(text: str) -> str:
    """``text`` with each test of ``@`` alone made a comparison that always holds.

    Version 1 of the library takes ``[?@]`` for the truth of the value; RFC 9535 §2.3.5 for its existence.
    """
    return _BARE_CURRENT.sub(lambda match: match[0] if match["string"] else f"{match['before']}(@==@)", text)


def _position(error: Exception) -> int:
    """The offset of a syntax error, which the library's versions say in different ways."""
    token = getattr(error, "token", None)
    at = token[1] if isinstance(token, tuple) and len(token) > 1 else getattr(token, "index", 0)
    return at if isinstance(at, int) else 0


def _message(error: Exception) -> str:
    return str(error.args[0]) if error.args else type(error).__name__
