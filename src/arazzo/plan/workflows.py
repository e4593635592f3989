"""Which workflow a ``workflowId`` means: one of the document, or of another Arazzo document that is its source."""

from __future__ import annotations

from msgspec import Struct

from arazzo import codes
from arazzo.descriptions.openapi.references import at_key
from arazzo.diagnostics import Findings, Guesses
from arazzo.document.model import Document, SourceDescription, Workflow
from arazzo.plan.library import Library, find_workflow
from arazzo.plan.model import WorkflowKey
from arazzo.source import Node

_PREFIX = "$sourceDescriptions."


class FoundWorkflow(Struct, frozen=True):
    """A workflow and the document it stands in."""

    document: Document
    workflow: Workflow

    @property
    def key(self) -> WorkflowKey:
        return WorkflowKey(self.document.uri, self.workflow.workflow_id)


def resolve_workflow(
    document: Document, reference: str, node: Node, library: Library, findings: Findings
) -> FoundWorkflow | None:
    """The workflow that ``reference``, written at ``node``, names; None, with a finding, when there is none."""
    text = reference.strip()
    if text.startswith("{$") and text.endswith("}"):
        text = text[1:-1]
    if not text.startswith(_PREFIX):
        meant = _prefixed(document, text)
        if meant is not None:
            return _by_prefix(document, meant, text, node, library, findings)
        return _in_document(document, text, node, findings)
    name, _, workflow_id = text.removeprefix(_PREFIX).partition(".")
    source = next((source for source in document.source_descriptions if source.name == name), None)
    if source is None:
        known = [source.name for source in document.source_descriptions]
        hint = findings.guesses.suggest(name, known, "the document's sources")
        findings.add(codes.UNKNOWN_SOURCE.at(node.span(), f"no source description is named {name!r}", hint))
        return None
    loaded = library.source(document, source, findings)
    if loaded is None:
        return None
    if not isinstance(loaded, Document):
        message = f"the source {name!r} is an API description; a workflow needs an Arazzo document"
        findings.add(
            codes.SOURCE_TYPE.at(
                node.span(), message, _instead(document, workflow_id, node, findings.guesses)
            )
        )
        return None
    return _in_document(loaded, workflow_id, node, findings)


def _prefixed(document: Document, text: str) -> SourceDescription | None:
    """The Arazzo source that ``name.workflowId`` names, in a document without a workflow of the whole name.

    Of several sources whose names fit, the one with the longest is meant.
    """
    fitting = [
        source
        for source in document.source_descriptions
        if source.type in (None, "arazzo") and source.name and text.startswith(f"{source.name}.")
    ]
    if not fitting or find_workflow(document, text) is not None:
        return None
    return max(fitting, key=lambda source: len(source.name))


def _by_prefix(
    document: Document,
    source: SourceDescription,
    text: str,
    node: Node,
    library: Library,
    findings: Findings,
) -> FoundWorkflow | None:
    """◇ ``name.workflowId``, where ``source`` has the workflow; where it cannot be had, that is what is wrong."""
    told = Findings()
    loaded = library.source(document, source, told)
    workflow_id = text.removeprefix(f"{source.name}.")
    workflow = find_workflow(loaded, workflow_id) if isinstance(loaded, Document) else None
    if loaded is not None and workflow is None:
        return _in_document(document, text, node, findings)
    findings.extend(told)
    right = f"{_PREFIX}{source.name}.{workflow_id}"
    finding = codes.EXPRESSION_FORM.at(node.span(), f"a workflowId with its source is written `{right}`")
    # A name with a dot in it would be read as another source's.
    written = isinstance(node.value, str) and node.value.strip() == text and "." not in source.name
    findings.add(finding.mended(node.path, node.value, right) if written else finding)
    return FoundWorkflow(loaded, workflow) if isinstance(loaded, Document) and workflow is not None else None


def _instead(document: Document, workflow_id: str, node: Node, guesses: Guesses) -> str | None:
    """What may have been meant by a workflow of an API description: one of the document itself, or an operation."""
    own = guesses.nearest(workflow_id, [workflow.workflow_id for workflow in document.workflows])
    if own is not None:
        return f"the document's own workflow is named without a source: workflowId: {own}"
    in_action = any(
        key in ("onSuccess", "onFailure", "successActions", "failureActions") for key in node.path
    )
    return None if in_action or "dependsOn" in node.path else "call its operations with operationId"


def _in_document(
    document: Document, workflow_id: str, node: Node, findings: Findings
) -> FoundWorkflow | None:
    workflow = find_workflow(document, workflow_id)
    if workflow is not None:
        return FoundWorkflow(document, workflow)
    own = _own_id(document, node)
    others = [other.workflow_id for other in document.workflows if other.workflow_id != own]
    otherwise = f"{document.file} has"
    hint = findings.guesses.suggest(workflow_id, others, otherwise) if others else "it has no other workflow"
    findings.add(
        codes.UNKNOWN_WORKFLOW.at(node.span(), f"{document.file} has no workflow {workflow_id!r}", hint)
    )
    return None


def _own_id(document: Document, node: Node) -> str | None:
    """The workflow around ``node`` where it cannot mean itself: it neither depends on itself nor is its own step."""
    path = node.path
    if node.tree is not document.at.tree or len(path) < _DEEP_ENOUGH or path[0] != "workflows":
        return None
    is_step = len(path) == _STEP_DEPTH and path[-1] == "workflowId"
    at = document.at.get("workflows")
    here = at_key(at, path[1]) if at is not None else None
    own = here.get("workflowId") if here is not None and ("dependsOn" in path or is_step) else None
    return str(own.value) if own is not None else None


_DEEP_ENOUGH = 4
_STEP_DEPTH = 5
