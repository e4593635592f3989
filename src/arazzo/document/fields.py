"""The means by which ``read`` says what the specification's tables say: one call for each field of an object.

Whatever is wrong with a field becomes a finding, and the call gives what can still be had: the type's empty value
for a required field, None for an optional one. A field that no call asked for is one the specification does not
know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Final, TypeAlias, TypeVar

from msgspec.structs import replace

from arazzo import codes
from arazzo.diagnostics import Code, Span, nearest
from arazzo.document.reading import MOST_FINDINGS, Reading
from arazzo.source import Node
from arazzo.values import Value, is_number

T = TypeVar("T")
Choice = TypeVar("Choice", bound=str)


Reader: TypeAlias = Callable[[Reading, Node], "T | None"]
"""Reads one value; None when it is of the wrong type, which has then been reported."""


def type_in_words(value: Value) -> str:
    """What ``value`` is, as a message says it."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "a boolean"
        case str():
            return "text"
        case list():
            return "a list"
        case dict():
            return "a mapping"
        case _:
            return "a number"


def specified(name: str) -> Callable[[Callable[[Fields], T]], Reader[T]]:
    """Makes a reader of a function that reads the fields of the object that the specification calls ``name``."""

    def decorate(read: Callable[[Fields], T]) -> Reader[T]:
        def reader(reading: Reading, node: Node) -> T | None:
            if isinstance(node.value, dict):
                return read(Fields(reading, node, name))
            hint = _CONDITION_HINT if name == "Criterion Object" and isinstance(node.value, str) else None
            message = f"{article(name)} is a mapping, not {type_in_words(node.value)}"
            reading.report(codes.WRONG_TYPE, name, node.span(), message, hint)
            return None

        return reader

    return decorate


def article(name: str) -> str:
    """``name`` with its indefinite article."""
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


_CONDITION_HINT: Final = "write it as `condition: …`"
_MISPLACED: Final[Mapping[tuple[str, str], str]] = {
    ("Success Action Object", "condition"): "put it into `criteria`, as a list of `condition: …`",
    ("Failure Action Object", "condition"): "put it into `criteria`, as a list of `condition: …`",
    ("Request Body Object", "content"): "`contentType` and `payload` say what is sent",
    ("Criterion Object", "value"): "a `condition` is a whole comparison, such as `$statusCode == 200`",
    ("Parameter Object", "in: body"): "what goes into the body is the `payload` of the step's `requestBody`",
    ("Selector Object", "expression"): "the expression goes into `context`",
    ("Step Object", "inputs"): "values for a called workflow go into `parameters`",
}


_SOURCE_WORDS: Final = (
    "sourceDescription",
    "sourceDescriptions",
    "sourceDescriptionName",
    "source",
    "sourceName",
)
"""Fields that steps do not have, and that some give them to say where the operation is found."""


