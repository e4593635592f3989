"""How a command imports the packages it stands on: without what they prepare for uses that may never come.

Done in a process of our own only: a program that imports ``arazzo`` is left as it is.
"""

from __future__ import annotations

import marshal
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from importlib.machinery import BuiltinImporter, FrozenImporter, ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import MAGIC_NUMBER, LazyLoader, find_spec
from types import CodeType, ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from _typeshed.importlib import MetaPathFinderProtocol

is_quick = False
"""Whether nothing else lives in this process (``starting.own_process``)."""
LATER: Final = frozenset(
    (
        "fnmatch",
        "ipaddress",
        "msgspec.inspect",
        "msgspec.msgpack",
        "msgspec.toml",
        "msgspec.yaml",
        "textwrap",
    )
)
"""Modules that others import and hardly ever use; what they hold is made when it is first asked for."""
PATIENT: Final = frozenset(
    (
        "json.encoder",
        "json.scanner",
        "platform",
        "urllib.parse",
        "yaml.constructor",
        "yaml.reader",
        "yaml.resolver",
    )
)
"""Modules that only call methods of their patterns, and so do not mind when these are compiled."""
STOOD_IN_FOR: Final = ("composer", "constructor", "emitter", "parser", "representer", "scanner", "serializer")
"""Modules of yaml in which its binding of libyaml looks for nothing but an error."""
_COMPILED: Final = f".{sys.implementation.cache_tag}.pyc"
_LONGEST: Final = 1 << 16
"""Bytes; what is longer is left to Python."""
_BINARY: Final = getattr(os, "O_BINARY", 0)  # There on Windows only.


class _Compiled(SourceFileLoader):
    """Takes what Python compiled of a module while that is as old and as long as it was; else Python does the rest."""

    def __init__(self, name: str, place: str, compiled: str, found: os.stat_result) -> None:
        super().__init__(name, place)
        self._compiled = compiled
        self._head = b"".join(
            (MAGIC_NUMBER, bytes(4), *(_four_bytes(number) for number in (found.st_mtime, found.st_size)))
        )

    def get_code(self, fullname: str) -> CodeType | None:
        with suppress(OSError):
            content = _read(self._compiled)
            if content.startswith(self._head) and len(content) < _LONGEST:
                code = marshal.loads(memoryview(content)[len(self._head) :])  # noqa: S302 - as Python itself does
                # What was compiled under another name, in a folder that was moved since, would be told of by it.
                if isinstance(code, CodeType) and code.co_filename == self.path:
                    return code
        return super().get_code(fullname)


def _read(place: str) -> bytes:
    """What is in a file, but not more than ``_LONGEST``; in three calls of the system, of which ``open`` makes nine."""
    file = os.open(place, os.O_RDONLY | _BINARY)
    try:
        return os.read(file, _LONGEST)
    finally:
        os.close(file)


def _four_bytes(number: float) -> bytes:
    return (int(number) & 0xFFFF_FFFF).to_bytes(4, "little")


class OwnModules:
    """Finds the modules of this package, for ``sys.meta_path``: where they must be, before they are looked for."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, _target: object = None) -> ModuleSpec | None:
        if not path or not name.startswith("arazzo."):
            return None
        last = name.rpartition(".")[2]
        place, compiled = f"{path[0]}/{last}.py", f"{path[0]}/__pycache__/{last}{_COMPILED}"
        try:
            loader = _Compiled(name, place, compiled, os.stat(place))  # noqa: PTH116 - start-up counts
        except OSError:
            return None  # It is a package, or not there at all.
        spec = ModuleSpec(name, loader, origin=place)
        spec.has_location, spec.cached = True, compiled
        return spec


class _Later:
    """Finds the modules of ``LATER``, for ``sys.meta_path``."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, _target: object = None) -> ModuleSpec | None:
        found = PathFinder.find_spec(name, path) if name in LATER else None
        if found is not None and found.loader is not None:
            found.loader = LazyLoader(found.loader)
        return found


def _ask_first(finder: MetaPathFinderProtocol) -> None:
    """Let ``finder`` be asked before Python's own finders are, and after whoever else watches imports."""
    own = [
        at for at, known in enumerate(sys.meta_path) if known in (BuiltinImporter, FrozenImporter, PathFinder)
    ]
    if finder not in sys.meta_path and own:
        sys.meta_path.insert(own[0], finder)


def import_quickly(*packages: str) -> None:
    """Import other people's packages, and our own from now on, without what they prepare for uses that may never come.

    Regular expressions of ``PATIENT`` modules are compiled when they are first used. msgspec does not see
    ``typing_extensions``, which takes longer than msgspec itself and would be asked for two names that ``typing`` has
    since Python 3.11; nor does it compile a text to see whether ``ForwardRef`` knows an argument, for which Python
    would prepare every type of its syntax trees. Of ``datetime`` there is what Python 3.12 takes itself: what is in C.
    argparse does not look for translations, and modules that are hardly ever used (``LATER``) are there in name only.
    """
    if not is_quick:
        return
    import re
    import typing

    from arazzo.patterns import pattern

    if not sys.pycache_prefix and not sys.flags.optimize:
        _ask_first(OwnModules)
    if "datetime" not in sys.modules:
        with suppress(ImportError):  # Not every Python has it in C.
            sys.modules["datetime"] = import_module("_datetime")
    compile_, refer = re.compile, typing.ForwardRef
    hides = "msgspec" in packages and "typing_extensions" not in sys.modules

    def asks(*modules: str) -> bool:
        return sys._getframe(2).f_globals.get("__name__") in modules  # noqa: SLF001 - no other way to know

    def compile_later(text: str, flags: int = 0) -> re.Pattern[str]:
        return pattern(text, flags) if asks(*PATIENT) else compile_(text, flags)

    def refer_to(text: str, **options: bool) -> object:
        return text if asks("msgspec._utils") else refer(text, **options)

    if hides:
        sys.modules["typing_extensions"] = None  # type: ignore[assignment]  # what makes an import of it fail
    re.compile, typing.ForwardRef = compile_later, refer_to  # type: ignore[assignment,misc]
    _ask_first(_Later)
    try:
        for package in packages:
            import_module(package)
    finally:
        re.compile, typing.ForwardRef = compile_, refer  # type: ignore[misc]
        with suppress(ValueError):
            sys.meta_path.remove(_Later)
        if hides:
            del sys.modules["typing_extensions"]
    if "argparse" in packages:
        sys.modules["argparse"]._ = str  # type: ignore[attr-defined]


def import_yaml_parser() -> None:
    """Import PyYAML's binding of libyaml, and of PyYAML only what that gives: events, marks and errors.

    The rest reads and writes YAML in Python, or makes Python's objects of it, and takes far longer to import. While the
    binding is imported, an error with a mark is all there is of that. Whoever imports ``yaml`` later gets all of it;
    the binding's own errors stay those with a mark.
    """
    found = find_spec("yaml") if is_quick and "yaml" not in sys.modules else None
    if found is None:
        return
    package = ModuleType("yaml")
    package.__path__ = found.submodule_search_locations or []
    sys.modules["yaml"] = package
    try:
        import_quickly("yaml.error", "yaml.tokens", "yaml.events", "yaml.nodes", "yaml.reader")
        for part in STOOD_IN_FOR:
            errors = {f"{part.title()}Error": sys.modules["yaml.error"].MarkedYAMLError}
            setattr(package, part, SimpleNamespace(**errors))
        import_quickly("yaml._yaml")
    finally:
        del sys.modules["yaml"]
