"""The run cycle: a workflow is its steps in order, and whatever ``engine.actions`` decides between them.

A pure generator: it yields what it wants (``Send``, ``Wait``, ``Now``) and what happened (events), and does nothing
else. ``docs/run-cycle.md`` tells the same in prose. ``yield from`` is the call stack of sub-workflows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Literal, TypeAlias, assert_never

from msgspec import Struct

from arazzo import codes
from arazzo.diagnostics import Severity
from arazzo.engine.actions import End, Goto, Next, Retry, Transfer, choose
from arazzo.engine.arguments import inherited_inputs, pass_inputs
from arazzo.engine.attempt import attempt
from arazzo.engine.effects import Flow, now
from arazzo.engine.events import RunError, RunFinished, RunStarted, WorkflowFinished, WorkflowStarted
from arazzo.engine.idempotency import Idempotency
from arazzo.engine.secrets import Secrets
from arazzo.engine.state import (
    Bounds,
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
from arazzo.engine.timing import pause, retry_after
from arazzo.expression.scope import Scope, WorkflowValues
from arazzo.expression.template import render
from arazzo.messages import Response
from arazzo.plan.input_values import with_defaults
from arazzo.plan.model import ActionPlan, Plan, StepPlan, StepTarget, WorkflowCall, WorkflowKey
from arazzo.values import UNDEFINED, Maybe, Value

Reason: TypeAlias = Literal["run", "step", "goto", "retry", "depends-on"]


class _Ended(Struct, frozen=True):
    """How the steps of a workflow came to an end; ``transfer`` when a goto leads to another workflow."""

    verdict: Verdict
    step_id: str | None = None
    transfer: tuple[WorkflowKey, dict[str, Value]] | None = None


def run_plan(
    plan: Plan,
    inputs: Mapping[str, Value],
    bounds: Bounds,
    secrets: Secrets | None = None,
    idempotency: Idempotency | None = None,
) -> Flow[WorkflowOutcome]:
    """Run the plan's entry workflow with ``inputs``, which must fit it (``plan.input_values``).

    ``secrets`` is shared with whoever adds credentials below the engine, so that they are hidden here, too;
    ``idempotency`` asks for ``Idempotency-Key``. The last
    event is always ``RunFinished``; the returned outcome alone holds the outputs with nothing hidden.
    """
    assert plan.entry is not None, "a plan to be run has an entry workflow"
    workflow = plan.workflows[plan.entry]
    complete = with_defaults(workflow.inputs, inputs)
    run = Run(plan, bounds, Secrets() if secrets is None else secrets, idempotency)
    run.secrets.learn_named(plan.secret_inputs, complete)
    run.secrets.learn_inputs(workflow.inputs, complete)
    began = yield from now()
    if bounds.timeout is not None:
        sentence = f"the run took longer than {bounds.timeout:g} s (--timeout)"
        run.deadlines = (Deadline(began + bounds.timeout, sentence),)
    yield RunStarted(began, plan.document.file, plan.entry.workflow_id, run.secrets.mapping(complete))
    for diagnostic in plan.diagnostics:
        if diagnostic.severity is not Severity.INFORMATION:
            yield from run.warn(diagnostic)
    try:
        outcome = yield from run_workflow(run, plan.entry, complete, 0, run.deadlines, "run")
    except Stopped as stopped:
        error = stopped.error
        outcome = WorkflowOutcome(
            "failed", run.entry_outputs, error.message, error.workflow_id, error.step_id
        )
    except Expired as expired:
        current = run.current or (plan.entry.workflow_id, None)
        outcome = WorkflowOutcome("failed", run.entry_outputs, expired.deadline.sentence, *current)
    yield from _finish_run(run, plan.entry, outcome, began)
    return outcome


def _finish_run(run: Run, entry: WorkflowKey, outcome: WorkflowOutcome, began: float) -> Flow[None]:
    error = None
    if outcome.status == "failed":
        message = run.secrets.text(outcome.reason or "the workflow failed")
        error = RunError(message, outcome.workflow_id, outcome.step_id)
    ended = yield from now()
    outputs = run.secrets.mapping(outcome.outputs)
    yield RunFinished(ended, entry.workflow_id, outcome.status, outputs, error, ended - began)


def run_workflow(
    run: Run,
    key: WorkflowKey,
    inputs: Mapping[str, Value],
    depth: int,
    deadlines: tuple[Deadline, ...],
    reason: Reason,
) -> Flow[WorkflowOutcome]:
    """Run a workflow to its end, through every transfer: after a goto elsewhere the outcome is that workflow's."""
    if depth > run.bounds.max_depth:
        deep = f"{run.bounds.max_depth} deep, and do not come back"
        sentence = (
            f"stopped: workflows call workflows more than {deep}; the next would be {key.workflow_id!r}"
        )
        raise Stopped(RunError(sentence, *(run.current or (key.workflow_id, None))))
    asked_for = key
    asked: dict[WorkflowKey, tuple[dict[int, object], Counter[int]]] = {}
    reply: Response | None = None
    while True:
        workflow = run.plan.workflows[key]
        complete = with_defaults(workflow.inputs, inputs)
        run.secrets.learn_inputs(workflow.inputs, complete)
        values = run.values.setdefault(key.document, {})
        values[key.workflow_id] = WorkflowValues(complete)
        outputs: dict[str, dict[str, Maybe]] = {}
        scope = Scope(complete, {}, outputs, values, workflow.sources, self_uri=workflow.self_uri)
        # A workflow that a goto comes back to knows what it asked for last: it may be polling.
        before = asked.setdefault(key, ({}, Counter()))
        frame = Frame(workflow, scope, depth, deadlines, outputs, *before, reply, reason == "goto")
        started = yield from now()
        steps = tuple(step.step_id for step in workflow.steps)
        yield WorkflowStarted(started, key.workflow_id, depth, run.secrets.mapping(complete), reason, steps)
        try:
            ended = yield from _run_to_end(run, frame)
        except (Stopped, Expired) as stopped:
            yield from _finish(run, frame, _Ended(Verdict("failed", str(stopped))))
            raise
        outcome = yield from _finish(run, frame, ended)
        run.finished[key] = outcome
        if ended.transfer is None:
            run.finished[asked_for] = outcome
            return outcome
        key, inputs = ended.transfer
        reason, reply = "goto", outcome.reply


