"""References from file to file: what is read, once and only when needed; what cannot be had, and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import pytest

from arazzo.descriptions.openapi.bodies import encode_body
from arazzo.descriptions.openapi.files import Files
from arazzo.descriptions.openapi.find import OpenApi
from arazzo.descriptions.openapi.references import BrokenReference, Resolver
from arazzo.descriptions.openapi.servers import server_url
from arazzo.descriptions.retrieval import RetrievalError, Retrieve, Retrieved
from arazzo.source import parse

HERE = "file:///specs/api.yml"


@dataclass
class Place:
    """Texts by URI, and who asked for which."""

    texts: dict[str, str]
    offline: frozenset[str] = frozenset()
    asked: Counter[str] = field(default_factory=Counter)
    askers: dict[str, str] = field(default_factory=dict)

    def reach_of(self, asker: str) -> Retrieve:
        def retrieve(uri: str, /) -> Retrieved:
            self.asked[uri] += 1
            self.askers[uri] = asker
            file = uri.removeprefix("file:///specs/")
            if uri in self.offline:
                raise RetrievalError(uri, "not fetched (--offline)", "offline", file)
            if asker.startswith("http") and uri.startswith("file:"):
                raise RetrievalError(
                    uri, "a document from the network may name no local file", "refused", file
                )
            if uri not in self.texts:
                raise RetrievalError(uri, "no such file", "absent", file)
            return Retrieved(uri, self.texts[uri].encode(), file)

        return retrieve


def place(**texts: str) -> Place:
    """A folder ``specs`` with these files; ``a_yml`` is ``a.yml``, ``sub__a_yml`` is ``sub/a.yml``."""
    named = {name.replace("__", "/").replace("_", "."): text for name, text in texts.items()}
    return Place({f"file:///specs/{name}": text for name, text in named.items()})


def described(text: str, around: Place, **options: int) -> OpenApi:
    files = Files(around.reach_of, **options)  # type: ignore[arg-type]
    return OpenApi(parse(text, "api.yml"), HERE, files)


SPLIT = """
openapi: 3.1.0
servers: [{url: https://api.test}]
paths:
  /pets: {$ref: paths/pets.yml}
  /pets/{id}: {$ref: 'paths/pets.yml#/one'}
  /plain:
    get:
      operationId: plain
      parameters: [{$ref: 'shared.yml#/parameters/Page'}]
      security: [{key: []}]
      responses: {'200': {$ref: 'shared.yml#/responses/Fine'}}
components:
  securitySchemes:
    key: {$ref: 'shared.yml#/schemes/key'}
"""
PETS = """
servers: [{url: ../v2}]
post:
  operationId: addPet
  requestBody: {$ref: '../shared.yml#/bodies/Pet'}
one:
  parameters: [{$ref: '#/idParameter'}]
  get: {operationId: getPet, responses: {}}
idParameter: {name: id, in: path, schema: {$ref: '../schemas/id.json'}}
"""
SHARED = """
parameters:
  Page: {$ref: '#/parameters/Number'}
  Number: {name: page, in: query, schema: {$ref: 'schemas/id.json'}}
responses:
  Fine: {description: fine, headers: {X-Next: {$ref: '#/headers/Next'}}, content: {application/json: {}}}
headers: {Next: {schema: {type: integer}}}
bodies:
  Pet: {required: true, content: {application/xml: {schema: {$ref: 'schemas/pet.yml#/definitions/Pet'}}}}
schemes: {key: {type: apiKey, in: header, name: X-Key}}
"""
PET = """
definitions:
  Pet:
    type: object
    properties: {id: {$ref: id.json}, name: {xml: {name: called}}, friend: {$ref: '#/definitions/Pet'}}
"""


def split() -> Place:
    around = place(paths__pets_yml=PETS, shared_yml=SHARED, schemas__pet_yml=PET)
    around.texts["file:///specs/schemas/id.json"] = (
        '{"type": "integer", "default": 7, "xml": {"attribute": true}}'
    )
    return around


def test_an_operation_is_read_from_as_many_files_as_it_is_written_in() -> None:
    around = split()
    api = described(SPLIT, around)
    plain = api.operation("plain")
    assert plain is not None
    assert not plain.diagnostics
    (page,) = plain.parameters
    assert (page.name, set(page.types), page.default) == ("page", {"integer"}, 7)
    assert plain.responses["200"].content.keys() == {"application/json"}
    assert plain.security_schemes["key"].parameter == "X-Key"
    get = api.operation("getPet")
    assert get is not None
    assert not get.diagnostics
    assert [(p.name, p.in_, set(p.types)) for p in get.parameters] == [("id", "path", {"integer"})]
    assert get.pointer == "/paths/~1pets~1{id}/get"


def test_a_body_takes_its_schemas_from_other_files() -> None:
    add = described(SPLIT, split()).operation("addPet")
    assert add is not None
    assert not add.diagnostics
    value = {"id": 1, "name": "Rex", "friend": {"id": 2}}
    sent = encode_body(value, "application/xml", add.request_body, boundary="mark")  # type: ignore[arg-type]
    expected = b'<Pet id="1"><called>Rex</called><friend id="2"/></Pet>'
    assert sent.content.partition(b"\n")[2] == expected


def test_a_server_in_another_file_is_relative_to_that_file() -> None:
    add = described(SPLIT, split()).operation("addPet")
    assert add is not None
    assert add.servers[0].base == "file:///specs/paths/pets.yml"
    around = split()
    around.texts = {
        uri.replace("file:///specs", "https://h.test/specs"): t for uri, t in around.texts.items()
    }
    uri = "https://h.test/specs/api.yml"
    add = OpenApi(parse(SPLIT, "api.yml"), uri, Files(around.reach_of)).operation("addPet")
    assert add is not None
    assert server_url(add, description_uri=uri) == "https://h.test/specs/v2"


def test_nothing_is_read_that_no_used_operation_needs() -> None:
    around = split()
    api = described(SPLIT, around)
    assert not around.asked
    api.operation("plain")
    assert around.asked.keys() == {"file:///specs/shared.yml", "file:///specs/schemas/id.json"}
    api.operation("getPet")
    assert "file:///specs/paths/pets.yml" in around.asked
    assert "file:///specs/schemas/pet.yml" not in around.asked


def test_an_operation_by_its_path_opens_that_path_alone() -> None:
    text = "openapi: 3.0.0\npaths: {/a: {$ref: a.yml}, /b: {$ref: b.yml}}"
    around = place(a_yml="get: {operationId: a}", b_yml="get: {operationId: b}")
    api = described(text, around)
    assert api.operation_at("#/paths/~1b/get") is not None
    assert api.operation_on("get", "/b") is not None
    assert around.asked.keys() == {"file:///specs/b.yml"}
    assert api.operation_ids() == ("b", "a")
    assert api.operations() == (("GET", "/a"), ("GET", "/b"))


def test_an_operation_beside_a_reference_is_found_without_opening_the_others() -> None:
    text = "openapi: 3.0.0\npaths: {/a: {$ref: a.yml}, /b: {$ref: b.yml, get: {operationId: b}}}"
    around = place(a_yml="get: {operationId: a}", b_yml="parameters: [{name: x, in: query}]")
    found = described(text, around).operation("b")
    assert found is not None
    assert [spec.name for spec in found.parameters] == ["x"]
    assert around.asked.keys() == {"file:///specs/b.yml"}


def test_every_file_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: Counter[str] = Counter()

    def counting(content: bytes, file: str, **more: object) -> object:
        parsed[file] += 1
        return parse(content, file)

    monkeypatch.setattr("arazzo.descriptions.openapi.files.parse", counting)
    around = split()
    files = Files(around.reach_of)
    for _ in range(2):
        api = OpenApi(parse(SPLIT, "api.yml"), HERE, files)
        for name in ("plain", "getPet", "addPet"):
            assert api.operation(name) is not None
    assert set(parsed.values()) == {1}
    assert len(parsed) == 4


def test_a_reference_back_into_the_first_file_means_that_file() -> None:
    text = "openapi: 3.0.0\npaths: {/a: {$ref: a.yml}}\nshared: {name: p, in: query}\n"
    around = place(a_yml="get: {operationId: a, parameters: [{$ref: 'api.yml#/shared'}]}")
    found = described(text, around).operation("a")
    assert found is not None
    assert [spec.name for spec in found.parameters] == ["p"]
    assert "file:///specs/api.yml" not in around.asked


def test_a_circle_across_files_is_told_and_equal_pointers_in_two_files_are_none() -> None:
    text = "openapi: 3.0.0\npaths: {/a: {$ref: 'b.yml#/x'}, /c: {$ref: 'd.yml#/x'}}\nx: {$ref: 'b.yml#/x'}"
    around = place(b_yml="x: {$ref: 'api.yml#/x'}", d_yml="x: {$ref: 'e.yml#/x'}", e_yml="x: {get: {}}")
    api = described(text, around)
    assert api.operation_on("GET", "/a") is None
    assert "leads in a circle" in api.unread[0].message
    assert api.operation_on("GET", "/c") is not None


def test_schemas_at_the_same_pointer_of_two_files_are_two_schemas() -> None:
    text = """
openapi: 3.0.0
paths: {/a: {get: {operationId: a, parameters: [{name: p, in: query, schema: {$ref: 'a.yml#/s'}}]}}}
"""
    around = place(
        a_yml="s: {allOf: [{$ref: 'b.yml#/s'}]}", b_yml="s: {allOf: [{default: 5, type: integer}]}"
    )
    found = described(text, around).operation("a")
    assert found is not None
    assert found.parameters[0].default == 5


@pytest.mark.parametrize(
    ("reference", "files", "words"),
    [
        ("gone.yml", {}, "cannot be followed; looked at:\n  gone.yml: no such file"),
        ("gone.yml#/a", {}, "the $ref 'gone.yml#/a' cannot be followed"),
        ("page.yml", {"page_yml": "<!DOCTYPE html><p>404"}, "page.yml: it is HTML or XML, not an API"),
        ("empty.yml", {"empty_yml": " \n"}, "empty.yml: it is empty"),
        ("bad.yml", {"bad_yml": "a: [1"}, "bad.yml: it cannot be read: not YAML"),
        ("a.yml#/nowhere", {"a_yml": "b: 1"}, "leads nowhere in a.yml"),
        ("http://[", {}, "cannot be followed; looked at:\n  http://[: no such file"),
        ("a.yml#/" + "9" * 5000, {"a_yml": "[1]"}, "leads nowhere in a.yml"),
    ],
)
def test_a_file_that_cannot_be_had_is_one_diagnostic_at_the_reference(
    reference: str, files: dict[str, str], words: str
) -> None:
    text = f"openapi: 3.0.0\npaths:\n  /a:\n    $ref: '{reference}'\n"
    api = described(text, place(**files))
    assert api.operation("a") is None
    assert api.operation("b") is None
    (diagnostic,) = api.unread
    assert diagnostic.code == "unresolved-ref"
    assert words in diagnostic.message
    assert diagnostic.span is not None
    assert (diagnostic.span.file, diagnostic.span.line, diagnostic.span.column) == ("api.yml", 4, 11)
    assert api.unread_at("#/paths/~1a/get") is diagnostic


def test_what_is_wrong_inside_a_file_is_pointed_at() -> None:
    api = described("openapi: 3.0.0\npaths: {/a: {$ref: bad.yml}}", place(bad_yml="a: 1\nb: [1"))
    assert api.operation("a") is None
    ((_, span),) = api.unread[0].related
    assert (span.file, span.line) == ("bad.yml", 2)


def test_what_was_not_fetched_is_not_checked_and_no_error() -> None:
    text = """
openapi: 3.0.0
paths:
  /a: {$ref: 'https://x.test/a.yml'}
  /b: {get: {operationId: b, responses: {'200': {$ref: 'https://x.test/a.yml#/r'}}}}
"""
    around = Place({}, frozenset(("https://x.test/a.yml",)))
    api = described(text, around)
    found = api.operation("b")
    assert found is not None
    assert [(d.code, d.blocks_run) for d in found.diagnostics] == [("source-not-checked", False)]
    assert api.operation("a") is None
    assert [(d.code, d.blocks_run) for d in api.unread] == [("source-not-checked", True)]
    assert "not fetched (--offline)" in api.unread[0].message


def test_a_schema_that_cannot_be_had_is_told_and_does_without() -> None:
    text = """
openapi: 3.0.0
paths:
  /a:
    post:
      operationId: a
      parameters: [{name: p, in: query, schema: {$ref: gone.yml}}]
      requestBody: {content: {application/xml: {schema: {properties: {x: {$ref: lost.yml}}}}}}
      responses: {'200': {content: {application/json: {$ref: media.yml}}}}
"""
    found = described(text, place()).operation("a")
    assert found is not None
    assert [d.code for d in found.diagnostics] == ["flawed-description"] * 3
    assert ["gone" in found.diagnostics[0].message, "lost" in found.diagnostics[1].message] == [True, True]


def test_a_security_scheme_that_cannot_be_had_says_why() -> None:
    text = """
openapi: 3.0.0
paths: {/a: {get: {operationId: a, security: [{key: []}]}}}
components: {securitySchemes: {key: {$ref: 'gone.yml#/key'}}}
"""
    found = described(text, place()).operation("a")
    assert found is not None
    assert [d.code for d in found.diagnostics] == ["unresolved-ref"]


def test_security_schemes_are_the_entry_documents_else_those_where_the_operation_stands() -> None:
    text = """
openapi: 3.1.0
paths: {/a: {$ref: 'other.yml#/paths/~1a'}}
components: {securitySchemes: {key: {type: apiKey, in: query, name: mine}}}
"""
    other = """
openapi: 3.1.0
paths: {/a: {get: {operationId: a, security: [{key: [], own: []}]}}}
components: {securitySchemes: {key: {type: apiKey, in: query, name: other}, own: {type: http, scheme: basic}}}
"""
    found = described(text, place(other_yml=other)).operation("a")
    assert found is not None
    assert not found.diagnostics
    assert found.security_schemes["key"].parameter == "mine"
    assert found.security_schemes["own"].scheme == "basic"


def test_files_are_bounded_in_number_and_size() -> None:
    text = "openapi: 3.0.0\npaths: {/a: {$ref: a.yml}, /b: {$ref: b.yml}}"
    around = place(a_yml="get: {operationId: a}", b_yml="get: {operationId: b}")
    api = described(text, around, most=1)
    assert api.operation_ids() == ("a",)
    assert "references lead into more than 1 files" in api.unread[0].message
    api = described(text, around, most_bytes=30)
    assert api.operation_ids() == ("a",)
    assert "have more than 30 bytes" in api.unread[0].message


def test_a_file_is_asked_for_on_behalf_of_who_may_name_it() -> None:
    text = "openapi: 3.0.0\npaths: {/a: {$ref: sub/a.yml}, /r: {$ref: 'https://x.test/r.yml'}}"
    around = place(sub__a_yml="$ref: b.yml", sub__b_yml="get: {operationId: a}")
    around.texts["https://x.test/r.yml"] = "{$ref: 'file:///specs/sub/b.yml'}"
    api = OpenApi(parse(text, "api.yml"), HERE, Files(around.reach_of), "file:///flows/flow.yml")
    assert api.operation("a") is not None
    assert around.askers["file:///specs/sub/b.yml"] == "file:///flows/flow.yml"
    assert api.operation_on("GET", "/r") is None
    assert around.askers["https://x.test/r.yml"] == "file:///flows/flow.yml"
    assert around.askers["file:///specs/sub/b.yml"] == "https://x.test/r.yml"
    # Already read, and still not to be named from the network.
    assert "may name no local file" in api.unread[0].message


@pytest.mark.parametrize(
    ("version", "own", "found"),
    [
        ("3.2.0", "https://ids.test/v1/api.yml", "https://ids.test/v1/a.yml"),
        ("3.1.0", "https://ids.test/v1/api.yml", "file:///specs/a.yml"),
        ("3.2.0", "sub/api.yml", "file:///specs/sub/a.yml"),
    ],
)
def test_a_reference_is_read_against_self_where_the_version_has_it(
    version: str, own: str, found: str
) -> None:
    text = f"openapi: {version}\n$self: {own}\npaths: {{/a: {{$ref: a.yml}}}}"
    around = Place({found: "get: {operationId: a}"})
    assert described(text, around).operation("a") is not None
    assert around.asked.keys() == {found}


def test_what_an_identity_does_not_lead_to_is_looked_for_beside_the_file() -> None:
    text = "openapi: 3.2.0\n$self: https://ids.test/v1/api.yml\npaths: {/a: {$ref: a.yml}, /b: {$ref: b.yml}}"
    around = place(a_yml="get: {operationId: a}")
    api = described(text, around)
    assert api.operation("a") is not None
    assert list(around.asked) == ["https://ids.test/v1/a.yml", "file:///specs/a.yml"]
    assert api.operation("b") is None
    places = "\n  https://ids.test/v1/b.yml: no such file\n  b.yml: no such file"
    assert api.unread[0].message.endswith(places)


def test_a_file_is_known_by_its_self() -> None:
    text = "openapi: 3.2.0\npaths: {/a: {$ref: a.yml}, /b: {$ref: 'https://ids.test/a#/b'}}"
    around = place(a_yml="$self: https://ids.test/a\nget: {operationId: a}\nb: {get: {operationId: b}}")
    api = described(text, around)
    assert api.operation("a") is not None
    assert api.operation("b") is not None
    assert around.asked.keys() == {"file:///specs/a.yml"}


IDS = """
openapi: {version}
parameters:
  embedded: {schema: {$ref: 'https://ids.test/schemas/item'}}
  relative: {schema: {$ref: '#/components/schemas/Item/properties/a'}}
  local: {schema: {$ref: '#/components/schemas/Item/properties/b'}}
components:
  schemas:
    Item:
      $id: https://ids.test/schemas/item
      type: object
      properties: {a: {$ref: size}, b: {$ref: '#/$defs/count'}}
      $defs: {count: {type: integer}}
    Size: {$id: https://ids.test/schemas/size, type: string}
"""


@pytest.mark.parametrize(
    ("version", "where", "expected"),
    [
        ("3.1.0", "embedded", "/components/schemas/Item"),
        ("3.1.0", "relative", "/components/schemas/Size"),
        ("3.1.0", "local", "/components/schemas/Item/$defs/count"),
        ("3.0.3", "embedded", None),
        ("3.0.3", "relative", None),
        ("3.0.3", "local", None),
    ],
)
def test_the_id_of_a_schema_is_its_base_and_a_name_for_it_since_3_1(
    version: str, where: str, expected: str | None
) -> None:
    tree = parse(IDS.replace("{version}", version), "api.yml")
    resolver = Resolver(tree, HERE, Files(place().reach_of))
    node = tree.node.get("parameters")
    node = node.get(where) if node else None
    node = node.get("schema") if node else None
    assert node is not None
    if expected is None:
        with pytest.raises(BrokenReference):
            resolver.follow(node)
    else:
        assert resolver.follow(node).pointer == expected


def test_a_component_is_still_found_from_inside_a_schema_with_an_id() -> None:
    """By the letter ``#/`` means the schema with the ``$id``; where that has no such place, the file is meant."""
    text = "openapi: 3.1.0\na: {$id: 'https://x.test/a', properties: {b: {$ref: '#/c'}}}\nc: {type: string}"
    tree = parse(text, "api.yml")
    node = tree.node.get("a")
    node = node.get("properties") if node else None
    node = node.get("b") if node else None
    assert node is not None
    assert Resolver(tree, HERE).follow(node).pointer == "/c"


def test_openapi_2_takes_parameters_responses_and_schemas_from_other_files() -> None:
    text = """
swagger: '2.0'
host: api.test
paths:
  /a:
    post:
      operationId: a
      consumes: [application/xml]
      parameters: [{$ref: 'more.yml#/parameters/p'}, {name: b, in: body, schema: {$ref: 'more.yml#/definitions/Pet'}}]
      responses: {'200': {$ref: 'more.yml#/responses/ok'}}
"""
    more = """
parameters: {p: {name: p, in: query, type: integer, default: 3}}
responses: {ok: {schema: {type: string}}}
definitions: {Pet: {properties: {id: {type: integer, xml: {attribute: true}}}}}
"""
    found = described(text, place(more_yml=more)).operation("a")
    assert found is not None
    assert not found.diagnostics
    assert found.parameters[0].default == 3
    assert found.responses["200"].content
    sent = encode_body({"id": 1}, "application/xml", found.request_body, boundary="mark")
    assert sent.content.endswith(b'\n<Pet id="1"/>')
