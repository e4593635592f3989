"""Whether a value of one shape can be what a schema wants, and where it cannot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Literal, TypeAlias

from msgspec import Struct

from arazzo.descriptions.openapi.schemas import flat
from arazzo.patterns import pattern
from arazzo.rules.schemas import (
    Nowhere,
    elements_of,
    into,
    required_of,
    types_of,
    values_of,
)
from arazzo.rules.shapes import (
    Alternative,
    Constant,
    Described,
    ListOf,
    ObjectOf,
    Shape,
    constant_types,
)
from arazzo.source import Node
from arazzo.values import Value, json_equal, to_text

Kind: TypeAlias = Literal["type", "value", "format", "missing", "undeclared"]
Path: TypeAlias = "tuple[str | int, ...]"

_DEEPEST: Final = 12
_SCALARS: Final = frozenset(("string", "number", "integer", "boolean"))
_MOST_SHOWN: Final = 6
_NUMBER: Final = pattern(r"[+-]?[0-9]+(?P<part>\.[0-9]+|(?:\.[0-9]+)?[eE][+-]?[0-9]+)?")
_LONGEST_NUMBER: Final = 400
_LONGEST_PATTERN: Final = 60
_MEANT_AS_EXPRESSION: Final = pattern(r"\{\$|\$[A-Za-z]+[.#]", among=("$",))


class Misfit(Struct, frozen=True):
    """One thing that cannot be, at ``path`` of the value. ``constant`` says that the author wrote the value itself.

    ``detail`` is what is wanted, for a sentence; ``known`` are names or values there could be. ``spelling`` says that
    it is about how a text is written (``pattern``, ``format``), of which descriptions are less sure than of the rest.
    """

    kind: Kind
    path: Path
    detail: str
    constant: bool
    known: tuple[str, ...] = ()
    spelling: bool = False


class _Way(Struct):
    """How values are compared: ``as_text`` as in ``misfits``; ``left`` bounds how many alternatives are tried.

    Alternatives inside alternatives multiply; where there are too many, nothing is said.
    """

    as_text: bool
    left: int = 2_000


def misfits(given: Shape, wanted: Shape, *, as_text: bool) -> list[Misfit]:
    """What keeps a value of shape ``given`` from being what ``wanted`` describes.

    ``as_text`` says that the value travels as text, where the number 1 and the text ``1`` are the same. Of several
    alternatives, what is wrong with every one of them is wrong.
    """
    way = _Way(as_text)
    found = _misfits(given, wanted, way, ())
    return found if way.left > 0 else []


def _misfits(given: Shape, wanted: Shape, way: _Way, path: Path) -> list[Misfit]:
    if not isinstance(wanted, Described) or len(path) > _DEEPEST:
        return []
    way.left -= len(wanted.alternatives)
    if way.left <= 0:
        return []
    found = [_against(given, alternative, way, path) for alternative in wanted.alternatives]
    if any(not problems for problems in found):
        return []
    nearest = min(found, key=len)
    shared = [{(problem.kind, problem.path) for problem in problems} for problems in found]
    return [
        problem for problem in nearest if all((problem.kind, problem.path) in other for other in shared)
    ] or _none_fits(given, path, found)


def _none_fits(given: Shape, path: Path, found: list[list[Misfit]]) -> list[Misfit]:
    """Each alternative is missed for another reason; only of a constant is it sure that it fits none."""
    own = [problem for problems in found for problem in problems if problem.path == path]
    if isinstance(given, Constant) and len({id(p) for p in own}) >= len(found):
        wanted = " or ".join(dict.fromkeys(problem.detail for problem in own))
        spelling = any(problem.spelling for problem in own)
        # Who does not keep to a format has done no more than that.
        kind: Kind = "format" if any(problem.kind == "format" for problem in own) else "type"
        return [Misfit(kind, path, wanted, True, (), spelling)]
    return []


def _against(given: Shape, alternative: Alternative, way: _Way, path: Path) -> list[Misfit]:
    wanted = Described((alternative,))
    types = types_of(wanted)
    constant = isinstance(given, Constant)
    if types is not None and not _types_meet(given, types, way.as_text):
        return [Misfit("type", path, in_words(types), constant)]
    values = values_of(wanted)
    if values is not None and not _values_meet(given, values, way.as_text):
        shown = tuple(to_text(value) for value in values)
        return [Misfit("value", path, _one_of([repr(text) for text in shown]), constant, shown)]
    if isinstance(given, Constant):
        within = next((text for schema in alternative if (text := _bound(schema.node, given.value))), None)
        if within is not None:
            return [Misfit("value", path, within, True)]
        if isinstance(given.value, str) and values is None and _is_text(given.value, types, way.as_text):
            misspelt = _misspelt(alternative, given.value, path)
            return [misspelt] if misspelt is not None else []
    return list(_parts(given, alternative, way, path))


def _bound(schema: Node, value: Value) -> str | None:
    """What ``schema`` says of a value's size that ``value`` does not keep to, for a sentence."""
    match value:
        case bool() | None:
            return None
        case int() | float():
            size, low, high, of = value, "minimum", "maximum", ""
        case str():
            size, low, high, of = len(value), "minLength", "maxLength", " characters"
        case list():
            size, low, high, of = len(value), "minItems", "maxItems", " elements"
        case _:
            return None
    least, most = _number_at(schema, low), _number_at(schema, high)
    if least is not None and size < least:
        return f"no less than {to_text(least)}{of}"
    if most is not None and size > most:
        return f"no more than {to_text(most)}{of}"
    return None


