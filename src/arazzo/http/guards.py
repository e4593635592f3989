"""Guards on the addresses that connections are made to (``http.network``)."""

from __future__ import annotations

from arazzo.descriptions.uris import host_of, is_private
from arazzo.http.network import Guard


def proxy_hosts(proxy: str | None) -> frozenset[str]:
    """The hosts of the proxies in use: the one given, else those of the environment.

    A proxy resolves names itself and is often at a private address.
    """
    from urllib.request import getproxies  # not above: it imports all of http and ssl

    proxies = [proxy] if proxy else list(getproxies().values())
    return frozenset(host_of(one if "://" in one else f"http://{one}") for one in proxies)


def public_only(proxy: str | None) -> Guard:
    """Lets nothing pass but public addresses, and the proxies in use."""
    own = proxy_hosts(proxy)

    def judge(host: str, address: str) -> str | None:
        if host.lower() in own or not is_private(address):
            return None
        return (
            f"{host} is the private address {address}, and what came over the network names it; "
            "say --server [NAME=]URL if that is right, or --allow-private"
        )

    return judge
