"""Rules about what a provider answers: statuses that it never sends, comparisons that never hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from arazzo.criterion.compare import loosely, strictly
from arazzo.criterion.nodes import Comparison, Condition, Operator, Query, Read, parts
from arazzo.criterion.nodes import Constant as ConstantOperand
from arazzo.criterion.table import CompiledCriterion
from arazzo.diagnostics import Diagnostic, Span
from arazzo.document.reading import shortened
from arazzo.plan.model import OperationCall
from arazzo.query.singular import plain_path
from arazzo.rules import codes
from arazzo.rules.feeds import named, place_of_call
from arazzo.rules.infer import Here, Inference, Missing, walk
from arazzo.rules.presence import nulls_never_met
from arazzo.rules.queries import passages
from arazzo.rules.rule import Judged, Subject, criteria, together
from arazzo.rules.schemas import types_of, values_of
from arazzo.rules.shapes import UNKNOWN, Shape
from arazzo.rules.statuses import Status, about_status, may_hold, possible, statuses_of, statuses_waited_for
from arazzo.values import Value, is_number, to_text

_MIRRORED: dict[Operator, Operator] = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_MOST_SHOWN = 8
_LONGEST_HINT = 120
_MOST_BEFORE = 100
"""Criteria of a list among which the one is looked for that another cannot hold together with."""
_ANYBODYS = frozenset((401, 403, 407, 408, 429, *range(500, 600)))
"""Statuses that proxies, gateways and rate limits answer with, too: nobody documents them for every operation."""


Place: TypeAlias = "tuple[Span, int]"
"""A comparison: the span of its condition, and which of the condition's comparisons it is."""


def unanimous(found: dict[Place, Diagnostic | None], place: Place, diagnostic: Diagnostic | None) -> None:
    """Note what is wrong at a place that several steps share: it is wrong only if it is so for all of them."""
    found[place] = diagnostic if found.get(place, diagnostic) is not None else None


def _one_each(found: dict[Place, Diagnostic | None]) -> Iterator[Diagnostic]:
    """What is wrong in each condition, once."""
    told: set[Span] = set()
    for (span, _), diagnostic in found.items():
        if diagnostic is not None and span not in told:
            told.add(span)
            yield diagnostic


# --- statuses


def undeclared_statuses(subject: Subject) -> Iterator[Diagnostic]:
    """A criterion waits for a status that the operation does not document (OpenAPI, Responses Object).

    Nothing is said of a status that what stands before the provider may answer with as well.
    """
    found: dict[Place, Diagnostic | None] = {}
    for workflow in subject.workflows():
        for judged in criteria(workflow):
            criterion, here = judged.criterion, judged.here
            call = here.step.call if here.step is not None else None
            if not isinstance(call, OperationCall) or criterion.span is None:
                continue
            for number, statuses in enumerate(statuses_waited_for(criterion.reading.condition)):
                unanimous(found, (criterion.span, number), _undeclared(call, statuses, criterion.span))
    yield from _one_each(found)


def _undeclared(call: OperationCall, statuses: Sequence[int], span: Span) -> Diagnostic | None:
    responses = call.operation.responses
    ranges = [statuses_of(key) for key in responses]
    if not responses or None in ranges or not _ANYBODYS.isdisjoint(statuses):
        return None
    if any(status in known for known in ranges if known is not None for status in statuses):
        return None
    listed = " or ".join(map(str, statuses))
    message = f"{named(call.operation)} documents no response with status {listed}"
    return codes.UNDECLARED_STATUS.at(span, message, f"it documents: {', '.join(responses)}")


def unhandled_statuses(subject: Subject) -> Iterator[Diagnostic]:
    """Failures that the operation documents and no failure action of the step is for (Failure Action Object)."""
    for here, call in subject.calls():
        step = here.step
        assert step is not None, "calls have steps"
        left = []
        for key in call.operation.responses:
            statuses = statuses_of(key)
            if (
                statuses is None
                or statuses[0] < 400
                or (step.criteria and may_hold(step.criteria, statuses[0]))
            ):
                continue
            if not any(
                may_hold(action.criteria, status) for action in step.on_failure for status in statuses
            ):
                left.append(key)
        if left:
            listed = f"{', '.join(left[:-1])} and {left[-1]}" if len(left) > 1 else left[0]
            message = (
                f"{named(call.operation)} documents {listed}, which no failure action of the step handles"
            )
            yield codes.UNHANDLED_STATUS.at(place_of_call(here), message, "the workflow then ends as failed")


