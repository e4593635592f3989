"""Finding an operation in a description, by id, by pointer, by method and path."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arazzo.descriptions.openapi.find import OpenApi
from arazzo.diagnostics import Guesses
from arazzo.source import from_value, parse
from arazzo.values import Value

TEXT = """\
openapi: 3.1.0
paths:
  /pets:
    get: {operationId: listPets}
    post: {operationId: CreatePet}
  /pets/{id}:
    get: {operationId: getPet}
    delete: {}
  /a~b/c%20d:
    put: {operationId: odd}
  noslash:
    get: {operationId: relative}
  /shared:
    $ref: '#/components/pathItems/shared'
    post: {operationId: own}
  /elsewhere:
    $ref: './paths/elsewhere.yml'
  x-note: {get: {operationId: hidden}}
  /twin/one:
    get: {operationId: twin}
  /twin/two:
    get: {operationId: twin}
  /case/one:
    get: {operationId: sameid}
  /case/two:
    get: {operationId: SameId}
  /slash/:
    get: {operationId: slash}
components:
  pathItems:
    shared:
      parameters: [{name: p, in: query}]
      get: {operationId: fromShared}
      post: {operationId: notThis}
"""


def line_of(words: str) -> int:
    return TEXT[: TEXT.index(words)].count("\n") + 1


@pytest.fixture
def api() -> OpenApi:
    return OpenApi(parse(TEXT, "openapi.yml"), "file:///openapi.yml")


@pytest.mark.parametrize(
    ("operation_id", "method", "path"),
    [
        ("listPets", "GET", "/pets"),
        ("CreatePet", "POST", "/pets"),
        ("relative", "GET", "noslash"),
        ("fromShared", "GET", "/shared"),
        ("own", "POST", "/shared"),
    ],
)
def test_an_operation_is_found_by_its_id(api: OpenApi, operation_id: str, method: str, path: str) -> None:
    found = api.operation(operation_id)
    assert found is not None
    assert (found.operation_id, found.method, found.path) == (operation_id, method, path)
    assert api.operation(operation_id) is found


@pytest.mark.parametrize("operation_id", ["listpets", "nothing", "", "hidden", "notThis"])
def test_an_id_nobody_has_is_not_found(api: OpenApi, operation_id: str) -> None:
    assert api.operation(operation_id) is None


def test_case_is_ignored_where_one_operation_is_meant(api: OpenApi) -> None:
    found = api.operation_ignoring_case("CREATEPET")
    assert found is not None
    assert found.operation_id == "CreatePet"
    assert api.operation_ignoring_case("SAMEID") is None
    assert api.operation_ignoring_case("nothing") is None


def test_of_a_repeated_id_the_first_is_meant_and_the_second_reported(api: OpenApi) -> None:
    found = api.operation("twin")
    assert found is not None
    assert found.path == "/twin/one"
    (diagnostic,) = found.diagnostics
    assert diagnostic.code == "duplicate-operation"
    assert diagnostic.span is not None
    assert diagnostic.span.line == line_of("/twin/two") + 1
    assert diagnostic.related[0][1].line == line_of("/twin/one") + 1
    assert "GET /twin/one, the first" in diagnostic.message


def test_ids_and_operations_come_in_the_order_of_the_text(api: OpenApi) -> None:
    assert api.operation_ids()[:3] == ("listPets", "CreatePet", "getPet")
    assert api.operations()[3] == ("DELETE", "/pets/{id}")


@pytest.mark.parametrize(
    ("pointer", "method", "path", "canonical"),
    [
        ("#/paths/~1pets/get", "GET", "/pets", "/paths/~1pets/get"),
        ("/paths/~1pets/get", "GET", "/pets", "/paths/~1pets/get"),
        ("#/paths/~1pets~1{id}/delete", "DELETE", "/pets/{id}", "/paths/~1pets~1{id}/delete"),
        ("#/paths/~1pets~1%7Bid%7D/get", "GET", "/pets/{id}", "/paths/~1pets~1{id}/get"),
        ("#/paths//pets/{id}/get", "GET", "/pets/{id}", "/paths/~1pets~1{id}/get"),
        ("#/paths/pets/{id}/get", "GET", "/pets/{id}", "/paths/~1pets~1{id}/get"),
        ("#/paths/~1pets~1{id}/GET", "GET", "/pets/{id}", "/paths/~1pets~1{id}/get"),
        ("source#/paths/~1pets/post", "POST", "/pets", "/paths/~1pets/post"),
        ("#/paths/~1a~0b~1c%20d/put", "PUT", "/a~b/c%20d", "/paths/~1a~0b~1c%20d/put"),
        ("#/paths/~1a~0b~1c%2520d/put", "PUT", "/a~b/c%20d", "/paths/~1a~0b~1c%20d/put"),
        ("#/paths/~1slash/get", "GET", "/slash/", "/paths/~1slash~1/get"),
        ("#/paths/~1shared/get", "GET", "/shared", "/paths/~1shared/get"),
        ("#/paths/noslash/get", "GET", "noslash", "/paths/noslash/get"),
    ],
)
def test_an_operation_is_found_by_its_pointer(
    api: OpenApi, pointer: str, method: str, path: str, canonical: str
) -> None:
    found = api.operation_at(pointer)
    assert found is not None
    assert (found.method, found.path, found.pointer) == (method, path, canonical)


@pytest.mark.parametrize(
    "pointer",
    [
        "",
        "#",
        "#/paths",
        "#/paths/~1pets",
        "#/paths/~1pets/put",
        "#/paths/~1pets/summary",
        "#/info/title",
        "/pets/get",
    ],
)
def test_a_pointer_to_no_operation_finds_none(api: OpenApi, pointer: str) -> None:
    assert api.operation_at(pointer) is None


def test_an_unescaped_pointer_that_fits_two_paths_finds_none() -> None:
    text = "openapi: 3.0.0\npaths: {/a: {get: {}}, a/: {get: {}}}"
    assert OpenApi(parse(text, "a.yml"), "file:///a.yml").operation_at("#/paths//a//get") is None


def test_an_operation_is_found_by_method_and_path(api: OpenApi) -> None:
    found = api.operation_on("delete", "/pets/{id}")
    assert found is not None
    assert found.operation_id is None
    assert api.operation_on("PATCH", "/pets/{id}") is None


def test_near_ids_are_suggested(api: OpenApi) -> None:
    assert api.near("listPet", Guesses())[0] == "listPets"
    assert api.near("createpets", Guesses())[0] == "CreatePet"
    assert api.near("zzz", Guesses()) == ()
    assert api.near_path("#/paths/~1pet/get", Guesses())[0] == "/paths/~1pets/get"


def test_path_items_in_other_files_are_told_of(api: OpenApi) -> None:
    assert not list(api.unread)
    assert api.operation("nowhere") is None
    (diagnostic,) = list(api.unread)
    assert diagnostic.code == "unsupported"
    assert "'./paths/elsewhere.yml' leads to another file" in diagnostic.message
    assert diagnostic.span is not None
    assert diagnostic.span.line == line_of("./paths/elsewhere.yml")


def test_openapi_3_2_methods_are_operations() -> None:
    text = """
