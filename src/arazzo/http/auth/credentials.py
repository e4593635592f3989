"""Who gives a credential: names and values from the caller, variables of the environment, or a source of one's own.

A name is a security scheme's, or ``SOURCE.SCHEME``. What is given under a name goes to one API only: where two sources
have a scheme of that name and send it to different places, only the longer name says whose it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, Protocol, TypeAlias, runtime_checkable
from urllib.parse import urljoin, urlsplit

from msgspec import Struct

from arazzo import codes
from arazzo.descriptions.openapi.model import SecurityScheme
from arazzo.diagnostics import Diagnostic, suggest
from arazzo.http.auth.schemes import is_understood, takes_token_too, value_form
from arazzo.http.redirects import origin
from arazzo.patterns import pattern
from arazzo.plan.model import OperationCall

PREFIX: Final = "ARAZZO_AUTH_"
_QUOTED: Final = pattern(r"[^\w.@%+:,/-]")
Origin: TypeAlias = tuple[str, str, int | None]


@runtime_checkable
class SecretSource(Protocol):
    """Gives the credential for a security scheme of a source description, when one is needed.

    The text has the form that ``docs/credentials.md`` describes; None says that there is none, an empty text that
    none is to be sent. Asked once for each scheme of a run, and only when no parameter carries the credential.
    """

    def __call__(self, source: str, scheme: SecurityScheme, /) -> str | None: ...


class Need(Struct, frozen=True):
    """A security scheme that operations of a plan name.

    ``uri`` is its description's; ``reach`` the origins that its credential may be sent to.
    """

    source: str
    uri: str
    scheme: SecurityScheme
    reach: frozenset[Origin]

    @property
    def qualified(self) -> str:
        return f"{self.source}.{self.scheme.name}"

    def is_of(self, call: OperationCall) -> bool:
        """Whether the operation of ``call`` names this scheme."""
        same = (self.source, self.uri) == (call.source, call.operation.source_uri)
        return same and self.scheme.name in call.operation.security_schemes


def needs_of(calls: Iterable[OperationCall]) -> tuple[Need, ...]:
    """The security schemes of ``calls``, each source's once, in the order they come up."""
    found: dict[tuple[str, str, str], tuple[SecurityScheme, set[Origin]]] = {}
    for call in calls:
        for scheme in call.operation.security_schemes.values():
            key = call.source, call.operation.source_uri, scheme.name
            _, reach = found.setdefault(key, (scheme, set()))
            reach.update(_reach(call, scheme))
    return tuple(
        Need(source, uri, scheme, frozenset(reach)) for (source, uri, _), (scheme, reach) in found.items()
    )


def _reach(call: OperationCall, scheme: SecurityScheme) -> Iterator[Origin]:
    urls = [scheme.open_id_connect_url, scheme.oauth2_metadata_url]
    for flow in scheme.flows.values():
        urls += [flow.token_url, flow.refresh_url]
    yield _origin(call.server_url)
    for url in urls:
        if url:
            yield _origin(api_url(call.server_url, url))


def api_url(server_url: str, url: str) -> str:
    """``url``, as a security scheme has it, in full: a relative one is relative to the server's URL, a folder's."""
    try:
        return urljoin(server_url.rstrip("/") + "/", url.strip())
    except ValueError:
        return url


def _origin(url: str) -> Origin:
    try:
        return origin(urlsplit(url))
    except ValueError:
        return "", url, None


def variable(name: str) -> str:
    """The environment variable for the credential ``name``."""
    return PREFIX + re.sub(r"[^A-Z0-9]", "_", name.upper())