# --- comparisons


def comparisons_that_never_hold(subject: Subject) -> Iterator[Diagnostic]:
    """A comparison with a constant that no possible value satisfies (Criterion Object)."""
    found: dict[Place, Diagnostic | None] = {}
    for workflow in subject.workflows():
        for judged in criteria(workflow):
            span = judged.criterion.span
            if span is not None:
                for number, diagnostic in enumerate(_never(judged, subject.shapes, span)):
                    unanimous(found, (span, number), diagnostic)
        for here, listed in together(workflow):
            for span, diagnostic in _without_status(here, listed):
                unanimous(found, (span, -1), diagnostic)
    yield from _one_each(found)


def _without_status(
    here: Here, listed: Sequence[CompiledCriterion]
) -> Iterator[tuple[Span, Diagnostic | None]]:
    """Each of ``listed`` that is about the status, with what is wrong if none meets it and those before it.

    The statuses are narrowed down from one criterion to the next, so that none is asked of again.
    """
    if not any(criterion.span is not None and about_status(criterion) for criterion in listed):
        return
    call = here.step.call if here.step is not None else None
    left: list[Status] = []
    anywhere: list[Status] = []
    if isinstance(call, OperationCall) and here.step is not None and here.moment != "before":
        left = possible(call, here.step.criteria, listed, here.moment)
        anywhere = possible(call, (), listed, "judged")
    for number, criterion in enumerate(listed):
        left = [status for status in left if may_hold((criterion,), status)]
        anywhere = [status for status in anywhere if may_hold((criterion,), status)]
        if criterion.span is not None and about_status(criterion):
            found = None if left else _no_status(here, listed[: number + 1], excluded=not anywhere)
            yield criterion.span, found


def _no_status(here: Here, upto: Sequence[CompiledCriterion], *, excluded: bool) -> Diagnostic | None:
    """What is wrong when no status that the step can have here meets all of ``upto``.

    ``excluded`` says that no other status does so either.
    """
    call = here.step.call if here.step is not None else None
    if not isinstance(call, OperationCall) or here.step is None or here.moment == "before":
        return None
    own, criterion = here.step.criteria, upto[-1]
    assert criterion.span is not None, "the caller has looked"
    apart = _exclude_each_other(call, upto) if excluded else None
    if apart is not None:
        return codes.NEVER_MET.at(criterion.span, *apart)
    match here.moment, bool(own):
        case "judged", _:
            message, hint = "no status meets this condition", _why_none(criterion)
        case "succeeded", True:
            message = "this never holds here: the step's successCriteria let no such status succeed"
            hint = "admit the status in successCriteria, or put the action under onFailure"
        case "succeeded", False:
            message = "this never holds here: without successCriteria, a step succeeds with 2xx only"
            hint = "put the action under onFailure, or give the step successCriteria"
        case _, True:
            message = "this never holds here: with such a status the step's successCriteria hold"
            hint = "put the action under onSuccess"
        case _:
            message = "this never holds here: without successCriteria, a step with a 2xx status has succeeded"
            hint = "put the action under onSuccess, or give the step successCriteria"
    return codes.NEVER_MET.at(criterion.span, message, hint)


def _exclude_each_other(
    call: OperationCall, upto: Sequence[CompiledCriterion]
) -> tuple[str, str, list[tuple[str, Span]]] | None:
    """What is wrong with the last of several criteria, which no status meets together, unless none meets it alone."""
    *before, last = upto

    def some_status(several: Sequence[CompiledCriterion]) -> bool:
        return any(may_hold(several, status) for status in possible(call, (), several, "judged"))

    if not before or not some_status([last]):
        return None
    other = next((one for one in before[:_MOST_BEFORE] if not some_status([one, last])), None)
    if other is None:
        message = "this cannot hold together with those before it: all criteria of a list must hold"
        return message, "write || between statuses of which one is enough, in one condition", []
    texts = [" ".join(one.condition.split()) for one in (other, last)]
    related = [("the other is here", other.span)] if other.span is not None else []
    message = f"this cannot hold together with `{shortened(texts[0])}`: all criteria of a list must hold"
    hint = "where one of them is enough, join them with || in one condition"
    if other.type == last.type == "simple" and len(" || ".join(texts)) <= _LONGEST_HINT:
        joined = " || ".join(f"({text})" if "&&" in text else text for text in texts)
        hint = f"where one of them is enough, write one condition: {joined}"
    return message, hint, related


