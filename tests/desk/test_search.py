"""The search box: numbers, units, slogans and texts without tone marks, and only what the account may see."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select, update

from server.core.db import reading, writing
from server.models import Campaign, RecordListing, StreamWord
from server.services.review import searching
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world.purging import purge
from support.world.world import World

Found = dict[str, str]


def names(desk: Any) -> list[str]:
    """The records of the page, in order."""
    return [" ".join(found.split()) for found in re.findall(r"<strong>([^<]*[A-Z]{2}-\d+)</strong>", desk.html)]


@pytest.fixture
def told(phone: MakePhone) -> Found:
    """Records of two communes of one district and of a commune of another, by name."""
    one, two, far = phone("xa1"), phone("nhanla", "12289"), phone("xa1")
    made = {
        "market": one.create(slogan="s1", hamlet="Thôn Đông", note="Cổng chợ Đầu mối, xóm Gạo"),
        "school": one.create(slogan="s2", note="Trường Tiểu học"),
        "rally": one.create("event", name="Mít tinh hưởng ứng", held_on="2021-07-28"),
        "radio": two.create("broadcast", script="Bài tuyên truyền ở chợ", minutes=5),
    }
    one.sync(), two.sync(), far.sync()
    return made


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("BR-1 Chính Nghĩa", "market"),
        ("chinh nghia br1", "market"),
        ("sk-1", "rally"),
        ("SK 1", "rally"),
        ("PT–1 nhân la", "radio"),
        ("dau moi", "market"),
        ("CHỢ Đ", ""),
        ("xom gao chinh nghia", "market"),
        ("gạo", "market"),
        ("mit tinh", "rally"),
        ("phát thanh", "radio"),
        ("tieu hoc bang ron", "school"),
    ],
)
@pytest.mark.databases("sqlite")
def test_one_is_opened_at_once(told: Found, desk: MakeDesk, text: str, shown: str) -> None:
    one = desk("huyen")
    answer = one.http.get("/desk/results", query_string={"q": text, "go": "1"})
    if shown:
        assert (answer.status_code, answer.location) == (303, f"/desk/records/{told[shown]}")
    else:
        assert answer.status_code == 200
        assert "Không có bản ghi nào khớp" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("chợ", ["Nhân La PT-1", "Chính Nghĩa BR-1"]),
        ("xã chính nghĩa", ["Chính Nghĩa BR-1", "Chính Nghĩa BR-2", "Chính Nghĩa SK-1"]),
        ("băng rôn chính nghĩa", ["Chính Nghĩa BR-1", "Chính Nghĩa BR-2"]),
        ("kim dong nhan la", ["Nhân La PT-1"]),
        ("xyz chính nghĩa", []),
        ("%", []),
        ("'; DROP TABLE stream_word --", []),
        ("BR-999999", []),
    ],
)
@pytest.mark.usefixtures("told")
def test_several_are_a_list(desk: MakeDesk, text: str, shown: list[str]) -> None:
    one = desk("tinh")
    one.http.get("/desk/results", query_string={"q": text, "go": "1"})
    one.get(f"/desk/results?{'&'.join(('view=list', 'q=' + text.replace('%', '%25').replace(';', '%3B')))}")
    assert one.status == 200
    assert sorted(names(one)) == sorted(shown)


def test_slogans_are_searched_by_their_text(world: World, told: Found, desk: MakeDesk) -> None:
    with world.app.app_context(), reading() as session:
        slogans = {row["id"]: str(row["text"]) for row in session.get_one(Campaign, world.campaign).slogans}
    one = desk("huyen")
    only = next(word for word in slogans["s2"].split() if word.lower() not in slogans["s1"].lower())
    answer = one.http.get("/desk/results", query_string={"q": f"{only} chính nghĩa", "go": "1"})
    assert answer.location == f"/desk/records/{told['school']}"
    other = one.http.get("/desk/results?go=1&q=gao&campaign=of-a-page-without-records")
    assert other.location == f"/desk/records/{told['market']}"


@pytest.mark.slow
def test_nobody_finds_what_is_not_for_them(world: World, told: Found, desk: MakeDesk) -> None:
    """Neither the commune beside nor a purged record; and a corrected text is found by its new words alone."""
    beside = desk("nhanla")
    for text in ("gạo", "BR-1", "Chính Nghĩa", "mít tinh"):
        beside.get(f"/desk/results?go=1&q={text}")
        assert (beside.status, names(beside)) == (200, []), text
        assert told["market"] not in beside.html
    with world.app.app_context(), reading() as session:
        unit = session.scalars(select(RecordListing.stream_id)).first()
    assert unit
    beside.get(f"/desk/results?unit={world.units['12286']}")
    assert beside.status == 404
    one = desk("huyen")
    one.get(f"/desk/records/{told['market']}/edit")
    one.post(one.form("/edit"), **{"f.note": "Sân vận động"})
    assert one.http.get("/desk/results?go=1&q=san+van+dong").location == f"/desk/records/{told['market']}"
    assert one.http.get("/desk/results?go=1&q=gao").status_code == 200
    purge(world, told["market"])
    one.get("/desk/results?go=1&q=san+van+dong")
    assert (one.status, names(one)) == (200, [])
    with world.app.app_context(), reading() as session:
        left = set(session.scalars(select(StreamWord.word)))
    assert not left & {"san", "gao", "moi"}, "a word of a purged text, or of an earlier value, is left"
    assert {"truong", "tuyen"} <= left


def test_frequent_words_are_sought_among_the_newest(
    world: World, told: Found, desk: MakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With bounds of one: a word that few streams have is found however old it is; the page says what it left out."""
    with world.app.app_context(), writing() as session:
        old = update(RecordListing).where(RecordListing.record_id == told["market"])
        session.execute(old.values(day="2021-01-01"))
    for name, bound in (("FEW_STREAMS", 1), ("NEWEST", 1)):
        monkeypatch.setattr(searching, name, bound)
    one = desk("tinh")
    one.get("/desk/results?view=list&q=chợ")
    assert "chỉ tìm trong các bản ghi mới nhất" in one.text
    assert names(one) == ["Nhân La PT-1"]
    one.get("/desk/results?view=list&q=chợ gạo")
    assert "chỉ tìm trong các bản ghi mới nhất" not in one.text
    assert names(one) == ["Chính Nghĩa BR-1"]
