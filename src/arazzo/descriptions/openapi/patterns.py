"""The regular expressions of schemas (``pattern``, ``patternProperties``), each compiled once.

jsonschema-rs takes the ECMA-262 dialect. Most of them run in linear time; those with look-around or back-references
are given up after a bounded number of steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator, FancyRegexOptions

_MOST_STEPS: Final = 50_000


def pattern_options() -> FancyRegexOptions:
    """What any validator with patterns is made with."""
    from jsonschema_rs import FancyRegexOptions

    return FancyRegexOptions(backtrack_limit=_MOST_STEPS)


class Patterns(Struct):
    """The patterns of one schema."""

    given_up: set[str] = field(default_factory=set)
    """Those that took too many steps for some text; they are then taken to match."""
    _compiled: dict[str, Draft202012Validator | None] = field(default_factory=dict)

    def usable(self, pattern: str) -> bool:
        """Whether ``pattern`` is a regular expression that can be used."""
        return self._compile(pattern) is not None

    def matches(self, pattern: str, text: str) -> bool:
        """Whether ``pattern`` is found in ``text``; one that cannot be used is found in any."""
        compiled = self._compile(pattern)
        if compiled is None:
            return True
        text = text.encode("utf-8", "replace").decode()
        if compiled.is_valid(text):
            return True
        if any("Limit" in type(error.kind).__name__ for error in compiled.iter_errors(text)):
            self.given_up.add(pattern)
            return True
        return False

    def _compile(self, pattern: str) -> Draft202012Validator | None:
        if pattern not in self._compiled:
            import jsonschema_rs

            try:
                compiled = jsonschema_rs.Draft202012Validator(
                    {"pattern": pattern}, pattern_options=pattern_options()
                )
            except ValueError:
                compiled = None
            self._compiled[pattern] = compiled
        return self._compiled[pattern]