def _is_text(value: str, types: frozenset[str] | None, as_text: bool) -> bool:
    """Whether ``value`` is surely meant as a text, and not as another value that travels as one."""
    if types is not None and "string" not in types:
        return False
    if not as_text:
        return True
    others = (types or _SCALARS) - {"string"}
    may_be_null = "null" in others and value == "null"
    return not (
        value == "" or may_be_null or others & {"array", "object"} or _reads_as(value.strip(), others)
    )


def _misspelt(alternative: Alternative, text: str, path: Path) -> Misfit | None:
    """How ``text`` is not written as the ``pattern`` or ``format`` of a schema says, if its own examples are."""
    # What was meant as an expression and is none has been told, and what it would give is not known.
    if _MEANT_AS_EXPRESSION.search(text):
        return None
    for word, problem in (("pattern", _off_pattern), ("format", _off_format)):
        wanted = [node.value for schema in alternative if (node := schema.node.get(word)) is not None]
        for one in wanted:
            detail = problem(one, text) if isinstance(one, str) else None
            if detail is not None and not any(problem(str(one), shown) for shown in _shown_by(alternative)):
                kind: Kind = "value" if word == "pattern" else "format"
                return Misfit(kind, path, detail, True, (), True)
        if wanted:
            # Where there is a pattern, it says more than a format does.
            break
    return None


def _off_format(wanted: str, text: str) -> str | None:
    from arazzo.rules.texts import broken_format

    return broken_format(wanted, text)


def _off_pattern(wanted: str, text: str) -> str | None:
    from arazzo.rules.texts import breaks_pattern

    if not breaks_pattern(wanted, text):
        return None
    cut = wanted if len(wanted) <= _LONGEST_PATTERN else wanted[:_LONGEST_PATTERN] + "…"
    return f"a text that matches {cut}"


def _shown_by(alternative: Alternative) -> Iterator[str]:
    """The texts that the schemas give as examples and defaults."""
    for schema in alternative:
        several = schema.node.get("examples")
        for node in (
            *(schema.node.get(word) for word in ("example", "x-example", "default")),
            *(several.elements() if several is not None else ()),
        ):
            if node is not None and isinstance(node.value, str):
                yield node.value


def is_doubtful(misfit: Misfit, wanted: Shape, examples: Iterable[Value], *, as_text: bool) -> bool:
    """Whether ``misfit`` is about how a text is written, and one of the description's ``examples`` is no better."""
    return misfit.spelling and any(
        problem.kind == misfit.kind and problem.path == misfit.path
        for example in examples
        for problem in misfits(Constant(example), wanted, as_text=as_text)
    )


