"""Regular expressions of the house's own, compiled when they are first used.

Compiling is slow in Python, there are some 140, and a command needs few of them.
"""

from __future__ import annotations

import re
from typing import cast


class _Pattern:
    """Becomes a ``re.Pattern`` one method at a time: each is looked up once and stays."""

    def __init__(self, text: str, flags: int) -> None:
        self._written = text, flags

    def __getattr__(self, name: str) -> object:
        found: object = getattr(re.compile(*self._written), name)
        setattr(self, name, found)
        return found


def pattern(text: str, flags: int = 0) -> re.Pattern[str]:
    """What ``re.compile`` gives, for patterns at the top of a module, whose methods are called."""
    return cast("re.Pattern[str]", _Pattern(text, flags))
