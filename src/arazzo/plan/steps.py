"""Linking one step: its call, criteria, actions and outputs become a ``StepPlan``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct, field

from arazzo import codes
from arazzo.criterion.table import CompiledCriterion, compile_criterion
from arazzo.descriptions.openapi.model import Operation, ParameterSpec, default_spec
from arazzo.descriptions.openapi.servers import path_names
from arazzo.diagnostics import Findings, Span
from arazzo.document.model import (
    Criterion,
    FailureAction,
    Parameter,
    PayloadReplacement,
    RequestBody,
    Step,
    SuccessAction,
)
from arazzo.expression.nodes import (
    BodySource,
    Expression,
    InputReference,
    MessagePart,
    OutputReference,
    StepReference,
)
from arazzo.expression.scope import Names
from arazzo.expression.template import Template, compile_value, expressions
from arazzo.plan.channels import FoundChannel, check_messages
from arazzo.plan.found import Found
from arazzo.plan.inputs import looks_like_credential, read_inputs
from arazzo.plan.library import Library
from arazzo.plan.model import (
    ActionPlan,
    Argument,
    BodyPlan,
    Call,
    MessageCall,
    OperationCall,
    ParameterPlan,
    ReplacementPlan,
    StepPlan,
    StepTarget,
    Target,
    UnknownCall,
    WorkflowCall,
    WorkflowKey,
)
from arazzo.plan.operations import OperationFinder
from arazzo.plan.references import Surroundings, check_expressions
from arazzo.plan.reusable import parameters_of
from arazzo.plan.servers import named_by, server_of
from arazzo.plan.workflows import resolve_workflow
from arazzo.source import Node

_DEFAULT_RETRIES: Final = 1


def _compile_selector(node: Node, names: Names, findings: Findings) -> Template:
    # Imported here: few documents have selectors, and the query languages come with much.
    from arazzo.query.selector import compile_selector

    return compile_selector(node, names, findings)


_LONGEST: Final = 10**12
"""Milliseconds; what is longer than that is no bound."""


class Merged(Struct, frozen=True):
    """What of a step counts after references are resolved and the workflow's own lists merged in."""

    parameters: Sequence[Parameter]
    own: frozenset[str]
    """Names of the parameters that the step itself passes."""
    on_success: Sequence[SuccessAction]
    on_failure: Sequence[FailureAction]


