"""Rules about what is read: fields that no schema has."""

from __future__ import annotations

from collections.abc import Iterator

from arazzo.codes import UNKNOWN_OUTPUT
from arazzo.criterion.nodes import (
    And,
    Call,
    Comparison,
    Condition,
    Constant,
    Length,
    Not,
    Or,
    Query,
    QueryLength,
    parts,
)
from arazzo.criterion.simple import reads
from arazzo.criterion.table import CompiledCriterion
from arazzo.diagnostics import Code, Diagnostic, Guesses, Span
from arazzo.expression.nodes import (
    BodySource,
    Expression,
    InputReference,
    MessagePart,
    OutputReference,
    StepReference,
    WorkflowReference,
)
from arazzo.expression.template import Selected
from arazzo.plan.model import OperationCall, WorkflowCall, WorkflowPlan
from arazzo.query.pointer import print_pointer
from arazzo.query.singular import plain_path
from arazzo.rules import codes
from arazzo.rules.infer import Here, Inference, Missing, path_of, walk
from arazzo.rules.queries import EACH, Passage, passage, passages, walked
from arazzo.rules.rule import Judged, Subject, criteria, templates
from arazzo.rules.shapes import Shape, Unknown


def fields_that_are_nowhere(subject: Subject) -> Iterator[Diagnostic]:
    """A field that no schema of what it is read from has (Runtime Expressions).

    What is written once and read in several steps, as the workflow's own actions are, must be nowhere in all.
    """
    for workflow in subject.workflows():
        found: dict[Span, Diagnostic | None] = {}
        for span, diagnostic in _looked_up(subject, workflow):
            found[span] = diagnostic if found.get(span, diagnostic) is not None else None
        yield from (diagnostic for diagnostic in found.values() if diagnostic is not None)


def outputs_of_a_call(subject: Subject) -> Iterator[Diagnostic]:
    """``$outputs.`` in a step that calls a workflow, of a name that the workflow does not declare (Workflow Object)."""
    for workflow in subject.workflows():
        for reading in subject.readings(workflow):
            expression, span, here = reading.expression, reading.span, reading.here
            call = here.step.call if here.step is not None else None
            if not isinstance(expression, OutputReference) or not isinstance(call, WorkflowCall):
                continue
            called = subject.plan.workflows.get(call.target)
            if (
                called is None
                or here.step is None
                or expression.name in (*called.outputs, *here.step.outputs)
            ):
                continue
            message = f"the workflow {call.target.workflow_id!r} declares no output {expression.name!r}"
            hint = subject.shapes.guesses.suggest(expression.name, called.outputs, "it declares")
            yield UNKNOWN_OUTPUT.at(span, message, hint)


def _looked_up(subject: Subject, workflow: WorkflowPlan) -> Iterator[tuple[Span, Diagnostic | None]]:
    """Each place that reads a part of something, with what is wrong there."""
    shapes = subject.shapes
    absent = asked_for_absence(workflow)
    # `.length` is the length of what stands before it, not a field of that name.
    lengths = {
        id(whole): of
        for judged in criteria(workflow)
        for whole, of in _lengths(judged.criterion.reading.condition)
    }
    for reading in subject.readings(workflow):
        read, span, here = reading.expression, reading.span, reading.here
        expression = lengths.get(id(read), read)
        if span is None or not path_of(expression) or id(read) in absent:
            continue
        if here.moment == "before" and isinstance(expression, MessagePart):
            continue  # There is no message yet, which is said elsewhere.
        found = shapes.resolve(expression, here)
        yield span, _missing(found, expression, span, here, shapes)
    for template, here in templates(workflow):
        if isinstance(template, Selected) and template.context.node is not None:
            span = template.context.node.span()
            context = template.context.expression
            for found in _selected(template, shapes.of(context, here)):
                diagnostic = _missing(found, context, span, here, shapes)
                yield span, diagnostic
                if diagnostic is not None:
                    break
    for judged in criteria(workflow):
        yield from _in_condition(judged, shapes)


def _in_condition(judged: Judged, shapes: Inference) -> Iterator[tuple[Span, Diagnostic | None]]:
    """The paths of the JSONPath queries of a condition, as far as they lead to one place each."""
    criterion, here = judged.criterion, judged.here
    context = criterion.context_expression
    if criterion.span is None or context is None or criterion.type != "jsonpath":
        return
    base = shapes.of(context, here)
    if isinstance(base, Unknown):
        return
    condition = criterion.reading.condition
    plain = (walk(base, path) for path in _paths(condition))
    several = (one for way in passages(_present(condition), base) for one in _on_the_way(way))
    for found in (*plain, *several):
        diagnostic = _missing(found, context, criterion.span, here, shapes)
        if diagnostic is not None:
            yield criterion.span, diagnostic
            return
    yield criterion.span, None


def _present(condition: Condition | None) -> Condition | None:
    """A query that can select several nodes and is the whole condition, or one whose number of nodes is asked."""
    match condition:
        case Query(query) if plain_path(query.text) is None:
            return condition
        case Comparison(operator, Call("count", (Query() as query,)), Constant(value)) if (
            operator in (">", "!=") and value == 0
        ) or (operator in ("==", ">=", ">") and value not in (0, None)):
            return query
        case And(items):
            kept = [item for item in map(_present, items) if item is not None]
            return And(tuple(kept))
        case _:
            return None


def _on_the_way(way: Passage) -> Iterator[Shape | Missing]:
    """What the filters of a query read of its elements, then what it selects."""
    for asked in way.filters:
        for path in _paths(asked.condition):
            yield walked(asked, path)
    yield way.found


