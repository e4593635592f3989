"""YAML 1.2 as the specification's "Format" wants it: scalars, keys, tags, anchors, one document."""

from __future__ import annotations

import pytest

from arazzo.diagnostics import Diagnostic
from arazzo.errors import DocumentError
from arazzo.source import parse
from arazzo.values import Value, type_name

SCALARS: list[tuple[str, Value]] = [
    # null
    ("null", None),
    ("Null", None),
    ("NULL", None),
    ("~", None),
    ("", None),
    ("nULL", "nULL"),
    # boolean
    ("true", True),
    ("True", True),
    ("TRUE", True),
    ("false", False),
    ("False", False),
    ("FALSE", False),
    ("yes", "yes"),
    ("Yes", "Yes"),
    ("no", "no"),
    ("on", "on"),
    ("off", "off"),
    ("y", "y"),
    ("tRUE", "tRUE"),
    # integer
    ("0", 0),
    ("-0", 0),
    ("12", 12),
    ("+12", 12),
    ("-12", -12),
    ("007", 7),
    ("0o14", 12),
    ("0x1F", 31),
    ("0b11", "0b11"),
    ("-0x1F", "-0x1F"),
    ("0o8", "0o8"),
    ("1_000", "1_000"),
    ("1,000", "1,000"),
    ("123456789012345678901234567890", 123456789012345678901234567890),
    ("1" * 5000, "1" * 5000),
    # number
    ("1.5", 1.5),
    ("-1.5", -1.5),
    ("1.", 1.0),
    (".5", 0.5),
    ("1e3", 1000.0),
    ("1E+3", 1000.0),
    ("1.5e-3", 0.0015),
    (".inf", ".inf"),
    ("-.inf", "-.inf"),
    (".nan", ".nan"),
    ("1e999", "1e999"),
    ("1e", "1e"),
    (".", "."),
    ("-x", "-x"),
    ("+", "+"),
    ("1.2.3", "1.2.3"),
    ("1.0.1", "1.0.1"),
    # what YAML 1.1 reads as something else
    ("12:30", "12:30"),
    ("190:20:30", "190:20:30"),
    ("2024-01-31", "2024-01-31"),
    ("2001-12-14t21:59:43.10-05:00", "2001-12-14t21:59:43.10-05:00"),
    ("=", "="),
    # digits of other scripts are letters here
    ("١٢", "١٢"),
]


@pytest.mark.parametrize(("written", "value"), SCALARS, ids=[written[:20] for written, _ in SCALARS])
def test_a_plain_scalar_is_read_by_the_core_schema(written: str, value: Value) -> None:
    read = parse(f"- {written}", "f.yaml").root
    assert isinstance(read, list)
    assert (read[0], type_name(read[0])) == (value, type_name(value))


@pytest.mark.parametrize("quote", ["'", '"'])
@pytest.mark.parametrize("written", ["null", "true", "12", "1.5", "", "~", ".inf"])
def test_a_quoted_scalar_is_text(written: str, quote: str) -> None:
    assert parse(f"- {quote}{written}{quote}", "f.yaml").root == [written]


@pytest.mark.parametrize("style", ["|", ">", "|-", ">-"])
def test_a_block_scalar_is_text(style: str) -> None:
    ending = "" if style.endswith("-") else "\n"
    assert parse(f"a: {style}\n  12\n", "f.yaml").root == {"a": f"12{ending}"}


@pytest.mark.parametrize("key", ["200", "on", "null", "1.0", "true", "~", "2024-01-31", "$self", "'x y'"])
def test_a_key_is_the_text_of_its_scalar(key: str) -> None:
    assert parse(f"{key}: 1", "f.yaml").root == {key.strip("'"): 1}


@pytest.mark.parametrize("key", ["? [a]\n", "? {a: b}\n", "? \n  - a\n"])
def test_a_key_that_is_no_scalar_is_an_error(key: str) -> None:
    finding = the_error(f"{key}: 1\n")
    assert (finding.code, finding.message) == ("syntax", "a mapping key that is not a scalar")


def test_an_alias_may_be_a_key_when_it_stands_for_text() -> None:
    assert parse("a: &k name\n*k : 1\n", "f.yaml").root == {"a": "name", "name": 1}


