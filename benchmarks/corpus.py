"""What the engine does with a folder of real documents: ``python -m benchmarks.corpus FOLDER [--write]``.

Where their sources and operations are found, whether the requests of their operations can be built and read back, and
what validation says. Nothing is sent anywhere. ``--write`` keeps the report in ``docs/reference/corpus.md``.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

import yaml

from arazzo import codes
from arazzo.api import keywords, linking
from arazzo.descriptions.locate import Rung
from arazzo.descriptions.openapi.files import Trees
from arazzo.descriptions.openapi.model import Operation
from arazzo.diagnostics import Diagnostic, Findings, Severity
from arazzo.document.model import Document, SourceDescription, Step
from arazzo.errors import DocumentError
from arazzo.http.retrieve import Permissions, Retriever
from arazzo.plan.channels import FoundChannel
from arazzo.plan.inputs import InputsSchema
from arazzo.plan.library import Library, LinkOptions
from arazzo.plan.link import link
from arazzo.plan.model import WorkflowKey, WorkflowPlan
from arazzo.plan.operations import OperationFinder
from benchmarks.round_trip import Tally, place_of, run_workflow, try_operation

REPORT = Path(__file__).resolve().parents[1] / "docs/reference/corpus.md"
KEYWORDS = keywords.LinkKeywords(offline=True)
SUFFIXES = (".yml", ".yaml", ".json")
SERVER = "http://simulated.test"
_ROUNDS = 3

KNOWN_RUNG = 0
RUNGS = {
    KNOWN_RUNG: "a document that is there already, by its `$self`",
    Rung.AS_WRITTEN: "the url as written",
    Rung.DECODED: "percent-decoded ◇",
    Rung.ANCESTOR: "relative to a folder above ◇",
    Rung.ORIGINAL: "under `_original/` beside it ◇",
    Rung.NEIGHBOUR: "in the neighbouring `openapi/`, for a remote url ◇",
    Rung.SAME_FOLDER: "the file of the folder that has the operations ◇",
}
NOT_HAD = {
    "remote": "remote, and not fetched (`--offline`)",
    "missing": "nothing is there, nor on any other rung",
    "broken": "something is there, and is no API description that can be read",
}
WAYS = {
    "exact": "`operationId`, exact",
    "path": "`operationPath` as the specification writes it",
    codes.OPERATION_CASE.name: "another case of letters ◇",
    codes.OPERATION_OTHER_SOURCE.name: "another source of the document has it ◇",
    codes.OPERATION_UNQUALIFIED.name: "unqualified, in a document with several sources ◇",
    codes.OPERATION_PATH_FORM.name: "`operationPath` in another form ◇",
    "beside": "another file of the source's folder has it ◇",
    "channel": "an AsyncAPI operation or channel",
}


@dataclass
class Measured:
    """Everything that is counted."""

    documents: int = 0
    unreadable: Counter[str] = field(default_factory=Counter)
    sources: Counter[int | str] = field(default_factory=Counter)
    complete: Counter[int] = field(default_factory=Counter)
    """Documents by the lowest rung that one of their sources needs."""
    incomplete: int = 0
    steps: Counter[str] = field(default_factory=Counter)
    """Steps that name an operation, by how it is found; ``no source`` and ``unknown`` where it is not."""
    unknown: list[str] = field(default_factory=list)
    found: set[tuple[str, int]] = field(default_factory=set)
    files: dict[str, bytes] = field(default_factory=dict)
    """The documents and the descriptions they name, by where they came from."""
    tally: Tally = field(default_factory=Tally)
    refused: Counter[str] = field(default_factory=Counter)
    """Workflows that are not run, by the code of the first error."""
    in_refused: set[tuple[str, int]] = field(default_factory=set)
    """Steps of such workflows."""
    codes: Counter[tuple[Severity, str]] = field(default_factory=Counter)
    in_documents: Counter[str] = field(default_factory=Counter)
    worst: Counter[str] = field(default_factory=Counter)


def documents_in(folder: Path) -> Iterator[Path]:
    """The Arazzo documents below ``folder``, as ``arazzo validate`` finds them: by their text."""
    for path in sorted(folder.rglob("*")):
        if path.suffix in SUFFIXES and path.is_file() and b"arazzo" in path.read_bytes():
            yield path


def measure(paths: Iterable[Path], folder: Path) -> Measured:
    """Count everything about the documents at ``paths``."""
    measured = Measured()
    operations: dict[tuple[str, str], Operation] = {}
    for _, group in groupby(paths, key=lambda path: path.parent):
        trees: Trees = {}
        for path in group:
            _measure_document(path, folder, trees, measured, operations)
    return measured


def _measure_document(
    path: Path, folder: Path, trees: Trees, measured: Measured, operations: dict[tuple[str, str], Operation]
) -> None:
    try:
        document = linking.load(path)
    except DocumentError as error:
        if any(d.code == codes.NOT_ARAZZO.name for d in error.diagnostics):
            return
        measured.documents += 1
        measured.unreadable[error.diagnostics[0].code] += 1
        _count_findings(error.diagnostics, measured)
        return
    measured.documents += 1
    measured.files[document.uri] = path.read_bytes()
    _count_findings(linking.check_sharing(document, trees, KEYWORDS), measured)
    options = LinkOptions(fallback_server=SERVER)
    library = Library(Retriever(Permissions(offline=True)), options, trees=trees)
    library.add(document)
    _count_sources(document, library, measured)
    found = list(_count_operations(document, library, measured, path.relative_to(folder).as_posix()))
    whole = link(document, library)
    for operation in found:
        key = (operation.source_uri, operation.pointer)
        if key not in operations:
            operations[key] = operation
            workflow = next(iter(whole.workflows.values()), None) or _no_workflow(document)
            try_operation(operation, whole, workflow, measured.tally)
    _run(document, library, measured)


# --- sources


def _count_sources(document: Document, library: Library, measured: Measured) -> None:
    rungs = [_rung(document, library, source, measured) for source in document.source_descriptions]
    measured.sources.update(rungs)
    numbers = [rung for rung in rungs if isinstance(rung, int)]
    if len(numbers) == len(rungs):
        measured.complete[max(numbers, default=KNOWN_RUNG)] += 1
    else:
        measured.incomplete += 1


def _rung(document: Document, library: Library, source: SourceDescription, measured: Measured) -> int | str:
    """The rung that a source is found on, or why it is not had."""
    findings = Findings()
    loaded = library.source(document, source, findings)
    located = library.find(document, source)
    if located.retrieved is not None:
        measured.files[located.retrieved.uri] = located.retrieved.content
    if loaded is not None:
        return int(located.rung) if located.rung is not None else KNOWN_RUNG
    if any(d.code == codes.SOURCE_NOT_CHECKED.name for d in findings):
        return "remote"
    return "missing" if any(d.code == codes.MISSING_SOURCE.name for d in findings) else "broken"


# --- operations


def _count_operations(
    document: Document, library: Library, measured: Measured, name: str
) -> Iterator[Operation]:
    """Count how each step's operation is found; gives those of OpenAPI."""
    for workflow in document.workflows:
        for step in workflow.steps:
            if not (step.operation_id or step.operation_path or step.channel_path):
                continue
            way, operation = _way(document, library, step)
            measured.steps[way] += 1
            if way == "unknown":
                called = step.operation_id or step.operation_path or step.channel_path
                measured.unknown.append(f"{name}: `{called}`")
            if operation is not None:
                measured.found.add(place_of(step))
                yield operation


