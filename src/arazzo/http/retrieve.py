"""Reading documents and descriptions: files and https URLs, under the trust policy, each once per process."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Sequence
from errno import ELOOP
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias
from urllib.parse import quote, unquote, urldefrag, urljoin, urlsplit

from msgspec import Struct
from msgspec.structs import replace

from arazzo.descriptions.retrieval import RetrievalError, Retrieved
from arazzo.descriptions.uris import host_of, is_loopback, is_private, is_remote, names_private
from arazzo.http.options import TransportOptions
from arazzo.http.sightings import LARGEST, Sightings, names_in, real_path
from arazzo.http.trust import (
    Policy,
    home_of,
    policy_for_file,
    policy_for_network,
)
from arazzo.messages import Failure, NoResponse, Reply, Request, Response, header

if TYPE_CHECKING:
    from arazzo.http.document_cache import DocumentCache, Entry
    from arazzo.http.network import Guard
    from arazzo.http.transport import Transport

MAX_SIZE: Final = LARGEST
_TIMEOUT: Final = 30.0
_MOST_REDIRECTS: Final = 5
_MOST_FILES: Final = 500
_ACCEPT: Final = (("Accept", "application/yaml, application/json, text/yaml, */*;q=0.5"),)
_ANY: Final = Policy()

_PRIVATE: Final[set[str]] = set()
"""Shared by all: a document may be fetched by one retriever and what it names by another."""


def was_private(uri: str) -> bool:
    """Whether what was fetched from ``uri`` came from a private address, where the user or a local document said so."""
    host = host_of(uri)
    return host in _PRIVATE or names_private(host)


MakeTransport: TypeAlias = "Callable[[TransportOptions, Guard], Transport]"


class Permissions(Struct, frozen=True):
    """The flags that widen or narrow what may be read."""

    allow_paths: tuple[Path, ...] = ()
    allow_http: bool = False
    allow_private: bool = False
    offline: bool = False


class Retriever:
    """Reads what the user names: any file, any https URL (http to this machine, or with ``allow_http``).

    ``on_behalf_of`` gives what a document may name. ``cache`` keeps what comes over https; a function makes it when
    something is fetched. ``seen`` takes down what was read. ``make_transport`` is for tests.
    """

    def __init__(
        self,
        permissions: Permissions = Permissions(),  # noqa: B008 - frozen
        options: TransportOptions = TransportOptions(),  # noqa: B008 - frozen
        *,
        max_size: int = MAX_SIZE,
        timeout: float = _TIMEOUT,
        make_transport: MakeTransport | None = None,
        cache: DocumentCache | Callable[[], DocumentCache | None] | None = None,
        seen: Sightings | None = None,
    ) -> None:
        self.permissions = permissions
        self._options = replace(options, max_body=max_size)
        self._max_size, self._timeout = max_size, timeout
        self._make_transport = make_transport or _http_transport
        self._transports: dict[Policy, Transport] = {}
        self._had: dict[tuple[str, Policy], Retrieved | RetrievalError] = {}
        self._given: dict[str, str] = {}
        self._cache = cache
        self.seen = seen or Sightings()
        self._private: set[str] = _PRIVATE if make_transport is None else set()
        """Hosts that were at a private address when the user, or a local document, named them."""

    def __call__(self, uri: str) -> Retrieved:
        """The text at ``uri``, as the user's own wish. Raises ``RetrievalError``."""
        return self.retrieve(uri, _ANY)

    def uri_of(self, place: str) -> str:
        """The absolute URI of a path or URL as a user writes it; the text there is known by ``place`` from now on."""
        if is_remote(place) or place.startswith("file:"):
            uri = place
        else:
            # Not Path.resolve: a link is a place of its own, with neighbours of its own.
            uri = Path(os.path.normpath(Path.cwd() / place)).as_uri()
        self._given.setdefault(uri, place)
        return uri

    def on_behalf_of(self, document_uri: str) -> DocumentReach:
        """What the document at ``document_uri`` may name."""
        return DocumentReach(self, document_uri)

    def retrieve(self, uri: str, policy: Policy) -> Retrieved:
        """The text at ``uri``, if ``policy`` allows it. Raises ``RetrievalError``."""
        uri = urldefrag(uri).url
        if self.permissions.allow_private:
            policy = replace(policy, guarded=False)
        key = (uri, policy)
        if key not in self._had:
            try:
                self._had[key] = (
                    self._had_from_network(uri, policy) if is_remote(uri) else self._read(uri, policy)
                )
            except RetrievalError as error:
                self._had[key] = error
                if error.kind == "failed":
                    self.seen.passing()
        had = self._had[key]
        if isinstance(had, RetrievalError):
            raise had.with_traceback(None)
        return had

    def _read(self, uri: str, policy: Policy) -> Retrieved:
        path = self._path(uri)
        file = self.shown(uri, path)
        try:
            real = real_path(path)
            self.seen.resolved(path, real)
            if (refusal := policy.refuses_file(real)) is not None:
                raise RetrievalError(uri, refusal, "refused", file)
            found = real.stat()
            if not stat.S_ISREG(found.st_mode):
                self.seen.passing()
            if stat.S_ISDIR(found.st_mode):
                raise RetrievalError(uri, "it is a folder", "absent", file)
            if not stat.S_ISREG(found.st_mode):
                raise RetrievalError(uri, "it is no regular file", "refused", file)
            if found.st_size > self._max_size:
                raise RetrievalError(uri, f"it is larger than {self._max_size:,} bytes", "failed", file)
            content = real.read_bytes()
            self.seen.content(path, content)
            return Retrieved(uri, content, file)
        except (FileNotFoundError, NotADirectoryError):
            self.seen.nothing(path)
            raise RetrievalError(uri, "no such file", "absent", file) from None
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            if error.errno == ELOOP:
                reason = "its symbolic links lead in a circle"
            raise RetrievalError(uri, reason, "failed", file) from None

    @staticmethod
    def _path(uri: str) -> Path:
        parts = urlsplit(uri)
        if parts.scheme != "file" or parts.netloc not in ("", "localhost"):
            raise RetrievalError(uri, "only files and https URLs can be read", "refused")
        name = _path_of(parts.path)
        if "\0" in name or (not name.startswith(("/", "\\")) and not Path(name).is_absolute()):
            raise RetrievalError(uri, "it is no path of a file", "refused")
        return Path(os.path.normpath(name))

    def shown(self, uri: str, path: Path) -> str:
        """How people know the file at ``path``: as they gave it, or relative where they give relative paths."""
        if uri in self._given:
            return self._given[uri]
        here = Path.cwd()
        relative = any(
            not Path(given).is_absolute() for given in self._given.values() if not is_remote(given)
        )
        if path.is_relative_to(here):
            return str(path.relative_to(here))
        return os.path.relpath(path, here) if relative else str(path)

    def _had_from_network(self, uri: str, policy: Policy) -> Retrieved:
        """What is at ``uri``, or why not, under a name that shows no password and no token of the URL."""
        from arazzo.engine.secrets import Secrets  # not above: most documents are files

        shown = Secrets().urls
        try:
            retrieved = self._fetch(uri, policy)
        except RetrievalError as error:
            raise RetrievalError(uri, shown(error.reason), error.kind, shown(error.file)) from None
        return replace(retrieved, file=shown(retrieved.file))

    def _fetch(self, uri: str, policy: Policy) -> Retrieved:
        if self.permissions.offline:
            raise RetrievalError(uri, "not fetched (--offline)", "offline")
        self.seen.passing()
        deadline = time.monotonic() + self._timeout
        target = uri
        for _ in range(_MOST_REDIRECTS + 1):
            self._check(uri, target, policy)
            left = max(deadline - time.monotonic(), 0.001)
            cache = self._opened_cache()
            kept = cache.find(target) if cache is not None else None
            headers = (*_ACCEPT, *kept.conditions) if kept is not None else _ACCEPT
            request = Request("GET", target, headers, timeout=left, follow_redirects=False)
            reply = self._transport(policy).send(request)
            if kept is not None and isinstance(reply, Response) and reply.status == 304:
                return Retrieved(target, kept.content, uri)
            location = header(reply.headers, "location") if isinstance(reply, Response) else None
            if not isinstance(reply, Response) or not 300 <= reply.status < 400 or location is None:
                return self._received(uri, target, reply, kept)
            target = urldefrag(urljoin(target, location)).url
            # Where a server sends us is no longer what the user or a local document named.
            policy = policy if policy.guarded else self._redirected(uri, policy)
        raise RetrievalError(uri, f"there were more than {_MOST_REDIRECTS} redirects")

    def _opened_cache(self) -> DocumentCache | None:
        if callable(self._cache):
            self._cache = self._cache()
        return self._cache

    def _redirected(self, uri: str, policy: Policy) -> Policy:
        return replace(policy, guarded=not self.permissions.allow_private, exempt=self.exempt_for(uri))

    def exempt_for(self, uri: str) -> frozenset[str]:
        """The host of ``uri`` where it was at a private address already when it was fetched.

        A name that was public then and is private now has been made to point here, and is not exempt.
        """
        host = host_of(uri)
        return frozenset((host,)) if host in self._private or names_private(host) else frozenset()

    def _check(self, uri: str, target: str, policy: Policy) -> None:
        """Raise for what may not be asked at all."""
        host = host_of(target)
        if not is_remote(target) or not host:
            raise RetrievalError(uri, f"it leads to {target}, which is no web address", "refused")
        if target[:5].lower() == "http:" and not (is_loopback(host) or self.permissions.allow_http):
            raise RetrievalError(
                uri, "http is not encrypted; write https, or allow it with --allow-http", "refused"
            )
        if (refusal := policy.refuses_host(host)) is not None:
            raise RetrievalError(uri, f"{refusal}; allow it with --allow-private", "refused")

    def _transport(self, policy: Policy) -> Transport:
        if policy not in self._transports:
            self._transports[policy] = self._make_transport(self._options, self._guard(policy))
        return self._transports[policy]

    def _guard(self, policy: Policy) -> Guard:
        from arazzo.http.guards import proxy_hosts  # not above: most documents are files

        # Of what a proxy fetches, only what is written out is checked.
        own = proxy_hosts(self._options.proxy)

        def judge(host: str, address: str) -> str | None:
            if not policy.guarded and is_private(address):
                self._private.add(host.lower())
            return None if host.lower() in own else policy.refuses_address(host, address)

        return judge

    def _received(self, uri: str, target: str, reply: Reply, kept: Entry | None) -> Retrieved:
        if isinstance(reply, NoResponse):
            if reply.failure is Failure.REFUSED:
                raise RetrievalError(uri, reply.reason, "refused")
            # Not used unasked: nobody could tell that what is run is not what is there.
            hint = f" ({kept}, and is read with --source)" if kept is not None else ""
            raise RetrievalError(uri, f"{reply.reason}{hint}")
        if reply.status in (404, 410):
            raise RetrievalError(uri, f"the server answers {reply.status}: nothing there", "absent")
        if reply.status != 200:
            raise RetrievalError(uri, f"the server answers {reply.status} {reply.reason}".rstrip())
        if (cache := self._opened_cache()) is not None:
            cache.keep(target, reply)
        return Retrieved(target, reply.body, uri)

    def list_folder(self, uri: str, policy: Policy) -> tuple[str, ...]:
        """URIs of the YAML and JSON files in the folder ``uri``, if ``policy`` allows reading there."""
        if is_remote(uri):
            return ()
        try:
            folder = self._path(uri)
        except RetrievalError:
            return ()
        try:
            real = real_path(folder)
            self.seen.resolved(folder, real)
            if policy.refuses_file(real) is not None:
                return ()
            names = names_in(real)
        except (FileNotFoundError, NotADirectoryError):
            self.seen.nothing(folder)
            return ()
        except OSError:
            self.seen.passing()
            return ()
        self.seen.folder(folder, names)
        return tuple(uri.rstrip("/") + "/" + quote(name) for name in names[:_MOST_FILES])

    def close(self) -> None:
        """Close the connections."""
        for transport in self._transports.values():
            close = getattr(transport, "close", None)
            if close is not None:
                close()
        self._transports.clear()


