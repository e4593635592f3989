"""A request body's value: the payload rendered, and the replacements set in it (Request Body Object)."""

from __future__ import annotations

import json

from arazzo import codes
from arazzo.descriptions.openapi.responses import is_json_type, split_content_type
from arazzo.diagnostics import Diagnostic
from arazzo.engine.state import CannotSend
from arazzo.expression.scope import Scope
from arazzo.expression.template import Text, escape_json, render
from arazzo.plan.model import BodyPlan
from arazzo.query.errors import QueryError
from arazzo.query.replacement import replace
from arazzo.values import UNDEFINED, Maybe, Value


def render_body(
    body: BodyPlan, content_type: str | None, scope: Scope, warnings: list[Diagnostic], *, strict: bool
) -> Maybe:
    """The body that ``body`` stands for, UNDEFINED when it has none. Raises ``CannotSend``.

    ◇ In a JSON text, what is substituted inside a string literal is escaped for it, so that the text stays JSON.
    """
    value: Maybe = UNDEFINED
    if body.payload is not None:
        json_text = isinstance(body.payload, Text) and _is_json(content_type)
        value = render(body.payload, scope, escape=escape_json if json_text and not strict else None)
        if json_text and not strict and value != render(body.payload, scope):
            place = body.at.get("payload") or body.at
            message = "a value was escaped where it stands in the JSON text of the payload"
            warnings.append(codes.PAYLOAD_ESCAPED.at(place.span(), message, "write the payload as a mapping"))
    for replacement in body.replacements:
        new = render(replacement.value, scope)
        if new is UNDEFINED:
            raise CannotSend(f"the replacement for {replacement.target!r} in the payload has no value")
        try:
            value = replace(
                _structured(value, content_type),
                replacement.kind,
                replacement.target,
                new,
                xml=is_xml(content_type),
            )
        except QueryError as error:
            raise CannotSend(f"the payload has no place {replacement.target!r} to set: {error}") from None
    return value


def _structured(value: Maybe, content_type: str | None) -> Value:
    """The payload as something to set values in: JSON text as what it says, nothing at all as an empty object."""
    if value is UNDEFINED:
        return {}
    if isinstance(value, str) and _is_json(content_type):
        try:
            parsed: Value = json.loads(value)
        except (ValueError, RecursionError):
            return value
        return parsed
    return value


def is_xml(content_type: str | None) -> bool:
    """Whether a content type is XML, so that a replacement's target is XPath unless it says otherwise."""
    media_type = split_content_type(content_type or "")[0]
    return media_type in ("application/xml", "text/xml") or media_type.endswith("+xml")


def _is_json(content_type: str | None) -> bool:
    return content_type is None or is_json_type(split_content_type(content_type)[0])
