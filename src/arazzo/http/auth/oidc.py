"""Discovery: where the authorization server that a scheme names gives its tokens.

By OpenID Connect Discovery, or by OAuth 2.0 Authorization Server Metadata (RFC 8414); both are a JSON object with a
``token_endpoint``.
"""

from __future__ import annotations

from collections.abc import Generator

from arazzo.descriptions.openapi.model import SecurityScheme
from arazzo.http.auth.credentials import api_url
from arazzo.http.auth.forms import Grant
from arazzo.http.auth.oauth2 import (
    LONGEST,
    Endpoint,
    Failed,
    flow_for,
    insecure,
    is_relative_url,
    read_members,
)
from arazzo.messages import NoResponse, Reply, Request


def metadata_of(scheme: SecurityScheme, grant: Grant) -> str | None:
    """The metadata that the token endpoint for ``grant`` is to be had from, as the description has it; empty where it
    should have it and has not, None where the description names the endpoint itself."""
    if scheme.type == "openIdConnect":
        return scheme.open_id_connect_url or ""
    flow = flow_for(scheme, grant)
    said = flow.token_url if flow is not None else None
    if flow is not None and not said and grant.grant_type == "refresh_token":
        said = flow.refresh_url
    # A relative URL is relative to nothing that OpenAPI names; the metadata does name one.
    return scheme.oauth2_metadata_url if not said or is_relative_url(said) else None


def discover(
    scheme: SecurityScheme, grant: Grant, server_url: str, known: dict[str, str], *, allow_http: bool
) -> Generator[Request, Reply, Endpoint | Failed]:
    """The token endpoint in the metadata of ``scheme``; asked for once, then in ``known``.

    No redirect is followed: the description says where the metadata is, and a secret is sent where the metadata says.
    """
    named = metadata_of(scheme, grant)
    if not named:
        return Failed("the API description has no openIdConnectUrl; give an access token")
    what = "OpenID Connect metadata" if scheme.type == "openIdConnect" else "OAuth 2 metadata"
    url = api_url(server_url, named)
    if url not in known:
        refusal = insecure(url, allow_http=allow_http)
        if refusal is not None:
            return Failed(f"the {what} {refusal}")
        headers = (("Accept", "application/json"),)
        reply = yield Request("GET", url, headers, timeout=LONGEST, follow_redirects=False)
        if isinstance(reply, NoResponse):
            return Failed(f"the {what} at {url} cannot be had: {reply.reason}", reply.failure)
        if reply.status != 200:
            return Failed(f"the {what} at {url} cannot be had: the answer is {reply.status}")
        token_url = read_members(reply).get("token_endpoint")
        if not isinstance(token_url, str) or not token_url:
            return Failed(f"the {what} at {url} names no token_endpoint")
        known[url] = token_url
    flow = flow_for(scheme, grant)
    refresh = flow.refresh_url if flow is not None and flow.refresh_url else None
    own = refresh if refresh is not None and not is_relative_url(refresh) else known[url]
    return Endpoint(known[url], own)
