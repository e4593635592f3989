"""URI references (RFC 3986), as far as finding a description needs them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, TypeAlias
from urllib.parse import quote, unquote, urldefrag, urljoin, urlsplit

from arazzo.patterns import pattern

if TYPE_CHECKING:
    # Here and in functions: documents that are files need no addresses.
    from ipaddress import IPv4Address, IPv6Address

Address: TypeAlias = "IPv4Address | IPv6Address"

_IPV4_PART: Final = pattern(r"0[xX][0-9a-fA-F]*|[0-9]+", re.ASCII)
_HOLDING_IPV4: Final = ("64:ff9b::/96", "::/96")
"""NAT64 (RFC 6052) and IPv4-compatible addresses (RFC 4291 §2.5.5.1), which no property tells of."""
_LEGAL = "%/:=&?~#+!$,;'@()*[]"


def resolve(base: str, reference: str) -> str:
    """``reference`` against ``base`` (RFC 3986 §5.2), without its fragment; characters no URI has are encoded.

    A reference that is no URI at all is returned as it is: whoever retrieves it says so.
    """
    try:
        joined = urljoin(base, reference.strip())
    except ValueError:
        return reference
    return quote(urldefrag(joined).url, safe=_LEGAL)


def is_remote(uri: str) -> bool:
    """Whether ``uri`` leads over the network."""
    return uri.lower().startswith(("http://", "https://"))


def is_relative(reference: str) -> bool:
    """Whether ``reference`` has neither scheme nor host."""
    try:
        parts = urlsplit(reference)
    except ValueError:
        return False
    return not parts.scheme and not parts.netloc


def folder(uri: str) -> str:
    """The folder that holds ``uri``, ending in ``/``."""
    return uri[: uri.rfind("/") + 1]


def file_name(uri: str) -> str:
    """The last segment of the path, still encoded."""
    return uri.split("?", 1)[0].rsplit("/", 1)[-1]


def ancestors(uri: str, roots: Iterable[str]) -> Iterator[str]:
    """The folders above the folder of ``uri``, nearest first, up to and including the highest of ``roots``."""
    tops = [root for root in roots if uri.startswith(root)]
    here = folder(uri)
    while tops and any(here != top and here.startswith(top) for top in tops):
        here = folder(here.rstrip("/"))
        yield here


def written_from(base: str, uri: str) -> str:
    """``uri`` as it would be written in a document at ``base``: relative when both are files."""
    if not (base.startswith("file:") and uri.startswith("file:")):
        return uri
    here, there = urlsplit(folder(base)).path, urlsplit(uri).path
    return unquote(posixpath.relpath(there, here))


def is_loopback(host: str) -> bool:
    """Whether a host, as a URI writes it, is this machine."""
    found = address_of(host)
    return host == "localhost" if found is None else found.is_loopback


def address_of(text: str) -> Address | None:
    """The IP address that ``text`` is; None when it is none."""
    from ipaddress import ip_address

    try:
        return ip_address(text)
    except ValueError:
        return None


def host_of(uri: str) -> str:
    """The host of a URI in lower case; empty where it has none."""
    try:
        return (urlsplit(uri).hostname or "").lower()
    except ValueError:
        return ""


def is_private(address: str) -> bool:
    """Whether an IP address is anything but a public one: private, loopback, link-local, multicast, reserved."""
    found = address_of(address)
    return found is None or _is_private(found)


def _is_private(found: Address) -> bool:
    from ipaddress import IPv4Address, IPv6Address, IPv6Network

    if isinstance(found, IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if inner is None and any(found in IPv6Network(network) for network in _HOLDING_IPV4):
            inner = IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            found = inner
    return not found.is_global or found.is_multicast


def names_private(host: str) -> bool:
    """Whether a host says by itself that it is private: such an address written out, or a name of this machine.

    However it is written: resolvers and the URL classes of some clients take `127.1`, `0x7f000001`, percent-encoded
    and full-width digits for addresses, too.
    """
    name = unquote(host).lower()
    if not name.isascii():
        from unicodedata import normalize  # not above: hardly any host needs it

        name = normalize("NFKC", name).replace("\u3002", ".")
    name = name.rstrip(".")
    found = address_of(name) or _short_address(name)
    if found is not None:
        return _is_private(found)
    return name == "localhost" or name.endswith(".localhost")


def _short_address(name: str) -> Address | None:
    """The IPv4 address that ``name`` is in the forms of `inet_aton`: fewer parts, octal and hexadecimal ones."""
    *first, last = name.split(".")
    if len(first) > 3 or not all(_IPV4_PART.fullmatch(part) and len(part) < 20 for part in (*first, last)):
        return None
    try:
        *numbers, rest = (
            int(part[2:] or "0", 16) if part[1:2] in ("x", "X") else int(part, 8 if part[0] == "0" else 10)
            for part in (*first, last)
        )
    except ValueError:
        return None
    if any(number > 255 for number in numbers) or rest >= 256 ** (4 - len(numbers)):
        return None
    whole = sum(number << 8 * (3 - at) for at, number in enumerate(numbers)) + rest
    return address_of(".".join(str(whole >> shift & 255) for shift in (24, 16, 8, 0)))
