"""No command and no function shows a credential that stands in a line it points at."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import arazzo
from arazzo.cli.main import main
from arazzo.report.text import render
from arazzo.rules.credentials import secret_places

ROOT = Path(__file__).resolve().parents[1]
SECRET = "q8f7e6d5c4b3a291"
SHORT = "hunter2"
HEAD = """\
arazzo: 1.0.1
info: {title: t, version: 1.0.0}
sourceDescriptions: [{name: shop, url: shop.openapi.yaml, type: openapi}]
"""
WORKFLOW = """\
workflows:
  - workflowId: w
    steps:
      - stepId: read
        operationId: getOrder
        parameters:
          - {name: orderId, in: path, value: '1'}
          - {name: X-Api-Key, in: header, value: q8f7e6d5c4b3a291}
        successCriteria:
          - condition: $statusCode == 200
"""
DOCUMENT = HEAD + WORKFLOW
KEY_LINE = "          - {name: X-Api-Key, in: header, value: q8f7e6d5c4b3a291}\n"
WRONG = {
    "a source that is nowhere": DOCUMENT.replace(
        "[{name: shop, ", "[{name: shop, x-token: q8f7e6d5c4b3a291, "
    ).replace("shop.openapi", "gone"),
    "an operation that is nowhere": DOCUMENT.replace(
        "        operationId: getOrder\n        parameters:\n", "        parameters:\n"
    ).replace(KEY_LINE, KEY_LINE + "        operationId: getOder # token: q8f7e6d5c4b3a291\n"),
    "a parameter in the wrong place": DOCUMENT.replace("in: header, value", "in: heading, value"),
    "a malformed expression": DOCUMENT.replace(
        "value: q8f7e6d5c4b3a291}", "value: q8f7e6d5c4b3a291, x: $in, in: {}}"
    ),
    "the value of a block": DOCUMENT.replace(
        KEY_LINE,
        "          - name: X-Api-Key\n            in: header\n" + "            value: q8f7e6d5c4b3a291\n" * 2,
    ),
    "a version": DOCUMENT.replace(
        "arazzo: 1.0.1\ninfo: {", "{arazzo: 9, x-api-key: q8f7e6d5c4b3a291, info: {"
    ).replace("1.0.0}", "1.0.0}, a: ["),
}
UNREADABLE = {
    "a bracket too many": DOCUMENT.replace("q8f7e6d5c4b3a291}", "q8f7e6d5c4b3a291]}"),
    "a quote that is not closed": DOCUMENT.replace("q8f7e6d5c4b3a291}", '"q8f7e6d5c4b3a291}'),
    "a tab": DOCUMENT.replace(KEY_LINE, "          - name: X-Api-Key\n\t    value: q8f7e6d5c4b3a291\n"),
    "a block": DOCUMENT.replace(
        KEY_LINE, "          - name: X-Api-Key\n            value: q8f7e6d5c4b3a291: x\n"
    ),
    "the name below": DOCUMENT.replace(
        KEY_LINE,
        "          - value: q8f7e6d5c4b3a291: x\n            in: header\n            name: X-Api-Key\n",
    ),
    "a short password": DOCUMENT.replace(KEY_LINE, "          - {password: hunter2]}\n"),
    "a scheme": DOCUMENT.replace(KEY_LINE, "          - Authorization: Bearer q8f7e6d5c4b3a291: x\n"),
    "an anchor": DOCUMENT.replace(KEY_LINE, "          - apiKey: q8f7e6d5c4b3a291 *none: x\n"),
    "a tag": DOCUMENT.replace(KEY_LINE, "          - {apiKey: q8f7e6d5c4b3a291, a: !x y}\n"),
    "a key twice": DOCUMENT.replace(KEY_LINE, "          - {apiKey: a, apiKey: q8f7e6d5c4b3a291}\n"),
    "JSON": json.dumps({"arazzo": "1.0.1", "apiKey": SECRET})[:-1] + ' "x": }',
    "JSON, cut off": '{"password": "q8f7e6d5c4b3a291',
}
EVERY = {**WRONG, **UNREADABLE}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copy(ROOT / "tests/errors/shop.openapi.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    return tmp_path


def commands() -> Iterator[list[str]]:
    for command in ("run", "show", "validate"):
        yield [command, "w.arazzo.yaml"]
        yield [command, "-"]
    yield ["run", "w.arazzo.yaml", "--strict"]
    yield ["run", "w.arazzo.yaml", "--simulate", "-v"]
    yield ["run", "w.arazzo.yaml", "--simulate", "--json", "--report", "events=events.ndjson"]
    for format_ in ("json", "sarif", "junit", "github", "checkstyle"):
        yield ["validate", "w.arazzo.yaml", "--format", format_]


@pytest.mark.parametrize("kind", EVERY)
def test_no_command_shows_it(
    kind: str, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "w.arazzo.yaml").write_text(EVERY[kind])
    assert SECRET in EVERY[kind] or SHORT in EVERY[kind]
    shown = {}
    for command in commands():
        monkeypatch.setattr("sys.stdin", io.StringIO(EVERY[kind]))
        main(command)
        out, err = capsys.readouterr()
        events = folder / "events.ndjson"
        text = out + err + (events.read_text() if events.exists() else "")
        if SECRET in text or SHORT in text:
            shown[" ".join(command)] = next(
                line for line in text.splitlines() if SECRET in line or SHORT in line
            )
    assert shown == {}


def texts(diagnostics: tuple[arazzo.Diagnostic, ...]) -> str:
    spans = [span for d in diagnostics for span in (d.span, *(span for _, span in d.related))]
    return "\n".join([*map(render, diagnostics), *(span.excerpt for span in spans if span)])


@pytest.mark.parametrize("kind", EVERY)
def test_no_function_gives_it(kind: str) -> None:
    told = []
    try:
        description = arazzo.load(EVERY[kind] + "\n")
    except arazzo.DocumentError as error:
        told.append(texts(error.diagnostics))
    else:
        told += [texts(description.diagnostics), texts(arazzo.check(description))]
        try:
            told.append(texts(arazzo.link(description).diagnostics))
        except arazzo.ArazzoError as error:
            told.append(texts(error.diagnostics))
    assert "\n".join(told).strip()
    assert not any(secret in text for secret in (SECRET, SHORT) for text in told)


@pytest.mark.parametrize("kind", ["a bracket too many", "a short password", "JSON"])
def test_lines_keep_their_length_and_carets_their_place(kind: str) -> None:
    with pytest.raises(arazzo.DocumentError) as raised:
        arazzo.load(UNREADABLE[kind] + "\n")
    (problem,) = raised.value.diagnostics
    assert problem.span is not None
    line = UNREADABLE[kind].splitlines()[problem.span.line - 1]
    hidden = line.replace(SECRET, "*" * len(SECRET)).replace(SHORT, "*" * len(SHORT))
    assert problem.span.excerpt == hidden != line
    assert line[problem.span.column - 1] == {"a": "]", "J": '"'}[kind[0]]


def test_a_description_that_cannot_be_read_is_shown_without_its_credentials(folder: Path) -> None:
    (folder / "shop.openapi.yaml").write_text("openapi: 3.0.3\ninfo: {x-token: q8f7e6d5c4b3a291]\n")
    (folder / "w.arazzo.yaml").write_text(DOCUMENT)
    shown = texts(arazzo.check(arazzo.load("w.arazzo.yaml")))
    assert "shop.openapi.yaml:2:" in shown
    assert SECRET not in shown


def test_a_warning_of_the_run_hides_what_stands_in_its_line(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = DOCUMENT.replace(KEY_LINE, KEY_LINE.replace("q8f7", "$inputs.nothing, x: 1, x-token: q8f7"))
    (folder / "w.arazzo.yaml").write_text(text)
    seen: list[object] = []
    result = arazzo.run(arazzo.load("w.arazzo.yaml"), simulate=0, observers=[seen.append])
    assert result.warnings
    assert SECRET not in texts(result.warnings)
    main(["run", "w.arazzo.yaml", "--simulate", "-v"])
    out, err = capsys.readouterr()
    assert "parameter-left-out" in err
    assert "*" * len(SECRET) in err
    assert SECRET not in out + err + repr(seen)


@pytest.mark.parametrize(
    ("line", "unread", "hidden"),
    [
        ("apiKey: abc", True, ["abc"]),
        ("apiKey: $inputs.apiKey", True, []),
        ("apiKey: {type: string}", True, []),
        ("{apiKey: {type: string, default: abc}, limit: 10}", True, ["abc"]),
        ("- {name: limit, in: query, value: 10}", True, []),
        ("- {name: X-Api-Key, in: header, value: 'abc'}, {name: limit, value: 10}", True, ["abc"]),
        ("nextPageToken: abc", True, []),
        ("condition: $response.body#/token == 'abc12345'", False, []),
        ("Authorization: Bearer abcd1234efgh", False, ["abcd1234efgh"]),
        ("apiKey: your-api-key-12345", False, []),
        ("password: hunter2", False, []),
        ('{"password": "p4sw0rdx1"}', False, ["p4sw0rdx1"]),
        ("curl -H 'Authorization: Bearer abcd1234efgh' x", False, ["abcd1234efgh"]),
        (
            "note: see ghp_0123456789abcdefghijABCDEFGHIJ0123 here",
            False,
            ["ghp_0123456789abcdefghijABCDEFGHIJ0123"],
        ),
    ],
)
def test_a_line_is_judged_by_its_keys(line: str, unread: bool, hidden: list[str]) -> None:
    assert [line[start:end] for start, end in secret_places(line, unread=unread)] == hidden
