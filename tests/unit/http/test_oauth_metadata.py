"""OpenAPI 3.2's `oauth2MetadataUrl` (RFC 8414): where tokens are had when the flow itself does not say."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest
from tests.unit.http.auth_servers import (
    FIRST,
    SECOND,
    Asked,
    Issuer,
    answering,
    calling,
    json_response,
    one_api,
)
from tests.unit.http.conftest import Serve, response

import arazzo
from arazzo.document.model import Document
from arazzo.engine.results import RunResult
from arazzo.messages import Reply, Request, Response
from arazzo.values import Value

CLIENT = "client:s3cr3t-s3cr3t"
META = "/.well-known/oauth-authorization-server"
Run: TypeAlias = "Callable[..., RunResult]"


@pytest.fixture(params=["run", "run_async"])
def run(request: pytest.FixtureRequest) -> Run:
    if request.param == "run":
        return arazzo.run
    return lambda document, **keywords: asyncio.run(arazzo.run_async(document, **keywords))


def described(folder: Path, server: str, scheme: Value, version: str = "3.2.0") -> Document:
    path = Path(one_api(folder, server, {"mine": scheme}, [{"mine": []}]))
    path.write_text(path.read_text().replace('"3.1.0"', f'"{version}"'))
    return calling({"api": str(path)}, FIRST, SECOND)


def scheme(flow: Value = None, url: str = META, name: str = "clientCredentials") -> Value:
    given: Value = {"scopes": {}} if flow is None else flow
    return {"type": "oauth2", "oauth2MetadataUrl": url, "flows": {name: given}}


def started(serve: Serve, issuer: Issuer, metadata: Value = None) -> str:
    def answer(asked: Asked) -> bytes:
        if asked.target == META:
            issuer.seen.append(asked)
            whole: Value = {"issuer": issuer.url, "token_endpoint": f"{issuer.url}/token"}
            return json_response(whole if metadata is None else metadata)
        return issuer(asked)

    server = serve(answering(answer))
    issuer.url = server.url
    return server.url


@pytest.mark.parametrize("flow", [{"scopes": {}}, {"scopes": {}, "tokenUrl": "elsewhere"}, {"tokenUrl": ""}])
def test_the_token_endpoint_is_had_from_the_metadata_once(
    serve: Serve, tmp_path: Path, run: Run, flow: Value
) -> None:
    issuer = Issuer(3600)
    url = started(serve, issuer)
    result = run(described(tmp_path, f"{url}/v1", scheme(flow)), auth={"mine": CLIENT})
    assert result.status == "succeeded", result.error
    assert [asked.target for asked in issuer.seen] == [META, "/token", "/v1/first", "/v1/second"]
    assert issuer.seen[0].headers.get("authorization") is None
    assert issuer.seen[0].headers["accept"] == "application/json"


def test_a_refresh_url_of_the_flow_stays(serve: Serve, tmp_path: Path, run: Run) -> None:
    issuer = Issuer(3600)
    url = started(serve, issuer)
    flow: Value = {"scopes": {}, "refreshUrl": f"{url}/token"}
    result = run(described(tmp_path, f"{url}/v1", scheme(flow)), auth={"mine": CLIENT})
    assert result.status == "succeeded", result.error
    assert issuer.seen[0].target == META
    given = "grant_type=refresh_token&refresh_token=r&client_id=client&client_secret=s3cr3t-s3cr3t"
    issuer.refresh, issuer.seen = "r", []
    result = run(described(tmp_path, f"{url}/v1", scheme(flow)), auth={"mine": given})
    assert result.status == "succeeded", result.error
    assert META not in [asked.target for asked in issuer.seen], "what this grant needs is said"


def test_a_token_url_that_is_whole_is_taken_as_it_is(serve: Serve, tmp_path: Path, run: Run) -> None:
    issuer = Issuer(3600)
    url = started(serve, issuer, {"token_endpoint": "https://other.test/"})
    result = run(
        described(tmp_path, f"{url}/v1", scheme({"tokenUrl": f"{url}/token", "scopes": {}})),
        auth={"mine": CLIENT},
    )
    assert result.status == "succeeded", result.error
    assert META not in [asked.target for asked in issuer.seen]


def test_a_version_without_the_field_has_none(serve: Serve, tmp_path: Path, run: Run) -> None:
    issuer = Issuer(3600)
    url = started(serve, issuer)
    result = run(described(tmp_path, f"{url}/v1", scheme(), "3.1.0"), auth={"mine": CLIENT})
    assert result.error is not None
    assert "the API description names no token endpoint" in result.error.message
    assert not issuer.seen


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        ({}, "names no token_endpoint"),
        ({"token_endpoint": 7}, "names no token_endpoint"),
        ([], "names no token_endpoint"),
        ({"token_endpoint": "http://other.test/token"}, "is not encrypted; allow it with --allow-http"),
        ({"token_endpoint": "token"}, "is no URL that could be asked"),
    ],
)
def test_metadata_that_names_no_usable_endpoint_is_told(
    serve: Serve, tmp_path: Path, run: Run, metadata: Value, said: str
) -> None:
    issuer = Issuer(3600)
    url = started(serve, issuer, metadata)
    result = run(described(tmp_path, f"{url}/v1", scheme()), auth={"mine": CLIENT})
    assert result.error is not None
    assert said in result.error.message
    assert "no access token for 'mine'" in result.error.message
    assert not issuer.grants
    assert "s3cr3t-s3cr3t" not in repr((result.error, result.steps))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (response(b"", "404 Not Found"), "cannot be had: the answer is 404"),
        (response(b"", "302 Found", "Location: https://other.test/"), "cannot be had: the answer is 302"),
        (b"", "cannot be had: the server closed the connection"),
    ],
)
def test_metadata_that_cannot_be_had_is_told_and_redirects_nowhere(
    serve: Serve, tmp_path: Path, run: Run, answer: bytes, said: str
) -> None:
    def behave(connection: object, _: bytes) -> None:
        connection.sendall(answer)  # type: ignore[attr-defined]
        if not answer:
            connection.close()  # type: ignore[attr-defined]

    url = serve(behave).url
    result = run(described(tmp_path, f"{url}/v1", scheme(url=f"{url}{META}")), auth={"mine": CLIENT})
    assert result.error is not None
    assert f"the OAuth 2 metadata at {url}{META} {said}" in result.error.message


def test_metadata_is_asked_for_encrypted_only(tmp_path: Path, run: Run) -> None:
    asked: list[str] = []

    class Network:
        def send(self, request: Request) -> Reply:
            asked.append(request.url)
            return Response(200, (), b"{}")

    document = described(tmp_path, "https://api.test", scheme(url="http://id.test/meta"))
    result = run(document, auth={"mine": CLIENT}, transport=Network())
    assert result.error is not None
    assert "the OAuth 2 metadata http://id.test/meta is not encrypted" in result.error.message
    assert not asked


def test_metadata_from_the_network_sends_no_secret_to_this_machine(tmp_path: Path, run: Run) -> None:
    asked: list[str] = []

    class Network:
        def send(self, request: Request) -> Reply:
            asked.append(request.url)
            return Response(200, (), b'{"token_endpoint": "https://127.0.0.1:9/token"}')

    document = described(tmp_path, "https://api.test", scheme(url="https://id.test/meta"))
    result = run(document, auth={"mine": CLIENT}, transport=Network())
    assert result.error is not None
    assert "allow it with --allow-private" in result.error.message
    assert asked == ["https://id.test/meta"]


def test_what_is_given_for_two_sources_is_not_for_two_authorities(tmp_path: Path, run: Run) -> None:
    """The metadata counts as a place that a credential goes to."""
    paths = {}
    for name in ("one", "two"):
        path = Path(
            one_api(
                tmp_path,
                "https://api.test",
                {"mine": scheme(url=f"https://{name}.test/meta")},
                [{"mine": []}],
                name=name,
            )
        )
        path.write_text(path.read_text().replace('"3.1.0"', '"3.2.0"'))
        paths[name] = str(path)
    steps = [{"stepId": n, "operationId": f"$sourceDescriptions.{n}.{n}First"} for n in paths]
    with pytest.raises(arazzo.UsageError, match="would be sent to different places"):
        run(calling(paths, *steps), auth={"mine": CLIENT})
