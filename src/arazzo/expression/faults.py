"""What is wrong with a text that is no runtime expression, and what is odd about one that nearly is none."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from arazzo import codes
from arazzo.diagnostics import Code, nearest
from arazzo.expression.lexis import IDENTIFIER_STRICT, ROOTS, Cursor, ExpressionSyntaxError, Note
from arazzo.expression.nodes import Expression
from arazzo.patterns import pattern

_HEAD: Final = pattern(r"\$[A-Za-z0-9_\-]*")

EXAMPLES: Final = {
    "request": "`$request.body#/name`, `$request.header.Name`, `$request.query.name` or `$request.path.name`",
    "response": "`$response.body#/name` or `$response.header.Name`",
    "message": "`$message.payload#/name` or `$message.header.Name`",
    "outputs": "`$outputs.name`",
    "steps": "`$steps.stepId.outputs.name`",
    "workflows": "`$workflows.workflowId.outputs.name`",
    "sourceDescriptions": "`$sourceDescriptions.name.url`",
    "components": "`$components.parameters.name`",
}


def unknown_root(cursor: Cursor) -> ExpressionSyntaxError:
    """The text begins with no root of an expression."""
    start = cursor.at
    if cursor.next != "$":
        hint = "for instance `$inputs.name`" if cursor.done else None
        return cursor.wrong("an expression begins with `$`", hint)
    head = cursor.take(_HEAD)
    wanted = nearest(head[1:], ROOTS, 0.7)
    roots = "it begins with one of " + ", ".join(f"${root}" for root in ROOTS)
    hint = f"did you mean `${wanted}`?" if wanted else roots
    return cursor.wrong(f"`{head[:40]}` begins no runtime expression", hint, start=start)


def unknown_source(cursor: Cursor, message: str, sources: Iterable[str]) -> ExpressionSyntaxError:
    """What follows ``$request.`` and its like is no part of a message."""
    start = cursor.at
    word = cursor.take(IDENTIFIER_STRICT)
    wanted = nearest(word, sources, 0.7)
    hint = f"did you mean `${message}.{wanted}`?" if wanted not in (None, word) else EXAMPLES[message]
    text = f"`${message}.` is followed by body, header., query., path. or payload"
    return cursor.wrong(text, hint, start=start)


def unknown_component(cursor: Cursor, types: Iterable[str]) -> ExpressionSyntaxError:
    """What follows ``$components.`` is no type of component that an expression can name."""
    start = cursor.at
    wanted = nearest(cursor.take(IDENTIFIER_STRICT), types, 0.7)
    return cursor.wrong(
        "a component is one of parameters, successActions and failureActions",
        f"did you mean `$components.{wanted}`?" if wanted else None,
        start=start,
    )


def after_id(
    cursor: Cursor, start: int, owner: str, wanted: str, members: tuple[str, ...]
) -> ExpressionSyntaxError:
    """The id of a step or a workflow, which begins at ``start``, is not followed by one of ``members``."""
    if cursor.at == start:
        return cursor.wrong(f"the id of {owner} is missing", start=start)
    if not cursor.skip("."):
        return cursor.wrong(f"after the id of {owner} comes `.{members[-1]}.` and a name")
    at = cursor.at
    word = cursor.take(IDENTIFIER_STRICT)
    if word in members:
        return cursor.wrong(f"after `{word}` comes `.` and a name")
    guess = nearest(word, members, 0.7)
    hint = f"did you mean `{guess}`?" if guess else f"only what {owner} lists under {wanted} can be read"
    return cursor.wrong(f"after the id of {owner} comes `.{members[-1]}.` and a name", hint, start=at)


def finish(cursor: Cursor) -> None:
    """Nothing may follow an expression that is to be the whole text."""
    if cursor.done:
        return
    match cursor.next:
        case "[":
            raise cursor.wrong(
                "in brackets stands an index, as in [0]",
                "for more than one element use a Selector Object with `type: jsonpath`",
            )
        case "/":
            raise cursor.wrong("a JSON Pointer follows `#`", "write `#/`")
        case " " | "\t" | "\n" | "\r":
            message = "an expression ends here, and more text follows"
            raise cursor.wrong(message, "inside text, put it in braces: {$…}")
        case "{" | "}":
            raise cursor.wrong(f"`{cursor.next}` cannot stand in an expression")
        case other:
            raise cursor.wrong(f"`{other}` cannot stand here in an expression")


def note_navigation(cursor: Cursor, span: tuple[int, int], form: Expression) -> None:
    """Navigation stands at ``span`` where the specification has a JSON Pointer, as in ``form``."""
    from arazzo.expression.write import print_expression  # here: most documents write as the grammar does

    shown = cursor.text[span[0] : span[1]]
    message = f"`{shown}` reaches into a value as conditions do: the specification writes `{print_expression(form)}`"
    cursor.notes.append(Note(codes.EXPRESSION_NAVIGATION, *span, message))


def note_form(cursor: Cursor, start: int, form: Expression | str, rule: str) -> None:
    """The text from ``start`` is in a form near the grammar's, which is ``form``."""
    from arazzo.expression.write import print_expression

    written = form if isinstance(form, str) else print_expression(form)
    message = f"`{cursor.text[start : cursor.at]}` is near the grammar, which {rule}: `{written}`"
    note(cursor, codes.EXPRESSION_FORM, start, message)


def note(cursor: Cursor, code: Code, start: int, message: str) -> None:
    """A kindness was needed for the text from ``start`` to the cursor."""
    cursor.notes.append(Note(code, start, cursor.at, message))
