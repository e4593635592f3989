"""Multipart bodies: named parts from a mapping, parts in order from a list (OpenAPI, Encoding Object)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from arazzo.descriptions.openapi.forms import FormError, encode_form
from arazzo.descriptions.openapi.model import Encoding, MediaType
from arazzo.descriptions.openapi.parameters import ParameterError, is_json, serialize
from arazzo.descriptions.openapi.responses import is_json_type, is_xml_type, split_content_type
from arazzo.descriptions.openapi.schemas import flat
from arazzo.patterns import pattern
from arazzo.source import Node
from arazzo.values import UNDEFINED, File, Value, to_json, to_text, type_name

_FORM: Final = "application/x-www-form-urlencoded"
_BINARY: Final = "application/octet-stream"
_CONTROL: Final = pattern(r"[\x00-\x08\x0a-\x1f\x7f]")
_HEADER_NAME: Final = pattern(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+\Z")
_BY_EXTENSION: Final = {
    "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp",
    "svg": "image/svg+xml", "pdf": "application/pdf", "json": "application/json", "xml": "application/xml",
    "csv": "text/csv", "txt": "text/plain", "html": "text/html", "zip": "application/zip", "gz": "application/gzip",
    "mp3": "audio/mpeg", "wav": "audio/wav", "ogg": "audio/ogg", "mp4": "video/mp4", "webm": "video/webm",
}  # fmt: skip


class Part(NamedTuple):
    """One part of a multipart body: its headers, the content type among them, and its content."""

    headers: tuple[tuple[str, str], ...]
    content: bytes

    @property
    def content_type(self) -> str | None:
        return next((text for name, text in self.headers if name.lower() == "content-type"), None)


def named_parts(value: Mapping[str, Value], media: MediaType | None) -> tuple[Part, ...]:
    """A part for each member, named as in a form (RFC 7578).

    Files and bytes are sent as files, objects as JSON, the rest as text.
    A list is one part for each element. ``encoding.contentType`` of a property is the content type of its parts,
    ``encoding.headers`` are sent with them where their schemas say what with. Raises ``FormError``.
    """
    return tuple(part for name, member in value.items() for part in _named(name, member, media))


def _named(name: str, member: Value, media: MediaType | None) -> Iterator[Part]:
    told = media.encoding.get(name) if media else None
    listed = _listed(told)
    schema = _property(media, name)
    whole = not isinstance(member, list) or ("json" in listed[0] if listed else False)
    for element in [member] if whole or not isinstance(member, list) else member:
        if element is None:
            continue
        binary = media is not None and name in media.files
        said = _said(listed, element)
        file_name = _file_name(name, element, binary)
        content, content_type = _content(name, element, said, schema, media)
        if binary and isinstance(element, (str, int, float)):
            content_type = said or _BINARY
        disposition = f'form-data; name="{_quoted(name)}"'
        if file_name is not None:
            disposition += f'; filename="{_quoted(file_name)}"'
        headers = [("Content-Disposition", disposition)]
        if content_type is not None:
            headers.append(("Content-Type", content_type))
        yield Part(_with(headers, _headers(told, f"the form field {name!r}")), content)


def ordered_parts(value: Sequence[Value], media: MediaType | None) -> tuple[Part, ...]:
    """A part for each element: ``prefixEncoding`` says how the first ones travel, ``itemEncoding`` how the rest do.

    Without either, objects are JSON, text is plain text, files are what they are. Raises ``FormError``.
    """
    parts: list[Part] = []
    for index, element in enumerate(value):
        told = media.item_encoding if media else None
        if media is not None and index < len(media.prefix_encoding):
            told = media.prefix_encoding[index]
        name = f"part {index + 1}"
        content, content_type = _content(
            name, element, _said(_listed(told), element), _element(media, index), media
        )
        if content_type is None:
            content_type = "text/plain" if content.isascii() else "text/plain; charset=utf-8"
        parts.append(Part(_with([("Content-Type", content_type)], _headers(told, name)), content))
    if not parts:
        raise FormError("a multipart body needs at least one part")
    return tuple(parts)


def write_parts(parts: Sequence[Part], boundary: str) -> bytes:
    """The parts as a body, between ``boundary`` (RFC 2046 §5.1.1). Raises ``FormError``."""
    if not boundary.isascii() or _CONTROL.search(boundary):
        raise FormError(f"{boundary!r} is no boundary that a multipart body can have")
    lines: list[bytes] = []
    mark = b"--" + boundary.encode("ascii")
    for part in parts:
        for name, text in part.headers:
            if _CONTROL.search(text) or not _HEADER_NAME.match(name):
                raise FormError(f"the header {name!r} of a part holds what no header can carry")
        if mark in part.content:
            raise FormError(f"the boundary {boundary!r} stands in the content of a part, and would end it")
        head = "".join(f"{name}: {text}\r\n" for name, text in part.headers)
        lines += [mark, b"\r\n", head.encode("utf-8", "replace"), b"\r\n", part.content, b"\r\n"]
    return b"".join([*lines, mark, b"--\r\n"])


def _content(
    name: str, value: Value, said: str | None, schema: Node | None, media: MediaType | None
) -> tuple[bytes, str | None]:
    """The content of one part, and its content type where it has to say one."""
    if isinstance(value, File):
        return value.content, said or _own_type(value)
    if isinstance(value, bytes):
        return value, said or _BINARY
    media_type = split_content_type(said)[0] if said else ""
    if is_json_type(media_type):
        text = value if isinstance(value, str) and is_json(value) else to_json(value)
        return _bytes(text), said
    if not isinstance(value, (list, dict)):
        return _bytes(to_text(value)), said
    if is_xml_type(media_type):
        # Imported when needed: the characters of a name are a large table.
        from arazzo.descriptions.openapi.xml_bodies import XmlError, encode_xml

        try:
            xml = encode_xml(value, schema, media.resolver if media else None, inferred=_xml_name(name))
        except XmlError as error:
            raise FormError(f"{name}: {error}") from None
        return _bytes(xml), said
    if media_type == _FORM and isinstance(value, dict):
        return encode_form(value, {})[0], said
    if said is not None:
        article = "an" if type_name(value)[0] in "aeiou" else "a"
        raise FormError(f"{name}: {article} {type_name(value)} cannot be sent as {said}")
    return _bytes(to_json(value)), "application/json"


def _xml_name(name: str) -> str | None:
    return None if " " in name else name


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _listed(told: Encoding | None) -> tuple[str, ...]:
    """The content types that an encoding names, without ranges."""
    listed = told.content_type.split(",") if told and told.content_type else ()
    return tuple(name.strip() for name in listed if name.strip() and "*" not in name)


def _said(listed: tuple[str, ...], value: Value) -> str | None:
    """The content type that the encoding gives ``value``: a file's own where it is listed, else the first."""
    if isinstance(value, File) and _own_type(value) in listed:
        return _own_type(value)
    return listed[0] if listed else None


