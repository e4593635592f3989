"""XML text -> a tree, with everything switched off that reaches outside the text or grows beyond it."""

from __future__ import annotations

import re
from functools import lru_cache
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from arazzo.query.errors import MissingExtraError, QueryError
from arazzo.records import Record
from arazzo.values import File, Maybe, Value, type_name

if TYPE_CHECKING:
    from lxml.etree import _Element

INSTALL: Final = "XPath needs the XML extra: pip install 'arazzo[xml]'"

_PROLOG: Final = re.compile(rb"\s*(?:<\?xml.*?\?>|<!--.*?-->|<\?.*?\?>|\s)*(<!DOCTYPE)?", re.DOTALL)


class Xml(Record, frozen=True):
    """A parsed document; ``namespaces`` are the prefixes it declares, the outermost of each name."""

    aside = ("root",)

    root: _Element
    namespaces: tuple[tuple[str, str], ...]
    elements: int
    depth: int


class Place(Struct, frozen=True):
    """An element, or an attribute or the text of one: what a replacement changes."""

    element: _Element
    attribute: str | None = None


def need_xml() -> None:
    """Raise ``MissingExtraError`` unless the packages of the extra are installed."""
    try:
        import elementpath  # noqa: F401
        import lxml.etree  # noqa: F401
    except ImportError:
        raise MissingExtraError(INSTALL) from None


def parse_xml(value: Maybe, *, comments: bool = True) -> Xml:
    """Parse a context, which must be XML text or bytes; raises ``QueryError`` for any other value.

    Without ``comments`` the tree has no comments and no processing instructions, and text around one is one text.
    """
    match value:
        case str():
            return _parse(_encoded(value), "utf-8", comments)
        case bytes():
            return _parse(value, None, comments)
        case File(content=content):
            return _parse(content, None, comments)
        case _:
            raise QueryError(f"XPath applies to XML text, and the context is of type {type_name(value)}")


def parse_fresh(text: str) -> Xml:
    """Parse ``text`` to a tree of the caller's own, which it may change."""
    return _parse.__wrapped__(_encoded(text), "utf-8", True)


def _encoded(text: str) -> bytes:
    return text.lstrip("\ufeff \t\r\n").encode("utf-8", "replace")


@lru_cache(maxsize=4)
def _parse(raw: bytes, encoding: str | None, comments: bool) -> Xml:
    try:
        from lxml import etree
    except ImportError:
        raise MissingExtraError(INSTALL) from None
    prolog = _PROLOG.match(raw)
    if prolog and prolog[1]:
        raise QueryError("the XML has a document type declaration, which is refused")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=not comments,
        remove_pis=not comments,
        encoding=encoding,
    )
    try:
        root = etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as error:
        raise QueryError(f"the text is no well-formed XML: {error.msg}") from None
    except ValueError as error:
        raise QueryError(f"the text is no well-formed XML: {error}") from None
    namespaces: dict[str, str] = {}
    elements, depth, here = 0, 0, 0
    for event, element in etree.iterwalk(root, events=("start", "end", "start-ns")):
        if event == "start-ns":
            prefix, uri = element
            if prefix:
                namespaces.setdefault(str(prefix), str(uri))
        elif event == "start":
            elements, here = elements + 1, here + 1
            depth = max(depth, here)
        else:
            here -= 1
    return Xml(root, tuple(namespaces.items()), elements, depth)


def number_value(number: float) -> Value:
    """A number of XPath as a JSON value; what JSON has no number for is text, as XPath writes it."""
    if not isfinite(number):
        return "NaN" if number != number else "INF" if number > 0 else "-INF"
    return int(number) if number.is_integer() else number


def string_value(element: Any) -> str:
    """The string-value of an element: the text in it, without comments and processing instructions."""
    from lxml import etree

    return str(etree.XPath("string()")(element))
