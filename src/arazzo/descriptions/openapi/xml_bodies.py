"""XML bodies from mappings, as the XML Objects of their schemas say (OpenAPI, XML Object).

One set of rules for every version: what 3.2 calls ``nodeType`` is read from ``attribute`` and ``wrapped`` where a
schema has those. Versions differ in one thing only: the name of a property whose schema is a ``$ref``. In 3.2 it is
that of the component, before it is that of the property.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple

from msgspec import Struct, field

from arazzo.descriptions.openapi.forms import FormError
from arazzo.descriptions.openapi.references import BrokenReference, Resolver, reference_of
from arazzo.descriptions.openapi.schemas import flat, types_of
from arazzo.patterns import pattern
from arazzo.source import Node
from arazzo.values import File, Value, to_text, type_name

_DEEPEST: Final = 100
_MOST_HOPS: Final = 50
_MOST_CHOICES: Final = 100
_SCHEMA_INSTANCE: Final = "http://www.w3.org/2001/XMLSchema-instance"
_START: Final = (
    "A-Za-z_\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_NAME: Final = pattern(rf"[{_START}][{_START}0-9.\-\u00B7\u0300-\u036F\u203F\u2040]*\Z")
_ILLEGAL: Final = pattern("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NODE_TYPES: Final = frozenset(("element", "attribute", "text", "cdata", "none"))


class XmlError(FormError):
    """A value cannot be written as XML. The text is a sentence for people."""


class _Markup(NamedTuple):
    """What a schema's XML Object says, with the defaults of its version filled in; ``name`` as written, if it is."""

    node_type: str | None
    name: str | None
    namespace: str | None
    prefix: str | None
    wrapped: bool
    component: str | None
    """The name of the component that the schema is or refers to."""


class _Content(Struct):
    """What an element holds, as it fills up, and the namespaces that hold inside it."""

    namespaces: dict[str, str]
    attributes: list[str] = field(default_factory=list)
    declared: dict[str, str] = field(default_factory=dict)
    parts: list[str] = field(default_factory=list)

    def bind(self, prefix: str, namespace: str) -> None:
        """Declare a namespace here, unless it holds already."""
        if self.namespaces.get(prefix) != namespace:
            self.namespaces = {**self.namespaces, prefix: namespace}
            self.declared[prefix] = namespace

    def written(self, name: str) -> str:
        attributes = [
            f'{f"xmlns:{prefix}" if prefix else "xmlns"}="{_attribute(namespace)}"'
            for prefix, namespace in self.declared.items()
        ]
        tag = " ".join([name, *attributes, *self.attributes])
        inside = "".join(self.parts)
        return f"<{tag}>{inside}</{name}>" if inside else f"<{tag}/>"


def encode_xml(
    value: Value,
    schema: Node | None,
    resolver: Resolver | None,
    charset: str = "UTF-8",
    inferred: str | None = None,
) -> str:
    """``value`` as an XML document, for a body whose schema is ``schema``.

    The root element is named by ``xml.name``, else by the component that the schema is, else it is ``inferred``. Where
    nothing names it, the only member of the mapping does. Members without a schema are elements of their own names,
    and a list repeats them.
    Null is an empty element with ``xsi:nil``, and no attribute. Raises ``XmlError``.
    """
    if schema is not None and resolver is None:
        resolver = Resolver(schema.tree, "")
    writer = _Writer(resolver)
    root = _Content({})
    writer.root(value, schema, inferred, root)
    return f'<?xml version="1.0" encoding="{charset}"?>\n{"".join(root.parts)}'


