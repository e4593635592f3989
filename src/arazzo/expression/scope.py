"""What an expression can see: the names a workflow declares (when it is linked) and their values (when it runs)."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from msgspec import Struct, field

from arazzo.diagnostics import Guesses
from arazzo.messages import Headers
from arazzo.values import UNDEFINED, Maybe, Value


class WorkflowNames(Struct, frozen=True):
    """The inputs and outputs one workflow declares."""

    inputs: Collection[str] = ()
    outputs: Collection[str] = ()


class Names(Struct, frozen=True):
    """What is declared around an expression.

    Names are literal first: the longest declared name wins, the rest of the text is navigation. An unbraced
    expression inside text is one only when it names something declared here. ``steps`` maps a step id of the
    workflow to its outputs; a step that calls a workflow has that workflow's outputs too, or None when they
    cannot be known. ``outputs`` are what ``$outputs.`` may name at this place.

    ``sender`` is set for what a step is about to send: it has no outputs yet, and ``$outputs.`` then means that of
    the only other step that has one of this name. ``lenders`` are the steps that have it.
    """

    inputs: Collection[str] = ()
    outputs: Collection[str] = ()
    steps: Mapping[str, Collection[str] | None] = field(default_factory=dict)
    workflows: Mapping[str, WorkflowNames] = field(default_factory=dict)
    sources: Collection[str] = ()
    sender: str | None = None
    lenders: Mapping[str, Collection[str]] = field(default_factory=dict)
    guesses: Guesses = field(default_factory=Guesses)
    """What hints about names that are not there may take."""


class RequestView(Struct, frozen=True):
    """The request of the step at hand, as it was really sent, in the parts that ``$request.`` can name."""

    method: str
    url: str
    headers: Headers = ()
    query: Mapping[str, Value] = field(default_factory=dict)
    path: Mapping[str, Value] = field(default_factory=dict)
    body: Maybe = UNDEFINED


class ResponseView(Struct, frozen=True):
    """A response with its body decoded; an empty body is UNDEFINED."""

    status: int
    headers: Headers = ()
    body: Maybe = UNDEFINED


class MessageView(Struct, frozen=True):
    """A message of an AsyncAPI step with its payload decoded."""

    headers: Headers = ()
    payload: Maybe = UNDEFINED


class WorkflowValues(Struct, frozen=True):
    """The inputs a workflow was given and the outputs it had."""

    inputs: Mapping[str, Value] = field(default_factory=dict)
    outputs: Mapping[str, Maybe] = field(default_factory=dict)


class Scope(Struct):
    """The values behind the names, at one moment of a run. The engine owns it and keeps it up to date."""

    inputs: Mapping[str, Value] = field(default_factory=dict)
    outputs: Mapping[str, Maybe] = field(default_factory=dict)
    steps: Mapping[str, Mapping[str, Maybe]] = field(default_factory=dict)
    workflows: Mapping[str, WorkflowValues] = field(default_factory=dict)
    sources: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Of each source description: its ``name``, ``url`` (as written) and ``type``."""
    request: RequestView | None = None
    response: ResponseView | None = None
    message: MessageView | None = None
    self_uri: str | None = None
