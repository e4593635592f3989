"""Every diagnostic code is explained, and its examples are true: the bad one gives the code, the good one does not.

A fragment of ``rules/explained`` is put into a document (below) with one or two small API descriptions beside it, and
that is checked as ``arazzo validate`` does, or with the command that the explanation names.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import textwrap
from collections.abc import Mapping
from pathlib import Path

import pytest

import arazzo
from arazzo.api.explaining import PLACES, THEMES, Explanation, explanations, title_of
from arazzo.cli.main import main
from arazzo.diagnostics import Severity
from arazzo.errors import DocumentError, UsageError
from arazzo.rules.codes import table
from arazzo.source import parse

ERRORS = Path(__file__).resolve().parent / "errors"
SOURCES = Path(__file__).resolve().parents[1] / "src/arazzo/rules/explained"
EXPLAINED = {explanation.code: explanation for explanation in explanations()}

INPUTS = """\
inputs:
  type: object
  required: [orderId]
  properties:
    orderId: {type: string}
    status: {type: string}
    count: {type: integer}
    token: {type: string}"""
OPTIONAL_INPUTS = INPUTS.replace("  required: [orderId]\n", "")
GET_ORDER = """\
- stepId: get
  operationId: getOrder
  parameters:
    - {name: orderId, in: path, value: $inputs.orderId}
