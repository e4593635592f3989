"""Reads run scenarios; ``conformance/README.md`` tells what their fields mean."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from arazzo.errors import DocumentError
from arazzo.source import parse
from arazzo.values import Value
from conformance.provider import ScriptedProvider, matches, observe, served

__all__ = ["SERVER", "Scenario", "ScriptedProvider", "matches", "observe", "scenarios", "served"]

FOLDER = Path(__file__).parent / "scenarios"
SERVER = "http://provider.test"
"""What scenarios write for the address of the provider, in documents, inputs, replies and expectations."""

_MEMBERS: Final = ("arazzo", "$self", "info", "sourceDescriptions", "workflows", "components")
"""Members that a scenario may set in its entry document."""


@dataclass(frozen=True)
class Scenario:
    """One run: what there is, what the provider answers, what must have happened."""

    file: str
    name: str
    clause: tuple[str, ...]
    documents: Mapping[str, Value]
    entry: str
    workflow: str | None
    inputs: dict[str, Value]
    options: Mapping[str, Value]
    provider: list[Mapping[str, Value]]
    expect: Mapping[str, Value]
    kindness: tuple[str, ...] = ()
    strict: Mapping[str, Value] | None = None
    """What must happen instead where no kindness is shown; None where that is not said."""
    http: bool = False
    """Whether it is about what an HTTP client does, and means nothing without one."""

    def __str__(self) -> str:
        return f"{self.file}: {self.name}"

    def at(self, server: str) -> Scenario:
        """The scenario with its provider at the URL ``server``."""
        return Scenario(
            self.file,
            self.name,
            self.clause,
            _mapping(_moved(dict(self.documents), server)),
            self.entry,
            self.workflow,
            _mapping(_moved(self.inputs, server)),
            _mapping(_moved(dict(self.options), server)),
            [_mapping(_moved(dict(rule), server)) for rule in self.provider],
            _mapping(_moved(dict(self.expect), server)),
            self.kindness,
            None if self.strict is None else _mapping(_moved(dict(self.strict), server)),
            self.http,
        )

    def write(self, folder: Path) -> Path:
        """Write the documents into ``folder``; returns the entry document's path."""
        for name, document in self.documents.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            text = (
                document if isinstance(document, str) else json.dumps(document, ensure_ascii=False, indent=1)
            )
            path.write_text(text, encoding="utf-8")
        return folder / self.entry


def scenarios(folder: Path = FOLDER) -> Iterator[Scenario]:
    """Every scenario of every file in ``folder``, in order."""
    for path in sorted(folder.glob("*.yml")):
        yield from scenarios_of(path)


def scenarios_of(path: Path) -> Iterator[Scenario]:
    """The scenarios of one file."""
    root = _mapping(parse(path.read_bytes(), path.name).root)
    listed = root["scenarios"]
    assert isinstance(listed, list)
    for item in listed:
        yield _scenario(path.stem, _mapping(item), root)


def _scenario(file: str, item: dict[str, Value], shared: Mapping[str, Value]) -> Scenario:
    documents = {**_mapping(shared.get("documents", {})), **_mapping(item.get("documents", {}))}
    entry = str(item.get("entry") or next(name for name in documents if "arazzo" in name))
    own: dict[str, Value] = {name: item[name] for name in _MEMBERS if name in item}
    if own:
        documents[entry] = {**_mapping(documents[entry]), **own}
    provider = item.get("provider", shared.get("provider", []))
    assert isinstance(provider, list)
    strict = item.get("strict")
    return Scenario(
        file,
        str(item["name"]),
        _texts(item["clause"]),
        documents,
        entry,
        str(item["workflow"]) if "workflow" in item else _first_workflow(documents[entry]),
        _mapping(item.get("inputs", {})),
        _mapping(item.get("options", {})),
        [_mapping(rule) for rule in provider],
        _mapping(item["expect"]),
        _texts(item.get("kindness", [])),
        None if strict is None else _mapping(strict),
        item.get("http") is True,
    )


def _first_workflow(document: Value) -> str | None:
    """The workflow that is run where a scenario does not say which; None when the document cannot be read."""
    if isinstance(document, str):
        try:
            document = parse(document.encode(), "entry").root
        except DocumentError:
            return None
    workflows = document.get("workflows") if isinstance(document, dict) else None
    first = workflows[0] if isinstance(workflows, list) and workflows else None
    found = first.get("workflowId") if isinstance(first, dict) else None
    return found if isinstance(found, str) else None


def _moved(value: Value, server: str) -> Value:
    match value:
        case str():
            return value.replace(SERVER, server)
        case list():
            return [_moved(element, server) for element in value]
        case dict():
            return {name: _moved(member, server) for name, member in value.items()}
        case _:
            return value


def _mapping(value: Value) -> dict[str, Value]:
    assert isinstance(value, dict), value
    return value


def _texts(value: Value) -> tuple[str, ...]:
    return tuple(str(element) for element in value) if isinstance(value, list) else (str(value),)
