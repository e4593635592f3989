"""Documents that were fetched before, kept on disk with what tells whether they are still the same.

Every use asks the server: a copy is taken only on its word that nothing has changed (``304 Not Modified``). So what is
run is what is there now, and a copy saves the transfer and not the truth. A server that cannot be reached is an error,
as it is for a package manager that was not told to work offline.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from msgspec import Struct

from arazzo.http.kept_files import write_private
from arazzo.messages import Headers, Response, header

LARGEST_ENTRY: Final = 32 * 1024 * 1024
MOST_ENTRIES: Final = 500
MOST_BYTES: Final = 256 * 1024 * 1024
_LONGEST_VALIDATOR: Final = 1024


class Entry(Struct, frozen=True):
    """A copy of what was at a URL; ``file`` is where it is kept, and may be given to ``--source``."""

    content: bytes
    etag: str | None
    last_modified: str | None
    fetched: float
    """Seconds since the epoch."""
    file: Path

    @property
    def conditions(self) -> Headers:
        """The headers that ask for the document only if it has changed (RFC 9110 §13)."""
        asked = (("If-None-Match", self.etag), ("If-Modified-Since", self.last_modified))
        return tuple((name, value) for name, value in asked if value)

    def __str__(self) -> str:
        day = time.strftime("%Y-%m-%d", time.gmtime(self.fetched))
        return f"a copy of {day} is in {self.file}"


class DocumentCache:
    """The copies in ``folder``, which is made when first needed. What cannot be read or written is passed over."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def find(self, url: str) -> Entry | None:
        """The copy of what was at ``url``, if there is a whole one."""
        if not may_be_kept(url):
            return None
        about, body = self._files(url)
        try:
            if body.stat().st_size > LARGEST_ENTRY or about.stat().st_size > LARGEST_ENTRY:
                return None
            said = json.loads(about.read_text(encoding="utf-8"))
            content = body.read_bytes()
        except (OSError, ValueError, RecursionError):
            return None
        if not isinstance(said, dict) or said.get("url") != url or said.get("sha256") != _digest(content):
            return None
        etag, modified = _validator(said.get("etag")), _validator(said.get("lastModified"))
        fetched = said.get("fetched")
        if not isinstance(fetched, (int, float)) or not 0 <= fetched < 1e11 or not (etag or modified):
            return None
        return Entry(content, etag, modified, float(fetched), body)

    def keep(self, url: str, response: Response) -> None:
        """Keep ``response``, which came from ``url``, if it says how to ask for it again."""
        etag = _validator(header(response.headers, "etag"))
        modified = _validator(header(response.headers, "last-modified"))
        forbidden = "no-store" in (header(response.headers, "cache-control") or "").lower()
        size = len(response.body)
        if not (etag or modified) or forbidden or size > LARGEST_ENTRY or not may_be_kept(url):
            return
        about: Mapping[str, object] = {
            "url": url,
            "etag": etag,
            "lastModified": modified,
            "fetched": time.time(),
            "sha256": _digest(response.body),
        }
        about_file, body_file = self._files(url)
        # A full disk or a folder of somebody else's costs a transfer, not the run.
        with contextlib.suppress(OSError):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._make_room(size)
            write_private(body_file, response.body)
            write_private(about_file, json.dumps(about, indent=1).encode())

    def _files(self, url: str) -> tuple[Path, Path]:
        name = hashlib.sha256(url.encode("utf-8", "replace")).hexdigest()[:40]
        return self.folder / f"{name}.json", self.folder / f"{name}.text"

    def _make_room(self, size: int) -> None:
        """Drop the copies that were fetched longest ago, until one of ``size`` bytes more is within the bounds."""
        kept = []
        for body in self.folder.glob("*.text"):
            with contextlib.suppress(OSError):
                found = body.stat()
                kept.append((found.st_mtime, found.st_size, body))
        kept.sort(reverse=True)
        total = size + sum(length for _, length, _ in kept)
        while kept and (total > MOST_BYTES or len(kept) >= MOST_ENTRIES):
            _, length, body = kept.pop()
            total -= length
            for file in (body, body.with_suffix(".json")):
                with contextlib.suppress(OSError):
                    file.unlink()


def may_be_kept(url: str) -> bool:
    """Whether ``url`` is https and holds no credential: neither a user nor a query parameter named like one."""
    from arazzo.plan.inputs import looks_like_credential

    try:
        parts = urlsplit(url)
        names = [name for name, _ in parse_qsl(parts.query, keep_blank_values=True, max_num_fields=1000)]
    except ValueError:
        return False
    if parts.scheme.lower() != "https" or "@" in parts.netloc:
        return False
    return not any(map(looks_like_credential, names))


def _validator(value: object) -> str | None:
    """An ETag or date that a header can carry back."""
    fits = isinstance(value, str) and 0 < len(value) <= _LONGEST_VALIDATOR and value.isprintable()
    return str(value) if fits and str(value).isascii() else None


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
