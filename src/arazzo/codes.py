"""Every kind of finding, under a stable name. ``docs/reference/diagnostics.md`` is generated from this table.

Names are what ``--select`` and ``--ignore`` take; once released, a name never changes its meaning.
"""

from __future__ import annotations

from typing import Final

from arazzo.diagnostics import Code, Severity

ERROR, WARNING, INFORMATION = Severity.ERROR, Severity.WARNING, Severity.INFORMATION

# --- reading text
UNREADABLE: Final = Code("unreadable", ERROR, "The text cannot be had or decoded.")
SYNTAX: Final = Code("syntax", ERROR, "The text is neither YAML nor JSON.", "format")
DUPLICATE_KEY: Final = Code("duplicate-key", ERROR, "A mapping has the same key twice.", "format")
LIMIT: Final = Code("limit", ERROR, "The text is larger, deeper or more entangled than allowed.")
TAG: Final = Code("tag", ERROR, "A YAML tag outside the JSON Schema ruleset.", "format")
MERGE_KEY: Final = Code("merge-key", WARNING, "A merge key of YAML 1.1, merged.", "format", kindness=True)

# --- structure of an Arazzo document
NOT_ARAZZO: Final = Code(
    "not-arazzo", ERROR, "The document is not an Arazzo Description.", "arazzo-description"
)
VERSION: Final = Code(
    "version", ERROR, "A version of Arazzo that this interpreter does not know.", "versions"
)
LATER_VERSION: Final = Code(
    "later-version", WARNING, "A later 1.x document, read as 1.1.", "versions", kindness=True
)
VERSION_FORM: Final = Code(
    "version-form",
    WARNING,
    "A version not written as text of the form major.minor.patch.",
    "versions",
    kindness=True,
)
WRONG_TYPE: Final = Code("wrong-type", ERROR, "A value is not of the type its field takes.", "schema-0")
MISSING_FIELD: Final = Code("missing-field", ERROR, "A required field is missing.", "schema-0")
EMPTY_FIELD: Final = Code(
    "empty-field", WARNING, "An optional field without a value, read as absent.", "schema-0", kindness=True
)
SCALAR_TEXT: Final = Code(
    "scalar-text",
    WARNING,
    "A number or a boolean where text belongs, read as its text.",
    "schema-0",
    kindness=True,
)
UNKNOWN_FIELD: Final = Code("unknown-field", WARNING, "A field the specification does not know.", "schema-0")
IDLE_FIELD: Final = Code("idle-field", WARNING, "A field that has no effect where it stands.", "schema-0")
FORBIDDEN_FIELD: Final = Code("forbidden-field", ERROR, "A field that must not stand here.", "schema-0")
LATER_FIELD: Final = Code("later-field", WARNING, "A field of Arazzo 1.1 in a 1.0 document.", "versions")
WRONG_VALUE: Final = Code("wrong-value", ERROR, "A value outside those its field allows.", "schema-0")
EMPTY_LIST: Final = Code(
    "empty-list", ERROR, "A list that must have at least one entry is empty.", "schema-0", runnable=True
)
EXCLUSIVE_FIELDS: Final = Code(
    "exclusive-fields", ERROR, "Fields that exclude each other stand together.", "step-object"
)
BAD_NAME: Final = Code(
    "bad-name",
    ERROR,
    "A key or id with characters its field does not allow.",
    "components-object",
    runnable=True,
)
ODD_NAME: Final = Code("odd-name", WARNING, "An id outside the recommended characters.", "workflow-object")
DUPLICATE_ID: Final = Code(
    "duplicate-id",
    ERROR,
    "Two objects of one list have the same id or name.",
    "step-object",
    kindness=True,
    runnable=True,
)
RETRY_ON_SUCCESS: Final = Code(
    "retry-on-success",
    WARNING,
    "A retry under onSuccess, run as a retry of the step.",
    "success-action-object",
    kindness=True,
)
MORE_FINDINGS: Final = Code("more-findings", INFORMATION, "There are more findings than are listed.")
UNQUOTED_BRACES: Final = Code(
    "unquoted-braces", WARNING, "An expression in braces that YAML reads as a mapping.", "runtime-expressions"
)

