"""Sending a request with an access token: where the token is had, and what a 401 means for it."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace

from arazzo.descriptions.openapi.model import SecurityScheme
from arazzo.http.auth.forms import Grant
from arazzo.http.auth.oauth2 import Endpoint, Failed, TokenRequest, Tokens
from arazzo.http.auth.oidc import discover
from arazzo.http.auth.requirement import scopes_of
from arazzo.http.auth.wallet import Learner
from arazzo.messages import NoResponse, Reply, Request, Response, with_header
from arazzo.plan.model import OperationCall


@dataclass(slots=True)
class Bearer:
    """The access tokens of one run, and the endpoints that were discovered."""

    now: Callable[[], float]
    secrets: Learner
    allow_http: bool
    tokens: Tokens = field(init=False)
    _endpoints: dict[str, Endpoint] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.tokens = Tokens(self.now, self.secrets, self.allow_http)

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
        if scheme.type != "openIdConnect":
            return Endpoint.of(scheme, grant, call.server_url)
        return (yield from discover(scheme, call.server_url, self._endpoints, allow_http=self.allow_http))

    def _with_token(self, request: Request, access: str) -> Request:
        value = f"Bearer {access}"
        self.secrets.learn_authorization(value)
        return replace(request, headers=with_header(request.headers, "Authorization", value))


def _without_token(scheme: SecurityScheme, failed: Failed) -> NoResponse:
    return NoResponse(failed.failure, f"no access token for {scheme.name!r}: {failed.reason}")
