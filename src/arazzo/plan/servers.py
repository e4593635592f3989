"""Where the requests of an operation go, and whether the document may send them there."""

from __future__ import annotations

from msgspec.structs import replace

from arazzo import codes
from arazzo.descriptions.openapi.servers import ServerError, server_url
from arazzo.descriptions.uris import host_of, is_remote, names_private
from arazzo.diagnostics import Diagnostic, Findings
from arazzo.document.model import Document
from arazzo.plan.found import Found
from arazzo.plan.library import LinkOptions


def server_of(found: Found, document: Document, options: LinkOptions, findings: Findings) -> str:
    """The server of an operation that a step of ``document`` calls; empty, with a finding, when nothing says so.

    What the caller says about servers goes before what the description says.
    """
    name = found.source.name
    variables = {**options.server_variables.get("", {}), **options.server_variables.get(name, {})}
    override = options.servers.get(name, options.servers.get(""))
    try:
        url = server_url(
            found.operation, description_uri=found.description.uri, override=override, variables=variables
        )
    except ServerError as error:
        if options.fallback_server is None:
            findings.add(_placed(error.diagnostic, found))
        return options.fallback_server or ""
    refusal = None if _is_trusted(found, options) else _refusal(found, document, url)
    if refusal is not None:
        findings.add(refusal)
        return ""
    return url


def _placed(diagnostic: Diagnostic, found: Found) -> Diagnostic:
    """A finding about a description without ``servers``, at the place that names the description."""
    if diagnostic.span is not None:
        return diagnostic
    from shlex import quote

    name, node = found.source.name, found.source.at.get("url") or found.source.at
    message = f"the description of {name!r} names no server a request could go to, and is a file"
    hint = diagnostic.hint and diagnostic.hint.replace("[NAME=]URL", f"{quote(name)}=URL")
    return replace(diagnostic, message=message, span=node.span(), hint=hint)


def named_by(found: Found, document: Document, options: LinkOptions) -> tuple[str, ...]:
    """What came over the network and says where the requests of an operation go; nothing where the caller says it."""
    return () if _is_trusted(found, options) else _origins(found, document)


def _is_trusted(found: Found, options: LinkOptions) -> bool:
    given = found.source.name in options.servers or "" in options.servers
    return given or options.allow_private or options.fallback_server is not None


def _origins(found: Found, document: Document) -> tuple[str, ...]:
    return tuple(uri for uri in (document.uri, found.description.uri) if is_remote(uri))


def _refusal(found: Found, document: Document, url: str) -> Diagnostic | None:
    """What came over the network sends no request to where only this machine or its network can (semantics §8)."""
    host = host_of(url)
    origins = _origins(found, document)
    if not origins or not names_private(host) or host in map(host_of, origins):
        return None
    server = found.operation.servers[0].at if found.operation.servers else None
    place = server if server is not None else found.operation.at
    message = (
        f"{origins[-1]} came over the network and names the server {url}, which only this machine reaches"
    )
    hint = f"say --server {found.source.name}={url} if that is right, or --allow-private"
    return codes.NO_SERVER.at(place.span(), message, hint)
