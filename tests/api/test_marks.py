"""A mark that moves tells that the database was put back, where no phone could (SPEC B-10, B-16)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from server.application import create_app
from server.core import atomic_files
from server.core.db import db, reading, writing
from server.models import Mark, WriteRow
from server.models.continuity import BY_START
from server.services.continuity import marks, revocations
from server.services.exchange import round_trip
from server.services.recovery import restores
from server.serving.installation import installed
from server.settings import Settings
from support.installation.moment import Moment
from support.installation.restored import Hub
from support.world.changes import come, leave

DAY_MS = 24 * 3600 * 1000


def file_of(hub: Hub) -> Path:
    return installed(hub.world.app).settings.data_dir / marks.NAME


def put_back(hub: Hub, moment: Moment, *, disk: bool = False) -> None:
    """Under a server that runs on; nobody says so. `disk`: the file with the mark is lost with the rest of it."""
    with hub.world.app.app_context(), writing() as session:
        moment.put_back(session)
        if disk:
            file_of(hub).unlink()


def stored(hub: Hub) -> set[str]:
    with hub.world.app.app_context(), reading() as session:
        return set(session.scalars(select(WriteRow.id)))


def start(hub: Hub) -> None:
    """What `loa serve` does before it serves."""
    with hub.world.app.app_context():
        said = marks.last(db.engine)
        with writing() as session:
            revocations.reapply(session)
            restores.notice_at_start(session, said, installed(hub.world.app).blobs)


WITH_ITS_DISK = pytest.mark.parametrize("disk", [False, True], ids=["file", "disk"])
"""Whether the file with this host's mark is from the backup, too: then only the phone's mark tells (B-31)."""


@WITH_ITS_DISK
def test_who_moved_away_brings_back_what_was_stored_at_the_old_place(hub: Hub, disk: bool) -> None:
    """G1, B-10, B-31: their cursor went with the unit, so none tells that what they wrote there was lost."""
    one = hub.phone("xa1")
    one.sync()
    moment = hub.moment()
    record = one.create(quantity=1)
    one.sync()
    come(hub.world, "xa1", "12289")
    leave(hub.world, "xa1")
    one.sync()
    put_back(hub, moment, disk=disk)
    with hub.world.app.app_context(), writing() as session:
        revocations.reapply(session)  # the role at the old place stays ended (B-6)
    assert record not in stored(hub)
    one.sync()
    assert hub.told() == [one.restored]
    assert (record in stored(hub), one.outbox) == (True, [])


@WITH_ITS_DISK
def test_a_pull_between_pages_is_begun_anew(hub: Hub, monkeypatch: pytest.MonkeyPatch, disk: bool) -> None:
    """G4, B-10, B-31: what moved behind the pages stands before the cursor again, which the older copy knows."""
    monkeypatch.setattr(round_trip, "BLOCK_RECORDS", 1)
    gone, two = hub.phone("xa1"), hub.phone("xa2")
    first, second = gone.create(quantity=1), gone.create(quantity=2)
    gone.sync()
    moment = hub.moment()
    gone.edit(first, quantity=3)
    gone.sync()  # and is never heard of again
    two.sync(("blocks", 1), ("unreached", 1))
    assert two.records.keys() == {second}
    put_back(hub, moment, disk=disk)
    two.sync()
    assert {id_: two.values(id_, "quantity") for id_ in (first, second)} == {first: [1], second: [2]}


def test_the_server_notices_when_it_starts(hub: Hub) -> None:
    """B-1: before any phone is heard; and once."""
    one = hub.phone("xa1")
    moment = hub.moment()
    one.create(quantity=1)
    one.sync()
    put_back(hub, moment)
    for _ in range(2):
        start(hub)
    with hub.world.app.app_context(), reading() as session:
        (row,) = restores.all_of_them(session)
        assert row.noticed_by == BY_START
    one.sync(), one.sync()
    assert hub.told() == [one.restored]


@pytest.mark.slow
def test_it_is_noticed_each_time(hub: Hub) -> None:
    """B-10: the mark that was made when it was noticed is lost with the next one, whichever copy is put back."""
    one = hub.phone("xa1")
    one.sync()
    moments = [hub.moment()]
    for nth in range(1, 4):
        one.create(quantity=nth)
        one.sync()
        put_back(hub, moments[nth % 2 and -1])
        one.sync()
        assert len(hub.told()) >= nth
        assert max(hub.told()) == one.restored
        moments.append(hub.moment())
    assert len(one.records) == 3


def test_what_is_stored_meanwhile_does_not_wipe_it_out(hub: Hub) -> None:
    """B-16: a desk writes into the older copy before any phone is heard: the file waits for who looks."""
    one = hub.phone("xa1")
    moment = hub.moment()
    record = one.create(quantity=1)
    one.sync()
    put_back(hub, moment)
    for _ in range(2):
        come(hub.world, "xa2", "12289")
        leave(hub.world, "xa2", "12289")
    assert hub.told() == []
    one.tamper("cursors")  # so that nothing but the file can tell
    one.tamper("meta", "mark")
    one.sync(), one.sync()
    assert hub.told() == [one.restored]
    assert record in stored(hub)


def host(hub: Hub, number: int) -> Flask:
    """Another host with a data folder of its own on the same database."""
    folder = hub.folder.parent / f"host{number}"
    folder.mkdir()
    settings = {
        "LOA_DATABASE_URL": hub.here.url,
        "LOA_DATA_DIR": str(folder),
        "LOA_SECRET_KEY": (hub.here.data_dir / "secret_key").read_text("utf-8"),
        "LOA_REVOCATIONS_FILE": str(hub.here.data_dir / "revocations.ndjson"),
    }
    app = create_app(Settings.from_environment(settings))
    app.testing = True
    return app


@pytest.mark.parametrize("announced", [True, False])
def test_several_hosts_notice_it_once(hub: Hub, announced: bool) -> None:
    """B-1, B-16: each has a file whose mark is not there any more; the first restore explains them all."""
    mine, other = hub.world.app, host(hub, 1)
    one = hub.phone("xa1")
    one.sync()
    moment = hub.moment()
    for hub.world.app in (mine, other):
        one.create(quantity=1)
        one.sync()
    with mine.app_context(), writing() as session:
        moment.put_back(session)
        if announced:
            restores.tell(session, 1, None)
    for hub.world.app in (other, mine, other, mine):
        one.sync()
    assert len(hub.told()) == 1
    with other.app_context():
        db.session.remove()
        db.engine.dispose()


def test_files_that_prove_nothing(hub: Hub) -> None:
    """B-16: none, half of one, one that is behind, one of a host that slept for weeks; and a database without marks."""
    one = hub.phone("xa1")
    file = file_of(hub)
    one.create(quantity=1)
    one.sync()
    behind = file.read_text("utf-8")
    one.create(quantity=2)
    one.sync()
    said = json.loads(file.read_text("utf-8"))
    asleep = json.dumps(said | {"value": "x" * 16, "at": said["at"] - 31 * DAY_MS})
    for text in (behind, asleep, "{", "[]", None):
        file.unlink(missing_ok=True)
        if text is not None:
            file.write_text(text, "utf-8")
        one.sync()
    with hub.world.app.app_context(), writing() as session:
        session.execute(delete(Mark))
    one.tamper("meta", "mark")
    file.write_text(json.dumps(said | {"value": "x" * 16}), "utf-8")
    one.sync()
    assert hub.told() == []


def test_a_mark_a_minute_and_none_for_longer_than_a_month(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """B-10."""
    monkeypatch.setattr(marks, "EVERY_S", 60)
    one = hub.phone("xa1")

    def marks_after(*numbers: int) -> list[str]:
        for number in numbers:
            one.create(quantity=number)
            one.sync()
        with hub.world.app.app_context(), reading() as session:
            return list(session.scalars(select(Mark.value).order_by(Mark.value)))

    before = marks_after(1)
    assert marks_after(2, 3) == before
    with hub.world.app.app_context(), writing() as session:
        session.execute(update(Mark).values(at=Mark.at - 31 * DAY_MS))
    one.tamper("meta", "mark")  # it names the day
    monkeypatch.setattr(marks, "EVERY_S", 0)
    (left,) = marks_after(4)[:1]
    assert left == json.loads(file_of(hub).read_text("utf-8"))["value"]
    assert left not in before
    assert hub.told() == []


def test_a_file_that_cannot_be_written_stops_nothing(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """G1, B-10: what was stored is stored; the file is behind and proves nothing."""
    one = hub.phone("xa1")
    one.sync()

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic_files, "write", full)
    record = one.create(quantity=1)
    one.sync()
    assert record in stored(hub)
    monkeypatch.undo()
    one.sync()
    assert hub.told() == []


def test_a_transaction_that_failed_leaves_no_mark(hub: Hub) -> None:
    """B-10: the file speaks of what is committed."""

    def fail() -> None:
        with writing() as session:
            marks._make(session, ["soon"])  # what comes before a commit
            raise LookupError

    with hub.world.app.app_context():
        with writing():
            pass
        before = file_of(hub).read_text("utf-8")
        with pytest.raises(LookupError):
            fail()
        assert file_of(hub).read_text("utf-8") == before
        with writing():
            pass
    assert file_of(hub).read_text("utf-8") != before
    hub.phone("xa1").sync()
    assert hub.told() == []
