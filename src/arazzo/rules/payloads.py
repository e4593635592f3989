"""Rules about what a request body holds, with its replacements made (Request Body Object)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Final

from msgspec.structs import replace

from arazzo.descriptions.openapi.bodies import choose_content_type, media_type_of
from arazzo.descriptions.openapi.model import MediaType, Operation
from arazzo.descriptions.openapi.references import BrokenReference, identity
from arazzo.diagnostics import Diagnostic, Guesses
from arazzo.document.model import ExpressionType
from arazzo.expression.template import Embedded, Literal, Template, Text
from arazzo.patterns import pattern
from arazzo.plan.inputs import looks_like_credential
from arazzo.plan.model import BodyPlan, OperationCall, ReplacementPlan
from arazzo.query.errors import QuerySyntaxError
from arazzo.query.pointer import parse_pointer, print_pointer
from arazzo.query.singular import plain_path
from arazzo.rules import codes
from arazzo.rules.compat import Misfit, is_doubtful, misfits
from arazzo.rules.examples import examples_of, lack, show
from arazzo.rules.feeds import is_on_purpose, named, told
from arazzo.rules.infer import Here, Inference, Missing, is_json, walk
from arazzo.rules.json_texts import read_inside, span_outside
from arazzo.rules.rule import Subject
from arazzo.rules.schemas import describe
from arazzo.rules.shapes import TEXT, UNKNOWN, Constant, ListOf, ObjectOf, Shape, any_of
from arazzo.source import Node, Path
from arazzo.values import Value

_OPEN, _CLOSE = "\ue000", "\ue001"
"""What stands round the number of an expression in a JSON text while the text is read."""


def body_values(subject: Subject) -> Iterator[Diagnostic]:
    """A field that the body's schema requires and does not get, or that it does not have or allow."""
    for here, call in subject.calls():
        body = call.body
        if body is None or (body.payload is None and not body.replacements) or is_on_purpose(here):
            continue
        media, as_text = _media(call, body)
        if media is None:
            continue
        wanted = describe(media.schema, media.resolver)
        places = [_place(replacement) for replacement in body.replacements]
        given = _given(subject.shapes, body, places, here)
        node = body.at.get("payload") or body.at
        target = f"the body of {named(call.operation)}"
        for misfit in misfits(given, wanted, as_text=as_text):
            if misfit.path in places or _doubtful(misfit, media, call.operation):
                continue
            if not is_doubtful(misfit, wanted, examples_of(media), as_text=as_text):
                yield _told(misfit, given, node, body, target, subject.shapes.guesses)
        for replacement, place in zip(body.replacements, places, strict=True):
            yield from _replaced(subject.shapes, here, call, (media, as_text), wanted, (replacement, place))


def _told(
    misfit: Misfit, given: Shape, node: Node, body: BodyPlan, target: str, guesses: Guesses
) -> Diagnostic:
    """What is wrong with a part of the body, at its own place, also where that is inside a JSON text."""
    of_whole = misfit.kind == "missing" and len(misfit.path) == 1
    inside = read_inside(node, body.payload) if misfit.path and not of_whole else None
    if inside is None:
        return told(misfit, given, node, target, None, guesses)
    found = told(misfit, given, inside, target, None, guesses)
    return replace(found, span=span_outside(found.span, node))


def _replaced(
    shapes: Inference,
    here: Here,
    call: OperationCall,
    sent_as: tuple[MediaType, bool],
    whole: Shape,
    replaced: tuple[ReplacementPlan, Path | None],
) -> Iterator[Diagnostic]:
    """What is wrong with what one replacement sets."""
    (media, as_text), (replacement, place) = sent_as, replaced
    if place is None:
        return
    target = f"the body of {named(call.operation)}"
    wanted = walk(whole, place)
    if isinstance(wanted, Missing):
        name = str(place[-1])
        misfit = Misfit("undeclared", place, name, True, wanted.nowhere.known)
        if wanted.depth == len(place) - 1 and not _doubtful(misfit, media, call.operation):
            parent = f" at {print_pointer(place[:-1])}" if len(place) > 1 else ""
            node = replacement.at.get("target") or replacement.at
            hint = shapes.guesses.suggest(name, wanted.nowhere.known, "it has")
            yield codes.FIELD_UNDECLARED.at(node.span(), f"{target} has no field {name!r}{parent}", hint)
        return
    given = shapes.of_template(replacement.value, here)
    node = replacement.at.get("value") or replacement.at
    for misfit in misfits(given, wanted, as_text=as_text):
        there = replace(misfit, path=(*place, *misfit.path))
        if not _doubtful(there, media, call.operation) and not is_doubtful(
            there, whole, examples_of(media), as_text=as_text
        ):
            inside = f"{print_pointer(place)} of {target}" if place else target
            yield told(misfit, given, node, inside, None, shapes.guesses)


def replacements_without_a_place(subject: Subject) -> Iterator[Diagnostic]:
    """A replacement deep in what the payload does not have: the step fails before it is sent."""
    for here, call in subject.calls():
        body = call.body
        if body is None or not body.replacements or not _media(call, body)[0] or _media(call, body)[1]:
            continue
        given = _payload(subject.shapes, body.payload, here) if body.payload is not None else ObjectOf({})
        for replacement in body.replacements:
            place = _place(replacement)
            found = walk(given, place[:-1]) if place else UNKNOWN
            if isinstance(found, Missing) and place is not None:
                parent = print_pointer(place[: found.depth + 1])
                node = replacement.at.get("target") or replacement.at
                message = f"the payload has no {parent}, so nothing can be set at {print_pointer(place)}"
                yield codes.TARGET_MISSING.at(
                    node.span(), message, f"add {parent} to the payload, or replace it as a whole"
                )
                given = UNKNOWN
            given = _put(given, place, UNKNOWN)


