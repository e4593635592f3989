"""``$ref``: inside one file of a description, from file to file, and by the identities that files give themselves.

Only ``Resolver.follow`` knows where a reference leads. It is read against the file it stands in, or against the
``$self`` of that file (OpenAPI 3.2) or the ``$id`` of a schema around it (3.1 and later). What cannot be had there is
looked for beside the file itself, because an identity need not be an address.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import unquote

from msgspec import Struct

from arazzo import codes
from arazzo.descriptions.openapi.files import FileNotHad, Files
from arazzo.descriptions.uris import is_remote, resolve
from arazzo.diagnostics import Diagnostic, Span
from arazzo.source import Node, Path, Tree

_MOST_HOPS: Final = 50
_LONGEST_INDEX: Final = 10
_MOST_VISITED: Final = 1_000_000


class BrokenReference(Exception):  # noqa: N818 - told as its diagnostic
    """A ``$ref`` cannot be followed; ``diagnostic`` says which, where and why."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


class Resource(Struct, frozen=True):
    """What ``#/…`` is read in, and the URI that other references are read against."""

    root: Node
    base: str


class Resolver:
    """Follows the references of the description in ``tree``, which came from ``uri``.

    ``files`` has the others; without it no reference leads out of this one. ``sponsor`` is the document on whose
    behalf local files are read, the description itself unless another one named it: what is split into files may
    name no more than the whole could. A file from the network speaks for itself.
    """

    def __init__(self, tree: Tree, uri: str, files: Files | None = None, sponsor: str | None = None) -> None:
        self._tree, self._uri, self._files = tree, uri, files
        self._sponsor = sponsor or uri
        self._anchors: dict[Tree, dict[str, Node]] = {}
        self._identities: dict[Tree, dict[str, Node]] = {}
        self._with_identities: dict[Tree, bool] = {}
        self.kept: dict[object, object] = {}
        """What a reader of the description has worked out and would have to work out again."""
        if files is not None:
            files.add(tree, uri)

    def follow(self, node: Node) -> Node:
        """``node``, or what its ``$ref`` finally leads to.

        Raises ``BrokenReference`` for one that leads nowhere, in a circle or into a file that cannot be had.
        """
        passed: set[tuple[int, Path]] = set()
        while (reference := reference_of(node)) is not None:
            if identity(node) in passed or len(passed) >= _MOST_HOPS:
                raise BrokenReference(
                    codes.UNRESOLVED_REF.at(_place(node), f"the $ref {reference!r} leads in a circle")
                )
            passed.add(identity(node))
            node = self._target(node, reference)
        return node

    def follow_once(self, node: Node) -> Node:
        """What the ``$ref`` of ``node`` names, which may be a reference itself. Raises ``BrokenReference``."""
        reference = reference_of(node)
        return node if reference is None else self._target(node, reference)

    def leads_elsewhere(self, node: Node) -> bool:
        """Whether ``node`` is a reference into another file."""
        reference = reference_of(node)
        if reference is None or reference.startswith("#"):
            return False
        file = reference.partition("#")[0]
        own = (self.home(node), self._self(self._tree_of(node)))
        return not any(resolve(base, file) in own for base in self._bases(node))

    def home(self, node: Node) -> str:
        """Where the file that ``node`` stands in came from."""
        known = self._files.home(node.tree) if self._files else None
        return known or self._uri

    def _tree_of(self, node: Node) -> Tree:
        """The tree of ``node``; for one that was made up (the form of an OpenAPI 2 operation) the description's."""
        known = self._files is not None and self._files.home(node.tree) is not None
        return node.tree if known else self._tree

    # --- one hop

    def _target(self, node: Node, reference: str) -> Node:
        file, _, fragment = reference.partition("#")
        if file:
            roots = [self._root(node, reference, file)]
        else:
            roots = [self._resource(node).root, self._tree_of(node).node]
        for root in roots:
            found = self._at_fragment(root, fragment)
            if found is not None:
                return found
        place = f"in {roots[0].tree.file}" if file else "in this document"
        raise BrokenReference(
            codes.UNRESOLVED_REF.at(_place(node), f"the $ref {reference!r} leads nowhere {place}")
        )

    def _at_fragment(self, root: Node, fragment: str) -> Node | None:
        if fragment == "":
            return root
        if not fragment.startswith("/"):
            return self._named(root.tree, unquote(fragment))
        return at_pointer(root, unquote(fragment)) or at_pointer(root, fragment)

    def _named(self, tree: Tree, name: str) -> Node | None:
        """The schema with ``$anchor: name`` (JSON Schema 2020-12, OpenAPI 3.1)."""
        if tree not in self._anchors:
            anchors = self._anchors[tree] = {}
            for node in _walk(tree.node):
                for key in ("$anchor", "$dynamicAnchor"):
                    anchor = node.value.get(key) if isinstance(node.value, dict) else None
                    if isinstance(anchor, str):
                        anchors.setdefault(anchor, node)
        return self._anchors[tree].get(name)

    # --- which file

    def _root(self, node: Node, reference: str, file: str) -> Node:
        """What the part of ``reference`` before its fragment names, wherever that is."""
        failures: list[FileNotHad] = []
        for base in self._bases(node):
            uri = resolve(base, file)
            known = self._known(node, uri)
            if known is not None:
                return known
            if self._files is None:
                raise BrokenReference(
                    codes.UNSUPPORTED.at(
                        _place(node),
                        f"the $ref {reference!r} leads to another file, and only this one was given",
                        f"bundle the description into one file, with {file} in it",
                    )
                )
            try:
                return self._files.open(uri, self._asker(node)).node
            except FileNotHad as failure:
                failures.append(failure)
        raise BrokenReference(_not_had(node, reference, failures))

    def _asker(self, node: Node) -> str:
        home = self.home(node)
        return home if is_remote(home) else self._sponsor

    def _bases(self, node: Node) -> tuple[str, ...]:
        """What a reference at ``node`` is read against: the nearest identity, then where its file came from."""
        return tuple(dict.fromkeys((self._resource(node).base, self.home(node))))

    def _known(self, node: Node, uri: str) -> Node | None:
        """What goes by ``uri`` among the files read so far: this or the first one, a ``$self``, a schema's ``$id``."""
        tree = self._tree_of(node)
        if uri in (self.home(node), self._self(tree)):
            return tree.node
        if uri == self._uri and (is_remote(uri) or not is_remote(self.home(node))):
            return self._tree.node
        for other in (tree, *(self._files.known() if self._files else ())):
            found = self._identities_of(other).get(uri)
            if found is not None:
                return found
        return None

    def _self(self, tree: Tree) -> str:
        """The base URI of a file: its ``$self``, read against where it came from (OpenAPI 3.2)."""
        home = (self._files.home(tree) if self._files else None) or self._uri
        own = tree.root.get("$self") if isinstance(tree.root, dict) else None
        if not isinstance(own, str) or _version(tree).startswith(("2", "3.0", "3.1")):
            return home
        return resolve(home, own)

    def _resource(self, node: Node) -> Resource:
        """The schema around ``node`` with an ``$id`` (3.1 and later), else the file."""
        tree = self._tree_of(node)
        whole = Resource(tree.node, self._self(tree))
        return resource_around(node.path, whole) if self._has_identities(tree) else whole

    def _has_identities(self, tree: Tree) -> bool:
        """Whether an ``$id`` can count in ``tree``; its text is looked through once."""
        if tree not in self._with_identities:
            self._with_identities[tree] = _has_identities(tree)
        return self._with_identities[tree]

    def _identities_of(self, tree: Tree) -> dict[str, Node]:
        if tree not in self._identities:
            found = self._identities[tree] = {}
            own = self._self(tree)
            if own != self._uri and own != (self._files.home(tree) if self._files else None):
                found[own] = tree.node
            if self._has_identities(tree):
                for node in _walk(tree.node):
                    if id_of(node) is not None:
                        found.setdefault(self._resource(node).base, node)
        return self._identities[tree]


