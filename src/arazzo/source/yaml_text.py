"""YAML text -> tree, on libyaml's events.

Events, not PyYAML's composer: they cost a third of it, keep the scalars' style (which YAML 1.2's rules need)
and their marks, and leave depth and alias expansion for us to bound.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final, Protocol, cast

from msgspec import Struct
from yaml._yaml import CParser
from yaml.error import MarkedYAMLError, YAMLError
from yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
)

from arazzo import codes
from arazzo.diagnostics import Code, Diagnostic
from arazzo.errors import DocumentError
from arazzo.patterns import pattern
from arazzo.source.offsets import Offsets
from arazzo.source.tokens import after_properties, scalar_end
from arazzo.source.tree import MOST_DUPLICATES, Limits, Tree, over_limit
from arazzo.values import Value

_OCTAL: Final = pattern(r"0o[0-7]+\Z")
_HEXADECIMAL: Final = pattern(r"0x[0-9a-fA-F]+\Z")
_CONSTANTS: Final[dict[str, Value]] = {
    "": None,
    "~": None,
    **dict.fromkeys(("null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMBER_START: Final = frozenset("0123456789+-.")
_OF_NUMBERS: Final = frozenset("0123456789+-.eE")
_CORE: Final = "tag:yaml.org,2002:"
_LONGEST_NUMBER: Final = 4000
"""Characters; Python refuses to read longer ones."""
_LARGEST_FLOAT: Final = 2**1023
_OLD_BREAKS: Final = "\x85\u2028\u2029"

# Typed as plain objects: they are only ever compared with an event's class, which is faster than isinstance.
_SCALAR: Final[object] = ScalarEvent
_ALIAS: Final[object] = AliasEvent
_MAPPING: Final[object] = MappingStartEvent
_MAPPING_END: Final[object] = MappingEndEvent
_SEQUENCE_END: Final[object] = SequenceEndEvent
_STREAM_END: Final[object] = StreamEndEvent


class _Mark(Protocol):
    index: int


class _Event(Protocol):
    """What this module reads of libyaml's events; which of them an event has depends on its class."""

    start_mark: _Mark
    end_mark: _Mark
    anchor: str | None
    tag: str | None
    value: str
    style: str | None
    flow_style: bool


class _Anchored(Struct, frozen=True):
    """What an alias stands for: the value, how many values are in it, and how deep it nests."""

    value: Value
    nodes: int
    height: int


def resolve_scalar(text: str) -> Value:
    """A plain scalar's value under the YAML 1.2 core schema.

    What JSON has no number for (``.inf``, ``.nan``, ``1e999``) stays text.
    """
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[0] in _NUMBER_START:
        if len(text) > _LONGEST_NUMBER:
            return text
        if _OF_NUMBERS.issuperset(text):
            # Of these characters alone, Python's numbers are the schema's.
            return _number(text)
        if text.startswith("0o") and _OCTAL.match(text):
            return int(text[2:], 8)
        if text.startswith("0x") and _HEXADECIMAL.match(text):
            return int(text[2:], 16)
    return text


def _number(text: str) -> Value:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        number = float(text)
    except ValueError:
        return text
    return text if math.isinf(number) else number


def parse_yaml(text: str, file: str, limits: Limits) -> Tree:
    """Read YAML ``text``. Raises ``DocumentError`` for what is no YAML, over a limit or not one document."""
    tree = Tree(file, text, None, Offsets())
    try:
        builder = _Builder(tree, limits)
        try:
            tree.root = builder.document()
        finally:
            builder.close()
    except YAMLError as error:
        raise DocumentError([_syntax(tree, error)]) from None
    except RecursionError:
        raise over_limit(tree, f"nested deeper than {limits.depth} levels", "depth") from None
    tree.diagnostics = tuple(builder.found)
    return tree