def _doubtful(misfit: Misfit, media: MediaType, operation: Operation) -> bool:
    """Whether the description itself gives reason to doubt it: an example, or a credential sent in the body."""
    if misfit.kind == "missing":
        return lack([media], misfit.path) or _is_the_providers(str(misfit.path[-1]), media, operation)
    if misfit.kind == "undeclared":
        credential = bool(operation.security) and looks_like_credential(misfit.detail)
        return credential or show([media], misfit.path)
    return False


_PROVIDERS: Final = pattern(r"(?i)_?(?:id|etag|self|href|links|(?:creat|updat|modif)\w*)")


def _is_the_providers(name: str, media: MediaType, operation: Operation) -> bool:
    """Whether a field is one that providers give (``etag``), in a schema that describes the response just as well.

    What such a schema requires is then what the response has.
    """
    if _PROVIDERS.fullmatch(name) is None or media.schema is None:
        return False
    wanted = _identity(media)
    given = (
        other
        for status, response in operation.responses.items()
        if status.startswith("2")
        for other in response.content.values()
    )
    return any(_identity(other) == wanted for other in given)


def _identity(media: MediaType) -> tuple[int, Path] | None:
    """Which schema a media type has in the end."""
    if media.schema is None or media.resolver is None:
        return None
    try:
        return identity(media.resolver.follow(media.schema))
    except BrokenReference:
        return None


def _media(call: OperationCall, body: BodyPlan) -> tuple[MediaType | None, bool]:
    """What the operation says about the body as it is sent, and whether its parts travel as text."""
    content_type = choose_content_type(body.content_type, call.operation.request_body)
    if content_type is None:
        return None, True
    return media_type_of(content_type, call.operation.request_body), not is_json(content_type)


# --- the body as it will be sent


def _place(replacement: ReplacementPlan) -> Path | None:
    """Where a replacement goes, if that is one place whatever the payload is."""
    kind = replacement.kind.type if isinstance(replacement.kind, ExpressionType) else replacement.kind
    try:
        if kind == "jsonpath" or (kind is None and replacement.target.startswith("$")):
            return plain_path(replacement.target)
        return parse_pointer(replacement.target) if kind in (None, "jsonpointer") else None
    except QuerySyntaxError:
        return None


def _given(shapes: Inference, body: BodyPlan, places: Sequence[Path | None], here: Here) -> Shape:
    """The shape of a body; what replacements set in it is there, and looked at on its own."""
    given = _payload(shapes, body.payload, here) if body.payload is not None else ObjectOf({})
    for place in places:
        given = _put(given, place, UNKNOWN)
    return given


def _put(given: Shape, place: Path | None, new: Shape) -> Shape:
    """``given`` with ``new`` at ``place``; where that is not known, nothing is known of the whole."""
    if place is None:
        return UNKNOWN
    if not place:
        return new
    match given:
        case ObjectOf(members):
            own = dict(members)
        case Constant(dict() as value):
            own = {name: Constant(member) for name, member in value.items()}
        case _:
            return UNKNOWN
    name = str(place[0])
    if name not in own and len(place) > 1:
        return given
    return ObjectOf({**own, name: _put(own.get(name, UNKNOWN), place[1:], new)})


def _payload(shapes: Inference, payload: Template, here: Here) -> Shape:
    """The shape of a payload; a text is what it says as JSON."""
    match payload:
        case Text(parts):
            return _of_text(shapes, parts, here)
        case Literal(str() as text):
            try:
                return Constant(json.loads(text))
            except (ValueError, RecursionError):
                return UNKNOWN
        case _:
            return shapes.of_template(payload, here)


def _of_text(shapes: Inference, parts: Sequence[str | Embedded], here: Here) -> Shape:
    """The shape of a JSON text with expressions in it: inside its strings they are text, elsewhere values."""
    if any(_OPEN in part for part in parts if isinstance(part, str)):
        return UNKNOWN
    written = []
    for number, part in enumerate(parts):
        mark = f"{_OPEN}{number}{_CLOSE}"
        if isinstance(part, str):
            written.append(part)
        else:
            written.append(mark if part.in_string else json.dumps(mark))
    try:
        value: Value = json.loads("".join(written))
    except (ValueError, RecursionError):
        return UNKNOWN
    whole = {
        f"{_OPEN}{number}{_CLOSE}": shapes.of(part.expression, here)
        for number, part in enumerate(parts)
        if isinstance(part, Embedded) and not part.in_string
    }
    return _with_values(value, whole)


def _with_values(value: Value, whole: dict[str, Shape]) -> Shape:
    match value:
        case dict():
            if any(_OPEN in name for name in value):
                return UNKNOWN
            return ObjectOf({name: _with_values(member, whole) for name, member in value.items()})
        case list() if value:
            return ListOf(any_of(_with_values(element, whole) for element in value))
        case str() if _OPEN in value:
            return whole.get(value, TEXT)
        case _:
            return Constant(value)
