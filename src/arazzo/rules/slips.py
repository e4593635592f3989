"""A rule about slips of the pen: texts that were meant as runtime expressions, and are sent as they stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from arazzo.codes import NEAR_EXPRESSION
from arazzo.diagnostics import Diagnostic, Mend
from arazzo.patterns import pattern
from arazzo.plan.model import WorkflowPlan
from arazzo.rules.rule import Subject
from arazzo.source import Node

_ROOT: Final = r"(?P<root>inputs|steps)[.](?P<name>[\w-]+)(?P<rest>[\w.#/-]*)"
_IN_BRACES: Final = pattern(
    rf"\$\{{\{{?\s*\$?{_ROOT}\s*\}}\}}?|\{{\{{\s*\$?{_ROOT.replace('P<', 'P<a')}\s*\}}\}}"
    rf"|\{{\s*{_ROOT.replace('P<', 'P<b')}\s*\}}",
    among=("{",),
)
"""``${inputs.a}``, ``{{inputs.a}}`` and ``{inputs.a}``: how other languages write it."""
_BARE: Final = pattern(_ROOT)
_INDEXED: Final = pattern(
    r"\$(?P<root>inputs)(?:/(?P<slashed>[\w-]+)|\[(['\"])(?P<quoted>[\w-]+)\3\])",
    among=("$inputs/", "$inputs["),
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
            for slip in _slips(text, workflow):
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
    word = min(text.partition(".")[0], text.partition("#")[0], key=len)
    if _is_word(word) and "\n" not in text:
        # Whatever it is, it was meant as an expression as a whole, so that braces in it are no slips.
        meant = _MEANT.get(word.lower(), word)
        if word != meant:
            yield _Slip(0, len(text), meant + (text[len(word) :] if meant.endswith("body") else ""))
        return
    for match in _IN_BRACES.finditer(text):
        for prefix in ("", "a", "b"):
            root = match[f"{prefix}root"]
            if root and _is_named(root, match[f"{prefix}name"], match[f"{prefix}rest"], workflow):
                name = match[f"{prefix}name"] + match[f"{prefix}rest"]
                yield _Slip(match.start(), match.end(), f"${root}.{name}")


def _is_word(text: str) -> bool:
    """Whether it is ``$`` and letters."""
    return text.startswith("$") and text.isascii() and text[1:].replace("_", "a").isalpha()


def _is_named(root: str, name: str, rest: str, workflow: WorkflowPlan) -> bool:
    """Whether the workflow has such an input, or such a step with the way to its outputs behind it."""
    if root == "inputs":
        return name in workflow.inputs.properties
    return rest.startswith(".outputs.") and any(step.step_id == name for step in workflow.steps)
