"""Linking: from documents to a plan with nothing left to look up (``docs/architecture.md``).

Unknown operations, targets that are not there, expressions that cannot be read: whatever can be known before the
first request is found here, with a position. Linking never stops at the first finding.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from arazzo import codes
from arazzo.diagnostics import Diagnostic, Findings, Guesses
from arazzo.document.model import Document, Step, Workflow
from arazzo.document.reading import shortened
from arazzo.expression.scope import WorkflowNames
from arazzo.plan.inputs import InputsSchema, read_inputs
from arazzo.plan.library import Library, base_uri, find_workflow
from arazzo.plan.model import (
    ActionPlan,
    Plan,
    StepDependency,
    StepPlan,
    StepTarget,
    UnknownCall,
    WorkflowKey,
    WorkflowPlan,
)
from arazzo.plan.order import Flowing, Read, check_reads, order_steps
from arazzo.plan.references import Surroundings, surroundings
from arazzo.plan.reusable import (
    failure_actions_of,
    merge_actions,
    merge_parameters,
    parameters_of,
    success_actions_of,
)
from arazzo.plan.steps import Merged, StepLinker, request_reads
from arazzo.plan.workflows import resolve_workflow
from arazzo.source import Node


def link(document: Document, library: Library, workflow_id: str | None = None) -> Plan:
    """The plan of ``document``: of ``workflow_id`` and what it can reach, or of every workflow when it is None.

    Raises nothing: what is wrong is in ``Plan.diagnostics``, in the order of the text. A workflow some step of which
    calls what cannot be had is there as far as it is known, and in ``Plan.unlinked``.
    """
    library.add(document)
    findings = Findings(strict=library.options.strict)
    findings.extend(document.diagnostics)
    wanted = [w for w in document.workflows if workflow_id in (None, w.workflow_id)]
    linked: dict[WorkflowKey, WorkflowPlan] = {}
    pending = [WorkflowKey(document.uri, workflow.workflow_id) for workflow in wanted]
    seen: set[WorkflowKey] = set()
    documents = {document.uri}
    graph: dict[WorkflowKey, tuple[WorkflowKey, ...]] = {}
    while pending:
        key = pending.pop(0)
        if key in seen:
            continue
        seen.add(key)
        home = library.document(key.document)
        if home.uri not in documents:
            documents.add(home.uri)
            findings.extend(home.diagnostics)
        workflow = find_workflow(home, key.workflow_id)
        assert workflow is not None, "only workflows that were found are pending"
        plan, reached, depends_on = _WorkflowLinker(home, workflow, library, findings).link()
        graph[key] = depends_on
        pending.extend(reached)
        if plan is not None:
            linked[key] = plan
    _check_circles(graph, library, findings)
    entry = entry_of(document, workflow_id)
    return Plan(
        document,
        entry,
        linked,
        in_text_order(findings, document),
        tuple(key for key in seen if key not in linked or not _is_whole(linked[key])),
        library.options.strict,
        library.options.secret_inputs,
        library.options.headers,
        library.options.follow_redirects,
    )


def _is_whole(workflow: WorkflowPlan) -> bool:
    return not any(isinstance(step.call, UnknownCall) for step in workflow.steps)


def entry_of(document: Document, workflow_id: str | None) -> WorkflowKey | None:
    """The workflow to run: the one named, or the only one."""
    if workflow_id is not None:
        return WorkflowKey(document.uri, workflow_id)
    if len(document.workflows) == 1:
        return WorkflowKey(document.uri, document.workflows[0].workflow_id)
    return None


def in_text_order(findings: Iterable[Diagnostic], document: Document) -> tuple[Diagnostic, ...]:
    """The entry document's findings first, each document's by position."""

    def place(diagnostic: Diagnostic) -> tuple[bool, str, int, int]:
        span = diagnostic.span
        if span is None:
            return (True, "", 0, 0)
        return (span.file != document.file, span.file, span.line, span.column)

    return tuple(sorted(findings, key=place))


def _check_circles(
    graph: dict[WorkflowKey, tuple[WorkflowKey, ...]], library: Library, findings: Findings
) -> None:
    """Report workflows that depend on each other in a circle, which none of them could ever complete."""
    done: set[WorkflowKey] = set()
    for start in graph:
        path: dict[WorkflowKey, None] = {}
        pending: list[tuple[WorkflowKey, bool]] = [(start, False)]
        while pending:
            key, leaving = pending.pop()
            if leaving:
                done.add(path.popitem()[0])
            elif key in path:
                passed = list(path)
                circle = [k.workflow_id for k in (*passed[passed.index(key) :], key)]
                workflow = find_workflow(library.document(key.document), key.workflow_id)
                node = workflow.at.get("dependsOn") if workflow else None
                message = f"these workflows depend on each other in a circle: {' -> '.join(circle)}"
                span = node.key_span() if node else None
                findings.add(codes.DEPENDENCY_CYCLE.at(span, shortened(message)))
            elif key not in done:
                path[key] = None
                pending.append((key, True))
                pending.extend((other, False) for other in graph.get(key, ()))


class _WorkflowLinker(Struct):
    """Links one workflow of one document."""

    document: Document
    workflow: Workflow
    library: Library
    findings: Findings

    def link(self) -> tuple[WorkflowPlan | None, tuple[WorkflowKey, ...], tuple[WorkflowKey, ...]]:
        """The plan, if there are steps; the workflows it calls or goes to; those it depends on."""
        workflow = self.workflow
        inputs = read_inputs(self.document, workflow.inputs, self.findings, self.library.files)
        around = self._surroundings(inputs)
        depends_on = self._depends_on()
        positions: dict[str, int] = {}
        for index, step in enumerate(workflow.steps):
            positions.setdefault(step.step_id, index)
        linker = StepLinker(around, self.library, self.findings, positions)
        merge = self._merger()
        plans = [linker.link(step, merge(step), index) for index, step in enumerate(workflow.steps)]
        outputs = {
            name: linker.value(node, around.seeing(workflow.outputs))
            for name, node in workflow.outputs.items()
        }
        reached = (*linker.reached, *depends_on)
        if not plans:
            return None, reached, depends_on
        finished = [self._finish(plan, linker) for plan in plans]
        flowing = _flowing(finished)
        order = order_steps(flowing, self.findings)
        check_reads([flowing[index] for index in order], self.findings)
        plan = WorkflowPlan(
            WorkflowKey(self.document.uri, workflow.workflow_id),
            workflow,
            self.document,
            replace(inputs, carried=frozenset(linker.credential_inputs)),
            _reorder(finished, order),
            outputs,
            depends_on,
            {
                s.name: {"name": s.name, "url": s.url, "type": s.type or ""}
                for s in self.document.source_descriptions
            },
            base_uri(self.document) if self.document.self_uri else None,
        )
        return plan, reached, depends_on

    def _surroundings(self, inputs: InputsSchema) -> Surroundings:
        quiet = Findings(guesses=Guesses(0))  # Each of these is reported where it is linked.
        step_outputs: dict[str, Collection[str] | None] = {}
        for step in self.workflow.steps:
            step_outputs[step.step_id] = self._outputs_of(step, quiet)
        return surroundings(
            self.document, self.workflow, inputs, step_outputs, self._workflows(), self.findings.guesses
        )

    def _workflows(self) -> Mapping[str, WorkflowNames]:
        """The names of every workflow of the document, read once for all that are linked."""
        known = self.library.names.get(self.document.uri)
        if known is None:
            quiet = Findings(guesses=Guesses(0))
            known = self.library.names[self.document.uri] = {
                other.workflow_id: WorkflowNames(
                    read_inputs(self.document, other.inputs, quiet, self.library.files, check=False).names,
                    other.outputs,
                )
                for other in self.document.workflows
            }
        return known

    def _outputs_of(self, step: Step, quiet: Findings) -> Collection[str] | None:
        """The outputs a step can have: its own, and those of the workflow it calls; None when they cannot be known."""
        if step.workflow_id is None:
            return step.outputs
        found = resolve_workflow(self.document, step.workflow_id, step.at, self.library, quiet)
        return (*step.outputs, *found.workflow.outputs) if found else None

    def _depends_on(self) -> tuple[WorkflowKey, ...]:
        node = self.workflow.at.get("dependsOn")
        written = list(node.elements()) if node else []
        found = [
            resolve_workflow(self.document, name.value, name, self.library, self.findings)
            for name in written
            if isinstance(name.value, str)
        ]
        return tuple(workflow.key for workflow in found if workflow)

    def _merger(self) -> Callable[[Step], Merged]:
        """Resolves the workflow's own lists once, and merges each step's into them."""
        document, findings, workflow = self.document, self.findings, self.workflow
        parameters = parameters_of(workflow.parameters, document, findings)
        success = success_actions_of(workflow.success_actions, document, findings)
        failure = failure_actions_of(workflow.failure_actions, document, findings)

        def merge(step: Step) -> Merged:
            own = parameters_of(step.parameters, document, findings)
            return Merged(
                merge_parameters(own, parameters),
                frozenset(p.name for p in own),
                merge_actions(success_actions_of(step.on_success, document, findings), success),
                merge_actions(failure_actions_of(step.on_failure, document, findings), failure),
            )

        return merge

    def _finish(self, plan: StepPlan, linker: StepLinker) -> StepPlan:
        """``plan`` with what only the whole workflow tells: dependencies, and which outputs are credentials."""
        node = plan.step.at.get("dependsOn")
        written = list(node.elements()) if node else []
        dependencies = [self._dependency(plan.step, name) for name in written if isinstance(name.value, str)]
        secret = frozenset(e.name for e in linker.credentials if e.step_id == plan.step_id)
        return replace(plan, depends_on=tuple(d for d in dependencies if d), secret_outputs=secret)

    def _dependency(self, step: Step, node: Node) -> StepDependency | None:
        """What the ``dependsOn`` of ``step`` names: a step of this workflow, or ``$workflows.<id>.steps.<id>``."""
        text = str(node.value).strip().removeprefix("$steps.")
        reference, separator, step_id = text.rpartition(".steps.")
        if not text.startswith("$"):
            return self._known_step(self.workflow, text, None, node, but=step)
        if not separator:
            message = f"{text!r} names no step"
            hint = "write the stepId, or $workflows.WORKFLOW.steps.STEP"
            self.findings.add(codes.BAD_EXPRESSION.at(node.span(), message, hint))
            return None
        workflow_id = reference.removeprefix("$workflows.")
        found = resolve_workflow(self.document, workflow_id, node, self.library, self.findings)
        return self._known_step(found.workflow, step_id, found.key, node) if found else None

    def _known_step(
        self,
        workflow: Workflow,
        step_id: str,
        key: WorkflowKey | None,
        node: Node,
        but: Step | None = None,
    ) -> StepDependency | None:
        """The step of that id; no step but ``but`` is suggested in the place of one that is not there."""
        if any(step.step_id == step_id for step in workflow.steps):
            return StepDependency(step_id, key)
        hint = self.findings.guesses.suggest(
            step_id, [step.step_id for step in workflow.steps if step is not but], "its other steps"
        )
        message = f"the workflow {workflow.workflow_id!r} has no step {step_id!r}"
        self.findings.add(codes.UNKNOWN_STEP.at(node.span(), message, hint))
        return None


def _flowing(plans: Sequence[StepPlan]) -> list[Flowing]:
    """What of each step matters for order; a retry leads back to its step, through its target if it has one."""
    leads_to: list[set[str]] = [set() for _ in plans]
    for plan, targets in zip(plans, leads_to, strict=True):
        for action in (*plan.on_success, *plan.on_failure):
            if action.type == "retry":
                targets.add(plan.step_id)
            if isinstance(action.target, StepTarget):
                targets.add(action.target.step_id)
                if action.type == "retry":
                    leads_to[action.target.index].add(plan.step_id)
    return [
        Flowing(
            plan.step_id,
            tuple(dependency.step_id for dependency in plan.depends_on if dependency.workflow is None),
            tuple(Read(expression.step_id, span) for expression, span in request_reads(plan)),
            tuple(sorted(targets)),
            (plan.step.at.get("stepId") or plan.step.at).span(),
        )
        for plan, targets in zip(plans, leads_to, strict=True)
    ]


def _reorder(plans: Sequence[StepPlan], order: Sequence[int]) -> tuple[StepPlan, ...]:
    """``plans`` in running order, with every index brought into line."""
    if list(order) == list(range(len(plans))):
        return tuple(plans)
    position = {old: new for new, old in enumerate(order)}

    def moved(action: ActionPlan) -> ActionPlan:
        if not isinstance(action.target, StepTarget):
            return action
        return replace(action, target=replace(action.target, index=position[action.target.index]))

    return tuple(
        replace(
            plans[old],
            index=new,
            on_success=tuple(map(moved, plans[old].on_success)),
            on_failure=tuple(map(moved, plans[old].on_failure)),
        )
        for new, old in enumerate(order)
    )
