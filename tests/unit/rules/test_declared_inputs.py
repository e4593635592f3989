"""Inputs among the components, and inputs of a workflow that declares none, from real files."""

from __future__ import annotations

from pathlib import Path

import pytest

import arazzo

API = """
openapi: 3.1.0
info: {title: p, version: '1'}
servers: [{url: https://api.test}]
paths: {/pets: {get: {operationId: getPets, parameters: [{name: q, in: query}], responses: {'200': {description: d}}}}}
"""
HEAD = """
arazzo: 1.0.1
info: {title: t, version: '1'}
sourceDescriptions: [{name: pets, url: api.yml, type: openapi}]
workflows:
"""
OUTER = """
  - workflowId: outer
    steps: [{stepId: call, workflowId: inner, parameters: [{name: limit, value: 3}]}]
"""


def found(folder: Path, workflows: str) -> list[str]:
    (folder / "api.yml").write_text(API)
    (folder / "w.arazzo.yml").write_text(f"{HEAD}{workflows}")
    found = arazzo.check(arazzo.load(folder / "w.arazzo.yml"))
    return [f"{d.span.line if d.span else 0}: {d.message}" for d in found if d.severity != "information"]


def step(value: str) -> str:
    return f"{{stepId: one, operationId: getPets, parameters: [{{name: q, in: query, value: {value}}}]}}"


def using(component: str, reference: str = "#/components/inputs/one") -> str:
    workflow = f"  - workflowId: w\n    inputs: {{$ref: '{reference}'}}\n    steps: [{step('constant')}]\n"
    return f"{workflow}components:\n  inputs:\n    one:\n      {component}\n"


@pytest.mark.parametrize(
    ("component", "reference", "messages"),
    [
        (
            "who: {type: string}",
            "#/components/inputs/one",
            ["12: 'who' is no word of JSON Schema, so that no input is declared here"],
        ),
        (
            "proprties: [a]",
            "#/components/inputs/one",
            ["12: 'proprties' is no word of JSON Schema and has no effect"],
        ),
        ("properties: {who: {type: string}}", "#/components/inputs/one", []),
        ("{$ref: '#/components/inputs/two'}\n    two: {type: object}", "#/components/inputs/one", []),
        # A component that keeps schemas, each of which is referred to.
        ("who: {type: object}", "#/components/inputs/one/who", []),
    ],
)
def test_inputs_beside_the_words_of_a_schema_are_told_among_the_components(
    tmp_path: Path, component: str, reference: str, messages: list[str]
) -> None:
    assert found(tmp_path, using(component, reference)) == messages


@pytest.mark.parametrize(
    ("inputs", "value", "messages"),
    [
        ("", "5", ["9: the workflow 'inner' declares no input 'limit'"]),
        ("inputs: {type: object}, ", "5", ["9: the workflow 'inner' declares no input 'limit'"]),
        (
            "inputs: {type: object, properties: {}}, ",
            "5",
            ["9: the workflow 'inner' declares no input 'limit'"],
        ),
        # Where it is read, and told: the step has what it needs.
        ("", "$inputs.limit", ["6: the workflow 'inner' declares no input 'limit'"]),
        ("", "'{$inputs.limit}'", ["6: the workflow 'inner' declares no input 'limit'"]),
        (
            "",
            "$inputs",
            [
                "6: `$inputs` stands for all inputs at once: the grammar only names one of them, `$inputs.name`"
            ],
        ),
        ("inputs: {additionalProperties: {type: integer}}, ", "5", []),
        ("inputs: {patternProperties: {l.*: {}}}, ", "5", []),
        ("inputs: {properties: {limit: {}}}, ", "$inputs.limit", []),
        (
            "inputs: {properties: {other: {}}}, ",
            "$inputs.other",
            ["9: the workflow 'inner' declares no input 'limit'"],
        ),
    ],
)
def test_an_argument_for_a_workflow_without_inputs_is_told_unless_it_is_read(
    tmp_path: Path, inputs: str, value: str, messages: list[str]
) -> None:
    inner = f"  - {{workflowId: inner, {inputs}steps: [{step(value)}]}}\n"
    assert found(tmp_path, f"{inner}{OUTER}") == messages


def test_an_argument_that_is_passed_on_by_name_is_not_idle(tmp_path: Path) -> None:
    last = f"  - {{workflowId: last, inputs: {{properties: {{limit: {{}}}}}}, steps: [{step('$inputs.limit')}]}}\n"
    inner = f"  - {{workflowId: inner, dependsOn: [last], steps: [{step('5')}]}}\n"
    assert found(tmp_path, f"{last}{inner}{OUTER}") == []
