"""What every test stands on: nothing of an earlier run, and nothing left in the home of whoever runs them."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="session")
def kept_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The files the program keeps for itself go to a folder of this session."""
    before = os.environ.get("ARAZZO_CACHE_DIR")
    os.environ["ARAZZO_CACHE_DIR"] = str(tmp_path_factory.mktemp("kept"))
    yield
    if before is None:
        del os.environ["ARAZZO_CACHE_DIR"]
    else:
        os.environ["ARAZZO_CACHE_DIR"] = before
