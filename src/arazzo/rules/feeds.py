"""Rules about what is passed: to the parameters and body of an operation, and to the inputs of a workflow."""

from __future__ import annotations

from collections.abc import Iterator

from arazzo.codes import PARAMETER_BY_SCHEME, UNKNOWN_INPUT
from arazzo.descriptions.openapi.model import MediaType, Operation, ParameterSpec
from arazzo.diagnostics import Diagnostic, Guesses, Span
from arazzo.expression.template import Literal
from arazzo.plan.inputs import looks_like_credential
from arazzo.plan.model import WorkflowCall, WorkflowPlan
from arazzo.query.pointer import print_pointer
from arazzo.rules import codes
from arazzo.rules.compat import Misfit, in_words, is_doubtful, misfits
from arazzo.rules.infer import Here
from arazzo.rules.inputs import inputs_read
from arazzo.rules.rule import Subject, actions
from arazzo.rules.schemas import Nowhere, describe, into, types_of, values_of
from arazzo.rules.shapes import UNKNOWN, Constant, Shape
from arazzo.rules.statuses import wants_an_error
from arazzo.source import Node
from arazzo.values import UNDEFINED, Maybe, Value, to_text

_LONGEST_SHOWN = 40
_SAYS_NOTHING = frozenset(("type", "properties", "title", "description", "$schema", "$comment"))
"""Words of a schema that declare no input where ``properties`` is empty."""
_MOST_SHOWN = 4


# --- parameters


def required_parameters(subject: Subject) -> Iterator[Diagnostic]:
    """A parameter that the operation requires and nothing supplies (OpenAPI, Parameter Object)."""
    for here, call in subject.calls():
        passed = {(parameter.spec.in_, parameter.spec.name): parameter for parameter in call.parameters}
        for spec in call.operation.parameters:
            if not spec.required or spec.default is not UNDEFINED:
                continue
            parameter = passed.get((spec.in_, spec.name))
            if parameter is None:
                yield from _unpassed(call.operation, spec, place_of_call(here))
            elif parameter.value == Literal(None):
                node = parameter.at.get("value") or parameter.at
                yield from _unpassed(call.operation, spec, node.span(), "null is no value")


def _unpassed(
    operation: Operation, spec: ParameterSpec, span: Span, why: str = "nothing passes it"
) -> Iterator[Diagnostic]:
    """A required parameter without a value; what a security scheme sends needs none."""
    if spec.in_ == "header" and spec.name.lower() in ("accept", "content-type", "authorization"):
        return  # The description of these says nothing (OpenAPI, Parameter Object).
    if operation.carries_credential(spec):
        return
    if operation.security_schemes and looks_like_credential(spec.name):
        schemes = " or ".join(map(repr, operation.security_schemes))
        message = f"the {spec.in_} parameter {spec.name!r} is left to the security scheme {schemes}"
        yield PARAMETER_BY_SCHEME.at(span, message, None, _declared(spec.at))
        return
    message = f"{named(operation)} requires the {spec.in_} parameter {spec.name!r}, and {why}"
    hint = f"add it to the step's parameters: name: {spec.name}, in: {spec.in_}, value: …"
    yield codes.PARAMETER_MISSING.at(span, message, hint, _declared(spec.at))


def parameter_values(subject: Subject) -> Iterator[Diagnostic]:
    """A value that cannot be what the parameter's schema allows."""
    for here, call in subject.calls():
        for parameter in call.parameters:
            spec = parameter.spec
            if not parameter.declared or spec.schema is None:
                continue
            given = subject.shapes.of_template(parameter.value, here)
            if isinstance(given, Constant):
                given = Constant(_as_sent(spec, given.value))
            wanted = describe(spec.schema, call.operation.resolver)
            node = parameter.at.get("value") or parameter.at
            target = f"the {spec.in_} parameter {spec.name!r} of {named(call.operation)}"
            for misfit in misfits(given, wanted, as_text=True):
                if is_on_purpose(here) or is_doubtful(
                    misfit, wanted, _examples(call.operation, spec), as_text=True
                ):
                    continue
                yield told(misfit, given, node, target, spec.at, subject.shapes.guesses)


def _as_sent(spec: ParameterSpec, value: Value) -> Value:
    from arazzo.descriptions.openapi.parameters import convert  # here: most values are no constants

    return convert(spec, value)


