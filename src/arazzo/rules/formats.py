"""A rule about conditions in a language for another format: XPath on JSON, JSONPath on text."""

from __future__ import annotations

from collections.abc import Iterator

from arazzo.criterion.nodes import Query
from arazzo.criterion.table import CompiledCriterion
from arazzo.descriptions.openapi.responses import is_json_type, is_xml_type
from arazzo.diagnostics import Diagnostic
from arazzo.expression.nodes import BodySource, MessagePart
from arazzo.plan.model import OperationCall
from arazzo.rules import codes
from arazzo.rules.answers import Place, unanimous
from arazzo.rules.feeds import named
from arazzo.rules.infer import Here, Inference, path_of
from arazzo.rules.presence import media_types
from arazzo.rules.rule import Subject, criteria
from arazzo.rules.schemas import types_of

_TEXTS = ("text/plain", "text/html", "text/csv")


def conditions_on_another_format(subject: Subject) -> Iterator[Diagnostic]:
    """A condition of type xpath on what can only be JSON, or of type jsonpath on XML or text (Criterion Object).

    The run cannot evaluate it, so that it is not met.
    """
    found: dict[Place, Diagnostic | None] = {}
    for workflow in subject.workflows():
        for judged in criteria(workflow):
            criterion, here = judged.criterion, judged.here
            if criterion.span is not None and criterion.type in ("xpath", "jsonpath"):
                unanimous(found, (criterion.span, 0), _told(subject.shapes, criterion, here))
    yield from (diagnostic for diagnostic in found.values() if diagnostic is not None)


def _told(shapes: Inference, criterion: CompiledCriterion, here: Here) -> Diagnostic | None:
    context = criterion.context_expression
    call = here.step.call if here.step is not None else None
    if (
        not isinstance(call, OperationCall)
        or not isinstance(context, MessagePart)
        or context.message != "response"
        or not isinstance(context.source, BodySource)
    ):
        return None
    types = media_types(shapes, here)
    if not types:
        return None
    body = f"the response body of {named(call.operation)} is {' or '.join(types)}"
    if criterion.type == "xpath" and all(map(is_json_type, types)):
        given = types_of(shapes.of(context, here))
        if given is None or "string" in given:
            return None  # A text inside JSON may be XML.
        message = f"this never holds: XPath applies to XML text, and {body}"
        return codes.NEVER_MET.at(criterion.span, message, "write it as a query with `type: jsonpath`")
    as_text = all(is_xml_type(name) or name in _TEXTS for name in types)
    condition = criterion.reading.condition
    if criterion.type != "jsonpath" or not as_text or path_of(context):
        return None
    if not isinstance(condition, Query) or condition.query.text.strip() == "$":
        return None
    message = f"this never holds: JSONPath applies to JSON, and {body}"
    language = "xpath" if any(map(is_xml_type, types)) else "regex"
    return codes.NEVER_MET.at(criterion.span, message, f"`type: {language}` applies to it")
