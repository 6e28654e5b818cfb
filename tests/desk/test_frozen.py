"""What a lock freezes: equal to a recount from raw writes, altered by nobody, the same on paper."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from server.core.clock import local, now_ms, stopped_at
from server.core.db import reading, writing
from server.models import AuditLine, Freeze, FreezeDocument, FreezeLine, Stream, Unit, WriteRow
from server.models.installation import lock_catalog
from server.services.figures.table import Counting
from server.services.reports.snapshot.freezes import spoken
from server.serving.installation import installed
from support.checks import recount
from support.checks.documents import shown
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world import locking
from support.world.changes import merge
from support.world.issuing import downloaded, present
from support.world.locking import WHY, lock, unlock
from support.world.papers import banners, cells, decide, fill, foot, opened, prose, word
from support.world.world import World
from sync.figures import every_figure

pytestmark = pytest.mark.slow


@pytest.mark.costly
def test_every_frozen_figure_equals_a_recount_of_the_writes(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """In both countings, for every unit, and in the Word files."""
    fill(desk, phone)
    freeze = lock(world, "tinh", "33")
    found = locking.frozen(world, freeze)
    with world.app.app_context(), reading() as session:
        reported = recount.by_unit(session, world.campaign)
        below = {id_: recount.below(session, id_) for id_ in world.units.values()}
    compared = 0
    for row in found.table.rows:
        units = [reported[id_] for id_ in ([row.unit.id] if row.own else below[row.unit.id]) if id_ in reported]
        for figure in every_figure():
            for included in (False, True):
                truth = recount.cell(units, figure.code, with_waiting=included).number
                said = Counting(included).shown(row.cells[figure.code])
                assert said == truth, (row.unit.name, figure.code, included)
                compared += truth is not None and truth > 0
    assert compared > 60
    silent = {row.unit.name for row in found.silent}
    assert silent == {"Xã Nhân La"}
    assert found.head["covered"] == {"units": 3, "reporting": 2, "sealed": 0}
    assert found.head["waiting"] == 2
    one = desk("tinh")
    for more, included in (("count=counted", False), ("count=with_waiting", True)):
        total = cells(opened(word(one, freeze, more)), "Tổng cộng")
        units = [reported[id_] for id_ in below[world.units["33"]] if id_ in reported]
        numbers = 0
        for figure in every_figure():
            head = f"{figure.label['vi']} ({figure.unit['vi']})"
            if head in total:
                truth = recount.cell(units, figure.code, with_waiting=included).number
                assert total[head].rstrip("*") == shown(truth or 0, figure.scale), (figure.code, included)
                numbers += 1
        assert numbers > 8
        assert banners(opened(word(one, freeze, more))) == ("58*" if included else "48"), "what waits is marked"


@pytest.mark.costly
def test_each_record_is_there_with_its_writes_and_decision(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    fill(desk, phone)
    freeze = lock(world)
    with world.app.app_context(), reading() as session:
        lines = session.scalars(select(FreezeLine.content).where(FreezeLine.freeze_id == freeze)).all()
        here = select(WriteRow).join(Stream, Stream.id == WriteRow.stream_id)
        writes = {row.record_id: row.id for row in session.scalars(here.where(Stream.unit_id == world.units["12286"]))}
    contents = [json.loads(line) for line in lines]
    assert {each["record"]: each["writes"] for each in contents} == {record: [id_] for record, id_ in writes.items()}
    assert {each["unit"] for each in contents} == {world.units["12286"]}, "not of the other district"
    assert sorted(each["bucket"] for each in contents) == ["counted"] * 3 + ["waiting"]
    assert all(bool(each["decision"]) == (each["bucket"] == "counted") for each in contents)
    assert sum(each["amounts"].get("banners", 0) for each in contents if each["bucket"] == "counted") == 12
    assert len({each["salt"] for each in contents}) == 4


def test_a_record_that_was_amended_after_approval(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """Its figure comes from the writes that the reviewer saw, and those are named."""
    officer = phone("xa1")
    record = officer.create(quantity=3)
    officer.sync()
    decide(desk("huyen"), record)
    officer.sync()
    officer.edit(record, quantity=9)
    officer.sync()
    freeze = lock(world)
    with world.app.app_context(), reading() as session:
        line = session.scalars(select(FreezeLine.content).where(FreezeLine.freeze_id == freeze)).one()
        writes = session.scalars(select(WriteRow.id).order_by(WriteRow.position)).all()
    said = json.loads(line)
    assert (said["amounts"]["banners"], len(writes)) == (3, 2)
    assert said["writes"] == [writes[0]]


@pytest.mark.databases("sqlite")
@pytest.mark.costly
def test_a_page_shows_one_level_and_leads_down(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """A province may have thousands of units."""
    fill(desk, phone)
    freeze = lock(world, "tinh", "33")
    one = desk("tinh")
    one.get(f"/desk/locked/{freeze}")
    assert "Huyện Kim Động" in one.text
    assert "Xã Chính Nghĩa" not in one.text
    down = re.search(rf'href="(/desk/locked/{freeze}[^"]+unit={world.units["331"]})"', one.html)
    assert down is not None
    one.get(down[1].replace("&amp;", "&"))
    assert "Xã Chính Nghĩa" in one.text
    assert "Xã Đình Cao" not in one.text
    assert one.http.get(f"/desk/locked/{freeze}?unit=none").status_code == 404
    more = phone("nhanla", "12289")
    decided = more.create(quantity=7)
    more.sync()
    decide(desk("huyen"), decided)
    one.get(f"/desk/locked/{freeze}")
    assert "Huyện Kim Động Băng rôn 12 19 +7" in one.text
    assert "đơn vị ở cấp dưới nữa cũng có thay đổi" in one.text
    one.get(f"/desk/locked/{freeze}?unit={world.units['331']}")
    assert "Xã Nhân La Băng rôn chưa báo cáo 7 +7" in one.text


def test_the_hash_is_that_of_what_is_stored(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """Computed here anew, from the rows."""
    fill(desk, phone)
    freeze = lock(world)
    with world.app.app_context(), reading() as session:
        row = session.get_one(Freeze, freeze)
        lines = session.scalars(select(FreezeLine).where(FreezeLine.freeze_id == freeze)).all()
        pairs = sorted([line.record_id, hashlib.sha256(line.content.encode()).hexdigest()] for line in lines)
        body = {"head": hashlib.sha256(row.head.encode()).hexdigest(), "lines": pairs}
        made = hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
        assert made == row.sha256
    digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    number = 0
    for letter in freeze:
        number = number * 32 + digits.index(letter)
    assert f"{number:020x}" == made[:20], "the id is the start of the hash"
    assert locking.check(world, freeze).is_good


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE frozen SET head = head || ' '",
        "DELETE FROM frozen_line",
        "UPDATE frozen_line SET content = '{}'",
        "UPDATE lock_step SET act = 'unlock'",
        "DELETE FROM lock_step",
        "DELETE FROM frozen_document",
        "UPDATE frozen_document SET sha256 = substr(sha256, 2) || substr(sha256, 1, 1), erased_at = 1",
    ],
)
@pytest.mark.costly
def test_no_statement_alters_it(world: World, desk: MakeDesk, phone: MakePhone, statement: str) -> None:
    fill(desk, phone)
    lock(world)
    downloaded(desk("huyen"), present(world))
    with world.app.app_context(), pytest.raises(DBAPIError, match="not altered"), writing() as session:
        session.execute(text(statement))


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("UPDATE frozen SET head = replace(head, 'banners', 'bannerz')", "đã bị thay đổi sau khi khóa"),
        ("UPDATE frozen_line SET content = replace(content, 'counted', 'waiting')", "đã bị thay đổi sau khi khóa"),
        ("DELETE FROM frozen_line", "đã bị thay đổi sau khi khóa"),
        ("UPDATE frozen_line SET content = '', erased_at = 1", "đã bị thay đổi sau khi khóa"),
        ("DELETE FROM audit_line WHERE act = 'figures_locked'", "không còn dòng ghi lần khóa này"),
        ('UPDATE audit_line SET new = replace(new, \'"hash":"\', \'"hash":"0\')', "khác với mã đã ghi trong nhật ký"),
    ],
)
@pytest.mark.costly
def test_the_page_says_what_was_altered_behind_its_back(
    world: World, desk: MakeDesk, phone: MakePhone, statement: str, sentence: str
) -> None:
    fill(desk, phone)
    freeze = lock(world)
    one = desk("huyen")
    one.get(f"/desk/locked/{freeze}")
    assert "Đúng số liệu đã khóa" in one.text
    assert sentence not in one.text
    locking.alter(world, statement.replace(":[", "\\:["))
    one.get(f"/desk/locked/{freeze}")
    assert sentence in one.text
    assert ("Đúng số liệu đã khóa" in one.text) == ("không còn dòng" in sentence)


@pytest.mark.databases("sqlite")
@pytest.mark.costly
def test_a_document_is_the_same_each_time(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """Kept by its hash and given again; built again it has the same bytes, at another time too."""
    fill(desk, phone)
    freeze = lock(world)
    one = desk("huyen")
    paper = present(world)
    first = downloaded(one, paper)
    with world.app.app_context(), reading() as session:
        sha256 = session.scalars(select(FreezeDocument.sha256)).one()
    assert sha256 == hashlib.sha256(first).hexdigest()
    blobs = installed(world.app).blobs
    assert blobs.sha256(sha256) == sha256
    assert downloaded(one, paper) == first
    with world.app.app_context(), reading() as session:
        logged = session.scalars(select(AuditLine.new).where(AuditLine.act == "exported")).all()
    assert [json.loads(line)["hash"] for line in logged] == [sha256[:32]] * 2, "the log names what was handed out"
    blobs.drop([sha256])
    with stopped_at(now_ms() + timedelta(hours=3) // timedelta(milliseconds=1)):
        assert downloaded(one, paper) == first, "built again"
    assert blobs.sha256(sha256) == sha256, "and kept again"
    at = local(locking.frozen(world, freeze).row.at)
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        moments = {entry.date_time[:5] for entry in archive.infolist()}
    assert moments == {(at.year, at.month, at.day, at.hour, at.minute)}
    document = opened(first)
    row = locking.frozen(world, freeze).row
    assert f"Số liệu đã khóa {spoken(freeze)} lúc {at.hour:02d} giờ {at.minute:02d} phút" in foot(document)
    assert f"mã kiểm tra {row.sha256[:16]}" in foot(document)
    top = document.tables[0].rows[1].cells[0].text
    assert "DỰ THẢO" not in top
    live = one.http.get("/desk/report/word", query_string={"unit": world.units["331"]}).data
    assert "DỰ THẢO" in opened(live).tables[0].rows[1].cells[0].text


@pytest.mark.databases("sqlite")
@pytest.mark.costly
def test_what_comes_later_changes_nothing_in_it(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """Figures, names and campaign are those of the lock; the page says what is otherwise now."""
    fill(desk, phone)
    freeze = lock(world)
    before = locking.frozen(world, freeze)
    officer = phone("nhanla", "12289")
    record = officer.create(quantity=7)
    officer.sync()
    decide(desk("huyen"), record)
    with world.app.app_context(), writing() as session:
        lock_catalog(session)
        session.get_one(Unit, world.units["12286"]).name = "Xã Tên Mới"
    merge(world, "12289", into="12286")
    one = desk("huyen")
    document = opened(word(one, freeze))
    assert banners(document) == "12"
    assert "Xã Tên Mới" not in str([row.unit.name for row in locking.frozen(world, freeze).table.rows])
    assert "xã Nhân La" in prose(document), "silent then"
    assert locking.frozen(world, freeze).head == before.head
    assert locking.since(world, freeze)["Huyện Kim Động", "banners"] == (12, 19)
    assert locking.since(world, freeze)["Xã Tên Mới", "banners"] == (12, 19), "its successor's figures"
    one.get(f"/desk/locked/{freeze}")
    assert "Huyện Kim Động Băng rôn 12 19 +7" in one.text


@pytest.mark.databases("sqlite")
@pytest.mark.costly
def test_a_supplementary_report_of_two_freezes(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """đã báo cáo / nay báo cáo / chênh lệch / lý do."""
    records = fill(desk, phone)
    first = lock(world)
    unlock(world)
    officer = phone("nhanla", "12289")
    more = officer.create(quantity=7)
    officer.sync()
    decide(desk("huyen"), more)
    decide(desk("huyen"), records[3])
    second = lock(world)
    one = desk("huyen")
    data = word(one, second, f"since={first}")
    document = opened(data)
    said = prose(document)
    assert "BÁO CÁO\nBổ sung số liệu" in said, "a report by its type"
    assert WHY in said
    assert "Băng rôn: đã báo cáo 12, nay báo cáo 24 chiếc (+12)." in said
    table = next(table for table in document.tables if table.rows[0].cells[-1].text == "Lý do")
    rows = [[cell.text for cell in row.cells] for row in table.rows]
    assert rows[0] == ["TT", "Đơn vị", "Chỉ tiêu", "Đã báo cáo", "Nay báo cáo", "Chênh lệch", "Lý do"]
    of = {(row[1], row[2]): row[3:] for row in rows[1:]}
    assert of["Tổng cộng", "Băng rôn (chiếc)"] == ["12", "24", "+12", "thêm 02 kết quả"]
    assert of["Xã Nhân La", "Băng rôn (chiếc)"] == ["chưa báo cáo", "7", "+7", "thêm 01 kết quả"]
    assert of["Xã Chính Nghĩa", "Băng rôn (chiếc)"] == ["12", "17", "+5", "thêm 01 kết quả"]
    assert spoken(second) in foot(document)
    assert spoken(first) in said
    assert word(one, second, f"since={first}") == data
    for later, since in ((first, second), (second, second), (second, "x" * 16), (second, "no id")):
        assert one.http.get("/desk/report/word", query_string={"freeze": later, "since": since}).status_code == 404
    assert re.search(r"lúc \d\d giờ", foot(document))