def _examples(operation: Operation, spec: ParameterSpec) -> Iterator[Value]:
    """What the description gives as examples of a parameter; they are written as those of a media type are."""
    from arazzo.rules.examples import examples_of

    return examples_of(MediaType(spec.schema, at=spec.at, resolver=operation.resolver))


# --- bodies


def bodies(subject: Subject) -> Iterator[Diagnostic]:
    """A body that the operation requires and does not get, or the other way round (OpenAPI, Request Body Object)."""
    for here, call in subject.calls():
        spec = call.operation.request_body
        has_payload = call.body is not None and call.body.payload is not None
        if spec is not None and spec.required and not has_payload:
            if _says_nothing(call.operation) or is_on_purpose(here):
                continue
            message = f"{named(call.operation)} requires a request body, and the step has none"
            yield codes.BODY_MISSING.at(
                place_of_call(here), message, "add a requestBody with a payload", _declared(spec.at)
            )
        elif spec is None and call.body is not None and has_payload:
            message = f"{named(call.operation)} takes no request body; this one is sent all the same"
            yield codes.BODY_IDLE.at(call.body.at.key_span(), message)


def is_on_purpose(here: Here) -> bool:
    """Whether what is wrong with a request is meant to be: its step succeeds when it is refused."""
    return here.step is not None and wants_an_error(here.step.criteria)


def _says_nothing(operation: Operation) -> bool:
    """Whether a body is required where HTTP gives none a meaning (RFC 9110 §9.3), and no schema says what it holds.

    Generators write that of operations that take no body at all.
    """
    spec = operation.request_body
    unmeant = operation.method in ("GET", "HEAD", "DELETE")
    return unmeant and spec is not None and not any(media.schema for media in spec.content.values())


# --- inputs of called workflows


def arguments(subject: Subject) -> Iterator[Diagnostic]:
    """What a called workflow requires as inputs and does not get, or cannot take (Workflow Object, ``inputs``)."""
    for here, call, span, inherits in _workflow_calls(subject):
        target = subject.plan.workflows.get(call.target)
        if target is None:
            continue
        inputs = target.inputs
        passed = {argument.name for argument in call.arguments}
        for name in inputs.required:
            if name not in passed and not inherits and inputs.default(name) is None:
                message = f"the workflow {call.target.workflow_id!r} requires the input {name!r}, and nothing passes it"
                yield codes.ARGUMENT_MISSING.at(span, message, f"add a parameter with name: {name}")
        whole = subject.shapes.inputs(target)
        for argument in call.arguments:
            wanted = into(whole, argument.name)
            if isinstance(wanted, Nowhere) or _is_idle(subject, target, argument.name):
                place = argument.at.get("name") or argument.at
                message = f"the workflow {call.target.workflow_id!r} declares no input {argument.name!r}"
                known = wanted.known if isinstance(wanted, Nowhere) else ()
                hint = subject.shapes.guesses.suggest(argument.name, known, "it declares")
                yield UNKNOWN_INPUT.at(place.span(), message, hint)
                continue
            given = subject.shapes.of_template(argument.value, here)
            node = argument.at.get("value") or argument.at
            what = f"the input {argument.name!r} of the workflow {call.target.workflow_id!r}"
            for misfit in misfits(given, wanted, as_text=False):
                yield told(misfit, given, node, what, None, subject.shapes.guesses)


def _is_idle(subject: Subject, target: WorkflowPlan, name: str) -> bool:
    """Whether an argument comes to nothing in a workflow that declares no inputs at all.

    Such a workflow can be given any, and one that it reads is told where it is read.
    """
    if target.inputs.schema.keys() - _SAYS_NOTHING or target.inputs.properties:
        return False
    read = inputs_read(subject, target)
    return read is not None and name not in read


def _workflow_calls(subject: Subject) -> Iterator[tuple[Here, WorkflowCall, Span, bool]]:
    """Every call of a workflow, its place, and whether the caller's inputs are passed on by name."""
    for workflow, step in subject.steps():
        if isinstance(step.call, WorkflowCall):
            here = Here(workflow, step)
            yield here, step.call, place_of_call(here), False
        for here, action in actions(workflow, step):
            if isinstance(action.target, WorkflowCall):
                node = action.at.get("workflowId") or action.at
                yield here, action.target, node.span(), True


# --- how it is told


