"""A backup of PostgreSQL that an earlier Loa dumped by hand is restored into today's tables (SPEC B-5)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from server.application import create_app
from server.backups import layout
from server.core.db import db, reading, writing
from server.models import Officer, Record
from server.services.access import devices
from server.settings import Settings
from support.clients.client import Client
from support.installation.machine import Machine

RECORDED = Path(__file__).parent / "recorded" / "format_1"
NOTE = 'một\thai\nba\\bốn\r "năm" \\N \\. sáu'
MADE_BY_RESTORE = {"restoration", "counter", "tally", "census"}  # numbers go on behind a gap (B-8); counted anew

pytestmark = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)


def test_all_of_it_comes_back_and_is_served(there: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """No program is needed for it; its tables are brought to this version."""
    monkeypatch.setenv("LOA_PG_BIN", "/nowhere")
    assert layout.read(RECORDED).format == layout.PLAIN
    assert "3 records; 1 photos and files of campaigns, each checked." in there.done(
        "restore", "--without-keys", RECORDED
    )
    counts = json.loads((RECORDED / "manifest.json").read_text("utf-8"))["tables"]
    rows = {name: len(found) for name, found in there.rows().items()}
    assert {name: rows[name] for name in counts.keys() - MADE_BY_RESTORE} == {
        name: counts[name] for name in counts.keys() - MADE_BY_RESTORE
    }
    app = create_app(Settings.from_environment(there.environment))
    with app.app_context():
        with writing() as session:
            officer = session.scalars(select(Officer).where(Officer.username == "xa1")).one()
            token = devices.add_device(session, officer.id, "máy thử").token
        changes = Client(app.test_client(), token).sync()["changes"]
        said = [write["set"] for change in changes for write in change.get("writes", ())]
        assert [fields["note"] for fields in said if "note" in fields] == [NOTE]
        assert sorted(fields["quantity"] for fields in said if "quantity" in fields) == [1, 3, 6, 7]
        with reading() as session:
            found = session.scalars(select(Record).order_by(Record.number)).all()
            assert [row.bucket for row in found] == ["counted", "waiting", "returned"]
        db.session.remove()
        db.engine.dispose()


@pytest.mark.costly
def test_an_interrupted_restore_of_it_starts_over(there: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tables that the first left are of a later version than the backup's."""
    with monkeypatch.context() as patched:
        patched.setattr("server.backups.restore.purges.reapply", lambda *_: 1 / 0)
        assert there.loa("restore", "--without-keys", RECORDED).exit_code == 1
    assert len(there.rows()["record"]) == 3
    assert "3 records; 1 photos" in there.done("restore", "--without-keys", RECORDED)
    assert len(there.rows()["record"]) == 3
