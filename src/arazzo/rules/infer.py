"""The shape of every expression of a plan: read off the API descriptions, and followed through outputs and inputs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Literal, TypeAlias

from msgspec import Struct, field

from arazzo.descriptions.openapi.model import MediaType, Operation, ResponseSpec
from arazzo.descriptions.openapi.references import Resolver
from arazzo.descriptions.openapi.responses import is_json_type, split_content_type
from arazzo.diagnostics import Guesses
from arazzo.expression.nodes import (
    BodySource,
    Expression,
    HeaderSource,
    InputReference,
    MessagePart,
    Method,
    OutputReference,
    PathSource,
    QuerySource,
    SelfUri,
    SourceReference,
    StatusCode,
    StepReference,
    Url,
    WorkflowReference,
)
from arazzo.expression.template import (
    ExpressionValue,
    MappingOf,
    Selected,
    Template,
    Text,
)
from arazzo.expression.template import (
    ListOf as ListTemplate,
)
from arazzo.expression.template import (
    Literal as LiteralValue,
)
from arazzo.plan.model import OperationCall, Plan, StepPlan, WorkflowCall, WorkflowKey, WorkflowPlan
from arazzo.rules.schemas import Nowhere, describe, into
from arazzo.rules.shapes import INTEGER, TEXT, UNKNOWN, Constant, ListOf, ObjectOf, Shape, any_of
from arazzo.rules.statuses import failing, succeeding
from arazzo.source import Tree
from arazzo.source.offsets import Offsets
from arazzo.values import Value

Moment: TypeAlias = Literal["before", "judged", "succeeded", "failed"]
"""When an expression of a step is read: before its request, while its criteria are judged, or after either outcome."""


class Here(Struct, frozen=True):
    """Where an expression stands. ``step`` is None for the outputs of the workflow itself."""

    workflow: WorkflowPlan
    step: StepPlan | None = None
    moment: Moment = "before"


class Missing(Struct, frozen=True):
    """An expression leads to nothing: the token at ``depth`` of its path is what the shape does not have."""

    nowhere: Nowhere
    path: tuple[str | int, ...]
    depth: int


class Inference(Struct, dict=True):
    """The shapes of one plan, each worked out once."""

    plan: Plan
    guesses: Guesses = field(default_factory=Guesses)
    """What hints about members and names that are not there may take."""
    _outputs: dict[tuple[WorkflowKey, str | None, str], Shape] = field(default_factory=dict)
    _bodies: dict[int, Shape] = field(default_factory=dict)
    _inputs: dict[WorkflowKey, Shape] = field(default_factory=dict)
    _responses: dict[tuple[int, bool], tuple[ResponseSpec, ...]] = field(default_factory=dict)
    _response_bodies: dict[tuple[int, bool], Shape] = field(default_factory=dict)
    """By the identity of a step, and whether it is one that has failed."""

    @cached_property
    def _steps(self) -> dict[WorkflowKey, dict[str, StepPlan]]:
        return {
            key: {step.step_id: step for step in workflow.steps}
            for key, workflow in self.plan.workflows.items()
        }

    # --- values as they are written

    def of_template(self, template: Template, here: Here) -> Shape:
        """The shape of the value that ``template`` gives."""
        match template:
            case LiteralValue(value):
                return UNKNOWN if _is_slip(value) else Constant(value)
            case ExpressionValue(expression):
                return self.of(expression, here)
            case Text():
                return TEXT
            case ListTemplate(items):
                return ListOf(any_of(self.of_template(item, here) for item in items))
            case MappingOf(members):
                return ObjectOf({name: self.of_template(member, here) for name, member in members})
            case Selected(context, _, _, path):
                if path is None:
                    return UNKNOWN
                found = walk(self.of(context.expression, here), path)
                return UNKNOWN if isinstance(found, Missing) else found

    # --- expressions

    def of(self, expression: Expression, here: Here) -> Shape:
        """The shape of what ``expression`` refers to; ``UNKNOWN`` also where it leads to nothing."""
        found = self.resolve(expression, here)
        return UNKNOWN if isinstance(found, Missing) else found

    def resolve(self, expression: Expression, here: Here) -> Shape | Missing:
        """The shape of what ``expression`` refers to, or where its path ends."""
        return walk(self.root(expression, here), path_of(expression))

    def root(self, expression: Expression, here: Here) -> Shape:
        """The shape of what ``expression`` names before its pointer goes into it."""
        match expression:
            case StatusCode():
                return INTEGER
            case Url() | Method() | SelfUri() | SourceReference():
                return TEXT
            case MessagePart("response", BodySource()):
                return self.response_body(here)
            case MessagePart(_, HeaderSource()):
                return TEXT
            case MessagePart("request", source):
                return self._of_request(source, here)
            case InputReference(name):
                return self._member(self.inputs(here.workflow), name)
            case StepReference(step_id, name):
                return self.output(here.workflow.key, step_id, name)
            case OutputReference(name):
                return self._own_output(name, here)
            case WorkflowReference(workflow_id, member, name):
                key = WorkflowKey(here.workflow.key.document, workflow_id)
                workflow = self.plan.workflows.get(key)
                if workflow is None:
                    return UNKNOWN
                if member == "inputs":
                    return self._member(self.inputs(workflow), name)
                return self.output(key, None, name)
            case _:
                return UNKNOWN

    def _member(self, shape: Shape, name: str) -> Shape:
        found = into(shape, name)
        return UNKNOWN if isinstance(found, Nowhere) else found

    def inputs(self, workflow: WorkflowPlan) -> Shape:
        """The shape of a workflow's inputs as one object."""
        known = self._inputs.get(workflow.key)
        if known is None:
            # Put together of what the document and others hold, it stands in no text.
            tree = Tree("<inputs>", "", workflow.inputs.schema, Offsets())
            known = describe(tree.node, Resolver(tree, "")) if workflow.inputs.schema else UNKNOWN
            self._inputs[workflow.key] = known
        return known

    def output(self, key: WorkflowKey, step_id: str | None, name: str) -> Shape:
        """The shape of an output of a step, or (``step_id`` None) of a workflow."""
        place = (key, step_id, name)
        if place not in self._outputs:
            # An output that goes round in a circle to itself says nothing about its shape.
            self._outputs[place] = UNKNOWN
            self._outputs[place] = self._work_out(key, step_id, name)
        return self._outputs[place]

    def _work_out(self, key: WorkflowKey, step_id: str | None, name: str) -> Shape:
        workflow = self.plan.workflows.get(key)
        if workflow is None:
            return UNKNOWN
        if step_id is None:
            template = workflow.outputs.get(name)
            return UNKNOWN if template is None else self.of_template(template, Here(workflow))
        step = self._steps[key].get(step_id)
        if step is None:
            return UNKNOWN
        template = step.outputs.get(name)
        if template is not None:
            return self.of_template(template, Here(workflow, step, "succeeded"))
        return self.output(step.call.target, None, name) if isinstance(step.call, WorkflowCall) else UNKNOWN

    def _own_output(self, name: str, here: Here) -> Shape:
        """``$outputs.``: of the workflow that the step calls, else of the step itself."""
        if here.step is None:
            return self.output(here.workflow.key, None, name)
        if here.moment == "before":
            return UNKNOWN
        if isinstance(here.step.call, WorkflowCall):
            return self.output(here.step.call.target, None, name)
        if name in here.step.outputs:
            return self.output(here.workflow.key, here.step.step_id, name)
        return UNKNOWN

    def _of_request(self, source: object, here: Here) -> Shape:
        call = here.step.call if here.step is not None else None
        if not isinstance(call, OperationCall):
            return UNKNOWN
        match source:
            case BodySource() if call.body is not None and call.body.payload is not None:
                if call.body.replacements:
                    return UNKNOWN
                return self.of_template(call.body.payload, here)
            case QuerySource(name) | PathSource(name):
                in_ = "query" if isinstance(source, QuerySource) else "path"
                passed = [p for p in call.parameters if p.name == name and p.spec.in_ == in_]
                return self.of_template(passed[0].value, here) if len(passed) == 1 else UNKNOWN
            case _:
                return UNKNOWN

    # --- responses

    def responses(self, here: Here) -> tuple[ResponseSpec, ...]:
        """The documented responses that ``$response`` can be at this place."""
        step = here.step
        if step is None or not isinstance(step.call, OperationCall):
            return ()
        key = (id(step), here.moment == "failed")
        if key not in self._responses:
            told = failing if here.moment == "failed" else succeeding
            self._responses[key] = told(step.call, step.criteria)
        return self._responses[key]

    def response_body(self, here: Here) -> Shape:
        """The shape of the response body, as far as it is JSON and described."""
        step = here.step
        if step is None or not isinstance(step.call, OperationCall):
            return UNKNOWN
        key = (id(step), here.moment == "failed")
        if key not in self._response_bodies:
            operation = step.call.operation
            with_content = [response for response in self.responses(here) if response.content]
            self._response_bodies[key] = any_of(self._body_of(operation, one) for one in with_content)
        return self._response_bodies[key]

    def response_media(self, here: Here) -> tuple[MediaType, ...]:
        """The JSON media types of the responses that ``$response`` can be at this place."""
        found = (media for r in self.responses(here) for name, media in r.content.items() if is_json(name))
        return tuple(found)

    def _body_of(self, operation: Operation, response: ResponseSpec) -> Shape:
        if id(response) not in self._bodies:
            json = [media for name, media in response.content.items() if is_json(name)]
            self._bodies[id(response)] = any_of(describe(media.schema, operation.resolver) for media in json)
        return self._bodies[id(response)]


