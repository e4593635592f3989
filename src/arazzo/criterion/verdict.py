"""What reading a condition gives, and what judging it says."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from msgspec import Struct

from arazzo import codes
from arazzo.criterion.comparisons import Comparison
from arazzo.criterion.nodes import Condition, ConditionSyntaxError
from arazzo.diagnostics import Diagnostic, Findings
from arazzo.expression.nodes import Expression
from arazzo.expression.scope import Names, Scope
from arazzo.query.errors import QuerySyntaxError
from arazzo.source import Node
from arazzo.values import Value, to_text


class Verdict(Struct, frozen=True):
    """Whether a criterion is met.

    ``error`` says why it could not be evaluated, in which case it is not met; ``note`` is a kindness it was met by.
    """

    met: bool
    error: str | None = None
    note: Diagnostic | None = None


MET = Verdict(True)
NOT_MET = Verdict(False)

Judge: TypeAlias = Callable[[Value, Scope], Verdict]
"""Judges a condition on its context, which is neither null nor UNDEFINED. It never raises."""


class Place(Struct, frozen=True):
    """A condition to be read: its text, its context, and what is declared around it."""

    node: Node
    context: Expression | None
    names: Names
    findings: Findings

    @property
    def text(self) -> str:
        value = self.node.value
        # A number or a boolean is read as its text, which the reader of documents reports.
        return value if isinstance(value, str) else to_text(value) if isinstance(value, (int, float)) else ""


class Reading(Struct, frozen=True):
    """A condition that was read: how to judge it, what it reads, and what it says about the response."""

    judge: Judge
    expressions: tuple[Expression, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    condition: Condition | None = None
    """The condition itself, of a simple one and of a logical one whose text is always the same."""


def malformed(place: Place, error: ConditionSyntaxError | QuerySyntaxError, *, exact: bool = True) -> Reading:
    """Report a condition that cannot be read, and never meet it. ``exact`` says that its offsets are the text's."""
    start, end = (error.start, error.end) if exact else (0, len(place.text))
    hint = error.hint
    place.findings.add(codes.BAD_CONDITION.at(place.node.text_span(start, end), error.message, hint))
    return never(f"the condition cannot be read: {error.message}")


def never(reason: str) -> Reading:
    """A condition that is not met, for ``reason``."""
    verdict = Verdict(False, reason)
    return Reading(lambda _context, _scope: verdict)
