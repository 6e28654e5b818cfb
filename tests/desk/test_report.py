"""A unit's report: the Word file and the preview say what the raw writes say, to who may see the unit."""

from __future__ import annotations

import re
from html import unescape

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from server.core.db import reading, writing
from server.desk.reports import road
from server.models import Stream, Tally, Unit
from server.services.reports.content import ANNEXES, CHARTS
from support.checks import recount
from support.checks.documents import shown
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world import issuing
from support.world.changes import add_communes
from support.world.locking import lock
from support.world.reports import cells, fill, head, made, prose
from support.world.world import World
from sync.registry import KINDS

pytestmark = [pytest.mark.slow, pytest.mark.databases("sqlite")]


def count(session: Session, campaign: str, top: str) -> dict[str, int]:
    """Each figure of a unit and all below it, from stored writes alone."""
    reported = recount.by_unit(session, campaign)
    units = [reported[id_] for id_ in recount.below(session, top) if id_ in reported]
    return {figure.code: recount.cell(units, figure.code).number or 0 for figure in KINDS.figures()}


@pytest.mark.costly
def test_every_figure_equals_a_recount_from_the_raw_writes(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    fill(desk, phone)
    one = desk("tinh")
    document = made(one, world.units["33"])
    told = cells(document)
    with world.app.app_context(), reading() as session:
        names = dict(session.execute(select(Unit.name, Unit.id)).all())
        truth = {name: count(session, world.campaign, id_) for name, id_ in names.items()}
    assert truth["Tỉnh Hưng Yên"]["banners"] == 48
    assert (
        truth["Tỉnh Hưng Yên"]["scripts"] == 1 != truth["Xã Đình Cao"]["scripts"] + truth["Xã Chính Nghĩa"]["scripts"]
    )
    compared = 0
    for name, row in {**told, "Tỉnh Hưng Yên": told["Tổng cộng"]}.items():
        for figure in KINDS.figures():
            said = row.get(head(figure.code), "–")
            amount = truth[name if name in names else "Tỉnh Hưng Yên"].get(figure.code, 0)
            assert said in ("–", "KPS") if amount == 0 and said != "0" else said == shown(amount, figure.scale), (
                name,
                figure.code,
            )
            compared += said not in ("–", "KPS")
    assert compared > 70
    assert set(told) == {
        "Tổng cộng",
        "Huyện Kim Động",
        "Huyện Phù Cừ",
        "Xã Chính Nghĩa",
        "Xã Nhân La",
        "Xã Đình Cao",
    }
    assert set(told["Xã Nhân La"].values()) == {"–"}
    assert next(iter(told)) == "Tổng cộng"
    text = prose(document)
    total = truth["Tỉnh Hưng Yên"]
    assert "treo 48 băng rôn (80 m)" in text
    assert "lắp đặt 04 pano" in text
    assert "phát 4.800 tờ rơi" in text
    assert "phát thanh 248 lượt, tổng thời lượng 1.240 phút" in text
    assert "sử dụng 01 tin, bài phát thanh khác nhau" in text
    assert "tổ chức 02 buổi tuyên truyền (trong đó: 02 cuộc mít tinh, lễ phát động)" in text
    assert "ban hành 02 văn bản chỉ đạo" in text
    numbers = (total["banners"], total["banner_metres"], total["panels"], total["leaflets"], total["airings"])
    assert (*numbers, total["minutes"]) == (48, 8000, 4, 4800, 248, 1240), "metres in hundredths"
    assert f"trong {total['hotline_mentions']:02d} hoạt động của 02 đơn vị." in text
    assert "Có 2/3 đơn vị cấp xã đã có số liệu" in text
    assert "Các đơn vị chưa báo cáo: xã Nhân La (huyện Kim Động)." in text
    assert "Còn 01 mục chờ duyệt" in text
    assert "áp phích" not in re.sub(r"“[^”]*”|Không lập cột.*|Danh sách .*|Danh sách .*|Cách tính.*", "", text)


@pytest.mark.costly
def test_the_recount_notices_a_wrong_total(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    fill(desk, phone)
    with world.app.app_context(), writing() as session:
        session.execute(update(Tally).where(Tally.figure == "banners").values(amount=Tally.amount + 1))
    assert cells(made(desk("tinh"), world.units["33"]))["Xã Đình Cao"][head("banners")] == "37"
    with world.app.app_context(), reading() as session:
        assert count(session, world.campaign, world.units["12397"])["banners"] == 36


@pytest.mark.costly
def test_the_preview_says_what_the_file_says(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    fill(desk, phone)
    one = desk("huyen")
    one.get("/desk/report")
    text = one.text
    but_charts = [name for name in ANNEXES if name != CHARTS]  # a page draws them on *Số liệu*
    paragraphs = [each.text.strip() for each in made(one, world.units["331"], annexes=but_charts).paragraphs]
    said = [line for line in paragraphs if line and "giờ" not in line]
    assert len(said) > 30
    for line in said:
        plain = " ".join(line.split()).removeprefix("Phụ lục")
        assert plain.lower() in text.lower() or re.match(r"Ảnh \d", plain), line
    assert "TT Đơn vị" in text
    assert "Băng rôn (chiếc)" in text


@pytest.mark.parametrize(
    ("username", "code", "status"),
    [
        *(("xa1", "12286", 200), ("xa1", "12289", 404), ("xa1", "331", 404)),
        *(("huyen", "12289", 200), ("huyen", "333", 404), ("tinh", "12397", 200), ("quantri", "33", 200)),
    ],
)
def test_who_may_see_the_unit_may_have_its_report(
    world: World, desk: MakeDesk, username: str, code: str, status: int
) -> None:
    one = desk(username)
    for path in ("/desk/report", "/desk/report/word"):
        assert one.http.get(path, query_string={"unit": world.units[code]}).status_code == status


def test_nobody_else_is_let_in(world: World, desk: MakeDesk) -> None:
    for path in ("/desk/report", "/desk/report/word"):
        assert desk().http.get(path, query_string={"unit": world.units["33"]}).status_code == 303


@pytest.mark.costly
def test_a_long_annex_of_the_preview_is_shown_once_it_is_asked_for(
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    """A province of 161 communes had 10,586 elements on the page."""
    fill(desk, phone)
    add_communes(world, "331", 45)
    lock(world, "tinh", "33")
    issuing.write(world, issuing.make(world, "tinh", "33"), "tinh", set__annexes="none\nfigures\ndetail")
    one = desk("tinh")
    html = one.get("/desk/report")
    linked = re.findall(r"<strong>(Phụ lục \w+)\. [^<]*</strong> <a href=\"([^\"]*)\"", html)
    assert linked
    for number, address in linked:
        assert f"<summary>{number}." not in html
        asked = one.get(unescape(address).partition("#")[0])
        assert f"<summary>{number}." in asked
        assert len(asked) > len(html) + 2_000
    assert html.count("<summary>Phụ lục I.") == 1


def test_draft_and_preview_of_a_large_tree_are_made_once_they_are_asked_for(
    world: World, desk: MakeDesk, phone: MakePhone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page of a country took 20 seconds."""
    fill(desk, phone)
    one = desk("tinh")
    small = one.get("/desk/report")
    assert "Xem trước báo cáo" in small
    with world.app.app_context(), reading() as session:
        part = select(func.count()).select_from(Stream).where(Stream.campaign_id == world.campaign)
        monkeypatch.setattr(road, "LARGE", session.scalar(part))
    html = one.get("/desk/report")
    assert "Xem trước báo cáo" not in html
    assert "Có nhiều đơn vị tham gia: xem trước" in html
    assert "data-print" not in html
    (preview,) = re.findall(r'<a class="button" href="(/desk/[^"]*)">Xem toàn bộ số liệu trước khi khóa', html)
    assert "Khóa số liệu" in one.get(unescape(preview))
    (draft,) = re.findall(r'<a href="([^"]*)">Lập và xem bản dự thảo', html)
    asked = one.get(unescape(draft))
    assert "Xem trước báo cáo" in asked
    button = 'name="yes" value="1"'
    assert button in asked
    assert button not in html, "where one presses it, one sees what is locked"
    assert "Xem trước báo cáo" in desk("huyen").get("/desk/report"), "a district has fewer"
    lock(world, "tinh", "33")
    issuing.make(world, "tinh", "33")
    assert "Xem trước báo cáo" in one.get("/desk/report"), "a paper is read as it was frozen"


def test_many_silent_units_are_named_by_district_in_an_annex_and_not_in_the_table(world: World, desk: MakeDesk) -> None:
    add_communes(world, "331", 45)
    for username, code, lines in (("tinh", "33", 2), ("huyen", "331", 1)):
        document = made(desk(username), world.units[code])
        silent = next(each for each in document.tables if each.rows[0].cells[-1].text == "Đơn vị chưa báo cáo")
        rows = [[cell.text for cell in row.cells] for row in silent.rows[1:]]
        assert len(rows) == lines
        assert sum(int(row[2]) for row in rows) == sum(len(row[3].split(", ")) for row in rows) >= 47
        assert rows[0][1] == "Huyện Kim Động"
        assert "Xã Nhân La" in rows[0][3]
