"""The scripted provider of run scenarios: in this process, or behind a socket."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from arazzo.messages import Failure, NoResponse, Reply, Request, Response, header
from arazzo.values import Value, json_equal

_DATE: Final = re.compile(r"\{now\+(\d+)\}")
UNMATCHED: Final = 599
"""The status of the answer to a request that no rule matches."""


@dataclass
class ScriptedProvider:
    """Answers requests by a scenario's rules, and keeps a trace of them.

    The first rule that matches answers; its replies are given in order, the last one again and again, or, of a rule
    with ``once``, each a single time. What no rule matches is answered 599, which no scenario expects.
    """

    rules: list[Mapping[str, Value]]
    real: bool = False
    """Whether delays take their time, as behind a socket, or are only compared with the request's timeout."""
    now: Callable[[], float] = time.time
    """The time that ``{now+2}`` in a header counts from."""
    pass_time: Callable[[float], None] | None = None
    """Told of every delay, to move a clock that does not move by itself."""
    trace: list[dict[str, Value]] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)
    _used: dict[int, int] = field(default_factory=dict)

    def send(self, request: Request) -> Reply:
        seen = observe(request)
        self.trace.append(seen)
        for index, rule in enumerate(self.rules):
            wanted = rule.get("match", {})
            assert isinstance(wanted, (dict, str))
            if not matches(wanted, seen):
                continue
            replies = rule["replies"]
            assert isinstance(replies, list)
            used = self._used.get(index, 0)
            if rule.get("once") is True and used >= len(replies):
                continue
            self._used[index] = used + 1
            reply = replies[min(used, len(replies) - 1)]
            assert isinstance(reply, dict)
            return self._reply(reply, request)
        self.unmatched.append(line(seen))
        return Response(
            UNMATCHED, (("Content-Type", "text/plain"),), b"no rule of the scenario matches this request"
        )

    def _reply(self, reply: Mapping[str, Value], request: Request) -> Reply:
        if "drop" in reply:
            return NoResponse(Failure.CONNECTION, "the server closed the connection before it answered")
        delay = reply.get("delay", 0)
        assert isinstance(delay, (int, float))
        late = not self.real and request.timeout is not None and delay > request.timeout
        if self.pass_time is not None and delay:
            self.pass_time(request.timeout if late and request.timeout is not None else delay)
        if self.real:
            time.sleep(delay)
        elif late:
            return NoResponse(Failure.TIMEOUT, f"no answer within {request.timeout:g} s")
        headers = self._headers(reply)
        body = b""
        if "json" in reply:
            headers.setdefault("Content-Type", "application/json")
            body = json.dumps(reply["json"]).encode()
        elif "body" in reply:
            body = str(reply["body"]).encode()
        status = reply.get("status", 200)
        assert isinstance(status, int)
        return Response(status, tuple(headers.items()), body)

    def _headers(self, reply: Mapping[str, Value]) -> dict[str, str]:
        given = reply.get("headers", {})
        assert isinstance(given, dict)

        def date(match: re.Match[str]) -> str:
            return formatdate(self.now() + int(match[1]), usegmt=True)

        return {name: _DATE.sub(date, str(value)) for name, value in given.items()}


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
            try:
                seen["json"] = json.loads(text)
            except ValueError:
                seen["json"] = f"not JSON: {text}"
    return seen


def line(seen: Mapping[str, Value]) -> str:
    """A request of a trace on one line: method and target."""
    return " ".join(str(seen[part]) for part in ("method", "target"))


def matches(expected: Mapping[str, Value] | str, seen: Mapping[str, Value]) -> bool:
    """Whether everything ``expected`` names is so in ``seen``; of headers and queries, those that are named.

    A text is the method and the target, ``GET /things?page=2``. A header or query parameter that is expected to be
    null must be absent; ``holds`` are texts that the body holds.
    """
    if isinstance(expected, str):
        return expected == line(seen)
    for key, value in expected.items():
        actual = seen.get(key)
        if key in ("headers", "query"):
            assert isinstance(value, dict)
            assert isinstance(actual, dict)
            if any(
                not json_equal(actual.get(name.lower() if key == "headers" else name), member)
                for name, member in value.items()
            ):
                return False
        elif key == "holds":
            assert isinstance(value, list)
            body = str(seen.get("body", ""))
            if not all(str(text) in body for text in value):
                return False
        elif not json_equal(actual, value):
            return False
    return True


@contextmanager
def served(provider: ScriptedProvider) -> Iterator[str]:
    """``provider`` behind a real HTTP server on a socket; gives its URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # A response leaves in one piece, at once: otherwise each waits for the client's delayed acknowledgement.
        wbufsize = -1
        disable_nagle_algorithm = True

        def handle_any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length) or None
            request = Request(self.command, self.path, tuple(self.headers.items()), body)
            reply = provider.send(request)
            if isinstance(reply, NoResponse):
                self.close_connection = True
                self.connection.close()
                return
            try:
                self._answer(reply)
            except ConnectionError:
                # Whoever asked has given up waiting.
                self.close_connection = True

        def _answer(self, reply: Response) -> None:
            self.send_response(reply.status)
            for name, value in reply.headers:
                self.send_header(name, value)
            if reply.status != 204:
                self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(reply.body)
            self.wfile.flush()

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
