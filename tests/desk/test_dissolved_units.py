"""Units that are merged in the middle of a campaign: who confirms, under whose name figures stand, who reads what.

The unit that a dissolved one was merged into, or the heir that the administrator chose when it was split, and no other.
"""

from __future__ import annotations

import html
import io
import re
from typing import Any

import docx
import pytest
from sqlalchemy import func, select

from server.core.clock import now_ms, stopped_at
from server.core.db import reading
from server.core.problem_details import Problem
from server.models import AuditLine, Campaign, Seal, Stream
from server.services.figures import loading, seals
from server.services.reports import tables
from server.services.reports.snapshot import freezes
from server.services.reports.workflow.papers import PaperAct, PaperState
from server.services.units.scope import Scope
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world.asked import got
from support.world.cases import act, entered, entitle
from support.world.cases import made as made_case
from support.world.changes import leave, merge, seal, shown, split
from support.world.comparing import counted
from support.world.issuing import make, pdf, step, to
from support.world.locking import lock
from support.world.world import World

NOTE = "xã Nhân La gồm xã Chính Nghĩa (từ ngày 20/7/2021)"


def giving(one: Any, world: World, unit: str) -> str:
    one.get(f"/desk/figures/give?unit={world.units[unit]}&campaign={world.campaign}")
    return str(one.text)


def banners(world: World, unit: str) -> int:
    with world.app.app_context(), reading() as session:
        campaign, scope = session.get_one(Campaign, world.campaign), Scope(session, world.officers["quantri"])
        return int(loading.load(session, scope, campaign, world.units[unit]).total.cells["banners"].counted)


def sealed(world: World) -> dict[str, int]:
    """By code of a unit: how many seals its stream has."""
    names = {id_: code for code, id_ in world.units.items()}
    with world.app.app_context(), reading() as session:
        rows = session.execute(
            select(Stream.unit_id, func.count()).join(Seal, Seal.stream_id == Stream.id).group_by(Stream.unit_id)
        )
        return {names[unit]: count for unit, count in rows}


