"""Runtime expressions inside text that lack their braces, a kindness: ``Bearer $inputs.apiKey``.

Only a name that is declared makes one; the longest is taken, so that the full stop of a sentence stays text. A
JSON Pointer and an index may follow the name, a bare ``.member`` may not: it could be the rest of a host name.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from arazzo.expression.lexis import ExpressionSyntaxError
from arazzo.expression.nodes import Expression
from arazzo.expression.parse import parse_expression
from arazzo.expression.scope import Names
from arazzo.patterns import pattern

_HEAD: Final = pattern(r"\$(?:inputs|outputs|steps|workflows|sourceDescriptions)\.")
_WORD: Final = pattern(r"[A-Za-z0-9_]")
_POINTER: Final = pattern(r"#(?:/[\w~$@%\-]+(?:[.:+][\w~$@%\-]+)*)+")
_INDEX: Final = pattern(r"(?:\[[0-9]{1,9}\](?:\.[\w\-]+)*)+")
_FIELDS: Final = ("name", "url", "type")


def unbraced(text: str, start: int, end: int, names: Names) -> Iterator[tuple[Expression | None, int, int]]:
    """The expressions in ``text[start:end]``, each with where it begins and ends; None for an undeclared one."""
    at = start
    while match := _HEAD.search(text, at, end):
        at = match.end()
        for stop in _ends(text, at, end, match[0], names):
            try:
                expression = parse_expression(text, names, operators=True, start=match.start(), end=stop)
            except ExpressionSyntaxError:
                continue
            yield expression, match.start(), stop
            at = stop
            break
        else:
            yield None, match.start(), match.end()


def _ends(text: str, at: int, end: int, head: str, names: Names) -> Iterator[int]:
    """Where an expression with ``head`` may end whose first name begins at ``at``, the best first."""
    match head:
        case "$inputs.":
            yield from _after(text, at, end, names.inputs)
        case "$outputs.":
            yield from _after(text, at, end, names.outputs)
        case "$steps.":
            for step_id, outputs in names.steps.items():
                if text.startswith(f"{step_id}.outputs.", at, end):
                    yield from _after(text, at + len(step_id) + len(".outputs."), end, outputs or ())
                elif text.startswith(f"{step_id}.", at, end):
                    yield from _after(text, at + len(step_id) + 1, end, outputs or ())
        case "$workflows.":
            for workflow_id, known in names.workflows.items():
                for member, declared in (("inputs", known.inputs), ("outputs", known.outputs)):
                    if text.startswith(f"{workflow_id}.{member}.", at, end):
                        yield from _after(text, at + len(workflow_id) + len(member) + 2, end, declared)
        case _:
            for source in names.sources:
                if text.startswith(f"{source}.", at, end):
                    yield from _after(text, at + len(source) + 1, end, _FIELDS)


def _after(text: str, at: int, end: int, names: Collection[str]) -> Iterator[int]:
    """The ends of those of ``names`` that stand at ``at`` as whole words, with what leads on, the longest first."""
    fitting = [name for name in names if name and text.startswith(name, at, end)]
    for name in sorted(fitting, key=len, reverse=True):
        stop = at + len(name)
        if _WORD.match(text, stop, end):
            continue
        more = _POINTER.match(text, stop, end) or _INDEX.match(text, stop, end)
        if more:
            yield more.end()
        yield stop
