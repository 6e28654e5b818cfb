"""The shell's commands on a database of the test's own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from server.commands import main
from support.installation.shell import HEAD, Loa


@pytest.fixture
def loa(database_url: str, tmp_path: Path) -> Loa:
    """`loa("user", "list")` against a database of the test's own; what is printed is without the database's name."""
    runner = CliRunner(env={"LOA_DATABASE_URL": database_url, "LOA_DATA_DIR": str(tmp_path)})

    def run(*words: str) -> Result:
        result = runner.invoke(main, words)
        result.output_bytes = re.sub(rb"^Database: .*\n", b"", result.output_bytes, flags=re.MULTILINE)
        return result

    return run


@pytest.fixture
def installed(loa: Loa, tmp_path: Path) -> Loa:
    """The same, behind `loa init` with a tree of three."""
    path = tmp_path / "units.csv"
    path.write_text(
        HEAD + "1,Tỉnh Thử,province,,Thử\n2,Huyện Thử,district,1,Thử\n3,Xã Thử,commune,2,Thử\n",
        "utf-8-sig",
    )
    assert loa("init", "--units", str(path)).exit_code == 0
    return loa
