"""A rule about conditions that say nothing: a constant, or what is true of every response."""

from __future__ import annotations

import json
from collections.abc import Iterator

from arazzo.criterion.nodes import And, Comparison, Condition, Constant, Not, Or, Read
from arazzo.diagnostics import Diagnostic
from arazzo.expression.nodes import Method, StatusCode, Url
from arazzo.expression.write import print_expression
from arazzo.rules.codes import CONSTANT_CONDITION
from arazzo.rules.rule import Subject, criteria

_STATUSES = range(100, 600)


def conditions_that_say_nothing(subject: Subject) -> Iterator[Diagnostic]:
    """A condition, or a part of one, that comes to the same whatever the response is (Criterion Object).

    ``true`` or ``false`` alone is meant so.
    """
    for workflow in subject.workflows():
        for judged in criteria(workflow):
            condition, span = judged.criterion.reading.condition, judged.criterion.span
            whole = isinstance(condition, Constant) and isinstance(condition.value, bool)
            for part in [] if whole or span is None else _decisive(condition):
                found = _wrong(part)
                if found is not None:
                    yield CONSTANT_CONDITION.at(span, *found)
                    break


def _decisive(condition: Condition | None) -> Iterator[Condition]:
    """The parts of a condition that are true or false themselves, in the order of the text."""
    match condition:
        case And(items) | Or(items):
            for item in items:
                yield from _decisive(item)
        case Not(item):
            yield from _decisive(item)
        case None:
            pass
        case part:
            yield part


def _wrong(part: Condition) -> tuple[str, str | None] | None:
    """What is wrong with a part of a condition, and what would mend it."""
    match part:
        case Constant(value):
            is_status = str(value).isdecimal() and int(str(value)[:4]) in _STATUSES
            hint = f"compare it with something, as in `$statusCode == {value}`" if is_status else None
            return f"`{_written(part)}` is a constant, not a comparison", hint
        case Comparison(operator, Constant() as left, Constant() as right):
            shown = f"{_written(left)} {operator} {_written(right)}"
            return f"`{shown}` compares two constants", "an expression such as `$statusCode` begins with `$`"
        case Read(StatusCode() | Url() | Method() as expression):
            shown = print_expression(expression)
            hint = "write `$statusCode == 200`" if isinstance(expression, StatusCode) else None
            return f"`{shown}` alone is true of every response: it is not compared with anything", hint
        case _:
            return None


def _written(constant: Constant) -> str:
    if isinstance(constant.value, str):
        return "'" + constant.value.replace("'", "''") + "'"
    return json.dumps(constant.value)
