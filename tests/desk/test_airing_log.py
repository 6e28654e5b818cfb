"""The log of a scheduler and of the source information system: read, shown, taken; nothing twice, nothing guessed."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import docx
import pytest
from sqlalchemy import select

from server.core.db import reading
from server.core.problem_details import Problem
from server.models import Record
from server.services.airing_log.reading import from_text, scheduler, source
from server.services.airing_log.reading import read as read_log
from server.services.comparison.grid import CellGrid, of_lines
from server.services.records.stored import as_write, writes_of
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.tour.colleagues import judge
from support.world import asked
from support.world.world import World
from sync.record import State
from sync.registry import KINDS

TODAY = date(2021, 7, 30)
FIRST, SECOND = "Phòng, chống mua bán người - bài 1", "Phòng, chống mua bán người - bài 2"


def shown(desk: Any, data: bytes, name: str, status: int = 200) -> str:
    form = next(form for form in desk.forms() if form.action.endswith("/airing-log"))
    answer = desk.post(form, file=(io.BytesIO(data), name))
    assert answer.status_code == status
    html: str = desk.html
    return html


def taken(desk: Any, *titles: str) -> str:
    form = next(form for form in desk.forms() if form.action.endswith("/take"))
    assert desk.post(form, take=list(titles)).status_code == 303
    html: str = desk.follow()
    return html


def broadcasts(world: World) -> list[dict[str, Any]]:
    with world.app.app_context(), reading() as session:
        ids = session.scalars(select(Record.id).where(Record.kind == "broadcast").order_by(Record.number)).all()
        states = [State.of(as_write(row) for row in rows) for rows in writes_of(session, ids).values()]
        return [{name: state.value(name) for name in state.fields} for state in states]


def test_both_samples_become_records_and_nothing_comes_twice(world: World, desk: MakeDesk) -> None:
    one = desk("xa1")
    one.get("/desk/airing-log")
    html = shown(one, scheduler(), "a.csv")
    assert "5 lượt phát chưa ghi" in html
    html = taken(one, FIRST)
    assert "Đã ghi 4 lượt phát thành 1 bản ghi" in html
    [made] = broadcasts(world)
    assert made["schedule"] == {"from": "2021-07-21", "to": "2021-07-22", "times_a_day": 2}
    assert (made["minutes"], made["hours"], made["programme"]) == (15, "05:30, 17:00", "own")
    assert (made["aired/20210721"], made["aired/20210722"], made["submitted"]) == (2, 2, True)
    assert KINDS["broadcast"].figures
    html = shown(one, source(), "b.xlsx")
    assert "3 lượt phát chưa ghi" in html
    assert "1 dòng không phát được" in html
    html = taken(one, SECOND, "Thời sự tỉnh")
    assert [(each["script"], each["programme"]) for each in broadcasts(world)[1:]] == [
        (SECOND, "own"),
        ("Thời sự tỉnh", "relay"),
    ]
    # The first file again, and a tick that is sent twice.
    html = shown(one, scheduler(), "a.csv")
    assert "1 lượt phát chưa ghi" in html
    assert "Các lượt phát này đã được ghi" in taken(one, FIRST)
    assert len(broadcasts(world)) == 3


def test_a_file_that_overlaps_another_brings_what_is_new(world: World, desk: MakeDesk) -> None:
    one = desk("xa1")
    one.get("/desk/airing-log")
    row = "{};{};Bài A.mp3;00:05:00\n".format
    head = "Ngày;Giờ phát;Tên tệp;Thời lượng\n"
    shown(one, (head + row("21/07/2021", "05:00") + row("23/07/2021", "05:00")).encode(), "a.csv")
    taken(one, "Bài A")
    [made] = broadcasts(world)
    assert [made[f"aired/202107{day}"] for day in (21, 22, 23)] == [1, 0, 1], "a day in between had none"
    shown(one, (head + row("23/07/2021", "05:00") + row("23/07/2021", "17:00")).encode(), "b.csv")
    taken(one, "Bài A")
    assert [(each["hours"], each["aired/20210723"]) for each in broadcasts(world)] == [("05:00", 1), ("17:00", 1)]


def test_what_a_phone_recorded_without_times_covers_the_day(desk: MakeDesk, phone: MakePhone) -> None:
    officer = phone("xa1")
    schedule = {"from": "2021-07-21", "to": "2021-07-21", "times_a_day": 2}
    said = {"schedule": schedule, "minutes": 15, "standing": True, "aired/20210721": 2}
    officer.create("broadcast", script=FIRST.upper(), **said)
    officer.sync()
    one = desk("xa1")
    one.get("/desk/airing-log")
    assert "3 lượt phát chưa ghi" in shown(one, scheduler(), "a.csv")


def test_each_airing_of_a_day_has_its_time_in_the_log_book(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """F-41. What a phone said of one day is no airing that a log brings again."""
    officer = phone("xa1")
    schedule = {"from": "2021-07-21", "to": "2021-07-24", "times_a_day": 2}
    days = {"aired/20210721": 2, "aired/20210722": 1, "aired_at/20210722": "17:10", "aired/20210723": 1}
    record = officer.create(
        "broadcast", script="Bài A", schedule=schedule, minutes=15, hours="5h30 và 17 giờ", standing=True, **days
    )
    officer.sync()
    judge(world, record, "counted")
    file = docx.Document(asked.got(world, desk("xa1"), "12286", "log_book", **{"from": "2021-07-19"}))
    head, _, *rows = [[cell.text for cell in row.cells] for row in file.tables[0].rows]
    assert [(row[head.index("Giờ phát")], row[head.index("Đã phát")]) for row in rows] == [
        ("05:30, 17:00", "2"),
        ("17:10", "1"),
        ("", "1"),  # which of the two is not known
        ("05:30, 17:00", "–"),  # nobody confirmed it: as it is planned
    ]
    one = desk("xa1")
    one.get(f"/desk/records/{record}")
    assert "22/7/2021: 1 lượt (17:10)" in one.text.replace("22/07", "22/7")
    one.get("/desk/airing-log")
    lines = [f"{day}/07/2021;{time};Bài A.mp3;00:15:00" for day, time in ((21, "17:00"), (22, "17:10"), (22, "05:30"))]
    heads = "Ngày;Giờ phát;Tên tệp;Thời lượng"
    html = shown(one, "\n".join([heads, *lines]).encode(), "a.csv")
    assert "1 lượt phát chưa ghi" in html, "the one of 05:30 on the second day"


def test_only_who_records_for_the_unit_may(world: World, desk: MakeDesk) -> None:
    one = desk("nhanla")
    assert one.http.get(f"/desk/airing-log?unit={world.units['12286']}").status_code in (403, 404)
    one.get("/desk/airing-log")
    assert "Đề nghị chọn tệp" in shown(one, b"", "", 422)
    assert "tệp mẫu" in shown(one, b"A;B\n1;2\n", "a.csv", 422)
    for kind in ("csv", "xlsx"):
        assert one.http.get(f"/desk/airing-log/sample/{kind}").status_code == 200
    assert one.http.get("/desk/airing-log/sample/exe").status_code == 404


def grid(*lines: str) -> CellGrid:
    return of_lines([line.split("|") for line in lines])


def test_nothing_is_guessed() -> None:
    found = read_log(
        grid(
            "NHẬT KÝ|||",
            "Thời gian phát|Nội dung|Thời lượng (phút)|Trạng thái",
            "21/07/2021 05:30|Bài A|14,5|Đã phát",
            "21/07/2021 05:30|bài a|14,5|Đã phát",
            "21/07/2021|Bài A|14|Đã phát",
            "hôm qua|Bài A|14|Đã phát",
            "01/08/2021 05:30|Bài A|14|Đã phát",
            "22/07/2021 17h|Bài A|dài|Đã phát",
            "22/07/2021 17h|Bài A|10|Không phát được",
            "22/07/2021 17h|.mp3|10|Đã phát",
        ),
        TODAY,
    )
    assert [(each.day, each.time, each.title, each.minutes) for each in found.plays] == [
        ("2021-07-21", "05:30", "Bài A", 15)
    ]
    assert (found.twice, found.unaired) == (1, 1)
    assert [(each.row, each.code) for each in found.faults] == [
        (5, "time"),
        (6, "day"),
        (7, "ahead"),
        (8, "length"),
        (10, "title"),
    ]


@pytest.mark.parametrize(
    ("time", "end", "length", "minutes"),
    [
        ("5h30", "5h45", "", 15),
        ("23:50", "00:05", "", 15),
        ("0.25", "", "00:00:20", 1),
        ("05:30", "", "1:02:00", 62),
        ("05:30", "", "07:30", 8),
    ],
)
def test_lengths(time: str, end: str, length: str, minutes: int) -> None:
    found = read_log(grid("Ngày|Giờ|Giờ kết thúc|Tin bài|Thời lượng", f"21/07/2021|{time}|{end}|A|{length}"), TODAY)
    assert [each.minutes for each in found.plays] == [minutes]


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"titles":["a"],"stations":[""],"plays":[["x","05:00",0,5,0,0]]}'])
def test_what_no_page_sent_is_refused(text: str) -> None:
    with pytest.raises(Problem, match="bad_request"):
        from_text(text)
