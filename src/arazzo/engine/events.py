"""What happened, as data. A run is the sequence of these; reports, the result and a live view only read them.

Events are safe to show: the engine has put ``***`` in the place of every secret before it yields one. Times are
seconds since the epoch, durations seconds. ``depth`` is 0 in the workflow that was asked for, 1 in one it
calls, and so on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal, TypeAlias

from msgspec import Struct

from arazzo.diagnostics import Diagnostic
from arazzo.messages import Reply, Request
from arazzo.values import Maybe, Value

Status: TypeAlias = Literal["succeeded", "failed"]


class RunStarted(Struct, frozen=True):
    """The run begins; everything is linked and the inputs are right."""

    kind: ClassVar = "run-started"
    at: float
    file: str
    workflow_id: str
    inputs: Mapping[str, Value]


class WorkflowStarted(Struct, frozen=True):
    """A workflow begins: the one asked for, a called one, one depended on, or one a goto went to."""

    kind: ClassVar = "workflow-started"
    at: float
    workflow_id: str
    depth: int
    inputs: Mapping[str, Value]
    reason: Literal["run", "step", "goto", "retry", "depends-on"]
    steps: tuple[str, ...]
    """Its steps, in running order."""


class StepStarted(Struct, frozen=True):
    """An attempt at a step begins. ``attempt`` counts from 1 and goes up with each retry."""

    kind: ClassVar = "step-started"
    at: float
    workflow_id: str
    step_id: str
    attempt: int
    depth: int
    description: str | None
    calls: str
    """What the step calls: the operation's id or method and path, or the workflow's id."""


class Waiting(Struct, frozen=True):
    """The run waits: before the next poll or the next attempt."""

    kind: ClassVar = "waiting"
    workflow_id: str
    step_id: str
    depth: int
    seconds: float
    reason: Literal["poll", "retry"]
    retry_after: bool
    """Whether the server asked for it."""


class RequestSent(Struct, frozen=True):
    """A request as it is sent, without the credentials that are added below the engine."""

    kind: ClassVar = "request-sent"
    at: float
    workflow_id: str
    step_id: str
    attempt: int
    depth: int
    request: Request


class ReplyReceived(Struct, frozen=True):
    """A response, or the reason why there was none."""

    kind: ClassVar = "reply-received"
    at: float
    workflow_id: str
    step_id: str
    attempt: int
    depth: int
    reply: Reply
    elapsed: float


class Violation(Struct, frozen=True):
    """One thing in a response that is not as the API description has it, and where the description says so.

    ``kind`` is ``status``, ``content-type``, ``header`` or ``body``; ``pointer`` a JSON Pointer (RFC 6901) into the
    response, whose members are ``status``, ``headers`` and ``body``.
    """

    kind: str
    pointer: str
    message: str
    file: str
    line: int
    column: int


class ResponseChecked(Struct, frozen=True):
    """A response was held against the API description (``check_responses``); without violations it fits.

    ``more`` counts those that are not listed. In the mode ``fail`` any violation fails the step.
    """

    kind: ClassVar = "response-checked"
    workflow_id: str
    step_id: str
    attempt: int
    depth: int
    mode: Literal["warn", "fail"]
    violations: tuple[Violation, ...]
    more: int


class CriterionJudged(Struct, frozen=True):
    """A criterion was judged. ``action`` names the action it belongs to; None for a success criterion."""

    kind: ClassVar = "criterion-judged"
    workflow_id: str
    step_id: str
    depth: int
    action: str | None
    condition: str
    type: str
    context: str | None
    met: bool
    error: str | None


class StepFinished(Struct, frozen=True):
    """An attempt at a step is over. ``reason`` says in a sentence why it failed."""

    kind: ClassVar = "step-finished"
    at: float
    workflow_id: str
    step_id: str
    attempt: int
    depth: int
    status: Status
    duration: float
    outputs: Mapping[str, Maybe]
    reason: str | None


class ActionChosen(Struct, frozen=True):
    """What comes next, when an action says so; without one of these the next step follows, or the end."""

    kind: ClassVar = "action-chosen"
    workflow_id: str
    step_id: str
    depth: int
    name: str
    type: Literal["end", "goto", "retry"]
    after: Status
    target_step: str | None = None
    target_workflow: str | None = None


class Warned(Struct, frozen=True):
    """Something the reader of the run should know: a kindness that was used, an output without a value."""

    kind: ClassVar = "warned"
    diagnostic: Diagnostic


class WorkflowFinished(Struct, frozen=True):
    """A workflow is over. ``transferred_to`` names the workflow a goto went to, whose outcome is then this one's."""

    kind: ClassVar = "workflow-finished"
    at: float
    workflow_id: str
    depth: int
    status: Status
    outputs: Mapping[str, Maybe]
    reason: str | None
    transferred_to: str | None = None


class RunFinished(Struct, frozen=True):
    """The last event of every run."""

    kind: ClassVar = "run-finished"
    at: float
    workflow_id: str
    status: Status
    outputs: Mapping[str, Maybe]
    error: RunError | None
    duration: float


class RunError(Struct, frozen=True):
    """Why a run failed: a sentence, and the step it happened in, if in one."""

    message: str
    workflow_id: str | None = None
    step_id: str | None = None


Event: TypeAlias = (
    RunStarted
    | WorkflowStarted
    | StepStarted
    | Waiting
    | RequestSent
    | ReplyReceived
    | ResponseChecked
    | CriterionJudged
    | StepFinished
    | ActionChosen
    | Warned
    | WorkflowFinished
    | RunFinished
)
