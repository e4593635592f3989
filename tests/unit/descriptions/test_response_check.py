"""Responses held against their operation: what is a violation in each version of OpenAPI, and what is none."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from arazzo.descriptions.openapi.files import Files
from arazzo.descriptions.openapi.find import OpenApi
from arazzo.descriptions.openapi.model import Operation
from arazzo.descriptions.openapi.response_check import Checked, ResponseChecks
from arazzo.descriptions.openapi.responses import decode_body
from arazzo.descriptions.retrieval import Retrieved
from arazzo.messages import Response
from arazzo.source import parse
from arazzo.values import UNDEFINED, Value

JSON = (("Content-Type", "application/json"),)
URI = "file:///folder/api.json"


def operation(
    responses: Value, version: str = "3.0.3", files: dict[str, Value] | None = None, **more: Value
) -> Operation:
    key = "swagger" if version == "2.0" else "openapi"
    whole: dict[str, Value] = {
        key: version,
        "info": {"title": "t", "version": "1"},
        "paths": {"/a": {"get": {"operationId": "a", "responses": responses}}},
        **more,
    }
    tree = parse(json.dumps(whole, indent=1).encode(), "api.json")
    others = {f"file:///folder/{name}": json.dumps(value).encode() for name, value in (files or {}).items()}

    def retrieve(uri: str) -> Retrieved:
        return Retrieved(uri, others[uri], uri.rpartition("/")[2])

    found = OpenApi(tree, URI, Files(lambda _: retrieve)).operation("a")
    assert found is not None
    return found


def with_schema(
    schema: Value,
    version: str = "3.0.3",
    schemas: Value = None,
    files: dict[str, Value] | None = None,
    produces: Value = None,
) -> Operation:
    named: Value = {} if schemas is None else schemas
    if version == "2.0":
        types: Value = produces or ["application/json"]
        answer: Value = {"description": "", "schema": schema}
        return operation({"200": answer}, version, definitions=named, produces=types)
    content: Value = {"application/json": {"schema": schema}}
    answers: Value = {"200": {"description": "", "content": content}}
    return operation(answers, version, files, components={"schemas": named})


def respond(body: object = None, status: int = 200, *headers: tuple[str, str]) -> Response:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Response(status, headers or JSON, raw)


def check(asked: Operation, response: Response, *, strict: bool = False) -> Checked:
    body = decode_body(response.headers, response.body)
    return ResponseChecks(strict=strict).check(asked, response, body)


def faults(checked: Checked) -> list[tuple[str, str]]:
    """Where in the response, and at which word of the description."""
    return [(violation.pointer, violation.at.pointer.rpartition("/")[2]) for violation in checked.violations]


def found(
    schema: Value, value: object, version: str = "3.0.3", *, strict: bool = False, schemas: Value = None
) -> str:
    checked = check(with_schema(schema, version, schemas), respond(value), strict=strict)
    assert checked.unchecked == ()
    return " ".join(f"{pointer or '/'}:{word}" for pointer, word in faults(checked))


# --- status, content type, headers


@pytest.mark.parametrize(
    ("declared", "status", "is_violation"),
    [
        (("200",), 200, False),
        (("200",), 201, True),
        (("2XX",), 201, False),
        (("2xx",), 201, False),
        (("2XX",), 404, True),
        (("200", "default"), 500, False),
        ((), 200, False),
    ],
)
def test_a_status_is_declared_by_its_code_its_range_or_default(
    declared: tuple[str, ...], status: int, is_violation: bool
) -> None:
    asked = operation({key: {"description": ""} for key in declared})
    checked = check(asked, Response(status))
    assert [violation.kind for violation in checked.violations] == ["status"] * is_violation
    for violation in checked.violations:
        assert violation.pointer == "/status"
        assert violation.at.pointer == "/paths/~1a/get/responses"
        assert str(status) in violation.message


def test_a_status_whose_declaration_cannot_be_had_is_not_checked() -> None:
    checked = check(operation({"200": {"$ref": "#/nowhere"}}), Response(200))
    assert checked.violations == ()
    assert len(checked.unchecked) == 1


@pytest.mark.parametrize(
    ("declared", "said", "fits"),
    [
        (["application/json"], "application/json", True),
        (["application/json"], "Application/JSON; charset=utf-8", True),
        (["application/json; charset=utf-8"], "application/json", True),
        (["application/json"], "application/problem+json", False),
        (["application/*"], "application/json", True),
        (["*/*"], "image/png", True),
        (["text/*"], "application/json", False),
        (["application/json"], "text/html", False),
        (["application/json"], None, False),
        ([], "text/html", True),
    ],
)
def test_a_content_type_is_declared_by_name_or_range(
    declared: list[str], said: str | None, fits: bool
) -> None:
    asked = operation({"200": {"description": "", "content": {name: {} for name in declared}}})
    headers = (("Content-Type", said),) if said else ()
    checked = ResponseChecks().check(asked, Response(200, headers, b"{}"), {})
    assert [violation.kind for violation in checked.violations] == ([] if fits else ["content-type"])
    assert all(violation.pointer == "/headers/content-type" for violation in checked.violations)


def test_the_schema_is_that_of_the_most_specific_media_type() -> None:
    integer: Value = {"schema": {"type": "integer"}}
    content: Value = {"*/*": {"schema": {"type": "string"}}, "application/json": integer}
    asked = operation({"200": {"description": "", "content": content}})
    assert faults(check(asked, respond(1))) == []
    assert faults(check(asked, respond("x"))) == [("/body", "type")]


def test_a_required_header_that_is_missing_is_a_violation() -> None:
    headers: Value = {
        "X-A": {"required": True},
        "x-b": {"required": False},
        "X-C/D": {"$ref": "#/components/headers/C"},
        "Content-Type": {"required": True},
    }
    asked = operation(
        {"200": {"description": "", "headers": headers}}, components={"headers": {"C": {"required": True}}}
    )
    assert faults(check(asked, Response(200))) == [("/headers/X-A", "X-A"), ("/headers/X-C~1D", "X-C~1D")]
    assert faults(check(asked, Response(200, (("x-a", "1"), ("x-c/d", "2"))))) == []


def in_header(header: Value, *values: str, version: str = "3.1.0", **more: Value) -> Checked:
    asked = operation({"200": {"description": "", "headers": {"X-A": header}}}, version, None, **more)
    return check(asked, Response(200, tuple(("x-a", value) for value in values)))


LIST: Value = {"type": "array", "items": {"type": "integer"}, "maxItems": 3}
COLOUR: Value = {
    "type": "object",
    "properties": {"R": {"type": "integer"}, "name": {"type": "string"}},
    "required": ["R"],
}


@pytest.mark.parametrize(
    ("schema", "value", "fault"),
    [
        ({"type": "integer"}, "7", ""),
        ({"type": "integer"}, "-07", ""),
        ({"type": "integer", "minimum": 5}, "4", ":minimum"),
        ({"type": "integer"}, "7.5", ":type"),
        ({"type": "integer"}, "7.0", ""),
        ({"type": "integer"}, "many", ":type"),
        ({"type": "integer"}, "", ":type"),
        ({"type": "integer"}, "9" * 5000, ":type"),
        ({"type": "number"}, "1e3", ""),
        ({"type": "number"}, "1e999", ":type"),
        ({"type": "number"}, "0x10", ":type"),
        ({"type": "number", "maximum": 10}, "7", ""),
        ({"type": "boolean"}, "true", ""),
        ({"type": "boolean"}, "True", ":type"),
        ({"type": "boolean"}, "1", ":type"),
        ({"type": "string", "maxLength": 2}, "7", ""),
        ({"type": "string", "maxLength": 2}, "777", ":maxLength"),
        ({"type": "string", "enum": ["a", "b"]}, "c", ":enum"),
        ({"type": "string", "format": "date-time"}, "today", ""),
        ({"type": "string", "pattern": "^[a-z]+$"}, "A", ":pattern"),
        ({"enum": [1, 2]}, "2", ""),
        ({"enum": [1, 2]}, "3", ":enum"),
        ({"const": "a"}, "a", ""),
        ({"type": ["integer", "string"], "maxLength": 1}, "12", ""),
        ({"type": ["integer", "null"]}, "", ""),
        ({"oneOf": [{"type": "integer"}, {"enum": ["all"]}]}, "all", ""),
        ({"oneOf": [{"type": "integer"}, {"enum": ["all"]}]}, "12", ""),
        (LIST, "1, 2,3", ""),
        (LIST, "", ""),
        (LIST, "1,b", "/1:type"),
        (LIST, "1,2,3,4", ":maxItems"),
        ({"type": "array", "items": {"type": "string"}}, "1,b", ""),
        (COLOUR, "R,100,name,7", ""),
        (COLOUR, "name,7", ":required"),
        (COLOUR, "R,b", "/R:type"),
        (COLOUR, "R,1,name", ":type"),
        ({}, "anything", ""),
        (True, "anything", ""),
        (False, "anything", ":schema"),
    ],
)
def test_a_header_is_held_against_its_schema_as_the_type_it_has_there(
    schema: Value, value: str, fault: str
) -> None:
    checked = in_header({"schema": schema}, value)
    found = [(pointer, word) for pointer, word in faults(checked)]
    place, _, word = fault.partition(":")
    assert found == ([(f"/headers/X-A{place}", word)] if fault else [])
    assert checked.unchecked == ()
    for violation in checked.violations:
        assert violation.kind == "header"
        assert violation.message.startswith("$response.header.X-A")
        assert value == "" or len(value) < 4 or value not in violation.message


def test_the_message_says_what_the_value_is_and_must_be() -> None:
    (violation,) = in_header({"schema": {"type": "integer"}}, "many").violations
    assert violation.message == "$response.header.X-A is a string, and must be an integer"
    (violation,) = in_header({"schema": LIST}, "1,b").violations
    assert violation.message == "$response.header.X-A (at /1) is a string, and must be an integer"


def test_a_header_that_comes_several_times_is_one_list() -> None:
    assert in_header({"schema": LIST}, "1", "2, 3").violations == ()
    assert faults(in_header({"schema": LIST}, "1", "x")) == [("/headers/X-A/1", "type")]


def test_an_exploded_object_names_its_members() -> None:
    exploded: Value = {"explode": True, "schema": COLOUR}
    assert in_header(exploded, "R=100,name=a=b").violations == ()
    assert faults(in_header(exploded, "R=x")) == [("/headers/X-A/R", "type")]
    assert faults(in_header(exploded, "R,100")) == [("/headers/X-A", "type")]


def test_a_header_may_have_content() -> None:
    content: Value = {"content": {"application/json": {"schema": LIST}}}
    assert in_header(content, "[1,2]").violations == ()
    assert faults(in_header(content, '[1,"b"]')) == [("/headers/X-A/1", "type")]
    assert faults(in_header(content, "1,2")) == [("/headers/X-A", "type")]
    text: Value = {"content": {"text/plain": {"schema": {"type": "string", "maxLength": 2}}}}
    assert faults(in_header(text, "777")) == [("/headers/X-A", "maxLength")]
    assert in_header({"content": {"text/plain": {}}}, "777").violations == ()


def test_a_header_and_its_schema_may_be_references() -> None:
    components: Value = {
        "headers": {"A": {"schema": {"$ref": "#/components/schemas/N"}}},
        "schemas": {"N": {"type": "integer", "minimum": 5}},
    }
    referring: Value = {"$ref": "#/components/headers/A"}
    assert faults(in_header(referring, "4", components=components)) == [("/headers/X-A", "minimum")]
    assert in_header(referring, "6", components=components).violations == ()


@pytest.mark.parametrize(
    ("form", "value", "fault"),
    [("csv", "1,2", False), ("ssv", "1 2", False), ("pipes", "1|2", False), ("pipes", "1,2", True)],
)
def test_a_header_of_the_second_version_is_a_schema_itself(form: str, value: str, fault: bool) -> None:
    header: Value = {"type": "array", "items": {"type": "integer"}, "collectionFormat": form}
    assert bool(in_header(header, value, version="2.0").violations) is fault


def test_what_the_description_may_not_say_of_headers_is_no_violation() -> None:
    headers: Value = {
        "Content-Type": {"schema": {"type": "integer"}},
        "Set-Cookie": {"required": True, "schema": {"type": "integer"}},
        "X-Odd": {"schema": {"type": "integer"}},
    }
    asked = operation({"200": {"description": "", "headers": headers}})
    seen = Response(200, (("Content-Type", "text/plain"), ("Set-Cookie", "a=b"), ("X-Other", "?")))
    assert check(asked, seen).violations == ()
    assert faults(check(asked, Response(200))) == [("/headers/Set-Cookie", "Set-Cookie")]


def test_what_cannot_be_checked_of_a_header_is_told() -> None:
    checked = in_header({"schema": {"type": "string", "pattern": "["}}, "a")
    assert checked.violations == ()
    assert len(checked.unchecked) == 1


def test_headers_and_body_are_counted_together() -> None:
    headers: Value = {f"X-{n}": {"required": True} for n in range(30)}
    asked = operation({"200": {"description": "", "headers": headers}})
    checked = check(asked, Response(200))
    assert (len(checked.violations), checked.more) == (20, 10)


@given(st.text(max_size=60), st.sampled_from(["integer", "number", "boolean", "array", "object", "null"]))
def test_no_header_however_odd_makes_the_check_fail(value: str, type_: str) -> None:
    assert isinstance(in_header({"schema": {"type": type_}}, value), Checked)


# --- bodies


@pytest.mark.parametrize("version", ["2.0", "3.0.3", "3.1.0"])
@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        ({"type": "integer"}, 1, ""),
        ({"type": "integer"}, 1.0, ""),
        ({"type": "integer"}, 1.5, "/body:type"),
        ({"type": "integer"}, True, "/body:type"),
        ({"type": "string"}, None, "/body:type"),
        ({"type": "object", "properties": {"a": {"type": "string"}}}, {"b": 1}, ""),
        ({"properties": {"a/b": {"type": "string"}}}, {"a/b": 1}, "/body/a~1b:type"),
        ({"type": "object", "required": ["a"]}, {}, "/body:required"),
        ({"properties": {"a": {}}, "additionalProperties": False}, {"b": 1}, "/body/b:additionalProperties"),
        ({"additionalProperties": {"type": "string"}}, {"b": 1}, "/body/b:type"),
        ({"type": "array", "items": {"type": "string"}}, ["a", 1, "b", None], "/body/1:type /body/3:type"),
        ({"enum": ["a", "b"]}, "c", "/body:enum"),
        ({"type": "string", "minLength": 2, "pattern": "^[a-z]+$"}, "A", "/body:minLength /body:pattern"),
        ({"multipleOf": 0.01}, 19.99, ""),
        ({"multipleOf": 0.01}, 19.999, "/body:multipleOf"),
        ({"minimum": 3, "exclusiveMinimum": False}, 3, ""),
        ({"minimum": 3, "exclusiveMinimum": True}, 3, "/body:exclusiveMinimum"),
        ({"uniqueItems": True}, [1, True, "1", 1.5], ""),
        ({"uniqueItems": True}, [{"a": 1}, {"a": 1.0}], "/body:uniqueItems"),
        ({"allOf": [{"required": ["a"]}, {"required": ["b"]}]}, {}, "/body:required /body:required"),
        ({"format": "date"}, "no date", ""),
        (
            {"type": "object", "required": ["a"], "properties": {"a": {"readOnly": True}}},
            {},
            "/body:required",
        ),
        ({"properties": {"a": {"$ref": "#/definitions/S"}}}, {"a": 1}, "/body/a:type"),
        (True, 5, ""),
    ],
)
def test_what_every_version_asks_of_a_body(version: str, schema: Value, value: object, expected: str) -> None:
    asked = with_schema(schema, version)
    if version != "2.0" and "#/definitions" in json.dumps(schema):
        pytest.skip("the definitions of 2.0")
    if "#/definitions" in json.dumps(schema):
        asked = with_schema(schema, version, schemas={"S": {"type": "string"}})
    checked = check(asked, respond(value))
    assert " ".join(f"{pointer}:{word}" for pointer, word in faults(checked)) == expected
    assert checked.unchecked == ()


@pytest.mark.parametrize(
    ("schema", "by_default", "strictly"),
    [
        ({"type": "string", "nullable": True}, "", ""),
        ({"type": "string", "nullable": True, "minLength": 3}, "", ""),
        ({"type": "string", "enum": ["a"], "nullable": True}, "", "/body:enum"),
        ({"nullable": True, "allOf": [{"type": "object"}]}, "", "/body:type"),
        ({"nullable": True, "$ref": "#/components/schemas/S"}, "", "/body:type"),
        ({"type": "string", "x-nullable": True}, "", "/body:type"),
        ({"type": "string", "nullable": False}, "/body:type", "/body:type"),
    ],
)
def test_null_is_allowed_by_nullable_in_3_0(schema: Value, by_default: str, strictly: str) -> None:
    schemas: Value = {"S": {"type": "string"}}
    assert found(schema, None, schemas=schemas) == by_default
    assert found(schema, None, schemas=schemas, strict=True) == strictly


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        ({"type": "string", "nullable": True}, None, "/body:type"),
        ({"type": ["string", "null"]}, None, ""),
        ({"const": 1}, 2, "/body:const"),
        ({"minimum": 1, "exclusiveMinimum": 3}, 2, "/body:exclusiveMinimum"),
        ({"prefixItems": [{"type": "string"}], "items": False}, ["a", 1], "/body/1:items"),
        ({"contains": {"type": "string"}, "maxContains": 1}, ["a", "b"], "/body:contains"),
        ({"if": {"required": ["a"]}, "then": {"required": ["b"]}}, {"a": 1}, "/body:required"),
        ({"propertyNames": {"pattern": "^a"}}, {"ab": 1, "b": 1}, "/body/b:propertyNames"),
        ({"patternProperties": {"^a": {"type": "string"}}}, {"ab": 1}, "/body/ab:type"),
        ({"dependentRequired": {"a": ["b"]}}, {"a": 1}, "/body:dependentRequired"),
        (
            {"allOf": [{"properties": {"a": {}}}], "unevaluatedProperties": False},
            {"a": 1, "b": 2},
            "/body/b:unevaluatedProperties",
        ),
        ({"prefixItems": [{}], "unevaluatedItems": {"type": "string"}}, [1, "a", 2], "/body/2:type"),
        ({"$ref": "#/components/schemas/S", "minLength": 3}, "ab", "/body:minLength"),
        ({"not": {"type": "string"}}, "a", "/body:not"),
    ],
)
def test_3_1_is_json_schema_2020_12(schema: Value, value: object, expected: str) -> None:
    assert (
        found(schema, value, "3.1.0", schemas={"S": {"type": "string"}}).replace(
            "/body/1:not", "/body/1:items"
        )
        == expected
    )


def test_siblings_of_a_reference_count_from_3_1_on() -> None:
    schema: Value = {"$ref": "#/components/schemas/S", "minLength": 3}
    assert found(schema, "ab", schemas={"S": {"type": "string"}}) == ""


def test_a_reference_to_a_reference_keeps_what_stands_beside_each() -> None:
    schemas: Value = {"A": {"$ref": "#/components/schemas/B", "minLength": 3}, "B": {"type": "string"}}
    assert found({"$ref": "#/components/schemas/A"}, "ab", "3.1.0", schemas=schemas) == "/body:minLength"


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        ({"properties": {"p": {"writeOnly": True}}}, {"p": 1}, "/body/p:writeOnly"),
        ({"required": ["p"], "properties": {"p": {"writeOnly": True}}}, {}, ""),
        ({"required": ["p"], "properties": {"p": {"$ref": "#/components/schemas/W"}}}, {}, ""),
        ({"allOf": [{"required": ["p"]}, {"properties": {"p": {"writeOnly": True}}}]}, {}, ""),
        ({"allOf": [{"required": ["p"]}, {"$ref": "#/components/schemas/H"}]}, {"p": 1}, "/body/p:p"),
        ({"properties": {"q": {"required": ["p"]}, "p": {"writeOnly": True}}}, {"q": {}}, "/body/q:required"),
    ],
)
def test_a_write_only_property_is_neither_required_nor_allowed(
    schema: Value, value: object, expected: str
) -> None:
    schemas: Value = {
        "W": {"writeOnly": True},
        "H": {"properties": {"p": {"$ref": "#/components/schemas/W"}}},
    }
    for version in ("3.0.3", "3.1.0"):
        assert found(schema, value, version, schemas=schemas) == expected


PETS: Value = {
    "Cat": {"type": "object", "required": ["kind", "lives"], "properties": {"lives": {"type": "integer"}}},
    "Dog": {"type": "object", "properties": {"bark": {"type": "string"}}},
}
EITHER: list[Value] = [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}]
MAPPED: Value = {"propertyName": "kind", "mapping": {"c": "Cat", "d": "#/components/schemas/Dog"}}


@pytest.mark.parametrize("word", ["oneOf", "anyOf"])
@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"kind": "Cat", "lives": 9}, ""),
        ({"kind": "c", "lives": 9}, ""),
        ({"kind": "Cat", "lives": "9"}, "/body/lives:type"),
        ({"kind": "d", "lives": "9"}, ""),
        ({"kind": "Dog", "bark": 1}, "/body/bark:type"),
        ({"kind": "cow"}, "/body/kind:discriminator"),
        ({"kind": 5}, "/body/kind:discriminator"),
        ([], "/body:WORD"),
    ],
)
def test_a_discriminator_chooses_the_one_schema_that_is_checked(
    version: str, word: str, value: object, expected: str
) -> None:
    schema: Value = {word: EITHER, "discriminator": MAPPED}
    assert found(schema, value, version, schemas=PETS) == expected.replace("WORD", word)


HEIRS: Value = {
    "Pet": {
        "type": "object",
        "discriminator": {"propertyName": "kind"},
        "required": ["kind"],
        "properties": {"kind": {"type": "string"}, "friend": {"$ref": "#/components/schemas/Pet"}},
    },
    "Cat": {"allOf": [{"$ref": "#/components/schemas/Pet"}, {"required": ["lives"]}]},
    "Kitten": {"allOf": [{"$ref": "#/components/schemas/Cat"}, {"required": ["age"]}]},
}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"kind": "Pet"}, ""),
        ({"kind": "Cat", "lives": 9}, ""),
        ({"kind": "Cat"}, "/body:required"),
        ({"kind": "Kitten", "age": 1}, "/body:required"),
        ({"kind": "Pet", "friend": {"kind": "Cat"}}, "/body/friend:required"),
        ({"kind": "cow"}, "/body/kind:discriminator"),
        ({}, "/body:required"),
    ],
)
def test_a_discriminator_of_a_base_chooses_among_its_heirs(value: object, expected: str) -> None:
    assert found({"$ref": "#/components/schemas/Pet"}, value, schemas=HEIRS) == expected
    swagger = json.loads(json.dumps(HEIRS).replace("components/schemas", "definitions"))
    swagger["Pet"]["discriminator"] = "kind"
    assert found({"$ref": "#/definitions/Pet"}, value, "2.0", schemas=swagger) == expected


def test_an_heir_that_is_asked_for_by_itself_does_not_ask_its_base_again() -> None:
    assert found({"$ref": "#/components/schemas/Cat"}, {"kind": "tabby", "lives": 9}, schemas=HEIRS) == ""


def test_a_value_of_its_own_chooses_an_alternative_by_default_and_not_strictly() -> None:
    schemas = json.loads(json.dumps(PETS))
    schemas["Cat"]["properties"]["kind"] = {"enum": ["tabby"]}
    schema: Value = {"oneOf": EITHER, "discriminator": {"propertyName": "kind"}}
    assert found(schema, {"kind": "tabby", "lives": 9}, schemas=schemas) == ""
    assert found(schema, {"kind": "tabby", "lives": 9}, schemas=schemas, strict=True) == (
        "/body/kind:discriminator"
    )


def test_schemas_in_other_files_are_checked_by_the_dialect_of_the_description() -> None:
    files: dict[str, Value] = {"s.json": {"A": {"type": "string", "nullable": True}}}
    schema: Value = {"items": {"$ref": "s.json#/A"}}
    checked = check(with_schema(schema, files=files), respond([None, "a", 1]))
    assert faults(checked) == [("/body/2", "type")]
    assert checked.violations[0].at.span().file == "s.json"


def test_a_schema_that_holds_itself_is_followed_as_deep_as_the_body_goes() -> None:
    schemas: Value = {
        "N": {"properties": {"next": {"$ref": "#/components/schemas/N"}, "v": {"type": "string"}}}
    }
    value: Value = {"v": 1}
    for _ in range(60):
        value = {"next": value}
    checked = check(with_schema({"$ref": "#/components/schemas/N"}, schemas=schemas), respond(value))
    assert faults(checked) == [("/body" + "/next" * 60 + "/v", "type")]


def test_a_file_of_2_0_is_any_body() -> None:
    asked = with_schema({"type": "file"}, "2.0", produces=["application/octet-stream"])
    checked = check(asked, Response(200, (("Content-Type", "application/octet-stream"),), b"\0"))
    assert checked == Checked()


@pytest.mark.parametrize(
    ("method", "status", "is_violation"), [("get", 200, True), ("head", 200, False), ("get", 204, False)]
)
def test_an_empty_body_is_a_violation_where_there_is_a_schema(
    method: str, status: int, is_violation: bool
) -> None:
    content: Value = {"application/json": {"schema": {"type": "object"}}}
    asked = operation({str(status): {"description": "", "content": content}})
    if method == "head":
        asked = operation({"200": {"description": "", "content": content}})
        asked = replace(asked, method="HEAD")
    checked = ResponseChecks().check(asked, Response(status), UNDEFINED)
    assert faults(checked) == ([("/body", "schema")] if is_violation else [])


def test_text_is_checked_against_a_schema_of_texts_and_xml_is_not() -> None:
    content: Value = {
        "text/plain": {"schema": {"type": "string", "enum": ["pong"]}},
        "application/xml": {"schema": {"type": "object", "required": ["a"]}},
    }
    asked = operation({"200": {"description": "", "content": content}})
    assert faults(check(asked, respond(b"ping", 200, ("Content-Type", "text/plain")))) == [("/body", "enum")]
    assert faults(check(asked, respond(b"<a/>", 200, ("Content-Type", "application/xml")))) == []


# --- sentences


@pytest.mark.parametrize(
    ("schema", "value", "message"),
    [
        ({"type": "integer"}, "s3cret", "$response.body is a string, and must be an integer"),
        ({"enum": ["a"]}, "s3cret", '$response.body is none of the values allowed: "a"'),
        ({"pattern": "^a"}, "s3cret", "$response.body does not match the pattern ^a"),
        ({"items": {"required": ["a", "b"]}}, [{}], "$response.body#/0 has no 'a', 'b', which are required"),
        ({"maxLength": 1}, "s3cret", "$response.body has 6 characters, and must have at most 1"),
        ({"anyOf": [{"type": "string"}, {"type": "object", "required": ["a"]}]}, {},
         "$response.body has no 'a', which is required"),
        ({"anyOf": [{"type": "string"}, {"type": "boolean"}]}, 1,
         "$response.body is an integer, which none of the 2 schemas of anyOf allows"),
        ({"oneOf": [{"minimum": 1}, {"minimum": 2}]}, 3,
         "$response.body fits 2 of the 2 schemas of oneOf, and may fit one only"),
    ],
)  # fmt: skip
def test_a_message_says_what_is_wrong_and_shows_no_value(schema: Value, value: object, message: str) -> None:
    checked = check(with_schema(schema), respond(value))
    assert [violation.message for violation in checked.violations] == [message]


def test_violations_are_listed_up_to_a_bound_and_then_counted() -> None:
    checked = check(with_schema({"items": {"type": "string"}}), respond([1] * 50))
    assert (len(checked.violations), checked.more) == (20, 30)


# --- what cannot be checked is said


@pytest.mark.parametrize(
    "word",
    [
        {"type": "date"}, {"pattern": "(["}, {"required": True}, {"minimum": "1"}, {"minLength": -1}, {"enum": []},
        {"allOf": {}}, {"properties": []}, {"multipleOf": 0}, {"$ref": "#/nowhere"}, {"items": 5},
        {"$dynamicRef": "#a"}, {"patternProperties": {"(": {}}}, {"anyOf": []}, {"maxItems": 1.5},
    ],
)  # fmt: skip
def test_a_word_that_cannot_be_used_is_told_and_the_rest_is_checked(word: dict[str, Value]) -> None:
    schema: Value = {"properties": {"a": word, "b": {"type": "string"}}}
    checked = check(with_schema(schema, "3.1.0"), respond({"a": "x", "b": 1}))
    assert faults(checked) == [("/body/b", "type")]
    assert len(checked.unchecked) == 1
    assert checked.unchecked[0].at.span().file == "api.json"


def test_half_of_a_surrogate_pair_is_checked_like_any_text() -> None:
    asked = with_schema({"type": "string", "maxLength": 1, "pattern": "^x"})
    assert faults(check(asked, respond(b'"\\ud800"'))) == [("/body", "pattern")]


# --- bounds


def doubling(depth: int, last: Value) -> dict[str, Value]:
    """Schemas that ask for the next one twice, each."""
    schemas: dict[str, Value] = {
        f"S{n}": {
            "allOf": [
                {"$ref": f"#/components/schemas/S{n + 1}"},
                {"allOf": [{"$ref": f"#/components/schemas/S{n + 1}"}]},
            ]
        }
        for n in range(depth)
    }
    return {**schemas, f"S{depth}": last}


@pytest.mark.parametrize("value", [1, "x"])
def test_schemas_that_double_at_each_level_take_no_time(value: object) -> None:
    began = time.perf_counter()
    asked = with_schema({"$ref": "#/components/schemas/S0"}, schemas=doubling(60, {"type": "integer"}))
    assert len(check(asked, respond(value)).violations) == (value == "x")
    assert time.perf_counter() - began < 2


def test_nested_alternatives_take_no_time() -> None:
    again: Value = {"$ref": "#/components/schemas/E"}
    schemas: Value = {
        "E": {"oneOf": [{"properties": {"x": again}, "required": ["q"]}, {"properties": {"x": again}}]}
    }
    value: Value = 3
    for _ in range(100):
        value = {"x": value}
    began = time.perf_counter()
    check(with_schema({"$ref": "#/components/schemas/E"}, schemas=schemas), respond(value))
    assert time.perf_counter() - began < 2


@pytest.mark.parametrize(
    "pattern", ["(a|aa)+$", "^(?=a)(a|a|b)*(?<!c)c$", r"^(?:(a+)+)+\1b$", "^(?!x)([a-z]+)+$"]
)
def test_a_pattern_cannot_hang(pattern: str) -> None:
    began = time.perf_counter()
    check(with_schema({"items": {"pattern": pattern}}), respond(["a" * 3000 + "!"] * 30))
    assert time.perf_counter() - began < 5


def test_references_in_a_circle_come_to_an_end() -> None:
    schemas: Value = {
        "A": {"allOf": [{"$ref": "#/components/schemas/B"}]},
        "B": {"allOf": [{"$ref": "#/components/schemas/A"}], "required": ["z"]},
        "C": {"$ref": "#/components/schemas/C"},
    }
    assert found({"$ref": "#/components/schemas/A"}, {}, schemas=schemas) == "/body:required"
    assert found({"$ref": "#/components/schemas/C"}, {}, schemas=schemas) == ""


def test_what_is_made_for_a_schema_is_kept() -> None:
    asked, checks = with_schema({"type": "string"}), ResponseChecks()
    for _ in range(3):
        checks.check(asked, respond("x"), "x")
    assert len(checks.schemas) == 1
