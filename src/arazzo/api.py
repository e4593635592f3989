"""The functions behind ``import arazzo``: load, check, plan, run, run_async, stream.

They raise only for a wrong document (``DocumentError``), wrong inputs (``InputError``) or a misused argument
(``UsageError``); a failed workflow is a result.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypedDict, Unpack

from arazzo import codes
from arazzo.descriptions.retrieval import RetrievalError
from arazzo.diagnostics import Diagnostic, Severity
from arazzo.document.model import Document
from arazzo.document.read import read_document
from arazzo.drivers.asyncio import drive_async
from arazzo.drivers.clock import Clock, SystemClock, VirtualClock
from arazzo.drivers.sync import drive
from arazzo.engine.effects import Send
from arazzo.engine.events import Event
from arazzo.engine.results import Fold, RunResult
from arazzo.engine.state import Bounds, WorkflowOutcome
from arazzo.engine.workflow import run_plan
from arazzo.errors import DocumentError, InputError, UsageError
from arazzo.http.opening import open_async_transport, open_transport
from arazzo.http.retrieve import Permissions, Retriever
from arazzo.http.transport import TransportOptions
from arazzo.messages import Reply
from arazzo.plan.input_values import check_inputs, with_defaults
from arazzo.plan.library import Library, LinkOptions
from arazzo.plan.link import link
from arazzo.plan.model import Plan
from arazzo.simulate.provider import SimulatedProvider
from arazzo.source import DEFAULT_LIMITS, Limits, from_value, parse
from arazzo.values import Value

Observer = Callable[[Event], None]


class LinkKeywords(TypedDict, total=False):
    """What ``check`` and ``plan`` take by name; ``run`` takes these too."""

    sources: Mapping[str, str]
    """Where source descriptions really are: path or URL, by name."""
    servers: Mapping[str, str]
    """Where a source's requests go; ``""`` stands for every source."""
    server_variables: Mapping[str, Mapping[str, str]]
    """Server variables by source; ``""`` stands for every source."""
    strict: bool
    """The letter of the specification: every kindness is an error."""
    offline: bool
    """Fetch nothing over the network while linking."""
    allow_paths: Sequence[str | Path]
    """Folders that a document may name files in, besides its own tree."""
    allow_http: bool
    """Fetch documents over plain http, too."""
    allow_private: bool
    """Let a document from the network name addresses that are not public."""
    limits: Limits
    secrets: Iterable[str]
    """Inputs to hide everywhere, besides those that look like credentials."""
    headers: Mapping[str, str]
    """Sent with every request."""
    follow_redirects: bool
    """False gives every redirect to the step as its response."""
    simulate: bool | int
    """Answer from the API descriptions, which then need no server; a number is the seed."""


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


def load(
    source: str | Path | Mapping[str, Value], *, limits: Limits = DEFAULT_LIMITS, allow_http: bool = False
) -> Document:
    """Read an Arazzo document: a path, a URL, the text itself, or a mapping.

    A text is told from a path by its line breaks or opening brace. What it names is relative to the current
    folder. Raises ``DocumentError``; structural findings that do not keep it from being read are in
    ``Document.diagnostics``.
    """
    retriever = Retriever(Permissions(allow_http=allow_http), max_size=limits.size)
    here = retriever.uri_of("./document.yml")
    if isinstance(source, Mapping):
        return read_document(from_value(dict(source)), here)
    text = str(source)
    if isinstance(source, str) and ("\n" in text or text.lstrip()[:1] == "{"):
        return read_document(parse(text, "<text>", limits=limits), here)
    try:
        retrieved = retriever(retriever.uri_of(text))
    except RetrievalError as error:
        raise DocumentError([codes.UNREADABLE.at(None, f"{error.file}: {error.reason}")]) from None
    finally:
        retriever.close()
    return read_document(parse(retrieved.content, retrieved.file, limits=limits), retrieved.uri)


