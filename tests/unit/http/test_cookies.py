"""Cookies of a run: whom they go back to, what wins, and the file they may be kept in."""

from __future__ import annotations

import asyncio
import os
import stat
import warnings
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.http.auth_servers import Asked, answering, calling, json_response, one_api
from tests.unit.http.conftest import Serve, response

import arazzo
from arazzo.errors import UsageError
from arazzo.http.cookie_file import read_cookie_file, write_cookie_file
from arazzo.http.cookies import MOST_OF_A_HOST, Cookie, Cookies, read_set_cookie
from arazzo.http.exchange import exchange
from arazzo.http.session import Session
from arazzo.messages import Failure, NoResponse, Reply, Request, Response, header
from arazzo.values import Value

NOW = 1_800_000_000.0
HERE = "https://api.test/v1/login"


def jar() -> Cookies:
    return Cookies(lambda: NOW, lambda value: None)


def kept(cookies: Cookies, url: str, *set_cookies: str) -> Cookies:
    cookies.take_from(Request("GET", url), Response(200, tuple(("Set-Cookie", text) for text in set_cookies)))
    return cookies


def sent(cookies: Cookies, url: str, *passed: tuple[str, str]) -> str | None:
    return header(cookies.add_to(Request("GET", url, passed)).headers, "cookie")


