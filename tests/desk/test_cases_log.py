"""The log of cases: its heads are compacted, tries are summed, its lock is the last one, reading costs the same."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from threading import Event, Thread
from typing import Any

import pytest
from sqlalchemy import delete, event, select

from server.core import clock
from server.core.clock import ZONE, local, now_ms, stopped_at
from server.core.db import db, reading, writing
from server.models import Campaign, CaseEntry, CaseLogLine
from server.services.audit import heads
from server.services.audit.chain import ChainKeys
from server.services.cases import case_log, counting, entering, finding, log_verifying, making, rotating, store
from server.services.cases.making import NewCase
from server.serving.installation import installed
from support.checks.counting import counted
from support.clients.desk import MakeDesk
from support.installation.unguarded import unguarded
from support.world.cases import NEW, act, entered, entitle, made, sealed_before, table
from support.world.confidential import vault
from support.world.world import World

DAY = 24 * 3600 * 1000


@pytest.fixture(autouse=True)
def _holders(world: World) -> None:
    entitle(world)


def noted(world: World, count: int) -> None:
    with world.app.app_context():
        for _ in range(count):
            case_log.note(vault(world), "listed", world.officers["mat_xa"])


def faults(world: World) -> list[str]:
    with world.app.app_context(), reading() as session:
        return log_verifying.verify(session)


def test_heads_name_no_day_of_a_case(world: World) -> None:
    """Two acts on two days of a month are alike, whoever reads the file or a copy that was sent elsewhere."""
    path = installed(world.app).settings.data_dir / heads.CASES
    for day in (3, 28):
        with stopped_at(int(datetime(2030, 4, day, 9, tzinfo=ZONE).timestamp() * 1000)):
            noted(world, 1)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    last = [line["data"][4] for line in lines if line["what"] == heads.INTENDED][-2:]
    assert [local(at).isoformat() for at in last] == ["2030-04-30T23:59:59.999000+07:00"] * 2


def test_heads_of_past_months_are_compacted_and_still_find_a_cut(world: World) -> None:
    folder = installed(world.app).settings.data_dir
    with stopped_at(now_ms() - 80 * DAY):
        noted(world, 6)
    with stopped_at(now_ms() - 40 * DAY):
        noted(world, 6)
    noted(world, 2)
    path = folder / heads.CASES
    before = len(path.read_bytes().splitlines())
    chore = installed(world.app).jobs.chores["audit.compact_heads"]
    assert chore.run()
    assert before - len(path.read_bytes().splitlines()) == 25, "one line holds the last head of each past month"
    months = {local(head.at).month for head in heads.read(path, ChainKeys.of(world.keyring)).heads}
    assert len(months) == 3
    assert faults(world) == []
    with world.app.app_context(), db.engine.begin() as connection, unguarded(connection):
        connection.execute(delete(CaseLogLine).where(CaseLogLine.number > 8))
    assert "cut off" in "".join(faults(world))


@pytest.mark.slow
def test_tries_are_summed_by_minute_and_officer(world: World) -> None:
    me, other = world.officers["xa1"], world.officers["huyen"]
    start = now_ms()
    with world.app.app_context():
        with stopped_at(start):
            for _ in range(300):
                case_log.note_try(vault(world), case_log.REFUSED, me, "cases.show")
            case_log.note_try(vault(world), case_log.REFUSED, other, "cases.show")
            case_log.note_try(vault(world), case_log.REFUSED, other, "case.show")
            with reading() as session:
                (given,) = {line.said["act"] for line in case_log.read(session, vault(world)).rows if line.said}
            assert given == "right_given", "a minute that goes on is not in the log"
        with stopped_at(start + 2 * clock.MINUTE_MS):
            case_log.note_try(vault(world), case_log.REFUSED, me, "case.show")
        with reading() as session:
            lines = case_log.read(session, vault(world)).rows
    sums = [each.said for each in lines if each.said and each.said["act"] == "refused"]
    assert [(each["by"], each["times"], each["what"]) for each in sums] == [(other, 2, ""), (me, 300, "cases.show")]
    assert {each["at"] // clock.MINUTE_MS for each in sums} == {start // clock.MINUTE_MS}
    assert faults(world) == []


@pytest.mark.slow
def test_a_crowd_that_tries_gives_a_bounded_number_of_lines(world: World) -> None:
    start = now_ms()
    with world.app.app_context():
        with stopped_at(start), writing() as session:
            for nth in range(50):
                for _ in range(nth + 1):
                    case_log.count(session, case_log.REFUSED, f"{nth:016}", "cases.show")
        with stopped_at(start + 2 * clock.MINUTE_MS):
            case_log.settle(vault(world))
        with reading() as session:
            lines = case_log.read(session, vault(world)).rows
    sums = [each.said for each in lines if each.said and each.said["act"] == "refused"]
    assert len(sums) == case_log.LINES + 1
    assert sum(each["times"] for each in sums) == 50 * 51 // 2, "none is lost"


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has one writer at a time
def test_the_lock_of_the_log_comes_after_every_other(world: World, desk: MakeDesk) -> None:
    """One makes a case and then gives its reason, another gives a reason: both lock the entry, and then the log."""
    entered(world, desk(), "mat_xa")
    me, other = world.officers["mat_xa"], "z" * 16
    with world.app.app_context():
        with writing() as session:
            entering.begin(session, vault(world), "token", me)
        with reading() as session:
            unit = world.units["12286"]
    made_one, done = Event(), Event()
    wrong: list[BaseException] = []

    def makes() -> None:
        with world.app.app_context():
            try:
                with writing() as session:
                    held = making.make(session, vault(world), me, NewCase(unit=unit, **NEW))
                    made_one.set()
                    done.wait(2)
                    entering.give_reason(session, vault(world), "token", me, held.id, "record")
            except BaseException as error:  # noqa: BLE001  # looked at below
                wrong.append(error)

    def gives() -> None:
        with world.app.app_context():
            try:
                made_one.wait(5)
                with writing() as session:
                    entering.give_reason(session, vault(world), "token", me, other, "record")
            except BaseException as error:  # noqa: BLE001
                wrong.append(error)
        done.set()

    threads = [Thread(target=makes), Thread(target=gives)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert wrong == []
    assert not any(thread.is_alive() for thread in threads)
    with world.app.app_context(), reading() as session:
        row = session.scalars(select(CaseEntry).where(CaseEntry.officer_id == me)).one()
        assert row is not None
    assert faults(world) == []


def test_a_savepoint_that_is_rolled_back_takes_its_lines_with_it(world: World) -> None:
    me = world.officers["mat_xa"]
    with world.app.app_context():
        with writing() as session:
            case_log.append(session, vault(world), "listed", me)
            nested = session.begin_nested()
            case_log.append(session, vault(world), "printed", me)
            nested.rollback()
        with reading() as session:
            lines = case_log.read(session, vault(world)).rows
            with pytest.raises(RuntimeError, match="commits nothing"):
                case_log.append(session, vault(world), "listed", me)
    acts = [each.said["act"] for each in lines if each.said]
    assert acts[0] == "listed"
    assert "printed" not in acts


@pytest.mark.slow
@pytest.mark.costly
def test_lists_notices_and_counts_cost_the_same_for_one_case_and_for_many(world: World, desk: MakeDesk) -> None:
    one = entered(world, desk(), "mat_xa")
    case, _ = made(one, received="2025-08-20")
    _, code = made(one, received="2025-08-21")
    act(one, case, "link", code=code)
    august = Campaign(id="a" * 16, starts_on=date(2025, 8, 1), ends_on=date(2025, 8, 31), opened_at=0)
    me = world.officers["mat_xa"]

    def costs() -> list[int]:
        found = []
        with world.app.app_context():
            for ask in (
                lambda session: finding.listed(session, vault(world), me),
                lambda session: finding.should_look(session, vault(world), me),
                lambda session: counting.due_below(session, vault(world), [world.units["33"]]),
                lambda session: counting.of_campaign(session, vault(world), [world.units["12286"]], august),
            ):
                with counted(db.engine) as counts, reading() as session:
                    ask(session)
                found.append(counts.statements)
            engine = db.engine
        with counted(engine) as counts:
            one.get("/desk/cases")
        return [*found, counts.statements]

    few = costs()
    for _ in range(3):
        case, _ = made(one, received="2025-08-20")
        _, code = made(one, received="2025-08-21")
        act(one, case, "link", code=code)
    assert costs() == few


def test_taking_over_many_cases_reads_the_campaigns_once(world: World, desk: MakeDesk) -> None:
    """It goes on under the one write lock."""
    one = entered(world, desk(), "mat_xa")
    for _ in range(3):
        made(one)
    sealed_before(world)
    asked: list[str] = []
    with world.app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
        with writing() as session:
            assert rotating.rotate(session, vault(world))[0] > 3
    assert sum("FROM campaign" in each for each in asked) == 1


def test_a_page_of_the_desk_opens_no_case(world: World, desk: MakeDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    one = entered(world, desk(), "mat_xa")
    case, _ = made(one)
    table(one, case, event_file_complete="2021-07-30")
    one.get("/desk/cases")
    leave = one.form("/desk/cases/leave")
    opens: list[str] = []
    real = store.opened

    def counted_open(*args: Any) -> Any:
        opens.append("")
        return real(*args)

    monkeypatch.setattr(store, "opened", counted_open)
    one.get("/desk/figures")
    one.post(leave)
    one.follow()
    assert one.has_form("/desk/cases/enter"), "the door"
    assert opens == []


def test_a_page_past_the_end_of_the_log_is_its_last(
    world: World, desk: MakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(case_log, "PAGE", 5)
    one = entered(world, desk(), "mat_xa")
    noted(world, 12)
    one.get("/desk/cases/log?page=99999")
    assert 'rel="prev"' in one.html
    assert 'rel="next"' not in one.html
    assert re.search(r"Trang.3./.3<", one.html)
    assert one.html.count('<p class="head">') > 0
