"""Adding credentials to a request: below the engine, so that no event and no report ever has them.

``Authorizer.authorize`` is a generator in the manner of ``http.redirects.follow``: it yields the requests to send,
those for tokens included, is sent their replies and returns the reply that is the step's.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import quote

from msgspec import Struct
from msgspec.structs import replace

from arazzo.descriptions.openapi.model import SecurityScheme
from arazzo.descriptions.uris import host_of
from arazzo.http.auth.forms import BadCredential, Fixed, Grant, Login
from arazzo.http.auth.requirement import choose, passed_by
from arazzo.http.auth.schemes import AUTHORIZATION, Place, place_of
from arazzo.http.auth.wallet import Wallet
from arazzo.http.exchange import Exchange
from arazzo.messages import Failure, NoResponse, Reply, Request, header, with_header
from arazzo.plan.model import OperationCall

if TYPE_CHECKING:
    from arazzo.http.auth.bearing import Bearer
    from arazzo.http.auth.digest import DigestSessions


class Authorizer(Struct):
    """Authorises the requests of one run; keeps its tokens and digest sessions.

    ``now`` tells the time in seconds. ``allow_http`` lets secrets go to a token endpoint over plain http,
    ``allow_private`` requests to what only this machine reaches though it is named, or redirected to, from the network.
    """

    wallet: Wallet
    now: Callable[[], float]
    allow_http: bool = False
    allow_private: bool = False
    _digests: DigestSessions | None = None
    _bearer: Bearer | None = None

    def authorize(self, request: Request, call: OperationCall) -> Exchange:
        """Send ``request``, which ``call`` asks for, with the credentials that its operation requires.

        What keeps a credential from being had is a ``NoResponse``. ``request.timeout`` holds for all of it.
        """
        if self.allow_private:
            request = replace(request, allow_private=True)
        elif call.named_by and _is_for_the_public(call):
            request = replace(request, public_only=True)
        if not call.operation.security_schemes:
            return _plainly(request)
        return _within(self._authorized(replace(request, timeout=None), call), request, self.now)

    def _authorized(self, request: Request, call: OperationCall) -> Exchange:
        operation = call.operation
        places = [place_of(scheme) for scheme in operation.security_schemes.values()]
        odd = frozenset(place.name.lower() for place in places if place and place.in_ == "header")
        request = replace(request, credential_headers=request.credential_headers | odd)
        chosen = self._choose(request, call)
        exchange: Callable[[Request], Exchange] = _plainly
        for scheme in chosen:
            try:
                credential = self.wallet.credential(call, scheme)
            except BadCredential as error:
                return NoResponse(Failure.REFUSED, str(error))
            match credential:
                case Fixed(value):
                    request = self._with_value(request, scheme, value)
                case Login() if scheme.scheme == "digest":
                    exchange = self._by_digest(credential)
                case Login(user, password):
                    pair = base64.b64encode(f"{user}:{password}".encode()).decode()
                    request = self._with_authorization(request, f"Basic {pair}")
                case Grant():
                    exchange = self._by_token(credential, call, scheme)
                case None:  # It is not to be sent, or is a client certificate, which is the transport's own.
                    continue
        return (yield from exchange(request))

    def _choose(self, request: Request, call: OperationCall) -> tuple[SecurityScheme, ...]:
        """The schemes to add credentials for; those that none is to be sent for count where nothing else will do."""
        passed, wallet = passed_by(request), self.wallet
        chosen = choose(call.operation, passed, lambda scheme: wallet.has(call, scheme))
        if not chosen:
            chosen = choose(
                call.operation, passed, lambda scheme: wallet.has(call, scheme) or wallet.waived(call, scheme)
            )
        return chosen or ()

    def _with_value(self, request: Request, scheme: SecurityScheme, value: str) -> Request:
        match scheme.type, place_of(scheme):
            case "apiKey", Place("query", name):
                url, mark, query = request.url.partition("?")
                pair = f"{quote(name, safe='')}={quote(value, safe='')}"
                return replace(request, url=f"{url}?{query}&{pair}" if mark and query else f"{url}?{pair}")
            case "apiKey", Place("cookie", name):
                given = header(request.headers, "cookie")
                # Not encoded: the description says what the cookie is, and the user its value.
                cookie = f"{given}; {name}={value}" if given else f"{name}={value}"
                return replace(request, headers=with_header(request.headers, "Cookie", cookie))
            case "apiKey", Place("header", name):
                if AUTHORIZATION.same_as("header", name):
                    return self._with_authorization(request, value)
                return replace(request, headers=with_header(request.headers, name, value))
            case _:
                name = "Bearer" if scheme.type != "http" or scheme.scheme == "bearer" else scheme.scheme or ""
                return self._with_authorization(request, f"{name} {value}")

    def _with_authorization(self, request: Request, value: str) -> Request:
        self.wallet.secrets.learn_authorization(value)
        return replace(request, headers=with_header(request.headers, "Authorization", value))

    def _by_digest(self, login: Login) -> Callable[[Request], Exchange]:
        if self._digests is None:
            # Imported when needed, as below: most runs have no use for it.
            from arazzo.http.auth.digest import DigestSessions

            self._digests = DigestSessions(self.wallet.secrets)
        sessions = self._digests
        return lambda request: sessions.exchange(request, login)

    def _by_token(
        self, grant: Grant, call: OperationCall, scheme: SecurityScheme
    ) -> Callable[[Request], Exchange]:
        if self._bearer is None:
            from arazzo.http.auth.bearing import Bearer

            self._bearer = Bearer(self.now, self.wallet.secrets, self.allow_http, self.allow_private)
        bearer = self._bearer
        return lambda request: bearer.exchange(request, grant, call, scheme)


def _is_for_the_public(call: OperationCall) -> bool:
    """Whether requests of ``call`` may go to public addresses only: something public says where they go, and it is not
    to where what came from a private address came from itself."""
    from arazzo.http.retrieve import was_private  # not above: most documents are files

    inside = [uri for uri in call.named_by if was_private(uri)]
    return len(inside) < len(call.named_by) and host_of(call.server_url) not in map(host_of, inside)


def _plainly(request: Request) -> Exchange:
    return (yield request)


def _within(exchange: Exchange, request: Request, now: Callable[[], float]) -> Exchange:
    """``exchange`` with the time that ``request`` has for all of its requests together."""
    began = now()
    reply: Reply | None = None
    while True:
        try:
            wanted = next(exchange) if reply is None else exchange.send(reply)
        except StopIteration as end:
            final: Reply = end.value
            return final
        if request.timeout is not None:
            left = request.timeout - (now() - began) if reply is not None else request.timeout
            if left <= 0:
                exchange.close()
                return NoResponse(Failure.TIMEOUT, f"no answer within {request.timeout:g} s")
            wanted = replace(wanted, timeout=left if wanted.timeout is None else min(left, wanted.timeout))
        if request.public_only:
            # A token endpoint is named by the same description.
            wanted = replace(wanted, public_only=True)
        reply = yield wanted
