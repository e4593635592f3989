"""What the engine hides, and what it leaves alone."""

from __future__ import annotations

import base64
import json

import pytest

from arazzo.engine.secrets import Secrets
from arazzo.messages import Failure, NoResponse, Request, Response
from arazzo.plan.inputs import looks_like_credential
from arazzo.values import Value

LONG = "s3cr3t-value/with+signs"


@pytest.mark.parametrize(
    "name",
    ["apiKey", "api_key", "X-API-Key", "password", "clientSecret", "accessToken", "access_token", "token",
     "Authorization", "privateKey", "Ocp-Apim-Subscription-Key", "bearerToken", "refresh_token", "signature", "jwt"],
)  # fmt: skip
def test_a_name_like_a_credentials_is_known(name: str) -> None:
    assert looks_like_credential(name)


@pytest.mark.parametrize(
    "name",
    ["nextPageToken", "page_token", "maxTokens", "max_tokens", "cursor", "keyword", "monkey", "tokenType", "tokens",
     "tokenUrl", "author", "passengers", "key", "publicKey", "tokens_used", "expiresIn", "compass"],
)  # fmt: skip
def test_a_name_that_only_resembles_one_is_not(name: str) -> None:
    assert not looks_like_credential(name)


def test_a_long_secret_is_hidden_inside_texts_in_every_form_it_travels_in() -> None:
    secrets = Secrets()
    secrets.learn(LONG)
    assert secrets.text(f"before {LONG} after") == "before *** after"
    assert (
        secrets.url("https://x.test/s3cr3t-value%2Fwith%2Bsigns?q=s3cr3t-value%2Fwith%2Bsigns")
        == "https://x.test/***?q=***"
    )
    request = Request("POST", "https://x.test/", (("Content-Type", "text/plain"),), f"a {LONG} b".encode())
    assert LONG.encode() not in (secrets.request(request).body or b"")


def test_a_short_secret_is_hidden_where_it_is_the_whole_value() -> None:
    secrets = Secrets()
    secrets.learn("K")
    assert secrets.value({"a": "K", "b": ["K", "KK"], "c": "OK"}) == {
        "a": "***",
        "b": ["***", "KK"],
        "c": "OK",
    }
    assert secrets.url("https://x.test/?a=K&b=OK") == "https://x.test/?a=***&b=OK"


def test_credential_headers_are_hidden_whatever_they_hold() -> None:
    headers = (("Authorization", "Bearer x"), ("Cookie", "a=b"), ("X-Api-Key", "z"), ("Accept", "x"))
    shown = Secrets().request(Request("GET", "https://x.test/", headers))
    assert shown.headers == (
        ("Authorization", "***"),
        ("Cookie", "***"),
        ("X-Api-Key", "***"),
        ("Accept", "x"),
    )
    reply = Secrets().reply(Response(200, (("Set-Cookie", "sid=1"),)))
    assert isinstance(reply, Response)
    assert reply.headers == (("Set-Cookie", "***"),)


def test_what_travelled_as_authorization_is_hidden_from_then_on() -> None:
    secrets = Secrets()
    basic = base64.b64encode(b"user:long-password").decode()
    secrets.learn_request(Request("GET", "https://x.test/", (("Authorization", f"Basic {basic}"),)))
    assert secrets.text("it was long-password") == "it was ***"
    assert secrets.text(f"header {basic}") == "header ***"


def test_a_token_in_a_response_is_hidden_in_it_and_after_it() -> None:
    secrets = Secrets()
    raw = b'{"access_token": "tok-123456789", "expires_in": 3600, "next_page_token": "p2"}'
    reply = Response(200, (("Content-Type", "application/json"),), raw)
    body: Value = {"access_token": "tok-123456789", "expires_in": 3600, "next_page_token": "p2"}
    secrets.learn_reply(reply, body)
    shown = secrets.reply(reply)
    assert isinstance(shown, Response)
    assert json.loads(shown.body) == {"access_token": "***", "expires_in": 3600, "next_page_token": "p2"}
    assert secrets.text("tok-123456789 was refused") == "*** was refused"


def test_a_form_body_hides_the_fields_named_like_credentials() -> None:
    request = Request(
        "POST",
        "https://x.test/token",
        (("Content-Type", "application/x-www-form-urlencoded"),),
        b"grant_type=client_credentials&client_secret=hush&scope=a",
    )
    assert Secrets().request(request).body == b"grant_type=client_credentials&client_secret=***&scope=a"


def test_what_is_no_secret_is_left_to_the_byte() -> None:
    raw = b'{"a":  1, "b": [true, null]}'
    reply = Response(200, (("Content-Type", "application/json"),), raw)
    assert Secrets().reply(reply) == reply
    missing = NoResponse(Failure.TIMEOUT, "no answer within 2 s")
    assert Secrets().reply(missing) == missing


def test_empty_text_null_and_booleans_are_never_secrets() -> None:
    secrets = Secrets()
    for value in ("", None, True, False):
        secrets.learn(value)
    assert secrets.value({"a": "", "b": None, "c": True}) == {"a": "", "b": None, "c": True}
