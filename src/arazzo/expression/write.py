"""Runtime expression -> text, in the specification's form."""

from __future__ import annotations

from typing import assert_never

from arazzo.expression.lexis import write_chars, write_pointer, write_trail
from arazzo.expression.nodes import (
    AllInputs,
    BodySource,
    ComponentReference,
    Expression,
    HeaderSource,
    InputReference,
    MessagePart,
    Method,
    OutputReference,
    PathSource,
    PayloadSource,
    QuerySource,
    SelfUri,
    Source,
    SourceReference,
    StatusCode,
    StepReference,
    Url,
    WorkflowReference,
)


def print_expression(expression: Expression) -> str:
    """``expression`` as text that reads back as the same expression, its names being declared where they are odd."""
    match expression:
        case Url():
            return "$url"
        case Method():
            return "$method"
        case StatusCode():
            return "$statusCode"
        case SelfUri():
            return "$self"
        case AllInputs():
            return "$inputs"
        case MessagePart(message, source):
            return f"${message}.{_source(source)}"
        case ComponentReference(type, name):
            return f"$components.{type}.{name}"
        case SourceReference(source_name, reference):
            return f"$sourceDescriptions.{source_name}.{write_chars(reference)}"
        case _:
            tail = write_pointer(expression.pointer) + write_trail(expression.trail, named=True)
            return referent(expression) + tail


def referent(expression: InputReference | OutputReference | StepReference | WorkflowReference) -> str:
    """The part of a named reference before any pointer or navigation."""
    match expression:
        case InputReference(name):
            return f"$inputs.{name}"
        case OutputReference(name):
            return f"$outputs.{name}"
        case StepReference(step_id, name):
            return f"$steps.{step_id}.outputs.{name}"
        case WorkflowReference(workflow_id, member, name):
            return f"$workflows.{workflow_id}.{member}.{name}"
        case _:
            assert_never(expression)


def _source(source: Source) -> str:
    match source:
        case HeaderSource(name):
            return f"header.{name}"
        case QuerySource(name):
            return f"query.{write_chars(name)}"
        case PathSource(name):
            return f"path.{write_chars(name)}"
        case BodySource(pointer, trail):
            return "body" + write_pointer(pointer) + write_trail(trail)
        case PayloadSource(pointer, trail):
            return "payload" + write_pointer(pointer) + write_trail(trail)
        case _:
            assert_never(source)