@pytest.mark.parametrize(
    ("set_cookie", "url", "goes"),
    [
        ("a=1", "https://api.test/v1/items", True),
        ("a=1", "https://api.test/v1", True),
        ("a=1", "https://api.test/v12", False),
        ("a=1", "https://api.test/", False),
        ("a=1; Path=/", "https://api.test/", True),
        ("a=1; Path=/v2", "https://api.test/v2/x", True),
        ("a=1; Path=v2", "https://api.test/v2/x", False),
        ("a=1; Path=/", "https://API.TEST:443/", True),
        ("a=1; Path=/", "https://api.test:8443/", False),
        ("a=1; Path=/", "http://api.test/", False),
        ("a=1; Path=/", "https://other.test/", False),
        ("a=1; Path=/", "https://sub.api.test/", False),
        ("a=1; Path=/; Domain=api.test", "https://sub.api.test/", True),
        ("a=1; Path=/; Domain=.API.test", "https://sub.api.test/", True),
        ("a=1; Path=/; Domain=api.test", "https://notapi.test/", False),
        ("a=1; Path=/; Domain=api.test; Secure", "http://api.test/", False),
        ("a=1; Path=/; Domain=other.test", "https://other.test/", False),
        ("a=1; Path=/; Domain=test", "https://other.test/", False),
        ("a=1; Path=/; Domain=sub.api.test", "https://sub.api.test/", False),
        ("a=1; Path=/; Max-Age=0", "https://api.test/", False),
        ("a=1; Path=/; Max-Age=-5", "https://api.test/", False),
        ("a=1; Path=/; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "https://api.test/", True),
        ("a=1; Path=/; Expires=Thu, 01-Jan-1970 00:00:00 GMT", "https://api.test/", False),
        ("a=1; Path=/; Expires=Wed, 01 Jan 2098 00:00:00 GMT", "https://api.test/", True),
        ("a=1; Path=/; Expires=soon", "https://api.test/", True),
        ("__Host-a=1; Path=/; Secure", "https://api.test/", True),
        ("__Host-a=1; Path=/", "https://api.test/", False),
        ("__Host-a=1; Path=/; Secure; Domain=api.test", "https://api.test/", False),
        ("__Secure-a=1; Path=/", "https://api.test/", False),
        ("a", "https://api.test/v1/x", False),
        ("=1", "https://api.test/v1/x", False),
        ("a=1\x01", "https://api.test/v1/x", False),
        (f"a={'x' * 9000}", "https://api.test/v1/x", False),
    ],
)
def test_a_cookie_goes_back_to_where_it_belongs(set_cookie: str, url: str, goes: bool) -> None:
    assert (sent(kept(jar(), HERE, set_cookie), url) is not None) == goes


def test_a_secure_cookie_is_not_taken_over_plain_http() -> None:
    assert sent(kept(jar(), "http://api.test/", "a=1; Secure"), "https://api.test/") is None
    assert sent(kept(jar(), "http://127.0.0.1:8/", "a=1; Secure"), "http://127.0.0.1:8/") == "a=1"


def test_a_cookie_for_an_address_is_for_that_address_only() -> None:
    cookies = kept(jar(), "http://127.0.0.1:8/", "a=1; Domain=127.0.0.1", "b=1; Domain=0.1")
    assert sent(cookies, "http://127.0.0.1:8/") == "a=1"
    assert sent(cookies, "http://127.0.0.1:9/") is None


def test_a_later_cookie_takes_the_place_of_an_earlier_one_and_the_longest_path_comes_first() -> None:
    cookies = kept(jar(), HERE, "a=1; Path=/", "b=2; Path=/v1", "a=3; Path=/", "c==x=y; Path=/")
    assert sent(cookies, "https://api.test/v1/x") == "b=2; a=3; c==x=y"
    assert sent(kept(cookies, HERE, "a=; Path=/; Max-Age=0"), "https://api.test/") == "c==x=y"


def test_what_the_request_carries_wins() -> None:
    cookies = kept(jar(), HERE, "a=1; Path=/", "b=2; Path=/")
    assert sent(cookies, "https://api.test/", ("Cookie", "a=mine; z=1;")) == "a=mine; z=1; b=2"
    assert sent(cookies, "https://api.test/", ("cookie", "a=mine; b=too")) == "a=mine; b=too"


def test_there_is_an_end_to_how_many_are_kept() -> None:
    cookies = kept(jar(), HERE, *(f"c{number}=1; Path=/" for number in range(MOST_OF_A_HOST + 20)))
    assert len(list(cookies)) == MOST_OF_A_HOST
    assert "c0" not in {cookie.name for cookie in cookies}


@given(st.text(max_size=60), st.sampled_from([HERE, "http://localhost/", "https://[::1]:8/a"]))
def test_no_set_cookie_however_odd_makes_it_fail(text: str, url: str) -> None:
    cookie = read_set_cookie(text, url, NOW)
    assert cookie is None or "\n" not in cookie.name + cookie.value


# --- over a session: redirects


def play(session: Session, request: Request, *replies: Reply) -> tuple[list[Request], Reply]:
    asked: list[Request] = []
    script = iter(replies)

    def send(wanted: Request) -> Reply:
        asked.append(wanted)
        return next(script)

    return asked, exchange(session.exchange(request), send)


def test_a_cookie_set_on_the_way_is_sent_at_the_next_hop_and_to_no_other_origin() -> None:
    session = Session(jar())
    asked, reply = play(
        session,
        Request("GET", HERE, (("Cookie", "mine=1"),)),
        Response(302, (("Location", "/v1/in"), ("Set-Cookie", "s=secret; Path=/"))),
        Response(302, (("Location", "https://other.test/x"),)),
        Response(302, (("Location", "https://api.test/v1/back"), ("Set-Cookie", "o=1"))),
        Response(200),
    )
    assert isinstance(reply, Response)
    assert [header(r.headers, "cookie") for r in asked] == ["mine=1", "mine=1; s=secret", None, "s=secret"]
    assert not any(r.follow_redirects for r in asked)


def test_all_hops_together_have_the_time_of_the_request() -> None:
    moments = iter(range(0, 100, 3))
    session = Session(Cookies(lambda: next(moments), lambda value: None))
    asked, reply = play(
        session, Request("GET", HERE, timeout=10), *[Response(302, (("Location", "/a"),)) for _ in range(9)]
    )
    assert reply == NoResponse(Failure.TIMEOUT, "no answer within 10 s")
    assert 1 <= len(asked) < 5


def test_a_timeout_at_a_later_hop_names_the_time_there_was() -> None:
    session = Session(jar())
    late = NoResponse(Failure.TIMEOUT, "no answer within 3.99 s")
    _, reply = play(session, Request("GET", HERE, timeout=4), Response(302, (("Location", "/a"),)), late)
    assert reply == NoResponse(Failure.TIMEOUT, "no answer within 4 s")


# --- in runs


def logging_in(asked: Asked) -> bytes:
    if asked.target == "/first":
        return json_response({}, "200 OK", "Set-Cookie: session=s3cr3t-session-1; Path=/; HttpOnly")
    return json_response({"got": asked.headers.get("cookie")})


STEPS: tuple[Mapping[str, Value], ...] = (
    {"stepId": "in", "operationId": "apiFirst"},
    {"stepId": "then", "operationId": "apiSecond"},
)


def run(serve: Serve, folder: Path, **keywords: object) -> arazzo.RunResult:
    server = serve(answering(logging_in))
    document = calling(
        {"api": one_api(folder, server.url, {}, [])}, *STEPS, outputs={"got": "$steps.then.outputs.said"}
    )
    if keywords.pop("concurrently", False):
        return asyncio.run(arazzo.run_async(document, **keywords))  # type: ignore[arg-type]
    return arazzo.run(document, **keywords)  # type: ignore[arg-type]


@pytest.mark.parametrize("concurrently", [False, True])
def test_a_run_sends_back_what_a_response_set_and_shows_it_nowhere(
    serve: Serve, tmp_path: Path, concurrently: bool
) -> None:
    events: list[arazzo.Event] = []
    result = run(serve, tmp_path, concurrently=concurrently, observers=[events.append])
    assert result.outputs["got"] == {"got": "session=s3cr3t-session-1"}
    assert "s3cr3t" not in repr(events) + repr(result.steps)


def test_a_run_without_cookies_keeps_none(serve: Serve, tmp_path: Path) -> None:
    assert run(serve, tmp_path, cookies=False).outputs["got"] == {"got": None}


def test_two_runs_share_no_cookies_even_over_one_transport(serve: Serve, tmp_path: Path) -> None:
    server = serve(answering(logging_in))
    api = one_api(tmp_path, server.url, {}, [])
    both, second = calling({"api": api}, *STEPS), None
    with arazzo.HttpTransport() as transport:
        assert arazzo.run(both, transport=transport).status == "succeeded"
        second = calling({"api": api}, STEPS[1], outputs={"got": "$steps.then.outputs.said"})
        assert arazzo.run(second, transport=transport).outputs["got"] == {"got": None}


def test_cookies_are_a_layer_over_a_callers_own_transport(tmp_path: Path) -> None:
    class Own:
        def __init__(self) -> None:
            self.asked: list[Request] = []

        def send(self, request: Request) -> Reply:
            self.asked.append(request)
            return Response(200, (("Set-Cookie", f"n={len(self.asked)}; Path=/"),), b"")

    own = Own()
    document = calling({"api": one_api(tmp_path, "https://api.test", {}, [])}, *STEPS)
    arazzo.run(document, transport=own)
    assert [header(request.headers, "cookie") for request in own.asked] == [None, "n=1"]


def test_a_cookie_that_the_step_passes_wins(serve: Serve, tmp_path: Path) -> None:
    server = serve(answering(logging_in))
    passing: Value = [{"name": "session", "in": "cookie", "value": "mine"}]
    document = calling(
        {"api": one_api(tmp_path, server.url, {}, [])},
        STEPS[0],
        {**STEPS[1], "parameters": passing},
        outputs={"got": "$steps.then.outputs.said"},
    )
    assert arazzo.run(document).outputs["got"] == {"got": "session=mine"}


# --- the file


def test_a_jar_is_written_at_the_end_and_read_by_the_next_run(serve: Serve, tmp_path: Path) -> None:
    file = tmp_path / "jar.txt"
    run(serve, tmp_path, cookies=file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    lines = file.read_text().splitlines()
    assert lines[0] == "# Netscape HTTP Cookie File"
    assert lines[-1] == "#HttpOnly_127.0.0.1\tFALSE\t/\tFALSE\t0\tsession\ts3cr3t-session-1"
    server = serve(answering(logging_in))
    document = calling(
        {"api": one_api(tmp_path, server.url, {}, [])}, STEPS[1], outputs={"got": "$steps.then.outputs.said"}
    )
    result = arazzo.run(document, cookies=str(file))
    assert result.outputs["got"] == {"got": "session=s3cr3t-session-1"}
    assert "s3cr3t" not in repr(result.steps)


def test_what_curl_writes_is_read(tmp_path: Path) -> None:
    file = tmp_path / "jar"
    file.write_text(
        "# Netscape HTTP Cookie File\n# https://curl.se/docs/http-cookies.html\n\n"
        "#HttpOnly_.api.test\tTRUE\t/\tTRUE\t4000000000\ta\t1\n"
        "api.test\tFALSE\t/v1\tFALSE\t0\tb\t\n"
    )
    assert read_cookie_file(file) == [
        Cookie("a", "1", "api.test", "/", True, True, True, 4_000_000_000.0),
        Cookie("b", "", "api.test", "/v1"),
    ]
    again = tmp_path / "again"
    write_cookie_file(again, read_cookie_file(file))
    assert read_cookie_file(again) == read_cookie_file(file)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a,b,c\n", "line 1 is no cookie"),
        (b"\xff\xfe", "it is no text"),
        (b"a\tb\tc\td\tx\tf\tg\n", "line 1"),
    ],
)
def test_a_file_that_holds_something_else_is_refused_and_left_alone(
    serve: Serve, tmp_path: Path, content: bytes, words: str
) -> None:
    file = tmp_path / "jar"
    file.write_bytes(content)
    with pytest.raises(UsageError, match=words):
        run(serve, tmp_path, cookies=file)
    assert file.read_bytes() == content


