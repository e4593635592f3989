"""Reading files and URLs, for the user and on behalf of documents."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.http.conftest import Serve, response

from arazzo.descriptions.retrieval import RetrievalError, Retrieved
from arazzo.http.network import Guard
from arazzo.http.retrieve import Permissions, Retriever
from arazzo.http.transport import Transport, TransportOptions
from arazzo.messages import Failure, NoResponse, Reply, Request, Response


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with a document, a source, and a secret beside it."""
    repo = tmp_path / "repo"
    (repo / ".git").mkdir(parents=True)
    (repo / "arazzo").mkdir()
    (repo / "openapi").mkdir()
    (repo / "arazzo" / "flow.yml").write_text("arazzo: 1.0.1")
    (repo / "openapi" / "my api.yml").write_text("openapi: 3.1.0")
    (tmp_path / "secret.yml").write_text("password: x")
    return repo


def refused(read: Callable[[str], Retrieved], uri: str) -> RetrievalError:
    with pytest.raises(RetrievalError) as caught:
        read(uri)
    return caught.value


def test_a_path_is_read_and_known_as_it_was_given(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository / "arazzo")
    retriever = Retriever()
    uri = retriever.uri_of("../arazzo/flow.yml")
    assert uri == (repository / "arazzo" / "flow.yml").as_uri()
    document = retriever(uri)
    assert (document.uri, document.content, document.file) == (uri, b"arazzo: 1.0.1", "../arazzo/flow.yml")
    source = retriever.on_behalf_of(uri)((repository / "openapi" / "my api.yml").as_uri())
    assert (source.content, source.file) == (b"openapi: 3.1.0", "../openapi/my api.yml")


def test_an_absolute_path_stays_one(repository: Path) -> None:
    retriever = Retriever()
    path = str(repository / "arazzo" / "flow.yml")
    assert retriever(retriever.uri_of(path)).file == path
    other = (repository / "openapi" / "my api.yml").as_uri()
    assert retriever(other).file == str(repository / "openapi" / "my api.yml")


def test_a_url_is_its_own_uri() -> None:
    assert Retriever().uri_of("https://a.test/x.yml") == "https://a.test/x.yml"
    assert Retriever().uri_of("file:///a/x.yml") == "file:///a/x.yml"


def test_what_is_not_there_or_no_file_says_so(repository: Path) -> None:
    retriever = Retriever()
    gone = refused(retriever, (repository / "gone.yml").as_uri())
    assert (gone.kind, gone.reason) == ("absent", "no such file")
    assert refused(retriever, (repository / "openapi").as_uri()).reason == "it is a folder"
    assert refused(retriever, (repository / "arazzo" / "flow.yml" / "x").as_uri()).kind == "absent"
    os.mkfifo(repository / "pipe.yml")
    assert refused(retriever, (repository / "pipe.yml").as_uri()).reason == "it is no regular file"
    assert refused(retriever, "file:///dev/zero").reason == "it is no regular file"


def test_a_file_that_is_too_large_is_not_read(repository: Path) -> None:
    error = refused(Retriever(max_size=5), (repository / "arazzo" / "flow.yml").as_uri())
    assert error.reason == "it is larger than 5 bytes"


def test_a_document_may_not_name_files_outside_its_repository(repository: Path) -> None:
    retriever = Retriever()
    reach = retriever.on_behalf_of((repository / "arazzo" / "flow.yml").as_uri())
    secret = (repository.parent / "secret.yml").as_uri()
    error = refused(reach, secret)
    assert error.kind == "refused"
    assert "--allow-path" in error.reason
    assert refused(reach, (repository / "arazzo").as_uri() + "/../../secret.yml").kind == "refused"
    assert refused(reach, (repository.parent / "gone.yml").as_uri()).kind == "refused"
    assert retriever(secret).content == b"password: x"
    wider = Retriever(Permissions(allow_paths=(repository.parent,)))
    assert wider.on_behalf_of((repository / "arazzo" / "flow.yml").as_uri())(secret).content == b"password: x"


