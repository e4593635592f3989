"""Cookies in a file, in the format that Netscape had and curl reads and writes (``-b``, ``-c``)."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from arazzo import codes
from arazzo.errors import UsageError
from arazzo.http.cookies import LONGEST_COOKIE, Cookie, can_travel
from arazzo.http.kept_files import write_private
from arazzo.patterns import pattern

_HEAD: Final = "# Netscape HTTP Cookie File\n# Written by arazzo. These are secrets.\n\n"
_HTTP_ONLY: Final = "#HttpOnly_"
_MOMENT: Final = pattern(r"-?[0-9]+")
_LARGEST: Final = 4 * 1024 * 1024


def read_cookie_file(path: Path) -> list[Cookie]:
    """The cookies in ``path``; none where there is no such file. Raises ``UsageError`` for a file of another kind."""
    try:
        if not path.exists():
            _check_folder(path)
            return []
        if not path.is_file() or path.stat().st_size > _LARGEST:
            raise _unusable(path, "it is no file of cookies")
        return list(_cookies(path, path.read_text(encoding="utf-8")))
    except UnicodeDecodeError:
        raise _unusable(path, "it is no text") from None
    except OSError as error:
        raise _unusable(path, (error.strerror or str(error)).lower()) from None


def _cookies(path: Path, text: str) -> Iterator[Cookie]:
    for number, line in enumerate(text.splitlines(), 1):
        http_only = line.startswith(_HTTP_ONLY)
        if not line.strip() or (line.startswith("#") and not http_only):
            continue
        fields = line.removeprefix(_HTTP_ONLY).split("\t")
        if len(fields) != 7 or not _MOMENT.fullmatch(fields[4]) or len(line) > 2 * LONGEST_COOKIE:
            # The line may hold a secret and is not repeated.
            raise _unusable(path, f"line {number} is no cookie: seven fields with tabs between are wanted")
        domain, subdomains, where, secure, expires, name, value = fields
        cookie = Cookie(
            name,
            value,
            domain.lower().removeprefix("."),
            where if where.startswith("/") else "/",
            subdomains == "TRUE",
            secure == "TRUE",
            http_only,
            float(expires[:18]) or None,
        )
        if can_travel(cookie):
            yield cookie


def write_cookie_file(path: Path, cookies: Iterable[Cookie]) -> None:
    """Write ``cookies`` to ``path``, whole or not at all, for its owner's eyes only. Raises ``OSError``."""
    lines = [
        "\t".join(
            (
                f"{_HTTP_ONLY if cookie.http_only else ''}{'.' if cookie.subdomains else ''}{cookie.domain}",
                "TRUE" if cookie.subdomains else "FALSE",
                cookie.path,
                "TRUE" if cookie.secure else "FALSE",
                f"{int(cookie.expires or 0)}",
                cookie.name,
                cookie.value,
            )
        )
        for cookie in cookies
        if "\t" not in cookie.path
    ]
    write_private(path, (_HEAD + "".join(f"{line}\n" for line in lines)).encode("utf-8", "replace"))


def _check_folder(path: Path) -> None:
    """Raise ``UsageError`` where no file can be written: it is told before the run, not after it."""
    folder = path.resolve().parent
    if not folder.is_dir():
        raise _unusable(path, "there is no such folder")
    if not os.access(folder, os.W_OK):
        raise _unusable(path, "its folder cannot be written to")


def _unusable(path: Path, reason: str) -> UsageError:
    return UsageError(
        [
            codes.BAD_USAGE.at(
                None, f"the cookie jar {path} cannot be used: {reason}", "it is a file as curl's -c writes"
            )
        ]
    )