"""
REFUND = f"""\
workflowId: refund
{INPUTS}
steps:
{textwrap.indent(GET_ORDER, "  ")}"""
OPENAPI = {
    "openapi": "openapi: 3.1.0",
    "info": "info: {title: Shop, version: 1.0.0}",
    "servers": "servers: [{url: https://shop.test}]",
    "paths": "paths: {/orders: {get: {operationId: listOrders, responses: {'200': {description: OK}}}}}",
}
_KEY = re.compile(r"^([$\w-]+):", re.MULTILINE)
_FINDING = re.compile(r"\b(error|warning|information) ([a-z-]+) ")


def completed(fragment: str, defaults: Mapping[str, str]) -> str:
    """``fragment`` with those of ``defaults`` before it that it does not have itself."""
    present = set(_KEY.findall(fragment))
    return "".join(f"{text}\n" for key, text in defaults.items() if key not in present) + fragment


def item(text: str) -> str:
    """``text`` as an entry of a list."""
    return "- " + textwrap.indent(text, "  ").lstrip()


def under(key: str, text: str) -> str:
    return f"{key}:\n{textwrap.indent(text, '  ')}"


def workflow(fragment: str, *, steps: str = GET_ORDER, inputs: str = OPTIONAL_INPUTS) -> str:
    return completed(
        fragment, {"workflowId": "workflowId: example", "inputs": inputs, "steps": under("steps", steps)}
    )


def step(fragment: str) -> str:
    """A step; what it calls is ``listOrders`` when it does not say."""
    defaults = {"stepId": "stepId: example"}
    if not re.search(r"^(operationId|operationPath|channelPath|workflowId):", fragment, re.MULTILINE):
        defaults["operationId"] = "operationId: $sourceDescriptions.shop.listOrders"
    return completed(fragment, defaults)


def document(place: str, fragment: str) -> str:
    """The document that a fragment stands for."""
    match place:
        case "text":
            return fragment
        case "document":
            workflows = item(
                workflow("", inputs=OPTIONAL_INPUTS, steps="- {stepId: list, operationId: listOrders}\n")
            )
            return top(fragment, workflows)
        case "workflow":
            written = workflow(fragment)
        case "steps":
            written = workflow("", steps=fragment)
        case "step":
            written = workflow("", steps=item(step(fragment)))
        case "criterion":
            criteria = under("successCriteria", item(fragment))
            written = workflow("", steps=item(step(criteria)))
        case _:
            assert place in ("openapi", "asyncapi", "command")
            inputs = INPUTS if place == "command" else OPTIONAL_INPUTS
            called = {
                "openapi": "- {stepId: list, operationId: listOrders}\n",
                "asyncapi": "- {stepId: wait, operationId: $sourceDescriptions.stock.onShipped, action: receive}\n",
                "command": GET_ORDER,
            }[place]
            written = workflow("", steps=called, inputs=inputs)
    return top("", item(written) + (item(REFUND) if "refund" in fragment else ""), stock="stock" in written)


def top(fragment: str, workflows: str, *, stock: bool = False) -> str:
    sources = "\n  - {name: shop, url: shop.openapi.yaml, type: openapi}"
    sources += "\n  - {name: stock, url: stock.asyncapi.yaml, type: asyncapi}" if stock else ""
    return completed(
        fragment,
        {
            "arazzo": "arazzo: 1.1.0",
            "info": "info: {title: An example, version: 1.0.0}",
            "sourceDescriptions": f"sourceDescriptions:{sources}",
            "workflows": under("workflows", workflows),
        },
    )


def write(folder: Path, place: str, fragment: str) -> Path:
    """A folder in which the fragment is in its document, or in an API description beside it."""
    for name in ("shop.openapi.yaml", "stock.asyncapi.yaml"):
        shutil.copy(ERRORS / name, folder / name)
    fragment = re.sub(
        r"^# … and so on, up to (x-)?(note-)(\d+)\n",
        lambda match: "".join(f"note-{number}: another\n" for number in range(3, int(match[3]) + 1)),
        fragment,
        flags=re.MULTILINE,
    )
    if place == "openapi":
        (folder / "shop.openapi.yaml").write_text(completed(fragment, OPENAPI))
    elif place == "asyncapi":
        whole = (folder / "stock.asyncapi.yaml").read_text().partition("operations:")[0]
        (folder / "stock.asyncapi.yaml").write_text(whole + fragment)
    path = folder / "example.arazzo.yaml"
    path.write_text(document(place, fragment))
    return path


def found(path: Path, command: str | None, capsys: pytest.CaptureFixture[str]) -> set[tuple[str, str]]:
    """The severity and the code of everything that is found."""
    if command is None:
        try:
            diagnostics = arazzo.check(arazzo.load(path))
        except DocumentError as error:
            diagnostics = error.diagnostics
        return {(str(finding.severity), finding.code) for finding in diagnostics}
    program, *arguments = shlex.split(command)
    assert program == "arazzo"
    main(arguments)
    printed = capsys.readouterr()
    return set(_FINDING.findall(printed.out + printed.err))


def examples(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    explanation = EXPLAINED[code]
    monkeypatch.setenv("NO_COLOR", "1")
    results = []
    for name, fragment in (("bad", explanation.bad), ("good", explanation.good)):
        folder = tmp_path / name
        folder.mkdir()
        monkeypatch.chdir(folder)
        path = write(folder, explanation.place, "" if explanation.place == "command" else fragment + "\n")
        command = fragment if explanation.place == "command" else explanation.command
        results.append(found(path, command, capsys))
    return results[0], results[1]


@pytest.mark.parametrize("code", EXPLAINED)
def test_the_bad_example_has_this_one_mistake_and_the_good_one_none(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # A run that is meant to get past linking has nowhere to send to.
    monkeypatch.setattr("socket.socket.connect", _refuse)
    monkeypatch.setattr("socket.getaddrinfo", _refuse)
    bad, good = examples(code, tmp_path, monkeypatch, capsys)
    assert code in {name for _, name in bad}
    others = {name for severity, name in bad if severity == "error"} - {code} - _GOES_WITH.get(code, set())
    assert others == set()
    assert code not in {name for _, name in good}
    assert "error" not in {severity for severity, _ in good}, good


def _refuse(*_: object) -> None:
    raise ConnectionRefusedError


_GOES_WITH = {
    # A condition that cannot be evaluated for sure is one that cannot be read.
    "condition-failed": {"bad-condition"},
    # The mapping is what is sent, and it is not allowed where it goes.
    "unquoted-braces": {"wrong-argument"},
}


def test_every_code_is_explained_once_and_nothing_else_is() -> None:
    named = [name for theme in THEMES for name in _entries(theme)]
    assert sorted(named) == sorted(code.name for code in table())
    assert sorted(f"{theme}.yml" for theme in THEMES) == sorted(path.name for path in SOURCES.iterdir())


def _entries(theme: str) -> list[str]:
    tree = parse((SOURCES / f"{theme}.yml").read_bytes(), theme)
    assert not tree.diagnostics
    needed, allowed = {"explanation", "kind", "bad", "good"}, {"command"}
    for name, entry in tree.node.items():
        fields = {key for key, _ in entry.items()}
        assert needed <= fields <= needed | allowed, name
    return [name for name, _ in tree.node.items()]


@pytest.mark.parametrize("explanation", EXPLAINED.values(), ids=list(EXPLAINED))
def test_an_explanation_is_a_few_sentences_with_short_examples(explanation: Explanation) -> None:
    assert explanation.place in PLACES
    assert 2 <= len(re.findall(r"[.?](?= [A-Z`$]|$)", explanation.text)) <= 6
    assert 120 <= len(explanation.text) <= 700
    assert explanation.bad != explanation.good
    assert explanation.bad.count("\n") < 20


@pytest.mark.parametrize("code", EXPLAINED)
def test_the_command_prints_all_there_is_to_say(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    explanation = arazzo.explain(code)
    assert main(["explain", code]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith(f"{code} · {explanation.severity}\n{explanation.title}\n")
    assert " ".join(explanation.text.split()) in " ".join(printed.split())
    assert textwrap.indent(explanation.bad, "    ", bool) in printed
    assert textwrap.indent(explanation.good, "    ", bool) in printed
    assert explanation.spec_url is None or explanation.spec_url in printed


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("unknown-operation", "Nothing is run."),
        ("unsupported", "Nothing is run."),
        ("bad-condition", "A run goes on with it."),
        ("unknown-field", "A run goes on with it."),
        ("length", "A kindness: a run goes on with it, and --strict refuses it."),
    ],
)
def test_the_command_says_whether_a_run_goes_on(
    code: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["explain", code])
    assert said in capsys.readouterr().out.splitlines()


def test_without_a_code_all_are_listed_by_theme(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line in map(title_of, THEMES)] == [title_of(theme) for theme in THEMES]
    listed = [line.split()[0] for line in lines if line.startswith("  ")]
    assert listed == list(EXPLAINED)


def test_the_command_prints_json_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "unknown-step", "--format", "json"]) == 0
    one = json.loads(capsys.readouterr().out)
    assert one["code"] == "unknown-step"
    assert one["blocksRun"] is True
    assert one["specUrl"].endswith("#step-object")
    assert main(["explain", "--format", "json"]) == 0
    assert [each["code"] for each in json.loads(capsys.readouterr().out)] == list(EXPLAINED)


@pytest.mark.parametrize(
    ("code", "hint"),
    [("unkown-step", "did you mean 'unknown-step'?"), ("E501", "`arazzo explain` lists the codes")],
)
def test_an_unknown_code_is_exit_2_with_a_suggestion(
    code: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", code]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert f"there is no diagnostic code '{code}'" in printed.err
    assert hint in printed.err
    with pytest.raises(UsageError, match="no diagnostic code"):
        arazzo.explain(code)


def test_an_explanation_is_what_the_code_table_says() -> None:
    for code in table():
        explanation = arazzo.explain(code.name)
        assert explanation.severity is code.severity
        assert explanation.kindness is code.kindness
        assert explanation.blocks_run is (
            code.refused or (code.severity is Severity.ERROR and not code.runnable)
        )


def test_sarif_explains_the_rules_that_were_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "step", EXPLAINED["unknown-field"].bad + "\n")
    main(["validate", "example.arazzo.yaml", "--format", "sarif"])
    rules = json.loads(capsys.readouterr().out)["runs"][0]["tool"]["driver"]["rules"]
    rule = next(rule for rule in rules if rule["id"] == "unknown-field")
    assert rule["help"]["text"] == EXPLAINED["unknown-field"].text
    assert "```yaml\nsucessCriteria:" in rule["help"]["markdown"]
