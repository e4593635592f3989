"""Text -> runtime expression: the specification's ABNF, and the forms near it that documents use.

Names are literal first: the longest declared name that makes sense of the text wins, whatever characters it has,
and the rest is navigation. Where nothing is declared the grammar alone decides. Each ``_read_`` function reads
the production its docstring quotes. Time is linear in the text, and nothing recurses.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Final, Literal, TypeVar

from msgspec.structs import replace

from arazzo import codes
from arazzo.expression.faults import (
    EXAMPLES,
    after_id,
    finish,
    note,
    note_form,
    note_navigation,
    unknown_component,
    unknown_root,
    unknown_source,
)
from arazzo.expression.lexis import (
    IDENTIFIER,
    IDENTIFIER_STRICT,
    ROOTS,
    TOKEN,
    Cursor,
    ExpressionSyntaxError,
    Note,
    Notes,
    read_chars,
    read_pointer,
    read_trail,
    root_of,
)
from arazzo.expression.nodes import (
    AllInputs,
    BodySource,
    ComponentReference,
    Expression,
    HeaderSource,
    InputReference,
    MessagePart,
    Method,
    OutputReference,
    PathSource,
    PayloadSource,
    Pointer,
    QuerySource,
    SelfUri,
    Source,
    SourceReference,
    StatusCode,
    StepReference,
    Trail,
    Url,
    WorkflowReference,
)
from arazzo.expression.scope import Names, WorkflowNames

__all__ = [
    "ROOTS",
    "ExpressionSyntaxError",
    "Note",
    "Notes",
    "parse_expression",
    "root_of",
    "scan_expression",
]

_Named = TypeVar("_Named", InputReference, OutputReference, StepReference, WorkflowReference)

_DIRECT: Final[dict[str, Callable[[tuple[int, int]], Expression]]] = {
    "url": Url,
    "method": Method,
    "statusCode": StatusCode,
    "self": SelfUri,
}
_COMPONENTS: Final[tuple[Literal["parameters", "successActions", "failureActions"], ...]] = (
    "parameters",
    "successActions",
    "failureActions",
)
_SOURCES: Final = ("header.", "query.", "path.", "body", "payload")


def parse_expression(
    text: str,
    names: Names | None = None,
    notes: Notes | None = None,
    *,
    operators: bool = False,
    start: int = 0,
    end: int | None = None,
) -> Expression:
    """Read ``text[start:end]``, all of it, as one runtime expression (specification, "Runtime Expressions").

    ``names`` is what is declared around it; None means that nothing is known and the grammar alone decides.
    ``operators`` says that ``.`` and ``[]`` may navigate here, as in conditions and in the contexts of criteria and
    selectors; elsewhere they are a kindness. Kindnesses go to ``notes``. Raises ``ExpressionSyntaxError``, its
    offsets counted in ``text``.
    """
    cursor = Cursor(text, start, len(text) if end is None else end, names, operators, scanning=False)
    expression = _read(cursor)
    finish(cursor)
    if notes is not None:
        notes.found.extend(cursor.notes)
    return expression


def scan_expression(
    text: str, start: int, names: Names | None = None, notes: Notes | None = None
) -> tuple[Expression, int]:
    """Read the expression that begins at ``text[start]`` inside a condition; also where it ends.

    A name, a header's token or a JSON Pointer ends there at white space, at ``)``, ``]`` or ``,``, or at an operator.
    """
    cursor = Cursor(text, start, len(text), names, operators=True, scanning=True)
    expression = _read(cursor)
    if notes is not None:
        notes.found.extend(cursor.notes)
    return expression, cursor.at


def _read(cursor: Cursor) -> Expression:
    """``expression``"""
    start = cursor.at
    root = root_of(cursor.text, cursor.at, cursor.end)
    if root is None:
        raise unknown_root(cursor)
    cursor.at += 1 + len(root)
    if root in _DIRECT:
        return _DIRECT[root]((start, cursor.at))
    if root == "inputs" and cursor.next not in (".", "["):
        message = (
            "`$inputs` stands for all inputs at once: the grammar only names one of them, `$inputs.name`"
        )
        note(cursor, codes.EXPRESSION_FORM, start, message)
        return AllInputs((start, cursor.at))
    if not cursor.skip("."):
        raise cursor.wrong(f"`${root}` needs a `.` and what is wanted of it", EXAMPLES.get(root))
    expression = _READERS[root](cursor)
    return replace(expression, span=(start, cursor.at))


def _read_request(cursor: Cursor) -> Expression:
    """``"$request." source``"""
    return MessagePart("request", _read_source(cursor, "request"))


def _read_response(cursor: Cursor) -> Expression:
    """``"$response." source``"""
    return MessagePart("response", _read_source(cursor, "response"))


def _read_message(cursor: Cursor) -> Expression:
    """``"$message." source``"""
    return MessagePart("message", _read_source(cursor, "message"))


def _read_inputs(cursor: Cursor) -> Expression:
    """``"$inputs." inputs-reference``"""
    return _referent(cursor, cursor.names.inputs if cursor.names else (), InputReference, "an input")


def _read_outputs(cursor: Cursor) -> Expression:
    """``"$outputs." outputs-reference``"""
    names, start = cursor.names or Names(), cursor.at
    read = _referent(cursor, names.outputs, OutputReference, "an output")
    if names.sender is None:
        return read
    others = [step_id for step_id in names.lenders.get(read.name, ()) if step_id != names.sender]
    if len(others) != 1:
        return read
    meant = StepReference(others[0], read.name, read.pointer, read.trail)
    note_form(cursor, start - len("$outputs."), meant, "names the step whose output is read")
    return meant


def _read_steps(cursor: Cursor) -> Expression:
    """``"$steps." step-id ".outputs." output-name [ "#" json-pointer ]``"""
    start = cursor.at
    steps = cursor.names.steps if cursor.names else {}
    ids = (*_declared(cursor, steps), cursor.take(IDENTIFIER_STRICT))
    for step_id in ids:
        cursor.at = start + len(step_id)
        outputs = steps.get(step_id) or ()

        def reference(
            name: str, pointer: Pointer | None, trail: Trail, step_id: str = step_id
        ) -> StepReference:
            return StepReference(step_id, name, pointer, trail)

        if cursor.skip(".outputs."):
            return _referent(cursor, outputs, reference, "an output")
        if cursor.next == "." and _declared(cursor, outputs, offset=1):
            noted = len(cursor.notes)
            cursor.at += 1
            expression = _referent(cursor, outputs, reference, "an output")
            if expression.name in outputs:
                note_form(cursor, start - len("$steps."), expression, "says `outputs` before the name of one")
                return expression
            del cursor.notes[noted:]
    cursor.at = start + max(map(len, ids))
    raise after_id(cursor, start, "a step", "outputs", ("outputs",))


def _read_workflows(cursor: Cursor) -> Expression:
    """``"$workflows." workflow-id "." ("inputs" / "outputs") "." name [ "#" json-pointer ]``"""
    start = cursor.at
    workflows = cursor.names.workflows if cursor.names else {}
    members: tuple[Literal["inputs", "outputs"], ...] = ("inputs", "outputs")
    ids = (*_declared(cursor, workflows), cursor.take(IDENTIFIER_STRICT))
    for workflow_id in ids:
        cursor.at = start + len(workflow_id)
        declared = workflows.get(workflow_id, WorkflowNames())
        for member in members:

            def reference(
                name: str,
                pointer: Pointer | None,
                trail: Trail,
                workflow_id: str = workflow_id,
                member: Literal["inputs", "outputs"] = member,
            ) -> WorkflowReference:
                return WorkflowReference(workflow_id, member, name, pointer, trail)

            if cursor.skip(f".{member}."):
                known = declared.inputs if member == "inputs" else declared.outputs
                return _referent(cursor, known, reference, f"an {member[:-1]}")
    cursor.at = start + max(map(len, ids))
    raise after_id(cursor, start, "a workflow", "inputs or outputs", members)


def _read_source_descriptions(cursor: Cursor) -> Expression:
    """``"$sourceDescriptions." source-name "." source-reference-id``"""
    start = cursor.at
    declared = _declared(cursor, cursor.names.sources if cursor.names else ())
    for name in (*declared, cursor.take(IDENTIFIER_STRICT)):
        cursor.at = start + len(name)
        if name and cursor.skip("."):
            reference = read_chars(cursor)
            if not reference:
                raise cursor.wrong(
                    "the operation, the workflow or the field is missing", "for instance `.url`"
                )
            return SourceReference(name, reference)
    raise cursor.wrong("after the name of a source comes `.` and an operation, a workflow or a field")


def _read_components(cursor: Cursor) -> Expression:
    """``"$components." component-type "." component-name``"""
    for kind in _COMPONENTS:
        if cursor.skip(f"{kind}."):
            name = cursor.take(IDENTIFIER)
            if not name:
                raise cursor.wrong("the name of a component is missing")
            return ComponentReference(kind, name)
    raise unknown_component(cursor, _COMPONENTS)


_READERS: Final[dict[str, Callable[[Cursor], Expression]]] = {
    "request": _read_request,
    "response": _read_response,
    "message": _read_message,
    "inputs": _read_inputs,
    "outputs": _read_outputs,
    "steps": _read_steps,
    "workflows": _read_workflows,
    "sourceDescriptions": _read_source_descriptions,
    "components": _read_components,
}


def _read_source(cursor: Cursor, message: Literal["request", "response", "message"]) -> Source:
    """``source = ( header-reference / query-reference / path-reference / body-reference / payload-reference )``"""
    start = cursor.at
    if cursor.skip("headers.") or cursor.skip("header."):
        plural = cursor.text[cursor.at - 2] == "s"
        token = _read_token(cursor)
        if plural:
            note_form(cursor, start, f"${message}.header.{token}", "writes `header`")
        return HeaderSource(token)
    if cursor.skip("query."):
        return QuerySource(read_chars(cursor))
    if cursor.skip("path."):
        return PathSource(read_chars(cursor))
    for word, kind in (("body", BodySource), ("payload", PayloadSource)):
        if cursor.skip(word) and not cursor.is_in_word():
            pointer, trail, span = _read_tail(cursor)
            source: BodySource | PayloadSource = kind(pointer, trail)
            if span[0] != span[1] and not cursor.operators and (message, word) != ("message", "payload"):
                form = MessagePart(message, kind(pointer if pointer is not None else tuple(map(str, trail))))
                note_navigation(cursor, span, form)
            return source
        cursor.at = start
    raise unknown_source(cursor, message, (source.rstrip(".") for source in _SOURCES))


def _read_token(cursor: Cursor) -> str:
    """``token = 1*tchar``"""
    match = TOKEN.match(cursor.text, cursor.at, cursor.limit())
    if match is None:
        raise cursor.wrong("the name of a header is missing")
    cursor.at = match.end()
    return match[0]


def _read_tail(cursor: Cursor) -> tuple[Pointer | None, Trail, tuple[int, int]]:
    """``[ "#" json-pointer ]``, or navigation, or in a condition the one after the other; and where it is."""
    start = cursor.at
    trail = read_trail(cursor)
    span = (start, cursor.at)
    if cursor.next != "#":
        return None, trail, span
    cursor.at += 1
    at = cursor.at
    pointer, headless = read_pointer(cursor)
    if headless:
        good = "#/" + cursor.text[at : cursor.at]
        message = f"a JSON Pointer begins with `/`: the specification writes `{good}`"
        note(cursor, codes.EXPRESSION_FORM, at - 1, message)
    if cursor.scanning and cursor.next == "[":
        pointer += tuple(map(str, read_trail(cursor, quoted=False)))
    return (*map(str, trail), *pointer), (), span


def _referent(
    cursor: Cursor,
    declared: Collection[str],
    make: Callable[[str, Pointer | None, Trail], _Named],
    what: str,
) -> _Named:
    """A name and what leads on from it: the longest declared name that makes sense, else ``identifier``."""
    start, noted = cursor.at, len(cursor.notes)
    failure: ExpressionSyntaxError | None = None
    for name in _declared(cursor, declared):
        cursor.at = start + len(name)
        try:
            return _named(cursor, name, make)
        except ExpressionSyntaxError as error:
            failure = failure or error
            cursor.at = start
            del cursor.notes[noted:]
    name = cursor.take(IDENTIFIER)
    if not name:
        raise failure or cursor.wrong(f"the name of {what} is missing")
    return _named(cursor, name, make)


def _named(cursor: Cursor, name: str, make: Callable[[str, Pointer | None, Trail], _Named]) -> _Named:
    if cursor.is_in_word():
        raise cursor.wrong("the name does not end here")
    pointer, trail, span = _read_tail(cursor)
    if not cursor.scanning:
        finish(cursor)
    expression = make(name, pointer, trail)
    if span[0] != span[1] and not cursor.operators:
        form = make(name, pointer if pointer is not None else tuple(map(str, trail)), ())
        note_navigation(cursor, span, form)
    return expression


def _declared(cursor: Cursor, names: Collection[str], offset: int = 0) -> list[str]:
    """Those of ``names`` that the text has here, the longest first."""
    at, room = cursor.at + offset, cursor.end - cursor.at - offset
    if isinstance(names, Mapping) and len(names) > room:
        # Of very many names it is quicker to ask for what the text could be than to look at each.
        beginnings = (cursor.text[at : at + length] for length in range(room, 0, -1))
        return [name for name in beginnings if name in names]
    found = [name for name in names if name and len(name) <= room and cursor.text.startswith(name, at)]
    return sorted(found, key=len, reverse=True)
