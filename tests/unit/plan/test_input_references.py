"""Inputs whose schemas stand elsewhere: in other files, and where an ``$id`` or an anchor says; checked and run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

import arazzo
from arazzo.cli.main import main
from arazzo.descriptions.openapi.files import Files
from arazzo.descriptions.retrieval import RetrievalError, Retrieved
from arazzo.diagnostics import Diagnostic, Findings
from arazzo.plan.input_values import check_inputs
from arazzo.plan.inputs import InputsSchema, read_inputs
from arazzo.values import Value

HEAD = """
arazzo: 1.0.1
info: {title: t, version: '1'}
sourceDescriptions: [{name: pets, url: ../api.yml, type: openapi}]
"""
API = """
openapi: 3.1.0
info: {title: p, version: '1'}
servers: [{url: https://api.test}]
paths:
  /pets/{id}:
    get:
      operationId: getPet
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}}
        - {name: size, in: query, schema: {type: integer}}
      responses: {'200': {description: a pet}}
"""
STEPS = """
    steps:
      - stepId: get
        operationId: getPet
        parameters:
          - {name: id, in: path, value: $inputs.petId}
          - {name: size, in: query, value: $inputs.size}
        successCriteria: [{condition: $statusCode == 200}]
"""
ADOPTION = """
type: object
required: [petId]
properties:
  petId: {type: string, minLength: 2, description: whose home}
  size: {type: integer, default: 10}
  door: {type: string, format: password}
  adopter: {$ref: './people/adopter.yml#/$defs/person'}
"""
ADOPTER = """
$defs:
  person:
    type: object
    properties:
      name: {type: string}
      referredBy: {$ref: '#/$defs/person'}
      home: {$ref: ../adoption.yml}
"""

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a workflow with these ``inputs`` (and what follows the workflows), and other files beside it."""
    (tmp_path / "home/.git").mkdir(parents=True)
    (tmp_path / "home/api.yml").write_text(API)

    def write(inputs: str, after: str = "", head: str = HEAD, steps: str = STEPS, **others: str) -> Path:
        flow = tmp_path / "home/flows/w.arazzo.yml"
        flow.parent.mkdir(exist_ok=True)
        workflow = f"workflows:\n  - workflowId: w\n    inputs: {inputs}{steps}"
        flow.write_text(f"{head}{workflow}{after}")
        for name, text in {"adoption": ADOPTION, "people/adopter": ADOPTER, **others}.items():
            file = flow.parent / f"schemas/{name}.yml"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return flow

    return write


def found(flow: Path, *, offline: bool = False) -> list[Diagnostic]:
    return [d for d in arazzo.check(arazzo.load(flow), offline=offline) if d.code != "unused-input"]


def inputs_of(flow: Path) -> InputsSchema:
    plan = arazzo.link(arazzo.load(flow))
    assert plan.entry is not None
    return plan.workflows[plan.entry].inputs


def codes(diagnostics: list[Diagnostic]) -> list[str]:
    return [d.code for d in diagnostics]


def test_inputs_in_another_file_are_known_with_all_that_file_refers_to(write: Write) -> None:
    flow = write("{$ref: ./schemas/adoption.yml}")
    assert found(flow) == []
    assert found(flow, offline=True) == []
    inputs = inputs_of(flow)
    assert list(inputs.properties) == ["petId", "size", "door", "adopter"]
    assert inputs.required == ("petId",)
    assert inputs.default("size") == (10,)
    assert inputs.types("adopter") == {"object"}
    assert inputs.secret == {"door"}
    at = inputs.declared_at("petId")
    assert at is not None
    assert Path(at.tree.file).name == "adoption.yml"


@pytest.mark.parametrize(
    ("reference", "names"),
    [
        ("./schemas/shared.yml#/$defs/order", ["petId", "size"]),
        ("schemas/shared.yml#order", ["petId", "size"]),
        ("schemas/shared.yml#/%24defs/order", ["petId", "size"]),
        ("../flows/schemas/shared.yml#tree", ["petId", "size", "children"]),
        ("../../home/api.yml#/components/schemas/Pet", ["petId", "size"]),
        ("w.arazzo.yml#/components/inputs/own", ["petId", "size"]),
    ],
)
def test_a_fragment_is_a_pointer_or_an_anchor(write: Write, reference: str, names: list[str]) -> None:
    pet = "{type: object, properties: {petId: {}, size: {}}}"
    shared = (
        "$defs:\n  order: {$anchor: order, properties: {petId: {}, size: {}}}\n"
        "  tree: {$dynamicAnchor: tree, allOf: [{$ref: '#order'}],"
        " properties: {children: {items: {$dynamicRef: '#tree'}}}}\n"
    )
    own = f"components: {{inputs: {{own: {pet}}}}}\n"
    flow = write(f"{{$ref: '{reference}'}}", own, shared=shared)
    (flow.parent.parent / "api.yml").write_text(f"{API}components: {{schemas: {{Pet: {pet}}}}}\n")
    assert [d for d in found(flow) if d.code != "unused-component"] == []
    assert sorted(inputs_of(flow).properties) == sorted(names)


