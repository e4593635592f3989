"""A command hurries its own process; what it hides for that is there again afterwards."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import os
import py_compile
import subprocess
import sys
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import ModuleType

import pytest

from arazzo.cli import importing, starting

ROOT = Path(__file__).parents[3]
LOOK_ROUND = """
import gc, re, sys, typing
from arazzo.cli import starting
from arazzo.cli.main import command
refers, finders, codes = typing.ForwardRef, list(sys.meta_path), []
starting.leave = codes.append
sys.argv = ["arazzo", "validate", "--no-cache", "--no-config", {document!r}]
command()
import ipaddress, json, msgspec.inspect, urllib.parse, yaml
assert type(re.compile("a")) is re.Pattern
from arazzo.cli.importing import OwnModules
assert typing.ForwardRef is refers
assert [finder for finder in sys.meta_path if finder is not OwnModules] == finders
import datetime
assert datetime.datetime.strptime("2020-01-02", "%Y-%m-%d").date() == datetime.date(2020, 1, 2)
assert urllib.parse.urlsplit("http://[::1]:80/").hostname == str(ipaddress.ip_address("::1"))
assert type(msgspec.inspect.type_info(int)) is msgspec.inspect.IntType
assert json.loads(json.dumps("a\\u00e9b", indent=1)) == "a\\u00e9b" == json.JSONDecoder().decode('"a\\u00e9b"')
class Counted(msgspec.Struct):
    much: "int"
assert msgspec.json.decode(b'{{"much": 1}}', type=Counted).much == 1
assert sys.modules.get("typing_extensions", 0) is not None
for loader in (yaml.SafeLoader, yaml.CSafeLoader):
    assert yaml.load("[2020-01-02, 0x1F, 1e3, yes, \\u00e9]", loader)[1] == 31
    try:
        yaml.load("[", loader)
    except yaml.MarkedYAMLError:
        pass
    else:
        raise AssertionError(loader)
