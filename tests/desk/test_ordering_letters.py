"""Which letter a unit's report cites, the original of a letter, and that no secret paper is kept."""

from __future__ import annotations

import hashlib
import io
import random
import re
import tempfile
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml import parse_xml
from sqlalchemy import make_url, select

from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.models import AuditLine, Campaign, CampaignLetter, LetterDraft, Officer, OrderingLetter, Unit
from server.models.installation import lock_catalog
from server.services.audit.acts import Act
from server.services.letters import citing, originals
from server.services.letters.extraction import text_of
from server.services.letters.originals import LetterSaid
from server.serving.installation import installed
from support.clients.desk import MakeDesk
from support.letters.desk import START, count, previewed, published, send, uploaded
from support.letters.files import SEED, pdf, word
from support.world import asked
from support.world.world import World
from sync.errors import CODES

pytestmark = pytest.mark.databases("sqlite")
NUMBERED = "SỞ LAO ĐỘNG - THƯƠNG BINH VÀ XÃ HỘI\nSố: 812/SLĐTBXH-PCTNXH\n" + SEED.read_text("utf-8").replace(
    "Hưng Yên, ngày tháng 6", "Hưng Yên, ngày 10 tháng 6"
)
ONLY_THERE = "Chi tiet chi co trong van ban nay 7391"
"""A sentence that nothing else has, without signs, so that each form of file has its bytes as they are."""
SECRET = [
    ("TỐI MẬT\n" + SEED.read_text("utf-8"), "cong-van.txt"),
    ("SỞ Y TẾ\nMẬT\n" + SEED.read_text("utf-8"), "cong-van.docx"),
    ("SỞ Y TẾ\nTUYỆT MẬT\n" + SEED.read_text("utf-8")[:1500], "cong-van.pdf"),
]


def made(text: str, name: str) -> bytes:
    if name.endswith(".docx"):
        return word(text)
    return pdf(text) if name.endswith(".pdf") else text.encode()


def stored(world: World) -> set[Path]:
    folder = installed(world.app).settings.data_dir / "photos"  # what is on the disk, not what the store says
    assert folder.is_dir()
    return {path for path in folder.rglob("*") if path.is_file()}


def holding(world: World, *pieces: bytes) -> list[Path]:
    """The files of the installation that hold one of these pieces: its folder, its logs, the database on SQLite."""
    settings = installed(world.app).settings
    database = make_url(settings.database_url)
    is_file = database.get_backend_name() == "sqlite"
    folders = {settings.data_dir, *([Path(str(database.database)).parent] if is_file else [])}
    files = {path for folder in folders if folder.is_dir() for path in folder.rglob("*") if path.is_file()}
    assert files
    return [path for path in sorted(files) if any(piece in path.read_bytes() for piece in pieces)]


def opened(province: Any) -> str:
    """The id of the campaign that the draft at hand became."""
    previewed(province)
    province.post(province.form("/publish"))
    return str(province.location).rpartition("/")[2]


def test_each_level_cites_the_letter_that_was_addressed_to_it(world: World, desk: MakeDesk) -> None:
    province = desk("tinh")
    uploaded(province, word(NUMBERED))
    campaign = opened(province)
    sent = "Công văn số 812/SLĐTBXH-PCTNXH ngày 10/6/2021 của Sở Lao động - Thương binh và Xã hội"
    with world.app.app_context(), reading() as session:
        row = session.get_one(Campaign, campaign)
        units = {code: session.get_one(Unit, id_) for code, id_ in world.units.items()}
        assert citing.bases(session, row, units["331"]) == (sent,)
        assert citing.bases(session, row, units["12289"]) == (sent,)
        own = citing.bases(session, row, units["33"])
        assert len(own) == 3
        assert not any("812/" in each for each in own), "who sent a letter never cites it"
        to_committee = citing.bases(session, row, units["33"], ["Ủy ban nhân dân tỉnh Hưng Yên"])
        assert [each[:26] for each in to_committee] == ["Kế hoạch số 86/KH-UBND ngà"]
        to_ministry = citing.bases(session, row, units["33"], ["Bộ Lao động - Thương binh và Xã hội"])
        assert [each[:29] for each in to_ministry] == ["Công văn số 162/PCTNXH-HTNNTT"]
        both = ["Ủy ban nhân dân tỉnh Hưng Yên", "Bộ Lao động - Thương binh và Xã hội"]
        assert citing.bases(session, row, units["33"], both) == (*to_ministry, *to_committee), "of each addressee"
    district = desk("huyen")
    district.get(f"/desk/campaigns/{campaign}?unit={world.units['331']}")
    assert sent in district.text
    said = {"number": "45/LĐTBXH", "dated": "2021-06-15", "issuer": "Phòng Lao động - TBXH", "subject": "V/v hưởng ứng"}
    district.post(district.form("/letters"), **said)
    assert district.status == 303
    with world.app.app_context(), reading() as session:
        row = session.get_one(Campaign, campaign)
        commune, district_unit = (session.get_one(Unit, world.units[code]) for code in ("12289", "331"))
        theirs = "Công văn số 45/LĐTBXH ngày 15/6/2021 của Phòng Lao động - TBXH về việc hưởng ứng"
        assert citing.bases(session, row, commune) == (theirs,)
        assert citing.bases(session, row, district_unit) == (sent,), "a district does not cite its own letter"
    page = desk("huyen").get(f"/desk/report?campaign={campaign}&unit={world.units['12289']}")
    assert theirs in page


