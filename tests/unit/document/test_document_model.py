"""What the reader makes of a document: every field in its place, and something to go on with when one is wrong."""

from __future__ import annotations

import pytest

from arazzo.diagnostics import Severity
from arazzo.document.model import (
    Criterion,
    Document,
    ExpressionType,
    FailureAction,
    Parameter,
    Reusable,
    SuccessAction,
)
from arazzo.document.read import read_document
from arazzo.errors import DocumentError
from arazzo.source import from_value, parse

EVERYTHING = """\
arazzo: 1.1.0
$self: https://example.com/all.arazzo.yaml
info: {title: All, summary: S, description: D, version: "2", x-info: 1}
sourceDescriptions:
  - {name: api, url: ./openapi.yaml, type: openapi, x-source: [1]}
  - {name: events, url: ./asyncapi.yaml, type: asyncapi}
  - {name: more, url: ./more.arazzo.yaml, type: arazzo}
  - {name: untyped, url: ./untyped}
workflows:
  - workflowId: main
    summary: S
    description: D
    inputs: {type: object}
    dependsOn: [other]
    parameters: [{name: w, in: header, value: 1}, {reference: $components.parameters.p}]
    successActions: [{name: ws, type: end}]
    failureActions: [{reference: $components.failureActions.f}]
    outputs: {o: $steps.one.outputs.a}
    x-workflow: true
    steps:
      - stepId: one
        description: D
        operationId: getThing
        parameters:
          - {name: q, in: query, value: {k: [1, null]}, x-p: null}
          - {reference: $components.parameters.p, value: null}
          - {reference: $components.parameters.q}
        requestBody:
          contentType: application/json
          payload: {a: $inputs.a}
          replacements:
            - {target: /a, value: null}
            - {target: $.a, value: 1, targetSelectorType: {type: jsonpath, version: rfc9535}}
          x-body: 1
        successCriteria:
          - condition: $statusCode == 200
          - {context: $response.body, condition: //a, type: {type: xpath, version: xpath-10, x-type: 1}}
        onSuccess:
          - {name: again, type: retry, retryAfter: 2, retryLimit: 3}
          - {name: on, type: goto, workflowId: other, parameters: [{name: p, value: 1}], criteria: [{condition: a}]}
        onFailure:
          - {name: more, type: retry, retryAfter: 0.5, retryLimit: 0, stepId: two, criteria: [{condition: b}]}
        outputs: {a: $response.body, b: {context: $response.body, selector: /a, type: jsonpointer}}
        timeout: 1000
        dependsOn: [two]
        x-step: {}
      - {stepId: two, operationPath: '{$sourceDescriptions.api.url}#/paths/~1/get'}
      - {stepId: three, channelPath: $sourceDescriptions.events#/channels/a, action: receive, correlationId: c}
      - {stepId: four, workflowId: other}
  - workflowId: other
    steps: [{stepId: one, operationId: x}]
components:
  inputs: {i: {type: string}}
  parameters: {p: {name: p, in: query, value: 1}}
  successActions: {s: {name: s, type: end}}
  failureActions: {f: {name: f, type: end}}
  x-components: 1
x-root: {a: 1}
"""


def test_every_field_is_read_into_its_place() -> None:
    document = read(EVERYTHING)
    assert [d.code for d in document.diagnostics] == ["retry-on-success"]
    assert (document.arazzo, document.minor, document.uri) == ("1.1.0", 1, "file:///a.yaml")
    assert (document.self_uri, document.file) == ("https://example.com/all.arazzo.yaml", "a.yaml")
    info = document.info
    assert (info.title, info.summary, info.description, info.version) == ("All", "S", "D", "2")
    assert [(s.name, s.url, s.type) for s in document.source_descriptions] == [
        ("api", "./openapi.yaml", "openapi"),
        ("events", "./asyncapi.yaml", "asyncapi"),
        ("more", "./more.arazzo.yaml", "arazzo"),
        ("untyped", "./untyped", None),
    ]
    assert [w.workflow_id for w in document.workflows] == ["main", "other"]


