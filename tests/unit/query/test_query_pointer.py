"""JSON Pointers as selectors and as targets."""

from __future__ import annotations

import copy

import jsonpointer
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arazzo.query.errors import QueryError, QuerySyntaxError
from arazzo.query.pointer import get, parse_pointer, print_pointer, set_
from arazzo.values import UNDEFINED, Value


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", ()),
        ("/", ("",)),
        ("//", ("", "")),
        ("/a/b", ("a", "b")),
        ("/a~1b/m~0n", ("a/b", "m~n")),
        ("/~01", ("~1",)),
        ("/ ", (" ",)),
        ('/"', ('"',)),
        ("/a#b", ("a#b",)),
        ("/%20", ("%20",)),
    ],
)
def test_a_pointer_is_its_tokens_unescaped(text: str, tokens: tuple[str, ...]) -> None:
    assert parse_pointer(text) == tokens
    assert print_pointer(tokens) == text


@pytest.mark.parametrize(
    ("text", "at", "hint"),
    [
        ("a", 0, "write `/a`"),
        ("#/a", 0, "leave the `#` away"),
        ("/a~", 2, "write ~0 for ~ and ~1 for /"),
        ("/a~2", 2, "write ~0 for ~ and ~1 for /"),
        ("$.a", 0, "write `/$.a`"),
    ],
)
def test_a_text_that_is_no_pointer_is_refused_with_a_hint(text: str, at: int, hint: str) -> None:
    with pytest.raises(QuerySyntaxError) as raised:
        parse_pointer(text)
    assert (raised.value.start, raised.value.hint) == (at, hint)


@given(st.text(max_size=30))
def test_whatever_parses_prints_back(text: str) -> None:
    try:
        tokens = parse_pointer(text)
    except QuerySyntaxError:
        with pytest.raises(jsonpointer.JsonPointerException):
            jsonpointer.JsonPointer(text)
        return
    assert print_pointer(tokens) == text
    assert list(tokens) == jsonpointer.JsonPointer(text).parts


PAYLOAD: Value = {"a": [1, {"b": 2}, []], "o": {"": 0, "x/y": 1}, "n": None, "t": "text"}


@pytest.mark.parametrize(
    ("pointer", "expected"),
    [
        ("", "new"),
        ("/o", {"o": "new"}),
        ("/new", {"new": "new"}),
        ("/o/", {"o": {"": "new", "x/y": 1}}),
        ("/o/x~1y", {"o": {"": 0, "x/y": "new"}}),
        ("/a/0", {"a": ["new", {"b": 2}, []]}),
        ("/a/1/b", {"a": [1, {"b": "new"}, []]}),
        ("/a/1/c", {"a": [1, {"b": 2, "c": "new"}, []]}),
        ("/a/-", {"a": [1, {"b": 2}, [], "new"]}),
        ("/a/3", {"a": [1, {"b": 2}, [], "new"]}),
        ("/a/2/0", {"a": [1, {"b": 2}, ["new"]]}),
        ("/n", {"n": "new"}),
        ("/o/-", {"o": {"": 0, "x/y": 1, "-": "new"}}),
    ],
)
def test_setting_a_place_gives_a_changed_copy(pointer: str, expected: Value) -> None:
    before = copy.deepcopy(PAYLOAD)
    changed = set_(PAYLOAD, parse_pointer(pointer), "new")
    assert before == PAYLOAD
    assert isinstance(PAYLOAD, dict)
    assert changed == (expected if not isinstance(expected, dict) else {**PAYLOAD, **expected})
    tokens = parse_pointer(pointer)
    assert get(changed, tokens) == ("new" if not pointer.startswith("/a/-") else UNDEFINED)


@pytest.mark.parametrize(
    ("pointer", "why"),
    [
        ("/nope/x", "there is nothing at /nope"),
        ("/a/4", "there is nothing at /a/4: the array has 3 elements"),
        ("/a/3/x", "there is nothing at /a/3: the array has 3 elements"),
        ("/a/-/x", "/a/- leads into an array, and '-' is no index"),
        ("/a/01", "/a/01 leads into an array, and '01' is no index"),
        ("/a/x", "/a/x leads into an array, and 'x' is no index"),
        ("/t/0", "/t is of type string and has no members"),
        ("/n/x", "/n is of type null and has no members"),
    ],
)
def test_a_place_without_a_parent_cannot_be_set(pointer: str, why: str) -> None:
    with pytest.raises(QueryError, match="^" + why):
        set_(PAYLOAD, parse_pointer(pointer), "new")


def test_what_does_not_change_is_shared() -> None:
    payload: dict[str, Value] = {"big": [1, 2, 3], "small": {"x": 1}}
    changed = set_(payload, ("small", "x"), 2)
    assert isinstance(changed, dict)
    assert changed["big"] is payload["big"]
    assert changed["small"] is not payload["small"]


def test_the_whole_of_a_text_payload_can_be_replaced_but_no_part() -> None:
    assert set_("text", (), 5) == 5
    with pytest.raises(QueryError, match="the whole payload is of type string"):
        set_("text", ("a",), 5)
