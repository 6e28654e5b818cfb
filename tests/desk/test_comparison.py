"""The previous period: names matched in a dry run, shown on page, file and annex, kept by a freeze."""

from __future__ import annotations

import io
import re
from pathlib import Path

import docx
import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from server.core.db import reading
from server.models import Campaign, PriorSet
from server.serving.installation import installed
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world.comparing import PASTED, READ, counted, line, page, paste, take
from support.world.locking import lock
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


@pytest.mark.slow
def test_a_pasted_table_with_a_mismatch_is_shown_first_and_taken_after(
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    counted(desk, phone, xa1=12, nhanla=5)
    one = desk("huyen")
    paste(one, world, PASTED + "Xã Đại Hùng\t7\t\n")
    one.follow()
    assert "2 đơn vị có số liệu, 2 chỉ tiêu. Chưa nhận gì." in one.text
    assert "1 dòng không khớp tên đơn vị" in one.text
    assert "A5: Xã Đại Hùng Không có đơn vị nào tên như vậy." in one.text
    assert "Ô A2: dòng tổng ghi 30, cộng các dòng là 37." in one.text
    with world.app.app_context(), reading() as session:
        assert session.scalar(select(PriorSet.id)) is None, "a dry run takes nothing"
    assert one.post(one.form("/take")).status_code == 303
    page(one, world)
    assert "Chưa có số liệu cùng kỳ" in one.text, "nobody said yes"

    paste(one, world, PASTED + "Xã Đại Hùng\t7\t\n")
    one.follow()
    one.post(one.form("/place"), **{"at.4": "nhan la", "part.4": None})
    one.follow()
    assert "không khớp tên đơn vị" not in one.text
    one.location = f"/desk/comparison?draft={one.form('/take').action.split('/')[-2]}"
    take(one)
    assert line(one, "Băng rôn") == "chiếc|17|37|−20|−54,1%|"
    assert line(one, "Lượt phát").startswith("lượt|–|400||||") or "chưa báo cáo" in line(one, "Lượt phát")
    assert line(one, "Xã Chính Nghĩa") == "12|10|+2|+20%|"
    assert line(one, "Xã Nhân La") == "5|27|−22|−81,5%|"


@pytest.mark.slow
@pytest.mark.databases("both")
@pytest.mark.costly
def test_the_column_the_file_and_the_annex_say_the_same(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    counted(desk, phone, xa1=12, nhanla=5)
    one = desk("huyen")
    paste(one, world, "Tên đơn vị\tBăng rôn\nChính Nghĩa\t10\nNhân La\t0\n")
    take(one)
    one.get(f"/desk/figures?unit={world.units['331']}&campaign={world.campaign}&prior=1")
    beside = re.findall(r'<td class="prior(?: on)?">(.*?)</td>', one.html)
    texts = [re.sub(r"<[^>]+>", "", each).strip() for each in beside]
    assert "10 +70%" in texts
    assert "10 +20%" in texts
    assert "0" in texts, "a base of 0 has no percent"
    data = one.http.get(f"/desk/figures.xlsx?unit={world.units['331']}&campaign={world.campaign}&prior=1").data
    formulas, values = (load_workbook(io.BytesIO(data), data_only=only)["Cùng kỳ"] for only in (False, True))
    rows = {(row[0].value, row[1].value): row for row in values.iter_rows(min_row=2)}
    total = rows["Tổng cộng", "Băng rôn"]
    assert [cell.value for cell in total[2:7]] == ["chiếc", 17, 10, 7, 0.7]
    assert formulas[f"F{total[0].row}"].value == f"=D{total[0].row}-E{total[0].row}"
    assert rows["Xã Nhân La", "Băng rôn"][6].value is None
    plain = one.http.get(f"/desk/figures.xlsx?unit={world.units['331']}&campaign={world.campaign}").data
    assert "Cùng kỳ" not in load_workbook(io.BytesIO(plain)).sheetnames
    word = one.http.get(f"/desk/report/word?unit={world.units['331']}&campaign={world.campaign}&annexes=all").data
    tables = [
        [[cell.text for cell in row.cells] for row in table.rows] for table in docx.Document(io.BytesIO(word)).tables
    ]
    mine = next(table for table in tables if table[0][:2] == ["STT", "Nội dung"])
    assert mine[0] == ["STT", "Nội dung", "ĐVT", "Kết quả", "Cùng kỳ", "Ghi chú"]
    assert ["1", "Băng rôn", "chiếc", "17", "10", "tăng 7 (70%)"] in mine
    paragraphs = [each.text for each in docx.Document(io.BytesIO(word)).paragraphs]
    assert paragraphs.index("SO SÁNH VỚI CÙNG KỲ CỦA HUYỆN KIM ĐỘNG") < paragraphs.index(
        "ẢNH MINH CHỨNG HOẠT ĐỘNG CỦA HUYỆN KIM ĐỘNG"
    )


@pytest.mark.databases("both")
@pytest.mark.slow
@pytest.mark.costly
def test_the_freeze_keeps_the_comparison(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    counted(desk, phone, xa1=12)
    one = desk("huyen")
    paste(one, world, "Đơn vị\tBăng rôn\nChính Nghĩa\t10\nNhân La\t1\n")
    take(one)
    freeze = lock(world)
    before = one.http.get(f"/desk/report/word?freeze={freeze}").data
    paste(one, world, "Đơn vị\tBăng rôn\nChính Nghĩa\t99\nNhân La\t1\n")
    take(one)
    blobs = installed(world.app).blobs
    for path in Path(installed(world.app).settings.data_dir).rglob("*"):
        if path.is_file() and path.read_bytes() == before:
            blobs.drop([path.name])
    again = one.http.get(f"/desk/report/word?freeze={freeze}").data
    assert again == before, "built again from the freeze alone"
    one.get(f"/desk/locked/{freeze}")
    assert "Đúng số liệu đã khóa" in one.text
    tables = docx.Document(io.BytesIO(again)).tables
    text = "\n".join(cell.text for table in tables for row in table.rows for cell in row.cells)
    assert "tăng 1 (9,1%)" in text
    assert "100" not in text


def test_another_rule_then_is_not_compared(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    counted(desk, phone, xa1=12)
    one = desk("huyen")
    paste(one, world, "Đơn vị\tBăng rôn\nChính Nghĩa\t10\nNhân La\t1\n")
    take(one, other="banners")
    assert line(one, "Băng rôn") == "chiếc|12|11|||cách tính của kỳ trước khác"


@pytest.mark.slow
def test_who_may_not_take_sees_no_form_and_is_refused(world: World, desk: MakeDesk) -> None:
    one = desk("huyen")
    paste(one, world, PASTED)
    draft = one.location
    for username in ("xa1", "phucu", "quantri"):
        other = desk(username)
        page(other, world)
        assert other.status == (200 if username == "quantri" else 404), username
        assert not other.has_form(READ)
        assert other.http.get(draft).status_code == 404, "somebody else's dry run"
    own = desk("xa1")
    page(own, world, "12286")
    form = own.form(READ)
    form.values["unit"] = [world.units["331"]]
    assert own.post(form, text=PASTED).status_code == 404
    admin = desk("quantri")
    admin.get("/desk/queue")
    sent = {"csrf_token": own.form("/language").values["csrf_token"][0]} if own.has_form("/language") else {}
    assert admin.http.post(READ, data={**sent, "unit": world.units["331"]}).status_code in (400, 403)


def test_a_set_is_dropped_and_a_commune_reads_that_of_its_district(world: World, desk: MakeDesk) -> None:
    one = desk("huyen")
    paste(one, world, PASTED)
    take(one)
    commune = desk("xa1")
    page(commune, world, "12286")
    assert line(commune, "Băng rôn").split("|")[2] == "10"
    assert not commune.has_form("/drop")
    assert "Người duyệt huyện" not in re.sub(r"(?s)<header.*?</header>", "", commune.text)
    one.post(one.form("/drop"))
    page(commune, world, "12286")
    assert "Chưa có số liệu cùng kỳ" in commune.text
    with world.app.app_context(), reading() as session:
        assert session.get_one(Campaign, world.campaign).status == "open"