def resource_around(
    path: Path, whole: Resource, known: dict[tuple[int, Path], Resource] | None = None
) -> Resource:
    """The innermost schema with an ``$id`` on the way down ``path`` (JSON Schema 2020-12 §8.2.1), else ``whole``.

    ``known`` keeps those that were met, for the next time.
    """
    resource, here = whole, whole.root
    for key in (None, *path):
        following = here if key is None else at_key(here, key)
        if following is None:
            break
        here = following
        own = id_of(here)
        if own is not None:
            place = identity(here)
            found = known.get(place) if known is not None else None
            resource = found or Resource(here, resolve(resource.base, own))
            if known is not None:
                known[place] = resource
    return resource


def identity(node: Node) -> tuple[int, Path]:
    """What tells one place from every other: paths alone do not, since every file has its own."""
    return id(node.tree), node.path


def reference_of(node: Node) -> str | None:
    """The ``$ref`` of ``node``, if it is a reference."""
    if isinstance(node.value, dict):
        reference = node.value.get("$ref")
        if isinstance(reference, str):
            return reference
    return None


def at_pointer(root: Node, pointer: str) -> Node | None:
    """The node at a JSON Pointer (RFC 6901) under ``root``, or None."""
    node: Node | None = root
    for token in pointer.split("/")[1:]:
        if node is None:
            return None
        key = token.replace("~1", "/").replace("~0", "~")
        if isinstance(node.value, list):
            is_index = key.isascii() and key.isdecimal() and len(key) < _LONGEST_INDEX
            node = at_key(node, int(key)) if is_index else None
        else:
            node = node.get(key)
    return node


