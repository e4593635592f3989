"""Keeping secrets out of events (``docs/security.md``).

The engine learns what is secret as the run goes on (inputs that are or look like credentials, whatever travels as
``Authorization`` or ``Cookie``, members of bodies named like credentials) and shows ``***`` in its place. A secret
of at least eight characters is hidden inside longer texts too, in the forms that ``engine.concealed`` knows.
"""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final, overload
from urllib.parse import quote, unquote, unquote_plus, urlsplit

from msgspec.structs import replace

from arazzo.engine.concealed import MASK, SHORTEST, Concealed
from arazzo.messages import Headers, NoResponse, Reply, Request, Response, header
from arazzo.patterns import pattern
from arazzo.plan.inputs import InputsSchema, looks_like_credential
from arazzo.values import UNDEFINED, File, Maybe, Value, to_text

_CREDENTIAL_HEADERS: Final = frozenset(
    (
        "authorization",
        "proxy-authorization",
        "cookie",
        "set-cookie",
        "x-api-key",
        "x-auth-token",
        "www-authenticate",
    )
)
# Every name that looks like a credential's holds one of these; a body without any needs no closer look.
_HINTS: Final = (
    b"token",
    b"secret",
    b"pass",
    b"key",
    b"jwt",
    b"auth",
    b"credential",
    b"bearer",
    b"cookie",
    b"sig",
    b"otp",
)
_TEXT_HINTS: Final = tuple(hint.decode() for hint in _HINTS)
_QUERY_PAIR: Final = pattern(r"(?P<name>[^?&=#\s]+)=(?P<value>[^&#\s]*)")
_JSON_MEMBER: Final = re.compile(
    rb'"(?P<name>[^"\\]{1,100})"[ \t\r\n]*:[ \t\r\n]*(?P<value>"(?:[^"\\]|\\.)*"?|-?[0-9]+)', re.DOTALL
)
_ELEMENT: Final = re.compile(rb"<(?P<name>[A-Za-z_][\w.:-]{0,100})(?:\s[^<>]*)?>(?P<value>[^<]+)")
_USER: Final = pattern(r"(?<=://)[^/?#@\s]*@")
_URL: Final = pattern(r"https?://\S+", re.IGNORECASE)
_RAW_URL: Final = re.compile(rb"https?:(?:\\?/){2}\S+", re.IGNORECASE)
# In a text that a URL is part of, it ends where a quote does; HTML and JSON have their own forms of the `&`.
_PAIR_INSIDE: Final = pattern(
    r"(?P<start>[?&#;]|\\u0026)(?P<name>[^?&=#;\s\\\"'<>]+)=(?P<value>[^&#\s\\\"'<>]+)"
)
_HOLD_URLS: Final = frozenset(("location", "content-location", "referer", "refresh", "link"))
_LONGEST_FILE: Final = 4096
"""Bytes of a file that may be a key; what is longer is data."""


