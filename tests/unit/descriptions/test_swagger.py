"""OpenAPI 2.0 in the model of 3."""

from __future__ import annotations

import pytest

from arazzo.descriptions.openapi.bodies import encode_body
from arazzo.descriptions.openapi.find import OpenApi
from arazzo.descriptions.openapi.model import Operation
from arazzo.descriptions.openapi.servers import server_url
from arazzo.source import parse

TEXT = """\
swagger: '2.0'
host: api.test
basePath: /v2/
schemes: [http, https]
consumes: [application/json]
produces: [application/json, application/xml]
security: [{key: []}]
securityDefinitions:
  key: {type: apiKey, name: api_key, in: query}
  login: {type: basic}
  oauth: {type: oauth2, flow: accessCode, authorizationUrl: 'https://a', tokenUrl: 'https://t', scopes: {r: Read}}
  machine: {type: oauth2, flow: application, tokenUrl: 'https://t', scopes: {}}
paths:
  /pets/{id}:
    parameters:
      - {$ref: '#/parameters/Id'}
    get:
      operationId: get
      parameters:
        - {name: tags, in: query, type: array, items: {type: string}}
        - {name: multi, in: query, type: array, collectionFormat: multi}
        - {name: pipes, in: query, type: array, collectionFormat: pipes}
        - {name: tabs, in: query, type: array, collectionFormat: tsv}
        - {name: limit, in: query, type: integer, default: 10}
        - {name: only, in: header, type: string, enum: [one]}
      responses:
        200: {schema: {$ref: '#/definitions/Pet'}, headers: {X-Next: {type: string}}}
        404: {description: none}
        default: {$ref: '#/responses/Gone'}
    put:
      operationId: put
      security: [{login: []}, {oauth: [r]}]
      parameters:
        - {name: pet, in: body, required: true, schema: {$ref: '#/definitions/Pet'}}
      responses: {}
    post:
      operationId: form
      consumes: [application/x-www-form-urlencoded, text/plain]
      parameters:
        - {name: name, in: formData, type: string, required: true}
        - {name: tags, in: formData, type: array, collectionFormat: csv}
      responses: {}
    patch:
      operationId: upload
      parameters:
        - {name: file, in: formData, type: file}
        - {name: note, in: formData, type: string}
      responses: {}
    delete:
      operationId: flawed
      schemes: [ws]
      parameters: [{in: query}, {$ref: '#/parameters/Nowhere'}]
      responses: {}
parameters:
  Id: {name: id, in: path, type: integer, required: true}
definitions:
  Pet: {type: object}
"""
API = OpenApi(parse(TEXT, "swagger.yml"), "https://docs.test/swagger.yml")


def operation(operation_id: str) -> Operation:
    found = API.operation(operation_id)
    assert found is not None
    return found


def test_host_base_path_and_the_safest_scheme_make_the_server() -> None:
    assert server_url(operation("get"), description_uri=API.uri) == "https://api.test/v2"
    assert API.version == "2.0"


@pytest.mark.parametrize(
    ("head", "uri", "expected"),
    [
        ("host: a.test", "http://docs.test/s.yml", "http://a.test"),
        ("host: a.test", "file:///s.yml", "https://a.test"),
        ("basePath: /v1", "https://docs.test/s.yml", "https://docs.test/v1"),
        ("{}", "https://docs.test/s.yml", "https://docs.test"),
        ("host: a.test\nschemes: [http]", "https://docs.test/s.yml", "http://a.test"),
    ],
)
def test_what_is_missing_comes_from_where_the_description_did(head: str, uri: str, expected: str) -> None:
    head = "" if head == "{}" else head
    text = f"swagger: '2.0'\n{head}\npaths: {{/a: {{get: {{operationId: a}}}}}}"
    found = OpenApi(parse(text, "s.yml"), uri).operation("a")
    assert found is not None
    assert server_url(found, description_uri=uri) == expected


@pytest.mark.parametrize(
    ("name", "style", "explode"),
    [
        ("id", "simple", False),
        ("tags", "form", False),
        ("multi", "form", True),
        ("pipes", "pipeDelimited", False),
        ("tabs", "tabDelimited", False),
        ("only", "simple", False),
    ],
)
def test_a_collection_format_is_a_style(name: str, style: str, explode: bool) -> None:
    spec = operation("get").parameter(name)
    assert spec is not None
    assert (spec.style, spec.explode) == (style, explode)


def test_types_and_defaults_stand_in_the_parameter_itself() -> None:
    limit, only, identity = (operation("get").parameter(name) for name in ("limit", "only", "id"))
    assert limit is not None
    assert only is not None
    assert identity is not None
    assert (limit.types, limit.default) == (frozenset(("integer",)), 10)
    assert only.default == "one"
    assert identity.required


def test_a_body_parameter_is_the_request_body() -> None:
    body = operation("put").request_body
    assert body is not None
    assert (body.required, list(body.content)) == (True, ["application/json"])
    assert operation("put").parameters[0].name == "id"
    assert operation("get").request_body is None


def test_form_parameters_are_a_form() -> None:
    body = operation("form").request_body
    assert body is not None
    assert (body.required, list(body.content)) == (True, ["application/x-www-form-urlencoded"])
    sent = encode_body(
        {"name": "a b", "tags": ["x", "y"]}, "application/x-www-form-urlencoded", body, boundary="m"
    )
    assert sent.content == b"name=a%20b&tags=x,y"


def test_a_file_makes_the_form_multipart() -> None:
    body = operation("upload").request_body
    assert body is not None
    assert list(body.content) == ["multipart/form-data"]
    assert body.content["multipart/form-data"].files == {"file"}


def test_responses_have_what_the_operation_produces() -> None:
    assert operation("get").content_types(200) == ("application/json", "application/xml")
    assert operation("get").content_types(404) == ()
    assert [d.code for d in operation("get").diagnostics] == ["flawed-description"]


def test_security_definitions_are_schemes() -> None:
    schemes = API.security_schemes
    assert (schemes["key"].type, schemes["key"].in_, schemes["key"].parameter) == (
        "apiKey",
        "query",
        "api_key",
    )
    assert (schemes["login"].type, schemes["login"].scheme) == ("http", "basic")
    assert list(schemes["oauth"].flows) == ["authorizationCode"]
    assert schemes["machine"].flows["clientCredentials"].token_url == "https://t"
    assert operation("put").security == ({"login": ()}, {"oauth": ("r",)})
    assert list(operation("put").security_schemes) == ["login", "oauth"]
    assert operation("get").security == ({"key": ()},)


def test_flaws_are_reported() -> None:
    found = operation("flawed")
    assert [d.code for d in found.diagnostics] == ["flawed-description", "unresolved-ref"]
