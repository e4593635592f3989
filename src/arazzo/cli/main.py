"""``arazzo``: finds the command and hands over to its module, importing nothing that it does not need."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import NoReturn

COMMANDS = {
    "run": "run a workflow",
    "show": "what a workflow does, needs and gives",
    "validate": "find mistakes before anything is sent",
    "explain": "what a diagnostic code means",
}

_NEEDED = {"run": ("argparse", "json"), "show": ("argparse", "json"), "explain": ("argparse",)}
"""Packages that a command needs whatever its options are."""

HELP = """\
usage: arazzo COMMAND ...

Runs Arazzo workflow documents.

  arazzo run FILE [WORKFLOW]     run a workflow
  arazzo show FILE [WORKFLOW]    what it does, needs and gives
  arazzo validate PATH...        find mistakes before anything is sent
  arazzo explain [CODE]          what a diagnostic code means, with examples

  arazzo COMMAND --help          a command's options
  arazzo --version               which version this is
  arazzo --help                  this text

Try it, with nothing leaving your machine:  arazzo run FILE --simulate -i NAME=VALUE
Exit codes: 0 succeeded, 1 failed, 2 wrong document, inputs or usage, 130 interrupted.
"""


def command() -> NoReturn:
    """What the process ``arazzo`` does: ``main`` in a process that nothing else lives in."""
    from arazzo.cli.starting import leave, own_process

    with own_process():
        code = main()
    leave(code)


def main(argv: list[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    arguments = sys.argv[1:] if argv is None else argv
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # It was closed before we were started.
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 - start-up counts
    try:
        code = _answer(arguments)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        return 130
    except BrokenPipeError:
        # Whoever read our output has left; the interpreter must not complain about it either.
        sys.stderr.close()
        return 1
    except OSError as error:
        # Files that are named are dealt with where they are; what is left is standard output on a full disk.
        with contextlib.suppress(OSError):
            sys.stdout.close()
        with contextlib.suppress(OSError):
            sys.stderr.write(f"arazzo: the output could not be written: {error.strerror or error}\n")
        return 1


def _answer(arguments: list[str]) -> int:
    first = arguments[0] if arguments else "--help"
    if first in ("--version", "-V"):
        from arazzo.version import __version__

        sys.stdout.write(f"arazzo {__version__}\n")
    elif first in ("--help", "-h", "help"):
        (sys.stdout if arguments else sys.stderr).write(HELP)
    else:
        return _command(first, arguments[1:])
    return 0 if arguments else 2


def _command(name: str, arguments: list[str]) -> int:
    from arazzo.cli.importing import import_quickly, import_yaml_parser

    # Nothing is imported above that a command could do without: a check that is known already needs no YAML, and one
    # without options no argparse.
    import_quickly("msgspec", "pathlib", *_NEEDED.get(name, ()))
    match name:
        case "run":
            import_yaml_parser()
            from arazzo.cli.run import run_command

            return run_command(arguments)
        case "show":
            import_yaml_parser()
            from arazzo.cli.show import show_command

            return show_command(arguments)
        case "validate":
            from arazzo.cli.validate import validate_command

            return validate_command(arguments)
        case "explain":
            from arazzo.cli.explain import explain_command

            return explain_command(arguments)
        case _:
            from arazzo.diagnostics import suggest

            sys.stderr.write(
                f"arazzo: there is no command {name!r}; {suggest(name, COMMANDS, 'the commands are')}\n"
            )
            return 2
