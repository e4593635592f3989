"""Plays a scenario through each of our drivers, and compares what happened with what it expects."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from msgspec.structs import replace

from arazzo.api.keywords import LinkKeywords
from arazzo.api.linking import link, load
from arazzo.api.run_keywords import RunKeywords
from arazzo.api.running import Setting, Stream
from arazzo.drivers.asyncio import drive_async
from arazzo.drivers.clock import VirtualClock
from arazzo.engine.effects import Send
from arazzo.engine.events import Event, Waiting
from arazzo.engine.results import Fold, RunResult
from arazzo.engine.workflow import run_plan
from arazzo.errors import ArazzoError
from arazzo.http.httpx2_client import HttpTransport
from arazzo.messages import Reply
from arazzo.report.plain import plain_value
from arazzo.values import Value, json_equal
from conformance.provider import line
from conformance.scenario import Scenario, ScriptedProvider, matches, served

Driver: TypeAlias = Literal["in process", "asyncio", "sockets"]
DRIVERS: tuple[Driver, ...] = ("in process", "asyncio", "sockets")


@dataclass
class Played:
    """What a run of ``scenario`` came to. ``refused`` are the codes of what kept it from being run."""

    scenario: Scenario
    trace: list[dict[str, Value]]
    unmatched: list[str]
    refused: frozenset[str] = frozenset()
    result: RunResult | None = None
    events: list[Event] = field(default_factory=list)


def play(scenario: Scenario, driver: Driver, folder: Path, *, strict: bool = False) -> Played:
    """Run ``scenario`` with its documents in ``folder``; ``strict`` as an option says, or as asked for."""
    (folder / ".git").mkdir(exist_ok=True)  # Documents may name files of their own repository.
    clock = VirtualClock()
    provider = ScriptedProvider(scenario.provider, driver == "sockets", clock.now, clock.sleep)
    with ExitStack() as stack:
        transport: object = provider
        if driver == "sockets":
            scenario = scenario.at(stack.enter_context(served(provider)))
            provider.rules = scenario.provider
            transport = stack.enter_context(HttpTransport())
        entry = scenario.write(folder)
        try:
            document = load(entry)
            plan = link(document, scenario.workflow, **linking(scenario, folder, strict=strict))
            keywords = bounds(scenario)
            keywords["transport"] = transport
            setting = replace(Setting.of(plan, None, scenario.inputs, keywords), clock=clock)
        except ArazzoError as error:
            codes = frozenset(d.code for d in error.diagnostics if d.blocks_run)
            return Played(scenario, provider.trace, provider.unmatched, codes)
        result, events = (on_asyncio if driver == "asyncio" else in_order)(setting)
    return Played(scenario, provider.trace, provider.unmatched, frozenset(), result, events)


def linking(scenario: Scenario, folder: Path, *, strict: bool) -> LinkKeywords:
    """The scenario's options that say how documents are read."""
    options = scenario.options
    keywords = LinkKeywords(strict=strict or options.get("strict") is True)
    sources = options.get("sources")
    if isinstance(sources, dict):
        keywords["sources"] = {name: str(folder / str(path)) for name, path in sources.items()}
    servers = options.get("servers")
    if isinstance(servers, dict):
        keywords["servers"] = {name: str(url) for name, url in servers.items()}
    return keywords


def bounds(scenario: Scenario) -> RunKeywords:
    """The scenario's options that bound a run."""
    names = {"maxSteps": "max_steps", "timeout": "timeout", "stepTimeout": "step_timeout"}
    names |= {"pollInterval": "poll_interval", "maxWait": "max_wait"}
    given = {names[name]: value for name, value in scenario.options.items() if name in names}
    keywords: RunKeywords = given  # type: ignore[assignment]
    return keywords


def in_order(setting: Setting) -> tuple[RunResult, list[Event]]:
    """Run with the synchronous driver."""
    running = Stream(setting)
    events = list(running)
    return running.result, events


def on_asyncio(setting: Setting) -> tuple[RunResult, list[Event]]:
    """Run with the asyncio driver."""
    provider = setting.transport
    assert isinstance(provider, ScriptedProvider)
    fold, events = Fold(), list[Event]()

    async def answer(effect: Send) -> Reply:
        await asyncio.sleep(0)
        return provider.send(effect.request)

    def observe(event: Event) -> None:
        fold(event)
        events.append(event)

    flow = run_plan(setting.plan, setting.inputs, setting.bounds)
    outcome = asyncio.run(drive_async(flow, answer, setting.clock, observe))
    return fold.result(outcome.outputs), events


def check(run: Played, *, strict: bool = False) -> None:
    """Compare ``run`` with what its scenario expects, of a strict reader if ``strict``. Raises ``AssertionError``."""
    scenario = run.scenario
    expect = scenario.strict if strict and scenario.strict is not None else scenario.expect
    assert not run.unmatched, f"no rule matches {run.unmatched}"
    refused = expect.get("refused")
    if refused is not None:
        wanted = {str(code) for code in refused} if isinstance(refused, list) else {str(refused)}
        assert run.refused == wanted, sorted(run.refused) or (run.result and run.result.status)
        assert not run.trace, "something was sent"
        return
    assert not run.refused, sorted(run.refused)
    assert run.result is not None
    result = run.result
    told = "\n".join(
        [str(result.error and result.error.message)]
        + [f"{step.workflow_id}/{step.step_id} {step.status}: {step.reason}" for step in result.steps]
        + [line(seen) for seen in run.trace]
    )
    assert result.status == expect["status"], told
    if "outputs" in expect:
        outputs: Value = {name: plain_value(value) for name, value in result.outputs.items()}
        assert json_equal(outputs, expect["outputs"]), f"{outputs!r}\nexpected {expect['outputs']!r}\n{told}"
    if "steps" in expect:
        assert [[step.step_id, step.status] for step in result.steps] == expect["steps"], told
    if "waits" in expect:
        waits = [round(event.seconds, 6) for event in run.events if isinstance(event, Waiting)]
        assert waits == expect["waits"], told
    check_warnings(scenario, expect, result, strict=strict)
    if "error" in expect:
        assert result.error is not None
        assert str(expect["error"]) in result.error.message, told
    if "trace" in expect:
        check_trace(expect["trace"], run.trace)


def check_warnings(
    scenario: Scenario, expect: Mapping[str, Value], result: RunResult, *, strict: bool
) -> None:
    """The warnings are those expected; kindnesses those the scenario names, and none under ``strict``."""
    kind = {warning.code for warning in result.warnings if warning.kindness}
    assert kind == (set() if strict else set(scenario.kindness)), [w.message for w in result.warnings]
    others = sorted({warning.code for warning in result.warnings if not warning.kindness})
    if not strict:
        assert others == expect.get("warnings", []), [w.message for w in result.warnings]


def check_trace(expected: Value, trace: list[dict[str, Value]]) -> None:
    """The requests are the expected ones, in order, and no others."""
    assert isinstance(expected, list)
    told = "\n".join(map(line, trace))
    for wanted, seen in zip(expected, trace, strict=False):
        assert isinstance(wanted, (dict, str))
        assert matches(wanted, seen), f"expected {wanted}\nsaw {seen}\nof\n{told}"
    assert len(trace) == len(expected), f"expected {len(expected)} requests, saw\n{told}"
