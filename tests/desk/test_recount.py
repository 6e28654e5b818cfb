"""Figures made anew equal those that were moved write by write (SPEC D-5, F-5, F-6)."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import delete, insert, select, update

from server.cli.application import settings_of
from server.commands import main
from server.core.db import reading, writing
from server.migrate import upgrade
from server.models import Census, Record, RecordListing, Stream, StreamWord, Tally, TallyKey
from server.services.records import recount
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.installation.bridge import back_to
from support.installation.shell import said
from support.world.papers import decide
from support.world.world import World

TABLES = (Tally, TallyKey, Census)
LISTS = (RecordListing,)


def kept(world: World) -> list[list[tuple[Any, ...]]]:
    """What is kept beside the records, without rows that count nothing."""
    with world.app.app_context(), reading() as session:
        rows = [session.execute(select(*table.__table__.columns)).all() for table in TABLES]
        beside = session.execute(
            select(Record.id, Record.bucket, Record.amounts, Record.keys).order_by(Record.id)
        ).all()
        lists = [
            session.execute(select(*table.__table__.columns).order_by(*table.__table__.primary_key)) for table in LISTS
        ]
        listed = [[tuple(row) for row in found] for found in lists]
    counted = [sorted(tuple(row) for row in found if row.records) for found in rows]
    return [*counted, [tuple(row) for row in beside], *listed]


@pytest.mark.slow
def test_it_equals_what_was_moved_write_by_write(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer, other, reviewer = phone("xa1"), phone("xa2"), desk("huyen")
    nil: dict[str, Any] = {"nil/contests": True}
    officer.create("plan", **nil)
    made = [officer.create("broadcast", script=name, programme="own", minutes=5) for name in ("A", "a", "B")]
    made += [officer.create(quantity=number) for number in range(3)]
    officer.sync(), other.sync()
    for record, verdict in zip(made, ("counted", "returned", "counted", "counted", "not_counted"), strict=False):
        reviewer.get(f"/desk/records/{record}")
        reviewer.post(reviewer.form("/decide"), verdict=verdict, reason="Ghi rõ.")
    officer.edit(made[3], quantity=70), other.edit(made[3], quantity=80)
    other.edit(made[2], script="C"), officer.delete(made[5])
    officer.sync(), other.sync()
    before = kept(world)
    assert all(before)
    with world.app.app_context(), writing() as session:
        for table in (*TABLES, *LISTS, StreamWord):
            session.execute(delete(table))
        stream = session.scalars(select(Stream.id).limit(1)).one()
        session.execute(insert(Tally).values(stream_id=stream, figure="gone", bucket="counted", amount=7, records=7))
        session.execute(update(Record).values(bucket=None, amounts={}, keys=None))
    with world.app.app_context(), writing() as session:
        assert recount.recount(session) == 7
    assert kept(world) == before
    with world.app.app_context(), reading() as session:
        words = {word for text in session.scalars(select(RecordListing.words)) for word in text.split()}
        assert set(session.scalars(select(StreamWord.word))) == words == {"a", "c"}  # B is C now


def test_figures_of_an_older_version_are_made_anew_before_it_serves(
    world: World, database_url: str, desk: MakeDesk, phone: MakePhone
) -> None:
    """A migration says that they are due; the upgrade makes them, and nothing serves before (F-33)."""
    one = phone("xa1")
    record = one.create(quantity=3)
    one.sync()
    before = kept(world)
    back_to(database_url, "0055")
    with world.app.app_context(), writing() as session:
        session.execute(update(Tally).values(said=0))
        amounts = session.scalars(select(Record.amounts).where(Record.id == record)).one()
        session.execute(update(Record).values(amounts={**amounts, "banner_metres": 0}))
    upgrade(database_url)
    with world.app.app_context(), reading() as session:
        assert recount.is_due(session)
    env = {"LOA_DATABASE_URL": database_url, "LOA_DATA_DIR": str(settings_of(world.app).data_dir)}
    assert "run loa db upgrade first" in said(CliRunner(env=env).invoke(main, ["serve"]))
    done = CliRunner(env=env).invoke(main, ["db", "upgrade"])
    assert "1 record counted anew." in done.output, done.output
    assert kept(world) == before
    decide(desk("huyen"), record)
    with world.app.app_context(), reading() as session:
        assert not recount.is_due(session)
        assert min(session.scalars(select(Tally.said))) == 0
        assert {*session.scalars(select(Tally.figure).where(Tally.said > 0))} == {"banners"}
    assert CliRunner(env=env).invoke(main, ["db", "upgrade"]).stdout == ""
