"""All that a device wrote since a moment, taken back in one act and undone within a day (SPEC X-55)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select, update

from server.core.clock import local, now_ms
from server.core.db import reading, writing
from server.models import AuditLine, DecisionRow, Device, Record, TakenBack, Tally, WriteRow
from server.services.administration import taking_back
from server.services.records import recount
from server.services.records.stored import writes_of
from server.services.units.scope import Scope
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.jobs import inline
from support.world import locking
from support.world.approving import judged, leaflet, states, talk
from support.world.world import World

pytestmark = pytest.mark.slow
HOUR_MS = 3_600_000


def device_of(world: World, record: str) -> str:
    """The device that made a record."""
    with world.app.app_context(), reading() as session:
        found = session.scalar(select(WriteRow.device_id).where(WriteRow.id == record))
        assert found is not None
        return found


def received(world: World, hours_ago: float, *records: str) -> None:
    """These records, as far as they are written now, came so long ago."""
    moment = now_ms() - int(hours_ago * HOUR_MS)
    with world.app.app_context(), writing() as session:
        session.execute(update(WriteRow).where(WriteRow.record_id.in_(records)).values(received_at=moment))


def since(hours_ago: float) -> str:
    return local(now_ms() - int(hours_ago * HOUR_MS)).isoformat()[:16]


def look(one: Any, device: str, hours_ago: float) -> str:
    one.get(f"/desk/devices/{device}?since={since(hours_ago)}")
    text: str = one.text
    return text


def take_back(world: World, one: Any, device: str, hours_ago: float, outcome: str = "drop") -> TakenBack:
    """Through the page, then by the real runner."""
    look(one, device, hours_ago)
    one.post(one.form("/take-back"), outcome=outcome, reason="Máy bị mất ngày 20/7")
    assert one.status == 303, one.text
    inline.done(world, taking_back.JOB)
    return act_of(world, device)


def act_of(world: World, device: str) -> TakenBack:
    with world.app.app_context(), reading() as session:
        acts = select(TakenBack).where(TakenBack.device_id == device).order_by(TakenBack.at.desc())
        act = session.scalars(acts).first()
        assert act is not None
        session.expunge(act)
        return act


def undo(world: World, one: Any, device: str) -> None:
    one.get(f"/desk/devices/{device}")
    one.post(one.form("/undo"))
    assert one.status == 303, one.text
    inline.done(world, taking_back.JOB)


def counted(world: World) -> int:
    """Leaflets in the counted figures of all units, as kept; made anew they are the same."""
    with world.app.app_context(), writing() as session:
        kept = _sum(session)
        recount.recount(session)
        assert _sum(session) == kept
        return kept


def _sum(session: Any) -> int:
    total = select(func.sum(Tally.amount)).where(Tally.bucket == "counted", Tally.figure == "leaflets")
    return session.scalar(total) or 0


@pytest.mark.databases("both")
def test_all_since_a_moment_is_taken_back_and_put_back(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """Before the moment nothing changes; after it, approved or not, nothing counts; undone, all is as it was."""
    stolen, colleague = phone("xa1"), phone("xa2")
    old = [leaflet(stolen) for _ in range(2)]
    edited, approved_since = leaflet(colleague), leaflet(colleague)
    stolen.sync(), colleague.sync()
    for record in (old[0], edited):
        judged(world, record, "counted")
    received(world, 5, *old, edited, approved_since)
    stolen.sync()
    flood = [leaflet(stolen) for _ in range(6)]
    stolen.edit(edited, distributed=999)
    stolen.edit(approved_since, distributed=500)
    stolen.sync()
    for record in (*flood[:3], edited, approved_since):
        judged(world, record, "counted")
    judged(world, flood[3], "returned")
    before, sums = states(world), counted(world)
    assert sums == 10 + 3 * 10 + 999 + 500

    one, device = desk("quantri"), device_of(world, flood[0])
    text = look(one, device, 1)
    assert "8 nội dung máy này đã ghi từ" in text
    assert "Xã Chính Nghĩa" in text
    assert [row["decided"] for row in offered(world, device)] == [6]
    assert before == states(world)  # a dry run
    act = take_back(world, one, device, 1)
    after = states(world)
    assert {after[record] for record in flood} == {"not_counted"}
    assert after[old[0]] == "counted"
    assert after[old[1]] == "waiting"
    assert after[edited] == "amended"  # as it was approved before the theft; the edit waits
    assert after[approved_since] == "waiting"  # of somebody else, with the device's edit
    assert counted(world) == 10 + 10
    assert (act.done, act.undone) == (8, 0)
    assert act.through_at is not None

    colleague.sync()  # phones pull it as any decision
    reasons = {(colleague.records[record].decision or {}).get("reason") for record in flood}
    assert reasons == {"Máy bị mất ngày 20/7"}
    inline.done(world, taking_back.JOB)  # begun again: nothing twice
    assert act_of(world, device).done == 8

    talk(world, "xa2", *flood, edited, approved_since)  # words change nothing (SPEC D-15)
    undo(world, one, device)
    assert states(world) == before
    assert counted(world) == sums
    one.get(f"/desk/devices/{device}")
    assert "Đã hoàn tác 8 nội dung" in one.text
    assert not one.has_form("/undo")


@pytest.mark.databases("sqlite")
def test_what_waits_again_and_what_was_decided_on_since_stays(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    stolen = phone("xa1")
    flood = [leaflet(stolen) for _ in range(3)]
    stolen.sync()
    judged(world, flood[0], "counted")
    judged(world, flood[1], "counted")
    one, device = desk("quantri"), device_of(world, flood[0])
    act = take_back(world, one, device, 1, "wait")
    assert set(states(world).values()) == {"waiting"}
    assert act.done == 2
    judged(world, flood[0], "returned")
    undo(world, one, device)
    after = states(world)
    assert [after[record] for record in flood] == ["returned", "counted", "waiting"]
    assert act_of(world, device).undone == 1


@pytest.mark.databases("sqlite")
def test_after_a_day_it_cannot_be_undone_as_a_whole(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    stolen = phone("xa1")
    record = leaflet(stolen)
    stolen.sync()
    one, device = desk("quantri"), device_of(world, record)
    take_back(world, one, device, 1)
    one.get(f"/desk/devices/{device}")
    form = one.form("/undo")
    with world.app.app_context(), writing() as session:
        session.execute(update(TakenBack).values(at=TakenBack.at - taking_back.UNDO_MS - 1_000))
    one.post(form)
    assert one.status == 409
    assert "quá một ngày" in one.text
    assert states(world)[record] == "not_counted"
    one.get(f"/desk/devices/{device}")
    assert not one.has_form("/undo")


@pytest.mark.databases("sqlite")
def test_who_may(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """An administrator above, never a reviewer or an officer; nothing of units that one does not administer."""
    stolen = phone("xa1")
    record = leaflet(stolen)
    stolen.sync()
    device = device_of(world, record)
    admin = desk("quantri")
    look(admin, device, 1)
    form = admin.form("/take-back")
    for username, expected in (("huyen", 403), ("phucu", 403), ("xa1", 403)):
        other = desk(username)
        other.get(f"/desk/devices/{device}?since={since(1)}")
        assert not other.has_form("/take-back")
        answer = other.post(form, csrf_token=_token(other), reason="Thử")
        assert answer.status_code == expected
    assert states(world)[record] == "waiting"
    admin.post(form, reason=" ")
    assert admin.status == 422
    assert admin.form("/take-back").values["id"] == form.values["id"]
    for _ in range(2):  # a double click is one act
        admin.post(admin.form("/take-back") if admin.has_form("/take-back") else form, reason="Máy bị mất")
    with world.app.app_context(), reading() as session:
        assert session.scalar(select(func.count()).select_from(TakenBack)) == 1
        lines = session.scalars(select(AuditLine.act).where(AuditLine.about_id == device)).all()
    assert "device_taken_back" in lines


def _token(one: Any) -> str:
    one.get("/desk/account")
    found: str = one.forms()[0].values["csrf_token"][0]
    return found


@pytest.mark.databases("sqlite")
def test_a_flood_is_taken_back_in_parts_that_may_be_cut(
    world: World, desk: MakeDesk, phone: MakePhone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each part is one transaction; a job that was killed goes on where it was."""
    monkeypatch.setattr(taking_back, "AT_ONCE", 4)
    stolen = phone("xa1")
    flood = [leaflet(stolen) for _ in range(10)]
    stolen.sync()
    one, device = desk("quantri"), device_of(world, flood[0])
    parts = [0]

    def cut(*args: Any) -> Any:
        parts[0] += 1
        if parts[0] == 2:
            raise OSError("killed")
        return writes_of(*args)

    monkeypatch.setattr(taking_back, "writes_of", cut)
    act = take_back(world, one, device, 1)
    assert (act.done, act.through_at) == (4, None)
    inline.done(world, taking_back.JOB)
    assert (act_of(world, device).done, set(states(world).values())) == (10, {"not_counted"})
    with world.app.app_context(), reading() as session:
        made = session.scalars(select(DecisionRow.record_id).where(DecisionRow.taken_back == act.id)).all()
        assert sorted(made) == sorted(flood)
        assert session.scalar(select(Record.state).where(Record.id == flood[0])) == "not_counted"
        assert session.get_one(Device, device).revoked_at is None


def offered(world: World, device: str) -> list[dict[str, Any]]:
    with world.app.app_context(), reading() as session:
        offer = taking_back.offer(session, Scope(session, world.officers["quantri"]), device, now_ms() - HOUR_MS)
        return [{"decided": each.decided, "locked": each.locked, "alone": each.alone} for each in offer.places]


@pytest.mark.databases("sqlite")
def test_locked_figures_stay_and_are_named(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    stolen = phone("xa1")
    record = leaflet(stolen)
    stolen.sync()
    judged(world, record, "counted")
    freeze = locking.lock(world)
    before = locking.frozen(world, freeze).row
    one, device = desk("quantri"), device_of(world, record)
    assert "Số liệu đã khóa và báo cáo đã lập từ đó không thay đổi" in look(one, device, 1)
    take_back(world, one, device, 1)
    assert (states(world)[record], counted(world)) == ("not_counted", 0)
    after = locking.frozen(world, freeze).row
    assert (after.sha256, after.head) == (before.sha256, before.head)
