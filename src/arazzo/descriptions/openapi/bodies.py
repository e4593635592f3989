"""Request bodies: which content type, and a value as its bytes (OpenAPI, Request Body and Media Type Objects).

A text, bytes or file that already is what the content type says is sent as it is; see semantics §7.
"""

from __future__ import annotations

import json
from typing import Final

from msgspec import Struct

from arazzo.descriptions.openapi.forms import FormError, encode_form
from arazzo.descriptions.openapi.model import BodySpec, MediaType
from arazzo.descriptions.openapi.parameters import is_json
from arazzo.descriptions.openapi.responses import is_json_type, is_xml_type, split_content_type
from arazzo.values import File, Value, to_json, to_text, type_name

_FORM: Final = "application/x-www-form-urlencoded"
_LINES: Final = (
    "application/x-ndjson",
    "application/ndjson",
    "application/jsonl",
    "application/x-jsonlines",
    "application/jsonlines",
    "application/json-lines",
)
_RECORD: Final = b"\x1e"
"""Stands before each text of a JSON text sequence (RFC 7464 §2.2)."""


class BodyError(ValueError):
    """A value cannot be sent as the content type. The text is a sentence for people."""


class EncodedBody(Struct, frozen=True):
    """A body as it is sent. ``content_type`` is the whole header; ``nested`` names the form fields written ``a[b]``."""

    content: bytes
    content_type: str
    nested: tuple[str, ...] = ()


def choose_content_type(step_type: str | None, body_spec: BodySpec | None) -> str | None:
    """The content type to send: the step's; else the operation's only one; else JSON if it offers that, else its first.

    A range counts as what it most often means: ``*/*`` and ``application/*`` as JSON, ``text/*`` as plain text.
    None when neither the step nor the operation names any.
    """
    if step_type:
        return step_type
    offered = [_concrete(name) for name in body_spec.content] if body_spec else []
    if not offered:
        return None
    for name in offered:
        if split_content_type(name)[0] == "application/json":
            return name
    return next((name for name in offered if is_json_type(split_content_type(name)[0])), offered[0])


def _concrete(media_type: str) -> str:
    main, _, sub = media_type.partition(";")[0].strip().partition("/")
    if sub != "*":
        return media_type
    return {"text": "text/plain", "*": "application/json", "application": "application/json"}.get(
        main, "application/octet-stream"
    )


def default_content_type(value: Value) -> str:
    """The content type of ``value`` where neither step nor operation names one."""
    match value:
        case File():
            return value.media_type or "application/octet-stream"
        case bytes():
            return "application/octet-stream"
        case str():
            return "application/json" if is_json(value) else "text/plain"
        case _:
            return "application/json"


def media_type_of(content_type: str, spec: BodySpec | None) -> MediaType | None:
    """What the operation says about ``content_type``: under its own name, else under the range that covers it."""
    if spec is None:
        return None
    wanted = split_content_type(content_type)[0]
    offered = {split_content_type(name)[0]: media for name, media in spec.content.items()}
    return offered.get(wanted) or offered.get(wanted.partition("/")[0] + "/*") or offered.get("*/*")


def encode_body(value: Value, content_type: str, spec: BodySpec | None, *, boundary: str) -> EncodedBody:
    """``value`` as the bytes of ``content_type``, and the header that goes with them.

    ``boundary`` separates the parts of a multipart body. Raises ``BodyError``.
    """
    try:
        return _encode(value, content_type, spec, boundary)
    except BodyError:
        raise
    except FormError as error:
        raise BodyError(str(error)) from None
    except (RecursionError, ValueError):
        raise BodyError(f"the body is nested too deeply to be sent as {content_type}") from None


def _encode(value: Value, content_type: str, spec: BodySpec | None, boundary: str) -> EncodedBody:
    media_type, charset = split_content_type(content_type)
    if isinstance(value, File):
        return EncodedBody(value.content, content_type)
    if isinstance(value, bytes):
        return EncodedBody(value, content_type)
    if is_json_type(media_type):
        return EncodedBody(_json(value).encode(), content_type)
    media = media_type_of(content_type, spec)
    encoding = media.encoding if media else {}
    if media_type == _FORM:
        content, nested = encode_form(value, encoding)
        return EncodedBody(content, content_type, nested)
    if media_type.startswith("multipart/"):
        return _multipart(value, media_type, content_type, media, boundary)
    if isinstance(value, (list, dict)):
        return EncodedBody(_structured(value, media_type, charset, media), content_type)
    text = to_text(value)
    if charset is None and media_type.startswith("text/") and not text.isascii():
        content_type += "; charset=utf-8"
    return EncodedBody(_in_charset(text, charset), content_type)