def test_a_duplicate_key_is_found_with_both_places_and_the_first_value_stands() -> None:
    tree = parse("a: 1\nb:\n  c: 1\n  'c': {d: [2]}\n  c: 3\na: 4\n", "f.yaml")
    assert tree.root == {"a": 1, "b": {"c": 1}}
    assert [
        (d.code, str(d.span), d.span and d.span.end_column, [str(span) for _, span in d.related])
        for d in tree.diagnostics
    ] == [
        ("duplicate-key", "f.yaml:4:3", 6, ["f.yaml:3:3"]),
        ("duplicate-key", "f.yaml:5:3", 4, ["f.yaml:3:3"]),
        ("duplicate-key", "f.yaml:6:1", 2, ["f.yaml:1:1"]),
    ]


def test_values_of_a_duplicate_key_do_not_disturb_the_places_of_others() -> None:
    text = "a: 1\n" + "a: {x: {y: [1, 2]}}\n" * 50 + "b:\n  x:\n    y:\n      - 7\n"
    tree = parse(text, "f.yaml")
    node = next(tree.node.get("b").get("x").get("y").elements())  # type: ignore[union-attr]
    assert (node.value, str(node.span())) == (7, "f.yaml:55:9")
    assert tree.node.get("b").span().excerpt == "  x:"  # type: ignore[union-attr]


TAGS = [
    ("!!str 12", "12"),
    ("! 12", "12"),
    ("!!int '12'", 12),
    ("!!float 12", 12.0),
    ("!!bool 'true'", True),
    ("!!null ''", None),
    ("!!map {a: 1}", {"a": 1}),
    ("!!seq [1]", [1]),
]


@pytest.mark.parametrize(("written", "value"), TAGS, ids=[written for written, _ in TAGS])
def test_a_tag_of_the_json_schema_ruleset_is_obeyed(written: str, value: Value) -> None:
    read = parse(f"- {written}", "f.yaml").root
    assert isinstance(read, list)
    assert (read[0], type_name(read[0])) == (value, type_name(value))


@pytest.mark.parametrize(
    "written",
    [
        "!!binary aGk=",
        "!!timestamp 2024-01-01",
        "!!set {a}",
        "!!python/object:os.system x",
        "!mine x",
        "!!omap []",
    ],
)
def test_another_tag_is_an_error_that_shows_it(written: str) -> None:
    finding = the_error(f"a: {written}")
    assert finding.code == "tag"
    assert written.split()[0] in finding.message


@pytest.mark.parametrize(
    "written", ["!!int x", "!!int 1.5", "!!bool yes", "!!null x", "!!float x", "!!int true"]
)
def test_a_value_that_does_not_fit_its_tag_is_an_error(written: str) -> None:
    assert the_error(f"a: {written}").code == "tag"


def test_a_tag_on_a_key_is_held_to_the_same_rules() -> None:
    assert parse("!!str 12: 1", "f.yaml").root == {"12": 1}
    assert the_error("!mine x: 1").code == "tag"


def test_an_alias_stands_for_its_anchor() -> None:
    tree = parse("a: &x {b: [1]}\nc: *x\nd: &s text\ne: *s\n", "f.yaml")
    assert tree.root == {"a": {"b": [1]}, "c": {"b": [1]}, "d": "text", "e": "text"}


@pytest.mark.parametrize("text", ["a: *nope", "a: &x [*x]", "a: &x {b: *x}"])
def test_an_alias_without_a_finished_anchor_is_an_error(text: str) -> None:
    finding = the_error(text)
    assert finding.code == "syntax"
    assert "names no finished anchor" in finding.message


def test_an_anchor_may_be_given_anew() -> None:
    assert parse("- &x 1\n- *x\n- &x 2\n- *x\n", "f.yaml").root == [1, 1, 2, 2]


