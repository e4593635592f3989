"""Access tokens (RFC 6749): the client-credentials, password and refresh grants, and a cache of what they brought."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Generator
from typing import Final, TypeAlias
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from msgspec import Struct, field
from msgspec.structs import replace

from arazzo.descriptions.openapi.model import OAuthFlow, SecurityScheme
from arazzo.descriptions.uris import is_loopback
from arazzo.http.auth.credentials import api_url
from arazzo.http.auth.forms import Grant
from arazzo.http.auth.wallet import Learner
from arazzo.messages import Failure, Headers, NoResponse, Reply, Request, Response, header, with_header
from arazzo.values import Value

_FORM: Final = "application/x-www-form-urlencoded"
_FLOWS: Final = {"client_credentials": "clientCredentials", "password": "password"}
_MARGIN: Final = 30.0
"""Seconds before its end at which a token is not used any more; of a short-lived one, a tenth of its life."""
LONGEST: Final = 60.0
"""Seconds for a request for a token, where the step's own time is not shorter."""
_LARGEST: Final = 1024 * 1024
_LONGEST_TEXT: Final = 200
_OTHER_TYPES: Final = ("mac", "dpop", "pop")


class Failed(Struct, frozen=True):
    """Why there is no token; ``reason`` is a clause for people. ``code`` is the server's own, if it gave one."""

    reason: str
    failure: Failure = Failure.REFUSED
    code: str = ""


class Endpoint(Struct, frozen=True):
    """Where tokens are had, and where they are refreshed."""

    token_url: str
    refresh_url: str

    @classmethod
    def of(cls, scheme: SecurityScheme, grant: Grant, server_url: str) -> Endpoint | Failed:
        """The endpoint that ``scheme`` has for ``grant``."""
        flow = flow_for(scheme, grant)
        url = (flow.token_url or flow.refresh_url) if flow else None
        if flow is None or not url:
            return Failed("the API description names no token endpoint; give an access token")
        return cls(api_url(server_url, url), api_url(server_url, flow.refresh_url or url))


def flow_for(scheme: SecurityScheme, grant: Grant) -> OAuthFlow | None:
    """The flow of ``scheme`` that ``grant`` belongs to, else one that has an endpoint."""
    flows = scheme.flows
    named = flows.get(_FLOWS.get(grant.grant_type, ""))
    return named or next((flow for flow in flows.values() if flow.token_url or flow.refresh_url), None)


def is_relative_url(url: str) -> bool:
    """Whether ``url`` has no scheme of its own."""
    try:
        return not urlsplit(url.strip()).scheme
    except ValueError:
        return False


class TokenRequest(Struct, frozen=True):
    """What a token is asked for with; the key it is kept under."""

    endpoint: Endpoint
    grant: Grant
    scopes: tuple[str, ...]


class Token(Struct, frozen=True):
    """An access token. ``expires`` is when it should not be used any more, if that is known."""

    access: str
    refresh: str | None = None
    expires: float | None = None


Asking: TypeAlias = Generator[Request, Reply, Token | Failed]


