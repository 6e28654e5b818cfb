"""What a lock freezes of totals without evidence: the choice, the column on paper, the hash, a supplement."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from server.core.clock import now_ms
from server.core.db import db, reading, writing
from server.models import CampaignLetter, FreezeDocument, LockStep, Stream, TotalStep
from server.services.reports.snapshot.freezing import LockChoice
from server.services.reports.tables import MOST_COLUMNS
from support.checks import recount
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world import locking, totals
from support.world.changes import seal
from support.world.locking import lock, unlock
from support.world.papers import cells, decide, fill, opened, prose, with_photos, word
from support.world.purging import purge
from support.world.totals import NHANLA
from support.world.world import World
from sync.figures import every_figure

pytestmark = pytest.mark.databases("sqlite")

LOCK = "/desk/figures/lock"
BANNERS, WITHOUT = "Băng rôn (chiếc)", "Băng rôn: chưa có minh chứng (chiếc)"
WITHIN = "Băng rôn: trong đó chưa có minh chứng (chiếc)"


def some(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """A commune with 3 approved and 2 waiting banners of 10 that it stated; of a silent one, 4 are stated above."""
    officer = phone("xa1")
    counted, _ = officer.create(quantity=3), officer.create(quantity=2)
    officer.sync()
    decide(desk("huyen"), counted)
    totals.state(world, "xa1", banners=10, leaflets=500, panels=0)
    totals.state(world, "huyen", NHANLA, banners=4)


def recounted(world: World) -> dict[tuple[str, str], int]:
    """What is left of each total, from raw steps and raw writes, by the rule in words: the total less the records."""
    with world.app.app_context(), reading() as session:
        reported = recount.by_unit(session, world.campaign)
        units = dict(session.execute(select(Stream.id, Stream.unit_id)).all())
        last: dict[tuple[str, str], TotalStep] = {}
        for step in session.scalars(select(TotalStep).order_by(TotalStep.number)):
            last[units[step.stream_id], step.figure] = step
        found = {}
        for (unit, code), step in last.items():
            records = recount.cell([reported[unit]], code, with_waiting=True).number or 0
            missing = step.amount - records if step.reach == "whole" else step.base + step.amount - records
            if step.act != "withdraw":
                found[unit, code] = min(step.amount, missing) if missing > 0 else 0
        return found


@pytest.mark.slow
@pytest.mark.databases("both")
@pytest.mark.costly
def test_every_number_without_evidence_equals_a_recount(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """L-42: in the frozen rows, the list of totals, and the Word file; the counted numbers are what they were."""
    fill(desk, phone)
    totals.state(world, "xa1", banners=60, leaflets=500, airings=100, minutes=900, scripts=3)
    totals.state(world, "dinhcao", "12397", more={"reach": "besides"}, banners=7, attendances=50)
    totals.state(world, "phucu", "12397", conferences=2)
    truth = recounted(world)
    assert max(truth.values()) > 0
    freeze = lock(world, "tinh", "33")
    found = locking.frozen(world, freeze)
    assert {(each["unit"], each["figure"]): each["unsupported"] for each in found.totals} == truth
    with world.app.app_context(), reading() as session:
        reported = recount.by_unit(session, world.campaign)
        below = {id_: recount.below(session, id_) for id_ in world.units.values()}
    for row in found.table.rows:
        units = [row.unit.id] if row.own else below[row.unit.id]
        for figure in every_figure():
            cell = row.cells[figure.code]
            left = sum(truth.get((unit, figure.code), 0) for unit in units)
            assert cell.unsupported == left, (row.unit.name, figure.code)
            said = recount.cell([reported[unit] for unit in units if unit in reported], figure.code).number
            assert cell.counted == (said or 0)
    table = cells(opened(word(desk("tinh"), freeze)), "Tổng cộng")
    for figure in every_figure():
        left = sum(amount for (_, code), amount in truth.items() if code == figure.code)
        head = f"{figure.label['vi']}: chưa có minh chứng ({figure.unit['vi']})"
        assert (table.get(head, "").rstrip("†‡").replace(".", "") or "0") == str(left), figure.code


@pytest.mark.slow
@pytest.mark.costly
def test_the_signatory_chooses_what_the_report_shows(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """Four ways, counted by hand: 3 approved, 2 waiting, 5 of 10 left, and 4 of the level above for a silent unit."""
    some(world, desk, phone)
    one = desk("huyen")
    expected = {
        ("counted", False): ("3", "9†‡", "–", "4‡"),
        ("with_waiting", False): ("5*", "9†‡", "–", "4‡"),
        ("counted", True): ("12†‡", "9†‡", "4‡", "4‡"),
        ("with_waiting", True): ("14*†‡", "9†‡", "4‡", "4‡"),
    }
    for (count, stands_in), (total, left, nhanla, nhanla_left) in expected.items():
        freeze = lock(world, choice=LockChoice(count, stands_in=stands_in))
        assert locking.frozen(world, freeze).head["choice"] == {"count": count, "stands_in": stands_in}
        paper = opened(word(one, freeze))
        column = WITHIN if stands_in else WITHOUT
        assert (cells(paper, "Tổng cộng")[BANNERS], cells(paper, "Tổng cộng")[column]) == (total, left)
        assert (cells(paper, "Xã Nhân La")[BANNERS], cells(paper, "Xã Nhân La")[column]) == (nhanla, nhanla_left)
        said = prose(paper)
        assert "Các đơn vị chưa báo cáo: xã Nhân La." in said, "whatever stands in for it"
        assert ("không cộng vào các số liệu trong báo cáo: Băng rôn 9 chiếc" in said) != stands_in
        assert ("Trong các số liệu trên có phần chưa có minh chứng" in said) == stands_in
        assert "kết quả gửi thêm thay thế dần phần này" in said, "the rule stands below the table"
        assert ("số liệu đã duyệt và chờ duyệt bằng 0" in said) == (count == "with_waiting")
        assert ("0: đã báo cáo, số liệu đã duyệt bằng 0" in said) == (count == "counted")
        other = opened(word(one, freeze, f"count={'counted' if count == 'with_waiting' else 'with_waiting'}"))
        assert cells(other, "Tổng cộng")[BANNERS] != total, "the other counting can still be had"
        assert locking.check(world, freeze).is_good
        unlock(world)


@pytest.mark.slow
@pytest.mark.costly
def test_tables_with_second_columns_fit_a_page(world: World, desk: MakeDesk) -> None:
    """Every figure has one: no table has more columns than fit across a page, and no column is lost."""
    codes = [figure.code for figure in every_figure() if not figure.units_of]
    totals.state(world, "xa1", **dict.fromkeys(codes, 1234567))  # type: ignore[arg-type]
    paper = opened(word(desk("huyen"), lock(world)))
    tables = [table for table in paper.tables if table.rows[0].cells[0].text == "TT"]
    assert max(len(table.columns) for table in tables) <= MOST_COLUMNS + 2, "the index and the unit"
    row = cells(paper, "Xã Chính Nghĩa")
    assert sum(said in ("1.234.567†", "12.345,67†") for said in row.values()) == len(codes)
    assert sum("chưa có minh chứng" in head for head in row) == len(codes)


@pytest.mark.slow
def test_the_lock_page_asks_and_warns(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """The choice, units that have something to confirm, the district's own work, and a cut-off that is to come."""
    some(world, desk, phone)
    own = phone("huyen", "331")
    own.create(quantity=1)
    own.sync()
    with world.app.app_context(), writing() as session:
        none: dict[str, Any] = {"facts": {}, "due_bases": {}, "outline": []}
        session.add(CampaignLetter(campaign_id=world.campaign, text="", cutoff_at=now_ms() + 3_600_000, **none))
    one = desk("huyen")
    one.get(f"{LOCK}?unit={world.units['331']}&campaign={world.campaign}")
    assert "Chưa đến thời điểm chốt số liệu" in one.text
    assert "Chưa xác nhận kết quả do đơn vị trực tiếp thực hiện: huyện Kim Động" in one.text
    assert "1 đơn vị có số liệu do cấp trên tổng hợp, chưa xác nhận: xã Nhân La" in one.text
    assert "Băng rôn 3 chiếc 3 chiếc 9 chiếc †‡" in one.text
    form = one.form(LOCK)
    assert (form.values["count"], form.values["totals"]) == (["counted"], ["apart"])
    one.post(form, yes="1", count="with_waiting", totals="in")
    one.follow()
    assert "Người ký đã chọn: kể cả chờ duyệt (có đánh dấu *); số liệu chưa có minh chứng: cộng vào số liệu" in one.text
    assert one.html.index("kể cả chờ duyệt</a>") < one.html.index("chỉ số đã duyệt</a>"), "the chosen one first"
    assert "Số liệu chưa có minh chứng lúc khóa" in one.text
    assert "Xã Nhân La Băng rôn 4 tổng số 0 4‡ điện thoại" in one.text
    with world.app.app_context(), writing() as session:
        letter = session.get_one(CampaignLetter, world.campaign)
        letter.cutoff_at = now_ms() - 1
    unlock(world)
    seal(world, "huyen", "331")
    one.get(f"{LOCK}?unit={world.units['331']}&campaign={world.campaign}")
    assert "thời điểm chốt số liệu (" not in one.text
    assert "Chưa xác nhận kết quả do đơn vị trực tiếp thực hiện" not in one.text


