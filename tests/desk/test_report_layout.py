"""A unit's report is laid out as an official document, in Vietnamese, whatever is missing."""

from __future__ import annotations

import re
from typing import Any

import pytest
from docx.document import Document
from docx.shared import Mm
from sqlalchemy import update

from server.core.db import writing
from server.models import Campaign, Unit
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world.reports import cells, fill, made, prose
from support.world.world import World

pytestmark = [pytest.mark.slow, pytest.mark.databases("sqlite")]


@pytest.mark.costly
def test_the_layout_of_an_official_document(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    fill(desk, phone)
    document = made(desk("huyen"), world.units["331"])
    first, annex, *_ = document.sections
    assert [first.page_width, first.page_height] == pytest.approx([Mm(210), Mm(297)], abs=1000)
    margins = [first.top_margin, first.bottom_margin, first.left_margin, first.right_margin]
    assert margins == pytest.approx([Mm(20), Mm(20), Mm(30), Mm(20)], abs=1000)
    assert first.different_first_page_header_footer
    assert annex.different_first_page_header_footer, "its pages are numbered from 1, and the first bears no number"
    assert (annex.page_width or 0) > (annex.page_height or 0)
    assert "PAGE" in first.header._element.xml  # noqa: SLF001
    assert "PAGE" not in first.first_page_header._element.xml  # noqa: SLF001
    for name in ("Normal", "Heading 1", "Heading 2", "Heading 3", "Heading 4", "Title", "Caption"):
        xml = document.styles[name].element.xml
        for script in ("ascii", "hAnsi", "eastAsia", "cs"):
            assert f'w:{script}="Times New Roman"' in xml, (name, script)
    normal: Any = document.styles["Normal"]
    assert (normal.font.size.pt, normal.paragraph_format.line_spacing) == (14, 1.15)
    headings = [each.text for each in document.paragraphs if str(each.style and each.style.name).startswith("Heading")]
    wanted = ["I. CÔNG TÁC", "II. KẾT QUẢ", "1. Công tác tuyên truyền", "2. Tiếp nhận", "3. Kinh phí", "III. ĐÁNH GIÁ"]
    places = [next(at for at, line in enumerate(headings) if line.startswith(start)) for start in wanted]
    assert places == sorted(places)
    heads = [row for table in document.tables for row in table.rows if "w:tblHeader" in row._tr.xml]  # noqa: SLF001
    assert (
        len(heads) - upright_heads(document)
        == 3 * sum(table.rows[0].cells[0].text == "TT" for table in document.tables)
        > 0
    )
    top = [cell.text for row in document.tables[0].rows for cell in row.cells]
    assert top[0].split("\n")[:3] == ["UBND HUYỆN KIM ĐỘNG", "PHÒNG LAO ĐỘNG -", "THƯƠNG BINH VÀ XÃ HỘI"]
    assert top[1].split("\n")[:2] == ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"]
    assert "DỰ THẢO" in top[2]
    assert not re.search(r"\d", top[2] + top[3])
    text = prose(document)
    assert "Kính gửi: Sở Lao động - Thương binh và Xã hội tỉnh Hưng Yên" in text
    below = prose(made(desk("xa1"), world.units["12286"]))
    assert "Kính gửi: Phòng Lao động - Thương binh và Xã hội huyện Kim Động" in below
    at = text.index("2. Tiếp nhận, hỗ trợ nạn nhân")
    assert text[at:].split("\n")[1] == "Có báo cáo riêng."
    assert "(Kèm theo Báo cáo số      /BC-PLĐTBXH" in text
    assert "Nơi nhận:" in document.tables[1].rows[0].cells[0].text
    closing = next(each for each in document.paragraphs if each.text.startswith("Trên đây là báo cáo"))
    assert closing.paragraph_format.keep_with_next, "a signature that stands alone on a page could belong to any text"


def upright_heads(document: Document) -> int:
    """Lists have one row of heads."""
    return sum(table.rows[0].cells[0].text == "STT" for table in document.tables)


@pytest.mark.costly
def test_bases_of_the_campaign_and_names_with_signs(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    fill(desk, phone)
    with world.app.app_context(), writing() as session:
        session.execute(update(Unit).where(Unit.code == "12289").values(name="Xã <b>Nhân & La</b>", short_name="<&>"))
        new = {"name": "Ngày <toàn dân> & “mọi người”", "bases": ["Kế hoạch số 1/KH & <2>", "Công văn số 3"]}
        session.execute(update(Campaign).where(Campaign.id == world.campaign).values(**new))
    one = desk("huyen")
    document = made(one, world.units["331"])
    text = prose(document)
    assert "Thực hiện Kế hoạch số 1/KH & <2> và Công văn số 3;\nPhòng Lao động - Thương binh và Xã hội huyện" in text
    assert "hưởng ứng Ngày <toàn dân> & “mọi người”" in prose(document)
    assert "Xã <b>Nhân & La</b>" in cells(document)
    one.get("/desk/report")
    assert "Xã &lt;b&gt;Nhân &amp; La&lt;/b&gt;" in one.html
    assert "<b>Nhân" not in one.html


def test_without_any_record_there_is_a_document_all_the_same(world: World, desk: MakeDesk) -> None:
    text = prose(made(desk("tinh"), world.units["33"]))
    assert "Có 0/3 đơn vị cấp xã" in text
    assert text.count("Chưa có đơn vị báo cáo số liệu.") >= 5
    assert "Chưa đơn vị nào có số liệu." in text
    assert "Chưa có ảnh của hoạt động đã duyệt." in text
    commune = prose(made(desk("xa1"), world.units["12286"]))
    assert "Xã Chính Nghĩa chưa báo cáo số liệu." in commune
    assert "Chưa báo cáo số liệu." in commune


def test_a_practice_campaign_and_a_unit_without_one_above_say_so(world: World, desk: MakeDesk) -> None:
    document = made(desk("tinh"), world.units["33"], campaign=world.practice)
    top = [cell.text for row in document.tables[0].rows for cell in row.cells]
    assert "DỰ THẢO · TẬP DƯỢT" in top[2]
    assert top[0].split("\n")[:2] == ["UBND TỈNH HƯNG YÊN", "SỞ LAO ĐỘNG -"]
    assert "Kính gửi:\n- Ủy ban nhân dân tỉnh Hưng Yên;\n- Bộ Lao động - Thương binh và Xã hội." in prose(document)


def test_the_report_is_in_vietnamese_whatever_the_page_is_in(world: World, desk: MakeDesk) -> None:
    one = desk("xa1")
    one.get("/desk/report")
    one.post(one.form("/desk/language"), language="en")
    one.get("/desk/report")
    assert "Download the report (Word)" in one.text
    assert "Kết quả tổ chức hoạt động hưởng ứng" in one.text
    assert "I. CÔNG TÁC CHỈ ĐẠO, TRIỂN KHAI" in prose(made(one, world.units["12286"]))
