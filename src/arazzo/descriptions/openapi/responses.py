"""What a response's body says, once decoded (semantics §7)."""

from __future__ import annotations

import math
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final, NoReturn

from arazzo.messages import Headers, header
from arazzo.patterns import pattern
from arazzo.values import UNDEFINED, Maybe, Value

if TYPE_CHECKING:
    import json

_TEXT_TYPES: Final = frozenset(
    f"application/{name}"
    for name in (
        "xml", "javascript", "ecmascript", "x-javascript", "graphql", "sql", "yaml", "x-yaml", "toml",
        "x-www-form-urlencoded", "x-ndjson", "ndjson", "jsonl", "jsonlines", "json-seq", "xhtml+xml", "x-sh", "jwt",
    )
)  # fmt: skip
_EXCERPT: Final = 60


class MalformedBody(ValueError):  # noqa: N818 - it says what the body is
    """A body says that it is JSON and is not. The text is a clause for people."""


def decode_body(headers: Headers, body: bytes) -> Maybe:
    """The body as a value: JSON as what it says, text as text, anything else as bytes; empty is UNDEFINED.

    JSON is told by the content type, or by its look where there is no content type. Raises ``MalformedBody``.
    """
    if not body:
        return UNDEFINED
    content_type = header(headers, "content-type")
    if content_type is None or not content_type.strip():
        return _by_look(body)
    media_type, charset = split_content_type(content_type)
    if is_json_type(media_type):
        return _json(body, charset)
    if (
        media_type.startswith("text/")
        or media_type.endswith(("+xml", "+yaml"))
        or media_type in _TEXT_TYPES
        or charset
    ):
        return _text(body, charset)
    return body


@lru_cache(maxsize=256)
def split_content_type(content_type: str) -> tuple[str, str | None]:
    """The media type in lower case, and its ``charset`` parameter."""
    media_type, _, parameters = content_type.partition(";")
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return media_type.strip().lower(), value.strip().strip("\"'") or None
    return media_type.strip().lower(), None


def is_json_type(media_type: str) -> bool:
    """Whether a media type, in lower case and without parameters, is JSON."""
    return media_type in ("application/json", "text/json", "application/x-json") or media_type.endswith(
        "+json"
    )


def is_xml_type(media_type: str) -> bool:
    """Whether a media type, in lower case and without parameters, is XML."""
    return media_type in ("application/xml", "text/xml") or media_type.endswith("+xml")


def _by_look(body: bytes) -> Maybe:
    if body.lstrip()[:1] in (b"{", b"["):
        try:
            return _json(body, None)
        except MalformedBody:
            pass
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body


def _json(body: bytes, charset: str | None) -> Maybe:
    import json

    text = _decoded(body, charset)
    if text is None:
        text = body.decode(json.detect_encoding(body), "replace").removeprefix("\ufeff")
    if not text.strip():
        return UNDEFINED
    try:
        value: Value = _decoder(careful=_HUGE_NUMBER.search(text) is not None).decode(text)
    except json.JSONDecodeError as error:
        where = (
            f"line {error.lineno}, column {error.colno}" if error.lineno > 1 else f"character {error.pos + 1}"
        )
        raise MalformedBody(
            f"the body says it is JSON and is not ({error.msg[:1].lower()}{error.msg[1:]} at {where}): {_shown(text)}"
        ) from None
    except RecursionError:
        raise MalformedBody("the body is JSON nested too deeply") from None
    except ValueError as error:
        raise MalformedBody(f"the body says it is JSON and is not ({error}): {_shown(text)}") from None
    if text.count("[") + text.count("{") > _DEEPEST and _is_too_deep(value):
        raise MalformedBody(f"the body is JSON nested too deeply, more than {_DEEPEST} levels")
    return value


def _is_too_deep(value: Value) -> bool:
    level: list[Value] = [value]
    for _ in range(_DEEPEST + 1):
        level = [
            member
            for container in level
            if isinstance(container, (dict, list))
            for member in (container.values() if isinstance(container, dict) else container)
        ]
    return bool(level)


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text[:20]} is a number too large to be held")
    return number


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


@cache
def _decoder(*, careful: bool) -> json.JSONDecoder:
    """Made once: ``json.loads`` would make a decoder for every body."""
    import json

    return json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite if careful else None)


_HUGE_NUMBER: Final = pattern(r"[eE]\+?\d{3}|\d{300}")
_DEEPEST: Final = 200
"""Levels of a response's body: everything that looks at one does so recursively."""


def _shown(text: str) -> str:
    start = " ".join(text[: 4 * _EXCERPT].split())
    return start[:_EXCERPT] + "…" if len(start) > _EXCERPT or len(text) > 4 * _EXCERPT else start


def _text(body: bytes, charset: str | None) -> str:
    text = _decoded(body, charset)
    if text is not None:
        return text
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Without a charset, text that is not UTF-8 is most often a Western European code page.
        return body.decode("cp1252", "replace")


def _decoded(body: bytes, charset: str | None) -> str | None:
    """The body in ``charset``; None where there is none that we know."""
    if charset is None:
        return None
    try:
        return body.decode(charset, "replace").removeprefix("\ufeff")
    except (LookupError, ValueError):
        return None