def test_a_merge_key_is_merged_with_a_warning() -> None:
    tree = parse("base: &b {x: 1, y: 2}\nmore: &m {z: 3}\na:\n  <<: [*b, *m]\n  y: 9\n", "f.yaml")
    assert isinstance(tree.root, dict)
    assert tree.root["a"] == {"y": 9, "x": 1, "z": 3}
    (finding,) = tree.diagnostics
    assert (finding.code, finding.kindness, str(finding.span)) == ("merge-key", True, "f.yaml:4:3")
    node = tree.node.get("a").get("x")  # type: ignore[union-attr]
    assert node is not None
    assert str(node.span()) == "f.yaml:1:14"


@pytest.mark.parametrize("text", ["'<<': {a: 1}", "<<: text"])
def test_what_is_no_merge_key_is_a_plain_key(text: str) -> None:
    tree = parse(text, "f.yaml")
    assert isinstance(tree.root, dict)
    assert list(tree.root) == ["<<"]
    assert not tree.diagnostics


def test_merging_what_is_no_mapping_is_an_error() -> None:
    assert the_error("a:\n  <<: [1]\n").code == "syntax"


def test_a_second_document_is_an_error_where_it_begins() -> None:
    finding = the_error("a: 1\n---\nb: 2\n")
    assert (finding.message, str(finding.span)) == ("a second YAML document begins here", "f.yaml:2:1")


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n", "---\n", "---\n...\n"])
def test_a_text_without_content_is_null(text: str) -> None:
    assert parse(text, "f.yaml").root is None


@pytest.mark.parametrize("text", ["%YAML 1.2\n---\na: 1\n", "--- \na: 1\n...\n"])
def test_directives_and_markers_of_one_document_are_read(text: str) -> None:
    assert parse(text, "f.yaml").root == {"a": 1}


@pytest.mark.parametrize("char", ["\x85", "\u2028", "\u2029"])
@pytest.mark.parametrize("written", ["one{}two", "'one{}two'", '"one{}two"', "|-\n  one{}two"])
def test_a_line_break_of_yaml_1_1_is_a_character_like_any_other(written: str, char: str) -> None:
    text = f"a: {written.format(char)}\n\ue000: \ue001\n"
    tree = parse(text, "f.yaml")
    assert tree.root == {"a": f"one{char}two", "\ue000": "\ue001"}
    node = tree.node.get("a")
    assert node is not None
    two = text.index("two")
    assert node.text_span(4, 7).column == two - text.rfind("\n", 0, two)


BROKEN = [
    ("a: x: y\n", "f.yaml:1:5", "mapping values are not allowed", "quote a text that holds ': '"),
    ("a:\n\t- b\n", "f.yaml:2:1", "cannot start any token", "a tab is not allowed there"),
    ("a: @x\n", "f.yaml:1:4", "cannot start any token", "quote a text that begins with @"),
    ('a: "\\q"\n', "f.yaml:1:5", "unknown escape character", "single quotes leave it alone"),
    ("a: {$inputs.x}/{$inputs.y}\n", "f.yaml:1:15", "did not find expected key", "an expression in braces"),
    ("a: [1,\n  2\nb: 3\n", "f.yaml:3:2", "expected ',' or ']'", None),
    ("a: 'x\n", "f.yaml:1:6", "unexpected end of stream", None),
    ("- a\nb: 1\n", "f.yaml:2:1", "did not find expected '-' indicator", None),
    ("a: \x01\n", "f.yaml:1:4", "control characters are not allowed", None),
]


@pytest.mark.parametrize(
    ("text", "where", "message", "hint"), BROKEN, ids=[message for _, _, message, _ in BROKEN]
)
def test_broken_text_is_one_error_with_its_place(
    text: str, where: str, message: str, hint: str | None
) -> None:
    finding = the_error(text)
    assert (finding.code, str(finding.span)) == ("syntax", where)
    assert message in finding.message
    assert (hint in (finding.hint or "")) if hint else finding.hint is None


def test_what_is_left_open_is_shown_as_a_related_place() -> None:
    finding = the_error("ok: 1\na: 'x\nb: 2\n")
    assert [(text, str(span)) for text, span in finding.related] == [("it begins here", "f.yaml:2:4")]


def the_error(text: str) -> Diagnostic:
    with pytest.raises(DocumentError) as raised:
        parse(text, "f.yaml")
    (finding,) = raised.value.diagnostics
    return finding
