"""One attempt at a step: what must hold before it, the call itself, and how it is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, assert_never

from arazzo.engine.actions import judge
from arazzo.engine.arguments import Passed, pass_inputs
from arazzo.engine.effects import Flow, now
from arazzo.engine.events import StepFinished, StepStarted
from arazzo.engine.exchange import describe, exchange, name_outputs
from arazzo.engine.request import Prepared, prepare
from arazzo.engine.state import (
    CannotSend,
    Deadline,
    Expired,
    Frame,
    Run,
    Stopped,
    Verdict,
    Visit,
    WorkflowOutcome,
)
from arazzo.engine.timing import check_deadlines, pause, poll_interval, retry_after
from arazzo.plan.model import MessageCall, OperationCall, StepPlan, UnknownCall, WorkflowCall, WorkflowKey
from arazzo.values import Value

RunWorkflow: TypeAlias = Callable[..., Flow[WorkflowOutcome]]
"""``engine.workflow.run_workflow``, handed down because a step may call a workflow and a workflow is steps."""


def attempt(run: Run, frame: Frame, step: StepPlan, visit: Visit, run_workflow: RunWorkflow) -> Flow[Verdict]:
    """Try ``step`` once. Raises ``Stopped`` or ``Expired`` at a bound of the run."""
    run.count(frame.workflow, step)
    moment = yield from now()
    check_deadlines(frame.deadlines, moment)
    frame.scope.request = frame.scope.response = None
    frame.scope.outputs = {}
    try:
        ready: Prepared | Passed | CannotSend = _prepare(run, frame, step, visit)
    except CannotSend as refused:
        ready = refused
    if (yield from _wait_if_polling(run, frame, step, visit, ready)):
        moment = yield from now()
    frame.reply = None  # What an earlier step was told says nothing about this one.
    started = moment
    workflow_id, step_id = frame.workflow.key.workflow_id, step.step_id
    described = step.step.description
    yield StepStarted(started, workflow_id, step_id, visit.attempt, frame.depth, described, _callee(step))
    try:
        verdict = yield from _perform(run, frame, step, visit, ready, run_workflow, started)
    except (Stopped, Expired) as stopped:
        yield from _finished(run, frame, step, visit, started, Verdict("failed", str(stopped)))
        raise
    yield from _finished(run, frame, step, visit, started, verdict)
    return verdict


def _prepare(run: Run, frame: Frame, step: StepPlan, visit: Visit) -> Prepared | Passed:
    """What the step is about to send or to pass on. Raises ``CannotSend``."""
    for dependency in step.depends_on:
        key = dependency.workflow or frame.workflow.key
        if (key, dependency.step_id) not in run.completed:
            raise CannotSend(f"it depends on step {dependency.step_id!r}, which has not been completed")
    match step.call:
        case OperationCall() as call:
            return prepare(run, frame, call, _key(run, frame, step, visit))
        case WorkflowCall() as call:
            return pass_inputs(run, frame, call, {})
        # Linking refuses a workflow with either; a plan that was made by hand gets here.
        case MessageCall():
            raise CannotSend("it sends or receives messages, which this interpreter does not run yet")
        case UnknownCall():
            raise CannotSend("what it calls could not be had")
        case _:
            assert_never(step.call)


def _key(run: Run, frame: Frame, step: StepPlan, visit: Visit) -> str | None:
    """The idempotency key of this visit, made when it is first asked for."""
    if visit.key is None and run.idempotency is not None:
        run.keys += 1
        visit.key = run.idempotency.key(run.keys, frame.workflow.key.workflow_id, step.step_id)
    return visit.key


def _wait_if_polling(
    run: Run, frame: Frame, step: StepPlan, visit: Visit, ready: Prepared | Passed | CannotSend
) -> Flow[bool]:
    """A goto that leads to the very request sent last is a poll, and waits before it is sent again; whether it was."""
    asks_for: object = ready
    if not isinstance(ready, CannotSend):
        asks_for = ready.identity if isinstance(ready, Prepared) else ready.inputs
    same = visit.by_goto and visit.attempt == 1 and frame.last_sent.get(step.index) == asks_for
    frame.last_sent[step.index] = asks_for
    if not same:
        frame.polls[step.index] = 0
        return False
    moment = yield from now()
    asked = retry_after(frame.reply, moment)
    seconds = poll_interval(run.bounds, frame.polls[step.index])
    frame.polls[step.index] += 1
    yield from pause(run, frame, step, seconds, "poll", asked)
    return True


def _perform(
    run: Run,
    frame: Frame,
    step: StepPlan,
    visit: Visit,
    ready: Prepared | Passed | CannotSend,
    run_workflow: RunWorkflow,
    started: float,
) -> Flow[Verdict]:
    if isinstance(ready, CannotSend):
        name_outputs(frame, step, {})
        return Verdict("failed", str(ready))
    for warning in ready.warnings:
        yield from run.warn(warning)
    if isinstance(ready, Prepared):
        assert isinstance(step.call, OperationCall)
        frame.scope.request = ready.view
        return (yield from exchange(run, frame, step, step.call, ready, visit, started))
    assert isinstance(step.call, WorkflowCall)
    return (yield from _call_workflow(run, frame, step, step.call, ready.inputs, run_workflow))


def _call_workflow(
    run: Run,
    frame: Frame,
    step: StepPlan,
    call: WorkflowCall,
    given: dict[str, Value],
    run_workflow: RunWorkflow,
) -> Flow[Verdict]:
    """Run the called workflow; its last response is this step's, its outputs are seen as ``$outputs.``."""
    own: Deadline | None = None
    if step.timeout is not None:
        moment = yield from now()
        sentence = f"the workflow took longer than the step's timeout of {step.timeout * 1000:g} ms"
        own = Deadline(moment + step.timeout, sentence)
    deadlines = (*frame.deadlines, own) if own else frame.deadlines
    try:
        outcome = yield from run_workflow(run, call.target, given, frame.depth + 1, deadlines, "step")
    except Expired as expired:
        if expired.deadline is not own:
            raise
        name_outputs(frame, step, {})
        return Verdict("failed", expired.deadline.sentence)
    frame.scope.response, frame.reply = outcome.response, outcome.reply
    named = name_outputs(frame, step, outcome.outputs)
    frame.outputs[step.step_id] = {**outcome.outputs, **named}
    if step.criteria:
        unmet = yield from judge(run, frame, step, step.criteria, None)
        return Verdict("succeeded") if unmet is None else Verdict("failed", describe(unmet))
    if outcome.status == "succeeded":
        return Verdict("succeeded")
    return Verdict("failed", f"the workflow {call.target.workflow_id!r} failed: {outcome.reason}")


def _finished(
    run: Run, frame: Frame, step: StepPlan, visit: Visit, started: float, verdict: Verdict
) -> Flow[None]:
    ended = yield from now()
    yield StepFinished(
        ended,
        frame.workflow.key.workflow_id,
        step.step_id,
        visit.attempt,
        frame.depth,
        verdict.status,
        ended - started,
        run.secrets.mapping(frame.outputs.get(step.step_id, {})),
        run.secrets.text(verdict.reason) if verdict.reason else None,
    )


def _callee(step: StepPlan) -> str:
    match step.call:
        case OperationCall(operation=operation):
            return operation.operation_id or f"{operation.method} {operation.path}"
        case WorkflowCall(target=WorkflowKey(_, workflow_id)):
            return workflow_id
        case MessageCall() as call:
            return call.callee
        case UnknownCall():
            return ""
