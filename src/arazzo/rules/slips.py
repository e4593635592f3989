"""A rule about slips of the pen: texts that were meant as runtime expressions, and are sent as they stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from arazzo.codes import NEAR_EXPRESSION
from arazzo.diagnostics import Diagnostic, Mend, nearest
from arazzo.expression.lexis import ROOTS
from arazzo.expression.template import Literal, Template
from arazzo.patterns import pattern
from arazzo.plan.model import WorkflowPlan
from arazzo.query.pointer import print_pointer
from arazzo.query.singular import plain_path
from arazzo.rules import codes
from arazzo.rules.infer import Here, path_of
from arazzo.rules.rule import Subject
from arazzo.rules.schemas import Nowhere, into
from arazzo.rules.shapes import Unknown
from arazzo.source import Node

_ROOT: Final = r"(?P<root>inputs|steps)[.](?P<name>[\w-]+)(?P<rest>[\w.#/-]*)"
_IN_BRACES: Final = pattern(
    rf"\$\{{\{{?\s*\$?{_ROOT}\s*\}}\}}?|\{{\{{\s*\$?{_ROOT.replace('P<', 'P<a')}\s*\}}\}}"
    rf"|\{{\s*{_ROOT.replace('P<', 'P<b')}\s*\}}",
    among=("{",),
)
"""``${inputs.a}``, ``{{inputs.a}}`` and ``{inputs.a}``: how other languages write it."""
_BARE: Final = pattern(_ROOT, among=("inputs.", "steps."))
_INDEXED: Final = pattern(
    r"\$(?P<root>inputs)(?:/(?P<slashed>[\w-]+)|\[(['\"])(?P<quoted>[\w-]+)\3\])",
    among=("$inputs/", "$inputs["),
)
_WHOLE: Final = pattern(
    r"\{\{\s*\$?(?P<a>[\w-]+)\s*\}\}|\$?\{\$?(?P<b>[\w-]+)\}|<(?P<c>[\w-]+)>", among=("}", ">")
)
"""A name alone, marked as that of a variable, as many languages mark it."""
_STORES: Final = frozenset(
    ("env", "var", "vars", "variable", "variables", "param", "params", "parameter", "parameters")
    + ("arg", "args", "argument", "arguments", "secret", "secrets", "context")
)
"""Where other languages keep what an input gives: ``$env.apiKey``."""
_ALONE: Final = frozenset(("url", "method", "statusCode"))
"""Roots that are an expression without anything behind them."""
_BY_INDEX: Final = pattern(
    r"\$steps\[(?:(?P<index>\d{1,4})|(['\"])(?P<id>[\w-]+)\2)\](?P<rest>\.[\w.#/-]+)", among=("$steps[",)
)
_SINGULAR: Final = pattern(
    r"\$(?P<root>input|step)[.](?P<name>[\w-]+)(?P<rest>[\w.#/-]*)", among=("$input.", "$step.")
)
_MEANT: Final = {
    "$statuscode": "$statusCode",
    "$status": "$statusCode",
    "$status_code": "$statusCode",
    "$httpstatus": "$statusCode",
    "$responsebody": "$response.body",
    "$response_body": "$response.body",
    "$body": "$response.body",
}
_LONGEST: Final = 20_000


class _Slip(Struct):
    start: int
    end: int
    meant: str


def texts_that_look_like_expressions(subject: Subject) -> Iterator[Diagnostic]:
    """``${inputs.a}``, ``{{inputs.a}}``, ``inputs.a`` or ``$statuscode`` for a value (Runtime Expressions).

    A name after ``inputs`` or ``steps`` must be one of the workflow, so that text for other programs is left alone.
    """
    for workflow in subject.workflows():
        for node in _texts(workflow):
            text = node.value
            if not isinstance(text, str) or len(text) > _LONGEST:
                continue
            for slip in [] if _speaks_to_others(node) else _slips(text, workflow):
                shown = text[slip.start : slip.end]
                whole = (slip.start, slip.end) == (0, len(text))
                meant = slip.meant if whole else f"{{{slip.meant}}}"
                doubled = shown.startswith("{{$")
                message = (
                    f"the outer braces of `{shown}` stay in the text"
                    if doubled
                    else f"`{shown}` is no runtime expression and is sent as it is"
                )
                found = NEAR_EXPRESSION.at(node.text_span(slip.start, slip.end), message, f"write `{meant}`")
                if found.span is not None and found.span.file == subject.plan.document.at.tree.file:
                    yield _with_mend(found, Mend(node.path, slip.start, slip.end, meant))


def _with_mend(found: Diagnostic, mend: Mend) -> Diagnostic:
    return replace(found, mend=mend)


def _texts(workflow: WorkflowPlan) -> Iterator[Node]:
    """The texts of a workflow that are values: of parameters, payloads, replacements and outputs."""
    waiting = [workflow.workflow.at.get("outputs")]
    for step in workflow.steps:
        at = step.step.at
        waiting.append(at.get("outputs"))
        body = at.get("requestBody")
        if body is not None:
            waiting.append(body.get("payload"))
        listed = [at.get("parameters"), body.get("replacements") if body is not None else None]
        for items in listed:
            waiting.extend(item.get("value") for item in (items.elements() if items is not None else ()))
    while waiting:
        node = waiting.pop()
        if node is None:
            continue
        if isinstance(node.value, str):
            yield node
        elif set(node.value if isinstance(node.value, dict) else ()) != {"context", "selector", "type"}:
            waiting.extend(member for _, member in node.items())
            waiting.extend(node.elements())


def _speaks_to_others(node: Node) -> bool:
    """Whether it is a `$name` under a key with a `$`: in queries of databases, that is a field."""
    return str(node.value).startswith("$") and any(str(key).startswith("$") for key in node.path)


def _slips(text: str, workflow: WorkflowPlan) -> Iterator[_Slip]:
    bare = _BARE.fullmatch(text.strip()) if not text.startswith("$") else None
    if bare is not None and _is_named(bare["root"], bare["name"], bare["rest"], workflow):
        yield _Slip(0, len(text), f"${text.strip()}")
        return
    indexed = _INDEXED.fullmatch(text)
    if indexed is not None:
        name = indexed["slashed"] or indexed["quoted"]
        if _is_named("inputs", name, "", workflow):
            yield _Slip(0, len(text), f"$inputs.{name}")
        return
    meant = _named_alone(text, workflow)
    if meant is not None:
        yield _Slip(0, len(text), meant)
        return
    word = min(text.partition(".")[0], text.partition("#")[0], key=len)
    if _is_word(word) and "\n" not in text:
        # Whatever it is, it was meant as an expression as a whole, so that braces in it are no slips.
        meant = _MEANT.get(word.lower(), word)
        if word != meant:
            yield _Slip(0, len(text), meant + (text[len(word) :] if meant.endswith("body") else ""))
        return
    if not text.startswith("$"):  # A whole text in the singular is an expression that cannot be read.
        for match in _SINGULAR.finditer(text):
            root = f"{match['root']}s"
            if _is_named(root, match["name"], match["rest"], workflow):
                yield _Slip(match.start(), match.end(), f"${root}.{match['name']}{match['rest']}")
    for match in _IN_BRACES.finditer(text):
        for prefix in ("", "a", "b"):
            root = match[f"{prefix}root"]
            if root and _is_named(root, match[f"{prefix}name"], match[f"{prefix}rest"], workflow):
                name = match[f"{prefix}name"] + match[f"{prefix}rest"]
                yield _Slip(match.start(), match.end(), f"${root}.{name}")


def _named_alone(text: str, workflow: WorkflowPlan) -> str | None:
    """What is meant by a text that is the name of an input, marked as one, or a step by its place in the list."""
    match = _WHOLE.fullmatch(text)
    name = _behind_dollar(text) if match is None else next(name for name in match.groups() if name)
    if name:
        return f"$inputs.{name}" if name in workflow.inputs.properties else None
    indexed = _BY_INDEX.fullmatch(text)
    if indexed is None:
        return None
    ids = [step.step_id for step in workflow.steps]
    step_id = indexed["id"] or next(iter(ids[int(indexed["index"]) :]), None)
    return f"$steps.{step_id}{indexed['rest']}" if step_id in ids else None


def _behind_dollar(text: str) -> str:
    """``name`` of ``$name`` and of ``$env.name``; empty for any other text."""
    store, dot, name = text[1:].partition(".") if text.startswith("$") else ("", "", "")
    if not dot:
        return "" if store in _ALONE else store
    return name if store in _STORES else ""


def outputs_that_are_constants(subject: Subject) -> Iterator[Diagnostic]:
    """A text that is no expression as an output, which takes an expression or a Selector Object (Step Object)."""
    for workflow in subject.workflows():
        named: list[tuple[Here, str, Template]] = []
        for step in workflow.steps:
            named += [(Here(workflow, step, "succeeded"), name, one) for name, one in step.outputs.items()]
        named += [(Here(workflow), name, one) for name, one in workflow.outputs.items()]
        for here, name, template in named:
            outputs = (here.step.step if here.step is not None else workflow.workflow).outputs
            node = outputs.get(name)
            if not isinstance(template, Literal) or not isinstance(template.value, str) or node is None:
                continue
            text = template.value
            from arazzo.expression.operators import with_operator  # here: outputs are expressions

            if _said_already(text) or with_operator(node, None) or any(True for _ in _slips(text, workflow)):
                continue
            message = f"the output {name!r} is this very text, and no runtime expression"
            yield NEAR_EXPRESSION.at(node.span(), message, _meant_as_output(subject, here, text))


def _said_already(text: str) -> bool:
    """Whether a text that begins as an expression was reported as one that cannot be read."""
    word = text[1:].partition(".")[0].partition("#")[0]
    return text.startswith("$") and word.isalnum() and nearest(word, ROOTS, 0.8) is not None


def _meant_as_output(subject: Subject, here: Here, text: str) -> str | None:
    """What would mend a constant output."""
    if here.step is None:
        having = [s.step_id for s in here.workflow.steps if text in s.outputs]
        return f"write `$steps.{having[-1]}.outputs.{text}`" if having else _TAKES
    path = plain_path(text) if text.startswith("$") else None
    if path:
        return f"write `$response.body#{print_pointer(path)}`"
    if text.startswith(("response.", "request.", "statusCode")):
        return f"write `${text}`"
    body = subject.shapes.response_body(here)
    found = into(body, text)
    known = not isinstance(body, Unknown) and not isinstance(found, (Nowhere, Unknown))
    return f"write `$response.body#/{text}`" if known else _TAKES


_TAKES: Final = "an output is an expression, such as `$response.body#/id`, or a Selector Object"


def pointers_that_are_none(subject: Subject) -> Iterator[Diagnostic]:
    """A JSON Pointer with a wildcard or an index in brackets.

    Where the schema is known, what such a token leads to is told like any other.
    """
    for workflow in subject.workflows():
        for reading in subject.readings(workflow):
            expression, span, here = reading.expression, reading.span, reading.here
            path = path_of(expression)
            if span is None or not any(isinstance(t, str) and _TOKEN.fullmatch(t) for t in path):
                continue
            if isinstance(subject.shapes.resolve(expression, here), Unknown):
                token = next(t for t in path if isinstance(t, str) and _TOKEN.fullmatch(t))
                message = f"a JSON Pointer takes {token!r} as the name of a field"
                hint = "it names one element by its number, as in #/items/0/id; JSONPath in a Selector Object takes all"
                yield codes.UNDOCUMENTED_FIELD.at(span, message, hint)


def pointers_in_comments(subject: Subject) -> Iterator[Diagnostic]:
    """A JSON Pointer that YAML reads as a comment, because blanks stand before it."""
    written = subject.plan.document.at.tree.text
    if " #/" not in written and "\t#/" not in written:
        return
    for workflow in subject.workflows():
        for node in _texts(workflow):
            if isinstance(node.value, str) and node.value.startswith("$") and len(node.value) < _LONGEST:
                span = node.span()
                behind = _COMMENT.match(span.excerpt, span.end_column - 1)
                if behind is not None and span.excerpt[span.column - 1] == "$" and "#" not in node.value:
                    pointer = behind["pointer"]
                    message = f"`{pointer}` is a comment here, because blanks stand before it"
                    yield NEAR_EXPRESSION.at(span, message, f"write `{node.value}{pointer}`")


_TOKEN: Final = pattern(r"\*|\w*\[(?:\*|\d+)\]", among=("*", "["))
_COMMENT: Final = pattern(r"[ \t]+(?P<pointer>#/[\w~%-][\w~%/-]*)[ \t]*\Z")


def _is_word(text: str) -> bool:
    """Whether it is ``$`` and letters."""
    return text.startswith("$") and text.isascii() and text[1:].replace("_", "a").isalpha()


def _is_named(root: str, name: str, rest: str, workflow: WorkflowPlan) -> bool:
    """Whether the workflow has such an input, or such a step with the way to its outputs behind it."""
    if root == "inputs":
        return name in workflow.inputs.properties
    return rest.startswith(".outputs.") and any(step.step_id == name for step in workflow.steps)
