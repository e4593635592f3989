"""Requests and replies as plain data: what the engine asks for and what it is told.

What can fail on the wire is a reply, not an exception: a refused connection, a TLS error or a timeout is
``NoResponse``, so that ``onFailure`` sees it.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

Headers: TypeAlias = tuple[tuple[str, str], ...]
"""Header fields in order, repeated ones kept; names compare without case."""


def header(headers: Headers, name: str) -> str | None:
    """The value of a header field, repeated ones joined with ``, `` (RFC 9110 §5.3), or None."""
    wanted = name.lower()
    found = [value for key, value in headers if key.lower() == wanted]
    return ", ".join(found) if found else None


def with_header(headers: Headers, name: str, value: str) -> Headers:
    """``headers`` with ``name`` set to ``value``, in place of any it had."""
    return (*without_headers(headers, (name,)), (name, value))


def without_headers(headers: Headers, names: Iterable[str]) -> Headers:
    """``headers`` less those of the given names."""
    unwanted = {name.lower() for name in names}
    return tuple(pair for pair in headers if pair[0].lower() not in unwanted)


class Request(Struct, frozen=True):
    """An HTTP request, its URL complete and already percent-encoded."""

    method: str
    url: str
    headers: Headers = ()
    body: bytes | None = None
    timeout: float | None = None
    """Seconds for all of it, redirects included; None means as long as it takes."""
    follow_redirects: bool = True
    credential_headers: frozenset[str] = frozenset()
    """Headers, in lower case, that carry a credential under a name that does not say so; no other origin gets them."""
    credential_body: bool = False
    """Whether the body holds a credential; it is not sent to another origin."""
    allow_private: bool = False
    """Whether a public server may redirect it to a private address."""
    public_only: bool = False
    """Whether no name may lead it to a private address: what came over the network says where it goes."""


class Response(Struct, frozen=True):
    """An HTTP response, the body decompressed but otherwise as it came."""

    status: int
    headers: Headers = ()
    body: bytes = b""
    reason: str = ""


class Failure(StrEnum):
    """Why there was no response."""

    TIMEOUT = "timeout"
    CONNECTION = "connection"
    TLS = "tls"
    PROTOCOL = "protocol"
    TOO_LARGE = "too-large"
    REFUSED = "refused"
    """We would not send it, or not follow where it led: trust, not weather."""


class NoResponse(Struct, frozen=True):
    """The request brought no response. ``reason`` is a sentence for people, without a final full stop."""

    failure: Failure
    reason: str


Reply: TypeAlias = Response | NoResponse