class Fields:
    """The fields of one object of a document, by the name the specification gives the object."""

    def __init__(self, reading: Reading, at: Node, name: str) -> None:
        self.reading, self.at, self.name = reading, at, name
        self._asked: list[str] = []

    def report(
        self,
        code: Code,
        span: Span,
        message: str,
        hint: str | None = None,
        related: Iterable[tuple[str, Span]] = (),
    ) -> None:
        """Add a finding about this object."""
        self.reading.report(code, self.name, span, message, hint, related)

    def did_you_mean(self, text: str, known: Iterable[str]) -> str | None:
        """A hint that suggests the nearest of ``known``, or None."""
        meant = None if self.reading.full else nearest(text, islice(known, MOST_FINDINGS), 0.7)
        return f"did you mean `{meant}`?" if meant else None

    def has(self, key: str) -> bool:
        """Whether the author wrote the field, whatever it holds."""
        return self.at.get(key) is not None

    def value_node(self, key: str) -> Node:
        """The field's value where there is one, and otherwise the object: where a finding about it points."""
        return self.at.get(key) or self.at

    def value_span(self, key: str) -> Span:
        """The place of ``value_node``."""
        return self.value_node(key).span()

    def value(self, key: str, *, since: int = 0) -> Node | None:
        """A field that takes any value; ``since`` is the minor version that brought it."""
        self._asked.append(key)
        node = self.at.get(key)
        if node is not None and since > self.reading.minor:
            message = f"`{key}` is a field of Arazzo 1.{since}, the document says 1.{self.reading.minor}"
            self.report(codes.LATER_FIELD, node.key_span(), message, f"say `arazzo: 1.{since}.0`")
        return node

    def required_value(self, key: str) -> Node:
        """A required field that takes any value; a node that holds null where it is missing."""
        node = self.value(key)
        if node is None:
            self._missing(key)
            return Node(self.at.tree, None, (*self.at.path, key))
        return node

    def text(self, key: str, *, since: int = 0) -> str | None:
        """An optional text that a run reads; an empty one counts as absent."""
        text = self._text(self._present(key, since), key)
        if text == "":
            self.report(codes.EMPTY_FIELD, self.value_node(key).key_span(), f"`{key}` is empty", _LEAVE_OUT)
            return None
        return text

    def required_text(self, key: str, *, blank: bool = False) -> str:
        """A required text that a run cannot do without; ``blank`` when it may be empty."""
        text = self._text(self._required(key), key)
        if text == "" and not blank:
            message = f"`{key}` of {article(self.name)} must not be empty"
            self.report(codes.WRONG_VALUE, self.value_node(key).span(), message)
        return text or ""

    def prose(self, key: str) -> str | None:
        """An optional text that is for people; nothing wrong with it keeps a document from being run."""
        return self._text(self._present(key), key, runnable=True)

    def required_prose(self, key: str) -> str:
        """A required text that is for people; nothing wrong with it keeps a document from being run."""
        return self._text(self._required(key, runnable=True), key, runnable=True) or ""

    def choice(
        self, key: str, allowed: tuple[Choice, ...], *, later: tuple[Choice, ...] = (), since: int = 0
    ) -> Choice | None:
        """An optional text out of ``allowed``, or out of ``later``, which 1.1 brought."""
        return self._choose(self.text(key, since=since), key, allowed, later)

    def required_choice(self, key: str, allowed: tuple[Choice, ...]) -> Choice | None:
        """A required text out of ``allowed``; None where it is missing or another."""
        return self._choose(self.required_text(key) or None, key, allowed, ())

    def number(self, key: str) -> float | None:
        """An optional number that is not negative."""
        node = self._present(key)
        if node is None or not self._is_number(node, key, "a number", is_number(node.value)):
            return None
        return node.value if isinstance(node.value, (int, float)) else None

    def integer(self, key: str, *, since: int = 0) -> int | None:
        """An optional integer that is not negative."""
        node = self._present(key, since)
        whole = node is not None and isinstance(node.value, int) and not isinstance(node.value, bool)
        if node is None or not self._is_number(node, key, "an integer", whole):
            return None
        return node.value if isinstance(node.value, int) else None

    def one(self, key: str, read: Reader[T], *, since: int = 0) -> T | None:
        """An optional field that takes one object."""
        node = self._present(key, since)
        return None if node is None else read(self.reading, node)

    def required_one(self, key: str, read: Reader[T], *, runnable: bool = False) -> T | None:
        """A required field that takes one object; ``runnable`` when a run can do without."""
        node = self._required(key, runnable=runnable)
        return None if node is None else read(self.reading, node)

    def each(
        self, key: str, read: Reader[T], *, since: int = 0, required: bool = False, filled: bool = False
    ) -> tuple[T, ...]:
        """A list of what ``read`` reads; ``filled`` when it must have an entry if it is there."""
        node = self._required(key) if required else self._present(key, since)
        if node is None:
            return ()
        if not isinstance(node.value, list):
            self._wrong_type(node, key, "a list", "begin each entry with `- `" if node.value else None)
            return ()
        if filled and not node.value:
            message = f"`{key}` of {article(self.name)} must have at least one entry"
            hint = None if required else "leave the field out"
            self.report(codes.EMPTY_LIST, node.key_span(), message, hint)
        read_entries = (read(self.reading, entry) for entry in node.elements())
        return tuple(entry for entry in read_entries if entry is not None)

    def named(self, key: str, read: Reader[T]) -> dict[str, T]:
        """A map from names to what ``read`` reads."""
        node = self._present(key)
        if node is None:
            return {}
        if not isinstance(node.value, dict):
            hint = "name each entry: `name: …`, without `- `" if isinstance(node.value, list) else None
            self._wrong_type(node, key, "a mapping", hint)
            return {}
        read_members = ((name, read(self.reading, member)) for name, member in node.items())
        return {name: member for name, member in read_members if member is not None}

    def extensions(self) -> dict[str, Value]:
        """The ``x-`` fields. Called last: what was not asked for until now is reported as unknown."""
        kept: dict[str, Value] = {}
        for key, node in self.at.items():
            if key.startswith("x-"):
                kept[key] = node.value
            elif key in self._asked:
                continue
            elif self.reading.full:
                self.reading.leave_out()
            else:
                hint = (
                    _MISPLACED.get((self.name, key))
                    or self._named_source(key, node.value)
                    or self.did_you_mean(key, self._asked)
                )
                message = f"{article(self.name)} has no field `{key}`"
                self.report(codes.UNKNOWN_FIELD, node.key_span(), message, hint)
        return kept

    def _named_source(self, key: str, value: Value) -> str | None:
        """What to write in place of a field of a step that names the source of its operation, or its workflow."""
        if self.name != "Step Object" or key not in _SOURCE_WORDS:
            return None
        name = value if isinstance(value, str) and value else "NAME"
        name = name.removeprefix("$sourceDescriptions.").removesuffix(".url")
        for field, example in (("operationId", "OPERATION"), ("workflowId", "WORKFLOW")):
            node = self.at.get(field)
            if node is not None:
                written = node.value if isinstance(node.value, str) and node.value else example
                return f"write `{field}: $sourceDescriptions.{name}.{written}`" if written[0] != "$" else None
        return None

    def _present(self, key: str, since: int = 0) -> Node | None:
        """The field, unless it is absent or null, as YAML reads ``key:`` with nothing behind it."""
        node = self.value(key, since=since)
        if node is not None and node.value is None:
            self.report(codes.EMPTY_FIELD, node.key_span(), f"`{key}` has no value", _LEAVE_OUT)
            return None
        return node

    def _required(self, key: str, *, runnable: bool = False) -> Node | None:
        node = self.value(key)
        if node is None or node.value is None:
            self._missing(key, runnable=runnable)
            return None
        return node

    def _missing(self, key: str, *, runnable: bool = False) -> None:
        node = self.at.get(key)
        if node is not None:
            message = f"`{key}` of {article(self.name)} has no value"
            self._add(codes.MISSING_FIELD, node.key_span(), message, runnable=runnable)
        else:
            message = f"{article(self.name)} needs the field `{key}`"
            named = self.value_node("name").value
            is_reference = isinstance(named, str) and named.startswith("$components.")
            hint = f"did you mean `reference: {named!s}`?" if is_reference else None
            self._add(codes.MISSING_FIELD, self.at.key_span(), message, hint, runnable=runnable)

    def _text(self, node: Node | None, key: str, *, runnable: bool = False) -> str | None:
        if node is None:
            return None
        if isinstance(node.value, str):
            return node.value
        if isinstance(node.value, (dict, list)):
            self._wrong_type(node, key, "text", braces_hint(node.value), runnable=runnable)
            return None
        written = node.written
        message = f"`{key}` of {article(self.name)} is text, not {type_in_words(node.value)}"
        self.report(codes.SCALAR_TEXT, node.span(), message, f'quote it: "{written}"')
        return written

    def _choose(
        self, text: str | None, key: str, allowed: tuple[Choice, ...], later: tuple[Choice, ...]
    ) -> Choice | None:
        if text is None:
            return None
        node = self.value_node(key)
        for value in later:
            if text == value and self.reading.minor == 0:
                message = f"`{key}: {value}` is of Arazzo 1.1, the document says 1.0"
                self.report(codes.LATER_FIELD, node.span(), message, "say `arazzo: 1.1.0`")
        for value in (*allowed, *later):
            if text == value:
                return value
        self.report(
            codes.WRONG_VALUE,
            node.span(),
            f"`{key}` of {article(self.name)} is {one_of((*allowed, *later))}, not `{text}`",
            _MISPLACED.get((self.name, f"{key}: {text}")) or self.did_you_mean(text, (*allowed, *later)),
        )
        return None

    def _is_number(self, node: Node, key: str, wanted: str, fits: bool) -> bool:
        if not fits:
            numeric = isinstance(node.value, str) and node.value.strip("+-").replace(".", "", 1).isdigit()
            self._wrong_type(node, key, wanted, "remove the quotes" if numeric else None)
            return False
        if isinstance(node.value, (int, float)) and node.value < 0:
            message = f"`{key}` of {article(self.name)} must not be negative"
            self.report(codes.WRONG_VALUE, node.span(), message)
            return False
        return True

    def _wrong_type(
        self, node: Node, key: str, wanted: str, hint: str | None = None, *, runnable: bool = False
    ) -> None:
        message = f"`{key}` of {article(self.name)} takes {wanted}, not {type_in_words(node.value)}"
        self._add(codes.WRONG_TYPE, node.span(), message, hint, runnable=runnable)

    def _add(self, code: Code, span: Span, message: str, hint: str | None = None, *, runnable: bool) -> None:
        self.report(replace(code, runnable=runnable), span, message, hint)


