"""Changing texts of a document and nothing else in its file: comments, layout and quotes stay as they are."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

from arazzo.diagnostics import Mend
from arazzo.errors import DocumentError
from arazzo.source.read import parse
from arazzo.source.tokens import locate, scalar_end
from arazzo.source.tree import Node, Tree
from arazzo.values import Value, json_equal

_BLOCK: Final = ("|", ">")


def rewrite(tree: Tree, mends: Iterable[Mend]) -> tuple[str, int]:
    """The text of ``tree`` with ``mends`` made, and how many were.

    Each is made only if the text then reads as the same document with that one value changed; what cannot be made
    that way is left as it was, and so is a text that is to be changed in two ways at one place.
    """
    by_path: dict[tuple[str | int, ...], list[Mend]] = {}
    for mend in dict.fromkeys(mends):
        by_path.setdefault(mend.path, []).append(mend)
    made = 0
    for path, several in by_path.items():
        changed = None if _overlap(several) else _changed(tree, path, several)
        if changed is not None:
            tree, made = changed, made + len(several)
    return tree.text, made


def _overlap(mends: Sequence[Mend]) -> bool:
    ordered = sorted(mends, key=lambda mend: (mend.start, mend.end))
    return any(one.end > other.start or one.start == other.start for one, other in pairwise(ordered))


def _changed(tree: Tree, path: tuple[str | int, ...], mends: Sequence[Mend]) -> Tree | None:
    """``tree`` with the value at ``path`` changed, or None."""
    node = _node_at(tree, path)
    if node is None or not isinstance(node.value, str):
        return None
    value = node.value
    for mend in sorted(mends, key=lambda mend: mend.start, reverse=True):
        value = value[: mend.start] + mend.text + value[mend.end :]
    wanted = _replaced(tree.root, path, value)
    for text in _candidates(tree, node, mends, value):
        try:
            read = parse(text.encode("utf-8", "surrogatepass"), tree.file)
        except (DocumentError, UnicodeEncodeError):
            continue
        if json_equal(read.root, wanted):
            return read
    return None


def _candidates(tree: Tree, node: Node, mends: Sequence[Mend], value: str) -> Iterable[str]:
    """The text with the change made in place, then with the whole scalar quoted anew."""
    place = tree.places().place(tree.root, node.path)
    at, text = place.at, tree.text
    style = text[at : at + 1]
    spliced: str | None = text
    for mend in sorted(mends, key=lambda mend: mend.start, reverse=True):
        assert isinstance(node.value, str)
        found = locate(text, at, node.value, mend.start, mend.end)
        if found is None or spliced is None:
            spliced = None
            break
        spliced = spliced[: found[0]] + _escaped(mend.text, style) + spliced[found[1] :]
    if spliced is not None:
        yield spliced
    if style not in _BLOCK:
        end = scalar_end(text, at, flow=place.flow, key=False)
        quoted = (
            json.dumps(value, ensure_ascii=False) if style == '"' else "'" + value.replace("'", "''") + "'"
        )
        yield text[:at] + quoted + text[end:]


def _escaped(text: str, style: str) -> str:
    if style == '"':
        return json.dumps(text, ensure_ascii=False)[1:-1]
    return text.replace("'", "''") if style == "'" else text


def _node_at(tree: Tree, path: tuple[str | int, ...]) -> Node | None:
    node: Node | None = tree.node
    for step in path:
        if node is None:
            return None
        if isinstance(step, str):
            node = node.get(step)
        else:
            node = next((element for index, element in enumerate(node.elements()) if index == step), None)
    return node


def _replaced(root: Value, path: tuple[str | int, ...], value: str) -> Value:
    """A copy of ``root`` with ``value`` at ``path``, which exists; what does not change is shared."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(root, dict) and isinstance(step, str):
        return {**root, step: _replaced(root[step], rest, value)}
    assert isinstance(root, list)
    assert isinstance(step, int)
    return [*root[:step], _replaced(root[step], rest, value), *root[step + 1 :]]
