"""The whole way, once for each tree of units: from the letter over records, hints and decisions to matrix and board.

Everything goes through the forms and addresses that a browser without JavaScript and the phones use. The figures,
reports and papers that follow are in the journeys with a browser (tests/e2e/test_main_job.py, test_tree_2025.py).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from desk.test_board import lines
from desk.test_progress import matrix
from sqlalchemy import select

from server.core.db import reading
from server.models import Hint, SampleRule
from server.services.review.sampling import sample
from support.clients.client import Client
from support.clients.desk import Desk, MakeDesk, token_of
from support.clients.phone import Phone
from support.jobs.checks import checked
from support.letters import files
from support.letters.desk import previewed, published, uploaded
from support.world import tree_2025
from support.world.approving import bulk, leaflet, states
from support.world.world import World, world_of

LATE = {"due_before": "2099-01-01"}
"""Nothing is late then: lateness is a warning of its own."""


def phone_of(world: World, username: str, unit: str, campaign: str) -> Phone:
    """A phone in a campaign that was just published."""
    client = Client(world.app.test_client(), world.token(username))

    def send(body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        answer = client.post("/sync", json=body)
        return answer.status_code, answer.get_json()

    return Phone(send, world.units[unit], campaign)


def doubtful(world: World) -> set[str]:
    """The records with a hint "cần xem"."""
    with world.app.app_context(), reading() as session:
        return set(session.scalars(select(Hint.record_id).where(Hint.grade == "look")))


@pytest.mark.slow
@pytest.mark.databases("sqlite")
def test_from_the_letter_of_2021_to_matrix_and_board(world: World, desk: MakeDesk) -> None:
    campaign = published(desk("tinh"), **LATE, **{"expected.leaflets": "30"})
    near, far = phone_of(world, "xa1", "12286", campaign), phone_of(world, "nhanla", "12289", campaign)
    clean = [leaflet(near, distributed=number) for number in (7, 8)] + [leaflet(far, distributed=9)]
    odd = leaflet(near, distributed=12, received=5)
    banner = near.create(slogan="s2", quantity=1, put_up_on="2021-07-06")
    near.sync(), far.sync()
    checked(world)
    assert doubtful(world) == {odd}, "more was given out than received"

    one = desk("huyen")
    here = f"campaign={campaign}"
    one.get(f"/desk/queue?{here}")
    assert "Duyệt tất cả 3 mục của bộ lọc này" in one.text
    assert "Mục chưa đủ ảnh hoặc đang kiểm tra không duyệt cùng lúc được" in one.text
    one.post(bulk(one, "all"))
    one.follow()
    one.post(one.form("/undo"))
    assert Counter(states(world).values()) == {"waiting": 5}, "undone as one"
    one.get(f"/desk/queue?{here}")
    one.post(bulk(one, "all"))
    assert {states(world)[record] for record in clean} == {"counted"}

    one.get(f"/desk/review?{here}&at={banner}")
    one.post(one.form("/decide"), template="trial")
    assert states(world)[banner] == "not_counted"
    one.follow()
    one.post(one.form("/undo"))
    assert states(world)[banner] == "waiting"
    one.get(f"/desk/review?{here}&at={banner}")
    one.post(one.form("/decide"), template="trial")
    one.get(f"/desk/records/{odd}")
    assert "Cần xem" in one.text
    one.post(one.form("/decide"), verdict="returned", reason="Đề nghị xem lại số đã phát", fields=["distributed"])
    near.sync()
    told = near.records[odd].decision
    assert told is not None
    assert (told["verdict"], told["reason"]) == ("returned", "Đề nghị xem lại số đã phát")

    one.get(f"/desk/board?{here}")
    assert "1 mục đề nghị bổ sung" in lines(one)["Xã Chính Nghĩa"]
    near.edit(odd, distributed=5)
    near.sync()
    checked(world)
    assert doubtful(world) == set()
    assert states(world)[odd] == "amended"
    one.get(f"/desk/records/{odd}")
    assert re.search(r"12\s+5\b", one.text), "what was there, and what is there now"
    one.post(one.form("/decide"), verdict="counted")

    one.get(f"/desk/progress?{here}")
    assert {name: cells[1] for name, cells in matrix(one).items() if name.startswith("Xã")} == {
        "Xã Chính Nghĩa": "20/30",
        "Xã Nhân La": "9/30",
    }
    one.get(f"/desk/board?{here}&who=all")
    for unit in ("Xã Chính Nghĩa", "Xã Nhân La"):
        assert "Đã có số liệu, chưa xác nhận" in lines(one)[unit]
        assert "chờ duyệt" not in lines(one)[unit]


@pytest.fixture
def today_s(database_url: str, tmp_path: Path) -> Iterator[World]:
    """The province of 2025."""
    with world_of(tree_2025.fill, database_url, tmp_path / "data", {}) as made:
        yield made


@pytest.mark.slow
@pytest.mark.databases("sqlite")
def test_from_a_letter_of_2025_to_the_board_reviewed_by_sample(today_s: World) -> None:
    """Communes stand right below the province, whose one reviewer looks at a sample of each."""

    def desk(username: str) -> Desk:
        made = Desk(today_s.app.test_client())
        token_of(today_s, made, username)
        return made

    head, duty = desk("tinh"), desk("duyet")
    uploaded(head, files.word(LETTER))
    previewed(head, starts_on="2025-07-01", ends_on="2025-07-31", name=NAME, slogans=SLOGAN, hotline="111", **LATE)
    head.post(head.form("/publish"))
    campaign = head.location.rpartition("/")[2]
    head.get(f"/desk/campaigns/{campaign}/amend")
    head.post(head.form("/sample"), percent="25", least="1")

    day = date(2025, 7, 5).isoformat()
    made: dict[str, list[str]] = {}
    for username, unit, count in (("phohien", "11953", 8), ("chiminh", "12286", 4)):
        phone = phone_of(today_s, username, unit, campaign)
        made[unit] = [leaflet(phone, distributed=number + 3, distributed_on=day) for number in range(count)]
        phone.sync()
    checked(today_s)
    with today_s.app.app_context(), reading() as session:
        rule = session.get_one(SampleRule, campaign)
        drawn = {record for ids in made.values() for record in sample(rule, ids)}
    assert len(drawn) == 3, "a quarter of each"

    here = f"campaign={campaign}"
    duty.get(f"/desk/queue?{here}&state=sample")
    assert set(re.findall(r'class="record" href="/desk/records/([\w-]{16})', duty.html)) == drawn
    for record in sorted(drawn):
        duty.get(f"/desk/records/{record}")
        duty.post(duty.form("/decide"), verdict="counted")
    duty.get(f"/desk/queue?{here}")
    assert "Duyệt theo mẫu 9 mục không rút" in duty.text
    duty.post(bulk(duty, "sample"))
    assert set(states(today_s).values()) == {"counted"}
    head.get(f"/desk/report?{here}")
    assert "Đã xem từng bản ghi 3/12 bản ghi có quyết định" in head.text
    head.get(f"/desk/board?{here}&who=all")
    assert "Chưa báo cáo" in lines(head)["Xã Như Quỳnh"]
    assert "Đã có số liệu, chưa xác nhận" in lines(head)["Phường Phố Hiến"]

    ward = desk("phohien")
    ward.get(f"/desk/report?{here}")
    sent = "Công văn số 1482/SYT-BTXH ngày 08/7/2025 của Sở Y tế"
    assert f"Thực hiện {sent}" in ward.text, "the letter that was addressed to it"
    assert "Kính gửi: Sở Y tế tỉnh Hưng Yên" in ward.text
    assert "“Ngày toàn dân phòng, chống mua bán người” năm 2025" in ward.text
    head.get(f"/desk/report?{here}")
    assert "Thực hiện Kế hoạch số 97/KH-UBND ngày 20/6/2025 của Ủy ban nhân dân tỉnh" in head.text
    assert "1482/SYT-BTXH" not in head.text, "who sent it cites what it rests on"
    for one in (ward, head):
        assert "- Công an tỉnh;" in one.text


NAME = "Ngày toàn dân phòng, chống mua bán người năm 2025"
SLOGAN = "Vì một cộng đồng không có mua bán người"
LETTER = """Số: 1482/SYT-BTXH
Hưng Yên, ngày 08 tháng 7 năm 2025
Kính gửi: Ủy ban nhân dân các xã, phường
Thực hiện Kế hoạch số 97/KH-UBND ngày 20/6/2025 của Ủy ban nhân dân tỉnh về phòng, chống mua bán người năm 2025, \
Sở Y tế đề nghị Ủy ban nhân dân các xã, phường phát tờ rơi tuyên truyền về “Ngày toàn dân phòng, chống mua bán người” \
năm 2025 và báo cáo kết quả về Sở Y tế trước ngày 10/8/2025 để tổng hợp./."""
