"""The previous period as a CSV file: every encoding and separator that spreadsheets here write, or a clear sentence."""

from __future__ import annotations

import unicodedata

import pytest
from sqlalchemy import select

from server.core.db import reading
from server.models import PriorSet, PriorValue
from support.clients.desk import MakeDesk
from support.world.comparing import line, page, take, upload
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

ROWS = [
    ["Đơn vị", "Băng rôn", "Tờ rơi"],
    ["Xã Chính Nghĩa", "10", "1.200"],
    ["Xã Nhân La", "20", "KPS"],
]


def table(separator: str, end: str = "\r\n") -> str:
    return "".join(separator.join(row) + end for row in ROWS)


def in_1258(text: str) -> bytes:
    """As Windows writes it: the tone is a sign of its own behind its letter."""
    made = ""
    for char in text:
        parts = unicodedata.normalize("NFD", char)
        tone = next((mark for mark in parts if mark in "\u0300\u0301\u0303\u0309\u0323"), "")
        made += unicodedata.normalize("NFC", parts.replace(tone, "")) + tone if tone else char
    return made.encode("cp1258")


FORMS = {
    "utf-8 ;": table(";").encode(),
    "utf-8 mark ,": table(",").encode("utf-8-sig"),
    "utf-8 tab": table("\t", "\n").encode(),
    "utf-16 tab": table("\t").encode("utf-16"),
    "utf-16 without mark ;": table(";").encode("utf-16-le"),
    "1258 ;": in_1258(table(";")),
    "1258 ,": in_1258(table(",")),
    "decomposed ;": unicodedata.normalize("NFD", table(";")).encode(),
    "sep= ,": b"sep=,\r\n" + table(",").encode(),
    "old Mac lines ;": table(";", "\r").encode(),
    "quoted ,": "\n".join(",".join(f'"{cell}"' for cell in row) for row in ROWS).encode(),
    "decimals ;": table(";").replace("10;", "10,0;").replace("20;", "20,0;").encode(),
}


@pytest.mark.parametrize("data", FORMS.values(), ids=FORMS)
def test_it_is_read_like_the_same_table_from_excel(world: World, desk: MakeDesk, data: bytes) -> None:
    one = desk("huyen")
    assert upload(one, world, data, "cung-ky.csv").status_code == 303, one.text
    one.follow()
    assert "2 đơn vị có số liệu, 2 chỉ tiêu. Chưa nhận gì." in one.text
    row = 3 if data.startswith(b"sep=") else 2
    assert f"A{row}: Xã Chính Nghĩa 10 1.200" in one.text
    assert f"A{row + 1}: Xã Nhân La 20 0" in one.text


@pytest.mark.slow
def test_it_is_taken_after_the_dry_run(world: World, desk: MakeDesk) -> None:
    one = desk("huyen")
    upload(one, world, in_1258(table(";") + "Xã Đại Hùng;7;\r\n"), "Cùng kỳ 2020.csv")
    one.follow()
    assert "A4: Xã Đại Hùng Không có đơn vị nào tên như vậy." in one.text
    page(one, world)
    assert "Chưa có số liệu cùng kỳ" in one.text
    upload(one, world, in_1258(table(";")), "Cùng kỳ 2020.csv")
    take(one)
    page(one, world)
    assert "30" in line(one, "Băng rôn")
    with world.app.app_context(), reading() as session:
        kept = session.scalars(select(PriorSet)).one()
        assert (kept.source, kept.name) == ("csv", "Cùng kỳ 2020.csv")
        amounts = session.scalars(select(PriorValue.amount).where(PriorValue.figure == "leaflets"))
        assert {0, 1200} <= set(amounts)


LOST = table(",").encode("ascii", "replace")
REFUSED = [
    (LOST, "đã mất chữ có dấu"),
    (b"Don vi;Bang ron\nChinh Nghia;\x00\x01\x02\x03\n", "không phải bảng Excel (.xlsx) hay CSV"),
    (b"\x89PNG\r\n\x1a\n", "không phải tệp Excel"),
    (b"", "Chưa có bảng nào"),
    (b"sep=;\n", "Chưa có bảng nào"),
    ("Băng rôn\n3\n4\n".encode(), "chỉ có một cột"),
    (table(";").encode() + b'"Xa;7\n' * 3 + b'"', "mở mà không đóng"),
    (b"a;b\n" * 12_001, "quá nhiều dòng"),
    (b"a;b\n" * 1_200_000, "Bảng quá lớn"),
    ('Đơn vị,Băng rôn\nXã Chính Nghĩa,"1,200"\n'.encode(), "Ô B2 không phải là số: “1,200”"),
    ("Đơn vị;Băng rôn\nXã Chính Nghĩa;=2+3\n".encode(), "Ô B2 không phải là số: “=2+3”"),
]


@pytest.mark.parametrize(("data", "said"), REFUSED, ids=[said for _, said in REFUSED])
def test_what_cannot_be_taken_is_said(world: World, desk: MakeDesk, data: bytes, said: str) -> None:
    one = desk("huyen")
    assert upload(one, world, data, "cung-ky.csv").status_code in (413, 422)
    assert said in one.text
    page(one, world)
    assert one.status == 200
