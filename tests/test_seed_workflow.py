"""The workflow this project was asked for, against a real HTTP server on a socket, as a user would run it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest

import arazzo
from arazzo.engine.events import Waiting
from arazzo.report.plain import plain_event
from arazzo.values import Value
from conformance.scenario import ScriptedProvider, served

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = ROOT / "specs/civitai/presigned-blob-generate.arazzo.yml"
SEED = ROOT.parent / "shared/seeds/civitai-presigned-blob-generate-workflow.yml"
DESCRIPTION = ROOT / "specs/civitai/orchestration.openapi.yml"
SOURCE = {"civitaiOrchestrationApi": str(DESCRIPTION)}
KEY = "sk-civitai-0123456789"
INPUTS: dict[str, str] = {
    "apiKey": KEY,
    "mimeType": "image/png",
    "engine": "flux2",
    "prompt": "a cat",
    "callbackUrl": "https://example.test/hook",
}
GIVEN: dict[str, Value] = dict(INPUTS)
BLOB: dict[str, Value] = {
    "blobId": "blob-7",
    "uploadUrl": "https://up.test/blob-7",
    "expiresAt": "2026-01-01T00:00:00Z",
}
RESULT = [{"jobs": [{"result": {"blobs": [{"url": "https://cdn.test/cat.png"}]}}]}]

Rule = Mapping[str, Value]


@pytest.fixture(params=["shipped", "seed"])
def workflow(request: pytest.FixtureRequest) -> Path:
    """The project's own copy, and the user's file where it is at hand."""
    path = SHIPPED if request.param == "shipped" else SEED
    if not path.exists():
        pytest.skip("the user's seed workflow is not beside this checkout")
    return path


def rules(*, polls: list[Value], upload: Value | None = None, submit: Value | None = None) -> list[Rule]:
    upload = upload or {"status": 200, "json": BLOB}
    submit = submit or {"status": 202, "json": {"id": "wf-1", "status": "unassigned"}}
    return [
        {"match": {"method": "GET", "path": "/v2/consumer/blobs/upload-url"}, "replies": [upload]},
        {"match": {"method": "POST", "path": "/v2/consumer/workflows"}, "replies": [submit]},
        {"match": {"method": "GET", "path": "/v2/consumer/workflows/wf-1"}, "replies": polls},
    ]


def status(name: str, **more: Value) -> Value:
    return {"json": {"id": "wf-1", "status": name, **more}}


HAPPY: list[Value] = [
    status("unassigned"),
    status("preparing"),
    status("processing"),
    status("succeeded", steps=RESULT),  # type: ignore[arg-type]
]


@contextmanager
def provider(given: list[Rule]) -> Iterator[tuple[ScriptedProvider, str]]:
    scripted = ScriptedProvider(given, real=True)
    with served(scripted) as url:
        yield scripted, url


@dataclass
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def command(*arguments: object, stdin: str = "") -> Ran:
    done = subprocess.run(
        [sys.executable, "-m", "arazzo", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        input=stdin,
        cwd=ROOT,
        env={**os.environ, "NO_COLOR": "1"},
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def run_seed(workflow: Path, url: str, *more: object) -> Ran:
    flags = [item for name, value in INPUTS.items() for item in ("-i", f"{name}={value}")]
    source = f"civitaiOrchestrationApi={DESCRIPTION}"
    return command(
        "run", workflow, "--source", source, "--server", url, "--poll-interval", "0.05", *flags, *more
    )


def test_it_polls_until_the_job_is_done_and_prints_the_four_outputs(workflow: Path) -> None:
    with provider(rules(polls=HAPPY)) as (scripted, url):
        ran = run_seed(workflow, url)
    assert ran.code == 0, ran.err
    assert ran.json == {
        "blobId": "blob-7",
        "uploadUrl": "https://up.test/blob-7",
        "workflowId": "wf-1",
        "outputBlobUrl": "https://cdn.test/cat.png",
    }
    told = [(seen["method"], seen["target"]) for seen in scripted.trace]
    assert told == [
        ("GET", "/v2/consumer/blobs/upload-url?mimeType=image%2Fpng"),
        ("POST", "/v2/consumer/workflows"),
        *[("GET", "/v2/consumer/workflows/wf-1")] * 4,
    ]
    for seen in scripted.trace:
        assert isinstance(seen["headers"], dict)
        assert seen["headers"]["authorization"] == f"Bearer {KEY}"
    assert scripted.trace[1]["json"] == {
        "callbackUrl": "https://example.test/hook",
        "callbackEvents": ["workflow:succeeded", "workflow:failed"],
        "steps": [
            {
                "$type": "imageGen",
                "name": "generate",
                "input": {"engine": "flux2", "prompt": "a cat", "images": ["blob-7"]},
            }
        ],
    }


def test_an_optional_size_is_sent_when_it_is_given(workflow: Path) -> None:
    with provider(rules(polls=HAPPY)) as (scripted, url):
        ran = run_seed(workflow, url, "-i", "sizeBytes=1024")
    assert ran.code == 0, ran.err
    assert scripted.trace[0]["query"] == {"mimeType": "image/png", "sizeBytes": "1024"}


def test_the_wait_between_polls_grows_and_retry_after_overrules_it(workflow: Path) -> None:
    asked: Value = {"headers": {"Retry-After": "0.2"}, "json": {"status": "processing"}}
    polls = [status("processing"), status("processing"), asked, status("succeeded")]
    document = arazzo.load(workflow)
    with provider(rules(polls=polls)) as (_, url):
        events = list(
            arazzo.stream(document, None, GIVEN, sources=SOURCE, servers={"": url}, poll_interval=0.04)
        )
    waits = [(event.seconds, event.retry_after) for event in events if isinstance(event, Waiting)]
    assert waits == [(0.04, False), (pytest.approx(0.06), False), (0.2, True)]


def test_the_three_ways_of_running_it_from_python_tell_the_same_events(workflow: Path) -> None:
    document = arazzo.load(workflow)

    def told(events: list[arazzo.Event]) -> list[dict[str, Value]]:
        text = json.dumps([plain_event(event) for event in events])
        text = re.sub(r"127\.0\.0\.1:\d+", "HOST", text)
        text = re.sub(r'"(at|startedAt|duration|elapsed|Date|timeout)": ("[^"]*"|[\d.e-]+)', r'"\1": 0', text)
        return json.loads(re.sub(r'\["Date", "[^"]*"\]', "[]", text))  # type: ignore[no-any-return]

    with provider(rules(polls=HAPPY)) as (_, url):
        keywords: dict[str, Any] = {"sources": SOURCE, "servers": {"": url}, "poll_interval": 0.01}
        seen: list[arazzo.Event] = []
        first = (seen, arazzo.run(document, None, GIVEN, observers=[seen.append], **keywords))
    with provider(rules(polls=HAPPY)) as (_, url):
        keywords["servers"] = {"": url}
        seen = []
        second = (
            seen,
            asyncio.run(arazzo.run_async(document, None, GIVEN, observers=[seen.append], **keywords)),
        )
    with provider(rules(polls=HAPPY)) as (_, url):
        keywords["servers"] = {"": url}
        running = arazzo.stream(document, None, GIVEN, **keywords)
        third = (list(running), running.result)
    assert told(first[0]) == told(second[0]) == told(third[0])
    assert len(first[0]) > 30
    for _, result in (first, second, third):
        assert result.status == "succeeded"
        assert result.outputs["outputBlobUrl"] == "https://cdn.test/cat.png"
        assert [step.step_id for step in result.steps] == [
            "requestUploadUrl",
            "submitWithCallback",
            *["pollWorkflow"] * 4,
        ]


def test_a_job_that_failed_ends_the_run_as_the_document_says(workflow: Path) -> None:
    with provider(rules(polls=[status("processing"), status("failed")])) as (_, url):
        ran = run_seed(workflow, url)
    assert ran.code == 0, "its criteria hold, and the action says end"
    assert ran.json["outputBlobUrl"] is None
    assert "outputBlobUrl" in ran.err
    assert "output-undefined" in ran.err


FAILURES: dict[str, tuple[dict[str, Any], list[object], str]] = {
    "a 401": (
        {"upload": {"status": 401, "json": {"message": "bad token"}}},
        [],
        "step 'requestUploadUrl' failed: the response was 401",
    ),
    "a 402 with an error body": (
        {"submit": {"status": 402, "json": {"code": "no_credits", "message": "not enough Buzz"}}},
        [],
        "not enough Buzz",
    ),
    "a dropped connection": ({"polls": [status("processing"), {"drop": True}]}, [], "there was no response"),
    "a body that is not JSON": (
        {"polls": [{"headers": {"Content-Type": "application/json"}, "body": "<html>"}]},
        [],
        "the body says it is JSON and is not",
    ),
    "a page where JSON is documented": (
        {"polls": [{"headers": {"Content-Type": "text/html"}, "body": "<html>maintenance</html>"}]},
        [],
        "not application/json as the operation documents",
    ),
    "a job that never ends, bounded by steps": (
        {"polls": [status("processing")]},
        ["--poll-interval", "0.001", "--max-wait", "0.01", "--max-steps", "30"],
        "stopped after 30 steps (--max-steps): pollWorkflow ran 28 times",
    ),
    "a job that never ends, bounded by time": (
        {"polls": [status("processing")]},
        ["--timeout", "0.6"],
        "the run took longer than 0.6 s (--timeout)",
    ),
}


@pytest.mark.parametrize("case", FAILURES)
def test_what_goes_wrong_ends_with_exit_1_a_sentence_and_a_complete_result(case: str, workflow: Path) -> None:
    replies, more, sentence = FAILURES[case]
    with provider(rules(**{"polls": HAPPY, **replies})) as (scripted, url):
        ran = run_seed(workflow, url, "--json", *more)
    assert ran.code == 1, ran.err
    assert sentence in ran.err
    result = ran.json
    assert result["status"] == "failed"
    assert sentence in result["error"]["message"]
    assert result["error"]["stepId"] in ("requestUploadUrl", "submitWithCallback", "pollWorkflow")
    assert len(result["steps"]) == len(scripted.trace)
    assert result["steps"][-1]["request"]["url"].startswith(url)
    assert KEY not in ran.out + ran.err


def test_the_key_is_in_no_output(workflow: Path, tmp_path: Path) -> None:
    log = tmp_path / "events.ndjson"
    echo: Value = {"status": 200, "json": {**BLOB, "note": f"token {KEY} accepted"}}
    for more in ([], ["-v"], ["--json"], ["-v", "--json"]):
        with provider(rules(polls=HAPPY, upload=echo)) as (_, url):
            ran = run_seed(workflow, url, "--report", f"events={log}", *more)
        assert ran.code == 0, ran.err
        for text in (ran.out, ran.err, log.read_text()):
            assert KEY not in text
    assert "***" in log.read_text()
    assert [json.loads(line)["event"] for line in log.read_text().splitlines()][-1] == "run-finished"


def test_a_key_of_one_letter_is_hidden_too(workflow: Path, tmp_path: Path) -> None:
    log = tmp_path / "events.ndjson"
    with provider(rules(polls=HAPPY)) as (_, url):
        ran = run_seed(workflow, url, "-i", "apiKey=Ж", "-v", "--json", "--report", f"events={log}")
    assert ran.code == 0, ran.err
    assert "Ж" not in ran.out + ran.err + log.read_text()


def test_a_caller_may_bring_a_transport_or_a_client() -> None:
    document = arazzo.load(SHIPPED)

    class Own:
        def __init__(self) -> None:
            self.scripted = ScriptedProvider(rules(polls=HAPPY))

        def send(self, request: arazzo.Request) -> arazzo.Response | arazzo.NoResponse:
            return self.scripted.send(request)

    class OwnAsync(Own):
        async def send(self, request: arazzo.Request) -> arazzo.Response | arazzo.NoResponse:  # type: ignore[override]
            await asyncio.sleep(0)
            return self.scripted.send(request)

    result = arazzo.run(document, None, GIVEN, transport=Own(), poll_interval=0)
    assert result.status == "succeeded"
    result = asyncio.run(arazzo.run_async(document, None, GIVEN, transport=OwnAsync(), poll_interval=0))
    assert result.status == "succeeded"
    for library in (httpx, httpx2):
        with provider(rules(polls=HAPPY)) as (_, url), library.Client(headers={"X-Mine": "1"}) as client:
            result = arazzo.run(document, None, GIVEN, transport=client, servers={"": url}, poll_interval=0)
        assert result.status == "succeeded"


def test_missing_and_wrong_inputs_are_named_all_at_once_and_nothing_is_sent(workflow: Path) -> None:
    with provider([]) as (scripted, url):
        ran = command(
            "run", workflow, "--source", f"civitaiOrchestrationApi={DESCRIPTION}", "--server", url,
            "-i", "apikey=K", "-i", "mimeType=image/png", "-i", "sizeBytes=big", "-i", "engine=flux2",
        )  # fmt: skip
    assert ran.code == 2
    assert ran.out == ""
    assert scripted.trace == []
    for fragment in (
        "'apiKey' is required",
        "did you mean 'apiKey'?",
        "'prompt' is required",
        "'callbackUrl'",
        "sizeBytes",
    ):
        assert fragment in ran.err
    assert re.search(rf"{re.escape(workflow.name)}:\d+:\d+: error input-missing", ran.err)