def test_a_choice_that_the_page_did_not_have(world: World, desk: MakeDesk) -> None:
    one = desk("huyen")
    one.get(f"{LOCK}?unit={world.units['331']}&campaign={world.campaign}")
    one.post(one.form(LOCK), yes="1", count="everything")
    assert (one.status, locking.state(world)) == (400, "open")


@pytest.mark.slow
@pytest.mark.databases("both")
def test_the_hash_is_over_the_totals_too(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    some(world, desk, phone)
    freeze = lock(world)
    assert locking.check(world, freeze).is_good
    locking.alter(world, "UPDATE frozen SET head = replace(head, '\"unsupported\"\\:4', '\"unsupported\"\\:3')")
    assert not locking.check(world, freeze).is_right


@pytest.mark.slow
def test_notes_are_not_frozen(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """A freeze holds no text that might have to be erased."""
    some(world, desk, phone)
    totals.state(world, "xa1", banners=11, more={"note": "Ông Bí Mật báo", "reason": "Bí Mật đếm"})
    freeze = lock(world)
    assert "Bí Mật" not in locking.frozen(world, freeze).row.head


@pytest.mark.slow
@pytest.mark.databases("both")
@pytest.mark.costly
def test_a_purge_still_erases_and_the_totals_stay(world: World, desk: MakeDesk) -> None:
    records = with_photos(world, desk, range(2))
    totals.state(world, "xa1", banners=5)
    freeze = lock(world)
    before = word(desk("huyen"), freeze)
    purge(world, records[0])
    assert locking.check(world, freeze).is_good
    after = opened(word(desk("huyen"), freeze))
    for paper in (opened(before), after):
        assert (cells(paper, "Tổng cộng")[BANNERS], cells(paper, "Tổng cộng")[WITHOUT]) == ("2", "3†")
    assert totals.left(world) == 4, "today there is one record less"


@pytest.mark.slow
def test_a_supplement_says_how_totals_changed(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """Replaced by records, stated anew by whom and why, confirmed, and become nothing."""
    officer = phone("xa1")
    totals.state(world, "xa1", banners=10, leaflets=500, contests=2)
    totals.state(world, "huyen", NHANLA, banners=4)
    first = lock(world)
    unlock(world)
    officer.create(quantity=4)
    officer.sync()
    totals.decided(world, next(iter(officer.records)))
    totals.state(world, "xa1", leaflets=450, more={"reason": "Đếm lại theo sổ"})
    totals.withdraw(world, "xa1", "contests", "Chưa tổ chức")
    totals.state(world, "xa1", contests=0)
    totals.confirm(world, "nhanla", NHANLA)
    second = lock(world)
    paper = opened(word(desk("huyen"), second, f"since={first}"))
    rows = {
        (cell[1], cell[2]): cell[3:]
        for cell in ([each.text for each in row.cells] for table in paper.tables for row in table.rows)
        if len(cell) == 7
    }
    assert rows["Xã Chính Nghĩa", BANNERS] == ["0", "4", "+4", "thêm 01 kết quả"]
    assert rows["Xã Chính Nghĩa", WITHOUT] == ["10", "6", "-4", "kết quả có minh chứng thay thế số liệu của 01 đơn vị"]
    changed = rows["Xã Chính Nghĩa", "Tờ rơi: chưa có minh chứng (tờ)"]
    assert changed == [
        "500",
        "450",
        "-50",
        "ghi lại số liệu chưa có minh chứng (Cán bộ 1 xã Chính Nghĩa: Đếm lại theo sổ)",
    ]
    assert rows["Xã Chính Nghĩa", "Hội thi: chưa có minh chứng (hội thi)"][:2] == ["2", "không phát sinh"]
    assert rows["Xã Nhân La", BANNERS] == [
        "chưa báo cáo",
        "0",
        "0",
        "đơn vị xác nhận số liệu chưa có minh chứng (Cán bộ xã Nhân La)",
    ]
    assert "Hội thi: chưa có minh chứng: đã báo cáo 2 hội thi, nay không còn số liệu." in prose(paper)
    again = word(desk("huyen"), second, f"since={first}")
    with world.app.app_context(), writing() as session:
        session.execute(text("UPDATE officer SET name = name"))
    assert word(desk("huyen"), second, f"since={first}") == again


@pytest.mark.slow
def test_a_total_that_becomes_nothing_is_said_so(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """Not "nay báo cáo 0": nothing was reported, by a signed act."""
    officer = phone("xa1")
    record = officer.create(quantity=3)
    officer.sync()
    totals.decided(world, record)
    first = lock(world)
    unlock(world)
    officer.sync()
    officer.delete(record)
    officer.sync()
    purge(world, record)
    totals.state(world, "xa1", banners=0)
    second = lock(world)
    said = prose(opened(word(desk("huyen"), second, f"since={first}")))
    assert "Băng rôn: đã báo cáo 3 chiếc, nay không còn số liệu." in said, "one of two communes said so"
    assert "nay báo cáo 0" not in said


@pytest.mark.slow
def test_a_supplement_where_totals_stand_in(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """One row a figure: records that replaced a total change nothing, and that is no change."""
    officer = phone("xa1")
    totals.state(world, "xa1", banners=10, leaflets=500)
    stands_in = LockChoice(stands_in=True)
    first = lock(world, choice=stands_in)
    unlock(world)
    officer.create(quantity=4)
    officer.sync()
    totals.decided(world, next(iter(officer.records)))
    totals.state(world, "xa1", leaflets=450, more={"reason": "Đếm lại"})
    second = lock(world, choice=stands_in)
    said = prose(opened(word(desk("huyen"), second, f"since={first}")))
    assert "Tờ rơi: đã báo cáo 500, nay báo cáo 450 tờ (-50)." in said
    assert "Băng rôn:" not in said.replace("Băng rôn: trong", "")


STEP = "INSERT OR REPLACE INTO lock_step SELECT {id}, campaign_id, unit_id, number, 'unlock', officer_id, at, reason, "
DOCUMENT = "INSERT OR REPLACE INTO frozen_document SELECT 'AAAAAAAAAAAAAAAA', freeze_id, form, 'x', 1, NULL "


@pytest.mark.parametrize("id_", ["id", "'AAAAAAAAAAAAAAAA'"])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_step_is_replaced_by_another(world: World, id_: str) -> None:
    """INSERT OR REPLACE deletes without a trigger for it."""
    lock(world)
    with world.app.app_context():
        statement = f"{STEP.format(id=id_)} freeze_id, until, person FROM lock_step"
        with pytest.raises(DBAPIError, match="not altered"), db.engine.begin() as connection:
            connection.exec_driver_sql(statement)
        with reading() as session:
            assert session.scalars(select(LockStep.act)).all() == ["lock"]


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_document_is_replaced_by_another(world: World, desk: MakeDesk) -> None:
    """A second one of its form is left out, without an error: two who ask at once both make one."""
    word(desk("huyen"), lock(world))
    with world.app.app_context():
        with reading() as session:
            kept = session.scalars(select(FreezeDocument.sha256)).all()
        with db.engine.begin() as connection:
            connection.exec_driver_sql(f"{DOCUMENT} FROM frozen_document")
        with reading() as session:
            assert session.scalars(select(FreezeDocument.sha256)).all() == kept
