"""What a run takes by name. The annotations are no texts, as in ``keywords``."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Literal, TypeAlias

from arazzo.api.keywords import LinkKeywords
from arazzo.engine.events import Event
from arazzo.http.auth.credentials import Given, SecretSource

Observer: TypeAlias = Callable[[Event], None]


class RunKeywords(LinkKeywords, total=False):
    """What ``run``, ``run_async`` and ``stream`` take by name."""

    observers: Iterable[Observer]
    """Called with each event as it happens."""
    transport: object
    """Takes a ``Request`` and gives a ``Response`` or ``NoResponse``; or an httpx or httpx2 client."""
    auth: Mapping[str, str] | SecretSource | Given
    """Credentials by the names of security schemes (``docs/credentials.md``), or who gives them."""
    cookies: bool | str | Path
    """Whether what responses set is sent back (the default), or the file such cookies come from and go to."""
    idempotency_key: bool | str
    """Send a key that is the same for every retry of a step with POST and PATCH; a text names the header."""
    max_steps: int
    timeout: float | None
    """Seconds for the whole run."""
    step_timeout: float | None
    """Seconds for one attempt at a step."""
    poll_interval: float
    """Seconds before the same request is sent again."""
    max_wait: float
    """Seconds that a single wait may last."""
    check_responses: Literal["warn", "fail"] | None
    """Hold responses against the API descriptions; a violation is a warning, or fails its step."""
