"""Headers of real responses held against the description."""

from __future__ import annotations

from pathlib import Path

from tests.unit.http.auth_servers import FIRST, calling, one_api
from tests.unit.http.conftest import Serve, response

import arazzo
from arazzo.values import Value

HEADERS: Value = {
    "X-Total": {"required": True, "schema": {"type": "integer", "minimum": 0}},
    "X-Ids": {"required": True, "schema": {"type": "array", "items": {"type": "integer"}}},
}
DECLARED: Value = {"200": {"description": "ok", "headers": HEADERS}}


def _run(server: str, folder: Path, **keywords: object) -> arazzo.RunResult:
    document = calling({"api": one_api(folder, server, {}, [], responses=DECLARED)}, FIRST)
    return arazzo.run(document, check_responses="fail", **keywords)  # type: ignore[arg-type]


def test_a_header_that_does_not_fit_fails_its_step(serve: Serve, tmp_path: Path) -> None:
    server = serve(response(b"", "200 OK", "x-total: s3cr3t", "X-Ids: 1,2"))
    result = _run(server.url, tmp_path)
    assert result.error is not None
    assert "$response.header.X-Total is a string, and must be an integer (" in result.error.message
    (violation,) = result.steps[0].violations
    assert (violation.kind, violation.pointer) == ("header", "/headers/X-Total")
    assert "s3cr3t" not in repr(result.error)


def test_a_header_that_fits_does_not(serve: Serve, tmp_path: Path) -> None:
    server = serve(response(b"", "200 OK", "x-total: 7", "X-Ids: 1", "X-Ids: 2, 3"))
    assert _run(server.url, tmp_path).status == "succeeded"


def test_the_simulated_provider_writes_headers_as_they_are_read(tmp_path: Path) -> None:
    result = _run("https://api.test", tmp_path, simulate=True)
    assert result.status == "succeeded", result.error