def test_a_letter_without_number_or_day_is_asked_for(world: World, desk: MakeDesk) -> None:
    campaign = published(desk("tinh"))
    with world.app.app_context(), reading() as session:
        row = session.get_one(Campaign, campaign)
        found = citing.cited(session, row, session.get_one(Unit, world.units["331"]))
        assert found is not None
        assert found.lacks == ("number", "dated")
        assert found.text.startswith("Công văn số ……… ngày ……… của Sở Lao động")
    one = desk("tinh")
    one.get(f"/desk/campaigns/{campaign}")
    assert "chưa có số, ký hiệu, ngày ban hành. Đề nghị ghi đủ" in one.text
    one.get(f"/desk/campaigns/{campaign}?unit={world.units['33']}")
    one.post(one.form("/letters"), number="812/SLĐTBXH", dated="2021-06-10")
    one.get(f"/desk/campaigns/{campaign}")
    assert "Đề nghị ghi đủ" not in one.text
    with world.app.app_context(), reading() as session:
        letter = session.get_one(CampaignLetter, campaign)
        assert (letter.facts["number"], letter.facts["dated"]) == ("812/SLĐTBXH", "2021-06-10")
        assert letter.facts["to"], "the rest of what the letter says stays"


def test_a_letter_with_a_scan_of_two_megabytes_is_taken_as_the_page_says(world: World, desk: MakeDesk) -> None:
    campaign = published(desk("tinh"))
    stream = io.BytesIO(word(NUMBERED))
    with zipfile.ZipFile(stream, "a") as packed:
        packed.writestr("word/media/scan.bin", random.Random(1).randbytes(2 * 1024**2))
    one = desk("tinh")
    page = f"/desk/campaigns/{campaign}?unit={world.units['33']}"
    one.get(page)
    sent = {"number": "812/SLĐTBXH", "dated": "2021-06-10", "file": (io.BytesIO(stream.getvalue()), "cong-van.docx")}
    one.http.post(one.form("/letters").action, data={**one.form("/letters").values, **sent})
    assert "cong-van.docx" in one.get(page)


@pytest.mark.parametrize("name", ["cong-van.docx", "cong-van.pdf", "cong-van.txt"])
def test_the_original_is_kept_shown_and_archived(world: World, desk: MakeDesk, name: str) -> None:
    province, text = desk("tinh"), SEED.read_text("utf-8")
    data = made(text[:1400] + "\n" + text[1400:], name)
    province.get(START)
    assert send(province, "/campaigns/drafts", data, name) == 303
    province.follow()
    campaign = opened(province)
    for user in ("tinh", "huyen", "xa1"):
        one = desk(user)
        one.get(f"/desk/campaigns/{campaign}")
        assert name in one.text
        link = re.search(rf"/desk/campaigns/{campaign}/letters/[\w-]+/file", one.html)
        assert link is not None
        with one.http.get(link[0]) as answer:
            assert (answer.status_code, answer.data) == (200, data)
            assert "attachment" in answer.headers["Content-Disposition"]
    with world.app.app_context(), reading() as session:
        assert session.scalars(select(OrderingLetter.sha256)).one() == hashlib.sha256(data).hexdigest()
        assert session.scalars(select(AuditLine.act).where(AuditLine.act == Act.ORDERING_LETTER)).all()
    where = f"2-cong-van-chi-dao/1-{name}"
    archive = zipfile.ZipFile(asked.got(world, desk("huyen"), "331", "dossier", campaign=campaign))
    assert archive.read(where) == data
    assert where in [row.cells[6].text for row in docx.Document(archive.open("0-muc-luc.docx")).tables[1].rows]


