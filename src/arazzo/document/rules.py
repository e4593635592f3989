"""What the specification's prose says about fields together: unique ids, fields that need or exclude others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias

from msgspec.structs import replace

from arazzo import codes
from arazzo.document.fields import Fields, article, braces_hint
from arazzo.document.model import (
    Criterion,
    Document,
    FailureAction,
    Parameter,
    Reusable,
    Step,
    SuccessAction,
    Workflow,
)
from arazzo.document.reading import Reading
from arazzo.patterns import NAME_CHARACTERS, pattern
from arazzo.source import Node

_OF_KEYS: Final = NAME_CHARACTERS | {"."}
_STEP_DEPENDENCY: Final = pattern(
    r"[^$].*|\$workflows\..+\.steps\..+|\$sourceDescriptions\.[^.]+\..+\.steps\..+", re.DOTALL
)
_WORKFLOW_DEPENDENCY: Final = pattern(r"[^$].*|\$sourceDescriptions\.[^.]+\..+", re.DOTALL)
_LOCAL_REFERENCE: Final = pattern(r"\$(?:steps|workflows)\.([A-Za-z0-9_\-]+)")
_SELECTOR_FIELDS: Final = {"context", "selector", "type"}
_TARGETS: Final = ("operationId", "operationPath", "channelPath", "workflowId")

Action: TypeAlias = SuccessAction | FailureAction
Identity: TypeAlias = str | tuple[str | None, ...] | None
"""What two entries of a list must not have in common; None or empty where that is not known."""


def recommended_name(fields: Fields, key: str, name: str) -> str:
    """Report a name that is not what the specification recommends (SHOULD)."""
    if not NAME_CHARACTERS.issuperset(name):
        message = f"`{name}` has characters outside the recommended letters, digits, `_` and `-`"
        fields.report(codes.ODD_NAME, fields.value_span(key), message)
    return name


def without_fragment(fields: Fields, key: str, uri: str | None) -> str | None:
    """Report a fragment in a URI that must have none."""
    if uri is not None and "#" in uri:
        at = fields.at.get(key) or fields.at
        span = at.text_span(uri.index("#"), len(uri))
        fields.report(
            codes.WRONG_VALUE, span, f"`{key}` must not contain a fragment", "end it before the `#`"
        )
    return uri


def any_value(fields: Fields, node: Node) -> Node:
    """Report what in a value that may be anything is hardly meant."""
    hint = braces_hint(node.value)
    if hint:
        message = "the value is a mapping, not the expression that stands in its braces"
        fields.report(codes.UNQUOTED_BRACES, node.span(), message, hint)
    elif fields.reading.minor < 1 and isinstance(node.value, dict) and node.value.keys() == _SELECTOR_FIELDS:
        message = "a Selector Object is of Arazzo 1.1, the document says 1.0"
        fields.report(codes.LATER_FIELD, node.key_span(), message, "say `arazzo: 1.1.0`")
    return node


def named_outputs(fields: Fields, outputs: Mapping[str, Node]) -> Mapping[str, Node]:
    """Report the names of outputs that the specification does not allow (MUST)."""
    _check_keys(fields, outputs.items(), "output")
    return outputs


def check_component_names(fields: Fields) -> None:
    """Every key of the four maps of a Components Object matches the pattern (MUST)."""
    for kind, node in fields.at.items():
        if not kind.startswith("x-"):
            _check_keys(fields, node.items(), "component")


def _check_keys(fields: Fields, members: Iterable[tuple[str, Node]], what: str) -> None:
    for name, node in members:
        if not name or not _OF_KEYS.issuperset(name):
            message = (
                f"the name of {article(what)} has only letters, digits, `.`, `-` and `_`, unlike `{name}`"
            )
            fields.report(codes.BAD_NAME, node.key_span(), message)


def check_document(reading: Reading, document: Document) -> None:
    """Names and ids are unique; a channel needs an AsyncAPI source."""
    sources = document.source_descriptions
    _check_unique(
        reading,
        "Source Description Object",
        ((s.name, s.at.get("name"), f"two source descriptions are named `{s.name}`") for s in sources),
    )
    _check_unique(
        reading,
        "Workflow Object",
        (
            (w.workflow_id, w.at.get("workflowId"), f"two workflows have the workflowId `{w.workflow_id}`")
            for w in document.workflows
        ),
    )
    if any(source.type in (None, "asyncapi") for source in sources) or not sources:
        return
    for workflow in document.workflows:
        for step in workflow.steps:
            channel = step.at.get("channelPath")
            if channel is not None and step.channel_path:
                message = "`channelPath` needs a source description of type `asyncapi`, and there is none"
                reading.report(codes.WRONG_VALUE, "Step Object", channel.key_span(), message)


def check_workflow(fields: Fields, workflow: Workflow) -> None:
    """Step ids, parameters, actions and dependencies are unique; parameters for operations say where they go."""
    reading = fields.reading
    _check_unique(
        reading,
        "Step Object",
        (
            (s.step_id, s.at.get("stepId"), f"two steps of the workflow have the stepId `{s.step_id}`")
            for s in workflow.steps
        ),
    )
    _check_dependencies(
        fields, _WORKFLOW_DEPENDENCY, "a workflowId or `$sourceDescriptions.<name>.<workflowId>`"
    )
    calls_operations = any(step.at.get(key) for step in workflow.steps for key in _TARGETS[:3])
    _check_parameters(reading, workflow.parameters, located=calls_operations)
    _check_actions(reading, workflow.success_actions)
    _check_actions(reading, workflow.failure_actions)


def check_step(fields: Fields, step: Step) -> None:
    """A step has one target, and only the fields that go with it."""
    targets = [key for key in _TARGETS if (node := fields.at.get(key)) and node.value not in (None, "")]
    if not targets:
        message = "a Step Object needs one of operationId, operationPath, channelPath, workflowId"
        fields.report(codes.MISSING_FIELD, fields.at.key_span(), message)
    for extra in targets[1:]:
        first = fields.value_node(targets[0]).key_span()
        message = f"`{targets[0]}` and `{extra}` exclude each other"
        span = fields.value_node(extra).key_span()
        fields.report(
            codes.EXCLUSIVE_FIELDS, span, message, "keep one of them", [("the other is here", first)]
        )
    if targets == ["workflowId"]:
        for key in ("action", "correlationId"):
            if fields.has(key):
                message = f"`{key}` is for AsyncAPI steps, and this step calls a workflow"
                fields.report(codes.FORBIDDEN_FIELD, fields.value_node(key).key_span(), message)
        _check_idle(fields, "requestBody", "a step that calls a workflow sends nothing itself")
    elif step.action == "send" and step.correlation_id is not None:
        message = "`correlationId` only goes with `action: receive`"
        fields.report(codes.FORBIDDEN_FIELD, fields.value_node("correlationId").key_span(), message)
    if targets == ["channelPath"] and not fields.has("action"):
        message = "a step with a `channelPath` needs an `action`"
        hint = "write `action: send` or `action: receive`"
        fields.report(codes.MISSING_FIELD, fields.value_node("channelPath").key_span(), message, hint)
    _check_dependencies(
        fields,
        _STEP_DEPENDENCY,
        "a stepId, `$workflows.<workflowId>.steps.<stepId>` or"
        " `$sourceDescriptions.<name>.<workflowId>.steps.<stepId>`",
    )
    calls_workflow = "workflowId" in targets
    _check_parameters(fields.reading, step.parameters, located=bool(targets) and not calls_workflow)
    if calls_workflow:
        for parameter in step.parameters:
            if isinstance(parameter, Parameter):
                inner = Fields(fields.reading, parameter.at, "Parameter Object")
                _check_idle(inner, "in", "the parameters of a step that calls a workflow are its inputs")
    _check_actions(fields.reading, step.on_success)
    _check_actions(fields.reading, step.on_failure)


def _check_dependencies(fields: Fields, form: re.Pattern[str], forms: str) -> None:
    node = fields.at.get("dependsOn")
    entries = (
        [(entry.value, entry) for entry in node.elements() if isinstance(entry.value, str)] if node else []
    )
    _check_unique(
        fields.reading,
        fields.name,
        ((text, entry, f"`dependsOn` names `{text}` twice") for text, entry in entries),
    )
    for text, entry in entries:
        if not form.fullmatch(text):
            local = _LOCAL_REFERENCE.fullmatch(text)
            hint = f"write `{local[1]}`" if local else None
            message = f"an entry of `dependsOn` is {forms}, not `{text}`"
            # `$steps.x` can only mean the step `x`: wrong, and run all the same.
            clear = local is not None and text.startswith("$steps.")
            fields.report(replace(codes.WRONG_VALUE, runnable=clear), entry.span(), message, hint)


def _check_parameters(reading: Reading, parameters: Sequence[Parameter | Reusable], *, located: bool) -> None:
    """``located``: the parameters go to an operation, so each says where (MUST)."""
    _check_unique(reading, "Parameter Object", (_identity(p, located=located) for p in parameters))
    for parameter in parameters:
        if located and isinstance(parameter, Parameter) and parameter.at.get("in") is None:
            which = f"the parameter `{parameter.name}`" if parameter.name else "a parameter"
            message = f"{which} of an operation needs the field `in`"
            hint = "write `in: path`, `query`, `header` or `cookie`"
            reading.report(codes.MISSING_FIELD, "Parameter Object", parameter.at.key_span(), message, hint)


def _identity(parameter: Parameter | Reusable, *, located: bool = False) -> tuple[Identity, Node | None, str]:
    """What makes a parameter unique in its list, where that stands, and what to say about a second one."""
    if isinstance(parameter, Reusable):
        return _reference_identity(parameter)
    where = f" in `{parameter.in_}`" if located and parameter.in_ else ""
    identity = (parameter.name, parameter.in_ if located else None) if parameter.name else None
    return (
        identity,
        parameter.at.get("name"),
        f"the parameter `{parameter.name}`{where} stands twice in this list",
    )


def _reference_identity(reusable: Reusable) -> tuple[Identity, Node | None, str]:
    message = f"`{reusable.reference}` is referenced twice in this list"
    return (
        ("reference", reusable.reference) if reusable.reference else None,
        reusable.at.get("reference"),
        message,
    )


def _check_actions(reading: Reading, actions: Sequence[Action | Reusable]) -> None:
    """The list has no two actions of one name (MUST NOT)."""
    _check_unique(
        reading,
        "Reusable Object",
        (_reference_identity(a) for a in actions if isinstance(a, Reusable)),
    )
    _check_unique(
        reading,
        "Success Action Object",
        (
            (a.name or None, a.at.get("name"), f"two actions of this list are named `{a.name}`")
            for a in actions
            if not isinstance(a, Reusable)
        ),
    )
    for action in actions:
        if isinstance(action, Reusable):
            fields = Fields(reading, action.at, "Reusable Object")
            _check_idle(fields, "value", "only the reference to a parameter takes one")


def is_retry(fields: Fields) -> bool:
    """Whether a success action says ``retry``, which the specification gives to failure actions only."""
    node = fields.at.get("type")
    if node is None or node.value != "retry":
        return False
    fields.value("type")
    message = "a success action has no type `retry`; it runs as a retry of the step"
    fields.report(codes.RETRY_ON_SUCCESS, node.span(), message)
    return True


def check_action(fields: Fields, action: Action) -> None:
    """A goto has one target, an end has none; the retry fields go with ``retry``, parameters with a workflow."""
    if action.step_id is not None and action.workflow_id is not None:
        related = [("the other is here", fields.value_node("stepId").key_span())]
        span = fields.value_node("workflowId").key_span()
        message = "`stepId` and `workflowId` exclude each other"
        fields.report(codes.EXCLUSIVE_FIELDS, span, message, "keep one of them", related)
    kind = fields.at.get("type")
    if kind is not None and kind.value == "goto" and action.step_id is None and action.workflow_id is None:
        hint = "name where to go; `type: end` ends the workflow"
        fields.report(codes.MISSING_FIELD, kind.span(), "a goto needs a `stepId` or a `workflowId`", hint)
    if kind is not None and kind.value == "end":
        for key, value in (("stepId", action.step_id), ("workflowId", action.workflow_id)):
            if value is not None:
                _check_idle(fields, key, "an action of type `end` goes nowhere")
    if isinstance(action, FailureAction) and kind is not None and kind.value in ("end", "goto"):
        for key in ("retryAfter", "retryLimit"):
            _check_idle(fields, key, "it goes with `type: retry`")
    if action.workflow_id is None:
        _check_idle(fields, "parameters", "they go to the workflow that `workflowId` names")
    _check_unique(fields.reading, "Parameter Object", (_identity(p) for p in action.parameters))
    for parameter in action.parameters:
        location = parameter.at.get("in") if isinstance(parameter, Parameter) else None
        if location is not None:
            message = "the parameters of an action go to a workflow, so `in` must not be used"
            fields.report(codes.FORBIDDEN_FIELD, location.key_span(), message, "leave the field out")


def check_criterion(fields: Fields, criterion: Criterion) -> None:
    """A typed condition has a context (MUST)."""
    if criterion.type is None or criterion.type == "simple" or criterion.context is not None:
        return
    kind = criterion.type if isinstance(criterion.type, str) else criterion.type.type
    message = f"a condition of type `{kind}` needs a `context`"
    hint = "name what it is applied to: `context: $response.body`"
    fields.report(codes.MISSING_CONTEXT, fields.at.key_span(), message, hint)


def _check_idle(fields: Fields, key: str, why: str) -> None:
    node = fields.at.get(key)
    if node is not None:
        fields.report(codes.IDLE_FIELD, node.key_span(), f"`{key}` has no effect here: {why}")


def _check_unique(reading: Reading, of: str, entries: Iterable[tuple[Identity, Node | None, str]]) -> None:
    """Report every entry whose identity an earlier one has; identities that are empty are passed over."""
    first: dict[Identity, Node] = {}
    for identity, node, message in entries:
        if not identity or node is None:
            continue
        if identity in first:
            related = [("the first one is here", first[identity].span())]
            reading.report(codes.DUPLICATE_ID, of, node.span(), message, None, related)
        first.setdefault(identity, node)
