"""The files that this program keeps for itself: where they are, and how they are written."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path


def default_folder(environment: Mapping[str, str] = os.environ) -> Path | None:
    """``ARAZZO_CACHE_DIR``, else ``arazzo`` in ``XDG_CACHE_HOME`` or ``~/.cache``; None where there is no home."""
    if own := environment.get("ARAZZO_CACHE_DIR"):
        return Path(own).absolute()
    shared = environment.get("XDG_CACHE_HOME", "")
    if os.path.isabs(shared):  # noqa: PTH117 - the specification has relative ones ignored
        return Path(shared) / "arazzo"
    try:
        return Path.home() / ".cache" / "arazzo"
    except RuntimeError:
        return None


def write_private(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path`` in one go, readable by its owner only (mode 0600). Raises ``OSError``."""
    real = path.resolve()
    # As tempfile does it, which imports every kind of archive to begin with. O_EXCL follows no link and takes no file
    # that is there.
    temporary = real.with_name(f".{real.name}.{os.urandom(8).hex()}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        temporary.replace(real)
    except BaseException:  # Also when it is interrupted: half a file is not left behind.
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