def check(description: Document, **keywords: Unpack[LinkKeywords]) -> tuple[Diagnostic, ...]:
    """Everything that can be found wrong with ``description`` and what it names without sending a request."""
    return link(description, _library(keywords)).diagnostics


def plan(description: Document, workflow_id: str | None = None, **keywords: Unpack[LinkKeywords]) -> Plan:
    """Link one workflow and everything it can reach, ready to be run.

    ``workflow_id`` may be left out when the document has one workflow. Raises ``UsageError`` for a workflow the
    document does not have, ``DocumentError`` with every finding when it cannot be run.
    """
    return _plan(description, workflow_id, keywords)


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
    return Stream(_Setting.of(description, workflow_id, inputs, keywords))


async def run_async(
    description: Document | Plan,
    workflow_id: str | None = None,
    inputs: Mapping[str, Value] | None = None,
    **keywords: Unpack[RunKeywords],
) -> RunResult:
    """``run`` for asyncio: a transport may be asynchronous, waits do not block."""
    setting = _Setting.of(description, workflow_id, inputs, keywords)
    fold = Fold()

    def observe(event: Event) -> None:
        fold(event)
        for observer in setting.observers:
            observer(event)

    flow = run_plan(setting.plan, setting.inputs, setting.bounds)
    if setting.provider is not None:
        provider = setting.provider

        async def simulated(effect: Send) -> Reply:
            return provider(effect)

        outcome = await drive_async(flow, simulated, setting.clock, observe)
    else:
        async with open_async_transport(setting.transport, setting.transport_options) as transport:

            async def answer(effect: Send) -> Reply:
                return await transport.send(effect.request)

            outcome = await drive_async(flow, answer, setting.clock, observe)
    return fold.result(outcome.outputs)


