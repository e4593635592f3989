"""Exceptions of an HTTP client -> ``NoResponse``, in words.

Clients are told by the names of their exceptions' classes: ``httpx``, ``httpx2`` and the two ``httpcore``s share
them, and a caller's client must be understood without importing the library it comes from.
"""

from __future__ import annotations

import errno
import re
import socket
import ssl
import zlib
from contextvars import ContextVar
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct

from arazzo.messages import Failure, NoResponse, Request
from arazzo.patterns import pattern

_UNREACHABLE: Final = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN)
_CLOSED: Final = "Server disconnected"
_QUOTED_BYTES: Final = pattern(r":? ?(?:bytearray\()?\bb(['\"]).*", re.DOTALL)
_CUT_SHORT: Final = (
    "peer closed connection",
    "incomplete chunked read",
    "without sending complete message body",
)


class Line(Struct):
    """What is known of the connection that an exchange uses, from below the client."""

    peer: str | None = None
    """``host:port`` that was connected to, where this exchange opened a connection."""
    first: bytes = b""
    """The beginning of what was heard since something was said."""


_NO_LINE: Final = Line()
_line: Final[ContextVar[Line]] = ContextVar("arazzo_line", default=_NO_LINE)


def current_line() -> Line:
    """The connection of the exchange that is under way in this thread or task."""
    return _line.get()


def new_line() -> None:
    """An exchange begins: nothing is known of its connection yet."""
    _line.set(Line())


class AddressRefused(OSError):  # noqa: N818 - refused by us, by policy
    """We would not connect to an address. The text is a sentence for people."""


class Unsendable(ValueError):  # noqa: N818
    """A request is none that could be sent. The text is a clause for people."""


class Unreadable(ValueError):  # noqa: N818
    """A response is none that can be read. The text is a clause for people."""


class DeadlinePassed(TimeoutError):  # noqa: N818
    """The time for the whole exchange is used up."""


def no_response(error: Exception, request: Request) -> NoResponse:
    """What ``error``, raised while ``request`` was under way, is to be called."""
    found = _classify(error, request)
    return NoResponse(found.failure, found.reason.rstrip(". "))


def _classify(error: Exception, request: Request) -> NoResponse:
    causes = tuple(_causes(error))
    names = {cls.__name__ for cause in causes for cls in type(cause).__mro__}
    host = _host(request)
    refused = next((cause for cause in causes if isinstance(cause, AddressRefused)), None)
    if refused is not None:
        return NoResponse(Failure.REFUSED, str(refused))
    if names & {"TimeoutException", "TimeoutError", "DeadlinePassed"}:
        return _timeout(names, request, host)
    for cause in causes:
        if isinstance(cause, ssl.SSLError):
            return _tls(cause, host)
    if "ProxyError" in names:
        return NoResponse(Failure.CONNECTION, f"the proxy would not connect to {host}: {error}")
    if names & {"InvalidURL", "UnsupportedProtocol", "LocalProtocolError", "UnicodeError", "Unsendable"}:
        return NoResponse(Failure.REFUSED, f"the request cannot be sent: {_lower(_unquoted(str(error)))}")
    if "PyreqwestError" in names:
        return of_pyreqwest(error, names, host)
    if "Unreadable" in names:
        return NoResponse(Failure.PROTOCOL, str(error))
    if "DecodingError" in names or isinstance(error, zlib.error):
        return NoResponse(Failure.PROTOCOL, f"the body of the response is not encoded as it says: {error}")
    if "RemoteProtocolError" in names:
        return _protocol(str(error), heard=current_line().first)
    return _network(error, causes, names, host)


def _network(error: Exception, causes: tuple[BaseException, ...], names: set[str], host: str) -> NoResponse:
    """A connection that could not be had or held; where it leads to a proxy, that is to blame and not ``host``."""
    line = current_line()
    peer, what = host, ""
    if line.peer is not None and line.peer != host:
        peer, what = line.peer, "the proxy "
    for cause in causes:
        if isinstance(cause, OSError):
            return _connection(cause, peer, what)
    if names & {"ConnectError", "NetworkError"}:
        return NoResponse(Failure.CONNECTION, f"the connection to {what}{peer} failed: {error}")
    return NoResponse(Failure.PROTOCOL, f"the HTTP client failed: {type(error).__name__}: {error}")


def too_large(limit: int) -> NoResponse:
    return NoResponse(Failure.TOO_LARGE, f"the body of the response is larger than {limit:,} bytes")


def _causes(error: BaseException) -> list[BaseException]:
    """``error`` and what caused it, the nearest first."""
    found: list[BaseException] = []
    pending: BaseException | None = error
    while pending is not None and pending not in found:
        found.append(pending)
        if isinstance(pending, BaseExceptionGroup):
            pending = pending.exceptions[0]
        else:
            pending = pending.__cause__ or pending.__context__
    return found


