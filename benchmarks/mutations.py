"""Faults planted into clean documents, and how many of them ``arazzo validate`` finds at the right line.

``python -m benchmarks.mutations FOLDER`` takes the Arazzo documents below FOLDER that have no error and no warning but
kindnesses, writes each anew with one fault, and checks it. Prints a table as Markdown; ``--write`` keeps it in
``docs/reference/mutations.md``. A fault counts as found when a finding that was not there before, an error or a
warning, begins on the line where the fault is, or on the line that the missing thing belongs to.
"""

from __future__ import annotations

import argparse
import copy
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, TypeAlias

import yaml

from arazzo.api import keywords, linking
from arazzo.descriptions.openapi.files import Trees
from arazzo.descriptions.openapi.model import ParameterSpec
from arazzo.descriptions.openapi.references import BrokenReference, Resolver
from arazzo.diagnostics import Diagnostic, Severity
from arazzo.document.model import Document
from arazzo.document.read import read_document
from arazzo.errors import DocumentError
from arazzo.plan.model import OperationCall, Plan, StepPlan
from arazzo.source import Node, Tree, parse
from arazzo.values import UNDEFINED, Value

Path_: TypeAlias = "tuple[str | int, ...]"
KEYWORDS = keywords.LinkKeywords(offline=True)
DOCUMENTS = 100
REPORT = Path(__file__).resolve().parents[1] / "docs/reference/mutations.md"


@dataclass(frozen=True)
class Plant:
    """A fault: the value that comes to stand at ``path`` (UNDEFINED: nothing), and where it may be reported."""

    path: Path_
    value: Value | object
    places: tuple[Path_, ...]


Kind: TypeAlias = Callable[[Plan, Value], Iterator[Plant]]


# --- where things stand


def steps(plan: Plan) -> Iterator[StepPlan]:
    for workflow in plan.workflows.values():
        if workflow.document is plan.document:
            yield from workflow.steps


def calls(plan: Plan) -> Iterator[tuple[StepPlan, OperationCall]]:
    for step in steps(plan):
        if isinstance(step.call, OperationCall):
            yield step, step.call


def called_at(step: StepPlan) -> Path_:
    at = step.step.at
    key = next(key for key in ("operationId", "operationPath", "workflowId") if at.get(key))
    return (*at.path, key)


def texts(root: Value, path: Path_ = ()) -> Iterator[tuple[Path_, str]]:
    if isinstance(root, str):
        yield path, root
    elif isinstance(root, dict):
        for key, member in root.items():
            if key != "inputs" and not key.startswith("x-") and key not in ("description", "summary"):
                yield from texts(member, (*path, key))
    elif isinstance(root, list):
        for index, element in enumerate(root):
            yield from texts(element, (*path, index))


def misspelt(name: str) -> str:
    """``name`` with two letters exchanged, or one doubled."""
    for index in range(1, len(name) - 1):
        if name[index] != name[index + 1] and name[index : index + 2].isalpha():
            return name[:index] + name[index + 1] + name[index] + name[index + 2 :]
    return name + name[-1]


def in_texts(root: Value, before: str, stop: str = ".#/ }[") -> Iterator[tuple[Path_, str, str]]:
    """Texts that hold ``before`` and a name, with the name: for planting a slip in it."""
    for path, text in texts(root):
        at = text.find(before)
        if at >= 0:
            rest = text[at + len(before) :]
            name = rest[: min((rest.find(c) for c in stop if c in rest), default=len(rest))]
            if len(name) > 2 and name.isidentifier():
                yield path, text, name


def replaced(path: Path_, text: str, before: str, name: str) -> Plant:
    return Plant(path, text.replace(before + name, before + misspelt(name), 1), (path,))


# --- the kinds of faults


def misspelt_operation(plan: Plan, _root: Value) -> Iterator[Plant]:
    for step in steps(plan):
        if step.step.operation_id:
            path = (*step.step.at.path, "operationId")
            yield Plant(path, misspelt(step.step.operation_id), (path,))


def misspelt_step(_plan: Plan, root: Value) -> Iterator[Plant]:
    for path, text, name in in_texts(root, "$steps."):
        yield replaced(path, text, "$steps.", name)


