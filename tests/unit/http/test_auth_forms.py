"""What users give, and which alternative of a requirement it satisfies."""

from __future__ import annotations

import base64
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arazzo.descriptions.openapi.model import OAuthFlow, Operation, SecurityRequirement, SecurityScheme
from arazzo.engine.secrets import Secrets
from arazzo.http.auth.credentials import Given, Need, api_url, how_to_give, variable
from arazzo.http.auth.forms import BadCredential, Credential, Fixed, Grant, Login, read_credential
from arazzo.http.auth.oauth2 import Endpoint, Failed, Token, TokenRequest, Tokens, insecure, read_token
from arazzo.http.auth.requirement import choose, passed_by
from arazzo.http.auth.schemes import is_understood
from arazzo.messages import Failure, NoResponse, Reply, Request, Response, header
from arazzo.source import from_value

FLOW = OAuthFlow(token_url="https://t.test/token")
KEY = SecurityScheme("key", "apiKey", parameter="X-Key", in_="header")
APP = SecurityScheme("app", "apiKey", parameter="app", in_="query")
SID = SecurityScheme("sid", "apiKey", parameter="sid", in_="cookie")
BEARER = SecurityScheme("bearer", "http", "bearer")
BASIC = SecurityScheme("basic", "http", "basic")
CLIENT = SecurityScheme("client", "oauth2", flows={"clientCredentials": FLOW, "password": FLOW})
PASSWORD = SecurityScheme("password", "oauth2", flows={"password": FLOW})
CODE = SecurityScheme("code", "oauth2", flows={"authorizationCode": FLOW})
OIDC = SecurityScheme("oidc", "openIdConnect", open_id_connect_url="https://t.test/x")
ALL = (KEY, APP, SID, BEARER, BASIC, CLIENT, PASSWORD, CODE, OIDC)


@pytest.mark.parametrize(
    ("scheme", "text", "credential"),
    [
        (KEY, " a:b \n", Fixed("a:b")),
        (BEARER, "bearer  tok", Fixed("tok")),
        (BEARER, "a:b", Fixed("a:b")),
        (BASIC, "u:p:q", Login("u", "p:q")),
        (BASIC, "u:", Login("u", "")),
        (CLIENT, "tok", Fixed("tok")),
        (CLIENT, "id:se:cret", Grant("client_credentials", "id", "se:cret")),
        (CLIENT, "Bearer tok:en", Fixed("tok:en")),
        (PASSWORD, "u:p:q", Grant("password", fields=(("username", "u"), ("password", "p:q")))),
        (CODE, "tok:en", Fixed("tok:en")),
        (OIDC, "id:secret", Grant("client_credentials", "id", "secret")),
        (CODE, "grant_type=refresh_token&refresh_token=r%26&client_id=i",
         Grant("refresh_token", "i", None, (("refresh_token", "r&"),))),
        (CLIENT, "grant_type=password&username=u&password=p&client_id=i&client_secret=s&audience=a",
         Grant("password", "i", "s", (("username", "u"), ("password", "p"), ("audience", "a")))),
    ],
)  # fmt: skip
def test_a_value_means_what_its_scheme_makes_of_it(
    scheme: SecurityScheme, text: str, credential: Credential
) -> None:
    assert read_credential(scheme, text) == credential


@pytest.mark.parametrize(
    ("scheme", "text", "words"),
    [
        (BASIC, "S3CRET", "USER:PASSWORD is wanted"),
        (KEY, "S3C\nRET", "holds a line break"),
        (CLIENT, "grant_type=S3CRET", "grant_type is one of"),
        (CLIENT, "grant_type=password&username=S3CRET", "a password grant needs password"),
    ],
)
def test_a_value_that_cannot_be_used_is_not_repeated(scheme: SecurityScheme, text: str, words: str) -> None:
    with pytest.raises(BadCredential, match=words) as caught:
        read_credential(scheme, text)
    assert "S3C" not in str(caught.value)


@given(st.sampled_from(ALL), st.text() | st.text("grant_type=&%:u ", max_size=40).map("grant_type=".__add__))
def test_no_value_makes_reading_raise_anything_else(scheme: SecurityScheme, text: str) -> None:
    with contextlib.suppress(BadCredential):
        read_credential(scheme, text)


def operation(*security: SecurityRequirement, schemes: tuple[SecurityScheme, ...] = ALL) -> Operation:
    at = from_value({}).node
    named = {scheme.name: scheme for scheme in schemes}
    return Operation("u", "o", "GET", "/", "/p", (), at, security=security, security_schemes=named)


def chosen(
    wanted: Operation, *, has: tuple[str, ...] = (), url: str = "https://a.test/", **headers: str
) -> list[str] | None:
    request = Request("GET", url, tuple(headers.items()))
    found = choose(wanted, passed_by(request), lambda scheme: scheme.name in has)
    return None if found is None else [scheme.name for scheme in found]