def at_key(node: Node, key: str | int) -> Node | None:
    """The member or element ``key`` of ``node``, or None."""
    if isinstance(key, str):
        return node.get(key)
    if isinstance(node.value, list) and 0 <= key < len(node.value):
        return Node(node.tree, node.value[key], (*node.path, key))
    return None


def _has_identities(tree: Tree) -> bool:
    """Whether an ``$id`` can count in ``tree``; before OpenAPI 3.1 it is a name like any other."""
    return "$id" in tree.text and not _version(tree).startswith(("2", "3.0"))


def _version(tree: Tree) -> str:
    """The version of OpenAPI that a file names; ``""`` for one that holds only a part of a description."""
    if not isinstance(tree.root, dict):
        return ""
    return str(tree.root.get("openapi") or tree.root.get("swagger") or "")


def id_of(node: Node) -> str | None:
    """The ``$id`` of a schema; one that is only a fragment names a place, and no resource."""
    own = node.value.get("$id") if isinstance(node.value, dict) else None
    return own if isinstance(own, str) and not own.startswith("#") else None


def _not_had(node: Node, reference: str, failures: list[FileNotHad]) -> Diagnostic:
    offline = not_fetched(_place(node), reference, failures)
    if offline is not None:
        return offline
    tried = "".join(f"\n  {failure.place}: {failure.reason}" for failure in failures)
    message = f"the $ref {reference!r} cannot be followed; looked at:{tried}"
    return codes.UNRESOLVED_REF.at(_place(node), message, None, flaws_of(failures))


def not_fetched(span: Span, reference: str, failures: Sequence[FileNotHad]) -> Diagnostic | None:
    """What to say of a file that was only not asked for; None where it was."""
    if all(failure.kind != "offline" for failure in failures):
        return None
    message = f"the $ref {reference!r} leads to a file that was not fetched (--offline)"
    return codes.SOURCE_NOT_CHECKED.at(span, message, "run without --offline")


def flaws_of(failures: Sequence[FileNotHad]) -> list[tuple[str, Span]]:
    """What is wrong in the files that were there and could not be read, and where."""
    return [
        ("this is wrong in it", failure.flaw.span)
        for failure in failures
        if failure.flaw is not None and failure.flaw.span is not None
    ]


def _walk(root: Node) -> Iterator[Node]:
    pending = [root]
    for _ in range(_MOST_VISITED):
        if not pending:
            return
        node = pending.pop()
        yield node
        pending.extend(member for _, member in node.items())
        pending.extend(node.elements())


def _place(node: Node) -> Span:
    reference = node.get("$ref")
    return (reference or node).span()
