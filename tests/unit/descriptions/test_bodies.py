"""Request bodies: choosing the content type, encoding a value."""

from __future__ import annotations

from email import message_from_bytes
from email.message import Message

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arazzo.descriptions.openapi.bodies import (
    BodyError,
    EncodedBody,
    choose_content_type,
    default_content_type,
    encode_body,
    media_type_of,
)
from arazzo.descriptions.openapi.model import BodySpec, Encoding, MediaType
from arazzo.values import File, Value

FORM, MULTIPART, JSON = "application/x-www-form-urlencoded", "multipart/form-data", "application/json"


def body(*types: str) -> BodySpec:
    return BodySpec({name: MediaType() for name in types})


def encoded(value: Value, content_type: str, spec: BodySpec | None = None) -> bytes:
    return encode_body(value, content_type, spec, boundary="mark").content


@pytest.mark.parametrize(
    ("step", "offered", "chosen"),
    [
        ("text/csv", [JSON, "application/xml"], "text/csv"),
        (None, ["application/xml"], "application/xml"),
        (None, ["application/xml", JSON], JSON),
        (None, ["text/plain", "application/json; charset=utf-8"], "application/json; charset=utf-8"),
        (None, ["application/xml", "application/merge-patch+json"], "application/merge-patch+json"),
        (None, ["application/merge-patch+json", JSON], JSON),
        (None, [FORM, MULTIPART], FORM),
        (None, ["*/*"], JSON),
        (None, ["application/*"], JSON),
        (None, ["text/*"], "text/plain"),
        (None, ["image/*"], "application/octet-stream"),
        (None, [], None),
    ],
)
def test_the_content_type_is_the_steps_or_the_operations_best(
    step: str | None, offered: list[str], chosen: str | None
) -> None:
    assert choose_content_type(step, body(*offered)) == chosen


def test_without_a_body_in_the_description_only_the_step_can_name_a_content_type() -> None:
    assert choose_content_type(None, None) is None
    assert choose_content_type("text/plain", None) == "text/plain"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"a": 1}, JSON),
        ([], JSON),
        (5, JSON),
        ('{"a": 1}', JSON),
        ("hello", "text/plain"),
        (b"x", "application/octet-stream"),
        (File("a.png", b"", "image/png"), "image/png"),
    ],
)
def test_a_value_has_a_content_type_of_its_own(value: Value, expected: str) -> None:
    assert default_content_type(value) == expected


def test_the_most_specific_media_type_counts() -> None:
    exact, range_, any_ = MediaType(), MediaType(files=frozenset("a")), MediaType(files=frozenset("b"))
    spec = BodySpec({"*/*": any_, "text/*": range_, "text/plain": exact})
    assert media_type_of("text/plain; charset=utf-8", spec) is exact
    assert media_type_of("text/csv", spec) is range_
    assert media_type_of("image/png", spec) is any_
    assert media_type_of("image/png", body("text/plain")) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"a": [1, 2.5, None, True], "b": "ü"}, '{"a":[1,2.5,null,true],"b":"ü"}'),
        ('{"a":  1}', '{"a":  1}'),
        ("5", "5"),
        ("plain text", '"plain text"'),
        (None, "null"),
        ("\ud800", '"\\ud800"'),
        ({"file": File("a", b"text")}, '{"file":"text"}'),
    ],
)
def test_json_is_compact_and_text_that_is_json_stays_as_it_is(value: Value, expected: str) -> None:
    assert encoded(value, JSON).decode() == expected
    assert encoded(value, "application/vnd.api+json").decode() == expected


@pytest.mark.parametrize("value", [float("nan"), {"a": float("inf")}])
def test_json_cannot_write_what_is_no_number(value: Value) -> None:
    with pytest.raises(BodyError, match="JSON cannot write"):
        encoded(value, JSON)


def test_text_that_speaks_of_infinity_is_no_number() -> None:
    assert encoded({"title": "NaN and Infinity"}, JSON) == b'{"title":"NaN and Infinity"}'


@pytest.mark.parametrize(
    "content_type", [JSON, FORM, MULTIPART, "text/plain", "application/xml", "image/png"]
)
@pytest.mark.parametrize("value", [b"\x00\xff", File("a.bin", b"\x00\xff")])
def test_bytes_and_files_are_sent_as_they_are(value: Value, content_type: str) -> None:
    sent = encode_body(value, content_type, None, boundary="mark")
    assert sent == EncodedBody(b"\x00\xff", content_type, ())


