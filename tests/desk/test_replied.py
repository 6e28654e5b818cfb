"""An officer's answer to a return is seen and counted until somebody decides again (SPEC D-13)."""

from __future__ import annotations

from typing import Any

import pytest

from server.core.clock import new_id
from support.clients.client import Client
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone, Phone
from support.tour.colleagues import judge
from support.world.world import World

pytestmark = pytest.mark.databases("both")

ANSWER = "Băng rôn đã treo lại ở cổng chợ, ảnh chụp chiều nên hơi tối.\nĐề nghị huyện xem lại giúp, xin cảm ơn nhiều."
BEGINS = f"Đơn vị viết: “{ANSWER.replace(chr(10), ' ').removesuffix(' nhiều.')}…”"
HOME = "1 có câu hỏi, trả lời, chờ đồng chí xem xét"
LINE = "1 mục có câu hỏi, trả lời của đơn vị, chờ đồng chí xem xét"


def answered(world: World, officer: Phone, by: str = "huyen") -> str:
    """A banner that was returned and answered, beside one that was returned alone."""
    made = [officer.create(slogan="s1", quantity=number) for number in (1, 2)]
    officer.sync()
    for record in made:
        judge(world, record, "returned", "Ảnh mờ", by=by)
    officer.sync()
    told = officer.records[made[0]].decision
    assert told is not None
    body = {"id": new_id(), "decision": told["id"], "text": ANSWER, "at": 1_627_000_000_000}
    calling = Client(world.app.test_client(), world.token("xa1"))
    assert calling.post(f"/records/{made[0]}/reply", json=body).status_code == 200
    return made[0]


def counted(one: Any) -> bool:
    """True if home, the queue and its list agree that there is one answer; False if none says so."""
    one.get("/desk/")
    home = HOME in one.text
    one.get("/desk/queue")
    line = LINE in one.text
    one.get("/desk/queue?state=replied")
    listed = one.html.count('<a class="record"')
    assert home == line == (listed == 1), (home, line, listed)
    return home


def decide(one: Any, record: str, page: str = "/desk/records/{}", **said: str) -> None:
    one.get(page.format(record))
    assert one.post(one.form("/decide"), **said).status_code == 303


@pytest.mark.slow
def test_an_answer_is_shown_wherever_its_record_is(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer, one = phone("xa1"), desk("huyen")
    record = answered(world, officer)
    assert counted(one)
    for page in ("queue?state=returned", "queue?state=replied", "results?view=gallery", "results?view=list"):
        one.get(f"/desk/{page}")
        assert one.text.count(BEGINS) == 1, page
    assert "Hỏi, trả lời" in one.get("/desk/results?view=table")
    one.get("/desk/review?state=replied")
    assert "1/1" in one.text.replace(" ", "")
    assert "Đề nghị huyện xem lại giúp" in one.text
    assert "Hỏi, trả lời" in one.get("/desk/exports?state=replied")
    officer.sync()
    officer.edit(record, quantity=5)
    officer.sync()
    assert not counted(one), "it waits as amended"
    one.get("/desk/queue")
    assert one.text.count(BEGINS) == 1
    one.get(f"/desk/review?at={record}")
    assert "Đề nghị huyện xem lại giúp" in one.text, "beside what changed"


@pytest.mark.slow
@pytest.mark.parametrize("end", ["counted", "the same again", "withdrawn"])
def test_it_counts_until_somebody_decides_again(world: World, desk: MakeDesk, phone: MakePhone, end: str) -> None:
    """Saying the very same again is an answer to the answer, and no double click."""
    officer, one = phone("xa1"), desk("huyen")
    record = answered(world, officer)
    assert counted(one)
    if end == "withdrawn":
        one.get(f"/desk/records/{record}")
        one.post(one.form("/withdraw"))
    elif end == "counted":
        decide(one, record, verdict="counted")
    else:
        decide(one, record, verdict="returned", reason="Ảnh mờ")
        officer.sync()
        told = officer.records[record].decision
        assert told is not None
        assert "reply" not in told, "so the officer may answer again"
    assert not counted(one)


@pytest.mark.slow
def test_an_undone_decision_leaves_the_answer_to_be_looked_at(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """D-14."""
    officer, one = phone("xa1"), desk("huyen")
    record = answered(world, officer)
    said = {"verdict": "not_counted", "reason.not_counted": "Trùng."}
    decide(one, record, "/desk/review?state=replied&at={}", **said)
    one.follow()
    assert one.post(one.form("/undo")).status_code == 303
    assert counted(one)


@pytest.mark.slow
def test_it_counts_for_whoever_decides_and_for_nobody_else(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    answered(world, phone("xa1"))
    assert not counted(desk("tinh")), "the district decides first"
    assert not counted(desk("xa1"))
    assert not counted(desk("phucu"))


@pytest.mark.slow
def test_who_returned_it_is_the_one_who_is_answered(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    answered(world, phone("xa1"), by="tinh")
    assert counted(desk("tinh"))
    assert counted(desk("huyen")), "and the nearest one may decide as well"


@pytest.mark.usefixtures("world")
def test_above_each_box_for_a_reason_stands_that_no_victim_is_named(desk: MakeDesk, phone: MakePhone) -> None:
    one = desk("huyen")
    officer = phone("xa1")
    record = officer.create(slogan="s1", quantity=1)
    officer.sync()
    for page in (f"/desk/records/{record}", "/desk/review?state=unready"):
        one.get(page)
        before = one.html.split("<textarea ")[:-1]
        assert before, page
        assert all("Không ghi tên nạn nhân." in part[-400:] for part in before), page
