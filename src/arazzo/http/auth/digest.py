"""Digest access authentication (RFC 7616): MD5, SHA-256, SHA-512-256, their ``-sess`` forms, ``auth``, ``auth-int``.

A challenge is kept, so that only the first request to an origin is answered with a 401; the nonce count goes up with
each request, and a stale nonce is replaced by the one that comes with the refusal.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct, field
from msgspec.structs import replace

from arazzo.http.auth.challenge import read_challenges
from arazzo.http.auth.credentials import Origin
from arazzo.http.auth.forms import Login
from arazzo.http.auth.wallet import Learner
from arazzo.http.redirects import origin
from arazzo.http.wire import target_of
from arazzo.messages import Reply, Request, Response, header, with_header

_HASHES: Final = {"sha-512-256": "sha512_256", "sha-256": "sha256", "md5": "md5"}
"""What a challenge calls them, the strongest first."""


class Session(Struct):
    """A challenge that was accepted, and how often its nonce has been used."""

    realm: str
    nonce: str
    algorithm: str
    """As the challenge has it; empty where it has none."""
    qop: str | None
    opaque: str | None = None
    hashed_user: bool = False
    count: int = 0

    def authorization(self, login: Login, request: Request, cnonce: str) -> tuple[str, str]:
        """The value of the ``Authorization`` header for the next use, and the proof in it."""
        self.count += 1
        uri, count = target_of(request.url).decode("ascii"), f"{self.count:08x}"
        secret = self._hash(f"{login.user}:{self.realm}:{login.password}")
        if self.algorithm.lower().endswith("-sess"):
            secret = self._hash(f"{secret}:{self.nonce}:{cnonce}")
        asked = f"{request.method}:{uri}"
        if self.qop == "auth-int":
            asked += f":{self._hash(request.body or b'')}"
        middle = f"{self.nonce}:{count}:{cnonce}:{self.qop}" if self.qop else self.nonce
        proof = self._hash(f"{secret}:{middle}:{self._hash(asked)}")
        user = self._hash(f"{login.user}:{self.realm}") if self.hashed_user else login.user
        parts = [f'username="{_quoted(user)}"', f'realm="{_quoted(self.realm)}"']
        parts += [f'nonce="{_quoted(self.nonce)}"', f'uri="{_quoted(uri)}"']
        if self.algorithm:
            parts.append(f"algorithm={self.algorithm}")
        parts.append(f'response="{proof}"')
        if self.opaque is not None:
            parts.append(f'opaque="{_quoted(self.opaque)}"')
        if self.qop:
            parts += [f"qop={self.qop}", f"nc={count}", f'cnonce="{cnonce}"']
        elif self.algorithm.lower().endswith("-sess"):
            parts.append(f'cnonce="{cnonce}"')
        if self.hashed_user:
            parts.append("userhash=true")
        return f"Digest {', '.join(parts)}", proof

    def _hash(self, content: str | bytes) -> str:
        name = _HASHES[self.algorithm.lower().removesuffix("-sess") or "md5"]
        raw = content.encode() if isinstance(content, str) else content
        return hashlib.new(name, raw, usedforsecurity=False).hexdigest()


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _cnonce() -> str:
    import secrets

    return secrets.token_hex(16)


class DigestSessions(Struct):
    """The sessions of one run, by origin and user."""

    secrets: Learner
    cnonce: Callable[[], str] = _cnonce
    _kept: dict[tuple[Origin, Login], Session] = field(default_factory=dict)

    def exchange(self, request: Request, login: Login) -> Generator[Request, Reply, Reply]:
        """Send ``request``, answering the challenge that comes back; a new one for an old nonce is answered too."""
        key = origin(urlsplit(request.url)), login
        reply = yield from self._once(request, login, self._kept.get(key))
        for _ in range(2):
            session = challenged(reply)
            if session is None:
                return reply
            self._kept[key] = session
            reply = yield from self._once(request, login, session)
            if not _is_stale(reply):
                break
        if isinstance(reply, Response) and reply.status == 401:
            self._kept.pop(key, None)
        return reply

    def _once(
        self, request: Request, login: Login, session: Session | None
    ) -> Generator[Request, Reply, Reply]:
        if session is None:
            return (yield request)
        value, proof = session.authorization(login, request, self.cnonce())
        reply = yield replace(request, headers=with_header(request.headers, "Authorization", value))
        if isinstance(reply, Response):
            # Each is used once, and there is one for each request: it is worth hiding only where it is to be seen.
            if proof.encode() in reply.body or any(proof in value for _, value in reply.headers):
                self.secrets.learn(proof)
            told = read_challenges(f"x {header(reply.headers, 'authentication-info') or ''}")
            following = told[0].parameters.get("nextnonce") if told else None
            if following:
                session.nonce, session.count = following, 0
        return reply


def challenged(reply: Reply) -> Session | None:
    """The strongest challenge of ``reply`` that can be answered; None where there is none."""
    if not isinstance(reply, Response) or reply.status != 401:
        return None
    found: list[tuple[int, Session]] = []
    for challenge in read_challenges(header(reply.headers, "www-authenticate") or ""):
        given = challenge.parameters
        algorithm = given.get("algorithm", "")
        name = algorithm.lower().removesuffix("-sess") or "md5"
        offered = [word.strip().lower() for word in given.get("qop", "").split(",") if word.strip()]
        qop = next((word for word in ("auth", "auth-int") if word in offered), None)
        if challenge.scheme != "digest" or name not in _HASHES or not {"realm", "nonce"} <= given.keys():
            continue
        if (offered and qop is None) or _HASHES[name] not in hashlib.algorithms_available:
            continue
        hashed = given.get("userhash", "").lower() == "true"
        session = Session(given["realm"], given["nonce"], algorithm, qop, given.get("opaque"), hashed)
        found.append((list(_HASHES).index(name), session))
    return min(found, key=lambda pair: pair[0])[1] if found else None


def _is_stale(reply: Reply) -> bool:
    if not isinstance(reply, Response) or reply.status != 401:
        return False
    challenges = read_challenges(header(reply.headers, "www-authenticate") or "")
    return any(challenge.parameters.get("stale", "").lower() == "true" for challenge in challenges)
