"""A rule about bodies that are text: no JSON Pointer reaches into XML."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from arazzo.descriptions.openapi.responses import is_xml_type, split_content_type
from arazzo.diagnostics import Diagnostic, Span
from arazzo.expression.nodes import BodySource, Expression, MessagePart
from arazzo.plan.model import OperationCall
from arazzo.rules import codes
from arazzo.rules.answers import Place, unanimous
from arazzo.rules.feeds import named
from arazzo.rules.infer import Here, Inference, path_of
from arazzo.rules.rule import Subject, readings

_TEXTS: Final = ("text/plain", "text/html", "text/csv")


def parts_of_a_text(subject: Subject) -> Iterator[Diagnostic]:
    """An expression goes into a response body that is documented as XML or text only (Runtime Expressions)."""
    for workflow in subject.workflows():
        found: dict[Place, Diagnostic | None] = {}
        for reading in readings(workflow):
            expression, span, here = reading.expression, reading.span, reading.here
            into_body = _is_response(expression)
            if into_body and span is not None and path_of(expression) and here.step is not None:
                unanimous(found, (span, 0), _told(subject.shapes, here, here.step.call, span))
        yield from (diagnostic for diagnostic in found.values() if diagnostic is not None)


def _is_response(expression: Expression) -> bool:
    return (
        isinstance(expression, MessagePart)
        and expression.message == "response"
        and isinstance(expression.source, BodySource)
    )


def _told(shapes: Inference, here: Here, call: object, span: Span) -> Diagnostic | None:
    types = _only_text(shapes, here)
    if not types or not isinstance(call, OperationCall):
        return None
    is_ = " or ".join(types)
    message = f"the response body of {named(call.operation)} is {is_}: text that no JSON Pointer goes into"
    hint = "a Selector Object or a condition with `type: xpath` reads XML"
    return codes.TEXT_BODY.at(span, message, hint if any(map(is_xml_type, types)) else None)


def _only_text(shapes: Inference, here: Here) -> tuple[str, ...]:
    """The media types of the responses at this place, if all of them are text; else none."""
    types = {split_content_type(name)[0] for response in shapes.responses(here) for name in response.content}
    return tuple(sorted(types)) if types and all(is_xml_type(t) or t in _TEXTS for t in types) else ()
