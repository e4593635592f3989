"""A tree -> an Arazzo document, in one pass that finds everything wrong with its structure.

One function for each object of the specification's "Schema" chapter, in its order; each reads like the object's
table there. What more the prose says about the fields together stands in ``rules``.
"""

from __future__ import annotations

from itertools import islice
from typing import Final, Literal, TypeVar

from msgspec.structs import replace

from arazzo import codes
from arazzo.diagnostics import Diagnostic, Findings, nearest
from arazzo.document import rules
from arazzo.document.fields import (
    Fields,
    Reader,
    a_schema,
    a_text,
    specified,
    type_in_words,
)
from arazzo.document.model import (
    Components,
    Criterion,
    Document,
    FailureAction,
    Info,
    Parameter,
    PayloadReplacement,
    RequestBody,
    Reusable,
    SourceDescription,
    Step,
    SuccessAction,
    Workflow,
)
from arazzo.document.reading import MOST_FINDINGS, Reading, in_text_order
from arazzo.document.selectors import criterion_type, output, replacement_type
from arazzo.errors import DocumentError
from arazzo.source import Node, Tree

T = TypeVar("T")
In = Literal["path", "query", "header", "cookie", "querystring"]

_LATEST: Final = 1
"""The minor version that later ones are read as."""
_DIGITS: Final = 9
"""The most that the minor version has."""
_SOURCE_TYPES: Final[tuple[Literal["openapi", "arazzo"], ...]] = ("openapi", "arazzo")
_LATER_SOURCE_TYPES: Final[tuple[Literal["asyncapi"], ...]] = ("asyncapi",)
_IN: Final[tuple[In, ...]] = ("path", "query", "header", "cookie")
_LATER_IN: Final[tuple[In, ...]] = ("querystring",)
_SUCCESS_TYPES: Final[tuple[Literal["end", "goto", "retry"], ...]] = ("end", "goto")
_FAILURE_TYPES: Final[tuple[Literal["end", "retry", "goto"], ...]] = ("end", "retry", "goto")
_STEP_ACTIONS: Final[tuple[Literal["send", "receive"], ...]] = ("send", "receive")


def read_document(tree: Tree, uri: str) -> Document:
    """Read the Arazzo document in ``tree``, which came from ``uri`` (absolute).

    ``Document.diagnostics`` holds every structural finding in the order of the text, those of ``tree`` among
    them. What is missing is an empty value in the model, what is of the wrong type is left out of it.

    Raises ``DocumentError`` when there is no Arazzo document to speak of: the root is no mapping or has no
    ``arazzo`` field, or the version is not 1.x; and when more is wrong with it than can be listed.
    """
    findings = Findings()
    findings.extend(tree.diagnostics)
    version, minor = _version(tree, findings)
    blocked = any(finding.blocks_run for finding in findings)
    fields = Fields(Reading(minor, findings, blocked), tree.node, "Arazzo Specification Object")
    document = _document(fields, uri, version)
    rules.check_document(fields.reading, document)
    return replace(document, diagnostics=in_text_order(findings))


def _version(tree: Tree, findings: Findings) -> tuple[str, int]:
    """The version as written, and the minor version whose feature set applies (specification, "Versions")."""
    node = tree.node.get("arazzo")
    if node is None:
        raise DocumentError([*findings, _no_arazzo(tree)])
    written = node.value if isinstance(node.value, str) else node.written
    number, minor, patch = ("",) * 3 if isinstance(node.value, (dict, list)) else _version_parts(written)
    if number != "1":
        message = f"no version of Arazzo that can be read: `{written[:40]}`"
        raise DocumentError([*findings, codes.VERSION.at(node.span(), message, "write `arazzo: 1.1.0`")])
    if int(minor) > _LATEST:
        message = f"Arazzo {written} is later than this interpreter, which reads it as 1.{_LATEST}"
        findings.add(codes.LATER_VERSION.at(node.span(), message))
    if not patch or not isinstance(node.value, str):
        hint = f'write `arazzo: "{number}.{minor}.0"`'
        message = "`arazzo` is text of the form major.minor.patch"
        findings.add(codes.VERSION_FORM.at(node.span(), message, hint))
    return written, min(int(minor), _LATEST)


def _version_parts(written: str) -> tuple[str, str, str]:
    """Major and minor number and the rest, which may be empty; all of them empty for what is no version."""
    major, _, rest = written.partition(".")
    minor, dot, patch = rest.partition(".")
    number, dash, label = patch.partition("-")
    numbers = (major, minor, number) if dot else (major, minor)
    wellformed = all(text.isascii() and text.isdecimal() for text in numbers) and bool(label) == bool(dash)
    return (major, minor, patch) if wellformed and len(minor) <= _DIGITS else ("", "", "")


