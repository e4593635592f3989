"""What reads the inputs of a workflow, and what in a document refers to the schemas of inputs among its components."""

from __future__ import annotations

from arazzo.document.model import Document
from arazzo.expression.nodes import AllInputs, InputReference
from arazzo.plan.model import WorkflowCall, WorkflowPlan
from arazzo.rules.rule import Subject
from arazzo.source import Path


def inputs_read(subject: Subject, workflow: WorkflowPlan) -> set[str] | None:
    """The inputs that a workflow reads or passes on; None when it reads all of them at once, or nobody can tell."""
    names: set[str] = set()
    for reading in subject.readings(workflow):
        if isinstance(reading.expression, AllInputs):
            return None
        if isinstance(reading.expression, InputReference):
            names.add(reading.expression.name)
    passed_on = [*workflow.depends_on]
    for step in workflow.steps:
        targets = [action.target for action in (*step.on_success, *step.on_failure)]
        passed_on.extend(target.target for target in targets if isinstance(target, WorkflowCall))
    for key in passed_on:
        called = subject.plan.workflows.get(key)
        if called is None or not called.inputs.is_known:
            return None
        names.update(called.inputs.properties)
    return names


def schemas_referred_to(document: Document) -> set[Path]:
    """The places under ``components.inputs`` that a ``$ref`` of the document leads to."""
    if not document.components.inputs:
        return set()
    from arazzo.plan.schema_references import SchemaReferences  # here: most documents have no such component

    targets = SchemaReferences(document, None).targets()
    return {target.path for target in targets if target.path[:2] == ("components", "inputs")}
