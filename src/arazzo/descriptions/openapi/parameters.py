"""Parameters as they travel: styles, content, percent-encoding (OpenAPI, Parameter Object, *Style Values*).

Percent-encoding is our own, to the byte: everything but RFC 3986's unreserved characters is encoded, a space is
``%20``, and the delimiters a style adds are written as the specification's table writes them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias
from urllib.parse import quote

from arazzo.descriptions.openapi.model import ParameterSpec, default_spec
from arazzo.patterns import pattern
from arazzo.values import Value, to_json, to_text, type_name

Pair: TypeAlias = tuple[str, str]
Encode: TypeAlias = Callable[[str], str]

_UNRESERVED: Final = "-._~"
_RESERVED: Final = _UNRESERVED + ":/?[]@!$&'()*+,;="
"""What ``allowReserved`` lets through; ``#`` is not, because it would end the URL."""
_TRIPLET: Final = pattern(r"%[0-9A-Fa-f]{2}")
_COOKIE_ILLEGAL: Final = pattern(r"[^\x21\x23-\x2B\x2D-\x3A\x3C-\x5B\x5D-\x7E]")
_DELIMITERS: Final = {"spaceDelimited": "%20", "pipeDelimited": "%7C", "tabDelimited": "%09"}
_INTEGER: Final = pattern(r"-?(?:0|[1-9][0-9]*)\Z")
_NUMBER: Final = pattern(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?\Z")
_DEEPEST: Final = 32


class ParameterError(ValueError):
    """A value cannot travel in its parameter. The text is a sentence for people."""


def serialize(spec: ParameterSpec, value: Value) -> tuple[Pair, ...]:
    """``value`` as it travels, as (name, text) pairs.

    Path: one pair, its text what stands in place of ``{name}``. Query: pairs to join with ``=`` and ``&``, both
    sides encoded; a pair without a name is written as its text. Header: one pair, nothing encoded. Cookie: pairs
    to join with ``=`` and ``; ``. An empty list, an empty object and null give no pair, in a path an empty text.
    Raises ``ParameterError`` for a value that the parameter's style cannot carry.
    """
    try:
        return _serialize(spec, value)
    except UnicodeEncodeError:
        raise ParameterError(
            f"the {spec.in_} parameter {spec.name!r} holds text that is not Unicode"
        ) from None
    except RecursionError:
        raise ParameterError(f"the {spec.in_} parameter {spec.name!r} is nested too deeply") from None


def _serialize(spec: ParameterSpec, value: Value) -> tuple[Pair, ...]:
    if spec.in_ == "querystring":
        return (("", _querystring(spec, value)),)
    encode = _encoder(spec)
    if spec.content_type is not None:
        text = encode(_content(spec, value))
        return ((_name(spec), _header(spec, text) if spec.in_ == "header" else text),)
    if isinstance(value, (list, dict)):
        value = _without_nulls(value)
    if value in (None, [], {}):
        return ((spec.name, ""),) if spec.in_ == "path" else ()
    match spec.in_:
        case "path":
            return ((spec.name, _expand(spec, value, encode)),)
        case "header":
            return ((spec.name, _header(spec, _simple(spec, value, encode))),)
        case "cookie":
            return _form(spec, value, encode)
        case _:
            return _query(spec, value, encode)


def _name(spec: ParameterSpec) -> str:
    return quote(spec.name, safe=_UNRESERVED) if spec.in_ == "query" else spec.name


def _encoder(spec: ParameterSpec) -> Encode:
    if spec.in_ == "header":
        return _as_is
    if spec.in_ == "cookie":
        return _encode_cookie
    return _encode_reserved if spec.allow_reserved else _encode


def _as_is(text: str) -> str:
    return text


def _encode(text: str) -> str:
    return quote(text, safe=_UNRESERVED)


def _encode_reserved(text: str) -> str:
    """RFC 6570 §3.2.3: reserved characters and percent-encoded triplets pass."""
    parts, start = [], 0
    for match in _TRIPLET.finditer(text):
        parts += [quote(text[start : match.start()], safe=_RESERVED), match[0]]
        start = match.end()
    return "".join(parts) + quote(text[start:], safe=_RESERVED)


def _encode_cookie(text: str) -> str:
    """Only what no cookie may hold (RFC 6265 §4.1.1) is encoded: servers compare session cookies as they are."""
    return _COOKIE_ILLEGAL.sub(lambda match: quote(match[0], safe=""), text)


def _querystring(spec: ParameterSpec, value: Value) -> str:
    """A whole query string: a text is one already, an object is a form, or the text of the parameter's ``content``."""
    media_type = (spec.content_type or "").partition(";")[0].strip().lower()
    if not isinstance(value, str) and (media_type == "application/json" or media_type.endswith("+json")):
        return _encode(to_json(value))
    if isinstance(value, dict):
        pairs = (
            pair for name, member in value.items() for pair in serialize(default_spec(name, "query"), member)
        )
        return "&".join(f"{name}={text}" for name, text in pairs)
    # What no URL can hold is encoded, a `#` too: it would end the query.
    return _encode_reserved(to_text(value).removeprefix("?"))


def _content(spec: ParameterSpec, value: Value) -> str:
    """``value`` in the media type of the parameter's ``content``."""
    media_type = (spec.content_type or "").partition(";")[0].strip().lower()
    if media_type == "application/json" or media_type.endswith("+json"):
        return value if isinstance(value, str) and is_json(value) else to_json(value)
    if isinstance(value, (list, dict)):
        raise _cannot(spec, value, f"its content is {spec.content_type}")
    return to_text(value)


def is_json(text: str) -> bool:
    """Whether ``text`` is JSON already."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _expand(spec: ParameterSpec, value: Value, encode: Encode) -> str:
    """A path parameter: styles ``simple``, ``label`` and ``matrix`` of the table."""
    if spec.style == "label":
        separator = "." if spec.explode else ","
        return "." + separator.join(_flat(spec, value, encode))
    if spec.style == "matrix":
        name = quote(spec.name, safe=_UNRESERVED)
        if spec.explode and isinstance(value, dict):
            return "".join(f";{member}" for member in _flat(spec, value, encode))
        members = _flat(spec, value, encode)
        if not spec.explode:
            members = [",".join(members)]
        return "".join(f";{name}={member}" if member else f";{name}" for member in members)
    return _simple(spec, value, encode)


def _simple(spec: ParameterSpec, value: Value, encode: Encode) -> str:
    return ",".join(_flat(spec, value, encode))


def _flat(spec: ParameterSpec, value: Value, encode: Encode) -> list[str]:
    """The texts that a style puts its separator between; an exploded object's members as ``name=value``."""
    if isinstance(value, list):
        return [encode(_scalar(spec, element)) for element in value]
    if isinstance(value, dict):
        members = [(encode(name), encode(_scalar(spec, member))) for name, member in value.items()]
        if spec.explode:
            return [f"{name}={member}" for name, member in members]
        return [text for member in members for text in member]
    return [encode(to_text(value))]


def _header(spec: ParameterSpec, text: str) -> str:
    if any(character in text for character in "\r\n\0"):
        raise ParameterError(f"the header parameter {spec.name!r} cannot carry a line break")
    return text


def header_text(name: str, value: Value, *, explode: bool = False) -> str:
    """``value`` as a response's header has it, in style ``simple``; what that cannot carry as JSON."""
    if not isinstance(value, (list, dict)):
        return to_text(value)
    try:
        pairs = serialize(ParameterSpec(name, "header", style="simple", explode=explode), value)
    except ParameterError:
        return to_json(value)
    return pairs[0][1] if pairs else ""


def _form(spec: ParameterSpec, value: Value, encode: Encode) -> tuple[Pair, ...]:
    """Style ``form``; for cookies, each exploded member is a cookie of its own, as no ``&`` separates cookies."""
    name = _name(spec)
    if spec.explode and isinstance(value, dict):
        return tuple((encode(key), encode(_scalar(spec, member))) for key, member in value.items())
    members = _flat(spec, value, encode)
    if spec.explode:
        return tuple((name, member) for member in members)
    return ((name, ",".join(members)),)


def _query(spec: ParameterSpec, value: Value, encode: Encode) -> tuple[Pair, ...]:
    if spec.style == "deepObject":
        if not isinstance(value, dict):
            raise _cannot(spec, value, "its style is deepObject, which carries objects")
        return tuple(_deep(spec, quote(spec.name, safe=_UNRESERVED), value, encode, 0))
    delimiter = _DELIMITERS.get(spec.style)
    if delimiter is not None and isinstance(value, (list, dict)) and not spec.explode:
        return ((_name(spec), delimiter.join(_flat(spec, value, encode))),)
    # Exploded, the two delimited styles are undefined; what OpenAPI 2 called `multi` is what is meant.
    return _form(spec, value, encode)


def _deep(
    spec: ParameterSpec, name: str, value: Mapping[str, Value], encode: Encode, depth: int
) -> list[Pair]:
    """``deepObject``. Objects and lists inside, undefined by the table, are written ``a[b][c]`` and repeated."""
    pairs: list[Pair] = []
    for key, member in value.items():
        inner = f"{name}%5B{quote(key, safe=_UNRESERVED)}%5D"
        if isinstance(member, dict) and depth < _DEEPEST:
            pairs += _deep(spec, inner, member, encode, depth + 1)
        else:
            elements = member if isinstance(member, list) else [member]
            pairs += [(inner, encode(_scalar(spec, element))) for element in elements]
    return pairs


def _scalar(spec: ParameterSpec, value: Value) -> str:
    if isinstance(value, (list, dict)):
        raise _cannot(spec, value, f"it stands inside another value, and its style is {spec.style}")
    return to_text(value)


def _cannot(spec: ParameterSpec, value: Value, why: str) -> ParameterError:
    article = "an" if isinstance(value, (list, dict)) else "a"
    return ParameterError(
        f"the {spec.in_} parameter {spec.name!r} cannot carry {article} {type_name(value)}: {why}"
    )


def _without_nulls(value: Value) -> Value:
    """RFC 6570 §2.3: members without a value are left out."""
    if isinstance(value, list):
        return [element for element in value if element is not None]
    if isinstance(value, dict):
        return {name: member for name, member in value.items() if member is not None}
    return value


def convert(spec: ParameterSpec, value: Value) -> Value:
    """``value`` as the type the operation wants, where it is text and the schema takes no text (semantics §6).

    Only what comes back as the same text is converted, so that the request never says anything else. Returns
    ``value`` itself, the same object, when there was nothing to convert; the caller reports the kindness.
    """
    if not isinstance(value, str) or not spec.types or "string" in spec.types:
        return value
    text = value.strip()
    converted: Value = value
    if "boolean" in spec.types and text in ("true", "false"):
        converted = text == "true"
    elif "integer" in spec.types and _INTEGER.match(text) and len(text) < 4000:
        converted = int(text)
    elif "number" in spec.types and _NUMBER.match(text):
        number = float(text)
        converted = number if to_text(number) == text else value
    elif "array" in spec.types:
        converted = _list_of(spec, value, text)
    if converted is value and "object" in spec.types and text.startswith("{"):
        converted = _parsed(text, dict, value)
    return converted


def _list_of(spec: ParameterSpec, value: str, text: str) -> Value:
    """A list: from JSON, or from the text its style would write."""
    if text.startswith("["):
        return _parsed(text, list, value)
    plain = {"spaceDelimited": " ", "pipeDelimited": "|", "tabDelimited": "\t"}.get(spec.style, ",")
    if not spec.explode and plain in text:
        elements: list[Value] = [part.strip() for part in text.split(plain)]
        return elements
    return value


def _parsed(text: str, kind: type[list[Value]] | type[dict[str, Value]], otherwise: Value) -> Value:
    try:
        parsed: Value = json.loads(text)
    except (ValueError, RecursionError):
        return otherwise
    return parsed if isinstance(parsed, kind) else otherwise
