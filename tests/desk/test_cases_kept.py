"""Cases over time: closed to who does not work, read under a new key, reduced to counts when their time is past."""

from __future__ import annotations

from dataclasses import replace

import pytest

from server.core.clock import now_ms, stopped_at
from server.core.db import reading, writing
from server.core.keyring import Keyring, Secret
from server.models import Campaign, CaseFile
from server.services.cases import case_log, counting, finding, log_verifying, reducing, remaining, rotating, store
from server.services.confidential import totals
from server.services.keyholders.vault import closed
from server.services.recovery import key_use
from support.clients.desk import MakeDesk
from support.world.cases import act, entered, entitle, figures, line, made, verified
from support.world.changes import status
from support.world.confidential import vault
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")
MINUTE = 60_000


@pytest.fixture(autouse=True)
def _holders(world: World) -> None:
    entitle(world)


@pytest.mark.slow
def test_five_minutes_without_work_close_it_and_the_way_in_asks_again(world: World, desk: MakeDesk) -> None:
    one = entered(world, desk(), "mat_xa")
    case, _ = made(one)
    now = now_ms()
    with stopped_at(now + 4 * MINUTE):
        assert one.http.get(f"/desk/cases/{case}").status_code == 200
    with stopped_at(now + 8 * MINUTE):
        assert one.http.get("/desk/cases").status_code == 200
    with stopped_at(now + 14 * MINUTE):
        answer = one.http.get(f"/desk/cases/{case}")
        assert answer.headers["Location"].endswith("/desk/cases")
        one.get("/desk/cases")
        one.post(one.form("/desk/cases/enter"))
        assert one.status == 401, "a fresh second factor"
    one = entered(world, desk(), "mat_xa")
    one.get(f"/desk/cases/{case}")
    assert "Lý do mở hồ sơ" in one.text, "the reason is asked anew"
    assert "Giới tính" not in one.text
    one.post(one.form(f"/{case}/reason"), why="because")
    assert one.status == 400
    assert one.http.get("/desk/cases").headers["Cache-Control"] == "no-store"


def test_who_fills_in_a_table_for_longer_is_at_work(world: World, desk: MakeDesk) -> None:
    one = entered(world, desk(), "mat_xa")
    case, _ = made(one)
    form, now = one.form(f"/{case}/table"), now_ms()
    csrf = form.values["csrf_token"][0]
    for minutes in (4, 8):
        with stopped_at(now + minutes * MINUTE):
            assert one.http.post("/desk/cases/stay", data={"csrf_token": csrf}).status_code == 204
    with stopped_at(now + 12 * MINUTE):
        one.post(form, **{"line.medical.tick": "needed"})
        assert one.location.endswith(f"/cases/{case}"), one.location
    with stopped_at(now + 18 * MINUTE):
        answer = one.http.post("/desk/cases/stay", data={"csrf_token": csrf})
        assert answer.headers["Location"].endswith("/desk/cases"), "it opens nothing"


@pytest.mark.slow
@pytest.mark.databases("both")
def test_under_a_new_key_all_reads_as_before_and_a_lost_key_is_said(world: World, desk: MakeDesk) -> None:
    one = entered(world, desk(), "mat_xa")
    case, code = made(one)
    line(one, case, "medical", "provided", "2021-08-01")
    old, held = world.keyring, vault(world)
    ring = Keyring((*old.secrets, Secret("next", b"k" * 32, now_ms())))
    only_new = replace(held, ring=Keyring((Secret("next", b"k" * 32, now_ms()),)))
    with world.app.app_context():
        with writing() as session:
            assert key_use.of(session, ring, old.secrets[-1].id).cases > 3, "the months of closing, and tags of the log"
            done, unread = rotating.rotate(session, closed(session, ring))
            assert (done > 3, unread) == (True, 0), "nobody is in"
            assert rotating.rotate(session, closed(session, ring)) == (0, 0)
            assert key_use.of(session, ring, old.secrets[-1].id).cases == 0
        with reading() as session:
            me = world.officers["mat_xa"]
            assert finding.by_code(session, only_new, me, code) == case
            found = store.get(session, only_new, me, case)
            assert found.data.provided == {"medical"}
            assert remaining.rest(only_new, found.row).closed == ""
            assert log_verifying.verify(session) == []
            lines = case_log.read(session, only_new).rows
            assert all(each.said for each in lines)
    with world.app.app_context(), writing() as session:
        session.get_one(CaseFile, case).key_id = "lost"
    entered(world, one, "mat_xa")
    assert "1 hồ sơ không đọc được" in one.text
    one.get(f"/desk/cases/{case}")
    assert one.status == 422
    assert "khóa mã hóa không còn hoặc không đúng" in one.text
    assert figures(one, world, "12286"), "the counts say it too"
    assert "1 hồ sơ không đọc được" in one.text


@pytest.mark.databases("both")
@pytest.mark.slow
def test_closed_cases_are_reduced_to_counts(world: World, desk: MakeDesk) -> None:
    one = entered(world, desk(), "mat_xa")
    case, _ = made(one)
    line(one, case, "medical", "provided", "2021-08-01")
    others = ("essential", "psychological", "legal_aid", "schooling", "initial")
    act(one, case, "close", day="2021-12-31", **{f"why.{each}": "no_contact" for each in others})
    assert one.status == 303
    still, _ = made(one)
    with world.app.app_context():
        with writing() as session:
            assert reducing.reduce(session, vault(world), 24, dry=False) == reducing.Reduction(0, 1, 0)
        status(world, "closed")
        status(world, "archived")
        with writing() as session:
            assert reducing.reduce(session, vault(world), 600, dry=False).reduced == 0
            assert reducing.reduce(session, vault(world), 24, dry=True) == reducing.Reduction(1, 0, 0)
            assert session.get(CaseFile, case) is not None, "a dry run changes nothing"
            assert reducing.reduce(session, vault(world), 24, dry=False) == reducing.Reduction(1, 0, 0)
        with reading() as session:
            assert session.get(CaseFile, case) is None
            assert session.get(CaseFile, still) is not None
            campaign = session.get_one(Campaign, world.campaign)
            total = counting.feed(session, vault(world), campaign, world.units["12286"])
            assert total is not None
            assert (total.received, total.supported, total.regimes) == (2, 1, {"medical": 1})
            assert totals.in_force(session, vault(world), campaign, world.units["12286"]).source == "cases"
            lines = case_log.read(session, vault(world)).rows
    assert [each.said["case"] for each in lines if each.said and each.said["act"] == "reduced"] == [case], "a tombstone"
    assert verified(world) == []
