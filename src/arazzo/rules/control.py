"""Rules about the ways through a workflow (Step, Success Action and Failure Action Objects)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from arazzo.criterion.nodes import And, Comparison, Condition, Constant
from arazzo.criterion.simple import reads
from arazzo.diagnostics import Diagnostic, Span
from arazzo.document.model import FailureAction, Parameter, Reusable, SuccessAction
from arazzo.expression.nodes import Expression, StepReference
from arazzo.expression.template import expressions
from arazzo.plan.model import ActionPlan, StepPlan, StepTarget, WorkflowCall, WorkflowKey, WorkflowPlan
from arazzo.rules import codes
from arazzo.rules.paths import chosen_before
from arazzo.rules.rule import Subject, step_templates
from arazzo.source import Node

_SUSPICIOUS = 1000
_TEN_MINUTES = 600
_DAY = 86_400
_MOST_CALLS = 300_000
"""Workflows that are looked at, in all, to find those that call each other in a circle."""

Calls: TypeAlias = Mapping[WorkflowKey, Sequence[tuple[WorkflowKey, StepPlan]]]
"""Which workflows each one always calls, and at which step."""


def steps_never_reached(subject: Subject) -> Iterator[Diagnostic]:
    """A step that no path from the first one leads to."""
    for workflow in subject.workflows():
        reached = subject.paths(workflow).reached
        for step in workflow.steps:
            if step.index not in reached:
                before = workflow.steps[step.index - 1]
                message = f"the step {step.step_id!r} is never reached"
                hint = (
                    f"the step before it, {before.step_id!r}, never goes on to it, and no action leads here"
                )
                yield codes.UNREACHABLE_STEP.at(_name_of(step).span(), message, hint)


def loops_without_end(subject: Subject) -> Iterator[Diagnostic]:
    """Steps that, as long as they succeed, lead only to each other."""
    for workflow in subject.workflows():
        for loop in subject.paths(workflow).closed_loops():
            names = [workflow.steps[index].step_id for index in loop]
            if len(names) == 1:
                message = (
                    f"the step {names[0]!r} leads only to itself: while it succeeds, the workflow never ends"
                )
            else:
                message = (
                    f"the steps {', '.join(names)} lead only to each other:"
                    " while they succeed, the workflow never ends"
                )
            hint = "give the action that leads back criteria, so that it is not always taken"
            last = workflow.steps[loop[-1]]
            back = [
                action
                for action in last.on_success
                if isinstance(action.target, StepTarget) and action.target.index in loop
            ]
            span = _named(back[0]).span() if back else _name_of(last).span()
            yield codes.ENDLESS_LOOP.at(span, message, hint)


def calls_without_end(subject: Subject) -> Iterator[Diagnostic]:
    """Workflows that call themselves or each other in a circle, at steps they always get to while steps succeed."""
    calls = _in_circles({key: list(_sure_calls(one)) for key, one in subject.plan.workflows.items()})
    told: set[WorkflowKey] = set()
    looked_at = 0
    for workflow in subject.workflows():
        if workflow.key in told or workflow.key not in calls or looked_at > _MOST_CALLS:
            continue
        looked_at += len(calls)
        circle = _circle(workflow.key, calls)
        if circle and told.isdisjoint(circle):
            told.update(circle)
            step = next(step for target, step in calls[workflow.key] if target == circle[1])
            names = [key.workflow_id for key in circle]
            how = "calls itself" if len(names) == 2 else f"calls itself in a circle, {' -> '.join(names)}"
            message = f"{names[0]!r} {how}: while the steps succeed, it never ends"
            hint = (
                "let a step before this one end the workflow, with criteria: an onSuccess action of type end"
            )
            node = step.step.at.get("workflowId") or step.step.at
            yield codes.ENDLESS_LOOP.at(node.span(), message, hint)


def _in_circles(calls: Calls) -> Calls:
    """``calls`` without the workflows that call nothing, or that nothing calls, until each has both."""
    callers: dict[WorkflowKey, list[WorkflowKey]] = {}
    for key, listed in calls.items():
        for target, _ in listed:
            callers.setdefault(target, []).append(key)
    called = {key: [target for target, _ in listed if target in calls] for key, listed in calls.items()}
    left = set(calls)
    for forth, back in ((called, callers), (callers, called)):
        count = {key: len([other for other in forth.get(key, ()) if other in left]) for key in left}
        idle = [key for key, number in count.items() if not number]
        while idle:
            key = idle.pop()
            left.remove(key)
            for other in back.get(key, ()):
                if other in left:
                    count[other] -= 1
                    if not count[other]:
                        idle.append(other)
    return {key: [call for call in calls[key] if call[0] in left] for key in calls if key in left}


def _sure_calls(workflow: WorkflowPlan) -> Iterator[tuple[WorkflowKey, StepPlan]]:
    """The workflows that ``workflow`` always calls while its steps succeed."""
    for step in workflow.steps:
        if isinstance(step.call, WorkflowCall):
            yield step.call.target, step
        if step.on_success:
            return  # It may end the workflow, or lead past a later step.


def _circle(start: WorkflowKey, calls: Calls) -> tuple[WorkflowKey, ...]:
    """A shortest way of calls from ``start`` back to it; empty when there is none."""
    before: dict[WorkflowKey, WorkflowKey] = {}
    pending = deque((start,))
    while pending and start not in before:
        here = pending.popleft()
        for target, _ in calls.get(here, ()):
            if target not in before:
                before[target] = here
                pending.append(target)
    if start not in before:
        return ()
    way = [start, before[start]]
    while way[-1] != start:
        way.append(before[way[-1]])
    return tuple(reversed(way))


def gotos_without_bound(subject: Subject) -> Iterator[Diagnostic]:
    """A goto from a step to itself: nothing in the document says how often."""
    for _, step in subject.steps():
        for at, action in enumerate((*step.on_success, *step.on_failure)):
            to_itself = isinstance(action.target, StepTarget) and action.target.index == step.index
            after_failure = at >= len(step.on_success)
            if action.type == "goto" and to_itself and (action.criteria or after_failure):
                when = "the criteria hold" if action.criteria else "it fails"
                message = f"the step {step.step_id!r} goes back to itself as often as {when}"
                hint = "only --max-steps and --timeout bound it; a retry has a retryLimit"
                yield codes.UNBOUNDED_LOOP.at(_named(action).span(), message, hint)


def actions_never_chosen(subject: Subject) -> Iterator[Diagnostic]:
    """An action behind one that is always chosen first: it has no criteria, or none that later ones do not imply."""
    found: dict[Span, Diagnostic | None] = {}
    for _, step in subject.steps():
        for listed in (step.on_success, step.on_failure):
            before = chosen_before(step, listed, succeeded=listed is step.on_success)
            for action, first in zip(listed, before, strict=True):
                span = _named(action).span()
                diagnostic = None if first is None else _shadowed(action, first)
                found[span] = diagnostic if found.get(span, diagnostic) is not None else None
    yield from (diagnostic for diagnostic in found.values() if diagnostic is not None)


def _shadowed(action: ActionPlan, first: ActionPlan) -> Diagnostic:
    if first.criteria:
        when = "where its criteria hold, so do" if action.criteria else "when the step gets there, so do"
        message = f"the action {action.name!r} is never chosen: {when} those of {first.name!r} before it"
        hint = f"put {action.name!r} first, or give {first.name!r} criteria that leave its cases out"
    else:
        message = f"the action {action.name!r} is never chosen: {first.name!r} before it has no criteria"
        hint = f"give {first.name!r} criteria, or put it last"
    return codes.SHADOWED_ACTION.at(
        _named(action).span(), message, hint, [("chosen first", _named(first).span())]
    )


def replaced_by_a_step(subject: Subject) -> Iterator[Diagnostic]:
    """A step's own parameter or action of the same name takes the place of the workflow's (Workflow Object)."""
    components = subject.plan.document.components
    for workflow, step in subject.steps():
        whole, own = workflow.workflow, step.step
        pairs: list[tuple[str, Listed, Listed, Mapping[str, Named]]] = [
            ("parameter", whole.parameters, own.parameters, components.parameters),
            ("success action", whole.success_actions, own.on_success, components.success_actions),
            ("failure action", whole.failure_actions, own.on_failure, components.failure_actions),
        ]
        for kind, outer, inner, shared in pairs:
            names = {_identity(item, shared): item for item in outer}
            for item in inner:
                identity = _identity(item, shared)
                if identity in names and identity is not None:
                    node = item.at.get("name") or item.at.get("reference") or item.at
                    message = f"the step's {kind} {identity[0]!r} takes the place of the workflow's"
                    related = [("the workflow's is here", names[identity].at.span())]
                    yield codes.OVERRIDDEN.at(node.span(), message, None, related)


Named: TypeAlias = Parameter | SuccessAction | FailureAction
Listed: TypeAlias = Sequence[Named | Reusable]


def _identity(item: Named | Reusable, shared: Mapping[str, Named]) -> tuple[str, str | None] | None:
    """What makes two entries the same: the name, and of a parameter its place."""
    found = shared.get(item.reference.rpartition(".")[2]) if isinstance(item, Reusable) else item
    if found is None:
        return None
    return found.name, found.in_ if isinstance(found, Parameter) else None


def waits_in_milliseconds(subject: Subject) -> Iterator[Diagnostic]:
    """A ``retryAfter`` of a thousand seconds and more: full thousands, or no round number of minutes either."""
    for _, step in subject.steps():
        for action in (*step.on_success, *step.on_failure):
            seconds = action.retry_after
            thousands = seconds % _SUSPICIOUS == 0
            if seconds >= _SUSPICIOUS and seconds % (_DAY if thousands else _TEN_MINUTES):
                message = f"retryAfter is in seconds, and {seconds:g} s are {_long(seconds)}"
                hint = f"write {seconds / 1000:g} if milliseconds were meant"
                node = action.at.get("retryAfter") or action.at
                yield codes.MILLISECONDS.at(node.span(), message, hint)


def outputs_read_too_early(subject: Subject) -> Iterator[Diagnostic]:
    """A request, or a criterion of a step, needs an output of an earlier step that some path leaves out."""
    for workflow in subject.workflows():
        paths = subject.paths(workflow)
        position = {step.step_id: step.index for step in reversed(workflow.steps)}
        for step in workflow.steps:
            if step.index not in paths.reached:
                continue
            told: set[str] = set()
            for expression, span in _needed_by(step):
                if not isinstance(expression, StepReference) or expression.step_id in told:
                    continue
                read = position.get(expression.step_id)
                # What comes later, or is this step, may be missing the first time round on purpose.
                if read is None or read >= step.index:
                    continue
                round_it = paths.way_round(step.index, read)
                if round_it:
                    told.add(expression.step_id)
                    way = " -> ".join(workflow.steps[index].step_id for index in round_it)
                    message = f"the step {expression.step_id!r} has not run when the path is {way}"
                    yield codes.MAYBE_UNSET.at(span, message)


def dependencies_not_completed(subject: Subject) -> Iterator[Diagnostic]:
    """A step depends on one that is never reached, or that some path leaves out (Step Object, ``dependsOn``)."""
    for workflow in subject.workflows():
        paths = subject.paths(workflow)
        position = {step.step_id: step.index for step in reversed(workflow.steps)}
        for step in workflow.steps:
            for name in _own_dependencies(step) if step.index in paths.reached else ():
                other = position.get(str(name.value).removeprefix("$steps."))
                if other is None or other >= step.index:
                    continue  # What is not there, or comes later, has been told or may be meant for a second round.
                needed = workflow.steps[other].step_id
                if other not in paths.reached:
                    message = (
                        f"{step.step_id!r} depends on {needed!r}, which is never reached: it always fails"
                    )
                    yield codes.UNMET_DEPENDENCY.at(name.span(), message)
                elif way := paths.way_round(step.index, other):
                    shown = " -> ".join(workflow.steps[index].step_id for index in way)
                    message = f"{needed!r}, on which this step depends, has not run when the path is {shown}"
                    yield codes.MAYBE_UNSET.at(name.span(), message, "on that path the step fails")


def _own_dependencies(step: StepPlan) -> Iterator[Node]:
    listed = step.step.at.get("dependsOn")
    known = {dependency.step_id for dependency in step.depends_on if dependency.workflow is None}
    for name in listed.elements() if listed is not None else ():
        if isinstance(name.value, str) and name.value.removeprefix("$steps.") in known:
            yield name


def _needed_by(step: StepPlan) -> Iterator[tuple[Expression, Span | None]]:
    """What the step sends, and what its criteria cannot be met without."""
    for template in step_templates(step):
        yield from expressions(template)
    for criterion in step.criteria:
        needed = {id(expression) for expression in _compared(criterion.reading.condition)}
        yield from (found for found in criterion.expressions() if id(found[0]) in needed)


def _compared(condition: Condition | None) -> Iterator[Expression]:
    """What is compared with something else than null, where the condition cannot hold without it."""
    match condition:
        case And(items):
            for item in items:
                yield from _compared(item)
        case Comparison(operator, left, right) if operator != "!=" and Constant(None) not in (left, right):
            yield from reads(condition)
        case _:
            pass


def _long(seconds: float) -> str:
    return f"{seconds / 3600:.1f} hours" if seconds >= 2 * 3600 else f"{seconds / 60:.0f} minutes"


def _named(action: ActionPlan) -> Node:
    return action.at.get("name") or action.at


def _name_of(step: StepPlan) -> Node:
    return step.step.at.get("stepId") or step.step.at
