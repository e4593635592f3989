"""``arazzo validate`` as build servers use it: formats, settings, baselines, comments, exit codes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import pytest
import yaml
from junitparser import JUnitXml
from sarif_pydantic import Sarif

import arazzo
from arazzo.cli.main import main

ROOT = Path(__file__).resolve().parents[1]
SHOP = ROOT / "tests/errors/shop.openapi.yaml"

DOCUMENT = """\
arazzo: 1.0.1
info: {title: Orders, version: 1.0.0}
sourceDescriptions:
  - {name: shop, url: shop.openapi.yaml, type: openapi}
workflows:
  - workflowId: read-order
    inputs: {type: object, properties: {orderId: {type: string}}}
    steps:
      - stepId: read
        operationId: OPERATION
        parameters:
          - {name: orderId, in: path, value: $inputs.orderId}
        successCriteria:
          - condition: $statusCode == 200
        outputs:
          total: $response.body#/totl
    outputs: {total: $steps.read.outputs.total}
"""
WARNS = DOCUMENT.replace("OPERATION", "getOrder")
FAILS = DOCUMENT.replace("OPERATION", "getOder")
CLEAN = WARNS.replace("totl", "total")
PLACE = "orders.arazzo.yaml:16:18"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copy(SHOP, tmp_path / "shop.openapi.yaml")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    write(tmp_path, WARNS)
    return tmp_path


def write(folder: Path, text: str, name: str = "orders.arazzo.yaml") -> None:
    (folder / name).write_text(text, encoding="utf-8")


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def codes(self) -> list[str]:
        return [
            line.split()[2] for line in self.out.splitlines() if ".yaml:" in line and not line.startswith(" ")
        ]


Validate: TypeAlias = Callable[..., Ran]


@pytest.fixture
def validate(capsys: pytest.CaptureFixture[str]) -> Validate:
    def run(*arguments: str) -> Ran:
        code = main(["validate", *(arguments or ("orders.arazzo.yaml",))])
        printed = capsys.readouterr()
        return Ran(code, printed.out, printed.err)

    return run


# --- exit codes


@pytest.mark.parametrize(
    ("text", "flags", "code"),
    [
        (CLEAN, (), 0),
        (WARNS, (), 0),
        (WARNS, ("--fail-on", "warning"), 2),
        (FAILS, (), 2),
        (FAILS, ("--fail-on", "never"), 0),
    ],
)
def test_the_exit_code_says_whether_something_counts(
    text: str, flags: tuple[str, ...], code: int, folder: Path, validate: Validate
) -> None:
    write(folder, text)
    assert validate(".", *flags).code == code


def test_information_is_counted_and_shown_when_asked_for(folder: Path, validate: Validate) -> None:
    write(folder, CLEAN.replace("outputs: {total: $steps.read.outputs.total}", "summary: None"))
    quiet = validate()
    assert quiet.codes == []
    assert "(1 more with --notes)" in quiet.err
    assert validate("orders.arazzo.yaml", "--notes").codes == ["unused-output"]


# --- what counts


def test_codes_are_selected_and_ignored(folder: Path, validate: Validate) -> None:
    write(folder, FAILS + "x: 1\n")
    assert validate(".", "--select", "unknown-field").codes == ["unknown-field"]
    assert validate(".", "--ignore", "unknown-field,unknown-operation").codes == []


def test_a_code_that_does_not_exist_is_wrong_usage(validate: Validate) -> None:
    ran = validate(".", "--ignore", "undocumented-feild")
    assert ran.code == 2
    assert "there is no code 'undocumented-feild'" in ran.err
    assert "did you mean 'undocumented-field'?" in ran.err


@pytest.mark.parametrize("where", ["own line", "line above", "file", "line above with a blank between"])
def test_a_comment_accepts_a_finding(where: str, folder: Path, validate: Validate) -> None:
    line = "          total: $response.body#/totl\n"
    comment = "# arazzo: ignore undocumented-field"
    write(
        folder,
        {
            "own line": WARNS.replace(line, f"{line[:-1]}  {comment}\n"),
            "line above": WARNS.replace(line, f"          {comment}\n{line}"),
            "line above with a blank between": WARNS.replace(line, f"          {comment}\n\n# why\n{line}"),
            "file": "# arazzo: ignore-file undocumented-field\n" + WARNS,
        }[where],
    )
    assert validate().out == ""


def test_a_comment_that_accepts_nothing_is_found(folder: Path, validate: Validate) -> None:
    write(folder, CLEAN + "# arazzo: ignore undocumented-field, no-such-code\n")
    ran = validate()
    assert ran.codes == ["unused-ignore", "unused-ignore"]
    assert "there is no undocumented-field here to ignore" in ran.out
    assert "there is no code 'no-such-code'" in ran.out


def test_a_text_is_no_comment(folder: Path, validate: Validate) -> None:
    write(folder, WARNS.replace("title: Orders", "title: 'x#arazzo: ignore-file undocumented-field'"))
    assert validate().codes == ["undocumented-field"]


def test_a_baseline_accepts_what_there_is_and_reports_what_is_new(folder: Path, validate: Validate) -> None:
    first = validate(".", "--baseline", "known.json")
    assert (first.code, first.out) == (0, "")
    assert "known.json: 1 finding accepted" in first.err
    # Lines above move what is accepted; it stays accepted.
    write(folder, "# a comment\n" + WARNS)
    again = validate(".", "--baseline", "known.json", "--fail-on", "warning")
    assert (again.code, again.out) == (0, "")
    assert "1 accepted by known.json" in again.err
    write(folder, FAILS)
    assert validate(".", "--baseline", "known.json").codes == ["unknown-operation"]
    assert validate(".", "--baseline", "known.json", "--update-baseline").code == 0
    assert validate(".", "--baseline", "known.json").codes == []


def test_a_second_finding_of_the_same_kind_is_not_accepted(folder: Path, validate: Validate) -> None:
    validate(".", "--baseline", "known.json")
    write(folder, WARNS.replace("/totl\n", "/totl\n          again: $response.body#/totl\n"))
    assert validate(".", "--baseline", "known.json", "--select", "undocumented-field").codes == [
        "undocumented-field"
    ]


@pytest.mark.parametrize("content", ["{}", "[]", "no json", '{"version": 9, "findings": []}'])
def test_a_file_that_is_no_baseline_is_wrong_usage(content: str, folder: Path, validate: Validate) -> None:
    write(folder, content, "known.json")
    assert validate("orders.arazzo.yaml", "--baseline", "known.json").code == 2


# --- settings

SETTINGS = """\
ignore = ["unknown-field"]
exclude = ["drafts/*"]
fail-on = "warning"

