"""The runtime expressions of the specification as data, one class for each alternative of its ABNF.

``span`` is the stretch of the text an expression was read from, as (start, end) offsets. ``pointer`` holds the
unescaped reference tokens of a JSON Pointer after ``#``; None means that there was no ``#`` at all. ``trail`` is
navigation with ``.name`` and ``[0]`` after the grammar's own part: an operator in conditions, a kindness
elsewhere.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

from arazzo.records import Record

Span: TypeAlias = tuple[int, int]
Pointer: TypeAlias = tuple[str, ...]
Trail: TypeAlias = "tuple[str | int, ...]"

_NOWHERE: Span = (0, 0)


class Placed(Record, frozen=True):
    """What was read from a text: two are equal wherever each of them stands."""

    aside = ("span",)


class Url(Placed, frozen=True):
    """``$url``"""

    span: Span = _NOWHERE


class Method(Placed, frozen=True):
    """``$method``"""

    span: Span = _NOWHERE


class StatusCode(Placed, frozen=True):
    """``$statusCode``"""

    span: Span = _NOWHERE


class SelfUri(Placed, frozen=True):
    """``$self``"""

    span: Span = _NOWHERE


class HeaderSource(Struct, frozen=True):
    """``header-reference = "header." token``; the token compares without case."""

    name: str


class QuerySource(Struct, frozen=True):
    """``query-reference = "query." name``"""

    name: str


class PathSource(Struct, frozen=True):
    """``path-reference = "path." name``"""

    name: str


class BodySource(Struct, frozen=True):
    """``body-reference = "body" ["#" json-pointer ]``"""

    pointer: Pointer | None = None
    trail: Trail = ()


class PayloadSource(Struct, frozen=True):
    """``payload-reference = "payload" ["#" json-pointer ]``"""

    pointer: Pointer | None = None
    trail: Trail = ()


Source: TypeAlias = HeaderSource | QuerySource | PathSource | BodySource | PayloadSource


class MessagePart(Placed, frozen=True):
    """``"$request." source``, ``"$response." source`` and ``"$message." source``."""

    message: Literal["request", "response", "message"]
    source: Source
    span: Span = _NOWHERE


class AllInputs(Placed, frozen=True):
    """``$inputs`` without a name: every input as one object. Outside the grammar, a kindness."""

    span: Span = _NOWHERE


class InputReference(Placed, frozen=True):
    """``"$inputs." inputs-reference``"""

    name: str
    pointer: Pointer | None = None
    trail: Trail = ()
    span: Span = _NOWHERE


class OutputReference(Placed, frozen=True):
    """``"$outputs." outputs-reference``"""

    name: str
    pointer: Pointer | None = None
    trail: Trail = ()
    span: Span = _NOWHERE


class StepReference(Placed, frozen=True):
    """``"$steps." step-id ".outputs." output-name [ "#" json-pointer ]``"""

    step_id: str
    name: str
    pointer: Pointer | None = None
    trail: Trail = ()
    span: Span = _NOWHERE


class WorkflowReference(Placed, frozen=True):
    """``"$workflows." workflow-id "." ("inputs" / "outputs") "." name [ "#" json-pointer ]``"""

    workflow_id: str
    member: Literal["inputs", "outputs"]
    name: str
    pointer: Pointer | None = None
    trail: Trail = ()
    span: Span = _NOWHERE


class SourceReference(Placed, frozen=True):
    """``"$sourceDescriptions." source-name "." source-reference-id``"""

    source_name: str
    reference: str
    span: Span = _NOWHERE


class ComponentReference(Placed, frozen=True):
    """``"$components." component-type "." component-name``"""

    type: Literal["parameters", "successActions", "failureActions"]
    name: str
    span: Span = _NOWHERE


Expression: TypeAlias = (
    Url
    | Method
    | StatusCode
    | SelfUri
    | MessagePart
    | AllInputs
    | InputReference
    | OutputReference
    | StepReference
    | WorkflowReference
    | SourceReference
    | ComponentReference
)
