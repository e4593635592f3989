"""Presigned URLs, which a workflow gets, passes on and loads from: only the outputs show their signature."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.unit.http.auth_servers import FIRST, Asked, answering, calling, json_response, one_api
from tests.unit.http.conftest import Serve, response

import arazzo
from arazzo.cli.main import main

SIGNATURE = "pT3%2FuJcz9Yx0Q1sV"
PLAIN = "pT3/uJcz9Yx0Q1sV"


@pytest.mark.parametrize("name", ["sig", "signature", "X-Amz-Signature", "X-Goog-Signature"])
def test_a_run_prints_no_signature_but_in_its_outputs(
    serve: Serve,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    monkeypatch.chdir(tmp_path)

    def answer(asked: Asked) -> bytes:
        signed = f"{server.url}/blob?sv=1&{name}={SIGNATURE}"
        if asked.target == "/first":
            return json_response({"url": signed}, "200 OK", f"X-Copy: {signed}")
        if asked.target == "/second":
            return response(b"", "302 Found", f"Location: {signed}")
        return json_response({"code": "Denied", "message": f"{signed} is over"}, "403 Forbidden")

    server = serve(answering(answer))
    path = one_api(tmp_path, server.url, {}, [])
    calling(
        {"api": path},
        {**FIRST, "outputs": {"url": "$response.body#/url", "copy": "$response.header.X-Copy"}},
        {
            "stepId": "second",
            "operationId": "apiSecond",
            "requestBody": {"contentType": "application/json", "payload": {"of": "$steps.first.outputs.url"}},
            "onFailure": [{"name": "end", "type": "end"}],
        },
        outputs={"url": "$steps.first.outputs.url"},
    )
    kinds = ["events", "json"]
    reports = [f for kind in kinds for f in ("--report", f"{kind}=out.{kind}")]
    assert main(["run", str(tmp_path / "w.arazzo.json"), "-v", *reports]) == 1
    said = capsys.readouterr()
    assert json.loads(said.out) == {"url": f"{server.url}/blob?sv=1&{name}={SIGNATURE}"}
    told = {"stderr": said.err, **{kind: (tmp_path / f"out.{kind}").read_text() for kind in kinds}}
    for where, text in told.items():
        assert "***" in text, where
        for form in (SIGNATURE, PLAIN, SIGNATURE.lower()):
            assert form not in text, where
    assert any(SIGNATURE.encode() in request for request in server.requests), "it is sent as it is"


def test_a_signature_is_in_no_message_of_a_blob_that_cannot_be_had(serve: Serve, tmp_path: Path) -> None:
    target = f"http://blob.invalid:1/x?sig={SIGNATURE}"
    server = serve(response(b"", "302 Found", f"Location: {target}"))
    result = arazzo.run(calling({"api": one_api(tmp_path, server.url, {}, [])}, FIRST))
    assert result.status == "failed"
    assert SIGNATURE not in repr((result.error, result.steps, result.warnings))