[per-file-ignores]
"old-*.yaml" = ["undocumented-field"]

[sources]
shop = "apis/shop.yaml"
"""


@pytest.mark.parametrize("file", ["arazzo.toml", "pyproject.toml"])
def test_a_project_has_settings(
    file: str, folder: Path, validate: Validate, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (
        SETTINGS
        if file == "arazzo.toml"
        else "[tool.arazzo]\n" + SETTINGS.replace("[", "[tool.arazzo.", 9).replace("= [tool.arazzo.", "= [")
    )
    write(folder, text, file)
    (folder / "apis").mkdir()
    (folder / "shop.openapi.yaml").rename(folder / "apis/shop.yaml")
    (folder / "drafts").mkdir()
    write(folder / "drafts", FAILS)
    write(folder, WARNS, "old-orders.yaml")
    write(folder, WARNS + "x: 1\n")
    (folder / "inside").mkdir()
    monkeypatch.chdir(folder / "inside")
    ran = validate("..")
    assert ran.code == 2
    assert ran.codes == ["undocumented-field"]
    assert "orders.arazzo.yaml" in ran.out
    assert validate("..", "--fail-on", "error").code == 0
    assert "unknown-field" in validate("..", "--no-config", "--source", "shop=../apis/shop.yaml").codes


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("selct = []", "there is no setting 'selct'"),
        ("ignore = 'x'", "ignore takes a list of texts"),
        ("ignore = ['x-y']", "there is no code 'x-y'"),
        ("strict = 1", "strict takes true or false"),
        ("fail-on = 'never ever'", "fail-on is one of"),
        ("sources = ['x']", "sources takes a table"),
        ("baseline = 3", "baseline takes a text"),
        ("= 3", "no TOML"),
    ],
)
def test_a_wrong_setting_is_wrong_usage(text: str, message: str, folder: Path, validate: Validate) -> None:
    write(folder, text, "arazzo.toml")
    ran = validate()
    assert ran.code == 2
    assert message in ran.err


# --- formats


def test_sarif_says_everything_in_the_standards_terms(folder: Path, validate: Validate) -> None:
    write(folder, FAILS + "x: 1\n")
    ran = validate(".", "--format", "sarif")
    Sarif.model_validate_json(ran.out)
    log = json.loads(ran.out)
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    by_rule = {result["ruleId"]: result for result in run["results"]}
    assert {rule["id"] for rule in rules} == by_rule.keys() == {"unknown-operation", "unknown-field"}
    result = by_rule["unknown-operation"]
    assert rules[result["ruleIndex"]]["id"] == "unknown-operation"
    assert result["level"] == "error"
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "orders.arazzo.yaml", "uriBaseId": "%SRCROOT%"}
    assert place["region"]["startLine"] == 10
    assert place["region"]["snippet"]["text"].strip() == "operationId: getOder"
    assert result["partialFingerprints"]["arazzoFinding/v1"]
    assert all(rule["help"]["text"] for rule in rules)


def test_a_fingerprint_outlives_a_move(folder: Path, validate: Validate) -> None:
    def fingerprint() -> str:
        log = json.loads(validate(".", "--format", "sarif").out)
        return str(log["runs"][0]["results"][0]["partialFingerprints"]["arazzoFinding/v1"])

    before = fingerprint()
    write(folder, "# one\n# two\n" + WARNS)
    assert fingerprint() == before


def test_places_and_fingerprints_are_seen_from_the_repository(
    folder: Path, validate: Validate, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / ".git").mkdir()
    (folder / "flows").mkdir()
    shutil.copy(SHOP, folder / "flows/shop.openapi.yaml")
    write(folder, WARNS, "flows/orders.arazzo.yaml")

    def seen(path: str) -> tuple[object, ...]:
        (result,) = json.loads(validate(path, "--format", "sarif").out)["runs"][0]["results"]
        place = result["locations"][0]["physicalLocation"]["artifactLocation"]
        return place, result["partialFingerprints"], validate(path, "--format", "github").out

    from_above = seen("flows")
    monkeypatch.chdir(folder / "flows")
    assert seen(".") == seen(str(folder / "flows/orders.arazzo.yaml")) == from_above
    assert from_above[0] == {"uri": "flows/orders.arazzo.yaml", "uriBaseId": "%SRCROOT%"}
    assert "file=flows/orders.arazzo.yaml," in str(from_above[2])


def test_junit_has_a_case_for_each_finding_and_for_each_clean_document(
    folder: Path, validate: Validate
) -> None:
    write(folder, FAILS)
    write(folder, CLEAN, "clean.yaml")
    write(folder, WARNS, "warns.yaml")
    ran = validate(".", "--format", "junit")
    suites = JUnitXml.fromstring(ran.out.encode())
    assert (suites.tests, suites.failures) == (3, 1)
    cases = {suite.name: [(case.name, case.is_passed) for case in suite] for suite in suites}
    assert cases["clean.yaml"] == [("no findings", True)]
    assert cases["warns.yaml"] == [("undocumented-field at warns.yaml:16:18", True)]
    assert cases["orders.arazzo.yaml"] == [("unknown-operation at orders.arazzo.yaml:10:22", False)]
    assert (
        JUnitXml.fromstring(validate(".", "--format", "junit", "--fail-on", "warning").out.encode()).failures
        == 2
    )


def test_checkstyle_has_an_element_for_each_file(folder: Path, validate: Validate) -> None:
    write(folder, CLEAN.replace("title: Orders", 'title: "<&\\x07>"') + "x<&: 1\n", "clean.yaml")
    root = ET.fromstring(validate(".", "--format", "checkstyle").out)
    errors = {file.get("name"): [error.attrib for error in file] for file in root}
    assert errors["orders.arazzo.yaml"] == [
        {
            "line": "16",
            "column": "18",
            "severity": "warning",
            "message": "the response body of getOrder has no field 'totl' (did you mean 'total'?)",
            "source": "arazzo.undocumented-field",
        }
    ]
    assert "x<&" in errors["clean.yaml"][0]["message"]


def test_github_marks_the_places(validate: Validate) -> None:
    assert validate(".", "--format", "github").out == (
        "::warning file=orders.arazzo.yaml,title=undocumented-field,line=16,endLine=16,col=18,endColumn=38"
        "::the response body of getOrder has no field 'totl'%0Ahint: did you mean 'total'?\n"
    )


def test_reports_are_written_beside_what_is_printed(folder: Path, validate: Validate) -> None:
    ran = validate(".", "--report", "sarif=a.sarif", "--report", "junit=b.xml")
    assert ran.codes == ["undocumented-field"]
    assert json.loads((folder / "a.sarif").read_text())["version"] == "2.1.0"
    assert (folder / "b.xml").read_text().startswith("<?xml")
    assert validate(".", "--report", "pdf=x").code == 2
    assert validate(".", "--report", "json=no/such/folder/x").code == 2


# --- many files


def test_many_documents_are_checked_in_several_processes_in_order(folder: Path, validate: Validate) -> None:
    for number in range(30):
        write(folder, FAILS if number % 10 == 0 else CLEAN, f"{number:02}.yaml")
    ran = validate(".", "--jobs", "2")
    places = [line.split(":")[0] for line in ran.out.splitlines() if ": error" in line]
    assert places == ["00.yaml", "10.yaml", "20.yaml"]
    assert "31 documents" in ran.err
    assert validate(".", "--jobs", "1").out == ran.out


def test_a_description_is_no_document_and_costs_nothing(folder: Path, validate: Validate) -> None:
    write(folder, CLEAN)
    ran = validate(".")
    assert "1 document: no problems" in ran.err
    assert validate("shop.openapi.yaml").code == 2


# --- mending

STRAYING = """\
arazzo: 1.0.1   # the version
info: {title: Orders, version: 1.0.0}

