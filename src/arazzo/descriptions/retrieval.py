"""How a description is had, as seen from below the network: three small protocols and what they give.

Nothing in this room opens a file or a connection; ``arazzo.http.retrieve`` does, under the trust policy.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

from msgspec import Struct

Kind = Literal["absent", "refused", "offline", "failed"]


class Retrieved(Struct, frozen=True):
    """A text as it came. ``uri`` is absolute (``file:///…`` or ``https://…``), after any redirect.

    ``file`` is how people know it: a relative path where one was given, else the path or URL.
    """

    uri: str
    content: bytes
    file: str


class RetrievalError(Exception):
    """A text cannot be had. ``reason`` is a clause for people, such as ``no such file``.

    ``kind`` tells a place that holds nothing (``absent``) from one we may not look at (``refused``), one we
    were told not to ask (``offline``) and one that could not be read (``failed``).
    """

    def __init__(self, uri: str, reason: str, kind: Kind = "failed", file: str | None = None) -> None:
        super().__init__(f"{file or uri}: {reason}")
        self.uri, self.reason, self.kind, self.file = uri, reason, kind, file or uri


class Retrieve(Protocol):
    """Gives the text at an absolute URI, or raises ``RetrievalError``."""

    def __call__(self, uri: str, /) -> Retrieved: ...


class Reach(Retrieve, Protocol):
    """What one document may name: ``Retrieve`` under the trust policy for that document (semantics §8)."""

    @property
    def roots(self) -> Sequence[str]:
        """URIs of the folders, each ending in ``/``, that the document may name files in."""
        ...

    def list_folder(self, uri: str, /) -> Sequence[str]:
        """URIs of the YAML and JSON files in the folder ``uri``, sorted; none where it cannot be listed."""
        ...


def flaw_of(content: bytes) -> str | None:
    """Why a text cannot be a description or a part of one, where a glance tells."""
    start = content[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start:
        return "it is empty"
    if start.startswith(b"<"):
        return "it is HTML or XML, not an API description"
    return None
