"""Whether what a workflow was given fits what it declares, with every problem named at once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from arazzo import codes
from arazzo.diagnostics import Diagnostic, Span, nearest
from arazzo.plan.inputs import InputsSchema, looks_like_credential
from arazzo.values import File, Value, flaw, type_name

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError


def parse_text(inputs: InputsSchema, name: str, text: str) -> Value:
    """``text``, as given on a command line or in an environment, as the type the schema of input ``name`` wants.

    Text that is no value of that type is left as it is, for validation to report.
    """
    wanted = inputs.types(name)
    if not wanted or "string" in wanted:
        return text
    try:
        value: Value = json.loads(text)
    except (ValueError, RecursionError):
        value = text
    if _json_types(value) & wanted:
        return value
    if "boolean" in wanted and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if "array" in wanted and not isinstance(value, dict):
        return list(text.split(","))
    return text


def with_defaults(inputs: InputsSchema, given: Mapping[str, Value]) -> dict[str, Value]:
    """``given`` and, for inputs not given, the defaults their schemas have."""
    complete = dict(given)
    for name in inputs.properties:
        default = inputs.default(name)
        if name not in complete and default is not None:
            complete[name] = default[0]
    return complete


def check_inputs(
    inputs: InputsSchema, given: Mapping[str, Value], secret: Iterable[str] = ()
) -> Iterator[Diagnostic]:
    """Everything that keeps ``given`` from fitting ``inputs``; an input the workflow does not declare is a warning.

    No message shows the value of a secret input: one the schema marks, one named in ``secret``.
    """
    secret = inputs.secret.union(secret)
    flaws = {name: problem for name, value in given.items() if (problem := flaw(value)) is not None}
    for name, problem in flaws.items():
        yield codes.INPUT_INVALID.at(
            _declared_at(inputs, name), f"the input {name!r} cannot be used: {problem}"
        )
    unknown = [name for name in given if inputs.properties and name not in inputs.names]
    missing = [name for name in inputs.required if name not in given]
    for name in missing:
        meant = nearest(name, unknown)
        yield codes.INPUT_MISSING.at(
            _declared_at(inputs, name),
            f"the input {name!r} is required and was not given",
            f"you gave {meant!r}; did you mean {name!r}?" if meant else f"give it with --input {name}=VALUE",
        )
    for name in unknown:
        meant = nearest(name, inputs.properties)
        yield codes.INPUT_UNKNOWN.at(
            None,
            f"the workflow declares no input {name!r}",
            f"did you mean {meant!r}?" if meant else f"it declares: {', '.join(inputs.properties)}",
        )
    if not flaws:
        yield from _violations(inputs, given, secret)


def _violations(
    inputs: InputsSchema, given: Mapping[str, Value], secret: frozenset[str]
) -> Iterator[Diagnostic]:
    if not inputs.schema:
        return
    import jsonschema_rs

    try:
        validator = jsonschema_rs.Draft202012Validator(inputs.schema)
        discreet = jsonschema_rs.Draft202012Validator(inputs.schema, mask="the value")
    except (ValueError, jsonschema_rs.ReferencingError):
        return  # Linking has reported the schema itself.
    values = {name: _as_json(value) for name, value in given.items()}
    marked = [value for value in inputs.credentials(values) if isinstance(value, (str, int))]
    for error, masked in zip(validator.iter_errors(values), discreet.iter_errors(values), strict=True):
        path = list(error.instance_path)
        if not path and error.kind.name == "required":
            continue  # Named above, all of them.
        if not path:
            yield codes.INPUT_INVALID.at(None, f"the inputs: {masked.message}")
            continue
        name = str(path[0])
        inside = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path[1:])
        hidden = name in secret or any(looks_like_credential(str(part)) for part in path)
        problem = _hidden_problem(error, type_name(values[name])) if hidden else masked.message
        if not hidden and not isinstance(error.instance, (dict, list)) and error.instance not in marked:
            problem = error.message  # A value with nothing inside that could be secret.
        wanted = " or ".join(sorted(inputs.types(name)))
        yield codes.INPUT_INVALID.at(
            _declared_at(inputs, name),
            f"the input '{name}{inside}' does not fit: {problem}",
            f"it takes {_article(wanted)}" if wanted and not inside and error.kind.name == "type" else None,
        )


def _hidden_problem(error: ValidationError, type_: str) -> str:
    """What is wrong with a secret input, without showing any of it."""
    if error.kind.name == "required":
        return f"{error.kind.as_dict()['property']!r} is a required property"
    return f"its value, {_article(type_)}, is not shown"


def _declared_at(inputs: InputsSchema, name: str) -> Span | None:
    declared = inputs.declared_at(name)
    return declared.key_span() if declared else None


def _article(noun: str) -> str:
    return f"an {noun}" if noun[:1] in "aeiou" else f"a {noun}"


def _as_json(value: Value) -> Value:
    """``value`` as the validator knows it: a file is a string."""
    match value:
        case File():
            return value.content.decode("utf-8", "replace")
        case bytes():
            return value.decode("utf-8", "replace")
        case list():
            return [_as_json(element) for element in value]
        case dict():
            return {key: _as_json(member) for key, member in value.items()}
        case _:
            return value


def _json_types(value: Value) -> frozenset[str]:
    name = type_name(value)
    if name == "integer" or (isinstance(value, float) and value.is_integer()):
        return frozenset(("integer", "number"))
    return frozenset((name,))