def test_every_field_of_a_workflow_is_read() -> None:
    workflow = read(EVERYTHING).workflows[0]
    assert (workflow.summary, workflow.description, workflow.depends_on) == ("S", "D", ("other",))
    assert workflow.inputs is not None
    assert workflow.inputs.value == {"type": "object"}
    own, reference = workflow.parameters
    assert isinstance(own, Parameter)
    assert (own.name, own.in_, own.value.value) == ("w", "header", 1)
    assert isinstance(reference, Reusable)
    assert [a.name for a in workflow.success_actions if isinstance(a, SuccessAction)] == ["ws"]
    assert [a.reference for a in workflow.failure_actions if isinstance(a, Reusable)] == [
        "$components.failureActions.f"
    ]
    assert {name: node.value for name, node in workflow.outputs.items()} == {"o": "$steps.one.outputs.a"}


def test_every_field_of_a_step_is_read() -> None:
    one, two, three, four = read(EVERYTHING).workflows[0].steps
    assert (one.step_id, one.description, one.operation_id) == ("one", "D", "getThing")
    assert (one.timeout, one.depends_on) == (1000, ("two",))
    assert {name: node.value for name, node in one.outputs.items()} == {
        "a": "$response.body",
        "b": {"context": "$response.body", "selector": "/a", "type": "jsonpointer"},
    }
    assert two.operation_path == "{$sourceDescriptions.api.url}#/paths/~1/get"
    assert (three.channel_path, three.action, three.correlation_id) == (
        "$sourceDescriptions.events#/channels/a",
        "receive",
        "c",
    )
    assert four.workflow_id == "other"


def test_a_value_is_absent_or_null_as_the_author_wrote_it() -> None:
    step = read(EVERYTHING).workflows[0].steps[0]
    own, null, absent = step.parameters
    assert isinstance(own, Parameter)
    assert own.value.value == {"k": [1, None]}
    assert isinstance(null, Reusable)
    assert null.value is not None
    assert null.value.value is None
    assert isinstance(absent, Reusable)
    assert absent.value is None


def test_every_field_of_a_request_body_is_read() -> None:
    body = read(EVERYTHING).workflows[0].steps[0].request_body
    assert body is not None
    assert body.payload is not None
    assert (body.content_type, body.payload.value) == ("application/json", {"a": "$inputs.a"})
    pointer, query = body.replacements
    assert (pointer.target, pointer.value.value, pointer.target_selector_type) == ("/a", None, None)
    assert isinstance(query.target_selector_type, ExpressionType)
    assert (query.target_selector_type.type, query.target_selector_type.version) == ("jsonpath", "rfc9535")


def test_every_field_of_criteria_and_actions_is_read() -> None:
    step = read(EVERYTHING).workflows[0].steps[0]
    simple, typed = step.success_criteria
    assert (simple.condition, simple.context, simple.type) == ("$statusCode == 200", None, None)
    assert isinstance(typed.type, ExpressionType)
    assert (typed.context, typed.type.type, typed.type.version) == ("$response.body", "xpath", "xpath-10")
    again, on = step.on_success
    assert isinstance(again, SuccessAction)
    assert (again.name, again.type, again.retry_after, again.retry_limit) == ("again", "retry", 2, 3)
    assert isinstance(on, SuccessAction)
    assert (on.type, on.workflow_id, conditions(on.criteria)) == ("goto", "other", ["a"])
    assert [p.name for p in on.parameters if isinstance(p, Parameter)] == ["p"]
    (more,) = step.on_failure
    assert isinstance(more, FailureAction)
    assert (more.type, more.retry_after, more.retry_limit, more.step_id) == ("retry", 0.5, 0, "two")
    assert conditions(more.criteria) == ["b"]


def test_components_are_read() -> None:
    components = read(EVERYTHING).components
    assert components.inputs["i"].value == {"type": "string"}
    assert components.parameters["p"].in_ == "query"
    assert components.success_actions["s"].name == "s"
    assert components.failure_actions["f"].name == "f"