def misspelt_output(_plan: Plan, root: Value) -> Iterator[Plant]:
    for path, text, name in in_texts(root, ".outputs."):
        if "$steps." in text:
            yield replaced(path, text, ".outputs.", name)


def misspelt_input(_plan: Plan, root: Value) -> Iterator[Plant]:
    for path, text, name in in_texts(root, "$inputs."):
        yield replaced(path, text, "$inputs.", name)


def misspelt_field_of_response(plan: Plan, _root: Value) -> Iterator[Plant]:
    for step, call in calls(plan):
        for name, node in (step.step.at.get("outputs") or step.step.at).items():
            pointer = node.value.removeprefix("$response.body#/") if isinstance(node.value, str) else ""
            if not pointer or pointer == node.value or name == "stepId":
                continue
            tokens = pointer.split("/")
            if tokens[-1].isalpha() and len(tokens[-1]) > 2 and lists_all(call, tokens):
                path = (*step.step.at.path, "outputs", name)
                yield Plant(
                    path, f"$response.body#/{'/'.join((*tokens[:-1], misspelt(tokens[-1])))}", (path,)
                )


def lists_all(call: OperationCall, tokens: list[str]) -> bool:
    """Whether every 2xx response lists the properties on the way, and leaves none of them open."""
    documented = [r for status, r in call.operation.responses.items() if status.startswith("2") and r.content]
    medias = [media for r in documented for name, media in r.content.items() if "json" in name]
    return bool(medias) and all(closed(m.schema, call.operation.resolver, tokens) for m in medias)


def closed(schema: Node | None, resolver: Resolver | None, tokens: list[str]) -> bool:
    if schema is None or resolver is None:
        return False
    try:
        schema = resolver.follow(schema)
    except BrokenReference:
        return False
    if not isinstance(schema.value, dict) or set(schema.value) & {
        "additionalProperties", "oneOf", "anyOf", "allOf", "patternProperties", "discriminator", "if",
    }:  # fmt: skip
        return False
    if not tokens:
        return True
    inner = schema.get("properties")
    if inner is None:
        items = schema.get("items")
        return items is not None and tokens[0].isdecimal() and closed(items, resolver, tokens[1:])
    member = inner.get(tokens[0])
    return member is not None and (len(tokens) == 1 or closed(member, resolver, tokens[1:]))


def parameters(plan: Plan) -> Iterator[tuple[StepPlan, Path_, ParameterSpec]]:
    for step, call in calls(plan):
        for parameter in call.parameters:
            if parameter.declared and parameter.at.path[: len(step.step.at.path)] == step.step.at.path:
                yield step, parameter.at.path, parameter.spec


def dropped_required_parameter(plan: Plan, _root: Value) -> Iterator[Plant]:
    for step, path, spec in parameters(plan):
        if spec.required and spec.default is UNDEFINED:
            yield Plant(path, UNDEFINED, (called_at(step),))


def misspelt_parameter(plan: Plan, _root: Value) -> Iterator[Plant]:
    for step, path, spec in parameters(plan):
        yield Plant((*path, "name"), misspelt(spec.name), ((*path, "name"), called_at(step)))


def parameter_in_the_wrong_place(plan: Plan, _root: Value) -> Iterator[Plant]:
    for step, path, spec in parameters(plan):
        other = "header" if spec.in_ == "query" else "query"
        yield Plant((*path, "in"), other, ((*path, "in"), called_at(step)))


def text_for_a_number(plan: Plan, _root: Value) -> Iterator[Plant]:
    for _, path, spec in parameters(plan):
        if spec.types and spec.types <= {"integer", "number", "boolean"}:
            yield Plant((*path, "value"), "many", ((*path, "value"),))


def value_outside_the_enum(plan: Plan, _root: Value) -> Iterator[Plant]:
    for _, path, spec in parameters(plan):
        if spec.schema is not None and spec.schema.get("enum") is not None:
            yield Plant((*path, "value"), "no-such-choice", ((*path, "value"),))