def test_text_is_sent_in_its_charset() -> None:
    assert encode_body("ü", "text/plain; charset=iso-8859-1", None, boundary="m") == EncodedBody(
        b"\xfc",
        "text/plain; charset=iso-8859-1",
    )
    assert encode_body("ü", "text/plain", None, boundary="m") == EncodedBody(
        "ü".encode(),
        "text/plain; charset=utf-8",
    )
    assert encode_body("u", "text/plain", None, boundary="m") == EncodedBody(b"u", "text/plain")
    assert encode_body("€", "text/plain; charset=iso-8859-1", None, boundary="m").content == "€".encode()


@pytest.mark.parametrize(
    ("value", "content_type", "message"),
    [
        ({"a": 1, "b": 2}, "application/xml", "nothing names the root element of the XML body"),
        ([1], "text/plain", "an array cannot be sent as text/plain"),
        ({"a": 1}, "image/png", "give a file"),
        ([1], FORM, "made of named fields, not of a value of type array"),
        (5, MULTIPART, "made of named fields, not of an integer"),
        (5, "multipart/mixed", "made of a list of parts, not of an integer"),
        ("text", "multipart/mixed", "a text that is the whole body needs its boundary"),
        ([], "multipart/mixed", "needs at least one part"),
    ],
)
def test_a_value_the_content_type_cannot_hold_is_refused_in_a_sentence(
    value: Value, content_type: str, message: str
) -> None:
    with pytest.raises(BodyError, match=message):
        encoded(value, content_type)


def test_xml_text_is_sent_as_it_is() -> None:
    assert encoded("<a>ü</a>", "application/xml") == "<a>ü</a>".encode()


@pytest.mark.parametrize(
    ("value", "content_type", "expected"),
    [
        ([{"a": 1}, 2], "application/x-ndjson", b'{"a":1}\n2\n'),
        ([{"a": "x\ny"}, "12", None], "application/jsonl", b'{"a":"x\\ny"}\n"12"\nnull\n'),
        ({"a": 1}, "application/x-ndjson", b'{"a":1}\n'),
        ([], "application/x-ndjson", b""),
        ('{"a":1}\n', "application/x-ndjson", b'{"a":1}\n'),
        ([{"a": 1}, 2], "application/json-seq", b'\x1e{"a":1}\n\x1e2\n'),
        ([1], "application/geo+json-seq", b"\x1e1\n"),
    ],
)
def test_a_list_in_a_sequence_of_json_is_a_record_each(
    value: Value, content_type: str, expected: bytes
) -> None:
    assert encoded(value, content_type) == expected


def test_a_form_field_its_content_type_cannot_carry_is_refused() -> None:
    spec = BodySpec({FORM: MediaType(encoding={"x": Encoding(content_type="text/plain")})})
    with pytest.raises(BodyError, match="the form field 'x', of type object, cannot be sent as text/plain"):
        encode_body({"x": {"a": 1}}, FORM, spec, boundary="mark")


def test_a_value_without_end_is_refused() -> None:
    endless: dict[str, Value] = {}
    endless["a"] = endless
    deep: Value = "bottom"
    for _ in range(100_000):
        deep = [deep]
    for value in (endless, {"a": deep}):
        for content_type in (JSON, FORM, MULTIPART):
            with pytest.raises(BodyError, match="nested too deeply"):
                encoded(value, content_type)


FORM_CASES: list[tuple[Value, str, tuple[str, ...]]] = [
    ({"a": "x y", "b": 1.0, "c": True, "d": None}, "a=x%20y&b=1&c=true", ()),
    ({"a&b": "1=2"}, "a%26b=1%3D2", ()),
    ({"To": "+1", "MediaUrl": ["u", "v"]}, "To=%2B1&MediaUrl=u&MediaUrl=v", ()),
    (
        {"card": {"number": 4, "exp": {"year": 30}}},
        "card%5Bnumber%5D=4&card%5Bexp%5D%5Byear%5D=30",
        ("card",),
    ),
    ({"items": [{"id": 1}, {"id": 2}]}, "items%5B0%5D%5Bid%5D=1&items%5B1%5D%5Bid%5D=2", ("items",)),
    ("already=a%20form", "already=a%20form", ()),
    ({}, "", ()),
]


@pytest.mark.parametrize(("value", "expected", "nested"), FORM_CASES)
def test_a_form_without_an_encoding(value: Value, expected: str, nested: tuple[str, ...]) -> None:
    sent = encode_body(value, FORM, None, boundary="mark")
    assert sent == EncodedBody(expected.encode(), FORM, nested)


