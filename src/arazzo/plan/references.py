"""What expressions may name: the names around a workflow's expressions, and whether those they use exist."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from arazzo import codes
from arazzo.diagnostics import Diagnostic, Findings, Guesses, Span
from arazzo.document.model import Document, Workflow
from arazzo.expression.nodes import (
    ComponentReference,
    Expression,
    InputReference,
    SourceReference,
    StepReference,
    WorkflowReference,
)
from arazzo.expression.scope import Names, WorkflowNames
from arazzo.plan.inputs import InputsSchema

_SOURCE_FIELDS: Final = ("name", "url", "type")


class Surroundings(Struct, frozen=True):
    """Everything the expressions of one workflow can name. ``strangers`` are outputs that cannot be known here."""

    document: Document
    workflow: Workflow
    names: Names

    def seeing(self, outputs: Collection[str]) -> Names:
        """The names, with ``$outputs.`` seeing ``outputs``."""
        return replace(self.names, outputs=outputs)

    def before(self, step_id: str) -> Names:
        """The names for what a step sends, which has no outputs yet: ``$outputs.`` can only mean another's."""
        return replace(self.names, outputs=self.names.lenders, sender=step_id)


def surroundings(
    document: Document,
    workflow: Workflow,
    inputs: InputsSchema,
    step_outputs: Mapping[str, Collection[str] | None],
    workflows: Mapping[str, WorkflowNames],
    guesses: Guesses,
) -> Surroundings:
    """The names of ``workflow``; ``workflows`` are those of every workflow of its document.

    ``guesses`` are what hints about names that are not there may take.
    """
    sources = tuple(source.name for source in document.source_descriptions)
    lenders: dict[str, list[str]] = {}
    for step_id, outputs in step_outputs.items():
        for name in outputs or ():
            lenders.setdefault(name, []).append(step_id)
    names = Names(inputs.names, (), dict(step_outputs), workflows, sources, lenders=lenders, guesses=guesses)
    return Surroundings(document, workflow, names)


def check_expressions(
    expressions: Iterable[tuple[Expression, Span | None]], around: Surroundings, findings: Findings
) -> None:
    """Report each of ``expressions`` whose referent is declared nowhere."""
    for expression, span in expressions:
        match expression:
            case InputReference(name=name):
                _check_input(name, span, around, findings)
            case StepReference():
                _check_step(expression, span, around, findings)
            case WorkflowReference():
                _check_workflow(expression, span, around, findings)
            case SourceReference(source_name=name):
                if name not in around.names.sources:
                    hint = findings.guesses.suggest(name, around.names.sources, "the document's sources")
                    findings.add(
                        codes.UNKNOWN_SOURCE.at(span, f"no source description is named {name!r}", hint)
                    )
                elif expression.reference not in _SOURCE_FIELDS:
                    findings.add(_no_field(expression, span))
            case ComponentReference(type=kind, name=name):
                _check_component(kind, name, span, around, findings)
            case _:
                pass  # Parts of messages are known only when there is a message.


def _no_field(expression: SourceReference, span: Span | None) -> Diagnostic:
    """What is found by way of a source description when a document is linked has no value when it is run."""
    written = f"$sourceDescriptions.{expression.source_name}.{expression.reference}"
    message = f"`{written}` never has a value: of a source description name, url and type can be read"
    workflow, _, name = expression.reference.rpartition(".outputs.")
    hint = f"call {workflow} in a step, and read `$steps.<stepId>.outputs.{name}`" if workflow else None
    return codes.UNKNOWN_OUTPUT.at(span, message, hint)


def _check_input(name: str, span: Span | None, around: Surroundings, findings: Findings) -> None:
    if name in around.names.inputs:
        return
    message = f"the workflow {around.workflow.workflow_id!r} declares no input {name!r}"
    findings.add(
        codes.UNKNOWN_INPUT.at(
            span, message, findings.guesses.suggest(name, around.names.inputs, "it declares")
        )
    )


def _check_step(
    expression: StepReference, span: Span | None, around: Surroundings, findings: Findings
) -> None:
    steps = around.names.steps
    if expression.step_id not in steps:
        message = f"the workflow {around.workflow.workflow_id!r} has no step {expression.step_id!r}"
        findings.add(
            codes.UNKNOWN_STEP.at(
                span, message, findings.guesses.suggest(expression.step_id, steps, "its steps")
            )
        )
        return
    outputs = steps[expression.step_id]
    if outputs is not None and expression.name not in outputs:
        message = f"the step {expression.step_id!r} declares no output {expression.name!r}"
        findings.add(
            codes.UNKNOWN_OUTPUT.at(
                span, message, findings.guesses.suggest(expression.name, outputs, "it declares")
            )
        )


def _check_workflow(
    expression: WorkflowReference, span: Span | None, around: Surroundings, findings: Findings
) -> None:
    workflows = around.names.workflows
    found = workflows.get(expression.workflow_id)
    if found is None:
        message = f"the document has no workflow {expression.workflow_id!r}"
        hint = findings.guesses.suggest(expression.workflow_id, workflows, "its workflows")
        findings.add(codes.UNKNOWN_WORKFLOW.at(span, message, hint))
        return
    known = found.outputs if expression.member == "outputs" else found.inputs
    if expression.name not in known:
        code = codes.UNKNOWN_OUTPUT if expression.member == "outputs" else codes.UNKNOWN_INPUT
        message = f"the workflow {expression.workflow_id!r} declares no {expression.member[:-1]} {expression.name!r}"
        findings.add(code.at(span, message, findings.guesses.suggest(expression.name, known, "it declares")))


def _check_component(
    kind: str, name: str, span: Span | None, around: Surroundings, findings: Findings
) -> None:
    components = around.document.components
    known: Collection[str] = {
        "parameters": components.parameters,
        "successActions": components.success_actions,
        "failureActions": components.failure_actions,
    }[kind]
    if name not in known:
        hint = findings.guesses.suggest(name, known, "it has")
        findings.add(codes.UNKNOWN_COMPONENT.at(span, f"components.{kind} has no {name!r}", hint))
