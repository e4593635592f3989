"""Descriptions in several files, from the outside: checked, run and simulated; what may be named and what may not."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

import arazzo
from arazzo.api.linking import check_sharing
from arazzo.descriptions.openapi import files
from arazzo.diagnostics import Diagnostic
from arazzo.plan import library
from arazzo.source import Limits, Tree, parse

FLOW = """
arazzo: 1.0.1
info: {title: t, version: '1'}
sourceDescriptions: [{name: pets, url: ../api/openapi.yml, type: openapi}]
workflows:
  - workflowId: w
    steps:
      - stepId: get
        operationId: getPet
        parameters: [{name: id, in: path, value: 7}]
        successCriteria: [{condition: $statusCode == 200}, {condition: $response.body#/kind == 'cat'}]
        outputs: {name: $response.body#/name, next: $response.header.X-Next}
    outputs: {name: $steps.get.outputs.name, next: $steps.get.outputs.next}
"""
API = """
openapi: 3.1.0
info: {title: p, version: '1'}
servers: [{url: https://api.test}]
paths: {'/pets/{id}': {$ref: paths/pet.yml}}
"""
PET = """
parameters: [{$ref: '../shared.yml#/id'}]
get:
  operationId: getPet
  responses:
    '200':
      description: a pet
      headers: {X-Next: {$ref: '../shared.yml#/next'}}
      content: {application/json: {schema: {$ref: ../schemas/Pet.json}}}
"""
SHARED = "id: {name: id, in: path, required: true, schema: {type: integer}}\nnext: {schema: {type: string, const: n}}\n"
SCHEMA = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"const": "Rex"}, "kind": {"enum": ["dog", "cat"]}, "child": {"$ref": "#"}},
}
LETTERS = "abcdefghij"
BOMB = "openapi: 3.0.0\na: &a [x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in pairwise(LETTERS)
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A repository with a workflow and a description in four files."""
    (tmp_path / ".git").mkdir()
    for name, text in {
        "flows/w.arazzo.yml": FLOW,
        "api/openapi.yml": API,
        "api/paths/pet.yml": PET,
        "api/shared.yml": SHARED,
        "api/schemas/Pet.json": json.dumps(SCHEMA),
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def found(folder: Path, **keywords: bool) -> tuple[Diagnostic, ...]:
    return arazzo.check(arazzo.load(folder / "flows/w.arazzo.yml"), **keywords)  # type: ignore[arg-type]


def test_a_split_description_is_checked_without_a_finding(folder: Path) -> None:
    assert found(folder) == ()
    assert found(folder, offline=True) == ()
    command = [sys.executable, "-m", "arazzo", "validate", str(folder / "flows/w.arazzo.yml")]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_the_files_of_a_description_are_parsed_once_for_all_documents_of_a_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[str] = []
    for room in (files, library):

        def counting(text: bytes, file: str, *, limits: Limits) -> Tree:
            parsed.append(Path(file).name)
            return parse(text, file, limits=limits)

        monkeypatch.setattr(room, "parse", counting)
    trees: files.Trees = {}
    for _ in range(3):
        assert check_sharing(arazzo.load(folder / "flows/w.arazzo.yml"), trees, {}) == ()
    assert sorted(parsed) == ["Pet.json", "openapi.yml", "pet.yml", "shared.yml"]
    (folder / "api/shared.yml").write_text(SHARED + "more: {}\n")
    assert check_sharing(arazzo.load(folder / "flows/w.arazzo.yml"), trees, {}) == ()
    assert parsed.count("shared.yml") == 2


def test_a_simulated_run_answers_from_schemas_and_headers_in_other_files(folder: Path) -> None:
    result = arazzo.run(arazzo.load(folder / "flows/w.arazzo.yml"), simulate=0)
    assert result.status == "succeeded"
    assert result.outputs == {"name": "Rex", "next": "n"}
    assert result.steps[0].request is not None
    assert result.steps[0].request.url == "https://api.test/pets/7"


def test_a_file_that_is_missing_is_told_at_the_reference_and_where_the_operation_is_named(
    folder: Path,
) -> None:
    (folder / "api/paths/pet.yml").unlink()
    at_reference, at_step = sorted(found(folder), key=lambda d: d.code, reverse=True)[:2]
    assert (at_step.code, at_reference.code) == ("unknown-operation", "unresolved-ref")
    assert at_reference.span is not None
    assert at_step.span is not None
    assert Path(at_reference.span.file).name == "openapi.yml"
    assert at_reference.message.endswith("pet.yml: no such file")
    assert Path(at_step.span.file).name == "w.arazzo.yml"
    assert (
        "no operation 'getPet' in 'pets'; it may stand in a part of it that cannot be had" in at_step.message
    )
    assert at_reference.message in at_step.message
    assert [span for _, span in at_step.related] == [at_reference.span]


def test_the_same_where_the_operation_is_named_by_its_path(folder: Path) -> None:
    flow = folder / "flows/w.arazzo.yml"
    pointer = "'{$sourceDescriptions.pets.url}#/paths/~1pets~1{id}/get'"
    flow.write_text(FLOW.replace("operationId: getPet", f"operationPath: {pointer}"))
    assert found(folder) == ()
    (folder / "api/paths/pet.yml").write_text("<html>404")
    diagnostics = found(folder)
    assert {d.code for d in diagnostics} == {"unknown-operation", "unresolved-ref"}
    (at_step,) = (d for d in diagnostics if d.code == "unknown-operation")
    assert "it is HTML or XML, not an API description" in at_step.message
    assert at_step.hint is None


@pytest.mark.parametrize("named", ["operationId", "operationPath"])
def test_what_is_behind_a_url_is_not_checked_offline(folder: Path, named: str) -> None:
    (folder / "api/openapi.yml").write_text(API.replace("paths/pet.yml", "https://specs.test/pet.yml"))
    if named == "operationPath":
        pointer = "'{$sourceDescriptions.pets.url}#/paths/~1pets~1{id}/get'"
        flow = FLOW.replace("operationId: getPet", f"operationPath: {pointer}")
        (folder / "flows/w.arazzo.yml").write_text(flow)
    (diagnostic,) = found(folder, offline=True)
    assert (diagnostic.code, diagnostic.severity) == ("source-not-checked", "information")
    assert "'https://specs.test/pet.yml'" in diagnostic.message
    with pytest.raises(arazzo.DocumentError):
        arazzo.run(arazzo.load(folder / "flows/w.arazzo.yml"), offline=True)


def test_a_description_may_name_no_file_outside_its_repository(folder: Path) -> None:
    outside = folder.parent / f"{folder.name}-secret.yml"
    outside.write_text(PET)
    (folder / "api/openapi.yml").write_text(API.replace("paths/pet.yml", f"../../{outside.name}"))
    refused = next(d for d in found(folder) if d.code == "unresolved-ref")
    assert "lies outside" in refused.message
    assert "--allow-path" in refused.message


def test_a_step_across_a_symbolic_link_out_of_the_repository_is_refused(folder: Path) -> None:
    outside = folder.parent / f"{folder.name}-linked.yml"
    outside.write_text(PET)
    (folder / "api/paths/pet.yml").unlink()
    (folder / "api/paths/pet.yml").symlink_to(outside)
    assert "lies outside" in next(d for d in found(folder) if d.code == "unresolved-ref").message


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("openapi: 4.0.0\npaths: {}", "description-version", "is of OpenAPI 4.0.0, which cannot be read"),
        ("openapi:\npaths: {}", "description-version", "is of OpenAPI without a version"),
        ("openapi: [3]\npaths: {}", "description-version", "cannot be read"),
        ("swagger: 1.2\napis: []", "description-version", "is of Swagger 1.2, which cannot be read"),
        ("swaggerVersion: '1.2'\napis: []", "source-type", "is no OpenAPI, AsyncAPI or Arazzo document"),
        ("just text", "source-type", "is no OpenAPI, AsyncAPI or Arazzo document"),
        ("[1, 2]", "source-type", "is no OpenAPI, AsyncAPI or Arazzo document"),
        ("<!doctype html><title>404</title>", "missing-source", "it is HTML or XML, not an API description"),
        ("", "missing-source", "it is empty"),
        ("openapi: 3.0.0\npaths: {a: [", "syntax", "not YAML"),
        ("{\"openapi\": \"3.0.0\",, }", "syntax", "not "),
        (BOMB, "limit", "values after expanding aliases"),
        ("openapi: 3.0.0\nx: " + "[" * 100_000, "limit", "nested deeper"),
        ("openapi: 3.0.0\npaths: []", "unknown-operation", "no operation 'getPet'"),
        ("openapi: 3.0.0\npaths: {/a: 5, /b: {get: 7}}", "unknown-operation", "no operation"),
        ("openapi: 3.0.0\npaths: {/c: {get: {operationId: [1]}}}", "unknown-operation", "no operation"),
        ("openapi: 3.0.0", "unknown-operation", "no operation"),
        ("openapi: 3.0.0\npaths: {/a: {$ref: '#/paths/~1a'}}", "unresolved-ref", "leads in a circle"),
    ],
)  # fmt: skip
def test_a_description_that_is_none_says_what_it_is(folder: Path, text: str, code: str, words: str) -> None:
    (folder / "api/openapi.yml").write_text(text)
    assert any(d.code == code and words in d.message for d in found(folder)), found(folder)


@pytest.mark.parametrize("version", ["3.0", "3.0.4", "'3.1'", "3.2.0", "3.3.0"])
def test_every_3_x_is_read(folder: Path, version: str) -> None:
    (folder / "api/openapi.yml").write_text(API.replace("3.1.0", version))
    assert found(folder) == ()


def test_an_undeclared_path_parameter_without_a_place_is_said_not_to_be_sent(folder: Path) -> None:
    extra = "[{name: id, in: path, value: 7}, {name: kind, in: path, value: cat}]"
    flow = FLOW.replace("[{name: id, in: path, value: 7}]", extra)
    (folder / "flows/w.arazzo.yml").write_text(flow)
    (diagnostic,) = found(folder)
    assert diagnostic.code == "parameter-undeclared"
    assert diagnostic.message.endswith("its path /pets/{id} has no place for it: it is not sent")
    (folder / "api/paths/pet.yml").write_text(PET.replace("parameters: [{$ref: '../shared.yml#/id'}]", ""))
    (folder / "flows/w.arazzo.yml").write_text(FLOW)
    (diagnostic,) = found(folder)
    assert diagnostic.message.endswith("it is sent all the same")