class Stream:
    """A run under way: iterate for its events. ``close`` ends it early and releases its connections."""

    def __init__(self, setting: _Setting) -> None:
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

    def _drive(self, setting: _Setting) -> Generator[Event, None, None]:
        flow = run_plan(setting.plan, setting.inputs, setting.bounds)
        if setting.provider is not None:
            yield from self._listen(drive(flow, setting.provider, setting.clock), setting)
            return
        with open_transport(setting.transport, setting.transport_options) as transport:
            events = drive(flow, lambda effect: transport.send(effect.request), setting.clock)
            yield from self._listen(events, setting)

    def _listen(
        self, events: Generator[Event, None, WorkflowOutcome], setting: _Setting
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
class _Setting:
    """Everything a run needs, once its arguments have proved right."""

    plan: Plan
    inputs: Mapping[str, Value]
    bounds: Bounds
    observers: tuple[Observer, ...]
    clock: Clock
    provider: SimulatedProvider | None
    transport: object | None
    transport_options: TransportOptions

    @classmethod
    def of(
        cls,
        description: Document | Plan,
        workflow_id: str | None,
        inputs: Mapping[str, Value] | None,
        keywords: RunKeywords,
    ) -> _Setting:
        """Raises ``UsageError``, ``DocumentError`` or ``InputError``; nothing has been sent then."""
        simulate = keywords.get("simulate", False)
        if isinstance(description, Plan):
            linked = _ready(description)
        else:
            linked = _plan(description, workflow_id, keywords)
        linked, given = _fit(linked, dict(inputs or {}))
        provider = SimulatedProvider(0 if simulate is True else simulate) if simulate is not False else None
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


_SIMULATED_SERVER = "http://simulated.test"


def _bounds(keywords: RunKeywords) -> Bounds:
    default = Bounds()
    bounds = Bounds(
        keywords.get("max_steps", default.max_steps),
        keywords.get("timeout", default.timeout),
        keywords.get("step_timeout", default.step_timeout),
        keywords.get("poll_interval", default.poll_interval),
        keywords.get("max_wait", default.max_wait),
    )
    wrong = [
        f"{name} must be {'at least 1' if name == 'max_steps' else 'positive'}, not {value!r}"
        for name, value in (
            ("max_steps", bounds.max_steps),
            ("timeout", bounds.timeout),
            ("step_timeout", bounds.step_timeout),
        )
        if value is not None and value <= 0
    ]
    wrong += [
        f"{name} must not be negative, not {value!r}"
        for name, value in (("poll_interval", bounds.poll_interval), ("max_wait", bounds.max_wait))
        if value < 0
    ]
    if wrong:
        raise UsageError(codes.BAD_USAGE.at(None, message) for message in wrong)
    return bounds


def _library(keywords: LinkKeywords) -> Library:
    permissions = Permissions(
        allow_paths=tuple(Path(path) for path in keywords.get("allow_paths", ())),
        allow_http=keywords.get("allow_http", False),
        allow_private=keywords.get("allow_private", False),
        offline=keywords.get("offline", False),
    )
    options = LinkOptions(
        keywords.get("sources", {}),
        keywords.get("servers", {}),
        keywords.get("server_variables", {}),
        keywords.get("strict", False),
        keywords.get("limits", DEFAULT_LIMITS),
        frozenset(keywords.get("secrets", ())),
        tuple(keywords.get("headers", {}).items()),
        keywords.get("follow_redirects", True),
        _SIMULATED_SERVER if keywords.get("simulate", False) is not False else None,
    )
    return Library(Retriever(permissions), options)


def _plan(description: Document, workflow_id: str | None, keywords: LinkKeywords) -> Plan:
    known = [workflow.workflow_id for workflow in description.workflows]
    if workflow_id is None and len(known) > 1:
        message = f"{description.file} has {len(known)} workflows; say which one to run"
        raise UsageError([codes.BAD_USAGE.at(None, message, f"they are: {', '.join(known)}")])
    if workflow_id is not None and workflow_id not in known:
        near = difflib.get_close_matches(workflow_id, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"it has: {', '.join(known)}"
        raise UsageError(
            [codes.UNKNOWN_WORKFLOW.at(None, f"{description.file} has no workflow {workflow_id!r}", hint)]
        )
    _check_names(description, keywords)
    return _ready(link(description, _library(keywords), workflow_id))


def _check_names(description: Document, keywords: LinkKeywords) -> None:
    """Raise ``UsageError`` when a source or server is given for a name the document does not have."""
    known = [source.name for source in description.source_descriptions]
    asked = [("source", name) for name in keywords.get("sources", {})]
    asked += [("server", name) for name in keywords.get("servers", {}) if name]
    asked += [("server-var", name) for name in keywords.get("server_variables", {}) if name]
    wrong = [
        codes.UNKNOWN_SOURCE.at(
            None,
            f"--{flag} {name}=…: {description.file} has no source description of that name",
            f"it has: {', '.join(known) or 'none'}",
        )
        for flag, name in asked
        if name not in known
    ]
    # A source of a source may be meant; only a document that stands alone can say for sure.
    if wrong and all(source.type != "arazzo" for source in description.source_descriptions):
        raise UsageError(wrong)


def _ready(linked: Plan) -> Plan:
    if linked.blocking or linked.entry is None or linked.entry not in linked.workflows:
        raise DocumentError(linked.diagnostics)
    return linked


def _fit(linked: Plan, given: dict[str, Value]) -> tuple[Plan, dict[str, Value]]:
    """The inputs, checked, and the plan with what is odd about them among its findings."""
    assert linked.entry is not None, "a plan that is ready has an entry workflow"
    schema = linked.workflows[linked.entry].inputs
    problems = tuple(check_inputs(schema, with_defaults(schema, given), linked.secret_inputs))
    if any(problem.severity is Severity.ERROR for problem in problems):
        raise InputError(problems)
    return replace(linked, diagnostics=(*linked.diagnostics, *problems)), given
