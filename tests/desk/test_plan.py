"""What a unit says of itself: nothing to report is a word in the table, and nowhere else (SPEC F-6)."""

from __future__ import annotations

from typing import Any

import pytest

from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.models import Campaign
from server.models.installation import lock_catalog
from server.services.records.stored import writes_of
from server.services.review import decisions
from server.services.review.decisions import Verdict
from server.services.units.scope import Scope
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world.changes import merge
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

NIL = "KPS"
GIVE = "/desk/figures/give"


def said(desk: Any, unit: str) -> dict[str, str]:
    """What the table says of a unit's banners and mobile rounds."""
    row = desk.figures()[unit]
    return {name: text for name, text in row.items() if name in ("Băng rôn", "Lượt tuyên truyền lưu động")}


@pytest.mark.slow
def test_it_stands_in_the_cell_until_something_is_there(desk: MakeDesk, phone: MakePhone) -> None:
    officer, one = phone("xa1"), desk("huyen")
    plan = officer.create("plan", **{"nil/banners": True, "nil/mobile_sessions": True})
    officer.sync()
    one.get("/desk/figures")
    assert said(one, "Xã Chính Nghĩa") == {"Băng rôn": NIL, "Lượt tuyên truyền lưu động": NIL}
    assert one.figures()["Xã Nhân La"]["Băng rôn"] == "–"
    assert said(one, "Tổng cộng")["Băng rôn"] == f"– {NIL} 1/2", "the communes, without the district itself"
    one.post(one.form("/desk/language"), language="en")
    assert 'title="nothing to report: 1/2 commune"' in one.get("/desk/figures")
    one.post(one.form("/desk/language"), language="vi")
    officer.create(quantity=4)
    officer.edit(plan, **{"nil/mobile_sessions": None})
    officer.sync()
    one.get("/desk/figures")
    assert said(one, "Xã Chính Nghĩa") == {"Băng rôn": "0 +4 chờ duyệt", "Lượt tuyên truyền lưu động": "–"}


@pytest.mark.slow
def test_two_acts_are_read_as_one_and_any_word_counts(desk: MakeDesk, phone: MakePhone) -> None:
    """F-13."""
    officer, other, one = phone("xa1"), phone("xa2"), desk("huyen")
    mine = officer.create("plan", **{"nil/banners": True})
    theirs = other.create("plan", **{"nil/banners": True})
    officer.sync(), other.sync()
    one.get("/desk/figures")
    assert said(one, "Xã Chính Nghĩa")["Băng rôn"] == NIL
    officer.edit(mine, **{"nil/banners": None})
    officer.sync()
    one.get("/desk/figures")
    assert said(one, "Xã Chính Nghĩa")["Băng rôn"] == NIL
    other.delete(theirs)
    other.sync()
    one.get("/desk/figures")
    assert one.figures()["Xã Chính Nghĩa"]["Băng rôn"] == "–"


