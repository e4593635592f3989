"""One API description, and the ways a step names an operation of it (Step Object, operationId and operationPath).

Nothing is read before it is asked for: of a large description a run pays for the operations it calls.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import unquote

from arazzo import codes
from arazzo.descriptions.openapi.files import Files
from arazzo.descriptions.openapi.index import Index, Place
from arazzo.descriptions.openapi.model import Operation, SecurityScheme
from arazzo.descriptions.openapi.read import OpenApi3
from arazzo.descriptions.openapi.references import Resolver
from arazzo.diagnostics import Diagnostic, Guesses
from arazzo.errors import DocumentError
from arazzo.source import Node, Tree

if TYPE_CHECKING:
    from arazzo.descriptions.openapi.swagger import Swagger

_NEAR = 3


class OpenApi:
    """The description in ``tree``, which came from ``uri``: OpenAPI 2.0, 3.0, 3.1 or 3.2.

    ``files`` has what references into other files lead to, read on behalf of ``sponsor`` (see ``Resolver``).
    """

    def __init__(self, tree: Tree, uri: str, files: Files | None = None, sponsor: str | None = None) -> None:
        self.tree, self.uri = tree, uri
        self.resolver = Resolver(tree, uri, files, sponsor)
        self._read: dict[str, Operation] = {}

    @cached_property
    def version(self) -> str:
        """The version the description names, ``""`` where it names none."""
        for key in ("openapi", "swagger"):
            node = self.tree.node.get(key)
            if node is not None:
                return str(node.value)
        return ""

    @cached_property
    def _index(self) -> Index:
        return Index(self.tree, self.resolver)

    @cached_property
    def _reader(self) -> OpenApi3 | Swagger:
        if self.tree.node.get("swagger") is not None:
            from arazzo.descriptions.openapi.swagger import Swagger  # not above: few descriptions are so old

            return Swagger(self.tree, self.uri, self.resolver)
        return OpenApi3(self.tree, self.uri, self.resolver)

    @property
    def unread(self) -> tuple[Diagnostic, ...]:
        """Why path items could not be had, of those that were asked for; what is not found may stand there."""
        return tuple(self._index.unread.values())

    def unread_at(self, pointer: str) -> Diagnostic | None:
        """Why the path item could not be had that a pointer such as ``/paths/~1pets/get`` leads into."""
        _, _, rest = pointer.partition("paths/")
        given = _plain(unquote(rest.rpartition("/")[0]))
        return next((why for path, why in self._index.unread.items() if _plain(path) == given), None)

    def operation_ids(self) -> tuple[str, ...]:
        """Every operationId, once each, in the order of the text."""
        return tuple(self._index.ids())

    def operations(self) -> tuple[tuple[str, str], ...]:
        """Every operation as (method, path), in the order of the text."""
        return tuple((method, path) for path, methods in self._index.paths().items() for method in methods)

    def operation(self, operation_id: str) -> Operation | None:
        """The operation with exactly this id; the first, when several have it."""
        places = self._index.with_id(operation_id)
        return self._operation(places[0]) if places else None

    def operation_ignoring_case(self, operation_id: str) -> Operation | None:
        """The only operation whose id differs from ``operation_id`` in case at most."""
        wanted = operation_id.lower()
        matches = [name for name in self._index.ids() if name.lower() == wanted]
        return self.operation(matches[0]) if len(matches) == 1 else None

    def operation_on(self, method: str, path: str) -> Operation | None:
        """The operation with this method (in any case) on this path, as the description writes it."""
        places = self._index.on(path)
        place = places.get(method.upper()) or places.get(method)
        return self._operation(place) if place else None

    def operation_at(self, pointer: str) -> Operation | None:
        """The operation at a JSON Pointer such as ``/paths/~1pets/get``, with or without ``#`` before it.

        A pointer whose path is not escaped, or percent-encoded, or lacks its first slash is understood where only
        one operation fits; ``Operation.pointer`` tells how it should have been written.
        """
        given = pointer[pointer.find("#") + 1 :]
        for text in dict.fromkeys((given, unquote(given))):
            place = self._exactly_at(text)
            if place is not None:
                return self._operation(place)
        matches = {id(place): place for text in (given, unquote(given)) for place in self._nearly_at(text)}
        return self._operation(next(iter(matches.values()))) if len(matches) == 1 else None

    def _exactly_at(self, pointer: str) -> Place | None:
        tokens = [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]
        if len(tokens) < 3 or tokens[0] != "paths":
            return None
        place = self._index.on(tokens[1]).get(tokens[-1].upper())
        return place if place is not None and place.pointer == pointer else None

    def _nearly_at(self, pointer: str) -> tuple[Place, ...]:
        head, _, method = pointer.rpartition("/")
        if not head.startswith(("/paths/", "paths/")):
            return ()
        wanted = _plain(head.partition("paths/")[2])
        named = (self._index.on(path) for path in self._index.names() if _plain(path) == wanted)
        return tuple(places[method.upper()] for places in named if method.upper() in places)

    def near(self, operation_id: str, guesses: Guesses) -> tuple[str, ...]:
        """Ids of this description that resemble ``operation_id``, the nearest first."""
        return guesses.near_names(operation_id, self._index.ids(), _NEAR)

    def near_path(self, pointer: str, guesses: Guesses) -> tuple[str, ...]:
        """Pointers to operations of this description that resemble ``pointer``, the nearest first."""
        places = [place for methods in self._index.paths().values() for place in methods.values()]
        given = pointer[pointer.find("#") + 1 :]
        return guesses.near_names(given, (place.pointer for place in places), _NEAR)

    @cached_property
    def security_schemes(self) -> Mapping[str, SecurityScheme]:
        """Every security scheme the description declares."""
        return self._reader.security_schemes

    def _operation(self, place: Place) -> Operation:
        read = self._read.get(place.pointer)
        if read is None:
            twins = self._index.with_id(place.operation_id) if place.operation_id else ()
            read = self._reader.operation(place, self._duplicate(place, twins) if len(twins) > 1 else ())
            self._read[place.pointer] = read
        return read

    def _duplicate(self, place: Place, twins: tuple[Place, ...]) -> tuple[Diagnostic, ...]:
        spans = [(node.span() if (node := twin.at.get("operationId")) else twin.at.span()) for twin in twins]
        first = twins[0]
        return (
            codes.DUPLICATE_OPERATION.at(
                spans[1],
                f"the operationId {place.operation_id!r} stands {len(twins)} times in this description;"
                f" it means {first.method} {first.path}, the first",
                "give each operation its own id, or name it with operationPath",
                [("the first one is here", spans[0])],
            ),
        )


def check_version(tree: Tree) -> None:
    """Raise ``DocumentError`` for a description of a version of OpenAPI that is not read here.

    2.0 and 3.x are; a 3.x later than 3.2 is read as 3.2, which by its versioning it must be fit for.
    """
    for key, known in (("openapi", "3"), ("swagger", "2")):
        node = tree.node.get(key)
        if node is not None:
            version = "" if node.value is None else str(node.value).strip()
            if version.partition(".")[0] == known:
                return
            name = {"openapi": "OpenAPI", "swagger": "Swagger"}[key]
            raise DocumentError(
                [
                    codes.DESCRIPTION_VERSION.at(
                        node.span(),
                        f"{tree.file} is of {name} {version or 'without a version'}, which cannot be read",
                        "Swagger 2.0 and OpenAPI 3.0, 3.1 and 3.2 can be",
                    )
                ]
            )


def is_openapi(root: Node) -> bool:
    """Whether a document says that it is an OpenAPI description."""
    return root.get("openapi") is not None or root.get("swagger") is not None


def _plain(path: str) -> str:
    """A path to compare with: nothing escaped, one slash in front, none at the end."""
    return "/" + path.replace("~1", "/").replace("~0", "~").strip("/")
