"""What a user gives for a security scheme, as text, and what it means (``docs/credentials.md``)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, TypeAlias
from urllib.parse import parse_qsl

from msgspec import Struct

from arazzo.descriptions.openapi.model import SecurityScheme
from arazzo.http.auth.schemes import takes_login
from arazzo.patterns import pattern

_ILLEGAL: Final = pattern(r"[\x00-\x08\x0a-\x1f\x7f]")
_BEARER: Final = pattern(r"bearer +(?=\S)", re.IGNORECASE)
_OWN_FIELDS: Final = ("grant_type", "client_id", "client_secret")
_NEEDED: Final = {
    "client_credentials": ("client_id", "client_secret"),
    "password": ("username", "password"),
    "refresh_token": ("refresh_token",),
}


class BadCredential(ValueError):  # noqa: N818 - the text is a clause for people, and never holds the value
    """A value is none that its scheme can use."""


class Fixed(Struct, frozen=True):
    """A value that is sent as it is: an API key, or a token that somebody else obtained."""

    value: str

    def parts(self) -> Iterator[str]:
        """What of it is secret."""
        yield self.value


class Login(Struct, frozen=True):
    """A user's name and password."""

    user: str
    password: str

    def parts(self) -> Iterator[str]:
        """What of it is secret."""
        yield self.password


class Grant(Struct, frozen=True):
    """What an access token is asked for with (RFC 6749 §4). ``fields`` are sent as they are, besides the client's."""

    grant_type: str
    client_id: str | None = None
    client_secret: str | None = None
    fields: tuple[tuple[str, str], ...] = ()

    def parts(self) -> Iterator[str]:
        """What of it is secret."""
        if self.client_secret:
            yield self.client_secret
        for name, value in self.fields:
            if name in ("password", "refresh_token", "assertion", "client_assertion"):
                yield value


Credential: TypeAlias = Fixed | Login | Grant


def read_credential(scheme: SecurityScheme, text: str) -> Credential:
    """The credential that ``text`` is for ``scheme``. Raises ``BadCredential``."""
    text = text.strip()
    if _ILLEGAL.search(text):
        raise BadCredential("the value holds a line break or control character, which no request can carry")
    if takes_login(scheme):
        user, colon, password = text.partition(":")
        if not colon:
            raise BadCredential("USER:PASSWORD is wanted; write USER: where the password is empty")
        return Login(user, password)
    if scheme.type in ("oauth2", "openIdConnect"):
        return _read_oauth(scheme, text)
    if scheme.type == "http" and scheme.scheme == "bearer":
        return Fixed(_BEARER.sub("", text, count=1))
    return Fixed(text)


def _read_oauth(scheme: SecurityScheme, text: str) -> Credential:
    """An access token, ``ID:SECRET``, ``USER:PASSWORD``, or a token request in the form RFC 6749 gives it."""
    if text.startswith("grant_type="):
        return _read_grant(text)
    first, colon, rest = text.partition(":")
    if not colon or _BEARER.match(text):
        return Fixed(_BEARER.sub("", text, count=1))
    if scheme.type == "openIdConnect" or "clientCredentials" in scheme.flows:
        return Grant("client_credentials", first, rest)
    if "password" in scheme.flows:
        return Grant("password", fields=(("username", first), ("password", rest)))
    # No flow of this scheme takes a secret, so the colon is part of a token.
    return Fixed(text)


def _read_grant(text: str) -> Grant:
    given = dict(parse_qsl(text, keep_blank_values=True))
    grant_type = given["grant_type"]
    if grant_type not in _NEEDED:
        raise BadCredential(f"grant_type is one of {', '.join(_NEEDED)}")
    missing = [name for name in _NEEDED[grant_type] if not given.get(name)]
    if missing:
        raise BadCredential(f"a {grant_type} grant needs {' and '.join(missing)}")
    fields = tuple((name, value) for name, value in given.items() if name not in _OWN_FIELDS)
    return Grant(grant_type, given.get("client_id"), given.get("client_secret"), fields)
