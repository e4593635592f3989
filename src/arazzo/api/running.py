"""Run a workflow: to its end, or event by event."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Unpack

from arazzo import codes
from arazzo.api.arguments import check_keywords, checked
from arazzo.api.linking import LinkKeywords, link_for_run, ready
from arazzo.diagnostics import Severity
from arazzo.document.model import Document
from arazzo.drivers.clock import Clock, SystemClock, VirtualClock
from arazzo.drivers.sync import drive
from arazzo.engine.effects import Send
from arazzo.engine.events import Event
from arazzo.engine.results import Fold, RunResult
from arazzo.engine.state import Bounds, WorkflowOutcome
from arazzo.engine.workflow import run_plan
from arazzo.errors import InputError, UsageError
from arazzo.http.opening import open_transport
from arazzo.http.transport import TransportOptions
from arazzo.messages import Reply
from arazzo.plan.input_values import check_inputs, with_defaults
from arazzo.plan.model import Plan
from arazzo.values import Value

Observer = Callable[[Event], None]
Answer = Callable[[Send], Reply]


class RunKeywords(LinkKeywords, total=False):
    """What ``run``, ``run_async`` and ``stream`` take by name."""

    observers: Iterable[Observer]
    """Called with each event as it happens."""
    transport: object
    """Takes a ``Request`` and gives a ``Response`` or ``NoResponse``; or an httpx or httpx2 client."""
    transport_options: TransportOptions
    max_steps: int
    timeout: float | None
    """Seconds for the whole run."""
    step_timeout: float | None
    """Seconds for one attempt at a step."""
    poll_interval: float
    """Seconds before the same request is sent again."""
    max_wait: float
    """Seconds that a single wait may last."""


def run(
    description: Document | Plan,
    workflow_id: str | None = None,
    inputs: Mapping[str, Value] | None = None,
    **keywords: Unpack[RunKeywords],
) -> RunResult:
    """Run a workflow to its end and return what came of it."""
    running = stream(description, workflow_id, inputs, **keywords)
    for _ in running:
        pass
    return running.result


def stream(
    description: Document | Plan,
    workflow_id: str | None = None,
    inputs: Mapping[str, Value] | None = None,
    **keywords: Unpack[RunKeywords],
) -> Stream:
    """Run a workflow, giving its events as they happen; ``Stream.result`` is the result so far, or at last."""
    return Stream(Setting.of(description, workflow_id, inputs, keywords))


class Stream:
    """A run under way: iterate for its events. ``close`` ends it early and releases its connections."""

    def __init__(self, setting: Setting) -> None:
        self._fold = Fold()
        self._outcome: WorkflowOutcome | None = None
        self._events = self._drive(setting)
        self.plan = setting.plan

    def __iter__(self) -> Iterator[Event]:
        return self

    def __next__(self) -> Event:
        return next(self._events)

    def close(self) -> None:
        self._events.close()

    @property
    def result(self) -> RunResult:
        """The result; of a run that is not over, what there is so far, as one that was interrupted."""
        if self._outcome is None:
            return self._fold.result(interrupted=True)
        return self._fold.result(self._outcome.outputs)

    @property
    def shown(self) -> RunResult:
        """``result`` with the secrets of its outputs hidden, too: what may be kept."""
        return self._fold.result(interrupted=self._outcome is None)

    def _drive(self, setting: Setting) -> Generator[Event, None, None]:
        flow = run_plan(setting.plan, setting.inputs, setting.bounds)
        if setting.provider is not None:
            yield from self._listen(drive(flow, setting.provider, setting.clock), setting)
            return
        with open_transport(setting.transport, setting.transport_options) as transport:
            events = drive(flow, lambda effect: checked(transport.send(effect.request)), setting.clock)
            yield from self._listen(events, setting)

    def _listen(
        self, events: Generator[Event, None, WorkflowOutcome], setting: Setting
    ) -> Generator[Event, None, None]:
        try:
            while True:
                try:
                    event = next(events)
                except StopIteration as stop:
                    self._outcome = stop.value
                    return
                self._fold(event)
                for observer in setting.observers:
                    observer(event)
                yield event
        finally:
            events.close()


@dataclass(frozen=True, slots=True)
class Setting:
    """Everything a run needs, once its arguments have proved right."""

    plan: Plan
    inputs: Mapping[str, Value]
    bounds: Bounds
    observers: tuple[Observer, ...]
    clock: Clock
    provider: Answer | None
    transport: object | None
    transport_options: TransportOptions

    @classmethod
    def of(
        cls,
        description: Document | Plan,
        workflow_id: str | None,
        inputs: Mapping[str, Value] | None,
        keywords: RunKeywords,
    ) -> Setting:
        """Raises ``UsageError``, ``DocumentError`` or ``InputError``; nothing has been sent then."""
        check_keywords(keywords, RunKeywords.__annotations__)
        simulate = keywords.get("simulate", False)
        if isinstance(description, Plan):
            _check_linked(description, workflow_id, keywords)
            linked = ready(description)
        else:
            linked = link_for_run(description, workflow_id, keywords)
        linked, given = _fit(linked, _given(inputs))
        provider = _simulated(0 if simulate is True else simulate) if simulate is not False else None
        return cls(
            linked,
            given,
            _bounds(keywords),
            tuple(keywords.get("observers", ())),
            VirtualClock() if provider else SystemClock(),
            provider,
            keywords.get("transport"),
            keywords.get("transport_options", TransportOptions()),
        )


def _simulated(seed: int) -> Answer:
    # Imported when asked for: a run against a real provider needs none of it.
    from arazzo.simulate.provider import SimulatedProvider

    return SimulatedProvider(seed)


def _check_linked(plan: Plan, workflow_id: str | None, keywords: RunKeywords) -> None:
    """Raise ``UsageError`` for what a plan has decided already, and otherwise than it is asked for now."""
    wrong = [
        f"{name} is an argument of link; this plan is linked already"
        for name in keywords
        if name in LinkKeywords.__annotations__ and name != "simulate"
    ]
    if workflow_id is not None and (plan.entry is None or workflow_id != plan.entry.workflow_id):
        wrong.append(f"the plan was linked for another workflow than {workflow_id!r}")
    if wrong:
        raise UsageError(codes.BAD_USAGE.at(None, message) for message in wrong)


def _given(inputs: object) -> dict[str, Value]:
    """The inputs as a mapping of our own, which nobody changes while the run goes on."""
    if inputs is None:
        return {}
    if not isinstance(inputs, Mapping) or not all(isinstance(name, str) for name in inputs):
        message = "inputs takes a mapping of names to values"
        raise UsageError([codes.BAD_USAGE.at(None, message)])
    return dict(inputs)


def _bounds(keywords: RunKeywords) -> Bounds:
    default = Bounds()
    return Bounds(
        keywords.get("max_steps", default.max_steps),
        keywords.get("timeout", default.timeout),
        keywords.get("step_timeout", default.step_timeout),
        keywords.get("poll_interval", default.poll_interval),
        keywords.get("max_wait", default.max_wait),
    )


def _fit(linked: Plan, given: dict[str, Value]) -> tuple[Plan, dict[str, Value]]:
    """The inputs, checked, and the plan with what is odd about them among its findings."""
    assert linked.entry is not None, "a plan that is ready has an entry workflow"
    schema = linked.workflows[linked.entry].inputs
    problems = tuple(check_inputs(schema, with_defaults(schema, given), linked.secret_inputs))
    if any(problem.severity is Severity.ERROR for problem in problems):
        raise InputError(problems)
    return replace(linked, diagnostics=(*linked.diagnostics, *problems)), given
