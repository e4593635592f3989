"""Run a workflow: to its end, or event by event."""

from __future__ import annotations

import warnings
from collections.abc import Awaitable, Callable, Generator, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from msgspec import Struct
from msgspec.structs import replace

from arazzo import codes
from arazzo.api.arguments import check_keywords, checked
from arazzo.api.credentials import missing_credentials, open_wallet
from arazzo.api.keywords import LinkKeywords
from arazzo.api.linking import link_for_run, ready
from arazzo.api.run_keywords import Observer, RunKeywords
from arazzo.diagnostics import Diagnostic, Severity
from arazzo.document.model import Document
from arazzo.drivers.clock import Clock, SystemClock, VirtualClock
from arazzo.drivers.sync import drive
from arazzo.engine.effects import Flow, Send
from arazzo.engine.events import Event
from arazzo.engine.idempotency import Idempotency
from arazzo.engine.results import Fold, RunResult
from arazzo.engine.secrets import Secrets
from arazzo.engine.state import Bounds, WorkflowOutcome
from arazzo.engine.workflow import run_plan
from arazzo.errors import InputError, UsageError
from arazzo.http.auth.flow import Authorizer
from arazzo.http.exchange import exchange, exchange_async
from arazzo.http.opening import open_transport
from arazzo.http.transport import AsyncTransport, Transport, TransportOptions
from arazzo.messages import Reply, Request
from arazzo.plan.input_values import check_inputs, with_defaults
from arazzo.plan.model import Plan
from arazzo.values import Value

if TYPE_CHECKING:
    from arazzo.http.session import Session

Answer = Callable[[Send], Reply]
_DECIDED_AGAIN = ("simulate", "allow_http", "allow_private", "transport_options")
"""Arguments of linking that a run has a use of its own for."""


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
    tell_unsaved(running.unsaved)
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
        self.unsaved: str | None = None
        """What kept the cookies from being written to their file, once the run is over."""

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
        flow = setting.flow()
        if setting.provider is not None:
            yield from self._listen(drive(flow, setting.provider, setting.clock), setting)
            return
        try:
            with open_transport(setting.transport, setting.transport_options) as transport:
                yield from self._listen(drive(flow, setting.answering(transport), setting.clock), setting)
        finally:
            self.unsaved = setting.save()

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


class Setting(Struct, frozen=True):
    """Everything a run needs, once its arguments have proved right."""

    plan: Plan
    inputs: Mapping[str, Value]
    bounds: Bounds
    observers: tuple[Observer, ...]
    clock: Clock
    provider: Answer | None
    transport: object | None
    transport_options: TransportOptions
    secrets: Secrets
    authorizer: Authorizer
    session: Session | None
    idempotency: Idempotency | None

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
        clock: Clock = SystemClock() if simulate is False else VirtualClock()
        secrets, options = Secrets(), keywords.get("transport_options", TransportOptions())
        own = keywords.get("transport") is not None
        certificate = own or options.cert is not None
        wallet = open_wallet(linked, keywords.get("auth"), secrets, certificate=certificate)
        missing = missing_credentials(linked, wallet, own_transport=own) if simulate is False else ()
        linked, given = _fit(linked, _given(inputs), tuple(missing))
        linked = replace(linked, check_responses=keywords.get("check_responses"))
        provider = _simulated(0 if simulate is True else simulate) if simulate is not False else None
        return cls(
            linked,
            given,
            _bounds(keywords),
            tuple(keywords.get("observers", ())),
            clock,
            provider,
            keywords.get("transport"),
            options,
            secrets,
            Authorizer(
                wallet, clock.now, keywords.get("allow_http", False), keywords.get("allow_private", False)
            ),
            None if provider is not None else _session(keywords.get("cookies", True), clock, secrets),
            _idempotency(keywords.get("idempotency_key", False)),
        )

    def flow(self) -> Flow[WorkflowOutcome]:
        """The run itself, which a driver is to carry out."""
        return run_plan(self.plan, self.inputs, self.bounds, self.secrets, self.idempotency)

    def save(self) -> str | None:
        """Write the cookies to their file; says what kept them from being written."""
        return None if self.session is None else self.session.save()

    def answering(self, transport: Transport) -> Answer:
        """Sends over ``transport`` what the engine asks for, with credentials and cookies."""
        session = self.session

        def once(request: Request) -> Reply:
            return checked(transport.send(request))

        def send(request: Request) -> Reply:
            return once(request) if session is None else exchange(session.exchange(request), once)

        def answer(effect: Send) -> Reply:
            return exchange(self.authorizer.authorize(effect.request, effect.call), send)

        return answer

    def answering_async(self, transport: AsyncTransport) -> Callable[[Send], Awaitable[Reply]]:
        """``answering`` for asyncio."""
        session = self.session

        async def once(request: Request) -> Reply:
            return checked(await transport.send(request))

        async def send(request: Request) -> Reply:
            if session is None:
                return await once(request)
            return await exchange_async(session.exchange(request), once)

        async def answer(effect: Send) -> Reply:
            return await exchange_async(self.authorizer.authorize(effect.request, effect.call), send)

        return answer


def tell_unsaved(problem: str | None) -> None:
    """Warn of cookies that could not be written; a result is returned all the same."""
    if problem is not None:
        warnings.warn(problem, RuntimeWarning, stacklevel=3)


def _session(cookies: bool | str | Path, clock: Clock, secrets: Secrets) -> Session | None:
    if cookies is False:
        return None
    # Imported late: neither a simulated run nor one without cookies needs it.
    from arazzo.http.session import Session

    return Session.opened(None if cookies is True else Path(cookies), clock.now, secrets.learn)


def _idempotency(asked: bool | str) -> Idempotency | None:
    if asked is False:
        return None
    from secrets import token_hex  # random, and not on the path of a run without keys

    return Idempotency(token_hex(16), None if asked is True else asked)


def _simulated(seed: int) -> Answer:
    # Imported when asked for: a run against a real provider needs none of it.
    from arazzo.simulate.provider import SimulatedProvider

    return SimulatedProvider(seed)


def _check_linked(plan: Plan, workflow_id: str | None, keywords: RunKeywords) -> None:
    """Raise ``UsageError`` for what a plan has decided already, and otherwise than it is asked for now."""
    wrong = [
        f"{name} is an argument of link; this plan is linked already"
        for name in keywords
        if name in LinkKeywords.__annotations__ and name not in _DECIDED_AGAIN
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


def _fit(
    linked: Plan, given: dict[str, Value], found: tuple[Diagnostic, ...]
) -> tuple[Plan, dict[str, Value]]:
    """The inputs, checked, and the plan with what is odd about them among its findings, after what was ``found``."""
    assert linked.entry is not None, "a plan that is ready has an entry workflow"
    schema = linked.workflows[linked.entry].inputs
    problems = (*found, *check_inputs(schema, with_defaults(schema, given), linked.secret_inputs))
    if any(problem.severity is Severity.ERROR for problem in problems):
        raise InputError(problems)
    return replace(linked, diagnostics=(*linked.diagnostics, *problems)), given
