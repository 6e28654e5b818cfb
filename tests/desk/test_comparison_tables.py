"""The previous period's table, as a file or pasted: a cell that cannot be taken is named, and what is none."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from typing import Any

import pytest

from server.core.db import writing
from server.services.campaigns.lifecycle import NewCampaign, open_campaign
from support.clients.desk import MakeDesk
from support.world.comparing import PASTED, book, line, page, paste, upload
from support.world.many import add_communes
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

FAULTS = [
    ([["Đơn vị", "Băng rôn"], ["Chính Nghĩa", "='[1]Năm 2020'!B2"]], "Ô B2 có công thức lấy số từ tệp hoặc nơi khác"),
    ([["Đơn vị", "Băng rôn"], ["Chính Nghĩa", "=cmd|'/c calc'!A1"]], "Ô B2 có công thức lấy số từ tệp hoặc nơi khác"),
    ([["Đơn vị", "Băng rôn"], ["Chính Nghĩa", "=1+1"]], "Ô B2 có công thức chưa tính (=1+1)"),
    ([["Đơn vị", "Băng rôn"], ["Chính Nghĩa", "mười"]], "Ô B2 không phải là số: “mười”"),
    ([["Đơn vị", "Băng rôn"], ["Chính Nghĩa", "1.2345"]], "Ô B2 không phải là số: “1.2345”"),
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
        ["Nhân La", "12,5", 7.255, "-"], ["Kim Động", "KPS", 7, "-"],
    ]  # fmt: skip
    upload(one, world, book(rows))
    one.follow()
    assert "A2: Chính Nghĩa 1.234 1.234,5 12.345.678" in one.text
    assert "ô B3: 12,5 thành 13; ô C3: 7,255 thành 7,26." in one.text
    assert "A3: Nhân La 13 7,26" in one.text
    assert "0 7" in one.text


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
