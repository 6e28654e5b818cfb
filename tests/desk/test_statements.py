"""Money spent and documents issued: stated by a unit, summed upward, in the report and in what is frozen of it."""

from __future__ import annotations

import io
import re
from typing import Any

import docx
import pytest
from sqlalchemy import select
from sqlalchemy import text as sql
from sqlalchemy.exc import DBAPIError

from server.core.db import reading, writing
from server.models import AuditLine, IssuedPaper, MoneyStatement
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world.changes import merge, status
from support.world.locking import lock
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

MONEY, PAPERS = "/desk/statements/money", "/desk/statements/papers"


def page(one: Any, world: World, unit: str) -> Any:
    one.get(f"/desk/statements?unit={world.units[unit]}&campaign={world.campaign}")
    return one


def spent(one: Any, world: World, unit: str, **amounts: Any) -> Any:
    return one.post(page(one, world, unit).form(MONEY), **amounts)


def issued(one: Any, world: World, unit: str, **more: str) -> Any:
    typed = {"type": "plan", "symbol": "12/KH-UBND", "issued_on": "2021-07-05", "subject": "Hưởng ứng ngày 30/7"}
    return one.post(page(one, world, unit).form(PAPERS), **{**typed, **more})


def report(one: Any, world: World, unit: str) -> Any:
    data = one.http.get(f"/desk/report/word?unit={world.units[unit]}&campaign={world.campaign}&annexes=all").data
    return docx.Document(io.BytesIO(data))


def text(document: Any) -> str:
    return "\n".join(each.text for each in document.paragraphs)


def table(document: Any, head: str) -> list[list[str]]:
    rows = ([[cell.text for cell in row.cells] for row in each.rows] for each in document.tables)
    return next(each for each in rows if head in each[0])


@pytest.mark.slow
@pytest.mark.databases("both")
@pytest.mark.costly
def test_money_is_summed_up_and_nil_is_no_silence(world: World, desk: MakeDesk) -> None:
    commune, district = desk("xa1"), desk("huyen")
    assert spent(commune, world, "12286", province="1.200", social="300").status_code == 303
    assert "Đã lưu kinh phí." in commune.follow()
    assert spent(district, world, "331", district="5000").status_code == 303
    page(district, world, "331")
    assert "Cộng các đơn vị: 2/3 đơn vị đã ghi kinh phí" in district.text
    assert "Tổng cộng 1.200 5.000 0 0 300 6.500" in district.text
    assert "Xã Nhân La – – – – – –" in district.text
    assert spent(desk("nhanla"), world, "12289", nil="1").status_code == 303
    page(district, world, "331")
    assert "3/3 đơn vị đã ghi kinh phí" in district.text
    assert "Xã Nhân La KPS KPS" in district.text
    made = report(district, world, "331")
    assert (
        "Tổng kinh phí thực hiện: 6.500 nghìn đồng, trong đó: ngân sách tỉnh 1.200 nghìn đồng; "
        "ngân sách huyện 5.000 nghìn đồng; xã hội hóa 300 nghìn đồng." in text(made)
    )
    rows = table(made, "Ngân sách tỉnh")
    assert rows[0] == ["TT", "Đơn vị", "Ngân sách tỉnh", "Ngân sách huyện", "Xã hội hóa", "Cộng"]
    assert rows[1] == ["", "Tổng cộng", "1.200", "5.000", "300", "6.500"]
    assert ["3", "Xã Nhân La", "KPS", "KPS", "KPS", "KPS"] in rows
    assert "Số liệu kinh phí của 3/7 đơn vị" in text(report(desk("tinh"), world, "33")).replace("3/6", "3/7")
    nil = report(desk("nhanla"), world, "12289")
    assert "Không phát sinh kinh phí thực hiện." in text(nil)
    assert "kinh phí thực hiện:" not in text(report(desk("dinhcao"), world, "12397")).lower(), "nobody stated it"


@pytest.mark.databases("both")
def test_a_later_statement_takes_the_place_and_the_faster_one_wins(world: World, desk: MakeDesk) -> None:
    one = desk("xa1")
    form = page(one, world, "12286").form(MONEY)
    assert one.post(form, commune="100").status_code == 303
    assert one.post(form, commune="100").status_code == 409, "a page of before"
    assert "vừa được người khác ghi" in one.text
    assert spent(one, world, "12286", commune="250", reason="Cộng thêm").status_code == 303
    page(one, world, "12286")
    assert one.form(MONEY).values["commune"] == ["250"]
    with world.app.app_context(), reading() as session:
        assert len(session.scalars(select(MoneyStatement)).all()) == 2
        acts = session.scalars(select(AuditLine.new).where(AuditLine.act == "money_stated")).all()
    assert len(acts) == 2
    assert all("250" not in each and "100" not in each for each in acts)