def test_a_link_out_of_the_repository_is_no_way_out(repository: Path) -> None:
    (repository / "openapi" / "link.yml").symlink_to(repository.parent / "secret.yml")
    (repository / "folder").symlink_to(repository.parent)
    reach = Retriever().on_behalf_of((repository / "arazzo" / "flow.yml").as_uri())
    for name in ("openapi/link.yml", "folder/secret.yml"):
        assert refused(reach, (repository / name).as_uri()).kind == "refused"
    assert reach.list_folder((repository / "folder").as_uri()) == ()


def test_a_circle_of_links_is_no_way_out(repository: Path) -> None:
    # Some versions of Python resolve nothing behind a circle: `hidden.yml` was checked where it stands, and read
    # where it leads.
    openapi = repository / "openapi"
    (openapi / "circle").symlink_to("circle")
    (openapi / "hidden.yml").symlink_to(repository.parent / "secret.yml")
    (openapi / "link.yml").symlink_to("circle/../hidden.yml")
    (openapi / "hidden").symlink_to(repository.parent)
    (openapi / "folder").symlink_to("circle/../hidden")
    reach = Retriever().on_behalf_of((repository / "arazzo" / "flow.yml").as_uri())
    for name in ("openapi/link.yml", "openapi/folder/secret.yml", "openapi/hidden.yml"):
        assert refused(reach, (repository / name).as_uri()).kind in ("refused", "failed")
    assert reach.list_folder((openapi / "folder").as_uri()) == ()


def test_a_circle_of_links_ends_nothing(repository: Path) -> None:
    (repository / "circle").symlink_to("circle")
    (repository / "openapi" / "circle.yml").symlink_to("circle.yml")
    retriever = Retriever(Permissions(allow_paths=(repository / "circle",)))
    reach = retriever.on_behalf_of((repository / "arazzo" / "flow.yml").as_uri())
    assert reach.list_folder((repository / "circle").as_uri()) == ()
    assert reach.list_folder((repository / "openapi").as_uri()) == (
        (repository / "openapi").as_uri() + "/my%20api.yml",
    )
    error = refused(reach, (repository / "circle" / "x.yml").as_uri())
    assert (error.kind, error.reason) == ("failed", "its symbolic links lead in a circle")


