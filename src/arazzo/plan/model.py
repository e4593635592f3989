"""The plan: a document with nothing left to look up.

Every reference has become an object, every string that is code a compiled form. The engine reads nothing else.
Workflows refer to each other by key, not by object, because they may call each other in circles.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, TypeAlias

from msgspec import Struct, field

from arazzo.criterion.table import CompiledCriterion
from arazzo.descriptions.openapi.model import Operation, ParameterSpec
from arazzo.diagnostics import Diagnostic
from arazzo.document.model import Document, ExpressionType, Step, Workflow
from arazzo.expression.template import Template
from arazzo.messages import Headers
from arazzo.plan.inputs import InputsSchema
from arazzo.records import Record
from arazzo.source import Node

if TYPE_CHECKING:
    # Few documents need the one, and only a run that checks responses the other.
    from arazzo.descriptions.asyncapi.model import Action, Channel, ChannelOperation
    from arazzo.descriptions.openapi.checkable import Place
    from arazzo.descriptions.openapi.response_check import SchemaCheck
else:
    # help() and inspect.signature() read the annotations of a class.
    Action = Channel = ChannelOperation = Place = SchemaCheck = object


class WorkflowKey(Struct, frozen=True):
    """Which workflow: the URI of its document and its id there."""

    document: str
    workflow_id: str


class ParameterPlan(Struct, frozen=True):
    """A parameter of an operation. ``spec`` says how it travels; ``declared`` whether the operation knows it."""

    name: str
    value: Template
    spec: ParameterSpec
    declared: bool
    at: Node


class ReplacementPlan(Struct, frozen=True):
    """One payload replacement; ``kind`` is the selector type that ``target`` is written in."""

    target: str
    kind: str | ExpressionType | None
    value: Template
    at: Node


class BodyPlan(Struct, frozen=True):
    """A request body. ``content_type`` is the step's own; None leaves the choice to the operation."""

    content_type: str | None
    payload: Template | None
    replacements: tuple[ReplacementPlan, ...]
    at: Node


class OperationCall(Struct, frozen=True):
    """A step that calls an API operation at ``server_url``, which may be relative when no server is known."""

    source: str
    operation: Operation
    server_url: str
    parameters: tuple[ParameterPlan, ...]
    body: BodyPlan | None
    accept: str
    """The ``Accept`` header, where no parameter sets one."""
    follow_redirects: bool
    """False where the operation documents a redirect, which is then its response."""
    named_by: tuple[str, ...] = ()
    """What came over the network and says where the server is, by its URL; empty where the caller says it."""


class Argument(Struct, frozen=True):
    """A value for one input of a called workflow, and where it is written."""

    name: str
    value: Template
    at: Node


class WorkflowCall(Struct, frozen=True):
    """A call of a workflow: from a step, or from an action that goes there."""

    target: WorkflowKey
    arguments: tuple[Argument, ...] = ()


class MessageCall(Struct, frozen=True):
    """A step that sends or receives messages: linked like any other, and not run yet.

    ``channel`` and ``action`` are None where a broken description does not say them.
    """

    source: str
    operation: ChannelOperation | None
    """None for a step that names its channel alone."""
    channel: Channel | None
    action: Action | None
    parameters: tuple[Argument, ...]
    body: BodyPlan | None
    correlation_id: Template | None

    @property
    def callee(self) -> str:
        """The operation by its id, else the channel by its name."""
        if self.operation is not None and self.operation.operation_id:
            return self.operation.operation_id
        return self.channel.name if self.channel is not None else ""


class UnknownCall(Struct, frozen=True):
    """A step that calls what could not be had; what it passes is known all the same.

    For who looks for mistakes: a plan with such a step is not run.
    """

    arguments: tuple[Argument, ...]
    body: BodyPlan | None = None


Call: TypeAlias = OperationCall | WorkflowCall | MessageCall | UnknownCall


class StepTarget(Struct, frozen=True):
    """A step of the same workflow, by its index."""

    index: int
    step_id: str


Target: TypeAlias = StepTarget | WorkflowCall


class ActionPlan(Struct, frozen=True):
    """A success or failure action; the two retry fields have their defaults filled in.

    A goto without a target is one whose target could not be had; a plan with it is not run.
    """

    name: str
    type: Literal["end", "goto", "retry"]
    target: Target | None
    criteria: tuple[CompiledCriterion, ...]
    retry_after: float
    """Seconds."""
    retry_limit: int
    at: Node


class StepDependency(Struct, frozen=True):
    """A step that must have been completed: of this workflow (``workflow`` None) or of another."""

    step_id: str
    workflow: WorkflowKey | None = None


class StepPlan(Struct, frozen=True):
    """A step, linked. ``on_success`` and ``on_failure`` hold the workflow's actions too, overridden ones removed."""

    step: Step
    index: int
    call: Call
    criteria: tuple[CompiledCriterion, ...]
    on_success: tuple[ActionPlan, ...]
    on_failure: tuple[ActionPlan, ...]
    outputs: Mapping[str, Template]
    timeout: float | None
    """Seconds an attempt may take."""
    depends_on: tuple[StepDependency, ...] = ()
    secret_outputs: frozenset[str] = frozenset()
    """Outputs that some parameter carries as a credential."""
    reads_body: bool = False
    """Whether an output or a criterion reaches into the response body, which must then be structured."""

    @property
    def step_id(self) -> str:
        return self.step.step_id


class WorkflowPlan(Struct, frozen=True):
    """A workflow, linked; its steps in the order they run."""

    key: WorkflowKey
    workflow: Workflow
    document: Document
    inputs: InputsSchema
    steps: tuple[StepPlan, ...]
    outputs: Mapping[str, Template]
    depends_on: tuple[WorkflowKey, ...]
    sources: Mapping[str, Mapping[str, str]]
    """The fields of each source description, for ``$sourceDescriptions.<name>.url``."""
    self_uri: str | None
    diagnostics: tuple[Diagnostic, ...] = ()


class Plan(Record, frozen=True):
    """What can be run: the entry workflow, and every workflow it can reach.

    ``diagnostics`` holds everything found on the way, structural findings included, in the order of the text.
    """

    aside = ("checked_schemas",)

    document: Document
    entry: WorkflowKey | None
    workflows: Mapping[WorkflowKey, WorkflowPlan]
    diagnostics: tuple[Diagnostic, ...]
    unlinked: tuple[WorkflowKey, ...] = ()
    """Workflows that would be reached and could not be linked, or not in full; the plan can then not be run."""
    strict: bool = False
    secret_inputs: frozenset[str] = frozenset()
    """Names of inputs the caller wants hidden, besides those that look like credentials."""
    headers: Headers = ()
    """Sent with every request."""
    follow_redirects: bool = True
    check_responses: Literal["warn", "fail"] | None = None
    """Whether responses are held against the API descriptions, and what a violation then is."""
    checked_schemas: dict[Place, SchemaCheck] = field(default_factory=dict)
    """What is made for that, kept from one response to the next."""

    @property
    def blocking(self) -> tuple[Diagnostic, ...]:
        """The errors that keep the plan from being run."""
        return tuple(d for d in self.diagnostics if d.blocks_run)
