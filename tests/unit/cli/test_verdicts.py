"""A verdict is taken only while everything it was made of is as it was."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from arazzo.cli import verdicts as verdicts_module
from arazzo.cli.checking import Named, check_all
from arazzo.cli.main import main
from arazzo.cli.validate import _parser
from arazzo.cli.verdicts import Verdicts, known_verdicts
from arazzo.diagnostics import Diagnostic, Severity
from arazzo.http.sightings import Sightings
from arazzo.report.findings.checked import Checked

SHOP = Path(__file__).resolve().parents[2] / "errors/shop.openapi.yaml"
DOCUMENT = """\
arazzo: 1.0.1
info: {title: Orders, version: 1.0.0}
sourceDescriptions:
  - {name: shop, url: ./apis/shop.openapi.yaml, type: openapi}
workflows:
  - workflowId: read-order
    inputs: {type: object, properties: {orderId: {type: string}}}
    steps:
      - stepId: read
        operationId: getOrder
        parameters:
          - {name: orderId, in: path, value: $inputs.orderId}
        successCriteria:
          - condition: $statusCode == 200
        outputs:
          total: $response.body#/totl
    outputs: {total: $steps.read.outputs.total}
"""
NAMED = Named("orders.arazzo.yaml", True)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ARAZZO_CACHE_DIR", str(tmp_path / "kept"))
    home = tmp_path / "work"
    (home / "flows").mkdir(parents=True)
    (home / "flows/apis").mkdir()
    shutil.copy(SHOP, home / "flows/apis/shop.openapi.yaml")
    (home / "flows/orders.arazzo.yaml").write_text(DOCUMENT, encoding="utf-8")
    monkeypatch.chdir(home / "flows")
    return home / "flows"


def arguments(*options: str) -> argparse.Namespace:
    return _parser().parse_args([NAMED.path, *options])


def check(*options: str, path: str = NAMED.path) -> Checked:
    args = arguments(*options)
    (checked,) = check_all([Named(path, True)], args, known_verdicts(args))
    return checked


def known(*options: str, path: str = NAMED.path) -> Checked | None:
    kept = known_verdicts(arguments(*options))
    assert kept is not None
    return kept.find(path)


def test_a_second_check_takes_the_verdict_of_the_first() -> None:
    assert known() is None
    first = check()
    assert [finding.code for finding in first.findings] == ["undocumented-field"]
    assert known() == first
    planted = Checked(NAMED.path, (Diagnostic("planted", Severity.ERROR, "proof"),))
    kept = known_verdicts(arguments())
    assert kept is not None
    kept.keep(NAMED.path, planted, Sightings())
    assert check() == planted


def test_what_is_only_made_of_the_findings_does_not_matter() -> None:
    check()
    assert known("--format", "sarif", "--ignore", "undocumented-field", "--fail-on", "never", "--jobs", "7")


def edit_document(folder: Path) -> None:
    (folder / "orders.arazzo.yaml").write_text(DOCUMENT.replace("totl", "totel"), encoding="utf-8")


def edit_description(folder: Path) -> None:
    file = folder / "apis/shop.openapi.yaml"
    found = file.stat()
    text = file.read_text(encoding="utf-8")
    assert "title: Shop" in text
    file.write_text(text.replace("title: Shop", "title: Shut"), encoding="utf-8")
    os.utime(file, ns=(found.st_atime_ns, found.st_mtime_ns))


def remove_description(folder: Path) -> None:
    (folder / "apis/shop.openapi.yaml").unlink()


def make_repository(folder: Path) -> None:
    (folder / ".git").mkdir()


def point_elsewhere(folder: Path) -> None:
    (folder / "apis").rename(folder / "other")
    (folder / "apis").symlink_to(folder / "other")


@pytest.mark.parametrize(
    "change", [edit_document, edit_description, remove_description, make_repository, point_elsewhere]
)
def test_a_verdict_ends_with_what_it_was_made_of(folder: Path, change: Callable[[Path], None]) -> None:
    check()
    assert known()
    change(folder)
    assert known() is None


def test_a_description_that_turns_up_where_it_was_looked_for_first_ends_the_verdict(folder: Path) -> None:
    (folder / "apis").rename(folder.parent / "apis")
    assert [finding.code for finding in check().findings] == ["source-elsewhere", "undocumented-field"]
    assert known()
    shutil.copytree(folder.parent / "apis", folder / "apis")
    assert known() is None


def test_another_file_in_a_folder_that_was_searched_ends_the_verdict(folder: Path) -> None:
    (folder / "apis/shop.openapi.yaml").rename(folder / "apis/goods.yaml")
    assert "source-elsewhere" in [finding.code for finding in check().findings]
    assert known()
    shutil.copy(folder / "apis/goods.yaml", folder / "apis/wares.yaml")
    assert known() is None
    assert "missing-source" in [finding.code for finding in check().findings]


def test_other_options_and_another_working_folder_have_verdicts_of_their_own(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check()
    assert known("--strict") is None
    assert known("--source", "shop=elsewhere.yaml") is None
    assert known(path="./orders.arazzo.yaml") is None
    monkeypatch.chdir(folder.parent)
    (folder.parent / NAMED.path).symlink_to(folder / NAMED.path)
    assert known() is None


def test_another_version_of_anything_installed_makes_every_verdict_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages = tmp_path / "site-packages"
    packages.mkdir()
    monkeypatch.setattr(sys, "path", [*sys.path, str(packages)])
    check()
    assert known()
    (packages / "lxml").mkdir()
    os.utime(packages, ns=(1, 1))
    assert known() is None


def test_a_check_that_asked_the_network_is_made_anew(folder: Path) -> None:
    text = DOCUMENT.replace("./apis/shop.openapi.yaml", "http://127.0.0.1:9/shop.openapi.yaml")
    (folder / "orders.arazzo.yaml").write_text(text, encoding="utf-8")
    assert "missing-source" in [finding.code for finding in check().findings]
    assert known() is None
    assert "source-not-checked" in [finding.code for finding in check("--offline").findings]
    assert known("--offline") is not None


def test_an_unreadable_file_is_looked_at_again(folder: Path) -> None:
    check(path="absent.yaml")
    assert known(path="absent.yaml") is not None
    (folder / "folder.yaml").mkdir()
    check(path="folder.yaml")
    assert known(path="folder.yaml") is None


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b'{"facts": {}, "checked": {"file": 1}}', b"\xff", b"[" * 50_000]
)
def test_a_damaged_verdict_is_passed_over(tmp_path: Path, text: bytes) -> None:
    first = check()
    (file,) = (tmp_path / "kept/verdicts").iterdir()
    file.write_bytes(text)
    assert known() is None
    assert check() == first
    assert known() == first


def test_where_nothing_can_be_kept_the_check_is_made_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("in the way", encoding="utf-8")
    assert check().findings
    assert known() is None


def test_nothing_is_kept_where_that_is_asked_for(tmp_path: Path) -> None:
    assert known_verdicts(arguments("--no-cache")) is None
    assert main(["validate", NAMED.path, "--no-cache"]) == 0
    assert not (tmp_path / "kept").exists()


def test_a_credential_in_the_document_is_in_no_verdict(folder: Path, tmp_path: Path) -> None:
    header = "          - {name: Authorization, in: header, value: Bearer 4fd09b7ce1a23865}\n"
    text = DOCUMENT.replace("        successCriteria:\n", header + "        successCriteria:\n")
    (folder / "orders.arazzo.yaml").write_text(text, encoding="utf-8")
    assert "secret-in-document" in [finding.code for finding in check().findings]
    (file,) = (tmp_path / "kept/verdicts").iterdir()
    assert "4fd09b7c" not in file.read_text(encoding="utf-8")
    assert file.stat().st_mode & 0o077 == 0


def test_the_oldest_verdicts_make_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verdicts_module, "MOST_VERDICTS", 3)
    for number in range(6):
        kept = Verdicts(tmp_path / "some", arguments())
        kept.keep(f"{number}.yaml", Checked(f"{number}.yaml", ()), Sightings())
        for file in (tmp_path / "some").iterdir():
            age = file.stat().st_mtime_ns - 10**9
            os.utime(file, ns=(age, age))
    kept = Verdicts(tmp_path / "some", arguments())
    assert [number for number in range(6) if kept.find(f"{number}.yaml")] == [2, 3, 4, 5]


def test_several_processes_take_and_keep_verdicts(folder: Path) -> None:
    names = [f"flow-{number}.yaml" for number in range(14)]
    for name in names:
        (folder / name).write_text(DOCUMENT, encoding="utf-8")
    args = arguments("--jobs", "2")
    files = [Named(name, False) for name in names]
    first = check_all(files, args, known_verdicts(args))
    assert [checked.file for checked in first] == names
    kept = known_verdicts(args)
    assert kept is not None
    assert [kept.find(name) for name in names] == first
    assert check_all(files, args, known_verdicts(args)) == first
