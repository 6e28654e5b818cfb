"""A backup has locked figures and the documents made from them; what was purged since is purged in them, too."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from server.core.db import reading
from server.models import Record
from server.services.reports.documents import report_files
from server.services.reports.documents.report_files import WordAsked
from server.serving.installation import installed
from support.clients.client import Client
from support.installation.backups import ONE, TWO
from support.installation.machine import Machine
from support.world import locking
from support.world.purging import purge
from support.world.world import World


def drafted(world: World, freeze: str) -> bytes:
    with world.app.app_context():
        asked = WordAsked(freeze=freeze, count="counted")
        return report_files.word_file(world.officers["huyen"], asked, installed(world.app).blobs).data


@pytest.mark.costly
def test_locked_figures_and_their_documents(
    here: Machine, there: Machine, world: World, calling: Client, tmp_path: Path
) -> None:
    """L-31."""
    assert calling.token
    freeze = locking.lock(world)
    made = drafted(world, freeze)
    with world.app.app_context(), reading() as session:
        records = list(session.scalars(select(Record.id).order_by(Record.id)))
    assert len(records) == len((ONE, TWO))
    here.done("backup", tmp_path / "b")
    purge(world, records[0])
    there.done("restore", "--without-keys", tmp_path / "b", "--revocations", here.data_dir / "revocations.ndjson")
    with there.holding(world) as restored:
        found = locking.check(restored, freeze)
        assert (found.is_right, list(found.erased)) == (True, [records[0]])
        assert drafted(restored, freeze) == made, "a list might have named it, but did not: it waited"
        assert locking.state(restored) == "locked"