class _Writer:
    def __init__(self, resolver: Resolver | None) -> None:
        self._resolver = resolver

    def root(self, value: Value, schema: Node | None, inferred: str | None, into: _Content) -> None:
        """The one element that a document has."""
        markup = self._markup(schema, value)
        name = markup.name or markup.component or inferred
        only = next(iter(value)) if isinstance(value, dict) and len(value) == 1 else None
        if isinstance(value, dict) and only is not None:
            own = self._property(schema, only)
            if name is None or (only.lower() == name.lower() and own is None):
                # The mapping names the root element itself.
                self._node(own or (schema if name else None), value[only], name or only, into, 0)
                self._check_root(into)
                return
        if markup.node_type in ("attribute", "text", "cdata") or (
            name is None and not self._names_items(schema)
        ):
            raise XmlError(
                "nothing names the root element of the XML body: its schema has no xml.name and is no component;"
                " give the payload one member, named like the root element, or write it as XML text"
            )
        if isinstance(value, list) and name is not None and not markup.wrapped and markup.node_type is None:
            # A document has one root, so an array that is one must be wrapped, whatever the default is.
            self._element(schema, value, markup, name, into, 0)
        else:
            self._node(schema, value, name, into, 0)
        self._check_root(into)

    @staticmethod
    def _check_root(into: _Content) -> None:
        if len(into.parts) != 1:
            raise XmlError(f"the XML body would have {len(into.parts)} root elements, and must have one")

    def _names_items(self, schema: Node | None) -> bool:
        return any(self._markup(item, None).name for item in self._words(schema, "items"))

    def _node(
        self, schema: Node | None, value: Value, inferred: str | None, into: _Content, depth: int
    ) -> None:
        """``value`` as the nodes that its schema makes of it, put into the element around it."""
        if depth > _DEEPEST:
            raise XmlError("the body is nested too deeply to be sent as XML")
        markup = self._markup(schema, value)
        name = markup.name or (markup.component if self._by_component(schema) else None)
        name = name or inferred or markup.component
        if isinstance(value, list) and not self._is_array(schema):
            for element in value:
                self._node(schema, element, inferred, into, depth + 1)
            return
        match markup.node_type or ("none" if isinstance(value, list) and not markup.wrapped else "element"):
            case "attribute":
                self._attribute(value, markup, name, into)
            case "text":
                into.parts.append(_text(self._scalar(schema, value, name)))
            case "cdata":
                text = _legal(self._scalar(schema, value, name)).replace("]]>", "]]]]><![CDATA[>")
                into.parts.append(f"<![CDATA[{text}]]>")
            case "none":
                self._inside(schema, value, inferred, into, depth)
            case _:
                self._element(schema, value, markup, name, into, depth)

    def _element(
        self, schema: Node | None, value: Value, markup: _Markup, name: str | None, into: _Content, depth: int
    ) -> None:
        content = _Content(into.namespaces)
        tag = _qualified(markup, name, content)
        if value is None:
            content.bind("xsi", _SCHEMA_INSTANCE)
            content.attributes.append('xsi:nil="true"')
        else:
            self._inside(schema, value, name, content, depth)
        into.parts.append(content.written(tag))

    def _attribute(self, value: Value, markup: _Markup, name: str | None, into: _Content) -> None:
        if value is None:
            return
        if isinstance(value, (list, dict)):
            raise XmlError(f"the XML attribute {name!r} cannot carry {_article(type_name(value))}")
        if markup.namespace and not markup.prefix:
            raise XmlError(f"the XML attribute {name!r} has a namespace and no prefix, which it needs")
        tag = _qualified(markup, name, into)
        into.attributes.append(f'{tag}="{_attribute(_plain(value))}"')

    def _inside(
        self, schema: Node | None, value: Value, name: str | None, into: _Content, depth: int
    ) -> None:
        """What stands inside the element of ``value``; ``name`` is what elements of a list go by."""
        match value:
            case dict():
                for key, member in value.items():
                    self._node(self._member(schema, key), member, key, into, depth + 1)
            case list():
                first = [item for parts in self._words(schema, "prefixItems") for item in parts.elements()]
                rest = next(self._words(schema, "items"), None)
                for index, element in enumerate(value):
                    item = first[index] if index < len(first) else rest
                    self._node(item, element, name, into, depth + 1)
            case _:
                into.parts.append(_text(self._scalar(schema, value, name)))

    def _scalar(self, schema: Node | None, value: Value, name: str | None) -> str:
        if isinstance(value, (list, dict)):
            raise XmlError(f"the XML text of {name!r} cannot be {_article(type_name(value))}")
        if isinstance(value, (bytes, File)) and self._is_base64(schema):
            raw = value.content if isinstance(value, File) else value
            return base64.b64encode(raw).decode("ascii")
        return _plain(value)

    # --- what the schemas say

    def _markup(self, schema: Node | None, value: Value) -> _Markup:
        """The XML Object of ``schema``; what it leaves out, what it refers to says."""
        found: dict[str, Value] = {}
        component: str | None = None
        for part in self._chain(schema):
            if len(part.path) > 1 and part.path[-2] in ("schemas", "definitions", "$defs"):
                component = str(part.path[-1])
            xml = part.get("xml")
            if xml is not None and isinstance(xml.value, dict):
                found = {**xml.value, **found}
        node_type = found.get("nodeType")
        if not isinstance(node_type, str) or node_type not in _NODE_TYPES:
            node_type = "attribute" if found.get("attribute") is True else None
        wrapped = found.get("wrapped") is True and isinstance(value, list)
        return _Markup(
            node_type,
            _word(found, "name"),
            _word(found, "namespace"),
            _word(found, "prefix"),
            wrapped,
            component,
        )

    def _chain(self, schema: Node | None) -> Iterator[Node]:
        """``schema`` and what it refers to: by ``$ref``, or an unnamed one by an ``allOf`` of one (an idiom of 3.0)."""
        here = schema
        for _ in range(_MOST_HOPS):
            if here is None or not isinstance(here.value, dict):
                return
            yield here
            if reference_of(here) is not None:
                here = self._followed(here)
                continue
            together = here.get("allOf")
            unnamed = len(here.path) < 2 or here.path[-2] not in ("schemas", "definitions", "$defs")
            parts = tuple(together.elements()) if together is not None and unnamed else ()
            here = parts[0] if len(parts) == 1 and here.get("properties") is None else None

    def _followed(self, node: Node) -> Node | None:
        assert self._resolver is not None
        try:
            return self._resolver.follow(node)
        except BrokenReference:
            return None

    def _by_component(self, schema: Node | None) -> bool:
        """Whether a ``$ref`` names by its component before its property: since OpenAPI 3.2."""
        root = schema.tree.root if schema is not None else None
        version = str(root.get("openapi", "")) if isinstance(root, dict) else ""
        return version.startswith("3.") and not version.startswith(("3.0", "3.1"))

    def _member(self, schema: Node | None, name: str) -> Node | None:
        found = self._property(schema, name)
        if found is None:
            more = next(self._words(schema, "additionalProperties"), None)
            found = more if more is not None and isinstance(more.value, dict) else None
        return found

    def _property(self, schema: Node | None, name: str) -> Node | None:
        for properties in self._words(schema, "properties"):
            found = properties.get(name)
            if found is not None:
                return found
        return None

    def _words(self, schema: Node | None, word: str) -> Iterator[Node]:
        """Every ``word`` of ``schema``: of what holds along with it first, then of its alternatives."""
        if schema is None or self._resolver is None:
            return
        parts = list(flat(schema, self._resolver))
        either = (
            choice for part in parts for key in ("oneOf", "anyOf") for choice in _elements(part.get(key))
        )
        for choice in tuple(islice(either, _MOST_CHOICES)):
            parts.extend(flat(choice, self._resolver))
        for part in parts:
            found = part.get(word)
            if found is not None:
                yield found

    def _is_array(self, schema: Node | None) -> bool:
        if schema is None or self._resolver is None:
            return False
        if any(True for word in ("items", "prefixItems") for _ in self._words(schema, word)):
            return True
        return "array" in types_of(schema, self._resolver)

    def _is_base64(self, schema: Node | None) -> bool:
        for word, marks in (("format", ("byte", "binary")), ("contentEncoding", ("base64",))):
            if any(found.value in marks for found in self._words(schema, word)):
                return True
        return False


