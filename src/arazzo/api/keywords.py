"""What linking takes by name.

The annotations here are no texts: each text would be compiled when the class is made, which takes three milliseconds.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypedDict

from arazzo.http.options import TransportOptions
from arazzo.source import Limits


class LinkKeywords(TypedDict, total=False):
    """What ``check`` and ``link`` take by name; ``run`` takes these too."""

    sources: Mapping[str, str]
    """Where source descriptions really are: path or URL, by name."""
    servers: Mapping[str, str]
    """Where a source's requests go; ``""`` stands for every source."""
    server_variables: Mapping[str, Mapping[str, str]]
    """Server variables by source; ``""`` stands for every source."""
    strict: bool
    """The letter of the specification: every kindness is an error."""
    offline: bool
    """Fetch nothing over the network while linking."""
    allow_paths: Sequence[str | Path]
    """Folders that a document may name files in, besides its own tree."""
    allow_http: bool
    """Fetch documents over plain http, too."""
    allow_private: bool
    """Let a document from the network name addresses that are not public."""
    cache: bool
    """Keep documents fetched over https, to be asked for again only if they have changed (the default)."""
    transport_options: TransportOptions
    """Whom documents are fetched from and by which way: ``cacert``, ``insecure`` and ``proxy`` hold for them, too."""
    limits: Limits
    secrets: Iterable[str]
    """Inputs to hide everywhere, besides those that look like credentials."""
    headers: Mapping[str, str]
    """Sent with every request."""
    follow_redirects: bool
    """False gives every redirect to the step as its response."""
    simulate: bool | int
    """Answer from the API descriptions, which then need no server; a number is the seed."""
