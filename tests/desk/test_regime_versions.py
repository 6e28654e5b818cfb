"""Versions of the table of support: downloaded, changed, seen as a dry run, taken over, by chief administrators."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import openpyxl
import pytest

from server.core.db import reading
from server.services.checklist import regimes, rest_days, versions
from support.clients.desk import MakeDesk
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

UPLOAD = "/desk/regimes/upload"


def book(one: Any) -> Any:
    answer = one.http.get("/desk/regimes/file")
    assert answer.status_code == 200
    return openpyxl.load_workbook(io.BytesIO(answer.data))


def row_of(sheet: Any, law: str, line: str) -> int:
    return next(
        n for n in range(3, sheet.max_row + 1) if (sheet.cell(n, 1).value, sheet.cell(n, 3).value) == (law, line)
    )


def column(sheet: Any, code: str) -> int:
    return next(n for n in range(1, sheet.max_column + 1) if sheet.cell(1, n).value == code)


def put(sheet: Any, row: int, **cells: str) -> None:
    for code, text in cells.items():
        sheet.cell(row, column(sheet, code.replace("for_", "for.")), text)


def send(one: Any, made: Any) -> Any:
    out = io.BytesIO()
    made.save(out)
    out.seek(0)
    one.get("/desk/regimes")
    form = one.form(UPLOAD)
    answer = one.http.post(
        UPLOAD, data={"csrf_token": form.values["csrf_token"][0], "file": (out, "bang.xlsx")}, buffered=True
    )
    one.html, one.status = answer.get_data(as_text=True), answer.status_code
    one.location = answer.headers.get("Location", "")
    return answer


def taken(one: Any, made: Any) -> str:
    answer = send(one, made)
    assert answer.status_code == 303, one.text
    address = one.location
    one.get(address)
    one.post(one.form("/take"), yes="1")
    assert one.status == 303
    return str(address)


def limit(world: World, line: str, day: str) -> list[str]:
    with world.app.app_context(), reading() as session:
        found = regimes.sheet("victim", date.fromisoformat(day), versions.in_force(session))
    assert found is not None
    return [text for row in (*found.benefits, *found.steps) if row.id == line for text in row.limits]


@pytest.mark.slow
def test_a_line_changes_for_receptions_from_a_day_on(world: World, desk: MakeDesk) -> None:
    one = desk("quantri")
    made = book(one)
    sheet = made.active
    put(sheet, row_of(sheet, "2024", "essential"), **{"from": "01/01/2027", "limit_most": "180"})
    put(sheet, row_of(sheet, "2011", "chair"), **{"from": "01/01/2025", "limit_most": "2"})
    answer = send(one, made)
    assert answer.status_code == 303, one.text
    assert limit(world, "essential", "2027-01-01") == ["không quá 120 ngày"], "a dry run changes nothing"
    address = one.location
    one.get(address)
    assert "không quá 180 ngày" in one.text
    assert "không quá 120 ngày" in one.text, "what is in force stands beside it"
    one.post(one.form("/take"), yes="1")
    assert limit(world, "essential", "2026-12-31") == ["không quá 120 ngày"]
    assert limit(world, "essential", "2027-01-01") == ["không quá 180 ngày"]
    assert limit(world, "chair", "2024-12-31") == ["trong 03 ngày làm việc"]
    assert limit(world, "chair", "2025-06-30") == ["trong 02 ngày làm việc"], "a rule of transition"
    assert limit(world, "verify", "2027-01-01") == ["chậm nhất là 03 ngày"], "the other lines stay"
    again = book(one)
    assert again.active.cell(again.active.max_row, 3).value in ("essential", "chair"), "versions are in the file"


@pytest.mark.slow
def test_a_new_line_and_an_ended_one_are_on_the_sheet(desk: MakeDesk) -> None:
    one = desk("quantri")
    made = book(one)
    sheet = made.active
    interpreter = row_of(sheet, "2024", "interpreter")
    put(sheet, interpreter, **{"from": "01/09/2025"})
    for each in regimes.categories():
        put(sheet, interpreter, **{f"for_{each.id}": ""})
    new = sheet.max_row + 1
    put(
        sheet, new, law="2024", kind="việc phải làm", line="tell_hotline", what="Báo đường dây 111", event="received",
        start="từ ngày được tiếp nhận", limit_text="trong", limit_most="1", limit_unit="ngày làm việc",
        limit_kind="làm xong", agency="Ủy ban nhân dân cấp xã", source="Nghị định số 1/2025/NĐ-CP",
        source_state="chưa xem văn bản", check="thời hạn", for_victim="Phải làm", **{"from": "01/09/2025"},
    )  # fmt: skip
    taken(one, made)
    one.get("/desk/checklist")
    one.post(one.form("/desk/checklist"), category="victim", received="2025-09-01")
    assert "Báo đường dây 111" in one.text
    assert "phiên dịch" not in one.text
    assert "bản cập nhật nhận ngày" in one.text
    one.post(one.form("/desk/checklist"), category="victim", received="2025-08-31")
    assert "Báo đường dây 111" not in one.text
    assert "phiên dịch" in one.text
    assert "bản cập nhật" not in one.text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"law": "2030"}, "không có luật này"),
        ({"from": "31/02/2025"}, "ngày chưa đúng"),
        ({"limit_most": "ba"}, "thời hạn chưa đủ"),
        ({"agency": "chi 500.000 đồng"}, "không ghi mức tiền"),
        ({"event": "sinh nhật"}, "không có mốc tính này"),
        ({"source_state": "chắc vậy"}, "“theo nguồn thứ cấp”"),
        ({"for_victim": "Phải làm"}, "Được hưởng"),
        ({"what": "=1+1"}, "công thức"),
    ],
)
def test_a_fault_is_named_and_nothing_is_stored(world: World, desk: MakeDesk, cells: dict[str, str], said: str) -> None:
    one = desk("quantri")
    made = book(one)
    row = row_of(made.active, "2024", "essential")
    put(made.active, row, **cells)
    answer = send(one, made)
    assert answer.status_code == 422
    assert f"Dòng {row} (" in one.text
    assert said in one.text
    with world.app.app_context(), reading() as session:
        assert versions.in_force(session) == []


@pytest.mark.slow
def test_an_unchanged_table_is_no_version(desk: MakeDesk) -> None:
    one = desk("quantri")
    assert send(one, book(one)).status_code == 422
    assert "không có dòng nào khác" in one.text


def test_days_of_the_province(world: World, desk: MakeDesk) -> None:
    one = desk("quantri")
    one.get("/desk/regimes")
    one.post(one.form("/desk/regimes/days"), day="2025-04-26", how="works")
    with world.app.app_context(), reading() as session:
        assert rest_days.calendar(session).works(date(2025, 4, 26))
    one.follow()
    assert "26/04/2025: ngày làm việc" in one.text
    one.post(one.form("/desk/regimes/days"), day="2025-04-26", how="usual")
    with world.app.app_context(), reading() as session:
        assert not rest_days.calendar(session).works(date(2025, 4, 26))


@pytest.mark.parametrize("username", ["xa1", "huyen", "tinh"])
def test_for_others_it_is_not_there(desk: MakeDesk, username: str) -> None:
    one = desk(username)
    one.get("/desk/figures")
    csrf = one.form("/desk/language").values["csrf_token"][0]
    for method, path in (
        ("GET", ""), ("GET", "/file"), ("GET", f"/{'a' * 16}"), ("POST", "/upload"), ("POST", "/days"),
        ("POST", f"/{'a' * 16}/take"),
    ):  # fmt: skip
        data = {"csrf_token": csrf, "day": "2025-04-26", "how": "works", "yes": "1"}
        assert one.http.open(f"/desk/regimes{path}", method=method, data=data).status_code in (401, 404), path
    one.get("/desk/checklist")
    assert "Phiên bản bảng chế độ" not in one.text
