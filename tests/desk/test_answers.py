"""An amount, nothing to report, or not reported: the same answer on every page and paper (SPEC F-33, F-34, F-35)."""

from __future__ import annotations

import csv
import io
import re
from html import unescape
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import update

from server.core.db import reading, writing
from server.models import Campaign, Device, Officer
from server.models.installation import lock_catalog
from server.services.figures import loading
from server.services.figures.table import Answer
from server.services.units.scope import Scope
from support.clients.client import Client
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world import locking, totals
from support.world.changes import merge
from support.world.reports import cells, made, prose
from support.world.world import World
from sync.registry import KINDS

pytestmark = pytest.mark.databases("sqlite")

DASH, NIL = "–", "KPS"
SAID = "không phát sinh: 1/2 xã báo"
CODES = ("banners", "banner_metres", "panels", "posters", "airings_relay")
HEADS = {code: next(each.label["vi"] for each in KINDS.figures() if each.code == code) for code in CODES}


def siblings(phone: MakePhone) -> None:
    """Xã Chính Nghĩa has each first of two siblings, and nothing of posters; Nhân La is silent."""
    one = phone("xa1")
    one.create(quantity=3)
    one.create("panel", form="panel", quantity=2)
    one.create("broadcast", programme="own", script="Bản tin")
    one.create("plan", **{"nil/posters": True})
    one.sync()


def exported(one: Any, form: str) -> dict[str, list[Any]]:
    """By line: its cells of the figures above, as the file has them."""
    data = one.http.get(f"/desk/figures.{form}?csv=comma&tab=all&count=with_waiting", buffered=True).data
    if form == "csv":
        rows: list[list[Any]] = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
        start = rows.index([]) + 1
        heads = [str(head).partition(" (")[0] for head in rows[start]]
    else:
        page = load_workbook(io.BytesIO(data), data_only=True).active
        assert page is not None
        rows = [list(row) for row in page.iter_rows(values_only=True)]
        start = next(at for at, row in enumerate(rows) if row[0] == "Đơn vị") + 1
        heads = [str(head or "").partition(" (")[0] for head in rows[start]]
    places = [heads.index(head) for head in HEADS.values()]
    return {str(row[0]): [row[place] for place in places] for row in rows[start + 1 :] if len(row) > max(places)}


def notes(one: Any) -> str:
    return str(one.http.get("/desk/figures.csv?csv=comma&tab=all", buffered=True).data.decode("utf-8-sig"))


