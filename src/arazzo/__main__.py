"""``python -m arazzo`` is the command ``arazzo``."""

import sys

from arazzo.cli.main import command

if __name__ == "__main__":
    sys.exit(command())
