"""``python -m arazzo`` is the command ``arazzo``."""

from arazzo.cli.main import command

if __name__ == "__main__":
    command()