def test_a_sibling_of_what_was_recorded_is_no_zero_anywhere(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    siblings(phone)
    one = desk("huyen")
    one.get("/desk/figures?tab=all&count=with_waiting")
    rows = one.figures()
    assert [rows["Xã Chính Nghĩa"][head] for head in HEADS.values()] == ["3*", DASH, "2*", NIL, DASH]
    assert [rows["Tổng cộng"][head] for head in HEADS.values()] == ["3*", DASH, "2*", f"{DASH} {NIL} 1/2", DASH]
    assert f'title="{SAID}"' in one.html
    for form in ("csv", "xlsx"):
        found = exported(one, form)
        assert [str(cell) for cell in found["Xã Chính Nghĩa"]] == ["3", DASH, "2", NIL, DASH], form
        assert [str(cell) for cell in found["Tổng cộng"]] == ["3", DASH, "2", DASH, DASH], form
    assert "Tổng cộng. Không phát sinh: Áp phích 1/2 xã báo." in notes(one)
    quick = unescape(one.get("/desk/figures?quick=1&tab=all"))
    assert f"- Áp phích: {SAID}, chưa đơn vị nào có số liệu" in quick
    assert re.search(r"Chưa báo cáo: [^.]*Chiều dài băng rôn; ", quick)
    sheet = (
        Client(world.app.test_client(), world.token("xa1"))
        .get(f"/figures/{world.campaign}/{world.units['12286']}")
        .get_json()
    )
    answers = {each["code"]: each["answer"] for each in sheet["figures"]}
    assert [answers.get(code) for code in HEADS] == ["amount", None, "amount", "nil", None]


def test_paper_and_freeze_print_the_same_answers(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    siblings(phone)
    document = made(desk("huyen"), world.units["331"])
    printed = cells(document)
    assert "Chiều dài băng rôn (m)" not in printed["Tổng cộng"], "no column, but in the note of what nobody reported"
    assert [printed["Xã Chính Nghĩa"][head] for head in ("Băng rôn (chiếc)", "Áp phích (tờ)")] == ["0", NIL]
    assert printed["Tổng cộng"]["Áp phích (tờ)"] == DASH
    assert "Tổng cộng. Không phát sinh: áp phích: 1/2 xã báo." in prose(document)
    freeze = locking.lock(world, "huyen", "331")
    frozen = desk("huyen").get(f"/desk/locked/{freeze}")
    rows = {name: re.findall(r'<td class="number">(.*?)</td>', row) for name, row in tables(frozen)}
    assert NIL not in rows["Tổng cộng"]
    assert NIL in rows["Xã Chính Nghĩa"]
    found = locking.frozen(world, freeze).table.total.cells
    assert (found["posters"].nil, found["posters"].units) == (1, 2)
    assert found["posters"].is_unreported, "one of two, and not reported"
    assert not found["banner_metres"].is_said


def tables(html: str) -> list[tuple[str, str]]:
    rows = re.findall(r"<tr[^>]*><th scope=\"row\">(.*?)</tr>", html, re.DOTALL)
    return [(" ".join(re.sub(r"<[^>]+>", " ", row.partition("</th>")[0]).split()), row) for row in rows]


def test_all_said_nothing_is_nothing_and_one_returned_record_is_a_zero(
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    one, other, district = phone("xa1"), phone("nhanla", "12289"), desk("huyen")
    one.create("plan", **{"nil/posters": True})
    record = other.create("panel", form="poster", quantity=4)
    one.sync(), other.sync()
    totals.decided(world, record, "returned", "thử")
    district.get("/desk/figures?tab=all")
    rows = district.figures()
    assert [rows[name]["Áp phích"] for name in ("Tổng cộng", "Xã Chính Nghĩa", "Xã Nhân La")] == ["0", NIL, "0"]
    assert "- Áp phích: 0 tờ; đề nghị bổ sung 4" in unescape(district.get("/desk/figures?quick=1&tab=all"))
    other.create("plan", **{"nil/posters": True})
    other.sync()
    district.get("/desk/figures?tab=all")
    assert [district.figures()[name]["Áp phích"] for name in ("Tổng cộng", "Xã Nhân La")] == [NIL, NIL]


def test_the_matrix_and_the_own_page_show_silence_as_silence(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    with world.app.app_context(), writing() as session:
        lock_catalog(session)
        expected = [{"figure": code, "amount": 5} for code in ("banners", "posters", "panels")]
        session.get_one(Campaign, world.campaign).expected = expected
    siblings(phone)
    district = desk("huyen")
    district.get("/desk/progress")
    row = next(row for name, row in tables(district.html) if name == "Xã Nhân La")
    assert re.findall(r'<td class="(\w+)">', row) == ["share", "silent", "silent", "silent"]
    assert "0/5" not in row
    mine = next(row for name, row in tables(district.html) if name == "Xã Chính Nghĩa")
    assert re.findall(r'<td class="(\w+)">', mine) == ["share", "part", "part", "nil"]
    commune = desk("nhanla")
    commune.get("/desk/")
    assert "–/5 Băng rôn: chưa báo cáo" in commune.text


def test_zero_units_hold_work_only_once_their_phones_said_so(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    phone("xa1").sync()
    phone("nhanla", "12289").sync()
    district = desk("huyen")

    def told(writes: int | None, *names: str) -> str:
        with world.app.app_context(), writing() as session:
            those = [world.officers[name] for name in names]
            said = {"held_writes": writes, "held_photos": writes and 0, "held_bytes": writes and 0}
            session.execute(
                update(Device).where(Device.officer_id.in_(those)).values(**said, held_at=None if writes is None else 1)
            )
        district.get("/desk/")
        found = re.search(r"<b>([^<]*)</b> <span>(đơn vị còn mục trên điện thoại[^<]*)</span>", district.html)
        assert found is not None
        return f"{found[1]} {found[2]}"

    with world.app.app_context(), writing() as session:
        everybody = [name for name, id_ in world.officers.items() if session.get(Officer, id_)]
    assert told(None, *everybody).startswith("– đơn vị còn mục trên điện thoại (0/")
    assert told(0, "xa1").startswith("– đơn vị còn mục trên điện thoại (1/")
    assert told(0, *everybody) == "0 đơn vị còn mục trên điện thoại"
    assert told(2, "xa1") == "1 đơn vị còn mục trên điện thoại"


@pytest.mark.parametrize("as_total", [False, True])
def test_a_merged_unit_says_nothing_for_its_silent_successor(
    world: World, desk: MakeDesk, phone: MakePhone, *, as_total: bool
) -> None:
    one, district = phone("xa1"), desk("huyen")
    if as_total:
        totals.state(world, "xa1", posters=0)
    else:
        one.create("plan", **{"nil/posters": True})
        one.sync()
    merge(world, "12286", into="12289")

    def shown() -> dict[str, list[tuple[int, int, Answer]]]:
        with world.app.app_context(), reading() as session:
            scope, campaign = Scope(session, world.officers["tinh"]), session.get_one(Campaign, world.campaign)
            district, commune = world.units["331"], world.units["12289"]
            every = loading.load(session, scope, campaign, district)
            row = next(row for row in every.rows if row.unit.id == commune)
            found = {
                "331": [loading.load(session, scope, campaign, district, deep=False).total, every.total],
                "12289": [loading.load(session, scope, campaign, commune, deep=False).total, row],
            }
            cells = {unit: [each.cells["posters"] for each in those] for unit, those in found.items()}
            return {unit: [(each.nil, each.units, each.answer) for each in those] for unit, those in cells.items()}

    silent, nil = [(0, 1, Answer.UNREPORTED)] * 2, [(1, 1, Answer.NIL)] * 2
    assert shown() == {"331": silent, "12289": silent}
    district.get("/desk/figures?tab=all")
    assert [district.figures()[name]["Áp phích"] for name in ("Tổng cộng", "Xã Nhân La")] == [DASH, DASH]
    other = phone("nhanla", "12289")
    other.create("plan", **{"nil/posters": True})
    other.sync()
    assert shown() == {"331": nil, "12289": nil}
