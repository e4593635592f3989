"""Exceptions of an HTTP client -> ``NoResponse``, in words.

Clients are told by the names of their exceptions' classes: ``httpx``, ``httpx2`` and the two ``httpcore``s share
them, and a caller's client must be understood without importing the library it comes from.
"""

from __future__ import annotations

import errno
import socket
import ssl
from typing import Final
from urllib.parse import urlsplit

from arazzo.messages import Failure, NoResponse, Request

_UNREACHABLE: Final = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN)
_CLOSED: Final = "Server disconnected"
_CUT_SHORT: Final = (
    "peer closed connection",
    "incomplete chunked read",
    "without sending complete message body",
)


class AddressRefused(OSError):  # noqa: N818 - refused by us, by policy
    """We would not connect to an address. The text is a sentence for people."""


class Unsendable(ValueError):  # noqa: N818
    """A request is none that could be sent. The text is a clause for people."""


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
        return NoResponse(Failure.REFUSED, f"the request cannot be sent: {_lower(str(error))}")
    if "DecodingError" in names:
        return NoResponse(Failure.PROTOCOL, f"the body of the response is not encoded as it says: {error}")
    if "RemoteProtocolError" in names:
        return _protocol(str(error))
    for cause in causes:
        if isinstance(cause, OSError):
            return _connection(cause, host)
    if names & {"ConnectError", "NetworkError"}:
        return NoResponse(Failure.CONNECTION, f"the connection to {host} failed: {error}")
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


def _protocol(message: str) -> NoResponse:
    if _CLOSED in message:
        return NoResponse(Failure.CONNECTION, "the server closed the connection before it answered")
    if any(part in message for part in _CUT_SHORT):
        return NoResponse(
            Failure.CONNECTION, "the server closed the connection before the whole response had come"
        )
    return NoResponse(Failure.PROTOCOL, f"the answer is not HTTP as it should be: {_lower(message)}")


def _connection(error: OSError, host: str) -> NoResponse:
    if isinstance(error, socket.gaierror):
        return NoResponse(Failure.CONNECTION, f"the host name {host.rpartition(':')[0]} cannot be resolved")
    why = _lower(error.strerror or str(error))
    if isinstance(error, ConnectionRefusedError) or "All connection attempts failed" in str(error):
        return NoResponse(Failure.CONNECTION, f"the connection to {host} was refused")
    if error.errno in _UNREACHABLE:
        return NoResponse(Failure.CONNECTION, f"{host} cannot be reached: {why}")
    if isinstance(error, (ConnectionResetError, BrokenPipeError)):
        return NoResponse(
            Failure.CONNECTION, "the server reset the connection before the response was complete"
        )
    return NoResponse(Failure.CONNECTION, f"the connection to {host} failed: {why}")


def _host(request: Request) -> str:
    try:
        parts = urlsplit(request.url)
        name, port = parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return request.url
    return f"[{name}]:{port}" if ":" in name else f"{name}:{port}"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " else text
