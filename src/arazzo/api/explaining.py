"""What every diagnostic code means, at length: the texts of ``rules/explained``, joined to the table of codes."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Final

from msgspec import Struct

from arazzo import codes
from arazzo.diagnostics import SPECIFICATION, Code, Severity, suggest
from arazzo.errors import UsageError
from arazzo.rules.codes import table
from arazzo.source import Node, parse

THEMES: Final = (
    "reading",
    "structure",
    "references",
    "expressions",
    "conditions",
    "running",
    "data-flow",
    "control-flow",
    "order",
)
"""The files of ``rules/explained``, in the order in which they are listed."""

PLACES: Final = {
    "text": "a whole file",
    "document": "the top level of a document",
    "workflow": "a workflow",
    "steps": "the steps of a workflow",
    "step": "a step",
    "criterion": "one of the successCriteria of a step",
    "openapi": "the API description",
    "asyncapi": "the AsyncAPI description",
    "command": "the command line",
}
"""What an example is a fragment of, by ``Explanation.place``, in words."""


class Explanation(Struct, frozen=True):
    """One diagnostic code explained. Field by field what ``arazzo explain CODE`` prints.

    ``blocks_run`` says that a document with this finding is not run; ``kindness`` that ``--strict`` makes it an error
    that does so. ``bad`` gives the finding and ``good`` does not; both are fragments of what ``place`` says
    (``PLACES``). ``command``, where there is one, is the command that finds it; else it is ``arazzo validate``.
    """

    code: str
    severity: Severity
    title: str
    theme: str
    text: str
    kindness: bool
    blocks_run: bool
    spec_url: str | None
    place: str
    bad: str
    good: str
    command: str | None = None


def explain(code: str) -> Explanation:
    """What the diagnostic code of this name means. Raises ``UsageError`` when there is none, suggesting one."""
    known = {explanation.code: explanation for explanation in explanations()}
    found = known.get(code)
    if found is None:
        hint = suggest(code, known, "")
        hint = hint if hint.startswith("did") else "`arazzo explain` lists the codes"
        raise UsageError([codes.BAD_USAGE.at(None, f"there is no diagnostic code {code!r}", hint)])
    return found


@cache
def explanations() -> tuple[Explanation, ...]:
    """Every explanation, theme by theme."""
    known = {code.name: code for code in table()}
    return tuple(
        _explanation(known[name], theme, node)
        for theme in THEMES
        for name, node in _read(theme).items()
        if name in known
    )


def as_markdown(explanation: Explanation) -> str:
    """An explanation as Markdown: the text, then what is wrong and what is right."""
    syntax = {"text": "", "command": "sh"}.get(explanation.place, "yaml")
    where = "" if explanation.place == "text" else f", in {PLACES[explanation.place]}"
    examples = [
        f"{word}{where}:\n\n```{syntax}\n{example}\n```"
        for word, example in (("Wrong", explanation.bad), ("Right", explanation.good))
    ]
    found = [f"Found by `{explanation.command}`."] if explanation.command is not None else []
    return "\n\n".join((explanation.text, *examples, *found))


def title_of(theme: str) -> str:
    """A theme as a heading."""
    return _HEADINGS[theme]


_HEADINGS: Final = {
    "reading": "Reading text",
    "structure": "The structure of a document",
    "references": "References: sources, operations, steps, workflows",
    "expressions": "Runtime expressions and selectors",
    "conditions": "Conditions",
    "running": "Running",
    "data-flow": "Data flow",
    "control-flow": "Control flow",
    "order": "Good order",
}


def _read(theme: str) -> dict[str, Node]:
    file = resources.files("arazzo.rules").joinpath("explained", f"{theme}.yml")
    return dict(parse(file.read_bytes(), file.name).node.items())


def _explanation(code: Code, theme: str, node: Node) -> Explanation:
    command = node.get("command")
    found = code.at(None, "")
    return Explanation(
        code.name,
        code.severity,
        code.title,
        theme,
        _text(node, "explanation").strip(),
        code.kindness,
        found.blocks_run,
        f"{SPECIFICATION}#{code.clause}" if code.clause else None,
        _text(node, "kind"),
        _text(node, "bad").rstrip("\n"),
        _text(node, "good").rstrip("\n"),
        None if command is None else str(command.value),
    )


def _text(node: Node, key: str) -> str:
    member = node.get(key)
    assert member is not None, f"an explanation has {key}"
    return str(member.value)
