"""New records and corrections at the desk: only what changed, once however often it is clicked, nothing lost."""

from __future__ import annotations

import json
import re
import threading
from html import unescape
from typing import Any

import pytest

from server.core.db import reading, writing
from server.desk.recording import form as forms
from server.models import Campaign, Record, WriteRow
from server.services.campaigns.lifecycle import set_status
from server.services.organisation.staff import give_role
from server.services.records.stored import writes_of
from server.services.review.decisions import Verdict, decide
from server.services.units import unit_search
from server.services.units.scope import Scope
from support.checks import truth
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

DAY = {"f.put_up_on": "20/7/2021"}
"""A day of the campaign: another is asked about."""
NOTE = "Ở <cổng> chợ"
BROADCAST = {
    "f.script": " Bài tuyên truyền số 1 ",
    "f.schedule.from": "21/7/2021",
    "f.schedule.to": "30/07/2021",
    "f.schedule.times_a_day": "2",
    "f.minutes": "15",
    "days.shown": "1",
    "days.all": "1",
    "submit": "1",
}


def writes(world: World, record: str) -> list[WriteRow]:
    with world.app.app_context(), reading() as session:
        found = writes_of(session, [record])[record]
        session.expunge_all()
        return found


@pytest.mark.databases("sqlite")
def test_a_schedule_of_one_day_is_that_day(desk: MakeDesk, phone: MakePhone) -> None:
    officer = phone("xa1")
    officer.create("broadcast", schedule={"from": "2021-07-21", "to": "2021-07-21", "times_a_day": 2}, minutes=5)
    officer.sync()
    one = desk("huyen")
    one.get("/desk/queue")
    assert "21/07/2021, 2 lượt" in one.text
    assert "21/07/2021 –" not in one.text


@pytest.mark.slow
def test_the_district_records_its_own_broadcast_the_same_way(desk: MakeDesk) -> None:
    one = desk("huyen")
    one.get("/desk/records/new")
    assert "Phát thanh" in one.text
    one.get("/desk/records/new?kind=broadcast")
    form = one.form("/desk/records/new")
    assert [one.post(form, **BROADCAST).status_code for _ in range(2)] == [303, 303]  # a double click
    one.follow()
    assert "Kim Động PT-1 Chờ duyệt" in one.text
    assert "21/07/2021 – 30/07/2021, mỗi ngày 2 lượt (dự kiến 20 lượt)" in one.text
    assert "Cấp trên của đơn vị sẽ duyệt" in one.text
    one.get("/desk/queue?state=all")
    assert one.text.count("Kim Động PT-") == 1
    above = desk("tinh")
    above.get(one.location)
    assert above.post(above.form("/decide"), verdict="counted").status_code == 303
    above.get("/desk/figures?tab=all")
    assert above.text.count("Huyện Kim Động 0/3 đơn vị") == 1
    row = above.figures()["Huyện Kim Động"]
    assert {name for name, text in row.items() if text not in ("0", "–") and name != "standing"} == {
        "Lượt phát", "Thời lượng phát", "Tin, bài phát thanh",
    }  # fmt: skip
    assert [row[name] for name in ("Lượt phát", "Thời lượng phát", "Tin, bài phát thanh")] == ["20", "300", "1"]


def test_a_form_changed_after_it_was_saved_goes_on_there(desk: MakeDesk) -> None:
    """Back, changed, sent again: no second record, and nothing of what was typed is passed over in silence."""
    one = desk("huyen")
    one.get("/desk/records/new?kind=broadcast")
    form = one.form("/desk/records/new")
    one.post(form, **BROADCAST)
    assert one.post(form, **BROADCAST | {"f.minutes": "20"}).status_code == 303
    assert one.location.endswith("/edit")
    one.follow()
    assert "đã được lưu từ lần bấm trước" in one.text


