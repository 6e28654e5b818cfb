"""What is due in cases: whose task it is sees it, behind the door. Nothing else tells that there is a case."""

from __future__ import annotations

import re
from datetime import timedelta
from difflib import unified_diff
from typing import Any

import pytest
from sqlalchemy import select

from server.core.clock import now_ms, stopped_at, today
from server.core.db import db, reading
from server.models import KeyHolder
from server.services.cases import case_log, sealing
from server.services.cases.finding import LOOK_DAYS
from support.checks.counting import counted
from support.clients.desk import MakeDesk
from support.world.cases import entered, entitle, figures, made, table, verified
from support.world.confidential import proven, vault
from support.world.keyholders import signed_in
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")
DAY_MS = 24 * 3600 * 1000
OVERDUE = {"received": "2025-08-20", "category": "identified_here"}
PLACES = (
    "/desk/", "/desk/home", "/desk/figures", "/desk/board?who=all", "/desk/progress", "/desk/queue", "/desk/results",
    "/desk/report", "/desk/texts", "/desk/exports", "/desk/checklist", "/desk/jobs", "/desk/people",
    "/desk/totals", "/desk/figures.csv", "/desk/case-rights", "/desk/campaigns",
)  # fmt: skip
"""Pages on which something of a case might show: start, menu, figures, board with its reminders, exports, the lot."""


@pytest.fixture(autouse=True)
def _holders(world: World) -> None:
    entitle(world)


def plain(html: str) -> str:
    """A page without its token and nonces, the ids that each form makes anew, and times."""
    anew = r'(csrf_token" value|nonce)="[^"]*"|value="[\w.-]{16,}"|\d\d:\d\d(:\d\d)?|\d\d giờ \d\d phút|Mã yêu cầu: \w+'
    return re.sub(anew, "", html)


def seen(one: Any) -> dict[str, tuple[int, str]]:
    """What a person is shown in every place."""
    answers = {place: one.http.get(place, follow_redirects=True) for place in PLACES}
    return {place: (answer.status_code, plain(answer.text)) for place, answer in answers.items()}


@pytest.mark.slow
@pytest.mark.databases("both")
@pytest.mark.parametrize("username", ["mat_xa", "mat_tinh", "mat_nhanla", "quantri", "tinh", "huyen", "xa1"])
def test_no_page_outside_the_door_tells_of_an_overdue_case(world: World, desk: MakeDesk, username: str) -> None:
    """Not even to who has the right: somebody may look over a shoulder, and a small commune has one victim."""
    holder = entered(world, desk(), "mat_xa")
    one = holder
    if username != "mat_xa":
        one = entered(world, desk(), username) if username.startswith("mat_") else desk(username)
    before = seen(one)
    assert any(status == 200 for status, _ in before.values())
    assert not any("hồ sơ hỗ trợ trong" in text for _, text in before.values())
    made(holder, **OVERDUE)
    holder.get("/desk/cases")
    assert "việc quá hạn" in holder.text
    after = seen(one)
    for place in PLACES:
        changed = "\n".join(unified_diff(before[place][1].splitlines(), after[place][1].splitlines(), n=0))
        assert not changed, f"{place}: {changed}"
        assert after[place][0] == before[place][0], place


@pytest.mark.slow
@pytest.mark.databases("both")
def test_whose_task_it_is_sees_it_and_nobody_else(world: World, desk: MakeDesk) -> None:
    one = entered(world, desk(), "mat_xa")
    case, code = made(one, **OVERDUE)
    above = entered(world, desk(), "mat_tinh")
    assert code not in above.text, "so far all tasks are the commune's"
    assert "0 hồ sơ quá hạn" in figures(above, world, "33"), "no count of what is another office's"
    table(one, case, step_inform="done 2025-08-21")
    above.get("/desk/cases")
    said = above.text[above.text.index("Việc của cơ quan mình") :]
    assert code in said
    assert "Chủ trì, phối hợp với Công an cấp tỉnh xác minh thông tin ban đầu : Phải làm, hạn 24/08/2025" in said
    assert "Thông báo quyền" not in said, "what the commune has to do is not shown to it"
    assert "Nữ" not in said
    assert above.http.get(f"/desk/cases/{case}").status_code == 404, "it does not open the case either"
    assert "1 hồ sơ quá hạn" in figures(above, world, "33")
    one.get("/desk/cases")
    assert "7 việc quá hạn" in one.text, "and what the province has to do is no task of the commune"
    other = entered(world, desk(), "mat_nhanla")
    assert code not in other.text
    table(one, case, step_receive="done 2025-08-22", step_verify="done 2025-08-23")
    above.get("/desk/cases")
    assert code not in above.text
    assert verified(world) == []
    with world.app.app_context(), reading() as session:
        acts = [each.said["act"] for each in case_log.read(session, vault(world)).rows if each.said]
    assert acts.count("listed") >= 5, "every look is logged"