@pytest.mark.slow
def test_it_is_in_no_list_and_nobody_opens_or_decides_on_it(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer, other, one = phone("xa1"), phone("xa2"), desk("huyen")
    plan = officer.create("plan", **{"nil/banners": True})
    officer.sync(), other.sync()
    said: dict[str, Any] = {"nil/panels": True}
    officer.edit(plan, **said), other.edit(plan, **dict.fromkeys(said))
    officer.sync(), other.sync()
    for state in ("todo", "draft", "conflict", "all"):
        one.get(f"/desk/queue?state={state}")
        assert "KH-1" not in one.text
        assert 'class="record"' not in one.html
    own = desk("xa1")
    own.get(GIVE)
    assert "bản ghi hai người cùng sửa" not in own.text
    assert "bản nháp" not in own.text
    for path in (f"/desk/records/{plan}", "/desk/records/new?kind=plan"):
        one.get(path)
        assert one.status == 404
    with world.app.app_context(), reading() as session:
        scope = Scope(session, world.officers["huyen"])
        with pytest.raises(Problem, match="not_found"):
            decisions.decide(session, scope, plan, Verdict("not_counted", "?"), {"nil/banners": [plan]})


def test_a_figure_of_a_newer_loa_is_kept_and_passed_over(desk: MakeDesk, phone: MakePhone) -> None:
    officer, one = phone("xa1"), desk("huyen")
    officer.create("plan", **{f"nil/{'x' * 60}": True})
    officer.sync()
    one.get("/desk/figures")
    assert one.figures()["Xã Chính Nghĩa"]["Băng rôn"] == "–"


def tick(desk: Any, *codes: str) -> None:
    """Tick these boxes and no others, and save."""
    desk.post(desk.form("/figures/nil"), nil=list(codes))
    desk.follow()


def panels_and_rounds(desk: Any) -> list[str]:
    desk.get("/desk/figures")
    return [desk.figures()["Tổng cộng"][name] for name in ("Pa nô", "Lượt tuyên truyền lưu động")]


@pytest.mark.slow
def test_a_commune_says_it_at_the_desk_and_takes_it_back(desk: MakeDesk, phone: MakePhone) -> None:
    officer, one = phone("xa1"), desk("xa1")
    officer.create(quantity=4)
    officer.sync()
    one.get(GIVE)
    assert 'value="banners"' not in one.html.partition("/figures/nil")[2].partition("</form>")[0]
    form = one.form("/figures/nil")
    one.post(form, nil=["panels", "mobile_sessions"])
    one.post(form, nil=["panels", "mobile_sessions"])  # a double click
    one.follow()
    assert one.text.count("Đã lưu mục không phát sinh.") == 2
    assert "Không phát sinh: 2 chỉ tiêu" in one.text
    assert panels_and_rounds(one) == [NIL, NIL]
    officer.sync()
    acts = [record for record, shown in officer.shown().items() if "nil/panels" in shown]
    assert len(acts) == 1
    one.post(form, nil=["panels"])
    one.follow()
    assert "đã được lưu từ lần bấm trước" in one.text
    tick(one, "mobile_sessions")
    assert panels_and_rounds(one) == ["–", NIL]
    one.get(GIVE)
    tick(one, "mobile_sessions")
    assert "Không có gì thay đổi" in one.text


def test_it_is_a_write_like_any_other(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """Of both acts where two phones made one each, with what was on the page in `seen` (W-6)."""
    officer, other, one = phone("xa1"), phone("xa2"), desk("huyen")
    acts = [each.create("plan", **{"nil/banners": True}) for each in (officer, other)]
    officer.sync(), other.sync()
    one.get(f"{GIVE}?unit={world.units['12286']}")
    assert "Báo thay xã Chính Nghĩa" in one.text
    form = one.form("/figures/nil")
    for said in (None, True):
        again: dict[str, Any] = {"nil/banners": said}
        officer.edit(acts[0], **again)
    officer.sync()
    one.post(form, nil=["panels"])
    with world.app.app_context(), reading() as session:
        rows = writes_of(session, acts)
        last = [rows[act][-1] for act in acts]
        assert [row.set for row in last] == [{"nil/banners": None, "nil/panels": True}] * 2
        assert [row.seen for row in last] == [[act] for act in acts]
    one.get(f"/desk/figures?unit={world.units['12286']}")
    row = one.figures()["Tổng cộng"]
    assert (row["Băng rôn"], row["Pa nô"]) == (NIL, NIL), "what the officer said meanwhile stays"


def test_what_the_plan_asks_for_stands_first(world: World, desk: MakeDesk) -> None:
    with world.app.app_context(), writing() as session:
        lock_catalog(session)
        session.get_one(Campaign, world.campaign).expected = [{"figure": "rallies", "amount": 2}]
    one = desk("nhanla")
    one.get(GIVE)
    boxes = one.html.partition('<div class="checks">')[2]
    assert boxes.index('value="rallies"') < boxes.index('value="banners"')
    assert "Mít tinh, lễ phát động kế hoạch: 2 cuộc" in one.text


@pytest.mark.slow
def test_who_may_not_write_for_a_unit_says_nothing_of_it(world: World, desk: MakeDesk) -> None:
    one = desk("huyen")
    one.get(f"{GIVE}?unit={world.units['12286']}")
    form = one.form("/figures/nil")
    for who, status in (("phucu", 403), ("nhanla", 403), ("huyen", 303)):
        other = desk(who)
        other.get(GIVE)
        form.values["csrf_token"] = other.form("/figures/nil").values["csrf_token"]
        assert other.post(form, nil=["banners"]).status_code == status, who
    mine = desk("xa1")
    mine.get(GIVE)
    form = mine.form("/figures/nil")
    form.values = {name.replace("draft.", "draft.x"): value for name, value in form.values.items()}
    assert mine.post(form, nil=["panels"]).status_code == 404
    with world.app.app_context(), writing() as session:
        lock_catalog(session)
        session.get_one(Campaign, world.campaign).status = "archived"
    mine.get(f"{GIVE}?campaign={world.campaign}")
    assert not mine.has_form("/figures/nil")


def test_a_merged_unit_that_said_so_counts_as_its_successor(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """SPEC L-6, F-35: two said it and are one unit now; the district's own activities are no part of it."""
    officer, next_door, one = phone("xa1"), phone("nhanla", "12289"), desk("huyen")
    for each in (officer, next_door):
        each.create("plan", **{"nil/banners": True})
        each.sync()
    one.get("/desk/figures")
    assert one.figures()["Tổng cộng"]["Băng rôn"] == NIL
    merge(world, "12286", into="12289")
    one.get("/desk/figures")
    assert one.figures()["Tổng cộng"]["Băng rôn"] == NIL
    assert one.figures()["Xã Nhân La"]["Băng rôn"] == NIL
