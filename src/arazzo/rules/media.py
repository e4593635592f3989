"""A rule about the content type that a step sends its body as (Request Body Object)."""

from __future__ import annotations

from collections.abc import Iterator

from arazzo.descriptions.openapi.bodies import media_type_of
from arazzo.diagnostics import Diagnostic
from arazzo.rules import codes
from arazzo.rules.feeds import is_on_purpose, named
from arazzo.rules.rule import Subject


def content_types_not_taken(subject: Subject) -> Iterator[Diagnostic]:
    """A content type that the operation does not list, or that is none."""
    for here, call in subject.calls():
        body, spec = call.body, call.operation.request_body
        if body is None or not body.content_type or "$" in body.content_type or is_on_purpose(here):
            continue
        offered = list(spec.content) if spec is not None else []
        node = body.at.get("contentType") or body.at
        if "/" not in body.content_type:
            message = f"{body.content_type!r} is no media type"
            hint = subject.shapes.guesses.suggest(
                body.content_type, offered, f"{named(call.operation)} takes"
            )
            yield codes.CONTENT_TYPE_UNDECLARED.at(node.span(), message, hint if offered else None)
        elif offered and media_type_of(body.content_type, spec) is None:
            message = f"{named(call.operation)} takes no body of type {body.content_type}"
            yield codes.CONTENT_TYPE_UNDECLARED.at(node.span(), message, f"it takes: {', '.join(offered)}")
