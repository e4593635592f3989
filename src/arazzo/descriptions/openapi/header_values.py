"""The value of a response's header as its schema sees it (OpenAPI, Header Object): style ``simple``, read backwards."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from arazzo.descriptions.openapi.nodes import flag, text
from arazzo.descriptions.openapi.references import BrokenReference, Resolver
from arazzo.descriptions.openapi.responses import is_json_type
from arazzo.descriptions.openapi.schemas import flat, types_of
from arazzo.patterns import pattern
from arazzo.source import Node
from arazzo.values import UNDEFINED, Maybe, Value

UNCHECKED: Final = frozenset(("content-type", "set-cookie"))
"""``Content-Type`` is the media type's business (Response Object, ``headers``); cookies do not join to one value."""
_INTEGER: Final = pattern(r"[-+]?[0-9]+")
_NUMBER: Final = pattern(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_LONGEST_NUMBER: Final = 400
_SEPARATORS: Final = {"ssv": " ", "tsv": "\t", "pipes": "|"}
"""Of OpenAPI 2.0, where they are not commas."""


class HeaderForm(Struct, frozen=True):
    """How a header is written: its schema, and its media type where it has ``content``."""

    schema: Node
    media_type: str | None = None
    explode: bool = False
    separator: str = ","


def header_form(node: Node) -> HeaderForm | None:
    """How the Header Object ``node``, its references followed, is written; None where it has no schema.

    In 2.0 it is a schema itself.
    """
    root = node.tree.root
    if isinstance(root, dict) and "swagger" in root:
        return HeaderForm(node, separator=_SEPARATORS.get(text(node, "collectionFormat") or "", ","))
    schema = node.get("schema")
    if schema is not None:
        return HeaderForm(schema, explode=flag(node, "explode"))
    content = node.get("content")
    for media_type, media in content.items() if content is not None else ():
        schema = media.get("schema")
        return (
            HeaderForm(schema, media_type.partition(";")[0].strip().lower()) if schema is not None else None
        )
    return None


def readings(form: HeaderForm, written: str, resolver: Resolver) -> Iterator[Value]:
    """The values that ``written`` may stand for, the one that its schema speaks of first; at least one."""
    if form.media_type is not None:
        value = _parsed(written) if is_json_type(form.media_type) else UNDEFINED
        yield written if value is UNDEFINED else value
        return
    types = types_of(form.schema, resolver)
    found = False
    for value in _of_types(form, written, types, resolver):
        found = True
        yield value
    if not found or not types or "string" in types:
        yield written


def _of_types(form: HeaderForm, written: str, types: frozenset[str], resolver: Resolver) -> Iterator[Value]:
    if "array" in types:
        items = _first(form.schema, "items", resolver)
        parts = [part.strip() for part in written.split(form.separator)] if written.strip() else []
        yield [_scalar(part, types_of(items, resolver)) for part in parts]
    if "object" in types and (members := _members(form, written)) is not None:
        properties = {
            name: member
            for part in flat(form.schema, resolver)
            if (declared := part.get("properties")) is not None
            for name, member in declared.items()
        }
        yield {
            name: _scalar(part, types_of(properties.get(name), resolver)) for name, part in members.items()
        }
    value = _scalar(written, types - {"string"})
    if not isinstance(value, str):
        yield value


def _scalar(written: str, types: frozenset[str]) -> Value:
    """``written`` as one of ``types``; as text where it is none."""
    if "string" in types or len(written) > _LONGEST_NUMBER:
        return written
    if "integer" in types | ({"integer"} if "number" in types else set()) and _INTEGER.fullmatch(written):
        return int(written)
    if types & {"integer", "number"} and _NUMBER.fullmatch(written):
        number = float(written)
        return number if abs(number) != float("inf") else written
    if "boolean" in types and written in ("true", "false"):
        return written == "true"
    return None if "null" in types and written in ("", "null") else written


def _members(form: HeaderForm, written: str) -> dict[str, str] | None:
    """The members of an object: ``R=100,G=200`` exploded, ``R,100,G,200`` otherwise; None where it is neither."""
    parts = [part.strip() for part in written.split(",")] if written.strip() else []
    if form.explode:
        pairs = [part.partition("=") for part in parts]
        return {name: value for name, _, value in pairs} if all(mark for _, mark, _ in pairs) else None
    return dict(zip(parts[::2], parts[1::2], strict=True)) if len(parts) % 2 == 0 else None


def _first(schema: Node, word: str, resolver: Resolver) -> Node | None:
    return next((found for part in flat(schema, resolver) if (found := part.get(word)) is not None), None)


def _parsed(written: str) -> Maybe:
    try:
        value: Value = json.loads(written)
    except (ValueError, RecursionError):
        return UNDEFINED
    return value


def followed(node: Node, resolver: Resolver | None) -> Node | None:
    """The Header Object that ``node`` is or refers to; None where it cannot be had."""
    if resolver is None:
        return node
    try:
        return resolver.follow(node)
    except BrokenReference:
        return None
