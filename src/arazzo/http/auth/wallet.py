"""What a run has to authenticate with: each credential asked for once, read, and kept from being shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol, TypeAlias

from msgspec import Struct, field

from arazzo import codes
from arazzo.descriptions.openapi.model import SecurityScheme
from arazzo.errors import UsageError
from arazzo.http.auth.credentials import Need
from arazzo.http.auth.forms import BadCredential, Credential, read_credential
from arazzo.plan.model import OperationCall
from arazzo.values import Maybe

Give: TypeAlias = Callable[[Need], object]
"""Gives the text for a need, or None; what a caller's own function gives is checked."""


class Learner(Protocol):
    """What hides secrets (``engine.secrets.Secrets``)."""

    def learn(self, value: Maybe) -> None: ...
    def learn_authorization(self, value: str) -> None: ...


class Wallet(Struct):
    """The credentials of one run. ``certificate`` says whether the transport has one of the client's."""

    needs: tuple[Need, ...]
    give: Give
    secrets: Learner
    certificate: bool = False
    _texts: dict[tuple[str, str, str], str | None] = field(default_factory=dict)

    def credential(self, call: OperationCall, scheme: SecurityScheme) -> Credential | None:
        """The credential for ``scheme`` at the API that ``call`` calls; a client's certificate is the transport's.

        Raises ``BadCredential``.
        """
        text = self._text(call, scheme)
        if not text or scheme.type == "mutualTLS":
            return None
        try:
            credential = read_credential(scheme, text)
        except BadCredential as error:
            raise BadCredential(f"the credential {scheme.name!r} cannot be used: {error}") from None
        for part in credential.parts():
            self.secrets.learn(part)
        return credential

    def has(self, call: OperationCall, scheme: SecurityScheme) -> bool:
        """Whether there is something to satisfy ``scheme`` with."""
        return self.certificate if scheme.type == "mutualTLS" else bool(self._text(call, scheme))

    def waived(self, call: OperationCall, scheme: SecurityScheme) -> bool:
        """Whether it was said that no credential is to be sent for ``scheme``."""
        return self._text(call, scheme) == ""

    def _text(self, call: OperationCall, scheme: SecurityScheme) -> str | None:
        key = call.source, call.operation.source_uri, scheme.name
        if key not in self._texts:
            text = self._ask(key)
            self._texts[key] = text
            self.secrets.learn(text)
        return self._texts[key]

    def _ask(self, key: tuple[str, str, str]) -> str | None:
        need = find_need(self.needs, key)
        text = None if need is None else self.give(need)
        if text is None or isinstance(text, str):
            return None if text is None else text.strip()
        message = (
            f"the source of secrets gave a {type(text).__name__} for {key[2]!r}; it gives a text or None"
        )
        raise UsageError([codes.BAD_USAGE.at(None, message)])


def find_need(needs: Iterable[Need], key: tuple[str, str, str]) -> Need | None:
    return next((need for need in needs if (need.source, need.uri, need.scheme.name) == key), None)
