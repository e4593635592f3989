"""Criterion Objects: which evaluator judges a condition, and what it says.

The type and the version of a criterion choose one function from a table. It reads the condition once, reports what
is wrong with it, and returns how to judge it. Judging never raises: a condition that cannot be evaluated is not met
and says why (specification, "Evaluation Errors").
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from arazzo import codes
from arazzo.criterion.comparisons import Comparison, of_simple
from arazzo.criterion.nodes import ConditionSyntaxError
from arazzo.criterion.simple import holds, parse_condition, reads
from arazzo.criterion.verdict import MET, NOT_MET, Place, Reading, Verdict, malformed, never
from arazzo.diagnostics import Findings, Span
from arazzo.document.model import VERSIONS, Criterion, ExpressionType
from arazzo.expression.evaluate import evaluate
from arazzo.expression.nodes import Expression
from arazzo.expression.parse import ExpressionSyntaxError, Notes, parse_expression
from arazzo.expression.scope import Names, Scope
from arazzo.expression.template import places, report
from arazzo.source import Node
from arazzo.values import UNDEFINED

__all__ = ["Comparison", "CompiledCriterion", "Verdict", "comparisons", "compile_criterion"]


class CompiledCriterion(Struct, frozen=True):
    """A criterion ready to be judged; ``condition`` and ``context`` are as written, ``span`` is the condition's."""

    condition: str
    type: str
    context: str | None
    span: Span | None
    context_expression: Expression | None
    reading: Reading
    listed: tuple[tuple[Expression, Span | None], ...]

    def judge(self, scope: Scope) -> Verdict:
        """Whether the criterion is met in ``scope``; never raises.

        A null or missing context fails a typed condition before anything else.
        """
        if self.type == "simple":
            return self.reading.judge(None, scope)
        context = (
            evaluate(self.context_expression, scope) if self.context_expression is not None else UNDEFINED
        )
        if context is UNDEFINED or context is None:
            return NOT_MET if self.context_expression is not None else Verdict(False, _NO_CONTEXT)
        return self.reading.judge(context, scope)

    def expressions(self) -> Iterator[tuple[Expression, Span | None]]:
        """Every expression of the context and of the condition, with its place."""
        return iter(self.listed)


_NO_CONTEXT: Final = "the criterion has no context that can be read"


def compile_criterion(criterion: Criterion, names: Names, findings: Findings) -> CompiledCriterion:
    """Compile a Criterion Object; what is wrong with it goes to ``findings``, and it is then never met.

    What a reader of documents reports is not reported again: a type or version that does not exist, a context that
    is missing.
    """
    kind, version = _type_of(criterion)
    node = criterion.at.get("condition") or criterion.at
    context_node = criterion.at.get("context")
    if kind == "simple" and not criterion.context:
        context_node = None
    context = _context(context_node, names, findings) if context_node is not None else None
    place = Place(node, context, names, Findings(strict=findings.strict, guesses=findings.guesses))
    reading = _read(place, kind, version)
    unread = [finding for finding in place.findings.errors if finding.code == codes.BAD_EXPRESSION.name]
    if unread:
        reading = never(f"the condition cannot be read: {unread[0].message}")
    untyped = criterion.type is None and bool(criterion.context)
    for finding in place.findings:
        if untyped and finding.code == codes.BAD_CONDITION.name:
            finding = replace(finding, hint=_hint_without_type(criterion))
        findings.add(finding)
    listed: list[tuple[Expression, Span | None]] = []
    if context is not None and context_node is not None and kind != "simple":
        listed.append((context, context_node.text_span(*context.span)))
    listed.extend(places(reading.expressions, node))
    span = node.span()
    return CompiledCriterion(
        criterion.condition, kind, criterion.context, span, context, reading, tuple(listed)
    )


def _hint_without_type(criterion: Criterion) -> str:
    """What may be meant by a context without a type: the left side of a comparison, or that of another language."""
    if criterion.condition.strip() in ("==", "!=", "<", "<=", ">", ">="):
        return f"write the whole comparison: {criterion.context} {criterion.condition.strip()} …"
    return "a condition with a context says `type: regex`, `jsonpath` or `xpath`"


def _read(place: Place, kind: str, version: str) -> Reading:
    if kind == "simple":
        return _read_simple(place)
    # Imported here: most conditions are simple, and the other languages come with much.
    from arazzo.criterion.typed import READERS

    if (kind, version) in READERS:
        return READERS[kind, version](place, version)
    return never(f"there is no condition of type {kind!r}{f' in version {version!r}' if version else ''}")


def comparisons(criterion: CompiledCriterion) -> tuple[Comparison, ...]:
    """The comparisons with constants that a criterion makes about the response."""
    return criterion.reading.comparisons


def _type_of(criterion: Criterion) -> tuple[str, str]:
    match criterion.type:
        case None:
            return "simple", ""
        case ExpressionType(type=type, version=version):
            return type, version
        case type:
            return type, VERSIONS[type][0] if type in VERSIONS else ""


def _context(node: Node, names: Names, findings: Findings) -> Expression | None:
    if not isinstance(node.value, str):
        return None
    notes = Notes()
    try:
        expression = parse_expression(node.value, names, notes, operators=True)
    except ExpressionSyntaxError as error:
        message = f"not a runtime expression: {error.message}"
        findings.add(codes.BAD_EXPRESSION.at(node.text_span(error.start, error.end), message, error.hint))
        return None
    report(notes.found, node, findings)
    return expression


def _read_simple(place: Place) -> Reading:
    notes = Notes()
    try:
        condition = parse_condition(place.text, place.names, notes)
    except ConditionSyntaxError as error:
        return malformed(place, error)
    report(notes.found, place.node, place.findings)

    def judge(_context: object, scope: Scope) -> Verdict:
        try:
            return MET if holds(condition, scope) else NOT_MET
        except RecursionError:
            return Verdict(False, "a value is nested too deeply")

    return Reading(judge, reads(condition), of_simple(condition), condition)
