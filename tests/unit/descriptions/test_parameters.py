"""Parameters beyond the table of styles: encoding, content, odd values, conversion."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arazzo.descriptions.openapi.model import ParameterSpec, default_spec
from arazzo.descriptions.openapi.parameters import ParameterError, convert, serialize
from arazzo.values import File, Value

QUERY = ParameterSpec("q", "query")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a b", "a%20b"),
        ("a+b", "a%2Bb"),
        ("a&b=c", "a%26b%3Dc"),
        ("100%", "100%25"),
        ("%20", "%2520"),
        ("-._~", "-._~"),
        ("ü€😀", "%C3%BC%E2%82%AC%F0%9F%98%80"),
        ("a/b?c#d", "a%2Fb%3Fc%23d"),
        ("it's (ok)!*", "it%27s%20%28ok%29%21%2A"),
        (5, "5"),
        (5.0, "5"),
        (-0.5, "-0.5"),
        (True, "true"),
        (False, "false"),
    ],
)
def test_everything_but_unreserved_characters_is_encoded(value: Value, expected: str) -> None:
    assert serialize(QUERY, value) == (("q", expected),)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_was_encoded_decodes_to_what_it_was(text: str) -> None:
    ((_, encoded),) = serialize(QUERY, text)
    assert encoded.isascii()
    assert unquote(encoded) == text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a:/?[]@!$&'()*+,;=b", "a:/?[]@!$&'()*+,;=b"),
        ("50%", "50%25"),
        ("%2F", "%2F"),
        ("a b#c", "a%20b%23c"),
    ],
)
def test_reserved_characters_pass_where_they_are_allowed(value: str, expected: str) -> None:
    assert serialize(ParameterSpec("q", "query", allow_reserved=True), value) == (("q", expected),)


def test_a_name_is_encoded_in_a_query_and_left_alone_elsewhere() -> None:
    assert serialize(ParameterSpec("a[b] c", "query"), "1") == (("a%5Bb%5D%20c", "1"),)
    assert serialize(ParameterSpec("X-A", "header", style="simple"), "1") == (("X-A", "1"),)


def test_a_header_is_not_percent_encoded() -> None:
    assert serialize(default_spec("X-Text", "header"), "a b/ü,c") == (("X-Text", "a b/ü,c"),)


@pytest.mark.parametrize("value", ["a\r\nHost: evil", "a\nb", "a\0b"])
def test_a_header_cannot_carry_a_line_break(value: str) -> None:
    with pytest.raises(ParameterError, match="line break"):
        serialize(default_spec("X-Text", "header"), value)
    with pytest.raises(ParameterError, match="line break"):
        serialize(ParameterSpec("X-Text", "header", content_type="text/plain"), value)


def test_a_cookie_keeps_every_character_a_cookie_may_hold() -> None:
    assert serialize(default_spec("session", "cookie"), "abc+/==.x") == (("session", "abc+/==.x"),)
    assert serialize(default_spec("session", "cookie"), 'a b;c"') == (("session", "a%20b%3Bc%22"),)


@pytest.mark.parametrize("value", [None, [], {}, [None], {"a": None}])
@pytest.mark.parametrize("in_", ["query", "header", "cookie"])
def test_what_has_no_value_is_left_out(value: Value, in_: str) -> None:
    assert serialize(default_spec("q", in_), value) == ()


def test_members_without_a_value_are_left_out() -> None:
    assert serialize(QUERY, ["a", None, "b"]) == (("q", "a"), ("q", "b"))
    assert serialize(QUERY, {"a": 1, "b": None}) == (("a", "1"),)


def test_an_empty_string_in_a_query_keeps_its_name() -> None:
    assert serialize(QUERY, "") == (("q", ""),)


@pytest.mark.parametrize(
    ("spec", "value"),
    [
        (QUERY, [[1]]),
        (QUERY, {"a": {"b": 1}}),
        (default_spec("id", "path"), [{"a": 1}]),
        (default_spec("id", "header"), {"a": [1]}),
        (ParameterSpec("q", "query", style="deepObject"), {"a": [{"b": 1}]}),
    ],
)
def test_a_nested_value_that_no_style_carries_is_refused_in_a_sentence(
    spec: ParameterSpec, value: Value
) -> None:
    with pytest.raises(ParameterError, match=rf"the {spec.in_} parameter '{spec.name}' cannot carry an"):
        serialize(spec, value)


def test_a_deep_object_writes_what_is_inside_it() -> None:
    spec = ParameterSpec("f", "query", style="deepObject")
    assert serialize(spec, {"a": {"b": "x y"}, "c": [1, 2]}) == (
        ("f%5Ba%5D%5Bb%5D", "x%20y"),
        ("f%5Bc%5D", "1"),
        ("f%5Bc%5D", "2"),
    )


def test_text_that_is_not_unicode_is_refused() -> None:
    with pytest.raises(ParameterError, match="not Unicode"):
        serialize(QUERY, "\ud800")


def test_a_value_without_end_is_refused() -> None:
    endless: dict[str, Value] = {}
    endless["a"] = endless
    with pytest.raises(ParameterError):
        serialize(ParameterSpec("f", "query", style="deepObject"), endless)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"a": [1, "ü"]}, '{"a":[1,"ü"]}'),
        ('{"a": 1}', '{"a": 1}'),
        ("plain", '"plain"'),
        ([], "[]"),
        (True, "true"),
    ],
)
def test_json_content_is_written_as_json_once(value: Value, expected: str) -> None:
    spec = ParameterSpec("f", "query", content_type="application/json; charset=utf-8")
    ((name, text),) = serialize(spec, value)
    assert (name, unquote(text)) == ("f", expected)
    assert serialize(ParameterSpec("f", "header", content_type="application/json"), value) == (
        ("f", expected),
    )


def test_text_content_carries_no_object() -> None:
    spec = ParameterSpec("f", "query", content_type="text/plain")
    assert serialize(spec, "a b") == (("f", "a%20b"),)
    with pytest.raises(ParameterError, match="its content is text/plain"):
        serialize(spec, {"a": 1})


@pytest.mark.parametrize(
    ("value", "expected"),
    [("a=1&b=%20", "a=1&b=%20"), ("?a=1", "a=1"), ({"a": "x y", "b": [1, 2]}, "a=x%20y&b=1&b=2")],
)
def test_a_whole_query_string_is_sent_as_it_is(value: Value, expected: str) -> None:
    assert serialize(default_spec("", "querystring"), value) == (("", expected),)


def test_a_file_travels_as_its_text() -> None:
    assert serialize(QUERY, File("a.txt", b"a b")) == (("q", "a%20b"),)


@pytest.mark.parametrize(
    ("types", "text", "expected"),
    [
        ("integer", "5", 5),
        ("integer", "-12", -12),
        ("integer", " 7 ", 7),
        ("integer", "007", "007"),
        ("integer", "5.0", "5.0"),
        ("integer", "five", "five"),
        ("integer", "", ""),
        ("number", "1.5", 1.5),
        ("number", "1.50", "1.50"),
        ("number", "1e3", "1e3"),
        ("boolean", "true", True),
        ("boolean", "false", False),
        ("boolean", "True", "True"),
        ("boolean", "1", "1"),
        ("array", '["a","b"]', ["a", "b"]),
        ("array", '["a"', '["a"'),
        ("array", "a,b", "a,b"),
        ("object", '{"a": 1}', {"a": 1}),
        ("object", "a", "a"),
        ("integer string", "5", "5"),
        ("integer null", "5", 5),
        ("", "5", "5"),
    ],
)
def test_text_is_converted_only_where_the_request_stays_the_same(
    types: str, text: str, expected: Value
) -> None:
    converted = convert(ParameterSpec("q", "query", types=frozenset(types.split())), text)
    assert converted == expected
    assert type(converted) is type(expected)


def test_text_of_a_delimited_list_is_split_at_its_delimiter() -> None:
    array = frozenset(("array",))
    assert convert(ParameterSpec("q", "query", explode=False, types=array), "a, b") == ["a", "b"]
    pipes = ParameterSpec("q", "query", style="pipeDelimited", explode=False, types=array)
    assert convert(pipes, "a|b,c") == ["a", "b,c"]


@pytest.mark.parametrize("value", [5, None, ["5"], {"a": "5"}, True])
def test_only_text_is_converted(value: Value) -> None:
    assert convert(ParameterSpec("q", "query", types=frozenset(("integer",))), value) is value


def test_nothing_to_convert_gives_back_the_same_object() -> None:
    text = "not a number at all"
    assert convert(ParameterSpec("q", "query", types=frozenset(("integer",))), text) is text


@given(st.text(), st.sampled_from(["integer", "number", "boolean", "array", "object"]))
def test_conversion_never_fails(text: str, wanted: str) -> None:
    convert(ParameterSpec("q", "query", types=frozenset((wanted,))), text)