_LEAVE_OUT: Final = "leave the field out"


def braces_hint(value: Value) -> str | None:
    """How to mend ``{$inputs.x}`` without quotes, which YAML reads as a mapping; None for any other value."""
    if isinstance(value, dict) and len(value) == 1:
        key, inner = next(iter(value.items()))
        if inner is None and key.startswith("$"):
            return f"YAML reads the braces as a mapping; quote them: '{{{key}}}'"
    return None


def one_of(values: tuple[str, ...]) -> str:
    """``values`` as a message lists alternatives."""
    quoted = [f"`{value}`" for value in values]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"


def a_text(reading: Reading, node: Node) -> str | None:
    """An entry of a list of texts."""
    if isinstance(node.value, str):
        return node.value
    span = node.span()
    if node.value is None or isinstance(node.value, (dict, list)):
        reading.report(
            codes.WRONG_TYPE, "schema-0", span, f"an entry is text, not {type_in_words(node.value)}"
        )
        return None
    message = f"an entry is text, not {type_in_words(node.value)}"
    reading.report(codes.SCALAR_TEXT, "schema-0", span, message, f'quote it: "{node.written}"')
    return node.written


def a_schema(reading: Reading, node: Node) -> Node | None:
    """A JSON Schema object."""
    if isinstance(node.value, dict):
        return node
    message = f"a JSON Schema is a mapping here, not {type_in_words(node.value)}"
    reading.report(codes.WRONG_TYPE, "schema-0", node.span(), message)
    return None