class Secrets:
    """What one run knows to be secret. Learning is the only change it undergoes."""

    def __init__(self) -> None:
        self._whole: set[str] = set()
        self._inside = Concealed()

    def learn(self, value: Maybe) -> None:
        """Everything in ``value`` is secret from now on; empty texts, booleans and null never are."""
        match value:
            case dict():
                for member in value.values():
                    self.learn(member)
            case list():
                for element in value:
                    self.learn(element)
            case None | bool():
                return
            case File():
                self.learn(value.content)
            case bytes():
                if len(value) <= _LONGEST_FILE:
                    self._learn_text(value.decode("utf-8", "replace").strip())
            case _ if value is not UNDEFINED:
                text = to_text(value)
                self._learn_text(text)
                self._learn_text(text.strip())

    def learn_inputs(self, inputs: InputsSchema, values: Mapping[str, Value]) -> None:
        """What the schema marks as secret among ``values``, and what has a name like a credential's."""
        self.learn_named(inputs.secret, values)
        for value in inputs.credentials(values):
            self.learn(value)
        self.learn_members(dict(values))

    def learn_named(self, names: Iterable[str], values: Mapping[str, Maybe]) -> None:
        """Those of ``values`` that stand under ``names`` are secret."""
        for name in names:
            self.learn(values.get(name, UNDEFINED))

    def learn_authorization(self, value: str) -> None:
        """The value of an ``Authorization`` header: the whole, its credentials, and what Basic encodes."""
        self._learn_text(value)
        scheme, _, credentials = value.partition(" ")
        if credentials:
            self._learn_text(credentials.strip())
        if scheme.lower() == "basic":
            try:
                decoded = base64.b64decode(credentials, validate=True).decode("utf-8", "replace")
            except (binascii.Error, ValueError):
                return
            self._learn_text(decoded.partition(":")[2])

    def learn_request(self, request: Request, keys: Collection[str] = (), body: Maybe = UNDEFINED) -> None:
        """What travels as a credential in ``request``: in its headers, its URL and the value of its ``body``.

        ``keys`` are the names, in lower case, of parameters that carry one whatever they are called.
        """
        self._learn_url(request.url, keys)
        self.learn_members(body)
        for name, value in request.headers:
            lower = name.lower()
            if lower in ("authorization", "proxy-authorization"):
                self.learn_authorization(value)
            elif lower == "cookie":
                for pair in value.split(";"):
                    self._learn_text(pair.partition("=")[2].strip())
            elif lower in _CREDENTIAL_HEADERS or lower in keys or looks_like_credential(name, "header"):
                self._learn_text(value)

    def _learn_url(self, url: str, keys: Collection[str] = ()) -> None:
        """The password of a URL and its query parameters, or those of its fragment, that are credentials."""
        for match in _QUERY_PAIR.finditer(url):
            name = unquote(match["name"])
            if name.lower() in keys or looks_like_credential(name):
                self._learn_text(unquote_plus(match["value"]))
                self._learn_text(match["value"])
        if "@" not in url:
            return
        try:
            password = urlsplit(url).password
        except ValueError:
            return
        self._learn_text(unquote(password or ""))

    def learn_reply(self, reply: Reply, body: Maybe) -> None:
        """What a response hands out as a credential: cookies, and members of the body named like one."""
        if isinstance(reply, NoResponse):
            return
        for name, value in reply.headers:
            if name.lower() == "set-cookie":
                self._learn_text(value.partition(";")[0].partition("=")[2])
            elif name.lower() in _HOLD_URLS:
                self._learn_url(value)
        if not _may_hold_credentials(reply.body):
            return
        if isinstance(body, (dict, list)):
            self.learn_members(body)
        else:
            for found in _members_in(reply.body):
                self.learn(found)

    def learn_members(self, value: Maybe) -> None:
        """The members of ``value``, at any depth, that are named like credentials."""
        pending: list[Maybe] = [value]
        while pending:
            here = pending.pop()
            if isinstance(here, dict):
                for name, member in here.items():
                    if not isinstance(member, dict) and looks_like_credential(name):
                        self.learn(member)
                    else:
                        pending.append(member)
            elif isinstance(here, list):
                pending.extend(here)

    def _learn_text(self, text: str) -> None:
        if not text or text in self._whole:
            return
        self._whole.add(text)
        if len(text) >= SHORTEST:
            self._inside.add(text)

    def text(self, text: str) -> str:
        """``text`` with every secret in it hidden, and what a URL in it calls a credential (a signature, mostly)."""
        # As `_known` does; every text of every response comes through here.
        shown = MASK if text in self._whole else self._inside.hide(text)
        return _unsigned(shown) if "://" in shown and "=" in shown else shown

    def _known(self, text: str) -> str:
        return MASK if text in self._whole else self._inside.hide(text)

    @overload
    def value(self, value: Value) -> Value: ...
    @overload
    def value(self, value: Maybe) -> Maybe: ...
    def value(self, value: Maybe) -> Maybe:
        """``value`` with every secret in it hidden, also members named like credentials."""
        match value:
            case str():
                return self.text(value)
            case bool() | None:
                return value
            case int() | float():
                return MASK if str(value) in self._whole else value
            case dict():
                return {self.text(name): self._member(name, member) for name, member in value.items()}
            case list():
                return [self.value(element) for element in value]
            case bytes():
                return self._raw(value)
            case File():
                return replace(value, content=self._raw(value.content))
            case _:
                return value

    @overload
    def mapping(self, values: Mapping[str, Value]) -> dict[str, Value]: ...
    @overload
    def mapping(self, values: Mapping[str, Maybe]) -> dict[str, Maybe]: ...
    def mapping(self, values: Mapping[str, Maybe]) -> Mapping[str, Maybe]:
        """Inputs or outputs, those with a credential's name hidden whole."""
        return {name: self._member(name, value) for name, value in values.items()}

    @overload
    def _member(self, name: str, value: Value) -> Value: ...
    @overload
    def _member(self, name: str, value: Maybe) -> Maybe: ...
    def _member(self, name: str, value: Maybe) -> Maybe:
        if isinstance(value, (str, int)) and not isinstance(value, bool) and looks_like_credential(name):
            return MASK
        return self.value(value)

    def _raw(self, raw: bytes) -> bytes:
        if len(raw) <= _LONGEST_FILE and raw.decode("utf-8", "replace").strip() in self._whole:
            return MASK.encode()
        return self._inside.hide_raw(raw)

    def request(self, request: Request) -> Request:
        """``request`` as it may be shown."""
        body = request.body
        return Request(
            request.method,
            self.url(request.url),
            self._headers(request.headers),
            self._body(body, header(request.headers, "content-type") or "") if body else body,
            request.timeout,
            request.follow_redirects,
        )

    def reply(self, reply: Reply) -> Reply:
        """``reply`` as it may be shown."""
        if isinstance(reply, NoResponse):
            return NoResponse(reply.failure, self.urls(reply.reason))
        content_type = header(reply.headers, "content-type") or ""
        headers = self._headers(reply.headers)
        return Response(reply.status, headers, self._body(reply.body, content_type), self.text(reply.reason))

    def url(self, url: str) -> str:
        """``url`` with secrets hidden: its user, what a query or fragment calls a credential, and what is known."""
        shown = self._known(url)
        if "@" in shown:
            shown = _USER.sub(f"{MASK}@", shown)
        start = min((at for at in (shown.find("?"), shown.find("#")) if at >= 0), default=len(shown))
        return shown[:start] + self._pairs(shown[start:])

    def urls(self, text: str) -> str:
        """``text`` with secrets hidden, also those that a URL in it calls so."""
        return _URL.sub(lambda match: self.url(match[0]), self._known(text))

    def _pairs(self, text: str) -> str:
        def conceal(match: re.Match[str]) -> str:
            name, value = match["name"], match["value"]
            if value and (looks_like_credential(unquote(name)) or value in self._whole):
                return f"{name}={MASK}"
            if "%3A%2F%2F" in value.upper():
                inner = unquote_plus(value)
                shown = _unsigned(inner)
                return match[0] if shown == inner else f"{name}={quote(shown, safe='*')}"
            return match[0]

        return _QUERY_PAIR.sub(conceal, text)

    def _headers(self, headers: Headers) -> Headers:
        return tuple(
            (
                self.text(name),
                MASK
                if name.lower() in _CREDENTIAL_HEADERS or looks_like_credential(name, "header")
                else self.url(value)
                if name.lower() in _HOLD_URLS
                else self.text(value),
            )
            for name, value in headers
        )

    def _body(self, body: bytes, content_type: str) -> bytes:
        body = self._raw(body)
        if not self._whole and not _may_hold_credentials(body):
            return body
        if content_type.startswith("application/x-www-form-urlencoded"):
            return self._pairs(body.decode("utf-8", "replace")).encode()
        shown = self._json_body(body) if "json" in content_type else None
        return _without_members(body) if shown is None else shown

    def _json_body(self, body: bytes) -> bytes | None:
        """None for what is no JSON, or nested too deeply to be read."""
        try:
            value: Value = json.loads(body)
            shown = self.value(value)
            if shown == value:
                return body
            return json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode()
        except (ValueError, RecursionError):
            return None


