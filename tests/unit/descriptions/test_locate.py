"""The ladder, rung by rung, over a made-up file system and network."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arazzo.descriptions.locate import Beside, Located, Rung, find_beside, locate
from arazzo.descriptions.retrieval import RetrievalError, Retrieved
from arazzo.descriptions.uris import ancestors, is_relative, resolve, written_from
from arazzo.source import from_value

ROOT = "file:///repo/"
DOCUMENT = ROOT + "arazzo/flow.yml"


def description(*operation_ids: str) -> bytes:
    paths = "".join(f"  /{name}: {{get: {{operationId: {name}}}}}\n" for name in operation_ids)
    return f"openapi: 3.1.0\npaths:\n{paths}".encode()


class Places:
    """A reach over texts by URI; every other place is absent, remote ones as ``remote`` says."""

    def __init__(
        self, texts: Mapping[str, bytes], *, remote: str = "failed", roots: Collection[str] = (ROOT,)
    ) -> None:
        self.texts, self.remote, self.roots = texts, remote, tuple(roots)
        self.asked: list[str] = []

    def __call__(self, uri: str) -> Retrieved:
        self.asked.append(uri)
        if uri in self.texts:
            return Retrieved(uri, self.texts[uri], uri.removeprefix(ROOT))
        if uri.startswith("http"):
            raise RetrievalError(uri, f"it is {self.remote}", self.remote)  # type: ignore[arg-type]
        raise RetrievalError(uri, "no such file", "absent", uri.removeprefix(ROOT))

    def list_folder(self, uri: str) -> tuple[str, ...]:
        return tuple(
            sorted(text for text in self.texts if text.startswith(uri) and "/" not in text[len(uri) :])
        )


def find(url: str, places: Places, *, base: str = DOCUMENT, wanted: Collection[str] = ()) -> Located:
    return locate("api", url, base, places, document_uri=DOCUMENT, wanted=wanted)


RUNGS = [
    (Rung.AS_WRITTEN, "../openapi/api.yml", "openapi/api.yml"),
    (Rung.AS_WRITTEN, "../openapi/my api.yml", "openapi/my%20api.yml"),
    (Rung.AS_WRITTEN, "../openapi/my%20api.yml", "openapi/my%20api.yml"),
    (Rung.AS_WRITTEN, "file:///repo/x.yml", "x.yml"),
    (Rung.DECODED, "../openapi/my%2520api.yml", "openapi/my%20api.yml"),
    (Rung.DECODED, "../openapi/my%20api.yml", "openapi/my%2520api.yml"),
    (Rung.ANCESTOR, "./apis/x/openapi.json", "apis/x/openapi.json"),
    (Rung.ANCESTOR, "/apis/x/openapi.json", "apis/x/openapi.json"),
    (Rung.ORIGINAL, "../openapi/api.yml", "openapi/_original/api.yml"),
    (Rung.NEIGHBOUR, "https://raw.test/main/openapi/api.yml", "openapi/api.yml"),
    (Rung.NEIGHBOUR, "https://raw.test/main/openapi/api.yml?raw=1", "openapi/_original/api.yml"),
    (Rung.NEIGHBOUR, "https://raw.test/main/openapi/api.yml", "arazzo/openapi/api.yml"),
]


@pytest.mark.parametrize(("rung", "url", "place"), RUNGS)
def test_a_source_is_found_on_its_rung(rung: Rung, url: str, place: str) -> None:
    located = find(url, Places({ROOT + place: description()}))
    assert located.rung is rung
    assert located.retrieved is not None
    assert located.retrieved.uri == ROOT + place
    if rung is Rung.AS_WRITTEN:
        assert located.diagnostics == ()
    else:
        (diagnostic,) = located.diagnostics
        assert (diagnostic.code, diagnostic.kindness) == ("source-elsewhere", True)
        assert url in diagnostic.message
        assert place in diagnostic.message
        assert diagnostic.hint is not None
        assert f"--source api={place}" in diagnostic.hint


def test_a_higher_rung_is_taken_first() -> None:
    texts = {ROOT + "openapi/_original/api.yml": description(), ROOT + "openapi/api.yml": description()}
    assert find("../openapi/api.yml", Places(texts)).rung is Rung.AS_WRITTEN


def test_the_hint_writes_the_url_as_the_document_would() -> None:
    located = find("../openapi/api.yml", Places({ROOT + "openapi/_original/api.yml": description()}))
    assert located.diagnostics[0].hint == (
        "write the url as ../openapi/_original/api.yml, or pass --source api=openapi/_original/api.yml"
    )


def test_no_url_of_this_machine_is_written_into_a_document_that_says_it_is_elsewhere() -> None:
    places = Places({ROOT + "arazzo/api.yml": description()})
    located = find("api.yml", places, base="https://shop.test/flows/flow.yml")
    (diagnostic,) = located.diagnostics
    assert diagnostic.message.startswith("the source 'api' is not at https://shop.test/flows/api.yml; ")
    assert diagnostic.hint == "pass --source api=arazzo/api.yml"
    assert diagnostic.mend is None


def test_a_source_that_was_not_fetched_is_named_by_where_it_is() -> None:
    located = find("api.yml", Places({}, remote="offline"), base="https://shop.test/flows/flow.yml")
    assert "https://shop.test/flows/api.yml, which was not fetched" in located.diagnostics[0].message


def test_climbing_ends_at_the_root() -> None:
    places = Places({"file:///apis/x.yml": description()})
    assert find("./apis/x.yml", places).rung is None
    assert "file:///apis/x.yml" not in places.asked


def test_a_self_uri_that_leads_nowhere_does_not_hide_the_file_beside_the_document() -> None:
    places = Places({ROOT + "arazzo/api.yml": description()})
    located = find("./api.yml", places, base="https://canonical.test/flows/flow.yml")
    assert located.rung is Rung.ANCESTOR
    assert places.asked[0] == "https://canonical.test/flows/api.yml"


def test_a_remote_original_is_asked_for_only_where_the_server_says_there_is_nothing() -> None:
    url, original = "https://raw.test/openapi/api.yml", "https://raw.test/openapi/_original/api.yml"
    assert find(url, Places({original: description()}, remote="absent")).rung is Rung.ORIGINAL
    places = Places({original: description()}, remote="failed")
    assert find(url, places).rung is None
    assert original not in places.asked


def test_the_one_file_of_the_folder_with_all_operations_is_taken() -> None:
    texts = {
        ROOT + "openapi/pets.yml": description("listPets", "getPet"),
        ROOT + "openapi/orders.yml": description("listOrders"),
        ROOT + "openapi/broken.yml": b"listPets getPet: [",
    }
    located = find("../openapi/gone.yml", Places(texts), wanted=("listPets", "getPet"))
    assert located.rung is Rung.SAME_FOLDER
    assert located.retrieved is not None
    assert located.retrieved.uri == ROOT + "openapi/pets.yml"


def test_operations_in_two_files_of_the_folder_decide_nothing() -> None:
    texts = {ROOT + "openapi/a.yml": description("list"), ROOT + "openapi/b.yml": description("list")}
    located = find("../openapi/gone.yml", Places(texts), wanted=("list",))
    assert located.retrieved is None
    assert [tried.reason for tried in located.tried[-2:]] == [
        "it has the operations, but so has 1 other file"
    ] * 2


def test_an_id_that_is_only_mentioned_is_no_operation() -> None:
    text = description("other") + b"info: {description: see listPets}\n"
    assert (
        find("../openapi/gone.yml", Places({ROOT + "openapi/a.yml": text}), wanted=("listPets",)).rung is None
    )


def test_without_wanted_operations_no_folder_is_searched() -> None:
    places = Places({ROOT + "openapi/a.yml": description("list")})
    assert find("../openapi/gone.yml", places).rung is None
    assert ROOT + "openapi/a.yml" not in places.asked


def test_an_operation_its_source_lacks_is_found_in_the_only_other_file_of_the_folder() -> None:
    texts = {
        ROOT + "openapi/a.yml": description("listPets"),
        ROOT + "openapi/b.yml": description("getOrder"),
        ROOT + "openapi/c.yml": description("listPets"),
    }

    def beside(operation_id: str) -> tuple[str, str | None, str] | None:
        skip = (ROOT + "openapi/a.yml",)
        found = find_beside(operation_id, "api", "../openapi/a.yml", DOCUMENT, Places(texts), skip=skip)
        return (found[0].uri, found[1].operation_id, found[2].code) if found else None

    assert beside("getOrder") == (ROOT + "openapi/b.yml", "getOrder", "source-elsewhere")
    assert beside("listPets") == (ROOT + "openapi/c.yml", "listPets", "source-elsewhere")
    assert beside("nothing") is None
    texts[ROOT + "openapi/_original/b.yml"] = texts[ROOT + "openapi/b.yml"]
    assert beside("getOrder") is None


def test_what_stands_beside_a_source_is_read_once_for_all_operations() -> None:
    ids = [f"op{number}" for number in range(20)]
    places = Places({ROOT + "openapi/a.yml": description("other"), ROOT + "openapi/b.yml": description(*ids)})
    beside = Beside(places)
    found = [
        find_beside(
            one, "api", "../openapi/a.yml", DOCUMENT, places, skip=(ROOT + "openapi/a.yml",), beside=beside
        )
        for one in (*ids, "nothing")
    ]
    assert [one[1].operation_id for one in found if one is not None] == ids
    assert len({id(one[0]) for one in found if one is not None}) == 1
    assert places.asked == [ROOT + "openapi/b.yml"]


def test_nothing_found_is_one_diagnostic_that_lists_every_place_and_the_flag() -> None:
    located = find("../openapi/api.yml", Places({}))
    (diagnostic,) = located.diagnostics
    assert diagnostic.code == "missing-source"
    assert diagnostic.message.splitlines() == [
        "the source 'api' cannot be had; looked at:",
        "  openapi/api.yml: no such file",
        "  openapi/_original/api.yml: no such file",
    ]
    assert diagnostic.hint == "say where it is with --source api=PATH_OR_URL"


def test_offline_a_remote_source_is_not_checked() -> None:
    located = find("https://api.test/openapi.yml", Places({}, remote="offline"))
    (diagnostic,) = located.diagnostics
    assert (diagnostic.code, diagnostic.severity.value) == ("source-not-checked", "information")
    assert located.retrieved is None


def test_offline_a_local_copy_is_taken() -> None:
    located = find(
        "https://api.test/api.yml", Places({ROOT + "openapi/api.yml": description()}, remote="offline")
    )
    assert located.rung is Rung.NEIGHBOUR


def test_the_users_word_is_taken_and_nothing_else_tried() -> None:
    own = Places({"file:///elsewhere/api.yml": description()})
    places = Places({ROOT + "openapi/api.yml": description()})
    located = locate(
        "api",
        "../openapi/api.yml",
        DOCUMENT,
        places,
        override="file:///elsewhere/api.yml",
        retrieve_override=own,
    )
    assert (located.rung, places.asked) == (Rung.GIVEN, [])
    missing = locate(
        "api", "../openapi/api.yml", DOCUMENT, places, override="file:///gone.yml", retrieve_override=own
    )
    assert missing.retrieved is None
    assert [d.code for d in missing.diagnostics] == ["missing-source"]
    assert missing.diagnostics[0].message == "--source api: file:///gone.yml: no such file"


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "it is empty"), (b" \n", "it is empty"), (b"\xef\xbb\xbf<!DOCTYPE html>", "it is HTML or XML")],
)
def test_a_web_page_is_no_description(content: bytes, reason: str) -> None:
    located = find("../openapi/api.yml", Places({ROOT + "openapi/api.yml": content}))
    assert located.retrieved is None
    assert located.tried[0].reason.startswith(reason)


def test_the_diagnostic_stands_where_the_url_does() -> None:
    node = from_value({"url": "../x.yml"}).node.get("url")
    assert node is not None
    located = locate("api", "../x.yml", DOCUMENT, Places({}), at=node)
    assert located.diagnostics[0].span == node.span()


@given(st.text(max_size=30))
def test_no_url_however_odd_makes_the_search_fail(url: str) -> None:
    located = find(url, Places({}))
    assert located.retrieved is None
    assert located.tried


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("a.yml", "file:///repo/arazzo/a.yml"),
        ("../a b.yml#x", "file:///repo/a%20b.yml"),
        ("//host/a", "file://host/a"),
        ("https://x.test/ä", "https://x.test/%C3%A4"),
        ("http://[", "http://["),
    ],
)
def test_references_are_resolved(reference: str, expected: str) -> None:
    assert resolve(DOCUMENT, reference) == expected


def test_ancestors_end_at_the_highest_root_that_holds_the_document() -> None:
    assert list(ancestors("file:///a/b/c/d.yml", ["file:///a/"])) == ["file:///a/b/", "file:///a/"]
    assert list(ancestors("file:///a/d.yml", ["file:///a/"])) == []
    assert list(ancestors("file:///a/b/d.yml", ["file:///x/"])) == []
    assert list(ancestors("file:///a/b/d.yml", [])) == []


def test_a_url_is_written_relative_to_the_document_where_both_are_files() -> None:
    assert written_from("file:///a/b/c.yml", "file:///a/x%20y.yml") == "../x y.yml"
    assert written_from("https://a/b.yml", "file:///a/x.yml") == "file:///a/x.yml"
    assert not is_relative("https://a")
    assert not is_relative("//a/b")
    assert not is_relative("http://[")
    assert is_relative("a/b")