def _way(document: Document, library: Library, step: Step) -> tuple[str, Operation | None]:
    findings = Findings()
    found = OperationFinder(document, library, findings).find(step)
    said = {finding.code for finding in findings}
    if found is None:
        gaps = {codes.SOURCE_NOT_CHECKED.name, codes.MISSING_SOURCE.name, codes.UNKNOWN_SOURCE.name}
        known = codes.UNKNOWN_OPERATION.name in said or codes.UNKNOWN_CHANNEL.name in said
        return ("unknown" if known and not said & gaps else "no source"), None
    if isinstance(found, FoundChannel):
        return "channel", None
    for code in (codes.OPERATION_CASE, codes.OPERATION_OTHER_SOURCE, codes.OPERATION_UNQUALIFIED,
                 codes.OPERATION_PATH_FORM):  # fmt: skip
        if code.name in said:
            return code.name, found.operation
    if library.source(document, found.source, Findings()) is not found.description:
        return "beside", found.operation
    return ("path" if step.operation_path else "exact"), found.operation


# --- runs


def _run(document: Document, library: Library, measured: Measured) -> None:
    for workflow in document.workflows:
        try:
            plan = linking.ready(link(document, library, workflow.workflow_id))
        except DocumentError as error:
            blocking = next((d.code for d in error.diagnostics if d.blocks_run), "a part is missing")
            measured.refused[blocking] += 1
            measured.in_refused.update(place_of(step) for step in workflow.steps)
            continue
        run_workflow(plan, measured.tally)


