"""Keys by which a provider knows a request that it has had already (``Idempotency-Key``); opt-in.

The key of a visit to a step is the same for each of its retries. It is made of a seed that the driver gives, since the
engine has no randomness: the same seed gives the same keys, so that a run which is taken up again repeats none of them.
"""

from __future__ import annotations

import hashlib
from typing import Final

from msgspec import Struct

from arazzo.descriptions.openapi.model import Operation
from arazzo.messages import Headers, header

USUAL_NAME: Final = "Idempotency-Key"
KNOWN_NAMES: Final = ("idempotency-key", "x-idempotency-key")
_NOT_IDEMPOTENT: Final = ("POST", "PATCH")


class Idempotency(Struct, frozen=True):
    """That keys are wanted. ``seed`` is another for each run; ``name`` is the header's, None the usual one."""

    seed: str
    name: str | None = None

    def key(self, number: int, workflow_id: str, step_id: str) -> str:
        """The key of the run's visit ``number``, in the form of a UUID (version 8, RFC 9562)."""
        source = "\0".join((self.seed, str(number), workflow_id, step_id))
        digits = hashlib.sha256(source.encode("utf-8", "replace")).hexdigest()
        variant = "89ab"[int(digits[16], 16) % 4]
        return f"{digits[:8]}-{digits[8:12]}-8{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:32]}"

    def header_for(self, operation: Operation, passed: Headers) -> str | None:
        """The header that is to carry the key; None where the request has one, or needs none.

        An operation that declares such a header gets it whatever its method.
        """
        known = (*KNOWN_NAMES, *((self.name.lower(),) if self.name else ()))
        if any(header(passed, name) is not None for name in known):
            return None
        declared = [s.name for s in operation.parameters if s.in_ == "header" and s.name.lower() in known]
        if declared:
            return declared[0]
        return (self.name or USUAL_NAME) if operation.method.upper() in _NOT_IDEMPOTENT else None
