"""Rules about reading what is never there: the response before the request, the body of a request that has none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from arazzo.codes import ABSENT_MESSAGE, UNKNOWN_OUTPUT
from arazzo.diagnostics import Diagnostic, Span
from arazzo.expression.nodes import (
    BodySource,
    Expression,
    HeaderSource,
    MessagePart,
    Method,
    OutputReference,
    StatusCode,
    Url,
)
from arazzo.expression.template import expressions
from arazzo.plan.model import OperationCall, WorkflowPlan
from arazzo.rules.answers import Place, unanimous
from arazzo.rules.codes import UNDOCUMENTED_FIELD
from arazzo.rules.feeds import named
from arazzo.rules.infer import Here, Inference
from arazzo.rules.reads import asked_for_absence
from arazzo.rules.rule import Subject

_WITHOUT_BODY: Final = frozenset(("204", "205", "304"))
"""Statuses whose responses have no content (RFC 9110 §15.3.5, §15.3.6, §15.4.5)."""


def messages_that_are_not_there(subject: Subject) -> Iterator[Diagnostic]:
    """A part of a message that there is none of, where the expression stands (Runtime Expressions).

    What a step sends is made before it has a request or a response; a step without a body has none in its request,
    and neither has a response with the status 204.
    """
    for workflow in subject.workflows():
        absent = asked_for_absence(workflow)
        found: dict[Place, Diagnostic | None] = {}
        for reading in subject.readings(workflow):
            expression, span, here = reading.expression, reading.span, reading.here
            if span is None or here.step is None or id(expression) in absent:
                continue
            if isinstance(expression, OutputReference) and here.moment == "before":
                unanimous(found, (span, 0), _no_outputs_yet(expression.name, here, span))
            elif isinstance(expression, (MessagePart, StatusCode, Url, Method)):
                unanimous(found, (span, 0), _told(subject.shapes, expression, here, span))
        yield from (diagnostic for diagnostic in found.values() if diagnostic is not None)


def _told(shapes: Inference, expression: Expression, here: Here, span: Span) -> Diagnostic | None:
    if here.moment == "before":
        if isinstance(expression, MessagePart) and expression.message == "message":
            return None
        text = "what a step sends is made before it has a request or a response: this never has a value"
        hint = "name what an earlier step found as one of its outputs: `$steps.<stepId>.outputs.<name>`"
        return ABSENT_MESSAGE.at(span, text, hint)
    call = here.step.call if here.step is not None else None
    if not isinstance(expression, MessagePart) or not isinstance(call, OperationCall):
        return None
    match expression.message, expression.source:
        case "request", BodySource() if call.body is None or (
            call.body.payload is None and not call.body.replacements
        ):
            return ABSENT_MESSAGE.at(
                span, "the step sends no body: this never has a value", "was `$response.body` meant?"
            )
        case "response", BodySource():
            statuses = _statuses_without_body(shapes, here, call)
            if statuses:
                which = " or ".join(statuses)
                text = f"{named(call.operation)} answers with {which}, which has no body"
                return ABSENT_MESSAGE.at(span, text, "leave it out, or read it with another operation")
        case "response", HeaderSource(name):
            return _other_header(shapes, here, call, name, span)
        case _:
            pass
    return None


def _no_outputs_yet(name: str, here: Here, span: Span) -> Diagnostic:
    having = [step.step_id for step in here.workflow.steps if name in step.outputs and step is not here.step]
    meant = " or ".join(f"`$steps.{step_id}.outputs.{name}`" for step_id in having[:3])
    hint = f"write {meant}" if having else "name the step that has it: `$steps.<stepId>.outputs.<name>`"
    text = "what a step sends is made before it has outputs: this never has a value"
    return ABSENT_MESSAGE.at(span, text, hint)


def _statuses_without_body(shapes: Inference, here: Here, call: OperationCall) -> tuple[str, ...]:
    """The statuses that the response can have at this place, if none of them comes with a body."""
    left = shapes.responses(here)
    keys = [key for key, one in call.operation.responses.items() if any(one is other for other in left)]
    return tuple(keys) if keys and set(keys) <= _WITHOUT_BODY and not any(r.content for r in left) else ()


def _other_header(
    shapes: Inference, here: Here, call: OperationCall, name: str, span: Span
) -> Diagnostic | None:
    """A header one slip of the pen away from one that is documented; of any other nobody knows."""
    known = [header for response in shapes.responses(here) for header in response.headers]
    lower = name.lower()
    if any(lower == header.lower() for header in known):
        return None
    meant = next((header for header in known if _is_slip(lower, header.lower())), None)
    if meant is None:
        return None
    text = f"{named(call.operation)} documents no response header {name!r}"
    return UNDOCUMENTED_FIELD.at(span, text, f"did you mean {meant!r}?")


def _is_slip(text: str, meant: str) -> bool:
    """Whether two names differ by one letter more, less, other or exchanged with the next, or by their hyphens."""
    if text.replace("-", "").replace("_", "") == meant.replace("-", "").replace("_", ""):
        return True
    if abs(len(text) - len(meant)) > 1 or min(len(text), len(meant)) < 5:
        return False
    start = next(
        (i for i, (a, b) in enumerate(zip(text, meant, strict=False)) if a != b), min(len(text), len(meant))
    )
    mine, other = text[start:], meant[start:]
    return (
        mine[1:] == other[1:]
        or mine[1:] == other
        or mine == other[1:]
        or (mine[:2] == other[1::-1] and mine[2:] == other[2:])
    ) and not (mine[:1] + other[:1]).isdecimal()


def outputs_that_name_themselves(subject: Subject) -> Iterator[Diagnostic]:
    """``$outputs.x`` in the outputs of a workflow, which names another of them and not a step's (Workflow Object)."""
    for workflow in subject.workflows():
        before: set[str] = set()
        for name, template in workflow.outputs.items():
            for expression, span in expressions(template):
                if isinstance(expression, OutputReference) and expression.name not in before:
                    yield _no_such_output(workflow, expression.name, span)
            before.add(name)


def _no_such_output(workflow: WorkflowPlan, name: str, span: Span | None) -> Diagnostic:
    having = [step.step_id for step in workflow.steps if name in step.step.outputs]
    text = (
        f"`$outputs.{name}` is here an output of the workflow itself, and none of this name stands before it"
    )
    hint = (
        f"write `$steps.{having[-1]}.outputs.{name}`"
        if having
        else "outputs of steps are named `$steps.<stepId>.outputs.<name>`"
    )
    return UNKNOWN_OUTPUT.at(span, text, hint)
