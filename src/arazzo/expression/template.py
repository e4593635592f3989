"""A value of the document that may hold runtime expressions -> a template -> a value.

A text that is an expression keeps the referent's type; an expression in braces inside text makes text; anything
else is data, and so is a text that merely starts with a dollar sign. Mapping keys are never evaluated. A value
without expressions is one constant. What ``render`` returns may share parts with the document and with the scope:
nobody changes it in place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from arazzo import codes
from arazzo.diagnostics import Findings, Mend, Severity, Span
from arazzo.expression.evaluate import evaluate
from arazzo.expression.faults import complain
from arazzo.expression.lexis import ExpressionSyntaxError, Note, Notes
from arazzo.expression.nodes import (
    Expression,
    InputReference,
    OutputReference,
    StepReference,
    WorkflowReference,
)
from arazzo.expression.parse import parse_expression
from arazzo.expression.scope import Names, Scope
from arazzo.patterns import pattern
from arazzo.records import Record
from arazzo.source import Node
from arazzo.values import UNDEFINED, Maybe, Value, to_json, to_text

Escape: TypeAlias = Callable[[str, bool], str]
"""Changes a substituted text; the flag says whether it stands inside a JSON string literal."""


class Literal(Struct, frozen=True):
    """A constant."""

    value: Value


class ExpressionValue(Record, frozen=True):
    """A whole text that is one expression: its value, with its type. ``node`` is the text it was read from."""

    aside = ("node",)

    expression: Expression
    node: Node | None = None


class Embedded(Struct, frozen=True):
    """An expression inside text. ``in_string`` says whether the text before it opens a JSON string literal."""

    expression: Expression
    in_string: bool = False


class Text(Record, frozen=True):
    """Text with expressions in it."""

    aside = ("node",)

    parts: tuple[str | Embedded, ...]
    node: Node | None = None


class ListOf(Struct, frozen=True):
    """An array with templates in it; elements that are UNDEFINED are left out."""

    items: tuple[Template, ...]


class MappingOf(Struct, frozen=True):
    """An object with templates in it; members that are UNDEFINED are left out."""

    members: tuple[tuple[str, Template], ...]


class Selected(Record, frozen=True):
    """A Selector Object: ``select`` picks from the value of ``context``, which is neither null nor UNDEFINED.

    It returns UNDEFINED for what cannot be had, and never raises. ``embedded`` are the expressions in the selector;
    ``path`` is where it leads, when it always leads to one place.
    """

    aside = ("select",)

    context: ExpressionValue
    embedded: tuple[ExpressionValue, ...]
    select: Callable[[Value, Scope], Maybe]
    path: tuple[str | int, ...] | None = None


Template: TypeAlias = Literal | ExpressionValue | Text | ListOf | MappingOf | Selected

CompileSelector: TypeAlias = Callable[[Node, Names, Findings], Template]
"""Compiles a Selector Object; the room that knows the query languages is below this one."""

EXACT_PLACES: Final = 20
"""Findings in one text that are reported, and expressions of it that are placed exactly: finding a place takes time."""

_BRACES: Final = pattern(r"\{(\$[^{}]*)\}")
_GOES_ON: Final = pattern(r"[\[#]|\.\w")
"""What follows a name when an expression was meant to go on, and not text."""
_NAME: Final = pattern(r"[\w\-]+(?:\.[\w\-]+)*")
_SELECTOR_KEYS: Final = {"context", "selector", "type"}


def compile_value(
    node: Node, names: Names, findings: Findings, *, selectors: CompileSelector | None = None
) -> Template:
    """Compile a parameter's value, a payload, an output or a replacement's value.

    What is wrong with an expression goes to ``findings`` with its exact place, and so does every kindness; a text
    whose expression cannot be read is left as it is. ``selectors`` None means that Selector Objects are data here.
    """
    value = node.value
    if isinstance(value, str):
        return compile_text(node, names, findings)
    if isinstance(value, list):
        items: list[Template] = []
        for element in node.elements():
            items.append(compile_value(element, names, findings, selectors=selectors))  # noqa: PERF401
        return (
            ListOf(tuple(items)) if any(not isinstance(item, Literal) for item in items) else Literal(value)
        )
    if isinstance(value, dict):
        context = value.get("context")
        is_selector = value.keys() == _SELECTOR_KEYS and isinstance(context, str) and context.startswith("$")
        if selectors is not None and is_selector:
            return selectors(node, names, findings)
        members: list[tuple[str, Template]] = []
        for key, member in node.items():
            members.append((key, compile_value(member, names, findings, selectors=selectors)))
        if any(not isinstance(member, Literal) for _, member in members):
            return MappingOf(tuple(members))
    return Literal(value)


def compile_text(node: Node, names: Names, findings: Findings) -> Template:
    """Compile a text: a whole expression, text with expressions in it, or a constant."""
    text = node.value
    if not isinstance(text, str) or "$" not in text:
        return Literal(text)
    failure: ExpressionSyntaxError | None = None
    if text[0] == "$":
        notes = Notes()
        try:
            expression = parse_expression(text, names, notes)
        except ExpressionSyntaxError as error:
            failure = error
        else:
            if (fault := _operator_in(node, expression)) is not None:
                report([fault], node, findings)
                return Literal(text)
            if not _is_sentence(expression, names):
                report(_with_mend(notes.found, expression, names, node), node, findings)
                return ExpressionValue(expression, node)
        if failure is not None and (fault := _operator_in(node, None)) is not None:
            report([fault], node, findings)
            return Literal(text)
    scratch = Findings()
    found = find_embedded(node, names, scratch, unbraced_too=True)
    if failure is not None and found and found[0][1] == 0 and _GOES_ON.match(text, found[0][2]):
        found = []
    else:
        findings.extend(scratch)
    if failure is not None and not (found and found[0][1] == 0):
        faults = Notes()
        complain(failure, text, 0, faults)
        report(faults.found, node, findings)
    return Text(_parts(text, found), node) if found else Literal(text)


def _operator_in(node: Node, expression: Expression | None) -> Note | None:
    if not _OPERATOR.search(node.value if isinstance(node.value, str) else ""):
        return None
    from arazzo.expression.operators import with_operator  # here: most expressions stand alone

    return with_operator(node, expression)


_OPERATOR: Final = pattern(
    r"[=!<>]=|&&|\|\||[ \t\r\n][?<>+*/%-]+[ \t\r\n]", among=("=", "&&", "||", " ", "\t", "\r", "\n")
)


def _with_mend(notes: list[Note], expression: Expression, names: Names, node: Node) -> list[Note]:
    if not notes:
        return notes
    if names.sender is not None and isinstance(expression, StepReference) and "steps" not in node.path:
        return notes  # Several steps share the text, and `$outputs` in it may mean other outputs in each.
    from arazzo.expression.straight import straightened  # here: most expressions are as the grammar has them

    return straightened(notes, expression, names)


def find_embedded(
    node: Node, names: Names, findings: Findings, *, unbraced_too: bool = False
) -> list[tuple[Expression, int, int]]:
    """The expressions embedded in the text of ``node``, each with where it begins and ends, braces included.

    ``{$…}`` that is no expression stays text; one that begins as an expression does and is malformed is an error.
    ``unbraced_too`` also finds expressions that lack their braces and name something declared.
    """
    text = node.value if isinstance(node.value, str) else ""
    found: list[tuple[Expression, int, int]] = []
    notes, faults = Notes(), Notes()
    at = 0
    for match in _BRACES.finditer(text):
        if unbraced_too:
            found.extend(_without_braces(text, at, match.start(), names, notes))
        at = match.end()
        own = Notes()
        try:
            expression = parse_expression(text, names, own, start=match.start(1), end=match.end(1))
        except ExpressionSyntaxError as error:
            complain(error, text, match.start(1), faults)
        else:
            notes.found.extend(_with_mend(own.found, expression, names, node))
            found.append((expression, match.start(), match.end()))
    if unbraced_too:
        found.extend(_without_braces(text, at, len(text), names, notes))
    report(faults.found, node, findings)
    report(notes.found, node, findings)
    return found


def render(template: Template, scope: Scope, *, escape: Escape | None = None) -> Maybe:
    """The value of ``template`` in ``scope``; UNDEFINED when it is an expression, or text with one, that has none.

    Members and elements that are UNDEFINED are left out, an explicit null stays (specification, "Runtime
    Expressions": what is embedded in text is converted to it). ``escape`` is applied to every substituted text.
    """
    match template:
        case Literal(value):
            return value
        case ExpressionValue(expression):
            return evaluate(expression, scope)
        case Text(parts):
            return _render_text(parts, scope, escape)
        case ListOf(items):
            rendered = [render(item, scope, escape=escape) for item in items]
            return [item for item in rendered if item is not UNDEFINED]
        case MappingOf(members):
            result: dict[str, Value] = {}
            for key, member in members:
                given = render(member, scope, escape=escape)
                if given is not UNDEFINED:
                    result[key] = given
            return result
        case Selected(context, _, select):
            chosen = evaluate(context.expression, scope)
            return UNDEFINED if chosen is UNDEFINED or chosen is None else select(chosen, scope)


def escape_json(text: str, in_string: bool) -> str:
    """An ``Escape`` that keeps a JSON payload JSON: what stands inside a string literal is escaped for it."""
    return to_json(text)[1:-1] if in_string else text


def expressions(template: Template) -> Iterator[tuple[Expression, Span | None]]:
    """Every expression of ``template``, in the order of the document, with its place."""
    waiting: list[Template] = [template]
    while waiting:
        match waiting.pop():
            case ExpressionValue(expression, node):
                yield from places((expression,), node)
            case Text(parts, node):
                yield from places((part.expression for part in parts if isinstance(part, Embedded)), node)
            case ListOf(items):
                waiting.extend(reversed(items))
            case MappingOf(members):
                waiting.extend(member for _, member in reversed(members))
            case Selected(context, embedded):
                waiting.extend((*reversed(embedded), context))
            case Literal():
                pass


def report(notes: list[Note], node: Node, findings: Findings) -> None:
    """Add what there is to report about the text of ``node`` to ``findings``; of very much, the errors first."""
    if len(notes) > EXACT_PLACES:
        notes = sorted(notes, key=lambda note: note.code.severity is not Severity.ERROR)
    for note in notes[:EXACT_PLACES]:
        finding = note.code.at(node.text_span(note.start, note.end), note.message, note.hint)
        if note.mend is not None:
            finding = replace(finding, mend=Mend(node.path, note.start, note.end, note.mend))
        findings.add(finding)


def places(found: Iterable[Expression], node: Node | None) -> Iterator[tuple[Expression, Span | None]]:
    """Expressions read from the text of ``node``, with their places: the first exactly, any more by the whole text."""
    for index, expression in enumerate(found):
        if node is None:
            yield expression, None
        else:
            yield expression, node.text_span(*expression.span) if index < EXACT_PLACES else node.span()


def _render_text(parts: tuple[str | Embedded, ...], scope: Scope, escape: Escape | None) -> Maybe:
    pieces: list[str] = []
    for part in parts:
        if isinstance(part, str):
            pieces.append(part)
            continue
        value = evaluate(part.expression, scope)
        if value is UNDEFINED:
            return UNDEFINED
        try:
            text = to_text(value)
        except RecursionError:
            # Deeper than JSON can be written: there is no text for it.
            return UNDEFINED
        pieces.append(escape(text, part.in_string) if escape else text)
    return "".join(pieces)


def _parts(text: str, found: list[tuple[Expression, int, int]]) -> tuple[str | Embedded, ...]:
    """``text`` cut at the expressions, each knowing whether it stands inside a JSON string literal."""
    parts: list[str | Embedded] = []
    at, in_string = 0, False
    for expression, start, end in found:
        constant = text[at:start]
        if constant:
            parts.append(constant)
        in_string = _in_string(constant, in_string)
        parts.append(Embedded(expression, in_string))
        at = end
    if at < len(text):
        parts.append(text[at:])
    return tuple(parts)


_QUOTE_OR_ESCAPE: Final = pattern(r'"|\\.', re.DOTALL)


def _in_string(constant: str, before: bool) -> bool:
    """Whether a JSON string literal is open behind ``constant``, given whether one was open before it."""
    inside = before
    for match in _QUOTE_OR_ESCAPE.finditer(constant):
        if match[0] == '"':
            inside = not inside
    return inside


def _without_braces(
    text: str, start: int, end: int, names: Names, notes: Notes
) -> Iterator[tuple[Expression, int, int]]:
    if text.find("$", start, end) < 0:
        return
    from arazzo.expression.unbraced import unbraced

    for expression, at, stop in unbraced(text, start, end, names):
        shown = text[at:stop]
        if expression is not None:
            message = f"`{shown}` is substituted, although only an expression in braces is one inside text"
            first, last = _half_braced(text, at, stop)
            notes.add(codes.UNBRACED_EXPRESSION, first, last, message, f"write `{{{shown}}}`", f"{{{shown}}}")
            yield expression, at, stop
        elif at > 0:
            match = _NAME.match(text, stop)
            stop = match.end() if match is not None else stop
            name = text[at + len(shown) : stop]
            message = f"`{shown}{name}` names nothing that is declared here and stays text"
            guess = names.guesses.suggest
            hint = guess(name, names.inputs, "the inputs are") if shown == "$inputs." else None
            notes.add(codes.NEAR_EXPRESSION, at, stop, message, hint)


def _half_braced(text: str, start: int, end: int) -> tuple[int, int]:
    """``start`` and ``end`` of an expression, with the brace before it, and one behind it, that blanks set apart."""
    before = text[:start].rstrip(" ")
    if not before.endswith("{"):
        return start, end
    behind = text[end:].lstrip(" ")
    return len(before) - 1, len(text) - len(behind) + 1 if behind.startswith("}") else end


def _is_sentence(expression: Expression, names: Names) -> bool:
    """Whether an expression was read from text with a final full stop, which the grammar takes into a name."""
    match expression:
        case InputReference(name, None, ()):
            declared = names.inputs
        case OutputReference(name, None, ()):
            declared = names.outputs
        case StepReference(step_id, name, None, ()):
            declared = names.steps.get(step_id) or ()
        case WorkflowReference(workflow_id, member, name, None, ()):
            workflow = names.workflows.get(workflow_id)
            declared = () if workflow is None else getattr(workflow, member)
        case _:
            return False
    return name.endswith(".") and name not in declared and name.rstrip(".") in declared
