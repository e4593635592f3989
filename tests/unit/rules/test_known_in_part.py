"""What is told of documents of which a part cannot be known: everything else that is wrong with them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

import arazzo
from arazzo.values import Value

HUSHED = ("unhandled-status", "unused-output", "unused-input", "later-field")


def _operation(name: str, **more: Value) -> Value:
    body: Value = {"schema": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}}
    return {
        "operationId": name,
        "responses": {"200": {"description": "d", "content": {"application/json": body}}},
        **more,
    }


API: Value = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1"},
    "servers": [{"url": "https://api.test"}],
    "paths": {
        "/a": {"get": _operation("a")},
        "/pet/{petId}": {"get": _operation("pet")},
        "/user/{id}": {
            "get": _operation(
                "user",
                parameters=[{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            )
        },
    },
}
ONE = "sourceDescriptions: [{name: api, url: api.json, type: openapi}]\n"
FAR = "sourceDescriptions: [{name: api, url: https://api.test/api.json, type: openapi}]\n"
TWO_FAR = (
    "sourceDescriptions:\n"
    "  - {name: api, url: https://api.test/a.json, type: openapi}\n"
    "  - {name: more, url: https://api.test/b.json, type: openapi}\n"
)


def told(folder: Path, workflows: str, sources: str = ONE) -> list[tuple[str, str]]:
    """What is found, as codes and messages, in the order of the text."""
    (folder / "api.json").write_text(json.dumps(API), encoding="utf-8")
    text = f"arazzo: 1.1.0\ninfo: {{title: t, version: '1'}}\n{sources}workflows:\n{workflows}"
    assert isinstance(yaml.safe_load(text), dict)
    (folder / "w.arazzo.yaml").write_text(text, encoding="utf-8")
    found = arazzo.check(arazzo.load(folder / "w.arazzo.yaml"), offline=True)
    return [(d.code, d.message) for d in found if d.code not in HUSHED]


def steps(*lines: str) -> str:
    return "  - workflowId: w\n    steps:\n" + "".join(f"      - {line}\n" for line in lines)


def test_an_unknown_operation_hides_nothing_that_is_wrong_with_other_steps(tmp_path: Path) -> None:
    found = told(
        tmp_path,
        steps(
            "{stepId: s, operationId: none}", "{stepId: t, operationId: a, outputs: {x: $response.body#/no}}"
        ),
    )
    assert [code for code, _ in found] == ["unknown-operation", "undocumented-field"]


def test_the_outputs_of_a_step_that_cannot_be_known_have_no_shape(tmp_path: Path) -> None:
    lines = steps(
        "{stepId: s, operationId: none, outputs: {x: $response.body#/any}}",
        "{stepId: t, operationId: user, parameters: [{name: id, in: path, value: $steps.s.outputs.x}]}",
    )
    assert [code for code, _ in told(tmp_path, lines)] == ["unknown-operation"]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (
            ["{stepId: s, operationId: a, dependsOn: [t]}", "{stepId: t, operationId: a, dependsOn: [s]}"],
            "dependency-cycle",
        ),
        (
            ["{stepId: s, operationId: a, onSuccess: [{name: n, type: end}]}", "{stepId: t, operationId: a}"],
            "unreachable-step",
        ),
        (["{stepId: s, operationId: a, outputs: {x: just words}}"], "near-expression"),
        (
            ["{stepId: s, operationId: a, parameters: [{name: p, in: query, value: $response.body#/x}]}"],
            "absent-message",
        ),
    ],
)
def test_what_needs_no_description_is_told_without_one(
    tmp_path: Path, lines: list[str], expected: str
) -> None:
    found = [code for code, _ in told(tmp_path, steps(*lines), FAR)]
    assert found == ["source-not-checked", expected]


def test_an_operation_must_say_its_source_even_where_none_can_be_had(tmp_path: Path) -> None:
    found = told(tmp_path, steps("{stepId: s, operationId: a}", "{stepId: t, operationId: api.a}"), TWO_FAR)
    assert [code for code, _ in found if code != "source-not-checked"] == ["operation-unqualified"] * 2


def test_a_step_behind_a_goto_to_nowhere_may_be_reached(tmp_path: Path) -> None:
    lines = steps(
        "{stepId: s, operationId: a, onSuccess: [{name: n, type: goto, stepId: tt}]}",
        "{stepId: u, operationId: a, onSuccess: [{name: n, type: end}]}",
        "{stepId: t, operationId: a}",
    )
    assert [code for code, _ in told(tmp_path, lines)] == ["unknown-step"]


def test_such_a_workflow_is_not_run(tmp_path: Path) -> None:
    told(tmp_path, steps("{stepId: s, operationId: none}", "{stepId: t, operationId: a}"))
    with pytest.raises(arazzo.DocumentError) as refused:
        arazzo.link(arazzo.load(tmp_path / "w.arazzo.yaml"))
    assert "unknown-operation" in {d.code for d in refused.value.diagnostics}
    told(tmp_path, steps("{stepId: s, operationId: a}"), FAR)
    with pytest.raises(arazzo.DocumentError):
        arazzo.run(arazzo.load(tmp_path / "w.arazzo.yaml"), offline=True)


# --- workflows that call each other, steps that depend on what never comes


def test_workflows_that_call_each_other_in_a_circle_never_end(tmp_path: Path) -> None:
    circle = (
        "  - {workflowId: v, steps: [{stepId: s, operationId: a}, {stepId: t, workflowId: w}]}\n"
        "  - {workflowId: w, steps: [{stepId: s, workflowId: x}]}\n"
        "  - {workflowId: x, steps: [{stepId: s, workflowId: v}]}\n"
    )
    assert told(tmp_path, circle) == [
        (
            "endless-loop",
            "'v' calls itself in a circle, v -> w -> x -> v: while the steps succeed, it never ends",
        )
    ]
    ending = circle.replace(
        "operationId: a}",
        "operationId: a, onSuccess: [{name: n, type: end, criteria: [{condition: $statusCode == 204}]}]}",
    )
    assert "endless-loop" not in [code for code, _ in told(tmp_path, ending)]


def test_a_step_that_depends_on_one_that_is_never_reached_always_fails(tmp_path: Path) -> None:
    lines = [
        "{stepId: s, operationId: a, onSuccess: [{name: n, type: goto, stepId: u}]}",
        "{stepId: t, operationId: a}",
        "{stepId: u, operationId: a, dependsOn: [t]}",
    ]
    never = told(tmp_path, steps(*lines))
    assert [code for code, _ in never] == ["unreachable-step", "unmet-dependency"]
    lines[0] = lines[0].replace(
        "stepId: u}", "stepId: u, criteria: [{condition: $response.body#/id == 'x'}]}"
    )
    assert told(tmp_path, steps(*lines)) == [
        ("maybe-unset", "'t', on which this step depends, has not run when the path is s -> u")
    ]


# --- `$outputs` before there are any, workflows by way of their source, paths with places


OUTPUTS = (
    "{stepId: s, operationId: a, outputs: {id: $response.body#/id}}",
    "{stepId: t, operationId: user, parameters: [{name: id, in: path, value: $outputs.id}]}",
)


def test_outputs_in_a_request_are_those_of_the_only_other_step_that_has_them(tmp_path: Path) -> None:
    assert told(tmp_path, steps(*OUTPUTS)) == [
        (
            "expression-form",
            "`$outputs.id` is near the grammar, which names the step whose output is read: `$steps.s.outputs.id`",
        )
    ]


@pytest.mark.parametrize(
    "lines",
    [
        (OUTPUTS[0], OUTPUTS[0].replace("stepId: s", "stepId: r"), OUTPUTS[1]),
        (OUTPUTS[1].replace("]}", "], outputs: {id: $response.body#/id}}"),),
    ],
)
def test_outputs_in_a_request_that_may_be_several_steps_or_nobodys_have_no_value(
    tmp_path: Path, lines: tuple[str, ...]
) -> None:
    ((code, message),) = told(tmp_path, steps(*lines))
    assert code == "absent-message"
    assert "before it has outputs" in message


def test_what_another_document_gave_cannot_be_read_by_way_of_its_source(tmp_path: Path) -> None:
    value = "$sourceDescriptions.api.flow.outputs.id"
    lines = f"{{stepId: t, operationId: user, parameters: [{{name: id, in: path, value: {value}}}]}}"
    ((code, message),) = told(tmp_path, steps(lines))
    assert code == "unknown-output"
    assert message.startswith(f"`{value}` never has a value")
    assert told(tmp_path, steps(lines.replace("flow.outputs.id", "url"))) == []


def test_a_place_in_a_path_must_be_filled(tmp_path: Path) -> None:
    lines = "{stepId: t, operationId: pet}"
    assert told(tmp_path, steps(lines)) == [
        ("parameter-missing", "the path /pet/{petId} of pet needs 'petId', and nothing passes it")
    ]
    passed = lines.replace("pet}", "pet, parameters: [{name: petId, in: path, value: 3}]}")
    assert [code for code, _ in told(tmp_path, steps(passed))] == ["parameter-undeclared"]


def test_a_document_that_names_its_own_place_as_a_source_is_itself_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    head = "arazzo: 1.0.1\ninfo: {title: t, version: '1'}\n"
    source = "sourceDescriptions: [{name: me, url: document.yml, type: openapi}]\n"
    other = "workflows: [{workflowId: other, steps: [{stepId: s, operationId: a}]}]\n"
    (tmp_path / "document.yml").write_text(head + source + other, encoding="utf-8")
    own = other.replace("other", "mine").replace(
        "]}]", "]}, {workflowId: second, steps: [{stepId: s, operationId: b}]}]"
    )
    found = arazzo.check(arazzo.load(head + source + own))
    assert {d.code for d in found} == {"source-type"}


def test_a_text_that_steps_share_has_no_mend_that_holds_for_one_of_them(tmp_path: Path) -> None:
    shared = "components: {parameters: {p: {name: q, in: query, value: $outputs.id}}}\n"
    lines = steps(
        "{stepId: s, operationId: a, outputs: {id: $response.body#/id}}",
        "{stepId: t, operationId: a, parameters: [{reference: $components.parameters.p}]}",
    )
    assert "expression-form" in [code for code, _ in told(tmp_path, lines, ONE + shared)]
    found = arazzo.check(arazzo.load(tmp_path / "w.arazzo.yaml"))
    assert [d.mend for d in found if d.code == "expression-form"] == [None]
