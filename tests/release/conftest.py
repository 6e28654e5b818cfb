"""The archive of a release, made once a session."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from support.installation.release_archive import made_archive, next_release

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The archive for the Python that runs the tests, and the key that signed it."""
    return made_archive(tmp_path_factory.mktemp("release"), PYTHON)


@pytest.fixture(scope="session")
def later(archive: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive of the next release."""
    return next_release(*archive, tmp_path_factory.mktemp("later"))