def test_a_repository_reached_by_a_link_is_still_one(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(repository)
    reach = Retriever().on_behalf_of((tmp_path / "link" / "arazzo" / "flow.yml").as_uri())
    assert reach((tmp_path / "link" / "openapi" / "my api.yml").as_uri()).content == b"openapi: 3.1.0"
    assert reach.roots == ((tmp_path / "link").as_uri() + "/",)


@pytest.mark.parametrize(
    "uri", ["ftp://a/x", "c:/x", "", "file://other-host/x", "file:///a%00b", "file:relative", "x.yml"]
)
def test_what_is_neither_a_file_nor_a_web_address_is_refused(uri: str) -> None:
    assert refused(Retriever(), uri).kind == "refused"


def test_the_descriptions_of_a_folder_are_listed(repository: Path) -> None:
    for name in ("b.json", "a.yaml", "note.txt", ".hidden.yml"):
        (repository / "openapi" / name).write_text("")
    (repository / "openapi" / "sub.yml").mkdir()
    reach = Retriever().on_behalf_of((repository / "arazzo" / "flow.yml").as_uri())
    folder = (repository / "openapi").as_uri() + "/"
    assert reach.list_folder(folder) == (folder + "a.yaml", folder + "b.json", folder + "my%20api.yml")
    assert reach.list_folder(repository.parent.as_uri()) == ()
    assert reach.list_folder((repository / "gone").as_uri()) == ()
    assert reach.list_folder("https://a.test/") == ()
    assert reach.list_folder("nonsense") == ()


@given(st.text(max_size=40))
def test_no_uri_however_odd_raises_anything_else(uri: str) -> None:
    retriever = Retriever(Permissions(offline=True))
    for read in (retriever, retriever.on_behalf_of("file:///no-such-folder/x/flow.yml")):
        with pytest.raises(RetrievalError):
            read(uri)


# --- the network


class Web:
    """A made-up web: answers by URL; a guard is asked for each host as a connection would."""

    def __init__(self, answers: dict[str, Reply], addresses: dict[str, str] | None = None) -> None:
        self.answers, self.addresses = answers, addresses or {}
        self.asked: list[str] = []

    def transport(self, options: TransportOptions, guard: Guard) -> Transport:
        web = self

        class One:
            def send(self, request: Request) -> Reply:
                host = request.url.split("/")[2].partition(":")[0]
                refusal = guard(host, web.addresses.get(host, "8.8.8.8"))
                if refusal is not None:
                    return NoResponse(Failure.REFUSED, refusal)
                web.asked.append(request.url)
                assert not request.follow_redirects
                assert request.timeout is not None
                return web.answers.get(request.url, Response(404, reason="Not Found"))

        return One()

    def retriever(self, **permissions: bool) -> Retriever:
        return Retriever(Permissions(**permissions), make_transport=self.transport)  # type: ignore[arg-type]


def moved(location: str) -> Response:
    return Response(302, (("Location", location),))


def test_a_url_is_fetched_once() -> None:
    web = Web({"https://a.test/x.yml": Response(200, body=b"openapi: 3.1.0")})
    retriever = web.retriever()
    assert retriever("https://a.test/x.yml#/paths").file == "https://a.test/x.yml"
    assert retriever("https://a.test/x.yml").content == b"openapi: 3.1.0"
    assert web.asked == ["https://a.test/x.yml"]


def test_what_is_missing_is_asked_for_once_too() -> None:
    web = Web({})
    retriever = web.retriever()
    for _ in range(2):
        error = refused(retriever, "https://a.test/x.yml")
        assert (error.kind, error.reason) == ("absent", "the server answers 404: nothing there")
    assert len(web.asked) == 1


@pytest.mark.parametrize(
    ("reply", "kind", "reason"),
    [
        (Response(410), "absent", "the server answers 410: nothing there"),
        (Response(403, reason="Forbidden"), "failed", "the server answers 403 Forbidden"),
        (Response(304), "failed", "the server answers 304"),
        (
            NoResponse(Failure.TLS, "the certificate is not trusted"),
            "failed",
            "the certificate is not trusted",
        ),
    ],
)
def test_a_failure_says_what_the_server_said(reply: Reply, kind: str, reason: str) -> None:
    error = refused(Web({"https://a.test/x": reply}).retriever(), "https://a.test/x")
    assert (error.kind, error.reason) == (kind, reason)


def test_a_redirect_is_followed_and_moves_the_base() -> None:
    web = Web({"https://a.test/x": moved("/y"), "https://a.test/y": Response(200, body=b"y")})
    retrieved = web.retriever()("https://a.test/x")
    assert (retrieved.uri, retrieved.file, retrieved.content) == (
        "https://a.test/y",
        "https://a.test/x",
        b"y",
    )


def test_redirects_come_to_an_end() -> None:
    error = refused(Web({"https://a.test/x": moved("/x")}).retriever(), "https://a.test/x")
    assert error.reason == "there were more than 5 redirects"


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://a.test/x", "http://a.test/x"])
def test_a_redirect_leads_only_to_https(location: str) -> None:
    assert (
        refused(Web({"https://a.test/x": moved(location)}).retriever(), "https://a.test/x").kind == "refused"
    )


@pytest.mark.parametrize("location", ["http://127.0.0.1/x", "https://10.0.0.1/x", "https://inside.test/x"])
def test_a_redirect_inwards_is_refused_even_for_the_user(location: str) -> None:
    web = Web({"https://a.test/x": moved(location)}, {"inside.test": "192.168.0.5"})
    error = refused(web.retriever(), "https://a.test/x")
    assert error.kind == "refused"
    assert "private address" in error.reason
    assert web.asked == ["https://a.test/x"]


def test_http_is_for_this_machine_or_with_a_flag() -> None:
    web = Web({"http://a.test/x": Response(200, body=b"1"), "http://127.0.0.1:8/x": Response(200, body=b"2")})
    error = refused(web.retriever(), "http://a.test/x")
    assert (error.kind, "--allow-http" in error.reason) == ("refused", True)
    assert web.retriever()("http://127.0.0.1:8/x").content == b"2"
    assert web.retriever(allow_http=True)("http://a.test/x").content == b"1"


def test_offline_nothing_is_fetched() -> None:
    web = Web({"https://a.test/x": Response(200)})
    error = refused(web.retriever(offline=True), "https://a.test/x")
    assert (error.kind, error.reason, web.asked) == ("offline", "not fetched (--offline)", [])


def test_a_document_from_the_network_names_no_file(repository: Path) -> None:
    reach = Web({}).retriever().on_behalf_of("https://a.test/flow.yml")
    assert refused(reach, (repository / "arazzo" / "flow.yml").as_uri()).kind == "refused"
    assert reach.roots == ()


@pytest.mark.parametrize(
    "uri",
    [
        "https://inside.test/x",
        "https://127.0.0.1/x",
        "http://localhost/x",
        "https://[::1]/x",
        "https://169.254.169.254/x",
    ],
)
def test_a_document_from_the_network_names_no_private_address(uri: str) -> None:
    web = Web({uri: Response(200, body=b"secret")}, {"inside.test": "10.0.0.9"})
    error = refused(web.retriever().on_behalf_of("https://a.test/flow.yml"), uri)
    assert error.kind == "refused"
    assert web.asked == []
    allowed = web.retriever(allow_private=True).on_behalf_of("https://a.test/flow.yml")
    assert allowed(uri).content == b"secret"


def test_a_local_document_may_name_private_addresses(repository: Path) -> None:
    web = Web({"https://inside.test/x": Response(200, body=b"x")}, {"inside.test": "10.0.0.9"})
    reach = web.retriever().on_behalf_of((repository / "arazzo" / "flow.yml").as_uri())
    assert reach("https://inside.test/x").content == b"x"


def test_a_document_from_a_private_host_may_name_that_host_only() -> None:
    addresses = {"inside.test": "10.0.0.9", "other.test": "10.0.0.10"}
    names = ("flow.yml", "x.yml")
    web = Web(
        {f"https://{host}/{name}": Response(200, body=b"x") for host in addresses for name in names},
        addresses,
    )
    retriever = web.retriever()
    retriever("https://inside.test/flow.yml")
    reach = retriever.on_behalf_of("https://inside.test/flow.yml")
    assert reach("https://inside.test/x.yml").content == b"x"
    assert refused(reach, "https://other.test/x.yml").kind == "refused"


def test_a_name_that_turns_private_after_it_was_fetched_is_not_trusted() -> None:
    web = Web({"https://evil.test/flow.yml": Response(200, body=b"x"), "https://evil.test/x": Response(200)})
    retriever = web.retriever()
    retriever("https://evil.test/flow.yml")
    web.addresses["evil.test"] = "127.0.0.1"
    assert (
        refused(retriever.on_behalf_of("https://evil.test/flow.yml"), "https://evil.test/x").kind == "refused"
    )


def test_what_the_user_fetched_is_not_handed_to_a_document_that_may_not() -> None:
    web = Web({"https://inside.test/x": Response(200, body=b"secret")}, {"inside.test": "10.0.0.9"})
    retriever = web.retriever()
    assert retriever("https://inside.test/x").content == b"secret"
    assert (
        refused(retriever.on_behalf_of("https://a.test/flow.yml"), "https://inside.test/x").kind == "refused"
    )


def test_the_real_transport_fetches_and_guards(serve: Serve) -> None:
    server = serve(response(b"openapi: 3.1.0"))
    retriever = Retriever(Permissions(allow_http=True), max_size=1000)
    try:
        assert retriever(f"http://localhost:{server.port}/x").content == b"openapi: 3.1.0"
        reach = retriever.on_behalf_of("https://a.test/flow.yml")
        for host in ("localhost", "127.0.0.1", "[::1]", "127.1"):
            assert refused(reach, f"http://{host}:{server.port}/x").kind == "refused"
        assert server.connections == 1
    finally:
        retriever.close()


def test_a_response_that_is_too_large_is_refused(serve: Serve) -> None:
    server = serve(response(b"x" * 1001))
    retriever = Retriever(max_size=1000)
    try:
        error = refused(retriever, server.url + "/x")
        assert error.reason == "the body of the response is larger than 1,000 bytes"
    finally:
        retriever.close()
