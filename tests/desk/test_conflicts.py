"""The same field by two people, and edit against delete, seen and settled at the desk (SPEC S-4 to S-8)."""

from __future__ import annotations

import re

import pytest

from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone, Phone

pytestmark = pytest.mark.databases("sqlite")


def conflicted(phone: MakePhone) -> tuple[str, Phone]:
    one, two = phone("xa1"), phone("xa2")
    record = one.create(slogan="s1", quantity=1)
    one.sync(), two.sync()
    two.at = one.at + 1000  # the later side is shown first (W-3)
    one.edit(record, quantity=5)
    two.edit(record, quantity=7)
    one.sync(), two.sync(), one.sync()
    return record, one


@pytest.mark.slow
@pytest.mark.databases("both")
@pytest.mark.costly
def test_both_sides_are_shown_and_one_is_chosen(desk: MakeDesk, phone: MakePhone) -> None:
    record, officer = conflicted(phone)
    one = desk("huyen")
    one.get(f"/desk/records/{record}")
    assert "Hai người cùng sửa" in one.text
    assert one.text.index("7 chiếc Cán bộ 2") < one.text.index("5 chiếc Cán bộ 1")
    assert 'value="counted"' not in one.html
    assert one.post(one.form("/decide"), verdict="counted").status_code == 409
    assert "Đề nghị chọn bản đúng trước khi duyệt" in one.text
    side = re.search(r'name="side.quantity" value="([^"]*)"(?:(?!name="side).)*?5 chiếc', one.html, re.DOTALL)
    assert side is not None
    form = one.form("/settle")
    assert [one.post(form, **{"side.quantity": side[1]}).status_code for _ in range(2)] == [303, 303]
    one.follow()
    assert "Hai người cùng sửa" not in one.text
    assert one.text.count("Sửa · ") == 3  # two on phones, and one settling although it was clicked twice
    officer.sync()
    assert (officer.state(record).value("quantity"), officer.state(record).conflicts) == (5, [])
    one.get("/desk/queue")
    assert "Chính Nghĩa BR-1" in one.text, "to choose is not to write (D-6), so it is still there to be decided"
    one.get(f"/desk/records/{record}")
    assert "Đồng chí đã ghi hoặc sửa" not in one.text
    assert one.post(one.form("/decide"), verdict="counted").status_code == 303


@pytest.mark.slow
def test_who_settles_with_words_of_their_own_does_not_decide(desk: MakeDesk, phone: MakePhone) -> None:
    """D-6: neither with a new value, nor by choosing the own side."""
    record, _ = conflicted(phone)
    one, above = desk("huyen"), desk("tinh")
    one.get(f"/desk/records/{record}/edit")
    one.post(one.form("/edit"), **{"f.quantity": "12"})
    one.get(f"/desk/records/{record}")
    assert "Đồng chí đã ghi hoặc sửa" in one.text
    assert "Chính Nghĩa BR-1" not in (one.get("/desk/queue") and one.text)
    above.get(f"/desk/records/{record}")
    assert above.post(above.form("/decide"), verdict="counted").status_code == 303


def test_writing_anew_settles_too(desk: MakeDesk, phone: MakePhone) -> None:
    record, officer = conflicted(phone)
    one = desk("huyen")
    one.get(f"/desk/records/{record}/edit")
    assert "7 chiếc / 5 chiếc" in one.text
    assert one.post(one.form("/edit"), **{"f.note": "không động đến số lượng"}).status_code == 303
    officer.sync()
    assert officer.state(record).conflicts == ["quantity"]
    one.get(f"/desk/records/{record}/edit")
    one.post(one.form("/edit"), **{"f.quantity": "12"})
    officer.sync()
    assert (officer.state(record).value("quantity"), officer.state(record).conflicts) == (12, [])


@pytest.mark.databases("both")
def test_a_third_version_that_came_while_the_page_was_open_is_not_settled_away(
    desk: MakeDesk, phone: MakePhone
) -> None:
    record, officer = conflicted(phone)
    one = desk("huyen")
    one.get(f"/desk/records/{record}")
    form, side = one.form("/settle"), re.search(r'name="side.quantity" value="([^"]*)"', one.html)
    assert side is not None
    officer.edit(record, quantity=20)
    officer.sync()
    one.post(form, **{"side.quantity": side[1]})
    officer.sync()
    assert officer.state(record).sides("quantity") == [20, 7]


def test_a_side_that_is_none_is_refused(desk: MakeDesk, phone: MakePhone) -> None:
    record, _ = conflicted(phone)
    one = desk("huyen")
    one.get(f"/desk/records/{record}")
    form = one.form("/settle")
    assert one.post(form).status_code == 400
    assert one.post(form, **{"side.quantity": "AAAAAAAAAAAAAAAA"}).status_code == 400


def edited_while_deleted(phone: MakePhone) -> tuple[str, Phone]:
    one, two = phone("xa1"), phone("xa2")
    record = one.create(slogan="s1", quantity=1)
    one.sync(), two.sync()
    one.delete(record)
    two.edit(record, quantity=2)
    one.sync(), two.sync(), one.sync()
    return record, one


def test_edited_while_deleted_is_kept(desk: MakeDesk, phone: MakePhone) -> None:
    record, officer = edited_while_deleted(phone)
    one = desk("huyen")
    one.get("/desk/queue")
    assert "Có người xóa, có người sửa" in one.text
    assert "Hai người cùng sửa 1" in one.text
    one.get(f"/desk/records/{record}")
    assert 'value="counted"' not in one.html
    one.post(one.form("/undelete"))
    officer.sync()
    assert not officer.state(record).edited_while_deleted
    assert officer.state(record).value("quantity") == 2


def test_edited_while_deleted_is_deleted(desk: MakeDesk, phone: MakePhone) -> None:
    record, officer = edited_while_deleted(phone)
    one = desk("huyen")
    one.get(f"/desk/records/{record}")
    one.post(one.form("/delete"))
    assert "Chính Nghĩa BR-1 Đã xóa" in " ".join(one.follow().split()) or "Bản ghi này đã bị xóa." in one.text
    officer.sync()
    assert officer.state(record).hidden


def test_deleted_and_brought_back(desk: MakeDesk, phone: MakePhone) -> None:
    officer, one = phone("xa1"), desk("huyen")
    record = officer.create(slogan="s1", quantity=1)
    officer.sync()
    one.get(f"/desk/records/{record}")
    one.post(one.form("/delete"))
    one.get("/desk/queue?state=all")
    assert one.text.count("Chính Nghĩa BR-1") == 1
    one.get("/desk/queue")
    assert "Chính Nghĩa BR-1" not in one.text
    one.get(f"/desk/records/{record}")
    one.post(one.form("/undelete"))
    assert "Chính Nghĩa BR-1 Chờ duyệt" in (one.follow() and one.text)


def test_editing_a_deleted_record_brings_it_back(desk: MakeDesk, phone: MakePhone) -> None:
    """SPEC S-8."""
    officer, one = phone("xa1"), desk("huyen")
    record = officer.create(slogan="s1", quantity=1)
    officer.delete(record)
    officer.sync()
    one.get(f"/desk/records/{record}/edit")
    one.post(one.form("/edit"), **{"f.quantity": "2"})
    officer.sync()
    state = officer.state(record)
    assert (state.hidden, state.edited_while_deleted, state.value("quantity")) == (False, False, 2)
