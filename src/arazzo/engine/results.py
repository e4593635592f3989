"""The result of a run: a fold over its events, so that a report of a recorded run and a live one agree.

Everything here is safe to show but ``RunResult.outputs``, which is the caller's and has nothing hidden.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from arazzo.diagnostics import Diagnostic
from arazzo.engine.events import (
    ActionChosen,
    CriterionJudged,
    Event,
    ReplyReceived,
    RequestSent,
    ResponseChecked,
    RunError,
    RunFinished,
    RunStarted,
    Status,
    StepFinished,
    StepStarted,
    Violation,
    Waiting,
    Warned,
)
from arazzo.messages import NoResponse, Reply, Request, Response
from arazzo.values import UNDEFINED, Maybe, Value


class CriterionRecord(Struct, frozen=True):
    """A criterion and what came of it. ``action`` is None for a success criterion."""

    condition: str
    type: str
    context: str | None
    met: bool
    error: str | None = None
    action: str | None = None


class ActionRecord(Struct, frozen=True):
    """The action taken after a step."""

    type: str
    name: str
    step_id: str | None = None
    workflow_id: str | None = None


class StepRecord(Struct, frozen=True):
    """One attempt at a step. ``status`` is None for an attempt that an interruption cut off. Times are seconds."""

    workflow_id: str
    step_id: str
    attempt: int
    depth: int
    started_at: float
    status: Status | None = None
    duration: float | None = None
    request: Request | None = None
    reply: Reply | None = None
    criteria: tuple[CriterionRecord, ...] = ()
    outputs: Mapping[str, Maybe] = field(default_factory=dict)
    action: ActionRecord | None = None
    waited: float = 0.0
    """How long the run waited before this attempt, to poll or to retry."""
    reason: str | None = None
    violations: tuple[Violation, ...] = ()
    """What of the response is not as the API describes it, where that was asked for; the first ones."""

    @property
    def response(self) -> Response | None:
        return self.reply if isinstance(self.reply, Response) else None

    @property
    def no_response(self) -> NoResponse | None:
        return self.reply if isinstance(self.reply, NoResponse) else None


class RunResult(Struct, frozen=True):
    """How a run ended, with every record so far. A failed workflow is a result, not an exception."""

    status: Status
    workflow_id: str
    outputs: Mapping[str, Value]
    inputs: Mapping[str, Value]
    steps: tuple[StepRecord, ...]
    warnings: tuple[Diagnostic, ...]
    error: RunError | None
    started_at: float
    duration: float

    @property
    def recovered(self) -> tuple[StepRecord, ...]:
        """The failed attempts of a run that succeeded all the same, by a retry or a goto."""
        if self.status == "failed":
            return ()
        return tuple(step for step in self.steps if step.status == "failed")


class _Attempt(Struct):
    """A step record in the making."""

    started: StepStarted
    waited: float
    request: Request | None = None
    reply: Reply | None = None
    criteria: list[CriterionRecord] = field(default_factory=list)
    action: ActionRecord | None = None
    finished: StepFinished | None = None
    violations: tuple[Violation, ...] = ()

    def record(self) -> StepRecord:
        started, finished = self.started, self.finished
        return StepRecord(
            started.workflow_id,
            started.step_id,
            started.attempt,
            started.depth,
            started.at,
            finished.status if finished else None,
            finished.duration if finished else None,
            self.request,
            self.reply,
            tuple(self.criteria),
            finished.outputs if finished else {},
            self.action,
            self.waited,
            finished.reason if finished else None,
            self.violations,
        )


class Fold:
    """Takes events in order; ``result`` is right at any moment, also of a run that was cut off."""

    def __init__(self) -> None:
        self._attempts: list[_Attempt] = []
        self._latest: dict[tuple[int, str], _Attempt] = {}
        self._waited: dict[tuple[int, str], float] = {}
        self._warnings: list[Diagnostic] = []
        self._started = RunStarted(0.0, "", "", {})
        self._finished: RunFinished | None = None

    def __call__(self, event: Event) -> None:
        match event:
            case RequestSent():
                self._latest[event.depth, event.step_id].request = event.request
            case ReplyReceived():
                self._latest[event.depth, event.step_id].reply = event.reply
            case ResponseChecked():
                self._latest[event.depth, event.step_id].violations = event.violations
            case CriterionJudged():
                self._latest[event.depth, event.step_id].criteria.append(
                    CriterionRecord(
                        event.condition, event.type, event.context, event.met, event.error, event.action
                    )
                )
            case StepStarted():
                key = (event.depth, event.step_id)
                self._latest[key] = _Attempt(event, self._waited.pop(key, 0.0))
                self._attempts.append(self._latest[key])
            case StepFinished():
                self._latest[event.depth, event.step_id].finished = event
            case ActionChosen():
                action = ActionRecord(event.type, event.name, event.target_step, event.target_workflow)
                self._latest[event.depth, event.step_id].action = action
            case Waiting():
                self._waited[event.depth, event.step_id] = event.seconds
            case Warned():
                self._warnings.append(event.diagnostic)
            case RunStarted():
                self._started = event
            case RunFinished():
                self._finished = event
            case _:
                pass  # A workflow's beginning and end leave no record of their own.

    def result(self, outputs: Mapping[str, Maybe] | None = None, *, interrupted: bool = False) -> RunResult:
        """The result; ``outputs`` are the run's own, with nothing hidden, where the caller has them."""
        finished = self._finished
        if outputs is None:
            outputs = finished.outputs if finished else {}
        error = (
            finished.error
            if finished
            else RunError("the run was interrupted" if interrupted else "the run did not end")
        )
        steps = tuple(attempt.record() for attempt in self._attempts)
        last = steps[-1] if steps else None
        if finished is None and error is not None and last is not None:
            error = RunError(error.message, last.workflow_id, last.step_id)
        return RunResult(
            finished.status if finished else "failed",
            self._started.workflow_id,
            {name: None if value is UNDEFINED else value for name, value in outputs.items()},
            self._started.inputs,
            steps,
            tuple(self._warnings),
            error,
            self._started.at,
            finished.duration if finished else 0.0,
        )