def test_the_first_alternative_that_can_be_satisfied_is_taken() -> None:
    wanted = operation({"key": (), "app": ()}, {"bearer": ()}, {"basic": ()})
    assert chosen(wanted, has=("key", "bearer", "basic")) == ["bearer"]
    assert chosen(wanted, has=("key", "app", "bearer")) == ["key", "app"]
    assert chosen(wanted, has=("key",)) is None
    assert chosen(wanted, has=("key",), url="https://a.test/?app=1") == ["key"]
    assert chosen(wanted, has=("key", "app"), Authorization="Bearer own") == []


def test_an_empty_alternative_is_the_last_resort() -> None:
    assert chosen(operation({}, {"bearer": ()})) == []
    assert chosen(operation({}, {"bearer": ()}), has=("bearer",)) == ["bearer"]
    assert chosen(operation()) is None


@pytest.mark.parametrize(
    ("scheme", "url", "headers"),
    [
        ("app", "https://a.test/?x=1&app=", {}),
        ("app", "https://a.test/?%61pp=1", {}),
        ("sid", "https://a.test/", {"Cookie": "a=1; sid=2"}),
        ("key", "https://a.test/", {"x-KEY": "1"}),
        ("bearer", "https://a.test/", {"authorization": "x"}),
        ("oidc", "https://me:pw@a.test/", {}),
    ],
)
def test_a_request_that_carries_a_credential_needs_none(
    scheme: str, url: str, headers: dict[str, str]
) -> None:
    assert chosen(operation({scheme: ()}), has=(scheme,), url=url, **headers) == []
    assert chosen(operation({scheme: ()}), has=(scheme,), url="https://a.test/?y=app") == [scheme]


@pytest.mark.parametrize(
    "scheme",
    [
        SecurityScheme("s", "apiKey", parameter="a b", in_="header"),
        SecurityScheme("s", "apiKey", parameter="a\r\nb", in_="cookie"),
        SecurityScheme("s", "apiKey", in_="query"),
        SecurityScheme("s", "http"),
        SecurityScheme("s", "something"),
    ],
)
def test_a_scheme_that_cannot_be_sent_satisfies_nothing(scheme: SecurityScheme) -> None:
    assert not is_understood(scheme)
    wanted = operation({"s": ()}, {"undeclared": ()}, schemes=(scheme,))
    assert chosen(wanted, has=("s", "undeclared")) is None


ONE = Need("one", "u1", BEARER, frozenset({("https", "one.test", 443)}))
TWO = Need("two", "u2", BEARER, frozenset({("https", "two.test", 443)}))
SAME = Need("same", "u3", BEARER, ONE.reach)


def test_names_are_a_scheme_s_or_a_source_s_and_the_caller_s_own_count_most() -> None:
    given_ = Given({"one.bearer": "1", "bearer": "2"}, {"ARAZZO_AUTH_TWO_BEARER": "3"})
    assert [given_.value(need) for need in (ONE, TWO, SAME)] == ["1", "2", "2"]
    assert Given({}, {"ARAZZO_AUTH_TWO_BEARER": "3", "ARAZZO_AUTH_BEARER": "4"}).value(TWO) == "3"
    assert [variable(name) for name in ("api-key", "pet.store é")] == [
        "ARAZZO_AUTH_API_KEY",
        "ARAZZO_AUTH_PET_STORE__",
    ]


@pytest.mark.parametrize(
    ("own", "variables", "needs", "told"),
    [
        ({"bearer": "x"}, {}, (ONE, SAME), []),
        ({"bearer": "x"}, {}, (ONE, TWO), ["--auth bearer=… would be sent to different places"]),
        ({"bearer": ""}, {}, (ONE, TWO), []),
        ({"bearer": "x", "one.bearer": "y"}, {}, (ONE, TWO), []),
        (
            {},
            {"ARAZZO_AUTH_BEARER": "x"},
            (ONE, TWO),
            ["ARAZZO_AUTH_BEARER=… would be sent to different places"],
        ),
        ({"two.bearer": "y"}, {"ARAZZO_AUTH_BEARER": "x"}, (ONE, TWO), []),
        ({"bearr": "x"}, {"ARAZZO_AUTH_ELSE": "x"}, (ONE,), ["needs no credential named 'bearr'"]),
    ],
)
def test_a_name_that_means_nothing_or_too_much_is_told(
    own: dict[str, str], variables: dict[str, str], needs: tuple[Need, ...], told: list[str]
) -> None:
    problems = list(Given(own, variables).problems(needs, needs))
    assert [words in problem.message for words, problem in zip(told, problems, strict=True)] == [True] * len(
        told
    )