def _finish(run: Run, frame: Frame, ended: _Ended) -> Flow[WorkflowOutcome]:
    """Name the workflow's outputs and say that it is over."""
    key = frame.workflow.key
    outputs: dict[str, Maybe] = {}
    frame.scope.outputs = outputs
    for name, template in frame.workflow.outputs.items():
        outputs[name] = render(template, frame.scope)
    if ended.verdict.status == "succeeded" and ended.transfer is None:
        for name in (name for name, value in outputs.items() if value is UNDEFINED):
            node = frame.workflow.workflow.outputs[name]
            message = f"the output {name!r} of workflow {key.workflow_id!r} has no value and is shown as null"
            yield from run.warn(codes.OUTPUT_UNDEFINED.at(node.span(), message))
    run.values[key.document][key.workflow_id] = WorkflowValues(frame.scope.inputs, outputs)
    if frame.depth == 0:
        run.entry_outputs = outputs
    status, reason = ended.verdict.status, ended.verdict.reason
    if reason is not None and ended.step_id is not None:
        reason = f"step {ended.step_id!r} failed: {reason}"
    moment = yield from now()
    yield WorkflowFinished(
        moment,
        key.workflow_id,
        frame.depth,
        status,
        run.secrets.mapping(outputs),
        run.secrets.text(reason) if reason else None,
        ended.transfer[0].workflow_id if ended.transfer else None,
    )
    return WorkflowOutcome(
        status, outputs, reason, key.workflow_id, ended.step_id, frame.scope.response, frame.reply
    )


