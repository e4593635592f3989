"""Schemas that were rewritten, held against python-jsonschema: the same values fit, and what does not fit is found."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator, Draft202012Validator

from arazzo.descriptions.openapi.dialect import rewrite
from arazzo.descriptions.openapi.references import Resolver
from arazzo.descriptions.openapi.response_check import SchemaCheck
from arazzo.descriptions.openapi.schema_check import Examiner
from arazzo.source import from_value
from arazzo.values import Value

NAMES = st.sampled_from(["a", "b", "c"])
TEXTS = st.sampled_from(["", "a", "ab", "abc", "b1"])
PATTERNS = st.sampled_from(["^a", "b", "[0-9]$", "^.{2}$"])
NUMBERS = st.one_of(st.integers(-4, 4), st.sampled_from([0.5, 1.5, 2.0, -1.0]))
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3)),
    max_leaves=6,
)
TYPES = st.sampled_from(["string", "integer", "number", "boolean", "array", "object"])
COUNTS = st.integers(0, 3)
REFERENCES = st.sampled_from(["P", "Q"]).map(lambda name: {"$ref": f"#/components/schemas/{name}"})


def simple(draft_4: bool) -> st.SearchStrategy[dict[str, Any]]:
    words: dict[str, st.SearchStrategy[Any]] = {
        "type": TYPES,
        "enum": st.lists(SCALARS, min_size=1, max_size=3),
        "minimum": NUMBERS,
        "maximum": NUMBERS,
        "multipleOf": st.sampled_from([1, 2, 0.5]),
        "minLength": COUNTS,
        "maxLength": COUNTS,
        "pattern": PATTERNS,
        "minItems": COUNTS,
        "maxItems": COUNTS,
        "uniqueItems": st.booleans(),
        "minProperties": COUNTS,
        "maxProperties": COUNTS,
        "required": st.lists(NAMES, min_size=1, max_size=2, unique=True),
    }
    if draft_4:
        words["exclusiveMinimum"] = words["exclusiveMaximum"] = st.booleans()
    else:
        words["exclusiveMinimum"] = words["exclusiveMaximum"] = NUMBERS
        words["const"] = SCALARS
        words["type"] = st.one_of(TYPES, st.lists(TYPES, min_size=1, max_size=2, unique=True))
        words["dependentRequired"] = st.dictionaries(
            NAMES, st.lists(NAMES, max_size=2, unique=True), max_size=2
        )
    return st.fixed_dictionaries({}, optional=words).flatmap(lambda d: some(d, 3))


def some(whole: dict[str, Any], most: int) -> st.SearchStrategy[dict[str, Any]]:
    """A few members of ``whole``: a schema with every word fits nothing."""
    keys = sorted(whole)
    return (
        st.lists(st.sampled_from(keys), max_size=most, unique=True).map(
            lambda kept: {key: whole[key] for key in kept if _stands(key, kept)}
        )
        if keys
        else st.just({})
    )


def _stands(key: str, kept: list[str]) -> bool:
    """Draft 4 asks for the bound beside its exclusiveness."""
    return key not in ("exclusiveMinimum", "exclusiveMaximum") or key[9:].lower() in kept


def schemas(draft_4: bool) -> st.SearchStrategy[dict[str, Any]]:
    def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
        words: dict[str, st.SearchStrategy[Any]] = {
            "allOf": st.lists(inner, min_size=1, max_size=2),
            "anyOf": st.lists(inner, min_size=1, max_size=3),
            "oneOf": st.lists(inner, min_size=1, max_size=3),
            "not": inner,
            "items": inner,
            "properties": st.dictionaries(NAMES, inner, max_size=3),
            "additionalProperties": st.one_of(st.booleans(), inner),
        }
        if not draft_4:
            words |= {
                "if": inner,
                "then": inner,
                "else": inner,
                "contains": inner,
                "minContains": COUNTS,
                "maxContains": COUNTS,
                "prefixItems": st.lists(inner, min_size=1, max_size=2),
                "patternProperties": st.dictionaries(PATTERNS, inner, max_size=2),
                "propertyNames": inner,
                "dependentSchemas": st.dictionaries(NAMES, inner, max_size=2),
                "unevaluatedProperties": st.one_of(st.just(False), inner),
                "unevaluatedItems": st.one_of(st.just(False), inner),
            }
        return st.builds(
            lambda whole, rest: {**rest, **whole},
            st.fixed_dictionaries({}, optional=words).flatmap(lambda d: some(d, 3)),
            simple(draft_4),
        )

    return st.recursive(st.one_of(simple(draft_4), REFERENCES), nested, max_leaves=6)


def checked(schema: Value, named: dict[str, Any], version: str) -> SchemaCheck:
    tree = from_value({"openapi": version, "schema": schema, "components": {"schemas": named}})
    node = tree.node.get("schema")
    assert node is not None
    return SchemaCheck(node, rewrite(node, Resolver(tree, "file:///a.json"), tree.node))


def agree(check: SchemaCheck, value: Value, expected: bool) -> None:
    """The quick verdict and the search for what does not fit say the same as the oracle."""
    assert check.checkable.unusable == []
    assert (not list(Examiner(check.checkable).misfits(value))) is expected
    assert check.fits(value) is expected
    assert (not check.check(value).violations) is expected


@given(schemas(draft_4=False), st.tuples(simple(draft_4=False), simple(draft_4=False)), VALUES)
@settings(max_examples=150, deadline=None)
def test_3_1_fits_what_the_oracle_says(schema: Any, named: tuple[Any, Any], value: Any) -> None:
    others = {"P": named[0], "Q": {"anyOf": [named[1], {"items": {"$ref": "#/components/schemas/Q"}}]}}
    oracle = Draft202012Validator({"allOf": [schema], "components": {"schemas": others}})
    agree(checked(schema, others, "3.1.0"), value, oracle.is_valid(value))


@given(schemas(draft_4=True), st.tuples(simple(draft_4=True), simple(draft_4=True)), VALUES)
@settings(max_examples=60, deadline=None)
def test_3_0_fits_what_the_oracle_says_of_draft_4(schema: Any, named: tuple[Any, Any], value: Any) -> None:
    others = {"P": named[0], "Q": named[1]}
    oracle = Draft4Validator({"allOf": [schema], "components": {"schemas": others}})
    expected = oracle.is_valid(_integral(value))
    agree(checked(schema, others, "3.0.3"), _integral(value), expected)


def _integral(value: Any) -> Any:
    """``value`` without numbers like 2.0, which are integers since draft 6 only."""
    match value:
        case float() if value.is_integer():
            return int(value)
        case list():
            return [_integral(element) for element in value]
        case dict():
            return {name: _integral(member) for name, member in value.items()}
        case _:
            return value


@given(schemas(draft_4=True), VALUES)
@settings(max_examples=150, deadline=None)
def test_nullable_lets_null_in_and_changes_nothing_else(schema: Any, value: Any) -> None:
    others: dict[str, Any] = {"P": {"type": "string"}, "Q": {"type": "array"}}
    plain, nullable = checked(schema, others, "3.0.3"), checked({**schema, "nullable": True}, others, "3.0.3")
    assert nullable.fits(None)
    if value is not None:
        agree(nullable, value, plain.fits(value))


@pytest.mark.parametrize("word", ["oneOf", "anyOf"])
@given(
    st.lists(st.one_of(simple(draft_4=True), schemas(draft_4=True)), min_size=2, max_size=2),
    st.sampled_from(["P", "Q", "p", "none", 1]),
    st.dictionaries(NAMES, SCALARS, max_size=3),
)
@settings(max_examples=60, deadline=None)
def test_a_discriminator_asks_the_schema_that_it_names(word: str, two: Any, kind: Any, rest: Any) -> None:
    # A schema that refers to itself may have no answer at all: valid exactly when it is not.
    assume("$ref" not in repr(two))
    others = {"P": {"allOf": [two[0]]}, "Q": {"allOf": [two[1]]}}
    references = [{"$ref": f"#/components/schemas/{name}"} for name in others]
    schema: Any = {word: references, "discriminator": {"propertyName": "kind", "mapping": {"p": "P"}}}
    value = {"kind": kind, **rest}
    chosen = {"P": "P", "p": "P", "Q": "Q"}.get(kind)
    expected = chosen is not None and checked(
        {"$ref": f"#/components/schemas/{chosen}"}, others, "3.0.3"
    ).fits(value)
    agree(checked(schema, others, "3.0.3"), value, expected)
