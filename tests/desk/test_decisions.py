"""A reviewer counts, returns, does not count, and takes it back (SPEC D-1 to D-7 at the desk)."""

from __future__ import annotations

import re
from typing import Any

import pytest

from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone, Phone

pytestmark = pytest.mark.databases("sqlite")


def send(phone: Phone, **fields: Any) -> str:
    record = phone.create("banner", **{"slogan": "s1", "quantity": 3} | fields)
    phone.sync()
    return record


def counted(desk: Any) -> str:
    """The counted banners of the total, the first row of the figures."""
    found: list[str] = re.findall(r'class="counted"[^>]*>([^<]*)<', desk.get("/desk/figures"))
    return found[0]


def test_counted(desk: MakeDesk, phone: MakePhone) -> None:
    one, record = desk("huyen"), send(phone("xa1"))
    assert counted(one) == "0"
    one.get(f"/desk/records/{record}")
    assert "Chính Nghĩa BR-1 Chờ duyệt" in one.text
    assert one.post(one.form("/decide"), verdict="counted").status_code == 303
    one.follow()
    assert "Chính Nghĩa BR-1 Đã duyệt" in one.text
    assert "Đã duyệt. " in one.text
    assert counted(one) == "3"


def test_returned_reaches_the_phone_with_reason_and_marked_fields(desk: MakeDesk, phone: MakePhone) -> None:
    officer, one = phone("xa1"), desk("huyen")
    record = send(officer)
    one.get(f"/desk/records/{record}")
    answer = one.post(one.form("/decide"), verdict="returned", reason="Ảnh mờ, đề nghị chụp lại.", fields=["photos"])
    assert answer.status_code == 303
    officer.sync()
    told = officer.records[record].decision
    assert told is not None
    assert (told["verdict"], told["reason"], told["fields"]) == ("returned", "Ảnh mờ, đề nghị chụp lại.", ["photos"])


def test_a_reason_is_needed_and_what_was_typed_is_kept(desk: MakeDesk, phone: MakePhone) -> None:
    one, record = desk("huyen"), send(phone("xa1"))
    one.get(f"/desk/records/{record}")
    answer = one.post(one.form("/decide"), verdict="returned", fields=["quantity"])
    assert answer.status_code == 422
    assert "Đề nghị ghi lý do" in one.text
    assert one.form("/decide").values["fields"] == ["quantity"]
    one.post(one.form("/decide"), verdict="not_counted", reason="Trùng với BR-2.")
    assert "Chính Nghĩa BR-1 Không tính" in one.follow().replace("\n", " ") or "Không tính" in one.text


def test_withdrawn_it_waits_again(desk: MakeDesk, phone: MakePhone) -> None:
    one, record = desk("huyen"), send(phone("xa1"))
    one.get(f"/desk/records/{record}")
    one.post(one.form("/decide"), verdict="not_counted", reason="Bản ghi thử.")
    one.follow()
    form = one.form("/withdraw")
    assert one.post(form).status_code == 303
    assert one.post(form).status_code == 303  # a double click finds it done
    one.follow()
    assert "Chính Nghĩa BR-1 Chờ duyệt" in one.text
    assert one.text.count("Rút lại quyết định ·") == 1


@pytest.mark.databases("both")
def test_only_the_decision_on_the_page_is_withdrawn(desk: MakeDesk, phone: MakePhone) -> None:
    one, record = desk("huyen"), send(phone("xa1"))
    one.get(f"/desk/records/{record}")
    one.post(one.form("/decide"), verdict="not_counted", reason="Bản ghi thử.")
    one.follow()
    old = one.form("/withdraw")
    one.post(one.form("/decide"), verdict="counted")
    assert one.post(old).status_code == 409
    assert "đã có quyết định khác" in one.text
    assert "Chính Nghĩa BR-1 Đã duyệt" in one.text
    assert one.post(one.form("/withdraw")).status_code == 303


def test_a_reason_that_cannot_be_kept_is_refused_in_words(desk: MakeDesk, phone: MakePhone) -> None:
    one, record = desk("huyen"), send(phone("xa1"))
    one.get(f"/desk/records/{record}")
    assert one.post(one.form("/decide"), verdict="returned", reason="x" * 2001).status_code == 422
    assert "quá dài" in one.text
    assert one.form("/decide").values["reason"] == ["x" * 2001]
    assert one.post(one.form("/decide"), verdict="returned", reason="x" * 2000).status_code == 303


