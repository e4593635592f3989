"""Form bodies: ``application/x-www-form-urlencoded`` (OpenAPI, Encoding Object)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import quote

from arazzo.descriptions.openapi.model import Encoding, ParameterSpec
from arazzo.descriptions.openapi.parameters import ParameterError, is_json, serialize
from arazzo.values import Value, to_json, to_text, type_name

_DEEPEST: Final = 32


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
        elif told is not None and told.content_type and member is not None:
            pairs += _by_type(name, member, told.content_type)
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


def _by_type(name: str, value: Value, content_type: str) -> Iterator[str]:
    """A property that travels as the text of its content type: JSON, or plain text, which a list repeats."""
    if "json" in content_type:
        text = value if isinstance(value, str) and is_json(value) else to_json(value)
        yield f"{_encode(name)}={_encode(text)}"
        return
    for element in value if isinstance(value, list) else [value]:
        if isinstance(element, (list, dict)):
            raise FormError(
                f"the form field {name!r}, of type {type_name(element)}, cannot be sent as {content_type}"
            )
        if element is not None:
            yield f"{_encode(name)}={_encode(to_text(element))}"


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