assert yaml.dump({{"a": [1]}}, Dumper=yaml.CSafeDumper) == yaml.safe_dump({{"a": [1]}})
assert gc.isenabled()
sys.exit(*codes)
"""


def test_what_is_hidden_while_packages_are_imported_is_there_again() -> None:
    document = str(ROOT / "specs" / "civitai" / "presigned-blob-generate.arazzo.yml")
    text = LOOK_ROUND.format(document=document)
    done = subprocess.run(
        [sys.executable, "-c", text], check=False, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    assert "1 document" in done.stderr


def test_a_command_leaves_with_its_code_when_all_is_written_and_what_was_registered_has_run() -> None:
    text = (
        "import atexit, sys; from arazzo.cli.starting import leave\n"
        "atexit.register(sys.stdout.write, 'registered')\n"
        "sys.stdout.write('written, '); leave(3)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", text], check=False, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr) == (3, "written, registered", "")


def test_a_profiler_that_runs_the_command_has_its_say() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cProfile", "-m", "arazzo", "--version"],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0
    assert done.stdout.startswith("arazzo ")
    assert "function calls" in done.stdout


def test_a_debugger_is_not_left_behind() -> None:
    before = sys.gettrace()
    sys.settrace(lambda *_: None)
    try:
        with pytest.raises(SystemExit) as ended:
            starting.leave(1)
    finally:
        sys.settrace(before)
    assert ended.value.code == 1


def test_a_program_that_imports_the_command_is_left_as_it_is() -> None:
    text = (
        "import sys, re, gc; before = gc.get_threshold(), gc.get_freeze_count()\n"
        "from arazzo.cli.main import main\n"
        "assert main(['show', 'no-such-file.yml']) == 2\n"
        "import argparse, yaml, yaml.reader\n"
        "assert argparse._ is not str\n"
        "assert type(yaml.reader.Reader.NON_PRINTABLE) is re.Pattern\n"
        "assert (gc.get_threshold(), gc.get_freeze_count()) == before\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", text], check=False, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr


def test_packages_are_not_imported_quickly_in_another_program() -> None:
    importing.import_quickly("a_package_that_does_not_exist")


@pytest.mark.parametrize("name", sorted(importing.PATIENT))
def test_modules_whose_patterns_are_compiled_later_only_call_their_methods(name: str) -> None:
    tree = ast.parse(Path(str(importlib.import_module(name).__file__)).read_text(encoding="utf-8"))
    compiled = {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and "re.compile" in ast.unparse(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    patterns_in_calls = [
        ast.unparse(call)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        for argument in call.args
        if (isinstance(argument, ast.Name) and argument.id in compiled)
        or (isinstance(argument, ast.Attribute) and argument.attr in compiled)
    ]
    assert patterns_in_calls == []
    assert "Pattern" not in {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


@pytest.fixture
def module(tmp_path: Path) -> Path:
    (tmp_path / "told.py").write_text("TOLD = 1\n", encoding="utf-8")
    return tmp_path / "told.py"


def told(module: Path) -> object:
    """What the module says, found as a module of this package is."""
    found = importing.OwnModules.find_spec("arazzo.told", [str(module.parent)])
    assert found is not None
    value: object = _made(found).TOLD
    return value


def _made(spec: ModuleSpec) -> ModuleType:
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def test_a_module_that_was_never_compiled_is_read(module: Path) -> None:
    assert told(module) == 1


def test_what_was_compiled_of_a_module_is_taken_while_it_is_as_old_and_as_long(module: Path) -> None:
    py_compile.compile(str(module))
    before = module.stat()
    module.write_text("TOLD = 2\n", encoding="utf-8")
    os.utime(module, (before.st_atime, before.st_mtime))
    assert told(module) == 1  # As Python itself would have it.


@pytest.mark.parametrize("text", ["TOLD = 2\n", "TOLD = 2  # and longer\n"])
def test_a_module_that_was_changed_is_compiled_anew(module: Path, text: str) -> None:
    py_compile.compile(str(module))
    module.write_text(text, encoding="utf-8")
    os.utime(module, (1_000_000_000, 1_000_000_000))
    assert told(module) == 2


def test_a_module_that_is_compiled_by_its_digest_is_left_to_python(module: Path) -> None:
    py_compile.compile(str(module), invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH)
    module.write_text("TOLD = 2\n", encoding="utf-8")
    assert told(module) == 2


@pytest.mark.parametrize("name", ["arazzo", "arazzo.cli", "arazzo.no_such_module", "told", "json.decoder"])
def test_packages_and_modules_of_others_are_left_to_python(module: Path, name: str) -> None:
    assert importing.OwnModules.find_spec(name, [str(module.parent)]) is None


def test_what_was_compiled_in_a_folder_that_was_moved_since_names_the_file_it_is_of(module: Path) -> None:
    py_compile.compile(str(module), dfile="elsewhere/told.py")
    found = importing.OwnModules.find_spec("arazzo.told", [str(module.parent)])
    assert found is not None
    assert isinstance(found.loader, SourceFileLoader)
    code = found.loader.get_code("arazzo.told")
    assert code is not None
    assert code.co_filename == str(module)


def test_whoever_watched_imports_before_still_does() -> None:
    text = (
        "import sys\n"
        "class Watch:\n"
        "    seen = []\n"
        "    def find_spec(self, name, path=None, target=None): self.seen.append(name)\n"
        "sys.meta_path.insert(0, Watch())\n"
        "from arazzo.cli import starting\n"
        "from arazzo.cli.main import command\n"
        "starting.leave = lambda code: None\n"
        "sys.argv = ['arazzo', 'explain', 'syntax']\n"
        "command()\n"
        "known = {name for name in sys.modules if name.startswith('arazzo.')}\n"
        "assert known <= {*Watch.seen}, known - {*Watch.seen}\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", text], check=False, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
