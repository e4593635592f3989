"""Reusable Objects and overriding: from what the author wrote to the list that counts.

A step's parameters and actions override the workflow's of the same name and never remove them; a Reusable Object
stands for a component of the document it is written in (specification, "Reusable Object", "Components Object").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from msgspec.structs import replace

from arazzo import codes
from arazzo.diagnostics import Findings
from arazzo.document.model import Document, FailureAction, Parameter, Reusable, SuccessAction

Component = TypeVar("Component", Parameter, SuccessAction, FailureAction)
Action = TypeVar("Action", SuccessAction, FailureAction)


def resolve(
    listed: Sequence[Component | Reusable],
    components: Mapping[str, Component],
    kind: str,
    findings: Findings,
) -> list[Component]:
    """``listed`` with every Reusable Object replaced by the ``kind`` of component it names."""
    resolved: list[Component] = []
    for item in listed:
        if not isinstance(item, Reusable):
            resolved.append(item)
            continue
        found = _lookup(item, components, kind, findings)
        if found is None:
            continue
        if item.value is not None and isinstance(found, Parameter):
            found = replace(found, value=item.value)
        resolved.append(found)
    return resolved


def _lookup(
    item: Reusable, components: Mapping[str, Component], kind: str, findings: Findings
) -> Component | None:
    reference = item.at.get("reference")
    span = reference.span() if reference else item.at.span()
    prefix = f"$components.{kind}."
    text = item.reference.strip().removeprefix("{").removesuffix("}")
    if not text.startswith(prefix):
        message = f"the reference {item.reference!r} does not name one of the document's {kind}"
        findings.add(codes.UNKNOWN_COMPONENT.at(span, message, f"write it as {prefix}NAME"))
        return None
    name = text.removeprefix(prefix)
    if name in components:
        return components[name]
    hint = findings.guesses.suggest(name, components, f"the document's {kind}")
    findings.add(codes.UNKNOWN_COMPONENT.at(span, f"components.{kind} has no {name!r}", hint))
    return None


def merge_parameters(own: Sequence[Parameter], inherited: Sequence[Parameter]) -> list[Parameter]:
    """The step's parameters and, before them, the workflow's that it does not override (same ``name`` and ``in``)."""
    overridden = {(parameter.name, parameter.in_) for parameter in own}
    return [p for p in inherited if (p.name, p.in_) not in overridden] + list(own)


def merge_actions(own: Sequence[Action], inherited: Sequence[Action]) -> list[Action]:
    """The step's actions, then the workflow's that it does not override (same ``name``)."""
    overridden = {action.name for action in own}
    return list(own) + [action for action in inherited if action.name not in overridden]


def parameters_of(
    listed: Sequence[Parameter | Reusable], document: Document, findings: Findings
) -> list[Parameter]:
    return resolve(listed, document.components.parameters, "parameters", findings)


def success_actions_of(
    listed: Sequence[SuccessAction | Reusable], document: Document, findings: Findings
) -> list[SuccessAction]:
    return resolve(listed, document.components.success_actions, "successActions", findings)


def failure_actions_of(
    listed: Sequence[FailureAction | Reusable], document: Document, findings: Findings
) -> list[FailureAction]:
    return resolve(listed, document.components.failure_actions, "failureActions", findings)
