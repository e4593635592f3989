"""Cookies (RFC 6265), kept for one run: which a response sets, and which of them a request takes along.

A cookie goes back to the origin that set it. One with a ``Domain`` goes to the hosts its server named, as the RFC has
it; no cookie crosses to a host that neither set it nor was named.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct, field
from msgspec.structs import replace

from arazzo.http.redirects import origin
from arazzo.messages import Request, Response, header, with_header
from arazzo.patterns import pattern

LONGEST_COOKIE: Final = 8192
"""Characters of a cookie's name and value together."""
MOST_COOKIES: Final = 1000
MOST_OF_A_HOST: Final = 100
_CONTROL: Final = pattern(r"[\x00-\x08\x0a-\x1f\x7f]")
_HEADER_UNSAFE: Final = pattern(r"[\x00-\x1f\x7f;]")


class Cookie(Struct, frozen=True):
    """One cookie. ``domain`` is a host in lower case without a leading dot."""

    name: str
    value: str
    domain: str
    path: str = "/"
    subdomains: bool = False
    """Whether hosts below ``domain`` get it, too."""
    secure: bool = False
    http_only: bool = False
    expires: float | None = None
    """Seconds since the epoch; None for one that lasts as long as the run."""
    origin: tuple[str, str, int | None] | None = None
    """Scheme, host and port that set it, the only ones to get it; None where hosts were named, or a file had it."""

    @property
    def key(self) -> tuple[object, ...]:
        return self.name, self.domain, self.subdomains, self.path, self.origin

    def belongs_to(self, url: str) -> bool:
        """Whether a request for ``url`` takes this cookie along (RFC 6265 §5.4)."""
        parts = urlsplit(url)
        asked = origin(parts)
        if self.origin is not None and self.origin != asked:
            return False
        if self.secure and asked[0] != "https" and not _is_this_machine(asked[1]):
            return False
        host = asked[1]
        if host != self.domain and not (self.subdomains and _is_below(host, self.domain)):
            return False
        path = parts.path or "/"
        return path == self.path or (
            path.startswith(self.path) and (self.path.endswith("/") or path[len(self.path)] == "/")
        )


class Cookies(Struct):
    """The cookies of one run. ``now`` tells the time, ``learn`` is told each value: it is a secret."""

    now: Callable[[], float]
    learn: Callable[[str], None]
    _kept: dict[tuple[object, ...], Cookie] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Cookie]:
        """Those that have not expired, the oldest first."""
        moment = self.now()
        return iter([c for c in self._kept.values() if c.expires is None or c.expires > moment])

    def keep(self, cookie: Cookie) -> None:
        """Take ``cookie`` in, in place of the one of the same name and place; an expired one takes that away."""
        before = self._kept.pop(cookie.key, None)
        if cookie.expires is not None and cookie.expires <= self.now():
            return
        of_host = [key for key, other in self._kept.items() if other.domain == cookie.domain]
        if before is None and len(of_host) >= MOST_OF_A_HOST:
            del self._kept[of_host[0]]
        if len(self._kept) >= MOST_COOKIES:
            del self._kept[next(iter(self._kept))]
        self._kept[cookie.key] = cookie
        self.learn(cookie.value)

    def take_from(self, request: Request, response: Response) -> None:
        """Keep what ``response`` sets; a cookie for a host that it may not speak for is passed over."""
        for name, value in response.headers:
            if name.lower() == "set-cookie":
                cookie = read_set_cookie(value, request.url, self.now())
                if cookie is not None:
                    self.keep(cookie)

    def add_to(self, request: Request) -> Request:
        """``request`` with the cookies that belong to its URL; those it carries already win for their names."""
        fitting = [cookie for cookie in self if cookie.belongs_to(request.url)]
        if not fitting:
            return request
        given = header(request.headers, "cookie")
        passed = {pair.partition("=")[0].strip() for pair in given.split(";")} if given else set()
        fitting.sort(key=lambda cookie: -len(cookie.path))
        added = "; ".join(f"{c.name}={c.value}" for c in fitting if c.name not in passed)
        if not added:
            return request
        text = f"{given.strip().rstrip(';')}; {added}" if given else added
        return replace(request, headers=with_header(request.headers, "Cookie", text))


def read_set_cookie(text: str, url: str, now: float) -> Cookie | None:
    """The cookie that a ``Set-Cookie`` in an answer from ``url`` sets (RFC 6265 §5.2 and §5.3), or None."""
    first, *attributes = text.split(";")
    name, equals, value = first.partition("=")
    name, value = name.strip(), value.strip()
    if (
        not equals
        or not name
        or len(name) + len(value) > LONGEST_COOKIE
        or _CONTROL.search(text)
        or "\t" in name + value
    ):
        return None
    parts = urlsplit(url)
    set_by = origin(parts)
    cookie = Cookie(name, value, set_by[1], _default_path(parts.path), origin=set_by)
    max_age: float | None = None
    for attribute in attributes:
        key, _, said = (part.strip() for part in attribute.partition("="))
        match key.lower():
            case "path":
                cookie = replace(cookie, path=said if said.startswith("/") else _default_path(parts.path))
            case "domain" if said:
                named = said.lower().removeprefix(".")
                if not _may_speak_for(set_by[1], named):
                    return None
                shared = named != set_by[1] or not _is_address(named)
                cookie = replace(
                    cookie, domain=named, subdomains=shared, origin=None if shared else cookie.origin
                )
            case "secure":
                cookie = replace(cookie, secure=True)
            case "httponly":
                cookie = replace(cookie, http_only=True)
            case "max-age" if re.fullmatch(r"-?\d{1,15}", said):
                max_age = float(said)
            case "expires":
                cookie = replace(cookie, expires=_moment(said, cookie.expires))
    if max_age is not None:
        cookie = replace(cookie, expires=now + max_age if max_age > 0 else 0.0)
    return cookie if _keeps_its_prefix(cookie, set_by[0]) else None


def _keeps_its_prefix(cookie: Cookie, scheme: str) -> bool:
    """``__Secure-`` and ``__Host-`` are promises of a cookie's name; and only https sets what only https gets."""
    if cookie.secure and scheme != "https" and not _is_this_machine(cookie.domain):
        return False
    if cookie.name.startswith("__Host-"):
        return cookie.secure and not cookie.subdomains and cookie.path == "/"
    return cookie.secure or not cookie.name.startswith("__Secure-")


def _may_speak_for(host: str, named: str) -> bool:
    """Whether ``host`` may set cookies for ``named``: for itself, or a domain above it that is no top one."""
    return named == host or ("." in named and _is_below(host, named))


def _is_below(host: str, domain: str) -> bool:
    return host.endswith(f".{domain}") and not _is_address(host)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_this_machine(host: str) -> bool:
    """Plain http to this machine is as good as https: nobody listens in between."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _default_path(path: str) -> str:
    """RFC 6265 §5.1.4."""
    return path.rpartition("/")[0] or "/" if path.startswith("/") else "/"


def _moment(text: str, before: float | None) -> float | None:
    # Imported where a date comes: most cookies have none.
    from email.utils import mktime_tz, parsedate_tz

    try:
        found = parsedate_tz(text)
        return before if found is None else max(float(mktime_tz(found)), 0.0)
    except (ValueError, OverflowError, IndexError, TypeError):
        return before


def can_travel(cookie: Cookie) -> bool:
    """Whether a header can carry ``cookie``, which a file may hold in any form."""
    return bool(cookie.name) and not _HEADER_UNSAFE.search(cookie.name + cookie.value)
