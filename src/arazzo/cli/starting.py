"""How the process of a command starts and ends: without what it does not need (``docs/decisions/0011``)."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from typing import Final, NoReturn

LATER: Final = ("ipaddress", "msgspec.inspect")
"""Modules that others import and hardly ever use; what they hold is made when it is first asked for."""
_BETWEEN_COLLECTIONS: Final = (25_000, 5, 2)
"""New objects, and collections of the new and of the older ones (``gc.set_threshold``).

Python's own 700 is for programs that make garbage; a command mostly makes what it keeps.
"""
PATIENT: Final = frozenset(
    (
        "json.encoder",
        "json.scanner",
        "platform",
        "textwrap",
        "yaml.constructor",
        "yaml.reader",
        "yaml.resolver",
    )
)
"""Modules that only call methods of their patterns, and so do not mind when these are compiled."""
_MOST_TOOLS: Final = 6
"""How many may watch a process at a time (``sys.monitoring``)."""
_is_ours = False


@contextmanager
def own_process() -> Iterator[None]:
    """Say that nothing else lives in this process, which may therefore be hurried.

    Garbage is looked for seldom, and not at all at the end: then the memory goes back as a whole.
    """
    global _is_ours
    _is_ours = True
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


class _Later:
    """Finds the modules of ``LATER``, for ``sys.meta_path``."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, _target: object = None) -> ModuleSpec | None:
        found = PathFinder.find_spec(name, path) if name in LATER else None
        if found is not None and found.loader is not None:
            found.loader = LazyLoader(found.loader)
        return found


def import_quickly(*packages: str) -> None:
    """Import other people's packages without what they prepare for uses that may never come.

    Regular expressions of ``PATIENT`` modules are compiled when they are first used: yaml's take longer than all the
    rest of it. msgspec's import does not see ``typing_extensions``, which takes longer than msgspec itself and would
    be asked for two names that ``typing`` has since Python 3.11; nor does it compile a text to see whether
    ``ForwardRef`` knows an argument, for which Python would prepare every type of its syntax trees. argparse does not
    look for translations, and modules that are hardly ever used (``LATER``) are there in name only.

    Done in a process of our own only: a program that imports ``arazzo`` is left as it is.
    """
    if not _is_ours:
        return
    import re
    import typing

    from arazzo.patterns import pattern

    compile_, refer = re.compile, typing.ForwardRef
    hides = "msgspec" in packages and "typing_extensions" not in sys.modules

    def asks(*modules: str) -> bool:
        return sys._getframe(2).f_globals.get("__name__") in modules  # noqa: SLF001 - no other way to know

    def compile_later(text: str, flags: int = 0) -> re.Pattern[str]:
        return pattern(text, flags) if asks(*PATIENT) else compile_(text, flags)

    def refer_to(text: str, **options: bool) -> object:
        return text if asks("msgspec._utils") else refer(text, **options)

    if hides:
        sys.modules["typing_extensions"] = None  # type: ignore[assignment]  # what makes an import of it fail
    re.compile, typing.ForwardRef = compile_later, refer_to  # type: ignore[assignment,misc]
    sys.meta_path.insert(0, _Later)
    try:
        for package in packages:
            __import__(package)
    finally:
        re.compile, typing.ForwardRef = compile_, refer  # type: ignore[misc]
        sys.meta_path.remove(_Later)
        if hides:
            del sys.modules["typing_extensions"]
    if "argparse" in packages:
        sys.modules["argparse"]._ = str  # type: ignore[attr-defined]