def test_a_jar_that_cannot_be_written_is_told_before_anything_is_sent(serve: Serve, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no such folder"):
        run(serve, tmp_path, cookies=tmp_path / "no" / "jar")
    with pytest.raises(UsageError, match="no file of cookies"):
        run(serve, tmp_path, cookies=tmp_path)


def test_a_jar_whose_folder_goes_away_costs_a_warning_and_not_the_result(
    serve: Serve, tmp_path: Path
) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()

    def remove(event: arazzo.Event) -> None:
        if event.kind == "run-started":
            os.rmdir(folder)  # noqa: PTH106

    with pytest.warns(RuntimeWarning, match="could not be written"):
        result = run(serve, tmp_path, cookies=folder / "jar", observers=[remove])
    assert result.status == "succeeded"


def test_a_simulated_run_touches_no_jar(tmp_path: Path) -> None:
    file = tmp_path / "jar"
    document = calling({"api": one_api(tmp_path, "https://api.test", {}, [])}, *STEPS)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        arazzo.run(document, simulate=True, cookies=file)
    assert not file.exists()


def test_the_command_keeps_a_jar(serve: Serve, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    from arazzo.cli.main import main

    server = serve(answering(logging_in))
    calling({"api": one_api(tmp_path, server.url, {}, [])}, *STEPS)
    file = tmp_path / "jar"
    assert main(["run", str(tmp_path / "w.arazzo.json"), "--cookie-jar", str(file)]) == 0
    assert "s3cr3t-session-1" in file.read_text()
    assert main(["run", str(tmp_path / "w.arazzo.json"), "--cookie-jar", "x", "--no-cookies"]) == 2
    assert "one of them, not both" in capfd.readouterr().err


def test_the_answers_of_a_login_page_do_not_end_a_run(serve: Serve) -> None:
    """A response may set as many cookies as it likes; what a request carries stays bounded."""
    answer = response(b"", "200 OK", *(f"Set-Cookie: c{number}=1" for number in range(90)))
    cookies = jar()
    with arazzo.HttpTransport() as transport:
        request = Request("GET", serve(answer).url + "/")
        reply = transport.send(request)
        assert isinstance(reply, Response)
        cookies.take_from(request, reply)
    assert len(list(cookies)) == 90
