"""Requests of real operations, built from simulated values and read back by others (``benchmarks.reading``)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random

from arazzo.descriptions.openapi.bodies import media_type_of
from arazzo.descriptions.openapi.model import Operation, ParameterSpec
from arazzo.descriptions.openapi.parameters import ParameterError, serialize
from arazzo.descriptions.openapi.references import Resolver
from arazzo.document.model import Step
from arazzo.drivers.clock import VirtualClock
from arazzo.drivers.sync import drive
from arazzo.engine.effects import Send
from arazzo.engine.events import RunFinished, StepFinished
from arazzo.engine.request import prepare
from arazzo.engine.secrets import Secrets
from arazzo.engine.state import Bounds, CannotSend, Frame, Run
from arazzo.engine.workflow import run_plan
from arazzo.expression.scope import RequestView, Scope
from arazzo.expression.template import Literal
from arazzo.messages import Reply, Request, header
from arazzo.plan.model import BodyPlan, OperationCall, ParameterPlan, Plan, WorkflowPlan
from arazzo.simulate.provider import SimulatedProvider
from arazzo.simulate.sample import Sampler
from arazzo.source import from_value
from arazzo.values import UNDEFINED, Maybe, Value
from benchmarks.reading import HOST, Given, Reading, read_body, read_parameters

_SEED = 60
_SHOWN = 4


@dataclass
class Tally:
    """What became of the requests."""

    operations: int = 0
    parameters: int = 0
    bodies: Counter[str] = field(default_factory=Counter)
    """Given, by content type."""
    read: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Read back equal, by what and by whom."""
    why_not_core: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    """What could not be built, by reason."""
    misread: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)
    workflows: Counter[str] = field(default_factory=Counter)
    sent: set[tuple[str, int]] = field(default_factory=set)
    """Steps, by document and place, that a run sent a request for."""
    unreached: Counter[str] = field(default_factory=Counter)

    def refuse(self, reason: str, example: str) -> None:
        self.refused[reason] += 1
        self.note_example(reason, example)

    def note(self, reading: Reading, where: str) -> None:
        if reading.why_not_core is not None:
            self.why_not_core[reading.why_not_core] += 1
        if reading.problem is None:
            self.read[reading.what, reading.reader] += 1
        else:
            self.misread[reading.what] += 1
            self.note_example(f"misread {reading.what}", f"{where}: {reading.problem}")

    def note_example(self, reason: str, example: str) -> None:
        shown = self.examples.setdefault(reason, [])
        if len(shown) < _SHOWN and example not in shown:
            shown.append(example)


# --- every parameter and every content type of an operation


def try_operation(operation: Operation, plan: Plan, workflow: WorkflowPlan, tally: Tally) -> None:
    """Build a request with all parameters for each content type, from sampled values, and read it back."""
    tally.operations += 1
    where = operation.operation_id or f"{operation.method} {operation.path}"
    resolver = operation.resolver or Resolver(operation.at.tree, operation.source_uri)
    sampler = Sampler(resolver, Random(_SEED))
    given = list(_sampled(operation, sampler, where, tally))
    content = operation.request_body.content if operation.request_body else {}
    for index, content_type in enumerate(content or [None]):
        value: Maybe = UNDEFINED
        if content_type is not None:
            tally.bodies[_bare(content_type)] += 1
            value = sampler.content(content[content_type])
        request = _build(operation, plan, workflow, given, (content_type, value), where, tally)
        if request is None:
            continue
        if index == 0:
            tally.parameters += len(given)
            for reading in read_parameters(operation, request, given):
                tally.note(reading, where)
        if value is not UNDEFINED:
            sent_as = header(request.headers, "content-type") or ""
            tally.note(read_body(request, value, media_type_of(sent_as, operation.request_body)), where)


def _sampled(operation: Operation, sampler: Sampler, where: str, tally: Tally) -> Iterator[Given]:
    """A value for each parameter, less those that cannot carry what their schema wants."""
    for spec in operation.parameters:
        value = sampler.value(spec.schema, spec.name)
        if spec.in_ == "header" and spec.name.lower() == "content-type":
            content = operation.request_body.content if operation.request_body else {}
            value = next((name for name in content if "*" not in name), "application/json")
        try:
            serialize(spec, value)
        except ParameterError as error:
            tally.parameters += 1
            tally.refuse(_general(str(error), spec), f"{where}: {error}")
            if spec.in_ != "path":
                continue
            value = "x"
        yield spec, value


