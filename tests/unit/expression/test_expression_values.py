"""Evaluating expressions and following pointers; the tables are in ``conformance/expressions``."""

from __future__ import annotations

import jsonpointer
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arazzo.expression.evaluate import evaluate
from arazzo.expression.navigate import follow, walk
from arazzo.expression.parse import parse_expression
from arazzo.expression.scope import RequestView, ResponseView, Scope, WorkflowValues
from arazzo.values import UNDEFINED, File, Maybe, Value

keys = st.sampled_from(["a", "b", "0", "1", "01", "-", "", "a/b", "m~n", "~1"])
documents: st.SearchStrategy[Value] = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "text"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)


@given(documents, st.lists(keys, max_size=4))
def test_a_pointer_leads_where_jsonpointer_leads(document: Value, tokens: list[str]) -> None:
    found = follow(document, tuple(tokens))
    text = "".join("/" + token.replace("~", "~0").replace("/", "~1") for token in tokens)
    try:
        expected: object = jsonpointer.resolve_pointer(document, text)
    except jsonpointer.JsonPointerException:
        assert found is UNDEFINED
        return
    if isinstance(expected, jsonpointer.EndOfList) or found is UNDEFINED:
        # The library has a value for `-`, and takes a text for an array of characters.
        assert found is UNDEFINED
        assert isinstance(expected, (jsonpointer.EndOfList, str))
        return
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize("value", [b"abc", File("f.txt", b"abc"), "abc", 5, True, None])
@pytest.mark.parametrize("token", ["0", "a", "-", "length"])
def test_nothing_is_inside_a_value_that_is_no_container(value: Value, token: str) -> None:
    assert follow(value, (token,)) is UNDEFINED
    assert walk(value, (token,)) is UNDEFINED
    assert walk(value, (0,)) is UNDEFINED
    assert follow(value, ()) is value


def test_an_index_leads_into_arrays_and_a_name_into_objects() -> None:
    assert walk([[1, 2]], (0, 1)) == 2
    assert walk({"0": {"x": None}}, (0, "x")) is None
    assert walk([1], ("0",)) is UNDEFINED
    assert walk({"a": 1}, ("b",)) is UNDEFINED


def test_a_referent_is_given_as_it_is_and_not_copied() -> None:
    payload: dict[str, Value] = {"a": [1]}
    scope = Scope(inputs={"p": payload}, response=ResponseView(200, (), payload))
    assert evaluate(parse_expression("$inputs.p"), scope) is payload
    assert evaluate(parse_expression("$response.body#/a"), scope) is payload["a"]


def test_a_file_is_had_whole() -> None:
    photo = File("p.png", b"\x89PNG")
    scope = Scope(inputs={"photo": photo}, response=ResponseView(200, (), b"\x00\x01"))
    assert evaluate(parse_expression("$inputs.photo"), scope) is photo
    assert evaluate(parse_expression("$inputs.photo#/0"), scope) is UNDEFINED
    assert evaluate(parse_expression("$response.body"), scope) == b"\x00\x01"
    assert evaluate(parse_expression("$response.body#/0"), scope) is UNDEFINED


def test_an_output_that_is_undefined_stays_undefined() -> None:
    scope = Scope(
        outputs={"x": UNDEFINED},
        steps={"s": {"x": UNDEFINED}},
        workflows={"w": WorkflowValues({}, {"x": UNDEFINED})},
    )
    for text in ("$outputs.x", "$steps.s.outputs.x", "$workflows.w.outputs.x", "$steps.s.outputs.x#/y"):
        assert evaluate(parse_expression(text), scope) is UNDEFINED


def test_a_scope_can_change_between_evaluations() -> None:
    expression = parse_expression("$statusCode")
    scope = Scope()
    assert evaluate(expression, scope) is UNDEFINED
    scope.response = ResponseView(204)
    assert evaluate(expression, scope) == 204


def test_headers_of_the_request_are_those_that_were_sent() -> None:
    scope = Scope(request=RequestView("GET", "https://x.test/", (("A", "1"), ("a", "2"), ("B", ""))))
    values: list[Maybe] = [
        evaluate(parse_expression(f"$request.header.{name}"), scope) for name in ("A", "a", "b", "C")
    ]
    assert values == ["1, 2", "1, 2", "", UNDEFINED]
