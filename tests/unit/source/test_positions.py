"""Every node's span points at its text, in every style a scalar can be written in."""

from __future__ import annotations

import pytest

from arazzo.diagnostics import Span
from arazzo.source import Node, Path, parse

TEXT = """\
plain: some text   # a comment
'single': 'it''s here'
"double": "a\\tb\\u00e9c"
? explicit
: value
folded: >-
  one two
  three

  four
literal: |
    first
      second: x
    third
multi: begins
  and goes on
quoted: "begins
  and goes\\
  \\ on"
flow: {a: 1, "b" : [x y, 'z'], c: , d}
list:
  - first
  -   - inner
  - k: v
    l: &anchor !!str w
empty:
alias: *anchor
"wide 😀 key": 😀 text
last: 1
"""

SPANS: list[tuple[Path, str, str]] = [
    # path, text of the key, text of the value
    (("plain",), "plain", "some text"),
    (("single",), "'single'", "'it''s here'"),
    (("double",), '"double"', '"a\\tb\\u00e9c"'),
    (("explicit",), "explicit", "value"),
    (("folded",), "folded", ">-"),
    (("literal",), "literal", "|"),
    (("multi",), "multi", "begins"),
    (("quoted",), "quoted", '"begins\n  and goes\\\n  \\ on"'),
    (("flow",), "flow", "{a: 1, \"b\" : [x y, 'z'], c: , d}"),
    (("flow", "a"), "a", "1"),
    (("flow", "b"), '"b"', "[x y, 'z']"),
    (("flow", "b", 0), "x y", "x y"),
    (("flow", "b", 1), "'z'", "'z'"),
    (("flow", "c"), "c", ","),
    (("flow", "d"), "d", "}"),
    (("list",), "list", "- first"),
    (("list", 0), "first", "first"),
    (("list", 1), "- inner", "- inner"),
    (("list", 1, 0), "inner", "inner"),
    (("list", 2), "k: v", "k: v"),
    (("list", 2, "k"), "k", "v"),
    (("list", 2, "l"), "l", "w"),
    (("empty",), "empty", "\n"),
    (("alias",), "alias", "*anchor"),
    (("wide 😀 key",), '"wide 😀 key"', "😀 text"),
    (("last",), "last", "1"),
]


@pytest.mark.parametrize(
    ("path", "key", "value"), SPANS, ids=["/".join(map(str, path)) for path, _, _ in SPANS]
)
def test_a_yaml_node_knows_its_key_and_its_value(path: Path, key: str, value: str) -> None:
    node = at(TEXT, "f.yaml", path)
    assert cut(TEXT, node.key_span()) == key
    assert cut(TEXT, node.span()) == value


JSON = '{"a": [1, {"b":"x, \\"y\\" }"}, [ ] ], "c" : -1.5e3,\n "d": {"e": null}, "f": true}'
JSON_SPANS: list[tuple[Path, str, str]] = [
    (
        (),
        '{"a": [1, {"b":"x, \\"y\\" }"}, [ ] ], "c" : -1.5e3,',
        '{"a": [1, {"b":"x, \\"y\\" }"}, [ ] ], "c" : -1.5e3,',
    ),
    (("a",), '"a"', '[1, {"b":"x, \\"y\\" }"}, [ ] ]'),
    (("a", 0), "1", "1"),
    (("a", 1), '{"b":"x, \\"y\\" }"}', '{"b":"x, \\"y\\" }"}'),
    (("a", 1, "b"), '"b"', '"x, \\"y\\" }"'),
    (("a", 2), "[ ]", "[ ]"),
    (("c",), '"c"', "-1.5e3"),
    (("d",), '"d"', '{"e": null}'),
    (("d", "e"), '"e"', "null"),
    (("f",), '"f"', "true"),
]


@pytest.mark.parametrize(
    ("path", "key", "value"), JSON_SPANS, ids=["/".join(map(str, p)) for p, _, _ in JSON_SPANS]
)
@pytest.mark.parametrize("file", ["f.json", "f.yaml"])
def test_a_json_node_knows_its_key_and_its_value(file: str, path: Path, key: str, value: str) -> None:
    node = at(JSON, file, path)
    assert cut(JSON, node.key_span()) == key
    assert cut(JSON, node.span()) == value


@pytest.mark.parametrize(
    ("path", "written"),
    [(("a",), "1.10"), (("b",), "1.10"), (("c",), "yes"), (("d",), "2024-01-01"), (("e",), "0x1F")],
)
def test_a_scalar_is_had_as_it_was_written(path: Path, written: str) -> None:
    text = "{a: 1.10, b: 1.10 , c: yes, d: 2024-01-01, e: 0x1F}"
    assert at(text, "f.yaml", path).written == written
    assert at(text.strip("{}").replace(", ", "\n"), "f.yaml", path).written == written


def test_a_path_that_is_not_there_has_the_place_of_its_nearest_ancestor() -> None:
    tree = parse("a:\n  b: 1\n", "f.yaml")
    assert str(Node(tree, None, ("a", "c", 0)).span()) == "f.yaml:2:3"
    assert str(Node(tree, None, ("a", "b", 0)).span()) == "f.yaml:2:6"