class DocumentReach:
    """What one document may name (``descriptions.retrieval.Reach``)."""

    def __init__(self, retriever: Retriever, document_uri: str) -> None:
        self._retriever = retriever
        allowed = retriever.permissions.allow_paths
        self.roots: tuple[str, ...] = ()
        if is_remote(document_uri):
            self._policy = policy_for_network(retriever.exempt_for(document_uri))
        else:
            document = Path(_path_of(urlsplit(document_uri).path))
            home = home_of(document, retriever.seen)
            self._policy = policy_for_file(home, allowed, retriever.seen)
            self.roots = tuple(_folder_uri(folder) for folder in (home, *allowed))

    def __call__(self, uri: str) -> Retrieved:
        return self._retriever.retrieve(uri, self._policy)

    def list_folder(self, uri: str) -> Sequence[str]:
        return self._retriever.list_folder(uri, self._policy)


def _path_of(url_path: str) -> str:
    if os.name != "nt":
        return unquote(url_path)
    from urllib.request import url2pathname

    return url2pathname(url_path)


def _folder_uri(folder: Path) -> str:
    return folder.absolute().as_uri().rstrip("/") + "/"


def _http_transport(options: TransportOptions, guard: Guard) -> Transport:
    from arazzo.http.httpx2_client import HttpTransport

    return HttpTransport(options, guard=guard)
