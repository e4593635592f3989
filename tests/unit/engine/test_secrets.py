"""What the engine hides, and what it leaves alone."""

from __future__ import annotations

import base64
import json
from urllib.parse import unquote, urlencode

import pytest

from arazzo.engine.secrets import Secrets
from arazzo.messages import Failure, NoResponse, Request, Response
from arazzo.plan.inputs import looks_like_credential
from arazzo.values import Value

LONG = "s3cr3t-value/with+signs"


@pytest.mark.parametrize(
    "name",
    ["apiKey", "api_key", "X-API-Key", "password", "clientSecret", "accessToken", "access_token", "token",
     "Authorization", "privateKey", "Ocp-Apim-Subscription-Key", "bearerToken", "refresh_token", "signature", "jwt",
     "sig", "SIG", "X-Sig", "otp", "x-otp", "totp", "X-Amz-Signature", "X-Goog-Signature", "X-Amz-Security-Token"],
)  # fmt: skip
def test_a_name_like_a_credentials_is_known(name: str) -> None:
    assert looks_like_credential(name)


@pytest.mark.parametrize(
    "name",
    ["nextPageToken", "page_token", "maxTokens", "max_tokens", "cursor", "keyword", "monkey", "tokenType", "tokens",
     "tokenUrl", "author", "passengers", "key", "publicKey", "tokens_used", "expiresIn", "compass",
     "signal", "design", "sigma", "sigs", "X-Amz-SignedHeaders", "X-Amz-Algorithm", "footprint", "option", "otpauth",
     "session", "sessionId", "X-Session-Id", "sessions"],
)  # fmt: skip
def test_a_name_that_only_resembles_one_is_not(name: str) -> None:
    assert not looks_like_credential(name)


SESSIONS = [
    "X-Session",
    "X-Session-Token",
    "session_id",
    "sessionId",
    "Session",
    "X-Session-Id",
    "Mcp-Session-Id",
]
NO_SESSIONS = [
    "sessions",
    "X-Session-Count",
    "X-Session-Expires",
    "X-Session-Affinity",
    "obsession",
    "X-Sessions-Id",
]


@pytest.mark.parametrize("name", SESSIONS)
def test_a_session_is_a_credential_in_a_header(name: str) -> None:
    assert looks_like_credential(name, "header")
    assert looks_like_credential(name, "cookie")
    secrets = Secrets()
    shown = secrets.request(Request("GET", "https://x.test/", ((name, "abcdefgh-1"),)))
    assert shown.headers == ((name, "***"),)
    secrets.learn_request(Request("GET", "https://x.test/", ((name, "abcdefgh-1"),)))
    assert secrets.text("it was abcdefgh-1") == "it was ***"


@pytest.mark.parametrize("name", NO_SESSIONS)
def test_what_only_speaks_of_sessions_is_none(name: str) -> None:
    assert not looks_like_credential(name, "header")


SIGNED = "https://blob.test/a%20b.png?sv=2024-01-01&se=2030&sig=AbC%2Fdef%3D&sp=r"
HIDDEN = "https://blob.test/a%20b.png?sv=2024-01-01&se=2030&sig=***&sp=r"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (SIGNED, HIDDEN),
        (f"see <{SIGNED}>, or {SIGNED}", f"see <{HIDDEN}>, or {HIDDEN}"),
        (SIGNED.replace("&", "&amp;"), HIDDEN.replace("&", "&amp;")),
        ("https://s3.test/k?X-Amz-Date=1&X-Amz-Signature=0a1b", "https://s3.test/k?X-Amz-Date=1&X-Amz-Signature=***"),
        ("https://x.test/#access_token=t&a=b", "https://x.test/#access_token=***&a=b"),
        ("https://x.test/?page=2&signal=on&design=x", "https://x.test/?page=2&signal=on&design=x"),
        ("sig=abc of nothing", "sig=abc of nothing"),
        ("https://x.test/?a=1 said sig=abc", "https://x.test/?a=1 said sig=abc"),
    ],
)  # fmt: skip
def test_a_url_in_a_text_is_shown_without_its_signature(text: str, shown: str) -> None:
    secrets = Secrets()
    assert secrets.text(text) == shown
    assert secrets.value({"a": [text]}) == {"a": [shown]}
    assert secrets.mapping({"a": text}) == {"a": shown}


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (json.dumps({"url": SIGNED}), "application/json"),
        (json.dumps({"url": SIGNED}).replace("&", "\\u0026"), "application/json"),
        (json.dumps({"url": SIGNED}).replace("&", "\\u0026").replace("/", "\\/"), "application/x-ndjson"),
        (f"<a href='{SIGNED}'/>".replace("&", "&amp;"), "text/html"),
        (f"data: {SIGNED}\n\n", "text/event-stream"),
        (urlencode({"a": "b", "from": SIGNED}), "application/x-www-form-urlencoded"),
        (f"{{{SIGNED}", "application/json"),
    ],
)
def test_no_body_is_shown_with_the_signature_of_a_url(body: str, content_type: str) -> None:
    headers = (("Content-Type", content_type), ("Operation-Location", SIGNED), ("Location", SIGNED))
    shown = Secrets().reply(Response(200, headers, body.encode()))
    assert isinstance(shown, Response)
    assert "def" not in shown.body.decode()
    assert "se=2030" in unquote(shown.body.decode().replace("\\u0026", "&"))
    assert shown.headers[1:] == (("Operation-Location", HIDDEN), ("Location", HIDDEN))


def test_nor_is_a_url_in_the_query_of_another() -> None:
    url = f"https://x.test/fetch?{urlencode({'of': SIGNED, 'next': 'https://y.test/?a=b c'})}"
    shown = Secrets().url(url)
    assert "def" not in shown
    assert shown.endswith("&next=https%3A%2F%2Fy.test%2F%3Fa%3Db+c")


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
