"""The trust policy (semantics §8): which files and addresses a document may name, by where it came from."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from arazzo.descriptions.uris import address_of, is_private, names_private
from arazzo.http.sightings import Sightings


class Policy(Struct, frozen=True):
    """What one document may name.

    ``folders`` are the real paths that files may lie under; None means any, for what the user names. ``guarded``
    documents came from the network: no private address for them, save the ``exempt`` hosts, where they came from.
    """

    folders: tuple[Path, ...] | None = None
    guarded: bool = False
    exempt: frozenset[str] = frozenset()

    def refuses_file(self, path: Path) -> str | None:
        """Why the file at ``path``, symbolic links resolved, may not be read; None when it may."""
        if self.folders is None or any(path.is_relative_to(folder) for folder in self.folders):
            return None
        if not self.folders:
            return "a document from the network may name no local file"
        return f"it lies outside {self.folders[0]}; allow its folder with --allow-path"

    def refuses_address(self, host: str, address: str) -> str | None:
        """Why ``address``, which ``host`` stands for, may not be connected to; None when it may."""
        if not self.guarded or host.lower() in self.exempt or not is_private(address):
            return None
        return f"{host} is the private address {address}, which a document from the network may not name"

    def refuses_host(self, host: str) -> str | None:
        """The same before any name is resolved: for addresses written out and names of this machine."""
        if not names_private(host):
            return None
        return self.refuses_address(host, host if address_of(host) else "127.0.0.1")


def policy_for_file(home: Path, allowed: Sequence[Path], seen: Sightings | None = None) -> Policy:
    """What a document in a file may name: what is in its ``home`` (``home_of``) and in the folders ``allowed``."""
    # Not Path.resolve: a circle of links leads nowhere, and is no reason to end.
    real = {folder: Path(os.path.realpath(folder)) for folder in (home, *allowed)}
    for folder, leads_to in real.items():
        if seen is not None:
            seen.resolved(folder, leads_to)
    return Policy(tuple(real.values()))


def home_of(document: Path, seen: Sightings | None = None) -> Path:
    """The nearest folder upwards that is a repository; outside one, the parent of the document's folder.

    That parent is not taken where it would open a whole machine or every user's files: the root of the file system,
    or the folder above the home directory.
    """
    folder = document.parent
    for candidate in (folder, *folder.parents):
        mark = candidate / ".git"
        if mark.exists():
            if seen is not None:
                seen.something(mark)
            return candidate
        if seen is not None:
            seen.nothing(mark)
    parent = folder.parent
    return folder if parent == parent.parent or folder == _own_home() else parent


def _own_home() -> Path | None:
    try:
        return Path.home()
    except RuntimeError:  # In a container there may be no such user.
        return None


def policy_for_network(exempt: frozenset[str]) -> Policy:
    """What a document from the network may name: no file, and no private address but those of ``exempt`` hosts."""
    return Policy((), guarded=True, exempt=exempt)
