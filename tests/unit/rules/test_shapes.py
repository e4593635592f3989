"""What a schema says about a value and its parts, and what may be passed where."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arazzo.descriptions.openapi.references import Resolver
from arazzo.rules.compat import misfits
from arazzo.rules.infer import Missing, walk
from arazzo.rules.schemas import Nowhere, describe, into, types_of, values_of
from arazzo.rules.shapes import TEXT, UNKNOWN, Constant, Described, ListOf, ObjectOf, Plain, Shape, any_of
from arazzo.source import Node, from_value
from arazzo.values import Value

PET: dict[str, Value] = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "name": {"type": "string"},
        "status": {"type": "string", "enum": ["new", "sold"]},
        "tags": {"type": "array", "items": {"type": "object", "properties": {"label": {"type": "string"}}}},
        "owner": {"$ref": "#/defs/owner"},
        "extra": {"type": "object", "additionalProperties": {"type": "integer"}},
        "parent": {"$ref": "#"},
    },
}
OWNER: dict[str, Value] = {
    "allOf": [
        {"type": "object", "properties": {"email": {"type": "string"}}},
        {"properties": {"phone": {"type": "string"}}, "additionalProperties": False},
    ]
}


def shape(schema: Mapping[str, Value]) -> Shape:
    tree = from_value({**schema, "defs": {"owner": OWNER}})
    return describe(tree.node, Resolver(tree, "https://example.test/api.json"))


def at(schema: Mapping[str, Value], *path: str | int) -> Shape | Missing:
    return walk(shape(schema), path)


@pytest.mark.parametrize(
    ("path", "types"),
    [
        (("id",), {"integer"}),
        (("tags", 0, "label"), {"string"}),
        (("tags", "0", "label"), {"string"}),
        (("owner", "email"), {"string"}),
        (("extra", "anything"), {"integer"}),
        (("parent", "parent", "name"), {"string"}),
    ],
)
def test_a_path_leads_to_the_schema_of_the_part(path: tuple[str | int, ...], types: set[str]) -> None:
    found = at(PET, *path)
    assert not isinstance(found, Missing)
    assert types_of(found) == frozenset(types)


@pytest.mark.parametrize(
    ("path", "depth", "certain"),
    [
        (("nmae",), 0, False),
        (("name", "first"), 1, True),
        (("tags", "label"), 1, True),
        (("tags", 0, "lable"), 2, False),
        (("owner", "fax"), 1, True),
    ],
)
def test_a_path_that_no_schema_has_ends_where_it_leaves_it(
    path: tuple[str | int, ...], depth: int, certain: bool
) -> None:
    found = at(PET, *path)
    assert isinstance(found, Missing)
    assert (found.depth, found.nowhere.certain) == (depth, certain)


OPEN: dict[str, Mapping[str, Value]] = {
    "no schema": {},
    "an object without properties": {"type": "object"},
    "additional properties": {"type": "object", "properties": {"a": {}}, "additionalProperties": True},
    "pattern properties": {"type": "object", "properties": {"a": {}}, "patternProperties": {"^x": {}}},
    "a condition": {"type": "object", "properties": {"a": {}}, "if": {}},
    "a base for others": {"type": "object", "properties": {"a": {}}, "discriminator": {"propertyName": "a"}},
    "a broken reference": {"allOf": [{"$ref": "#/nowhere"}, {"type": "object", "properties": {"a": {}}}]},
    "one open alternative": {"oneOf": [{"type": "object", "properties": {"a": {}}}, {"type": "object"}]},
}


@pytest.mark.parametrize("case", OPEN)
def test_of_an_open_schema_nothing_is_missing(case: str) -> None:
    assert at(OPEN[case], "whatever") == UNKNOWN


def test_what_one_of_several_alternatives_has_is_there() -> None:
    schema: dict[str, Value] = {
        "oneOf": [
            {"type": "object", "properties": {"a": {"type": "string"}}},
            {"type": "object", "properties": {"b": {"type": "integer"}}},
        ]
    }
    assert isinstance(at(schema, "c"), Missing)
    found = at(schema, "b")
    assert not isinstance(found, Missing)
    assert types_of(found) == frozenset(("integer",))


@pytest.mark.parametrize(
    ("schema", "values"),
    [
        ({"type": "string", "enum": ["a", "b"]}, ("a", "b")),
        ({"const": 3}, (3,)),
        ({"type": "string", "nullable": True, "enum": ["a"]}, ("a", None)),
        ({"allOf": [{"enum": ["a", "b"]}, {"enum": ["b", "c"]}]}, ("b",)),
        ({"anyOf": [{"enum": ["a"]}, {"const": "b"}]}, ("a", "b")),
        ({"anyOf": [{"enum": ["a"]}, {"type": "string"}]}, None),
        ({"type": "string"}, None),
    ],
)
def test_an_enum_lists_what_a_value_can_be(
    schema: dict[str, Value], values: tuple[Value, ...] | None
) -> None:
    assert values_of(shape(schema)) == values


ORDER: dict[str, Value] = {
    "type": "object",
    "required": ["item", "id"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "item": {"type": "string"},
        "count": {"type": "integer"},
        "size": {"enum": ["small", "large"]},
        "lines": {
            "type": "array",
            "items": {"type": "object", "required": ["sku"], "properties": {"sku": {}}},
        },
    },
}
GIVEN: dict[str, tuple[Shape, list[tuple[str, tuple[str | int, ...]]]]] = {
    "all is well": (ObjectOf({"item": TEXT, "count": Constant(2)}), []),
    "a required field is missing": (ObjectOf({"count": Constant(2)}), [("missing", ("item",))]),
    "a field is misspelt": (ObjectOf({"item": TEXT, "cuont": Constant(2)}), [("undeclared", ("cuont",))]),
    "a text for a number": (ObjectOf({"item": TEXT, "count": TEXT}), [("type", ("count",))]),
    "a whole float is an integer": (Constant({"item": "x", "count": 2.0}), []),
    "a value outside the enum": (Constant({"item": "x", "size": "medium"}), [("value", ("size",))]),
    "an unknown value may be in the enum": (ObjectOf({"item": TEXT, "size": TEXT}), []),
    "an element lacks a field": (
        Constant({"item": "x", "lines": [{"sku": 1}, {}]}),
        [("missing", ("lines", 1, "sku"))],
    ),
    "a list for an object": (ListOf(TEXT), [("type", ())]),
    "nothing is known": (UNKNOWN, []),
}


@pytest.mark.parametrize("case", GIVEN)
def test_what_does_not_fit_a_schema_is_found_at_its_place(case: str) -> None:
    given_, expected = GIVEN[case]
    found = misfits(given_, shape(ORDER), as_text=False)
    assert [(misfit.kind, misfit.path) for misfit in found] == expected


@pytest.mark.parametrize(
    ("value", "schema", "fits"),
    [
        (Constant(1), {"type": "string"}, True),
        (TEXT, {"type": "integer"}, True),
        (Constant("abc"), {"type": "integer"}, False),
        (Constant("a"), {"type": "array", "items": {"type": "string"}}, True),
        (ListOf(TEXT), {"type": "string"}, False),
        (Plain(frozenset(("object",))), {"type": "integer"}, False),
        (Constant(2), {"enum": ["1", "2"]}, True),
        (Constant("3"), {"enum": ["1", "2"]}, False),
    ],
)
def test_what_travels_as_text_may_be_of_another_type(
    value: Shape, schema: dict[str, Value], fits: bool
) -> None:
    assert (misfits(value, shape(schema), as_text=True) == []) is fits


def test_what_fits_one_alternative_fits() -> None:
    schema: dict[str, Value] = {"oneOf": [{"type": "string"}, {"type": "object", "required": ["a"]}]}
    assert misfits(TEXT, shape(schema), as_text=False) == []
    assert misfits(ObjectOf({"a": TEXT}), shape(schema), as_text=False) == []
    assert [m.kind for m in misfits(Constant(3), shape(schema), as_text=False)] == ["type"]


json_values: st.SearchStrategy[Value] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
words = st.sampled_from(
    ["type", "properties", "items", "allOf", "oneOf", "anyOf", "enum", "const", "required", "$ref"]
)
schemas: st.SearchStrategy[Value] = st.recursive(
    st.sampled_from(["object", "array", "string", ["string", "null"], "#", "#/allOf/0", True, 3]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(words, inner, max_size=4)
        | st.dictionaries(st.sampled_from(["a", "b"]), inner, max_size=2)
    ),
    max_leaves=20,
)


@given(schemas, st.lists(st.sampled_from(["a", "b", 0, "0"]), max_size=4), json_values)
def test_no_schema_breaks_or_hangs_a_question(schema: Value, path: list[str | int], value: Value) -> None:
    tree = from_value({"schema": schema})
    described = describe(tree.node.get("schema"), Resolver(tree, "x"))
    types_of(described)
    values_of(described)
    walk(described, path)
    misfits(Constant(value), described, as_text=False)


@given(json_values)
def test_a_constant_is_what_it_is(value: Value) -> None:
    assert values_of(Constant(value)) == (value,)
    found = into(Constant(value), "a")
    assert isinstance(found, Nowhere) is not (isinstance(value, dict) and "a" in value)


def test_one_unknown_option_makes_all_unknown() -> None:
    assert any_of([TEXT, UNKNOWN]) == UNKNOWN
    assert any_of([]) == UNKNOWN
    assert any_of([TEXT]) == TEXT


# --- schemas that refer to themselves in many ways


@pytest.mark.parametrize("way", ["bare", "wrapped"])
def test_a_recursive_choice_of_many_takes_no_longer_with_every_level(
    way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow = Resolver.follow
    followed: list[Node] = []

    def counting(resolver: Resolver, node: Node) -> Node:
        followed.append(node)
        return follow(resolver, node)

    monkeypatch.setattr(Resolver, "follow", counting)
    node: Value = {"$ref": "#/defs/node"}
    inside: Value = node if way == "bare" else {"allOf": [node], "description": "below"}
    kinds: dict[str, Value] = {
        f"k{i}": {
            "type": "object",
            "required": ["kind"],
            "properties": {"kind": {"type": "string", "enum": [f"k{i}"]}, "child": inside, f"p{i}": {}},
        }
        for i in range(48)
    }
    choice: Value = {"oneOf": [{"$ref": f"#/defs/k{i}"} for i in range(48)]}
    tree = from_value({"allOf": [node], "defs": {**kinds, "node": choice}})
    whole = describe(tree.node, Resolver(tree, "x"))
    for depth in (1, 4, 8):
        found = walk(whole, ("child",) * depth)
        assert not isinstance(found, Missing)
    missing = walk(whole, (*("child",) * 8, "nowhere"))
    assert len(followed) < 6_000
    # All alternatives are the same schemas again, however deep; where that cannot be seen, nothing is known.
    assert isinstance(missing, Missing) if way == "bare" else missing == UNKNOWN


def test_what_a_bare_reference_leads_to_is_one_option_however_often_it_is_met() -> None:
    schema: dict[str, Value] = {
        "oneOf": [
            {"type": "object", "properties": {"a": {"$ref": "#/defs/owner"}}},
            {"type": "object", "properties": {"a": {"$ref": "#/defs/owner"}}},
        ]
    }
    found = at(schema, "a")
    assert isinstance(found, Described)
    email = walk(found, ("email",))
    assert not isinstance(email, Missing)
    assert types_of(email) == frozenset(("string",))
