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
    import tempfile

    real = path.resolve()
    # mkstemp makes the file with mode 0600.
    handle, name = tempfile.mkstemp(prefix=f".{real.name}.", dir=real.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        temporary.replace(real)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