def _why_none(criterion: CompiledCriterion) -> str | None:
    text = criterion.condition.strip()
    if criterion.type == "regex" and len(text) > 2 and text[0] == text[-1] == "/":
        return f"the slashes are part of the pattern; write {text[1:-1]}"
    if "&&" not in text:
        return "a status is a number from 100 to 599"
    return "all of it must hold at once; write || between statuses of which one is enough"


def _never(judged: Judged, shapes: Inference, span: Span) -> Iterator[Diagnostic | None]:
    simple = judged.criterion.type == "simple"
    condition = judged.criterion.reading.condition
    for operator, operand, value in _with_constants(condition):
        shape = _shape(operand, judged, shapes)
        yield _impossible(shape, operator, value, simple=simple, span=span)
    context = judged.criterion.context_expression
    for message in nulls_never_met(condition, None if simple else context, shapes, judged.here):
        yield codes.NEVER_MET.at(span, message)
    if context is None or simple:
        return
    for way in passages(condition, shapes.of(context, judged.here)):
        for asked in way.filters:
            for operator, operand, value in _with_constants(asked.condition):
                path = plain_path(operand.query.text) if isinstance(operand, Query) else None
                found = walk(asked.shape, path) if path is not None else UNKNOWN
                shape = UNKNOWN if isinstance(found, Missing) else found
                yield _impossible(shape, operator, value, simple=False, span=span)


def _with_constants(condition: Condition | None) -> Iterator[tuple[Operator, Condition, Value]]:
    """The comparisons of a condition with a constant, which then stands to the right, less those that mostly hold."""
    for comparison in parts(condition, negated=False):
        match comparison:
            case Comparison(operator, ConstantOperand(value), operand):
                operator = _MIRRORED[operator]
            case Comparison(operator, operand, ConstantOperand(value)):
                pass
            case _:
                continue
        if operator != "!=" and value is not None and not isinstance(operand, ConstantOperand):
            yield operator, operand, value


def _shape(operand: Condition, judged: Judged, shapes: Inference) -> Shape:
    match operand:
        case Read(expression):
            return shapes.of(expression, judged.here)
        case Query(query):
            context, path = judged.criterion.context_expression, plain_path(query.text)
            if context is None or path is None:
                return UNKNOWN
            found = walk(shapes.of(context, judged.here), path)
            return UNKNOWN if isinstance(found, Missing) else found
        case _:
            return UNKNOWN


def _impossible(
    shape: Shape, operator: Operator, value: Value, *, simple: bool, span: Span
) -> Diagnostic | None:
    """What is wrong with comparing a value of ``shape``; nothing where it may hold."""
    holds = loosely if simple else strictly
    possible = values_of(shape)
    types = types_of(shape)
    if possible is None and types is not None and types <= {"boolean", "null"}:
        possible = (True, False)
    if possible is not None:
        if any(holds(operator, one, value) for one in possible):
            return None
        known = [repr(one) if isinstance(one, str) else to_text(one) for one in possible]
        shown = ", ".join(known[:_MOST_SHOWN]) + (", …" if len(known) > _MOST_SHOWN else "")
        message = f"this never holds for {_literal(value)}: the value is one of {shown}"
        hint = _other_case(value, possible)
        return codes.NEVER_MET.at(span, message, hint)
    if types is None or _types_can_meet(types, value, simple=simple):
        return None
    is_ = " or ".join(sorted(types))
    return codes.NEVER_MET.at(span, f"this never holds for {_literal(value)}: the value is of type {is_}")


def _types_can_meet(types: frozenset[str], value: Value, *, simple: bool) -> bool:
    """Whether a value of one of ``types`` can be compared with ``value`` and the comparison hold."""
    number = is_number(value) or (simple and isinstance(value, str) and _is_numeric(value))
    if number and (types & {"integer", "number"} or (simple and "string" in types)):
        return True
    return isinstance(value, str) and "string" in types


def _is_numeric(text: str) -> bool:
    """Whether simple conditions compare ``text`` as a number: it is then not greater than a larger one."""
    return loosely("<", text, float("inf")) or loosely(">=", text, 0)


def _other_case(value: Value, possible: tuple[Value, ...]) -> str | None:
    same = [
        one
        for one in possible
        if isinstance(one, str) and isinstance(value, str) and one.lower() == value.lower()
    ]
    return f"here case matters: write {same[0]!r}" if same else None


def _literal(value: Value) -> str:
    return repr(value) if isinstance(value, str) else to_text(value)
