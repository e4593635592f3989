"""Reading an operation of OpenAPI 3: parameters, body, responses, security."""

from __future__ import annotations

import pytest

from arazzo.descriptions.openapi.find import OpenApi
from arazzo.descriptions.openapi.model import Operation
from arazzo.source import parse
from arazzo.values import UNDEFINED

TEXT = """\
openapi: 3.0.3
security:
  - key: []
paths:
  /pets/{id}:
    parameters:
      - $ref: '#/components/parameters/Id'
      - {name: page, in: query, schema: {type: integer, default: 1}}
      - {name: X-Trace, in: header, schema: {type: string}}
    put:
      operationId: put
      deprecated: true
      parameters:
        - {name: page, in: query, required: true, schema: {type: integer, default: 2}}
        - {name: x-trace, in: header, required: true, schema: {type: string}}
        - {name: page, in: cookie, schema: {type: string}}
        - {name: Authorization, in: header, schema: {type: string}}
        - {name: content-type, in: header, schema: {type: string}}
        - {name: Accept, in: header, schema: {type: string}}
        - {name: filter, in: query, content: {application/json: {schema: {type: object}}}}
        - {name: ids, in: query, style: pipeDelimited, schema: {type: array}}
        - {name: list, in: query, explode: false, allowReserved: true, deprecated: true}
        - {name: bad, in: header, style: form}
        - {in: query}
        - {name: odd, in: body}
      requestBody: {$ref: '#/components/requestBodies/Pet'}
      responses:
        200: {$ref: '#/components/responses/Pet'}
        '2xx': {description: other}
        4XX: {description: error, content: {text/plain: {}}}
        default: {description: else}
        '500': {$ref: '#/components/responses/Nowhere'}
        x-note: {}
    get:
      operationId: open
      security: []
      responses: {}
    head:
      operationId: either
      security: [{}, {key: [], oauth: [read, write]}, {gone: []}]
      responses: {}
    post:
      operationId: broken
      parameters: [{$ref: '#/components/parameters/Nowhere'}, {$ref: 'other.yml#/x'}]
      requestBody: {$ref: '#/components/requestBodies/Loop'}
      responses: {}
    patch:
      operationId: upload
      requestBody:
        content:
          multipart/form-data:
            schema: {$ref: '#/components/schemas/Upload'}
            encoding:
              photo: {contentType: image/png}
              tags: {style: form, explode: false, allowReserved: true}
      responses: {}
components:
  parameters:
    Id: {name: id, in: path, schema: {$ref: '#/components/schemas/Id'}}
  requestBodies:
    Pet: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
    Loop: {$ref: '#/components/requestBodies/Loop'}
  responses:
    Pet:
      content: {application/json: {schema: {type: object}}, application/xml: {}}
      headers: {X-Next: {schema: {type: string}}}
  schemas:
    Id: {type: integer}
    Upload:
      allOf:
        - properties: {photo: {$ref: '#/components/schemas/Binary'}, title: {type: string}}
        - properties: {more: {type: array, items: {type: string, format: binary}}}
    Binary: {type: string, format: binary}
  securitySchemes:
    key: {type: apiKey, name: X-Key, in: header}
    oauth:
      type: oauth2
      flows:
        clientCredentials: {tokenUrl: /token, refreshUrl: /refresh, scopes: {read: Read}}
    basic: {type: http, scheme: Basic}
    jwt: {type: http, scheme: bearer, bearerFormat: JWT}
    oidc: {type: openIdConnect, openIdConnectUrl: 'https://a/.well-known'}
    alias: {$ref: '#/components/securitySchemes/basic'}
"""
API = OpenApi(parse(TEXT, "openapi.yml"), "file:///openapi.yml")


def line_of(words: str) -> int:
    return TEXT[: TEXT.index(words)].count("\n") + 1


def operation(operation_id: str) -> Operation:
    found = API.operation(operation_id)
    assert found is not None
    return found


def test_parameters_of_the_path_are_merged_and_the_operations_win() -> None:
    names = [(spec.name, spec.in_) for spec in operation("put").parameters]
    assert names == [
        ("id", "path"), ("page", "query"), ("x-trace", "header"), ("page", "cookie"),
        ("filter", "query"), ("ids", "query"), ("list", "query"), ("bad", "header"),
    ]  # fmt: skip
    page = operation("put").parameter("page", "query")
    assert page is not None
    assert (page.required, page.default, page.types) == (True, 2, frozenset(("integer",)))


@pytest.mark.parametrize(
    ("name", "in_", "style", "explode", "required"),
    [
        ("id", "path", "simple", False, True),
        ("page", "query", "form", True, True),
        ("page", "cookie", "form", True, False),
        ("x-trace", "header", "simple", False, True),
        ("ids", "query", "pipeDelimited", False, False),
        ("list", "query", "form", False, False),
    ],
)
def test_what_is_not_written_has_its_default(
    name: str, in_: str, style: str, explode: bool, required: bool
) -> None:
    spec = operation("put").parameter(name, in_)
    assert spec is not None
    assert (spec.style, spec.explode, spec.required) == (style, explode, required)


