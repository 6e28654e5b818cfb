"""A reviewer is away: a colleague decides by dates, and the log and papers say who did and for whom."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from server.core.clock import now_ms, stopped_at, today
from server.core.db import reading, writing
from server.models import AuditLine, Campaign, Device, Membership, Officer, Record, RequiredFactor
from server.services.access import second_factor
from server.services.continuity.revocations import NAME
from server.services.organisation import absences
from server.services.organisation.staff import NewOfficer, add_officer, give_role
from server.services.reports.snapshot import steps
from server.services.reports.workflow.papers import PaperAct
from server.services.review.queue_needs import ReviewOrder
from server.services.units.scope import Scope
from server.serving.installation import installed
from support.clients.client import Client
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world.issuing import history, make, step
from support.world.locking import lock
from support.world.world import World, password_hash

pytestmark = pytest.mark.databases("sqlite")
DAY = 24 * 3600 * 1000
FOR = "Phó phòng huyện Kim Động (thay Người duyệt huyện Kim Động)"


@pytest.fixture(autouse=True)
def deputy(world: World) -> str:
    """A colleague at the district, who records there and reviews nothing."""
    with world.app.app_context(), writing() as session:
        id_ = add_officer(session, NewOfficer("pho", "Phó phòng huyện Kim Động", password_hash())).id
        give_role(session, id_, world.units["331"], "officer")
    world.officers["pho"] = id_
    return id_


def away(
    world: World, one: Any, days: tuple[int, int] = (0, 2), deputy: str = "pho", who: str = "huyen", at: str = "331",
    **typed: str,
) -> int:  # fmt: skip
    """Note that somebody is away from one day to another, counted from today or `typed`. Returns the status."""
    first, last = (f"{today() + timedelta(days=each):%d/%m/%Y}" for each in days)
    one.get(f"/desk/people/{world.officers[who]}/account")
    said = {"deputy": world.officers[deputy], "first": first, "last": last, "unit": world.units[at]}
    answer = one.post(one.form("/absence"), **said | typed)
    return int(answer.status_code)


def decides(world: World, record: str) -> bool:
    """Whether the deputy may decide on a record now."""
    with world.app.app_context(), reading() as session:
        campaign = session.get_one(Campaign, world.campaign)
        assert session.get(Record, record) is not None
        return Scope(session, world.officers["pho"]).may_decide(world.units["12286"], campaign)


@pytest.mark.databases("both")
def test_a_deputy_decides_by_dates_and_is_named_with_for_whom(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer = phone("xa1")
    record, other = (officer.create(slogan="s1", quantity=each) for each in (4, 5))
    officer.sync()
    one, above = desk("pho"), desk("tinh")
    one.get(f"/desk/records/{record}")
    assert "/decide" not in one.html, "so far a colleague who reviews nothing"
    assert away(world, above, (1, 3)) == 303
    above.follow()
    assert "Phó phòng huyện Kim Động làm thay ở huyện Kim Động" in above.text
    assert not decides(world, record), "it is to come"
    with stopped_at(now_ms() + DAY):
        one = desk("pho")
        one.get("/desk/")
        assert "Đang làm thay Người duyệt huyện Kim Động ở huyện Kim Động" in one.text
        assert "Quyết định được ghi tên đồng chí" in one.text
        one.get(f"/desk/records/{record}")
        assert one.post(one.form("/decide"), verdict="counted").status_code == 303
        one.get(f"/desk/records/{record}")
        assert FOR in one.text, "on the record's page and in its history"
    log = desk("quantri")
    log.get("/desk/audit?act=decided")
    assert "Phó phòng huyện Kim Động (pho) (thay Người duyệt huyện Kim Động)" in log.text
    with stopped_at(now_ms() + 4 * DAY):
        assert not decides(world, other), "after the last day, without anybody's act"
        one = desk("pho")
        one.get(f"/desk/records/{record}")
        assert FOR in one.text, "what was done stays named"
        assert "/decide" not in one.html


def test_papers_and_locks_name_the_deputy(world: World, desk: MakeDesk) -> None:
    assert away(world, desk("tinh")) == 303
    lock(world, "pho")
    paper = make(world, "pho")
    step(world, paper, PaperAct.SUBMIT, "pho")
    assert [by for _, by in history(world, paper).steps] == [FOR, FOR]
    one = desk("huyen")
    one.get(f"/desk/papers/{paper}")
    assert FOR in one.text


def test_back_earlier_ends_it_at_once_and_for_good(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer = phone("xa1")
    record = officer.create(slogan="s1", quantity=4)
    officer.sync()
    above = desk("tinh")
    assert away(world, above) == 303
    assert decides(world, record)
    above.get(f"/desk/people/{world.officers['huyen']}/account")
    assert above.post(above.form("/absence/end")).status_code == 303
    above.follow()
    assert "Đã kết thúc lúc" in above.text
    assert not decides(world, record)
    kept = (installed(world.app).settings.data_dir / NAME).read_text()
    assert '"absence"' in kept, "also after a restore of an older backup"


def test_nobody_gives_a_power_that_is_not_below_their_own(world: World, desk: MakeDesk) -> None:
    own = desk("huyen")
    own.get(f"/desk/people/{world.officers['huyen']}/account")
    assert "Đơn vị chưa có người làm thay phù hợp" in own.text
    assert not any(form.action.endswith("/absence") for form in own.forms()), "for oneself who reviews there alone"
    with world.app.app_context(), writing() as session:
        give_role(session, world.officers["pho"], world.units["331"], "reviewer")
    assert away(world, own) == 303
    for name, who in (("phucu", "huyen"), ("xa1", "huyen")):
        assert desk(name).http.get(f"/desk/people/{world.officers[who]}/account").status_code in (403, 404)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"days": (-1, 2)}, "Ngày đầu chưa đúng"),
        ({"days": (3, 2)}, "Ngày cuối chưa đúng"),
        ({"days": (0, 200)}, "Ngày cuối chưa đúng"),
        ({"last": "31/12/9999"}, "Ngày cuối chưa đúng"),
        ({"first": "31/12/9999", "last": "31/12/9999"}, "Ngày cuối chưa đúng"),
        ({"deputy": "nhanla"}, "Đề nghị chọn người làm thay"),
        ({"deputy": "huyen"}, "Đề nghị chọn người làm thay"),
        ({"at": "333"}, "không có quyền duyệt ở đơn vị"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_noted(
    world: World, desk: MakeDesk, change: dict[str, Any], said: str
) -> None:
    one = desk("tinh")
    assert away(world, one, **change) == 422
    assert said in one.text
    assert away(world, one) == 303
    assert away(world, one, (1, 4)) == 422, "one at a time"


def test_the_role_ends_with_that_of_who_is_away_and_asks_for_the_same_factor(
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    officer = phone("xa1")
    record = officer.create(slogan="s1", quantity=4)
    officer.sync()
    assert away(world, desk("tinh")) == 303
    with world.app.app_context(), writing() as session:
        assert not second_factor.is_required(session, world.officers["pho"])
        session.add(RequiredFactor(role="reviewer", since=now_ms()))
        session.flush()
        assert second_factor.is_required(session, world.officers["pho"])
    one = desk("pho")
    one.get("/desk/queue")
    assert one.status == 303, "to set one up first"
    with world.app.app_context(), writing() as session:
        gone = Membership.officer_id == world.officers["huyen"]
        session.execute(update(Membership).where(gone).values(ended_at=now_ms()))
    assert not decides(world, record)


def test_whose_turn_it_is_counts_the_deputy(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer = phone("xa1")
    officer.create(slogan="s1", quantity=4)
    officer.sync()
    assert away(world, desk("tinh")) == 303
    one = desk("pho")
    one.get("/desk/queue?state=todo")
    assert 'class="record"' in one.html
    with world.app.app_context(), reading() as session:
        noted = select(AuditLine.new).where(AuditLine.act == "absence_noted")
        assert set(json.loads(session.scalars(noted).one())) == {"officer", "unit", "from", "to"}
        assert session.scalar(select(func.count()).select_from(AuditLine).where(AuditLine.act == "absence_ended")) == 0


def _ends_membership(session: Session, world: World) -> None:
    gone = Membership.officer_id == world.officers["pho"], Membership.unit_id == world.units["331"]
    session.execute(update(Membership).where(*gone).values(ended_at=now_ms()))


def _disables(who: str) -> Callable[[Session, World], None]:
    def act(session: Session, world: World) -> None:
        session.execute(update(Officer).where(Officer.id == world.officers[who]).values(disabled_at=now_ms()))

    return act


@pytest.mark.databases("both")
@pytest.mark.parametrize("ends", [_ends_membership, _disables("pho"), _disables("huyen")], ids=["left", "shut", "away"])
def test_it_ends_with_the_deputys_membership_and_with_either_account(
    world: World, desk: MakeDesk, phone: MakePhone, ends: Callable[[Session, World], None]
) -> None:
    officer = phone("xa1")
    record = officer.create(slogan="s1", quantity=4)
    officer.sync()
    assert away(world, desk("tinh")) == 303
    assert decides(world, record)
    with world.app.app_context(), writing() as session:  # who is away counts as an author
        session.execute(update(Device).values(code_by=world.officers["huyen"], confirmed_at=None))
        assert not _is_above(session, world, record)
        assert [each.unit.code for each in absences.standing_in(session, world.officers["pho"])] == ["331"]
    with world.app.app_context(), writing() as session:
        ends(session, world)
        assert absences.standing_in(session, world.officers["pho"]) == []
        assert _is_above(session, world, record), "nobody is left below who may decide"
    assert not decides(world, record)


def _is_above(session: Session, world: World, record: str) -> bool:
    """Whether it is the province's turn to decide on a record."""
    unit, campaign = world.units["12286"], session.get_one(Campaign, world.campaign)
    turns = ReviewOrder(session, Scope(session, world.officers["tinh"]), campaign, [unit])
    return turns.is_mine(unit) or record in turns.passed_on


