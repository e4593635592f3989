"""JSON text: exact numbers, no repeated keys, and nothing that JSON does not have."""

from __future__ import annotations

import json

import pytest

from arazzo.diagnostics import Diagnostic
from arazzo.errors import DocumentError
from arazzo.source import from_value, parse
from arazzo.values import Value


def test_integers_are_exact_and_floats_stay_floats() -> None:
    root = parse('{"a": 123456789012345678901234567890, "b": 1.0, "c": 1e2}', "f.json").root
    assert root == {"a": 123456789012345678901234567890, "b": 1.0, "c": 100.0}
    assert isinstance(root["b"], float)


def test_a_repeated_key_is_found_with_both_places_and_the_first_value_stands() -> None:
    text = """{
  "a": {"k": 1, "\\u006b": [{"x": 1}], "z": "k"},
  "k": "a",
  "a": {"a": {"b": [1, 2]}},
  "b": [{"k": 0, "k": 1}]
}"""
    tree = parse(text, "f.json")
    assert tree.root == {"a": {"k": 1, "z": "k"}, "k": "a", "b": [{"k": 0}]}
    assert [
        (d.code, d.message, str(d.span), d.span and d.span.end_column, [str(span) for _, span in d.related])
        for d in tree.diagnostics
    ] == [
        ("duplicate-key", "the key `k` stands twice in one object", "f.json:2:17", 25, ["f.json:2:9"]),
        ("duplicate-key", "the key `a` stands twice in one object", "f.json:4:3", 6, ["f.json:2:3"]),
        ("duplicate-key", "the key `k` stands twice in one object", "f.json:5:18", 21, ["f.json:5:10"]),
    ]
    (element,) = tree.node.get("b").elements()  # type: ignore[union-attr]
    assert str(element.span()) == "f.json:5:9"


def test_members_keep_the_order_of_their_first_standing() -> None:
    root = parse('{"b": 1, "a": 2, "b": 3, "c": 4}', "f.json").root
    assert isinstance(root, dict)
    assert list(root.items()) == [("b", 1), ("a", 2), ("c", 4)]


BROKEN = [
    ('{"a" 1}', "f.json:1:6", "expecting ':' delimiter"),
    ("{'a': 1}", "f.json:1:2", "property name"),
    ('{"a": 1} x', "f.json:1:10", "extra data"),
    ('{"a": tru}', "f.json:1:7", "expecting value"),
    ('{"a": "x\ny"}', "f.json:1:9", "invalid control character"),
    ('{"NaN": 1,\n"b": NaN}', "f.json:2:6", "NaN is no JSON number"),
    ('{"b": -Infinity}', "f.json:1:7", "-Infinity is no JSON number"),
    ('{"b": 1e999}', "f.json:1:7", "the number 1e999 is too large"),
    ('{"a": "1e999", "b": ' + "1" * 5000 + "}", "f.json:1:21", "more digits than can be read"),
    ("[1, 2", "f.json:1:5", "delimiter"),
    ('{"a": "\\ud83d"}', "f.json:1:8", "\\ud83d is one half of a surrogate pair"),
    ('{"\\uDE00": 1}', "f.json:1:3", "\\ude00 is one half of a surrogate pair"),
]


@pytest.mark.parametrize(("text", "where", "message"), BROKEN, ids=[message for _, _, message in BROKEN])
def test_broken_text_is_one_error_with_its_place(text: str, where: str, message: str) -> None:
    finding = the_error(text)
    assert (finding.code, str(finding.span)) == ("syntax", where)
    assert message in finding.message


def test_a_comma_before_the_end_is_an_error_there() -> None:
    # Python 3.13 points at the comma, earlier ones behind it.
    finding = the_error('{"a": 1,}')
    assert str(finding.span) in ("f.json:1:8", "f.json:1:9")
    assert "trailing comma" in finding.message or "property name" in finding.message


def test_a_surrogate_pair_is_one_character() -> None:
    assert parse('{"a": "\\ud83d\\ude00"}', "f.json").root == {"a": "😀"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{a: 1}", {"a": 1}),
        ('{"a": 1,}', {"a": 1}),
        ("{'a': 'b'}", {"a": "b"}),
        ('{"a": NaN}', {"a": "NaN"}),
        ("[1, 2] # two", [1, 2]),
        ('{"a": 1e999}', {"a": "1e999"}),
    ],
)
def test_what_looks_like_json_may_be_yaml_when_the_name_does_not_say_json(text: str, value: Value) -> None:
    assert parse(text, "f").root == value


def test_a_json_name_does_not_keep_yaml_from_being_read() -> None:
    assert parse("a: 1\n", "f.json").root == {"a": 1}


def test_a_mapping_that_never_was_text_has_places_in_its_json_form() -> None:
    tree = from_value({"a": {"b": [1, "x"]}})
    node = tree.node.get("a").get("b")  # type: ignore[union-attr]
    assert node is not None
    one, x = node.elements()
    assert (str(x.span()), x.span().excerpt.strip()) == ("<mapping>:5:7", '"x"')
    assert str(one.span()) == "<mapping>:4:7"


@pytest.mark.parametrize(
    "value",
    [{"a": b"bytes"}, {"a": float("nan")}, {"a": float("inf")}, {"a": {1, 2}}, {("a",): 1}, {"a": "\ud800"}],
    ids=["bytes", "nan", "infinity", "set", "tuple as key", "surrogate"],
)
def test_what_json_cannot_express_is_refused(value: Value) -> None:
    with pytest.raises(DocumentError):
        from_value(value)


def test_a_mapping_that_holds_itself_is_refused() -> None:
    knot: dict[str, Value] = {}
    knot["a"] = [knot]
    with pytest.raises(DocumentError, match="Circular"):
        from_value(knot)


def test_keys_that_are_no_strings_become_strings() -> None:
    responses: Value = {200: "ok"}  # type: ignore[dict-item]
    assert from_value(responses).root == {"200": "ok"}


def test_places_of_json_are_found_only_when_asked_for() -> None:
    tree = parse(json.dumps({"a": [1, {"b": 2}]}), "f.json")
    assert tree.offsets is None
    tree.node.span()
    assert tree.offsets is not None


def the_error(text: str) -> Diagnostic:
    with pytest.raises(DocumentError) as raised:
        parse(text, "f.json")
    (finding,) = raised.value.diagnostics
    return finding
