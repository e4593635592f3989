"""A baseline accepts what it accepted, wherever the command is started and however the documents are named."""

from __future__ import annotations

import io
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote

import pytest

from arazzo.cli.baseline import read_baseline, without_accepted, write_baseline
from arazzo.cli.main import main
from arazzo.codes import UNREADABLE
from arazzo.report.findings.checked import Checked

ROOT = Path(__file__).resolve().parents[1]
SHOP = ROOT / "tests/errors/shop.openapi.yaml"
API = """\
openapi: 3.0.3
info: {title: t, version: '1'}
servers: [{url: https://api.test}]
paths:
  /a: {get: {operationId: getA, responses: {'200': {$ref: '#/nowhere'}}}}
  /b: {$ref: missing.yaml#/b}
"""
HEAD = """\
arazzo: 1.0.1
info: {title: t, version: 1.0.0}
"""
SHOP_SOURCE = "sourceDescriptions: [{name: shop, url: ../apis/shop.openapi.yaml, type: openapi}]\n"
ORDER = """\
workflows:
  - workflowId: w
    steps:
      - stepId: read
        operationId: getOrder
        parameters: [{name: orderId, in: path, value: '1'}]
        outputs: {one: $response.body#/totl}
"""
DOCUMENTS = {
    "a field that is nowhere": HEAD + SHOP_SOURCE + ORDER,
    "two findings with the same code and text": HEAD
    + SHOP_SOURCE
    + ORDER.replace(
        "{one: $response.body#/totl}",
        "\n          one: $response.body#/totl\n          one: $response.body#/totl",
    ),
    "an operation that is nowhere": HEAD + SHOP_SOURCE + ORDER.replace("getOrder", "getOder"),
    "a workflow that is nowhere": HEAD
    + SHOP_SOURCE
    + ORDER
    + "      - {stepId: call, workflowId: nowhere}\n",
    "a source that is nowhere": HEAD + SHOP_SOURCE.replace("shop.openapi", "nowhere") + ORDER,
    "a source outside": HEAD + SHOP_SOURCE.replace("../apis/shop", "../../../../far/shop") + ORDER,
    "a source elsewhere": HEAD + SHOP_SOURCE.replace("../apis/", "apis/") + ORDER,
    "a source that is none": HEAD + SHOP_SOURCE.replace("shop.openapi", "none.openapi") + ORDER,
    "a description with faults": HEAD
    + SHOP_SOURCE.replace("shop.openapi", "faulty")
    + "workflows: [{workflowId: w, steps: [{stepId: a, operationId: getA}, {stepId: b, operationId: getB}]}]\n",
    "a text that cannot be read": HEAD + "workflows: [",
    "a document without its parts": HEAD,
}


class Place(NamedTuple):
    """Where the command is started, and how it names the documents."""

    start: str
    path: str


PLACES = {
    "from above": Place(".", "project/flows/EACH"),
    "from above, with a dot": Place(".", "./project/flows/../flows/EACH"),
    "from the parent": Place("project", "flows/EACH"),
    "from inside": Place("project/flows", "EACH"),
    "from a neighbour": Place("project/apis", "../flows/EACH"),
    "from elsewhere": Place("else/where", "../../project/flows/EACH"),
    "absolute, from the parent": Place("project", "ABSOLUTE/project/flows/EACH"),
    "absolute, from inside": Place("project/flows", "ABSOLUTE/project/flows/EACH"),
    "absolute, from elsewhere": Place("else/where", "ABSOLUTE/project/flows/EACH"),
    "the folder, from the parent": Place("project", "flows"),
    "the folder, from inside": Place("project/flows", "."),
    "the folder, absolute": Place("else/where", "ABSOLUTE/project/flows"),
    "a glob, from the parent": Place("project", "flows/*.yaml"),
    "a glob, from above": Place(".", "p*/flows/*.arazzo.yaml"),
    "through a link": Place("else/where", "../../link/flows/EACH"),
    "through a link, absolute": Place(".", "ABSOLUTE/link/flows/EACH"),
    "as a URL": Place("else/where", "file://ABSOLUTE/project/flows/EACH"),
}
BASELINES = ("project/known.json", "project/flows/known.json", "else/where/known.json")

Validate = Callable[[Place, str], tuple[int, str, str]]


