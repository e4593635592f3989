"""How the process of a command starts and ends: without what it does not need (``docs/decisions/0011``)."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_BETWEEN_COLLECTIONS: Final = (25_000, 5, 2)
"""New objects, and collections of the new and of the older ones (``gc.set_threshold``).

Python's own 700 is for programs that make garbage; a command mostly makes what it keeps.
"""
PATIENT: Final = frozenset(("platform", "textwrap", "yaml.constructor", "yaml.reader", "yaml.resolver"))
"""Modules that only call methods of their patterns, and so do not mind when these are compiled."""
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


def import_quickly(*packages: str) -> None:
    """Import other people's packages without what they prepare for uses that may never come.

    Regular expressions of ``PATIENT`` modules are compiled when they are first used: yaml's take longer than all the
    rest of it. msgspec's import does not see ``typing_extensions``, which takes longer than msgspec itself and would
    be asked for two names that ``typing`` has since Python 3.11. And argparse does not look for translations.

    Done in a process of our own only: a program that imports ``arazzo`` is left as it is.
    """
    if not _is_ours:
        return
    import re

    from arazzo.patterns import pattern

    compile_, hides = re.compile, "msgspec" in packages and "typing_extensions" not in sys.modules

    def compile_later(text: str, flags: int = 0) -> re.Pattern[str]:
        asking = sys._getframe(1).f_globals.get("__name__")  # noqa: SLF001 - no other way to know
        return pattern(text, flags) if asking in PATIENT else compile_(text, flags)

    if hides:
        sys.modules["typing_extensions"] = None  # type: ignore[assignment]  # what makes an import of it fail
    re.compile = compile_later  # type: ignore[assignment]
    try:
        for package in packages:
            __import__(package)
    finally:
        re.compile = compile_
        if hides:
            del sys.modules["typing_extensions"]
    if "argparse" in packages:
        sys.modules["argparse"]._ = str  # type: ignore[attr-defined]