@pytest.mark.databases("both")
def test_the_successor_alone_confirms_and_the_page_says_for_whom(
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    counted(desk, phone, xa1=12, nhanla=5, dinhcao=3)
    seal(world, "nhanla", "12289")
    merge(world, "12286", into="12289")
    one = desk("nhanla")
    assert "Xã Nhân La xác nhận cả phần của đơn vị đã sáp nhập" in giving(one, world, "12289")
    assert "Xã Chính Nghĩa đã sáp nhập từ 20/07/2021 : 1 mục đã gửi duyệt. Chưa ai xác nhận" in one.text
    assert "Số liệu của xã Chính Nghĩa Chỉ tiêu Đã duyệt Chờ duyệt Băng rôn 12 chiếc" in one.text
    assert "Xác nhận toàn bộ kết quả của xã Nhân La" in one.text
    assert "Băng rôn 17 chiếc" in one.text, "what it confirms is all that it stands for"
    assert "do từng đơn vị xác nhận" not in one.text
    assert "xã Nhân La xác nhận, không đơn vị nào khác" in giving(desk("huyen"), world, "12286")
    assert not desk("huyen").has_form("/desk/figures/seal")
    for stranger in ("xa1", "dinhcao"):
        with world.app.app_context(), reading() as session, pytest.raises(Problem):
            seals.seal(session, Scope(session, world.officers[stranger]), world.units["12286"], world.campaign, {})
    giving(one, world, "12289")
    one.post(one.form("/desk/figures/seal"))
    assert one.status == 303
    assert sealed(world) == {"12286": 1, "12289": 1}, "the own figures were confirmed before"
    assert "Xã Chính Nghĩa đã sáp nhập từ 20/07/2021 : 1 mục đã gửi duyệt. Đã xác nhận" in giving(one, world, "12289")
    assert (banners(world, "12289"), banners(world, "331"), banners(world, "33")) == (17, 17, 20)


@pytest.mark.databases("both")
def test_what_a_unit_confirmed_itself_stays_its_own(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    counted(desk, phone, xa1=12)
    seal(world, "xa1")
    merge(world, "12286", into="12289")
    one = desk("nhanla")
    giving(one, world, "12289")
    assert "1 mục đã gửi duyệt. Đã tự xác nhận trước khi sáp nhập" in one.text
    assert "Cán bộ 1 xã Chính Nghĩa" in one.text


@pytest.mark.databases("both")
def test_of_a_split_unit_the_heir_that_was_chosen_confirms(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    counted(desk, phone, xa1=12)
    split(world, "12286", "12290=Xã Tân Lập", "12289", heir="12289", xa2="12290")
    assert "Xã Chính Nghĩa" in giving(desk("nhanla"), world, "12289")
    assert "Xã Chính Nghĩa" not in giving(desk("xa2"), world, "12290"), "the other part has nothing of it to confirm"
    page = shown(world, "nhanla", "12289")
    with world.app.app_context(), reading() as session:
        other = Scope(session, world.officers["xa2"])
        with pytest.raises(Problem):
            seals.seal(session, other, world.units["12286"], world.campaign, page)
    assert seal(world, "nhanla", "12289")
    assert sealed(world) == {"12286": 1, "12289": 1}


@pytest.mark.databases("both")
def test_freeze_and_report_say_under_whose_name_the_figures_stand(
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    counted(desk, phone, xa1=12, nhanla=5)
    before = lock(world, "huyen", "331")
    merge(world, "12286", into="12289")
    after = lock(world, "tinh", "33")
    with world.app.app_context(), reading() as session:
        scope = Scope(session, world.officers["tinh"])
        old, new = (freezes.read(session, scope, each) for each in (before, after))
        assert tables.stood_for(old.table) == (), "what was locked before stays as it was"
        assert NOTE in "".join(tables.stood_for(new.table))
        assert freezes.check(session, old).is_good
        assert freezes.check(session, new).is_good
        assert int(new.table.total.cells["banners"].counted) == 17, "counted once"
    one = desk("tinh")
    one.get(f"/desk/locked/{after}")
    assert "Xã Nhân La gồm Xã Chính Nghĩa (từ 20/07/2021)" in one.text
    one.get(f"/desk/report?unit={world.units['331']}&campaign={world.campaign}&now=1")
    assert NOTE in one.text


def paragraphs(data: bytes) -> str:
    """All that stands in a Word file, its tables too."""
    made = docx.Document(io.BytesIO(data))
    cells = [cell.text for table in made.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(each.text for each in made.paragraphs), *cells])


def minutes(one: Any, world: World, unit: str = "12286") -> str:
    answer = one.http.get(f"/desk/units/{world.units[unit]}/minutes", buffered=True)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert "no-store" in answer.headers["Cache-Control"]
    return paragraphs(answer.data)


@pytest.mark.databases("both")
def test_the_successor_reads_what_the_old_unit_left_and_changes_nothing(
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    counted(desk, phone, xa1=12)
    seal(world, "xa1")
    freeze = lock(world, "xa1", "12286")
    paper = to(world, make(world, "xa1", "12286"), PaperState.ISSUED, "xa1")
    step(world, paper, PaperAct.FILE, "xa1", pdf=pdf())
    draft = make(world, "xa1", "12286")
    got(world, desk("xa1"), "12286", "word")
    merge(world, "12286", into="12289")
    one = desk("nhanla")
    place = f"unit={world.units['12289']}&campaign={world.campaign}"
    old = f"/desk/report/documents?campaign={world.campaign}&unit={world.units['12289']}&old={world.units['12286']}"
    for path in ("/desk/report", "/desk/report/documents"):
        one.get(f"{path}?{place}")
        assert html.escape(old) in one.html, path
    one.get(old)
    links = [html.unescape(each) for each in re.findall(r'href="(/desk/[^"]*)"', one.html.partition("<main")[2])]
    for needed in (f"/desk/papers/{paper}", f"/desk/papers/{draft}", f"/desk/locked/{freeze}", "/signed/"):
        assert any(needed in link for link in links), needed
    assert any(link.startswith("/desk/report/documents/") for link in links), "the file that was made"
    assert not any("/minutes" in link for link in links), "they name people: for who manages them"
    for link in links:
        assert one.http.get(link, buffered=True).status_code == 200, link
    for id_ in (paper, draft):
        one.get(f"/desk/papers/{id_}")
        assert not [form for form in one.forms() if form.action.endswith("/step")]
        with pytest.raises(Problem, match="unit_merged"):
            step(world, id_, PaperAct.FILE if id_ == paper else PaperAct.SUBMIT, "nhanla")
    assert one.http.get(f"/desk/units/{world.units['12286']}/minutes").status_code == 404
    manager = desk("huyen")
    manager.get(old)
    assert f"/desk/units/{world.units['12286']}/minutes" in manager.html
    for stranger in ("dinhcao", "phucu", "xa1"):
        two = desk(stranger)
        assert paper not in two.http.get(old, buffered=True).text
        assert two.http.get(f"/desk/papers/{paper}").status_code == 404
        assert two.http.get(f"/desk/units/{world.units['12286']}/minutes").status_code == 404


@pytest.mark.databases("both")
def test_the_minutes_list_people_phones_open_results_and_papers(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    counted(desk, phone, xa1=12)
    officer = phone("xa2")
    back, _ = officer.create(quantity=3), officer.create(quantity=4)
    officer.sync()
    reviewer = desk("huyen")
    reviewer.get(f"/desk/records/{back}")
    assert reviewer.post(reviewer.form("/decide"), verdict="returned", reason="Thiếu ảnh").status_code == 303
    freeze = freezes.spoken(_locked(world))
    merge(world, "12286", into="12289", with_people=True)
    leave(world, "xa2", "12289")
    with stopped_at(now_ms()):
        said = minutes(desk("huyen"), world)
        assert said == minutes(desk("quantri"), world), "the same whoever asks"
    for each in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "BIÊN BẢN",
        "V/v bàn giao tài khoản, thiết bị, kết quả còn dở và hồ sơ báo cáo của xã Chính Nghĩa cho xã Nhân La",
        "từ ngày 20/7/2021 xã Chính Nghĩa kết thúc hoạt động",
        "02 tài khoản có vai trò tại xã Chính Nghĩa",
        "Giữ vai trò tại xã Nhân La",
        "Hết vai trò",
        "máy thử",
        "BR-2, BR-3.",
        "Xã Chính Nghĩa đã xác nhận ngày",
        freeze,
        "ĐẠI DIỆN BÊN GIAO",
        "ĐẠI DIỆN BÊN NHẬN",
        "- Lưu: VT.",
    ):
        assert each in said, each
    made = docx.Document(
        io.BytesIO(desk("quantri").http.get(f"/desk/units/{world.units['12286']}/minutes", buffered=True).data)
    )
    counts = next(table for table in made.tables if "Bản nháp" in [cell.text for cell in table.rows[0].cells])
    assert [cell.text for cell in counts.rows[1].cells][2:5] == ["1", "1", "0"], "waiting, returned, drafts"
    with world.app.app_context(), reading() as session:
        lines = session.scalars(select(AuditLine).where(AuditLine.act == "exported")).all()
        assert [line.about_id for line in lines if "handover" in line.new] == [world.units["12286"]] * 3
    one = desk("quantri")
    one.get("/desk/audit")
    assert "biên bản bàn giao" in one.text
    one.get("/desk/units/change?act=merge")
    assert f"/desk/units/{world.units['12286']}/minutes" in one.html
    assert one.http.get(f"/desk/units/{world.units['12289']}/minutes").status_code == 404, "it stands"


def _locked(world: World) -> str:
    seal(world, "xa1")
    return lock(world, "xa1", "12286")


@pytest.mark.databases("both")
def test_of_cases_the_minutes_say_nothing_and_their_codes_are_behind_the_door(world: World, desk: MakeDesk) -> None:
    entitle(world)
    one = entered(world, desk(), "mat_xa")
    _, code = made_case(one)
    case, closed = made_case(one)
    act(one, case, "hand-over", to="away")
    before = two_minutes(world, desk)
    assert code not in before
    for word_ in ("hồ sơ hỗ trợ", "nạn nhân", "mật", "Cán bộ phụ trách"):
        assert word_ not in before, word_
    two = entered(world, desk(), "mat_nhanla")
    assert "Hồ sơ của đơn vị đã sáp nhập" in two.text
    answer = two.http.get(f"/desk/cases/left/{world.units['12286']}", buffered=True)
    said = paragraphs(answer.data)
    assert "01 hồ sơ chưa kết thúc của xã Chính Nghĩa" in said
    assert code in said
    assert closed not in said
    assert "LƯU HÀNH NỘI BỘ" in said
    two.get("/desk/cases/log")
    assert "lập biên bản bàn giao mã hồ sơ" in two.text
    for stranger in ("xa1", "nhanla", "huyen", "tinh", "quantri"):
        assert desk(stranger).http.get(f"/desk/cases/left/{world.units['12286']}").status_code == 404, stranger
    assert two.http.get(f"/desk/cases/left/{world.units['12289']}").status_code == 404, "it stands"
    assert two.http.get(f"/desk/cases/left/{world.units['12397']}").status_code == 404


def two_minutes(world: World, desk: MakeDesk) -> str:
    """Merge the unit that has a case, and return the minutes."""
    merge(world, "12286", into="12289")
    return minutes(desk("huyen"), world)
