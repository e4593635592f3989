"""Runs the expression and criterion vectors of this folder; what they mean is said in ``README.md``."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from arazzo import codes
from arazzo.criterion.table import compile_criterion
from arazzo.diagnostics import Findings
from arazzo.document.model import Criterion, ExpressionType
from arazzo.expression.evaluate import evaluate
from arazzo.expression.parse import ExpressionSyntaxError, Notes, parse_expression
from arazzo.expression.scope import (
    MessageView,
    Names,
    RequestView,
    ResponseView,
    Scope,
    WorkflowNames,
    WorkflowValues,
)
from arazzo.expression.template import compile_value, render
from arazzo.messages import Headers
from arazzo.query.selector import compile_selector
from arazzo.source import from_value, parse
from arazzo.values import UNDEFINED, json_equal

HERE = Path(__file__).parent
Vector = dict[str, Any]


def load(folder: str, key: str = "name") -> list[Any]:
    """The vectors of ``folder`` that have ``key``, as parameters of a test."""
    return [pytest.param(vector, id=name) for name, vector in _vectors(folder) if key in vector]


def _vectors(folder: str) -> Iterator[tuple[str, Vector]]:
    scopes = read(HERE / folder / "scopes.yml")["scopes"]
    for path in sorted((HERE / folder).glob("*.yml")):
        if path.name == "scopes.yml":
            continue
        for vector in read(path)["vectors"]:
            scope = vector.get("scope", {})
            vector["scope"] = scopes[scope] if isinstance(scope, str) else scope
            yield f"{path.stem}: {vector['name']}", vector


def read(path: Path) -> Any:
    return parse(path.read_bytes(), path.name).root


def headers(mapping: Vector) -> Headers:
    return tuple(
        (name, one)
        for name, value in mapping.items()
        for one in (value if isinstance(value, list) else [value])
    )


def scope_of(vector: Vector) -> Scope:
    given = vector["scope"]
    scope = Scope(
        inputs=given.get("inputs", {}),
        outputs=given.get("outputs", {}),
        steps={step: values["outputs"] for step, values in given.get("steps", {}).items()},
        workflows={
            name: WorkflowValues(values.get("inputs", {}), values.get("outputs", {}))
            for name, values in given.get("workflows", {}).items()
        },
        sources=given.get("sources", {}),
        self_uri=given.get("self"),
    )
    if request := given.get("request"):
        scope.request = RequestView(
            request["method"],
            request["url"],
            headers(request.get("headers", {})),
            request.get("query", {}),
            request.get("path", {}),
            request.get("body", UNDEFINED),
        )
    if response := given.get("response"):
        body = response.get("body", UNDEFINED)
        scope.response = ResponseView(response["status"], headers(response.get("headers", {})), body)
    if message := given.get("message"):
        scope.message = MessageView(headers(message.get("headers", {})), message.get("payload", UNDEFINED))
    return scope


def names_of(vector: Vector) -> Names:
    given, more = vector["scope"], vector.get("declare", {})
    return Names(
        inputs=[*given.get("inputs", {}), *more.get("inputs", [])],
        outputs=[*given.get("outputs", {}), *more.get("outputs", [])],
        steps={step: list(values["outputs"]) for step, values in given.get("steps", {}).items()},
        workflows={
            name: WorkflowNames(list(values.get("inputs", {})), list(values.get("outputs", {})))
            for name, values in given.get("workflows", {}).items()
        },
        sources=list(given.get("sources", {})),
    )


def same(expected: Any, actual: Any) -> bool:
    return actual is not UNDEFINED and type(expected) is type(actual) and json_equal(expected, actual)


@pytest.mark.parametrize("vector", load("expressions"))
def test_expression_vector(vector: Vector) -> None:
    if "template" in vector:
        check_template(vector)
        return
    notes = Notes()
    if "error" in vector:
        with pytest.raises(ExpressionSyntaxError) as raised:
            parse_expression(vector["expression"], names_of(vector), notes)
        assert raised.value.start == vector["error"]["at"], raised.value.message
        return
    expression = parse_expression(vector["expression"], names_of(vector), notes)
    assert [note.code.name for note in notes.found] == ([vector["kindness"]] if "kindness" in vector else [])
    value = evaluate(expression, scope_of(vector))
    if "undefined" in vector:
        assert value is UNDEFINED
    else:
        assert same(vector["value"], value), value


def check_template(vector: Vector) -> None:
    findings = Findings()
    tree = from_value(vector["template"])
    template = compile_value(tree.node, names_of(vector), findings, selectors=compile_selector)
    errors = [finding for finding in findings.errors if finding.code == codes.BAD_EXPRESSION.name]
    if "error" in vector:
        at = vector["error"]["at"]
        expected = tree.node.text_span(at, at + 1).column
        assert [error.span and error.span.column for error in errors] == [expected]
        return
    assert not errors, errors
    kind = {finding.code for finding in findings if finding.kindness}
    assert kind == ({vector["kindness"]} if "kindness" in vector else set())
    value = render(template, scope_of(vector))
    if "undefined" in vector:
        assert value is UNDEFINED
    else:
        assert same(vector["value"], value), value


@pytest.mark.parametrize("vector", load("expressions", "kindness"))
def test_strictly_a_kindness_is_an_error(vector: Vector) -> None:
    findings = Findings(strict=True)
    text = vector.get("template", vector.get("expression"))
    compile_value(from_value(text).node, names_of(vector), findings, selectors=compile_selector)
    assert [error.code for error in findings.errors][:1] == [vector["kindness"]]


@pytest.mark.parametrize("vector", load("criteria"))
def test_criterion_vector(vector: Vector) -> None:
    findings = Findings()
    verdict = compile_criterion(criterion_of(vector), names_of(vector), findings).judge(scope_of(vector))
    malformed = [finding for finding in findings.errors if finding.code == codes.BAD_CONDITION.name]
    kind = {finding.code for finding in findings if finding.kindness}
    if verdict.note is not None:
        kind.add(verdict.note.code)
    if "error" in vector:
        assert not verdict.met
        assert verdict.error
        if vector["error"] is True:
            assert not malformed, malformed
        elif vector["error"] == "malformed":
            assert malformed
        else:
            column = len('  "condition": "') + 1
            spans = [finding.span for finding in malformed]
            assert [span and span.column - column for span in spans] == [vector["error"]["at"]]
        return
    assert not malformed, malformed
    assert verdict.error is None
    assert verdict.met is vector["met"]
    assert kind == ({vector["kindness"]} if "kindness" in vector else set())


@pytest.mark.parametrize("vector", load("criteria", "kindness"))
def test_strictly_a_kindness_in_a_condition_is_off(vector: Vector) -> None:
    findings = Findings(strict=True)
    criterion = compile_criterion(criterion_of(vector), names_of(vector), findings)
    if "met" in vector.get("strict", {}):
        assert not findings.errors
        assert criterion.judge(scope_of(vector)).met is vector["strict"]["met"]
    else:
        assert vector["kindness"] in [error.code for error in findings.errors]


def criterion_of(vector: Vector) -> Criterion:
    kind, version = vector.get("type"), vector.get("version")
    written: Vector = {"condition": vector["condition"]}
    if "context" in vector:
        written["context"] = vector["context"]
    if kind is not None:
        written["type"] = {"type": kind, "version": version} if version else kind
    node = from_value(written).node
    return Criterion(
        node,
        vector["condition"],
        vector.get("context"),
        ExpressionType(node, kind, version) if kind and version else kind,
    )


FORMS = {"expressions": "expressionsFile", "criteria": "criteriaFile"}
FILES = [path for folder in FORMS for path in sorted((HERE / folder).glob("*.yml"))]


def flaws(form: str, content: Any) -> list[str]:
    """What keeps ``content`` from being of one of the forms of the vectors' schema."""
    schema = json.loads((HERE / "vectors.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    whole = jsonschema.Draft202012Validator(schema).iter_errors(content)
    # The part that is meant says better what is wrong than the choice of all of them.
    part = jsonschema.Draft202012Validator({**schema, "oneOf": [{"$ref": f"#/$defs/{form}"}]})
    return [f"{e.json_path}: {e.message[:200]}" for e in [*part.iter_errors(content), *whole]]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_file_of_vectors_has_the_form_its_schema_says(path: Path) -> None:
    form = "scopesFile" if path.name == "scopes.yml" else FORMS[path.parent.name]
    assert not flaws(form, read(path))


@pytest.mark.parametrize(
    ("form", "change"),
    [
        ("expressionsFile", {}),
        ("expressionsFile", {"expression": "$url", "template": "x", "value": 1}),
        ("expressionsFile", {"expression": "$url"}),
        ("expressionsFile", {"expression": "$url", "value": 1, "undefined": True}),
        ("expressionsFile", {"expression": "$url", "undefined": False}),
        ("expressionsFile", {"expression": "$url", "error": {"at": -1}}),
        ("expressionsFile", {"expression": "$url", "error": {"at": 0}, "kindness": "length"}),
        ("expressionsFile", {"expression": "$url", "value": 1, "scope": {"input": {}}}),
        ("expressionsFile", {"condition": "$url == 1", "met": True}),
        ("criteriaFile", {"condition": "$url == 1"}),
        ("criteriaFile", {"condition": "$url == 1", "met": "yes"}),
        ("criteriaFile", {"condition": "$url == 1", "met": True, "error": True}),
        ("criteriaFile", {"condition": "$url == 1", "error": "wrong"}),
        ("criteriaFile", {"condition": "$.a", "met": True, "version": "rfc9535"}),
        ("criteriaFile", {"condition": "$.a", "met": True, "strict": {"met": False}}),
        ("criteriaFile", {"condition": "$.a", "met": True, "scope": {"response": {"body": {}}}}),
        ("criteriaFile", {"condition": "$.a", "met": True, "clauses": "criterion-object"}),
        ("scopesFile", {}),
    ],
)
def test_the_schema_of_vectors_refuses_what_is_none(form: str, change: Vector) -> None:
    vector = {"name": "a vector", "clause": "criterion-object", "scope": "reply", **change}
    assert flaws(form, {"vectors": [vector]})


@pytest.mark.parametrize("folder", FORMS)
def test_the_names_of_vectors_are_unique(folder: str) -> None:
    assert not [name for name, times in Counter(name for name, _ in _vectors(folder)).items() if times > 1]
