"""Security schemes (OpenAPI, Security Scheme Object): where a credential travels, and what people have to give."""

from __future__ import annotations

from typing import Final, NamedTuple

from arazzo.descriptions.openapi.model import SecurityScheme
from arazzo.patterns import pattern

_TOKEN: Final = pattern(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_LOGIN: Final = ("basic", "digest")
_FLOW_NAMES: Final = {
    "clientCredentials": "client credentials",
    "password": "password",
    "authorizationCode": "authorization code",
    "implicit": "implicit",
    "deviceAuthorization": "device authorization",
}


class Place(NamedTuple):
    """Where a credential travels: ``header``, ``query`` or ``cookie``, and the name there."""

    in_: str
    name: str

    def __str__(self) -> str:
        kind = "query parameter" if self.in_ == "query" else self.in_
        return f"the {kind} {self.name}"

    def same_as(self, in_: str, name: str) -> bool:
        """Whether a parameter ``name`` in ``in_`` is this place; header names compare without case."""
        same = self.name.lower() == name.lower() if in_ == "header" else self.name == name
        return in_ == self.in_ and same


AUTHORIZATION: Final = Place("header", "Authorization")


def place_of(scheme: SecurityScheme) -> Place | None:
    """Where the credential of ``scheme`` travels; None where it is no part of the request, or cannot be known."""
    match scheme.type:
        case "apiKey" if scheme.in_ in ("header", "query", "cookie") and scheme.parameter:
            legal = scheme.in_ == "query" or _TOKEN.fullmatch(scheme.parameter)
            return Place(scheme.in_, scheme.parameter) if legal else None
        case "http" if scheme.scheme and _TOKEN.fullmatch(scheme.scheme):
            return AUTHORIZATION
        case "oauth2" | "openIdConnect":
            return AUTHORIZATION
        case _:
            return None


def is_understood(scheme: SecurityScheme) -> bool:
    """Whether the description says enough of ``scheme`` to send a credential for it."""
    return scheme.type == "mutualTLS" or place_of(scheme) is not None


def takes_login(scheme: SecurityScheme) -> bool:
    """Whether the credential is a user's name and password."""
    return scheme.type == "http" and scheme.scheme in _LOGIN


def kind_of(scheme: SecurityScheme) -> str:
    """What kind of credential ``scheme`` wants, for people."""
    match scheme.type:
        case "apiKey":
            return "API key"
        case "http" if takes_login(scheme):
            return f"user and password ({scheme.scheme})"
        case "http":
            return f"{scheme.scheme or 'HTTP'} token"
        case "oauth2":
            flows = ", ".join(_FLOW_NAMES.get(flow, flow) for flow in scheme.flows)
            return f"OAuth 2 token ({flows})" if flows else "OAuth 2 token"
        case "openIdConnect":
            return "OpenID Connect token"
        case "mutualTLS":
            return "client certificate"
        case other:
            return f"credential of the unknown type {other!r}"


def value_form(scheme: SecurityScheme) -> str:
    """The form of the value that stands for the credential of ``scheme``, in capitals."""
    match scheme.type:
        case "apiKey":
            return "KEY"
        case "http" if takes_login(scheme):
            return "USER:PASSWORD"
        case "oauth2" if "clientCredentials" in scheme.flows:
            return "ID:SECRET"
        case "oauth2" if "password" in scheme.flows:
            return "USER:PASSWORD"
        case "openIdConnect":
            return "ID:SECRET"
        case _:
            return "TOKEN"


def takes_token_too(scheme: SecurityScheme) -> bool:
    """Whether an access token will do where ``value_form`` asks for something to get one with."""
    return scheme.type in ("oauth2", "openIdConnect") and value_form(scheme) != "TOKEN"
