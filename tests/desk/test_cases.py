"""Confidential cases: a person's way from reception to the report, under both laws, from unit to unit, day by day."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import docx
import pytest

from server.core.clock import now_ms, today
from server.core.db import writing
from server.core.keyring import Keyring, Secret
from server.desk.cases import cases
from server.models import CaseFile
from server.services.campaigns.lifecycle import NewCampaign, open_campaign
from server.services.cases import codes, rotating, store
from server.services.keyholders.vault import closed
from support.clients.desk import MakeDesk
from support.world.cases import (
    NEW,
    act,
    entered,
    entitle,
    figures,
    finding,
    line,
    made,
    not_victim,
    table,
    verified,
)
from support.world.confidential import vault
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")
UNASKED = [f"why.{each}" for each in ("medical", "psychological", "legal_aid", "schooling", "initial", "essential")]


@pytest.fixture(autouse=True)
def _holders(world: World) -> None:
    entitle(world)


def freeze(one: Any, world: World, unit: str) -> str:
    one.get(f"/desk/annex?unit={world.units[unit]}&campaign={world.campaign}")
    one.post(one.form("/desk/annex/freeze"), yes="1")
    assert one.status == 303, one.text
    return str(one.location.rpartition("=")[2])


@pytest.mark.slow
@pytest.mark.costly
def test_from_reception_to_the_public_report_under_the_law_of_2011(world: World, desk: MakeDesk) -> None:
    one = entered(world, desk(), "mat_xa")
    case, code = made(one)
    assert codes.is_right(code.replace("-", ""))
    assert "66/2011/QH12" in one.text
    assert "→ 26/09/2021" in one.text, "meals for at most 60 days"
    table(one, case, event_file_complete="2021-07-30", event_certified="2021-07-29")
    one.follow()
    assert "→ 04/08/2021" in one.text, "three working days from a Friday on"
    assert "→ 29/07/2022" in one.text, "twelve months from the day on which the victim was certified"
    assert "Quá hạn" in one.text
    one.get("/desk/cases")
    assert "việc quá hạn" in one.text
    table(one, case, step_inform="done 2021-08-03")
    assert one.status == 303
    line(one, case, "essential", "needed", "2021-07-28")
    line(one, case, "medical", "provided", "2021-08-10")
    act(one, case, "close", day="2021-12-31")
    assert one.status == 422
    assert "Còn chế độ chưa xong" in one.text
    assert one.has_form(f"/{case}/close"), "said on the case's own page"
    assert "<details open>" in one.html
    act(one, case, "close", day="2021-12-31", **dict.fromkeys(UNASKED, "refused"))
    assert one.status == 422, "who was never told refused nothing"
    line(one, case, "essential", "provided", "2021-09-26")
    for benefit in ("psychological", "legal_aid", "schooling"):
        line(one, case, benefit, "declined", "2021-08-11")
    act(one, case, "close", day="2021-12-31", **{"why.initial": "moved_away"})
    assert one.status == 303, one.text
    one.follow()
    assert "Chưa xong khi kết thúc: đã chuyển đi" in one.text
    one.get(f"/desk/cases/{case}?sheet=1")
    assert code in one.text
    assert "☑ 26/09/2021" in one.text

    annex = freeze(one, world, "12286")
    made_file = docx.Document(io.BytesIO(one.http.get(f"/desk/annex/{annex}/word").data))
    rows = [[cell.text for cell in row.cells] for table in made_file.tables for row in table.rows]
    assert ["", "Hỗ trợ y tế", "người", "1"] in rows
    above = entered(world, desk(), "mat_tinh")
    said = figures(above, world, "33", "2021-12-31")
    assert "Số người tiếp nhận 1" in said
    assert "0 hồ sơ đang mở" in said
    above.post(above.form("/desk/cases/publish"), yes="1")
    said = figures(above, world, "33", "2021-12-31")
    public = said[said.index("Bản công khai") :]
    assert "Số người tiếp nhận từ 1 đến 7" in public
    assert "Hỗ trợ y tế" not in public
    assert not re.search(r"(tiếp nhận|hỗ trợ) 1\b", public)
    made(one, received="2021-07-02")
    assert "Số người tiếp nhận 2" in figures(above, world, "33", "2021-12-31")
    assert above.text[above.text.index("Bản công khai") :] == public, "published once"
    assert verified(world) == []


def act_form(one: Any, case: str, name: str, nth: int) -> Any:
    one.get(f"/desk/cases/{case}")
    return [form for form in one.forms() if form.action.endswith(f"/{case}/{name}")][nth]


@pytest.mark.slow
def test_who_is_being_identified_becomes_a_victim_under_the_law_of_2024(world: World, desk: MakeDesk) -> None:
    one = entered(world, desk(), "mat_xa")
    case, _ = made(one, received="2025-08-20", category="identified_here")
    assert "53/2024/QH15" in one.text
    assert "k) Trợ cấp khó khăn ban đầu" not in one.text
    assert "→ 18/12/2025" in one.text, "120 days"
    line(one, case, "essential", "provided", "2025-08-21")
    finding(one, case, "confirmed", day="2025-09-10")
    one.follow()
    assert "k) Trợ cấp khó khăn ban đầu" in one.text
    assert "21/08/2025" in row_of(one, "a) Hỗ trợ nhu cầu thiết yếu"), "what was done stays"
    assert "Thông báo quyền được hỗ trợ 13/09/2025" in row_of(one, "k) Trợ cấp"), "three days from the finding on"
    other, _ = made(one, received="2025-08-20", category="minor_identified_abroad")
    line(one, other, "medical", "provided", "2025-08-22")
    not_victim(one, other, "2025-09-10")
    one.follow()
    assert "Không còn thuộc diện hưởng" in one.text
    assert "22/08/2025" in row_of(one, "Hỗ trợ y tế")
    assert "Hỗ trợ phiên dịch" not in one.text
    for received, category in (("2021-07-28", "identified_here"), ("2099-01-01", "victim"), ("2011-01-01", "victim")):
        one.get("/desk/cases")
        chosen = NEW | {"received": received, "category": category}
        assert one.post(one.form("/desk/cases/new"), **chosen).status_code == 422
        kept = {name: one.form("/desk/cases/new").values[name] for name in ("category", "received", "age", "source")}
        shown = chosen | {"received": f"{date.fromisoformat(received):%d/%m/%Y}"}
        assert kept == {name: [shown[name]] for name in kept}, "what was chosen is still chosen"
    one.get("/desk/cases")
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
    table(one, case, step_inform="done 2025-08-29")
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
    act(one, case, "close", day="2025-12-31", **dict.fromkeys(left, "no_contact"))
    assert one.status == 303, one.text
    one.get(f"/desk/cases/{case}?sheet=1")
    assert code in one.text
    assert "☑ 10/09/2025" in one.text
    assert "☑ 30/08/2025" in one.text, "the days of the states before stand in their columns"
    annex = freeze(one, here, "12286")
    made_file = docx.Document(io.BytesIO(one.http.get(f"/desk/annex/{annex}/word").data))
    rows = [[cell.text for cell in row.cells] for table in made_file.tables for row in table.rows]
    assert [row[1:] for row in rows if len(row) == 4 and "y tế" in row[1]] == [["b) Hỗ trợ y tế", "người", "1"]], rows
    above = entered(world, desk(), "mat_tinh")
    assert "Số người tiếp nhận 1 Số người được hỗ trợ 1" in figures(above, here, "33", "2025-12-31")
    above.post(above.form("/desk/cases/publish"), yes="1")
    said = figures(above, here, "33", "2025-12-31")
    assert "Số người tiếp nhận từ 1 đến 7 Số người được hỗ trợ từ 1 đến 7" in said[said.index("Bản công khai") :]
    ring = Keyring((*world.keyring.secrets, Secret("next", b"k" * 32, now_ms())))
    with world.app.app_context(), writing() as session:
        assert rotating.rotate(session, closed(session, ring))[1] == 0
    assert verified(world) == []


@pytest.mark.slow
@pytest.mark.databases("both")
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
    said = figures(above, world, "33", "2021-12-31")
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


@pytest.mark.databases("both")
def test_two_officers_at_once_lose_nothing(world: World, desk: MakeDesk) -> None:
    """Both tick in one table: who comes second sees both, and saves their own beside that of the first."""
    one = entered(world, desk(), "mat_xa")
    case, _ = made(one)
    stale = one.form(f"/{case}/table")
    table(one, case, line_medical="needed 2021-07-29", line_essential="needed 2021-07-29")
    stale.values |= {
        "line.medical.tick": ["declined"], "line.medical.day": ["2021-07-30"],
        "line.legal_aid.tick": ["informed"], "line.legal_aid.day": ["2021-07-31"],
    }  # fmt: skip
    one.post(stale)
    assert one.status == 409
    assert "Các ô đồng chí vừa ghi được giữ" in one.text
    again = one.form(f"/{case}/table")
    assert "người khác vừa ghi" in row_of(one, "Hỗ trợ y tế"), "both changed it"
    assert "29/07/2021" in row_of(one, "Hỗ trợ y tế")
    assert "người khác vừa ghi" not in row_of(one, "Trợ giúp pháp lý")
    kept = {name: again.values.get(name) for name in ("line.medical.tick", "line.medical.day", "line.legal_aid.tick")}
    assert kept == {
        "line.medical.tick": ["declined"], "line.medical.day": ["30/07/2021"], "line.legal_aid.tick": ["informed"]
    }  # fmt: skip
    assert again.values["line.essential.tick"] == ["needed"], "what only the other one ticked is as they saved it"
    one.post(again)
    assert one.status == 303, one.text
    one.follow()
    for what, day in (("thiết yếu", "29/07/2021"), ("y tế", "30/07/2021"), ("Trợ giúp pháp lý", "31/07/2021")):
        assert day in row_of(one, what)
    assert "29/07/2021" in row_of(one, "Hỗ trợ y tế"), "the need that the first one recorded is there too"


def row_of(one: Any, what: str) -> str:
    """The text of the row of the table whose first cell has this."""
    rows = re.findall(r"<tr[^>]*>\s*<th scope=\"row\".*?</tr>", one.html, re.DOTALL)
    found = next(row for row in rows if what in row)
    return " ".join(re.sub(r"<[^>]+>", " ", found).split())


def test_the_table_is_one_save_and_all_of_it_or_nothing(world: World, desk: MakeDesk) -> None:
    one = entered(world, desk(), "mat_xa")
    case, _ = made(one, received="2025-08-20")
    assert sum(form.action.endswith(f"/{case}/table") for form in one.forms()) == 1
    assert len([form for form in one.forms() if f"/{case}/" in form.action]) <= 7, "ten forms before"
    rows = {"line_medical": "needed 2025-08-21", "line_travel": "declined 2025-08-01", "event_returned": "2025-08-22"}
    table(one, case, **rows)
    assert one.status == 422
    assert 'class="wrong"' in one.html
    again = one.form(f"/{case}/table")
    assert again.values["line.travel.day"] == ["01/08/2025"], "what was typed is kept"
    assert again.values["line.medical.tick"] == ["needed"]
    one.post(again, **{"line.travel.day": "2025-08-23"})
    assert one.status == 303, one.text
    one.follow()
    assert "23/08/2025" in row_of(one, "e) Hỗ trợ chi phí đi lại")
    assert one.form(f"/{case}/table").values["event.returned.day"] == ["22/08/2025"]
    one.post(one.form(f"/{case}/table"), **{"line.medical.day": "2025-08-25"})
    one.follow()
    assert "25/08/2025" in row_of(one, "b) Hỗ trợ y tế"), "a day typed beside an unchanged tick mends the day"
    assert "21/08/2025" not in row_of(one, "b) Hỗ trợ y tế")
    table(one, case, step_inform="done 2025-08-21")
    form = one.follow() and one.form(f"/{case}/table")
    assert form.values["step.inform.tick"] == ["done"]
    del form.values["step.inform.tick"]
    one.post(form)
    assert one.status == 303, "a duty ticked by mistake"
    table(one, case, line_medical="applied")
    one.follow()
    assert f"{today():%d/%m/%Y}" in row_of(one, "b) Hỗ trợ y tế"), "the common day, which is today"
    one.get("/desk/cases/log")
    assert one.text.count("ghi chế độ") == 4
    assert verified(world) == []


def test_what_a_table_says_of_rows_that_are_not_there_is_refused(world: World, desk: MakeDesk) -> None:
    one = entered(world, desk(), "mat_xa")
    case, _ = made(one)
    for name, tick in (("line.interpreter", "needed"), ("line.medical", "gone"), ("step.verify", "done")):
        form = one.get(f"/desk/cases/{case}") and one.form(f"/{case}/table")
        form.values |= {f"{name}.was": [""], f"{name}.tick": [tick]}
        assert one.post(form).status_code == 422, name
    one.get(f"/desk/cases/{case}")
    assert one.post(one.form(f"/{case}/table"), **{"event.certified.day": "2021-05-01"}).status_code == 422


def test_that_somebody_is_no_victim_takes_a_document_and_has_two_ways_back(world: World, desk: MakeDesk) -> None:
    one = entered(world, desk(), "mat_xa")
    case, _ = made(one, received="2025-08-20", category="identified_here")
    line(one, case, "medical", "provided", "2025-08-22")
    wrong: tuple[dict[str, str], ...] = (
        {},
        {"by": "police"},
        {"paper_number": "1"},
        {"by": "police", "paper_number": "Lan"},
    )
    for said in (*wrong, {"by": "police", "paper_number": "033185001234"}):
        finding(one, case, "not_victim", day="2025-09-10", **said)
        assert one.status == 422, said
        assert "Cần văn bản kết luận" in one.text
    not_victim(one, case, "2025-09-10", "217")
    one.follow()
    assert "không phải nạn nhân : Công an, văn bản số 217 ngày 10/09/2025" in one.text
    assert "22/08/2025" in row_of(one, "Hỗ trợ y tế"), "help that was given stands"
    assert "c) Hỗ trợ phiên dịch" not in one.text
    assert not [form for form in one.forms() if form.action.endswith("/identify")], "one finding holds at a time"
    act(one, case, "take-back", why="because")
    assert one.status == 422
    act(one, case, "take-back", why="wrong_case")
    one.follow()
    assert "Đã hủy vì ghi nhầm: ghi nhầm hồ sơ." in one.text
    assert "c) Hỗ trợ phiên dịch" in one.text, "all is as it was before"
    not_victim(one, case, "2025-09-12", "218")
    act(one, case, "open-anew", why="court", by="prosecution", paper_number="9", day="2025-09-11")
    assert one.status == 422, "not by a document older than the finding"
    act(one, case, "open-anew", why="court", by="prosecution", paper_number="9", day="2025-10-01")
    one.follow()
    assert "Đã mở lại (bản án, quyết định của tòa án) theo: cơ quan tiến hành tố tụng, văn bản số 9" in one.text
    assert "c) Hỗ trợ phiên dịch" in one.text
    assert "22/08/2025" in row_of(one, "b) Hỗ trợ y tế")
    finding(one, case, "confirmed", day="2025-10-02")
    one.follow()
    assert "k) Trợ cấp khó khăn ban đầu" in one.text
    act(one, case, "take-back", why="wrong_outcome")
    one.follow()
    assert "k) Trợ cấp khó khăn ban đầu" not in one.text
    one.get(f"/desk/cases/{case}?sheet=1")
    assert "văn bản số 218 ngày 12/09/2025" in one.text, "each finding stays on the sheet"
    one.get("/desk/cases/log")
    assert "hủy kết quả xác định ghi nhầm" in one.text
    assert "mở lại việc xác định theo văn bản mới" in one.text
    assert verified(world) == []


def test_a_finding_of_before_there_were_documents_has_the_ways_back_too(world: World, desk: MakeDesk) -> None:
    one = entered(world, desk(), "mat_xa")
    case, _ = made(one, received="2025-08-20", category="identified_here")
    with world.app.app_context(), writing() as session:
        held = store.opened(vault(world), session.get_one(CaseFile, case))
        held.data.outcome, held.data.outcome_on, held.data.category = "confirmed", "2025-09-10", "victim"
        store.save(session, vault(world), held)
    act(one, case, "take-back", why="wrong_outcome")
    one.follow()
    assert "đang trong quá trình xác định" in one.text
    assert "k) Trợ cấp khó khăn ban đầu" not in one.text


def test_silence_loses_no_benefit(world: World, desk: MakeDesk) -> None:
    """Six benefits of which nobody asked: nothing was due before, and each is a task now."""
    one = entered(world, desk(), "mat_xa")
    day = today() - timedelta(days=2)
    case, _ = made(one, received=day.isoformat(), category="identified_here")
    task = f"Thông báo quyền được hỗ trợ {day + timedelta(days=3):%d/%m/%Y}"
    assert one.text.count(task) == 7, "seven for who is being identified here"
    assert one.text.count("Sắp đến hạn") >= 7
    table(one, case, step_inform=f"done {day}")
    one.get("/desk/cases")
    assert "7 việc sắp đến hạn" in one.text, "and not what the office above has to do"
    old, _ = made(one, received="2021-07-28")
    assert one.text.count("Thông báo quyền được hỗ trợ 31/07/2021 Quá hạn") == 6
    table(one, old, event_certified="unknown", event_aid_asked="unknown")
    one.follow()
    said = row_of(one, "Hỗ trợ học văn hóa, học nghề")
    assert "→ chưa biết mốc" in said
    assert "Thông báo quyền được hỗ trợ" in said, "not a question again"
    assert "chưa ghi mốc" not in said
    rows = dict.fromkeys(
        ("line_essential", "line_medical", "line_psychological", "line_legal_aid"), "informed 2021-07-30"
    )
    table(one, old, **rows, line_schooling="needed 2021-07-30", line_initial="applied 2021-07-30")
    one.follow()
    assert "Thông báo lại quyền được hỗ trợ 29/08/2021" in row_of(one, "Hỗ trợ y tế")
    assert "Giải quyết nhu cầu 29/08/2021" in row_of(one, "Hỗ trợ học văn hóa")
    assert "Trả lời hồ sơ đã nộp 29/08/2021" in row_of(one, "Trợ cấp khó khăn")
    table(one, old, line_medical="declined 2021-08-01")
    one.follow()
    assert "29/08/2021" not in row_of(one, "Hỗ trợ y tế"), "who declined is left in peace"


def test_a_form_that_was_refused_keeps_what_was_typed(world: World, desk: MakeDesk) -> None:
    """Else a second click records today as the day of an act of law."""
    one = entered(world, desk(), "mat_xa")
    case, _ = made(one, received="2025-08-20", category="identified_here")

    def refused(name: str, said: dict[str, str], nth: int = 0) -> dict[str, str]:
        one.post(act_form(one, case, name, nth), **said)
        assert one.status == 422, one.text
        again = [form for form in one.forms() if form.action.endswith(f"/{case}/{name}")][nth]
        days = [form.values["day"][0] for form in one.forms() if form.values.get("day", [""])[0]]
        assert days.count(f"{today():%d/%m/%Y}") == len(days) - ("day" in said), "the other forms are as they were"
        return {key: again.values[key][0] for key in said}

    day = "01/08/2025"
    papers = {"by": "police", "paper_number": "17", "day": day}
    for name, said, nth in (("identify", papers, 0), ("identify", papers, 1), ("link", {"code": "23456-ACDEG"}, 0)):
        assert refused(name, said, nth) == said, name
    rows = {"line.medical.tick": "declined", "line.medical.day": day, "step.inform.tick": "done", "day": day}
    assert refused("table", rows) == rows
    why = next(key for key in act_form(one, case, "close", 0).values if key.startswith("why."))
    closing = {"day": "30/09/2025", why: "moved_away"}
    assert refused("close", closing) == closing
    assert "<details open>" in one.html


def test_who_came_home_alone_came_before_the_reception(world: World, desk: MakeDesk) -> None:
    one = entered(world, desk(), "mat_xa")
    case, _ = made(one, received="2025-08-20")
    table(one, case, event_returned="2025-05-02")
    assert one.status == 303
    table(one, case, event_informed="2025-05-02")
    assert one.status == 422, "anything else comes after it"


@pytest.mark.slow
def test_a_case_open_across_two_laws_asks_which(world: World, desk: MakeDesk) -> None:
    one = entered(world, desk(), "mat_xa")
    case, _ = made(one, received="2025-06-20")
    assert "Trước ngày 01/07/2025, đã được xác định là nạn nhân" in one.text
    assert "Chưa trả lời; đang theo luật của ngày tiếp nhận." in one.text
    assert "Điều 63 Luật số 53/2024/QH15" in one.text
    assert one.form(f"/{case}/law").values["law"] == [""], "nothing is answered before somebody answers"
    assert "k) Trợ cấp khó khăn ban đầu" not in one.text
    one.get("/desk/cases")
    assert "Chọn luật áp dụng" in one.text
    act(one, case, "law", law="2024")
    assert one.status == 303
    one.follow()
    assert "k) Trợ cấp khó khăn ban đầu" in one.text
    assert "Chưa trả lời" not in one.text
    assert one.form(f"/{case}/law").values["law"] == ["2024"], "a wrong answer is mended"
    one.get(f"/desk/cases/{case}?sheet=1")
    assert "53/2024/QH15 (sửa đổi bởi Luật số 86/2025/QH15)" in one.text
    one.get("/desk/cases")
    assert "Chọn luật áp dụng" not in one.text
    act(one, case, "law", law="1999")
    assert one.status == 422
    other, _ = made(one, received="2025-07-01")
    assert not one.has_form(f"/{other}/law"), "one law holds"
    one.get("/desk/cases/log")
    assert "chọn luật áp dụng" in one.text
    assert verified(world) == []


def test_a_list_of_cases_is_paged(world: World, desk: MakeDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cases, "PAGE", 2)
    one = entered(world, desk(), "mat_xa")
    mine = {made(one)[0] for _ in range(3)}
    listed: list[str] = []
    for number, shown in ((1, 2), (2, 1)):
        one.get(f"/desk/cases?page={number}")
        found = re.findall(r'<strong><a href="/desk/cases/([^"]+)"', one.html)
        assert len(found) == shown
        assert ('rel="next"' in one.html) == (number == 1)
        listed += found
    assert set(listed) == mine
    one.get("/desk/cases?page=9")
    assert listed[2] in one.html, "a page that is not there is the last one"