def test_a_run_checks_such_inputs_and_gives_them_their_defaults(write: Write) -> None:
    document = arazzo.load(write("{$ref: ./schemas/adoption.yml}"))
    sent: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        sent.append(str(request.url))
        return httpx2.Response(200, json={})

    wrong: list[tuple[dict[str, Value], str]] = [
        ({}, "the input 'petId' is required and was not given"),
        ({"petId": "r"}, "the input 'petId' does not fit"),
        ({"petId": "rex", "adopter": {"referredBy": {"name": 1}}}, "'adopter.referredBy.name' does not"),
        ({"petId": "rex", "adopter": {"home": {"petId": "r"}}}, "'adopter.home.petId' does not fit"),
    ]
    with httpx2.Client(transport=httpx2.MockTransport(answer)) as client:
        result = arazzo.run(document, inputs={"petId": "rex"}, transport=client)
        assert result.status == "succeeded"
        assert sent == ["https://api.test/pets/rex?size=10"]
        for inputs, told in wrong:
            with pytest.raises(arazzo.InputError) as raised:
                arazzo.run(document, inputs=inputs, transport=client)
            (problem,) = raised.value.diagnostics
            assert told in problem.message
            assert problem.span is not None
            assert Path(problem.span.file).name == "adoption.yml"
    assert len(sent) == 1


