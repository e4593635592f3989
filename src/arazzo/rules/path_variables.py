"""A rule about the places in an operation's path (Paths Object, path templating)."""

from __future__ import annotations

from collections.abc import Iterator

from arazzo.descriptions.openapi.servers import path_names
from arazzo.diagnostics import Diagnostic
from arazzo.rules import codes
from arazzo.rules.feeds import named, place_of_call
from arazzo.rules.rule import Subject


def places_that_nothing_fills(subject: Subject) -> Iterator[Diagnostic]:
    """A place in the path that no parameter fills, of an operation that declares none for it."""
    for here, call in subject.calls():
        path, _, _ = call.operation.path.partition("#")[0].partition("?")
        known = {parameter.spec.name for parameter in call.parameters if parameter.spec.in_ == "path"}
        known.update(spec.name for spec in call.operation.parameters if spec.in_ == "path")
        plain = {name.strip("+*") for name in known}
        for name in sorted({name.strip("+*") for name in path_names(path)} - plain):
            message = f"the path {path} of {named(call.operation)} needs {name!r}, and nothing passes it"
            hint = f"add it to the step's parameters: name: {name}, in: path, value: …"
            where = [("the path is declared here", call.operation.at.span())]
            yield codes.PARAMETER_MISSING.at(place_of_call(here), message, hint, where)
