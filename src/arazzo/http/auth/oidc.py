"""OpenID Connect Discovery: where the provider that a scheme names gives its tokens."""

from __future__ import annotations

from collections.abc import Generator

from arazzo.descriptions.openapi.model import SecurityScheme
from arazzo.http.auth.credentials import api_url
from arazzo.http.auth.oauth2 import LONGEST, Endpoint, Failed, insecure, read_members
from arazzo.messages import NoResponse, Reply, Request


def discover(
    scheme: SecurityScheme, server_url: str, known: dict[str, Endpoint], *, allow_http: bool
) -> Generator[Request, Reply, Endpoint | Failed]:
    """The token endpoint in the metadata at ``openIdConnectUrl``; asked for once, then in ``known``.

    No redirect is followed: the description says where the metadata is, and a secret is sent where the metadata says.
    """
    if not scheme.open_id_connect_url:
        return Failed("the API description has no openIdConnectUrl; give an access token")
    url = api_url(server_url, scheme.open_id_connect_url)
    if url in known:
        return known[url]
    refusal = insecure(url, allow_http=allow_http)
    if refusal is not None:
        return Failed(f"the OpenID Connect metadata {refusal}")
    headers = (("Accept", "application/json"),)
    reply = yield Request("GET", url, headers, timeout=LONGEST, follow_redirects=False)
    if isinstance(reply, NoResponse):
        return Failed(f"the OpenID Connect metadata at {url} cannot be had: {reply.reason}", reply.failure)
    if reply.status != 200:
        return Failed(f"the OpenID Connect metadata at {url} cannot be had: the answer is {reply.status}")
    token_url = read_members(reply).get("token_endpoint")
    if not isinstance(token_url, str) or not token_url:
        return Failed(f"the OpenID Connect metadata at {url} names no token_endpoint")
    known[url] = Endpoint(token_url, token_url)
    return known[url]