def test_extensions_are_kept() -> None:
    document = read(EVERYTHING)
    workflow = document.workflows[0]
    step = workflow.steps[0]
    parameter = step.parameters[0]
    criterion_type = step.success_criteria[1].type
    assert step.request_body is not None
    assert isinstance(parameter, Parameter)
    assert isinstance(criterion_type, ExpressionType)
    assert [
        document.extensions,
        document.info.extensions,
        document.source_descriptions[0].extensions,
        document.components.extensions,
        workflow.extensions,
        step.extensions,
        parameter.extensions,
        step.request_body.extensions,
        criterion_type.extensions,
    ] == [
        {"x-root": {"a": 1}},
        {"x-info": 1},
        {"x-source": [1]},
        {"x-components": 1},
        {"x-workflow": True},
        {"x-step": {}},
        {"x-p": None},
        {"x-body": 1},
        {"x-type": 1},
    ]


def test_a_document_of_1_0_is_read_with_its_later_fields() -> None:
    document = read(EVERYTHING.replace("arazzo: 1.1.0", "arazzo: 1.0.1"))
    assert document.minor == 0
    assert not [d for d in document.diagnostics if d.severity is Severity.ERROR]
    assert [d.span.line for d in document.diagnostics if d.span and d.code == "later-field"] == [
        2,  # $self
        6,  # type: asyncapi
        *(33, 33),  # targetSelectorType and rfc9535
        40,  # parameters of an action
        43,  # a Selector Object
        *(44, 45),  # timeout, dependsOn
        *(48, 48, 48),  # channelPath, action, correlationId
    ]
    assert document.workflows[0].steps[0].timeout == 1000
    assert document.workflows[0].steps[2].action == "receive"


def test_a_document_that_says_nothing_but_its_version_has_empty_values() -> None:
    document = read("arazzo: 1.0.1")
    assert [d.message for d in document.diagnostics] == [
        "an Arazzo Specification Object needs the field `info`",
        "an Arazzo Specification Object needs the field `sourceDescriptions`",
        "an Arazzo Specification Object needs the field `workflows`",
    ]
    assert (document.info.title, document.source_descriptions, document.workflows) == ("", (), ())
    assert (document.self_uri, dict(document.components.parameters)) == (None, {})


def test_elements_of_the_wrong_type_are_left_out_and_the_others_read() -> None:
    document = read(
        """\
arazzo: 1.1.0
info: {}
sourceDescriptions: [text, {name: a, url: b}]
workflows:
  - text
  - workflowId: w
    outputs: {a: 1, b: $inputs.b}
    steps:
      - 1
      - stepId: s
        operationId: o
        timeout: soon
        parameters: [{in: query}, 3]
        successCriteria: [a == b, {condition: c}]
        onFailure: [{type: never}]
components: {parameters: {p: 1, q: {name: q, value: 1}}, inputs: []}
"""
    )
    assert [s.name for s in document.source_descriptions] == ["a"]
    (workflow,) = document.workflows
    assert list(workflow.outputs) == ["b"]
    (step,) = workflow.steps
    (parameter,) = step.parameters
    assert isinstance(parameter, Parameter)
    assert (parameter.name, parameter.in_, parameter.value.value) == ("", "query", None)
    assert (step.timeout, conditions(step.success_criteria)) == (None, ["c"])
    assert [a.type for a in step.on_failure if isinstance(a, FailureAction)] == ["end"]
    assert (list(document.components.parameters), document.components.inputs) == (["q"], {})


VERSIONS = [
    ("1.0.0", 0, []),
    ("1.0.1", 0, []),
    ("1.1.0", 1, []),
    ("1.1.99", 1, []),
    ("1.1.0-rc.1", 1, []),
    ("'1.1.0'", 1, []),
    ("1.2.0", 1, ["later-version"]),
    ("1.99.0", 1, ["later-version"]),
    ("1.0", 0, ["version-form"]),
    ("1.1", 1, ["version-form"]),
    ("'1.1'", 1, ["version-form"]),
]


@pytest.mark.parametrize(("written", "minor", "found"), VERSIONS)
def test_the_minor_version_decides_the_feature_set(written: str, minor: int, found: list[str]) -> None:
    document = read(EVERYTHING.replace("arazzo: 1.1.0", f"arazzo: {written}"))
    assert (document.arazzo, document.minor) == (written.strip("'"), minor)
    assert [d.code for d in document.diagnostics if d.code in ("later-version", "version-form")] == found
    assert all(d.kindness for d in document.diagnostics if d.code in found)


