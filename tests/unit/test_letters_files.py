"""A letter's file gives its text, or one clear reason why not."""

from __future__ import annotations

import io
import unicodedata
import zipfile
from pathlib import Path

import pytest

from server.core.problem_details import Problem
from server.services.letters.extraction import FILE_BYTES, MOST_CHARS, checked, text_of
from server.services.letters.legacy import decoded
from server.services.letters.plain import plain
from server.services.letters.recognition import found as f
from server.services.letters.recognition.reading import read
from support.letters.files import FOLDER, SEED, locked, pdf, repacked, scan, word
from sync.errors import CODES

TEXT = SEED.read_text("utf-8")
HEAD = [
    ["UBND TỈNH HƯNG YÊN\nSỞ Y TẾ", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc"],
    ["Số: 12/SYT-NVY", "Hưng Yên, ngày 05 tháng 6 năm 2026"],
]
BODY = "Kính gửi: Các xã\nSở Y tế đề nghị các xã báo cáo kết quả trước ngày 03/8/2026./."
DOCUMENT = "word__document.xml"


def text_in(tmp_path: Path, data: bytes) -> str:
    path = tmp_path / "letter"
    path.write_bytes(data)
    return text_of(path)


def refusal(tmp_path: Path, data: bytes) -> str:
    with pytest.raises(Problem) as refused:
        text_in(tmp_path, data)
    assert refused.value.code in CODES
    return refused.value.code


def test_word_is_read_with_its_letterhead(tmp_path: Path) -> None:
    reading = read(text_in(tmp_path, word(BODY, HEAD)))
    assert reading.value(f.NUMBER) == "12/SYT-NVY"
    assert reading.value(f.DATED) == "2026-06-05"
    assert reading.value(f.ISSUER) == "Sở Y tế"
    assert reading.value(f.DUE) == "2026-08-03"


IN_TABLES = [
    ["Số: 77/KH-BCĐ138\n", "Mường La, ngày 02 tháng 7 năm 2024"],
    ["HUYỆN ỦY MƯỜNG LA\nBAN CHỈ ĐẠO 138", "ĐẢNG CỘNG SẢN VIỆT NAM"],
]


def test_a_letterhead_in_a_table_may_have_its_cells_in_another_order(tmp_path: Path) -> None:
    reading = read(text_in(tmp_path, word(BODY.replace("Sở Y tế", "Ban Chỉ đạo 138"), IN_TABLES)))
    assert reading.value(f.NUMBER) == "77/KH-BCĐ138"
    assert (reading.value(f.DATED), reading.value(f.PLACE)) == ("2024-07-02", "Mường La")
    assert reading.value(f.ISSUER) == "Ban Chỉ đạo 138"


@pytest.mark.slow
def test_a_pdf_with_both_columns_in_a_line(tmp_path: Path) -> None:
    sample = FOLDER / "2021-ubnd-huyen-pdf-columns.txt"
    lines = unicodedata.normalize("NFD", sample.read_text("utf-8")).split("\n")
    reading = read(text_in(tmp_path, pdf("\n".join(lines[:24]), "\n".join(lines[24:]))))
    assert (reading.value(f.NUMBER), reading.value(f.PLACE)) == ("702/UBND-LĐ", "A Lưới")
    assert len(reading.every(f.TO)) == 3
    assert reading.value(f.DUE) == "2021-08-02"
    assert reading.value(f.SIGNER) == "Hồ Văn Mẫu"


def test_word_says_what_was_inserted_and_not_what_was_deleted(tmp_path: Path) -> None:
    data = word("Trước ngày KEEP")
    (tmp_path / "made.docx").write_bytes(data)
    xml = zipfile.ZipFile(tmp_path / "made.docx").read("word/document.xml").decode()
    changed = xml.replace(
        "<w:t>Trước ngày KEEP</w:t></w:r>",
        "<w:t xml:space='preserve'>Trước ngày </w:t></w:r>"
        "<w:ins w:id='1' w:author='a'><w:r><w:t>03/8</w:t></w:r></w:ins>"
        "<w:del w:id='2' w:author='a'><w:r><w:delText>01/8</w:delText></w:r></w:del>",
    )
    assert changed != xml
    assert text_in(tmp_path, repacked(data, **{DOCUMENT: changed.encode()})) == "Trước ngày 03/8"


@pytest.mark.slow
def test_pdf_is_read(tmp_path: Path) -> None:
    reading = read(text_in(tmp_path, pdf(TEXT[:1500], TEXT[1500:])))
    assert len(reading.every(f.BASIS)) == 3
    assert reading.value(f.DUE) == "2021-08-03"


@pytest.mark.slow
def test_a_pdf_that_only_may_not_be_changed_is_read(tmp_path: Path) -> None:
    assert "Kính gửi" in text_in(tmp_path, locked(pdf(BODY), "", "khóa của văn thư"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_text_in_unicode_of_any_kind(tmp_path: Path, encoding: str) -> None:
    assert text_in(tmp_path, TEXT.encode(encoding)) == plain(TEXT)


TCVN3 = "Céng hßa x· héi chñ nghÜa ViÖt Nam. Së Y tÕ ®Ò nghÞ c¸c x· thùc hiÖn. §éc lËp - Tù do. ñY BAN NH¢N D¢N"
VNI = (
    "Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam. Sôû Y teá ñeà nghò caùc xaõ thöïc hieän."
    " Ñoäc laäp - Töï do. UÛY BAN NHAÂN DAÂN"
)
UNICODE = "Cộng hòa xã hội chủ nghĩa Việt Nam. Sở Y tế đề nghị các xã thực hiện. Độc lập - Tự do. ỦY BAN NHÂN DÂN"


@pytest.mark.parametrize(
    "data", [TCVN3.encode("latin-1"), VNI.encode("latin-1"), UNICODE.encode("utf-8")], ids=["TCVN3", "VNI", "UTF-8"]
)
def test_text_of_the_years_before_unicode(data: bytes) -> None:
    assert decoded(data) == UNICODE


def test_windows_1258(tmp_path: Path) -> None:
    made = ""
    for char in UNICODE:
        parts = unicodedata.normalize("NFD", char)
        tone = next((mark for mark in parts if mark in "\u0300\u0301\u0303\u0309\u0323"), "")
        made += unicodedata.normalize("NFC", parts.replace(tone, "")) + tone if tone else char
    assert text_in(tmp_path, made.encode("cp1258")) == UNICODE


def test_pasted_text_of_an_old_font_is_read_as_it_was_seen() -> None:
    assert checked(TCVN3) == UNICODE
    assert checked(VNI) == UNICODE


def damaged(file: bytes) -> bytes:
    """A Word file with some bytes of a packed part changed."""
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        part = archive.getinfo("[Content_Types].xml")
    at = part.header_offset + 30 + len(part.filename)
    return file[:at] + b"\xff" * 6 + file[at + 6 :]


@pytest.mark.slow
@pytest.mark.costly
def test_the_reasons(tmp_path: Path) -> None:
    good, page = word(BODY), pdf(BODY)
    told = {
        "nothing": refusal(tmp_path, b""),
        "blanks": refusal(tmp_path, b" \n\t"),
        "only signs": refusal(tmp_path, "……… ./. 12/34".encode()),
        "a zip that is none": refusal(tmp_path, b"PK\x03\x04 not a zip"),
        "a zip of something else": refusal(tmp_path, repacked(good, **{"[Content_Types].xml": b"<Types/>"})),
        "a damaged document": refusal(tmp_path, repacked(good, **{DOCUMENT: b"<w:document"})),
        "damaged packing": refusal(tmp_path, damaged(good)),
        "cut in the middle": refusal(tmp_path, good[: len(good) // 2]),
        "macros": refusal(tmp_path, repacked(good, **{"word/vbaProject.bin": b"\xd0\xcf"})),
        "a spreadsheet": refusal(tmp_path, repacked(good, **{"[Content_Types].xml": b"<Types>spreadsheetml</Types>"})),
        "an old .doc": refusal(tmp_path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
        "a .docx with a password": refusal(
            tmp_path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le")
        ),
        "a pdf with a password": refusal(tmp_path, locked(page, "bí mật")),
        "a damaged pdf": refusal(tmp_path, b"%PDF-1.7\nnothing"),
        "a scan": refusal(tmp_path, scan()),
        "a photo": refusal(tmp_path, b"\xff\xd8\xff\xe0" + bytes(100)),
        "rich text": refusal(tmp_path, b"{\\rtf1 S\\'f4}"),
        "bytes": refusal(tmp_path, bytes(range(256)) * 4),
        "too large": refusal(tmp_path, b"a" * (FILE_BYTES + 1)),
        "too long": refusal(tmp_path, ("chữ " * MOST_CHARS).encode()),
        "too many pages": refusal(tmp_path, pdf(*["trang"] * 41)),
    }
    assert told == {
        "nothing": "letter_empty",
        "blanks": "letter_empty",
        "only signs": "letter_empty",
        "a zip that is none": "letter_not_docx",
        "a zip of something else": "letter_not_docx",
        "a damaged document": "letter_not_docx",
        "damaged packing": "letter_not_docx",
        "cut in the middle": "letter_not_docx",
        "macros": "letter_macros",
        "a spreadsheet": "letter_not_docx",
        "an old .doc": "letter_old_word",
        "a .docx with a password": "letter_encrypted",
        "a pdf with a password": "letter_encrypted",
        "a damaged pdf": "letter_not_pdf",
        "a scan": "letter_scan",
        "a photo": "letter_scan",
        "rich text": "letter_unknown_file",
        "bytes": "letter_unknown_file",
        "too large": "letter_too_large",
        "too long": "letter_too_long",
        "too many pages": "letter_too_long",
    }


@pytest.mark.slow
@pytest.mark.costly
def test_a_bomb_is_refused(tmp_path: Path) -> None:
    """Before it costs memory or time: such a process may have little of either (server/decoding)."""
    much = b"<w:t>" + b"a" * (30 * 1024**2)
    assert refusal(tmp_path, repacked(word(BODY), **{DOCUMENT: much})) == "letter_too_complex"
    many = {f"word/part{number}.xml": b"" for number in range(2100)}
    assert refusal(tmp_path, repacked(word(BODY), **many)) == "letter_too_complex"
    entities = (
        b"<!DOCTYPE a [<!ENTITY a 'aaaaaaaaaa'>"
        + b"".join(b"<!ENTITY a%d '%s'>" % (n, b"&a%d;" % (n - 1) * 10 if n else b"&a;" * 10) for n in range(9))
        + b"]>"
    )
    told = refusal(tmp_path, repacked(word(BODY), **{DOCUMENT: entities + b"<a>&a8;</a>"}))
    assert told in ("letter_not_docx", "letter_too_complex", "letter_empty")
