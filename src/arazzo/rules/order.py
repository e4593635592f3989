"""Rules about good order: what nothing uses, what is deprecated, what nobody should read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import urlsplit

from msgspec.structs import replace

from arazzo.descriptions.uris import is_loopback
from arazzo.diagnostics import Diagnostic
from arazzo.document.model import Document
from arazzo.expression.nodes import (
    OutputReference,
    StepReference,
    WorkflowReference,
)
from arazzo.expression.template import Literal
from arazzo.plan.inputs import looks_like_credential
from arazzo.plan.model import MessageCall, OperationCall, Plan, WorkflowCall, WorkflowKey, WorkflowPlan
from arazzo.rules import codes
from arazzo.rules.credentials import HOLDS_VALUE, KEY, looks_secret, passwords_in, without_scheme
from arazzo.rules.feeds import named, place_of_call
from arazzo.rules.inputs import inputs_read, schemas_referred_to
from arazzo.rules.rule import Subject
from arazzo.source import Node, Path

_SENT: Final = frozenset(("parameters", "requestBody"))
"""Where in a document what a step sends stands."""


def components_that_nothing_uses(subject: Subject) -> Iterator[Diagnostic]:
    """A component that no Reusable Object and no ``$ref`` of the document names (Components Object)."""
    document = subject.plan.document
    texts = set(_texts(document.at.tree.node))
    components = document.components
    for field, known in (
        ("parameters", components.parameters),
        ("successActions", components.success_actions),
        ("failureActions", components.failure_actions),
    ):
        listed = components.at.get(field)
        for name in known:
            node = listed.get(name) if listed is not None else None
            if node is not None and f"$components.{field}.{name}" not in texts:
                yield codes.UNUSED_COMPONENT.at(
                    node.key_span(), f"nothing refers to components.{field}.{name}"
                )
    referred = {path[2] for path in schemas_referred_to(document) if len(path) > 2}
    for name, node in components.inputs.items():
        if name not in referred and f"$components.inputs.{name}" not in texts:
            yield codes.UNUSED_COMPONENT.at(node.key_span(), f"nothing refers to components.inputs.{name}")


def _texts(node: Node) -> Iterator[str]:
    waiting = [node.value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value.strip()
        elif isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)


def inputs_that_nothing_reads(subject: Subject) -> Iterator[Diagnostic]:
    """An input that no expression of its workflow reads, and no workflow it depends on takes."""
    elsewhere = {
        (reading.expression.workflow_id, reading.expression.name)
        for workflow in subject.workflows()
        for reading in subject.readings(workflow)
        if isinstance(reading.expression, WorkflowReference) and reading.expression.member == "inputs"
    }
    for workflow in subject.workflows():
        read = inputs_read(subject, workflow)
        if read is None or workflow.inputs.at is None:
            continue
        declared = workflow.inputs.at.get("properties")
        for name, node in declared.items() if declared is not None else ():
            if name not in read and (workflow.key.workflow_id, name) not in elsewhere:
                message = f"nothing in the workflow {workflow.key.workflow_id!r} reads the input {name!r}"
                yield codes.UNUSED_INPUT.at(node.key_span(), message)


def outputs_that_nothing_reads(subject: Subject) -> Iterator[Diagnostic]:
    """An output of a step that nothing in its workflow reads."""
    for workflow in subject.workflows():
        read = set()
        for reading in subject.readings(workflow):
            expression, here = reading.expression, reading.here
            if isinstance(expression, StepReference):
                read.add((expression.step_id, expression.name))
            elif isinstance(expression, OutputReference) and here.step is not None:
                read.add((here.step.step_id, expression.name))
        for step in workflow.steps:
            listed = step.step.at.get("outputs")
            for name, node in listed.items() if listed is not None else ():
                if (step.step_id, name) not in read:
                    message = f"nothing reads the output {name!r} of the step {step.step_id!r}"
                    yield codes.UNUSED_OUTPUT.at(node.key_span(), message)


def sources_that_nothing_uses(subject: Subject) -> Iterator[Diagnostic]:
    """A source description that no step calls into and no expression names."""
    document = subject.plan.document
    if subject.plan.unlinked or any(found.blocks_run for found in document.diagnostics):
        return  # What could not be linked may use it.
    used = {
        step.call.source for _, step in subject.steps() if isinstance(step.call, (OperationCall, MessageCall))
    }
    texts = " ".join(text for text in _texts(document.at.tree.node) if "$sourceDescriptions." in text)
    documents = {key.document for workflow in subject.plan.workflows.values() for key in _called(workflow)}
    for source in document.source_descriptions:
        named_in_text = texts and re.search(
            rf"\$sourceDescriptions\.{re.escape(source.name)}(?![\w-])", texts
        )
        if source.name in used or named_in_text or (source.type == "arazzo" and len(documents) > 1):
            continue
        node = source.at.get("name") or source.at
        yield codes.UNUSED_SOURCE.at(node.span(), f"nothing uses the source {source.name!r}")


def _called(workflow: WorkflowPlan) -> Iterator[WorkflowKey]:
    yield workflow.key
    for step in workflow.steps:
        if isinstance(step.call, WorkflowCall):
            yield step.call.target


def secrets_in_the_document(subject: Subject) -> Iterator[Diagnostic]:
    """A credential written into the document, where everyone who has the document has it."""
    for node, name in _once(_secrets(subject.plan, subject.plan.document)):
        message = (
            f"the value of {name!r} looks like a real credential"
            if name
            else "this looks like a real credential"
        )
        hint = "make it an input of the workflow, with format: password"
        if passwords_in(str(node.value)):
            hint = "leave user and password out of the URL"
        # The place of a secret, without the line it stands on.
        yield codes.SECRET_IN_DOCUMENT.at(replace(node.span(), excerpt=""), message, hint)


def _once(found: Iterable[tuple[Node, str | None]]) -> Iterator[tuple[Node, str | None]]:
    told: set[Path] = set()
    for node, name in found:
        if node.path not in told:
            told.add(node.path)
            yield node, name


def secret_texts(plan: Plan) -> set[str]:
    """The credentials that stand in the documents of ``plan``, as far as they are found."""
    found: set[str] = set()
    documents = {id(plan.document): plan.document}
    for workflow in plan.workflows.values():
        documents[id(workflow.document)] = workflow.document
        for step in workflow.steps:
            if isinstance(step.call, OperationCall):
                found.update(without_scheme(str(node.value)) for node, _ in _secret_arguments(step.call))
    for document in documents.values():
        for node, name in _named_secrets(document.at.tree.node):
            text = str(node.value)
            found.update(passwords_in(text))
            found.update(match[0] for match in KEY.finditer(text))
            if name is not None:
                found.add(without_scheme(text))
    return found


def _secrets(plan: Plan, document: Document) -> Iterator[tuple[Node, str | None]]:
    """The texts of ``document`` that hold a credential; with the parameter they are the value of, if that says so."""
    for workflow in plan.workflows.values():
        if workflow.document is document:
            for step in workflow.steps:
                if isinstance(step.call, OperationCall):
                    yield from _secret_arguments(step.call)
    yield from _named_secrets(document.at.tree.node)


def _named_secrets(root: Node) -> Iterator[tuple[Node, str | None]]:
    """The texts that show they are credentials, or are called so, wherever they stand, also in what is not linked."""
    waiting: list[tuple[Node, str | None]] = [(root, None)]
    while waiting:
        node, name = waiting.pop()
        if isinstance(node.value, str):
            if KEY.search(node.value) or passwords_in(node.value):
                yield node, None
            elif name is not None and looks_secret(node.value, sent=not _SENT.isdisjoint(node.path)):
                yield node, name
        called = node.get("name")
        named_here = str(called.value) if called is not None else ""
        for key, member in node.items():
            if looks_like_credential(key):
                waiting.append((member, key))
            elif key == "value" and looks_like_credential(named_here):
                waiting.append((member, named_here))
            else:
                # A schema's constants are values of what it describes.
                waiting.append((member, name if key in HOLDS_VALUE else None))
        waiting.extend((element, None) for element in node.elements())


def _secret_arguments(call: OperationCall) -> Iterator[tuple[Node, str | None]]:
    keys = call.operation.key_parameters
    for parameter in call.parameters:
        is_key = parameter.name.lower() in keys or looks_like_credential(parameter.name)
        if is_key and isinstance(parameter.value, Literal) and looks_secret(parameter.value.value, sent=True):
            yield parameter.at.get("value") or parameter.at, parameter.name


def deprecated_operations(subject: Subject) -> Iterator[Diagnostic]:
    """A step calls an operation, or passes a parameter, that the description calls deprecated."""
    for here, call in subject.calls():
        if call.operation.deprecated:
            where = [("it is declared here", call.operation.at.span())]
            yield codes.DEPRECATED.at(
                place_of_call(here), f"{named(call.operation)} is deprecated", None, where
            )
        for parameter in call.parameters:
            if parameter.declared and parameter.spec.deprecated:
                node = parameter.at.get("name") or parameter.at
                message = f"the parameter {parameter.name!r} of {named(call.operation)} is deprecated"
                yield codes.DEPRECATED.at(node.span(), message)


def servers_without_encryption(subject: Subject) -> Iterator[Diagnostic]:
    """Requests go to an ``http:`` server that is not this machine."""
    nodes = {source.name: source.at for source in subject.plan.document.source_descriptions}
    seen: set[tuple[str, str]] = set()
    for here, call in subject.calls():
        parts = urlsplit(call.server_url)
        if (
            parts.scheme != "http"
            or is_loopback(parts.hostname or "")
            or (call.source, call.server_url) in seen
        ):
            continue
        seen.add((call.source, call.server_url))
        node = nodes.get(call.source)
        span = (node.get("url") or node).span() if node is not None else place_of_call(here)
        message = f"requests to {call.source!r} go to {call.server_url}, unencrypted"
        yield codes.PLAIN_HTTP.at(span, message, f"say --server {call.source}=https://…, if it has one")