@pytest.mark.parametrize(
    "written",
    ["2.0.0", "0.9.0", "2", "1", "10.0.0", "v1.1.0", "1.x", "latest", "true", "", "[1]", "''", "1.1.0 "],
)
def test_a_version_that_cannot_be_read_is_refused(written: str) -> None:
    text = f"arazzo: {written}\ninfo: 1\n" if written != "1.1.0 " else "arazzo: '1.1.0 '"
    with pytest.raises(DocumentError) as raised:
        read(text)
    (finding,) = raised.value.diagnostics
    assert (finding.code, finding.span and finding.span.line) == ("version", 1)
    assert finding.hint == "write `arazzo: 1.1.0`"


NO_ARAZZO = [
    ("", "an Arazzo document is a mapping, not nothing", "it begins with `arazzo: 1.1.0`", "a.yaml:1:1"),
    ("- a", "an Arazzo document is a mapping, not a list", "it begins with", "a.yaml:1:1"),
    ("text", "an Arazzo document is a mapping, not text", "it begins with", "a.yaml:1:1"),
    ("title: x", "the field `arazzo` is missing", "it begins with", "a.yaml:1:1"),
    ("Arazzo: 1.0.1", "the field `arazzo` is missing", "did you mean `arazzo` by `Arazzo`?", "a.yaml:1:1"),
    ("info: 1\nopenapi: 3.1.0", "this is an OpenAPI description", "`sourceDescriptions`", "a.yaml:2:1"),
    ("swagger: '2.0'", "this is an OpenAPI description", "`sourceDescriptions`", "a.yaml:1:1"),
    ("asyncapi: 3.0.0", "this is an AsyncAPI description", "`sourceDescriptions`", "a.yaml:1:1"),
]


@pytest.mark.parametrize(("text", "message", "hint", "where"), NO_ARAZZO)
def test_what_is_no_arazzo_document_is_refused(text: str, message: str, hint: str, where: str) -> None:
    with pytest.raises(DocumentError) as raised:
        read(text)
    (finding,) = raised.value.diagnostics
    assert (finding.code, str(finding.span)) == ("not-arazzo", where)
    assert message in finding.message
    assert hint in (finding.hint or "")


def test_a_refused_document_tells_what_was_found_while_reading_its_text() -> None:
    with pytest.raises(DocumentError) as raised:
        read("a: 1\na: 2\n")
    assert [d.code for d in raised.value.diagnostics] == ["duplicate-key", "not-arazzo"]


def test_a_document_that_never_was_text_is_read_alike() -> None:
    tree = from_value(parse(EVERYTHING, "a.yaml").root)
    document = read_document(tree, "file:///a.yaml")
    assert [w.workflow_id for w in document.workflows] == ["main", "other"]
    (finding,) = document.diagnostics
    assert finding.span is not None
    assert '"retry"' in finding.span.excerpt


def test_a_document_that_is_wrong_everywhere_is_listed_up_to_a_bound_and_never_passes_for_runnable() -> None:
    steps = "".join(f"      - {{stepId: s {i}, operationId: o}}\n" for i in range(1_200))
    text = (
        f"arazzo: 1.1.0\ninfo: {{title: T, version: '1'}}\nworkflows:\n  - workflowId: w\n    steps:\n{steps}"
    )
    sources = "sourceDescriptions: [{name: a, url: b}]\n"
    found = read(text + sources).diagnostics
    assert [d.message for d in found[:1]] == ["more than 1,000 findings; not all are listed"]
    assert (len(found), [d for d in found if d.blocks_run]) == (1_001, [])
    with pytest.raises(DocumentError) as raised:
        read(text + "      - {stepId: t}\n      - {stepId: u}\n" + sources)
    assert [d.code for d in raised.value.diagnostics if d.blocks_run] == ["missing-field"]


def test_a_very_long_name_does_not_make_a_very_long_message() -> None:
    finding = read(f"arazzo: 1.1.0\n? {'x' * 100_000}\n: 1\n").diagnostics[-1]
    assert finding.code == "unknown-field"
    assert len(finding.message) < 500


def conditions(criteria: tuple[Criterion, ...]) -> list[str]:
    return [criterion.condition for criterion in criteria]


def read(text: str) -> Document:
    return read_document(parse(text, "a.yaml"), "file:///a.yaml")