def test_header_parameters_are_found_in_any_case() -> None:
    found = operation("put").parameter("X-TRACE")
    assert found is not None
    assert found.in_ == "header"
    assert operation("put").parameter("PAGE") is None
    assert operation("put").parameter("page", "header") is None


def test_headers_a_description_cannot_declare_are_ignored() -> None:
    assert operation("put").parameter("Authorization", "header") is None
    assert operation("put").parameter("Content-Type", "header") is None


def test_content_in_place_of_a_style() -> None:
    spec = operation("put").parameter("filter")
    assert spec is not None
    assert (spec.content_type, spec.types) == ("application/json", frozenset(("object",)))
    listed = operation("put").parameter("list")
    assert listed is not None
    assert (listed.allow_reserved, listed.deprecated, listed.default) == (True, True, UNDEFINED)


def test_flaws_of_parameters_are_reported_where_they_stand() -> None:
    found = [(d.code, d.span.line if d.span else 0) for d in operation("put").diagnostics]
    places = ("style: form}", "- {in: query}", "{name: odd", "schemas/Pet", "responses/Nowhere")
    assert found == [("flawed-description", line_of(place)) for place in places]


def test_the_body_and_its_media_types() -> None:
    body = operation("put").request_body
    assert body is not None
    assert body.required
    assert list(body.content) == ["application/json"]
    schema = body.content["application/json"].schema
    assert schema is not None
    assert schema.pointer == "/components/requestBodies/Pet/content/application~1json/schema"


def test_a_multipart_body_knows_its_files_and_encodings() -> None:
    body = operation("upload").request_body
    assert body is not None
    media = body.content["multipart/form-data"]
    assert media.files == {"photo", "more"}
    assert media.encoding["photo"].content_type == "image/png"
    assert not media.encoding["photo"].styled
    tags = media.encoding["tags"]
    assert (tags.style, tags.explode, tags.allow_reserved, tags.styled) == ("form", False, True, True)


@pytest.mark.parametrize(
    ("status", "key"), [(200, "200"), (201, "2XX"), (404, "4XX"), (500, "default"), (302, "default")]
)
def test_a_response_is_looked_up_by_code_range_and_default(status: int, key: str) -> None:
    found = operation("put").response(status)
    assert found is not None
    assert found.status == key


def test_only_a_code_or_range_documents_a_status() -> None:
    assert operation("put").documents(200)
    assert operation("put").documents(204)
    assert not operation("put").documents(302)
    assert operation("open").response(200) is None


def test_the_content_types_of_a_response() -> None:
    assert operation("put").content_types(200) == ("application/json", "application/xml")
    assert operation("put").content_types(204) == ()
    assert operation("open").content_types(200) == ()
    response = operation("put").response(200)
    assert response is not None
    assert list(response.headers) == ["X-Next"]


def test_security_is_the_operations_or_the_documents() -> None:
    assert operation("put").security == ({"key": ()},)
    assert operation("open").security == ()
    assert operation("either").security == ({}, {"key": (), "oauth": ("read", "write")}, {"gone": ()})


def test_the_schemes_an_operation_needs_come_with_it() -> None:
    assert operation("open").security_schemes == {}
    schemes = operation("either").security_schemes
    assert list(schemes) == ["key", "oauth"]
    assert (schemes["key"].type, schemes["key"].in_, schemes["key"].parameter) == (
        "apiKey",
        "header",
        "X-Key",
    )
    flow = schemes["oauth"].flows["clientCredentials"]
    assert (flow.token_url, flow.refresh_url, flow.scopes) == ("/token", "/refresh", {"read": "Read"})
    assert [d.code for d in operation("either").diagnostics] == ["flawed-description"]


def test_every_kind_of_scheme_is_read() -> None:
    schemes = API.security_schemes
    assert schemes["basic"].scheme == schemes["alias"].scheme == "basic"
    assert (schemes["jwt"].scheme, schemes["jwt"].bearer_format) == ("bearer", "JWT")
    assert schemes["oidc"].open_id_connect_url == "https://a/.well-known"
    assert schemes["alias"].name == "alias"


def test_references_that_a_request_needs_are_errors_where_they_stand() -> None:
    found = operation("broken")
    assert found.parameters[0].name == "id"
    assert found.request_body is None
    assert [(d.code, d.span.line if d.span else 0) for d in found.diagnostics] == [
        ("unresolved-ref", line_of("parameters/Nowhere")),
        ("unsupported", line_of("parameters/Nowhere")),
        ("unresolved-ref", line_of("Loop: {$ref")),
    ]
    assert "leads nowhere" in found.diagnostics[0].message
    assert "leads to another file, and only this one was given" in found.diagnostics[1].message
    assert "in a circle" in found.diagnostics[2].message


def test_deprecation_is_told() -> None:
    assert operation("put").deprecated
    assert not operation("open").deprecated