class Tokens(Struct):
    """The tokens of one run. Where secrets may be sent is decided here: https, this machine, or ``allow_http``."""

    now: Callable[[], float]
    secrets: Learner
    allow_http: bool = False
    _had: dict[TokenRequest, Token] = field(default_factory=dict)
    _in_body: set[str] = field(default_factory=set)
    """Endpoints that want the client's id and secret in the body."""

    def obtain(self, wanted: TokenRequest) -> Asking:
        """The token for ``wanted``: the one there is, unless its time is over, else a new one."""
        had = self._had.get(wanted)
        if had is not None and (had.expires is None or self.now() < had.expires):
            return had
        return (yield from self.renew(wanted, had))

    def renew(self, wanted: TokenRequest, had: Token | None) -> Asking:
        """A token in place of ``had``: by its refresh token where there is one, else from the start."""
        self._had.pop(wanted, None)
        token: Token | Failed | None = None
        if had is not None and had.refresh is not None:
            grant = replace(
                wanted.grant, grant_type="refresh_token", fields=(("refresh_token", had.refresh),)
            )
            token = yield from self._ask(wanted.endpoint.refresh_url, grant, ())
            if isinstance(token, Token) and token.refresh is None:
                token = replace(token, refresh=had.refresh)
        if token is None or isinstance(token, Failed):
            refreshing = wanted.grant.grant_type == "refresh_token"
            url = wanted.endpoint.refresh_url if refreshing else wanted.endpoint.token_url
            token = yield from self._ask(url, wanted.grant, wanted.scopes)
        if isinstance(token, Token):
            self._had[wanted] = token
        return token

    def _ask(self, url: str, grant: Grant, scopes: tuple[str, ...]) -> Asking:
        refusal = insecure(url, allow_http=self.allow_http)
        if refusal is not None:
            return Failed(f"the token endpoint {refusal}")
        in_body = url in self._in_body or not grant.client_secret
        token = read_token((yield self._request(url, grant, scopes, in_body=in_body)), url, self.now())
        if (
            isinstance(token, Failed)
            and not in_body
            and token.code in ("invalid_client", "invalid_request", "401")
        ):
            again = read_token((yield self._request(url, grant, scopes, in_body=True)), url, self.now())
            if isinstance(again, Token):
                self._in_body.add(url)
                token = again
        if isinstance(token, Token):
            self.secrets.learn(token.access)
            self.secrets.learn(token.refresh)
        return token

    def _request(self, url: str, grant: Grant, scopes: tuple[str, ...], *, in_body: bool) -> Request:
        fields = {"grant_type": grant.grant_type, **dict(grant.fields)}
        if scopes:
            fields.setdefault("scope", " ".join(scopes))
        headers: Headers = (("Content-Type", _FORM), ("Accept", "application/json"))
        if in_body:
            client = {"client_id": grant.client_id, "client_secret": grant.client_secret}
            fields.update({name: value for name, value in client.items() if value})
        else:
            pair = f"{quote(grant.client_id or '', safe='')}:{quote(grant.client_secret or '', safe='')}"
            basic = f"Basic {base64.b64encode(pair.encode()).decode()}"
            self.secrets.learn_authorization(basic)
            headers = with_header(headers, "Authorization", basic)
        body = urlencode(fields).encode()
        return Request("POST", url, headers, body, timeout=LONGEST, follow_redirects=False)


def insecure(url: str, *, allow_http: bool) -> str | None:
    """Why a secret may not be sent to ``url``, as the end of a sentence, or None."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return f"{url} is no URL"
    if parts.scheme == "https" and host:
        return None
    if parts.scheme != "http" or not host:
        return f"{url} is no URL that could be asked"
    if allow_http or is_loopback(host):
        return None
    return f"{url} is not encrypted; allow it with --allow-http"


def read_token(reply: Reply, url: str, now: float) -> Token | Failed:
    """What the token endpoint at ``url`` said (RFC 6749 §5). It is asked at ``now``."""
    if isinstance(reply, NoResponse):
        return Failed(f"the token endpoint {url} gave no answer: {reply.reason}", reply.failure)
    said = read_members(reply)
    access = said.get("access_token")
    if 200 <= reply.status < 300 and isinstance(access, str) and access and access.isprintable():
        if str(said.get("token_type", "")).lower() in _OTHER_TYPES:
            return Failed(
                f"the token endpoint {url} gave a token of the type {said['token_type']!r}, not Bearer"
            )
        refresh = said.get("refresh_token")
        expires = _seconds(said.get("expires_in"))
        until = None if expires is None else now + expires - min(_MARGIN, expires / 10)
        return Token(access, refresh if isinstance(refresh, str) and refresh else None, until)
    if 200 <= reply.status < 300:
        return Failed(f"the token endpoint {url} answered {reply.status} without an access_token")
    code = said.get("error")
    told = [text for text in (code, said.get("error_description")) if isinstance(text, str) and text]
    why = " ".join((": ".join(told) or reply.reason).split())
    shown = why if len(why) <= _LONGEST_TEXT else why[:_LONGEST_TEXT] + "…"
    sentence = f"the token endpoint {url} answered {reply.status}{f' ({shown})' if shown else ''}"
    return Failed(sentence, code=code if isinstance(code, str) else str(reply.status))


def read_members(reply: Response) -> dict[str, Value]:
    """The members of a JSON object, or of a form, which some token endpoints answer with; none of what is neither."""
    if len(reply.body) > _LARGEST:
        return {}
    if (header(reply.headers, "content-type") or "").startswith(_FORM):
        return dict(parse_qsl(reply.body.decode("utf-8", "replace")))
    try:
        value: Value = json.loads(reply.body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _seconds(value: Value) -> float | None:
    """A life in seconds, also where it is written as text; None where it is not known."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        return None
    return seconds if 0 < seconds < 1e9 else None
