"""Migrations run up and down on both databases, and end at the models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import JSON, Connection, bindparam, create_engine, inspect, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from server.core.db import Base, reading, writing
from server.migrate import config, expected, revision, upgrade
from server.models import CaseKey
from server.registration import collect
from server.services.audit import triggers
from server.services.records import recount
from support.clients.client import Client, shot
from support.clients.phone import Phone
from support.jobs import inline
from support.tour.colleagues import judge
from support.world import confidential
from support.world.purging import purge
from support.world.world import World, world


@pytest.mark.slow
def test_up_equals_the_models_and_down_leaves_nothing(empty_database_url: str) -> None:
    collect()
    upgrade(empty_database_url)
    engine = create_engine(empty_database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    command.downgrade(config(empty_database_url), "base")
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    assert revision(engine) == ()
    upgrade(empty_database_url)
    assert revision(engine) == expected()
    engine.dispose()


def test_the_expected_revision_is_alembics_head() -> None:
    """It is read off the files' names, because each command asks and Alembic takes half a second."""
    assert expected() == tuple(ScriptDirectory.from_config(config("sqlite://")).get_heads())


@pytest.mark.slow
def test_the_keys_of_names_are_made_for_what_is_there(database_url: str, tmp_path: Path) -> None:
    keys = "SELECT id, search_key, sort_key FROM"
    with world(database_url, tmp_path / "data"):
        engine = create_engine(database_url)
        with engine.connect() as connection:
            before = [connection.execute(text(f"{keys} {table} ORDER BY id")).all() for table in ("unit", "officer")]
        script = ScriptDirectory.from_config(config(database_url)).get_revision("0022")
        command.downgrade(config(database_url), str(script.down_revision))
        upgrade(database_url)
        with engine.connect() as connection:
            after = [connection.execute(text(f"{keys} {table} ORDER BY id")).all() for table in ("unit", "officer")]
        engine.dispose()
    assert after == before
    assert "xa chinh nghia" in {row.search_key for row in after[0]}
    assert "can bo 1 xa chinh nghia xa1" in {row.search_key for row in after[1]}
    assert all(row.sort_key for rows in after for row in rows)


def test_keys_that_an_older_python_folded_are_made_anew(database_url: str, tmp_path: Path) -> None:
    """F-12: its list of marks was that of its own Unicode, and no variation sign or keycap was one."""
    with world(database_url, tmp_path / "data") as made:
        engine = create_engine(database_url)
        command.downgrade(config(database_url), "0049")
        unit = {"id": made.units["12286"], "name": "Xã Đông\ufe0f 1\u20e3", "old": "xa dong\ufe0f 1\u20e3"}
        with engine.begin() as connection:
            connection.execute(text("UPDATE unit SET name = :name, search_key = :old WHERE id = :id"), unit)
            connection.execute(text("UPDATE officer SET name = :name, search_key = :old WHERE username = 'xa1'"), unit)
        upgrade(database_url)
        with engine.connect() as connection:
            units = connection.execute(text("SELECT search_key FROM unit WHERE id = :id"), unit).scalars().all()
            people = connection.execute(text("SELECT search_key FROM officer WHERE username = 'xa1'")).scalars().all()
        engine.dispose()
    assert (units, people) == (["xa dong 1"], ["xa dong 1 xa1"])


