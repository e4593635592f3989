"""Writes ``docs/reference/conformance.md``: what of the specification the suite exercises, and what it does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from arazzo.source import parse
from arazzo.values import Value
from conformance.scenario import Scenario, scenarios

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs/reference/conformance.md"
_SPECIFICATION = "https://spec.openapis.org/arazzo/v1.1.0.html"
_CHAPTERS = tuple(
    enumerate(
        (
            "reading",
            "finding sources",
            "expressions",
            "criteria",
            "actions and flow",
            "inputs and outputs",
            "bodies and parameters",
            "secrets and trust",
        ),
        start=1,
    )
)


@dataclass
class Coverage:
    """How many cases cite each clause, and how many scenarios write each field, by ``Object.field``."""

    scenarios: Counter[str] = field(default_factory=Counter)
    vectors: Counter[str] = field(default_factory=Counter)
    fields: Counter[str] = field(default_factory=Counter)


def read(path: Path) -> dict[str, Value]:
    root = parse(path.read_bytes(), path.name).root
    assert isinstance(root, dict), path
    return root


FIELDS = read(HERE / "fields.yml")


def clauses() -> set[str]:
    """Every anchor that a case may cite."""
    headings = FIELDS["headings"]
    assert isinstance(headings, list)
    return {
        *map(str, headings),
        *(str(o["clause"]) for o in _items(FIELDS["objects"])),
        *(str(f["clause"]) for o in _items(FIELDS["objects"]) for f in _items(o["fields"])),
    }


def measure() -> Coverage:
    """Count what the files of the suite cite and write."""
    coverage = Coverage()
    objects = {str(o["name"]): _items(o["fields"]) for o in _items(FIELDS["objects"])}
    for scenario in scenarios():
        coverage.scenarios.update(set(scenario.clause))
        coverage.fields.update(set(_written(scenario, objects)))
    for path in sorted([*(HERE / "expressions").glob("*.yml"), *(HERE / "criteria").glob("*.yml")]):
        listed = read(path).get("vectors", [])
        coverage.vectors.update(str(vector["clause"]) for vector in _items(listed) if "clause" in vector)
    return coverage


def _written(scenario: Scenario, objects: Mapping[str, list[dict[str, Value]]]) -> Iterator[str]:
    for document in scenario.documents.values():
        if isinstance(document, dict) and "arazzo" in document:
            yield from _fields_of(document, "Arazzo Specification Object", objects)


def _fields_of(value: Value, name: str, objects: Mapping[str, list[dict[str, Value]]]) -> Iterator[str]:
    """The fields that ``value``, an object of the kind ``name``, and all it holds have."""
    if not isinstance(value, dict):
        return
    for field_ in objects[name]:
        key = str(field_["name"])
        if key not in value:
            continue
        yield f"{name}.{key}"
        holds = field_.get("holds")
        for kind in holds if isinstance(holds, list) else []:
            for held in _held(value[key], str(field_["as"]), str(kind)):
                yield from _fields_of(held, str(kind), objects)


def _held(value: Value, shape: str, kind: str) -> Iterator[Value]:
    """Of what a field holds, the objects of one kind."""
    match value:
        case list() if shape == "list":
            members = value
        case dict() if shape == "map":
            members = list(value.values())
        case _ if shape == "deep":
            members = list(_deep(value))
        case _:
            members = [value]
    for member in members:
        if isinstance(member, dict) and _is(member, kind):
            yield member


def _is(value: dict[str, Value], kind: str) -> bool:
    if kind == "Selector Object":
        return value.keys() == {"context", "selector", "type"}
    if kind == "Reusable Object":
        return "reference" in value
    return "reference" not in value


def _deep(value: Value) -> Iterator[Value]:
    pending = [value]
    while pending:
        here = pending.pop()
        yield here
        if isinstance(here, dict):
            pending.extend(here.values())
        elif isinstance(here, list):
            pending.extend(here)


def page() -> str:
    """The page, as Markdown."""
    coverage = measure()
    total = sum(1 for _ in scenarios())
    lines = [
        "# What the conformance suite exercises",
        "",
        f"{total} run scenarios and {sum(coverage.vectors.values()):,} vectors of",
        "[`conformance/`](../../conformance/README.md), against the text of the Arazzo Specification 1.1.0. Written by",
        "`python -m conformance.coverage`.",
        "",
        "## Requirements",
        "",
        "Sentences with MUST, SHALL, SHOULD or RECOMMENDED, in our words, and the cases that cite their clause.",
        "*text* is a rule without such a word.",
        "",
        "| clause | level | what it is about | scenarios | vectors |",
        "|---|---|---|---:|---:|",
        *(_requirement(item, coverage) for item in _items(FIELDS["requirements"])),
        "",
        "## Where the specification is silent",
        "",
        "Scenarios that stand on our reading, by its chapters (what they are is said in the suite's README).",
        "",
        "| chapter | scenarios |",
        "|---|---:|",
        *(f"| {chapter} | {coverage.scenarios[f'semantics §{number}']} |" for number, chapter in _CHAPTERS),
        "",
        "## Fields",
        "",
        "Every fixed field of every object, the scenarios whose documents write it, and the cases that cite it.",
        "",
        "| object | field | since | written by | cited by |",
        "|---|---|---|---:|---:|",
        *(_row(o, f, coverage) for o in _items(FIELDS["objects"]) for f in _items(o["fields"])),
        "",
        "## What nothing exercises",
        "",
        *(_gaps(coverage) or ["Nothing is left."]),
        "",
    ]
    return "\n".join(lines)


def _requirement(item: Mapping[str, Value], coverage: Coverage) -> str:
    clause = str(item["clause"])
    about = str(item["about"]).replace("|", "\\|")
    if "for" in item:
        about += " (for authors)"
    counted = f"{coverage.scenarios[clause]} | {coverage.vectors[clause]}"
    return f"| {_link(clause)} | {item['level']!s} | {about} | {counted} |"


def _row(object_: Mapping[str, Value], field_: Mapping[str, Value], coverage: Coverage) -> str:
    name, key, clause = str(object_["name"]), str(field_["name"]), str(field_["clause"])
    since = str(field_.get("since", "1.0"))
    cited = coverage.scenarios[clause] + coverage.vectors[clause]
    written = coverage.fields[f"{name}.{key}"]
    return f"| {name} | {_link(clause, key)} | {since} | {written} | {cited} |"


def _gaps(coverage: Coverage) -> list[str]:
    gaps = [
        f"- The field `{field_['name']!s}` of the {object_['name']!s}."
        for object_ in _items(FIELDS["objects"])
        for field_ in _items(object_["fields"])
        if not coverage.fields[f"{object_['name']!s}.{field_['name']!s}"]
    ]
    for item in _items(FIELDS["requirements"]):
        clause = str(item["clause"])
        if "for" not in item and not coverage.scenarios[clause] and not coverage.vectors[clause]:
            gaps.append(f"- {_link(clause)}: {item['about']!s}.")
    return gaps


def _link(clause: str, text: str | None = None) -> str:
    return f"[`{text or clause}`]({_SPECIFICATION}#{clause})"


def _items(value: Value) -> list[dict[str, Value]]:
    assert isinstance(value, list)
    return [item for item in value if isinstance(item, dict)]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