def test_inputs_in_a_file_are_shown(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", str(write("{$ref: ./schemas/adoption.yml}"))]) == 0
    shown = capsys.readouterr().out
    assert "petId    string   required  whose home" in shown
    assert "door     string   optional   (hidden in all output)" in shown
    assert "size     integer  default 10" in shown


def test_what_a_called_workflow_takes_is_read_from_its_file(write: Write) -> None:
    called = "\n  - workflowId: caller\n    steps:\n      - stepId: call\n        workflowId: w\n"
    flow = write("{$ref: ./schemas/adoption.yml}", called)
    (missing,) = found(flow)
    assert (missing.code, missing.message) == (
        "argument-missing",
        "the workflow 'w' requires the input 'petId', and nothing passes it",
    )
    flow = write(
        "{$ref: ./schemas/adoption.yml}", f"{called}        parameters: [{{name: petID, value: rex}}]\n"
    )
    assert sorted(codes(found(flow))) == ["argument-missing", "unknown-input"]
    flow = write(
        "{$ref: ./schemas/adoption.yml}", f"{called}        parameters: [{{name: petId, value: 7}}]\n"
    )
    assert codes(found(flow)) == ["wrong-argument"]


@pytest.mark.parametrize(
    ("reference", "message", "hint"),
    [
        (
            "./schemas/adopton.yml",
            "the $ref './schemas/adopton.yml' cannot be followed: {flows}/schemas/adopton.yml: no such file",
            "a relative path starts from the folder of {flow}",
        ),
        (
            "./schemas/adoption.yml#/properties/peId",
            "nothing stands at '#/properties/peId' in {flows}/schemas/adoption.yml",
            "did you mean 'petId'?",
        ),
        (
            "./schemas/adoption.yml#/nowhere/petId",
            "nothing stands at '#/nowhere/petId' in {flows}/schemas/adoption.yml",
            "# has: type, required, properties",
        ),
        (
            "./schemas/adoption.yml#pet",
            "no schema has the $anchor 'pet' in {flows}/schemas/adoption.yml",
            None,
        ),
        ("#/components/inputs/tre", "nothing stands at '#/components/inputs/tre'", "did you mean 'tree'?"),
        (
            "#/components/schemas/tree",
            "nothing stands at '#/components/schemas/tree'",
            "'#/components/inputs/tree'",
        ),
        ("tree", "the $ref 'tree' cannot be followed", "write '#/components/inputs/tree'"),
        ("#tre", "no schema has the $anchor 'tre'", "did you mean 'tree'?"),
        ("#", "the $ref '#' leads to the whole document, which is no schema", None),
        (
            "urn:example:tre",
            "urn:example:tre: only files and https URLs can be read",
            "the $id 'urn:example:tree'",
        ),
        ("./schemas/broken.yml", "broken.yml: it cannot be read: ", None),
        ("./schemas", "{flows}/schemas: it is a folder", "a relative path starts"),
        ("../../outside.yml", "it lies outside {home}; allow its folder with --allow-path", None),
        ("file:///etc/passwd", "it lies outside {home}; allow its folder with --allow-path", None),
        ("https://127.0.0.1:1/x.yml", "https://127.0.0.1:1/x.yml: ", None),
    ],
)
def test_a_reference_that_cannot_be_followed_says_why_and_nothing_follows_from_it(
    write: Write, reference: str, message: str, hint: str | None
) -> None:
    component = "components: {inputs: {tree: {$id: 'urn:example:tree', $anchor: tree, type: object}}}\n"
    flow = write(f"{{$ref: '{reference}'}}", component, broken="a: [")
    (flow.parent.parent.parent / "outside.yml").write_text(ADOPTION)
    (told,) = (d for d in found(flow) if d.code != "unused-component")
    places = {"flow": str(flow), "flows": str(flow.parent), "home": str(flow.parent.parent)}
    assert told.code == "unresolved-ref"
    assert message.format(**places) in told.message
    assert (hint is None) == (told.hint is None), told.hint
    assert (hint or "").format(**places) in (told.hint or "")
    assert told.span is not None
    assert told.span.excerpt.strip() == f"inputs: {{$ref: '{reference}'}}"


def test_a_pointer_into_the_inputs_themselves_is_told_as_it_must_be_written(write: Write) -> None:
    inputs = "{properties: {petId: {$ref: '#/$defs/id'}, size: {}}, $defs: {id: {type: string}}}"
    (told,) = found(write(inputs))
    assert told.hint == "write '#/workflows/0/inputs/$defs/id': it is read in the whole document"
    assert found(write(inputs.replace("#/$defs", "#/workflows/0/inputs/$defs"))) == []
    assert found(write(inputs.replace("{properties", "{$id: 'urn:w', properties", 1))) == []


def test_where_a_part_of_the_inputs_cannot_be_had_the_rest_is_known(write: Write) -> None:
    flow = write("{properties: {petId: {$ref: nowhere.yml}}}")
    assert sorted(codes(found(flow))) == [
        "unknown-input",
        "unresolved-ref",
    ]  # `size`, which is declared nowhere
    flow = write("{allOf: [{$ref: nowhere.yml}], properties: {petId: {}}}")
    assert codes(found(flow)) == ["unresolved-ref"]


def test_what_is_behind_a_url_is_not_checked_offline_and_not_run(write: Write) -> None:
    flow = write("{$ref: 'https://schemas.test/adoption.yml'}")
    (told,) = found(flow, offline=True)
    assert (told.code, told.severity) == ("source-not-checked", "information")
    with pytest.raises(arazzo.DocumentError):
        arazzo.run(arazzo.load(flow), offline=True, inputs={"petId": "rex", "size": 1})


def test_a_schema_that_is_wrong_in_its_file_is_told_there(write: Write) -> None:
    (told,) = found(write("{$ref: schemas/adoption.yml}", adoption=ADOPTION.replace("integer", "int")))
    assert told.code == "bad-schema"
    assert told.span is not None
    assert (Path(told.span.file).name, told.span.line) == ("adoption.yml", 6)


@pytest.mark.parametrize(
    "inputs",
    [
        "{$ref: schemas/ring.yml}",
        "{$ref: '#/workflows/0/inputs'}",
        "{$ref: '#/components/inputs/a'}",
        "{properties: {petId: {$ref: '#/workflows/0/inputs'}, size: {}}}",
    ],
)
def test_references_in_a_circle_come_to_an_end(write: Write, inputs: str) -> None:
    component = (
        "components: {inputs: {a: {$ref: '#/components/inputs/b'}, b: {$ref: '#/components/inputs/a'}}}\n"
    )
    flow = write(inputs, component, ring="$ref: ring2.yml", ring2="allOf: [{$ref: ring.yml}]")
    assert not [d for d in found(flow) if d.severity == "error"]
    assert (
        arazzo.run(arazzo.load(flow), inputs={"petId": "rex", "size": 1}, simulate=True).status == "succeeded"
    )


def test_a_long_chain_of_references_comes_to_its_end(write: Write) -> None:
    links = {f"l{n}": {"title": "l", "$ref": f"#/$defs/l{n + 1}"} for n in range(3_000)}
    chain = json.dumps({"$ref": "#/$defs/l0", "$defs": {**links, "l3000": {"type": "object"}}})
    assert "unresolved-ref" not in codes(found(write("{$ref: schemas/chain.yml}", chain=chain)))


def test_schemas_in_one_another_without_end_are_refused(write: Write) -> None:
    deep = '{"items": ' * 180 + "{}" + "}" * 180
    (told,) = (d for d in found(write("{$ref: schemas/deep.yml}", deep=deep)) if d.severity == "error")
    assert told.code == "bad-schema"
    assert "more than 150 in one another" in told.message


COMPONENTS = """
components:
  inputs:
    adoption:
      $id: https://example.com/schemas/adoption.yml
      properties:
        petId: {$ref: '#id'}
        size: {$ref: sizes.yml#/$defs/small}
      $defs:
        id: {$anchor: id, type: string}
        sizes: {$id: sizes.yml, $defs: {small: {type: integer, maximum: 5}}, properties: {petId: {}, size: {}}}
    other:
      $id: https://example.com/other.yml
      $defs: {id: {$anchor: id, type: boolean}}
"""


@pytest.mark.parametrize(
    ("reference", "unused"),
    [
        ("https://example.com/schemas/adoption.yml", ["other"]),
        ("https://example.com/schemas/adoption.yml#", ["other"]),
        ("https://example.com/schemas/sizes.yml", ["other"]),
        ("https://example.com/schemas/adoption.yml#/$defs/sizes", ["other"]),
    ],
)
def test_the_id_of_a_component_names_it(write: Write, reference: str, unused: list[str]) -> None:
    flow = write(f"{{$ref: '{reference}'}}", COMPONENTS)
    diagnostics = found(flow)
    assert [d.message for d in diagnostics] == [
        f"nothing refers to components.inputs.{name}" for name in unused
    ]
    assert sorted(inputs_of(flow).properties) == ["petId", "size"]


def test_an_anchor_is_looked_for_in_its_own_schema_first(write: Write) -> None:
    flow = write("{properties: {petId: {$ref: 'https://example.com/other.yml#id'}, size: {}}}", COMPONENTS)
    assert inputs_of(flow).types("petId") == {"boolean"}
    assert inputs_of(write("{$ref: 'https://example.com/schemas/adoption.yml'}", COMPONENTS)).types(
        "petId"
    ) == {"string"}


def test_identities_are_read_against_the_identity_of_the_document(write: Write) -> None:
    head = HEAD.replace("1.0.1", "1.1.0").replace(
        "\ninfo", "\n$self: https://example.com/schemas/flow.yml\ninfo"
    )
    by_uri = "https://example.com/schemas/flow.yml#/components/inputs/adoption"
    for reference in ("adoption.yml", by_uri):
        flow = write(f"{{$ref: '{reference}'}}", COMPONENTS, head=head)
        assert codes(found(flow, offline=True)) == ["source-elsewhere", "unused-component"]
    # An identity need not be an address: what is not to be had there is looked for beside the file.
    flow = write("{$ref: schemas/adoption.yml}", head=head)
    assert codes(found(flow, offline=True)) == ["source-elsewhere"]


def test_a_property_may_be_called_like_a_word_and_data_is_no_schema(write: Write) -> None:
    inputs = (
        "{properties: {$ref: {type: string}, default: {$ref: '#/components/inputs/petId'}, petId: "
        "{default: {$ref: nowhere}, examples: [{$ref: nowhere}]}, size: {x-note: {$ref: nowhere}}}}"
    )
    component = "components: {inputs: {petId: {type: string}}}\n"
    flow = write(inputs, component)
    assert found(flow) == []
    assert inputs_of(flow).types("$ref") == inputs_of(flow).types("default") == {"string"}
    assert inputs_of(flow).default("petId") == ({"$ref": "nowhere"},)


def test_own_definitions_are_not_taken_for_those_that_were_brought_along(write: Write) -> None:
    written = (
        "{$defs: {ref-1: {type: boolean}, unresolved: false}, properties: {petId: "
        "{$ref: '#/components/inputs/petId'}, size: {$ref: nowhere}}}"
    )
    flow = write(written, "components: {inputs: {petId: {type: string}}}\n")
    document, findings = arazzo.load(flow), Findings()
    inputs = read_inputs(document, document.workflows[0].inputs, findings, Files(lambda _: no_file))
    assert [d.code for d in findings] == ["unresolved-ref"]
    assert inputs.types("petId") == {"string"}
    assert inputs.types("size") == frozenset()
    assert list(check_inputs(inputs, {"petId": "rex", "size": 1})) == []


def no_file(uri: str) -> Retrieved:
    raise RetrievalError(uri, "no such file", "absent")


def test_a_change_in_the_file_is_seen_by_the_next_check(
    write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    flow = write("{$ref: schemas/adoption.yml}")
    assert main(["validate", str(flow)]) == 0
    schema = flow.parent / "schemas/adoption.yml"
    schema.write_text(ADOPTION.replace("petId", "petID"))
    main(["validate", str(flow)])
    assert "declares no input 'petId'" in capsys.readouterr().out