def test_the_way_to_give_a_credential_names_its_source_only_where_it_must() -> None:
    assert how_to_give(ONE, (ONE, SAME)) == "--auth bearer=TOKEN (or ARAZZO_AUTH_BEARER)"
    assert how_to_give(ONE, (ONE, TWO)) == "--auth one.bearer=TOKEN (or ARAZZO_AUTH_ONE_BEARER)"


# --- tokens


@pytest.mark.parametrize(
    ("body", "token"),
    [
        (b'{"access_token":"a"}', Token("a")),
        (b'{"access_token":"a","expires_in":"3600","refresh_token":""}', Token("a", None, 3670.0)),
        (b'{"access_token":"a","expires_in":10,"refresh_token":"r"}', Token("a", "r", 109.0)),
        (b'{"access_token":"a","expires_in":true}', Token("a")),
        (b'{"access_token":"a","expires_in":1e999}', Token("a")),
        (b'{"access_token":"a","expires_in":-1}', Token("a")),
    ],
)
def test_a_token_is_used_until_shortly_before_its_end(body: bytes, token: Token) -> None:
    assert read_token(Response(200, (), body), "https://t.test", 100.0) == token


def test_a_token_may_come_as_a_form() -> None:
    headers = (("Content-Type", "application/x-www-form-urlencoded"),)
    assert read_token(Response(200, headers, b"access_token=a&scope="), "https://t.test", 0.0) == Token("a")


@given(st.binary() | st.from_regex(rb'\{"(access_token|error|expires_in)":.{0,30}\}', fullmatch=True))
def test_no_answer_makes_reading_a_token_raise(body: bytes) -> None:
    for status in (200, 400):
        read_token(Response(status, (), body), "https://t.test", 0.0)


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://t.test/token", True),
        ("http://127.0.0.1:8080/token", True),
        ("http://localhost/token", True),
        ("http://t.test/token", False),
        ("ftp://t.test/token", False),
        ("https:///token", False),
        ("http://[/token", False),
        ("token", False),
    ],
)
def test_secrets_go_to_https_or_this_machine(url: str, allowed: bool) -> None:
    assert (insecure(url, allow_http=False) is None) == allowed
    assert (insecure(url, allow_http=True) is None) == (allowed or url == "http://t.test/token")


@pytest.mark.parametrize(
    ("server", "url", "found"),
    [
        ("https://a.test/v1", "token", "https://a.test/v1/token"),
        ("https://a.test/v1", "/token", "https://a.test/token"),
        ("https://a.test/v1", "https://t.test/token", "https://t.test/token"),
    ],
)
def test_a_relative_url_of_a_scheme_is_relative_to_the_server(server: str, url: str, found: str) -> None:
    assert api_url(server, url) == found


def test_a_refresh_that_fails_is_followed_by_asking_anew_and_names_are_encoded() -> None:
    now = [0.0]
    tokens = Tokens(lambda: now[0], Secrets())
    endpoint = Endpoint("https://t.test/token", "https://t.test/refresh")
    wanted = TokenRequest(endpoint, Grant("client_credentials", "i d", "s:é+"), ("a", "b"))

    def ask(*replies: Reply) -> tuple[list[Request], Token | Failed]:
        flow, sent = tokens.obtain(wanted), list[Request]()
        try:
            sent.append(next(flow))
            for reply in replies:
                sent.append(flow.send(reply))
        except StopIteration as end:
            return sent, end.value
        raise AssertionError("it wants more replies")

    sent, token = ask(Response(200, (), b'{"access_token":"a","expires_in":60,"refresh_token":"r"}'))
    assert token == Token("a", "r", 54.0)
    basic = (header(sent[0].headers, "authorization") or "").removeprefix("Basic ")
    assert base64.b64decode(basic) == b"i%20d:s%3A%C3%A9%2B"
    assert sent[0].body == b"grant_type=client_credentials&scope=a+b"
    assert ask() == ([], token)
    now[0] = 55.0
    refused = Response(400, (), b'{"error":"invalid_grant"}')
    sent, token = ask(refused, Response(200, (), b'{"access_token":"b"}'))
    assert [(s.url, s.body) for s in sent] == [
        ("https://t.test/refresh", b"grant_type=refresh_token&refresh_token=r"),
        ("https://t.test/token", b"grant_type=client_credentials&scope=a+b"),
    ]
    assert token == Token("b")
    other = TokenRequest(endpoint, wanted.grant, ("c",))
    assert isinstance(next(tokens.obtain(other)), Request), "other scopes are another token"


def test_no_answer_keeps_its_kind() -> None:
    failed = read_token(NoResponse(Failure.TLS, "not trusted"), "https://t.test", 0.0)
    assert isinstance(failed, Failed)
    assert failed.failure is Failure.TLS
