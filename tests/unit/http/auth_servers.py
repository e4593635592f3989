"""What the tests of credentials run against: an API on a socket, and the documents that call it."""

from __future__ import annotations

import base64
import json
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl

from tests.unit.http.conftest import response

import arazzo
from arazzo.document.model import Document
from arazzo.values import Value


@dataclass(frozen=True)
class Asked:
    """A request as a server got it."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @classmethod
    def of(cls, raw: bytes) -> Asked:
        head, _, body = raw.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ", 2)
        pairs = (line.split(": ", 1) for line in lines)
        return cls(method, target, {name.lower(): value for name, value in pairs}, body)

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode()))

    @property
    def basic(self) -> str | None:
        """The user and password of ``Authorization: Basic``."""
        scheme, _, coded = self.headers.get("authorization", "").partition(" ")
        return base64.b64decode(coded).decode() if scheme == "Basic" else None


def answering(answer: Callable[[Asked], bytes]) -> Callable[[socket.socket, bytes], None]:
    """The behaviour of a server that answers each request by itself."""

    def behave(connection: socket.socket, raw: bytes) -> None:
        connection.sendall(answer(Asked.of(raw)))

    return behave


def json_response(value: Value, status: str = "200 OK", *headers: str) -> bytes:
    return response(json.dumps(value).encode(), status, "Content-Type: application/json", *headers)


class Issuer:
    """A token endpoint, its OpenID metadata, and an API at ``/v1`` that takes the tokens it gave."""

    def __init__(self, life: float | None = None, *, uses: int = 1000, rotate: bool = False) -> None:
        self.life, self.uses, self.rotate = life, uses, rotate
        self.grants: list[dict[str, str]] = []
        self.in_body_only = False
        self.valid: dict[str, int] = {}
        self.refresh = ""
        self.url = ""
        self.seen: list[Asked] = []

    def __call__(self, asked: Asked) -> bytes:
        self.seen.append(asked)
        path = asked.target.partition("?")[0]
        if path == "/.well-known/openid-configuration":
            return json_response({"issuer": self.url, "token_endpoint": f"{self.url}/token"})
        if path == "/token":
            return self._token(asked)
        scheme, _, token = asked.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or self.valid.get(token, 0) <= 0:
            return json_response({"error": "unauthorized"}, "401 Unauthorized", "WWW-Authenticate: Bearer")
        self.valid[token] -= 1
        return json_response({"echo": token, "path": asked.target})

    def _token(self, asked: Asked) -> bytes:
        form = asked.form
        self.grants.append(form)
        client = f"{form.get('client_id')}:{form.get('client_secret')}"
        public = () if self.in_body_only else ("None:None",)
        if (client if self.in_body_only else asked.basic or client) not in ("client:s3cr3t-s3cr3t", *public):
            return json_response(
                {"error": "invalid_client", "error_description": "who are you?"}, "401 Unauthorized"
            )
        if form["grant_type"] == "refresh_token" and form["refresh_token"] != self.refresh:
            return json_response({"error": "invalid_grant"}, "400 Bad Request")
        token = f"access-token-{len(self.grants)}"
        self.valid[token] = self.uses
        said: dict[str, Value] = {"access_token": token, "token_type": "bearer"}
        if self.life is not None:
            said["expires_in"] = self.life
        if self.rotate:
            self.refresh = said["refresh_token"] = f"refresh-token-{len(self.grants)}"
        return json_response(said)


def one_api(
    folder: Path,
    server: str,
    schemes: Mapping[str, Value],
    security: Value,
    *,
    name: str = "api",
    **more: Value,
) -> str:
    """The path of a description with the operations ``first`` and ``second``."""
    operation: dict[str, Value] = {"responses": {"200": {"description": "ok"}}, **more}
    description: Value = {
        "openapi": "3.1.0",
        "info": {"title": name, "version": "1"},
        "servers": [{"url": server}],
        "components": {"securitySchemes": dict(schemes)},
        "security": security,
        "paths": {
            "/first": {"get": {**operation, "operationId": f"{name}First"}},
            "/second": {"post": {**operation, "operationId": f"{name}Second"}},
        },
    }
    path = folder / f"{name}.json"
    path.write_text(json.dumps(description))
    return str(path)


def calling(sources: Mapping[str, str], *steps: Mapping[str, Value], **workflow: Value) -> Document:
    """A document with one workflow of these steps; each gives the body it got as its output ``said``."""
    path = Path(next(iter(sources.values()))).with_name("w.arazzo.json")
    path.write_text(json.dumps(document(sources, *steps, **workflow)))
    return arazzo.load(path)


def document(sources: Mapping[str, str], *steps: Mapping[str, Value], **workflow: Value) -> dict[str, Value]:
    whole: list[Value] = [{"outputs": {"said": "$response.body"}, **step} for step in steps]
    return {
        "arazzo": "1.0.1",
        "info": {"title": "t", "version": "1"},
        "sourceDescriptions": [
            {"name": name, "url": Path(path).as_uri(), "type": "openapi"} for name, path in sources.items()
        ],
        "workflows": [{"workflowId": "w", "steps": whole, **workflow}],
    }


FIRST: Mapping[str, Value] = {"stepId": "first", "operationId": "apiFirst"}
SECOND: Mapping[str, Value] = {"stepId": "second", "operationId": "apiSecond"}