openapi: 3.2.0
paths:
  /pets:
    query: {operationId: search}
    additionalOperations:
      COPY: {operationId: copy}
"""
    api = OpenApi(parse(text, "a.yml"), "file:///a.yml")
    search, copy = api.operation("search"), api.operation("copy")
    assert search is not None
    assert copy is not None
    assert (search.method, copy.method) == ("QUERY", "COPY")
    assert copy.pointer == "/paths/~1pets/additionalOperations/COPY"
    assert api.operation_at(copy.pointer) is copy


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["get", "parameters", "$ref", "schema", "content", "responses", "requestBody", "servers", "security",
                 "name", "in", "allOf", "type", "url", "variables", "headers", "a/b", "default", "properties", "flows"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=25,
)  # fmt: skip


@settings(max_examples=200)
@given(JSON_VALUES, JSON_VALUES, st.sampled_from(["openapi", "swagger"]))
def test_no_description_however_broken_makes_reading_fail(item: Value, rest: Value, key: str) -> None:
    root: Value = {
        key: "3.1.0",
        "paths": {"/a": {"get": item, "$ref": "#/paths/~1b"}, "/b": item},
        "components": {"securitySchemes": rest},
        "securityDefinitions": rest,
        "security": rest,
        "servers": rest,
    }
    api = OpenApi(from_value(root), "file:///a.json")
    for method, path in api.operations():
        assert api.operation_on(method, path) is not None
    assert isinstance(api.security_schemes, dict)