def _number_at(schema: Node, word: str) -> int | float | None:
    node = schema.get(word)
    value = node.value if node is not None else None
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _types_meet(given: Shape, wanted: frozenset[str], as_text: bool) -> bool:
    if isinstance(given, Constant):
        return _constant_is(given.value, wanted, as_text)
    have = types_of(given)
    if have is None:
        return True
    values = values_of(given)
    if values:
        return any(_constant_is(value, wanted, as_text) for value in values)
    if (
        have & wanted
        or ("number" in wanted and "integer" in have)
        or ("integer" in wanted and "number" in have)
    ):
        return True
    if as_text:
        # A text may well be a number, a list of one is written as its element, and everything can be text.
        return (
            ("string" in have and bool(wanted))
            or ("string" in wanted and bool(have & _SCALARS))
            or ("array" in wanted and bool(have & _SCALARS))
            or "null" in have
        )
    return not have


def _constant_is(value: Value, wanted: frozenset[str], as_text: bool) -> bool:
    own = constant_types(value)
    if own & wanted or ("number" in wanted and "integer" in own):
        return True
    if isinstance(value, float) and value.is_integer() and "integer" in wanted:
        return True
    if not as_text:
        return False
    if value is None or ("array" in wanted and own & _SCALARS):
        return True
    if isinstance(value, str):
        return _reads_as(value.strip(), wanted)
    return "string" in wanted and bool(own & _SCALARS)


def _reads_as(text: str, wanted: frozenset[str]) -> bool:
    """Whether a text that travels as one says a boolean or a number, where ``wanted`` has it."""
    if "boolean" in wanted and text in ("true", "false"):
        return True
    if len(text) > _LONGEST_NUMBER or (number := _NUMBER.fullmatch(text)) is None:
        return False
    return "number" in wanted or ("integer" in wanted and number["part"] is None)


def _values_meet(given: Shape, wanted: tuple[Value, ...], as_text: bool) -> bool:
    have = values_of(given)
    if have is None or not have:
        return True
    return any(_is_same(one, other, as_text) for one in have for other in wanted)


def _is_same(one: Value, other: Value, as_text: bool) -> bool:
    if json_equal(one, other):
        return True
    return as_text and (one is None or to_text(one) == to_text(other))


def _parts(given: Shape, alternative: Alternative, way: _Way, path: Path) -> Iterator[Misfit]:
    match given:
        case ObjectOf(members):
            yield from _members(dict(members), alternative, way, path)
        case Constant(dict() as value):
            yield from _members({k: Constant(v) for k, v in value.items()}, alternative, way, path)
        case Constant(list() as values):
            element = elements_of(alternative)
            for index, value in enumerate(values):
                yield from _misfits(Constant(value), element, way, (*path, index))
        case ListOf(element_given):
            element = elements_of(alternative)
            # The place of an element that is computed is not known.
            for problem in _misfits(element_given, element, way, (*path, 0)):
                if problem.path == (*path, 0):
                    yield Misfit(problem.kind, path, f"elements: {problem.detail}", problem.constant)
        case _:
            return


def _members(members: dict[str, Shape], alternative: Alternative, way: _Way, path: Path) -> Iterator[Misfit]:
    whole = Described((alternative,))
    for name in required_of(alternative):
        if name not in members and not _supplied(alternative, name):
            yield Misfit("missing", (*path, name), name, True)
    for name, shape in members.items():
        wanted = into(whole, name)
        if isinstance(wanted, Nowhere):
            yield Misfit("undeclared", (*path, name), name, True, wanted.known)
        else:
            yield from _misfits(shape, wanted, way, (*path, name))


def _supplied(alternative: Alternative, name: str) -> bool:
    """Whether a required member is the provider's to supply: it is read-only, or has a default."""
    for schema in alternative:
        properties = schema.node.get("properties")
        member = properties.get(name) if properties is not None else None
        # Either may be said in what the member refers to.
        for part in flat(member, schema.resolver):
            read_only = part.get("readOnly")
            if (read_only is not None and read_only.value is True) or part.get("default") is not None:
                return True
    return False


def in_words(types: Iterable[str]) -> str:
    """JSON types as a sentence has them, with their articles."""
    return " or ".join(
        name if name == "null" else f"{'an' if name[0] in 'aeiou' else 'a'} {name}" for name in sorted(types)
    )


def _one_of(names: Sequence[str]) -> str:
    """Some names as a phrase: all of a few, the first of many."""
    if len(names) > _MOST_SHOWN:
        return f"one of {', '.join(names[:_MOST_SHOWN])}, …"
    return " or ".join(names) if len(names) < 3 else f"one of {', '.join(names)}"
