"""A unit's report: the Word file says what the raw writes say, whatever is missing, to who may see the unit."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import docx
import pytest
from docx.document import Document
from docx.shared import Mm
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.core.db import reading, writing
from server.models import Campaign, Tally, Unit
from server.services.reports import pictures
from support.checks import recount
from support.clients.client import Client, shot
from support.clients.phone import Phone
from support.clients.uploading import blob, bring
from support.world.world import World
from sync.registry import KINDS

pytestmark = [pytest.mark.slow, pytest.mark.sqlite_first]

MakeDesk = Callable[..., Any]
MakePhone = Callable[..., Phone]
SCHEDULE = {"from": "2021-07-01", "to": "2021-07-31", "times_a_day": 4}


def made(one: Any, unit: str = "", **more: str) -> Document:
    """The Word file, opened by a library."""
    query = {"unit": unit, **more}
    answer = one.http.get("/desk/report/word", query_string=query, buffered=True)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert re.search(r"filename=bao-cao-[a-z-]+-\d{8}-\d{4}\.docx", answer.headers["Content-Disposition"])
    return docx.Document(io.BytesIO(answer.data))


def prose(document: Document) -> str:
    return "\n".join(paragraph.text for paragraph in document.paragraphs)


def cells(document: Document) -> dict[str, dict[str, str]]:
    """By unit its cells of all tables of figures by their heads; the first table of each head and unit."""
    found: dict[str, dict[str, str]] = {}
    for table in document.tables:
        rows = [[cell.text for cell in row.cells] for row in table.rows]
        if rows[0][:2] != ["TT", "Đơn vị"]:
            continue
        assert rows[2][:3] == ["A", "B", "1"] or int(rows[2][2]) > 1
        for row in rows[3:]:
            for head, cell in zip(rows[1][2:], row[2:], strict=True):
                found.setdefault(row[1], {}).setdefault(head, cell)
    return found


def head(code: str) -> str:
    figure = next(each for each in KINDS.figures() if each.code == code)
    return f"{figure.label['vi']} ({figure.unit['vi']})"


def fill(desk: MakeDesk, phone: MakePhone) -> None:
    """Two communes with every kind, counted but for one; the third is silent."""
    one, far = phone("xa1"), phone("dinhcao", "12397")
    for officer, factor in ((one, 1), (far, 3)):
        officer.create(slogan="s1", quantity=12 * factor, metres=40, hotline=True, put_up_on="2021-07-04")
        officer.create("panel", form="panel", slogan="s1", quantity=2, hotline=True)
        officer.create("leaflet", form="leaflet", document="Tờ rơi <A & B>", distributed=1200 * factor, hotline=False)
        officer.create("broadcast", script="Tin chung", schedule=SCHEDULE, minutes=5, programme="own", hotline=True)
        officer.create("mobile", route="Đường 38", rounds=3, attendances=45, hotline=True)
        officer.create("event", form="rally", name="Mít tinh", role="host", attendances=300, hotline=False)
        officer.create("event", form="conference", name="Hội nghị", role="co_organiser", attendances=99)
        officer.create("media", form="directive", headline="Công văn", number="12/UBND")
    one.create(slogan="s2", quantity=500)
    one.sync(), far.sync()
    for name, officer in (("huyen", one), ("phucu", far)):
        reviewer = desk(name)
        for record, held in officer.records.items():
            if any(write["set"].get("quantity") == 500 for write in held.writes.values()):
                continue
            reviewer.get(f"/desk/records/{record}")
            reviewer.post(reviewer.form("/decide"), verdict="counted")


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
            assert said in ("–", "KPS") if amount == 0 and said != "0" else said == f"{amount:,}".replace(",", "."), (
                name,
                figure.code,
            )
            compared += said not in ("–", "KPS")
    assert compared > 80
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
    assert "phát 248 lần với 1.240 phút" in text
    assert "sử dụng 01 tin, bài phát thanh khác nhau" in text
    assert "tổ chức 02 buổi tuyên truyền (trong đó có 02 cuộc mít tinh, lễ phát động)" in text
    assert "ban hành 02 văn bản chỉ đạo" in text
    numbers = (total["banners"], total["banner_metres"], total["panels"], total["leaflets"], total["airings"])
    assert (*numbers, total["minutes"]) == (48, 80, 4, 4800, 248, 1240)
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
    paragraphs = [each.text.strip() for each in made(one, world.units["331"]).paragraphs]
    said = [line for line in paragraphs if line and "giờ" not in line]
    assert len(said) > 30
    for line in said:
        plain = " ".join(line.split()).removeprefix("Phụ lục")
        assert plain.lower() in text.lower() or re.match(r"Ảnh \d", plain), line
    assert "TT Đơn vị" in text
    assert "Băng rôn (chiếc)" in text


@pytest.mark.costly
def test_the_layout_of_an_official_document(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    fill(desk, phone)
    document = made(desk("huyen"), world.units["331"])
    first, annex, *_ = document.sections
    assert [first.page_width, first.page_height] == pytest.approx([Mm(210), Mm(297)], abs=1000)
    margins = [first.top_margin, first.bottom_margin, first.left_margin, first.right_margin]
    assert margins == pytest.approx([Mm(20), Mm(20), Mm(30), Mm(20)], abs=1000)
    assert first.different_first_page_header_footer
    assert not annex.different_first_page_header_footer
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


def with_photos(world: World, desk: MakeDesk, username: str, unit: str, seeds: range) -> list[Any]:
    """Counted banners with a photo each that came."""
    one = Client(world.app.test_client(), world.token(username))
    shots = [shot(seed) for seed in seeds]
    head = {"kind": "banner", "unit": world.units[unit], "campaign": world.campaign}
    ids = [f"{unit}{seed:011d}" for seed in seeds]
    fixed = {"submitted": True, "quantity": 1, "hamlet": "Thôn\x07 <1> & 2\x0b\ufffe", "put_up_on": "2021-07-04"}
    for start in range(0, len(shots), 40):
        pairs = list(zip(ids, shots, strict=True))[start : start + 40]
        one.sync(*({"id": id_, "at": 1, **head, "set": {**fixed, **each.register}} for id_, each in pairs))
    for each in shots:
        bring(one, each)
    reviewer = desk("huyen")
    for record in ids:
        reviewer.get(f"/desk/records/{record}")
        reviewer.post(reviewer.form("/decide"), verdict="counted")
    return shots


def photos_of(document: Document) -> int:
    return sum("image" in relation.reltype for relation in document.part.rels.values())


def captions(document: Document) -> list[str]:
    rows = [row for table in document.tables for row in table.rows]
    found = [paragraph for row in rows for cell in row.cells for paragraph in cell.paragraphs]
    return [each.text for each in found if each.style is not None and each.style.name == "Caption"]


@pytest.mark.costly
def test_photos_of_counted_records_two_by_three(world: World, desk: MakeDesk) -> None:
    shots = with_photos(world, desk, "xa1", "12286", range(5))
    document = made(desk("huyen"), world.units["331"])
    assert photos_of(document) == 5
    assert captions(document)[0] == (
        "Ảnh 1. Băng rôn, Thôn  <1> & 2  , xã Chính Nghĩa, ngày 04/7/2021 (Chính Nghĩa BR-1)"
    )
    assert [len(row.cells) for row in document.tables[-1].rows] == [2, 2, 2]
    blob(world, shots[0].sha256).unlink()
    assert photos_of(made(desk("huyen"), world.units["331"])) == 5, "our thumbnail stands in"
    for key in (f"{shots[0].sha256}-320", shots[0].thumb_sha256):
        blob(world, key).unlink()
    blob(world, shots[1].sha256).write_bytes(b"no picture")
    blob(world, f"{shots[1].sha256}-320").unlink()
    blob(world, shots[1].thumb_sha256).write_bytes(b"no picture either")
    document = made(desk("huyen"), world.units["331"])
    assert photos_of(document) == 3
    sentences = [cell.text for row in document.tables[-1].rows for cell in row.cells if "Không có ảnh" in cell.text]
    assert len(sentences) == 2
    assert len(captions(document)) == 5


def test_photos_are_read_outside_of_any_transaction(
    world: World, desk: MakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer goes through while the file is built: a transaction inside another would be refused here."""
    with_photos(world, desk, "xa1", "12286", range(2))
    blobs = world.app.extensions["loa_blobs"]
    opened = []
    read = blobs.open

    def writing_too(key: str) -> Any:
        with writing() as session:
            session.execute(update(Unit).where(Unit.code == "12289").values(short_name=key[:8]))
        opened.append(key)
        return read(key)

    monkeypatch.setattr(blobs, "open", writing_too)
    assert photos_of(made(desk("huyen"), world.units["331"])) == 2
    assert len(opened) == 2


@pytest.mark.costly
def test_of_many_photos_some_are_chosen_evenly(world: World, desk: MakeDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert pictures.MOST_PHOTOS == 60
    monkeypatch.setattr(pictures, "MOST_PHOTOS", 8)
    with_photos(world, desk, "xa1", "12286", range(9))
    with_photos(world, desk, "nhanla", "12289", range(100, 103))
    document = made(desk("huyen"), world.units["331"])
    told = captions(document)
    assert sum("Nhân La" in line for line in told) == 3, "all of the smaller unit are in"
    assert "08 ảnh của 08/12 hoạt động đã duyệt có ảnh, chọn đều theo đơn vị" in prose(document)
    assert [line.split(".")[0] for line in told] == [f"Ảnh {number}" for number in range(1, 9)]
    assert photos_of(document) == 8
