"""A verdict is taken only while everything it was made of is as it was."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from arazzo.cli import verdicts as verdicts_module
from arazzo.cli.checking import Named, check_all, files_of
from arazzo.cli.main import main
from arazzo.cli.options import ValidateOptions
from arazzo.cli.validate import options_of
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


def arguments(*options: str) -> ValidateOptions:
    return options_of([NAMED.path, *options])


def check(*options: str, path: str = NAMED.path) -> Checked:
    args = arguments(*options)
    (checked,) = check_all([Named(path, True)], args, known_verdicts(args))
    return checked


def known(*options: str, path: str = NAMED.path) -> Checked | None:
    kept = known_verdicts(arguments(*options))
    assert kept is not None
    return kept.find(path, by_name=True)


def shown(*paths: str) -> tuple[list[str], list[str]]:
    """What is found with the verdicts that are kept, and what is found without them."""
    args = arguments()
    files = list(files_of(paths))
    warm = check_all(files, args, known_verdicts(args))
    cold = check_all(files, args)
    # Compared as they are written: two findings are equal whatever line of text they show.
    return [msgspec.json.encode(c).decode() for c in warm], [msgspec.json.encode(c).decode() for c in cold]


def test_a_second_check_takes_the_verdict_of_the_first() -> None:
    assert known() is None
    first = check()
    assert [finding.code for finding in first.findings] == ["undocumented-field"]
    assert known() == first
    planted = Checked(NAMED.path, (Diagnostic("planted", Severity.ERROR, "proof"),))
    kept = known_verdicts(arguments())
    assert kept is not None
    kept.keep(NAMED.path, planted, Sightings(), by_name=True)
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


def test_a_verdict_holds_all_that_is_shown_of_a_finding(folder: Path) -> None:
    (folder / "apis").rename(folder.parent / "apis")
    for _ in range(2):
        warm, cold = shown(NAMED.path)
        assert warm == cold
        assert '"mend":{' in warm[0]
        assert known()


def test_what_was_named_itself_says_nothing_of_what_is_found_in_a_folder() -> None:
    description = "apis/shop.openapi.yaml"
    assert [finding.code for finding in check(path=description).findings] == ["not-arazzo"]
    assert known(path=description)
    assert [
        checked.file for checked in check_all(list(files_of(["."])), arguments(), known_verdicts(arguments()))
    ] == [NAMED.path]


def lead_nowhere(link: Path) -> None:
    link.symlink_to("nothing-here.yaml")


def lead_outside(link: Path) -> None:
    link.symlink_to("/nothing-there.yaml")


def lead_in_a_circle(link: Path) -> None:
    link.symlink_to(link.name)


def lead_to_a_folder(link: Path) -> None:
    link.symlink_to(".")


def be_a_pipe(link: Path) -> None:
    os.mkfifo(link)


def be_endless(link: Path) -> None:
    link.symlink_to("/dev/zero")


def be_absent(_: Path) -> None:
    pass


STATES = [lead_nowhere, lead_outside, lead_in_a_circle, lead_to_a_folder, be_a_pipe, be_endless, be_absent]


@pytest.mark.skipif(os.name == "nt", reason="there are no such files")
@pytest.mark.parametrize("after", STATES)
@pytest.mark.parametrize("before", [shutil.copy, *STATES])
def test_what_is_no_file_is_told_from_what_else_is_none(
    folder: Path, before: Callable[..., object], after: Callable[[Path], None]
) -> None:
    place = folder / "apis/shop.openapi.yaml"
    place.unlink()
    before(SHOP, place) if before is shutil.copy else before(place)
    warm, cold = shown(NAMED.path)
    assert warm == cold
    place.unlink(missing_ok=True)
    after(place)
    warm, cold = shown(NAMED.path)
    assert warm == cold


def test_a_folder_that_was_searched_is_known_by_where_it_leads(folder: Path) -> None:
    outside, inside = folder.parents[1] / "outside", folder / "inside"
    (folder / "apis").rename(outside)
    (outside / "shop.openapi.yaml").rename(outside / "goods.yaml")
    shutil.copytree(outside, inside)
    for target, code in ((outside, "missing-source"), (inside, "source-elsewhere")):
        (folder / "apis").unlink(missing_ok=True)
        (folder / "apis").symlink_to(target)
        warm, cold = shown(NAMED.path)
        assert warm == cold
        assert code in warm[0]


@pytest.mark.skipif(os.name == "nt", reason="there are no such files")
def test_a_pipe_that_a_pattern_names_is_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "apis/pipe.yaml")
    warm, cold = shown("**/*.yaml")
    assert warm == cold
    assert any("no regular file" in text for text in warm)


def test_a_file_that_changes_while_it_is_looked_at_is_looked_at_again() -> None:
    seen = Sightings()
    seen.content(Path("a.yaml"), b"1")
    seen.content(Path("a.yaml"), b"1")
    assert seen.lasting
    seen.content(Path("a.yaml"), b"2")
    assert not seen.lasting


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


def test_packages_are_told_apart_where_every_file_has_the_same_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages = tmp_path / "site-packages"
    (packages / "lxml-6.0.0.dist-info").mkdir(parents=True)
    monkeypatch.setattr(sys, "path", [*sys.path, str(packages)])
    os.utime(packages, ns=(1, 1))
    check()
    assert known()
    (packages / "lxml-6.0.0.dist-info").rename(packages / "lxml-6.1.0.dist-info")
    os.utime(packages, ns=(1, 1))
    assert known() is None


def test_a_folder_of_packages_is_part_of_the_program_whatever_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check()
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path / "more"), str(tmp_path / "no/site-packages")])
    assert known() is None
    check()
    assert known()


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


@pytest.mark.skipif(os.name == "nt", reason="there are no such files")
def test_a_pipe_or_a_large_file_in_the_place_of_a_verdict_is_passed_over(tmp_path: Path) -> None:
    first = check()
    (file,) = (tmp_path / "kept/verdicts").iterdir()
    kept = file.read_bytes()
    file.write_bytes(kept + b" " * verdicts_module.LARGEST_VERDICT)
    assert known() is None
    file.unlink()
    os.mkfifo(file)
    assert known() is None
    assert check() == first
    assert known() == first


def test_a_verdict_that_looks_at_things_in_a_way_of_its_own_is_passed_over(tmp_path: Path) -> None:
    check()
    (file,) = (tmp_path / "kept/verdicts").iterdir()
    file.write_bytes(file.read_bytes().replace(b'"facts":{', b'"facts":{"hearsay":{"/":""},'))
    assert known() is None


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="files have no owner here")
def test_a_verdict_that_somebody_else_can_have_written_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check()
    (tmp_path / "kept/verdicts").chmod(0o770)
    assert known_verdicts(arguments()) is None
    (tmp_path / "kept/verdicts").chmod(0o700)
    assert known()
    monkeypatch.setattr(os, "geteuid", lambda: (tmp_path / "kept/verdicts").stat().st_uid + 1)
    assert known_verdicts(arguments()) is None
    assert check().findings


def test_a_verdict_that_goes_while_room_is_made_is_no_reason_to_keep_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check()
    (tmp_path / "kept/verdicts/gone.json").symlink_to("nowhere")  # as one that another process dropped
    kept = known_verdicts(arguments("--strict"))
    assert kept is not None
    kept.keep(NAMED.path, Checked(NAMED.path, ()), Sightings(), by_name=True)
    assert known("--strict")


def test_where_nothing_can_be_kept_the_check_is_made_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("in the way", encoding="utf-8")
    assert check().findings
    assert known_verdicts(arguments()) is None


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
        kept.keep(f"{number}.yaml", Checked(f"{number}.yaml", ()), Sightings(), by_name=True)
        for file in (tmp_path / "some").iterdir():
            age = file.stat().st_mtime_ns - 10**9
            os.utime(file, ns=(age, age))
    kept = Verdicts(tmp_path / "some", arguments())
    assert [number for number in range(6) if kept.find(f"{number}.yaml", by_name=True)] == [2, 3, 4, 5]


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
    assert [kept.find(name, by_name=False) for name in names] == first
    assert check_all(files, args, known_verdicts(args)) == first