def _no_arazzo(tree: Tree) -> Diagnostic:
    root = tree.root
    if not isinstance(root, dict):
        message = f"an Arazzo document is a mapping, not {type_in_words(root)}"
        return codes.NOT_ARAZZO.at(tree.node.span(), message, "it begins with `arazzo: 1.1.0`")
    for key, kind in (("openapi", "an OpenAPI"), ("swagger", "an OpenAPI"), ("asyncapi", "an AsyncAPI")):
        if key in root:
            span = Node(tree, root[key], (key,)).key_span()
            message = f"this is {kind} description, not an Arazzo document"
            return codes.NOT_ARAZZO.at(
                span, message, "name it in the `sourceDescriptions` of an Arazzo document"
            )
    if "workflowsSpec" in root:
        span = Node(tree, root["workflowsSpec"], ("workflowsSpec",)).key_span()
        message = "the field `arazzo` is missing: `workflowsSpec` is what it was called before version 1.0.0"
        return codes.NOT_ARAZZO.at(span, message, "write `arazzo: 1.0.1` in its place")
    meant = nearest("arazzo", islice(root, MOST_FINDINGS), 0.7)
    hint = f"did you mean `arazzo` by `{meant}`?" if meant else "it begins with `arazzo: 1.1.0`"
    return codes.NOT_ARAZZO.at(tree.node.span(), "the field `arazzo` is missing", hint)


def _document(fields: Fields, uri: str, version: str) -> Document:
    """Arazzo Specification Object."""
    fields.value("arazzo")
    at = fields.at
    empty = Node(at.tree, {}, at.path)
    return Document(
        at=at,
        uri=uri,
        arazzo=version,
        minor=fields.reading.minor,
        self_uri=rules.without_fragment(fields, "$self", fields.text("$self", since=1)),
        info=fields.required_one("info", _info, runnable=True) or Info(empty, "", ""),
        source_descriptions=fields.each(
            "sourceDescriptions", _source_description, required=True, filled=True
        ),
        workflows=fields.each("workflows", _workflow, required=True, filled=True),
        components=fields.one("components", _components) or Components(empty),
        extensions=fields.extensions(),
    )


@specified("Info Object")
def _info(fields: Fields) -> Info:
    return Info(
        at=fields.at,
        title=fields.required_prose("title"),
        summary=fields.prose("summary"),
        description=fields.prose("description"),
        version=fields.required_prose("version"),
        extensions=fields.extensions(),
    )


@specified("Source Description Object")
def _source_description(fields: Fields) -> SourceDescription:
    return SourceDescription(
        at=fields.at,
        name=rules.recommended_name(fields, "name", fields.required_text("name")),
        url=fields.required_text("url"),
        type=fields.choice("type", _SOURCE_TYPES, later=_LATER_SOURCE_TYPES),
        extensions=fields.extensions(),
    )


@specified("Workflow Object")
def _workflow(fields: Fields) -> Workflow:
    workflow = Workflow(
        at=fields.at,
        workflow_id=rules.recommended_name(fields, "workflowId", fields.required_text("workflowId")),
        summary=fields.prose("summary"),
        description=fields.prose("description"),
        inputs=fields.one("inputs", a_schema),
        depends_on=fields.each("dependsOn", a_text),
        steps=fields.each("steps", _step, required=True, filled=True),
        success_actions=fields.each("successActions", _or_reusable(_success_action)),
        failure_actions=fields.each("failureActions", _or_reusable(_failure_action)),
        outputs=rules.named_outputs(fields, fields.named("outputs", output)),
        parameters=fields.each("parameters", _or_reusable(_parameter)),
        extensions=fields.extensions(),
    )
    rules.check_workflow(fields, workflow)
    return workflow


@specified("Step Object")
def _step(fields: Fields) -> Step:
    step = Step(
        at=fields.at,
        description=fields.prose("description"),
        step_id=rules.recommended_name(fields, "stepId", fields.required_text("stepId")),
        operation_id=fields.text("operationId"),
        operation_path=fields.text("operationPath"),
        channel_path=fields.text("channelPath", since=1),
        workflow_id=fields.text("workflowId"),
        parameters=fields.each("parameters", _or_reusable(_parameter)),
        request_body=fields.one("requestBody", _request_body),
        success_criteria=fields.each("successCriteria", _criterion, filled=True),
        on_success=fields.each("onSuccess", _or_reusable(_success_action)),
        on_failure=fields.each("onFailure", _or_reusable(_failure_action)),
        outputs=rules.named_outputs(fields, fields.named("outputs", output)),
        timeout=fields.integer("timeout", since=1),
        correlation_id=fields.text("correlationId", since=1),
        action=fields.choice("action", _STEP_ACTIONS, since=1),
        depends_on=fields.each("dependsOn", a_text, since=1, filled=True),
        extensions=fields.extensions(),
    )
    rules.check_step(fields, step)
    return step


