"""Multipart bodies beyond plain forms: parts in order, their content types and headers, as a mail parser reads them."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from arazzo.descriptions.openapi.bodies import BodyError, EncodedBody, encode_body
from arazzo.descriptions.openapi.find import OpenApi
from arazzo.source import from_value
from arazzo.values import File, Value


def sent(value: Value, content_type: str, media: Value, **schemas: Value) -> EncodedBody:
    root: Value = {
        "openapi": "3.2.0",
        "paths": {"/a": {"post": {"operationId": "send", "requestBody": {"content": {content_type: media}}}}},
        "components": {
            "schemas": schemas,
            "headers": {"Shared": {"schema": {"type": "string", "default": "s"}}},
        },
    }
    operation = OpenApi(from_value(root), "file:///a.json").operation("send")
    assert operation is not None
    assert not operation.diagnostics
    return encode_body(value, content_type, operation.request_body, boundary="mark")


def parts(body: EncodedBody) -> list[EmailMessage]:
    """The parts as the standard library's mail parser reads them."""
    head = f"Content-Type: {body.content_type}\r\n\r\n".encode()
    message = message_from_bytes(head + body.content, policy=policy.HTTP)
    assert not message.defects
    assert isinstance(message, EmailMessage)
    return [part for part in message.iter_parts() if isinstance(part, EmailMessage)]


def test_a_list_is_a_part_for_each_element_in_order() -> None:
    value: Value = [{"a": 1}, "text", "Füße", File("cat.png", b"\x89PNG"), b"\x00", ["x"]]
    body = sent(value, "multipart/mixed", {})
    assert body.content_type == "multipart/mixed; boundary=mark"
    assert [(part["Content-Type"], part.get_payload(decode=True)) for part in parts(body)] == [
        ("application/json", b'{"a":1}'),
        ("text/plain", b"text"),
        ('text/plain; charset="utf-8"', "Füße".encode()),
        ("image/png", b"\x89PNG"),
        ("application/octet-stream", b"\x00"),
        ("application/json", b'["x"]'),
    ]
    assert all(part["Content-Disposition"] is None for part in parts(body))


def test_prefix_and_item_encoding_say_how_parts_travel() -> None:
    media: Value = {
        "prefixEncoding": [
            {"contentType": "application/xml"},
            {
                "contentType": "text/markdown",
                "headers": {
                    "X-One": {"schema": {"const": "1"}},
                    "X-Two": {"$ref": "#/components/headers/Shared"},
                },
            },
        ],
        "itemEncoding": {"contentType": "image/png, image/jpeg"},
        "schema": {"prefixItems": [{"$ref": "#/components/schemas/Note"}]},
    }
    value: Value = [{"to": "B"}, "*hi*", File("a.jpg", b"1"), File("a.bin", b"2")]
    found = parts(sent(value, "multipart/mixed", media, Note={"type": "object"}))
    assert [part["Content-Type"] for part in found] == [
        "application/xml",
        "text/markdown",
        "image/jpeg",
        "image/png",
    ]
    assert (
        found[0].get_payload(decode=True)
        == b'<?xml version="1.0" encoding="UTF-8"?>\n<Note><to>B</to></Note>'
    )
    assert (found[1]["X-One"], found[1]["X-Two"]) == ("1", "s")


def test_the_type_of_a_related_body_is_that_of_its_first_part() -> None:
    body = sent([{"name": "cat"}, File("cat.png", b"1")], "multipart/related", {})
    assert body.content_type == 'multipart/related; type="application/json"; boundary=mark'
    assert [part["Content-Type"] for part in parts(body)] == ["application/json", "image/png"]


def test_a_mapping_under_another_multipart_type_is_named_parts() -> None:
    media: Value = {
        "schema": {"properties": {"meta": {"properties": {"id": {"xml": {"attribute": True}}}}}},
        "encoding": {
            "meta": {"contentType": "application/xml"},
            "address": {"contentType": "application/x-www-form-urlencoded"},
            "photo": {"headers": {"X-Size": {"required": True, "schema": {"enum": [7]}}}},
        },
    }
    value: Value = {
        "meta": {"id": 1},
        "address": {"street": "A B"},
        "photo": File("cat.png", b"1"),
        "note": None,
    }
    found = parts(sent(value, "multipart/mixed", media))
    assert [
        (p.get_param("name", header="content-disposition"), p["Content-Type"], p["X-Size"]) for p in found
    ] == [
        ("meta", "application/xml", None),
        ("address", "application/x-www-form-urlencoded", None),
        ("photo", "image/png", "7"),
    ]
    assert found[0].get_payload(decode=True) == b'<?xml version="1.0" encoding="UTF-8"?>\n<meta id="1"/>'
    assert found[1].get_payload(decode=True) == b"street=A%20B"


def test_a_header_of_the_description_stands_before_ours() -> None:
    media: Value = {
        "encoding": {"a": {"headers": {"content-disposition": {"schema": {"const": "attachment"}}}}}
    }
    (part,) = parts(sent({"a": "1"}, "multipart/mixed", media))
    assert part.get_all("Content-Disposition") == ["attachment"]


def test_a_text_in_a_json_part_is_json() -> None:
    media: Value = {"encoding": {"a": {"contentType": "application/json"}}}
    cases: list[tuple[Value, bytes]] = [
        ("word", b'"word"'),
        ('{"a":1}', b'{"a":1}'),
        (5, b"5"),
        ([1, 2], b"[1,2]"),
    ]
    for given, written in cases:
        (part,) = parts(sent({"a": given}, "multipart/form-data", media))
        assert part.get_payload(decode=True) == written


@pytest.mark.parametrize(
    ("value", "encoding", "words"),
    [
        ({"a": {"b": 1}}, {"contentType": "image/png"}, "a: an object cannot be sent as image/png"),
        ({"a": {"b": "\x00"}}, {"contentType": "text/xml"}, "a: the body holds the character"),
        ({"a": "1"}, {"headers": {"X-A": {"required": True}}}, "the form field 'a' needs the header 'X-A'"),
        ({"a": "1"}, {"headers": {"X-A": {"schema": {"const": "a\nb"}}}}, "cannot carry a line break"),
        (
            {"a": "1"},
            {"headers": {"X A": {"schema": {"const": "a"}}}},
            "'X A' of a part holds what no header can",
        ),
        ({"a": "1"}, {"contentType": "text/plain\r\nX: y"}, "'Content-Type' of a part holds what no header"),
        ({"a": File("f", b"", "x\r\ny")}, {}, "'Content-Type' of a part holds what no header can carry"),
    ],
)
def test_a_part_that_cannot_be_written_is_refused_in_a_sentence(
    value: Value, encoding: Value, words: str
) -> None:
    with pytest.raises(BodyError, match=words):
        sent(value, "multipart/form-data", {"encoding": {"a": encoding}})


def test_a_boundary_that_none_can_be_is_refused() -> None:
    with pytest.raises(BodyError, match="no boundary"):
        encode_body({"a": "1"}, "multipart/form-data; boundary=ü", None, boundary="mark")