sourceDescriptions:
  - {name: shop, url: ./shop.openapi.yaml, type: openapi}
workflows:
  - workflowId: read-order
    inputs: {type: object, properties: {orderId: {type: string}, token: {type: string}}}
    steps:
      - stepId: read
        operationId: getorder      # not as the API writes it
        parameters:
          - {name: order-id, in: path, value: $inputs.orderId}
          - name: Authorization
            in: header
            value: Bearer $inputs.token
          - name: "X-Note"
            in: header
            value: "it's $inputs.token, \\"quoted\\""
          - {name: X-Flow, in: header, value: $inputs.token/x $inputs.orderId}
        successCriteria:
          - condition: $response.body.status == "paid"
        outputs:
          total: $response.body.customer.email
          note: |
            The token is $inputs.token
            and no more.
    outputs: {total: $steps.read.outputs.total}
"""
MENDED = """\
arazzo: 1.0.1   # the version
info: {title: Orders, version: 1.0.0}

sourceDescriptions:
  - {name: shop, url: ../shop.openapi.yaml, type: openapi}
workflows:
  - workflowId: read-order
    inputs: {type: object, properties: {orderId: {type: string}, token: {type: string}}}
    steps:
      - stepId: read
        operationId: getOrder      # not as the API writes it
        parameters:
          - {name: orderId, in: path, value: $inputs.orderId}
          - name: Authorization
            in: header
            value: Bearer {$inputs.token}
          - name: "X-Note"
            in: header
            value: "it's {$inputs.token}, \\"quoted\\""
          - {name: X-Flow, in: header, value: '{$inputs.token}/x {$inputs.orderId}'}
        successCriteria:
          - condition: $response.body.status == 'paid'
        outputs:
          total: $response.body#/customer/email
          note: |
            The token is {$inputs.token}
            and no more.
    outputs: {total: $steps.read.outputs.total}
