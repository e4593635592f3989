"""Digest authentication: the vectors of the RFCs, and challenges as servers write them."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arazzo.engine.secrets import Secrets
from arazzo.http.auth.challenge import Challenge, read_challenges
from arazzo.http.auth.digest import DigestSessions, Session, challenged
from arazzo.http.auth.forms import Login
from arazzo.messages import NoResponse, Reply, Request, Response, header

MUFASA = Login("Mufasa", "Circle of Life")
INDEX = Request("GET", "http://www.example.org/dir/index.html")
NONCE = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"


@pytest.mark.parametrize(
    ("algorithm", "proof"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_example_of_rfc_7616(algorithm: str, proof: str) -> None:
    session = Session("http-auth@example.org", NONCE, algorithm, "auth", "opaque")
    value, found = session.authorization(MUFASA, INDEX, CNONCE)
    assert found == proof
    parts = read_challenges(value)[0].parameters
    assert parts["response"] == proof
    assert (parts["uri"], parts["nc"], parts["qop"]) == ("/dir/index.html", "00000001", "auth")


def test_a_user_is_hashed_where_the_challenge_asks_for_it() -> None:
    session = Session("api@example.org", "n", "SHA-512-256", "auth", None, hashed_user=True)
    value, _ = session.authorization(Login("Jäsøn Doe", "Secret, or not?"), INDEX, "c")
    assert "userhash=true" in value
    hashed = hashlib.new("sha512_256", "Jäsøn Doe:api@example.org".encode()).hexdigest()
    assert read_challenges(value)[0].parameters["username"] == hashed


def test_the_example_of_rfc_2617_and_the_form_without_qop() -> None:
    session = Session("testrealm@host.com", "dcd98b7102dd2f0e8b11d0f600bfb0c093", "", "auth")
    login = Login("Mufasa", "Circle Of Life")
    assert session.authorization(login, INDEX, "0a4f113b")[1] == "6629fae49393a05397450978507c4ef1"
    session = Session("testrealm@host.com", "dcd98b7102dd2f0e8b11d0f600bfb0c093", "", None)
    value, proof = session.authorization(login, INDEX, "0a4f113b")
    assert proof == "670fd8c2df070c60b045671b8b24ff02"
    assert "qop" not in value
    assert "algorithm" not in value


def test_the_body_is_part_of_the_proof_where_only_auth_int_is_offered() -> None:
    field = 'Digest realm="r", nonce="n", qop="auth-int"'
    session = challenged(Response(401, (("WWW-Authenticate", field),)))
    assert session is not None
    one = session.authorization(MUFASA, Request("POST", "http://x.test/a", body=b"1"), "c")[1]
    session.count = 0
    assert session.authorization(MUFASA, Request("POST", "http://x.test/a", body=b"2"), "c")[1] != one


@pytest.mark.parametrize(
    ("field", "read"),
    [
        ("Basic", [Challenge("basic", {})]),
        ('Basic realm="a, b", Digest realm="c \\"d\\"",nonce=x==, qop="auth, auth-int"',
         [Challenge("basic", {"realm": "a, b"}),
          Challenge("digest", {"realm": 'c "d"', "nonce": "x==", "qop": "auth, auth-int"})]),
        ("Negotiate aGVsbG8=, Bearer error=invalid_token",
         [Challenge("negotiate", {}), Challenge("bearer", {"error": "invalid_token"})]),
        ('Digest realm="never closed', [Challenge("digest", {})]),
        ("", []),
    ],
)  # fmt: skip
def test_a_field_holds_any_number_of_challenges(field: str, read: list[Challenge]) -> None:
    assert read_challenges(field) == read


@given(st.text() | st.text('Dd"\\,= abc\t', max_size=60))
def test_no_field_makes_reading_raise(field: str) -> None:
    read_challenges(field)
    challenged(Response(401, (("WWW-Authenticate", field),)))


@pytest.mark.parametrize(
    ("field", "algorithm"),
    [
        (
            'Digest realm="r", nonce="n", algorithm=MD5, Digest realm="r", nonce="n", algorithm=SHA-256',
            "SHA-256",
        ),
        (
            'Digest realm="r", nonce="n", algorithm=TOKEN, Digest realm="r", nonce="n", algorithm=md5-sess',
            "md5-sess",
        ),
        ('Digest realm="r", nonce="n", qop="strange"', None),
        ('Digest realm="r"', None),
        ('Basic realm="r"', None),
    ],
)
def test_the_strongest_challenge_that_can_be_answered_is_taken(field: str, algorithm: str | None) -> None:
    session = challenged(Response(401, (("WWW-Authenticate", field),)))
    assert (session and session.algorithm) == algorithm


def test_a_nonce_the_server_names_for_next_time_is_used() -> None:
    sessions = DigestSessions(Secrets(), lambda: "c")
    replies: list[Reply] = [
        Response(401, (("WWW-Authenticate", 'Digest realm="r", nonce="one", qop="auth"'),)),
        Response(200, (("Authentication-Info", 'nextnonce="two"'),)),
    ]
    flow = sessions.exchange(INDEX, MUFASA)
    next(flow)
    flow.send(replies[0])
    with pytest.raises(StopIteration):
        flow.send(replies[1])
    following = next(sessions.exchange(INDEX, MUFASA))
    told = read_challenges(header(following.headers, "authorization") or "")[0].parameters
    assert (told["nonce"], told["nc"]) == ("two", "00000001")


def test_a_reply_without_a_challenge_is_given_back() -> None:
    from arazzo.messages import Failure

    for reply in (Response(401), Response(200), NoResponse(Failure.CONNECTION, "gone")):
        flow = DigestSessions(Secrets()).exchange(INDEX, MUFASA)
        assert next(flow) is INDEX
        with pytest.raises(StopIteration) as end:
            flow.send(reply)
        assert end.value.value is reply
