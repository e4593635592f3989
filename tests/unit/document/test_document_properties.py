"""Whatever stands wherever in a document, reading it ends with findings that can be shown."""

from __future__ import annotations

import contextlib
import copy

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arazzo.diagnostics import Diagnostic
from arazzo.document.read import read_document
from arazzo.errors import DocumentError
from arazzo.report.text import render, summary
from arazzo.source import from_value
from arazzo.values import Value

QUICK = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])

KEYS = [
    *("$self", "$ref", "action", "channelPath", "components", "condition", "contentType", "context"),
    *("correlationId", "criteria", "dependsOn", "description", "failureActions", "in", "info", "inputs"),
    *("name", "onFailure", "onSuccess", "operationId", "operationPath", "outputs", "parameters", "payload"),
    *("reference", "replacements", "requestBody", "retryAfter", "retryLimit", "selector", "stepId", "steps"),
    *("successActions", "successCriteria", "target", "targetSelectorType", "timeout", "title", "type", "url"),
    *("value", "version", "workflowId", "workflows", "x-a", "sourceDescriptions", "summary"),
]
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(
        ["goto", "retry", "end", "jsonpath", "xpath", "$inputs.a", "$components.a", "send", "query"]
    )
)
VALUES: st.SearchStrategy[Value] = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=3), inner, max_size=6)
    ),
    max_leaves=30,
)
WHOLE: dict[str, Value] = {
    "arazzo": "1.1.0",
    "info": {"title": "T", "version": "1"},
    "sourceDescriptions": [{"name": "a", "url": "b", "type": "openapi"}],
    "workflows": [
        {
            "workflowId": "w",
            "inputs": {},
            "parameters": [{"name": "p", "in": "query", "value": 1}],
            "outputs": {"a": "$inputs.a"},
            "steps": [
                {
                    "stepId": "s",
                    "operationId": "o",
                    "parameters": [{"reference": "$components.parameters.p"}],
                    "requestBody": {"payload": 1, "replacements": [{"target": "/a", "value": 1}]},
                    "successCriteria": [{"condition": "a", "context": "b", "type": "xpath"}],
                    "onSuccess": [{"name": "a", "type": "goto", "workflowId": "w", "parameters": []}],
                    "onFailure": [{"name": "a", "type": "retry", "retryAfter": 1, "retryLimit": 1}],
                    "outputs": {"a": {"context": "a", "selector": "b", "type": "jsonpath"}},
                    "dependsOn": ["t"],
                }
            ],
        }
    ],
    "components": {"inputs": {}, "parameters": {}, "successActions": {}, "failureActions": {}},
}  # fmt: skip


def places(value: Value) -> list[tuple[Value, str | int]]:
    """Every container of ``value`` with each of its keys or indices."""
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    return [place for key, inner in members for place in ((value, key), *places(inner))]


@QUICK
@given(VALUES, st.integers(0, len(places(WHOLE)) - 1), st.sampled_from(KEYS), st.booleans())
def test_anything_in_the_place_of_anything_is_read(new: Value, where: int, key: str, beside: bool) -> None:
    whole: Value = copy.deepcopy(WHOLE)
    container, part = places(whole)[where]
    if isinstance(container, dict):
        container[key if beside else str(part)] = new
    elif isinstance(container, list):
        container[slice(int(part), None) if beside else slice(int(part), int(part) + 1)] = [new]
    read(whole)


@QUICK
@given(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=8))
def test_anything_under_the_names_of_fields_is_read(members: dict[str, Value]) -> None:
    read({"arazzo": "1.0.1", **members})


def read(value: Value) -> None:
    found: tuple[Diagnostic, ...] = ()
    with contextlib.suppress(DocumentError):
        found = read_document(from_value(value), "file:///a").diagnostics
    places = [(d.span.line, d.span.column) for d in found if d.span]
    assert len(places) == len(found)
    assert places == sorted(places)
    assert all(d.code in render(d) for d in found)
    assert summary(found)
