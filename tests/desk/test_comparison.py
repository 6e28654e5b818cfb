"""The previous period: tables read and refused by cell, names matched, a dry run, mergers, the figures beside it."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import docx
import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from server.core.db import reading, writing
from server.models import Campaign, PriorSet, PriorValue, Unit, UnitSplit
from server.services.campaigns.lifecycle import NewCampaign, open_campaign
from server.services.locks.locking import LockChoice
from server.services.organisation import split_undo, unit_changes
from support.world import totals
from support.world.changes import merge, split
from support.world.comparing import PASTED, READ, MakeDesk, MakePhone, book, counted, line, page, paste, take, upload
from support.world.locking import lock
from support.world.many import add_communes
from support.world.world import World

pytestmark = pytest.mark.sqlite_first


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
    one.location = one.form("/take").action.removesuffix("/take")
    take(one)
    assert line(one, "Băng rôn") == "chiếc|17|37|−20|−54,1%|"
    assert line(one, "Lần phát").startswith("lần|–|400||||") or "chưa báo cáo" in line(one, "Lần phát")
    assert line(one, "Xã Chính Nghĩa") == "12|10|+2|+20%|"
    assert line(one, "Xã Nhân La") == "5|27|−22|−81,5%|"


@pytest.mark.slow
@pytest.mark.both_databases
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
    word = one.http.get(f"/desk/report/word?unit={world.units['331']}&campaign={world.campaign}").data
    tables = [
        [[cell.text for cell in row.cells] for row in table.rows] for table in docx.Document(io.BytesIO(word)).tables
    ]
    mine = next(table for table in tables if table[0][:2] == ["STT", "Nội dung"])
    assert mine[0] == ["STT", "Nội dung", "ĐVT", "Kết quả", "Cùng kỳ", "Ghi chú"]
    assert ["1", "Băng rôn", "chiếc", "17", "10", "tăng 7 (70%)"] in mine
    paragraphs = [each.text for each in docx.Document(io.BytesIO(word)).paragraphs]
    assert paragraphs.index("So sánh với cùng kỳ của huyện Kim Động") < paragraphs.index(
        "Ảnh minh chứng hoạt động của huyện Kim Động"
    )


@pytest.mark.both_databases
@pytest.mark.slow
@pytest.mark.costly
def test_the_freeze_keeps_the_comparison(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    counted(desk, phone, xa1=12)
    one = desk("huyen")
    paste(one, world, "Đơn vị\tBăng rôn\nChính Nghĩa\t10\nNhân La\t1\n")
    take(one)
    freeze = lock(world)
    before = one.http.get(f"/desk/locked/{freeze}/word").data
    paste(one, world, "Đơn vị\tBăng rôn\nChính Nghĩa\t99\nNhân La\t1\n")
    take(one)
    blobs = world.app.extensions["loa_blobs"]
    for path in Path(world.app.extensions["loa_settings"].data_dir).rglob("*"):
        if path.is_file() and path.read_bytes() == before:
            blobs.drop([path.name])
    again = one.http.get(f"/desk/locked/{freeze}/word").data
    assert again == before, "built again from the freeze alone"
    one.get(f"/desk/locked/{freeze}")
    assert "Đúng số liệu đã khóa" in one.text
    tables = docx.Document(io.BytesIO(again)).tables
    text = "\n".join(cell.text for table in tables for row in table.rows for cell in row.cells)
    assert "tăng 1 (9,1%)" in text
    assert "100" not in text


FAULTS = [
    ([["Đơn vị", "Băng rôn"], ["Chính Nghĩa", "='[1]Năm 2020'!B2"]], "Ô B2 có công thức lấy số từ tệp hoặc nơi khác"),
    ([["Đơn vị", "Băng rôn"], ["Chính Nghĩa", "=cmd|'/c calc'!A1"]], "Ô B2 có công thức lấy số từ tệp hoặc nơi khác"),
    ([["Đơn vị", "Băng rôn"], ["Chính Nghĩa", "=1+1"]], "Ô B2 có công thức chưa tính (=1+1)"),
    ([["Đơn vị", "Băng rôn"], ["Chính Nghĩa", "mười"]], "Ô B2 không phải là số: “mười”"),
    ([["Đơn vị", "Băng rôn"], ["Chính Nghĩa", "1.5"]], "Ô B2 không phải là số: “1.5”"),
    ([["Đơn vị", "Băng rôn"], ["Chính Nghĩa", -4]], "Ô B2 là số âm: -4"),
    ([["Đơn vị", "Băng rôn"], ["Chính Nghĩa", date(2020, 7, 30)]], "Ô B2 là ngày hoặc giá trị khác"),
    ([["Đơn vị", "Băng rôn"], ["Chính Nghĩa", "#REF!"]], "Ô B2 đang báo lỗi #REF!"),
    ([["Đơn vị", "Băng rôn"], ["Chính Nghĩa", 1], [None, 5]], "Ô A3 chưa có tên đơn vị, mà dòng đó có số 5"),
    (
        [["Đơn vị", "Băng rôn", "Băng rôn (chiếc)"], ["Chính Nghĩa", 1, 2]],
        "Ô C1: chỉ tiêu “Băng rôn (chiếc)” có hai cột",
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize(("rows", "said"), FAULTS, ids=[said[:24] for _, said in FAULTS])
def test_a_cell_that_cannot_be_taken_is_named(world: World, desk: MakeDesk, rows: list[list[Any]], said: str) -> None:
    one = desk("huyen")
    assert upload(one, world, book(rows)).status_code == 422
    assert said in one.text
    assert "<b>" not in one.html


@pytest.mark.slow
@pytest.mark.costly
def test_merged_cells_are_named_and_a_title_across_is_none(world: World, desk: MakeDesk) -> None:
    one = desk("huyen")
    rows: list[list[Any]] = [
        ["BẢNG KẾT QUẢ NĂM 2020"], [], ["TT", "Đơn vị", "Băng rôn"], [1, "Chính Nghĩa", 4], [2, "Nhân La", 5]
    ]  # fmt: skip
    assert upload(one, world, book(rows, "A1:C1")).status_code == 303
    one.follow()
    assert "B4: Chính Nghĩa 4" in one.text
    assert upload(one, world, book(rows, "C4:C5")).status_code == 422
    assert "Các ô C4:C5 bị gộp" in one.text


@pytest.mark.slow
def test_numbers_as_vietnamese_writes_them(world: World, desk: MakeDesk) -> None:
    one = desk("huyen")
    rows: list[list[Any]] = [
        ["Đơn vị", "Băng rôn", "Chiều dài băng rôn", "Tờ rơi"], ["Chính Nghĩa", "1.234", "1.234,5", 12345678],
        ["Nhân La", "KPS", 7.25, "-"],
    ]  # fmt: skip
    upload(one, world, book(rows))
    one.follow()
    assert "A2: Chính Nghĩa 1.234 1.235 12.345.678" in one.text
    assert "ô C2: 1.234,5 thành 1.235; ô C3: 7,25 thành 7." in one.text
    assert "A3: Nhân La 0 7" in one.text


def altered(data: bytes, part: str, old: bytes, new: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as was, zipfile.ZipFile(out, "w") as now:
        for name in was.namelist():
            now.writestr(name, was.read(name).replace(old, new) if name == part else was.read(name))
    return out.getvalue()


GOOD = book([["Đơn vị", "Băng rôn"], ["Chính Nghĩa", 1]])
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
FILES = [
    (b"", "Chưa có bảng nào"),
    (b"%PDF-1.4 x", "không phải tệp Excel"),
    (GOOD[:200], "không phải tệp Excel"),
    (OLE, "Tệp Excel kiểu cũ (.xls)"),
    (OLE + "EncryptedPackage".encode("utf-16-le"), "Tệp Excel có mật khẩu"),
    (altered(GOOD, "[Content_Types].xml", b"spreadsheetml.sheet.main", b"ms-excel.sheet.macroEnabled.main"), "macro"),
    (book([[]]), "Chưa có bảng nào"),
    (book([["Đơn vị", "Số lượng"], ["Chính Nghĩa", 1]]), "Không thấy cột nào mang tên chỉ tiêu"),
    (book([["Đơn vị", "Băng rôn"], ["Chính Nghĩa", None]]), "Không có dòng nào vừa có tên đơn vị vừa có số liệu"),
    (b"PK\x03\x04" + b"0" * 11_000_000, "Bảng quá lớn"),
]


@pytest.mark.parametrize(("data", "said"), FILES, ids=[said for _, said in FILES])
def test_a_file_that_is_none_is_said_to_be_none(world: World, desk: MakeDesk, data: bytes, said: str) -> None:
    one = desk("huyen")
    assert upload(one, world, data).status_code in (413, 422)
    assert said in one.text
    page(one, world)
    assert one.status == 200


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Chưa có bảng nào"),
        ("Băng rôn\n3\n", "chỉ có một cột"),
        ("a\tb\n" * 12_001, "quá nhiều dòng"),
        (PASTED + '"Đại Hùng\t7\n' + "Hiệp Cường\t3\n" * 9, "mở mà không đóng"),
        (PASTED + '"Đại Hùng\t7\n' + "Hiệp Cường\t3\n" * 9000, "mở mà không đóng"),
    ],
)
def test_a_pasted_text_that_is_no_table(world: World, desk: MakeDesk, text: str, said: str) -> None:
    one = desk("huyen")
    assert paste(one, world, text).status_code == 422
    assert said in one.text
    assert paste(one, world, PASTED, as_of="2022-01-01").status_code == 422
    assert "Ngày cuối của kỳ trước phải trước" in one.text


@pytest.mark.slow
@pytest.mark.costly
def test_a_table_of_5000_rows(world: World, desk: MakeDesk) -> None:
    names = [f"Số {number}" for number in range(5000)]
    add_communes(world, "333", names)
    with world.app.app_context(), writing() as session:
        earlier = NewCampaign(
            name="Đợt đông đơn vị", starts_on=date(2021, 9, 1), ends_on=date(2021, 9, 30), due_before=date(2021, 10, 3),
            hotline="111", slogans=["x"],
        )  # fmt: skip
        world.campaign = open_campaign(session, world.units["33"], earlier).id
    one = desk("phucu")
    rows: list[list[Any]] = [["Đơn vị", "Băng rôn"], *([f"xa so {n}", n] for n in range(5000))]
    assert upload(one, world, book(rows), unit="333").status_code == 303
    one.follow()
    assert "5.000 đơn vị có số liệu" in one.text or "5000 đơn vị có số liệu" in one.text
    one.post(one.form("/take"), yes="1")
    one.follow()
    assert line(one, "Băng rôn").split("|")[2] == "", "Đình Cao is not in the table: a part, so nothing"
    assert "một phần" in line(one, "Băng rôn")
    assert line(one, "Xã Số 4999").split("|")[1] == "4.999"


@pytest.mark.slow
@pytest.mark.both_databases
def test_a_merged_unit_has_the_sum_or_nothing(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    counted(desk, phone, xa1=12, nhanla=5)
    merge(world, "12289", into="12286")
    one = desk("huyen")
    paste(one, world, "Đơn vị\tBăng rôn\nChính Nghĩa\t10\nNhân La\t4\n")
    take(one)
    assert line(one, "Xã Chính Nghĩa") == "17|14|+3|+21,4%|"
    assert line(one, "Băng rôn") == "chiếc|17|14|+3|+21,4%|"
    paste(one, world, "Đơn vị\tBăng rôn\nChính Nghĩa\t10\n")
    take(one)
    assert line(one, "Xã Chính Nghĩa") == "17||||cùng kỳ chỉ có một phần (1/2 đơn vị)"
    paste(one, world, "Đơn vị\tBăng rôn\nChính Nghĩa\t10\n", as_of="2021-07-25")
    take(one)
    assert line(one, "Xã Chính Nghĩa") == "17|10|+7|+70%|", "merged before the period ended: the row is the whole"


@pytest.mark.slow
def test_a_merger_after_the_taking_is_followed(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    counted(desk, phone, xa1=12, nhanla=5)
    one = desk("huyen")
    paste(one, world, "Đơn vị\tBăng rôn\nChính Nghĩa\t10\nNhân La\t4\n")
    take(one)
    merge(world, "12289", into="12286")
    page(one, world)
    assert line(one, "Xã Chính Nghĩa") == "17|14|+3|+21,4%|"


def test_a_merger_across_districts_leaves_no_figure_above(world: World, desk: MakeDesk) -> None:
    one = desk("tinh")
    paste(one, world, "Đơn vị\tBăng rôn\nHuyện Kim Động\t14\nHuyện Phù Cừ\t6\n", unit="33")
    take(one)
    assert line(one, "Huyện Kim Động").split("|")[1] == "14"
    merge(world, "12289", into="12397")
    page(one, world, "33")
    for name in ("Huyện Kim Động", "Huyện Phù Cừ"):
        assert line(one, name).endswith("cùng kỳ chỉ có một phần địa bàn"), name
        assert line(one, name).split("|")[1] == ""
    assert line(one, "Băng rôn").split("|")[2] == "20", "the province is as large as before"


def test_communes_of_a_merged_district_are_in_its_successor_s_sum(world: World, desk: MakeDesk) -> None:
    merge(world, "333", into="331")
    one = desk("tinh")
    paste(one, world, "Đơn vị\tBăng rôn\nChính Nghĩa\t10\nNhân La\t4\nĐình Cao\t6\n", unit="33")
    take(one)
    assert line(one, "Huyện Kim Động").split("|")[1] == "20"


def test_one_part_of_an_old_unit_leaves_the_new_one_blank(world: World, desk: MakeDesk) -> None:
    one = desk("huyen")
    paste(one, world, "Đơn vị\tBăng rôn\nChính Nghĩa\t10\nXã Cũ\t4\n")
    one.follow()
    one.post(one.form("/place"), **{"at.2": "Xã Chính Nghĩa", "part.2": "1"})
    take(one)
    assert "cùng kỳ chỉ có một phần" in line(one, "Xã Chính Nghĩa")


def test_another_rule_then_is_not_compared(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    counted(desk, phone, xa1=12)
    one = desk("huyen")
    paste(one, world, "Đơn vị\tBăng rôn\nChính Nghĩa\t10\nNhân La\t1\n")
    take(one, other="banners")
    assert line(one, "Băng rôn") == "chiếc|12|11|||cách tính của kỳ trước khác"


def earlier_campaign(world: World) -> str:
    """A campaign of the year before."""
    with world.app.app_context(), writing() as session:
        new = NewCampaign(
            name="Ngày toàn dân 2020", starts_on=date(2020, 7, 1), ends_on=date(2020, 7, 31),
            due_before=date(2020, 8, 3), hotline="111", slogans=["x"],
        )  # fmt: skip
        return open_campaign(session, world.units["33"], new).id


@pytest.mark.slow
@pytest.mark.parametrize("frozen", [False, True])
def test_the_earlier_campaign_as_it_stands_or_as_it_was_locked(
    world: World, desk: MakeDesk, phone: MakePhone, frozen: bool
) -> None:
    now, world.campaign = world.campaign, earlier_campaign(world)
    counted(desk, phone, xa1=10, nhanla=4)
    if frozen:
        lock(world)
        counted(desk, phone, xa1=100)
    world.campaign = now
    counted(desk, phone, xa1=21)
    one = desk("huyen")
    page(one, world)
    assert one.post(one.form("/earlier")).status_code == 303
    one.follow()
    assert ("số liệu đã khóa" if frozen else "số liệu đã duyệt hiện nay") in one.text
    take(one)
    assert line(one, "Băng rôn") == "chiếc|21|14|+7|+50%|"
    assert line(one, "Xã Chính Nghĩa") == "21|10|+11|+110%|"
    with world.app.app_context(), reading() as session:
        rows = session.execute(select(PriorValue.figure, PriorValue.amount))
        assert ("banners", 14) in [tuple(row) for row in rows]


@pytest.mark.slow
def test_the_base_is_the_amount_that_the_signatory_chose(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    now, world.campaign = world.campaign, earlier_campaign(world)
    counted(desk, phone, xa1=10)
    totals.state(world, "nhanla", "12289", banners=9)
    lock(world, choice=LockChoice(stands_in=True))
    world.campaign = now
    one = desk("huyen")
    page(one, world)
    one.post(one.form("/earlier"))
    one.follow()
    take(one)
    assert line(one, "Xã Nhân La").split("|")[1] == "9"
    assert line(one, "Băng rôn").split("|")[2] == "19"


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


PARTED = "cùng kỳ chỉ có một phần địa bàn"


@pytest.mark.slow
def test_units_that_share_an_area_are_blank_and_the_level_above_is_whole(
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    """L-53, split before the figures were taken: the row names the unit as it was."""
    counted(desk, phone, xa1=12, nhanla=5)
    split(world, "12286", "12287=Xã Tân Lập")
    one = desk("huyen")
    paste(one, world, "Đơn vị\tBăng rôn\nChính Nghĩa\t10\nNhân La\t4\n")
    take(one)
    assert line(one, "Xã Chính Nghĩa") == f"12||||{PARTED}"
    assert line(one, "Xã Tân Lập").split("|")[1:] == ["", "", "", PARTED]
    assert line(one, "Xã Nhân La") == "5|4|+1|+25%|"
    assert line(one, "Băng rôn") == "chiếc|17|14|+3|+21,4%|"


@pytest.mark.slow
@pytest.mark.both_databases
def test_a_split_after_the_taking_is_followed_and_taking_it_back_too(
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    counted(desk, phone, xa1=12, nhanla=5)
    one = desk("huyen")
    paste(one, world, "Đơn vị\tBăng rôn\nChính Nghĩa\t10\nNhân La\t4\n")
    take(one)
    row = split(world, "12286", "12287=Xã Tân Lập", "12289")
    page(one, world)
    for name in ("Xã Chính Nghĩa", "Xã Tân Lập", "Xã Nhân La"):
        assert line(one, name).split("|")[1:] == ["", "", "", PARTED], name
    assert line(one, "Băng rôn") == "chiếc|17|14|+3|+21,4%|"
    with world.app.app_context(), writing() as session:
        split_undo.take_back(session, session.get_one(UnitSplit, row))
    page(one, world)
    assert line(one, "Xã Chính Nghĩa") == "12|10|+2|+20%|"
    assert line(one, "Xã Nhân La") == "5|4|+1|+25%|"


@pytest.mark.slow
def test_what_was_divided_and_joined_again_has_the_sum(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """A unit ends, its area goes to two; then one of these is merged into the other."""
    counted(desk, phone, xa1=12, nhanla=5)
    one = desk("huyen")
    split(world, "12286", "12287=Xã Tân Lập", "12289", heir="12287")
    paste(one, world, "Đơn vị\tBăng rôn\nXã Chính Nghĩa\t10\nNhân La\t4\n")
    take(one)
    assert line(one, "Xã Tân Lập").split("|")[:2] == ["12", ""], "the successor counts the old unit's records"
    assert line(one, "Xã Nhân La") == f"5||||{PARTED}"
    assert line(one, "Băng rôn") == "chiếc|17|14|+3|+21,4%|"
    with world.app.app_context(), writing() as session:
        new, stays = session.get_one(Unit, world.units["12287"]), session.get_one(Unit, world.units["12289"])
        unit_changes.merge(session, [new], stays, date(2021, 7, 25))
    page(one, world)
    assert line(one, "Xã Nhân La") == "17|14|+3|+21,4%|"


def test_a_figure_of_a_new_unit_s_own_area_is_its_own(world: World, desk: MakeDesk) -> None:
    split(world, "12286", "12287=Xã Tân Lập", "12288=Xã Tân Hòa", heir="12288")
    one = desk("huyen")
    paste(one, world, "Đơn vị\tBăng rôn\nTân Lập\t3\nTân Hòa\t7\nNhân La\t4\n")
    take(one)
    assert [line(one, name).split("|")[1] for name in ("Xã Tân Lập", "Xã Tân Hòa")] == ["3", "7"]
    assert line(one, "Băng rôn").split("|")[2] == "14"


def test_a_split_across_districts_leaves_them_blank_and_the_province_whole(world: World, desk: MakeDesk) -> None:
    one = desk("tinh")
    paste(one, world, "Đơn vị\tBăng rôn\nHuyện Kim Động\t14\nHuyện Phù Cừ\t6\n", unit="33")
    take(one)
    split(world, "12289", "12397")
    page(one, world, "33")
    for name in ("Huyện Kim Động", "Huyện Phù Cừ"):
        assert line(one, name).endswith(PARTED), name
    assert line(one, "Băng rôn").split("|")[2] == "20"


@pytest.mark.slow
def test_an_earlier_campaign_tells_nothing_of_a_part(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """Its records are of the whole area; the level above has them all."""
    now, world.campaign = world.campaign, earlier_campaign(world)
    counted(desk, phone, xa1=10, nhanla=4)
    world.campaign = now
    split(world, "12286", "12287=Xã Tân Lập")
    one = desk("huyen")
    page(one, world)
    one.post(one.form("/earlier"))
    take(one)
    assert line(one, "Xã Chính Nghĩa").endswith(PARTED)
    assert line(one, "Xã Nhân La").split("|")[1] == "4"
    assert line(one, "Băng rôn").split("|")[2] == "14"


DISTRICTS = "Huyện Kim Động\t14\nHuyện Phù Cừ\t6\n"
COMMUNES = "Xã Chính Nghĩa\t9\nXã Nhân La\t4\nXã Đình Cao\t6\n"


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("given", "after", "figures"),
    [
        (COMMUNES, False, {"Huyện Kim Động": "9", "Huyện Kim Bắc": "4", "Băng rôn": "19"}),
        (DISTRICTS + COMMUNES, False, {"Huyện Kim Động": "9", "Huyện Kim Bắc": "4", "Băng rôn": "20"}),
        (DISTRICTS, False, {"Huyện Kim Động": "", "Huyện Kim Bắc": "", "Băng rôn": "20"}),
        (COMMUNES, True, {"Huyện Kim Động": "", "Huyện Kim Bắc": "", "Băng rôn": "19"}),
        (DISTRICTS, True, {"Huyện Kim Động": "", "Huyện Kim Bắc": "", "Băng rôn": "20"}),
    ],
)
def test_a_district_that_was_split_is_the_sum_of_its_communes_or_blank(
    world: World, desk: MakeDesk, *, given: str, after: bool, figures: dict[str, str]
) -> None:
    """L-53, L-54: what was taken before is of another area; the province is as large as before in any case."""
    one = desk("tinh")
    for now in (False, True):
        if now is after:
            split(world, "331", "332=Huyện Kim Bắc", below={"12289": "332"})
        else:
            paste(one, world, f"Đơn vị\tBăng rôn\n{given}", unit="33")
            take(one)
    page(one, world, "33")
    columns = {name: 2 if name == "Băng rôn" else 1 for name in figures}
    assert {name: line(one, name).split("|")[at] for name, at in columns.items()} == figures
