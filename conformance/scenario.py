"""Reads run scenarios and plays their provider; ``conformance/README.md`` tells what the fields mean."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from arazzo.messages import Failure, NoResponse, Reply, Request, Response, header
from arazzo.source import parse
from arazzo.values import Value

FOLDER = Path(__file__).parent / "scenarios"
SERVER = "http://provider.test"
"""What the documents of scenarios write for the address of the provider."""


@dataclass(frozen=True)
class Scenario:
    """One run: what there is, what the provider answers, what must have happened."""

    file: str
    name: str
    clause: str
    documents: Mapping[str, Value]
    entry: str
    workflow: str | None
    inputs: dict[str, Value]
    options: Mapping[str, Value]
    provider: list[Mapping[str, Value]]
    expect: Mapping[str, Value]

    def __str__(self) -> str:
        return f"{self.file}: {self.name}"

    def write(self, folder: Path, server: str = SERVER) -> Path:
        """Write the documents into ``folder``, with ``server`` for ``SERVER``; returns the entry document's path."""
        for name, document in self.documents.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            text = (
                document if isinstance(document, str) else json.dumps(document, ensure_ascii=False, indent=1)
            )
            path.write_text(text.replace(SERVER, server), encoding="utf-8")
        return folder / self.entry


def scenarios(folder: Path = FOLDER) -> Iterator[Scenario]:
    """Every scenario of every file in ``folder``, in order."""
    for path in sorted(folder.glob("*.yml")):
        root = parse(path.read_bytes(), path.name).root
        assert isinstance(root, dict), path
        shared = root.get("documents", {})
        listed = root["scenarios"]
        assert isinstance(listed, list)
        assert isinstance(shared, dict)
        for item in listed:
            assert isinstance(item, dict)
            yield _scenario(path.stem, item, shared)


def _scenario(file: str, item: dict[str, Value], shared: dict[str, Value]) -> Scenario:
    documents = {**shared, **_mapping(item.get("documents", {}))}
    provider = item.get("provider", [])
    assert isinstance(provider, list)
    entry = item.get("entry") or next(name for name in documents if "arazzo" in name)
    workflow = item.get("workflow")
    return Scenario(
        file,
        str(item["name"]),
        str(item["clause"]),
        documents,
        str(entry),
        workflow if isinstance(workflow, str) else None,
        _mapping(item.get("inputs", {})),
        _mapping(item.get("options", {})),
        [_mapping(rule) for rule in provider],
        _mapping(item["expect"]),
    )


def _mapping(value: Value) -> dict[str, Value]:
    assert isinstance(value, dict), value
    return value


@dataclass
class ScriptedProvider:
    """Answers requests by a scenario's rules, and keeps a trace of them.

    The first rule that matches and has a reply left answers; the last reply of a rule's list is given again and
    again. What no rule matches is answered 599, which no scenario expects.
    """

    rules: list[Mapping[str, Value]]
    real: bool = False
    """Whether delays take their time, as behind a socket, or are only compared with the request's timeout."""
    trace: list[dict[str, Value]] = field(default_factory=list)
    _used: dict[int, int] = field(default_factory=dict)

    def send(self, request: Request) -> Reply:
        seen = observe(request)
        self.trace.append(seen)
        for index, rule in enumerate(self.rules):
            if not matches(_mapping(rule.get("match", {})), seen):
                continue
            replies = rule["replies"]
            assert isinstance(replies, list)
            used = self._used.get(index, 0)
            once = rule.get("once") is True
            if once and used >= len(replies):
                continue
            self._used[index] = used + 1
            return self._reply(_mapping(replies[min(used, len(replies) - 1)]), request)
        return Response(
            599, (("Content-Type", "text/plain"),), b"no rule of the scenario matches this request"
        )

    def _reply(self, reply: Mapping[str, Value], request: Request) -> Reply:
        if "drop" in reply:
            return NoResponse(Failure.CONNECTION, "the server closed the connection before it answered")
        delay = reply.get("delay", 0)
        assert isinstance(delay, (int, float))
        if self.real:
            time.sleep(delay)
        elif request.timeout is not None and delay > request.timeout:
            return NoResponse(Failure.TIMEOUT, f"no answer within {request.timeout:g} s")
        headers = {str(name): str(value) for name, value in _mapping(reply.get("headers", {})).items()}
        body = b""
        if "json" in reply:
            headers.setdefault("Content-Type", "application/json")
            body = json.dumps(reply["json"]).encode()
        elif "body" in reply:
            body = str(reply["body"]).encode()
        status = reply.get("status", 200)
        assert isinstance(status, int)
        return Response(status, tuple(headers.items()), body)


def observe(request: Request) -> dict[str, Value]:
    """What of a request a trace holds: method, path, query pairs, headers in lower case, and the body's meaning."""
    parts = urlsplit(request.url)
    query: dict[str, Value] = {}
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        before = query.get(name)
        query[name] = (
            value if before is None else [*(before if isinstance(before, list) else [before]), value]
        )
    seen: dict[str, Value] = {
        "method": request.method,
        "path": unquote(parts.path),
        "target": parts.path + (f"?{parts.query}" if parts.query else ""),
        "query": query,
        "headers": {name.lower(): value for name, value in request.headers},
    }
    if request.body:
        text = request.body.decode("utf-8", "replace")
        seen["body"] = text
        if "json" in (header(request.headers, "content-type") or ""):
            seen["json"] = json.loads(text)
    return seen


def matches(expected: Mapping[str, Value], seen: Mapping[str, Value]) -> bool:
    """Whether everything ``expected`` names is so in ``seen``; of headers and queries, those that are named.

    A header or query parameter that is expected to be null must be absent.
    """
    for key, value in expected.items():
        actual = seen.get(key)
        if key in ("headers", "query"):
            assert isinstance(value, dict)
            assert isinstance(actual, dict)
            if any(
                actual.get(name.lower() if key == "headers" else name) != member
                for name, member in value.items()
            ):
                return False
        elif actual != value:
            return False
    return True


@contextmanager
def served(provider: ScriptedProvider) -> Iterator[str]:
    """``provider`` behind a real HTTP server on a socket; gives its URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length) or None
            request = Request(self.command, self.path, tuple(self.headers.items()), body)
            reply = provider.send(request)
            if isinstance(reply, NoResponse):
                self.close_connection = True
                self.connection.close()
                return
            self.send_response(reply.status)
            for name, value in reply.headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(reply.body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = do_QUERY = handle_any

        def log_message(self, format: str, *args: object) -> None:
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
