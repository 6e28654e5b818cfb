"""Confidential cases: a person's way from reception to the report, under both laws, and what others see of it."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import docx
import pytest
from sqlalchemy import update

from server.core.clock import now_ms, stopped_at, today
from server.core.db import reading, writing
from server.core.keyring import Keyring, Secret
from server.models import Campaign, CaseFile, CaseRight, Membership, Officer, Unit
from server.services.campaigns.lifecycle import NewCampaign, open_campaign
from server.services.cases import (
    case_log,
    codes,
    counting,
    finding,
    log_verifying,
    reducing,
    rights,
    rotating,
    sealing,
    store,
)
from server.services.confidential import feeds
from server.services.recovery import key_use
from support.world.cases import NEW, act, entered, entitle, line, made
from support.world.changes import merge, split, status
from support.world.confidential import proven
from support.world.world import World

pytestmark = pytest.mark.sqlite_first

MakeDesk = Callable[..., Any]
MINUTE = 60_000


@pytest.fixture(autouse=True)
def _holders(world: World) -> None:
    entitle(world)


def freeze(one: Any, world: World, unit: str) -> str:
    one.get(f"/desk/annex?unit={world.units[unit]}&campaign={world.campaign}")
    one.post(one.form("/desk/annex/freeze"), yes="1")
    assert one.status == 303, one.text
    return str(one.location.rpartition("/")[2])


def figures(one: Any, world: World, unit: str) -> str:
    one.get(f"/desk/cases/figures?unit={world.units[unit]}&campaign={world.campaign}")
    assert one.status == 200, one.text
    return str(one.text)


@pytest.mark.slow
@pytest.mark.costly
def test_from_reception_to_the_public_report_under_the_law_of_2011(world: World, desk: MakeDesk) -> None:
    one = entered(world, desk(), "mat_xa")
    case, code = made(one)
    assert codes.is_right(code.replace("-", ""))
    assert "66/2011/QH12" in one.text
    assert "→ 26/09/2021" in one.text, "meals for at most 60 days"
    act(one, case, "event", event="file_complete", day="2021-07-30")
    act(one, case, "event", event="returned", day="2021-07-29")
    one.follow()
    assert "→ 04/08/2021" in one.text, "three working days from a Friday on"
    assert "→ 29/07/2022" in one.text, "twelve months from the return on"
    assert "Quá hạn" in one.text
    one.get("/desk/cases")
    assert "việc quá hạn" in one.text
    one.post(act_form(one, case, "step", 0), day="2021-08-03")
    assert one.status == 303
    line(one, case, "essential", "needed", "2021-07-28")
    line(one, case, "medical", "provided", "2021-08-10")
    act(one, case, "close", day="2021-12-31")
    assert one.status == 422
    assert "Còn chế độ chưa xong" in one.text
    assert one.has_form(f"/{case}/close"), "said on the case's own page"
    assert "<details open>" in one.html
    line(one, case, "essential", "provided", "2021-09-26")
    for benefit in ("psychological", "legal_aid", "schooling"):
        line(one, case, benefit, "declined", "2021-08-11")
    act(one, case, "close", day="2021-12-31", **{"why.initial": "moved_away"})
    assert one.status == 303, one.text
    one.follow()
    assert "Chưa xong khi kết thúc: đã chuyển đi" in one.text
    one.get(f"/desk/cases/{case}/sheet")
    assert code in one.text
    assert "đã hỗ trợ 26/09/2021" in one.text

    annex = freeze(one, world, "12286")
    made_file = docx.Document(io.BytesIO(one.http.get(f"/desk/annex/{annex}/word").data))
    rows = [[cell.text for cell in row.cells] for table in made_file.tables for row in table.rows]
    assert ["", "Hỗ trợ y tế", "người", "1"] in rows
    above = entered(world, desk(), "mat_tinh")
    said = figures(above, world, "33")
    assert "Số người tiếp nhận 1" in said
    assert "0 hồ sơ đang mở" in said
    above.post(above.form("/desk/cases/publish"), yes="1")
    said = figures(above, world, "33")
    public = said[said.index("Bản công khai") :]
    assert "Số người tiếp nhận từ 1 đến 7" in public
    assert "Hỗ trợ y tế" not in public
    assert not re.search(r"(tiếp nhận|hỗ trợ) 1\b", public)
    made(one, received="2021-07-02")
    assert "Số người tiếp nhận 2" in figures(above, world, "33")
    assert above.text[above.text.index("Bản công khai") :] == public, "published once"
    assert verified(world) == []


def act_form(one: Any, case: str, name: str, nth: int) -> Any:
    one.get(f"/desk/cases/{case}")
    return [form for form in one.forms() if form.action.endswith(f"/{case}/{name}")][nth]


def verified(world: World) -> list[str]:
    with world.app.app_context(), reading() as session:
        return log_verifying.verify(session)


@pytest.mark.slow
def test_who_is_being_identified_becomes_a_victim_under_the_law_of_2024(world: World, desk: MakeDesk) -> None:
    one = entered(world, desk(), "mat_xa")
    case, _ = made(one, received="2025-08-20", category="identified_here")
    assert "53/2024/QH15" in one.text
    assert "k) Trợ cấp khó khăn ban đầu" not in one.text
    assert "→ 18/12/2025" in one.text, "120 days"
    line(one, case, "essential", "provided", "2025-08-21")
    act(one, case, "identify", outcome="confirmed", day="2025-09-10")
    one.follow()
    assert "k) Trợ cấp khó khăn ban đầu" in one.text
    assert "đã hỗ trợ 21/08/2025" in one.text, "what was done stays"
    other, _ = made(one, received="2025-08-20", category="minor_identified_abroad")
    line(one, other, "medical", "provided", "2025-08-22")
    act(one, other, "identify", outcome="not_victim", day="2025-09-10")
    one.follow()
    assert "Không còn thuộc diện hưởng" in one.text
    assert "đã hỗ trợ 22/08/2025" in one.text
    assert "Hỗ trợ phiên dịch" not in one.text
    for received, category in (("2021-07-28", "identified_here"), ("2099-01-01", "victim"), ("2011-01-01", "victim")):
        one.get("/desk/cases/new")
        chosen = NEW | {"received": received, "category": category}
        assert one.post(one.form("/desk/cases/new"), **chosen).status_code == 422
        kept = {name: one.form("/desk/cases/new").values[name] for name in ("category", "received", "age", "source")}
        assert kept == {name: [chosen[name]] for name in kept}, "what was chosen is still chosen"
    one.get("/desk/cases/new")
    assert one.post(one.form("/desk/cases/new"), received="2025-08-20").status_code == 400, "nothing is chosen for one"


@pytest.mark.slow
def test_from_reception_to_the_public_report_under_the_law_of_2024(world: World, desk: MakeDesk) -> None:
    with world.app.app_context(), writing() as session:
        new = NewCampaign(
            name="Đợt năm 2025", starts_on=date(2025, 7, 1), ends_on=date(2025, 8, 31), due_before=date(2025, 9, 3),
            hotline="111", slogans=["x"],
        )  # fmt: skip
        campaign = open_campaign(session, world.units["33"], new).id
    here = replace(world, campaign=campaign)
    one = entered(world, desk(), "mat_xa")
    case, code = made(one, received="2025-08-29")
    assert "53/2024/QH15" in one.text
    assert "k) Trợ cấp khó khăn ban đầu" in one.text
    act(one, case, "event", event="informed", day="2025-08-29")
    one.follow()
    assert "→ 01/09/2025" in one.text, "three days from a Friday on, as the law says: not working days"
    given = ("essential", "medical", "initial")
    for id_ in given:
        line(one, case, id_, "needed", "2025-08-30")
        line(one, case, id_, "applied", "2025-09-03")
        line(one, case, id_, "provided", "2025-09-10")
    one.get(f"/desk/cases/{case}")
    closing = next(form for form in one.forms() if form.action.endswith("/close"))
    left = [name for name in closing.values if name.startswith("why.")]
    assert len(left) == 7
    act(one, case, "close", day="2025-12-31", **dict.fromkeys(left, "refused"))
    assert one.status == 303, one.text
    one.get(f"/desk/cases/{case}/sheet")
    assert code in one.text
    assert "đã hỗ trợ 10/09/2025" in one.text
    annex = freeze(one, here, "12286")
    made_file = docx.Document(io.BytesIO(one.http.get(f"/desk/annex/{annex}/word").data))
    rows = [[cell.text for cell in row.cells] for table in made_file.tables for row in table.rows]
    assert [row[1:] for row in rows if len(row) == 4 and "y tế" in row[1]] == [["b) Hỗ trợ y tế", "người", "1"]], rows
    above = entered(world, desk(), "mat_tinh")
    assert "Số người tiếp nhận 1 Số người được hỗ trợ 1" in figures(above, here, "33")
    above.post(above.form("/desk/cases/publish"), yes="1")
    said = figures(above, here, "33")
    assert "Số người tiếp nhận từ 1 đến 7 Số người được hỗ trợ từ 1 đến 7" in said[said.index("Bản công khai") :]
    ring = Keyring((*world.keyring.secrets, Secret("next", b"k" * 32, now_ms())))
    with world.app.app_context(), writing() as session:
        assert rotating.rotate(session, ring)[1] == 0
    assert verified(world) == []


@pytest.mark.slow
@pytest.mark.both_databases
def test_a_case_goes_from_unit_to_unit_and_counts_once(world: World, desk: MakeDesk) -> None:
    one, there = entered(world, desk(), "mat_xa"), entered(world, desk(), "mat_nhanla")
    case, code = made(one)
    twin, twin_code = made(there, received="2021-07-30")
    line(there, twin, "medical", "provided", "2021-08-01")
    above = entered(world, desk(), "mat_tinh")
    assert "Số người tiếp nhận 2" in figures(above, world, "33")
    act(one, case, "link", code="23456-ACDEG")
    assert one.status == 422
    act(one, case, "link", code=twin_code)
    assert one.status == 303
    said = figures(above, world, "33")
    assert "Số người tiếp nhận 1 Số người được hỗ trợ 1" in said, "the benefits of both, one person"
    act(one, case, "recode")
    one.follow()
    new = re.search(r"<strong>([2-9A-Z]{5}-[2-9A-Z]{5})</strong>", one.html)
    assert new is not None
    assert new[1] != code
    one.get("/desk/cases")
    assert one.post(one.form("/desk/cases/find"), code=code).status_code == 422
    assert one.has_form("/desk/cases/find"), "the list is still there"
    act(one, case, "hand-over", to=world.units["12289"])
    assert one.status == 303
    one.get("/desk/cases")
    assert "Chưa có hồ sơ nào" in one.text
    assert one.http.get(f"/desk/cases/{case}").status_code == 404
    there.get("/desk/cases")
    there.post(there.form("/desk/cases/find"), code=new[1].lower().replace("-", " "))
    assert there.location.endswith(f"/{case}"), "the code goes with it"
    there.follow()
    there.post(there.form(f"/{case}/reason"), why="handover")
    assert "Số người tiếp nhận 1 " in figures(above, world, "33")
    act(there, case, "hand-over", to="away")
    there.get(f"/desk/cases/{case}")
    assert "chuyển ra ngoài tỉnh" in there.text


@pytest.mark.both_databases
def test_two_officers_at_once(world: World, desk: MakeDesk) -> None:
    one = entered(world, desk(), "mat_xa")
    case, _ = made(one)
    stale = act_form(one, case, "line", 0)
    line(one, case, "medical", "needed", "2021-07-28")
    assert one.post(stale, state="needed", day="2021-07-28").status_code == 409


@pytest.mark.slow
@pytest.mark.both_databases
@pytest.mark.costly
def test_totals_entered_by_hand_are_taken_over_and_never_counted_twice(world: World, desk: MakeDesk) -> None:
    one = entered(world, desk(), "mat_xa")
    page = f"/desk/annex?unit={world.units['12286']}&campaign={world.campaign}"
    one.get(page)
    one.post(one.form("/desk/annex/totals"), received="3", supported="2", **{"r.medical": "2"})
    made(one)
    assert "Số người tiếp nhận 3 Số người được hỗ trợ 2" in figures(one, world, "12286"), "two have no case yet"
    one.get(page)
    assert "Số liệu lấy từ hồ sơ vụ việc" in one.text
    for _ in range(3):
        case, _ = made(one)
        line(one, case, "medical", "provided", "2021-08-01")
    assert "Số người tiếp nhận 4 Số người được hỗ trợ 3" in figures(one, world, "12286")
    one.get(page)
    assert "4" in re.findall(r"Số người tiếp nhận (\d+)", one.text)


def test_a_mistaken_hand_entry_can_be_dropped(world: World, desk: MakeDesk) -> None:
    one = entered(world, desk(), "mat_xa")
    one.get(f"/desk/annex?unit={world.units['12286']}&campaign={world.campaign}")
    one.post(one.form("/desk/annex/totals"), received="30", supported="20")
    made(one)
    figures(one, world, "12286")
    one.post(one.form("/desk/cases/hand"))
    assert "Số người tiếp nhận 1 Số người được hỗ trợ 0" in figures(one, world, "12286")


def test_the_right_needs_two_people(world: World, desk: MakeDesk) -> None:
    admin, above, own = desk("quantri"), proven(world, desk(), "mat_tinh"), proven(world, desk(), "mat_phucu")
    admin.get("/desk/case-rights")
    wanted = re.search(r'<option value="([\w-]+)">[^<]*333 · Huyện Phù Cừ', admin.html)
    assert wanted is not None
    admin.post(admin.form("/case-rights/propose"), **{"for": wanted[1]})
    assert admin.status == 303, admin.text
    assert own.http.get("/desk/cases/door").status_code == 404, "proposed alone gives nothing"
    with world.app.app_context(), reading() as session:
        right = next(row.id for row in session.query(CaseRight) if row.given_at is None)
    for other in (admin, own):
        other.get("/desk/case-rights")
        assert not other.has_form(f"/{right}/give")
        csrf = other.form("/desk/language").values["csrf_token"]
        assert other.http.post(f"/desk/case-rights/{right}/give", data={"csrf_token": csrf}).status_code == 404
    above.get("/desk/case-rights")
    above.post(above.form(f"/{right}/give"))
    assert above.status == 303
    entered(world, own, "mat_phucu")
    admin.get("/desk/case-rights")
    admin.post(admin.form(f"/{right}/end"))
    assert own.http.get("/desk/cases").status_code == 404, "ended at once"


def test_the_right_rests_while_the_role_is_gone(world: World, desk: MakeDesk) -> None:
    one = entered(world, desk(), "mat_xa")
    assert one.http.get("/desk/cases").status_code == 200
    role = (Membership.officer_id == world.officers["mat_xa"], Membership.role == "confidential")
    with world.app.app_context(), writing() as session:
        session.execute(update(Membership).where(*role).values(ended_at=now_ms()))
    assert one.http.get("/desk/cases").status_code == 404


def test_the_first_right_is_given_where_its_holder_has_the_role(world: World) -> None:
    with world.app.app_context(), writing() as session:
        session.execute(update(CaseRight).values(ended_at=now_ms()))
        officer = session.get_one(Officer, world.officers["mat_xa"])
        own, other = (session.get_one(Unit, world.units[code]) for code in ("12286", "12289"))
        with pytest.raises(ValueError, match="no confidential role"):
            rights.first(session, world.keyring, officer, other)
        rights.first(session, world.keyring, officer, own)
        assert rights.units_of(session, officer.id) == [own.id]


@pytest.mark.both_databases
@pytest.mark.parametrize(("heir", "to"), [("", "12290"), ("12291", "12290"), ("12291", "12291")])
def test_who_goes_to_another_part_of_a_split_unit_leaves_its_cases(world: World, heir: str, to: str) -> None:
    split(world, "12286", "12290=Xã Một", "12291=Xã Hai", heir=heir, mat_xa=to)
    with world.app.app_context(), reading() as session:
        held = rights.handled(session, world.officers["mat_xa"])
        served = [id_ for id_, _ in rights.served(session)]
    assert (world.units["12286"] in held) == (heir == to), "only who goes to the part that took the unit in"
    assert (world.units["12286"] in served) == (heir == to), "no case is handed over to where nobody is"


def test_cases_of_a_commune_are_counted_above_its_new_district(world: World, desk: MakeDesk) -> None:
    """L-54: who handles them stays; who counts them is another one."""
    one = entered(world, desk(), "mat_xa")
    case, _ = made(one)
    split(world, "331", "333", below={"12286": "333"})
    one.get(f"/desk/cases/{case}")
    assert one.status == 200, one.text
    with world.app.app_context(), reading() as session:
        counts = [counting.due_below(session, world.keyring, [world.units[code]]).open for code in ("331", "333", "33")]
    assert counts == [0, 1, 1]


@pytest.mark.parametrize("with_people", [True, False])
def test_a_right_goes_on_at_the_unit_that_took_its_own_in(world: World, *, with_people: bool) -> None:
    merge(world, "12286", into="12289", with_people=with_people)
    with world.app.app_context(), reading() as session:
        assert rights.units_of(session, world.officers["mat_xa"]) == [world.units["12286"]] * with_people


@pytest.mark.slow
def test_a_form_that_was_refused_keeps_what_was_typed(world: World, desk: MakeDesk) -> None:
    """Else a second click records today as the day of an act of law."""
    one = entered(world, desk(), "mat_xa")
    case, _ = made(one, received="2025-08-20", category="identified_here")

    def refused(name: str, said: dict[str, str], nth: int = 0) -> dict[str, str]:
        one.post(act_form(one, case, name, nth), **said)
        assert one.status == 422, one.text
        again = [form for form in one.forms() if form.action.endswith(f"/{case}/{name}")][nth]
        days = [form.values["day"][0] for form in one.forms() if "day" in form.values]
        assert days.count(today().isoformat()) == len(days) - ("day" in said), "the other forms are as they were"
        return {key: again.values[key][0] for key in said}

    day = "2025-08-01"
    for name, said in (
        ("event", {"event": "file_complete", "day": day}),
        ("identify", {"outcome": "not_victim", "day": day}),
        ("line", {"state": "declined", "day": day}),
        ("step", {"day": day}),
        ("link", {"code": "23456-ACDEG"}),
    ):
        assert refused(name, said) == said, name
    second = {"state": "declined", "day": day}
    assert refused("line", second, 1) == second
    why = next(key for key in act_form(one, case, "close", 0).values if key.startswith("why."))
    closing = {"day": "2025-09-30", why: "refused"}
    assert refused("close", closing) == closing
    assert "<details open>" in one.html


def test_who_came_home_alone_came_before_the_reception(world: World, desk: MakeDesk) -> None:
    one = entered(world, desk(), "mat_xa")
    case, _ = made(one)
    act(one, case, "event", event="returned", day="2021-05-02")
    assert one.status == 303
    act(one, case, "event", event="informed", day="2021-05-02")
    assert one.status == 422, "anything else comes after it"


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
        assert answer.headers["Location"].endswith("/desk/cases/door")
        one.get("/desk/cases/door")
        one.post(one.form("/desk/cases/enter"))
        assert one.status == 401, "a fresh second factor"
    one = entered(world, desk(), "mat_xa")
    one.get(f"/desk/cases/{case}")
    assert "Lý do mở hồ sơ" in one.text, "the reason is asked anew"
    assert "Giới tính" not in one.text
    one.post(one.form(f"/{case}/reason"), why="because")
    assert one.status == 400
    assert one.http.get("/desk/cases").headers["Cache-Control"] == "no-store"


@pytest.mark.slow
@pytest.mark.both_databases
def test_under_a_new_key_all_reads_as_before_and_a_lost_key_is_said(world: World, desk: MakeDesk) -> None:
    one = entered(world, desk(), "mat_xa")
    case, code = made(one)
    line(one, case, "medical", "provided", "2021-08-01")
    old = world.keyring
    ring = Keyring((*old.secrets, Secret("next", b"k" * 32, now_ms())))
    with world.app.app_context():
        with writing() as session:
            assert key_use.of(session, ring, old.secrets[-1].id).cases > 3
            done, unread = rotating.rotate(session, ring)
            assert (done > 3, unread) == (True, 0)
            assert rotating.rotate(session, ring) == (0, 0)
            assert key_use.of(session, ring, old.secrets[-1].id).cases == 0
        only_new = Keyring((Secret("next", b"k" * 32, now_ms()),))
        with reading() as session:
            me = world.officers["mat_xa"]
            assert finding.by_code(session, only_new, me, code) == case
            held = store.get(session, only_new, me, case)
            assert held.data.provided == {"medical"}
            assert log_verifying.verify(session) == []
            lines, _ = case_log.read(session, only_new)
            assert all(each.said for each in lines)
    one.get("/desk/cases/door")
    one.post(one.form("/desk/cases/enter"))
    one.get("/desk/cases")
    assert "Chưa có hồ sơ nào" in one.text, "without the key nothing can even be found"
    with world.app.app_context(), writing() as session:
        row = session.get_one(CaseFile, case)
        row.unit_tag = sealing.tag(old, "unit", world.units["12286"])
    one.get("/desk/cases")
    assert "1 hồ sơ không đọc được" in one.text
    one.get(f"/desk/cases/{case}")
    assert one.status == 422
    assert "khóa mã hóa không còn hoặc không đúng" in one.text
    assert figures(one, world, "12286"), "the counts say it too"
    assert "1 hồ sơ không đọc được" in one.text


@pytest.mark.both_databases
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
            assert reducing.reduce(session, world.keyring, 24, dry=False) == reducing.Reduction(0, 1, 0)
        status(world, "closed")
        status(world, "archived")
        with writing() as session:
            assert reducing.reduce(session, world.keyring, 600, dry=False).reduced == 0
            assert reducing.reduce(session, world.keyring, 24, dry=True) == reducing.Reduction(1, 0, 0)
            assert session.get(CaseFile, case) is not None, "a dry run changes nothing"
            assert reducing.reduce(session, world.keyring, 24, dry=False) == reducing.Reduction(1, 0, 0)
        with reading() as session:
            assert session.get(CaseFile, case) is None
            assert session.get(CaseFile, still) is not None
            campaign = session.get_one(Campaign, world.campaign)
            total = counting.feed(session, world.keyring, campaign, world.units["12286"])
            assert total is not None
            assert (total.received, total.supported, total.regimes) == (2, 1, {"medical": 1})
            assert feeds.in_force(session, world.keyring, campaign, world.units["12286"]).source == "cases"
            lines, _ = case_log.read(session, world.keyring)
    assert [each.said["case"] for each in lines if each.said and each.said["act"] == "reduced"] == [case], "a tombstone"
    assert verified(world) == []
