"""The house keeps its plan: which way imports go, where there is no I/O, what is public, how long a file may be."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import arazzo

SOURCE = Path(__file__).resolve().parents[1] / "src" / "arazzo"

# From top to bottom; a module imports only from its own room or from rooms above it.
ROOMS = (
    "version",
    "records",
    "patterns",
    "diagnostics",
    "codes",
    "errors",
    "values",
    "messages",
    "source",
    "document",
    "expression",
    "query",
    "criterion",
    "descriptions",
    "plan",
    "rules",
    "engine",
    "drivers",
    "http",
    "simulate",
    "report",
    "api",
    "cli",
    "__main__",
)
PURE = ROOMS[: ROOMS.index("engine") + 1]
OUTSIDE = frozenset(
    (
        "asyncio",
        "http",
        "httpx",
        "httpx2",
        "io",
        "logging",
        "os",
        "pathlib",
        "random",
        "secrets",
        "select",
        "shutil",
        "socket",
        "ssl",
        "subprocess",
        "sys",
        "tempfile",
        "threading",
        "time",
        "urllib.request",
    )
)
REPORT_KNOWS = frozenset(
    ("diagnostics", "values", "messages", "engine", "report", "version", "records", "patterns")
)


def modules() -> Iterator[tuple[str, Path, ast.Module]]:
    for path in sorted(SOURCE.rglob("*.py")):
        name = ".".join(("arazzo", *path.relative_to(SOURCE).with_suffix("").parts)).removesuffix(".__init__")
        yield name, path, ast.parse(path.read_text(encoding="utf-8"))


def imports(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Every module imported anywhere in ``tree``, also inside functions, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: imports are absolute"
            module = node.module or ""
            if module == "arazzo":
                yield from ((f"arazzo.{alias.name}", node.lineno) for alias in node.names)
            else:
                yield module, node.lineno


def room_of(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "arazzo"


MODULES = list(modules())


@pytest.mark.parametrize(("name", "tree"), [(name, tree) for name, _, tree in MODULES if name != "arazzo"])
def test_a_module_imports_only_from_its_own_room_and_rooms_above(name: str, tree: ast.Module) -> None:
    place = ROOMS.index(room_of(name))
    wrong = [
        f"line {line}: {module}"
        for module, line in imports(tree)
        if module.startswith("arazzo.") and ROOMS.index(room_of(module)) > place
    ]
    assert not wrong


@pytest.mark.parametrize(
    ("name", "tree"),
    [(name, tree) for name, _, tree in MODULES if name != "arazzo" and room_of(name) in PURE],
)
def test_there_is_no_io_no_clock_and_no_randomness_down_to_the_engine(name: str, tree: ast.Module) -> None:
    wrong = [f"line {line}: {module}" for module, line in imports(tree) if module in OUTSIDE]
    calls = [
        f"line {node.lineno}: {node.func.id}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("open", "print", "input", "eval", "exec", "compile", "__import__")
    ]
    assert not wrong + calls


@pytest.mark.parametrize(("name", "tree"), [(n, tree) for n, _, tree in MODULES if room_of(n) == "report"])
def test_reports_know_only_events_results_and_diagnostics(name: str, tree: ast.Module) -> None:
    known = {module for module, _ in imports(tree) if module.startswith("arazzo.")}
    wrong = {module for module in known if room_of(module) not in REPORT_KNOWS}
    wrong |= known & {
        m for m in known if room_of(m) == "engine" and m.split(".")[2] not in ("events", "results")
    }
    assert not wrong


def test_no_modules_import_each_other_in_a_circle() -> None:
    names = {name for name, _, _ in MODULES}
    graph: dict[str, set[str]] = {}
    for name, _, tree in MODULES:
        if name != "arazzo":
            graph[name] = {module for module, _ in imports(tree) if module in names} - {name}
            for node in ast.walk(tree):
                if isinstance(node, ast.ImportFrom) and node.module in names:
                    graph[name] |= {f"{node.module}.{a.name}" for a in node.names} & names - {name}
    # A room's __init__ re-exports; a module of the same room importing it would be a circle, and is one here too.
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


@pytest.mark.parametrize(
    ("name", "path", "tree"), [m for m in MODULES if m[1].name == "__init__.py" and m[0] != "arazzo"]
)
def test_an_init_file_holds_a_docstring_and_re_exports(name: str, path: Path, tree: ast.Module) -> None:
    for node in tree.body:
        docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        exports = (
            isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and node.targets[0].id == "__all__"
        )
        assert docstring or exports or isinstance(node, ast.ImportFrom), f"{path.name}:{node.lineno}"


@pytest.mark.parametrize(("name", "path"), [(name, path) for name, path, _ in MODULES])
def test_a_file_is_at_most_four_hundred_lines(name: str, path: Path) -> None:
    assert path.read_text(encoding="utf-8").count("\n") <= 400


def test_every_exported_name_can_be_imported_and_no_other_is_public() -> None:
    assert sorted(arazzo.__all__) == sorted(set(arazzo.__all__))
    for name in arazzo.__all__:
        assert getattr(arazzo, name) is not None
    assert {name for name in dir(arazzo) if not name.startswith("_")} <= set(arazzo.__all__)
    with pytest.raises(AttributeError, match="no attribute 'Runner'"):
        arazzo.Runner  # noqa: B018
