"""A client's own requests and responses, as far as we use them, and the way between them and ours.

The four client classes of ``httpx`` and ``httpx2`` are known by their shape alone.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from typing import Final, Protocol, TypeAlias
from urllib.parse import urlsplit

from arazzo.http.failures import DeadlinePassed, Unreadable, Unsendable
from arazzo.messages import Headers, Request, Response, header

_COMPRESSIONS: Final = frozenset(("br", "compress", "dcb", "dcz", "deflate", "gzip", "x-compress", "zstd"))
RawHeaders: TypeAlias = list[tuple[bytes, bytes]]


class _Url(Protocol):
    @property
    def raw_path(self) -> bytes: ...


class Message(Protocol):
    """A client's request."""

    url: _Url
    extensions: dict[str, object]


class _HeaderList(Protocol):
    @property
    def raw(self) -> RawHeaders: ...


class Answer(Protocol):
    """A client's response, its body not read yet."""

    status_code: int
    headers: _HeaderList

    @property
    def reason_phrase(self) -> str: ...
    def iter_bytes(self) -> Iterator[bytes]: ...
    def aiter_bytes(self) -> AsyncIterator[bytes]: ...
    def close(self) -> None: ...
    async def aclose(self) -> None: ...


class Builder(Protocol):
    """What the four client classes have in common."""

    def build_request(
        self,
        method: str,
        url: str,
        *,
        content: bytes | None,
        headers: RawHeaders,
        extensions: Mapping[str, object],
    ) -> Message: ...


class Client(Builder, Protocol):
    def send(self, request: Message, *, stream: bool, follow_redirects: bool) -> Answer: ...
    def close(self) -> None: ...


class AsyncClient(Builder, Protocol):
    async def send(self, request: Message, *, stream: bool, follow_redirects: bool) -> Answer: ...
    async def aclose(self) -> None: ...


def to_message(client: Builder, request: Request, deadline: float | None) -> Message:
    """``request`` as the client's own kind."""
    check_port(request.url)
    extensions: dict[str, object] = {}
    if deadline is not None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise DeadlinePassed("no time is left")
        extensions["timeout"] = dict.fromkeys(("connect", "read", "write", "pool"), left)
    message = client.build_request(
        request.method,
        request.url,
        content=request.body,
        headers=[(name.encode("ascii"), value.strip(" \t").encode()) for name, value in request.headers],
        extensions=extensions,
    )
    target = target_of(request.url)
    if message.url.raw_path != target:
        # The client's URL class rewrites what RFC 3986 lets it (`/a/../b`, `'`); what was composed is what is sent.
        message.extensions["target"] = target
    return message


def check_port(url: str) -> None:
    """Clients let a port pass that no connection can have."""
    try:
        urlsplit(url).port  # noqa: B018 - it raises
    except ValueError as error:
        raise Unsendable(str(error)) from None


def target_of(url: str) -> bytes:
    """Path and query of ``url`` as they are written."""
    url = url.partition("#")[0]
    start = url.find("/", url.find("://") + 3)
    query = url.find("?")
    if start < 0 or 0 <= query < start:
        target = "/" + url[query:] if query >= 0 else "/"
    else:
        target = url[start:]
    return target.encode("ascii")


def announced_length(answer: Answer) -> int:
    """The length the response says its body has; 0 where it does not say."""
    for name, value in answer.headers.raw:
        if name.lower() == b"content-length" and value.isdigit():
            return int(value[:20])
    return 0


def to_response(client: Builder, answer: Answer, body: bytes) -> Response:
    """The response, its body decoded by the client. Raises ``Unreadable`` for one that is still compressed."""
    headers = _headers(answer.headers.raw)
    if body:
        # What a client can decode is what it asks for by itself; the rest it gives back as it came.
        asked = str(getattr(client, "headers", {}).get("accept-encoding", ""))
        check_decoded(headers, {"gzip", "deflate", *(name.strip() for name in asked.lower().split(","))})
    return Response(answer.status_code, headers, body, answer.reason_phrase)


def check_decoded(headers: Headers, known: Collection[str]) -> None:
    """Raise ``Unreadable`` for a body in a compression other than those ``known``, which were undone."""
    coding = header(headers, "content-encoding") or ""
    if any(part in _COMPRESSIONS and part not in known for part in map(str.strip, coding.lower().split(","))):
        raise Unreadable(f"the body of the response is compressed with {coding}, which was not asked for")


def _headers(raw: RawHeaders) -> Headers:
    return tuple((name.decode("latin-1"), _header_text(value)) for name, value in raw)


def _header_text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
