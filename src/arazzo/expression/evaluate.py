"""Runtime expression -> value, in a scope."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from arazzo.expression.navigate import follow, walk
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
    SourceReference,
    StatusCode,
    StepReference,
    Url,
    WorkflowReference,
)
from arazzo.expression.scope import Scope
from arazzo.messages import Headers, header
from arazzo.values import UNDEFINED, Maybe, Value


def evaluate(expression: Expression, scope: Scope) -> Maybe:
    """The value ``expression`` refers to, its type kept, or UNDEFINED where there is none (never an error).

    ``$components.`` names objects of the document, not values, and is always UNDEFINED; ``$sourceDescriptions.``
    gives the fields of a source, operations and workflows being found when a document is linked.
    """
    match expression:
        case MessagePart():
            return _part(expression, scope)
        case StatusCode():
            return scope.response.status if scope.response else UNDEFINED
        case InputReference() | OutputReference() | StepReference() | WorkflowReference():
            found = _named(expression, scope)
            if expression.pointer:
                found = follow(found, expression.pointer)
            return walk(found, expression.trail) if expression.trail else found
        case AllInputs():
            return dict(scope.inputs)
        case Url():
            return scope.request.url if scope.request else UNDEFINED
        case Method():
            return scope.request.method if scope.request else UNDEFINED
        case SelfUri():
            return UNDEFINED if scope.self_uri is None else scope.self_uri
        case SourceReference(source_name, reference):
            return scope.sources.get(source_name, {}).get(reference, UNDEFINED)
        case ComponentReference():
            return UNDEFINED
        case _:
            assert_never(expression)


def _named(
    reference: InputReference | OutputReference | StepReference | WorkflowReference, scope: Scope
) -> Maybe:
    """The value behind the name alone."""
    match reference:
        case InputReference(name):
            return scope.inputs.get(name, UNDEFINED)
        case OutputReference(name):
            return scope.outputs.get(name, UNDEFINED)
        case StepReference(step_id, name):
            outputs = scope.steps.get(step_id)
            return outputs.get(name, UNDEFINED) if outputs is not None else UNDEFINED
        case WorkflowReference(workflow_id, member, name):
            workflow = scope.workflows.get(workflow_id)
            if workflow is None:
                return UNDEFINED
            values = workflow.inputs if member == "inputs" else workflow.outputs
            return values.get(name, UNDEFINED)
        case _:
            assert_never(reference)


def _part(part: MessagePart, scope: Scope) -> Maybe:
    headers: Headers
    query: Mapping[str, Value] = {}
    path: Mapping[str, Value] = {}
    match part.message:
        case "response":
            if scope.response is None:
                return UNDEFINED
            headers, body = scope.response.headers, scope.response.body
        case "request":
            if scope.request is None:
                return UNDEFINED
            headers, body = scope.request.headers, scope.request.body
            query, path = scope.request.query, scope.request.path
        case "message":
            if scope.message is None:
                return UNDEFINED
            headers, body = scope.message.headers, scope.message.payload
        case _:
            assert_never(part.message)
    match part.source:
        case BodySource(pointer, trail) | PayloadSource(pointer, trail):
            return walk(follow(body, pointer or ()), trail)
        case HeaderSource(name):
            value = header(headers, name)
            return UNDEFINED if value is None else value
        case QuerySource(name):
            return query.get(name, UNDEFINED)
        case PathSource(name):
            return path.get(name, UNDEFINED)
        case _:
            assert_never(part.source)