def _own_type(file: File) -> str:
    return file.media_type or _guess(file.name)


def _headers(told: Encoding | None, where: str) -> list[tuple[str, str]]:
    """The headers of a part: those whose schemas have a default or an only value. Raises ``FormError``."""
    found: list[tuple[str, str]] = []
    for name, spec in told.headers.items() if told else ():
        if spec.default is UNDEFINED:
            if spec.required:
                raise FormError(
                    f"{where} needs the header {name!r}, and no default in the description says what with"
                )
            continue
        try:
            found.extend(serialize(spec, spec.default))
        except ParameterError as error:
            raise FormError(f"{where}: {error}") from None
    return found


def _with(headers: list[tuple[str, str]], more: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """``headers`` and ``more``, which stand before those of the same name."""
    named = {name.lower() for name, _ in more}
    return (*((name, text) for name, text in headers if name.lower() not in named), *more)


def _file_name(name: str, value: Value, binary: bool) -> str | None:
    if isinstance(value, File):
        return value.name
    return name if isinstance(value, bytes) or (binary and not isinstance(value, (list, dict))) else None


def _property(media: MediaType | None, name: str) -> Node | None:
    if media is None or media.schema is None or media.resolver is None:
        return None
    for part in flat(media.schema, media.resolver):
        properties = part.get("properties")
        found = properties.get(name) if properties else None
        if found is not None:
            items = found.get("items")
            return found if items is None else items
    return None


def _element(media: MediaType | None, index: int) -> Node | None:
    """The schema of the part at ``index``: of ``prefixItems``, ``items``, or the media type's ``itemSchema`` (3.2)."""
    if media is None or media.resolver is None:
        return None
    for part in flat(media.schema, media.resolver):
        prefix = part.get("prefixItems")
        first = tuple(prefix.elements()) if prefix else ()
        found = first[index] if index < len(first) else part.get("items")
        if found is not None:
            return found
    return media.at.get("itemSchema") if media.at is not None else None


def _guess(file_name: str) -> str:
    return _BY_EXTENSION.get(file_name.rpartition(".")[2].lower(), _BINARY)


def _quoted(text: str) -> str:
    """A name inside quotes, escaped as browsers do (WHATWG, *multipart/form-data encoding algorithm*)."""
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