@pytest.mark.databases("both")
def test_why_a_later_statement_differs_is_kept_and_no_statement_is_altered(world: World, desk: MakeDesk) -> None:
    one = desk("xa1")
    page(one, world, "12286")
    assert "Lý do thay đổi" not in one.text, "nothing is there to differ from"
    one.post(one.form(MONEY), commune="5")
    page(one, world, "12286")
    one.post(one.form(MONEY), commune="7", reason="  Cộng thêm   tiền loa ")
    page(one, world, "12286")
    assert "Lý do thay đổi: Cộng thêm tiền loa" in one.text
    with world.app.app_context(), reading() as session:
        rows = session.scalars(select(MoneyStatement).order_by(MoneyStatement.number)).all()
        assert [(row.number, row.act, row.reason, row.commune) for row in rows] == [
            (1, "state", "", 5),
            (2, "state", "Cộng thêm tiền loa", 7),
        ]
    for statement in ("UPDATE money_statement SET commune = 9", "DELETE FROM money_statement"):
        with world.app.app_context(), pytest.raises(DBAPIError, match="altered"), writing() as session:
            session.execute(sql(statement))


@pytest.mark.parametrize(
    "again", [{"commune": "1.250"}, {"commune": "1.200", "social": "9"}, {"commune": "", "nil": "1"}]
)
def test_money_that_is_stated_anew_says_why(world: World, desk: MakeDesk, again: dict[str, str]) -> None:
    one = desk("xa1")
    assert "required" not in re.findall(r'<input name="reason"[^>]*>', page(one, world, "12286").html)
    assert spent(one, world, "12286", commune="1.200").status_code == 303
    assert spent(one, world, "12286", commune="1.200").status_code == 303, "the same needs no reason"
    assert spent(one, world, "12286", **again, reason="  ").status_code == 422
    assert "Kinh phí khác lần ghi trước. Đề nghị ghi lý do thay đổi." in one.text
    form = one.form(MONEY)
    assert {name: form.values.get(name) for name in again} == {name: [value] for name, value in again.items()}
    (reason,) = re.findall(r'<input name="reason"[^>]*>', one.html)
    assert " required" in reason
    with world.app.app_context(), reading() as session:
        assert len(session.scalars(select(MoneyStatement)).all()) == 2
    assert one.post(form, reason="x" * 501).status_code == 422
    assert one.post(one.form(MONEY), reason="Cộng thêm tiền loa").status_code == 303
    page(one, world, "12286")
    assert "Lý do thay đổi: Cộng thêm tiền loa" in one.text


@pytest.mark.parametrize("amounts", [{}, {"commune": "0"}, {"nil": "1", "commune": "5"}])
def test_an_amount_or_nil_and_not_both(world: World, desk: MakeDesk, amounts: dict[str, str]) -> None:
    one = desk("xa1")
    assert spent(one, world, "12286", **amounts).status_code == 422
    assert "Đề nghị ghi ít nhất một số tiền" in one.text


@pytest.mark.parametrize("typed", ["-5", "1,5", "1.5", "1.2345", "12 34", "abc", "9" * 14, "1" * 13 + "0"])
def test_what_is_no_amount_is_refused(world: World, desk: MakeDesk, typed: str) -> None:
    assert spent(desk("xa1"), world, "12286", commune=typed).status_code == 422


@pytest.mark.slow
@pytest.mark.costly
def test_documents_are_listed_counted_by_level_and_in_section_one(world: World, desk: MakeDesk) -> None:
    commune, district = desk("xa1"), desk("huyen")
    assert issued(commune, world, "12286").status_code == 303
    issued(commune, world, "12286")  # the same form twice
    issued(commune, world, "12286", type="letter", symbol="", subject="Về việc treo băng rôn.")
    issued(district, world, "331", symbol="7/KH-UBND", issued_on="2021-02-03", subject="Triển khai ngày 30/7")
    made = report(district, world, "331")
    said = text(made)
    assert (
        "Toàn huyện đã ban hành 03 văn bản chỉ đạo, triển khai (cấp huyện 01, cấp xã 02): 02 kế hoạch, 01 công văn."
        in said
    )
    assert (
        "Phòng Lao động - Thương binh và Xã hội huyện Kim Động ban hành: "
        "Kế hoạch số 7/KH-UBND ngày 03/02/2021 Triển khai ngày 30/7." in said
    )
    assert said.index("đã ban hành 03 văn bản") < said.index("KẾT QUẢ THỰC HIỆN")
    rows = table(made, "Trích yếu")
    assert rows[1:] == [
        ["1", "Huyện Kim Động", "Kế hoạch", "7/KH-UBND", "03/02/2021", "Triển khai ngày 30/7"],
        ["2", "Xã Chính Nghĩa", "Kế hoạch", "12/KH-UBND", "05/7/2021", "Hưởng ứng ngày 30/7"],
        ["3", "Xã Chính Nghĩa", "Công văn", "", "05/7/2021", "Về việc treo băng rôn."],
    ]
    own = text(report(commune, world, "12286"))
    assert "Ủy ban nhân dân xã Chính Nghĩa đã ban hành 02 văn bản chỉ đạo, triển khai: 01 kế hoạch, 01 công văn." in own
    assert "Công văn ngày 05/7/2021 Về việc treo băng rôn." in own
    page(commune, world, "12286")
    commune.post(next(each for each in commune.forms() if each.action.endswith("/remove")))
    page(commune, world, "12286")
    assert sum(each.action.endswith("/remove") for each in commune.forms()) == 1
    assert "12/KH-UBND" not in " ".join(row[3] for row in table(report(district, world, "331"), "Trích yếu"))
    with world.app.app_context(), reading() as session:
        assert len(session.scalars(select(IssuedPaper)).all()) == 3