def _no_workflow(document: Document) -> WorkflowPlan:
    """Something for a request to stand in, where no workflow could be linked."""
    workflow = document.workflows[0]
    key = WorkflowKey(document.uri, workflow.workflow_id)
    return WorkflowPlan(key, workflow, document, InputsSchema(), (), {}, (), {}, None)


# --- findings


def _count_findings(found: Sequence[Diagnostic], measured: Measured) -> None:
    measured.codes.update((d.severity, d.code) for d in found)
    measured.in_documents.update({d.code for d in found})
    severities = {d.severity for d in found}
    grave = [d for d in found if d.severity is not Severity.INFORMATION]
    if Severity.ERROR not in severities:
        measured.worst["no error"] += 1
    if not grave:
        measured.worst["no error and no warning"] += 1
    if all(d.kindness for d in grave):
        measured.worst["no error and no warning but kindnesses"] += 1


# --- the report


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table whose numbers stand to the right; the first column is text."""
    lines = ["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "–"


def report(measured: Measured) -> str:
    return "\n".join(
        [
            INTRODUCTION.format(documents=measured.documents, unreadable=sum(measured.unreadable.values())),
            _sources(measured),
            _operations(measured),
            _requests(measured),
            _codes(measured),
        ]
    )


def _sources(measured: Measured) -> str:
    readable = measured.documents - sum(measured.unreadable.values())
    total = sum(measured.sources.values())
    rows: list[tuple[object, ...]] = []
    complete = had = 0
    for rung, name in RUNGS.items():
        complete += measured.complete[rung]
        had += measured.sources[rung]
        cells = (measured.sources[rung], had, share(had, total), complete, share(complete, readable))
        rows.append((name, *cells))
    text = table(("rung", "sources", "so far", "", "documents with all their sources so far", ""), rows)
    lost = table(
        ("not had", "sources"), [(name, measured.sources[reason]) for reason, name in NOT_HAD.items()]
    )
    return f"## Sources\n\n{total} source descriptions in {readable} documents.\n\n{text}\n{lost}"


def _operations(measured: Measured) -> str:
    total = sum(measured.steps.values())
    there = total - measured.steps["no source"]
    so_far = 0
    rows: list[tuple[object, ...]] = []
    for way, name in WAYS.items():
        so_far += measured.steps[way]
        rows.append((name, measured.steps[way], so_far, share(so_far, there)))
    rows.append(("unknown", measured.steps["unknown"], "", ""))
    text = table(("how it is found", "steps", "so far", "of those whose source is had"), rows)
    unknown = "".join(f"- {line}\n" for line in measured.unknown) or "none\n"
    return (
        f"## Operations\n\n{total} steps name an operation; the source of {measured.steps['no source']} of them is not"
        f" had.\n\n{text}\nUnknown:\n\n{unknown}"
    )


def _requests(measured: Measured) -> str:
    tally = measured.tally
    readers = sorted(tally.read.items(), key=lambda item: (item[0][1], -item[1]))
    read = table(("read back equal", "by", "count"), [(what, who, n) for (what, who), n in readers])
    bodies = table(("body", "given"), tally.bodies.most_common())
    lines = [
        "## Requests\n",
        REQUESTS.format(
            operations=tally.operations,
            parameters=tally.parameters,
            bodies=sum(tally.bodies.values()),
            read=sum(tally.read.values()),
            misread=sum(tally.misread.values()),
            refused=sum(tally.refused.values()),
            found=len(measured.found),
            sent=len(tally.sent & measured.found),
            in_refused=len((measured.found & measured.in_refused) - tally.sent),
            others=len(measured.found - measured.in_refused - tally.sent),
            workflows=sum(tally.workflows.values()),
            succeeded=tally.workflows["succeeded"],
            blocked=sum(measured.refused.values()),
        ),
        bodies,
        read,
        _reasons("Not asked of openapi-core, or read otherwise by it (the standard library's reading was equal)",
                 tally.why_not_core, {}),
        _reasons("Not built", tally.refused, tally.examples),
        _reasons("Read back otherwise", tally.misread, tally.examples, "misread "),
        _reasons("Attempts at steps of simulated runs that failed", tally.unreached, tally.examples, "failed: "),
        _reasons("Workflows that are not run, by the first error", measured.refused, {}),
    ]  # fmt: skip
    return "\n".join(lines)


def _reasons(title: str, counts: Counter[str], examples: dict[str, list[str]], prefix: str = "") -> str:
    lines = [f"{title}:\n" if counts else f"{title}: none."]
    for reason, count in counts.most_common():
        shown = examples.get(prefix + reason, [])[:2]
        lines.append(f"- {count}: {reason}" + "".join(f"\n  - `{example[:200]}`" for example in shown))
    return "\n".join(lines) + "\n"


def _codes(measured: Measured) -> str:
    order = list(Severity)
    rows = sorted(measured.codes.items(), key=lambda item: (order.index(item[0][0]), -item[1]))
    text = table(
        ("code", "severity", "findings", "documents"),
        [
            (f"[{code}](diagnostics.md)", str(severity), count, measured.in_documents[code])
            for (severity, code), count in rows
        ],
    )
    clean = table(
        ("documents with", "", ""),
        [
            (name, measured.worst[name], share(measured.worst[name], measured.documents))
            for name in ("no error", "no error and no warning but kindnesses", "no error and no warning")
        ],
    )
    return f"## Findings\n\n`arazzo validate --offline`, nothing else set.\n\n{clean}\n{text}"


# --- time


@dataclass(frozen=True)
class Took:
    """Seconds by the clock, and of the processors."""

    clock: float
    processor: float


def timing(folder: Path, files: Collection[bytes]) -> str:
    """Validation on two processors against parsing the same files, each once, with PyYAML's C loader in one process."""
    with tempfile.TemporaryDirectory() as compiled:
        # With compiled modules, as an installed package has them, whatever this environment says.
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment["PYTHONPYCACHEPREFIX"] = compiled
        script = Path(sys.executable).with_name("arazzo")
        command = [str(script), "validate", str(folder), "--offline", "--format", "json", "--jobs", "2"]
        command.append("--no-cache")

        def validated() -> None:
            subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False)

        def parsed() -> None:
            for content in files:
                with contextlib.suppress(yaml.YAMLError):
                    yaml.load(content, yaml.CSafeLoader)

        subprocess.run([script, "validate", "--help"], env=environment, stdout=subprocess.DEVNULL, check=True)
        ours, theirs = [], []
        for _ in range(_ROUNDS):
            theirs.append(_took(parsed))
            ours.append(_took(validated))
    clock = min(t.clock for t in ours) / min(t.clock for t in theirs)
    processor = min(t.processor for t in ours) / min(t.processor for t in theirs)
    return TIME.format(
        files=len(files),
        size=sum(map(len, files)) / 1e6,
        clock=clock,
        processor=processor,
        halved=processor / 2,
    )


