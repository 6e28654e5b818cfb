"""The board before the deadline, what phones say that they hold, reminders, the list of whom to chase, the start."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select, update

from server.core.clock import now_ms, today
from server.core.db import reading, writing
from server.models import AuditLine, Campaign, Device, Officer
from server.models.installation import lock_catalog
from support.clients.client import Client
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world.changes import seal
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

HELD = {"writes": 3, "photos": 2, "bytes": 1_400_000}


def telling(world: World, username: str) -> Any:
    """A phone of that officer: `tell(held)` syncs with nothing to send, and says what it holds."""
    client = Client(world.app.test_client(), world.token(username))

    def tell(held: object, **more: Any) -> None:
        answer = client.post("/sync", json={"app": 3, "held": held, **more})
        assert answer.status_code == 200, answer.get_data(as_text=True)

    return tell


def lines(desk: Any) -> dict[str, str]:
    """Each unit's line on the board with what it opens to, as text."""
    found = {}
    for card in re.findall(r"<li data-unit=.*?</details></li>", desk.html, re.DOTALL):
        text = " ".join(unescape(re.sub(r"<[^>]+>", " ", card)).split())
        found[re.search(r'data-unit="([^"]*)"', card)[1]] = text  # type: ignore[index]
    return found


def text_for(desk: Any, unit: str) -> str:
    """The reminder to copy."""
    card = next(card for card in desk.html.split("<li ") if card.startswith(f'data-unit="{unit}"'))
    found = re.search(r"<textarea[^>]*>(.*?)</textarea>", card, re.DOTALL)
    return unescape(found[1]) if found else ""


