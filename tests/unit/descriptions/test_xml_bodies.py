"""XML bodies from mappings: the XML Object's rules, case by case, and that what is written is XML."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arazzo.descriptions.openapi.bodies import BodyError, encode_body
from arazzo.descriptions.openapi.find import OpenApi
from arazzo.source import from_value
from arazzo.values import File, Value

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_STRINGS: Value = {"type": "array", "items": {"type": "string"}}


def written(value: Value, schema: Value, version: str = "3.1.0", **schemas: Value) -> str:
    """``value`` as the body of an operation whose schema is ``schema``, without the XML declaration."""
    root: Value = {
        "openapi": version,
        "paths": {
            "/a": {
                "post": {
                    "operationId": "send",
                    "requestBody": {
                        "content": {"application/xml": {} if schema is None else {"schema": schema}}
                    },
                }
            }
        },
        "components": {"schemas": schemas},
    }
    operation = OpenApi(from_value(root), "file:///a.json").operation("send")
    assert operation is not None
    body = encode_body(value, "application/xml", operation.request_body, boundary="mark")
    text = body.content.decode()
    assert text.startswith(_HEAD)
    return text.removeprefix(_HEAD)


def shelf(books: Value) -> Value:
    return {"type": "object", "xml": {"name": "shelf"}, "properties": {"books": books}}


def strings(array: Value, item: Value) -> Value:
    """An array of texts, with XML Objects for itself and its items."""
    items: Value = {"type": "string", **({"xml": item} if item else {})}
    return {"type": "array", "items": items, **({"xml": array} if array else {})}


TITLES: Value = {"books": ["Emma", "Dune"]}


@pytest.mark.parametrize(
    ("version", "schema", "value", "expected"),
    [
        # names
        ("3.1.0", shelf({"type": "string"}), {"books": "Emma"}, "<books>Emma</books>"),
        ("3.1.0", shelf({"type": "string", "xml": {"name": "book"}}), {"books": "Emma"}, "<book>Emma</book>"),
        ("3.1.0", shelf({"type": "string", "xml": {"name": "book"}}), TITLES, "<book>Emma</book><book>Dune</book>"),
        # arrays that are not wrapped: the array's own name does nothing
        ("3.0.3", shelf(strings({}, {})), TITLES, "<books>Emma</books><books>Dune</books>"),
        ("3.0.3", shelf(strings({}, {"name": "book"})), TITLES, "<book>Emma</book><book>Dune</book>"),
        ("3.0.3", shelf(strings({"name": "row"}, {"name": "book"})), TITLES, "<book>Emma</book><book>Dune</book>"),
        ("3.0.3", shelf(strings({"name": "row"}, {})), TITLES, "<books>Emma</books><books>Dune</books>"),
        # wrapped ones
        (
            "3.0.3",
            shelf(strings({"wrapped": True}, {})),
            TITLES,
            "<books><books>Emma</books><books>Dune</books></books>",
        ),
        (
            "2.0-like",
            shelf(strings({"wrapped": True}, {"name": "book"})),
            TITLES,
            "<books><book>Emma</book><book>Dune</book></books>",
        ),
        (
            "3.1.0",
            shelf(strings({"wrapped": True, "name": "row"}, {"name": "book"})),
            TITLES,
            "<row><book>Emma</book><book>Dune</book></row>",
        ),
        (
            "3.1.0",
            shelf(strings({"wrapped": True, "name": "row"}, {})),
            TITLES,
            "<row><row>Emma</row><row>Dune</row></row>",
        ),
        (
            "3.2.0",
            shelf(strings({"nodeType": "element", "name": "row"}, {"name": "book"})),
            TITLES,
            "<row><book>Emma</book><book>Dune</book></row>",
        ),
        ("3.1.0", shelf(strings({"wrapped": True}, {})), {"books": []}, "<books/>"),
        ("3.1.0", shelf(strings({}, {})), {"books": []}, ""),
        # what stands in place of null
        (
            "3.1.0",
            shelf({"type": ["string", "null"]}),
            {"books": None},
            '<books xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/>',
        ),
        # escaping
        ("3.1.0", shelf({}), {"books": "a<b>&\"c\"]]>\r"}, '<books>a&lt;b&gt;&amp;"c"]]&gt;&#13;</books>'),
        ("3.1.0", shelf({}), {"books": True}, "<books>true</books>"),
        ("3.1.0", shelf({}), {"books": 2.0}, "<books>2</books>"),
        ("3.1.0", shelf({}), {"books": ""}, "<books/>"),
        ("3.1.0", shelf({}), {"books": {"a": {"b": [1, 2]}}}, "<books><a><b>1</b><b>2</b></a></books>"),
        # nodes of 3.2
        ("3.2.0", shelf({"type": "string", "xml": {"nodeType": "text"}}), {"books": "a&b"}, "a&amp;b"),
        (
            "3.2.0",
            shelf({"type": "string", "xml": {"nodeType": "cdata"}}),
            {"books": "<i>]]></i>"},
            "<![CDATA[<i>]]]]><![CDATA[></i>]]>",
        ),
        ("3.2.0", shelf({"type": "object", "xml": {"nodeType": "none"}}), {"books": {"a": 1}}, "<a>1</a>"),
        (
            "3.2.0",
            shelf({"type": "array", "prefixItems": [{"xml": {"name": "first"}}], "items": {"xml": {"name": "then"}}}),
            {"books": [1, 2, 3]},
            "<first>1</first><then>2</then><then>3</then>",
        ),
        # schemas made of schemas
        (
            "3.1.0",
            shelf({"oneOf": [{}, {"properties": {"a": {"xml": {"name": "z"}}}}]}),
            {"books": {"a": 1}},
            "<books><z>1</z></books>",
        ),
        (
            "3.1.0",
            shelf({"additionalProperties": {"xml": {"name": "any"}}}),
            {"books": {"a": 1, "b": 2}},
            "<books><any>1</any><any>2</any></books>",
        ),
    ],
)  # fmt: skip
def test_a_member_is_the_nodes_that_its_schema_says(
    version: str, schema: Value, value: Value, expected: str
) -> None:
    inside = written(value, schema, version)
    assert inside == (f"<shelf>{expected}</shelf>" if expected else "<shelf/>")


PERSON: Value = {
    "type": "object",
    "properties": {
        "number": {"type": "integer", "xml": {"attribute": True}},
        "nick": {"type": "string", "xml": {"namespace": "https://names.test/ns", "prefix": "n"}},
    },
}


def test_attributes_prefixes_and_namespaces_and_a_root_named_by_its_component() -> None:
    value: Value = {"nick": "Bo", "number": 7}
    expected = '<Person number="7"><n:nick xmlns:n="https://names.test/ns">Bo</n:nick></Person>'
    assert written(value, {"$ref": "#/components/schemas/Person"}, Person=PERSON) == expected


def test_an_attribute_without_a_value_is_left_out_and_one_with_markup_is_escaped() -> None:
    schema: Value = {"xml": {"name": "a"}, "properties": {"b": {"xml": {"attribute": True}}}}
    assert written({"b": None}, schema) == "<a/>"
    assert written({"b": '<"&\n'}, schema) == '<a b="&lt;&quot;&amp;&#10;"/>'


def test_a_namespace_is_declared_once_where_it_holds() -> None:
    namespace: dict[str, Value] = {"namespace": "urn:a", "prefix": "p"}
    schema: Value = {
        "xml": {"name": "a", **namespace},
        "properties": {"b": {"xml": namespace}, "c": {"xml": {"attribute": True, "prefix": "p"}}},
    }
    assert written({"b": 1, "c": 2}, schema) == '<p:a xmlns:p="urn:a" p:c="2"><p:b>1</p:b></p:a>'
    default: Value = {"xml": {"name": "a", "namespace": "urn:a"}}
    assert written({"b": 1, "c": 2}, default) == '<a xmlns="urn:a"><b>1</b><c>2</c></a>'


def test_an_element_with_attributes_and_text() -> None:
    item: Value = {
        "xml": {"name": "song"},
        "properties": {
            "key": {"type": "string", "xml": {"nodeType": "attribute"}},
            "title": {"type": "string", "xml": {"nodeType": "text"}},
        },
    }
    schema: Value = {"type": "array", "xml": {"nodeType": "element", "name": "songs"}, "items": item}
    songs: Value = [{"key": "C", "title": "One"}, {"key": "D", "title": "Two"}]
    assert (
        written(songs, schema, "3.2.0") == '<songs><song key="C">One</song><song key="D">Two</song></songs>'
    )


def test_a_component_that_is_no_node_takes_its_name_from_where_it_is_used() -> None:
    page: Value = {"xml": {"nodeType": "none"}, "properties": {"html": {"xml": {"nodeType": "cdata"}}}}
    schema: Value = {"xml": {"nodeType": "element", "name": "Draft"}, "$ref": "#/components/schemas/Page"}
    assert written({"html": "<p>"}, schema, "3.2.0", Page=page) == "<Draft><![CDATA[<p>]]></Draft>"


@pytest.mark.parametrize(
    ("version", "person", "expected"),
    [
        ("3.1.0", {}, "<owner><x>1</x></owner>"),
        ("3.1.0", {"xml": {"name": "human"}}, "<human><x>1</x></human>"),
        ("3.2.0", {}, "<Person><x>1</x></Person>"),
        ("3.2.0", {"xml": {"name": "human"}}, "<human><x>1</x></human>"),
    ],
)
def test_a_property_that_is_a_reference_is_named_as_its_version_says(
    version: str, person: Value, expected: str
) -> None:
    schema: Value = {
        "xml": {"name": "car"},
        "properties": {"owner": {"$ref": "#/components/schemas/Person"}},
    }
    assert written({"owner": {"x": 1}}, schema, version, Person=person) == f"<car>{expected}</car>"


def test_the_idiom_of_an_all_of_of_one_counts_as_a_reference() -> None:
    schema: Value = {
        "xml": {"name": "car"},
        "properties": {"owner": {"nullable": True, "allOf": [{"$ref": "#/components/schemas/Person"}]}},
    }
    assert written({"owner": {}}, schema, "3.0.3", Person={"xml": {"name": "human"}}) == "<car><human/></car>"


def test_a_base_does_not_name_what_is_derived_from_it() -> None:
    dog: Value = {"allOf": [{"$ref": "#/components/schemas/Animal"}], "properties": {"b": {}}}
    animal: Value = {"xml": {"name": "animal"}, "properties": {"a": {"xml": {"attribute": True}}}}
    sent = written({"a": 1, "b": 2}, {"$ref": "#/components/schemas/Dog"}, Dog=dog, Animal=animal)
    assert sent == '<Dog a="1"><b>2</b></Dog>'


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        (None, {"note": {"to": "A", "line": ["b", "c"]}}, "<note><to>A</to><line>b</line><line>c</line></note>"),
        ({"type": "object"}, {"note": {"to": "A"}}, "<note><to>A</to></note>"),
        ({"xml": {"name": "note"}}, {"note": {"to": "A"}}, "<note><to>A</to></note>"),
        ({"xml": {"name": "note"}}, {"to": {"a": 1}}, "<note><to><a>1</a></to></note>"),
        (
            {"properties": {"note": {"properties": {"to": {"xml": {"name": "T"}}}}}},
            {"note": {"to": 1}},
            "<note><T>1</T></note>",
        ),
    ],
)  # fmt: skip
def test_the_only_member_is_the_root_where_nothing_else_names_it(
    schema: Value, value: Value, expected: str
) -> None:
    assert written(value, schema) == expected


@pytest.mark.parametrize(
    ("schema", "value", "words"),
    [
        (None, {"a": 1, "b": 2}, "nothing names the root element"),
        (None, {}, "nothing names the root element"),
        (None, [1], "nothing names the root element"),
        (None, {"a": [1, 2]}, "would have 2 root elements"),
        (None, {"two words": 1}, "'two words' is no name that XML allows"),
        (None, {"1st": 1}, "'1st' is no name that XML allows"),
        (None, {"a><b": 1}, "no name that XML allows"),
        (None, {"a": "\x00"}, r"the character U\+0000, which no XML can hold"),
        (shelf({"xml": {"attribute": True}}), {"books": {"a": 1}}, "attribute 'books' cannot carry an object"),
        (shelf({"xml": {"nodeType": "text"}}), {"books": {"a": 1}}, "text of 'books' cannot be an object"),
        (shelf({"xml": {"prefix": "p"}}), {"books": 1}, "the prefix 'p' of 'books' has no namespace"),
        (shelf({"xml": {"attribute": True, "namespace": "urn:a"}}), {"books": 1}, "has a namespace and no prefix"),
    ],
)  # fmt: skip
def test_what_no_xml_can_be_made_of_is_refused_in_a_sentence(schema: Value, value: Value, words: str) -> None:
    with pytest.raises(BodyError, match=words):
        written(value, schema)


def test_a_body_too_deep_is_refused() -> None:
    value: Value = {}
    for _ in range(150):
        value = {"a": value}
    with pytest.raises(BodyError, match="nested too deeply"):
        written(value, None)


def test_a_file_in_an_element_of_format_byte_is_base64() -> None:
    value: Value = {"books": File("a.bin", b"\xff\x00")}
    assert written(value, shelf({"type": "string", "format": "byte"})) == "<shelf><books>/wA=</books></shelf>"


def test_the_declaration_names_the_character_set_that_is_sent() -> None:
    body = encode_body({"a": "é€"}, "text/xml; charset=iso-8859-1", None, boundary="mark")
    assert body.content == b'<?xml version="1.0" encoding="ISO-8859-1"?>\n<a>\xe9&#8364;</a>'
    with pytest.raises(BodyError, match="character set 'rot13' of the XML body is not known"):
        encode_body({"a": "b"}, "text/xml; charset=rot13", None, boundary="mark")


def test_a_text_is_sent_as_it_is() -> None:
    assert encode_body("<a/>", "application/xml", None, boundary="mark").content == b"<a/>"


_LEAVES = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="￾￿"), max_size=8
)
_NAMES = st.from_regex(r"[a-zé][a-z0-9.-]{0,5}", fullmatch=True)


@settings(max_examples=100)
@given(
    st.recursive(_LEAVES, lambda inner: st.dictionaries(_NAMES, inner, min_size=1, max_size=4), max_leaves=12)
)
def test_what_is_written_reads_back_as_what_was_given(value: Value) -> None:
    text = written({"root": value}, None)

    def read(element: ElementTree.Element) -> Value:
        if len(element):
            return {child.tag: read(child) for child in element}
        return element.text or ""

    assert read(ElementTree.fromstring(text)) == value


@settings(max_examples=100)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=4),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["xml", "name", "prefix", "namespace", "attribute", "wrapped", "nodeType", "$ref", "items", "a",
                     "properties", "allOf", "oneOf", "type", "prefixItems", "additionalProperties", "element", "none"]
                ),
                inner | st.just("#/components/schemas/S"),
                max_size=4,
            )
        ),
        max_leaves=20,
    )
)  # fmt: skip
def test_no_schema_however_broken_makes_anything_but_xml_or_a_sentence(schema: Value) -> None:
    values: tuple[Value, ...] = ({"a": {"name": [1, {"items": None}]}}, {"a": 1, "type": [2]}, [1])
    for value in values:
        try:
            ElementTree.fromstring(written(value, {"$ref": "#/components/schemas/S"}, S=schema))
        except BodyError:
            continue
