"""What a rule is given, and the places of a plan that rules look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from msgspec import Struct, field

from arazzo.criterion.table import CompiledCriterion
from arazzo.diagnostics import Diagnostic, Span
from arazzo.expression.nodes import Expression
from arazzo.expression.template import Template, expressions
from arazzo.plan.model import (
    ActionPlan,
    BodyPlan,
    MessageCall,
    OperationCall,
    Plan,
    StepPlan,
    UnknownCall,
    WorkflowCall,
    WorkflowKey,
    WorkflowPlan,
)
from arazzo.rules.infer import Here, Inference
from arazzo.rules.paths import Paths


class Subject(Struct, frozen=True):
    """A plan under examination. Only what its own document says is reported, not what it names elsewhere."""

    plan: Plan
    shapes: Inference
    _readings: dict[WorkflowKey, tuple[Reading, ...]] = field(default_factory=dict)
    _paths: dict[WorkflowKey, Paths] = field(default_factory=dict)

    def readings(self, workflow: WorkflowPlan) -> tuple[Reading, ...]:
        """Every expression of a workflow; their places, which several rules ask for, are looked up once."""
        if workflow.key not in self._readings:
            self._readings[workflow.key] = tuple(readings(workflow))
        return self._readings[workflow.key]

    def paths(self, workflow: WorkflowPlan) -> Paths:
        """The ways through a workflow, which several rules ask for."""
        if workflow.key not in self._paths:
            self._paths[workflow.key] = Paths(workflow.steps)
        return self._paths[workflow.key]

    def workflows(self) -> Iterator[WorkflowPlan]:
        """The linked workflows of the document, in the order of the text."""
        for workflow in self.plan.workflows.values():
            if workflow.document is self.plan.document:
                yield workflow

    def steps(self) -> Iterator[tuple[WorkflowPlan, StepPlan]]:
        """Every linked step of the document, workflow by workflow, in running order."""
        for workflow in self.workflows():
            for step in workflow.steps:
                yield workflow, step

    def calls(self) -> Iterator[tuple[Here, OperationCall]]:
        """Every step that calls an API operation, as it stands before its request."""
        for workflow, step in self.steps():
            if isinstance(step.call, OperationCall):
                yield Here(workflow, step), step.call


Rule: TypeAlias = Callable[[Subject], Iterator[Diagnostic]]
"""One rule: what it finds wrong."""


class Reading(Struct, frozen=True):
    """An expression, where it is written, and where it stands in the run."""

    expression: Expression
    span: Span | None
    here: Here


class Judged(Struct, frozen=True):
    """A criterion and where it stands in the run."""

    criterion: CompiledCriterion
    here: Here


def templates(workflow: WorkflowPlan) -> Iterator[tuple[Template, Here]]:
    """Every value that a workflow writes, with its place in the run."""
    for step in workflow.steps:
        before = Here(workflow, step)
        for template in step_templates(step):
            yield template, before
        for template in step.outputs.values():
            yield template, Here(workflow, step, "succeeded")
        for here, action in actions(workflow, step):
            if isinstance(action.target, WorkflowCall):
                for argument in action.target.arguments:
                    yield argument.value, here
    for template in workflow.outputs.values():
        yield template, Here(workflow)


def step_templates(step: StepPlan) -> Iterator[Template]:
    """The values that a step sends."""
    match step.call:
        case OperationCall(parameters=parameters, body=body):
            yield from (parameter.value for parameter in parameters)
            yield from _body_templates(body)
        case WorkflowCall(arguments=arguments):
            yield from (argument.value for argument in arguments)
        case UnknownCall(arguments=arguments, body=body):
            yield from (argument.value for argument in arguments)
            yield from _body_templates(body)
        case MessageCall(parameters=arguments, body=body, correlation_id=correlation_id):
            yield from (argument.value for argument in arguments)
            if correlation_id is not None:
                yield correlation_id
            yield from _body_templates(body)


def _body_templates(body: BodyPlan | None) -> Iterator[Template]:
    if body is not None:
        if body.payload is not None:
            yield body.payload
        yield from (replacement.value for replacement in body.replacements)


def actions(workflow: WorkflowPlan, step: StepPlan) -> Iterator[tuple[Here, ActionPlan]]:
    """The actions of a step, those on success first."""
    for action in step.on_success:
        yield Here(workflow, step, "succeeded"), action
    for action in step.on_failure:
        yield Here(workflow, step, "failed"), action


def criteria(workflow: WorkflowPlan) -> Iterator[Judged]:
    """Every criterion of a workflow's steps and of their actions."""
    for step in workflow.steps:
        for criterion in step.criteria:
            yield Judged(criterion, Here(workflow, step, "judged"))
        for here, action in actions(workflow, step):
            for criterion in action.criteria:
                yield Judged(criterion, here)


def together(workflow: WorkflowPlan) -> Iterator[tuple[Here, tuple[CompiledCriterion, ...]]]:
    """The criteria of a workflow's steps and of their actions, each with those that must hold along with it."""
    for step in workflow.steps:
        yield Here(workflow, step, "judged"), step.criteria
        for here, action in actions(workflow, step):
            yield here, action.criteria


def readings(workflow: WorkflowPlan) -> Iterator[Reading]:
    """Every expression of a workflow, with its place in the text and in the run."""
    for template, here in templates(workflow):
        for expression, span in expressions(template):
            yield Reading(expression, span, here)
    for judged in criteria(workflow):
        for expression, span in judged.criterion.expressions():
            yield Reading(expression, span, judged.here)
