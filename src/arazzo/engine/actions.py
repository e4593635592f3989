"""The one home of control flow: what follows from the outcome of a step.

Rule: the step's own actions come before the workflow's (linking has merged them); the first whose criteria all
hold is taken; a retry whose budget is used up is passed over; with none taken, success leads to the next step
and failure ends the workflow (specification, Step Object ``onSuccess``, ``onFailure``).
"""

from __future__ import annotations

from typing import TypeAlias, assert_never

from msgspec import Struct

from arazzo import codes
from arazzo.criterion.table import CompiledCriterion
from arazzo.engine.effects import Flow
from arazzo.engine.events import ActionChosen, CriterionJudged, Status
from arazzo.engine.state import Frame, Run, Visit
from arazzo.plan.model import ActionPlan, StepPlan, StepTarget, WorkflowCall


class Next(Struct, frozen=True):
    """Go on with the step that follows; after the last one the workflow is over."""


class Goto(Struct, frozen=True):
    """Enter the step at ``index`` anew."""

    index: int


class Transfer(Struct, frozen=True):
    """Leave this workflow for good; the called one's outcome is the outcome."""

    call: WorkflowCall


class Retry(Struct, frozen=True):
    """Try the step again, after a wait, and after ``action.target`` if it has one; ``budget`` is what it spends of."""

    action: ActionPlan
    budget: tuple[Status, int]


class End(Struct, frozen=True):
    """The workflow is over, with the status of the step just executed."""


Decision: TypeAlias = Next | Goto | Transfer | Retry | End


def choose(run: Run, frame: Frame, step: StepPlan, status: Status, visit: Visit) -> Flow[Decision]:
    """What follows ``step``, which ended with ``status``; every criterion that is judged is told as an event."""
    for index, action in enumerate(step.on_success if status == "succeeded" else step.on_failure):
        if action.type == "retry" and visit.spent[status, index] >= action.retry_limit:
            continue
        if (yield from judge(run, frame, step, action.criteria, action.name)) is None:
            yield _chosen(frame, step, action, status)
            return _decide(action, (status, index))
    return Next() if status == "succeeded" else End()


def judge(
    run: Run, frame: Frame, step: StepPlan, criteria: tuple[CompiledCriterion, ...], action: str | None
) -> Flow[CriterionJudged | None]:
    """Judge ``criteria`` in order, up to the first that is not met, which is returned; None when all hold.

    A condition that cannot be evaluated is not met, and a warning says so (specification, "Evaluation Errors").
    """
    for criterion in criteria:
        verdict = criterion.judge(frame.scope)
        judged = CriterionJudged(
            frame.workflow.key.workflow_id,
            step.step_id,
            frame.depth,
            action,
            criterion.condition,
            criterion.type,
            criterion.context,
            verdict.met,
            run.secrets.text(verdict.error) if verdict.error else None,
        )
        yield judged
        if verdict.note:
            yield from run.warn(verdict.note)
        if verdict.error:
            yield from run.warn(
                codes.CONDITION_FAILED.at(
                    criterion.span,
                    f"step {step.step_id!r}: the condition could not be evaluated and is not met: {judged.error}",
                )
            )
        if not verdict.met:
            return judged
    return None


def _decide(action: ActionPlan, budget: tuple[Status, int]) -> Decision:
    match action.type:
        case "end":
            return End()
        case "retry":
            return Retry(action, budget)
        case "goto":
            match action.target:
                case StepTarget(index):
                    return Goto(index)
                case WorkflowCall() as call:
                    return Transfer(call)
                case None:
                    raise AssertionError("a goto without a target does not get past linking")
                case _:
                    assert_never(action.target)
        case _:
            assert_never(action.type)


def _chosen(frame: Frame, step: StepPlan, action: ActionPlan, status: Status) -> ActionChosen:
    return ActionChosen(
        frame.workflow.key.workflow_id,
        step.step_id,
        frame.depth,
        action.name,
        action.type,
        status,
        action.target.step_id if isinstance(action.target, StepTarget) else None,
        action.target.target.workflow_id if isinstance(action.target, WorkflowCall) else None,
    )