def _unsigned(text: str) -> str:
    """``text`` without what the URLs in it call a credential."""
    lower = text.lower()
    for hint in _TEXT_HINTS:
        if hint in lower:
            break
    else:  # Most URLs, and quickly told.
        return text
    return _URL.sub(lambda url: _PAIR_INSIDE.sub(_conceal_pair, url[0]), text)


def _conceal_pair(match: re.Match[str]) -> str:
    hidden = looks_like_credential(unquote(match["name"]))
    return f"{match['start']}{match['name']}={MASK}" if hidden else match[0]


def _without_members(body: bytes) -> bytes:
    """``body``, which was not read as JSON, with its members and elements hidden that are named like credentials."""
    if not _may_hold_credentials(body):
        return body
    mask = MASK.encode()

    def conceal(match: re.Match[bytes]) -> bytes:
        if not looks_like_credential(_name(match)):
            return match[0]
        start, end = (at - match.start() for at in match.span("value"))
        return match[0][:start] + (b'"%b"' % mask if match["value"][:1] == b'"' else mask) + match[0][end:]

    body = _ELEMENT.sub(conceal, _JSON_MEMBER.sub(conceal, body))
    return _RAW_URL.sub(
        lambda url: _PAIR_INSIDE.sub(_conceal_pair, url[0].decode("latin-1")).encode("latin-1"), body
    )


def _members_in(body: bytes) -> Iterator[str]:
    """The values that ``_without_members`` hides."""
    for found_by in (_JSON_MEMBER, _ELEMENT):
        for match in found_by.finditer(body):
            if looks_like_credential(_name(match)):
                written = match["value"].decode("utf-8", "replace").strip(' \t\r\n"')
                yield written
                yield html.unescape(written)


def _name(match: re.Match[bytes]) -> str:
    return match["name"].decode("utf-8", "replace")


def _may_hold_credentials(body: bytes) -> bool:
    lower = body.lower()
    for hint in _HINTS:  # noqa: SIM110 - a generator would cost more than all the searches, for every response
        if hint in lower:
            return True
    return False