def test_a_deleted_record_is_not_returned(desk: MakeDesk, phone: MakePhone) -> None:
    officer, one = phone("xa1"), desk("huyen")
    record = send(officer)
    officer.delete(record)
    officer.sync()
    one.get(f"/desk/records/{record}")
    assert "không còn gì để duyệt" in one.text
    assert not one.has_form("/decide")


@pytest.mark.databases("both")
def test_a_double_click_decides_once(desk: MakeDesk, phone: MakePhone) -> None:
    one, record = desk("huyen"), send(phone("xa1"))
    one.get(f"/desk/records/{record}")
    form = one.form("/decide")
    assert [one.post(form, verdict="counted").status_code for _ in range(2)] == [303, 303]
    one.follow()
    assert one.html.count('<li class="decision">') == 1


@pytest.mark.databases("both")
def test_what_arrives_while_the_page_is_open_is_not_approved_unseen(desk: MakeDesk, phone: MakePhone) -> None:
    officer, one = phone("xa1"), desk("huyen")
    record = send(officer)
    one.get(f"/desk/records/{record}")
    page = one.form("/decide")
    officer.edit(record, quantity=9)
    officer.sync()
    one.post(page, verdict="counted")
    one.follow()
    assert "Chính Nghĩa BR-1 Đã sửa sau duyệt" in one.text
    assert "Số lượng 3 chiếc 9 chiếc" in one.text
    assert counted(one) == "3"


def test_an_edit_after_the_decision_shows_what_changed(desk: MakeDesk, phone: MakePhone) -> None:
    officer, one = phone("xa1"), desk("huyen")
    record = send(officer)
    one.get(f"/desk/records/{record}")
    one.post(one.form("/decide"), verdict="counted")
    officer.edit(record, quantity=9, note="Thêm sáu chiếc")
    officer.sync()
    one.get(f"/desk/records/{record}")
    assert "Đã thay đổi sau quyết định" in one.text
    assert "Ghi chú (trống) Thêm sáu chiếc" in one.text
    one.post(one.form("/decide"), verdict="counted")
    assert counted(one) == "9"


def test_nobody_decides_on_what_they_wrote(desk: MakeDesk, phone: MakePhone) -> None:
    one, above, record = desk("huyen"), desk("tinh"), send(phone("xa1"))
    one.get(f"/desk/records/{record}")
    page = one.form("/decide")
    one.get(f"/desk/records/{record}/edit")
    one.post(one.form("/edit"), **{"f.quantity": "4"})
    assert one.post(page, verdict="counted").status_code == 403
    assert "thì không được tự duyệt" in one.text
    assert not one.has_form("/decide")
    above.get(f"/desk/records/{record}")
    assert above.post(above.form("/decide"), verdict="counted").status_code == 303


def test_neither_the_commune_itself_nor_another_district_decides(desk: MakeDesk, phone: MakePhone) -> None:
    record = send(phone("xa1"))
    own, other, reviewer = desk("xa2"), desk("phucu"), desk("huyen")
    own.get(f"/desk/records/{record}")
    assert "Cấp trên của đơn vị sẽ duyệt" in own.text
    assert not own.has_form("/decide")
    other.get(f"/desk/records/{record}")
    assert other.status == 404
    reviewer.get(f"/desk/records/{record}")
    page = reviewer.form("/decide")
    for each, status in ((own, 403), (other, 404)):
        each.get("/desk/queue")
        page.values["csrf_token"] = each.form("/sign-out").values["csrf_token"]
        assert each.post(page, verdict="counted").status_code == status


@pytest.mark.slow
def test_a_basis_that_is_no_page_of_ours_is_refused(desk: MakeDesk, phone: MakePhone) -> None:
    one, record = desk("huyen"), send(phone("xa1"))
    for basis in ("", "x", "[]", "{}", '{"x\\u0000": []}', '{"quantity": ["AAAAAAAAAAAAAAAA"]}', '{"quantity": 5}'):
        one.get(f"/desk/records/{record}")
        assert one.post(one.form("/decide"), verdict="counted", basis=basis).status_code == 400, basis
