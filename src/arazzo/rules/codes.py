"""What the rules find, under stable names; with what linking and running find, every code there is."""

from __future__ import annotations

from typing import Final

from arazzo import codes
from arazzo.diagnostics import Code, Severity

ERROR, WARNING, INFORMATION = Severity.ERROR, Severity.WARNING, Severity.INFORMATION

# --- data flow: what the API descriptions say about the values that go through a workflow
UNDOCUMENTED_FIELD: Final = Code(
    "undocumented-field",
    WARNING,
    "A field that the schema of its value does not list.",
    "runtime-expressions",
)
IMPOSSIBLE_FIELD: Final = Code(
    "impossible-field",
    ERROR,
    "A field that the schema of its value rules out.",
    "runtime-expressions",
    runnable=True,
)
TEXT_BODY: Final = Code(
    "text-body", WARNING, "A part of a response body that is text, as XML is.", "runtime-expressions"
)
MAYBE_UNSET: Final = Code(
    "maybe-unset",
    WARNING,
    "An output read where, on some path, its step has not run.",
    "step-dependencies-and-execution-order",
)
WRONG_ARGUMENT: Final = Code(
    "wrong-argument",
    ERROR,
    "A constant that the schema of what it is passed to does not allow.",
    "parameter-object",
    runnable=True,
)
WRONG_FORMAT: Final = Code(
    "wrong-format",
    WARNING,
    "A constant that is not written in the format that the schema of what it is passed to names.",
    "parameter-object",
)
TYPE_MISMATCH: Final = Code(
    "type-mismatch", WARNING, "A value of a type that what it is passed to does not take.", "parameter-object"
)
VALUE_MISMATCH: Final = Code(
    "value-mismatch",
    WARNING,
    "A value none of whose possibilities is allowed where it is passed.",
    "parameter-object",
)
PARAMETER_MISSING: Final = Code(
    "parameter-missing",
    ERROR,
    "A required parameter that nothing supplies; the step fails before it is sent.",
    "parameter-object",
    runnable=True,
)
BODY_MISSING: Final = Code(
    "body-missing",
    WARNING,
    "An operation that requires a body is called without one.",
    "request-body-object",
)
BODY_IDLE: Final = Code(
    "body-idle", WARNING, "A body for an operation that takes none.", "request-body-object"
)
CONTENT_TYPE_UNDECLARED: Final = Code(
    "content-type-undeclared",
    WARNING,
    "A body of a content type that the operation does not take.",
    "request-body-object",
)
FIELD_MISSING: Final = Code(
    "field-missing",
    WARNING,
    "A required field of a request body that nothing supplies.",
    "request-body-object",
)
FIELD_UNDECLARED: Final = Code(
    "field-undeclared",
    WARNING,
    "A field that the schema of a request body does not list.",
    "request-body-object",
)
TARGET_MISSING: Final = Code(
    "target-missing",
    ERROR,
    "A replacement deep in what the payload does not have; the step fails before it is sent.",
    "payload-replacement-object",
    runnable=True,
)
ARGUMENT_MISSING: Final = Code(
    "argument-missing",
    ERROR,
    "A required input of a called workflow that nothing supplies.",
    "workflow-object",
    runnable=True,
)
UNDECLARED_STATUS: Final = Code(
    "undeclared-status", WARNING, "A status that the operation never answers with.", "criterion-object"
)
NEVER_MET: Final = Code("never-met", WARNING, "A comparison that can never hold.", "criterion-object")
CONSTANT_CONDITION: Final = Code(
    "constant-condition",
    WARNING,
    "A condition that comes to the same whatever the response is.",
    "criterion-object",
)
UNHANDLED_STATUS: Final = Code(
    "unhandled-status",
    INFORMATION,
    "Documented failures that no action handles.",
    "failure-action-object",
)

# --- control flow
UNREACHABLE_STEP: Final = Code("unreachable-step", WARNING, "A step that no path reaches.", "step-object")
UNMET_DEPENDENCY: Final = Code(
    "unmet-dependency",
    ERROR,
    "A step that depends on one that is never completed; it always fails.",
    "step-object",
    runnable=True,
)
ENDLESS_LOOP: Final = Code(
    "endless-loop", WARNING, "Steps that lead only to each other.", "success-action-object"
)
UNBOUNDED_LOOP: Final = Code(
    "unbounded-loop",
    INFORMATION,
    "A goto back that nothing in the document limits.",
    "success-action-object",
)
SHADOWED_ACTION: Final = Code(
    "shadowed-action",
    WARNING,
    "An action that is never chosen, because an earlier one always is.",
    "success-action-object",
)
OVERRIDDEN: Final = Code(
    "overridden",
    INFORMATION,
    "A parameter or action of the workflow that a step replaces with its own.",
    "workflow-object",
)
MILLISECONDS: Final = Code(
    "milliseconds",
    WARNING,
    "A retryAfter that looks like milliseconds; it is seconds.",
    "failure-action-object",
)

# --- good order
UNUSED_COMPONENT: Final = Code(
    "unused-component", WARNING, "A component that nothing refers to.", "components-object"
)
UNUSED_INPUT: Final = Code("unused-input", INFORMATION, "An input that nothing reads.", "workflow-object")
UNUSED_OUTPUT: Final = Code(
    "unused-output", INFORMATION, "An output of a step that nothing reads.", "step-object"
)
UNUSED_SOURCE: Final = Code(
    "unused-source", INFORMATION, "A source description that no step uses.", "source-description-object"
)
SECRET_IN_DOCUMENT: Final = Code("secret-in-document", WARNING, "A credential written into the document.")
DEPRECATED: Final = Code(
    "deprecated", WARNING, "An operation or parameter that its API description calls deprecated."
)
UNUSED_IGNORE: Final = Code("unused-ignore", WARNING, "A comment that ignores what is not there.")
PLAIN_HTTP: Final = Code("plain-http", WARNING, "Requests that travel unencrypted.")


def table() -> tuple[Code, ...]:
    """Every code: those of reading, linking and running first, then those of the rules."""
    own = tuple(value for value in globals().values() if isinstance(value, Code))
    return (*codes.table(), *own)
