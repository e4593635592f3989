"""Logical expressions over JSONPath queries: what no text may do. Tables are in ``conformance/criteria``."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arazzo.criterion.logical import parse_logical, passes
from arazzo.criterion.nodes import ConditionSyntaxError
from arazzo.expression.scope import Names, ResponseView, Scope
from arazzo.query.errors import QueryError
from arazzo.query.jsonpath import compile_jsonpath
from arazzo.values import Value

NAMES = Names(inputs=["x"])
FRAGMENTS = [
    *(
        "$",
        "$.a",
        "$.b[0]",
        "$['c']",
        "$..d",
        "$.e[?@.f == 1]",
        "[",
        "]",
        ".length",
        "$inputs.x",
        "$statusCode",
        "@",
        "'",
    ),
    *(
        "'a'",
        '"b"',
        "1",
        "true",
        "null",
        "==",
        "!=",
        "<",
        ">=",
        "&&",
        "||",
        "!",
        "(",
        ")",
        ",",
        " ",
        "length(",
        "count(",
    ),
    *("match(", "value(", "search(", "x", "=", "\\", "?"),
]


@given(st.one_of(st.text(max_size=30), st.lists(st.sampled_from(FRAGMENTS), max_size=12).map("".join)))
def test_no_text_makes_the_parser_or_the_evaluation_raise_anything_else(text: str) -> None:
    failure: ConditionSyntaxError | None = None
    try:
        condition = parse_logical(text, NAMES)
        passes(condition, {"a": 1, "b": [2], "e": [{"f": 1}]}, Scope(inputs={"x": 1}))
    except ConditionSyntaxError as error:
        failure = error
    except QueryError:
        return
    assert failure is None or (failure.message and 0 <= failure.start <= len(text))


@pytest.mark.parametrize(
    "text",
    [
        "(" * 50_000 + "$.a" + ")" * 50_000,
        "length(" * 20_000 + "$.a" + ")" * 20_000,
        "!" * 50_000 + "$.a",
        "$.a" + " || $.b == 'x'" * 5_000,
        "$" + "[" * 50_000,
        "$" + ".a" * 40_000 + " == 1",
        "'" + "\\'" * 40_000,
        "$.a == '" + "x" * 90_000 + "'",
    ],
    ids=lambda text: text[:10],
)
def test_long_and_deep_expressions_take_little_time(text: str) -> None:
    begun = time.perf_counter()
    with suppress(ConditionSyntaxError, QueryError):
        passes(parse_logical(text, NAMES), {"a": 1}, Scope())
    assert time.perf_counter() - begun < 4


@given(
    st.sampled_from(["$.a", "$.b[0]", "$['c d']"]),
    st.sampled_from(["==", "!=", "<", "<=", ">", ">="]),
    st.sampled_from(["1", "'x'", "'X'", "true", "false", "-2.5", '"y"']),
    st.fixed_dictionaries(
        {
            "a": st.sampled_from([1, "x", "X", True, None, -2.5, [1]]),
            "b": st.lists(st.sampled_from([1, "x", "y"]), max_size=1),
        },
        optional={"c d": st.sampled_from([0, "x", False])},
    ),
)
def test_a_comparison_with_a_value_that_is_there_is_that_of_a_filter(
    path: str, operator: str, literal: str, document: dict[str, Value]
) -> None:
    if not compile_jsonpath(path).values(document):
        return
    inside = f"$[?@{path[1:]} {operator} {literal}]"
    expected = bool(compile_jsonpath(inside).values([document]))
    assert passes(parse_logical(f"{path} {operator} {literal}"), document, Scope()) is expected


@pytest.mark.parametrize(
    ("text", "at", "part"),
    [
        ("$.a == ", 7, "ends where a value belongs"),
        ("$.a = 1", 4, "`=` is no operator"),
        ("$.a[?@.b = 1] == 1", 9, "not a JSONPath query"),
        ("$.a && $.b[", 10, "the bracket is not closed"),
        ("$.a[*].b == 1", 0, "can select several values"),
        ("1 == $.a..b", 5, "can select several values"),
        ("@.a == 1", 0, "`@` stands only inside a filter"),
        ("$.a == 'x", 7, "the string is not closed"),
        ("$.a == '\\q'", 7, "an escape that JSONPath does not know"),
        ("size($.a) == 1", 0, "`size` is neither a literal nor an expression"),
        ("count($.a, $.b) == 1", 15, "takes 1 argument"),
        ("count('a') == 1", 10, "takes a query"),
        ("length($.a == 1", 11, "not closed"),
        ("$bogus == 1", 0, "begins no runtime expression"),
    ],
)
def test_an_error_says_where_and_why(text: str, at: int, part: str) -> None:
    with pytest.raises(ConditionSyntaxError) as raised:
        parse_logical(text, NAMES)
    assert part in raised.value.message
    assert at - 1 <= raised.value.start <= at + 5


def test_runtime_expressions_are_read_in_the_scope() -> None:
    condition = parse_logical("$.n > $inputs.x && $statusCode == 200", NAMES)
    scope = Scope(inputs={"x": 3}, response=ResponseView(200))
    assert passes(condition, {"n": 4}, scope) is True
    assert passes(condition, {"n": 3}, scope) is False