def _took(work: Callable[[], None]) -> Took:
    before, start = os.times(), time.perf_counter()
    work()
    after = os.times()
    return Took(time.perf_counter() - start, sum(after[:4]) - sum(before[:4]))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.corpus", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", type=int, default=1, help="only every nth document")
    parser.add_argument("--write", action="store_true", help=f"write {REPORT.name}")
    args = parser.parse_args()
    paths = list(documents_in(args.folder))[:: args.every]
    measured = measure(paths, args.folder)
    text = report(measured)
    if args.write:
        text += "\n" + timing(args.folder, measured.files.values())
    sys.stdout.write(text)
    if args.write:
        REPORT.write_text(text, encoding="utf-8")


INTRODUCTION = """\
# What the engine does with real documents

{documents} public Arazzo documents, of API providers and of the examples and fixtures of other tools, with the API
descriptions they name; {unreadable} of them cannot be read at all. Written by
`python -m benchmarks.corpus FOLDER --write`; nothing was sent anywhere, remote sources were not fetched.
A rung or a form marked ◇ is a [kindness](../kindnesses.md): a warning, and an error under `--strict`.
How often the findings are right: [precision](precision.md).
"""

REQUESTS = """\
Of each of the {operations} operations that steps name, a request with every parameter, one for every content type, is
built from values sampled from the schemas, and read back by others: openapi-core, and where it cannot, readers of the
standard library that split by OpenAPI's style table. {parameters} parameters and {bodies} bodies were given; {refused}
could not be built, for the reasons below.

Besides, {workflows} workflows were run in simulation, with sampled inputs: {succeeded} succeeded; {blocked} more are
refused, being wrong or of sources that are not had. Of the {found} steps whose operation of OpenAPI is found, {sent}
sent a request in such a run, with the values that the workflow gives; the paths, queries and bodies of these were read
back, too.
{in_refused} stand in workflows that are refused, {others} were not reached or could send nothing.

In all, {read} parameters and bodies read back as the value that was given, {misread} did not.
"""

TIME = """\
## Time

Validating all of it in two processes, over parsing the {files} files that it needs ({size:.0f} MB, each once) in one
with PyYAML's C loader: {processor:.1f} times the processor time, and {halved:.1f} times as long where two are free;
{clock:.1f} times as long when this was written, beside other work.
"""

if __name__ == "__main__":
    main()
