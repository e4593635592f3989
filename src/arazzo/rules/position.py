"""What stands at a place of a document: for an editor that wants to tell about it, complete it or jump from it."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from arazzo.descriptions.openapi.model import Operation
from arazzo.diagnostics import Span
from arazzo.expression.write import print_expression
from arazzo.patterns import pattern
from arazzo.plan.model import OperationCall, Plan, StepPlan, WorkflowPlan
from arazzo.records import Record
from arazzo.rules.infer import Inference, Missing
from arazzo.rules.rule import readings
from arazzo.rules.schemas import listed_properties, types_of, values_of
from arazzo.rules.shapes import AnyOf, Constant, Described, ObjectOf, Shape
from arazzo.source import Node, Tree
from arazzo.values import Value

_LINE: Final = pattern(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+\Z")
"""A line as YAML counts them: the other characters that separate lines elsewhere are text."""


class Known(Struct, frozen=True):
    """What is known of a value: its JSON types and its only possible values (None: any), and members it can have."""

    types: frozenset[str] | None
    values: tuple[Value, ...] | None
    members: tuple[str, ...]


class Standing(Record, frozen=True):
    """What stands at a place. ``path`` leads to the value from the document's root; ``on_key`` says that it is its key.

    ``expression`` is the runtime expression there, as the grammar writes it, and ``known`` what is known of its
    value. ``operation`` is the one that the step around the place calls.
    """

    aside = ()
    silent = ("value", "operation")

    path: tuple[str | int, ...]
    value: Value
    span: Span
    on_key: bool
    workflow_id: str | None = None
    step_id: str | None = None
    expression: str | None = None
    known: Known | None = None
    operation: Operation | None = None


def standing_at(plan: Plan, line: int, column: int) -> Standing | None:
    """What stands at ``line`` and ``column``, both from 1, of the plan's own document; None behind its end."""
    tree = plan.document.at.tree
    offset = _offset(tree, line, column)
    if offset is None:
        return None
    node, on_key = _innermost(tree, offset)
    workflow, step = _around(plan, node)
    call = step.call if step is not None else None
    expression, known = _expression_at(plan, tree.file, line, column)
    return Standing(
        node.path,
        node.value,
        node.key_span() if on_key else node.span(),
        on_key,
        workflow.key.workflow_id if workflow is not None else None,
        step.step_id if step is not None else None,
        expression,
        known,
        call.operation if isinstance(call, OperationCall) else None,
    )


def describe_shape(shape: Shape) -> Known:
    """What is known of a value of this shape."""
    return Known(types_of(shape), values_of(shape), tuple(_members(shape)))


def _members(shape: Shape) -> dict[str, None]:
    match shape:
        case ObjectOf(members):
            return dict.fromkeys(members)
        case Constant(dict() as value):
            return dict.fromkeys(value)
        case Described(alternatives):
            return dict.fromkeys(name for one in alternatives for name in listed_properties(one))
        case AnyOf(options):
            return dict.fromkeys(name for option in options for name in _members(option))
        case _:
            return {}


def _offset(tree: Tree, line: int, column: int) -> int | None:
    lines = _LINE.findall(tree.text)
    if not 1 <= line <= len(lines) or not 1 <= column <= len(lines[line - 1]) + 1:
        return None
    return sum(map(len, lines[: line - 1])) + column - 1


def _innermost(tree: Tree, offset: int) -> tuple[Node, bool]:
    """The deepest node that begins at ``offset`` or before it, and whether the place is on its key."""
    places = tree.places()
    node, on_key = tree.node, False
    while isinstance(node.value, (dict, list)):
        found: Node | None = None
        for child in [member for _, member in node.items()] or list(node.elements()):
            place = places.place(tree.root, child.path)
            begins = place.at if place.key is None else min(place.key, place.at)
            if begins > offset:
                break
            found = child
        if found is None:
            break
        node = found
        place = places.place(tree.root, node.path)
        on_key = place.key is not None and offset < place.at
        if on_key:
            break
    return node, on_key


def _around(plan: Plan, node: Node) -> tuple[WorkflowPlan | None, StepPlan | None]:
    """The linked workflow and step that ``node`` stands in."""
    for workflow in plan.workflows.values():
        at = workflow.workflow.at
        if at.tree is not node.tree or node.path[: len(at.path)] != at.path:
            continue
        for step in workflow.steps:
            if node.path[: len(step.step.at.path)] == step.step.at.path:
                return workflow, step
        return workflow, None
    return None, None


def _expression_at(plan: Plan, file: str, line: int, column: int) -> tuple[str | None, Known | None]:
    shapes = Inference(plan)
    for workflow in plan.workflows.values():
        for reading in readings(workflow):
            expression, span, here = reading.expression, reading.span, reading.here
            if span is None or span.file != file or not _covers(span, line, column):
                continue
            found = shapes.resolve(expression, here)
            known = None if isinstance(found, Missing) else describe_shape(found)
            return print_expression(expression), known
    return None, None


def _covers(span: Span, line: int, column: int) -> bool:
    return (span.line, span.column) <= (line, column) < (span.end_line, span.end_column)
