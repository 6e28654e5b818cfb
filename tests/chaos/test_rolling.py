"""A release is exchanged for the next one host after the other, while phones and reviewers go on: nobody notices.

The next release is this one with a version and a migration more. Its first host brings the tables up; the hosts of the
release before serve on beside them, and one of them is started anew beside them.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

from chaos import nginx
from chaos.country import Country, check_ledger, country, lived, nginx_said
from chaos.curve import Band
from chaos.sizes import size
from server import migrate
from support.installation.earlier import LOA, ROOT
from support.installation.served import Served

pytestmark = [
    pytest.mark.slow,
    pytest.mark.costly,
    pytest.mark.skipif(nginx.program() is None, reason="no nginx on this machine"),
]
PHONES, SECONDS, EACH = size(60, 400), size(120, 300), size(2, 6)
ASKED_AGAIN_S = 31
"""nginx asks a host again so long after it was gone (deploy/loa.conf): before it is, the next one must not go."""
ANEW = 404
"""A photo whose first bytes lie with the host that left begins anew at another one (docs/operate.md, Several hosts)."""
MIGRATION = '''"""Units may have an area."""

import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "{number}", "{before}", None, None


def upgrade() -> None:
    op.add_column("unit", sa.Column("area_km2", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("unit", "area_km2")
'''
NEXT = "99.0.0"


def next_release(folder: Path) -> dict[str, str]:
    """Lay it out as a wheel is; returns the environment in which Python finds it."""
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("server", "sync"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    data = folder / "server" / "_data"
    shutil.copytree(ROOT / "migrations", data / "migrations", ignore=ignored)
    for name, source in (("pwa", "pwa/dist"), ("docs", "docs"), ("deploy", "deploy")):
        (data / name).symlink_to(ROOT / source)
    (before,) = migrate.expected()
    number = f"{int(before) + 1:04}"
    (data / "migrations/versions" / f"{number}_area.py").write_text(MIGRATION.format(number=number, before=before))
    (data / "build.json").write_text(json.dumps({"version": NEXT}))
    return {"PYTHONPATH": str(folder)}


def test_hosts_are_exchanged_one_after_the_other_and_nobody_notices(
    short_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    environment = next_release(tmp_path / "next")
    with country(short_folder, tmp_path, PHONES, pooled=False, apart=False) as at:  # health tells this machine more
        rolling = Rolling(at, environment)
        report = lived(at, "rolling", rolling.run, seconds=SECONDS, each=EACH, cut=0.0)
        with capsys.disabled():
            print(f"\n{report}\n{nginx_said(at.fleet)}")
        report.draw()
        check_ledger(at, report)
        assert report.repeated.keys() <= {ANEW}
        assert {hit.status for hit in report.watch.pages} == {200}
        assert report.tally.left == 0
        assert "Traceback" not in at.fleet.said()


class Rolling:
    """The exchange, as docs/install.md has it."""

    def __init__(self, at: Country, environment: dict[str, str]) -> None:
        self._at, self._environment = at, environment

    def run(self, began: float) -> list[Band]:
        """Host after host, then the worker."""
        first, second, third = self._at.fleet.hosts
        bands = []

        def done(label: str, since: float) -> None:
            bands.append(Band(label, since - began, time.monotonic() - began))

        time.sleep(5)
        since = time.monotonic()
        first.leave()
        self._command(first, "db", "upgrade")
        self._next(first)
        done("tables, host 1", since)
        time.sleep(ASKED_AGAIN_S)
        since = time.monotonic()
        second.leave()
        second.start()  # the old release once more: a machine may be started anew in the middle
        assert _version(second) != NEXT
        time.sleep(ASKED_AGAIN_S)
        second.leave()
        self._next(second)
        done("host 2, twice", since)
        time.sleep(ASKED_AGAIN_S)
        since = time.monotonic()
        third.leave()
        self._next(third)
        worker = self._at.fleet.worker
        worker.kill()
        worker.settings = dict(worker.settings) | self._environment
        worker.command = (*LOA, "worker")
        worker.start()
        done("host 3, worker", since)
        return bands

    def _next(self, host: Served) -> None:
        host.settings = dict(host.settings) | self._environment
        host.command = (*LOA, "serve")
        host.start()
        with urllib.request.urlopen(f"{host.url}/api/v1/health") as answer:
            assert answer.status == 200

    def _command(self, host: Served, *words: str) -> None:
        settings = dict(host.settings) | self._environment | {"LOA_DATA_DIR": str(host.data_dir)}
        env = {name: value for name, value in os.environ.items() if not name.startswith("LOA_")} | settings
        with host.machine.entered():
            done = subprocess.run([*LOA, *words], env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def _version(host: Served) -> str:
    with urllib.request.urlopen(f"{host.url}/api/v1/health") as answer:
        return str(json.load(answer)["version"])
