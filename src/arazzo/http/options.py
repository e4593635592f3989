"""How the default transport behaves."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from msgspec import Struct

DEFAULT_MAX_BODY: Final = 64 * 1024 * 1024


class TransportOptions(Struct, frozen=True):
    """The transport's flags on the command line, named as curl names them where curl has them."""

    insecure: bool = False
    """Accept any certificate."""
    cacert: Path | None = None
    """Certificates to trust in place of the system's (PEM)."""
    cert: Path | None = None
    """The client's certificate (PEM), its key in the same file unless ``key`` names one."""
    key: Path | None = None
    proxy: str | None = None
    """Sends everything through this proxy; otherwise the environment decides (``HTTPS_PROXY``, ``NO_PROXY``)."""
    max_body: int = DEFAULT_MAX_BODY
    """Bytes of a response's body, decompressed; a larger one is no response."""
    http2: bool = False
    """Speak HTTP/2 with servers that offer it over TLS (extra ``[http2]``)."""
    fast: bool = False
    """Send with ``pyreqwest`` (extra ``[fast]``); see ``docs/transport.md`` for what is different then."""