def body_members(plan: Plan) -> Iterator[tuple[StepPlan, Path_, str, Node, bool]]:
    """Members of JSON bodies whose schema lists them: the step, the path, the name, the schema, required or not."""
    for step, call in calls(plan):
        spec, body = call.operation.request_body, step.step.request_body
        media = next((m for n, m in spec.content.items() if "json" in n), None) if spec else None
        if media is None or body is None or body.payload is None or not isinstance(body.payload.value, dict):
            continue
        if not closed(media.schema, call.operation.resolver, []) or call.operation.resolver is None:
            continue
        assert media.schema is not None
        schema = call.operation.resolver.follow(media.schema)
        listed, required = schema.get("properties"), schema.get("required")
        for name, member in listed.items() if listed else ():
            if name in body.payload.value:
                needed = isinstance(required.value, list) and name in required.value if required else False
                yield step, (*body.payload.path, name), name, member, needed


def dropped_required_field(plan: Plan, _root: Value) -> Iterator[Plant]:
    for _, path, _, _, required in body_members(plan):
        if required:
            yield Plant(path, UNDEFINED, (path[:-1],))


def misspelt_field_of_body(plan: Plan, root: Value) -> Iterator[Plant]:
    for _, path, name, _, _ in body_members(plan):
        value = at(root, path)
        yield Plant(
            path[:-1], ("renamed", name, misspelt(name), value), ((*path[:-1], misspelt(name)), path[:-1])
        )


def wrong_type_in_body(plan: Plan, _root: Value) -> Iterator[Plant]:
    for _, path, _, schema, _ in body_members(plan):
        type_ = schema.value.get("type") if isinstance(schema.value, dict) else None
        if type_ in ("string", "integer", "boolean", "number"):
            yield Plant(path, [1, 2] if type_ == "string" else "three", (path,))


def undeclared_status(plan: Plan, _root: Value) -> Iterator[Plant]:
    for step, call in calls(plan):
        if "default" in call.operation.responses or not call.operation.responses:
            continue
        for criterion in step.step.success_criteria:
            if criterion.condition.startswith("$statusCode == 2") and criterion.type is None:
                path = (*criterion.at.path, "condition")
                if "299" not in call.operation.responses and "2XX" not in call.operation.responses:
                    yield Plant(path, "$statusCode == 299", (path,))


def misspelt_target(plan: Plan, _root: Value) -> Iterator[Plant]:
    for step in steps(plan):
        for action in (*step.on_success, *step.on_failure):
            name = action.at.get("stepId")
            if name is not None and isinstance(name.value, str):
                yield Plant(name.path, misspelt(name.value), (name.path,))


def wrong_action(plan: Plan, _root: Value) -> Iterator[Plant]:
    for step in steps(plan):
        for action in (*step.on_success, *step.on_failure):
            path = (*action.at.path, "type")
            yield Plant(path, "jump", (path,))


def shadowing_action(plan: Plan, root: Value) -> Iterator[Plant]:
    for step in steps(plan):
        for key in ("onSuccess", "onFailure"):
            path = (*step.step.at.path, key)
            actions = at(root, path)
            if isinstance(actions, list) and len(actions) > 0 and "reference" not in str(actions[0]):
                first: Value = {"name": "always", "type": "end"}
                yield Plant(
                    path, [first, *actions], tuple((*path, i, "name") for i in range(1, len(actions) + 1))
                )


def wait_in_milliseconds(plan: Plan, _root: Value) -> Iterator[Plant]:
    for step in steps(plan):
        for action in step.on_failure:
            if action.type == "retry":
                path = (*action.at.path, "retryAfter")
                yield Plant(path, 5000, (path,))


def missing_source(plan: Plan, _root: Value) -> Iterator[Plant]:
    for index, source in enumerate(plan.document.source_descriptions):
        path: Path_ = ("sourceDescriptions", index, "url")
        if not any(source.name == other.name for other in plan.document.source_descriptions[:index]):
            yield Plant(path, "./no/such/description-at-all.yaml", (path,))


def duplicate_step(plan: Plan, _root: Value) -> Iterator[Plant]:
    for workflow in plan.document.workflows:
        if len(workflow.steps) > 1:
            paths = [(*step.at.path, "stepId") for step in workflow.steps]
            yield Plant(paths[1], workflow.steps[0].step_id, tuple(paths[:2]))


