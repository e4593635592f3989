"""Simple conditions: reading, printing, bounds, hints. The tables are in ``conformance/criteria``."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arazzo.criterion.nodes import (
    And,
    Comparison,
    Condition,
    ConditionSyntaxError,
    Constant,
    Length,
    Not,
    Or,
    Read,
    TextOperand,
)
from arazzo.criterion.simple import holds, parse_condition, print_condition, reads
from arazzo.criterion.syntax import MAX_NESTING
from arazzo.expression.nodes import InputReference
from arazzo.expression.parse import Notes, parse_expression
from arazzo.expression.scope import Names, ResponseView, Scope
from arazzo.expression.template import Embedded, Text

T = TypeVar("T")
NAMES = Names(inputs=["x", "y.z"], steps={"s": ["o"]})

constants = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_characters="${", exclude_categories=["Cs"]), max_size=8),
).map(Constant)
read = st.sampled_from(
    [
        "$statusCode",
        "$response.body#/a/b",
        "$response.body.a[0].b",
        "$inputs.x",
        "$inputs.y.z",
        "$request.header.X-A",
    ]
)
operands: st.SearchStrategy[Condition] = st.one_of(
    constants,
    read.map(lambda text: Read(parse_expression(text, NAMES, operators=True))),
    st.just(Length(InputReference("x", None, ("length",)), InputReference("x"))),
    st.just(TextOperand(Text(("it's ", Embedded(InputReference("x")), "!")))),
)


def extend(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    operators = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
    return st.one_of(
        inner.map(Not), st.builds(Comparison, operators, inner, inner), several.map(And), several.map(Or)
    )


conditions = st.recursive(operands, extend, max_leaves=10)


@given(conditions)
def test_a_condition_reads_back_from_its_text(condition: Condition) -> None:
    assert parse_condition(print_condition(condition), NAMES) == condition


def attempt(run: Callable[[], T]) -> T | ConditionSyntaxError:
    """What ``run`` gives, or the error it raises; any other exception is a failure of the test."""
    try:
        return run()
    except ConditionSyntaxError as error:
        return error


FRAGMENTS = [
    *(
        "$statusCode",
        "$inputs.x",
        "$",
        "$response.body",
        "#/a",
        ".b",
        "[0]",
        "'a'",
        '"b"',
        "'",
        '"',
        "1",
        "-",
        ".",
    ),
    *(
        "==",
        "!=",
        "<",
        "<=",
        ">",
        ">=",
        "=",
        "!",
        "&&",
        "||",
        "&",
        "|",
        "(",
        ")",
        "true",
        "null",
        "x",
        " ",
        "{$inputs.x}",
    ),
]


@given(st.one_of(st.text(max_size=30), st.lists(st.sampled_from(FRAGMENTS), max_size=14).map("".join)))
def test_no_text_makes_the_parser_raise_anything_else(text: str) -> None:
    result = attempt(lambda: parse_condition(text, NAMES, Notes()))
    if isinstance(result, ConditionSyntaxError):
        assert 0 <= result.start <= len(text)
        assert result.start < result.end
        assert result.message
        return
    holds(result, Scope(inputs={"x": "1"}, response=ResponseView(200, (), {"a": [1]})))
    assert parse_condition(print_condition(result), NAMES) == result


@pytest.mark.parametrize(
    "text",
    [
        "(" * 50_000 + "true" + ")" * 50_000,
        "(" * 90_000,
        "!" * 90_000 + "true",
        "true" + " && true" * 12_000,
        "true" + " || false" * 11_000,
        "'" * 90_001,
        "'" + "''" * 45_000,
        '"' + "\\" * 90_000,
        "1" * 90_000,
        "1 == 1 == " * 9_000,
        "$inputs." + "x." * 45_000 + " == 1",
        "$response.body" + "[0]" * 30_000,
        "'" + "{$inputs.x}" * 9_000 + "' == 1",
        " " * 100_000,
        "x" * 100_000,
        "true && " * 13_000,
        "a" * 100_001,
    ],
    ids=lambda text: text[:12],
)
def test_long_and_deep_conditions_take_little_time(text: str) -> None:
    begun = time.perf_counter()
    result = attempt(lambda: parse_condition(text, NAMES, Notes()))
    if not isinstance(result, ConditionSyntaxError):
        holds(result, Scope())
    assert time.perf_counter() - begun < 3


def test_parentheses_may_be_nested_up_to_a_bound() -> None:
    for depth, accepted in ((MAX_NESTING, True), (MAX_NESTING + 1, False)):
        result = attempt(lambda depth=depth: parse_condition("(" * depth + "1 == 1" + ")" * depth))  # type: ignore[misc]
        assert isinstance(result, Comparison) is accepted
    deep = "!(1 == 2 || " * MAX_NESTING + "true" + ")" * MAX_NESTING
    assert holds(parse_condition(deep), Scope()) is True


@pytest.mark.parametrize(
    ("text", "shown", "hint"),
    [
        ("$statusCode = 200", "=", "write `==`"),
        ("$statusCode === 200", "===", "write `==`"),
        ("$statusCode <> 200", "<>", "write `!=`"),
        ("true and false", "and", "write `&&`"),
        ("true OR false", "OR", "write `||`"),
        ("$response.body.a contains 'x'", "contains", "use a criterion with `type: regex` and a context"),
        (
            "$response.body.a == application/json",
            "application",
            "a string stands in single quotes: 'application/json'",
        ),
        ("$response.body.a == True", "True", "write `true`"),
        ("$response.body.a == undefined", "undefined", "write `null`"),
        ("$response.body.a == 'it's'", "s", "the operators are == != < <= > >= && || !"),
        ("1 < $statusCode < 3", "<", "join two comparisons with `&&`"),
        ("$input.x == 1", "$input", "did you mean `$inputs.x`?"),
        ("${response.statusCode} == 200", "$", "did you mean `$statusCode`?"),
        ("$response.statusCode == 200", "statusCode", "write `$statusCode`"),
        ("$.a == 1", "$.", "a JSONPath condition has `type: jsonpath` and a `context`"),
        ("{$statusCode} == 1", "{", "in a simple condition an expression stands without braces"),
        ("$statusCode == .5", ".", "numbers are written as in JSON"),
        ("($statusCode == 200", "(", "add `)`"),
    ],
)
def test_an_error_shows_what_is_wrong_and_what_would_mend_it(text: str, shown: str, hint: str) -> None:
    with pytest.raises(ConditionSyntaxError) as raised:
        parse_condition(text)
    error = raised.value
    assert (text[error.start : error.end], error.hint) == (shown, hint)


def test_what_a_condition_reads_is_listed_in_order_with_its_place() -> None:
    text = "$inputs.x == 'a{$steps.s.outputs.o}' && !($response.body.l.length > 2 || $url)"
    found = reads(parse_condition(text, NAMES))
    assert [text[slice(*expression.span)] for expression in found] == [
        "$inputs.x",
        "$steps.s.outputs.o",
        "$response.body.l.length",
        "$url",
    ]


def test_kindnesses_are_noted_where_they_are() -> None:
    notes = Notes()
    text = "$response.body.l.length == \"x\" && $inputs.x == '{$steps.s.outputs.o}'"
    parse_condition(text, NAMES, notes)
    assert [(note.code.name, text[note.start : note.end]) for note in notes.found] == [
        ("length", ".length"),
        ("double-quotes", '"x"'),
        ("quoted-expression", "'{$steps.s.outputs.o}'"),
    ]


def test_a_logical_operator_does_not_look_at_what_cannot_matter() -> None:
    condition = parse_condition("false && $response.body.a == 1 || true")
    assert holds(condition, Scope()) is True
