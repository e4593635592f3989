"""A workflow as a graph, in text that other programs draw: Mermaid and Graphviz."""

from __future__ import annotations

import json
from collections.abc import Iterator

from msgspec import Struct

from arazzo.plan.model import ActionPlan, StepTarget, WorkflowCall, WorkflowPlan


class _Edge(Struct, frozen=True):
    """From step ``start`` to step ``end``, or to a named end."""

    start: int
    end: str
    label: str
    failure: bool = False


def mermaid(workflow: WorkflowPlan) -> Iterator[str]:
    """The workflow as a Mermaid flowchart."""
    yield "flowchart TD"
    for step in workflow.steps:
        yield f"  s{step.index}[{_quoted(step.step_id)}]"
    yield "  finish([end])"
    for name, identity in _others(workflow).items():
        yield f"  {identity}[[{_quoted(name)}]]"
    for edge in _edges(workflow):
        arrow = "-.->" if edge.failure else "-->"
        label = f"|{_quoted(edge.label)}|" if edge.label else ""
        yield f"  s{edge.start} {arrow}{label} {edge.end}"


def dot(workflow: WorkflowPlan) -> Iterator[str]:
    """The workflow in Graphviz's language."""
    yield f"digraph {json.dumps(workflow.key.workflow_id)} {{"
    yield "  node [shape=box];"
    for step in workflow.steps:
        yield f"  s{step.index} [label={json.dumps(step.step_id)}];"
    yield "  finish [label=end, shape=oval];"
    for name, identity in _others(workflow).items():
        yield f"  {identity} [label={json.dumps(name)}, shape=component];"
    for edge in _edges(workflow):
        style = ", style=dashed" if edge.failure else ""
        yield f"  s{edge.start} -> {edge.end} [label={json.dumps(edge.label)}{style}];"
    yield "}"


def _quoted(text: str) -> str:
    return '"' + text.replace('"', "#quot;").replace("\n", " ") + '"'


def _actions(workflow: WorkflowPlan) -> Iterator[tuple[int, ActionPlan, bool]]:
    for step in workflow.steps:
        for action in step.on_success:
            yield step.index, action, False
        for action in step.on_failure:
            yield step.index, action, True


def _others(workflow: WorkflowPlan) -> dict[str, str]:
    """Workflows that actions lead to, each with the name its node has."""
    names: dict[str, str] = {}
    for _, action, _ in _actions(workflow):
        if isinstance(action.target, WorkflowCall):
            names.setdefault(action.target.target.workflow_id, f"w{len(names)}")
    return names


def _edges(workflow: WorkflowPlan) -> Iterator[_Edge]:
    others = _others(workflow)
    for start, action, failure in _actions(workflow):
        label = action.name
        match action.target:
            case StepTarget(index) if action.type == "goto":
                yield _Edge(start, f"s{index}", label, failure)
            case WorkflowCall(target=key) if action.type == "goto":
                yield _Edge(start, others[key.workflow_id], label, failure)
            case _ if action.type == "retry":
                yield _Edge(start, f"s{start}", f"{label} (retry)", failure)
            case _:
                yield _Edge(start, "finish", label, failure)
    last = len(workflow.steps) - 1
    for step in workflow.steps:
        if not any(not action.criteria and action.type != "retry" for action in step.on_success):
            yield _Edge(step.index, "finish" if step.index == last else f"s{step.index + 1}", "")
