"""Form bodies: ``application/x-www-form-urlencoded`` and ``multipart/form-data`` (OpenAPI, Encoding Object)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import quote

from arazzo.descriptions.openapi.model import Encoding, MediaType, ParameterSpec
from arazzo.descriptions.openapi.parameters import ParameterError, serialize
from arazzo.values import File, Value, to_json, to_text, type_name

_DEEPEST: Final = 32
_BINARY: Final = "application/octet-stream"
_BY_EXTENSION: Final = {
    "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp",
    "svg": "image/svg+xml", "pdf": "application/pdf", "json": "application/json", "xml": "application/xml",
    "csv": "text/csv", "txt": "text/plain", "html": "text/html", "zip": "application/zip", "gz": "application/gzip",
    "mp3": "audio/mpeg", "wav": "audio/wav", "ogg": "audio/ogg", "mp4": "video/mp4", "webm": "video/webm",
}  # fmt: skip


class FormError(ValueError):
    """A value cannot be sent as a form. The text is a sentence for people."""


def encode_form(value: Value, encoding: Mapping[str, Encoding]) -> tuple[bytes, tuple[str, ...]]:
    """``value`` as ``application/x-www-form-urlencoded``, and the names of the fields that were nested.

    A property is written as its ``encoding`` says. Without one, an object is written ``a[b]=c`` (the kindness
    *form-nested*), a list by repeating its name, null not at all. Text is a form already.
    """
    if isinstance(value, str):
        return value.encode("utf-8", "replace"), ()
    if not isinstance(value, dict):
        raise FormError(f"a form is made of named fields, not of a value of type {type_name(value)}")
    pairs: list[str] = []
    nested: list[str] = []
    for name, member in value.items():
        told = encoding.get(name)
        if told is not None and told.styled:
            pairs += _styled(name, member, told)
        elif told is not None and told.content_type and isinstance(member, (list, dict)):
            pairs.append(f"{_encode(name)}={_encode(to_json(member))}")
        else:
            if isinstance(member, dict) or (
                isinstance(member, list) and any(isinstance(element, (list, dict)) for element in member)
            ):
                nested.append(name)
            pairs += (f"{_encode(key)}={_encode(text)}" for key, text in _nested(name, member, 0))
    return "&".join(pairs).encode("ascii"), tuple(nested)


def _styled(name: str, value: Value, encoding: Encoding) -> Iterator[str]:
    """A property that travels as a query parameter would."""
    style = encoding.style or "form"
    explode = encoding.explode if encoding.explode is not None else style in ("form", "deepObject")
    spec = ParameterSpec(
        name, "query", style=style, explode=explode, allow_reserved=bool(encoding.allow_reserved)
    )
    try:
        for key, text in serialize(spec, value):
            yield f"{key}={text}"
    except ParameterError as error:
        raise FormError(str(error).replace("the query parameter", "the form field", 1)) from None


def _nested(name: str, value: Value, depth: int) -> Iterator[tuple[str, str]]:
    if depth > _DEEPEST:
        raise FormError(f"the form field {name!r} is nested too deeply")
    match value:
        case None:
            return
        case dict():
            for key, member in value.items():
                yield from _nested(f"{name}[{key}]", member, depth + 1)
        case list():
            plain = not any(isinstance(element, (list, dict)) for element in value)
            for index, element in enumerate(value):
                yield from _nested(name if plain else f"{name}[{index}]", element, depth + 1)
        case _:
            yield name, to_text(value)


def _encode(text: str) -> str:
    try:
        return quote(text, safe="-._~")
    except UnicodeEncodeError:
        raise FormError("the form holds text that is not Unicode") from None


def encode_multipart(value: Mapping[str, Value], media: MediaType | None, boundary: str) -> bytes:
    """``value`` as ``multipart/form-data`` (RFC 7578): files and bytes as files, objects as JSON, the rest as text.

    A list is one part for each element. ``encoding.contentType`` of a property is the content type of its parts.
    """
    lines: list[bytes] = []
    mark = b"--" + boundary.encode("ascii")
    for name, member in value.items():
        told = media.encoding.get(name) if media else None
        said = told.content_type.partition(",")[0].strip() if told and told.content_type else None
        for element in member if isinstance(member, list) and not _is_json(said) else [member]:
            if element is None:
                continue
            content, file_name, content_type = _part(
                name, element, said, media is not None and name in media.files
            )
            disposition = f'form-data; name="{_quoted(name)}"'
            if file_name is not None:
                disposition += f'; filename="{_quoted(file_name)}"'
            head = f"Content-Disposition: {disposition}\r\n"
            if content_type is not None:
                head += f"Content-Type: {content_type}\r\n"
            lines += [mark, b"\r\n", head.encode("utf-8", "replace"), b"\r\n", content, b"\r\n"]
    return b"".join([*lines, mark, b"--\r\n"])


def _is_json(content_type: str | None) -> bool:
    return content_type is not None and "json" in content_type


def _part(name: str, value: Value, said: str | None, binary: bool) -> tuple[bytes, str | None, str | None]:
    """One part: its content, the name of its file and its content type."""
    usable = said if said and "*" not in said else None
    match value:
        case File():
            return value.content, value.name, usable or value.media_type or _guess(value.name)
        case bytes():
            return value, name, usable or _BINARY
        case dict() | list():
            return to_json(value).encode("utf-8", "replace"), None, usable or "application/json"
        case _:
            text = to_text(value).encode("utf-8", "replace")
            return (text, name, usable or _BINARY) if binary else (text, None, usable)


def _guess(file_name: str) -> str:
    return _BY_EXTENSION.get(file_name.rpartition(".")[2].lower(), _BINARY)


def _quoted(text: str) -> str:
    """A name inside quotes, escaped as browsers do (WHATWG, *multipart/form-data encoding algorithm*)."""
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