@pytest.fixture(params=["plain", "with blanks"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    above = tmp_path if request.param == "plain" else tmp_path / "my own folder"
    for name in ("project/flows", "project/apis", "project/.git", "else/where"):
        (above / name).mkdir(parents=True)
    (above / "link").symlink_to("project")
    shutil.copy(SHOP, above / "project/apis/shop.openapi.yaml")
    (above / "project/apis/faulty.yaml").write_text(API)
    (above / "project/apis/none.openapi.yaml").write_text("a: 1\n")
    return above


@pytest.fixture
def validate(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Validate:
    monkeypatch.setenv("NO_COLOR", "1")

    def run(place: Place, baseline: str) -> tuple[int, str, str]:
        start = folder / place.start
        monkeypatch.chdir(start)
        path = place.path.replace("ABSOLUTE", str(folder))
        each = sorted(file.name for file in (folder / "project/flows").glob("*.arazzo.yaml"))
        paths = [path.replace("EACH", name) for name in each] if "EACH" in path else [path]
        paths = [quote(path, ":/") if path.startswith("file:") else path for path in paths]
        absolute = place.path.startswith("ABSOLUTE")
        named = str(folder / baseline) if absolute else os.path.relpath(folder / baseline, start)
        capsys.readouterr()
        code = main(["validate", *paths, "--baseline", named, "--fail-on", "warning", "--notes"])
        return code, *capsys.readouterr()

    return run


@pytest.mark.parametrize("baseline", BASELINES)
def test_what_is_accepted_stays_accepted(baseline: str, folder: Path, validate: Validate) -> None:
    for name, text in DOCUMENTS.items():
        (folder / f"project/flows/{name}.arazzo.yaml").write_text(text)
    _, _, told = validate(PLACES["the folder, from the parent"], baseline)
    entries = json.loads((folder / baseline).read_text())["findings"]
    assert f"{len(entries)} accepted" in told
    found_in = {Path(unquote(entry["file"])).name.partition(".")[0] for entry in entries}
    assert found_in == {*DOCUMENTS, "faulty", "none"}
    lost = {}
    for name, place in PLACES.items():
        code, out, err = validate(place, baseline)
        if (code, out) != (0, "") or f"{len(entries)} accepted" not in err:
            lost[name] = out or err
    assert lost == {}


def test_a_finding_without_a_place_belongs_to_its_document(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finding = UNREADABLE.at(None, "something is wrong")
    first, second = (Checked(f"project/flows/{name}.yaml", (finding, finding)) for name in "ab")
    monkeypatch.chdir(folder)
    write_baseline(Path("project/known.json"), [first])
    monkeypatch.chdir(folder / "project/flows")
    here = [Checked(name, document.findings) for name, document in (("a.yaml", first), ("b.yaml", second))]
    left, count = without_accepted(here, read_baseline(Path("../known.json")), Path(".."))
    assert [(document.file, len(document.findings)) for document in left] == [("a.yaml", 0), ("b.yaml", 2)]
    assert count == 2


def test_a_further_finding_with_the_same_code_and_text_is_not_accepted(
    folder: Path, validate: Validate
) -> None:
    path = folder / "project/flows/w.arazzo.yaml"
    path.write_text(DOCUMENTS["a field that is nowhere"])
    validate(PLACES["from above"], BASELINES[0])
    for line in ("{one: $response.body#/totl, two: $response.body#/totl}", "{one: $response.body#/sum}"):
        path.write_text(DOCUMENTS["a field that is nowhere"].replace("{one: $response.body#/totl}", line))
        for name in ("from inside", "absolute, from elsewhere"):
            code, out, _ = validate(PLACES[name], BASELINES[0])
            assert code == 2
            assert "undocumented-field" in out


def test_a_document_from_standard_input_is_recognised(
    folder: Path, validate: Validate, monkeypatch: pytest.MonkeyPatch
) -> None:
    for start in ("project", "project/flows", "else/where"):
        monkeypatch.setattr("sys.stdin", io.StringIO(DOCUMENTS["a text that cannot be read"]))
        code, out, err = validate(Place(start, "-"), BASELINES[0])
        assert (code, out) == (0, "")
        assert "1 accepted" in err


def test_what_the_baseline_accepts_on_a_mended_line_stays_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    shop = Path(__file__).resolve().parent / "errors" / "shop.openapi.yaml"
    (tmp_path / "shop.openapi.yaml").write_bytes(shop.read_bytes())
    document = tmp_path / "doc.arazzo.yaml"
    document.write_text(
        "arazzo: 1.0.1\ninfo: {title: t, version: 1.0.0}\n"
        "sourceDescriptions: [{name: shop, url: shop.openapi.yaml, type: openapi}]\n"
        "workflows:\n- workflowId: w\n  inputs: {type: object, properties: {a: {type: string}}}\n  steps:\n"
        "  - stepId: s\n    operationId: listOrders\n    parameters:\n"
        "    - {name: colour, in: query, value: x $inputs.a}\n",
        encoding="utf-8",
    )
    command = ["validate", "doc.arazzo.yaml", "--baseline", "base.json", "--fail-on", "warning"]
    assert main(command) == 0
    accepted = (tmp_path / "base.json").read_text(encoding="utf-8")
    assert "unbraced-expression" in accepted
    assert main([*command, "--fix"]) == 0
    assert "'x {$inputs.a}'" in document.read_text(encoding="utf-8")
    assert main(command) == 0
    capsys.readouterr()
    moved = (tmp_path / "base.json").read_text(encoding="utf-8")
    assert "unbraced-expression" not in moved
    assert "parameter-undeclared" in moved
