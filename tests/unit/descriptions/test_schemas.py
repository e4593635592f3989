"""What a schema says of the types it allows, its default, its files; references inside one document."""

from __future__ import annotations

import time

import pytest

from arazzo.descriptions.openapi.references import BrokenReference, Resolver, at_pointer
from arazzo.descriptions.openapi.schemas import default_of, file_properties, types_of
from arazzo.source import Node, from_value, parse
from arazzo.values import UNDEFINED, Maybe, Value


def schema(value: Value, **more: Value) -> tuple[Node, Resolver]:
    tree = from_value({"schema": value, **more})
    node = tree.node.get("schema")
    assert node is not None
    return node, Resolver(tree, "file:///a.json")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"type": "string"}, "string"),
        ({"type": ["integer", "null"]}, "integer null"),
        ({"type": "integer", "nullable": True}, "integer null"),
        ({}, ""),
        (True, ""),
        ({"type": "file"}, ""),
        ({"type": 5}, ""),
        ({"enum": ["a", 1]}, "string integer"),
        ({"const": True}, "boolean"),
        ({"$ref": "#/X"}, "array"),
        ({"$ref": "#/X", "nullable": True}, "array null"),
        ({"allOf": [{"type": ["string", "integer"]}, {"type": ["integer", "null"]}]}, "integer"),
        ({"allOf": [{"type": "number"}, {"type": "integer"}]}, "integer"),
        ({"allOf": [{}, {"$ref": "#/X"}]}, "array"),
        ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, "string integer"),
        ({"oneOf": [{"type": "string"}, {"type": "null"}]}, "string null"),
        ({"anyOf": [{"type": "string"}, {}]}, ""),
        ({"type": "string", "anyOf": [{"format": "a"}, {"format": "b"}]}, "string"),
        ({"allOf": [{"type": "string"}, {"type": "integer"}]}, "string"),
        ({"$ref": "#/Loop"}, ""),
        ({"$ref": "#/Nowhere"}, ""),
        ({"$ref": "other.json"}, ""),
        ({"$ref": "#/Self"}, "object"),
    ],
)
def test_the_types_a_schema_allows(value: Value, expected: str) -> None:
    node, resolver = schema(
        value,
        X={"type": "array"},
        Loop={"$ref": "#/Loop"},
        Self={"type": "object", "allOf": [{"$ref": "#/Self"}]},
    )
    assert types_of(node, resolver) == frozenset(expected.split())


def test_a_schema_that_doubles_at_every_level_is_bounded() -> None:
    more: dict[str, Value] = {
        f"S{level}": {"anyOf": [{"$ref": f"#/S{level + 1}"}, {"$ref": f"#/S{level + 1}"}]}
        for level in range(60)
    }
    node, resolver = schema({"$ref": "#/S0"}, **more, S60={"type": "string"})
    started = time.perf_counter()
    types_of(node, resolver)
    default_of(node, resolver)
    assert time.perf_counter() - started < 1


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"default": 5}, 5),
        ({"default": None}, None),
        ({"enum": ["only"]}, "only"),
        ({"enum": ["a", "b"]}, UNDEFINED),
        ({"const": "c"}, "c"),
        ({"enum": ["only"], "default": "d"}, "d"),
        ({"$ref": "#/X"}, "x"),
        ({"allOf": [{"enum": ["e"]}, {"$ref": "#/X"}]}, "x"),
        ({"anyOf": [{"default": 1}]}, UNDEFINED),
        ({}, UNDEFINED),
    ],
)
def test_the_default_or_the_only_value(value: Value, expected: Maybe) -> None:
    node, resolver = schema(value, X={"default": "x"})
    assert default_of(node, resolver) == expected


def test_properties_that_are_files() -> None:
    properties: Value = {
        "a": {"type": "string", "format": "binary"},
        "b": {"type": "array", "items": {"$ref": "#/File"}},
        "c": {"contentMediaType": "image/png"},
        "d": {"contentMediaType": "image/png", "contentEncoding": "base64"},
        "e": {"type": "string"},
        "f": {"type": "file"},
    }
    node, resolver = schema({"properties": properties}, File={"format": "binary"})
    assert file_properties(node, resolver) == {"a", "b", "c", "f"}


@pytest.mark.parametrize(
    ("reference", "pointer"),
    [
        ("#/a/b", "/a/b"),
        ("#/a/x~1y/0", "/a/x~1y/0"),
        ("#/a/c%20d", "/a/c d"),
        ("#/a/%25", "/a/%25"),
        ("#", ""),
        ("#named", "/a/anchored"),
        ("openapi.json#/a/b", "/a/b"),
        ("./openapi.json#/a/b", "/a/b"),
        ("https://api.test/self.json#/a/b", "/a/b"),
    ],
)
def test_a_reference_into_its_own_document_is_followed(reference: str, pointer: str) -> None:
    tree = from_value(
        {
            "$self": "https://api.test/self.json" if "self" in reference else "openapi.json",
            "a": {"b": 1, "x/y": [1], "c d": 2, "%25": 3, "anchored": {"$anchor": "named"}},
            "r": {"$ref": reference},
        }
    )
    node = tree.node.get("r")
    assert node is not None
    assert Resolver(tree, "file:///x/openapi.json").follow(node).pointer == pointer


@pytest.mark.parametrize(
    ("reference", "code", "words"),
    [
        ("#/nowhere", "unresolved-ref", "leads nowhere"),
        ("#/list/9", "unresolved-ref", "leads nowhere"),
        ("#/list/x", "unresolved-ref", "leads nowhere"),
        ("#/a/b/c", "unresolved-ref", "leads nowhere"),
        ("#unknown", "unresolved-ref", "leads nowhere"),
        ("#/circle", "unresolved-ref", "in a circle"),
        ("other.yml#/a", "unsupported", "another file"),
        ("https://x.test/a.yml", "unsupported", "another file"),
        ("http://[", "unsupported", "another file"),
    ],
)
def test_a_reference_that_cannot_be_followed_says_why(reference: str, code: str, words: str) -> None:
    text = "a: {b: 1}\nlist: [1]\ncircle: {$ref: '#/again'}\nagain: {$ref: '#/circle'}\n"
    tree = parse(f"{text}r:\n  $ref: '{reference}'\n", "a.yml")
    node = tree.node.get("r")
    assert node is not None
    with pytest.raises(BrokenReference) as caught:
        Resolver(tree, "file:///a.yml").follow(node)
    assert caught.value.diagnostic.code == code
    assert words in caught.value.diagnostic.message
    assert caught.value.diagnostic.span is not None


def test_a_pointer_with_a_number_no_list_has_finds_nothing() -> None:
    root = from_value({"a": [1]}).node
    assert at_pointer(root, "/a/0") is not None
    for pointer in ("/a/1", "/a/-1", "/a/²", "/a/-", "/a/0/0"):
        assert at_pointer(root, pointer) is None
