"""The bridge: databases of the development versions 0049 to 0080 come to the tables of 1.0, with all that they hold."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from click.testing import CliRunner
from sqlalchemy import JSON, Connection, Engine, bindparam, create_engine, event, inspect, select, text
from sqlalchemy.exc import DBAPIError

from server.commands import main
from server.core.db import reading, writing
from server.migrate import ForeignTables, config, expected, revision, upgrade
from server.models import CaseKey
from server.services.records import recount
from support.clients.client import Client, shot
from support.clients.phone import Phone
from support.installation import databases, released
from support.installation.bridge import back_to, note
from support.installation.databases import ENGINES
from support.installation.schema import Part, Schema, schema_of
from support.installation.shell import said
from support.jobs import inline
from support.tour.colleagues import judge
from support.world import confidential
from support.world.world import World, world

RECORDED = Path(__file__).parents[1] / "e2e" / "recorded" / "app-3"
pytestmark = pytest.mark.databases("both")

FindEngine = Callable[[str], databases.Engine]


@pytest.fixture(params=ENGINES)
def recorded(request: pytest.FixtureRequest, database_engine: FindEngine, tmp_path: Path) -> Callable[[], str]:
    """Makes copies of the database of the main branch of 28/11/2026, as its server left it (tables of 0049)."""
    numbers = iter(range(9))

    def copy() -> str:
        folder = RECORDED / request.param
        return released.put_up(database_engine(request.param), folder, tmp_path / f"data-{next(numbers)}")

    return copy


def held(database_url: str) -> tuple[Schema, dict[str, list[str]]]:
    """All that a database has, and its rows."""
    engine = create_engine(database_url)
    with engine.connect() as connection:
        names = sorted(inspect(connection).get_table_names())
        rows = {name: sorted(map(repr, connection.execute(text(f'SELECT * FROM "{name}"')))) for name in names}
    found = schema_of(engine)
    engine.dispose()
    return found, rows


def keys_of_meta(database_url: str) -> set[str]:
    engine = create_engine(database_url)
    with engine.connect() as connection:
        found = set(connection.execute(text("SELECT key FROM meta")).scalars())
    engine.dispose()
    return found


def test_the_bridge_ends_where_the_beginning_does(recorded: Callable[[], str], database_engine: FindEngine) -> None:
    """Every table, column, type, default, constraint, index, trigger and function; also the rows that must be there."""
    bridged = recorded()
    upgrade(bridged)
    begun = database_engine(bridged.partition(":")[0].partition("+")[0]).fresh()
    (one, rows), (other, seeds) = held(bridged), held(begun)
    assert {
        part: (one.get(part), other.get(part)) for part in one.keys() | other if one.get(part) != other.get(part)
    } == {}
    kinds = {part.kind for part in one}
    assert {"table", "order", "column", "primary", "foreign", "unique", "index", "trigger"} <= kinds
    assert rows["alembic_version"] == seeds["alembic_version"] == [repr(expected())]
    assert [name for name, found in seeds.items() if found] == ["alembic_version", "meta"]
    assert keys_of_meta(begun) <= keys_of_meta(bridged)
    assert len(rows["record"]) == 4


def test_the_comparison_sees_what_alembic_does_not(database_url: str) -> None:
    engine = create_engine(database_url)
    before = schema_of(engine)
    is_sqlite = engine.dialect.name == "sqlite"
    with engine.begin() as connection:
        connection.execute(
            text("DROP TRIGGER frozen_no_delete" if is_sqlite else "DROP FUNCTION paper_refused CASCADE")
        )
        connection.execute(text("DROP INDEX ix_record_readiness"))
        connection.execute(text("CREATE INDEX ix_record_readiness ON record (stream_id, readiness)"))
        connection.execute(text("ALTER TABLE unit ADD COLUMN shade VARCHAR(3) DEFAULT 'x' NOT NULL"))
    after = schema_of(engine)
    engine.dispose()
    changed = {part.kind for part in before.keys() | after if before.get(part) != after.get(part)}
    assert changed == {"trigger", "index", "column", "order"} | (set() if is_sqlite else {"function"})
    assert after[Part("column", "unit", "shade")] != after[Part("column", "unit", "id")]


CUTS = {
    "amid a step": "ADD COLUMN despite",
    "as a step is noted": "UPDATE alembic_version SET version_num='0070'",
    "in the last step": "ADD COLUMN tags",
    "behind the last step": "UPDATE alembic_version SET version_num = ",
}


@pytest.mark.slow
@pytest.mark.parametrize("cut", CUTS)
def test_a_bridge_that_is_cut_is_gone_over_again(recorded: Callable[[], str], cut: str) -> None:
    straight, other = recorded(), recorded()
    upgrade(straight)
    child = os.fork()
    if child == 0:

        def look(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            if CUTS[cut] in statement:
                os._exit(9)

        event.listen(Engine, "before_cursor_execute", look)
        upgrade(other)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    engine = create_engine(other)
    assert revision(engine) != expected()
    engine.dispose()
    upgrade(other)
    (one, rows), (again, others) = held(straight), held(other)
    for found in (rows, others):
        found.pop("meta")  # random values of this run
        found["device"] = [str(len(found["device"]))]  # when it was put up
    assert (one, rows) == (again, others)


def test_tables_that_nobody_takes_over_are_refused_and_stay(database_url: str, tmp_path: Path) -> None:
    env = {"LOA_DATABASE_URL": database_url, "LOA_DATA_DIR": str(tmp_path)}
    for there, sentence in (
        ("0048", "are of a development version before 28/11/2026 (revision 0048)"),
        ("0001", "takes them from 0049 on"),
        ("9999", "are of a newer Loa (revision 9999)"),
    ):
        note(database_url, there)
        before = held(database_url)
        with pytest.raises(ForeignTables):
            upgrade(database_url)
        for words in (["db", "upgrade"], ["user", "list"]):
            assert sentence in said(CliRunner(env=env).invoke(main, words))
        assert held(database_url) == before
    note(database_url, *expected())
    back_to(database_url, "0080")
    assert "run loa db upgrade first" in said(CliRunner(env=env).invoke(main, ["user", "list"]))
    assert CliRunner(env=env).invoke(main, ["db", "upgrade"]).exit_code == 0
    assert CliRunner(env=env).invoke(main, ["db", "revision"]).output.split() == [*expected(), *expected()]


def test_a_step_that_needs_a_stop_waits_until_no_host_is_connected(
    database_engine: Callable[[str], databases.Engine], tmp_path: Path
) -> None:
    """Another host serves on while this one is brought up; beside these tables it could not."""
    database_url = database_engine("postgresql").empty()
    upgrade(database_url)
    env = {"LOA_DATABASE_URL": database_url, "LOA_DATA_DIR": str(tmp_path)}
    other = create_engine(database_url)
    with other.connect():
        assert CliRunner(env=env).invoke(main, ["db", "upgrade"]).exit_code == 0, "there is no step to take"
        back_to(database_url, "0080")
        before = held(database_url)
        assert "needs a stop, and others are connected" in said(CliRunner(env=env).invoke(main, ["db", "upgrade"]))
        assert held(database_url) == before
    other.dispose()
    assert CliRunner(env=env).invoke(main, ["db", "upgrade"]).exit_code == 0


def test_every_step_of_the_bridge_goes_back_and_comes_again(database_url: str) -> None:
    engine = create_engine(database_url)
    before = schema_of(engine)
    back_to(database_url, "0049")
    assert len(schema_of(engine)) < len(before)
    upgrade(database_url)
    after = schema_of(engine)
    engine.dispose()
    assert {
        part for part in before.keys() | after if before.get(part) != after.get(part) and part.kind != "order"
    } == set()


def test_keys_that_an_older_python_folded_are_made_anew(database_url: str, tmp_path: Path) -> None:
    """F-12: its list of marks was that of its own Unicode, and no variation sign or keycap was one."""
    with world(database_url, tmp_path / "data") as made:
        engine = create_engine(database_url)
        back_to(database_url, "0049")
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
        back_to(database_url, "0053")
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
        back_to(database_url, "0053")
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
def test_what_only_a_case_key_opens_is_not_taken_to_tables_without_one(database_url: str, tmp_path: Path) -> None:
    with world(database_url, tmp_path / "data") as made:
        back_to(database_url, "0059")
        upgrade(database_url)
        confidential.appoint(made, "mat_xa")
        with pytest.raises(RuntimeError, match="sealed with the case key"):
            back_to(database_url, "0059")
        upgrade(database_url)
        with made.app.app_context(), reading() as session:
            assert session.scalar(select(CaseKey.id)) == confidential.CASE_KEY


@pytest.mark.slow
def test_a_recount_that_an_earlier_migration_wanted_stays_wanted(database_url: str, tmp_path: Path) -> None:
    with world(database_url, tmp_path / "data") as made:
        officer = phone(made, "xa1")
        officer.create("leaflet", document="Tờ rơi", distributed=1)
        officer.sync()
    engine = create_engine(database_url)
    for wanted in ("0056", None):
        back_to(database_url, "0062")
        with engine.begin() as connection:
            connection.execute(text("DELETE FROM meta WHERE key = 'must_recount'"))
            if wanted:
                connection.execute(text("INSERT INTO meta (key, value) VALUES ('must_recount', '0056')"))
        found = []
        for move, to in ((command.upgrade, "0063"), (command.downgrade, "0062")):
            move(config(database_url, bridge=True), to)
            with engine.connect() as connection:
                found.append(connection.execute(text("SELECT value FROM meta WHERE key = 'must_recount'")).scalar())
        assert found == [wanted or "0063", wanted]
        upgrade(database_url)
    engine.dispose()


@pytest.mark.slow
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
        back_to(database_url, "0062")
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
