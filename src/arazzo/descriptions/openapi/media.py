"""Media Type and Encoding Objects (OpenAPI 3): what a body may be made of, and how its parts travel."""

from __future__ import annotations

from typing import Final

from arazzo.descriptions.openapi.model import Encoding, MediaType, ParameterSpec
from arazzo.descriptions.openapi.nodes import dispensable, flag, text
from arazzo.descriptions.openapi.references import BrokenReference, Resolver
from arazzo.descriptions.openapi.schemas import broken_references, default_of, file_properties, types_of
from arazzo.diagnostics import Diagnostic
from arazzo.source import Node

_MOST_PREFIXES: Final = 1_000


def read_content(
    holder: Node, resolver: Resolver, problems: list[Diagnostic], *, sent: bool = False
) -> dict[str, MediaType]:
    """The media types of ``holder``, by name. Of a body that is ``sent`` the schemas must be to be had."""
    content = holder.get("content")
    found: dict[str, MediaType] = {}
    for name, media in content.items() if content else ():
        try:
            found[name] = _media_type(name, resolver.follow(media), resolver)
        except BrokenReference as broken:
            problems.append(dispensable(broken.diagnostic))
            found[name] = MediaType(at=media)
        if sent:
            media_type = found[name]
            # An element's name can come from any schema inside; of other bodies only the outermost one counts.
            told = (*media_type.encoding.values(), *media_type.prefix_encoding, media_type.item_encoding)
            deep = "xml" in name or any("xml" in (part.content_type or "") for part in told if part)
            problems += map(dispensable, broken_references(media_type.schema, resolver, deep=deep))
    return found


def _media_type(name: str, node: Node, resolver: Resolver) -> MediaType:
    schema, encoding = node.get("schema"), node.get("encoding")
    prefix, item = node.get("prefixEncoding"), node.get("itemEncoding")
    multipart = name.lower().startswith("multipart/")
    return MediaType(
        schema,
        {key: read_encoding(member, resolver) for key, member in encoding.items()} if encoding else {},
        file_properties(schema, resolver) if multipart else frozenset(),
        node,
        tuple(read_encoding(member, resolver) for member in tuple(prefix.elements())[:_MOST_PREFIXES])
        if prefix
        else (),
        read_encoding(item, resolver) if item else None,
        resolver,
    )


def read_encoding(node: Node, resolver: Resolver) -> Encoding:
    """Encoding Object."""
    explode, reserved, headers = node.get("explode"), node.get("allowReserved"), node.get("headers")
    return Encoding(
        text(node, "contentType"),
        text(node, "style"),
        explode.value if explode and isinstance(explode.value, bool) else None,
        reserved.value if reserved and isinstance(reserved.value, bool) else None,
        {
            name: _header(name, member, resolver)
            for name, member in (headers.items() if headers else ())
            if name.lower() != "content-type"
        },
    )


def _header(name: str, node: Node, resolver: Resolver) -> ParameterSpec:
    """Header Object: a header parameter whose name stands outside it."""
    try:
        node = resolver.follow(node)
    except BrokenReference:
        return ParameterSpec(name, "header", style="simple", explode=False, at=node)
    schema = node.get("schema")
    return ParameterSpec(
        name,
        "header",
        flag(node, "required"),
        "simple",
        flag(node, "explode"),
        schema=schema,
        types=types_of(schema, resolver),
        default=default_of(schema, resolver),
        at=node,
    )


def content_of_parameter(
    node: Node, resolver: Resolver, problems: list[Diagnostic]
) -> tuple[str | None, Node | None]:
    """The media type of a parameter, where it has ``content``, and its schema."""
    content = node.get("content")
    media_type, media = next(iter(content.items()), (None, None)) if content else (None, None)
    if media is None:
        return None, node.get("schema")
    try:
        return media_type, resolver.follow(media).get("schema")
    except BrokenReference as broken:
        problems.append(dispensable(broken.diagnostic))
        return media_type, None
