"""What a project says once: in ``arazzo.toml``, or as ``[tool.arazzo]`` in ``pyproject.toml``."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

from msgspec import Struct, field

from arazzo.cli.options import usage
from arazzo.diagnostics import suggest

FAIL_ON: Final = ("error", "warning", "never")
_BETWEEN_KEYS: Final = str.maketrans("", "", " \t\"'")
_ESCAPES: Final = ("\\u", "\\U", "\\x")
"""With these a quoted key may be written so that nobody recognises it."""


class Settings(Struct, frozen=True):
    """The settings of a project; paths are relative to ``folder``, where the file stands."""

    folder: Path = field(default_factory=Path)
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    """Globs of paths that a scan of a folder passes over."""
    per_file_ignores: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Codes to ignore, by globs of paths."""
    fail_on: str | None = None
    baseline: str | None = None
    strict: bool = False
    offline: bool = False
    sources: Mapping[str, str] = field(default_factory=dict)


_NAMES: Final = tuple(name.replace("_", "-") for name in Settings.__struct_fields__ if name != "folder")


def find_settings(start: Path) -> Settings:
    """The settings of the nearest file at ``start`` or above it. Raises ``UsageError`` for a file that is wrong."""
    for folder in (start, *start.parents):
        own = folder / "arazzo.toml"
        if own.is_file():
            return read_settings(own, _table(own))
        project = folder / "pyproject.toml"
        if project.is_file() and _may_have_section(project):
            tool = _table(project).get("tool")
            section = tool.get("arazzo") if isinstance(tool, dict) else None
            if isinstance(section, dict):
                return read_settings(project, section)
    return Settings()


def _may_have_section(project: Path) -> bool:
    """False for a file without ``[tool.arazzo]`` in any of TOML's ways to write it; parsing it would take longer."""
    try:
        text = project.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return True  # Which is told of where the file is read.
    bare = text.translate(_BETWEEN_KEYS)
    return any(piece in bare for piece in ("tool.arazzo", "[tool]", "tool=", *_ESCAPES))


def read_settings(file: Path, table: Mapping[str, object]) -> Settings:
    """The settings in ``table``, which stands in ``file``. Raises ``UsageError``."""
    for key in table:
        if key not in _NAMES:
            raise usage(f"{file}: there is no setting {key!r}", suggest(key, _NAMES, "the settings are"))
    fail_on = _text(file, table, "fail-on")
    if fail_on is not None and fail_on not in FAIL_ON:
        raise usage(f"{file}: fail-on is one of {', '.join(FAIL_ON)}, not {fail_on!r}")
    return Settings(
        file.parent,
        _texts(file, table, "select"),
        _texts(file, table, "ignore"),
        _texts(file, table, "exclude"),
        {
            glob: _texts(file, {f"per-file-ignores.{glob}": codes}, f"per-file-ignores.{glob}")
            for glob, codes in _section(file, table, "per-file-ignores").items()
        },
        fail_on,
        _text(file, table, "baseline"),
        _flag(file, table, "strict"),
        _flag(file, table, "offline"),
        {
            name: _text(file, {name: place}, name) or ""
            for name, place in _section(file, table, "sources").items()
        },
    )


def _texts(file: Path, table: Mapping[str, object], key: str) -> tuple[str, ...]:
    value = table.get(key, [])
    if isinstance(value, list) and all(isinstance(text, str) for text in value):
        return tuple(value)
    raise usage(f"{file}: {key} takes a list of texts, not {value!r}")


def _text(file: Path, table: Mapping[str, object], key: str) -> str | None:
    value = table.get(key)
    if value is None or isinstance(value, str):
        return value
    raise usage(f"{file}: {key} takes a text, not {value!r}")


def _flag(file: Path, table: Mapping[str, object], key: str) -> bool:
    value = table.get(key, False)
    if isinstance(value, bool):
        return value
    raise usage(f"{file}: {key} takes true or false, not {value!r}")


def _section(file: Path, table: Mapping[str, object], key: str) -> dict[str, object]:
    value = table.get(key, {})
    if isinstance(value, dict):
        return value
    raise usage(f"{file}: {key} takes a table, not {value!r}")


def check_codes(names: Collection[str], known: Collection[str], where: str) -> None:
    """Raise ``UsageError`` for a name that is no code."""
    for name in names:
        if name not in known:
            near = suggest(name, known, "")
            hint = near if near.startswith("did") else "`arazzo explain` lists the codes"
            raise usage(f"{where}: there is no code {name!r}", hint)


def _table(file: Path) -> dict[str, object]:
    # Imported here: many projects have no such file, and checking one document should start at once.
    import tomllib

    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise usage(f"{file}: {error}") from None
    except tomllib.TOMLDecodeError as error:
        if file.name == "pyproject.toml":
            return {}  # Its other readers say what is wrong with it.
        raise usage(f"{file}: no TOML: {error}") from None