# --- references
MISSING_SOURCE: Final = Code(
    "missing-source", ERROR, "A source description cannot be found or read.", "source-description-object"
)
SOURCE_ELSEWHERE: Final = Code(
    "source-elsewhere",
    WARNING,
    "A source was found in another place than its url says.",
    "source-description-object",
    kindness=True,
)
SOURCE_NOT_CHECKED: Final = Code(
    "source-not-checked", INFORMATION, "A remote source was not fetched (--offline).", refused=True
)
SOURCE_TYPE: Final = Code(
    "source-type",
    ERROR,
    "A source is not of the type it says, or of none we know.",
    "source-description-object",
)
UNKNOWN_SOURCE: Final = Code(
    "unknown-source", ERROR, "No source description has this name.", "source-description-object"
)
UNKNOWN_OPERATION: Final = Code("unknown-operation", ERROR, "No source has this operation.", "step-object")
UNKNOWN_CHANNEL: Final = Code("unknown-channel", ERROR, "No AsyncAPI source has this channel.", "step-object")
OPERATION_CASE: Final = Code(
    "operation-case",
    WARNING,
    "An operationId was matched without regard to case.",
    "step-object",
    kindness=True,
)
OPERATION_OTHER_SOURCE: Final = Code(
    "operation-other-source",
    WARNING,
    "An operation was found in another source than the step names.",
    "step-object",
    kindness=True,
)
OPERATION_UNQUALIFIED: Final = Code(
    "operation-unqualified",
    WARNING,
    "An operationId without its source, in a document with several.",
    "step-object",
    kindness=True,
)
OPERATION_PATH_FORM: Final = Code(
    "operation-path-form",
    WARNING,
    "An operationPath or channelPath not written as {$sourceDescriptions.name.url}#/pointer.",
    "step-object",
    kindness=True,
)
DUPLICATE_OPERATION: Final = Code(
    "duplicate-operation", WARNING, "An operationId occurs twice in one API description."
)
OPERATION_ACTION: Final = Code(
    "operation-action",
    WARNING,
    "A step's action is not that of its AsyncAPI operation or channel.",
    "step-object",
)
CORRELATION_ID: Final = Code(
    "correlation-id",
    WARNING,
    "A correlationId in a step whose messages define none.",
    "step-object",
)
UNKNOWN_WORKFLOW: Final = Code("unknown-workflow", ERROR, "No workflow has this id.", "workflow-object")
UNKNOWN_STEP: Final = Code("unknown-step", ERROR, "No step has this id.", "step-object")
UNKNOWN_COMPONENT: Final = Code("unknown-component", ERROR, "No component has this name.", "reusable-object")
UNKNOWN_OUTPUT: Final = Code(
    "unknown-output", WARNING, "An output that its step or workflow does not declare.", "runtime-expressions"
)
UNKNOWN_INPUT: Final = Code(
    "unknown-input", WARNING, "An input that the workflow does not declare.", "runtime-expressions"
)
UNRESOLVED_REF: Final = Code("unresolved-ref", ERROR, "A $ref that leads nowhere.", "resolving-uri-fragments")
FORWARD_REFERENCE: Final = Code(
    "forward-reference",
    ERROR,
    "A read of a step that no path reaches first.",
    "step-dependencies-and-execution-order",
)
DEPENDENCY_CYCLE: Final = Code(
    "dependency-cycle",
    ERROR,
    "Steps or workflows depend on each other in a circle.",
    "step-dependencies-and-execution-order",
)
UNSUPPORTED: Final = Code(
    "unsupported", INFORMATION, "The document needs something this interpreter does not run.", refused=True
)
BAD_SCHEMA: Final = Code(
    "bad-schema", ERROR, "The inputs are not a JSON Schema that can be used.", "workflow-object"
)
BAD_DESCRIPTION: Final = Code("bad-description", ERROR, "An API description is broken where a step uses it.")
DESCRIPTION_VERSION: Final = Code(
    "description-version", ERROR, "An API description of a version that this interpreter does not know."
)
FLAWED_DESCRIPTION: Final = Code(
    "flawed-description", WARNING, "A flaw in an API description that a run can do without."
)
NO_SERVER: Final = Code(
    "no-server",
    WARNING,
    "The API description names no server that a request could go to.",
    "relative-references-in-api-urls",
)