@specified("Parameter Object")
def _parameter(fields: Fields) -> Parameter:
    return Parameter(
        at=fields.at,
        name=fields.required_text("name"),
        in_=fields.choice("in", _IN, later=_LATER_IN),
        value=rules.any_value(fields, fields.required_value("value")),
        extensions=fields.extensions(),
    )


@specified("Success Action Object")
def _success_action(fields: Fields) -> SuccessAction:
    retry = rules.is_retry(fields)
    action = SuccessAction(
        at=fields.at,
        name=fields.required_prose("name"),
        type="retry" if retry else fields.required_choice("type", _SUCCESS_TYPES) or "end",
        workflow_id=fields.text("workflowId"),
        step_id=fields.text("stepId"),
        parameters=fields.each("parameters", _or_reusable(_parameter), since=1),
        criteria=fields.each("criteria", _criterion),
        retry_after=fields.number("retryAfter") if retry else None,
        retry_limit=fields.integer("retryLimit") if retry else None,
        extensions=fields.extensions(),
    )
    rules.check_action(fields, action)
    return action


@specified("Failure Action Object")
def _failure_action(fields: Fields) -> FailureAction:
    action = FailureAction(
        at=fields.at,
        name=fields.required_prose("name"),
        type=fields.required_choice("type", _FAILURE_TYPES) or "end",
        workflow_id=fields.text("workflowId"),
        step_id=fields.text("stepId"),
        parameters=fields.each("parameters", _or_reusable(_parameter), since=1),
        retry_after=fields.number("retryAfter"),
        retry_limit=fields.integer("retryLimit"),
        criteria=fields.each("criteria", _criterion),
        extensions=fields.extensions(),
    )
    rules.check_action(fields, action)
    return action


@specified("Components Object")
def _components(fields: Fields) -> Components:
    components = Components(
        at=fields.at,
        inputs=fields.named("inputs", a_schema),
        parameters=fields.named("parameters", _parameter),
        success_actions=fields.named("successActions", _success_action),
        failure_actions=fields.named("failureActions", _failure_action),
        extensions=fields.extensions(),
    )
    rules.check_component_names(fields)
    return components


@specified("Reusable Object")
def _reusable(fields: Fields) -> Reusable:
    """This object cannot be extended; what else stands in it is ignored."""
    return Reusable(fields.at, fields.required_text("reference"), fields.value("value"))


def _or_reusable(read: Reader[T]) -> Reader[T | Reusable]:
    """Reads a Reusable Object where there is a ``reference``, and otherwise what ``read`` reads."""

    def reader(reading: Reading, node: Node) -> T | Reusable | None:
        reference = node.get("reference")
        # Some writers put `reference: ""` into every object.
        if reference is not None and (reference.value != "" or node.get("name") is None):
            return _reusable(reading, node)
        ref = node.get("$ref")
        if ref is not None:
            message = "`$ref` is for JSON Schemas; another component is named with `reference`"
            hint = "write `reference: $components.…`"
            reading.report(codes.FORBIDDEN_FIELD, "Reusable Object", ref.key_span(), message, hint)
            return None
        return read(reading, node)

    return reader


@specified("Criterion Object")
def _criterion(fields: Fields) -> Criterion:
    criterion = Criterion(
        at=fields.at,
        context=fields.text("context"),
        condition=fields.required_prose("condition"),
        type=criterion_type(fields),
        extensions=fields.extensions(),
    )
    rules.check_criterion(fields, criterion)
    return criterion


@specified("Request Body Object")
def _request_body(fields: Fields) -> RequestBody:
    return RequestBody(
        at=fields.at,
        content_type=fields.text("contentType"),
        payload=fields.value("payload"),
        replacements=fields.each("replacements", _payload_replacement),
        extensions=fields.extensions(),
    )


@specified("Payload Replacement Object")
def _payload_replacement(fields: Fields) -> PayloadReplacement:
    return PayloadReplacement(
        at=fields.at,
        target=fields.required_text("target", blank=True),
        target_selector_type=replacement_type(fields),
        value=rules.any_value(fields, fields.required_value("value")),
        extensions=fields.extensions(),
    )
