"""JSON text -> tree, through the standard library: exact integers, no NaN, no repeated keys."""

from __future__ import annotations

import json
import math
import re
from typing import Final

from arazzo import codes
from arazzo.diagnostics import Diagnostic
from arazzo.errors import DocumentError
from arazzo.patterns import pattern
from arazzo.source.json_offsets import RepeatedKey, scan_json
from arazzo.source.tokens import scalar_end
from arazzo.source.tree import MOST_DUPLICATES, Limits, Tree, over_limit
from arazzo.values import Value

_SURROGATE: Final = pattern(r"\\u[dD][89a-fA-F]", among=("\\u",))
_STRING_OR_ODD_NUMBER: Final = pattern(
    r'"[^"\\]*(?:\\.[^"\\]*)*"|-?Infinity|NaN|-?[0-9.]+[eE]\+?[0-9]{3,}|-?[0-9]{309,}', re.DOTALL
)
"""A string, which is passed over, or a number that the standard library or we refuse."""


def parse_json(text: str, file: str, limits: Limits, *, must_be_json: bool) -> Tree | None:
    """Read JSON ``text``; None when it is not JSON but could be YAML, whose flow style looks the same.

    Raises ``DocumentError`` for what is over a limit, and, with ``must_be_json``, for what is no JSON.
    """
    tree = Tree(file, text, None)
    repeats = False

    def keep_first(pairs: list[tuple[str, Value]]) -> Value:
        nonlocal repeats
        members = dict(pairs)
        if len(members) < len(pairs):
            repeats = True
            first = dict(reversed(pairs))
            members = {key: first[key] for key in members}
        return members

    try:
        tree.root = json.loads(
            text, object_pairs_hook=keep_first, parse_constant=_refuse_constant, parse_float=_finite
        )
    except RecursionError:
        raise over_limit(tree, f"nested deeper than {limits.depth} levels", "depth") from None
    except ValueError as error:
        if not must_be_json:
            return None
        raise DocumentError([_syntax(tree, error)]) from None
    _check_limits(tree, limits)
    if _SURROGATE.search(text):
        _check_surrogates(tree)
    if repeats:
        tree.offsets, repeated = scan_json(text, tree.root)
        tree.diagnostics = tuple(_duplicate(tree, key) for key in repeated[:MOST_DUPLICATES])
    return tree


def _refuse_constant(name: str) -> Value:
    raise ValueError(f"{name} is no JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"the number {text[:40]} is too large")
    return number


def _syntax(tree: Tree, error: ValueError) -> Diagnostic:
    if isinstance(error, json.JSONDecodeError):
        at = min(error.pos, max(len(tree.text) - 1, 0))
        return codes.SYNTAX.at(tree.span(at, at + 1), f"not JSON: {error.msg[:1].lower()}{error.msg[1:]}")
    problem = str(error)
    if problem.startswith("Exceeds"):
        problem = "an integer has more digits than can be read"
    odd = next((m for m in _STRING_OR_ODD_NUMBER.finditer(tree.text) if m[0][0] != '"'), None)
    return codes.SYNTAX.at(tree.span(*odd.span()) if odd else tree.span(0, 1), f"not JSON: {problem}")


def _check_surrogates(tree: Tree) -> None:
    """Half a surrogate pair is no character: it could be neither shown nor sent."""
    try:
        json.dumps(tree.root, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        lone = f"\\u{ord(error.object[error.start]):04x}"
        at = max(tree.text.lower().find(lone), 0)
        message = f"not JSON: {lone} is one half of a surrogate pair"
        raise DocumentError([codes.SYNTAX.at(tree.span(at, at + len(lone)), message)]) from None


def _check_limits(tree: Tree, limits: Limits) -> None:
    level: list[Value] = [tree.root]
    nodes = depth = 0
    while level:
        nodes += len(level)
        if nodes > limits.nodes:
            raise over_limit(tree, f"more than {limits.nodes:,} values", "nodes")
        below: list[Value] = []
        deeper = any(isinstance(value, (dict, list)) for value in level)
        if deeper and depth >= limits.depth:
            raise over_limit(tree, f"nested deeper than {limits.depth} levels", "depth")
        depth += 1
        for value in level:
            if isinstance(value, dict):
                below.extend(value.values())
            elif isinstance(value, list):
                below.extend(value)
        level = below


def _duplicate(tree: Tree, repeated: RepeatedKey) -> Diagnostic:
    first, again = (
        tree.span(at, scalar_end(tree.text, at, flow=True, key=True)) for at in (repeated.first, repeated.at)
    )
    return codes.DUPLICATE_KEY.at(
        again,
        f"the key `{repeated.key}` stands twice in one object",
        "keep one of them",
        [("the first one is here", first)],
    )
