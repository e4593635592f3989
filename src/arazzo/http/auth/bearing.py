"""Sending a request with an access token: where the token is had, and what a 401 means for it."""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import cached_property

from msgspec import Struct, field
from msgspec.structs import replace

from arazzo.descriptions.openapi.model import SecurityScheme
from arazzo.descriptions.uris import host_of, is_remote, names_private
from arazzo.http.auth.credentials import api_url
from arazzo.http.auth.forms import Grant
from arazzo.http.auth.oauth2 import Endpoint, Failed, TokenRequest, Tokens
from arazzo.http.auth.oidc import discover, metadata_of
from arazzo.http.auth.requirement import scopes_of
from arazzo.http.auth.wallet import Learner
from arazzo.messages import NoResponse, Reply, Request, Response, with_header
from arazzo.plan.model import OperationCall


class Bearer(Struct, dict=True):
    """The access tokens of one run, and the endpoints that were discovered."""

    now: Callable[[], float]
    secrets: Learner
    allow_http: bool
    allow_private: bool = False
    _endpoints: dict[str, str] = field(default_factory=dict)

    @cached_property
    def tokens(self) -> Tokens:
        return Tokens(self.now, self.secrets, self.allow_http)

    def exchange(
        self, request: Request, grant: Grant, call: OperationCall, scheme: SecurityScheme
    ) -> Generator[Request, Reply, Reply]:
        """Send ``request`` with a token; a 401 has it renewed and the request sent once more."""
        endpoint = yield from self._endpoint(grant, call, scheme)
        if isinstance(endpoint, Failed):
            return _without_token(scheme, endpoint)
        wanted = TokenRequest(endpoint, grant, scopes_of(call.operation, scheme))
        token = yield from self.tokens.obtain(wanted)
        if isinstance(token, Failed):
            return _without_token(scheme, token)
        reply = yield self._with_token(request, token.access)
        if not isinstance(reply, Response) or reply.status != 401:
            return reply
        renewed = yield from self.tokens.renew(wanted, token)
        if isinstance(renewed, Failed) or renewed.access == token.access:
            return reply
        return (yield self._with_token(request, renewed.access))

    def _endpoint(
        self, grant: Grant, call: OperationCall, scheme: SecurityScheme
    ) -> Generator[Request, Reply, Endpoint | Failed]:
        named_by = call.operation.source_uri
        metadata_url = metadata_of(scheme, grant)
        if metadata_url is not None:
            metadata = api_url(call.server_url, metadata_url)
            refusal = self._inwards(metadata, named_by, call)
            if refusal is not None:
                return refusal
            endpoint = yield from discover(
                scheme, grant, call.server_url, self._endpoints, allow_http=self.allow_http
            )
            # Metadata that only this machine or its network reaches may name what only they reach.
            named_by = "" if names_private(host_of(metadata)) else metadata
        else:
            endpoint = Endpoint.of(scheme, grant, call.server_url)
        if isinstance(endpoint, Failed):
            return endpoint
        urls = endpoint.token_url, endpoint.refresh_url
        return next((no for url in urls if (no := self._inwards(url, named_by, call))), endpoint)

    def _inwards(self, url: str, named_by: str, call: OperationCall) -> Failed | None:
        """What came over the network names no address that only this machine or its network reaches (semantics §8)."""
        host = host_of(url)
        own = (host_of(named_by), host_of(call.server_url))
        if self.allow_private or not is_remote(named_by) or not names_private(host) or host in own:
            return None
        return Failed(
            f"{named_by} came over the network and names {url}, which only this machine reaches; "
            "allow it with --allow-private"
        )

    def _with_token(self, request: Request, access: str) -> Request:
        value = f"Bearer {access}"
        self.secrets.learn_authorization(value)
        return replace(request, headers=with_header(request.headers, "Authorization", value))


def _without_token(scheme: SecurityScheme, failed: Failed) -> NoResponse:
    return NoResponse(failed.failure, f"no access token for {scheme.name!r}: {failed.reason}")
