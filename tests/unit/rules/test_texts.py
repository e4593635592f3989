"""How constants are written: the patterns and formats of schemas, and what is too unsure to speak of."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import arazzo
from arazzo.descriptions.openapi.patterns import Patterns
from arazzo.descriptions.openapi.references import Resolver
from arazzo.rules.compat import misfits
from arazzo.rules.schemas import describe
from arazzo.rules.shapes import TEXT, Constant, ListOf, Shape
from arazzo.rules.texts import breaks_pattern, broken_format
from arazzo.source import from_value
from arazzo.values import Value

# --- pattern


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        (r"^\d{4}$", "12345"),
        (r"[0-9]", "none"),
        (r"^[a-z]+$", "Müller"),
        (r"^\w+$", "two words"),
        (r"^\u0041$", "B"),
        (r"^(?<year>\d+)$", "soon"),
        (r"^[\w-.]+$", "a b"),
        (r"^(?=.*\d)[a-z\d]+$", "letters"),
        (r"^(?!internal-)", "internal-7"),
        (r"^.{1,2000}$", ""),
        (r"^\p{L}+$", "a1"),
        (r"^\\d{4}$", "soon"),
        (r"/^[A-Z]+$/", "abc"),
        (r"^prd_[0-9a-z]{26}$", "<id>"),
        (r"^\{[a-z]+\}$", "{A}"),
        (r"^a_\_b$", "a_b"),
    ],
)
def test_a_text_in_which_a_pattern_is_not_found_breaks_it(wanted: str, text: str) -> None:
    assert breaks_pattern(wanted, text)


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        (r"\d{4}", "in 2024 or so"),
        (r"^[^@]+@[^@]+$", "a@b"),
        (r"^\u00fc$", "ü"),
        (r"^\p{Lu}", "Éa"),
        (r"^(?<year>\d+)$", "2024"),
        (r"^(?=.*\d)[a-z\d]+$", "letters1"),
    ],
)
def test_a_pattern_may_be_found_anywhere(wanted: str, text: str) -> None:
    assert not breaks_pattern(wanted, text)


UNSURE = {
    "no pattern at all": ("(a", "b"),
    "a glob": ("*.txt", "b"),
    "a picture": ("YYYY-MM-DD", "2024-05-31"),
    "a picture with letters for digits": ("TRxxxx", "TR1234"),
    "flags of other languages": ("(?i)^a$", "A"),
    "flags behind a slash": ("/^a$/i", "A"),
    "slashes round it": ("/^a$/", "a"),
    "backslashes written twice": (r"^\\d+$", "7"),
    "a named group of Python": (r"^(?P<y>\d+)$", "x"),
    "a class of POSIX": ("^[[:alpha:]]$", "["),
    "a class of nothing": ("[]a]", "b"),
    "a class of anything": ("[^]a]", "]"),
    "an intersection of Java": ("^[a-z&&[^b]]$", "a"),
    "a possessive quantifier": ("^a++$", "b"),
    "an atomic group": ("(?>a)", "b"),
    "a quantifier without its lower bound": ("^x{,3}$", "xx"),
    "a quantifier after nothing": ("^*a", "b"),
    "anchors of Python": (r"\Aab\Z", "ab"),
    "a back-reference": (r"^(a)\1$", "b"),
    "the end of a word": (r"^a\>$", "a"),
    "a control character": (r"^\cA$", "A"),
    "a code point in braces": (r"^\u{41}$", "A"),
    "a half of a pair": (r"^\ud83d\ude00$", "x"),
    "a long name of a property": (r"^\p{Letter}$", "1"),
    "a property or the text p{L}": (r"^\p{L}$", "p{L}"),
    "digits of other scripts": (r"^\d$", "٣"),
    "words of other scripts": (r"^\w+$", "Müller"),
    "a break at the end": ("^[a-z]+$", "abc\n"),
    "a break that is no character": ("^a.b$", "a\rb"),
    "a break in the pattern": ("^[a-z]+$\n", "abc"),
    "two characters or one": ("^..$", "😀"),
    "too long": ("^" + "a" * 10_000, "b"),
}


@pytest.mark.parametrize("case", UNSURE)
def test_of_a_pattern_that_dialects_read_in_several_ways_nothing_is_said(case: str) -> None:
    assert not breaks_pattern(*UNSURE[case])


def test_a_pattern_that_would_take_for_ever_is_given_up() -> None:
    assert not breaks_pattern(r"^(?=a)(?:(a|aa)+)+(?!c)$", "a" * 60 + "b")


@given(
    st.text(alphabet="ab1.*+?()[]{}^$|\\-/,_&:dDwWsSbpLuxA0=!<>P é\n", max_size=14),
    st.text(alphabet="ab1AL_-. \n\\p{}é٣", max_size=6),
)
def test_what_breaks_a_pattern_matches_it_in_no_dialect(wanted: str, text: str) -> None:
    if not breaks_pattern(wanted, text):
        return
    ecma = Patterns()
    assert not ecma.usable(wanted) or not ecma.matches(wanted, text)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            python = re.compile(wanted)
        except (re.error, OverflowError):
            return
    assert not python.search(text)


# --- format

RIGHT = {
    "date": ["2024-02-29", "2000-02-29", "0000-12-31"],
    "date-time": [
        "2024-05-31T12:00:00Z",
        "2024-05-31t12:00:00.123z",
        "2024-05-31 12:00:00+02:00",
        "2016-12-31T23:59:60Z",
    ],
    "uuid": ["123E4567-e89b-12d3-a456-426614174000", "123e4567e89b12d3a456426614174000"],
    "ipv4": ["192.0.2.1", "010.0.0.1"],
    "ipv6": ["2001:db8::1", "::ffff:192.0.2.1"],
    "email": ["a@b", "somebody@example.test", "Some Body <a@b>"],
    "uri": ["https://example.test/{id}", "urn:x:y", "mailto:a@b"],
    "byte": ["aGVsbG8=", "aGVs\nbG8", "a_-b"],
    "time": ["12:00", "noon"],
    "duration": ["an hour"],
    "whatever": [""],
}
WRONG = {
    "date": [
        "2023-02-29",
        "1900-02-29",
        "2024-13-01",
        "2024-00-10",
        "2024-1-1",
        "31.05.2024",
        "٢٠٢٤-05-31",
        "",
    ],
    "date-time": ["2024-05-31", "2024-05-31T24:00:00Z", "2024-05-31T12:00:00", "2023-02-29T12:00:00Z", "now"],
    "uuid": ["<id>", "{orderId}", "YOUR_ID", "123e4567-e89b-12d3-a456-42661417400", "string"],
    "ipv4": ["256.0.0.1", "192.0.2", "localhost"],
    "ipv6": ["192.0.2.1", "1::2::3", ":::"],
    "email": ["somebody", "a at b"],
    "uri": ["www.example.test", "/orders", "", "1http://x"],
    "byte": ["<base64>", "data:image/png;base64,AA=="],
}


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in RIGHT.items() for text in texts])
def test_what_may_be_of_a_format_is_left_alone(name: str, text: str) -> None:
    assert broken_format(name, text) is None


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in WRONG.items() for text in texts])
def test_what_is_surely_not_of_a_format_is_found(name: str, text: str) -> None:
    assert broken_format(name, text)


@given(st.sampled_from(sorted(RIGHT)), st.text())
def test_no_text_breaks_a_format_check(name: str, text: str) -> None:
    broken_format(name, text)


# --- in schemas, where the bounds are


def shape(schema: Mapping[str, Value]) -> Shape:
    tree = from_value({**schema, "defs": {"day": {"type": "string", "format": "date"}}})
    return describe(tree.node, Resolver(tree, "https://example.test/api.json"))


def told(given_: Shape, schema: Mapping[str, Value], *, as_text: bool = False) -> list[tuple[str, Value]]:
    return [(misfit.kind, list(misfit.path)) for misfit in misfits(given_, shape(schema), as_text=as_text)]


LETTERS: dict[str, Value] = {"type": "string", "pattern": "^[A-Z]+$"}
DAY: dict[str, Value] = {"type": "string", "format": "date"}


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        (LETTERS, "a", [("value", [])]),
        (LETTERS, "A", []),
        (LETTERS, 7, [("type", [])]),
        (DAY, "soon", [("format", [])]),
        ({"$ref": "#/defs/day"}, "soon", [("format", [])]),
        ({"type": "string", "nullable": True, "pattern": "^A$"}, None, []),
        ({"type": ["string", "null"], "pattern": "^A$"}, None, []),
        ({"type": ["string", "null"], "pattern": "^A$"}, "b", [("value", [])]),
        ({"pattern": "^A$"}, "b", [("value", [])]),
        ({"pattern": "^A$"}, 7, []),
        ({"type": "array", "items": LETTERS}, ["A", "b"], [("value", [1])]),
        ({"type": "array", "pattern": "^A$"}, ["b"], []),
        ({"type": "object", "additionalProperties": LETTERS}, {"x": "b"}, [("value", ["x"])]),
        ({"type": "object", "properties": {"day": DAY}}, {"day": "soon"}, [("format", ["day"])]),
        ({"allOf": [{"type": "string"}, {"pattern": "^A$"}]}, "b", [("value", [])]),
        ({"allOf": [LETTERS, {"minLength": 3}]}, "a", [("value", [])]),
        ({"oneOf": [LETTERS, {"type": "string"}]}, "a", []),
        ({"oneOf": [LETTERS, {"type": "integer"}]}, "a", [("type", [])]),
        ({"anyOf": [DAY, {"type": "integer"}]}, "a", [("format", [])]),
        ({"anyOf": [DAY, LETTERS]}, "a", [("format", [])]),
        ({"anyOf": [DAY, {"type": "string", "format": "uuid"}]}, "a", [("format", [])]),
        # What else is said of the value leaves room for it.
        ({**LETTERS, "enum": ["a", "B"]}, "a", []),
        ({**LETTERS, "enum": ["a", "B"]}, "c", [("value", [])]),
        ({**DAY, "pattern": "^[0-9.]+$"}, "31.05.2024", []),
        ({**LETTERS, "example": "a"}, "b", []),
        ({**LETTERS, "example": "A"}, "b", [("value", [])]),
        ({**LETTERS, "examples": ["A", "a"]}, "b", []),
        ({**DAY, "default": "today"}, "soon", []),
        ({**DAY, "format": 3}, "soon", []),
        (DAY, "{$inputs.", []),
        (DAY, "on $input.day", []),
        (DAY, "$5", [("format", [])]),
        (DAY, "{inputs.day}", [("format", [])]),
    ],
)
def test_patterns_and_formats_hold_where_bounds_do(
    schema: Mapping[str, Value], value: Value, expected: list[tuple[str, Value]]
) -> None:
    assert told(Constant(value), schema) == expected


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        (LETTERS, "a", [("value", [])]),
        (LETTERS, "", []),
        (LETTERS, 7, []),
        ({"pattern": "^[A-Z]+$"}, "7", []),
        ({"pattern": "^[A-Z]+$"}, "a", [("value", [])]),
        ({"type": ["string", "integer"], "pattern": "^[A-Z]+$"}, "7", []),
        ({"type": ["string", "integer"], "pattern": "^[A-Z]+$"}, "a", [("value", [])]),
        ({"type": ["string", "null"], "pattern": "^[A-Z]+$"}, "null", []),
        ({"type": ["string", "array"], "pattern": "^[A-Z]+$"}, "A,B", []),
        ({"type": "array", "items": LETTERS}, "a", []),
        ({"type": "array", "items": LETTERS}, ["a"], [("value", [0])]),
    ],
)
def test_what_travels_as_text_may_be_another_value(
    schema: Mapping[str, Value], value: Value, expected: list[tuple[str, Value]]
) -> None:
    assert told(Constant(value), schema, as_text=True) == expected


def test_of_a_text_that_is_not_known_nothing_is_said() -> None:
    assert told(TEXT, LETTERS) == []
    assert told(ListOf(TEXT), {"type": "array", "items": LETTERS}) == []


# --- in documents

BODY: Value = {
    "type": "object",
    "properties": {
        "code": {"type": "string", "pattern": "^[A-Z]{3}$"},
        "day": DAY,
        "apiKey": {"type": "string", "pattern": "^key_[0-9]+$"},
    },
}
DOUBTED: Value = {"type": "object", "properties": {"code": {"type": "string", "pattern": "^[A-Z]{3}$"}}}
API: Value = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1"},
    "servers": [{"url": "https://api.test"}],
    "paths": {
        "/orders": {
            "post": {
                "operationId": "add",
                "parameters": [
                    {"name": "code", "in": "query", "schema": {"type": "string", "pattern": "^[A-Z]{3}$"}},
                    {"name": "day", "in": "header", "schema": DAY},
                    {"name": "shown", "in": "query", "schema": LETTERS, "example": "a"},
                    {"name": "named", "in": "query", "schema": LETTERS, "examples": {"x": {"value": "a"}}},
                    {"name": "well", "in": "query", "schema": LETTERS, "example": "A"},
                ],
                "requestBody": {"content": {"application/json": {"schema": BODY}}},
                "responses": {"201": {"description": "d"}, "400": {"description": "d"}},
            },
            "put": {
                "operationId": "doubted",
                "requestBody": {
                    "content": {"application/json": {"schema": DOUBTED, "example": {"code": "x"}}}
                },
                "responses": {"201": {"description": "d"}},
            },
        }
    },
}
CALLED: Value = {
    "workflowId": "called",
    "inputs": {
        "type": "object",
        "properties": {"code": {"type": "string", "pattern": "^[A-Z]{3}$"}, "day": DAY},
    },
    "steps": [
        {
            "stepId": "s",
            "operationId": "add",
            "requestBody": {"payload": {"code": "$inputs.code", "day": "$inputs.day"}},
        }
    ],
}


def found(folder: Path, step: Mapping[str, Value]) -> list[tuple[str, str, str]]:
    """The warnings and errors of a workflow with ``step``: severities, codes and messages."""
    (folder / "api.json").write_text(json.dumps(API), encoding="utf-8")
    document = {
        "arazzo": "1.0.1",
        "info": {"title": "t", "version": "1"},
        "sourceDescriptions": [{"name": "api", "url": "api.json", "type": "openapi"}],
        "workflows": [
            {
                "workflowId": "w",
                "inputs": {"type": "object", "properties": {"a": {"type": "string"}}},
                "steps": [{"stepId": "s", **step}],
                "outputs": {"a": "$inputs.a"},
            },
            CALLED,
        ],
    }
    path = folder / "w.arazzo.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return [
        (str(d.severity), d.code, d.message)
        for d in arazzo.check(arazzo.load(path))
        if d.severity != "information"
    ]


def _passed(**values: Value) -> Value:
    places = {"day": "header"}
    return [{"name": name, "in": places.get(name, "query"), "value": value} for name, value in values.items()]


ERROR, WARNING = ("error", "wrong-argument"), ("warning", "wrong-format")
STEPS: dict[str, tuple[Mapping[str, Value], list[tuple[str, str]]]] = {
    "parameters": ({"operationId": "add", "parameters": _passed(code="abc", day="soon")}, [ERROR, WARNING]),
    "right parameters": ({"operationId": "add", "parameters": _passed(code="ABC", day="2024-05-31")}, []),
    "expressions": ({"operationId": "add", "parameters": _passed(code="{$inputs.a}x", day="$inputs.a")}, []),
    "parameters like their examples": (
        {"operationId": "add", "parameters": _passed(shown="b", named="b", well="b")},
        [ERROR],
    ),
    "a payload": (
        {"operationId": "add", "requestBody": {"payload": {"code": "<code>", "day": "string"}}},
        [ERROR, WARNING],
    ),
    "a payload as JSON text": (
        {
            "operationId": "add",
            "requestBody": {"payload": '{"code": "ab", "day": "no", "apiKey": "{$inputs.a}"}'},
        },
        [ERROR, WARNING],
    ),
    "a payload like its example": (
        {"operationId": "doubted", "requestBody": {"payload": {"code": "ab"}}},
        [],
    ),
    "replacements": (
        {
            "operationId": "add",
            "requestBody": {
                "payload": {},
                "replacements": [
                    {"target": "/code", "value": "abc"},
                    {"target": "/day", "value": "2024-02-30"},
                ],
            },
        },
        [ERROR, WARNING],
    ),
    "a replacement like the example": (
        {
            "operationId": "doubted",
            "requestBody": {"payload": {}, "replacements": [{"target": "/code", "value": "ab"}]},
        },
        [],
    ),
    "arguments": (
        {
            "workflowId": "called",
            "parameters": [{"name": "code", "value": "abc"}, {"name": "day", "value": "soon"}],
        },
        [ERROR, WARNING],
    ),
    "a wrong request on purpose": (
        {
            "operationId": "add",
            "parameters": _passed(code="abc", day="soon"),
            "requestBody": {"payload": {"code": "x"}},
            "successCriteria": [{"condition": "$statusCode == 400"}],
        },
        [],
    ),
}


@pytest.mark.parametrize("case", STEPS)
def test_constants_are_looked_at_wherever_they_are_passed(case: str, tmp_path: Path) -> None:
    step, expected = STEPS[case]
    assert [(severity, code) for severity, code, _ in found(tmp_path, step)] == expected


def test_the_pattern_is_shown_and_the_constant(tmp_path: Path) -> None:
    step: Mapping[str, Value] = {"operationId": "add", "parameters": _passed(code="abc")}
    assert [message for _, _, message in found(tmp_path, step)] == [
        "the query parameter 'code' of add takes a text that matches ^[A-Z]{3}$, and this is 'abc'"
    ]