def test_who_is_silent_waits_or_has_sent(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer, one = phone("xa1"), desk("tinh")
    officer.create(quantity=1)
    officer.sync()
    seal(world, "dinhcao", "12397")
    one.get("/desk/board")
    assert set(lines(one)) == {"Xã Chính Nghĩa", "Xã Nhân La"}, "who has sent needs no reminder"
    assert "Đã có số liệu, chưa xác nhận 1 mục chờ duyệt" in lines(one)["Xã Chính Nghĩa"]
    assert "Chưa báo cáo" in lines(one)["Xã Nhân La"]
    one.get("/desk/board?who=sent")
    assert set(lines(one)) == {"Xã Đình Cao"}
    assert text_for(one, "Xã Đình Cao") == ""


def test_a_phone_tells_what_it_holds_and_the_district_reads_it(world: World, desk: MakeDesk) -> None:
    one, tell = desk("huyen"), telling(world, "xa1")
    one.get("/desk/board")
    assert "1 thiết bị chưa cho biết còn gì chưa gửi" in lines(one)["Xã Chính Nghĩa"]
    tell(HELD)
    one.get("/desk/board?who=holding")
    assert set(lines(one)) == {"Xã Chính Nghĩa"}
    waiting = "Chưa gửi, còn trên điện thoại (tính chung mọi đợt): 3 lần ghi, 2 ảnh, tệp (1,4 MB)"
    assert waiting in lines(one)["Xã Chính Nghĩa"]
    assert "phiên bản 3" in lines(one)["Xã Chính Nghĩa"]
    tell({"writes": 0, "photos": 0, "bytes": 0})
    one.get("/desk/board?who=holding")
    assert lines(one) == {}


@pytest.mark.databases("both")
def test_a_replaced_phone_that_still_holds_work_is_named(world: World, desk: MakeDesk) -> None:
    one, tell = desk("huyen"), telling(world, "nhanla")
    tell(HELD)
    with world.app.app_context(), writing() as session:
        here = Device.officer_id == world.officers["nhanla"]
        session.execute(update(Device).where(here).values(replaced_at=now_ms()))
    one.get("/desk/board")
    assert "Trong đó có 1 điện thoại cũ đã được thay" in lines(one)["Xã Nhân La"]
    assert "Chưa có thiết bị nào" in lines(one)["Xã Nhân La"]
    assert "1 điện thoại cũ đã được thay vẫn còn nội dung chưa gửi" in text_for(one, "Xã Nhân La")


def test_a_reminder_is_polite_names_what_is_missing_and_nobody_else(world: World, desk: MakeDesk) -> None:
    one, tell = desk("tinh"), telling(world, "nhanla")
    tell(HELD)
    with world.app.app_context(), writing() as session:
        lock_catalog(session)
        session.get_one(Officer, world.officers["nhanla"]).phone = "0912 345 678"
    one.get("/desk/board")
    text = text_for(one, "Xã Nhân La")
    assert text.startswith("Kính gửi đồng chí Cán bộ xã Nhân La,\n")
    assert "- chưa có kết quả nào được gửi đến" in text
    waiting = "- trên điện thoại, tính chung mọi đợt, còn 3 lần ghi, 2 ảnh, tệp (1,4 MB) chưa gửi; đề nghị mở ứng dụng"
    assert waiting in text
    assert text.endswith("Trân trọng cảm ơn.")
    assert "Chính Nghĩa" not in text
    assert 'href="tel:0912345678"' in one.html
    assert 'href="https://zalo.me/0912345678"' in one.html


def test_the_list_of_whom_to_chase_as_a_file_with_its_line_in_the_log(world: World, desk: MakeDesk) -> None:
    with world.app.app_context(), writing() as session:
        lock_catalog(session)
        session.get_one(Officer, world.officers["nhanla"]).name = "=HYPERLINK(1)"
    seal(world, "xa1")
    one = desk("huyen")
    answer = one.http.get("/desk/board.csv?csv=comma", buffered=True)
    assert answer.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [row[0] for row in rows if len(row) > 5] == ["Đơn vị", "Xã Nhân La"]
    assert rows[-1][9] == "'=HYPERLINK(1)"
    answer = one.http.get("/desk/board.xlsx?who=all", buffered=True)
    sheet = load_workbook(io.BytesIO(answer.data)).worksheets[0]
    assert [row[0].value for row in sheet.iter_rows(min_row=6)] == ["Xã Chính Nghĩa", "Xã Nhân La"]
    assert [row[9].data_type for row in sheet.iter_rows(min_row=6)] == ["s", "s"], "no formula"
    with world.app.app_context(), reading() as session:
        noted = session.scalars(select(AuditLine.new).where(AuditLine.act == "exported").order_by(AuditLine.number))
        assert [json.loads(each) for each in noted] == [
            {"format": form, "table": "board", "unit": world.units["331"]} for form in ("csv", "xlsx")
        ]


def tiles(desk: Any) -> dict[str, str]:
    """The numbers of the first page by their words."""
    found = re.findall(r"<b>((?:(?!</b>).)*)</b> <span>([^<]*)</span></(?:a|p)>", desk.html, re.DOTALL)
    return {unescape(words): " ".join(re.sub(r"<[^>]+>", "", value).split()) for value, words in found}


@pytest.mark.slow
def test_the_first_page_of_each_role(desk: MakeDesk, phone: MakePhone) -> None:
    officer = phone("xa1")
    returned, *_ = [officer.create(quantity=number) for number in (1, 2)]
    officer.sync()
    district = desk("huyen")
    district.get(f"/desk/records/{returned}")
    district.post(district.form("/decide"), verdict="returned", reason="Ghi rõ.")
    district.get("/desk/")
    assert tiles(district)["chờ đồng chí xử lý"] == "1"
    assert tiles(district)["đơn vị cần đôn đốc"] == "2"
    assert "Các đơn vị thuộc huyện Kim Động" in district.text
    commune = desk("xa1")
    commune.get("/desk/")
    assert tiles(commune)["đề nghị bổ sung"] == "1"
    assert "Xem trước và xác nhận" in commune.text
    province = desk("tinh")
    province.get("/desk/")
    rows = re.findall(r"<tr[^>]*>.*?</tr>", province.html, re.DOTALL)
    lanes = {name: re.findall(r"<b>([^<]*)</b>", row) for row in rows for name in ("Kim Động", "Phù Cừ") if name in row}
    assert lanes == {"Kim Động": ["1/2", "0/2", "1", "0", "1", "–"], "Phù Cừ": ["0/1", "0/1", "0", "0", "1", "–"]}
    assert "việc nền" not in tiles(province)
    keeper = desk("quantri")
    keeper.get("/desk/")
    assert tiles(keeper)["việc nền"] == "không chạy", "no worker ever looked"
    assert tiles(keeper)["cán bộ có tài khoản"] == "8"


@pytest.mark.slow
@pytest.mark.costly
def test_every_number_of_the_first_page_opens(desk: MakeDesk, phone: MakePhone) -> None:
    officer = phone("xa1")
    officer.create(quantity=2)
    officer.sync()
    for who in ("xa1", "tinh"):
        one = desk(who)
        main = one.get("/desk/").partition("<main")[2]
        ways = {unescape(at) for at in re.findall(r'<a[^>]* href="(/desk[^"]*)"', main)} | {
            unescape(at) for at in re.findall(r'<a href="(/desk[^"]*)"', main)
        }
        assert ways
        for at in ways:
            one.get(at)
            assert one.status == 200, (who, at)


def test_long_before_the_due_date_only_what_was_returned_is_chased(
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    """All units are behind then, and a list of all of them is none."""
    with world.app.app_context(), writing() as session:
        session.execute(update(Campaign).values(due_before=today() + timedelta(days=10)))
    officer, one = phone("xa1"), desk("huyen")
    record = officer.create(quantity=1)
    officer.sync()
    one.get("/desk/")
    assert "0 đơn vị cần đôn đốc" in one.text
    one.get("/desk/board")
    assert lines(one) == {}
    assert "Trước hạn hơn 3 ngày chỉ đôn đốc nội dung đề nghị bổ sung." in one.text
    one.get("/desk/board?who=all")
    assert "chưa có kết quả nào" in text_for(one, "Xã Nhân La"), "who wants to remind them may"
    one.get(f"/desk/records/{record}")
    one.post(one.form("/decide"), verdict="returned", reason="Đề nghị chụp lại.")
    one.get("/desk/board")
    assert set(lines(one)) == {"Xã Chính Nghĩa"}
    with world.app.app_context(), writing() as session:
        session.execute(update(Campaign).values(due_before=today() + timedelta(days=4)))
    one.get("/desk/board")
    assert set(lines(one)) == {"Xã Chính Nghĩa", "Xã Nhân La"}