@pytest.mark.parametrize(
    ("typed", "status_code"),
    [({"subject": " "}, 422), ({"issued_on": "hôm qua"}, 422), ({"issued_on": "1999-01-01"}, 422),
     ({"type": "song"}, 422), ({"subject": "x" * 501}, 422), ({"symbol": "y" * 61}, 422)],
)  # fmt: skip
def test_an_incomplete_document_is_refused(
    world: World, desk: MakeDesk, typed: dict[str, str], status_code: int
) -> None:
    assert issued(desk("xa1"), world, "12286", **typed).status_code == status_code


@pytest.mark.slow
@pytest.mark.databases("both")
@pytest.mark.costly
def test_a_freeze_keeps_both_and_what_comes_later_changes_nothing(world: World, desk: MakeDesk) -> None:
    one = desk("huyen")
    spent(one, world, "331", district="5000"), issued(one, world, "331", symbol="7/KH-UBND")
    freeze = lock(world)
    spent(one, world, "331", district="9999", reason="Quyết toán"), issued(one, world, "331", symbol="8/KH-UBND")
    made = text(docx.Document(io.BytesIO(one.http.get(f"/desk/report/word?freeze={freeze}").data)))
    assert "5.000 nghìn đồng" in made
    assert "7/KH-UBND" in made
    assert "9.999" not in made
    assert "8/KH-UBND" not in made
    assert "9.999 nghìn đồng" in text(report(one, world, "331"))
    one.get(f"/desk/locked/{freeze}")
    assert "Đúng số liệu đã khóa" in one.text


def test_a_merged_unit_counts_with_its_successor_and_states_no_more(world: World, desk: MakeDesk) -> None:
    own = desk("nhanla")
    spent(own, world, "12289", commune="40"), spent(desk("xa1"), world, "12286", commune="2")
    above = desk("huyen")
    form = page(above, world, "12289").form(MONEY)
    merge(world, "12289", into="12286")
    assert above.post(form, commune="50").status_code == 409
    one = page(desk("xa1"), world, "12286")
    assert "1/1 đơn vị đã ghi kinh phí" in one.text
    assert "Tổng cộng 0 0 42 0 0 42" in one.text


@pytest.mark.slow
def test_what_a_merged_unit_stated_is_no_word_of_its_successor(world: World, desk: MakeDesk) -> None:
    spent(desk("nhanla"), world, "12289", commune="40")
    merge(world, "12289", into="12286")
    one = page(desk("xa1"), world, "12286")
    assert "0/1 đơn vị đã ghi kinh phí" in one.text
    assert "Tổng cộng 0 0 40 0 0 40" in one.text
    made = report(one, world, "12286")
    assert "Tổng kinh phí thực hiện: 40 nghìn đồng" in text(made)


def test_who_may_not_state_sees_no_form_and_is_refused(world: World, desk: MakeDesk) -> None:
    own = desk("xa1")
    money, paper = page(own, world, "12286").form(MONEY), page(own, world, "12286").form(PAPERS)
    for form, more in ((money, {"commune": "5"}), (paper, {"issued_on": "2021-07-01", "subject": "x"})):
        form.values["unit"] = [world.units["331"]]
        assert own.post(form, **more).status_code == 404
    assert page(desk("phucu"), world, "331").status == 404
    admin = page(desk("quantri"), world, "331")
    assert not admin.has_form(MONEY)
    assert not admin.has_form(PAPERS)
    above = page(desk("tinh"), world, "12286")
    assert above.has_form(MONEY), "a reviewer above states on its behalf"
    status(world, "archived")
    money.values["unit"] = [world.units["12286"]]
    assert own.post(money, commune="5").status_code == 422
    assert not page(own, world, "12286").has_form(MONEY)


@pytest.mark.slow
@pytest.mark.costly
def test_a_directive_that_was_recorded_is_counted_once(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer, one = phone("xa1"), desk("huyen")
    for number in ("12/kh-ubnd", "99/CV"):
        record = officer.create("media", form="directive", headline="Văn bản", published_on="2021-07-05", number=number)
        officer.sync()
        one.get(f"/desk/records/{record}")
        one.post(one.form("/decide"), verdict="counted")
    assert "Toàn huyện đã ban hành 02 văn bản chỉ đạo, triển khai." in text(report(one, world, "331"))
    issued(desk("xa1"), world, "12286")
    said = text(report(one, world, "331"))
    assert "Toàn huyện đã ban hành 01 văn bản chỉ đạo, triển khai (cấp xã 01): 01 kế hoạch." in said
    assert "Ngoài ra có 01 văn bản chỉ đạo ghi trong kết quả hoạt động đã duyệt." in said
    assert "đã ban hành 02 văn bản" not in said
    assert "1 văn bản chỉ đạo đã được ghi và duyệt" in page(one, world, "331").text