def test_only_the_changed_fields_are_written_with_what_was_seen(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer, one = phone("xa1"), desk("xa2")
    place = {"lat_e6": 20658312, "lon_e6": 106056100, "accuracy_m": 12, "fixed_at": 1_627_000_000_000}
    record = officer.create(slogan="s1", quantity=1, place=place, note="dòng 1\ndòng 2", put_up_on="2021-07-21")
    officer.sync()
    one.get(f"/desk/records/{record}/edit")
    form = one.form("/edit")
    form.values["f.note"] = [form.values["f.note"][0].replace("\n", "\r\n")]  # what browsers send
    kept = {"kept/number_range": {"quantity": 1234}}
    sure = {"f.quantity": "1.234", "keep": "", "asked": json.dumps(kept)}
    assert [one.post(form, **sure).status_code for _ in range(2)] == [303, 303]
    first, second = writes(world, record)
    assert (second.set, second.seen, second.device_id) == ({"quantity": 1234} | kept, [first.id], None)
    one.get(f"/desk/records/{record}/edit")
    assert one.post(one.form("/edit")).status_code == 303
    assert "Không có gì thay đổi" in one.follow()
    assert len(writes(world, record)) == 2


def test_what_arrived_while_the_form_was_open_is_not_overwritten(desk: MakeDesk, phone: MakePhone) -> None:
    """SPEC W-6."""
    officer, one = phone("xa1"), desk("huyen")
    record = officer.create(slogan="s1", quantity=1, note="")
    officer.sync()
    one.get(f"/desk/records/{record}/edit")
    form = one.form("/edit")
    officer.edit(record, quantity=6)
    officer.sync()
    one.post(form, **{"f.quantity": "2"})
    officer.sync()
    assert officer.state(record).sides("quantity") == [2, 6]
    one.follow()
    assert "Hai người cùng sửa" in one.text


def test_what_cannot_be_read_stays_in_the_form(desk: MakeDesk, phone: MakePhone) -> None:
    officer, one = phone("xa1"), desk("huyen")
    record = officer.create(slogan="s1", quantity=1)
    officer.sync()
    one.get(f"/desk/records/{record}/edit")
    answer = one.post(one.form("/edit"), **{"f.quantity": "mười", "f.note": NOTE, "f.put_up_on": "31/02/2021"})
    assert answer.status_code == 422
    form = one.form("/edit")
    assert (form.values["f.quantity"], form.values["f.note"]) == (["mười"], [NOTE])
    assert form.values["f.put_up_on"] == ["31/02/2021"]
    assert "Số lượng: Chưa hiểu số “mười”. Đề nghị ghi bằng chữ số, ví dụ 1.200." in one.text
    assert one.post(form, **{"f.quantity": "10", "f.put_up_on": "28/7/2021"}).status_code == 303
    officer.sync()
    state = officer.state(record)
    assert (state.value("quantity"), state.value("note"), state.conflicts) == (10, NOTE, [])


def test_a_refusal_of_the_journal_is_told_beside_its_field(desk: MakeDesk) -> None:
    one = desk("huyen")
    one.get("/desk/records/new?kind=broadcast")
    answer = one.post(one.form("/desk/records/new"), **BROADCAST | {"f.script": "x" * 301})
    assert answer.status_code == 422
    assert "Nội dung một ô quá dài" in one.text
    assert one.form("/desk/records/new").values["f.minutes"] == ["15"]
    assert one.post(one.form("/desk/records/new"), **BROADCAST).status_code == 303


def test_a_draft_is_submitted_later(desk: MakeDesk) -> None:
    one = desk("huyen")
    one.get("/desk/records/new?kind=broadcast")
    one.post(one.form("/desk/records/new"), **BROADCAST | {"submit": None})
    one.follow()
    assert "Kim Động PT-1 Bản nháp" in one.text
    one.get(one.location + "/edit")
    one.post(one.form("/edit"), submit="1")
    one.follow()
    assert "Kim Động PT-1 Chờ duyệt" in one.text


def test_an_empty_form_makes_nothing(desk: MakeDesk) -> None:
    one = desk("huyen")
    one.get("/desk/records/new?kind=broadcast")
    answer = one.post(one.form("/desk/records/new"), **{"f.programme": None, "f.hotline": None})
    assert answer.status_code == 422
    assert "Chưa ghi nội dung nào." in one.text


def test_what_is_missing_is_said_once_and_is_no_reason_to_refuse(desk: MakeDesk, phone: MakePhone) -> None:
    """SPEC V-3: required is a hint."""
    one = desk("huyen")
    one.get("/desk/records/new?kind=banner")
    form = one.form("/desk/records/new")
    assert "Vẫn gửi" not in one.text
    answer = one.post(form, **{"submit": "1", "f.quantity": "", "f.note": NOTE})
    assert answer.status_code == 422
    assert "Còn thiếu: Khẩu hiệu, Số lượng." in one.text
    assert "Vẫn gửi" in one.text
    assert "Lưu nháp" in one.text
    assert one.post(one.form("/desk/records/new"), submit="anyway", **DAY).status_code == 303
    one.follow()
    assert "Kim Động BR-1 Chờ duyệt" in one.text
    assert "Còn thiếu: Khẩu hiệu, Số lượng, Ảnh." in one.text
    one.get("/desk/records/new?kind=banner")
    one.post(one.form("/desk/records/new"), **{"f.quantity": "", "f.note": NOTE}, **DAY)
    one.get(one.location + "/edit")
    assert one.post(one.form("/edit"), submit="1").status_code == 422
    assert "Còn thiếu: Khẩu hiệu, Số lượng." in one.text
    assert one.post(one.form("/edit"), **{"submit": "1", "f.quantity": "1", "f.slogan": "s1"}).status_code == 303
    officer = phone("xa1")
    record = officer.create("broadcast", script="Bài 1", minutes=5)
    officer.sync()
    one.get(f"/desk/records/{record}")
    assert "Còn thiếu: Lịch phát." in one.text


def test_the_district_records_on_behalf_of_a_commune(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """The record is the commune's, on its phones too; who made it does not decide on it (SPEC D-6)."""
    one, officer = desk("huyen"), phone("xa1")
    one.get("/desk/records/new")
    assert "Xã Chính Nghĩa" in one.text
    one.get(f"/desk/records/new?kind=broadcast&unit={world.units['12286']}")
    assert "Nhập thay xã Chính Nghĩa" in one.text
    assert one.post(one.form("/desk/records/new"), **BROADCAST).status_code == 303
    one.follow()
    assert "Chính Nghĩa PT-1 Chờ duyệt" in one.text
    assert not one.has_form("/decide")
    officer.sync()
    assert len(officer.records) == 1
    above = desk("tinh")
    above.get("/desk/queue")
    assert "Chính Nghĩa PT-1" in above.text


@pytest.mark.parametrize("few", [200, 0])
def test_who_reviews_elsewhere_still_chooses_the_own_unit(
    world: World, desk: MakeDesk, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(unit_search, "FEW", few)
    with world.app.app_context(), writing() as session:
        give_role(session, world.officers["xa1"], world.units["333"], "reviewer")
    one = desk("xa1")
    one.get("/desk/records/new")
    if few:
        assert all(f'value="{world.units[unit]}"' in one.html for unit in ("12286", "333"))
    else:
        (name,) = re.findall(r'name="unit_name" value="([^"]*)"', one.html)
        assert name.startswith("Xã Chính Nghĩa")
        one.get(f"/desk/records/new?campaign={world.campaign}&unit_name={name}&kind=banner")
        assert f"unit={world.units['12286']}" in unescape(one.html), "the redirect"


def test_another_units_form_is_not_taken_for_ones_own(world: World, desk: MakeDesk) -> None:
    for username, unit in (("huyen", "12397"), ("huyen", "33"), ("xa1", "12289")):
        one = desk(username)
        one.get(f"/desk/records/new?kind=banner&unit={world.units[unit]}")
        assert one.status == 403
        one.get("/desk/records/new?kind=broadcast")
        form = one.form("/desk/records/new")
        assert one.post(form, **BROADCAST | {"unit": world.units[unit]}).status_code == 403


def test_who_may_not_write_is_told_so(desk: MakeDesk, phone: MakePhone) -> None:
    officer, admin = phone("xa1"), desk("quantri")
    record = officer.create(slogan="s1")
    officer.sync()
    admin.get(f"/desk/records/{record}")
    assert admin.status == 200
    assert "Sửa nội dung" not in admin.text
    admin.get(f"/desk/records/{record}/edit")
    assert admin.status == 403
    admin.get("/desk/records/new")
    assert "không ghi cho đơn vị nào" in admin.text
    admin.get("/desk/queue")
    assert "Tài khoản này không duyệt bản ghi" in admin.text
    admin.get("/desk/records/new?kind=banner")
    assert admin.status == 403


@pytest.mark.slow
def test_an_archived_campaign_takes_nothing_more(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer, one = phone("xa1"), desk("huyen")
    record = officer.create(slogan="s1")
    officer.sync()
    one.get("/desk/records/new?kind=banner&campaign=" + world.campaign)
    making = one.form("/desk/records/new")
    one.get(f"/desk/records/{record}/edit")
    form = one.form("/edit")
    from server.core.db import writing  # noqa: PLC0415

    with world.app.app_context(), writing() as session:
        set_status(session, world.campaign, "archived")
        assert session.get_one(Campaign, world.campaign).status == "archived"
    assert one.post(form, **{"f.quantity": "2"}).status_code == 403
    assert one.post(making, **{"f.quantity": "2"}, **DAY).status_code == 422
    assert "Đợt hoạt động này đã lưu trữ" in one.text
    assert one.form("/desk/records/new").values["f.quantity"] == ["2"]
    one.get("/desk/records/new?kind=banner&campaign=" + world.campaign)
    assert one.status == 422
    assert not one.has_form("/desk/records/new")
    for path in ("queue", "figures", f"records/{record}"):
        one.get(f"/desk/{path}?campaign={world.campaign}")
        assert "Đợt này đã lưu trữ" in one.text, path
    with world.app.app_context(), writing() as session:
        set_status(session, world.practice, "archived")
    one.get("/desk/records/new")
    assert "Chưa có đợt hoạt động nào đang nhận bản ghi mới" in one.text


def test_a_draft_that_is_no_draft_of_ours_is_refused(desk: MakeDesk) -> None:
    one = desk("huyen")
    for draft in ("", "x", "{}", '{"id": "x", "at": 1, "basis": {}, "also": []}', "[1]"):
        one.get("/desk/records/new?kind=broadcast")
        assert one.post(one.form("/desk/records/new"), draft=draft, **BROADCAST).status_code == 400, draft


def test_history_tells_author_device_and_both_clocks(desk: MakeDesk, phone: MakePhone) -> None:
    officer, one = phone("xa1"), desk("huyen")
    officer.at = 2**53 - 2000  # a clock that no calendar holds (G5)
    record = officer.create(slogan="s1", quantity=2)
    officer.sync()
    one.get(f"/desk/records/{record}")
    assert "Ghi mới · Cán bộ 1 xã Chính Nghĩa, máy thử (" in one.text
    assert "giờ trên điện thoại (giờ trên điện thoại không đọc được)" in one.text
    assert "Khẩu hiệu: Chung tay phòng, chống nạn mua bán người" in one.text
    officer.at = 1_627_000_000_000
    officer.edit(record, from_a_newer_app={"a": 1})
    officer.sync()
    one.get(f"/desk/records/{record}")
    assert "giờ trên điện thoại 23/07/2021 07:26" in one.text
    assert "from_a_newer_app a: 1" in one.text  # S-11: kept and shown raw


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has one writer: nobody comes between
def test_a_decision_made_while_a_correction_is_saved(
    world: World, desk: MakeDesk, phone: MakePhone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """D-3, D-5: what was read before the stream's lock is read anew behind it: amended, and never approved unseen."""
    one, officer = desk("xa2"), phone("xa1")
    record = officer.create(slogan="s1", quantity=1)
    officer.sync()
    one.get(f"/desk/records/{record}/edit")
    form, read = one.form("/edit"), forms.read

    def count() -> None:
        with world.app.app_context(), writing() as session:
            basis = dict(session.get_one(Record, record).survivors)
            decide(session, Scope(session, world.officers["huyen"]), record, Verdict("counted"), basis)

    def meanwhile(*args: Any) -> Any:
        thread = threading.Thread(target=count)
        thread.start()
        thread.join()
        return read(*args)

    monkeypatch.setattr(forms, "read", meanwhile)
    assert one.post(form, **{"f.quantity": "5"}).status_code == 303
    with world.app.app_context(), reading() as session:
        row = session.get_one(Record, record)
        assert (row.state, row.bucket, row.amounts["banners"]) == ("amended", "counted", 1)
        truth.check(session)


def test_a_failed_save_leads_to_the_first_field_that_is_wrong_or_missing(desk: MakeDesk) -> None:
    one = desk("huyen")
    one.get("/desk/records/new?kind=broadcast")
    assert " autofocus" not in one.html.split("<main")[1]
    one.post(one.form("/desk/records/new"), **BROADCAST | {"f.schedule.from": "31/2/2021", "f.minutes": "x"})
    assert one.status == 422
    assert re.findall(r"<\w+ autofocus name=\"([^\"]*)\"", one.html) == ["f.schedule.from"]
    one.get("/desk/records/new?kind=broadcast")
    one.post(one.form("/desk/records/new"), **BROADCAST | {"f.minutes": ""})
    assert one.status == 422
    assert re.findall(r"<\w+ autofocus name=\"([^\"]*)\"", one.html) == ["f.minutes"]


def test_a_schedule_that_is_over_asks_for_its_days_once_and_by_the_day_ever_after(world: World, desk: MakeDesk) -> None:
    """F-20, F-23: a new record of the desk counts confirmed days, too; its form asks for them, then they are fields."""
    one = desk("huyen")
    one.get("/desk/records/new?kind=broadcast")
    plain = {name: text for name, text in BROADCAST.items() if not name.startswith("days.")}
    assert "days.shown" not in one.html
    assert one.post(one.form("/desk/records/new"), **plain).status_code == 422
    assert "Lịch phát có ngày đã qua" in one.text
    form = one.form("/desk/records/new")
    assert [form.values[f"d.202107{day}"] for day in (21, 30)] == [[""], [""]], "nothing is filled in beforehand"
    assert one.post(form, **{"days.all": "1", "d.20210723": "1", "d.20210724": "1,5", "submit": "1"}).status_code == 422
    assert "Số lượt phát của một ngày chưa đúng" in one.text
    form = one.form("/desk/records/new")
    assert one.post(form, **{"days.all": "1", "d.20210724": "0", "submit": "1"}).status_code == 303
    record = one.location.rpartition("/")[2]
    (write,) = writes(world, record)
    aired = {name[-2:]: times for name, times in write.set.items() if name.startswith("aired/")}
    assert aired == {str(day): {23: 1, 24: 0}.get(day, 2) for day in range(21, 31)}
    assert write.set["standing"] is True
    one.follow()
    assert "đã phát 17 / dự kiến 20 lượt" in one.text
    one.get(f"/desk/records/{record}/edit")
    assert one.post(one.form("/edit"), **{"d.20210724": "2", "d.20210730": ""}).status_code == 303
    assert writes(world, record)[-1].set == {"aired/20210724": 2, "aired/20210730": None}


def test_a_form_keeps_the_days_that_a_phone_confirmed_meanwhile(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer, one = phone("xa1"), desk("huyen")
    schedule = {"from": "2021-07-21", "to": "2021-07-24", "times_a_day": 2}
    said: dict[str, Any] = {"aired/20210721": 2, "standing": True}
    record = officer.create("broadcast", programme="own", minutes=3, script="Tin", schedule=schedule, **said)
    officer.sync()

    def sent(confirms: dict[str, Any], **fields: str) -> dict[str, Any]:
        one.get(f"/desk/records/{record}/edit")
        form = one.form("/edit")
        officer.edit(record, **confirms)
        officer.sync()
        before = len(writes(world, record))
        answer = one.post(form, **fields)
        assert (answer.status_code, len(writes(world, record))) == (303, before + 1), one.text
        return dict(writes(world, record)[-1].set)

    assert sent({"aired/20210722": 1}, **{"f.note": NOTE}) == {"note": NOTE}
    assert sent({"aired/20210723": 0}, **{"days.all": "1"}) == {"aired/20210724": 2}
    with world.app.app_context(), reading() as session:
        row = session.get_one(Record, record)
        assert (row.conflicted, row.amounts["airings"]) == (False, 5)
    assert sent({"aired/20210722": 3}, **{"d.20210722": "2"}) == {"aired/20210722": 2}
    with world.app.app_context(), reading() as session:
        assert session.get_one(Record, record).conflicted, "both changed the same day: a person chooses"


def test_a_yes_or_no_has_three_answers_and_an_old_default_is_marked(
    desk: MakeDesk, phone: MakePhone, world: World
) -> None:
    """F-25: what an app of 3 began with counts as before, until somebody answers; nothing is said for the officer."""
    officer = phone("xa1")
    old = officer.create(quantity=1, hotline=True)
    officer.sync()
    one = desk("huyen")
    one.get(f"/desk/records/{old}")
    assert "Có (mặc định cũ, chưa ai ghi)" in one.text

    def saved(**fields: str) -> dict[str, Any]:
        one.get(f"/desk/records/{old}/edit")
        before = len(writes(world, old))
        assert one.post(one.form("/edit"), **fields).status_code == 303
        made = writes(world, old)[before:]
        return dict(made[0].set) if made else {}

    assert saved(**{"f.note": NOTE}) == {"note": NOTE}, "the old default is neither confirmed nor taken away"
    assert saved(**{"f.hotline": "yes"}) == {"hotline": True, "hotline_by": "person"}
    one.get(f"/desk/records/{old}")
    assert "mặc định cũ" not in one.text
    assert saved(**{"f.hotline": ""}) == {"hotline": None, "hotline_by": None}
    one.get(f"/desk/records/{old}")
    assert "111 Chưa ghi" in one.text
    assert saved(**{"f.hotline": "no"}) == {"hotline": False, "hotline_by": "person"}
    one.get("/desk/records/new?kind=banner")
    assert one.form("/desk/records/new").values["f.hotline"] == [""]
