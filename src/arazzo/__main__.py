"""``python -m arazzo`` is the command ``arazzo``."""

import sys

from arazzo.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