def test_a_span_holds_the_line_it_begins_on() -> None:
    tree = parse("a: 1\r\nb:   2 # two\r\n", "f.yaml")
    node = tree.node.get("b")
    assert node is not None
    assert node.span() == Span("f.yaml", 2, 6, 2, 7)
    assert node.span().excerpt == "b:   2 # two"


def test_lines_are_counted_by_every_line_break() -> None:
    tree = parse('{"a":\r1,\r\n"b":\n2}', "f.json")
    assert [str(node.span()) for _, node in tree.node.items()] == ["f.json:2:1", "f.json:4:1"]


def test_the_spans_of_one_long_line_share_its_text() -> None:
    tree = parse("[" + "1, " * 5000 + "1]", "f.json")
    first, *_, last = tree.node.elements()
    assert first.span().excerpt is last.span().excerpt


def test_a_node_has_a_json_pointer() -> None:
    assert at('{"a/b": [{"~": 1}]}', "f.json", ("a/b", 0, "~")).pointer == "/a~1b/0/~0"


def test_members_of_an_alias_have_the_places_of_the_anchor() -> None:
    text = "a: &x\n  b: 1\nc: *x\n"
    assert str(at(text, "f.yaml", ("c",)).span()) == "f.yaml:3:4"
    assert str(at(text, "f.yaml", ("c", "b")).span()) == "f.yaml:2:6"


PARTS = [
    # text with one value at `a`, the part of the value, its line, column and text
    ("a: one $x two\n", "$x", 1, 8, "$x"),
    ("a: 'it''s $x'\n", "$x", 1, 11, "$x"),
    ("a: 'it''s $x'\n", "'", 1, 7, "''"),
    ('a: "t\\tu\\u00e9 $x"\n', "$x", 1, 16, "$x"),
    ('a: "t\\tu\\u00e9 $x"\n', "é", 1, 9, "\\u00e9"),
    ('a: "\\x41\\U0001F600 $x"\n', "😀", 1, 9, "\\U0001F600"),
    ('{"a": "\\ud83d\\ude00 $x"}', "$x", 1, 21, "$x"),
    ('{"a": "\\ud83d\\ude00 $x"}', "😀", 1, 8, "\\ud83d\\ude00"),
    ('{"a": "x\\/y\\n$x"}', "$x", 1, 14, "$x"),
    ("a: one\n  two $x\n", "$x", 2, 7, "$x"),
    ("a: one\n\n\n  two $x\n", "$x", 4, 7, "$x"),
    ("a: 'one\n  two $x'\n", "two $x", 2, 3, "two $x"),
    ('a: "one\n  two\\\n  \\  $x"\n', "$x", 3, 6, "$x"),
    ("a: |\n  one\n  $x two\n", "$x", 3, 3, "$x"),
    ("a: |2\n    one\n   $x two\n", "$x", 3, 4, "$x"),
    ("a: | # $x\n  one $x\n", "$x", 2, 7, "$x"),
    ("a: |-\r\n  one\r\n  $x two\r\n", "$x", 3, 3, "$x"),
    ("a: >\n  one\n  two $x\n", "$x", 3, 7, "$x"),
    ("a: >\n  one\n\n    more\n  two $x\n", "$x", 5, 7, "$x"),
    ("a: &anchor !!str one $x\n", "$x", 1, 22, "$x"),
    ("a: 😀 $x\n", "$x", 1, 6, "$x"),
    ("a: $x and $x\n", " $x", 1, 10, " $x"),
]


@pytest.mark.parametrize(("text", "part", "line", "column", "shown"), PARTS)
def test_a_part_of_a_text_is_found_in_whatever_style_it_is_written(
    text: str, part: str, line: int, column: int, shown: str
) -> None:
    node = at(text, "f", ("a",))
    assert isinstance(node.value, str)
    start = node.value.rindex(part)
    span = node.text_span(start, start + len(part))
    assert (span.line, span.column) == (line, column)
    assert cut(text, span) == shown


def test_a_part_of_what_is_no_text_has_the_place_of_the_whole() -> None:
    node = at("a: 12\n", "f", ("a",))
    assert node.text_span(0, 1) == node.span()


def test_the_end_of_a_text_is_a_place() -> None:
    span = at('a: "xy"\n', "f", ("a",)).text_span(2, 2)
    assert (span.line, span.column, span.end_column) == (1, 7, 8)


def at(text: str, file: str, path: Path) -> Node:
    node = parse(text, file).node
    for part in path:
        found = node.get(part) if isinstance(part, str) else list(node.elements())[part]
        assert found is not None
        node = found
    return node


def cut(text: str, span: Span) -> str:
    """What ``span`` covers of ``text``."""
    lines = text.splitlines(keepends=True)
    start = sum(map(len, lines[: span.line - 1])) + span.column - 1
    end = sum(map(len, lines[: span.end_line - 1])) + span.end_column - 1
    return text[start:end]
