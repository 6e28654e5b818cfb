"""Files for units and people: templates are read as they are given, what is no list is refused in a sentence."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from server.core.db import reading
from server.models import Roster
from server.services.administration.roster_sheet import COLUMNS, KINDS, ROLE_WORDS, role
from server.services.comparison.grid import FILE_BYTES
from server.serving.every_request import FORM_BYTES
from support.clients.desk import MakeDesk
from support.world.rosters import GOOD, PEOPLE, book, send
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600


def macros() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book(PEOPLE, GOOD))) as source, zipfile.ZipFile(out, "w") as target:
        for part in source.infolist():
            target.writestr(part, source.read(part))
        target.writestr("xl/vbaProject.bin", b"x")
    return out.getvalue()


def rows_of_another_program(count: int) -> bytes:
    """So many rows, which openpyxl would take long to write."""
    row = "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in GOOD)
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(book(PEOPLE, GOOD))) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as to,
    ):
        for part in source.infolist():
            data = source.read(part)
            if part.filename.endswith("sheet1.xml"):
                data = data.replace(b"</sheetData>", f"<row>{row}</row>".encode() * count + b"</sheetData>")
            to.writestr(part, data)
    return out.getvalue()


def renamed(name: str) -> bytes:
    """A packed file of another program that somebody renamed to .xlsx."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr(name, "x")
    return out.getvalue()


REFUSED: list[tuple[str, Callable[[], bytes], int, str]] = [
    ("no excel", lambda: b"Ho ten;Tai khoan", 422, "không phải tệp Excel (.xlsx) đọc được"),
    ("macros", macros, 422, "có macro nên không nhận"),
    ("old", lambda: OLE, 422, "kiểu cũ (.xls)"),
    ("password", lambda: OLE + "EncryptedPackage".encode("utf-16-le"), 422, "có mật khẩu"),
    ("word", lambda: renamed("word/document.xml"), 422, "không phải tệp Excel (.xlsx) đọc được"),
    ("calc", lambda: renamed("content.xml"), 422, "không phải tệp Excel (.xlsx) đọc được"),
    ("cut", lambda: book(PEOPLE, GOOD)[:1500], 422, "không phải tệp Excel (.xlsx) đọc được"),
    ("no bytes", lambda: b"", 422, "bảng trống"),
    ("no cells", book, 422, "bảng trống"),
    ("100,000 rows", lambda: rows_of_another_program(100_000), 422, "quá phức tạp"),
    ("empty", lambda: book(PEOPLE), 422, "không có dòng nào"),
    ("heads", lambda: book(["Một", "Hai"], GOOD), 422, "Không thấy đủ tên các cột"),
    ("rows", lambda: book(PEOPLE, *[GOOD] * 2001), 422, "trên 2.000"),
    ("large", lambda: b"PK\x03\x04" + b"0" * (FILE_BYTES + FORM_BYTES), 413, "trên 10 MB"),
    ("50 MB", lambda: b"PK\x03\x04" + b"0" * (50 * 1024**2), 413, "trên 10 MB"),
]


@pytest.mark.parametrize(
    ("data", "status", "sentence"),
    [
        pytest.param(*each[1:], id=each[0], marks=[pytest.mark.slow] if each[0] == "100,000 rows" else [])
        for each in REFUSED
    ],
)
@pytest.mark.costly
def test_a_file_that_is_no_list_is_refused_in_a_sentence(
    world: World, desk: MakeDesk, data: Callable[[], bytes], status: int, sentence: str
) -> None:
    one = desk("quantri")
    assert send(one, "people", data()).status_code == status
    assert sentence in one.text
    with world.app.app_context(), reading() as session:
        assert session.scalars(select(Roster)).all() == []


@pytest.mark.slow
@pytest.mark.costly
def test_the_templates_are_read_as_they_are_given(desk: MakeDesk) -> None:
    one = desk("quantri")
    for kind in KINDS:
        answer = one.http.get(f"/desk/people/import/template/{kind}")
        made = load_workbook(io.BytesIO(answer.data))
        sheet = made.active
        assert sheet is not None
        assert [cell.value for cell in sheet[1]] == [column.heads[0] for column in COLUMNS[kind]]
        assert sheet["C2"].number_format == "@"
        sheet.append([cell.value for cell in made["Ví dụ"][2]])
        out = io.BytesIO()
        made.save(out)
        assert send(one, kind, out.getvalue()).status_code == 303
        one.follow()
        assert "sẽ được" in one.text or "Dòng" in one.text
    assert [role(words[0]) for words in ROLE_WORDS.values()] == list(ROLE_WORDS)