# --- expressions and conditions
BAD_EXPRESSION: Final = Code(
    "bad-expression", ERROR, "A runtime expression that cannot be read.", "runtime-expressions"
)
BAD_CONDITION: Final = Code(
    "bad-condition",
    ERROR,
    "A condition that cannot be read; it is never met.",
    "criterion-object",
    runnable=True,
)
MISSING_CONTEXT: Final = Code(
    "missing-context", ERROR, "A typed condition without a context.", "criterion-object", runnable=True
)
ABSENT_MESSAGE: Final = Code(
    "absent-message",
    WARNING,
    "An expression reads a message, or a body, that is never there.",
    "runtime-expressions",
)
UNBRACED_EXPRESSION: Final = Code(
    "unbraced-expression",
    WARNING,
    "An expression inside text without its braces.",
    "runtime-expressions",
    kindness=True,
)
EXPRESSION_NAVIGATION: Final = Code(
    "expression-navigation",
    WARNING,
    "Members reached with . or [] where a JSON Pointer belongs.",
    "runtime-expressions",
    kindness=True,
)
EXPRESSION_FORM: Final = Code(
    "expression-form",
    WARNING,
    "An expression in a form near the grammar's.",
    "runtime-expressions",
    kindness=True,
)
NEAR_EXPRESSION: Final = Code(
    "near-expression",
    WARNING,
    "A text that looks like a runtime expression and is none; it is sent as it is.",
    "runtime-expressions",
)
BAD_SELECTOR: Final = Code(
    "bad-selector", ERROR, "A selector or replacement target that cannot be read.", "selector-object"
)
TARGET_FORM: Final = Code(
    "target-form",
    WARNING,
    "A replacement target in JSONPath without its targetSelectorType.",
    "payload-replacement-object",
    kindness=True,
)
DOUBLE_QUOTES: Final = Code(
    "double-quotes",
    WARNING,
    "A string in double quotes in a simple condition.",
    "literals",
    kindness=True,
)
LENGTH: Final = Code("length", WARNING, "`.length` in a condition.", "criterion-object", kindness=True)
LOGICAL_JSONPATH: Final = Code(
    "logical-jsonpath",
    WARNING,
    "A jsonpath condition that is a logical expression, not a query.",
    "criterion-object",
    kindness=True,
)
FILTER_ON_OBJECT: Final = Code(
    "filter-on-object",
    WARNING,
    "A filter query judged on the context itself.",
    "criterion-object",
    kindness=True,
)
QUOTED_EXPRESSION: Final = Code(
    "quoted-expression",
    WARNING,
    "A quoted runtime expression inside a condition, substituted.",
    "criterion-object",
    kindness=True,
)

# --- running
INPUT_MISSING: Final = Code("input-missing", ERROR, "A required input was not given.", "workflow-object")
INPUT_INVALID: Final = Code(
    "input-invalid", ERROR, "An input does not fit the workflow's schema.", "workflow-object"
)
INPUT_UNKNOWN: Final = Code(
    "input-unknown", WARNING, "An input the workflow does not declare.", "workflow-object"
)
BAD_USAGE: Final = Code("bad-usage", ERROR, "The command or call is wrong.")
CREDENTIAL_MISSING: Final = Code(
    "credential-missing", ERROR, "An operation needs a credential that was not given."
)
CREDENTIAL_NOT_GIVEN: Final = Code(
    "credential-not-given", WARNING, "An operation that may need a credential is called without one."
)
PARAMETER_BY_SCHEME: Final = Code(
    "parameter-by-scheme",
    WARNING,
    "A required parameter that looks like a credential was left to the operation's security scheme.",
    "parameter-object",
    kindness=True,
)
PARAMETER_LEFT_OUT: Final = Code(
    "parameter-left-out",
    WARNING,
    "An optional parameter without a value was not sent.",
    "parameter-object",
    kindness=True,
)
PARAMETER_CONVERTED: Final = Code(
    "parameter-converted",
    WARNING,
    "Text was converted to the type the operation wants.",
    "parameter-object",
    kindness=True,
)
PARAMETER_UNDECLARED: Final = Code(
    "parameter-undeclared",
    WARNING,
    "A parameter the operation does not declare was sent, or had no place in the path.",
    "parameter-object",
    kindness=True,
)
PARAMETER_NAME: Final = Code(
    "parameter-name",
    WARNING,
    "A parameter's name was matched without regard to case, hyphens and underscores.",
    "parameter-object",
    kindness=True,
)
PARAMETER_MOVED: Final = Code(
    "parameter-moved",
    WARNING,
    "A parameter went where the operation says, not where the step says.",
    "parameter-object",
    kindness=True,
)
PAYLOAD_ESCAPED: Final = Code(
    "payload-escaped",
    WARNING,
    "A value was escaped to keep a JSON payload JSON.",
    "request-body-object",
    kindness=True,
)
FORM_NESTED: Final = Code(
    "form-nested", WARNING, "A form field with members, sent as a[b].", "request-body-object", kindness=True
)
OUTPUT_UNDEFINED: Final = Code(
    "output-undefined", WARNING, "An output has no value; it is shown as null.", "workflow-object"
)
CONDITION_FAILED: Final = Code(
    "condition-failed", WARNING, "A condition could not be evaluated; it is not met.", "evaluation-errors"
)

# --- responses held against the API description (--check-responses)
RESPONSE_STATUS: Final = Code(
    "response-status", WARNING, "A response with a status that its operation does not declare."
)
RESPONSE_CONTENT_TYPE: Final = Code(
    "response-content-type", WARNING, "A response of a content type that its operation does not declare."
)
RESPONSE_HEADER: Final = Code("response-header", WARNING, "A response without a header that is required.")
RESPONSE_BODY: Final = Code("response-body", WARNING, "A response whose body does not fit its schema.")
RESPONSE_UNCHECKED: Final = Code(
    "response-unchecked", WARNING, "A part of an API description that responses cannot be checked against."
)


def table() -> tuple[Code, ...]:
    """Every code, in the order of this file."""
    return tuple(value for value in globals().values() if isinstance(value, Code))
