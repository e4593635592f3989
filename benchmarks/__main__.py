"""``make bench``: start-up against bare Python, a long run against the bare HTTP client, one step of a large API
description against merely parsing it. Medians, interleaved.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx2
import yaml

import arazzo
from arazzo.values import Value
from benchmarks import concurrent
from benchmarks.large import large_description
from benchmarks.server import serving

_STEPS = 1000
_STARTS = 21
_ROUNDS = 7

_API: Value = {
    "openapi": "3.1.0",
    "info": {"title": "pages", "version": "1"},
    "servers": [{"url": "http://127.0.0.1"}],
    "paths": {
        "/pages": {
            "get": {
                "operationId": "getPage",
                "parameters": [{"name": "page", "in": "query", "schema": {"type": "integer"}}],
                "responses": {
                    "200": {"description": "a page", "content": {"application/json": {"schema": {}}}}
                },
            }
        }
    },
}


def _document(pages: int) -> Value:
    """A workflow that asks for page after page, each one named by the response before it."""
    more: Value = {
        "name": "more",
        "type": "goto",
        "stepId": "page",
        "criteria": [{"condition": f"$response.body#/next < {pages}"}],
    }
    step: Value = {
        "stepId": "page",
        "operationId": "getPage",
        "parameters": [{"name": "page", "in": "query", "value": "$steps.page.outputs.next"}],
        "successCriteria": [{"condition": "$statusCode == 200"}],
        "outputs": {"next": "$response.body#/next", "first": "$response.body#/items/0/name"},
        "onSuccess": [more],
    }
    return {
        "arazzo": "1.0.1",
        "info": {"title": "pages", "version": "1"},
        "sourceDescriptions": [{"name": "pages", "url": "pages.openapi.json", "type": "openapi"}],
        "workflows": [
            {"workflowId": "pages", "steps": [step], "outputs": {"next": "$steps.page.outputs.next"}}
        ],
    }


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _medians(works: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """The median time of each of ``works``, run in turn so that what disturbs one disturbs all."""
    times: dict[str, list[float]] = {name: [] for name in works}
    for work in works.values():
        work()
    for _ in range(rounds):
        for name, work in works.items():
            times[name].append(_seconds(work))
    return {name: statistics.median(taken) for name, taken in times.items()}


def _start_up(folder: Path, url: str) -> None:
    python, script = sys.executable, Path(sys.executable).with_name("arazzo")
    one_step = folder / "one.arazzo.json"
    one_step.write_text(json.dumps(_document(1)))

    # With compiled modules, as an installed package has them, whatever this environment says.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    kept = folder / "kept"
    environment["ARAZZO_CACHE_DIR"] = str(kept)

    def process(*command: object) -> Callable[[], object]:
        words = [str(part) for part in command]
        return lambda: subprocess.run(words, check=True, capture_output=True, env=environment)

    again = process(script, "validate", one_step)

    def first() -> None:
        shutil.rmtree(kept, ignore_errors=True)
        again()

    medians = _medians(
        {
            "python -c pass": process(python, "-c", "pass"),
            "arazzo --version": process(script, "--version"),
            "arazzo --help": process(script, "--help"),
            "arazzo validate, one small document": first,
            "arazzo validate, the same again, unchanged": again,
            "arazzo run, one step, simulated": process(script, "run", one_step, "--simulate"),
            "arazzo run, one step, over HTTP": process(script, "run", one_step, "--server", url),
            "python -c 'import httpx2'": process(python, "-c", "import httpx2; httpx2.Client()"),
        },
        _STARTS,
    )
    _tell("start-up, as ratios to `python -c pass`", medians, "python -c pass")


def _long_run(folder: Path, url: str) -> None:
    path = folder / "many.arazzo.json"
    path.write_text(json.dumps(_document(_STEPS)))
    description = arazzo.load(path)

    def bare() -> None:
        with httpx2.Client() as client:
            target = f"{url}/pages"
            for _ in range(_STEPS):
                target = f"{url}/pages?page={client.get(target).json()['next']}"

    def ours() -> None:
        result = arazzo.run(description, servers={"": url}, max_steps=2 * _STEPS)
        assert result.status == "succeeded", result.error
        assert len(result.steps) == _STEPS

    medians = _medians({"httpx2.Client.get": bare, "arazzo.run": ours}, _ROUNDS)
    _tell(
        f"{_STEPS:,} steps one after the other, as a ratio to the bare client", medians, "httpx2.Client.get"
    )


def _large(folder: Path, url: str) -> None:
    text = large_description()
    (folder / "large.openapi.yml").write_text(text)
    step: Value = {
        "stepId": "get",
        "operationId": "getThing500",
        "parameters": [{"name": "id", "in": "path", "value": "one"}],
        "outputs": {"first": "$response.body#/items/0/name"},
    }
    document: Value = {
        "arazzo": "1.0.1",
        "info": {"title": "things", "version": "1"},
        "sourceDescriptions": [{"name": "things", "url": "large.openapi.yml", "type": "openapi"}],
        "workflows": [
            {"workflowId": "one", "steps": [step], "outputs": {"first": "$steps.get.outputs.first"}}
        ],
    }
    path = folder / "large.arazzo.json"
    path.write_text(json.dumps(document))

    def parsed() -> None:
        yaml.load(text, yaml.CSafeLoader)

    def ours() -> None:
        result = arazzo.run(arazzo.load(path), servers={"": url})
        assert result.outputs == {"first": "one"}, result.error

    medians = _medians({"yaml.load(text, CSafeLoader)": parsed, "arazzo.load and run, one step": ours}, 3)
    _tell(
        f"a description of {len(text) / 1e6:.1f} million characters, as a ratio to PyYAML's C loader",
        medians,
        "yaml.load(text, CSafeLoader)",
    )


def _concurrent(folder: Path, url: str) -> None:
    path = folder / "concurrent.arazzo.json"
    path.write_text(json.dumps(_document(concurrent.STEPS)))
    plan = arazzo.link(arazzo.load(path), servers={"": url})
    medians = _medians(concurrent.works(plan, url), 5)
    requests = concurrent.RUNS * concurrent.STEPS
    bare = "httpx2.AsyncClient"
    _tell(
        f"{requests:,} requests, {concurrent.RUNS} runs at once, as ratios to the bare client", medians, bare
    )
    rates = ", ".join(f"{name} {requests / taken:,.0f}" for name, taken in medians.items())
    sys.stdout.write(f"  requests per second: {rates}\n")


def _tell(title: str, medians: Mapping[str, float], baseline: str) -> None:
    width = max(map(len, medians))
    lines = [f"  {name:<{width}}  {taken / medians[baseline]:6.2f}" for name, taken in medians.items()]
    sys.stdout.write("\n".join([f"{title} ({medians[baseline] * 1000:.1f} ms)", *lines, ""]) + "\n")
    sys.stdout.flush()


def main() -> None:
    with tempfile.TemporaryDirectory() as name, serving() as url:
        folder = Path(name)
        (folder / "pages.openapi.json").write_text(json.dumps(_API))
        _start_up(folder, url)
        _long_run(folder, url)
        _concurrent(folder, url)
        _large(folder, url)


if __name__ == "__main__":
    main()
