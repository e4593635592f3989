"""Every run scenario, through every driver: in this process, on asyncio, and over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

import arazzo
from arazzo.drivers.asyncio import drive_async
from arazzo.drivers.clock import VirtualClock
from arazzo.drivers.sync import drive
from arazzo.engine.effects import Send
from arazzo.engine.events import Event, Waiting
from arazzo.engine.results import Fold, RunResult
from arazzo.engine.state import Bounds
from arazzo.engine.workflow import run_plan
from arazzo.http.httpx2_client import HttpTransport
from arazzo.messages import Reply
from arazzo.plan.model import Plan
from arazzo.report.plain import plain_value
from arazzo.values import Value
from conformance.scenario import Scenario, ScriptedProvider, matches, scenarios, served

SCENARIOS = list(scenarios())


@dataclass
class Played:
    """What a run of a scenario came to."""

    result: RunResult
    events: list[Event]
    trace: list[dict[str, Value]]


def plan_of(scenario: Scenario, entry: Path) -> Plan:
    document = arazzo.load(entry)
    return arazzo.plan(document, scenario.workflow, strict=scenario.options.get("strict") is True)


def bounds_of(scenario: Scenario) -> Bounds:
    names = {"maxSteps": "max_steps", "timeout": "timeout", "stepTimeout": "step_timeout"}
    names |= {"pollInterval": "poll_interval", "maxWait": "max_wait"}
    given = {names[name]: value for name, value in scenario.options.items() if name != "strict"}
    return Bounds(**given)  # type: ignore[arg-type]


def played(provider: ScriptedProvider, run: Callable[[Callable[[Event], None]], dict[str, Value]]) -> Played:
    fold, events = Fold(), list[Event]()

    def observe(event: Event) -> None:
        fold(event)
        events.append(event)

    outputs = run(observe)
    return Played(fold.result(outputs), events, provider.trace)


def play_in_process(scenario: Scenario, folder: Path) -> Played:
    provider = ScriptedProvider(scenario.provider)
    plan = plan_of(scenario, scenario.write(folder))

    def run(observe: Callable[[Event], None]) -> dict[str, Value]:
        flow = drive(
            run_plan(plan, scenario.inputs, bounds_of(scenario)),
            lambda e: provider.send(e.request),
            VirtualClock(),
        )
        while True:
            try:
                observe(next(flow))
            except StopIteration as stop:
                return dict(stop.value.outputs)

    return played(provider, run)


def play_on_asyncio(scenario: Scenario, folder: Path) -> Played:
    provider = ScriptedProvider(scenario.provider)
    plan = plan_of(scenario, scenario.write(folder))

    async def answer(effect: Send) -> Reply:
        await asyncio.sleep(0)
        return provider.send(effect.request)

    def run(observe: Callable[[Event], None]) -> dict[str, Value]:
        flow = run_plan(plan, scenario.inputs, bounds_of(scenario))
        outcome = asyncio.run(drive_async(flow, answer, VirtualClock(), observe))
        return dict(outcome.outputs)  # type: ignore[arg-type]

    return played(provider, run)


def play_over_sockets(scenario: Scenario, folder: Path) -> Played:
    provider = ScriptedProvider(scenario.provider, real=True)
    with served(provider) as url, HttpTransport() as transport:
        plan = plan_of(scenario, scenario.write(folder, url))

        def run(observe: Callable[[Event], None]) -> dict[str, Value]:
            flow = drive(
                run_plan(plan, scenario.inputs, bounds_of(scenario)),
                lambda e: transport.send(e.request),
                VirtualClock(),
            )
            while True:
                try:
                    observe(next(flow))
                except StopIteration as stop:
                    return dict(stop.value.outputs)

        return played(provider, run)


@pytest.mark.parametrize("play", [play_in_process, play_on_asyncio, play_over_sockets])
@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_a_scenario_runs_as_it_must(
    scenario: Scenario, play: Callable[[Scenario, Path], Played], tmp_path: Path
) -> None:
    (tmp_path / ".git").mkdir()
    refused = scenario.expect.get("refused")
    if refused is not None:
        with pytest.raises((arazzo.DocumentError, arazzo.InputError)) as caught:
            plan = plan_of(scenario, scenario.write(tmp_path))
            arazzo.run(plan, None, scenario.inputs, transport=ScriptedProvider([]))
        assert refused in {d.code for d in caught.value.diagnostics if d.blocks_run}
        return
    run = play(scenario, tmp_path)
    check(scenario, run)


def check(scenario: Scenario, run: Played) -> None:
    expect, result = scenario.expect, run.result
    told = [(step.step_id, step.status, step.reason) for step in result.steps]
    assert result.status == expect["status"], (result.error, told)
    if "outputs" in expect:
        assert {name: plain_value(value) for name, value in result.outputs.items()} == expect["outputs"], told
    if "steps" in expect:
        assert [[step.step_id, step.status] for step in result.steps] == expect["steps"]
    if "waits" in expect:
        waits = [round(event.seconds, 6) for event in run.events if isinstance(event, Waiting)]
        assert waits == expect["waits"]
    if "warnings" in expect:
        assert sorted({warning.code for warning in result.warnings}) == expect["warnings"]
    if "error" in expect:
        assert result.error is not None
        assert str(expect["error"]) in result.error.message
    if "trace" in expect:
        check_trace(expect["trace"], run.trace)


def check_trace(expected: Value, trace: list[dict[str, Value]]) -> None:
    assert isinstance(expected, list)
    told = [f"{seen['method']} {seen['target']}" for seen in trace]
    for wanted, seen in zip(expected, trace, strict=False):
        assert isinstance(wanted, dict)
        assert matches(wanted, seen), f"expected {wanted}\nsaw {seen}\nof {told}"
    assert len(trace) == len(expected), told