class _Builder:
    """Turns the events of one text into values, noting the offset of each as it goes."""

    def __init__(self, tree: Tree, limits: Limits) -> None:
        self._tree, self._limits = tree, limits
        text, restore = _without_old_breaks(tree.text)
        self._parser = CParser(text)
        self._event = cast("Callable[[], _Event]", self._parser.get_event)
        if restore:
            self._event = _restoring(self._event, restore)
        self._offsets = tree.places()
        self._anchors: dict[str, _Anchored] = {}
        self._nodes = 0
        self._deepest = 0
        # Offsets are kept by identity, so a value that is dropped must not free its own for a later one.
        self._dropped: list[Value] = []
        self.found: list[Diagnostic] = []

    def close(self) -> None:
        self._parser.dispose()

    def document(self) -> Value:
        self._event()
        if self._event().__class__ is _STREAM_END:
            return None
        start = self._event()
        self._offsets.root = self._start(start)
        value = self._node(start, 0)
        self._event()
        after = self._event()
        if after.__class__ is not _STREAM_END:
            raise self._error(
                codes.SYNTAX, after, "a second YAML document begins here", "keep one document in a file"
            )
        return value

    def _start(self, event: _Event) -> int:
        """Where the content begins, behind an anchor and a tag."""
        at = event.start_mark.index
        properties = event.__class__ is not _ALIAS and (event.anchor or event.tag)
        return after_properties(self._tree.text, at) if properties else at

    def _node(self, event: _Event, depth: int) -> Value:
        self._count(1, event)
        kind = event.__class__
        if kind is _SCALAR:
            plain = event.tag is None and not event.style
            value = resolve_scalar(event.value) if plain else self._tagged(event)
            if event.anchor:
                self._anchors[event.anchor] = _Anchored(value, 1, 0)
            return value
        if kind is _ALIAS:
            return self._alias(event, depth)
        if event.tag not in (None, "!", _CORE + "map", _CORE + "seq"):
            raise self._bad_tag(event)
        if not event.anchor:
            return self._container(event, depth)
        before, deepest = self._nodes, self._deepest
        self._deepest = depth
        container = self._container(event, depth)
        self._anchors[event.anchor] = _Anchored(container, self._nodes - before + 1, self._deepest - depth)
        self._deepest = max(deepest, self._deepest)
        return container

    def _container(self, event: _Event, depth: int) -> Value:
        self._reach(depth + 1, event)
        members = self._mapping if event.__class__ is _MAPPING else self._sequence
        container, end = members(depth + 1)
        if event.flow_style:
            self._offsets.flow[id(container)] = end
        return container

    def _mapping(self, depth: int) -> tuple[Value, int]:
        members: dict[str, Value] = {}
        places: dict[str, tuple[int, int]] = {}
        merges: list[tuple[_Event, Value]] = []
        event = self._event
        while (key_event := event()).__class__ is not _MAPPING_END:
            key = self._key(key_event)
            value_event = event()
            value = self._node(value_event, depth)
            if key in members:
                if len(self.found) < MOST_DUPLICATES:
                    self.found.append(self._duplicate(key, key_event, places[key][0]))
                self._dropped.append(value)
            elif key == "<<" and not key_event.style and isinstance(value, (dict, list)):
                merges.append((key_event, value))
            else:
                places[key] = (self._start(key_event), self._start(value_event))
                members[key] = value
        for merge, value in merges:
            self._merge(merge, value, members, places)
        self._offsets.members[id(members)] = places
        return members, key_event.end_mark.index

    def _merge(
        self, event: _Event, value: Value, members: dict[str, Value], places: dict[str, tuple[int, int]]
    ) -> None:
        """Do what YAML 1.1's merge key means; 1.2 has none, so it is a kindness."""
        self._dropped.append(value)
        sources = value if isinstance(value, list) else [value]
        for source in sources:
            if not isinstance(source, dict):
                raise self._error(codes.SYNTAX, event, "a merge key whose value is no mapping")
            self._count(len(source), event)
            known = self._offsets.members[id(source)]
            for key, member in source.items():
                if key not in members:
                    members[key], places[key] = member, known[key]
        span = self._tree.span(event.start_mark.index, event.end_mark.index)
        self.found.append(
            codes.MERGE_KEY.at(
                span, "the merge key << is of YAML 1.1; YAML 1.2 has none", "write the members out"
            )
        )

    def _sequence(self, depth: int) -> tuple[Value, int]:
        elements: list[Value] = []
        places: list[int] = []
        event = self._event
        while (element := event()).__class__ is not _SEQUENCE_END:
            places.append(self._start(element))
            elements.append(self._node(element, depth))
        self._offsets.elements[id(elements)] = places
        return elements, element.end_mark.index

    def _key(self, event: _Event) -> str:
        """A key is the text of its scalar: ``200:``, ``on:`` and ``null:`` are strings."""
        if event.__class__ is _ALIAS:
            value = self._alias(event, 0)
            if isinstance(value, str):
                return value
        if event.__class__ is not _SCALAR:
            raise self._error(
                codes.SYNTAX,
                event,
                "a mapping key that is not a scalar",
                "quote the key if it is meant as text",
            )
        if event.tag is not None:
            self._tagged(event)
        if event.anchor:
            self._anchors[event.anchor] = _Anchored(event.value, 1, 0)
        return event.value

    def _tagged(self, event: _Event) -> Value:
        tag, text = event.tag, event.value
        if tag is None or tag in ("!", _CORE + "str"):
            return text
        value = resolve_scalar(text)
        fits = {
            _CORE + "int": isinstance(value, int) and not isinstance(value, bool),
            _CORE + "float": isinstance(value, (int, float)) and not isinstance(value, bool),
            _CORE + "bool": isinstance(value, bool),
            _CORE + "null": value is None,
        }.get(tag)
        if fits is None:
            raise self._bad_tag(event)
        if not fits:
            raise self._error(codes.TAG, event, f"{text!r} is no {tag.removeprefix(_CORE)}")
        if tag == _CORE + "float" and isinstance(value, int):
            return float(value) if abs(value) < _LARGEST_FLOAT else value
        return value

    def _alias(self, event: _Event, depth: int) -> Value:
        anchored = self._anchors.get(event.anchor or "")
        if anchored is None:
            raise self._error(
                codes.SYNTAX, event, f"the alias *{event.anchor} names no finished anchor before it"
            )
        self._count(anchored.nodes - 1, event)
        self._reach(depth + anchored.height, event)
        return anchored.value

    def _count(self, nodes: int, event: _Event) -> None:
        self._nodes += nodes
        if self._nodes > self._limits.nodes:
            raise self._over(
                event, f"more than {self._limits.nodes:,} values after expanding aliases", "nodes"
            )

    def _reach(self, depth: int, event: _Event) -> None:
        if depth > self._deepest:
            self._deepest = depth
            if depth > self._limits.depth:
                raise self._over(event, f"nested deeper than {self._limits.depth} levels", "depth")

    def _over(self, event: _Event, message: str, name: str) -> DocumentError:
        return over_limit(self._tree, message, name, event.start_mark.index)

    def _error(self, code: Code, event: _Event, message: str, hint: str | None = None) -> DocumentError:
        start, end = event.start_mark.index, event.end_mark.index
        return DocumentError([code.at(self._tree.span(start, end), message, hint)])

    def _bad_tag(self, event: _Event) -> DocumentError:
        return self._error(
            codes.TAG,
            event,
            f"the tag {(event.tag or '').replace(_CORE, '!!')} is not allowed",
            "remove it, or quote the value",
        )

    def _duplicate(self, key: str, event: _Event, first: int) -> Diagnostic:
        text = self._tree.text
        return codes.DUPLICATE_KEY.at(
            self._tree.span(self._start(event), event.end_mark.index),
            f"the key `{key}` stands twice in one mapping",
            "keep one of them",
            [
                (
                    "the first one is here",
                    self._tree.span(first, scalar_end(text, first, flow=False, key=True)),
                )
            ],
        )


