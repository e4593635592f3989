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


class Url(Record, frozen=True):
    """``$url``"""

    aside = ("span",)

    span: Span = _NOWHERE


class Method(Record, frozen=True):
    """``$method``"""

    aside = ("span",)

    span: Span = _NOWHERE


class StatusCode(Record, frozen=True):
    """``$statusCode``"""

    aside = ("span",)

    span: Span = _NOWHERE


class SelfUri(Record, frozen=True):
    """``$self``"""

    aside = ("span",)

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


class MessagePart(Record, frozen=True):
    """``"$request." source``, ``"$response." source`` and ``"$message." source``."""

    aside = ("span",)

    message: Literal["request", "response", "message"]
    source: Source
    span: Span = _NOWHERE


class AllInputs(Record, frozen=True):
    """``$inputs`` without a name: every input as one object. Outside the grammar, a kindness."""

    aside = ("span",)

    span: Span = _NOWHERE


class InputReference(Record, frozen=True):
    """``"$inputs." inputs-reference``"""

    aside = ("span",)

    name: str
    pointer: Pointer | None = None
    trail: Trail = ()
    span: Span = _NOWHERE


class OutputReference(Record, frozen=True):
    """``"$outputs." outputs-reference``"""

    aside = ("span",)

    name: str
    pointer: Pointer | None = None
    trail: Trail = ()
    span: Span = _NOWHERE


class StepReference(Record, frozen=True):
    """``"$steps." step-id ".outputs." output-name [ "#" json-pointer ]``"""

    aside = ("span",)

    step_id: str
    name: str
    pointer: Pointer | None = None
    trail: Trail = ()
    span: Span = _NOWHERE


class WorkflowReference(Record, frozen=True):
    """``"$workflows." workflow-id "." ("inputs" / "outputs") "." name [ "#" json-pointer ]``"""

    aside = ("span",)

    workflow_id: str
    member: Literal["inputs", "outputs"]
    name: str
    pointer: Pointer | None = None
    trail: Trail = ()
    span: Span = _NOWHERE


class SourceReference(Record, frozen=True):
    """``"$sourceDescriptions." source-name "." source-reference-id``"""

    aside = ("span",)

    source_name: str
    reference: str
    span: Span = _NOWHERE


class ComponentReference(Record, frozen=True):
    """``"$components." component-type "." component-name``"""

    aside = ("span",)

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