class StepLinker(Struct):
    """Links the steps of one workflow. ``positions`` gives the running index of each step id, the first if repeated."""

    around: Surroundings
    library: Library
    findings: Findings
    positions: Mapping[str, int]
    reached: list[WorkflowKey] = field(default_factory=list)
    """Workflows that the steps call or go to."""
    credentials: list[StepReference] = field(default_factory=list)
    """Step outputs that some parameter carries as a credential."""
    credential_inputs: set[str] = field(default_factory=set)
    """Inputs that some parameter carries as a credential."""

    def link(self, step: Step, merged: Merged, index: int) -> StepPlan:
        """The plan of ``step``, the ``index``th of its workflow."""
        own = self.around.names.steps.get(step.step_id) or step.outputs
        names = self.around.seeing(own)
        call = self._call(step, merged, self.around.before(step.step_id))
        criteria = self._criteria(step.success_criteria, names)
        on_success = tuple(self._action(action, names) for action in merged.on_success)
        on_failure = tuple(self._action(action, names) for action in merged.on_failure)
        outputs = {name: self.value(node, names) for name, node in step.outputs.items()}
        judged = [*criteria, *(c for action in (*on_success, *on_failure) for c in action.criteria)]
        if isinstance(call, OperationCall):
            self._note_own_outputs(judged, outputs)
        if isinstance(call, (OperationCall, MessageCall)):
            read = [pair for criterion in judged for pair in criterion.expressions()]
            read += [pair for template in outputs.values() for pair in expressions(template)]
            check_messages(read, self.findings, asynchronous=isinstance(call, MessageCall))
        return StepPlan(
            step,
            index,
            call,
            criteria,
            on_success,
            on_failure,
            outputs,
            min(step.timeout, _LONGEST) / 1000 if step.timeout is not None else None,
            reads_body=_reads_body(judged, outputs),
        )

    def _note_own_outputs(self, judged: Sequence[CompiledCriterion], outputs: Mapping[str, Template]) -> None:
        """◇ `$outputs.x` in a step that calls an operation: this step's output, or a member of its response."""
        read = [pair for criterion in judged for pair in criterion.expressions()]
        read += [pair for template in outputs.values() for pair in expressions(template)]
        for expression, span in read:
            if isinstance(expression, OutputReference):
                message = f"`$outputs.{expression.name}` is read here as this step's own output or response"
                hint = "write `$response.body#/…`, or `$steps.<stepId>.outputs.<name>`"
                self.findings.add(codes.EXPRESSION_FORM.at(span, message, hint))

    # --- what the step calls

    def _call(self, step: Step, merged: Merged, names: Names) -> Call:
        if step.workflow_id is not None:
            return self._workflow_call(step, merged, names)
        parameters = merged.parameters
        if step.operation_id is None and step.operation_path is None and step.channel_path is None:
            return UnknownCall(self._arguments(parameters, names))  # Reading has said so.
        finder = OperationFinder(self.around.document, self.library, self.findings)
        found = finder.find(step)
        body = self._body(step.request_body, names) if step.request_body else None
        if found is None:
            return UnknownCall(self._arguments(parameters, names), body)
        if isinstance(found, FoundChannel):
            return self._message_call(step, found, merged, body, names)
        passed = frozenset(parameter.name for parameter in parameters)
        plans = tuple(self._parameter(parameter, found, names, passed) for parameter in parameters)
        accept, follow = _accept(found.operation), not _documents_redirects(found.operation)
        return OperationCall(
            found.source.name,
            found.operation,
            server_of(found, self.around.document, self.library.options, self.findings),
            plans,
            body,
            accept,
            follow,
            named_by(found, self.around.document, self.library.options),
        )

    def _message_call(
        self, step: Step, found: FoundChannel, merged: Merged, body: BodyPlan | None, names: Names
    ) -> MessageCall:
        node = step.at.get("correlationId")
        return MessageCall(
            found.source.name,
            found.operation,
            found.channel,
            found.action_of(step),
            self._arguments(merged.parameters, names),
            body,
            self.value(node, names) if node is not None and step.correlation_id is not None else None,
        )

    # --- the parts of a call

    def _workflow_call(self, step: Step, merged: Merged, names: Names) -> WorkflowCall | UnknownCall:
        node = step.at.get("workflowId") or step.at
        found = resolve_workflow(
            self.around.document, step.workflow_id or "", node, self.library, self.findings
        )
        arguments = self._arguments(merged.parameters, names)
        if found is None:
            return UnknownCall(arguments)
        self.reached.append(found.key)
        inputs, files = found.workflow.inputs, self.library.files
        declared = read_inputs(found.document, inputs, Findings(), files, check=False).names
        # What the step passes is passed; what comes from the workflow level only where it is wanted.
        wanted = tuple(a for a in arguments if a.name in merged.own or a.name in declared)
        return WorkflowCall(found.key, wanted)

    def _arguments(self, parameters: Sequence[Parameter], names: Names) -> tuple[Argument, ...]:
        return tuple(Argument(p.name, self.value(p.value, names), p.at) for p in parameters)

    def _parameter(
        self, parameter: Parameter, found: Found, names: Names, passed: frozenset[str]
    ) -> ParameterPlan:
        value = self.value(parameter.value, names)
        spec = self._spec(parameter, found, passed)
        own = looks_like_credential(parameter.name, spec.in_)
        if own or parameter.name.lower() in found.operation.key_parameters:
            for expression, _ in expressions(value):
                if isinstance(expression, StepReference):
                    self.credentials.append(expression)
                elif isinstance(expression, InputReference) and expression.pointer is None:
                    self.credential_inputs.add(expression.name)
        declared = spec in found.operation.parameters
        known_headers = ("authorization", "accept", "content-type", *found.operation.key_parameters)
        # Where a place is written that there is not, its name says nothing; reading has said so.
        misplaced = parameter.in_ is None and parameter.at.get("in") is not None
        if not declared and not misplaced and parameter.name.lower() not in known_headers:
            place = f"{parameter.in_} " if parameter.in_ else ""
            message = f"{_called(found)} declares no {place}parameter {parameter.name!r}"
            where = parameter.at.get("name") or parameter.at
            near = self.findings.guesses.nearest(
                parameter.name, (spec.name for spec in found.operation.parameters)
            )
            hint = f"did you mean {near!r}?" if near else None
            path = found.operation.path
            lost = spec.in_ == "path" and spec.name not in path_names(path)
            outcome = (
                f"its path {path} has no place for it: it is not sent" if lost else "it is sent all the same"
            )
            self.findings.add(codes.PARAMETER_UNDECLARED.at(where.span(), f"{message}; {outcome}", hint))
        return ParameterPlan(parameter.name, value, spec, declared, parameter.at)

    def _spec(self, parameter: Parameter, found: Found, passed: frozenset[str]) -> ParameterSpec:
        """How the parameter travels: as the operation says, also when the step names another place (◇)."""
        spec = found.operation.parameter(parameter.name, parameter.in_)
        if spec is None and (spec := found.operation.parameter(parameter.name)) is not None:
            where = parameter.at.get("in") or parameter.at
            message = f"{_called(found)} has the parameter {parameter.name!r} in {spec.in_}"
            finding = codes.PARAMETER_MOVED.at(where.span(), message, f"write in: {spec.in_}")
            self.findings.add(finding.mended(where.path, where.value, spec.in_))
        spec = spec or self._nearly_named(parameter, found, passed)
        if spec is not None:
            return spec
        return default_spec(parameter.name, parameter.in_ or "query")

    def _nearly_named(
        self, parameter: Parameter, found: Found, passed: frozenset[str]
    ) -> ParameterSpec | None:
        """◇ the only parameter of the operation whose name differs in case, hyphens and underscores at most."""
        same = [
            spec
            for spec in found.operation.parameters
            if spec.in_ == parameter.in_
            and spec.name not in passed
            and _folded(spec.name) == _folded(parameter.name)
        ]
        if len(same) != 1:
            return None
        where = parameter.at.get("name") or parameter.at
        message = f"{_called(found)} declares no parameter {parameter.name!r}; {same[0].name!r} was taken"
        finding = codes.PARAMETER_NAME.at(where.span(), message, f"write name: {same[0].name}")
        self.findings.add(finding.mended(where.path, where.value, same[0].name))
        return same[0]

    def _body(self, body: RequestBody, names: Names) -> BodyPlan:
        xml = "xml" in (body.content_type or "")
        replacements = tuple(self._replacement(one, names, xml) for one in body.replacements)
        payload = self.value(body.payload, names) if body.payload is not None else None
        return BodyPlan(body.content_type, payload, replacements, body.at)

    def _replacement(self, replacement: PayloadReplacement, names: Names, xml: bool) -> ReplacementPlan:
        from arazzo.query.replacement import check_target  # not above, as the selectors below

        kind, target = replacement.target_selector_type, replacement.at.get("target")
        if target is not None:
            check_target(target, kind, self.findings, xml=xml)
        return ReplacementPlan(replacement.target, kind, self.value(replacement.value, names), replacement.at)

    # --- what is judged and named

    def value(self, node: Node, names: Names) -> Template:
        template = compile_value(node, names, self.findings, selectors=_compile_selector)
        check_expressions(expressions(template), self.around, self.findings)
        return template

    def _criteria(self, criteria: Sequence[Criterion], names: Names) -> tuple[CompiledCriterion, ...]:
        compiled = tuple(compile_criterion(criterion, names, self.findings) for criterion in criteria)
        for criterion in compiled:
            check_expressions(criterion.expressions(), self.around, self.findings)
        return compiled

    def _action(self, action: SuccessAction | FailureAction, names: Names) -> ActionPlan:
        criteria = self._criteria(action.criteria, names)
        target = self._target(action, names)
        return ActionPlan(
            action.name,
            action.type,
            target if action.type != "end" else None,
            criteria,
            action.retry_after or 0.0,
            _DEFAULT_RETRIES if action.retry_limit is None else action.retry_limit,
            action.at,
        )

    def _target(self, action: SuccessAction | FailureAction, names: Names) -> Target | None:
        if action.step_id is not None:
            return self._step_target(action.step_id, action.at.get("stepId") or action.at)
        if action.workflow_id is None:
            return None
        node = action.at.get("workflowId") or action.at
        found = resolve_workflow(self.around.document, action.workflow_id, node, self.library, self.findings)
        parameters = parameters_of(action.parameters, self.around.document, self.findings)
        arguments = self._arguments(parameters, names)
        if found is None:
            return None
        self.reached.append(found.key)
        return WorkflowCall(found.key, arguments)

    def _step_target(self, step_id: str, node: Node) -> StepTarget | None:
        if step_id in self.positions:
            return StepTarget(self.positions[step_id], step_id)
        hint = self.findings.guesses.suggest(step_id, self.positions, "its steps")
        message = f"the workflow {self.around.workflow.workflow_id!r} has no step {step_id!r}"
        self.findings.add(codes.UNKNOWN_STEP.at(node.span(), message, hint))
        return None