def _without_old_breaks(text: str) -> tuple[str, dict[int, str]]:
    """``text`` with stand-ins for the characters that are line breaks to libyaml, which reads YAML 1.1, and no
    longer to YAML 1.2; and the table that brings them back."""
    found = [char for char in _OLD_BREAKS if char in text]
    if not found:
        return text, {}
    unused = (char for char in map(chr, range(0xE000, 0xF900)) if char not in text)
    stand_ins = {ord(char): stand_in for char, stand_in in zip(found, unused, strict=False)}
    return text.translate(stand_ins), {ord(stand_in): chr(char) for char, stand_in in stand_ins.items()}


def _restoring(next_event: Callable[[], _Event], restore: dict[int, str]) -> Callable[[], _Event]:
    def event() -> _Event:
        found = next_event()
        if found.__class__ is _SCALAR:
            found.value = found.value.translate(restore)
        return found

    return event


def _syntax(tree: Tree, error: YAMLError) -> Diagnostic:
    problem = str(getattr(error, "reason", error))
    at: int | None = getattr(error, "position", None)
    related = []
    if isinstance(error, MarkedYAMLError):
        problem = ", ".join(part for part in (error.context, error.problem) if part)
        at = error.problem_mark.index if error.problem_mark else None
        began = error.context_mark.index if error.context and error.context_mark else None
        if at is not None and began is not None and began < at:
            related = [("it begins here", tree.span(began, began + 1))]
    at = min(at or 0, max(len(tree.text) - 1, 0))
    span = tree.span(at, at + 1)
    hint = _hint(problem, tree.text[at : at + 1], span.excerpt[: span.column])
    return codes.SYNTAX.at(span, f"not YAML: {problem}", hint, related)


def _hint(problem: str, char: str, before: str) -> str | None:
    """What mends the YAML mistakes that Arazzo authors make; ``before`` is the line up to the place."""
    if char == "\t" or ("start any token" in problem and "\t" in before):
        return "YAML is indented with spaces; a tab is not allowed there"
    if "start any token" in problem:
        return f"quote a text that begins with {char}"
    if "escape character" in problem:
        return "inside double quotes a backslash is written \\\\; single quotes leave it alone"
    if "{$" in before:
        return "quote a text that begins with an expression in braces: '{$…}…'"
    if "mapping values" in problem:
        return "quote a text that holds ': '; or check the indentation"
    return None
