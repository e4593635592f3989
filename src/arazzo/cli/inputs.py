"""The inputs of a run, from everywhere a user may put them: flags over a file, a file over the environment."""

from __future__ import annotations

import json
import mimetypes
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from arazzo.cli.options import read_text, usage
from arazzo.errors import DocumentError
from arazzo.patterns import pattern
from arazzo.plan.input_values import parse_text
from arazzo.plan.inputs import InputsSchema
from arazzo.source import parse
from arazzo.values import File, Value

_PREFIX = "ARAZZO_INPUT_"
_FLAG = pattern(r"(?P<name>.+?)(?P<operator>:=|=@|=)(?P<text>.*)", re.DOTALL)


def gather_inputs(
    schema: InputsSchema, flags: Sequence[str], file: str | None, environment: Mapping[str, str]
) -> dict[str, Value]:
    """The inputs given by ``--input`` flags, ``--inputs FILE`` and ``ARAZZO_INPUT_…``. Raises ``UsageError``."""
    inputs = _from_environment(schema, environment)
    if file is not None:
        inputs.update(_from_file(file))
    for text in flags:
        name, value = _from_flag(schema, text)
        inputs[name] = value
    return inputs


def _from_flag(schema: InputsSchema, flag: str) -> tuple[str, Value]:
    """``KEY=VALUE`` typed by the schema, ``KEY:=JSON``, ``KEY=@FILE``."""
    match = _FLAG.fullmatch(flag)
    if match is None:
        raise usage(f"--input {flag}: a name, '=' and a value are wanted", "write --input NAME=VALUE")
    name, text = match["name"], match["text"]
    match match["operator"]:
        case ":=":
            try:
                value: Value = json.loads(text)
            except ValueError as error:
                raise usage(f"--input {name}:=…: not JSON: {error}", "use NAME=VALUE for text") from None
            except RecursionError:
                raise usage(f"--input {name}:=…: nested too deeply") from None
            return name, value
        case "=@":
            return name, _file(schema, name, text)
        case _:
            return name, parse_text(schema, name, text)


def _file(schema: InputsSchema, name: str, path: str) -> Value:
    """A file's content; where the schema wants no text, what its text says."""
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise usage(f"--input {name}=@{path}: {error.strerror}") from None
    wanted = schema.types(name)
    if wanted and "string" not in wanted:
        return parse_text(schema, name, content.decode("utf-8", "replace").strip())
    return File(Path(path).name, content, mimetypes.guess_type(path)[0])


def _from_file(path: str) -> dict[str, Value]:
    try:
        tree = parse(read_text(path, "--inputs"), path)
    except DocumentError as error:
        raise usage(f"--inputs {path}: {error.diagnostics[0].message}") from None
    if not isinstance(tree.root, dict):
        raise usage(f"--inputs {path}: a JSON or YAML object is wanted")
    return dict(tree.root)


def _from_environment(schema: InputsSchema, environment: Mapping[str, str]) -> dict[str, Value]:
    """``ARAZZO_INPUT_API_KEY`` is the input ``apiKey``, ``api_key`` or ``API_KEY``, whichever is declared."""
    declared = {_folded(name): name for name in reversed(list(schema.properties))}
    inputs: dict[str, Value] = {}
    for variable, text in environment.items():
        if variable.startswith(_PREFIX):
            given = variable.removeprefix(_PREFIX)
            name = given if given in schema.properties else declared.get(_folded(given), given)
            inputs[name] = parse_text(schema, name, text)
    return inputs


def _folded(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def environment(env_file: str | None) -> dict[str, str]:
    """What ``--env-file`` holds, over the environment: ``NAME=VALUE`` lines, ``#`` comments, optional quotes."""
    variables: dict[str, str] = {}
    if env_file is not None:
        for number, line in enumerate(read_text(env_file, "--env-file").splitlines(), 1):
            text = line.strip().removeprefix("export ").strip()
            if not text or text.startswith("#"):
                continue
            name, equals, value = text.partition("=")
            if not equals:
                raise usage(f"--env-file {env_file}, line {number}: NAME=VALUE is wanted")
            value = value.strip()
            if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
                value = value[1:-1]
            variables[name.strip()] = value
    return {**os.environ, **variables}
