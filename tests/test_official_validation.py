"""The official schema tests and examples, checked offline as ``arazzo validate --offline`` does."""

from __future__ import annotations

from pathlib import Path

import pytest

import arazzo
from arazzo import codes
from arazzo.values import Value

SHARED = Path(__file__).resolve().parents[2] / "shared/testdata"
OUT_OF_REACH = {codes.MISSING_SOURCE.name, codes.SOURCE_NOT_CHECKED.name}

# Well-formed, and wrong in content: docs/decisions/0005-official-documents.md says what each has.
WRONG_IN_CONTENT = {
    "bnpl-arazzo.yaml": {"forward-reference"},
    "bnpl-example.yaml": {"forward-reference"},
    "async-depends-on-cross-workflow.arazzo.yaml": {"bad-expression"},
    "async-with-channel-path.arazzo.yaml": {"bad-expression"},
    "characterization-async-invalid-channelPath-string.arazzo.yaml": {"bad-expression"},
    "characterization-openapi-invalid-operationPath-string.arazzo.yaml": {"bad-expression"},
    "openapi-success-criteria.arazzo.yaml": {"unknown-source"},
    "payload-replacement-using-selector.arazzo.yaml": {"bad-expression"},
    "workflow-success-criteria.arazzo.yaml": {"unknown-source"},
}


def files(pattern: str) -> list[Path]:
    return sorted(SHARED.glob(pattern))


def errors(path: Path) -> set[str]:
    try:
        found = arazzo.check(arazzo.load(path), offline=True)
    except arazzo.DocumentError as error:
        found = error.diagnostics
    return {diagnostic.code for diagnostic in found if diagnostic.severity is arazzo.Severity.ERROR}


pytestmark = pytest.mark.skipif(
    not SHARED.exists(), reason="the official documents are not beside this checkout"
)


def test_all_of_them_are_here() -> None:
    counts = {
        kind: len(files(f"oai-schema/{kind}/*")) for kind in ("1.0/pass", "1.0/fail", "1.1/pass", "1.1/fail")
    }
    assert counts == {"1.0/pass": 3, "1.0/fail": 2, "1.1/pass": 35, "1.1/fail": 27}


@pytest.mark.parametrize("path", files("oai-schema/*/fail/*"), ids=lambda path: path.name)
def test_what_must_fail_is_rejected_for_what_is_wrong_in_it(path: Path) -> None:
    assert errors(path) - OUT_OF_REACH


@pytest.mark.parametrize("path", files("oai-schema/*/pass/*"), ids=lambda path: path.name)
def test_what_must_pass_has_no_error_but_those_of_its_content(path: Path) -> None:
    assert errors(path) - OUT_OF_REACH == WRONG_IN_CONTENT.get(path.name, set())


@pytest.mark.parametrize("path", files("oai-examples/**/*arazzo.yaml"), ids=lambda path: path.name)
def test_the_official_examples_have_no_errors(path: Path) -> None:
    assert errors(path) - OUT_OF_REACH == WRONG_IN_CONTENT.get(path.name, set())


def test_outputs_that_an_official_example_never_defines_are_warned_of() -> None:
    document = arazzo.load(SHARED / "oai-examples/1.0.0/bnpl-arazzo.yaml")
    found = [d.message for d in arazzo.check(document, offline=True) if d.code == "unknown-output"]
    assert len(found) == 3
    assert all("declares no output" in message for message in found)


def sample(schema: Value) -> Value:
    """A value that fits a simple schema."""
    assert isinstance(schema, dict)
    properties = schema.get("properties")
    if isinstance(properties, dict):
        return {name: sample(declared) for name, declared in properties.items()}
    known: dict[str, Value] = {"integer": 3, "number": 1.5, "boolean": True, "array": ["x"], "object": {}}
    return known.get(str(schema.get("type")), "x")


@pytest.mark.parametrize("name", ["FAPI-PAR", "LoginAndRetrievePets", "bnpl-arazzo", "oauth", "pet-coupons"])
def test_an_official_example_runs_in_simulation_where_its_sources_are_at_hand(name: str) -> None:
    path = next(
        iter(files(f"oai-examples/1.0.0/{name}*arazzo.yaml") or files(f"oai-examples/1.0.0/{name}.yaml"))
    )
    document = arazzo.load(path)
    for workflow in document.workflows:
        try:
            plan = arazzo.link(document, workflow.workflow_id, simulate=True, offline=True)
        except arazzo.DocumentError as error:
            blocking = {d.code for d in error.diagnostics if d.blocks_run}
            if blocking & OUT_OF_REACH and blocking <= OUT_OF_REACH | WRONG_IN_CONTENT.get(path.name, set()):
                continue
            raise
        assert plan.entry is not None
        schema = plan.workflows[plan.entry].inputs
        inputs = {given: sample(declared) for given, declared in schema.properties.items()}
        result = arazzo.run(plan, None, inputs, simulate=True)
        assert result.status == "succeeded", (workflow.workflow_id, result.error)
