"""``Idempotency-Key``: when a request has one, and for how long it stays the same."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.unit.http.auth_servers import Asked, answering, calling, json_response, one_api
from tests.unit.http.conftest import Serve

import arazzo
from arazzo.document.model import Document
from arazzo.engine.idempotency import Idempotency
from arazzo.errors import UsageError
from arazzo.values import Value

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z")
RETRY: Value = [{"name": "again", "type": "retry", "retryAfter": 0, "retryLimit": 2}]
POST: dict[str, Value] = {"stepId": "post", "operationId": "apiSecond"}


class Seen:
    """An API that fails so many times, and keeps what it was asked."""

    def __init__(self, failures: int = 0) -> None:
        self.failures, self.asked = failures, list[Asked]()

    def __call__(self, asked: Asked) -> bytes:
        self.asked.append(asked)
        self.failures -= 1
        return json_response({"n": len(self.asked)}, "503 No" if self.failures >= 0 else "200 OK")

    def keys(self, name: str = "idempotency-key") -> list[str | None]:
        return [asked.headers.get(name) for asked in self.asked]


@pytest.fixture
def api(serve: Serve, tmp_path: Path) -> Callable[..., Document]:
    def make(seen: Seen, *steps: dict[str, Value], **more: Any) -> Document:
        return calling({"api": one_api(tmp_path, serve(answering(seen)).url, {}, [], **more)}, *steps)

    return make


Api = Callable[..., Document]


def test_no_key_is_sent_unasked(api: Api) -> None:
    seen = Seen()
    arazzo.run(api(seen, POST))
    assert seen.keys() == [None]


@pytest.mark.parametrize("concurrently", [False, True])
def test_the_key_is_the_same_for_every_retry(api: Api, concurrently: bool) -> None:
    seen = Seen(2)
    document = api(seen, {**POST, "onFailure": RETRY})
    if concurrently:
        result = asyncio.run(arazzo.run_async(document, idempotency_key=True))
    else:
        result = arazzo.run(document, idempotency_key=True)
    assert result.status == "succeeded"
    first, *others = seen.keys()
    assert first is not None
    assert UUID.match(first)
    assert others == [first, first]
    shown = result.steps[0].request
    assert shown is not None
    assert ("Idempotency-Key", first) in shown.headers, "it is no secret: support asks for it"


def test_each_visit_and_each_run_has_its_own(api: Api) -> None:
    again: Value = [
        {"name": "on", "type": "goto", "stepId": "post", "criteria": [{"condition": "$response.body#/n < 3"}]}
    ]
    seen = Seen()
    document = api(seen, {**POST, "onSuccess": again})
    arazzo.run(document, idempotency_key=True, poll_interval=0)
    arazzo.run(document, idempotency_key=True)
    assert len(seen.keys()) == 4
    assert len(set(seen.keys())) == 4


def test_a_request_that_may_be_repeated_has_none(api: Api) -> None:
    seen = Seen()
    arazzo.run(api(seen, {"stepId": "get", "operationId": "apiFirst"}), idempotency_key=True)
    assert seen.keys() == [None]


def test_what_the_step_passes_stays(api: Api) -> None:
    seen = Seen(1)
    own: Value = [{"name": "idempotency-KEY", "in": "header", "value": "mine"}]
    arazzo.run(api(seen, {**POST, "parameters": own, "onFailure": RETRY}), idempotency_key=True)
    assert seen.keys() == ["mine", "mine"]
    arazzo.run(api(seen, POST), idempotency_key=True, headers={"X-Idempotency-Key": "yours"})
    assert seen.keys()[-1] is None
    assert seen.keys("x-idempotency-key")[-1] == "yours"


def test_another_name_can_be_asked_for(api: Api) -> None:
    seen = Seen()
    arazzo.run(api(seen, POST), idempotency_key="X-Request-Id")
    assert seen.keys() == [None]
    assert UUID.match(seen.keys("x-request-id")[0] or "")


@pytest.mark.parametrize("required", [False, True])
@pytest.mark.parametrize("step", [POST, {"stepId": "get", "operationId": "apiFirst"}])
def test_a_declared_header_is_filled_under_its_own_name(
    api: Api, required: bool, step: dict[str, Value]
) -> None:
    seen = Seen()
    declared: Value = [
        {"name": "X-Idempotency-Key", "in": "header", "required": required, "schema": {"type": "string"}}
    ]
    document = api(seen, step, parameters=declared)
    assert arazzo.run(document, idempotency_key=True).status == "succeeded"
    assert UUID.match(seen.keys("x-idempotency-key")[0] or "")
    assert seen.keys() == [None]
    if required:
        unasked = arazzo.run(document)
        assert unasked.error is not None
        assert "--idempotency-key sends one" in unasked.error.message


@pytest.mark.parametrize("wrong", [1, "", "a b", None])
def test_a_name_that_no_header_has_is_refused(api: Api, wrong: object) -> None:
    with pytest.raises(UsageError, match="idempotency_key"):
        arazzo.run(api(Seen(), POST), idempotency_key=wrong)  # type: ignore[arg-type]


def test_the_same_seed_gives_the_same_keys() -> None:
    keys = [Idempotency("seed").key(number, "w", "s") for number in (1, 2)]
    assert keys == [Idempotency("seed").key(number, "w", "s") for number in (1, 2)]
    assert len({*keys, Idempotency("other").key(1, "w", "s"), Idempotency("seed").key(1, "ws", "")}) == 4


def test_the_flag_takes_no_file_for_its_value(api: Api, tmp_path: Path) -> None:
    from arazzo.cli.main import main

    seen = Seen()
    api(seen, POST)
    file = str(tmp_path / "w.arazzo.json")
    assert main(["run", "--idempotency-key", file]) == 0
    assert main(["run", "--idempotency-key=X-Key", file]) == 0
    assert UUID.match(seen.keys()[0] or "")
    assert UUID.match(seen.keys("x-key")[1] or "")
