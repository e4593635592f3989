"""What checking a document costs, counted in calls of functions: twice as large, twice as many."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import FrameType

import pytest

import arazzo
from arazzo.diagnostics import Guesses
from arazzo.values import Value

SIZE = 24
"""Of the smallest document; the others are twice and four times as large."""
_MORE = 2.3

Members = dict[str, Value]


def step(name: str, **more: Value) -> Value:
    return {"stepId": name, "operationId": "ask", **more}


def document(workflows: Iterable[Value], **more: Value) -> Members:
    source: Members = {"name": "api", "url": "api.json", "type": "openapi"}
    info: Members = {"title": "t", "version": "1"}
    return {
        "arazzo": "1.1.0",
        "info": info,
        "sourceDescriptions": [source],
        "workflows": list(workflows),
        **more,
    }


def one(*steps: Value, **more: Value) -> Members:
    return document([{"workflowId": "w", "steps": list(steps), **more}])


def statuses(size: int) -> Members:
    return one(step("s", successCriteria=[{"condition": f"$statusCode == {200 + n}"} for n in range(size)]))


def fields(size: int) -> Members:
    listed: list[Value] = [{"condition": f"$response.body#/f{n} == '1'"} for n in range(size)]
    return one(step("s", successCriteria=listed))


def actions(size: int) -> Members:
    def action(number: int) -> Value:
        criteria: list[Value] = [{"condition": f"$response.body#/f0 == '{number}'"}]
        return {"name": f"a{number}", "type": "goto", "stepId": "t", "criteria": criteria}

    return one(step("s", onSuccess=[action(number) for number in range(size)]), step("t"))


def calls(size: int, *, circle: bool) -> Members:
    def called(number: int) -> Value:
        if number + 1 < size or circle:
            return {"stepId": "s", "workflowId": f"w{(number + 1) % size}"}
        return step("s")

    return document({"workflowId": f"w{n}", "steps": [called(n)]} for n in range(size))


def dependencies(size: int) -> Members:
    steps = [step(f"s{n}", dependsOn=[f"s{n + 1}"] if n + 1 < size else []) for n in range(size)]
    return one(*steps)


def unknown_workflows(size: int) -> Members:
    return document(
        {"workflowId": f"w{n}", "steps": [{"stepId": "s", "workflowId": f"v{n}"}]} for n in range(size)
    )


def unknown_operations(size: int) -> Members:
    return document(
        {"workflowId": f"w{n}", "steps": [{"stepId": "s", "operationId": f"v{n}"}]} for n in range(size)
    )


def inputs(size: int) -> Members:
    properties: Members = {f"k{n}": {"type": "string"} for n in range(size)}
    passed: list[Value] = [{"name": f"q{n}", "in": "query", "value": f"$inputs.k{n}"} for n in range(size)]
    return one(step("s", parameters=passed), inputs={"type": "object", "properties": properties})


def outputs(size: int) -> Members:
    read: Members = {f"o{n}": f"$response.body#/f{n}" for n in range(size)}
    after: list[Value] = [
        {"name": f"q{n}", "in": "query", "value": f"$steps.s.outputs.o{n}"} for n in range(size)
    ]
    return one(step("s", outputs=read), step("t", parameters=after))


def sources(size: int) -> Members:
    listed: list[Value] = [{"name": f"api{n}", "url": "api.json", "type": "openapi"} for n in range(size)]
    steps: list[Value] = [
        {"stepId": f"s{n}", "operationId": f"$sourceDescriptions.api{n}.ask"} for n in range(size)
    ]
    return document([{"workflowId": "w", "steps": steps}], sourceDescriptions=listed)


CASES: Mapping[str, Callable[[int], Members]] = {
    "statuses": statuses,
    "fields": fields,
    "actions": actions,
    "a chain of calls": lambda size: calls(size, circle=False),
    "a circle of calls": lambda size: calls(size, circle=True),
    "dependencies": dependencies,
    "unknown workflows": unknown_workflows,
    "unknown operations": unknown_operations,
    "inputs": inputs,
    "outputs": outputs,
    "sources": sources,
}


def description(size: int) -> Members:
    properties: Members = {f"f{n}": {"type": "string"} for n in range(size)}
    schema: Members = {"type": "object", "additionalProperties": False, "properties": properties}
    answer: Members = {"description": "ok", "content": {"application/json": {"schema": schema}}}
    operation: Members = {"operationId": "ask", "responses": {"200": answer}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "servers": [{"url": "https://api.example.com"}],
        "paths": {"/ask": {"get": operation}},
    }


def cost(folder: Path, built: Members, size: int) -> int:
    """The calls of functions that it takes to check a document."""
    from json import dumps

    folder.mkdir()
    (folder / "api.json").write_text(dumps(description(size)), encoding="utf-8")
    (folder / "a.arazzo.json").write_text(dumps(built), encoding="utf-8")
    loaded = arazzo.load(folder / "a.arazzo.json")
    count = 0

    def profiler(_: FrameType, event: str, __: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(profiler)
    try:
        arazzo.check(loaded, offline=True)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("case", CASES)
def test_twice_as_large_a_document_takes_twice_as_much(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is guessed has a bound of its own, which documents as small as these do not come to.
    monkeypatch.setattr(Guesses, "near_names", lambda *_: ())
    cost(tmp_path / "first", CASES[case](2), 2)  # imports what is imported once
    small, middle, large = (
        cost(tmp_path / str(size), CASES[case](size), size) for size in (SIZE, 2 * SIZE, 4 * SIZE)
    )
    assert large - middle <= _MORE * (middle - small)
