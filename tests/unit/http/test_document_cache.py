"""Copies of fetched documents: used on the server's word only, and passed over when anything is odd about them."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from tests.unit.http.conftest import CERTIFICATE, Serve, Server, response

import arazzo
from arazzo.descriptions.retrieval import RetrievalError
from arazzo.http import document_cache
from arazzo.http.document_cache import DocumentCache, may_be_kept
from arazzo.http.kept_files import default_folder
from arazzo.http.network import Guard
from arazzo.http.retrieve import Permissions, Retriever
from arazzo.http.transport import Transport, TransportOptions
from arazzo.messages import Failure, NoResponse, Reply, Request, Response, header

URL = "https://a.test/api.yml"
DOWN = NoResponse(Failure.CONNECTION, "the connection to a.test:443 was refused")


class Web:
    """One document with a version, at any URL."""

    def __init__(
        self, body: bytes = b"openapi: 3.1.0", etag: str | None = '"1"', *more: tuple[str, str]
    ) -> None:
        self.body, self.etag, self.more = body, etag, more
        self.down = False
        self.asked: list[Request] = []

    def send(self, request: Request) -> Reply:
        self.asked.append(request)
        if self.down:
            return DOWN
        if request.url.endswith("/moved.yml"):
            return Response(302, (("Location", "/api.yml"),))
        if self.etag is not None and header(request.headers, "if-none-match") == self.etag:
            return Response(304)
        tag = (("ETag", self.etag),) if self.etag is not None else ()
        return Response(200, (*tag, *self.more), self.body)

    def transport(self, _options: TransportOptions, _guard: Guard) -> Transport:
        return self

    def fetch(self, folder: Path, url: str = URL, **permissions: bool) -> bytes:
        """By a retriever of its own, as another process would."""
        retriever = Retriever(
            Permissions(**permissions),  # type: ignore[arg-type]
            make_transport=self.transport,
            cache=DocumentCache(folder),
        )
        return retriever(url).content


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.exists() else []


def test_a_document_that_has_not_changed_is_not_sent_again(tmp_path: Path) -> None:
    web, folder = Web(), tmp_path / "c"
    assert [web.fetch(folder) for _ in range(2)] == [b"openapi: 3.1.0"] * 2
    assert [header(asked.headers, "if-none-match") for asked in web.asked] == [None, '"1"']
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in files(folder)} == {0o600}


def test_a_document_that_has_changed_takes_the_place_of_its_copy(tmp_path: Path) -> None:
    web = Web()
    web.fetch(tmp_path)
    web.body, web.etag = b"openapi: 3.2.0", '"2"'
    assert [web.fetch(tmp_path) for _ in range(2)] == [b"openapi: 3.2.0"] * 2
    assert header(web.asked[-1].headers, "if-none-match") == '"2"'
    assert len(files(tmp_path)) == 2


def test_a_date_will_do_where_there_is_no_tag(tmp_path: Path) -> None:
    web = Web(b"x: 1", None, ("Last-Modified", "Wed, 21 Oct 2015 07:28:00 GMT"))
    web.fetch(tmp_path)
    web.fetch(tmp_path)
    assert header(web.asked[1].headers, "if-modified-since") == "Wed, 21 Oct 2015 07:28:00 GMT"


def test_a_copy_is_known_by_where_a_redirect_led(tmp_path: Path) -> None:
    web = Web()
    web.fetch(tmp_path, "https://a.test/moved.yml")
    web.fetch(tmp_path, "https://a.test/moved.yml")
    assert [header(asked.headers, "if-none-match") for asked in web.asked] == [None, None, None, '"1"']


def test_a_copy_is_not_used_when_the_server_cannot_be_asked(tmp_path: Path) -> None:
    web = Web()
    web.fetch(tmp_path)
    web.down = True
    with pytest.raises(RetrievalError) as caught:
        web.fetch(tmp_path)
    copy = next(file for file in files(tmp_path) if file.suffix == ".text")
    assert caught.value.reason.startswith(DOWN.reason + " (a copy of 20")
    assert caught.value.reason.endswith(f"is in {copy}, and is read with --source)")
    assert copy.read_bytes() == b"openapi: 3.1.0"


def test_offline_no_copy_is_used_either(tmp_path: Path) -> None:
    web = Web()
    web.fetch(tmp_path)
    with pytest.raises(RetrievalError, match="--offline"):
        web.fetch(tmp_path, offline=True)


@pytest.mark.parametrize(
    ("web", "url"),
    [
        (Web(etag=None), URL),
        (Web(b"x", '"1"', ("Cache-Control", "private, No-Store")), URL),
        (Web(b"x", "é"), URL),
        (Web(b"x", "a" * 2000), URL),
        (Web(), "https://user:pass@a.test/api.yml"),
        (Web(), "https://a.test/api.yml?token=t"),
        (Web(), "https://a.test/api.yml?X-Amz-Signature=t&sig=1"),
    ],
)
def test_what_cannot_be_asked_for_again_or_is_private_is_not_kept(tmp_path: Path, web: Web, url: str) -> None:
    web.fetch(tmp_path, url)
    assert files(tmp_path) == []


def test_plain_http_is_not_kept(serve: Serve, tmp_path: Path) -> None:
    server = serve(response(b"openapi: 3.1.0", "200 OK", 'ETag: "1"'))
    retriever = Retriever(cache=DocumentCache(tmp_path))
    try:
        retriever(server.url + "/x.yml")
    finally:
        retriever.close()
    assert files(tmp_path) == []
    assert not may_be_kept("http://127.0.0.1/x")


@pytest.mark.parametrize("damage", ["body", "about", "other", "types", "gone", "folder"])
def test_a_copy_that_is_damaged_is_passed_over(tmp_path: Path, damage: str) -> None:
    web = Web()
    web.fetch(tmp_path)
    about, body = files(tmp_path)
    match damage:
        case "body":
            body.write_bytes(b"openapi: 9")
        case "about":
            about.write_text("{")
        case "other":
            about.write_text(about.read_text().replace(URL, "https://evil.test/"))
        case "types":
            about.write_text(json.dumps({**json.loads(about.read_text()), "etag": ["1"], "fetched": "x"}))
        case "gone":
            body.unlink()
        case _:
            body.unlink()
            body.mkdir()
    assert web.fetch(tmp_path) == b"openapi: 3.1.0"
    assert header(web.asked[1].headers, "if-none-match") is None


def test_a_folder_that_cannot_be_written_costs_nothing_but_the_copy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert Web().fetch(tmp_path / "file" / "cache") == b"openapi: 3.1.0"


def test_there_is_an_end_to_what_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document_cache, "MOST_ENTRIES", 3)
    web = Web()
    for number in range(5):
        web.fetch(tmp_path, f"https://a.test/{number}.yml")
        for age, file in enumerate(files(tmp_path)):
            os.utime(file, (age, age)) if f"/{number}." not in file.read_text("latin-1") else None
    assert len([file for file in files(tmp_path) if file.suffix == ".text"]) == 3
    monkeypatch.setattr(document_cache, "LARGEST_ENTRY", 5)
    web.fetch(tmp_path, "https://a.test/large.yml")
    assert DocumentCache(tmp_path).find("https://a.test/large.yml") is None


def test_where_copies_are_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_folder({"ARAZZO_CACHE_DIR": "/x/y", "XDG_CACHE_HOME": "/z"}) == Path("/x/y")
    assert default_folder({"XDG_CACHE_HOME": "/z"}) == Path("/z/arazzo")
    assert default_folder({"XDG_CACHE_HOME": "relative"}) == tmp_path / ".cache" / "arazzo"
    assert default_folder({}) == tmp_path / ".cache" / "arazzo"


def test_a_document_loaded_over_tls_is_kept_unless_it_is_not_wanted(
    tls_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = b'{"arazzo":"1.0.1","info":{"title":"t","version":"1"},"sourceDescriptions":[],"workflows":[]}'
    monkeypatch.setattr(
        tls_server,
        "_behaviour",
        lambda connection, _: connection.sendall(response(text, "200 OK", 'ETag: "7"')),
    )
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    monkeypatch.setenv("ARAZZO_CACHE_DIR", str(tmp_path / "cache"))
    url = f"https://localhost:{tls_server.port}/flow.json"
    arazzo.load(url, cache=False)
    assert files(tmp_path / "cache") == []
    arazzo.load(url)
    arazzo.load(url)
    assert len(files(tmp_path / "cache")) == 2
    assert [b'If-None-Match: "7"' in request for request in tls_server.requests] == [False, False, True]


def test_a_document_from_the_intranet_names_files_of_its_host_when_it_is_linked_later(serve: Serve) -> None:
    """Loading and linking are two retrievers; what the first learned about the host, the second must know."""
    first, second = Retriever(Permissions(allow_http=True)), Retriever(Permissions(allow_http=True))
    server = serve(response(b"openapi: 3.1.0"))
    host = f"http://127.0.0.1.localhost.test:{server.port}"
    try:
        import socket

        real = socket.getaddrinfo

        def resolved(name: str, *arguments: object, **more: object) -> object:
            return real("127.0.0.1" if str(name).endswith(".test") else name, *arguments, **more)  # type: ignore[arg-type]

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(socket, "getaddrinfo", resolved)
            first(host + "/flow.yml")
            assert second.on_behalf_of(host + "/flow.yml")(host + "/api.yml").content == b"openapi: 3.1.0"
            with pytest.raises(RetrievalError, match="private address"):
                second.on_behalf_of("https://b.test/flow.yml")(host + "/other.yml")
    finally:
        first.close()
        second.close()