def misspelt_key(plan: Plan, root: Value) -> Iterator[Plant]:
    for step in steps(plan):
        for key in ("successCriteria", "outputs", "parameters", "requestBody"):
            if step.step.at.get(key) is not None:
                path = step.step.at.path
                wrong = misspelt(key)
                yield Plant(path, ("renamed", key, wrong, at(root, (*path, key))), ((*path, wrong),))


def missing_field(plan: Plan, _root: Value) -> Iterator[Plant]:
    for _, path, _ in parameters(plan):
        yield Plant((*path, "value"), UNDEFINED, (path, (*path, "name")))


def broken_expression(_plan: Plan, root: Value) -> Iterator[Plant]:
    for path, text in texts(root):
        if text.startswith("$response.body#/"):
            yield Plant(path, text.replace("$response.body", "$response.bdy", 1), (path,))


def broken_condition(plan: Plan, _root: Value) -> Iterator[Plant]:
    for step in steps(plan):
        for criterion in step.step.success_criteria:
            if " == " in criterion.condition and criterion.type is None:
                path = (*criterion.at.path, "condition")
                yield Plant(path, criterion.condition.replace(" == ", " = ", 1), (path,))


def read_too_early(plan: Plan, _root: Value) -> Iterator[Plant]:
    for workflow in plan.workflows.values():
        outputs = [(step, name) for step in workflow.steps for name in step.step.outputs]
        for step, path, _ in parameters(plan):
            later = [(s, n) for s, n in outputs if s.index > step.index and s.step_id.isidentifier()]
            inside = step in workflow.steps
            loops = any(
                action.target is not None for s in workflow.steps for action in (*s.on_success, *s.on_failure)
            )
            if later and inside and not loops:
                yield Plant(
                    (*path, "value"),
                    f"$steps.{later[0][0].step_id}.outputs.{later[0][1]}",
                    ((*path, "value"),),
                )


def unknown_version(_plan: Plan, _root: Value) -> Iterator[Plant]:
    yield Plant(("arazzo",), "2.0.0", (("arazzo",),))


def unknown_dependency(plan: Plan, _root: Value) -> Iterator[Plant]:
    for workflow in plan.document.workflows:
        path = (*workflow.at.path, "dependsOn")
        yield Plant(path, ["no-such-workflow"], (path, (*path, 0)))


KINDS: tuple[Kind, ...] = (
    misspelt_operation, misspelt_step, misspelt_output, misspelt_input, misspelt_field_of_response,
    dropped_required_parameter, misspelt_parameter, parameter_in_the_wrong_place, text_for_a_number,
    value_outside_the_enum, dropped_required_field, misspelt_field_of_body, wrong_type_in_body, undeclared_status,
    misspelt_target, wrong_action, shadowing_action, wait_in_milliseconds, missing_source, duplicate_step,
    misspelt_key, missing_field, broken_expression, broken_condition, read_too_early, unknown_version,
    unknown_dependency,
)  # fmt: skip


# --- planting and checking


def at(root: Value, path: Path_) -> Value:
    here = root
    for step in path:
        if isinstance(here, dict):
            here = here.get(str(step))
        else:
            here = here[int(step)] if isinstance(here, list) else None
    return here


def planted(root: Value, plant: Plant) -> Value:
    new = copy.deepcopy(root)
    if isinstance(plant.value, tuple):
        _, old_name, new_name, _ = plant.value
        here = at(new, plant.path)
        assert isinstance(here, dict)
        members = [(new_name if key == old_name else key, member) for key, member in here.items()]
        here.clear()
        here.update(members)
        return new
    parent: Any = at(new, plant.path[:-1])
    last = plant.path[-1]
    if plant.value is UNDEFINED:
        del parent[last]
    else:
        parent[last] = plant.value
    return new


def written(root: Value, file: str) -> Tree:
    return parse(yaml.safe_dump(root, sort_keys=False, allow_unicode=True, width=1000).encode(), file)


