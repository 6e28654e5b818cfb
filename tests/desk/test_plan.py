"""What a unit says of itself: nothing to report is a word in the table, and nowhere else (SPEC F-6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from server.db import reading
from server.problems import Problem
from server.services import review
from server.services.review import Verdict
from server.services.scope import Scope
from support.phone import Phone
from support.world import World

MakeDesk = Callable[..., Any]
MakePhone = Callable[..., Phone]
NIL = "không phát sinh"


def said(desk: Any, unit: str) -> dict[str, str]:
    """What the table says of a unit's banners and mobile rounds; of a silent one the one sentence."""
    row = desk.figures()[unit]
    return {name: text for name, text in row.items() if name in ("Băng rôn", "Lượt tuyên truyền lưu động")}


def test_it_stands_in_the_cell_until_something_is_there(desk: MakeDesk, phone: MakePhone) -> None:
    officer, one = phone("xa1"), desk("huyen")
    plan = officer.create("plan", **{"nil/banners": True, "nil/mobile_sessions": True})
    officer.sync()
    one.get("/desk/figures")
    assert said(one, "Xã Chính Nghĩa") == {"Băng rôn": NIL, "Lượt tuyên truyền lưu động": NIL}
    assert one.figures()["Xã Nhân La"]["Băng rôn"] == "chưa có bản ghi"
    assert said(one, "Tổng cộng")["Băng rôn"] == f"{NIL}: 1/3 đơn vị"
    officer.create(quantity=4)
    officer.edit(plan, **{"nil/mobile_sessions": None})
    officer.sync()
    one.get("/desk/figures")
    assert said(one, "Xã Chính Nghĩa") == {"Băng rôn": "0 4 chờ duyệt", "Lượt tuyên truyền lưu động": "0"}


def test_two_acts_are_read_as_one_and_any_word_counts(desk: MakeDesk, phone: MakePhone) -> None:
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
    assert one.figures()["Xã Chính Nghĩa"]["Băng rôn"] == "chưa có bản ghi"


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
    own.get("/desk/figures")
    assert "bản ghi hai người cùng sửa" not in own.text
    assert "bản nháp" not in own.text
    for path in (f"/desk/records/{plan}", "/desk/records/new?kind=plan"):
        one.get(path)
        assert one.status == 404
    with world.app.app_context(), reading() as session:
        scope = Scope(session, world.officers["huyen"])
        with pytest.raises(Problem, match="not_found"):
            review.decide(session, scope, plan, Verdict("not_counted", "?"), {"nil/banners": [plan]})


def test_a_figure_of_a_newer_loa_is_kept_and_passed_over(desk: MakeDesk, phone: MakePhone) -> None:
    officer, one = phone("xa1"), desk("huyen")
    officer.create("plan", **{f"nil/{'x' * 60}": True})
    officer.sync()
    one.get("/desk/figures")
    assert one.figures()["Xã Chính Nghĩa"]["Băng rôn"] == "chưa có bản ghi"
