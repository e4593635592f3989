"""The runtime expressions of the specification as data, one class for each alternative of its ABNF.

``span`` is the stretch of the text an expression was read from, as (start, end) offsets. ``pointer`` holds the
unescaped reference tokens of a JSON Pointer after ``#``; None means that there was no ``#`` at all. ``trail`` is
navigation with ``.name`` and ``[0]`` after the grammar's own part: an operator in conditions, a kindness
elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Span: TypeAlias = tuple[int, int]
Pointer: TypeAlias = tuple[str, ...]
Trail: TypeAlias = "tuple[str | int, ...]"

_NOWHERE: Span = (0, 0)


@dataclass(frozen=True, slots=True)
class Url:
    """``$url``"""

    span: Span = field(default=_NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Method:
    """``$method``"""

    span: Span = field(default=_NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class StatusCode:
    """``$statusCode``"""

    span: Span = field(default=_NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class SelfUri:
    """``$self``"""

    span: Span = field(default=_NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class HeaderSource:
    """``header-reference = "header." token``; the token compares without case."""

    name: str


@dataclass(frozen=True, slots=True)
class QuerySource:
    """``query-reference = "query." name``"""

    name: str


@dataclass(frozen=True, slots=True)
class PathSource:
    """``path-reference = "path." name``"""

    name: str


@dataclass(frozen=True, slots=True)
class BodySource:
    """``body-reference = "body" ["#" json-pointer ]``"""

    pointer: Pointer | None = None
    trail: Trail = ()


@dataclass(frozen=True, slots=True)
class PayloadSource:
    """``payload-reference = "payload" ["#" json-pointer ]``"""

    pointer: Pointer | None = None
    trail: Trail = ()


Source: TypeAlias = HeaderSource | QuerySource | PathSource | BodySource | PayloadSource


@dataclass(frozen=True, slots=True)
class MessagePart:
    """``"$request." source``, ``"$response." source`` and ``"$message." source``."""

    message: Literal["request", "response", "message"]
    source: Source
    span: Span = field(default=_NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class AllInputs:
    """``$inputs`` without a name: every input as one object. Outside the grammar, a kindness."""

    span: Span = field(default=_NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class InputReference:
    """``"$inputs." inputs-reference``"""

    name: str
    pointer: Pointer | None = None
    trail: Trail = ()
    span: Span = field(default=_NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class OutputReference:
    """``"$outputs." outputs-reference``"""

    name: str
    pointer: Pointer | None = None
    trail: Trail = ()
    span: Span = field(default=_NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class StepReference:
    """``"$steps." step-id ".outputs." output-name [ "#" json-pointer ]``"""

    step_id: str
    name: str
    pointer: Pointer | None = None
    trail: Trail = ()
    span: Span = field(default=_NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class WorkflowReference:
    """``"$workflows." workflow-id "." ("inputs" / "outputs") "." name [ "#" json-pointer ]``"""

    workflow_id: str
    member: Literal["inputs", "outputs"]
    name: str
    pointer: Pointer | None = None
    trail: Trail = ()
    span: Span = field(default=_NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class SourceReference:
    """``"$sourceDescriptions." source-name "." source-reference-id``"""

    source_name: str
    reference: str
    span: Span = field(default=_NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class ComponentReference:
    """``"$components." component-type "." component-name``"""

    type: Literal["parameters", "successActions", "failureActions"]
    name: str
    span: Span = field(default=_NOWHERE, compare=False)


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
