"""A rule about conditions that say nothing: a constant, or what is true of every response."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from arazzo.criterion.compare import loosely
from arazzo.criterion.nodes import And, Comparison, Condition, Constant, Not, Or, Read
from arazzo.diagnostics import Diagnostic, Span
from arazzo.expression.nodes import Expression, Method, StatusCode, Url
from arazzo.patterns import pattern
from arazzo.rules.codes import CONSTANT_CONDITION, NEVER_MET
from arazzo.rules.rule import Subject, criteria
from arazzo.rules.statuses import about_status
from arazzo.values import to_json

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
            else:
                always = _always(condition) if span is not None else None
                if always is not None:
                    yield CONSTANT_CONDITION.at(span, *always)


def patterns_in_slashes(subject: Subject) -> Iterator[Diagnostic]:
    """A regex written as other languages do, in slashes, which are a part of the pattern here (Criterion Object).

    Of a condition on a status the rule about statuses speaks; a text may well have slashes round something.
    """
    told: set[Span] = set()
    for workflow in subject.workflows():
        for judged in criteria(workflow):
            criterion, span = judged.criterion, judged.criterion.span
            if criterion.type != "regex" or span is None or span in told or about_status(criterion):
                continue
            match = _IN_SLASHES.fullmatch(criterion.condition.strip())
            if match is None:
                continue
            told.add(span)
            flags = "".join(dict.fromkeys(flag for flag in match["flags"] if flag in "ims"))
            meant = f"(?{flags}){match['pattern']}" if flags else match["pattern"]
            message = "this never holds: the slashes are part of the pattern"
            yield NEVER_MET.at(span, message, f"write {meant}")


_IN_SLASHES: Final = pattern(
    r"/(?P<pattern>(?:\^.*|.*(?<!\\)\$|.*[|+*?\[\\].*(?=/[gimsuy])))/(?P<flags>[gimsuy]{0,4})", re.DOTALL
)
"""Anchors inside the slashes, which no text can satisfy, or flags behind what is a pattern for sure."""


def _always(condition: Condition | None) -> tuple[str, str | None] | None:
    """What is wrong with `a != 1 || a != 2`, wherever it stands in a condition: a value differs from one of them."""
    match condition:
        case Or(items):
            differs: dict[object, Constant] = {}
            for item in items:
                match item:
                    case Comparison("!=", Read(expression), Constant() as constant) | Comparison(
                        "!=", Constant() as constant, Read(expression)
                    ):
                        shown = _read(expression)
                        other = differs.setdefault(shown, constant)
                        if not loosely("==", other.value, constant.value):
                            first, second = _written(other), _written(constant)
                            text = f"this always holds: whatever `{shown}` is, it differs from {first} or from {second}"
                            return text, "write && between them"
                    case _:
                        pass
            return next((found for item in items if (found := _always(item))), None)
        case And(items):
            return next((found for item in items if (found := _always(item))), None)
        case Not(item):
            return _always(item)
        case _:
            return None


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
            shown = _read(expression)
            hint = "write `$statusCode == 200`" if isinstance(expression, StatusCode) else None
            return f"`{shown}` alone is true of every response: it is not compared with anything", hint
        case _:
            return None


def _read(expression: Expression) -> str:
    from arazzo.expression.write import print_expression  # here: hardly any condition is shown

    return print_expression(expression)


def _written(constant: Constant) -> str:
    if isinstance(constant.value, str):
        return "'" + constant.value.replace("'", "''") + "'"
    return to_json(constant.value)