@pytest.mark.parametrize(("text", "name"), SECRET)
def test_no_byte_of_a_secret_paper_is_kept(
    world: World,
    desk: MakeDesk,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    text: str,
    name: str,
) -> None:
    temporary = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    text = f"{text}\n{ONLY_THERE}\n"
    province, before, data = desk("tinh"), stored(world), made(text, name)
    province.get(START)
    assert send(province, "/campaigns/drafts", data, name) == 422
    assert not list(temporary.iterdir()), "no temporary file is left"
    assert not holding(world, ONLY_THERE.encode(), data[len(data) // 2 :][:64])
    assert CODES["letter_secret"].vi in province.text
    province.get(START)
    form = next(each for each in province.forms() if each.action.endswith("/campaigns/drafts"))
    province.post(form, text=text)
    assert province.status == 422
    assert "mua bán người" not in province.html.split("<textarea")[1].split("</textarea>")[0], "nor is it shown again"
    campaign = published(desk("tinh"))
    before = stored(world)
    kept = next(iter(before))
    assert kept in holding(world, kept.read_bytes()[-300:]), "another letter: what is kept is found"
    one = desk("huyen")
    one.get(f"/desk/campaigns/{campaign}?unit={world.units['331']}")
    assert send(one, "/letters", data, name, number="1/A") == 422
    assert CODES["letter_secret"].vi in one.text
    assert not list(temporary.iterdir())
    assert not holding(world, ONLY_THERE.encode())
    assert stored(world) == before
    assert count(world, LetterDraft) == 0
    with world.app.app_context(), reading() as session:
        assert not session.scalars(select(OrderingLetter).where(OrderingLetter.unit_id == world.units["331"])).all()


def test_a_stamp_in_the_margin_of_a_word_file_is_seen(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("Sở Y tế đề nghị các xã báo cáo.")
    document.sections[0].header.paragraphs[0].text = "TỐI MẬT"
    stream = io.BytesIO()
    document.save(stream)
    (tmp_path / "letter").write_bytes(stream.getvalue())
    with pytest.raises(Problem) as refused:
        text_of(tmp_path / "letter", "cong-van.docx")
    assert refused.value.code == "letter_secret"


def test_who_may_not_write_for_a_unit_may_not_say_its_letter(world: World, desk: MakeDesk) -> None:
    campaign = published(desk("tinh"))
    one = desk("xa1")
    one.get(f"/desk/campaigns/{campaign}")
    assert not [form for form in one.forms() if form.action.endswith("/letters")]
    with world.app.app_context(), writing() as session:
        somebody = session.scalars(select(Officer.id).limit(1)).one()
        said = LetterSaid(number="45/A", dated=date(2021, 6, 15))
        originals.say(session, session.get_one(Campaign, campaign), world.units["331"], somebody, said)
    one.get(f"/desk/campaigns/{campaign}")
    assert "45/A" in one.text


WATERMARK = (
    '<w:r xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    ' xmlns:v="urn:schemas-microsoft-com:vml">'
    '<w:pict><v:shape type="#_x0000_t136"><v:textpath string="TUYỆT MẬT"/></v:shape></w:pict></w:r>'
)


def test_so_is_a_watermark(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("Sở Y tế đề nghị các xã báo cáo.")
    document.sections[0].header.paragraphs[0]._p.append(parse_xml(WATERMARK))  # noqa: SLF001  # the library's way
    document.save(str(tmp_path / "letter"))
    with pytest.raises(Problem) as refused:
        text_of(tmp_path / "letter", "cong-van.docx")
    assert refused.value.code == "letter_secret"


def test_the_highest_rank_is_cited_first_and_a_law_without_its_number(world: World) -> None:
    said = [
        "Công văn số 45/UBND-LĐ ngày 15/6/2021 của UBND huyện Kim Động về việc hưởng ứng",
        "Kế hoạch số 86/KH-UBND ngày 08/6/2021 của Ủy ban nhân dân tỉnh",
        "Công văn số 162/PCTNXH-HTNNTT ngày 27/5/2021 của Cục Phòng, chống tệ nạn xã hội về việc hướng dẫn",
        "Công văn số 812/SLĐTBXH ngày 10/6/2021 của Sở Lao động - Thương binh và Xã hội",
        "Quyết định số 793/QĐ-TTg ngày 10/5/2016 của Thủ tướng Chính phủ",
        "Luật Phòng, chống mua bán người số 53/2024/QH15 ngày 28/11/2024",
    ]
    with world.app.app_context(), writing() as session:
        lock_catalog(session)
        row = session.get_one(Campaign, world.campaign)
        row.bases = said
        found = citing.bases(session, row, session.get_one(Unit, world.units["33"]))
        session.rollback()
    assert found == ("Luật Phòng, chống mua bán người ngày 28/11/2024", said[4], said[2], said[1], said[3], said[0])