def _elements(node: Node | None) -> Iterator[Node]:
    return node.elements() if node is not None else iter(())


def _word(found: dict[str, Value], key: str) -> str | None:
    value = found.get(key)
    return value if isinstance(value, str) and value else None


def _qualified(markup: _Markup, name: str | None, content: _Content) -> str:
    """The name with its prefix, whose namespace is declared in ``content`` where it does not hold already."""
    if name is None:
        raise XmlError("nothing names an element of the XML body; its schema needs an xml.name")
    for part in (name, markup.prefix):
        if part is not None and not _NAME.match(part):
            raise XmlError(f"{part!r} is no name that XML allows; give its schema an xml.name")
    if markup.namespace is not None:
        content.bind(markup.prefix or "", markup.namespace)
    elif markup.prefix is not None and markup.prefix not in content.namespaces:
        raise XmlError(f"the prefix {markup.prefix!r} of {name!r} has no namespace; its XML Object needs one")
    return f"{markup.prefix}:{name}" if markup.prefix else name


def _plain(value: Value) -> str:
    return "" if value is None else to_text(value)


def _legal(text: str) -> str:
    found = _ILLEGAL.search(text)
    if found is not None:
        raise XmlError(f"the body holds the character U+{ord(found[0]):04X}, which no XML can hold")
    return text


def _text(text: str) -> str:
    escaped = _legal(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace("\r", "&#13;")


def _attribute(text: str) -> str:
    escaped = _text(text).replace('"', "&quot;")
    return escaped.replace("\t", "&#9;").replace("\n", "&#10;")


def _article(noun: str) -> str:
    return f"an {noun}" if noun[:1] in "aeiou" else f"a {noun}"