def phone(made: World, username: str) -> Phone:
    calling = Client(made.app.test_client(), made.token(username))

    def send(body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        answer = calling.post("/sync", json=body)
        return answer.status_code, answer.get_json()

    return Phone(send, made.units["12286"], made.campaign)


def test_lengths_of_banners_are_rescaled_up_and_down(database_url: str, tmp_path: Path) -> None:
    """F-17: running totals, amounts of records, totals by hand, plans and figures of the same period."""
    with world(database_url, tmp_path / "data") as made:
        one = phone(made, "xa1")
        record = one.create(quantity=3, metres=21)
        one.create("plan", **{"nil/banner_metres": True})
        one.sync()
        engine = create_engine(database_url)
        where = {"officer": made.officers["xa1"], "unit": made.units["12286"], "campaign": made.campaign}
        plan = [{"figure": "banner_metres", "amount": 120, "units": {"u": 7}}, {"figure": "banners", "amount": 5}]
        plans = text("UPDATE campaign SET expected = :plan").bindparams(bindparam("plan", plan, JSON))
        total = (
            "INSERT INTO total_step SELECT 'total00000000001', id, 'banner_metres', 1, 'state', 25, 'besides', 21, "
            "'book', '', '', :officer, false, true, 1 FROM stream "
            "WHERE unit_id = :unit AND campaign_id = :campaign"
        )
        with engine.connect() as connection:
            held = amounts(connection, record)
        command.downgrade(config(database_url), "0053")
        with engine.begin() as connection:
            before = amounts(connection, record)
            connection.execute(plans)
            connection.execute(text(total), where)
        upgrade(database_url)
        with engine.connect() as connection:
            after = amounts(connection, record)
            steps = [*connection.execute(text("SELECT amount, base FROM total_step"))]
            planned = connection.execute(text("SELECT expected FROM campaign").columns(expected=JSON)).scalars().all()
        with pytest.raises(DBAPIError), engine.begin() as connection:
            connection.execute(text("UPDATE total_step SET amount = 1"))
        command.downgrade(config(database_url), "0053")
        with engine.connect() as connection:
            again = amounts(connection, record)
            steps += connection.execute(text("SELECT amount, base FROM total_step"))
        engine.dispose()
    assert held == after == ({"waiting": 2100, "nil": 1}, 2100)
    assert before == again == ({"waiting": 21, "nil": 1}, 21)
    assert steps == [(2500, 2100), (25, 21)]
    assert planned[0] == [
        {"figure": "banner_metres", "amount": 12000, "units": {"u": 700}},
        {"figure": "banners", "amount": 5},
    ]


def amounts(connection: Connection, record: str) -> tuple[dict[str, int], int]:
    """The metres of the running totals by bucket, and of the record."""
    rows = connection.execute(text("SELECT bucket, amount FROM tally WHERE figure = 'banner_metres' AND amount > 0"))
    of_record = text("SELECT amounts FROM record WHERE id = :id").columns(amounts=JSON)
    found: dict[str, int] = {bucket: amount for bucket, amount in rows}  # noqa: C416 - rows are no pairs for mypy
    return found, connection.execute(of_record, {"id": record}).scalar_one()["banner_metres"]


@pytest.mark.slow
def test_lists_and_searches_know_what_is_there(database_url: str, tmp_path: Path) -> None:
    """As if pushed today, a conflict and an unknown day included; an act and a purged record are in no list."""
    tables = ("listed_record", "stream_word")
    with world(database_url, tmp_path / "data") as made:
        one, other = (phone(made, name) for name in ("xa1", "xa2"))
        place = {"lat_e6": 20_650_000, "lon_e6": 106_050_000, "accuracy_m": 8}
        record = one.create(slogan="s1", hamlet="Thôn Đông", put_up_on="2021-07-03", place=place)
        one.create("event", name="Mít tinh")
        torn = one.create("event", hotline=True)
        one.create("event", hotline=True, hotline_by=None), one.create("event", hotline=False)
        one.create("event", hotline=True, hotline_by="person"), one.create("event", hotline=True, hotline_by="file")
        one.create("event", hotline=None), one.create("plan", **{"nil/contests": True})
        gone = one.create(note="bí mật")
        one.sync(), other.sync()
        one.edit(record, hamlet="Thôn 3"), other.edit(record, hamlet="Thôn 4")
        one.edit(torn, hotline=None), other.edit(torn, hotline=False)
        one.sync(), other.sync()
        purge(made, gone)
        engine = create_engine(database_url)
        select_all = "SELECT * FROM {} ORDER BY 1, 2"
        with engine.connect() as connection:
            before = [connection.execute(text(select_all.format(table))).all() for table in tables]
        command.downgrade(config(database_url), "0034")
        upgrade(database_url)
        with engine.connect() as connection:
            after = [connection.execute(text(select_all.format(table))).all() for table in tables]
        engine.dispose()
    assert after == before
    assert {row.record_id for row in after[0]} == {record, *(row.record_id for row in after[0] if row.kind == "event")}
    assert sorted(row.answer or "" for row in after[0]) == ["", "", "", "", "old", "unsaid", "unsaid", "unsaid"]
    assert {"thon", "3", "4"} <= {row.word for row in after[1]}
    assert "mat" not in {row.word for row in after[1]}


def test_hints_ranks_and_amended_records_are_counted_of_what_is_there(database_url: str, tmp_path: Path) -> None:
    """As if written today: notes, a look, an act without; in records, lists and counts, and behind each total."""
    kept = (
        "SELECT id, hint, rank FROM record ORDER BY 1",
        "SELECT record_id, hint FROM listed_record ORDER BY 1",
        "SELECT stream_id, kind, state, bucket, hint, records FROM census WHERE records <> 0 ORDER BY 1, 2, 5",
        "SELECT figure, bucket, records, amended, conflicted, amended_conflicted FROM tally ORDER BY 1, 2",
    )
    place = {"lat_e6": 20_650_000, "lon_e6": 106_050_000, "accuracy_m": 8}
    with world(database_url, tmp_path / "data") as made:
        one = phone(made, "xa1")
        one.create("event", name="Mít tinh", held_on="2021-07-03", place=place)
        one.create("event", name="Ngoài đợt", held_on="2021-09-05", place=place)
        one.create("event", name="Không vị trí", held_on="2021-07-03")
        one.create("plan", **{"nil/contests": True})
        amended = one.create(quantity=2)
        one.sync()
        judge(made, amended, "counted")
        one.sync()
        one.edit(amended, quantity=3)
        one.sync()
        inline.done(made, "hints.refresh")
        engine = create_engine(database_url)
        with engine.connect() as connection:
            before = [connection.execute(text(query)).all() for query in kept]
        command.downgrade(config(database_url), "0047")
        with engine.connect() as connection:
            counted = connection.execute(text("SELECT SUM(records) FROM census")).scalar()
        upgrade(database_url)
        with engine.connect() as connection:
            after = [connection.execute(text(query)).all() for query in kept]
        engine.dispose()
    assert (after, counted) == (before, 4)
    assert any(row.amended for row in after[3])
    assert {row.hint for row in after[0]} == {None, "note", "look"}


@pytest.mark.databases("both")
def test_each_trigger_is_listed_as_the_migrations_make_it(database_url: str) -> None:
    """tools/list_triggers.py writes the list anew, once on each database."""
    engine = create_engine(database_url)
    with Session(engine) as session:
        assert triggers.present(session) == json.loads(triggers.FILE.read_text("utf-8"))[engine.dialect.name]
    engine.dispose()


@pytest.mark.slow
def test_what_only_a_case_key_opens_is_not_taken_to_tables_without_one(database_url: str, tmp_path: Path) -> None:
    with world(database_url, tmp_path / "data") as made:
        script = ScriptDirectory.from_config(config(database_url))
        (revision,) = (each for each in script.walk_revisions() if "open by key" in (each.doc or ""))
        command.downgrade(config(database_url), str(revision.down_revision))
        upgrade(database_url)
        confidential.appoint(made, "mat_xa")
        with pytest.raises(RuntimeError, match="sealed with the case key"):
            command.downgrade(config(database_url), str(revision.down_revision))
        with made.app.app_context(), reading() as session:
            assert session.scalar(select(CaseKey.id)) == confidential.CASE_KEY


@pytest.mark.slow
@pytest.mark.databases("both")
def test_a_recount_that_an_earlier_migration_wanted_stays_wanted(database_url: str, tmp_path: Path) -> None:
    with world(database_url, tmp_path / "data") as made:
        officer = phone(made, "xa1")
        officer.create("leaflet", document="Tờ rơi", distributed=1)
        officer.sync()
    engine = create_engine(database_url)
    for wanted in ("0056", None):
        command.downgrade(config(database_url), "0062")
        with engine.begin() as connection:
            connection.execute(text("DELETE FROM meta WHERE key = 'must_recount'"))
            if wanted:
                connection.execute(text("INSERT INTO meta (key, value) VALUES ('must_recount', '0056')"))
        found = []
        for move, to in ((command.upgrade, "0063"), (command.downgrade, "0062")):
            move(config(database_url), to)
            with engine.connect() as connection:
                found.append(connection.execute(text("SELECT value FROM meta WHERE key = 'must_recount'")).scalar())
        assert found == [wanted or "0063", wanted]
    engine.dispose()


@pytest.mark.slow
@pytest.mark.databases("both")
def test_what_is_there_is_as_ready_as_if_it_were_written_today(database_url: str, tmp_path: Path) -> None:
    """Photos that have not come, hints that are made, and what was to be looked at when somebody decided."""
    kept = "SELECT id, lacks, checked, readiness FROM record ORDER BY 1"
    known = "SELECT record_id, hints, despite FROM decision ORDER BY 1"
    with world(database_url, tmp_path / "data") as made:
        one = phone(made, "xa1")
        never = one.create(quantity=1, **shot(1).register)
        outside = one.create("leaflet", document="Tờ rơi", distributed=1, distributed_on="2021-09-05")
        plain = one.create("leaflet", document="Tờ gấp", distributed=2, distributed_on="2021-07-05")
        one.sync()
        inline.done(made, "hints.refresh")
        judge(made, outside, "counted")
        engine = create_engine(database_url)
        with engine.connect() as connection:
            before = connection.execute(text(kept)).all(), connection.execute(text(known)).all()
        command.downgrade(config(database_url), "0062")
        with engine.begin() as connection:
            connection.execute(text("UPDATE unit SET sort_key = short_name"))  # as an older rule made it
        upgrade(database_url)
        with made.app.app_context(), writing() as session:
            assert recount.if_due(session)
        with engine.connect() as connection:
            after = connection.execute(text(kept)).all(), connection.execute(text(known)).all()
            assert connection.execute(text("SELECT MAX(written) FROM hinted_stream")).scalar() == -1, "to be made anew"
        engine.dispose()
    assert after == before
    states = {row.id: (row.lacks, row.readiness) for row in after[0]}
    assert states == {never: (1, "photos"), outside: (0, None), plain: (0, None)}
    assert "time_window" in str(after[1][0].hints)
