"""Documents are fetched from whom the transport options trust, and by the way they name."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.http.conftest import CERTIFICATE, Serve, Server, response

import arazzo
from arazzo.cli.main import main

TRUSTING = arazzo.TransportOptions(cacert=CERTIFICATE)
DESCRIPTION = json.dumps(
    {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": {"/a": {"get": {"operationId": "a", "responses": {"200": {"description": "ok"}}}}},
    }
).encode()


def document(api: str) -> bytes:
    return json.dumps(
        {
            "arazzo": "1.0.1",
            "info": {"title": "t", "version": "1"},
            "sourceDescriptions": [{"name": "api", "url": api, "type": "openapi"}],
            "workflows": [{"workflowId": "w", "steps": [{"stepId": "s", "operationId": "a"}]}],
        }
    ).encode()


@pytest.fixture
def origin(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Server]:
    """Serves a document, its description and the API over TLS, with a certificate that nobody else vouches for."""
    monkeypatch.setenv("ARAZZO_CACHE_DIR", str(tmp_path / "cache"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    bodies = {b"/w.arazzo.json": document("api.json"), b"/api.json": DESCRIPTION}

    def behave(connection: socket.socket, raw: bytes) -> None:
        body = bodies.get(raw.split(b" ")[1], b"{}")
        connection.sendall(response(body, "200 OK", "Content-Type: application/json", 'ETag: "1"'))

    server = Server(behave, context)
    server.url = f"https://localhost:{server.port}"
    yield server
    server.close()


@pytest.mark.parametrize("options", [TRUSTING, arazzo.TransportOptions(insecure=True)])
def test_a_certificate_that_is_trusted_for_requests_is_trusted_for_documents(
    origin: Server, options: arazzo.TransportOptions
) -> None:
    description = arazzo.load(f"{origin.url}/w.arazzo.json", transport_options=options)
    assert not [d for d in arazzo.check(description, transport_options=options) if d.severity == "error"]
    assert arazzo.run(description, transport_options=options).status == "succeeded"
    plan = arazzo.link(description, transport_options=options)
    assert arazzo.run(plan, transport_options=options).status == "succeeded"


def test_without_it_neither_the_document_nor_its_description_is_fetched(origin: Server) -> None:
    with pytest.raises(arazzo.DocumentError, match="not trusted"):
        arazzo.load(f"{origin.url}/w.arazzo.json")
    description = arazzo.load(f"{origin.url}/w.arazzo.json", transport_options=TRUSTING)
    with pytest.raises(arazzo.DocumentError, match="not trusted"):
        arazzo.link(description)


@pytest.mark.parametrize("command", ["run", "show", "validate"])
@pytest.mark.parametrize("flags", [["--cacert", str(CERTIFICATE)], ["--insecure"]])
def test_every_command_that_fetches_has_the_flags(
    origin: Server, command: str, flags: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    assert main([command, f"{origin.url}/w.arazzo.json", *flags]) == 0
    assert main([command, f"{origin.url}/w.arazzo.json"]) == 2
    told = capfd.readouterr()
    assert "not trusted" in told.err + told.out


def test_what_was_fetched_from_anyone_is_not_kept(origin: Server, tmp_path: Path) -> None:
    """A copy is believed when the server says that it is still the same, which whoever made it up can arrange."""
    options = arazzo.TransportOptions(insecure=True)
    arazzo.link(
        arazzo.load(f"{origin.url}/w.arazzo.json", transport_options=options), transport_options=options
    )
    assert not list(tmp_path.rglob("cache/*"))
    arazzo.load(f"{origin.url}/w.arazzo.json", transport_options=TRUSTING)
    assert list(tmp_path.rglob("cache/*"))


def test_documents_are_fetched_through_the_proxy(serve: Serve, capfd: pytest.CaptureFixture[str]) -> None:
    bodies = {
        b"http://docs.test/w.json": document("http://api.test/api.json"),
        b"http://api.test/api.json": DESCRIPTION,
    }
    proxy = serve(lambda connection, raw: connection.sendall(response(bodies.get(raw.split(b" ")[1], b""))))
    flags = ["http://docs.test/w.json", "--proxy", proxy.url, "--allow-http", "--server", "http://api.test"]
    assert main(["run", *flags]) == 0, capfd.readouterr().err
    asked = [request.split(b" ")[1].decode() for request in proxy.requests]
    assert asked == ["http://docs.test/w.json", "http://api.test/api.json", "http://api.test/a"]


def test_a_certificate_file_that_is_none_is_told(origin: Server, tmp_path: Path) -> None:
    missing = arazzo.TransportOptions(cacert=tmp_path / "none.pem")
    with pytest.raises(arazzo.UsageError, match=r"none\.pem"):
        arazzo.load(f"{origin.url}/w.arazzo.json", transport_options=missing)
