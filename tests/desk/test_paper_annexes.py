"""Which annexes go with a paper is a setting of its own, until it is presented; what is left is another file."""

from __future__ import annotations

from typing import Any

import pytest

from server.core.db import writing
from server.models import Unit
from server.models.installation import lock_catalog
from server.services.reports.workflow.papers import PaperAct
from server.services.reports.workflow.papers import PaperState as S
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world.changes import add_communes
from support.world.issuing import annexes, choose, downloaded, make, opened, prose, step, to
from support.world.locking import lock
from support.world.paper_steps import again
from support.world.papers import decide, fill, with_photos
from support.world.world import World

pytestmark = [pytest.mark.slow, pytest.mark.databases("sqlite")]


def beside(one: Any, paper: str) -> bytes:
    answer = one.http.get(f"/desk/report/word?paper={paper}&beside=1", buffered=True)
    assert answer.status_code == 200
    data: bytes = answer.data
    return data


@pytest.mark.costly
def test_annexes_are_chosen_and_the_rest_is_another_file(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    fill(desk, phone)
    lock(world, "tinh", "33")
    paper, one = make(world, "tinh", "33"), desk("tinh")
    usual = annexes(downloaded(one, paper))
    assert [each.split(" CỦA ")[0] for each in usual] == ["SỐ LIỆU KẾT QUẢ TUYÊN TRUYỀN"]
    rest = annexes(beside(one, paper))
    assert [each.split(" CỦA ")[0] for each in rest] == [
        "SỐ LIỆU KẾT QUẢ TUYÊN TRUYỀN",
        "SỐ LIỆU CHI TIẾT ĐẾN TỪNG ĐƠN VỊ",
        "DANH SÁCH BĂNG RÔN, PA NÔ, ÁP PHÍCH",
        "NHẬT KÝ PHÁT THANH",
    ], "of the figures how they are counted"
    choose(one, paper, "detail", "activities")
    assert "Số liệu từng đơn vị; Danh sách hoạt động" in one.get(f"/desk/texts?paper={paper}")
    chosen = annexes(downloaded(one, paper))
    assert [each.split(" CỦA ")[0] for each in chosen] == [
        "SỐ LIỆU CHI TIẾT ĐẾN TỪNG ĐƠN VỊ",
        "DANH SÁCH BĂNG RÔN, PA NÔ, ÁP PHÍCH",
        "NHẬT KÝ PHÁT THANH",
    ]
    named = prose(downloaded(one, paper))
    assert "Các phụ lục kèm theo báo cáo này: Phụ lục I - Số liệu chi tiết" in named
    step(world, paper, PaperAct.SUBMIT, "tinh")
    kept = downloaded(one, paper)
    assert annexes(kept) == chosen
    assert downloaded(one, paper) == kept, "the same bytes each time"
    other = make(world, "tinh", "33")
    assert annexes(downloaded(one, other)) == chosen, "a second report begins as a copy"
    choose(one, other)
    assert annexes(downloaded(one, other)) == [], "none is a choice, too"
    assert "kèm theo báo cáo này" not in prose(downloaded(one, other))


@pytest.mark.costly
def test_photos_that_are_not_chosen_are_in_the_file_beside(world: World, desk: MakeDesk) -> None:
    with_photos(world, desk, range(9))
    lock(world)
    paper, one = make(world), desk("huyen")
    assert len(opened(downloaded(one, paper)).inline_shapes) == 6
    assert "06 trong 09 ảnh minh chứng" in prose(downloaded(one, paper))
    assert len(opened(beside(one, paper)).inline_shapes) == 3
    choose(one, paper, "figures", "photos", photos="0")
    assert len(opened(downloaded(one, paper)).inline_shapes) == 0
    assert len(opened(beside(one, paper)).inline_shapes) == 9


def test_beside_a_report_with_all_of_it_is_nothing(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer, one = phone("xa1"), desk("huyen")
    record = officer.create(quantity=12)
    officer.sync()
    decide(one, record)
    freeze, here = lock(world), f"unit={world.units['331']}&campaign={world.campaign}"
    for asked in (f"freeze={freeze}", f"freeze={freeze}&annexes=all", f"{here}&annexes=all"):
        assert one.http.get(f"/desk/report/word?{asked}&beside=1").status_code == 404, asked
        assert one.http.get(f"/desk/report/word?{asked}", buffered=True).status_code == 200
    rest = one.http.get(f"/desk/report/word?freeze={freeze}&annexes=figures&annexes=photos&beside=1", buffered=True)
    assert "DANH SÁCH BĂNG RÔN, PA NÔ, ÁP PHÍCH CỦA HUYỆN KIM ĐỘNG" in annexes(rest.data)


def test_two_districts_of_one_name_are_two(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer = phone("xa1")
    record = officer.create(quantity=12)
    officer.sync()
    decide(desk("huyen"), record)
    add_communes(world, "331", 7)
    add_communes(world, "333", 8, first=8)
    with world.app.app_context(), writing() as session:
        lock_catalog(session)
        session.get_one(Unit, world.units["333"]).name = "Huyện Kim Động"
    data = desk("tinh").http.get(f"/desk/report/word?unit={world.units['33']}", buffered=True).data
    tables = [[[cell.text for cell in row.cells] for row in table.rows] for table in opened(data).tables]
    silent = next(rows for rows in tables if rows[0][-1] == "Đơn vị chưa báo cáo")
    assert [row[1] for row in silent[1:]] == ["Huyện Kim Động", "Huyện Kim Động"]
    beneath = next(int(row[2]) for row in silent[1:] if "Số 15" in row[3] or "số 15" in row[3])
    assert f"{beneath} đơn vị chưa báo cáo nêu tại phụ lục danh sách kèm theo" in prose(data)


def test_what_is_no_annex_is_refused(world: World, desk: MakeDesk) -> None:
    lock(world)
    paper, one = make(world), desk("huyen")
    for values in ({"text.set.annexes": ["none", "victims"]}, {"text.set.photos": "7"}):
        one.get(f"/desk/papers/{paper}")
        take = next((form for form in one.forms() if "set.annexes" in form.values.get("section", [])), None)
        if take is not None:
            one.post(take)
            one.follow()
        writing = next(form for form in one.forms() if form.action.endswith("/texts/save"))
        one.post(writing, **values)
        assert one.status == 400


def test_a_supplement_is_a_report_by_its_type(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    fill(desk, phone)
    lock(world)
    first = to(world, make(world), S.ISSUED)
    again(world)
    one = desk("huyen")
    supplement = make(world, kind="supplement", follows=first)
    said = [each.text for each in opened(downloaded(one, supplement)).paragraphs]
    assert "BÁO CÁO" in said, "its type"
    assert not any("BÁO CÁO BỔ SUNG" in each for each in said)
    assert any(each.startswith("Bổ sung số liệu Báo cáo số") for each in said), "the trích yếu"
    replacement = make(world, kind="replacement", follows=first)
    assert "Báo cáo này thay thế Báo cáo số" in prose(downloaded(one, replacement))