"""


def in_a_folder(repository: Path) -> Path:
    """A folder of a repository, whose descriptions stand beside it."""
    (repository / ".git").mkdir()
    (repository / "flows").mkdir()
    return repository / "flows"


@pytest.mark.parametrize("breaks", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_what_has_one_obvious_mend_is_mended_and_nothing_else_is_touched(
    breaks: str, mark: bytes, folder: Path, validate: Validate
) -> None:
    path = in_a_folder(folder) / "orders.arazzo.yaml"
    path.write_bytes(mark + STRAYING.replace("\n", breaks).encode())
    ran = validate("flows/orders.arazzo.yaml", "--fix")
    assert path.read_bytes() == mark + MENDED.replace("\n", breaks).encode()
    assert "findings mended" in ran.err
    before = path.stat().st_mtime_ns
    validate("flows/orders.arazzo.yaml", "--fix")
    assert path.stat().st_mtime_ns == before


def test_a_json_document_is_mended_too(folder: Path, validate: Validate) -> None:
    text = json.dumps(yaml.safe_load(STRAYING), indent=2)
    write(in_a_folder(folder), text, "orders.json")
    validate("flows/orders.json", "--fix")
    mended = (folder / "flows/orders.json").read_text()
    assert json.loads(mended) == yaml.safe_load(MENDED)
    assert len(mended.splitlines()) == len(text.splitlines())


def test_without_fix_nothing_is_written(folder: Path, validate: Validate) -> None:
    write(folder, STRAYING)
    validate()
    assert (folder / "orders.arazzo.yaml").read_text() == STRAYING


# --- where the command is started


def test_a_baseline_holds_wherever_the_command_is_started(
    folder: Path, validate: Validate, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert validate("orders.arazzo.yaml", "--baseline", "known.json", "--fail-on", "warning").code == 0
    for path in ("./orders.arazzo.yaml", str(folder / "orders.arazzo.yaml")):
        assert validate(path, "--baseline", "known.json", "--fail-on", "warning").code == 0
    (folder / "inside").mkdir()
    monkeypatch.chdir(folder / "inside")
    assert validate("../orders.arazzo.yaml", "--baseline", "../known.json", "--fail-on", "warning").code == 0


@pytest.mark.parametrize(
    "settings",
    ['exclude = ["old/*"]', '[per-file-ignores]\n"old/*.yaml" = ["undocumented-field"]'],
)
def test_globs_of_settings_are_seen_from_their_file(
    settings: str, folder: Path, validate: Validate, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "old").mkdir()
    shutil.copy(SHOP, folder / "old/shop.openapi.yaml")
    write(folder, WARNS, "old/orders.arazzo.yaml")
    write(folder, settings, "arazzo.toml")
    monkeypatch.chdir(folder / "old")
    assert validate(".", "--fail-on", "warning").code == 0
    assert validate(".", "--fail-on", "warning", "--no-config").code == 2


def test_two_sources_of_one_name_are_told_once(folder: Path, validate: Validate) -> None:
    line = "  - {name: shop, url: shop.openapi.yaml, type: openapi}\n"
    write(folder, CLEAN.replace(line, line * 2))
    assert validate("orders.arazzo.yaml").codes == ["duplicate-id"]


def test_a_file_named_twice_is_checked_once(folder: Path, validate: Validate) -> None:
    found = validate("orders.arazzo.yaml", "./orders.arazzo.yaml", str(folder / "orders.arazzo.yaml"))
    assert found.err.startswith("1 document:")


@pytest.mark.parametrize(
    ("pattern", "count"),
    [
        ("**/*.arazzo.yaml", 2),
        ("*/*.arazzo.yaml", 1),
        ("**.arazzo.yaml", 1),
        ("**", 2),
        (".old/*.yaml", 1),
        ("deep/../*.arazzo.yaml", 1),
        ("[n-p]rders.arazzo.y?ml", 1),
        (".", 3),
    ],
)
def test_a_glob_goes_down_no_links_which_may_lead_round_in_circles(
    pattern: str, count: int, folder: Path, validate: Validate
) -> None:
    for inside in ("deep", ".old"):
        (folder / inside).mkdir()
        shutil.copy(SHOP, folder / inside / "shop.openapi.yaml")
        write(folder, CLEAN, f"{inside}/other.arazzo.yaml")
    for name in ("up", "again", "more"):
        (folder / "deep" / name).symlink_to("..", target_is_directory=True)
    found = validate(pattern, "--no-cache")
    assert found.err.startswith("1 document:" if count == 1 else f"{count} documents:")


def test_a_folder_without_documents_is_told(folder: Path, validate: Validate) -> None:
    (folder / "empty").mkdir()
    found = validate("empty")
    assert (found.code, found.err) == (2, "no Arazzo document was found\n")
    found = validate("empty", "--format", "json", "--fail-on", "never")
    assert (found.code, found.out, found.err) == (0, "[]\n", "no Arazzo document was found\n")


@pytest.mark.parametrize("format_", ["text", "json", "sarif", "junit", "github", "checkstyle"])
def test_every_format_is_written_whatever_the_encoding_of_the_terminal(format_: str, folder: Path) -> None:
    write(folder, WARNS.replace("#/totl", "#/totl\u00e9\u2026"))
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "arazzo", "validate", "orders.arazzo.yaml", "--format", format_]
    ran = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert ran.returncode == 0
    assert b"Traceback" not in ran.stderr
    text = ran.stdout.decode("ascii" if format_ == "text" else "utf-8")
    assert ("totl\\xe9\\u2026" if format_ == "text" else "totl\u00e9\u2026") in text


@pytest.mark.parametrize("format_", ["text", "github", "junit", "checkstyle"])
def test_no_format_that_is_shown_passes_control_characters_on(
    format_: str, folder: Path, validate: Validate
) -> None:
    write(folder, WARNS.replace("$response.body#/totl", r'"$response.body#/to\e[31m\u202etl"'))
    found = validate("orders.arazzo.yaml", "--format", format_).out
    assert "totl" not in found
    assert "[31m" in found
    assert not {"\x1b", "\u202e"} & set(found)


# --- what nobody can ask to leave out


@pytest.mark.parametrize("flags", [("--select", "unused-input"), ("--ignore", "syntax")])
def test_a_document_that_cannot_be_read_always_counts(
    flags: tuple[str, ...], folder: Path, validate: Validate
) -> None:
    write(folder, "arazzo: [")
    ran = validate("orders.arazzo.yaml", *flags)
    assert (ran.code, ran.codes) == (2, ["syntax"])


def test_links_that_lead_in_a_circle_are_told(folder: Path, validate: Validate) -> None:
    (folder / "a.yaml").symlink_to("b.yaml")
    (folder / "b.yaml").symlink_to("a.yaml")
    ran = validate("a.yaml")
    assert ran.code == 2
    assert "a.yaml" in ran.out + ran.err


def test_an_argument_that_the_called_workflow_does_not_declare_is_found(
    folder: Path, validate: Validate
) -> None:
    calling = CLEAN.replace("workflows:\n", "workflows:\n" + CALL)
    write(folder, calling)
    ran = validate()
    assert ran.codes == ["unknown-input"]
    assert "declares no input 'orderid'" in ran.out
    assert "did you mean 'orderId'?" in ran.out


CALL = """\
  - workflowId: all
    inputs: {type: object, properties: {id: {type: string}}}
    steps:
      - stepId: one
        workflowId: read-order
        parameters: [{name: orderid, value: $inputs.id}]
