"""The simulated provider: what it answers fits the description, and leads a workflow down every way it has."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

import arazzo
from arazzo.document.model import Reusable
from arazzo.engine.events import ReplyReceived
from arazzo.engine.results import RunResult
from arazzo.source import parse
from arazzo.values import Value

ROOT = Path(__file__).resolve().parents[3]
SHIPPED = ROOT / "specs/civitai/presigned-blob-generate.arazzo.yml"
CORPUS = ROOT.parent / "shared/corpus/civitai/arazzo"
SAMPLES: dict[str, Value] = {"string": "x", "integer": 3, "number": 1.5, "boolean": True, "array": ["h1"]}


def inputs_of(document: arazzo.Document) -> dict[str, Value]:
    schema = document.workflows[0].inputs
    assert schema is not None
    properties = schema.get("properties")
    assert properties is not None
    kinds = {name: node.get("type") for name, node in properties.items()}
    return {name: SAMPLES[str(kind.value)] for name, kind in kinds.items() if kind is not None}


def simulated(path: Path, seed: int) -> RunResult:
    document = arazzo.load(path)
    return arazzo.run(document, None, inputs_of(document), simulate=seed)


def ways(result: RunResult) -> list[str]:
    return [step.action.name for step in result.steps if step.action is not None]


def test_a_polling_loop_sees_a_few_rounds_of_not_yet_and_then_an_end() -> None:
    result = simulated(SHIPPED, 0)
    assert result.status == "succeeded"
    assert ways(result) == ["stillRunning"] * 3 + ["done"]
    statuses = [step.outputs["status"] for step in result.steps if step.step_id == "pollWorkflow"]
    assert statuses[-1] == "succeeded"
    assert not set(statuses[:-1]) & {"succeeded", "failed", "expired", "canceled"}
    assert None not in result.outputs.values()


def test_the_same_seed_gives_the_same_run_and_waits_take_no_time() -> None:
    first, second = simulated(SHIPPED, 7), simulated(SHIPPED, 7)
    assert first == second
    assert sum(step.waited for step in first.steps) <= first.duration


def test_every_end_the_poll_can_have_is_met_under_some_seed() -> None:
    ends = {simulated(SHIPPED, seed).steps[-1].outputs["status"] for seed in range(40)}
    assert ends == {"succeeded", "failed", "expired", "canceled"}


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not beside this checkout")
def test_the_thirteen_civitai_workflows_run_to_their_end_and_take_each_branch_under_some_seed() -> None:
    paths = sorted(CORPUS.glob("*.yml"))
    assert len(paths) == 13
    for path in paths:
        document = arazzo.load(path)
        declared = {
            action.name
            for step in document.workflows[0].steps
            for action in (*step.on_success, *step.on_failure)
            if not isinstance(action, Reusable)
        }
        taken: set[str] = set()
        for seed in range(25):
            result = simulated(path, seed)
            assert result.status == "succeeded", (path.name, seed, result.error)
            taken |= set(ways(result))
            if taken == declared:
                break
        assert taken == declared, path.name
        assert simulated(path, 0).status == "succeeded"


def test_what_it_answers_fits_the_schema_that_the_operation_documents() -> None:
    document = arazzo.load(SHIPPED)
    bodies: list[tuple[str, Value]] = []

    def observe(event: arazzo.Event) -> None:
        if isinstance(event, ReplyReceived) and isinstance(event.reply, arazzo.Response):
            bodies.append((event.step_id, json.loads(event.reply.body)))

    arazzo.run(document, None, inputs_of(document), simulate=3, observers=[observe])
    api = parse((SHIPPED.parent / "orchestration.openapi.yml").read_bytes(), "api").root
    assert isinstance(api, dict)
    for step, body in bodies:
        if step != "requestUploadUrl":
            schema = {"$ref": "#/components/schemas/Workflow", "components": api["components"]}
            jsonschema.Draft202012Validator(schema).validate(body)
    assert len(bodies) >= 3


def test_a_resource_that_was_changed_is_shown_as_it_was_left() -> None:
    if not CORPUS.exists():
        pytest.skip("the corpus is not beside this checkout")
    result = simulated(CORPUS / "civitai-workflow-query-cancel-workflow.yml", 0)
    assert result.outputs["finalStatus"] == "canceled"


def test_a_response_in_xml_is_xml(tmp_path: Path) -> None:
    api: Value = {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": {
            "/label": {
                "get": {
                    "operationId": "label",
                    "responses": {
                        "200": {
                            "description": "d",
                            "content": {
                                "application/xml": {
                                    "schema": {
                                        "type": "object",
                                        "xml": {"name": "label"},
                                        "properties": {"id": {"type": "string", "example": "L<1>"}},
                                    }
                                }
                            },
                        }
                    },
                }
            }
        },
    }
    document: Value = {
        "arazzo": "1.1.0",
        "info": {"title": "t", "version": "1"},
        "sourceDescriptions": [{"name": "api", "url": "api.json", "type": "openapi"}],
        "workflows": [
            {
                "workflowId": "w",
                "steps": [
                    {
                        "stepId": "s",
                        "operationId": "label",
                        "outputs": {
                            "id": {
                                "context": "$response.body",
                                "selector": "/label/id/text()",
                                "type": "xpath",
                            }
                        },
                    }
                ],
                "outputs": {"id": "$steps.s.outputs.id"},
            }
        ],
    }
    (tmp_path / "api.json").write_text(json.dumps(api))
    (tmp_path / "flow.json").write_text(json.dumps(document))
    assert arazzo.run(arazzo.load(tmp_path / "flow.json"), simulate=0).outputs == {"id": "L<1>"}