def _general(message: str, spec: ParameterSpec) -> str:
    """A refusal without the name of the parameter."""
    return message.replace(f"the {spec.in_} parameter {spec.name!r}", f"a {spec.in_} parameter")


def _build(
    operation: Operation,
    plan: Plan,
    workflow: WorkflowPlan,
    given: list[Given],
    body: tuple[str | None, Maybe],
    where: str,
    tally: Tally,
) -> Request | None:
    at = operation.at
    content_type, value = body
    concrete = content_type if content_type is None or "*" not in content_type else None
    call = OperationCall(
        "source",
        operation,
        f"{HOST}/base",
        tuple(ParameterPlan(spec.name, Literal(v), spec, True, at) for spec, v in given),
        BodyPlan(concrete, Literal(value), (), at) if value is not UNDEFINED else None,
        "*/*",
        True,
    )
    try:
        return prepare(Run(plan, Bounds(), Secrets()), Frame(workflow, Scope(), 0, (), {}), call).request
    except CannotSend as refused:
        tally.refuse(_reason(str(refused), operation, content_type), f"{where}: {refused}")
        return None


def _reason(message: str, operation: Operation, content_type: str | None) -> str:
    name = operation.operation_id or f"{operation.method} {operation.path}"
    for spec in operation.parameters:
        message = _general(message, spec).replace(repr(spec.name), "…")
    return (
        message.replace(name, "the operation")
        .replace(operation.path, "…")
        .replace(str(content_type), "its type")
    )


def _bare(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


# --- the steps as a run sends them


def run_workflow(plan: Plan, tally: Tally) -> None:
    """Run the plan in simulation, and read back what each step sends when it first does."""
    assert plan.entry is not None
    provider = SimulatedProvider(0)
    first: dict[tuple[str, int], tuple[Send, RequestView]] = {}

    def answer(effect: Send) -> Reply:
        place = place_of(effect.step.step)
        if effect.scope.request is not None:
            first.setdefault(place, (effect, effect.scope.request))
        return provider(effect)

    inputs = _inputs(plan.workflows[plan.entry])
    for event in drive(run_plan(plan, inputs, Bounds()), answer, VirtualClock()):
        if isinstance(event, RunFinished):
            tally.workflows[event.status] += 1
        if isinstance(event, StepFinished) and event.reason:
            _note_failure(event.reason, f"{plan.entry.workflow_id}/{event.step_id}", tally)
    for place, (effect, view) in first.items():
        if place not in tally.sent:
            tally.sent.add(place)
            for reading in _sent_readings(effect, view):
                tally.note(reading, f"{effect.workflow.workflow_id}/{effect.step.step_id}")


def place_of(step: Step) -> tuple[str, int]:
    """What tells a step from every other."""
    span = step.at.span()
    return span.file, span.line


_FAILURES = {
    "nothing passes it": "a required parameter that nothing passes",
    "has no value": "a required value whose expression has none",
    "hold": "a criterion that no simulated response meets",
}


def _note_failure(message: str, where: str, tally: Tally) -> None:
    reason = next((reason for part, reason in _FAILURES.items() if part in message), "another reason")
    tally.unreached[reason] += 1
    tally.note_example(f"failed: {reason}", f"{where}: {message}")


def _sent_readings(effect: Send, view: RequestView) -> Iterator[Reading]:
    operation = effect.call.operation
    specs = {(p.spec.in_, p.spec.name): p.spec for p in effect.call.parameters}
    for spec in operation.parameters:
        specs.setdefault((spec.in_, spec.name), spec)
    given: list[Given] = []
    for values, places in ((view.path, ("path",)), (view.query, ("query", "querystring"))):
        for name, value in values.items():
            given += [(specs[place, name], value) for place in places if (place, name) in specs]
    yield from read_parameters(operation, effect.request, given)
    if view.body is not UNDEFINED:
        media = media_type_of(header(effect.request.headers, "content-type") or "", operation.request_body)
        yield read_body(effect.request, view.body, media)


def _inputs(workflow: WorkflowPlan) -> Mapping[str, Value]:
    """A value for each input."""
    tree = from_value(workflow.inputs.schema)
    inputs = Sampler(Resolver(tree, "inputs:"), Random(_SEED)).value(tree.node, "inputs")
    return inputs if isinstance(inputs, dict) else {}
