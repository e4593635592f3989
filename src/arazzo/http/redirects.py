"""Following redirects (RFC 9110 §15.4), written once and driven by both kinds of transport.

A redirect is followed with what may be shown to where it leads: credentials stay with the origin they were meant
for, and nothing that was sent over TLS is sent again without it.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Final
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from msgspec.structs import replace

from arazzo.descriptions.uris import host_of, names_private
from arazzo.messages import Failure, Headers, NoResponse, Reply, Request, Response, header, without_headers

MOST_REDIRECTS: Final = 10
_REDIRECTS: Final = frozenset((301, 302, 303, 307, 308))
_CREDENTIALS: Final = frozenset(("authorization", "proxy-authorization", "cookie"))
_ABOUT_THE_BODY: Final = (
    "content-length",
    "content-type",
    "content-encoding",
    "content-language",
    "transfer-encoding",
)
_PORTS: Final = {"http": 80, "https": 443}
_LEGAL: Final = "%/:=&?~#+!$,;'@()*[]-._"


def follow(request: Request) -> Generator[Request, Reply, Reply]:
    """Yields the requests to send and is sent their replies; returns the reply that ends it.

    A redirect to where it may not lead, or one too many, is a ``NoResponse``; one without a usable ``Location``
    is given back as it came.
    """
    first = request.url
    for _ in range(MOST_REDIRECTS + 1):
        reply = yield request
        if not isinstance(reply, Response) or not request.follow_redirects or reply.status not in _REDIRECTS:
            return reply
        location = header(reply.headers, "location")
        target = _target(request.url, location) if location else None
        if target is None:
            return reply
        further = _inwards(request, target, first) or _redirected(request, reply.status, target)
        if isinstance(further, NoResponse):
            return further
        request = further
    return NoResponse(
        Failure.REFUSED, f"there were more than {MOST_REDIRECTS} redirects, the last to {request.url}"
    )


def _target(url: str, location: str) -> str | None:
    try:
        target = urljoin(url, quote(location.strip(), safe=_LEGAL))
        host = urlsplit(target).hostname
    except ValueError:
        return None
    # The fragment is for whoever looks at the result, not for the server.
    return target.partition("#")[0] if host else None


def _inwards(request: Request, target: str, first: str) -> NoResponse | None:
    """A public server leads no request to where only this machine or its network can, save the host of ``first``,
    where it was meant to go in the first place (semantics §8)."""
    host = host_of(target)
    if (
        request.allow_private
        or host == host_of(first)
        or not names_private(host)
        or names_private(host_of(request.url))
    ):
        return None
    return NoResponse(
        Failure.REFUSED,
        f"{request.url} redirects to {target}, which only this machine or its network reaches; "
        "allow it with --allow-private",
    )


def _redirected(request: Request, status: int, target: str) -> Request | NoResponse:
    """The request that a redirect with ``status`` to ``target`` asks for."""
    method, body, headers = request.method, request.body, request.headers
    if (status == 303 and method != "HEAD") or (status in (301, 302) and method == "POST"):
        method, body = "GET", None
        headers = without_headers(headers, _ABOUT_THE_BODY)
    there, here = urlsplit(target), urlsplit(request.url)
    if there.scheme not in _PORTS:
        return NoResponse(Failure.REFUSED, f"{request.url} redirects to {target}, which is not HTTP")
    if origin(there) != origin(here):
        if body and request.credential_body:
            return NoResponse(
                Failure.REFUSED,
                f"{request.url} redirects to {target}, another origin, and the body holds a credential",
            )
        public = _without_credentials(headers, request.credential_headers)
        if here.scheme == "https" and there.scheme == "http" and (body or len(public) < len(headers)):
            return NoResponse(
                Failure.REFUSED,
                f"{request.url} redirects to {target}, where the request would travel unencrypted",
            )
        headers = without_headers(public, ("host",))
    return replace(request, method=method, url=target, headers=headers, body=body)


def origin(parts: SplitResult) -> tuple[str, str, int | None]:
    """Scheme, host and port (RFC 6454)."""
    try:
        port = parts.port
    except ValueError:
        port = None
    return parts.scheme.lower(), (parts.hostname or "").lower(), port or _PORTS.get(parts.scheme.lower())


def _without_credentials(headers: Headers, named: frozenset[str]) -> Headers:
    # Imported here because the retrieval of documents follows redirects too, and needs no plan for it.
    from arazzo.plan.inputs import looks_like_credential

    return tuple(
        (name, value)
        for name, value in headers
        if name.lower() not in _CREDENTIALS | named and not looks_like_credential(name, "header")
    )
