"""Texts that are a comparison or a calculation, where only one expression can stand: an output, or a value."""

from __future__ import annotations

import re
from typing import Final

from arazzo import codes
from arazzo.expression.lexis import ROOTS, Note
from arazzo.expression.nodes import (
    BodySource,
    Expression,
    InputReference,
    MessagePart,
    OutputReference,
    PathSource,
    PayloadSource,
    QuerySource,
    StepReference,
    WorkflowReference,
)
from arazzo.patterns import pattern
from arazzo.source import Node

_COMPARED: Final = pattern(
    rf"\$(?:{'|'.join(ROOTS)})\b[^\s{{}}\"'=<>!&|+*%(?@]*"
    r"(?:(?P<blank>[ \t]+)|(?=[=!<>]=|&&|\|\|))"
    r"(?P<operator>[=!<>]==?|&&|\|\||\?\??|[<>+*/%-])"
    r"(?(blank)[ \t])\s*(?=[\w$'\"(!{.-])",
    re.ASCII,
)
_CALCULATED: Final = pattern(r"(?:\$|\(|\.?\d|-\d)")
_COMPARED_WITH: Final = pattern(r"['\"$!(]|-?\d|(?:true|false|null)\b")
_CALCULATIONS: Final = ("+", "-", "*", "/", "%")
_CHOICES: Final = ("&&", "||", "?", "??")
_IN_TEXT: Final = (*_CALCULATIONS, "?", "<", ">")
"""Signs that stand in texts for people, too."""


def with_operator(node: Node, expression: Expression | None) -> Note | None:
    """What is wrong with a text that goes on behind its expression with an operator, as conditions do.

    ``expression`` is what the whole text was read as, where that could be done: a JSON Pointer takes every sign into
    its last name. A text that is no output may well be meant as text, as far as names in it are declared.
    """
    text = node.value
    match = _COMPARED.match(text) if isinstance(text, str) else None
    if match is None or not isinstance(text, str):
        return None
    output = len(node.path) in _OUTPUT_DEPTHS and node.path[-2] == "outputs"
    operator = match["operator"]
    if not output and expression is None and not _is_meant(text, match):
        return None
    if expression is not None and not _takes_anything(expression):
        return None
    if operator in _CALCULATIONS and not _CALCULATED.match(text, match.end()):
        return None
    what = "an output" if output else "a value"
    alone = text[: match.start("blank") if match["blank"] is not None else match.start("operator")]
    kind, why = "comparison", "comparisons stand in conditions only"
    if operator in _CALCULATIONS:
        kind, why = "calculation", "nothing in a document calculates"
    elif operator in _CHOICES:
        kind, why = "condition", "conditions stand in criteria only"
    message = f"not a runtime expression: {what} holds one expression, and no {kind} (`{operator}`)"
    return Note(
        codes.BAD_EXPRESSION, 0, len(text), message, f"write `{alone.removesuffix('.length')}`: {why}"
    )


def _is_meant(text: str, match: re.Match[str]) -> bool:
    """Whether a value can only be meant as a comparison: `$inputs.dir && make` may be a line for a shell."""
    return (
        match["blank"] is not None
        and match["operator"] not in _IN_TEXT
        and _COMPARED_WITH.match(text, match.end()) is not None
    )


_OUTPUT_DEPTHS: Final = (4, 6)
"""Of the paths of a workflow's outputs, and of those of a step."""


def _takes_anything(expression: Expression) -> bool:
    """Whether the last part of an expression is a name that may have blanks and operators in it."""
    match expression:
        case MessagePart(source=QuerySource() | PathSource()):
            return True
        case MessagePart(source=BodySource() | PayloadSource() as source):
            return bool(source.pointer)
        case InputReference() | OutputReference() | StepReference() | WorkflowReference():
            return bool(expression.pointer)
        case _:
            return False