def told(
    misfit: Misfit, given: Shape, node: Node, target: str, declared: Node | None, guesses: Guesses
) -> Diagnostic:
    place, exact = _at(node, misfit.path)
    inside = f" at {print_pointer(misfit.path)}" if misfit.path else ""
    related = _declared(declared)
    match misfit.kind:
        case "missing":
            parent = print_pointer(misfit.path[:-1])
            where = f" in {parent}" if parent else ""
            message = f"{target} requires the field {misfit.detail!r}{where}, and nothing supplies it"
            hint = f"add {print_pointer(misfit.path)[1:]} to the payload"
            return codes.FIELD_MISSING.at(_key_or_value(place), message, hint)
        case "undeclared":
            message = f"{target} has no field {misfit.detail!r}{_parent(misfit)}"
            hint = guesses.suggest(misfit.detail, misfit.known, "it has")
            return codes.FIELD_UNDECLARED.at(_key_or_value(place), message, hint)
        case _:
            pass
    value = _constant_at(given, misfit.path)
    if misfit.kind == "format":
        shown = _shown(value) if value is not UNDEFINED else "another text"
        message = f"{target}{inside} takes {misfit.detail}, and this is {shown}"
        return codes.WRONG_FORMAT.at(place.span(), message, None, related)
    if misfit.constant and value is not UNDEFINED and exact:
        shown = _shown(value)
        message = f"{target}{inside} takes {misfit.detail}, and this is {shown}"
        near = guesses.suggest(shown, misfit.known, "") if misfit.known else ""
        return codes.WRONG_ARGUMENT.at(
            place.span(), message, near if near.startswith("did") else None, related
        )
    if misfit.kind == "type":
        types = _types_at(given, misfit.path)
        message = f"{target}{inside} takes {misfit.detail}, and this is {in_words(types) or 'something else'}"
        return codes.TYPE_MISMATCH.at(place.span(), message, None, related)
    possible = values_of(_shape_at(given, misfit.path)) or ()
    listed = _shown_all([_shown(value) for value in possible])
    message = f"{target}{inside} takes {misfit.detail}, and this is {listed or 'none of them'}"
    return codes.VALUE_MISMATCH.at(place.span(), message, None, related)


def _shown_all(names: list[str]) -> str:
    return " or ".join(names[:_MOST_SHOWN]) + (", …" if len(names) > _MOST_SHOWN else "")


def _parent(misfit: Misfit) -> str:
    parent = print_pointer(misfit.path[:-1])
    return f" at {parent}" if parent else ""


def _key_or_value(node: Node) -> Span:
    return node.key_span() if node.path else node.span()


def _at(node: Node, path: tuple[str | int, ...]) -> tuple[Node, bool]:
    """The node at ``path`` of what is written at ``node``, or as near as the text goes; whether it goes all the way."""
    here = node
    for key in path:
        found = here.get(key) if isinstance(key, str) else None
        if isinstance(key, int):
            found = next((n for i, n in enumerate(here.elements()) if i == key), None)
        if found is None:
            return here, False
        here = found
    return here, True


def _constant_at(given: Shape, path: tuple[str | int, ...]) -> Maybe:
    found = _shape_at(given, path)
    return found.value if isinstance(found, Constant) else UNDEFINED


def _types_at(given: Shape, path: tuple[str | int, ...]) -> list[str]:
    return sorted(types_of(_shape_at(given, path)) or ())


def _shape_at(given: Shape, path: tuple[str | int, ...]) -> Shape:
    here = given
    for key in path:
        found = into(here, key)
        if isinstance(found, Nowhere):
            return UNKNOWN
        here = found
    return here


def _shown(value: Maybe) -> str:
    text = repr(value) if isinstance(value, str) else to_text(value if value is not UNDEFINED else None)
    return text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"


def _declared(node: Node | None) -> list[tuple[str, Span]]:
    return [("it is declared here", node.span())] if node is not None else []


def named(operation: Operation) -> str:
    """An operation, for a sentence."""
    return operation.operation_id or f"{operation.method} {operation.path}"


def place_of_call(here: Here) -> Span:
    """Where a step says what it calls."""
    assert here.step is not None
    at = here.step.step.at
    for key in ("operationId", "operationPath", "workflowId"):
        node = at.get(key)
        if node is not None:
            return node.span()
    return at.span()