def _is_slip(value: Value) -> bool:
    """Whether a constant is an expression that could not be read; that has been said, and its value is not known."""
    if isinstance(value, dict) and len(value) == 1:
        ((key, member),) = value.items()
        return member is None and key.startswith("$")
    return isinstance(value, str) and value[:1] == "$" and value[1:2].isalpha()


def is_json(media_type: str) -> bool:
    return is_json_type(split_content_type(media_type)[0])


def path_of(expression: Expression) -> tuple[str | int, ...]:
    """Where an expression goes inside what it names: its pointer, then its trail."""
    match expression:
        case MessagePart(source=BodySource(pointer, trail)):
            return (*(pointer or ()), *trail)
        case InputReference() | OutputReference() | StepReference() | WorkflowReference():
            return (*(expression.pointer or ()), *expression.trail)
        case _:
            return ()


def walk(shape: Shape, path: Sequence[str | int]) -> Shape | Missing:
    """The shape of the part of ``shape`` that ``path`` leads to, or where it ends."""
    here = shape
    for depth, key in enumerate(path):
        found = into(here, key)
        if isinstance(found, Nowhere):
            return Missing(found, tuple(path), depth)
        here = found
    return here


def steps_with(plan: Plan) -> Iterable[tuple[WorkflowPlan, StepPlan]]:
    """Every linked step of the plan's own document, in order."""
    for workflow in plan.workflows.values():
        if workflow.document is plan.document:
            for step in workflow.steps:
                yield workflow, step
