"""One case for each structural rule: a minimal document, one mutation, and exactly the findings it gives.

The cases are in ``cases/``, one file for each object of the specification. ``step``, ``workflow`` and ``root`` add
text to the minimal document's only step, its only workflow, its root; ``old`` and ``new`` replace text in it.
``finds`` holds what is found, in order: the code, the line, a part of the message.
"""

from __future__ import annotations

from pathlib import Path
from textwrap import indent

import pytest
import yaml

from arazzo.diagnostics import Diagnostic, Severity
from arazzo.document.model import Document
from arazzo.document.read import read_document
from arazzo.source import parse

MINIMAL = """\
arazzo: 1.1.0
info: {title: T, version: "1"}
sourceDescriptions:
  - name: api
    url: ./openapi.yaml
    type: openapi
workflows:
  - workflowId: main
    steps:
      - stepId: one
        operationId: getThing
"""
"""Eleven lines; what a case adds begins on line 12."""
STEP = "        operationId: getThing\n"


def step(added: str) -> str:
    return MINIMAL + indent(added, " " * 8) + "\n"


def workflow(added: str) -> str:
    return MINIMAL + indent(added, " " * 4) + "\n"


def root(added: str) -> str:
    return MINIMAL + added + "\n"


def instead(old: str, new: str) -> str:
    assert MINIMAL.count(old) == 1, f"{old!r} stands once in the minimal document"
    return MINIMAL.replace(old, new)


def the_text(case: dict[str, str]) -> str:
    """The document of a case."""
    if "old" in case:
        text = instead(case["old"], case["new"])
    elif "text" in case:
        text = case["text"]
    else:
        (where,) = case.keys() & {"step", "workflow", "root"}
        text = {"step": step, "workflow": workflow, "root": root}[where](case[where])
    return text.replace("arazzo: 1.1.0", f"arazzo: {case.get('version', '1.1.0')}")


def all_cases() -> list[object]:
    files = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
    return [
        pytest.param(the_text(case), case.get("finds", []), id=f"{file.stem}: {case['name']}")
        for file in files
        for case in yaml.safe_load(file.read_text("utf-8"))
    ]


@pytest.mark.parametrize(("text", "finds"), all_cases())
def test_each_rule_of_the_structure_has_its_finding(text: str, finds: list[str]) -> None:
    found = [f"{d.code} {d.span.line} {d.message}" for d in read(text).diagnostics if d.span]
    assert len(found) == len(finds), found
    for shown, wanted in zip(found, finds, strict=True):
        code, line, message = wanted.split(" ", 2)
        assert shown.startswith(f"{code} {line} ")
        assert message in shown


HINTS = [
    (step("operationid: x"), "did you mean `operationId`?"),
    (step("parameter: []"), "did you mean `parameters`?"),
    (step("zzz: 1"), None),
    (step("parameters: [{name: a, in: headers, value: 1}]"), "did you mean `header`?"),
    (step("successCriteria: [{context: c, condition: x, type: JSONPath}]"), "did you mean `jsonpath`?"),
    (step("successCriteria: [a == b]"), "write it as `condition: …`"),
    (
        step("onFailure: [{name: a, type: end, condition: x}]"),
        "put it into `criteria`, as a list of `condition: …`",
    ),
    (
        step("onFailure: [{name: $components.failureActions.a}]"),
        "did you mean `reference: $components.failureActions.a`?",
    ),
    (
        step("outputs: {a: {$response.body}}"),
        "YAML reads the braces as a mapping; quote them: '{$response.body}'",
    ),
    (step("timeout: '10'"), "remove the quotes"),
    (step("dependsOn: [$steps.a]"), "write `a`"),
    (step("description: 1.10"), 'quote it: "1.10"'),
    (step("description:"), "leave the field out"),
    (workflow("outputs: [{a: b}]"), "name each entry: `name: …`, without `- `"),
    (workflow("successActions: {a: b}"), "begin each entry with `- `"),
    (instead("1.1.0", "1.2.0"), None),
]