@pytest.mark.slow
@pytest.mark.databases("both")
def test_the_door_says_the_same_with_an_overdue_case_and_without(world: World, desk: MakeDesk) -> None:
    """Before the second proof nothing tells of a case; whose task it is, in the office above too, sees it behind it."""
    above, quiet, one = (entered(world, desk(), name) for name in ("mat_tinh", "mat_nhanla", "mat_xa"))

    def doors() -> list[str]:
        """What each sees who left; then they enter again."""
        told = []
        for each in (above, quiet, one):
            each.get("/desk/cases")
            each.post(each.form("/desk/cases/leave"))
            told.append(plain(each.http.get("/desk/cases").text))
            each.get("/desk/cases")
            each.post(each.form("/desk/cases/enter"))
        return told

    before = doors()
    case, code = made(one, **OVERDUE)
    table(one, case, step_inform="done 2025-08-21")
    for each in (above, quiet, one):
        each.get("/desk/cases")
    assert doors() == before
    closed = signed_in(world, desk(), "mat_tinh")
    closed.get("/desk/cases")
    assert "đến hạn" not in closed.text, "with the key closed"
    above.get("/desk/cases")
    assert code in above.text


@pytest.mark.databases("both")
def test_the_note_of_a_holder_says_on_which_day_they_looked_and_no_more(world: World, desk: MakeDesk) -> None:
    """The keyring opens it: whoever has that and the database learns of no case from it."""
    one = entered(world, desk(), "mat_xa")
    entered(world, desk(), "mat_nhanla")
    case, _ = made(one, **OVERDUE)
    table(one, case, step_inform="done 2025-08-21")
    one.get("/desk/cases")
    with world.app.app_context(), reading() as session:
        rows = session.scalars(select(KeyHolder).where(KeyHolder.look != "")).all()
        told = [sealing.noted(vault(world), f"key_holder:{row.officer_id}:look", row.look) for row in rows]
    assert told == [{"looked": today().isoformat()}] * 2


def test_a_reminder_to_look_comes_by_days_and_not_by_cases(world: World, desk: MakeDesk) -> None:
    one = entered(world, desk(), "mat_xa")
    entered(world, desk(), "mat_nhanla")
    made(one, **OVERDUE)
    one.get("/desk/cases")
    reminder = "Đã 7 ngày chưa xem mục hồ sơ hỗ trợ"
    for days, shown in ((0, False), (LOOK_DAYS, False), (LOOK_DAYS + 1, True)):
        with stopped_at(now_ms() + days * DAY_MS):
            for name in ("mat_xa", "mat_nhanla"):
                page = proven(world, desk(), name, opens=False)
                page.get("/desk/figures")
                assert (reminder in page.text) == shown, (days, name)
                assert "Hồ sơ hỗ trợ" in page.text, "the entry of the menu is there on each day"
            everybody_else = desk("quantri")
            everybody_else.get("/desk/figures")
            assert reminder not in everybody_else.text


@pytest.mark.databases("both")
def test_the_note_of_a_holder_and_the_door_cost_the_same_with_a_case_and_without(world: World, desk: MakeDesk) -> None:
    one, other = entered(world, desk(), "mat_xa"), entered(world, desk(), "mat_nhanla")
    made(one, **OVERDUE)
    for each in (one, other):
        each.get("/desk/cases")
    with world.app.app_context(), reading() as session:
        rows = {row.officer_id: row.look for row in session.scalars(select(KeyHolder))}
    lengths = {len(rows[world.officers[name]]) for name in ("mat_xa", "mat_nhanla")}
    assert len(lengths) == 1, "a day of one length"
    with world.app.app_context():
        engine = db.engine

    def cost(page: Any, path: str) -> int:
        with counted(engine) as counts:
            page.http.get(path, buffered=True)
        return counts.statements

    for path in ("/desk/cases", "/desk/figures"):
        for each in (one, other):
            each.http.get(path)
        assert cost(one, path) == cost(other, path), path


def test_the_list_says_when_nobody_else_is_reminded(world: World, desk: MakeDesk) -> None:
    one = entered(world, desk(), "mat_xa")
    assert "Đề nghị cấp quyền cho lãnh đạo đơn vị" in one.text


def test_days_of_tasks_are_of_today(world: World, desk: MakeDesk) -> None:
    one = entered(world, desk(), "mat_xa")
    case, _ = made(one, received=today().isoformat(), category="identified_here")
    assert f"Thông báo quyền được hỗ trợ {today() + timedelta(days=3):%d/%m/%Y} Sắp đến hạn" in one.text
    with stopped_at(now_ms() + 4 * DAY_MS):
        later = entered(world, desk(), "mat_xa")
        later.get(f"/desk/cases/{case}")
        later.post(later.form(f"/{case}/reason"), why="deadline")
        later.follow()
        assert f"Thông báo quyền được hỗ trợ {today() - timedelta(days=1):%d/%m/%Y} Quá hạn" in later.text


@pytest.mark.databases("both")
def test_acts_on_a_case_of_another_unit_cost_what_acts_on_none_cost(world: World, desk: MakeDesk) -> None:
    one, other = entered(world, desk(), "mat_xa"), entered(world, desk(), "mat_nhanla")
    case, _ = made(one, **OVERDUE)
    csrf = other.form("/desk/language").values["csrf_token"][0]
    with world.app.app_context():
        engine = db.engine

    def cost(act: str, id_: str) -> tuple[int, int, str]:
        with counted(engine) as counts:
            answer = other.http.post(f"/desk/cases/{id_}/{act}", data={"csrf_token": csrf, "number": "1"})
        return answer.status_code, counts.statements, answer.headers.get("Location", "").replace(id_, "")

    for act in ("table", "identify", "take-back", "open-anew", "reason", "close"):
        cost(act, "a" * 16)
        assert cost(act, case) == cost(act, "a" * 16), act