class Named(Struct, frozen=True):
    """Values by name. ``spelled`` makes of a credential's name the key it has in ``values``; ``shown`` how a user
    writes it."""

    values: Mapping[str, str]
    spelled: Callable[[str], str] = str
    shown: Callable[[str], str] = "--auth {}=…".format

    def value(self, need: Need) -> str | None:
        """What is given for ``need``; the longer name counts more."""
        key = self._key(need)
        return None if key is None else self.values[key]

    def _key(self, need: Need) -> str | None:
        keys = self.spelled(need.qualified), self.spelled(need.scheme.name)
        return next((key for key in keys if key in self.values), None)

    def shared(self, need: Need, needs: Iterable[Need]) -> bool:
        """Whether what is given for ``need`` is given for an API at another place, too."""
        key = self._key(need)
        return key is not None and any(self._key(o) == key and o.reach != need.reach for o in needs)

    def unknown(self, needs: Iterable[Need]) -> Iterator[Diagnostic]:
        """A finding for each name that no scheme has."""
        known = [name for need in needs for name in (need.scheme.name, need.qualified)]
        certificates = [need for need in needs if need.scheme.type == "mutualTLS"]
        for name, value in self.values.items():
            if value and any(name in (need.scheme.name, need.qualified) for need in certificates):
                message = f"{name!r} is a client certificate, which is given with --cert FILE --key FILE"
                yield codes.BAD_USAGE.at(None, message)
            if name not in known:
                hint = (
                    suggest(name, known, "there are")
                    if known
                    else "its operations have no security schemes; pass a credential with -H 'NAME: VALUE'"
                )
                yield codes.BAD_USAGE.at(None, f"the workflow needs no credential named {name!r}", hint)

    def ambiguous(self, needs: Iterable[Need]) -> Iterator[Diagnostic]:
        """A finding for each value that would go to the APIs of two sources, at different places."""
        served: dict[str, list[Need]] = {}
        for need in needs:
            key = self._key(need)
            if key is not None and self.values[key]:
                served.setdefault(key, []).append(need)
        for key, sharing in served.items():
            if len({need.reach for need in sharing}) > 1:
                sources = " and ".join(dict.fromkeys(repr(need.source) for need in sharing))
                names = " and ".join(dict.fromkeys(self.shown(need.qualified) for need in sharing))
                name = sharing[0].scheme.name
                what = self.shown(name) if key == self.spelled(name) else self.shown(sharing[0].qualified)
                told = f"{what} would be sent to different places, by the sources {sources}"
                yield codes.BAD_USAGE.at(None, told, _telling_apart(sharing) or f"say whose it is: {names}")


def _telling_apart(sharing: Sequence[Need]) -> str | None:
    """What helps where sources of one name, of several documents, have a scheme of one name; None where they differ."""
    if len({need.source for need in sharing}) > 1:
        return None
    where = " and ".join(dict.fromkeys(need.uri for need in sharing))
    return f"they are {where}: rename the source description in one of the documents"


def indistinct(needs: Sequence[Need]) -> Iterator[Diagnostic]:
    """A finding for each name of a source and scheme that stands for APIs at different places: nobody who is asked
    for the credential by name could tell them apart."""
    for name in dict.fromkeys(need.qualified for need in needs):
        sharing = [need for need in needs if need.qualified == name]
        if len({need.reach for need in sharing}) > 1:
            told = f"the credential {name!r} would be sent to different places"
            yield codes.BAD_USAGE.at(None, told, _telling_apart(sharing))


class Given(Struct, frozen=True):
    """Credentials by name: the caller's own, then those of variables. Only the caller's names are checked."""

    own: Mapping[str, str]
    variables: Mapping[str, str]

    def layers(self) -> tuple[Named, Named]:
        return Named(self.own), Named(self.variables, variable, lambda name: f"{variable(name)}=…")

    def value(self, need: Need) -> str | None:
        """What is given for ``need``, None if nothing."""
        found = (layer.value(need) for layer in self.layers())
        return next((text for text in found if text is not None), None)

    def unshared(self, need: Need, needs: Iterable[Need]) -> str | None:
        """``value``, unless it is given for an API at another place, too."""
        own, variables = self.layers()
        layer = variables if own.value(need) is None else own
        return None if layer.shared(need, needs) else layer.value(need)

    def problems(self, needs: Iterable[Need], wanted: Sequence[Need]) -> Iterator[Diagnostic]:
        """What is wrong with the names, given what there is need of, and what of it no document passes itself."""
        own, variables = self.layers()
        yield from own.unknown(needs)
        yield from own.ambiguous(wanted)
        yield from variables.ambiguous([need for need in wanted if own.value(need) is None])


def how_to_give(need: Need, needs: Iterable[Need]) -> str:
    """The flag and the variable that give the credential for ``need``, under the shortest name that means only it."""
    name, flag = _name(need, needs), flag_for(need, needs)
    return f"{flag} (or {variable(name)})" if flag.startswith("--auth") else flag


def flag_for(need: Need, needs: Iterable[Need]) -> str:
    """The flag that gives the credential for ``need``."""
    if not is_understood(need.scheme):
        return "-H 'NAME: VALUE'"
    if need.scheme.type == "mutualTLS":
        return "--cert FILE --key FILE"
    name = _name(need, needs)
    form = f"{value_form(need.scheme)}|TOKEN" if takes_token_too(need.scheme) else value_form(need.scheme)
    return f"--auth '{name}={form}'" if _QUOTED.search(name) or "|" in form else f"--auth {name}={form}"


def _name(need: Need, needs: Iterable[Need]) -> str:
    others = [other for other in needs if other.scheme.name == need.scheme.name]
    return need.scheme.name if all(other.reach == need.reach for other in others) else need.qualified
