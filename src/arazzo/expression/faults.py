"""What is wrong with a text that is no runtime expression, and what is odd about one that nearly is none."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from arazzo import codes
from arazzo.diagnostics import Code, nearest
from arazzo.expression.lexis import IDENTIFIER_STRICT, ROOTS, Cursor, ExpressionSyntaxError, Note, Notes
from arazzo.expression.nodes import Expression
from arazzo.patterns import pattern

_HEAD: Final = pattern(r"\$[A-Za-z0-9_\-]*")

_BRACED: Final = pattern(r"\$\{\{?\s*\$?([\w.#/\[\]~-]{1,200})\s*\}")
"""``${…}``, as other languages write it."""
_REST: Final = pattern(r"[\w.#/\[\]~-]{0,200}")
_ELSEWHERE: Final = {
    **dict.fromkeys(
        (("response", word) for word in ("statusCode", "status", "statuscode", "status_code", "code")),
        "$statusCode",
    ),
    ("request", "method"): "$method",
    ("request", "url"): "$url",
    ("request", "uri"): "$url",
}
"""What is no part of a message here, and has an expression of its own."""

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
    meant = _meant(head, cursor.text[start : cursor.end])
    roots = "it begins with one of " + ", ".join(f"${root}" for root in ROOTS)
    hint = f"did you mean `{meant}`?" if meant else roots
    return cursor.wrong(f"`{head[:40]}` begins no runtime expression", hint, start=start)


def _meant(head: str, text: str) -> str | None:
    """What a ``text`` is meant to be that begins with ``head``, which is no root of an expression; in full."""
    braced = _BRACED.match(text)
    if braced is not None:
        inner: str = braced[1]
        owner, _, part = inner.partition(".")
        return _ELSEWHERE.get((owner, part)) or (f"${inner}" if _has_root(inner) else None)
    match = _REST.match(text, len(head))
    rest = match[0].rstrip(".") if match is not None else ""
    if head == "$workflow":  # The workflow at hand, whose inputs and steps need no name of it.
        member = rest[1:].partition(".")[0]
        if member in ("inputs", "steps"):
            return f"${rest[1:]}"
        return f"$workflows.WORKFLOW{rest}" if member == "outputs" else f"$workflows{rest}"
    wanted = nearest(head[1:], ROOTS, 0.7)
    return f"${wanted}{rest if wanted in EXAMPLES or wanted == 'inputs' else ''}" if wanted else None


def _has_root(text: str) -> bool:
    """Whether ``text``, which has no dollar sign, begins with a root."""
    word = IDENTIFIER_STRICT.match(text)
    return word is not None and word[0] in ROOTS


def unknown_source(cursor: Cursor, message: str, sources: Iterable[str]) -> ExpressionSyntaxError:
    """What follows ``$request.`` and its like is no part of a message."""
    start = cursor.at
    word = cursor.take(IDENTIFIER_STRICT)
    wanted = nearest(word, sources, 0.7)
    hint = f"did you mean `${message}.{wanted}`?" if wanted not in (None, word) else EXAMPLES[message]
    elsewhere = _ELSEWHERE.get((message, word))
    hint = f"write `{elsewhere}`" if elsewhere else hint
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
    if shown.endswith(".length"):
        message = (
            f"`{shown}` reaches into a value as conditions do, and here `length` is the name of a member:"
            " only conditions know how long a list or a text is"
        )
        cursor.notes.append(Note(codes.EXPRESSION_NAVIGATION, *span, message))
        return
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


def complain(failure: ExpressionSyntaxError, text: str, start: int, notes: Notes) -> None:
    """Note a text that was meant to be an expression: a root, or a word very near one, and a dot behind it.

    Other text that starts with a dollar sign is data.
    """
    word = IDENTIFIER_STRICT.match(text, start + 1)
    if word is None or not text.startswith(".", word.end()):
        return
    if word[0] in ROOTS or nearest(word[0], ROOTS, 0.8) is not None:
        message = f"not a runtime expression: {failure.message}"
        notes.add(codes.BAD_EXPRESSION, failure.start, failure.end, message, failure.hint)
