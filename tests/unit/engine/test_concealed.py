"""Secrets are found in every form they travel in, however many there are."""

from __future__ import annotations

import base64
import html
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arazzo.engine.concealed import Concealed
from arazzo.engine.secrets import Secrets
from arazzo.messages import Failure, NoResponse, Response
from arazzo.values import Value

SECRET = "s3cr3t/T0ken+val&ue='42'"
JSON = (("Content-Type", "application/json"),)


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        quote(SECRET, safe=""),
        quote(SECRET, safe="").lower().replace("t0ken", "T0ken"),
        quote(quote(SECRET, safe=""), safe=""),
        json.dumps(SECRET)[1:-1],
        SECRET.replace("/", "\\/"),
        html.escape(SECRET),
        SECRET.encode().hex(),
        SECRET.encode().hex().upper(),
    ],
)
def test_a_secret_is_hidden_in_the_forms_it_travels_in(form: str) -> None:
    secrets = Secrets()
    secrets.learn(SECRET)
    assert secrets.text(f"before {form} after") == "before *** after"


@given(before=st.binary(max_size=7), after=st.binary(max_size=7), secret=st.text(min_size=8, max_size=40))
def test_in_base64_a_secret_is_hidden_wherever_it_stands(before: bytes, after: bytes, secret: str) -> None:
    concealed = Concealed()
    concealed.add(secret)
    raw = before + secret.encode("utf-8", "surrogatepass") + after
    for coded in (base64.b64encode(raw), base64.urlsafe_b64encode(raw)):
        assert "***" in concealed.hide(coded.decode())


@pytest.mark.parametrize("count", [3, 3000])
def test_few_and_many_are_hidden_alike(count: int) -> None:
    """A response may hold as many as it likes; each used to cost a new expression of all of them."""
    secrets = Secrets()
    secrets.learn_members({"items": [{"token": f"token-{number:06}"} for number in range(count)]})
    text = "x token-000001 y token-000002… z token-999999 " + "." * 10_000 + " token-000"
    assert secrets.text(text) == text.replace("token-000001", "***").replace("token-000002", "***")
    raw = secrets.reply(Response(200, (), text.encode()))
    assert isinstance(raw, Response)
    assert raw.body.count(b"***") == 2


def test_of_two_that_begin_alike_the_longer_one_is_hidden_whole() -> None:
    for others in (0, 1000):
        secrets = Secrets()
        secrets.learn([f"another-{number}" for number in range(others)])
        secrets.learn(["abcdefgh", "abcdefgh-and-more"])
        assert secrets.text("<abcdefgh-and-more> <abcdefgh-and>") == "<***> <***-and>"


@pytest.mark.parametrize("others", [0, 1000])
def test_the_beginning_of_a_secret_before_an_ellipsis_is_hidden(others: int) -> None:
    secrets = Secrets()
    secrets.learn([f"another-{number}" for number in range(others)])
    secrets.learn("abcdefghijkl")
    assert secrets.text("it said abcdefg… and abc…") == "it said ***… and abc…"
    assert secrets.text("abcdefg…" * 2) == "***…" * 2
    assert "abcdefg…" not in secrets.text("…" * 200_000 + "abcdefg…")


def test_a_secret_is_hidden_in_a_reason_and_in_the_name_of_a_header() -> None:
    secrets = Secrets()
    secrets.learn("abcdefgh-value")
    shown = secrets.reply(Response(400, (("X-abcdefgh-value", "1"),), b"", "no abcdefgh-value"))
    assert shown == Response(400, (("X-***", "1"),), b"", "no ***")


@pytest.mark.parametrize("depth", [300, 700, 950, 100_000])
def test_json_that_is_too_deep_to_be_read_is_hidden_all_the_same(depth: int) -> None:
    body = b'{"access_token": "tok-1", "a": ' + b"[" * depth + b"]" * depth + b"}"
    shown = Secrets().reply(Response(200, JSON, body))
    assert isinstance(shown, Response)
    assert b"tok-1" not in shown.body


@pytest.mark.parametrize(
    ("content_type", "body", "shown"),
    [
        ("text/plain", b'{"access_token": "tok\\"1", "n": 1}', b'{"access_token": "***", "n": 1}'),
        ("application/json", b'{"access_token": "tok-1", "cut', b'{"access_token": "***", "cut'),
        ("application/json", b'{"access_token": "tok-1', b'{"access_token": "***"'),
        ("text/plain", b'"pin": 1234, "page_token": "p2"', b'"pin": ***, "page_token": "p2"'),
        (
            "text/xml",
            b"<c><SecretAccessKey>k/1</SecretAccessKey><Name>n</Name></c>",
            b"<c><SecretAccessKey>***</SecretAccessKey><Name>n</Name></c>",
        ),
        ("application/xml", b'<token type="t">abc</token>', b'<token type="t">***</token>'),
    ],
)
def test_members_and_elements_named_like_credentials_are_hidden_in_what_is_not_read_as_json(
    content_type: str, body: bytes, shown: bytes
) -> None:
    reply = Secrets().reply(Response(200, (("Content-Type", content_type),), body))
    assert isinstance(reply, Response)
    assert reply.body == shown


@pytest.mark.parametrize(
    ("body", "secret"),
    [
        (b'{"access_token": "tok-12345678"', "tok-12345678"),
        (b"<SessionToken>tok&amp;12345678</SessionToken>", "tok&12345678"),
    ],
)
def test_and_known_from_then_on(body: bytes, secret: str) -> None:
    secrets = Secrets()
    text: Value = body.decode()
    secrets.learn_reply(Response(200, (("Content-Type", "text/plain"),), body), text)
    assert secrets.reply(NoResponse(Failure.REFUSED, f"no {secret}!")) == NoResponse(
        Failure.REFUSED, "no ***!"
    )
