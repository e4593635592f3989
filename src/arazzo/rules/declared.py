"""Rules about the inputs that a workflow declares (Workflow Object, ``inputs``: a JSON Schema)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from arazzo.codes import UNKNOWN_FIELD, UNKNOWN_INPUT
from arazzo.diagnostics import Diagnostic, nearest
from arazzo.plan.model import WorkflowPlan
from arazzo.rules.compat import misfits
from arazzo.rules.feeds import told
from arazzo.rules.inputs import schemas_referred_to
from arazzo.rules.rule import Subject
from arazzo.rules.schemas import Nowhere, into
from arazzo.rules.shapes import Constant
from arazzo.source import Node

# fmt: off
_WORDS: Final = frozenset(
    (
        "$schema", "$id", "$ref", "$anchor", "$dynamicRef", "$dynamicAnchor", "$vocabulary", "$comment",
        "$defs", "allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas", "prefixItems",
        "items", "contains", "properties", "patternProperties", "additionalProperties", "propertyNames",
        "unevaluatedItems", "unevaluatedProperties", "type", "enum", "const", "multipleOf", "maximum",
        "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength", "minLength", "pattern", "maxItems",
        "minItems", "uniqueItems", "maxContains", "minContains", "maxProperties", "minProperties", "required",
        "dependentRequired", "title", "description", "default", "deprecated", "readOnly", "writeOnly",
        "examples", "format", "contentEncoding", "contentMediaType", "contentSchema", "definitions",
        "dependencies", "additionalItems",
    )
)
"""The words of JSON Schema, those of its older drafts too."""
_BESIDE: Final = frozenset(
    (
        "id", "example", "nullable", "discriminator", "xml", "externalDocs", "name", "in", "schema", "content",
        "style", "explode", "allowReserved", "value", "values", "optional",
    )
)
"""What people write beside them and mean as it stands."""
# fmt: on
_ALIKE: Final = 0.85
_SHORTEST: Final = 4
"""Letters of a word that another can be a misspelling of: `note` is none of `not`."""
_MISSPELT: Final = tuple(word for word in sorted(_WORDS) if len(word) >= _SHORTEST and word[0] != "$")
_OTHERS: Final = frozenset(
    ("$ref", "allOf", "anyOf", "oneOf", "patternProperties", "additionalProperties", "if", "dependentSchemas")
)
"""What may declare inputs besides ``properties``."""


def inputs_required_and_undeclared(subject: Subject) -> Iterator[Diagnostic]:
    """A name that the inputs require and do not declare, so that every caller must give what nobody describes."""
    for _, at in _schemas(subject):
        declared, listed = at.get("properties"), at.get("required")
        if declared is None or not declared.value or listed is None or _has_others(at):
            continue
        names = [name for name, _ in declared.items()]
        for node in listed.elements():
            if isinstance(node.value, str) and node.value not in names:
                message = f"the inputs require {node.value!r} and do not declare it"
                hint = subject.shapes.guesses.suggest(node.value, names, "they declare")
                yield UNKNOWN_INPUT.at(node.span(), message, hint)


def defaults_that_do_not_fit(subject: Subject) -> Iterator[Diagnostic]:
    """A default that the schema of its own input does not allow: the workflow cannot be run with it."""
    for workflow, at in _schemas(subject):
        declared, whole = at.get("properties"), subject.shapes.inputs(workflow)
        for name, node in declared.items() if declared is not None else ():
            default, wanted = node.get("default"), into(whole, name)
            if default is None or isinstance(wanted, Nowhere):
                continue
            given = Constant(default.value)
            for misfit in misfits(given, wanted, as_text=False):
                if misfit.kind not in ("missing", "undeclared"):
                    yield told(misfit, given, default, f"the input {name!r}", None, subject.shapes.guesses)


def words_that_schemas_have_not(subject: Subject) -> Iterator[Diagnostic]:
    """A misspelt word of JSON Schema, or inputs that stand beside ``type`` and not under ``properties``."""
    document = subject.plan.document
    referred = schemas_referred_to(document)
    for at in (*(at for _, at in _schemas(subject)), *document.components.inputs.values()):
        yield from _misspelt(at)
        declared = at.get("properties")
        for _, node in declared.items() if declared is not None else ():
            yield from _misspelt(node)
        if declared is not None or _has_others(at):
            continue
        for name, node in at.items():
            if (
                name not in _WORDS
                and isinstance(node.value, dict)
                and isinstance(node.value.get("type"), str)
                # Some keep several schemas in one component, and refer to each.
                and node.path not in referred
            ):
                message = f"{name!r} is no word of JSON Schema, so that no input is declared here"
                hint = f"write properties: {{{name}: …}}"
                yield UNKNOWN_FIELD.at(node.key_span(), message, hint)


def _has_others(schema: Node) -> bool:
    return isinstance(schema.value, dict) and not _OTHERS.isdisjoint(schema.value)


def _misspelt(schema: Node) -> Iterator[Diagnostic]:
    for word, node in schema.items():
        if word in _WORDS or word in _BESIDE or word.startswith(("x-", "$")) or isinstance(node.value, dict):
            continue
        meant = nearest(word, _MISSPELT, _ALIKE)
        if meant is not None and schema.get(meant) is None:
            message = f"{word!r} is no word of JSON Schema and has no effect"
            yield UNKNOWN_FIELD.at(node.key_span(), message, f"did you mean {meant!r}?")


def _schemas(subject: Subject) -> Iterator[tuple[WorkflowPlan, Node]]:
    """The schemas of the inputs as they are written in the document itself."""
    for workflow in subject.workflows():
        at = workflow.inputs.at
        if at is not None and isinstance(at.value, dict):
            yield workflow, at
