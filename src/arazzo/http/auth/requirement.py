"""Security requirements (OpenAPI, Security Requirement Object): which alternative a request satisfies, or could."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias
from urllib.parse import unquote_plus

from arazzo.descriptions.openapi.model import Operation, SecurityRequirement, SecurityScheme
from arazzo.http.auth.schemes import AUTHORIZATION, Place, is_understood, place_of
from arazzo.messages import Headers, Request, header
from arazzo.plan.inputs import looks_like_credential
from arazzo.plan.model import OperationCall

Has: TypeAlias = Callable[[SecurityScheme], bool]


def choose(operation: Operation, passed: Has, has: Has) -> tuple[SecurityScheme, ...] | None:
    """The schemes to add credentials for: none where the request has them already, None where none can be satisfied.

    An alternative that the request satisfies by itself (``passed``) comes first, then the first whose schemes are
    either passed or to be ``had``; an empty one, which asks for nothing, last.
    """
    alternatives = [alternative for alternative in operation.security if alternative]
    satisfiable: tuple[SecurityScheme, ...] | None = None
    for alternative in alternatives:
        schemes = schemes_of(operation, alternative)
        if schemes is None:
            continue
        lacking = tuple(scheme for scheme in schemes if not passed(scheme))
        if not lacking:
            return ()
        if satisfiable is None and all(map(has, lacking)):
            satisfiable = lacking
    if satisfiable is None and len(alternatives) < len(operation.security):
        return ()
    return satisfiable


def schemes_of(operation: Operation, alternative: SecurityRequirement) -> tuple[SecurityScheme, ...] | None:
    """The schemes of an alternative; None where the description does not say what one of them is."""
    found = [operation.security_schemes.get(name) for name in alternative]
    known = tuple(scheme for scheme in found if scheme is not None and is_understood(scheme))
    return known if len(known) == len(found) else None


def scopes_of(operation: Operation, scheme: SecurityScheme) -> tuple[str, ...]:
    """The scopes that the operation requires of ``scheme``, where it is first named."""
    return next(
        (alternative[scheme.name] for alternative in operation.security if scheme.name in alternative), ()
    )


def passed_by(request: Request) -> Has:
    """Whether ``request`` carries a scheme's credential already: an explicit one wins."""
    query = {unquote_plus(pair.partition("=")[0]) for pair in request.url.partition("?")[2].split("&")}
    pairs = (header(request.headers, "cookie") or "").split(";")
    cookies = {pair.partition("=")[0].strip() for pair in pairs}

    def passed(scheme: SecurityScheme) -> bool:
        match place_of(scheme):
            case Place("query", name):
                return name in query
            case Place("cookie", name):
                return name in cookies
            case Place(_, name) as place:
                by_url = place.same_as(*AUTHORIZATION) and _has_user(request.url)
                return by_url or header(request.headers, name) is not None
            case None:
                return False

    return passed


def passes(call: OperationCall, headers: Headers) -> Has:
    """Whether ``call``, with the ``headers`` of every request, passes a scheme's credential, as far as can be told
    before it is sent. A parameter that looks like a credential and is no scheme's stands for any of them: the document
    then authenticates in a way of its own.
    """
    places = [*_places(call, headers)]
    theirs = [place for scheme in call.operation.security_schemes.values() if (place := place_of(scheme))]
    own_way = any(
        _is_own_way(place) and not any(their.same_as(*place) for their in theirs) for place in places
    )

    def passed(scheme: SecurityScheme) -> bool:
        place = place_of(scheme)
        if place is None:
            return False
        return own_way or any(place.same_as(*other) for other in places)

    return passed


def _places(call: OperationCall, headers: Headers) -> Iterator[Place]:
    for parameter in call.parameters:
        yield Place(parameter.spec.in_, parameter.spec.name)
    for name, _ in headers:
        yield Place("header", name)
    if _has_user(call.server_url):
        yield AUTHORIZATION


def _is_own_way(place: Place) -> bool:
    if place.in_ == "header" and place.name.lower() in ("authorization", "cookie"):
        return True
    return place.in_ in ("header", "query", "cookie") and looks_like_credential(place.name)


def _has_user(url: str) -> bool:
    return "@" in url.partition("://")[2].partition("/")[0]


def lacks(operation: Operation, passed: Has, has: Has) -> Mapping[str, SecurityScheme]:
    """The schemes that would have to be given, by name: those of every alternative, less what is there already."""
    return {
        scheme.name: scheme
        for alternative in operation.security
        for scheme in schemes_of(operation, alternative) or ()
        if not passed(scheme) and not has(scheme)
    }
