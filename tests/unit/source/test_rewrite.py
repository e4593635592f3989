"""Changing one text of a file and nothing else."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from arazzo.diagnostics import Mend
from arazzo.errors import DocumentError
from arazzo.source import parse
from arazzo.source.rewrite import rewrite


def changed(text: str, path: tuple[str | int, ...], start: int, end: int, new: str) -> tuple[str, int]:
    return rewrite(parse(text.encode(), "file.yaml"), [Mend(path, start, end, new)])


CASES = {
    "plain": ("a: one two # c\n", ("a",), (4, 7, "2"), "a: one 2 # c\n"),
    "plain that must be quoted": ("a: x y\n", ("a",), (0, 1, "{x}"), "a: '{x} y'\n"),
    "plain in brackets": ("a: [x y, z]\n", ("a", 0), (2, 3, "{y}"), "a: ['x {y}', z]\n"),
    "single quotes": ("a: 'it''s x'\n", ("a",), (5, 6, "y's"), "a: 'it''s y''s'\n"),
    "double quotes": ('a: "\\u0041 x"\n', ("a",), (2, 3, 'a "y"'), 'a: "\\u0041 a \\"y\\""\n'),
    "a block": ("a: |\n  one\n  two\nb: 1\n", ("a",), (4, 7, "2"), "a: |\n  one\n  2\nb: 1\n"),
    "a folded text": ("a: >\n  one\n  two\nb: 1\n", ("a",), (4, 7, "2"), "a: >\n  one\n  2\nb: 1\n"),
    "a plain text on two lines": ("a: one\n  two\n", ("a",), (4, 7, "2"), "a: one\n  2\n"),
    "json": ('{"a": "x", "b": ["y"]}', ("b", 0), (0, 1, 'z"'), '{"a": "x", "b": ["z\\""]}'),
    "windows line ends": ("a: x\r\nb: y\r\n", ("b",), (0, 1, "z"), "a: x\r\nb: z\r\n"),
    "a number that must stay text": ("a: '1'\n", ("a",), (0, 1, "2"), "a: '2'\n"),
    "a text that would be a number": ("a: one\n", ("a",), (0, 3, "2"), "a: '2'\n"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_text_is_changed_in_its_own_style(case: str) -> None:
    text, path, (start, end, new), expected = CASES[case]
    assert changed(text, path, start, end, new) == (expected, 1)


def test_an_alias_is_left_alone() -> None:
    text = "a: &x one\nb: *x\n"
    assert changed(text, ("a",), 0, 3, "two") == (text, 0)


def test_what_is_to_be_changed_in_two_ways_is_left_alone_and_nothing_else() -> None:
    text = "a: one two\nb: one\n"
    two_ways = [Mend(("a",), 0, 3, "uno"), Mend(("a",), 0, 3, "eins"), Mend(("b",), 0, 3, "uno")]
    assert rewrite(parse(text.encode(), "file.yaml"), two_ways) == ("a: one two\nb: uno\n", 1)
    crossing = [Mend(("a",), 0, 5, "1"), Mend(("a",), 4, 7, "due")]
    assert rewrite(parse(text.encode(), "file.yaml"), crossing) == (text, 0)
    beside = [Mend(("a",), 0, 3, "uno"), Mend(("a",), 4, 7, "due"), Mend(("a",), 0, 3, "uno")]
    assert rewrite(parse(text.encode(), "file.yaml"), beside) == ("a: uno due\nb: one\n", 2)


@pytest.mark.parametrize("path", [("b",), ("a", "b"), ("a", 0), ()])
def test_what_is_no_text_is_left_alone(path: tuple[str | int, ...]) -> None:
    text = "a: [1]\n"
    assert changed(text, path, 0, 1, "x") == (text, 0)


letters = st.sampled_from("ab {}[]:#'\"$,-\\\n1é")
texts = st.text(letters, max_size=12)
trees = st.recursive(
    texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3),
)
styles = st.sampled_from(["json", "block", "flow", "double", "single"])


def written(value: object, style: str) -> str:
    if style == "json":
        return json.dumps(value)
    quote = {"double": '"', "single": "'"}.get(style)
    return yaml.safe_dump(value, default_flow_style=style == "flow", default_style=quote, allow_unicode=True)


@given(st.text(letters, min_size=1, max_size=12), trees, styles, st.data())
def test_any_text_is_changed_exactly_or_not_at_all(
    first: str, others: object, style: str, data: st.DataObject
) -> None:
    text = written([first, others], style)
    try:
        tree = parse(text.encode(), "file.yaml")
    except DocumentError:
        assume(False)
    places = list(_texts(tree.root))
    path, old = data.draw(st.sampled_from([place for place in places if place[1]]))
    start = data.draw(st.integers(0, len(old) - 1))
    end = data.draw(st.integers(start + 1, len(old)))
    new = data.draw(texts)
    result, made = rewrite(tree, [Mend(path, start, end, new)])
    expected = dict(places) | ({path: old[:start] + new + old[end:]} if made else {})
    assert dict(_texts(parse(result.encode(), "file.yaml").root)) == expected
    if not made:
        assert result == text


def _texts(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, str):
        return [(path, value)]
    if isinstance(value, dict):
        return [found for key, member in value.items() for found in _texts(member, (*path, key))]
    if isinstance(value, list):
        return [found for index, element in enumerate(value) for found in _texts(element, (*path, index))]
    return []