def _selected(template: Selected, base: Shape) -> Iterator[Shape | Missing]:
    """Where a Selector Object leads, as far as that can be told."""
    if template.path is not None:
        yield walk(base, template.path)
        return
    node = template.context.node
    if node is None or template.embedded:
        return
    whole = node.tree.node
    for key in node.path[:-1]:
        inside = whole.get(key) if isinstance(key, str) else list(whole.elements())[key]
        if inside is None:
            return
        whole = inside
    kind, selector = whole.get("type"), whole.get("selector")
    is_query = kind is not None and kind.value == "jsonpath"
    if is_query and selector is not None and isinstance(selector.value, str):
        yield from _on_the_way(passage(selector.value.strip(), base))


def _paths(condition: Condition | None) -> Iterator[tuple[str | int, ...]]:
    waiting = [condition] if condition is not None else []
    while waiting:
        match waiting.pop():
            case Query(query):
                path = plain_path(query.text)
                if path:
                    yield path
            case QueryLength(_, of):
                path = plain_path(of.text)
                if path:
                    yield path
            case Comparison(_, left, right) if not _asks_for_absence(left, right):
                waiting.extend((right, left))
            case And(items) | Or(items):
                waiting.extend(reversed(items))
            case _:
                pass  # A negation may well ask whether something is not there.


def _lengths(condition: Condition | None) -> Iterator[tuple[Expression, Expression]]:
    """The expressions of a condition that ask for a length, each with what it is the length of."""
    for part in parts(condition):
        if isinstance(part, Length):
            yield part.whole, part.of


def _asks_for_absence(left: Condition, right: Condition) -> bool:
    return Constant(None) in (left, right)


def asked_for_absence(workflow: WorkflowPlan) -> set[int]:
    """The expressions, by their ``id``, that conditions of a workflow read to see whether there is anything."""
    return {id(e) for judged in criteria(workflow) for e in _absences(judged.criterion)}


def _absences(criterion: CompiledCriterion) -> list[Expression]:
    """What a condition reads to see whether it is missing."""
    waiting = [criterion.reading.condition] if criterion.reading.condition is not None else []
    found: list[Expression] = []
    while waiting:
        match waiting.pop():
            case Comparison(_, left, right) as comparison if _asks_for_absence(left, right):
                found.extend(reads(comparison))
            case Not() as negation:
                found.extend(reads(negation))
            case And(items) | Or(items):
                waiting.extend(items)
            case _:
                pass
    return found


def _missing(
    found: Shape | Missing, expression: Expression, span: Span, here: Here, shapes: Inference
) -> Diagnostic | None:
    """What is wrong with reading what leads to nothing; an example that has it casts doubt on the schema."""
    if not isinstance(found, Missing):
        return None
    from arazzo.rules.examples import show

    if (
        isinstance(expression, MessagePart)
        and expression.message == "response"
        and isinstance(expression.source, BodySource)
    ):
        asked = own = path_of(expression)
        if found.path != own:
            # What a query asks for, where the pointer has led to; in the pointer itself, a star is a name.
            asked = (*own, *(0 if step == EACH else step for step in found.path))
        if show(shapes.response_media(here), asked):
            return None
    return _report(found, expression, span, here, shapes.guesses)


def _report(missing: Missing, expression: Expression, span: Span, here: Here, guesses: Guesses) -> Diagnostic:
    code: Code = codes.IMPOSSIBLE_FIELD if missing.nowhere.certain else codes.UNDOCUMENTED_FIELD
    nowhere = missing.nowhere
    token = missing.path[missing.depth]
    inside = f" at {print_pointer(missing.path[: missing.depth])}" if missing.depth else ""
    of = _source(expression, here)
    if nowhere.types and not nowhere.types & {"object"} and not nowhere.known:
        is_ = " or ".join(sorted(nowhere.types))
        message = f"{of} has no {str(token)!r}{inside}: what stands there is {_article(is_)} {is_}"
        hint = None
    elif isinstance(token, int) or (token.isdecimal() and nowhere.types == {"object"}):
        message = f"{of} has no element {token}{inside}: what stands there is an object"
        hint = guesses.suggest(str(token), nowhere.known, "it has")
    else:
        message = f"{of} has no field {token!r}{inside}"
        first, dot, rest = token.partition(".")
        if dot and first in nowhere.known and rest != "length":
            hint = f"a pointer leads further with slashes: {token.replace('.', '/')}"
        else:
            hint = guesses.suggest(token, nowhere.known, "it has")
    related = [("its schema is here", nowhere.at.span())] if nowhere.at is not None else []
    return code.at(span, message, hint, related)


def _article(noun: str) -> str:
    return "an" if noun[0] in "aeiou" else "a"


def _source(expression: Expression, here: Here) -> str:
    """What an expression reads, for a sentence."""
    match expression:
        case MessagePart(message, BodySource()):
            call = here.step.call if here.step is not None else None
            if isinstance(call, OperationCall):
                operation = call.operation
                name = operation.operation_id or f"{operation.method} {operation.path}"
                return f"the {message} body of {name}"
            return f"the {message} body"
        case InputReference(name):
            return f"the input {name!r}"
        case StepReference(step_id, name):
            return f"the output {name!r} of step {step_id!r}"
        case WorkflowReference(workflow_id, member, name):
            return f"the {member[:-1]} {name!r} of workflow {workflow_id!r}"
        case OutputReference(name):
            return f"the output {name!r}"
        case _:
            return "it"