def findings(tree: Tree, uri: str, trees: Trees) -> tuple[Diagnostic, ...]:
    try:
        return linking.check_sharing(read_document(tree, uri), trees, KEYWORDS)
    except DocumentError as error:
        return error.diagnostics


def grave(found: tuple[Diagnostic, ...]) -> list[Diagnostic]:
    return [d for d in found if d.severity is not Severity.INFORMATION]


def lines(tree: Tree, places: tuple[Path_, ...]) -> set[int]:
    found: set[int] = set()
    for place in places:
        node: Node | None = tree.node
        for step in place:
            if node is not None:
                node = (
                    node.get(step)
                    if isinstance(step, str)
                    else next((n for i, n in enumerate(node.elements()) if i == step), None)
                )
        if node is not None:
            found |= {node.span().line, node.key_span().line}
    return found


def clean_documents(folder: Path, most: int) -> Iterator[tuple[Document, Trees]]:
    count = 0
    for path in sorted(folder.rglob("*")):
        if path.suffix not in (".yml", ".yaml", ".json") or b"arazzo" not in path.read_bytes():
            continue
        trees: Trees = {}
        try:
            document = linking.load(path)
        except DocumentError:
            continue
        found = linking.check_sharing(document, trees, KEYWORDS)
        offline = any(d.code == "source-not-checked" for d in found)
        if not offline and all(d.kindness for d in grave(found)) and document.workflows:
            yield document, trees
            count += 1
            if count == most:
                return


def try_out(document: Document, trees: Trees, kind: Kind, random: Random) -> tuple[bool, str] | None:
    """Plant one fault of ``kind``: whether it is found, and which; None when there is no place for it."""
    root = document.at.value
    original = written(root, document.file)
    plan = linking.link_leniently(read_document(original, document.uri), trees, KEYWORDS)
    places = list(kind(plan, root))
    if not places:
        return None
    plant = random.choice(places)
    tree = written(planted(root, plant), document.file)
    before = {(d.code, d.message) for d in grave(findings(original, document.uri, trees))}
    new = [d for d in grave(findings(tree, document.uri, trees)) if (d.code, d.message) not in before]
    wanted = lines(tree, plant.places)
    hit = any(d.span is not None and d.span.file == document.file and d.span.line in wanted for d in new)
    return hit, f"{document.file}: {plant} -> {[str(d) for d in new][:3]}"


def measure(folder: Path, most: int, *, show: bool = False) -> dict[str, tuple[int, int]]:
    """For each kind of fault: how many were planted, and how many found."""
    random = Random(1)  # The same faults each time.
    score = {kind.__name__: (0, 0) for kind in KINDS}
    for document, trees in clean_documents(folder, most):
        for kind in KINDS:
            tried = try_out(document, trees, kind, random)
            if tried is None:
                continue
            planted_, found = score[kind.__name__]
            score[kind.__name__] = (planted_ + 1, found + tried[0])
            if show and not tried[0]:
                sys.stderr.write(f"missed {kind.__name__}: {tried[1]}\n")
    return score


def table(score: dict[str, tuple[int, int]]) -> str:
    rows = [
        f"| {name.replace('_', ' ')} | {planted_} | {found} |" for name, (planted_, found) in score.items()
    ]
    total, found = (sum(numbers) for numbers in zip(*score.values(), strict=True))
    rows.append(f"| **all** | **{total}** | **{found} ({found / max(total, 1):.1%})** |")
    return "\n".join(["| fault | planted | found |", "|---|---:|---:|", *rows]) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mutations", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--documents", type=int, default=DOCUMENTS)
    parser.add_argument("--show", action="store_true", help="print what was missed")
    parser.add_argument("--write", action="store_true", help=f"write {REPORT.name}")
    args = parser.parse_args()
    text = table(measure(args.folder, args.documents, show=args.show))
    print(text)
    if args.write:
        REPORT.write_text(INTRODUCTION + text, encoding="utf-8")


INTRODUCTION = """\
# Faults that validation finds

One fault of each kind, planted by a script into each of up to 100 public documents that had no error and no warning
but kindnesses before; a fault counts as found when a new error or warning begins on its line. Written by
`python -m benchmarks.mutations FOLDER --write`.

"""

if __name__ == "__main__":
    main()