def _structured(
    value: list[Value] | dict[str, Value], media_type: str, charset: str | None, media: MediaType | None
) -> bytes:
    """A list or a mapping in a content type that is neither JSON nor a form."""
    mark = _RECORD if media_type == "application/json-seq" or media_type.endswith("+json-seq") else b""
    if mark or media_type in _LINES:
        # One value alone is a sequence of one.
        records = value if isinstance(value, list) else [value]
        return b"".join(mark + _json_line(record).encode() + b"\n" for record in records)
    if not is_xml_type(media_type):
        raise BodyError(
            f"{_article(type_name(value))} cannot be sent as {media_type}; write the payload as text, or give a file"
        )
    # Imported when needed, as below: the characters of a name are a large table.
    from arazzo.descriptions.openapi.xml_bodies import encode_xml

    schema, resolver = (media.schema, media.resolver) if media else (None, None)
    text = encode_xml(value, schema, resolver, (charset or "utf-8").upper())
    try:
        return text.encode(charset or "utf-8", "xmlcharrefreplace")
    except (LookupError, UnicodeError):
        raise BodyError(f"the character set {charset!r} of the XML body is not known") from None


def _json_line(value: Value) -> str:
    """A value as JSON on one line; unlike a body's, its text is never taken for JSON already."""
    return json.dumps(value, separators=(",", ":")) if isinstance(value, str) else _json(value)


def _json(value: Value) -> str:
    if isinstance(value, str) and is_json(value):
        return value
    try:
        text = to_json(value)
        text.encode()
    except UnicodeEncodeError:
        # Half a surrogate pair is JSON only when it is escaped.
        text = json.dumps(value, separators=(",", ":"))
    if "NaN" in text or "Infinity" in text:
        _refuse_non_numbers(value)
    return text


def _refuse_non_numbers(value: Value) -> None:
    try:
        json.dumps(value, allow_nan=False, default=str)
    except ValueError:
        raise BodyError("the body holds a number that JSON cannot write (infinite, or none)") from None


def _multipart(
    value: Value, media_type: str, content_type: str, media: MediaType | None, boundary: str
) -> EncodedBody:
    from arazzo.descriptions.openapi.multipart import named_parts, ordered_parts, write_parts

    if isinstance(value, str) and "boundary=" in content_type:
        return EncodedBody(value.encode(), content_type)
    if isinstance(value, dict):
        parts = named_parts(value, media)
    elif isinstance(value, list) and media_type != "multipart/form-data":
        parts = ordered_parts(value, media)
    elif media_type == "multipart/form-data":
        raise BodyError(f"a {media_type} body is made of named fields, not of {_article(type_name(value))}")
    else:
        raise BodyError(
            f"a {media_type} body is made of a list of parts, not of {_article(type_name(value))}; a text that is"
            " the whole body needs its boundary in contentType"
        )
    header = content_type
    if media_type == "multipart/related" and _parameter(content_type, "type") is None and parts:
        # RFC 2387 §3.1: the type of the root, which is the first part.
        header += f'; type="{(parts[0].content_type or "text/plain").partition(";")[0]}"'
    written = _parameter(content_type, "boundary") or boundary
    if "boundary=" not in content_type:
        header += f"; boundary={written}"
    return EncodedBody(write_parts(parts, written), header)


def _parameter(content_type: str, name: str) -> str | None:
    for part in content_type.split(";")[1:]:
        key, _, text = part.partition("=")
        if key.strip().lower() == name:
            return text.strip().strip('"') or None
    return None


def _article(noun: str) -> str:
    return f"an {noun}" if noun[:1] in "aeiou" else f"a {noun}"


def _in_charset(text: str, charset: str | None) -> bytes:
    try:
        return text.encode(charset or "utf-8")
    except (LookupError, UnicodeEncodeError):
        pass
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise BodyError("the body holds text that is not Unicode") from None
