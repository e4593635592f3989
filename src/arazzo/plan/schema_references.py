"""Where the ``$ref``s of inputs lead: inside their document, into other files, to the identities of schemas.

Inputs are JSON Schema 2020-12 (Workflow Object, "Input Objects"), so that a ``$ref`` is read against the nearest
``$id`` around it, else against the base URI of its document ("Establishing the Base URI"). What cannot be had there
is looked for beside the file itself, as for API descriptions: an identity need not be an address.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import unquote

from arazzo import codes
from arazzo.descriptions.openapi.files import FileNotHad, Files
from arazzo.descriptions.openapi.references import (
    BrokenReference,
    Resource,
    at_key,
    at_pointer,
    flaws_of,
    id_of,
    identity,
    not_fetched,
    resource_around,
)
from arazzo.descriptions.uris import is_remote, resolve
from arazzo.diagnostics import nearest, suggest
from arazzo.document.model import Document
from arazzo.plan.library import base_uri
from arazzo.plan.plain_schemas import REFERENCES
from arazzo.source import Node, Path, Tree

_ANCHORS: Final = ("$anchor", "$dynamicAnchor")
_MOST_HINTS: Final = 50
"""Broken references for which something near is looked for, which takes time where much is there."""
_WITH_SELF: Final = ("arazzo", "openapi", "asyncapi")


def references_of(document: Document, files: Files | None) -> SchemaReferences:
    """What follows the references of ``document``: one for all its workflows, as long as ``files`` are the same."""
    if files is None:
        return SchemaReferences(document, None)
    known = files.worked_out.get(document.uri)
    if not isinstance(known, SchemaReferences):
        known = files.worked_out[document.uri] = SchemaReferences(document, files)
    return known


class SchemaReferences:
    """Follows the references of the inputs of ``document``; without ``files``, only those that stay inside it."""

    def __init__(self, document: Document, files: Files | None) -> None:
        self._document, self._files = document, files
        self._tree = document.at.tree
        self._opened: dict[Tree, str] = {}
        self._by_uri: dict[str, Node] = {}
        self._around: dict[tuple[int, Path], Resource] = {}
        self._hints = 0
        self._identities: dict[Tree, dict[str, Node]] = {}
        self._anchors: dict[tuple[int, Path, bool], dict[str, Node]] = {}

    def target(self, node: Node) -> Node:
        """What ``node``, the value of a ``$ref``, names. Raises ``BrokenReference`` where that is nothing."""
        reference = str(node.value)
        file, _, fragment = reference.partition("#")
        around = self._resource(node)
        root = self._root(node, around, file) if file else around.root
        # Without an `$id`, `#/…` is read in the whole file; with one, people mean either.
        roots = [root] if file else [root, root.tree.node]
        for candidate in roots:
            found = self._at_fragment(candidate, fragment)
            if found is not None and not (found.tree is self._tree and not found.path):
                return found
        raise self._nowhere(node, root, fragment)

    def targets(self) -> Iterator[Node]:
        """What the references of all inputs of the document name that can be followed."""
        for node in _walk(self._roots(self._tree), into_others=True):
            for word in REFERENCES:
                member = node.get(word)
                if member is not None and isinstance(member.value, str):
                    try:
                        yield self.target(member)
                    except BrokenReference:
                        continue  # Linking has told it.

    # --- inside one file

    def _at_fragment(self, root: Node, fragment: str) -> Node | None:
        if not fragment:
            return root
        if not fragment.startswith("/"):
            return self._anchored(root, unquote(fragment))
        return at_pointer(root, unquote(fragment)) or at_pointer(root, fragment)

    def _anchored(self, root: Node, name: str) -> Node | None:
        """The schema with this ``$anchor``: one of the resource ``root``, else one anywhere in its file."""
        starts = [root] if root.path else self._roots(root.tree)
        own = self._anchors_under(root, starts, into_others=False)
        return own.get(name) or self._anchors_under(
            root.tree.node, self._roots(root.tree), into_others=True
        ).get(name)

    def _anchors_under(self, root: Node, starts: Sequence[Node], *, into_others: bool) -> dict[str, Node]:
        key = (*identity(root), into_others)
        if key not in self._anchors:
            found = self._anchors[key] = {}
            for node in _walk(starts, into_others=into_others):
                for word in _ANCHORS:
                    anchor = node.value.get(word) if isinstance(node.value, dict) else None
                    if isinstance(anchor, str):
                        found.setdefault(anchor, node)
        return self._anchors[key]

    def _roots(self, tree: Tree) -> list[Node]:
        """Where the schemas of a file begin: in this document the inputs do, any other file may be one as a whole."""
        if tree is not self._tree:
            return [tree.node]
        inputs = [workflow.inputs for workflow in self._document.workflows if workflow.inputs is not None]
        return [*self._document.components.inputs.values(), *inputs]

    # --- which file, or which schema in one

    def _root(self, node: Node, around: Resource, file: str) -> Node:
        """What the part of a reference before its fragment names."""
        uris = tuple(dict.fromkeys(resolve(base, file) for base in (around.base, self._home(node.tree))))
        for uri in uris:
            known = self._known(uri)
            if known is not None:
                return known
        if self._files is None:
            raise BrokenReference(codes.UNRESOLVED_REF.at(node.span(), "it leads out of this document"))
        home = self._home(node.tree)
        failures: list[FileNotHad] = []
        for uri in uris:
            try:
                tree = self._files.open(uri, home if is_remote(home) else self._document.uri)
            except FileNotHad as failure:
                failures.append(failure)
                continue
            self._opened[tree] = self._files.home(tree) or uri
            self._make_known(tree)
            self._by_uri.setdefault(uri, tree.node)
            return tree.node
        raise self._not_had(node, around, failures)

    def _known(self, uri: str) -> Node | None:
        """What goes by ``uri`` already: this document, a file read before, a schema in one of them by its ``$id``."""
        if not self._by_uri:
            self._make_known(self._tree)
        return self._by_uri.get(uri)

    def _make_known(self, tree: Tree) -> None:
        for uri in (self._home(tree), self._base(tree)):
            self._by_uri.setdefault(uri, tree.node)
        for uri, node in self._identities_of(tree).items():
            self._by_uri.setdefault(uri, node)

    def _home(self, tree: Tree) -> str:
        return self._opened.get(tree, self._document.uri)

    def _base(self, tree: Tree) -> str:
        """The base URI of a file: where it came from, unless its ``$self`` says otherwise."""
        if tree is self._tree:
            return base_uri(self._document)
        own = tree.root.get("$self") if isinstance(tree.root, dict) else None
        is_whole = isinstance(tree.root, dict) and any(word in tree.root for word in _WITH_SELF)
        return resolve(self._home(tree), own) if isinstance(own, str) and is_whole else self._home(tree)

    def _resource(self, node: Node) -> Resource:
        """The schema with an ``$id`` that ``node`` is part of, else its file."""
        if not self._identities_of(node.tree):
            return Resource(node.tree.node, self._base(node.tree))
        return self._enclosing(node)

    def _enclosing(self, node: Node) -> Resource:
        return resource_around(node.path, Resource(node.tree.node, self._base(node.tree)), self._around)

    def _identities_of(self, tree: Tree) -> dict[str, Node]:
        if tree not in self._identities:
            found = self._identities[tree] = {}
            if "$id" in tree.text:
                for node in _walk(self._roots(tree), into_others=True):
                    if id_of(node) is not None:
                        found.setdefault(self._enclosing(node).base, node)
        return self._identities[tree]

    # --- what is told

    def _nowhere(self, node: Node, root: Node, fragment: str) -> BrokenReference:
        reference = str(node.value)
        where = "" if root.tree is node.tree else f" in {root.tree.file}"
        if not fragment:
            message = f"the $ref {reference!r} leads to the whole document, which is no schema"
        elif fragment.startswith("/"):
            message = f"nothing stands at {'#' + fragment if where else reference!r}{where}"
        else:
            message = f"no schema has the $anchor {fragment!r}{where}"
        hint = self._written_elsewhere(node, fragment) or self._near(root, fragment)
        return BrokenReference(codes.UNRESOLVED_REF.at(node.span(), message, hint))

    def _written_elsewhere(self, node: Node, fragment: str) -> str | None:
        """How to write a pointer that is right inside the inputs themselves, or a component that was looked for."""
        inputs = self._tree.node
        for key in node.path[:3]:
            inputs = at_key(inputs, key) or inputs
        if node.tree is self._tree and fragment.startswith("/") and at_pointer(inputs, fragment):
            return f"write '#{inputs.pointer}{fragment}': it is read in the whole document"
        name = fragment.rpartition("/")[2] or str(node.value)
        if name in self._document.components.inputs:
            return f"write '#/components/inputs/{name}'"
        return None

    def _near(self, root: Node, fragment: str) -> str | None:
        """What there is where the reference ends."""
        self._hints += 1
        if not fragment or self._hints > _MOST_HINTS:
            return None
        if not fragment.startswith("/"):
            anchors = self._anchors_under(root.tree.node, self._roots(root.tree), into_others=True)
            return suggest(fragment, anchors, "the anchors are") if anchors else None
        pointer, _, name = fragment.rpartition("/")
        if root.tree is self._tree and pointer.startswith("/components"):
            return suggest(name, tuple(self._document.components.inputs), "components.inputs has")
        parent, walked = root, ""
        for token in fragment.split("/")[1:]:
            following = at_pointer(parent, f"/{token}")
            if following is None:
                name = token
                break
            parent, walked = following, f"{walked}/{token}"
        names = [key for key, _ in parent.items()]
        return suggest(name, names, f"#{walked} has") if names else None

    def _not_had(self, node: Node, around: Resource, failures: Sequence[FileNotHad]) -> BrokenReference:
        reference = str(node.value)
        offline = not_fetched(node.span(), reference, failures)
        if offline is not None:
            return BrokenReference(offline)
        tried = "; ".join(f"{failure.place}: {failure.reason}" for failure in failures)
        hint = self._written_elsewhere(node, "") or self._near_identity(around, reference)
        if hint is None and all(failure.kind == "absent" for failure in failures):
            is_moved = around.base != self._home(node.tree) and not is_remote(reference)
            hint = (
                f"it is read against {around.base}"
                if is_moved
                else f"a relative path starts from the folder of {node.tree.file}"
            )
        message = f"the $ref {reference!r} cannot be followed: {tried}"
        return BrokenReference(codes.UNRESOLVED_REF.at(node.span(), message, hint, flaws_of(failures)))

    def _near_identity(self, around: Resource, reference: str) -> str | None:
        self._hints += 1
        if self._hints > _MOST_HINTS:
            return None
        known = [uri for tree in (self._tree, *self._opened) for uri in self._identities_of(tree)]
        near = nearest(resolve(around.base, reference), known, 0.8)
        return f"there is a schema with the $id {near!r}" if near else None


def _walk(roots: Sequence[Node], *, into_others: bool) -> Iterator[Node]:
    """Every mapping under ``roots``; those that are resources of their own, by their ``$id``, only if asked for."""
    pending = [*reversed(roots)]
    starts = {root.path for root in roots}
    while pending:
        node = pending.pop()
        if not into_others and node.path not in starts and id_of(node) is not None:
            continue
        if isinstance(node.value, dict):
            yield node
        pending.extend(member for _, member in node.items())
        pending.extend(node.elements())
