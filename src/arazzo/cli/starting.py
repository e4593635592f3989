"""How the process of a command starts and ends: without what it does not need (``docs/decisions/0011``)."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final, NoReturn

from arazzo.cli import importing

_BETWEEN_COLLECTIONS: Final = (25_000, 5, 2)
"""New objects, and collections of the new and of the older ones (``gc.set_threshold``).

Python's own 700 is for programs that make garbage; a command mostly makes what it keeps.
"""
_MOST_TOOLS: Final = 6
"""How many may watch a process at a time (``sys.monitoring``)."""


@contextmanager
def own_process() -> Iterator[None]:
    """Say that nothing else lives in this process, which may therefore be hurried.

    Garbage is looked for seldom, and not at all at the end: then the memory goes back as a whole.
    """
    importing.is_quick = True
    gc.set_threshold(*_BETWEEN_COLLECTIONS)
    try:
        yield
    finally:
        gc.freeze()


def leave(code: int) -> NoReturn:
    """End the process as ``sys.exit`` does, and leave its memory to the system, which takes it back at once.

    A debugger, a profiler or a measurement of coverage that runs the command goes on, as after any other.
    """
    if _is_watched():
        sys.exit(code)
    for stream in (sys.stdout, sys.stderr):
        with suppress(
            OSError, ValueError
        ):  # Whoever read it may be gone; that was told where it was written.
            stream.flush()
    atexit._run_exitfuncs()  # noqa: SLF001 - multiprocessing ends its processes this way, too
    os._exit(code)


def _is_watched() -> bool:
    if sys.gettrace() or sys.getprofile():
        return True
    monitoring = getattr(sys, "monitoring", None)  # since Python 3.12
    return monitoring is not None and any(map(monitoring.get_tool, range(_MOST_TOOLS)))