@pytest.mark.parametrize(("text", "hint"), HINTS, ids=[str(hint) for _, hint in HINTS])
def test_a_hint_says_what_mends_it(text: str, hint: str | None) -> None:
    assert the_finding(text).hint == hint


RELATED = [
    (step("operationPath: x"), 11),
    (step("dependsOn:\n  - a\n  - b\n  - a"), 13),
    (step("parameters:\n  - {name: a, in: query, value: 1}\n  - {in: query, name: a, value: 1}"), 13),
    (workflow("  - {stepId: one, operationId: o}"), 10),
    (root("  - {workflowId: main, steps: [{stepId: s, operationId: o}]}"), 8),
    (step("onFailure:\n  - {name: a, type: retry}\n  - {type: end, name: a}"), 13),
    (step("onFailure:\n  - name: a\n    type: retry\n    stepId: x\n    workflowId: y"), 15),
]


@pytest.mark.parametrize(("text", "line"), RELATED)
def test_a_finding_about_two_places_shows_both(text: str, line: int) -> None:
    assert [span.line for _, span in the_finding(text).related] == [line]


PLACES = [
    # what is added to the step, and the text its finding points at
    ("operationid: x", "operationid"),
    ("timeout: -1 # seconds", "-1"),
    ("description: [a, b] # list", "[a, b]"),
    ("action: publish", "publish"),
    ("workflowId: other", "workflowId"),
    ("parameters:\n  - name: a\n    in: body\n    value: 1", "body"),
    ("outputs: {a b: $statusCode}", "a b"),
    ("onSuccess: [{name: a, type: 'goto'}]", "'goto'"),
    ('dependsOn: [a, "a"]', '"a"'),
]


@pytest.mark.parametrize(("added", "shown"), PLACES)
def test_a_finding_points_at_the_key_or_value_it_is_about(added: str, shown: str) -> None:
    span = the_finding(step(added)).span
    assert span is not None
    assert span.excerpt[span.column - 1 : span.end_column - 1] == shown


RUNNABLE = [
    # an error, and whether it keeps the document from being run
    (instead("title: T, ", ""), False),
    (instead('info: {title: T, version: "1"}\n', ""), False),
    (step("description: [a]"), False),
    (step("onFailure: [{type: end}]"), False),
    (step("outputs: {a b: $statusCode}"), False),
    (step("successCriteria: [{condition: x, type: regex}]"), False),
    (step("successCriteria: []"), False),
    (workflow("  - {stepId: one, operationId: o}"), False),
    (instead(STEP, ""), True),
    (step("operationPath: x"), True),
    (step("timeout: -1"), True),
    (step("parameters: [{in: query, value: 1}]"), True),
]


@pytest.mark.parametrize(("text", "blocks"), RUNNABLE)
def test_an_error_that_a_run_can_do_without_does_not_keep_it_from_starting(text: str, blocks: bool) -> None:
    finding = the_finding(text)
    assert (finding.severity, finding.blocks_run) == (Severity.ERROR, blocks)


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        (step("timeout: -1"), "step-object"),
        (step("onFailure: [{type: end}]"), "failure-action-object"),
        (instead("title: T, ", ""), "info-object"),
        (instead("arazzo: 1.1.0", "arazzo: 1.0.0\n$self: a"), "versions"),
    ],
)
def test_a_finding_cites_the_chapter_it_stands_on(text: str, clause: str) -> None:
    assert the_finding(text).spec_url == f"https://spec.openapis.org/arazzo/v1.1.0.html#{clause}"


def test_findings_come_in_the_order_of_the_text() -> None:
    text = step("timeout: -1\nzzz: 1\naction: no") + "    zzz: 1\n    dependsOn: {}\nzzz: 1\nzzz: 2\n"
    assert [d.span.line for d in read(text).diagnostics if d.span] == [12, 13, 14, 15, 16, 17, 18]


def the_finding(text: str) -> Diagnostic:
    (finding,) = read(text).diagnostics
    return finding


def read(text: str) -> Document:
    return read_document(parse(text, "arazzo.yaml"), "file:///arazzo.yaml")
