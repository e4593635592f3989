"""Bodies of responses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arazzo.descriptions.openapi.responses import MalformedBody, decode_body
from arazzo.values import UNDEFINED, Maybe


@pytest.mark.parametrize(
    ("content_type", "body", "expected"),
    [
        ("application/json", b'{"a": [1, 2.5, null]}', {"a": [1, 2.5, None]}),
        ("application/json; charset=utf-8", b'"x"', "x"),
        ("APPLICATION/JSON", b"1", 1),
        ("application/problem+json", b'{"title":"t"}', {"title": "t"}),
        ("text/json", b"true", True),
        ("application/json", b"\xef\xbb\xbf{}", {}),
        ("application/json", '{"a":"ü"}'.encode("utf-16"), {"a": "ü"}),
        ("application/json; charset=iso-8859-1", '"ü"'.encode("latin-1"), "ü"),
        ("application/json; charset=nonsense", '"ü"'.encode(), "ü"),
        ("application/json; charset=hex", b"[]", []),
        ("application/json", b"123456789012345678901234567890", 123456789012345678901234567890),
        ("application/json", b"  \n", UNDEFINED),
        ("text/plain", b'{"a": 1}', '{"a": 1}'),
        ("text/html; charset=iso-8859-1", b"\xfc", "ü"),
        ("text/html", b"\xfc", "ü"),
        ("text/plain; charset=undefined", b"a", "a"),
        ("text/plain; charset=idna", b"a", "a"),
        ("application/xml", b"<a/>", "<a/>"),
        ("application/atom+xml", b"<a/>", "<a/>"),
        ("text/event-stream", b"data: 1\n\n", "data: 1\n\n"),
        ("application/x-www-form-urlencoded", b"a=1", "a=1"),
        ("application/x-ndjson", b"{}\n{}\n", "{}\n{}\n"),
        ("application/vnd.thing; charset=utf-8", "ü".encode(), "ü"),
        ("image/png", b"\x89PNG", b"\x89PNG"),
        ("application/octet-stream", b"abc", b"abc"),
        ("application/json", b"", UNDEFINED),
        (None, b"", UNDEFINED),
        (None, b'{"a": 1}', {"a": 1}),
        (None, b" [1]", [1]),
        (None, b"{no json", "{no json"),
        (None, b"5", "5"),
        ("", b"[1]", [1]),
        (None, b"\xff\xfe\x00", b"\xff\xfe\x00"),
    ],
)
def test_a_body_is_what_its_content_type_says(content_type: str | None, body: bytes, expected: Maybe) -> None:
    headers = (("Content-Type", content_type),) if content_type is not None else ()
    decoded = decode_body(headers, body)
    assert decoded == expected
    assert type(decoded) is type(expected)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"a": }', r"expecting value at character 7\): \{\"a\": \}"),
        (b"<html><body>Bad gateway", r"at character 1\): <html><body>Bad gateway"),
        (b"{\n  'a': 1}", "at line 2, column 3"),
        (b"NaN", "NaN is not a JSON number"),
        (b'{"a": 1} trailing', "extra data at character 10"),
        (b"[" * 100_000, "nested too deeply"),
        (b"1" * 5000, "is not"),
        (b"\xff", "is not"),
        (b"<" + b"x" * 500, "…$"),
    ],
)
def test_a_body_that_says_it_is_json_and_is_not_says_where(body: bytes, message: str) -> None:
    with pytest.raises(MalformedBody, match=message) as caught:
        decode_body((("content-type", "application/json"),), body)
    assert len(str(caught.value)) < 300


@given(
    st.binary(max_size=200),
    st.sampled_from(
        [None, "application/json", "text/plain", "text/plain; charset=utf-16", "x/y", ";;", "a/b+json"]
    ),
)
def test_decoding_raises_nothing_but_malformed_body(body: bytes, content_type: str | None) -> None:
    headers = (("content-type", content_type),) if content_type is not None else ()
    said = "the body "
    try:
        decode_body(headers, body)
    except MalformedBody as malformed:
        said = str(malformed)
    assert said.startswith("the body ")
