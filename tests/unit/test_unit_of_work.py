"""What must follow from a transaction is done before it is committed, or the commit is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.core import unit_of_work
from server.core.clock import now_ms
from server.core.db import db, reading, writing
from server.core.unit_of_work import ENDING, Ending, NotLocked, Owing, part_of
from server.models import AuditLine, Campaign, CampaignFile, Device, Mark, Membership, Meta, Officer, Unit
from server.models.installation import CATALOG_ROW, lock_catalog
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.continuity import marks, revocations
from support.world.world import World
from support.world.world import world as make_world


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    with make_world(database_url, tmp_path / "data") as made, made.app.app_context():
        yield made


def lines_of(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(AuditLine)) or 0


def act() -> None:
    with writing() as session:
        session.add(Meta(key="done", value="x"))
        log.append(session, Act.UNITS_IMPORTED)


def without(monkeypatch: pytest.MonkeyPatch, place: Ending) -> None:
    """Take a step out of the list."""
    monkeypatch.setattr(unit_of_work, "ENDING", tuple(each for each in ENDING if each is not place))


def test_a_revocation_is_not_committed_without_its_line(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.token("xa1")
    without(monkeypatch, Ending.REVOCATIONS)
    with pytest.raises(Owing, match="REVOCATIONS"), writing() as session:
        session.scalars(select(Device)).one().revoked_at = now_ms()
    with reading() as session:
        assert session.scalars(select(Device.revoked_at)).one() is None


def test_nor_by_a_commit_of_another_kind(world: World) -> None:
    """What is flushed by the commit itself counts, too."""
    world.token("xa1")
    with Session(db.engine) as session:
        session.connection(execution_options={"writer": True})
        session.scalars(select(Device)).one().revoked_at = now_ms()
        with pytest.raises(Owing, match="REVOCATIONS"):
            session.commit()
        session.rollback()
    with reading() as session:
        assert session.scalars(select(Device.revoked_at)).one() is None


@pytest.mark.usefixtures("world")
def test_an_act_is_not_committed_without_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    with reading() as session:
        before = lines_of(session)
    with monkeypatch.context() as patched:
        without(patched, Ending.AUDIT)
        with pytest.raises(Owing, match="AUDIT"):
            act()
    with reading() as session:
        assert (session.get(Meta, "done"), lines_of(session)) == (None, before)
    act()
    with reading() as session:
        assert lines_of(session) == before + 2, "the act, and the chain's beginning"


@pytest.mark.parametrize("table", [Campaign, Unit, Membership, Officer])
@pytest.mark.usefixtures("world")
def test_the_catalogue_does_not_change_without_its_lock(table: type) -> None:
    columns: dict[type, str] = {Campaign: "name", Unit: "name", Membership: "role", Officer: "phone"}

    def change(session: Session) -> None:
        row = session.scalars(select(table)).first()
        setattr(row, columns[table], "khác")
        session.flush()

    with pytest.raises(NotLocked, match=CATALOG_ROW), writing() as session:
        change(session)
    with writing() as session:
        lock_catalog(session)
        change(session)


def test_nor_does_a_row_come_or_go_without_it(world: World) -> None:
    row = {"id": "f" * 16, "campaign_id": world.campaign, "use": "banner", "title": "x", "type": "image/png"}
    file = CampaignFile(**row, size_bytes=1, sha256="0" * 64, added_at=1)
    with pytest.raises(NotLocked), writing() as session:
        session.add(file)
    with writing() as session:
        lock_catalog(session)
        session.add(CampaignFile(**row, size_bytes=1, sha256="0" * 64, added_at=1))
    with pytest.raises(NotLocked), writing() as session:
        session.delete(session.get_one(CampaignFile, "f" * 16))


def test_a_password_is_no_part_of_the_catalogue(world: World) -> None:
    with writing() as session:
        session.get_one(Officer, world.officers["xa1"]).password_hash = None


@pytest.mark.usefixtures("world")
def test_each_lock_gives_the_catalogue_another_version() -> None:
    seen = set()
    for _ in range(3):
        with writing() as session:
            lock_catalog(session)
        with reading() as session:
            seen.add(session.get_one(Meta, CATALOG_ROW).value)
    assert len(seen) == 3


@pytest.mark.usefixtures("world")
def test_what_a_savepoint_took_back_is_not_owed() -> None:
    """The line of what was not done; and the lock, which a database gives up with the savepoint."""
    with reading() as session:
        before = lines_of(session)

    def fail(session: Session) -> None:
        with session.begin_nested():
            lock_catalog(session)
            with session.begin_nested():
                log.append(session, Act.UNITS_IMPORTED)
                revocations.note(session, {"at": 1, "what": "device", "id": "d" * 16, "ended": True})
            raise LookupError

    with writing() as session:
        with pytest.raises(LookupError):
            fail(session)
        assert not unit_of_work.is_locked(session, CATALOG_ROW)
        session.add(Meta(key="done", value="x"))
    with reading() as session:
        assert session.get(Meta, "done") is not None
        assert lines_of(session) == before
        assert not revocations.noted(session, "device")


@pytest.mark.usefixtures("world")
def test_what_was_not_come_to_is_undone_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """B-10: a mark that was rolled back with its transaction does not count as made for the next minute."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    place = part_of(db.engine, marks._Place)  # noqa: SLF001  # what must be taken back
    assert place is not None
    place.marked = float("-inf")
    with monkeypatch.context() as patched:
        patched.setattr(log, "_chain", full)
        with pytest.raises(log.NotLogged):
            act()
    with writing() as session:
        before = session.scalar(select(func.count()).select_from(Mark)) or 0
        session.add(Meta(key="next", value="x"))
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(Mark)) == before + 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("world")
def test_what_a_device_sends_needs_no_temporary_file() -> None:
    """And what may sort a whole table keeps one, on the same connection."""
    kept = []
    for opened in (reading(), writing("a device"), reading(), writing(), writing("a device"), writing()):
        with opened as session:
            kept.append(session.connection().exec_driver_sql("PRAGMA temp_store").scalar())
    assert kept == [0, 2, 0, 0, 2, 0]