"""


# --- wrong usage


@pytest.mark.parametrize("command", ["validate", "show"])
def test_a_command_that_never_sends_does_not_say_that_nothing_was_sent(
    command: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(folder, FAILS)
    arguments = {"validate": ["--select", "nonsense"], "show": []}[command]
    assert main([command, "orders.arazzo.yaml", *arguments]) == 2
    told = capsys.readouterr().err
    assert "nothing was sent" not in told
    assert told.endswith("\n1 error\n")
    assert main(["run", "orders.arazzo.yaml"]) == 2
    assert "nothing was sent: 1 error" in capsys.readouterr().err


@pytest.mark.parametrize("given", ["orders.arazzo.yaml", Path("orders.arazzo.yaml")])
@pytest.mark.parametrize("function", ["check", "link", "position", "run"])
def test_who_passes_a_path_in_place_of_a_document_is_told_to_load_it(function: str, given: object) -> None:
    more = (1, 1) if function == "position" else ()
    with pytest.raises(arazzo.UsageError, match=r"write arazzo\.load\('orders\.arazzo\.yaml'\)") as raised:
        getattr(arazzo, function)(given, *more)
    (problem,) = raised.value.diagnostics
    assert problem.hint == "arazzo.load('orders.arazzo.yaml') reads it; pass on what that gives"


@pytest.mark.parametrize("given", [CLEAN, yaml.safe_load(CLEAN)])
def test_a_whole_text_in_place_of_a_document_is_not_repeated(given: object) -> None:
    with pytest.raises(arazzo.UsageError, match=r"write arazzo\.load\(…\)$"):
        arazzo.check(given)  # type: ignore[arg-type]


def test_fix_mends_an_anchor_and_its_alias(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop.openapi.yaml").write_bytes(SHOP.read_bytes())
    document = tmp_path / "doc.arazzo.yaml"
    document.write_text(
        "arazzo: 1.0.1\ninfo: {title: t, version: 1.0.0}\n"
        "sourceDescriptions: [{name: shop, url: shop.openapi.yaml, type: openapi}]\n"
        "workflows:\n- workflowId: w\n  inputs: {type: object, properties: {a: {type: string}}}\n  steps:\n"
        "  - stepId: s\n    operationId: listOrders\n    parameters:\n"
        "    - {name: X-Request-Id, in: header, value: &both x $inputs.a}  # kept\n"
        "    - {name: tags, in: query, value: *both}\n",
        encoding="utf-8",
    )
    assert main(["validate", "doc.arazzo.yaml", "--fix", "--fail-on", "warning", "--no-cache"]) == 0
    capsys.readouterr()
    text = document.read_text(encoding="utf-8")
    assert "value: &both 'x {$inputs.a}'}  # kept" in text
    assert "value: 'x {$inputs.a}'}\n" in text
