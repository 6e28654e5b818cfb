"""Confidential cases: a person's way from reception to the report, under both laws, from unit to unit, day by day."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import docx
import pytest

from server.core.clock import now_ms, today
from server.core.db import writing
from server.core.keyring import Keyring, Secret
from server.services.campaigns.lifecycle import NewCampaign, open_campaign
from server.services.cases import codes, rotating
from server.services.keyholders.vault import closed
from support.world.cases import NEW, act, entered, entitle, figures, line, made, verified
from support.world.world import World

pytestmark = pytest.mark.sqlite_first
MakeDesk = Callable[..., Any]


@pytest.fixture(autouse=True)
def _holders(world: World) -> None:
    entitle(world)


def freeze(one: Any, world: World, unit: str) -> str:
    one.get(f"/desk/annex?unit={world.units[unit]}&campaign={world.campaign}")
    one.post(one.form("/desk/annex/freeze"), yes="1")
    assert one.status == 303, one.text
    return str(one.location.rpartition("/")[2])


@pytest.mark.slow
@pytest.mark.costly
def test_from_reception_to_the_public_report_under_the_law_of_2011(world: World, desk: MakeDesk) -> None:
    one = entered(world, desk(), "mat_xa")
    case, code = made(one)
    assert codes.is_right(code.replace("-", ""))
    assert "66/2011/QH12" in one.text
    assert "→ 26/09/2021" in one.text, "meals for at most 60 days"
    act(one, case, "event", event="file_complete", day="2021-07-30")
    act(one, case, "event", event="certified", day="2021-07-29")
    one.follow()
    assert "→ 04/08/2021" in one.text, "three working days from a Friday on"
    assert "→ 29/07/2022" in one.text, "twelve months from the day on which the victim was certified"
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
        shown = chosen | {"received": f"{date.fromisoformat(received):%d/%m/%Y}"}
        assert kept == {name: [shown[name]] for name in kept}, "what was chosen is still chosen"
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
        assert rotating.rotate(session, closed(session, ring))[1] == 0
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
def test_a_form_that_was_refused_keeps_what_was_typed(world: World, desk: MakeDesk) -> None:
    """Else a second click records today as the day of an act of law."""
    one = entered(world, desk(), "mat_xa")
    case, _ = made(one, received="2025-08-20", category="identified_here")

    def refused(name: str, said: dict[str, str], nth: int = 0) -> dict[str, str]:
        one.post(act_form(one, case, name, nth), **said)
        assert one.status == 422, one.text
        again = [form for form in one.forms() if form.action.endswith(f"/{case}/{name}")][nth]
        days = [form.values["day"][0] for form in one.forms() if "day" in form.values]
        assert days.count(f"{today():%d/%m/%Y}") == len(days) - ("day" in said), "the other forms are as they were"
        return {key: again.values[key][0] for key in said}

    day = "01/08/2025"
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
    closing = {"day": "30/09/2025", why: "refused"}
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
def test_a_case_open_across_two_laws_asks_which(world: World, desk: MakeDesk) -> None:
    one = entered(world, desk(), "mat_xa")
    case, _ = made(one, received="2025-06-20")
    assert "Trước ngày 01/07/2025, đã được xác định là nạn nhân" in one.text
    assert "Chưa trả lời; đang theo luật của ngày tiếp nhận." in one.text
    assert "Điều 63 Luật số 53/2024/QH15" in one.text
    assert one.form(f"/{case}/law").values["law"] == ["2011"], "the default is the law of the reception"
    assert "k) Trợ cấp khó khăn ban đầu" not in one.text
    one.get("/desk/cases")
    assert "Chọn luật áp dụng" in one.text
    act(one, case, "law", law="2024")
    assert one.status == 303
    one.follow()
    assert "k) Trợ cấp khó khăn ban đầu" in one.text
    assert "Chưa trả lời" not in one.text
    assert one.form(f"/{case}/law").values["law"] == ["2024"], "a wrong answer is mended"
    one.get(f"/desk/cases/{case}/sheet")
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
