"""From a call of a workflow, by a step or an action, to the inputs it is given."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from arazzo import codes
from arazzo.diagnostics import Diagnostic, Severity
from arazzo.engine.state import CannotSend, Frame, Run
from arazzo.expression.template import render
from arazzo.plan.input_values import check_inputs, with_defaults
from arazzo.plan.inputs import InputsSchema
from arazzo.plan.model import WorkflowCall, WorkflowKey
from arazzo.values import UNDEFINED, Value, to_text


class Passed(Struct, frozen=True):
    """The inputs for a workflow that is about to be called, and the kindnesses it took."""

    inputs: dict[str, Value]
    warnings: tuple[Diagnostic, ...] = ()


def pass_inputs(run: Run, frame: Frame, call: WorkflowCall, inherited: Mapping[str, Value]) -> Passed:
    """The inputs for ``call``: ``inherited`` ones, overruled by the call's arguments.

    ◇ An argument without a value is left out, and so is null where the input's schema does not take it. Raises
    ``CannotSend`` when the inputs do not fit what the workflow declares.
    """
    inputs = run.plan.workflows[call.target].inputs
    given = dict(inherited)
    warnings: list[Diagnostic] = []
    for argument in call.arguments:
        value = render(argument.value, frame.scope)
        if value is not UNDEFINED and (value is not None or _takes_null(inputs, argument.name)):
            given[argument.name] = value
            continue
        given.pop(argument.name, None)
        written = argument.at.get("value")
        source = (
            f": {to_text(written.value)} is {'null' if value is None else 'undefined'}" if written else ""
        )
        what = f"the parameter {argument.name!r} has no value for the workflow {call.target.workflow_id!r}"
        if run.plan.strict:
            raise CannotSend(f"{what}{source}")
        span = (written or argument.at).span()
        warnings.append(codes.PARAMETER_LEFT_OUT.at(span, f"{what} and was left out{source}"))
    problems = [
        problem.message
        for problem in check_inputs(inputs, with_defaults(inputs, given), run.plan.secret_inputs)
        if problem.severity is Severity.ERROR
    ]
    if problems:
        raise CannotSend(f"the workflow {call.target.workflow_id!r} cannot be called: {'; '.join(problems)}")
    return Passed(given, tuple(warnings))


def inherited_inputs(run: Run, key: WorkflowKey, inputs: Mapping[str, Value]) -> dict[str, Value]:
    """Of ``inputs``, those that the workflow ``key`` declares too: what is passed on without being said."""
    declared = run.plan.workflows[key].inputs.properties
    return {name: value for name, value in inputs.items() if name in declared}


def _takes_null(inputs: InputsSchema, name: str) -> bool:
    types = inputs.types(name)
    return not types or "null" in types
