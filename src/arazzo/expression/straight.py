"""An expression that a kindness was needed for, as the grammar writes it."""

from __future__ import annotations

from msgspec.structs import replace

from arazzo import codes
from arazzo.expression.lexis import ExpressionSyntaxError, Note, Notes
from arazzo.expression.nodes import (
    BodySource,
    Expression,
    InputReference,
    MessagePart,
    OutputReference,
    PayloadSource,
    Pointer,
    StepReference,
    Trail,
    WorkflowReference,
)
from arazzo.expression.parse import parse_expression
from arazzo.expression.scope import Names
from arazzo.expression.write import print_expression

_FORMS = (codes.EXPRESSION_NAVIGATION, codes.EXPRESSION_FORM)


def straightened(notes: list[Note], expression: Expression, names: Names) -> list[Note]:
    """``notes`` on the form of ``expression``, the first with what to write instead, if that is the same expression."""
    forms = [note for note in notes if note.code in _FORMS]
    if _is_length(expression):
        return notes  # Hardly a member is meant, and as a pointer it could be nothing else.
    straight = _straight(expression, names) if forms else None
    if straight is None:
        return notes
    start, end = expression.span
    mended = replace(forms[0], mend=straight)
    # The mend is of the whole expression, and so is the place it is made at.
    return [replace(mended, start=start, end=end) if note is forms[0] else note for note in notes]


def _is_length(expression: Expression) -> bool:
    match expression:
        case MessagePart(source=BodySource() | PayloadSource() as source):
            trail = source.trail
        case InputReference() | OutputReference() | StepReference() | WorkflowReference():
            trail = expression.trail
        case _:
            return False
    return trail[-1:] == ("length",)


def _straight(expression: Expression, names: Names) -> str | None:
    wanted = _with_pointer(expression)
    written = print_expression(wanted)
    notes = Notes()
    try:
        same = parse_expression(written, names, notes) == wanted
    except ExpressionSyntaxError:
        return None
    return written if same and not notes.found else None


def _with_pointer(expression: Expression) -> Expression:
    """``expression`` with a JSON Pointer in place of ``.name`` and ``[0]``."""
    match expression:
        case MessagePart(source=BodySource() | PayloadSource() as source) if source.trail:
            straight = replace(source, pointer=_joined(source.pointer, source.trail), trail=())
            return replace(expression, source=straight)
        case InputReference() | OutputReference() | StepReference() | WorkflowReference() if expression.trail:
            return replace(expression, pointer=_joined(expression.pointer, expression.trail), trail=())
        case _:
            return expression


def _joined(pointer: Pointer | None, trail: Trail) -> Pointer:
    return (*(pointer or ()), *map(str, trail))