def request_reads(plan: StepPlan) -> Iterator[tuple[StepReference, Span | None]]:
    """The step outputs that must exist before ``plan``'s request goes out."""
    templates: list[Template] = []
    match plan.call:
        case OperationCall(parameters=parameters, body=body):
            templates.extend(parameter.value for parameter in parameters)
            templates.extend(_templates(body))
        case WorkflowCall(arguments=arguments):
            templates.extend(argument.value for argument in arguments)
        case UnknownCall(arguments=arguments, body=body):
            templates.extend(argument.value for argument in arguments)
            templates.extend(_templates(body))
        case MessageCall(parameters=arguments, body=body, correlation_id=correlation_id):
            templates.extend(argument.value for argument in arguments)
            templates.extend(_templates(body))
            if correlation_id is not None:
                templates.append(correlation_id)
    for template in templates:
        for expression, span in expressions(template):
            if isinstance(expression, StepReference):
                yield expression, span


def _templates(body: BodyPlan | None) -> Iterator[Template]:
    if body is not None:
        yield from (replacement.value for replacement in body.replacements)
        if body.payload is not None:
            yield body.payload


def _reads_body(criteria: Sequence[CompiledCriterion], outputs: Mapping[str, Template]) -> bool:
    """Whether any of these reaches into the response body, as opposed to taking it whole or not at all."""
    read: list[tuple[Expression, Span | None]] = []
    for criterion in criteria:
        if criterion.type == "jsonpath":
            return True
        read.extend(criterion.expressions())
    for template in outputs.values():
        read.extend(expressions(template))
    return any(
        isinstance(expression, MessagePart)
        and expression.message == "response"
        and isinstance(expression.source, BodySource)
        and bool(expression.source.pointer or expression.source.trail)
        for expression, _ in read
    )


def _accept(operation: Operation) -> str:
    """The media types of the documented successes, and anything else rather than nothing."""
    documented: dict[str, None] = {}
    for status, response in operation.responses.items():
        if status.startswith("2"):
            documented.update(dict.fromkeys(t for t in response.content if "*" not in t))
    return ", ".join((*documented, "*/*;q=0.5")) if documented else "*/*"


def _documents_redirects(operation: Operation) -> bool:
    return any(status[:1] == "3" and status != "304" for status in operation.responses)


def _folded(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "")


def _called(found: Found) -> str:
    operation = found.operation
    return repr(operation.operation_id) if operation.operation_id else f"{operation.method} {operation.path}"
