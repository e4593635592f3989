"""A small part of the shared corpus: its requests read back by others, and planted faults are found."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks import corpus, mutations
from benchmarks.reading import HOST, read_body, read_parameters
from msgspec.structs import replace

from arazzo.descriptions.openapi.bodies import encode_body
from arazzo.descriptions.openapi.find import OpenApi
from arazzo.descriptions.openapi.model import Operation
from arazzo.descriptions.openapi.parameters import serialize
from arazzo.descriptions.openapi.servers import request_target
from arazzo.messages import Request
from arazzo.source import from_value
from arazzo.values import Value

CORPUS = Path(__file__).resolve().parents[1] / "../shared/corpus"
needs_corpus = pytest.mark.skipif(not CORPUS.exists(), reason="the shared corpus is not here")

# What a description wants and no rule of OpenAPI says how to send.
EXPLAINED = ("its style is deepObject", "a form is made of named fields")


@needs_corpus
def test_the_requests_of_real_operations_are_built_and_read_back_by_others() -> None:
    measured = corpus.measure(list(corpus.documents_in(CORPUS))[::20], CORPUS)
    tally = measured.tally
    assert measured.documents > 20
    assert tally.operations > 30
    assert sum(tally.read.values()) > 200
    assert not tally.misread, tally.examples
    unexplained = [reason for reason in tally.refused if not any(known in reason for known in EXPLAINED)]
    assert not unexplained, tally.examples
    assert len(tally.sent & measured.found) > 0.7 * len(measured.found)
    assert tally.workflows["succeeded"] > 0.8 * sum(tally.workflows.values())
    had = sum(measured.steps.values()) - measured.steps["no source"]
    assert had > 40
    assert had - measured.steps["unknown"] >= 0.95 * had, measured.unknown


@needs_corpus
def test_nearly_every_fault_planted_into_real_documents_is_found() -> None:
    score = mutations.measure(CORPUS, 4)
    planted, found = (sum(numbers) for numbers in zip(*score.values(), strict=True))
    assert planted > 40
    assert found >= 0.95 * planted, score


# --- a reader that cannot fail would prove nothing

PARAMETERS: Value = [
    {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
    {"name": "tags", "in": "query", "schema": {"type": "array", "items": {"type": "string"}}},
    {"name": "deep", "in": "query", "style": "deepObject", "schema": {"type": "object"}},
    {"name": "X-Count", "in": "header", "schema": {"type": "integer"}},
]
VALUES: dict[str, Value] = {
    "id": "a/b",
    "tags": ["x", "y z"],
    "deep": {"k": {"l": [1, 2]}},
    "X-Count": 7,
}


def operation() -> Operation:
    root: Value = {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "servers": [{"url": HOST}],
        "paths": {
            "/things/{id}/parts": {
                "post": {
                    "operationId": "o",
                    "parameters": PARAMETERS,
                    "responses": {"200": {"description": "d"}},
                }
            }
        },
    }
    found = OpenApi(from_value(root), f"{HOST}/openapi.json").operation("o")
    assert found is not None
    return found


def request_of(described: Operation) -> Request:
    pairs = {spec.name: serialize(spec, VALUES[spec.name]) for spec in described.parameters}
    url = request_target(HOST, described.path, dict(pairs["id"]), (*pairs["tags"], *pairs["deep"]))
    return Request("POST", url, pairs["X-Count"])


def problems(request: Request) -> list[str | None]:
    described = operation()
    given = [(spec, VALUES[spec.name]) for spec in described.parameters]
    return [reading.problem for reading in read_parameters(described, request, given)]


def test_every_parameter_of_a_request_as_it_is_built_reads_back() -> None:
    assert problems(request_of(operation())) == [None, None, None, None]


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("a%2Fb", "a%2Fc"),
        ("a%2Fb", "a/b"),
        ("tags=x&", ""),
        ("y%20z", "y+z%20"),
        ("deep%5Bk%5D%5Bl%5D=2", "deep%5Bk%5D=2"),
        ("/parts", ""),
    ],
)
def test_a_request_that_says_something_else_does_not(right: str, wrong: str) -> None:
    request = request_of(operation())
    assert right in request.url
    assert any(problems(replace(request, url=request.url.replace(right, wrong))))


def test_a_header_that_says_something_else_does_not_read_back() -> None:
    request = replace(request_of(operation()), headers=(("X-Count", "8"),))
    assert problems(request)[-1] is not None


BODIES: dict[str, tuple[Value, bytes, bytes]] = {
    "application/json": ({"a": [1, None, True], "b": "x"}, b"null", b"0"),
    "application/x-www-form-urlencoded": ({"a": [1, 2], "b": {"c": "x y"}}, b"c%5D", b"d%5D"),
    "multipart/form-data": ({"a": "text", "b": {"c": 1}, "d": ["x", "y"]}, b'{"c":1}', b'{"c":2}'),
    "application/xml": ({"root": {"a": "text", "b": [1, 2]}}, b">2<", b">1<"),
    "application/x-ndjson": ([{"a": 1}, {"a": "x"}], b'"x"', b'"y"'),
    "text/plain": ("text", b"text", b"test"),
}


@pytest.mark.parametrize("content_type", BODIES)
def test_a_body_reads_back_as_what_was_given_and_as_nothing_else(content_type: str) -> None:
    value, right, wrong = BODIES[content_type]
    body = encode_body(value, content_type, None, boundary="a-boundary")
    request = Request("POST", HOST, (("Content-Type", body.content_type),), body.content)
    assert read_body(request, value, None).problem is None
    assert right in body.content
    changed = replace(request, body=body.content.replace(right, wrong))
    assert read_body(changed, value, None).problem is not None