def _run_to_end(run: Run, frame: Frame) -> Flow[_Ended]:
    """First the workflows this one depends on, then its steps."""
    for key in frame.workflow.depends_on:
        outcome = run.finished.get(key)
        if outcome is None:
            given = inherited_inputs(run, key, frame.scope.inputs)
            outcome = yield from run_workflow(run, key, given, frame.depth + 1, frame.deadlines, "depends-on")
        if outcome.status == "failed":
            reason = f"the workflow {key.workflow_id!r}, on which it depends, failed: {outcome.reason}"
            return _Ended(Verdict("failed", reason))
    return (yield from _run_steps(run, frame))


def _run_steps(run: Run, frame: Frame) -> Flow[_Ended]:
    steps = frame.workflow.steps
    at, visit = 0, Visit(by_goto=frame.by_goto)
    while True:
        step = steps[at]
        verdict = yield from attempt(run, frame, step, visit, run_workflow)
        if verdict.status == "succeeded":
            run.completed.add((frame.workflow.key, step.step_id))
        decision = yield from choose(run, frame, step, verdict.status, visit)
        match decision:
            case Next():
                at, visit = at + 1, Visit()
            case Goto(index):
                at, visit = index, Visit(by_goto=True)
            case Retry(action, budget):
                visit.attempt += 1
                visit.spent[budget] += 1
                refused = yield from _before_retry(run, frame, step, action)
                if refused is not None:
                    return _Ended(Verdict("failed", refused), step.step_id)
            case Transfer(call):
                return (yield from _transfer(run, frame, step, verdict, call))
            case End():
                return _Ended(verdict, step.step_id)
            case _:
                assert_never(decision)
        if at == len(steps):
            return _Ended(verdict, step.step_id)


def _transfer(run: Run, frame: Frame, step: StepPlan, verdict: Verdict, call: WorkflowCall) -> Flow[_Ended]:
    """Hand over to the workflow a goto names, with the action's parameters and the inputs both have."""
    try:
        given = yield from _inputs_for(run, frame, call)
    except CannotSend as refused:
        return _Ended(Verdict("failed", str(refused)), step.step_id)
    return _Ended(verdict, step.step_id, (call.target, given))


def _inputs_for(run: Run, frame: Frame, call: WorkflowCall) -> Flow[dict[str, Value]]:
    """The inputs for the workflow an action names. Raises ``CannotSend``."""
    passed = pass_inputs(run, frame, call, inherited_inputs(run, call.target, frame.scope.inputs))
    for warning in passed.warnings:
        yield from run.warn(warning)
    return passed.inputs


def _before_retry(run: Run, frame: Frame, step: StepPlan, action: ActionPlan) -> Flow[str | None]:
    """Wait, and run the retry's target, if it has one; says what went wrong with the target, which fails the step.

    The actions of a target step are not followed: control comes back here whatever they say.
    """
    moment = yield from now()
    asked = retry_after(frame.reply, moment)
    yield from pause(run, frame, step, action.retry_after, "retry", asked)
    match action.target:
        case None:
            return None
        case StepTarget(index, step_id):
            verdict = yield from attempt(run, frame, frame.workflow.steps[index], Visit(), run_workflow)
            if verdict.status == "failed":
                return f"step {step_id!r}, run before the retry, failed: {verdict.reason}"
            run.completed.add((frame.workflow.key, step_id))
            return None
        case WorkflowCall() as call:
            try:
                given = yield from _inputs_for(run, frame, call)
            except CannotSend as refused:
                return str(refused)
            outcome = yield from run_workflow(
                run, call.target, given, frame.depth + 1, frame.deadlines, "retry"
            )
            if outcome.status == "failed":
                return f"workflow {call.target.workflow_id!r}, run before the retry, failed: {outcome.reason}"
            return None