def test_who_stands_in_decides_and_manages_nobody(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer = phone("xa1")
    record = officer.create(slogan="s1", quantity=4)
    officer.sync()
    assert away(world, desk("tinh")) == 303
    with world.app.app_context(), reading() as session:
        scope, below = Scope(session, world.officers["pho"]), world.units["12286"]
        campaign = session.get_one(Campaign, world.campaign)
        assert all((scope.may_decide(below, campaign), scope.may_write(below), scope.may_take_back(below)))
        assert not any(scope.may_pass_on(role, below) for role in ("officer", "reviewer"))
        assert not any((scope.may_manage(below), scope.may_reset(below), scope.tops(["reviewer"])))
    one = desk("pho")
    for page in ("", "queue", "results", "fast", "figures", "records/new"):
        one.get(f"/desk/{page}")
        assert one.status in (200, 303, 404), page
        assert "/desk/people" not in one.html
    for page in ("people", "devices", "trainings", f"people/{world.officers['xa1']}/account"):
        assert one.http.get(f"/desk/{page}").status_code in (403, 404), page
    one.get(f"/desk/records/{record}")
    (token,) = one.form("/decide").values["csrf_token"]
    said = {"deputy": world.officers["xa2"], "first": f"{today():%d/%m/%Y}", "last": f"{today():%d/%m/%Y}"}
    sent = said | {"unit": below, "csrf_token": token}
    assert one.http.post(f"/desk/people/{world.officers['xa1']}/absence", data=sent).status_code == 403
    assert one.post(one.form("/decide"), verdict="counted").status_code == 303


@pytest.mark.databases("both")
def test_a_phone_of_the_deputy_is_as_on_any_day(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """One stands in at the desk alone: the catalogue offers no unit whose records the phone may not send."""
    with world.app.app_context(), writing() as session:
        id_ = add_officer(session, NewOfficer("quan", "Quản trị huyện Kim Động", password_hash())).id
        give_role(session, id_, world.units["331"], "admin")
    world.officers["quan"] = id_
    calling, theirs = Client(world.app.test_client(), world.token("quan")), phone("quan", "331")

    def seen() -> tuple[Any, ...]:
        told, body = calling.sync(), calling.get("/catalog").get_json()
        assert told["catalog"] == body["etag"]
        return told["catalog"], [each["id"] for each in body["units"]]

    before = seen()
    assert away(world, desk("tinh"), deputy="quan") == 303
    assert seen() == before
    assert before[1] == []
    theirs.create(slogan="s1", quantity=4)
    theirs.sync()
    with world.app.app_context(), reading() as session:
        assert session.scalar(select(func.count()).select_from(Record)) == 0
        campaign = session.get_one(Campaign, world.campaign)
        assert Scope(session, id_).may_decide(world.units["12286"], campaign)


def _steps_of(world: World, unit: str) -> list[str]:
    with world.app.app_context(), reading() as session:
        return [by for _, by in steps.history(session, world.units[unit], world.campaign).steps]


@pytest.mark.databases("both")
def test_only_what_was_done_for_somebody_is_said_to_be(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """Not of acts of another unit, nor where the deputy decides by a role of their own; of two, who went first."""
    here, other = phone("xa1"), phone("dinhcao", "12397")
    made = [each.create(slogan="s1", quantity=4) for each in (here, here, other)]
    here.sync(), other.sync()
    with world.app.app_context(), writing() as session:
        second = add_officer(session, NewOfficer("hai", "Ai đó", password_hash())).id
        give_role(session, second, world.units["331"], "reviewer")
        give_role(session, world.officers["pho"], world.units["333"], "reviewer")
        world.officers["hai"] = second
    above = desk("tinh")
    assert away(world, above) == 303
    with stopped_at(now_ms() + 1000):
        assert away(world, above, who="hai") == 303
    one = desk("pho")
    for record in (made[0], made[2]):
        one.get(f"/desk/records/{record}")
        assert one.post(one.form("/decide"), verdict="counted").status_code == 303
        one.get(f"/desk/records/{record}")
        assert (FOR in one.text) == (record == made[0]), "in the other district by the own role"
    log = desk("quantri")
    log.get("/desk/audit?act=decided")
    assert log.text.count("(thay Người duyệt huyện Kim Động)") == 1
    log.get("/desk/audit?act=signed_in")
    assert "(thay" not in log.text
    with world.app.app_context(), writing() as session:
        give_role(session, world.officers["pho"], world.units["331"], "reviewer")
    one.get(f"/desk/records/{made[1]}")
    assert one.post(one.form("/decide"), verdict="counted").status_code == 303
    one.get(f"/desk/records/{made[1]}")
    assert "(thay" not in one.text, "decides here by a role of their own by now"
    one.http.set_cookie("loa_language", "en")
    one.get(f"/desk/records/{made[0]}")
    assert "Phó phòng huyện Kim Động (standing in for Người duyệt huyện Kim Động)" in one.text
    assert "(thay" not in one.text
    lock(world, "pho")
    assert _steps_of(world, "331") == ["Phó phòng huyện Kim Động"]


def test_the_deputy_is_named_among_who_else_may_decide(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer = phone("xa1")
    record = officer.create(slogan="s1", quantity=4)
    officer.sync()
    with world.app.app_context(), writing() as session:
        session.execute(update(Device).values(code_by=world.officers["huyen"], confirmed_at=None))
    one = desk("huyen")
    one.get(f"/desk/records/{record}")
    assert "Phó phòng huyện Kim Động" not in one.text
    assert away(world, desk("tinh")) == 303
    one.get(f"/desk/records/{record}")
    assert "Phó phòng huyện Kim Động" in one.text
