"""``arazzo show``: what a workflow does, needs and gives, before anything is sent."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Iterator

from arazzo.api import linking
from arazzo.api.credentials import calls_of
from arazzo.cli.credentials import credentials_shown, flags_needed
from arazzo.cli.graph import dot, mermaid
from arazzo.cli.opening import link_keywords, open_document
from arazzo.cli.options import WorkflowOptions, tell_error, wants_color
from arazzo.cli.parser import Parser, add_linking, add_servers
from arazzo.document.model import Document, Workflow
from arazzo.errors import ArazzoError
from arazzo.plan.model import (
    ActionPlan,
    MessageCall,
    OperationCall,
    Plan,
    StepPlan,
    StepTarget,
    UnknownCall,
    WorkflowCall,
    WorkflowPlan,
)
from arazzo.report.console import Style
from arazzo.report.text import printable


class ShowOptions(WorkflowOptions, kw_only=True):
    """The options of ``arazzo show``."""

    graph: str | None = None


def show_command(arguments: list[str]) -> int:
    args = _parser().parse_intermixed_args(arguments, ShowOptions())
    style = Style(wants_color(sys.stdout))
    try:
        document = open_document(args.file, args)
        if args.workflow is None and len(document.workflows) != 1:
            lines = list(_contents(document, args.file, style))
        else:
            plan = linking.link(document, args.workflow, **link_keywords(args))
            lines = _show(plan, args, style)
    except ArazzoError as error:
        return tell_error(error)
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="arazzo show", description="What a workflow does, needs and gives.")
    parser.add_argument(
        "file", metavar="FILE", help="the Arazzo document: a path, a URL, or - for standard input"
    )
    parser.add_argument(
        "workflow", metavar="WORKFLOW", nargs="?", help="which workflow; without it, all are listed"
    )
    parser.add_argument(
        "--graph", choices=("mermaid", "dot"), help="print the steps and what leads where as a graph"
    )
    add_linking(parser)
    add_servers(parser)
    return parser


def _contents(document: Document, file: str, style: Style) -> Iterator[str]:
    """The workflows of a document with several."""
    yield f"{style.bold(printable(document.info.title))}  {style.dim(printable(document.file))}"
    if document.info.summary:
        yield f"  {printable(document.info.summary)}"
    yield ""
    width = max((len(printable(workflow.workflow_id)) for workflow in document.workflows), default=0)
    for workflow in document.workflows:
        name, told = printable(workflow.workflow_id), printable(workflow.summary or "")
        yield f"  {name:<{width}}  {style.dim(told)}".rstrip()
    yield ""
    yield f"arazzo show {shlex.quote(file)} WORKFLOW tells more of one"


def _show(plan: Plan, args: ShowOptions, style: Style) -> list[str]:
    assert plan.entry is not None, "a plan that can be run has an entry workflow"
    workflow = plan.workflows[plan.entry]
    if args.graph == "mermaid":
        return [*map(printable, mermaid(workflow))]
    if args.graph == "dot":
        return [*map(printable, dot(workflow))]
    lines = list(_head(workflow.workflow, plan.document, style))
    for title, body in (
        ("inputs", [*map(printable, _inputs(workflow))]),
        ("steps", list(_steps(workflow, style))),
        ("outputs", [*map(printable, _outputs(workflow))]),
        ("servers", [*map(printable, _servers(plan))]),
        ("credentials", [*map(printable, credentials_shown(plan))]),
        ("run it", [printable(_command(plan, workflow, args))]),
    ):
        if body:
            lines += ["", style.bold(title), *(f"  {line}" for line in body)]
    return lines


def _head(workflow: Workflow, document: Document, style: Style) -> Iterator[str]:
    yield f"{style.bold(printable(workflow.workflow_id))}  {style.dim(printable(document.file))}"
    for text in (workflow.summary, workflow.description):
        if text:
            yield from (f"  {printable(line)}" for line in text.strip().splitlines())


def _inputs(workflow: WorkflowPlan) -> Iterator[str]:
    schema = workflow.inputs
    names = list(schema.properties)
    width = max(map(len, names), default=0)
    for name in names:
        kind = " or ".join(sorted(schema.types(name))) or "any"
        default = schema.default(name)
        need = "required" if name in schema.required else f"default {default[0]!r}" if default else "optional"
        secret = " (hidden in all output)" if name in schema.secret else ""
        declared = schema.properties[name]
        told = declared.get("description") if isinstance(declared, dict) else None
        text = " ".join(told.split()) if isinstance(told, str) else ""
        yield f"{name:<{width}}  {kind:<8} {need:<8}  {text}{secret}".rstrip()


def _steps(workflow: WorkflowPlan, style: Style) -> Iterator[str]:
    for step in workflow.steps:
        yield f"{step.index + 1:>2}  {style.bold(printable(step.step_id))}  {printable(_call(step))}"
        if step.step.description:
            yield f"      {style.dim(printable(' '.join(step.step.description.split())))}"
        for criterion in step.criteria:
            yield f"      succeeds if  {printable(f'{criterion.condition}{_on(criterion.context)}')}"
        for action in step.on_success:
            yield f"      then         {printable(_action(action))}"
        for action in step.on_failure:
            yield f"      if it fails  {printable(_action(action))}"
        if step.outputs:
            yield f"      gives        {printable(', '.join(step.outputs))}"


def _call(step: StepPlan) -> str:
    match step.call:
        case OperationCall(operation=operation):
            name = f"  ({operation.operation_id})" if operation.operation_id else ""
            return f"{operation.method} {operation.path}{name}"
        case WorkflowCall(target=key):
            return f"workflow {key.workflow_id}"
        case MessageCall(action=action) as call:
            return f"{action or 'exchange'} {call.callee}"
        case UnknownCall():
            return "what could not be had"


def _action(action: ActionPlan) -> str:
    goes = ""
    if isinstance(action.target, StepTarget):
        goes = f" {action.target.step_id}"
    elif isinstance(action.target, WorkflowCall):
        goes = f" workflow {action.target.target.workflow_id}"
    budget = (
        f" up to {action.retry_limit} times, after {action.retry_after:g} s" if action.type == "retry" else ""
    )
    when = " and ".join(f"{c.condition}{_on(c.context)}" for c in action.criteria)
    return f"{action.type}{goes}{budget}{f' when {when}' if when else ''}  ({action.name})"


def _on(context: str | None) -> str:
    return f" on {context}" if context else ""


def _outputs(workflow: WorkflowPlan) -> Iterator[str]:
    width = max(map(len, workflow.outputs), default=0)
    for name, node in workflow.workflow.outputs.items():
        written = node.value if isinstance(node.value, str) else "selected from a value"
        yield f"{name:<{width}}  {written}"


def _servers(plan: Plan) -> Iterator[str]:
    seen = dict.fromkeys((call.source, call.server_url) for _, call in calls_of(plan))
    for source, url in seen:
        yield f"{source}  {url or f'none is named; say --server {shlex.quote(source)}=URL'}"


def _command(plan: Plan, workflow: WorkflowPlan, args: ShowOptions) -> str:
    several = f" {shlex.quote(args.workflow)}" if args.workflow else ""
    needed = "".join(f" -i {name}=…" for name in workflow.inputs.required)
    return f"arazzo run {shlex.quote(args.file)}{several}{needed}{flags_needed(plan)}"
