"""What is called a plain schema is one that a validator takes."""

from __future__ import annotations

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arazzo.plan.plain_schemas import is_plain
from arazzo.values import Value

WORDS = (
    "type", "properties", "items", "required", "enum", "default", "title", "minLength", "maxItems", "minimum",
    "additionalProperties", "deprecated", "uniqueItems", "format", "examples", "pattern", "$ref", "allOf", "x-a",
)  # fmt: skip
values: st.SearchStrategy[Value] = st.recursive(
    st.sampled_from(["object", "string", "array", "a", "(", "#/x", 0, -1, 2.5, True, False, None]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4)
        | st.dictionaries(st.sampled_from("ab"), inner, max_size=2)
    ),
    max_leaves=16,
)


@given(st.dictionaries(st.sampled_from(WORDS), values, max_size=5))
def test_a_plain_schema_is_one_that_a_validator_takes(schema: dict[str, Value]) -> None:
    if is_plain(schema):
        jsonschema_rs.Draft202012Validator(schema)


@pytest.mark.parametrize(
    ("schema", "plain"),
    [
        ({"type": "object", "required": ["a"], "properties": {"a": {"type": "string", "default": 1}}}, True),
        ({"type": "array", "items": {"type": "integer", "minimum": 0, "enum": [1, 2]}}, True),
        ({"type": "strng"}, False),
        ({"type": ["string", "null"]}, False),
        ({"required": ["a", "a"]}, False),
        ({"required": True}, False),
        ({"pattern": "("}, False),
        ({"properties": {"a": True}}, False),
        ({"$ref": "#/$defs/a"}, False),
        ({"minLength": -1}, False),
    ],
)
def test_only_what_is_sure_is_plain(schema: dict[str, Value], plain: bool) -> None:
    assert is_plain(schema) is plain