def _timeout(names: set[str], request: Request, host: str) -> NoResponse:
    within = f" within {request.timeout:g} s" if request.timeout is not None else " in time"
    if "ConnectTimeout" in names:
        return NoResponse(Failure.TIMEOUT, f"no connection to {host}{within}")
    return NoResponse(Failure.TIMEOUT, f"no answer{within}")


def _tls(error: ssl.SSLError, host: str) -> NoResponse:
    if isinstance(error, ssl.SSLCertVerificationError):
        why = _lower(error.verify_message or str(error))
        return NoResponse(Failure.TLS, f"the certificate of {host} is not trusted: {why}")
    reason = (error.reason or str(error)).replace("_", " ").lower()
    return NoResponse(Failure.TLS, f"no TLS connection with {host}: {reason}")


def _protocol(message: str, *, heard: bytes = b"") -> NoResponse:
    if _CLOSED in message and heard:
        return NoResponse(
            Failure.PROTOCOL, "the answer is not HTTP as it should be: it ended before its head was complete"
        )
    if _CLOSED in message:
        return NoResponse(Failure.CONNECTION, "the server closed the connection before it answered")
    if any(part in message for part in _CUT_SHORT):
        return NoResponse(
            Failure.CONNECTION, "the server closed the connection before the whole response had come"
        )
    return NoResponse(
        Failure.PROTOCOL, f"the answer is not HTTP as it should be: {_lower(_unquoted(message))}"
    )


def _unquoted(message: str) -> str:
    """``message`` without the bytes it quotes: as Python writes them, a secret among them would not be known."""
    return _QUOTED_BYTES.sub("", message)


def _connection(error: OSError, host: str, what: str = "") -> NoResponse:
    """``what`` the host is, where it is not the one that was asked for."""
    if isinstance(error, socket.gaierror):
        if what:
            return NoResponse(Failure.CONNECTION, f"the name of {what}{host} cannot be resolved")
        return NoResponse(Failure.CONNECTION, f"the host name {host.rpartition(':')[0]} cannot be resolved")
    why = _lower(error.strerror or str(error))
    if isinstance(error, ConnectionRefusedError) or "All connection attempts failed" in str(error):
        return NoResponse(Failure.CONNECTION, f"the connection to {what}{host} was refused")
    if error.errno in _UNREACHABLE:
        return NoResponse(Failure.CONNECTION, f"{what}{host} cannot be reached: {why}")
    if isinstance(error, (ConnectionResetError, BrokenPipeError)):
        return NoResponse(
            Failure.CONNECTION, "the server reset the connection before the response was complete"
        )
    return NoResponse(Failure.CONNECTION, f"the connection to {what}{host} failed: {why}")


def of_pyreqwest(error: Exception, names: set[str], host: str) -> NoResponse:
    """What an exception of ``pyreqwest`` is to be called: what went wrong is in the texts of its causes."""
    details = getattr(error, "details", None)
    causes = (details.get("causes") if isinstance(details, dict) else None) or ()
    said = [str(cause.get("message", "")) for cause in causes if isinstance(cause, dict)]
    text, last = " | ".join(said).lower(), said[-1] if said else str(error)
    if "BuilderError" in names:
        return NoResponse(Failure.REFUSED, f"the request cannot be sent: {_lower(last)}")
    if "certificate" in text:
        why = last.removeprefix("invalid peer certificate: ")
        return NoResponse(Failure.TLS, f"the certificate of {host} is not trusted: {why}")
    for sign, failure, reason in (
        ("dns error", Failure.CONNECTION, f"the host name {host.rpartition(':')[0]} cannot be resolved"),
        ("connection refused", Failure.CONNECTION, f"the connection to {host} was refused"),
        (
            "message length",
            Failure.CONNECTION,
            "the server closed the connection before the whole response had come",
        ),
        (
            "unexpected eof",
            Failure.CONNECTION,
            "the server closed the connection before the whole response had come",
        ),
        (
            "before message completed",
            Failure.CONNECTION,
            "the server closed the connection before it answered",
        ),
        (
            "reset by peer",
            Failure.CONNECTION,
            "the server reset the connection before the response was complete",
        ),
        ("received corrupt message", Failure.TLS, f"no TLS connection with {host}: {_lower(last)}"),
        ("handshake", Failure.TLS, f"no TLS connection with {host}: {_lower(last)}"),
    ):
        if sign in text:
            return NoResponse(failure, reason)
    if "DecodeError" in names:
        return NoResponse(Failure.PROTOCOL, f"the answer is not HTTP as it should be: {_lower(last)}")
    if "NetworkError" in names:
        return NoResponse(Failure.CONNECTION, f"the connection to {host} failed: {_lower(last)}")
    return NoResponse(Failure.PROTOCOL, f"the HTTP client failed: {type(error).__name__}: {last}")


def _host(request: Request) -> str:
    try:
        parts = urlsplit(request.url)
        name, port = parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return request.url
    return f"[{name}]:{port}" if ":" in name else f"{name}:{port}"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " else text