@pytest.mark.parametrize(
    ("encoding", "value", "expected"),
    [
        (Encoding(style="form"), ["a", "b"], "x=a&x=b"),
        (Encoding(explode=False), ["a", "b"], "x=a,b"),
        (Encoding(style="pipeDelimited"), ["a", "b"], "x=a%7Cb"),
        (Encoding(style="deepObject", explode=True), {"a": 1}, "x%5Ba%5D=1"),
        (Encoding(style="form", explode=True), {"a": 1, "b": 2}, "a=1&b=2"),
        (Encoding(allow_reserved=True), "a/b", "x=a/b"),
        (Encoding(content_type="application/json"), {"a": 1}, "x=%7B%22a%22%3A1%7D"),
        # What is JSON travels as JSON: a string in its quotes, unless it is a JSON text already.
        (Encoding(content_type="application/json"), "text", "x=%22text%22"),
        (Encoding(content_type="application/json"), '{"a":1}', "x=%7B%22a%22%3A1%7D"),
        (Encoding(content_type="application/json"), [1, 2], "x=%5B1%2C2%5D"),
        (Encoding(content_type="text/plain"), ["a", "b"], "x=a&x=b"),
        (Encoding(content_type="text/plain"), None, ""),
    ],
)
def test_a_form_field_is_written_as_its_encoding_says(
    encoding: Encoding, value: Value, expected: str
) -> None:
    spec = BodySpec({FORM: MediaType(encoding={"x": encoding})})
    sent = encode_body({"x": value}, FORM, spec, boundary="mark")
    assert sent == EncodedBody(expected.encode(), FORM, ())


def test_a_form_field_its_style_cannot_carry_is_refused_as_a_form_field() -> None:
    spec = BodySpec({FORM: MediaType(encoding={"x": Encoding(style="form")})})
    with pytest.raises(BodyError, match="the form field 'x' cannot carry an object"):
        encode_body({"x": [{"a": 1}]}, FORM, spec, boundary="mark")


def parts(content: bytes, content_type: str) -> list[Message]:
    message = message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + content)
    payload = message.get_payload()
    assert isinstance(payload, list)
    return [part for part in payload if isinstance(part, Message)]


def test_a_multipart_body_holds_text_files_and_json() -> None:
    media = MediaType(
        encoding={
            "photo": Encoding(content_type="image/png, image/jpeg"),
            "note": Encoding(content_type="text/markdown"),
        },
        files=frozenset(("raw",)),
    )
    value: Value = {
        "title": "Füße",
        "count": 3,
        "nothing": None,
        "photo": File("cat.png", b"\x89PNG"),
        "doc": File("a.pdf", b"%PDF"),
        "blob": b"\x00",
        "meta": {"a": 1},
        "tags": ["x", "y"],
        "raw": "text of a file",
        "note": "*hi*",
    }
    sent = encode_body(value, MULTIPART, BodySpec({MULTIPART: media}), boundary="mark")
    assert sent.content_type == "multipart/form-data; boundary=mark"
    found = [
        (
            part.get_param("name", header="content-disposition"),
            part.get_filename(),
            part["Content-Type"],
            part.get_payload(decode=True),
        )
        for part in parts(sent.content, sent.content_type)
    ]
    assert found == [
        ("title", None, None, "Füße".encode()),
        ("count", None, None, b"3"),
        ("photo", "cat.png", "image/png", b"\x89PNG"),
        ("doc", "a.pdf", "application/pdf", b"%PDF"),
        ("blob", "blob", "application/octet-stream", b"\x00"),
        ("meta", None, "application/json", b'{"a":1}'),
        ("tags", None, None, b"x"),
        ("tags", None, None, b"y"),
        ("raw", "raw", "application/octet-stream", b"text of a file"),
        ("note", None, "text/markdown", b"*hi*"),
    ]


def test_a_multipart_body_to_the_byte() -> None:
    value: Value = {'a"\r\nb': "1", "f": File('x"y.txt', b"2")}
    assert encoded(value, MULTIPART) == (
        b'--mark\r\nContent-Disposition: form-data; name="a%22%0D%0Ab"\r\n\r\n1\r\n'
        b'--mark\r\nContent-Disposition: form-data; name="f"; filename="x%22y.txt"\r\n'
        b"Content-Type: text/plain\r\n\r\n2\r\n--mark--\r\n"
    )


def test_a_boundary_the_step_writes_is_used() -> None:
    sent = encode_body({"a": "1"}, 'multipart/form-data; boundary="own"', None, boundary="mark")
    assert sent.content.startswith(b"--own\r\n")
    assert sent.content_type == 'multipart/form-data; boundary="own"'
    assert encoded("--own--", "multipart/form-data; boundary=own") == b"--own--"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(
    VALUES,
    st.sampled_from(
        [
            JSON,
            FORM,
            MULTIPART,
            "text/plain",
            "application/xml",
            "application/x-ndjson",
            "application/json-seq",
            "multipart/mixed",
            "multipart/related; type=x",
        ]
    ),
)
def test_encoding_raises_nothing_but_body_error(value: Value, content_type: str) -> None:
    said: bytes | str
    try:
        said = encode_body(value, content_type, None, boundary="mark").content
    except BodyError as error:
        said = str(error)
    assert isinstance(said, bytes) or said
