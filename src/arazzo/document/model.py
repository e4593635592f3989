"""One frozen struct for each object of the specification's "Schema" chapter, in its order and with its names.

A model says what the author wrote and nothing more: no reference is followed, no expression read. ``at`` is the
node an object was read from, so that whoever finds something wrong with it can say where. A required field that
was missing or of the wrong type holds its type's empty value; the reader has reported it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Final, Literal, TypeAlias

from msgspec import Struct, field

from arazzo.diagnostics import Diagnostic
from arazzo.source import Node
from arazzo.values import Value

Extensions: TypeAlias = Mapping[str, Value]


class Info(Struct, frozen=True):
    """Info Object."""

    at: Node
    title: str
    version: str
    summary: str | None = None
    description: str | None = None
    extensions: Extensions = field(default_factory=dict)


class SourceDescription(Struct, frozen=True):
    """Source Description Object. ``type`` is None when the author left it out; the source itself then tells."""

    at: Node
    name: str
    url: str
    type: Literal["openapi", "asyncapi", "arazzo"] | None = None
    extensions: Extensions = field(default_factory=dict)


RFC9535: Final = "rfc9535"
GOESSNER: Final = "draft-goessner-dispatch-jsonpath-00"
XPATH_10: Final = "xpath-10"
VERSIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "jsonpath": (RFC9535, GOESSNER),
    "xpath": ("xpath-31", "xpath-30", "xpath-20", XPATH_10),
    "jsonpointer": ("rfc6901",),
}
"""The languages of queries and their versions; the first is meant where none is named (Expression Type Object)."""


class ExpressionType(Struct, frozen=True):
    """Expression Type Object."""

    at: Node
    type: str
    version: str
    extensions: Extensions = field(default_factory=dict)


class Criterion(Struct, frozen=True):
    """Criterion Object. ``type`` None means ``simple``."""

    at: Node
    condition: str
    context: str | None = None
    type: str | ExpressionType | None = None
    extensions: Extensions = field(default_factory=dict)


class Reusable(Struct, frozen=True):
    """Reusable Object. ``value`` is None when there is none; a node that holds null when the author wrote null."""

    at: Node
    reference: str
    value: Node | None = None


class Parameter(Struct, frozen=True):
    """Parameter Object. ``value`` is a constant, an expression, a template or a Selector Object, not yet read."""

    at: Node
    name: str
    value: Node
    in_: str | None = None
    extensions: Extensions = field(default_factory=dict)


class SuccessAction(Struct, frozen=True):
    """Success Action Object. ``type`` may be ``retry``, a kindness; it then takes the two retry fields as well."""

    at: Node
    name: str
    type: Literal["end", "goto", "retry"]
    workflow_id: str | None = None
    step_id: str | None = None
    parameters: tuple[Parameter | Reusable, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    retry_after: float | None = None
    """Seconds."""
    retry_limit: int | None = None
    extensions: Extensions = field(default_factory=dict)


class FailureAction(Struct, frozen=True):
    """Failure Action Object."""

    at: Node
    name: str
    type: Literal["end", "retry", "goto"]
    workflow_id: str | None = None
    step_id: str | None = None
    parameters: tuple[Parameter | Reusable, ...] = ()
    retry_after: float | None = None
    """Seconds."""
    retry_limit: int | None = None
    criteria: tuple[Criterion, ...] = ()
    extensions: Extensions = field(default_factory=dict)


class PayloadReplacement(Struct, frozen=True):
    """Payload Replacement Object."""

    at: Node
    target: str
    value: Node
    target_selector_type: str | ExpressionType | None = None
    extensions: Extensions = field(default_factory=dict)


class RequestBody(Struct, frozen=True):
    """Request Body Object. ``payload`` is None when there is none, a node that holds null when null was written."""

    at: Node
    content_type: str | None = None
    payload: Node | None = None
    replacements: tuple[PayloadReplacement, ...] = ()
    extensions: Extensions = field(default_factory=dict)


class Step(Struct, frozen=True):
    """Step Object."""

    at: Node
    step_id: str
    description: str | None = None
    operation_id: str | None = None
    operation_path: str | None = None
    channel_path: str | None = None
    workflow_id: str | None = None
    parameters: tuple[Parameter | Reusable, ...] = ()
    request_body: RequestBody | None = None
    success_criteria: tuple[Criterion, ...] = ()
    on_success: tuple[SuccessAction | Reusable, ...] = ()
    on_failure: tuple[FailureAction | Reusable, ...] = ()
    outputs: Mapping[str, Node] = field(default_factory=dict)
    timeout: int | None = None
    """Milliseconds."""
    correlation_id: str | None = None
    action: Literal["send", "receive"] | None = None
    depends_on: tuple[str, ...] = ()
    extensions: Extensions = field(default_factory=dict)


class Workflow(Struct, frozen=True):
    """Workflow Object. ``inputs`` is a JSON Schema (2020-12), as written."""

    at: Node
    workflow_id: str
    steps: tuple[Step, ...]
    summary: str | None = None
    description: str | None = None
    inputs: Node | None = None
    depends_on: tuple[str, ...] = ()
    success_actions: tuple[SuccessAction | Reusable, ...] = ()
    failure_actions: tuple[FailureAction | Reusable, ...] = ()
    outputs: Mapping[str, Node] = field(default_factory=dict)
    parameters: tuple[Parameter | Reusable, ...] = ()
    extensions: Extensions = field(default_factory=dict)


class Components(Struct, frozen=True):
    """Components Object."""

    at: Node
    inputs: Mapping[str, Node] = field(default_factory=dict)
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    success_actions: Mapping[str, SuccessAction] = field(default_factory=dict)
    failure_actions: Mapping[str, FailureAction] = field(default_factory=dict)
    extensions: Extensions = field(default_factory=dict)


class Document(Struct, frozen=True, dict=True):
    """Arazzo Specification Object: the root of one Arazzo document.

    ``uri`` is where the text came from, absolute; ``minor`` the version's second number (0 or 1), which
    decides the feature set; ``diagnostics`` the structural findings, in the order of the text.
    """

    at: Node
    uri: str
    arazzo: str
    minor: int
    info: Info
    source_descriptions: tuple[SourceDescription, ...]
    workflows: tuple[Workflow, ...]
    components: Components
    self_uri: str | None = None
    extensions: Extensions = field(default_factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()

    @cached_property
    def workflows_by_id(self) -> Mapping[str, Workflow]:
        """The workflows by their id; the first one, where several have the same."""
        return {workflow.workflow_id: workflow for workflow in reversed(self.workflows)}

    @property
    def file(self) -> str:
        """How people know this document: the path or URL they gave."""
        return self.at.tree.file
