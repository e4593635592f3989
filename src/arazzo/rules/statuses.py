"""Which statuses a step's criteria leave open, and so which of an operation's responses an expression reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, Literal, TypeAlias

from arazzo.criterion.compare import loosely, truth
from arazzo.criterion.nodes import And, Comparison, Condition, Constant, Not, Or, Read, parts
from arazzo.criterion.table import CompiledCriterion
from arazzo.descriptions.openapi.model import Operation, ResponseSpec
from arazzo.expression.nodes import StatusCode
from arazzo.expression.scope import Scope
from arazzo.plan.model import OperationCall
from arazzo.values import UNDEFINED, Maybe

_BOTH = frozenset((True, False))
_RANGE = 100
_BORDERS: Final = tuple(edge for first in range(100, 600, 100) for edge in (first, first + 99))

Outcome: TypeAlias = Literal["judged", "succeeded", "failed"]


Status: TypeAlias = int | None
"""A status, None where there is no response."""


def may_hold(criteria: Iterable[CompiledCriterion], status: Status) -> bool:
    """Whether nothing in ``criteria`` rules out a response with ``status``."""
    return all(True in _outcomes(criterion, status) for criterion in criteria)


def must_hold(criteria: Iterable[CompiledCriterion], status: Status) -> bool:
    """Whether ``criteria`` hold of every response with ``status``."""
    return all(_outcomes(criterion, status) == {True} for criterion in criteria)


def _outcomes(criterion: CompiledCriterion, status: Status) -> frozenset[bool]:
    if criterion.type == "simple":
        condition = criterion.reading.condition
        return _BOTH if condition is None else _simple(condition, status)
    if isinstance(criterion.context_expression, StatusCode) and len(criterion.listed) == 1:
        if status is None:
            return frozenset((False,))
        verdict = criterion.reading.judge(status, Scope())
        return _BOTH if verdict.error is not None else frozenset((verdict.met,))
    return _BOTH


def _simple(condition: Condition, status: Status) -> frozenset[bool]:
    match condition:
        case And(items):
            return _all([_simple(item, status) for item in items])
        case Or(items):
            return _negated(_all([_negated(_simple(item, status)) for item in items]))
        case Not(item):
            return _negated(_simple(item, status))
        case Comparison(operator, left, right):
            first, second = _value(left, status), _value(right, status)
            known = first is not UNDEFINED and second is not UNDEFINED
            return frozenset((loosely(operator, first, second),)) if known else _BOTH
        case _:
            value = _value(condition, status)
            return _BOTH if value is UNDEFINED else frozenset((truth(value),))


def _all(several: Sequence[frozenset[bool]]) -> frozenset[bool]:
    found = {True} if all(True in outcomes for outcomes in several) else set()
    return frozenset(found | ({False} if any(False in outcomes for outcomes in several) else set()))


def _negated(outcomes: frozenset[bool]) -> frozenset[bool]:
    return frozenset(not outcome for outcome in outcomes)


def _value(condition: Condition, status: Status) -> Maybe:
    """The value of an operand where the status alone decides it, else UNDEFINED."""
    match condition:
        case Constant(value):
            return value
        case Read(StatusCode()):
            return status
        case _:
            return UNDEFINED


def about_status(criterion: CompiledCriterion) -> bool:
    """Whether a condition is about the status of the response, among other things perhaps."""
    return any(isinstance(expression, StatusCode) for expression, _ in criterion.expressions())


def possible(
    call: OperationCall,
    criteria: Sequence[CompiledCriterion],
    others: Iterable[CompiledCriterion],
    outcome: Outcome,
) -> list[Status]:
    """The statuses that a step with ``criteria`` can have, as far as they make a difference to it or to ``others``."""
    documented = {key for known in map(statuses_of, call.operation.responses) for key in (known or ())[:1]}
    tried = sorted({*_that_differ((*criteria, *others)), *documented})
    if outcome == "judged":
        return list(tried)
    if outcome == "succeeded":
        return [status for status in tried if _succeeds(call, criteria, status)]
    failed = [s for s in tried if (not must_hold(criteria, s) if criteria else not _succeeds(call, (), s))]
    return [*failed, None]


def _succeeds(call: OperationCall, criteria: Sequence[CompiledCriterion], status: int) -> bool:
    if criteria:
        return may_hold(criteria, status)
    return 200 <= status < 300 or (300 <= status < 400 and call.operation.documents(status))


def _that_differ(criteria: Sequence[CompiledCriterion]) -> Iterable[int]:
    """Statuses of which one stands for every other in what ``criteria`` make of it."""
    named = set(_BORDERS)
    for criterion in criteria:
        if criterion.type != "simple" and about_status(criterion):
            return range(_RANGE, 6 * _RANGE)
        for part in parts(criterion.reading.condition):
            status = _status(part.value) if isinstance(part, Constant) else None
            if status is not None:
                named.update((status - 1, status, status + 1))
    return [status for status in named if _RANGE <= status < 6 * _RANGE]


def wants_an_error(criteria: Sequence[CompiledCriterion]) -> bool:
    """Whether ``criteria`` hold of errors only (4xx, 5xx): the step then means to send what is refused."""
    return bool(criteria) and not any(may_hold(criteria, status) for status in range(_RANGE, 4 * _RANGE))


def statuses_waited_for(condition: Condition | None) -> Iterator[tuple[int, ...]]:
    """The statuses that a condition waits for: each time several, one of which it takes to hold.

    What a negation turns round waits for nothing.
    """
    match condition:
        case Comparison("==", Read(StatusCode()), Constant(value)):
            yield from _named(value)
        case Comparison("==", Constant(value), Read(StatusCode())):
            yield from _named(value)
        case And(items):
            for item in items:
                yield from statuses_waited_for(item)
        case Or(items):
            several = [[status for group in statuses_waited_for(item) for status in group] for item in items]
            if all(several):
                yield tuple(dict.fromkeys(status for statuses in several for status in statuses))
        case _:
            pass


def _named(value: Maybe) -> Iterator[tuple[int, ...]]:
    status = _status(value)
    if status is not None:
        yield (status,)


def _status(value: Maybe) -> int | None:
    if isinstance(value, str) and value.isdecimal() and value.isascii() and len(value) == 3:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def statuses_of(key: str) -> range | None:
    """The statuses that a key of a Responses Object stands for; None for ``default`` and what is no status."""
    if len(key) == 3 and key.isdecimal() and key.isascii():
        return range(int(key), int(key) + 1)
    if len(key) == 3 and key[0] in "12345" and key[1:].upper() == "XX":
        return range(int(key[0]) * _RANGE, int(key[0]) * _RANGE + _RANGE)
    return None


def succeeding(call: OperationCall, criteria: Sequence[CompiledCriterion]) -> tuple[ResponseSpec, ...]:
    """The documented responses with which the step can succeed; ``default`` only where no other one can."""

    def fits(status: int) -> bool:
        return _succeeds(call, criteria, status)

    return _responses(call.operation, fits)


def failing(call: OperationCall, criteria: Sequence[CompiledCriterion]) -> tuple[ResponseSpec, ...]:
    """The documented responses with which the step can fail."""

    def fits(status: int) -> bool:
        if criteria:
            return not must_hold(criteria, status)
        return not 200 <= status < 300

    found = _responses(call.operation, fits)
    default = call.operation.responses.get("default")
    return found if default is None or default in found else (*found, default)


def _responses(operation: Operation, fits: Callable[[int], bool]) -> tuple[ResponseSpec, ...]:
    found = []
    for key, response in operation.responses.items():
        statuses = statuses_of(key)
        if statuses is not None and any(fits(status) for status in statuses):
            found.append(response)
    default = operation.responses.get("default")
    return tuple(found) if found or default is None else (default,)
