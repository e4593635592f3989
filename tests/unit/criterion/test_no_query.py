"""A condition whose path goes on with an operator is not tried as a query first: what is said of it is the same."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arazzo.criterion import typed
from arazzo.criterion.nodes import ConditionSyntaxError
from arazzo.document.model import GOESSNER, RFC9535, VERSIONS
from arazzo.expression.parse import Notes
from arazzo.expression.scope import Names

PATHS = (
    *(
        "$",
        "$.a",
        "$.a.b",
        "$['a']",
        '$["a"]',
        "$[0]",
        "$ .a",
        "$.a.length",
        "$['a\\'b']",
        "$..a",
        "$.*",
        "$[*]",
    ),
    *(
        "$[?@.a == 1]",
        "$[1:2]",
        "$['a','b']",
        "$.a-b",
        "$[-1]",
        "$.",
        "$[",
        "$['a",
        "$[01]",
        "@.a",
        "length($.a)",
    ),
    *("$statusCode", "$inputs.x", "1", "'x'", "true", "x", ""),
)
OPERATORS = (
    "==",
    "!=",
    "<",
    "<=",
    ">",
    "&&",
    "||",
    "=",
    "!",
    "=~",
    "|",
    "&",
    "+",
    "<>",
    "===",
    "? ",
    "=~/x/",
    "where",
)
BLANKS = ("", " ", "  ", "\t", "\n", "\u00a0", "\x0c")
CONDITION = st.tuples(
    *map(st.sampled_from, (BLANKS, PATHS, ("", ".b", "[0]", " .c"), BLANKS, OPERATORS, BLANKS, PATHS))
).map("".join)


def said(text: str, version: str) -> object:
    try:
        return typed._read_text(text, version, Names(inputs=("x",)), Notes())
    except ConditionSyntaxError as error:
        return error.message, error.start, error.end, error.hint


@given(CONDITION, st.sampled_from(VERSIONS["jsonpath"]))
@settings(max_examples=500, deadline=None, derandomize=True)
def test_what_goes_on_with_an_operator_is_read_as_if_it_had_been_tried_as_a_query(
    text: str, version: str
) -> None:
    quickly = said(text, version)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typed, "singular_end", len)
        assert quickly == said(text, version)


@pytest.mark.parametrize("blank", ["\u00a0", "\x0c", "\u2003"])
def test_what_is_no_blank_of_a_query_is_complained_of_as_in_one(blank: str) -> None:
    assert str(said(f"$ .a {blank}==", RFC9535)).startswith('("not a JSONPath query')


@pytest.mark.parametrize("version", [RFC9535, GOESSNER])
@pytest.mark.parametrize("text", ["$.a == 1", "$<2", "$.a[0] \n&& $.b"])
def test_no_library_is_asked_for_paths_to_one_place(
    monkeypatch: pytest.MonkeyPatch, text: str, version: str
) -> None:
    asked: list[str] = []

    def compile_(part: str, version: str, start: int = 0) -> None:
        asked.append(part)
        raise ConditionSyntaxError("no", 0, 1)

    monkeypatch.setattr(typed, "compile_query", compile_)
    said(text, version)
    assert asked == []
