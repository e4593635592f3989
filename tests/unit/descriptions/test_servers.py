"""Servers and the URL of a request."""

from __future__ import annotations

import pytest

from arazzo.descriptions.openapi.find import OpenApi
from arazzo.descriptions.openapi.model import Operation
from arazzo.descriptions.openapi.servers import MissingPathValue, ServerError, request_target, server_url
from arazzo.source import parse


def operation(
    servers: str, *, path: str = "", own: str = "", uri: str = "https://example.com/api/openapi.yml"
) -> Operation:
    text = f"""
openapi: 3.1.0
{servers}
paths:
  /pets:
    {path}
    get:
      operationId: list
      {own}
      responses: {{}}
"""
    found = OpenApi(parse(text, "openapi.yml"), uri).operation("list")
    assert found is not None
    return found


def url(given: Operation, **more: object) -> str:
    return server_url(given, description_uri=given.source_uri, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("https://api.test/v1", "https://api.test/v1"),
        ("https://api.test/v1/", "https://api.test/v1"),
        ("/v2", "https://example.com/v2"),
        ("v2", "https://example.com/api/v2"),
        ("./", "https://example.com/api"),
        ("//other.test/x", "https://other.test/x"),
        ("http://localhost:8080", "http://localhost:8080"),
    ],
)
def test_a_server_is_resolved_against_where_the_description_came_from(written: str, expected: str) -> None:
    assert url(operation(f"servers: [{{url: '{written}'}}]")) == expected


def test_without_servers_the_root_of_the_descriptions_host_is_meant() -> None:
    assert url(operation("")) == "https://example.com"
    assert url(operation("servers: []")) == "https://example.com"


def test_the_operations_servers_stand_before_the_paths_and_these_before_the_documents() -> None:
    top, middle, own = (
        "servers: [{url: https://a}]",
        "servers: [{url: https://b}]",
        "servers: [{url: https://c}]",
    )
    assert url(operation(top, path=middle, own=own)) == "https://c"
    assert url(operation(top, path=middle)) == "https://b"
    assert url(operation(top)) == "https://a"


VARIABLES = """servers:
  - url: https://{region}.api.test/{version}
    variables:
      region: {default: eu, enum: [eu, us]}
      version: {default: v1}
"""


def test_variables_have_their_defaults_and_can_be_given() -> None:
    assert url(operation(VARIABLES)) == "https://eu.api.test/v1"
    assert url(operation(VARIABLES), variables={"region": "us", "version": "v2"}) == "https://us.api.test/v2"


def test_a_variable_outside_its_enum_is_refused_with_what_it_takes() -> None:
    with pytest.raises(ServerError) as caught:
        url(operation(VARIABLES), variables={"region": "mars"})
    assert caught.value.diagnostic.code == "bad-usage"
    assert caught.value.diagnostic.hint == "it takes one of eu, us"


def test_a_variable_without_a_value_names_the_flag_that_gives_it() -> None:
    with pytest.raises(ServerError) as caught:
        url(operation("servers: [{url: 'https://{tenant}.api.test'}]"))
    assert caught.value.diagnostic.code == "no-server"
    assert caught.value.diagnostic.hint == "--server-var tenant=VALUE"
    assert (
        url(operation("servers: [{url: 'https://{tenant}.api.test'}]"), variables={"tenant": "a"})
        == "https://a.api.test"
    )


@pytest.mark.parametrize("written", ["/v1", "v1", "api.example.com/v1", "ftp://api.test", "https://"])
def test_a_file_with_a_relative_server_has_none(written: str) -> None:
    given = operation(f"servers: [{{url: '{written}'}}]", uri="file:///home/me/openapi.yml")
    with pytest.raises(ServerError) as caught:
        url(given)
    diagnostic = caught.value.diagnostic
    assert diagnostic.code == "no-server"
    assert diagnostic.hint is not None
    assert "--server" in diagnostic.hint
    assert diagnostic.span is not None
    assert diagnostic.span.line == 3


def test_an_override_takes_the_place_of_the_whole_server() -> None:
    given = operation("servers: [{url: /v1}]", uri="file:///openapi.yml")
    assert url(given, override="http://127.0.0.1:9/x/") == "http://127.0.0.1:9/x"


BASE = "https://api.test/v1"


@pytest.mark.parametrize(
    ("template", "values", "pairs", "expected"),
    [
        ("/pets", {}, [], f"{BASE}/pets"),
        ("/pets/{id}", {"id": "a%2Fb"}, [], f"{BASE}/pets/a%2Fb"),
        ("/pets/{pet-id}/{b c}", {"pet-id": "1", "b c": "2"}, [], f"{BASE}/pets/1/2"),
        ("/{id}.json", {"id": "7"}, [], f"{BASE}/7.json"),
        ("/{a}{b}", {"a": "1", "b": "2"}, [], f"{BASE}/12"),
        ("/{key+}", {"key": "1"}, [], f"{BASE}/1"),
        ("/pets{id}", {"id": ";id=1"}, [], f"{BASE}/pets;id=1"),
        ("/pets", {}, [("a", "1"), ("a", "2")], f"{BASE}/pets?a=1&a=2"),
        ("/pets?kind=cat", {}, [("a", "1")], f"{BASE}/pets?kind=cat&a=1"),
        ("/pets?kind={kind}", {"kind": "x%20y"}, [], f"{BASE}/pets?kind=x%20y"),
        ("/{b}?n={n}&id={id}", {"b": "x", "n": "1"}, [("id", "2")], f"{BASE}/x?n=1&id=2"),
        ("/{b}?n={n}&id={id}", {"b": "x"}, [("id", "2"), ("n", "1")], f"{BASE}/x?id=2&n=1"),
        ("/pets#list", {}, [("a", "1")], f"{BASE}/pets?a=1"),
        ("/pets", {}, [("", "raw=1&x")], f"{BASE}/pets?raw=1&x"),
        ("/pets", {}, [("", "")], f"{BASE}/pets"),
        ("/größe/a b", {}, [], f"{BASE}/gr%C3%B6%C3%9Fe/a%20b"),
        ("/a%20b", {}, [], f"{BASE}/a%20b"),
        ("pets", {}, [], f"{BASE}/pets"),
        ("", {}, [], BASE),
        ("/", {}, [], f"{BASE}/"),
        ("/pets/", {}, [], f"{BASE}/pets/"),
    ],
)
def test_a_request_goes_to_the_server_and_the_filled_template(
    template: str, values: dict[str, str], pairs: list[tuple[str, str]], expected: str
) -> None:
    assert request_target(BASE, template, values, pairs) == expected


def test_a_query_of_the_server_is_kept() -> None:
    assert (
        request_target("https://a.test/x/?k=1", "/pets", {}, [("b", "2")]) == "https://a.test/x/pets?k=1&b=2"
    )


def test_a_template_name_without_a_value_is_an_error_that_names_it() -> None:
    with pytest.raises(MissingPathValue, match=r"/pets/\{id\} has no value for \{id\}") as caught:
        request_target(BASE, "/pets/{id}", {}, [])
    assert caught.value.name == "id"
