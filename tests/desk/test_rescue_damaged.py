"""A rescue file that is not what it should be: it is said, and the rest of it is taken (SPEC R-6)."""

from __future__ import annotations

import itertools

import pytest
from sqlalchemy import select

from server.core.db import reading
from server.models import Rescue
from support.clients.client import Shot, shot
from support.clients.desk import MakeDesk
from support.world.lost import Lost, MakeLost, hand_in, kept_files, stored, sums
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


def bent(one: Lost, how: str) -> bytes:
    """A file that is not as it should be."""
    data = one.file()
    if how == "rescue_empty":
        return b""
    if how == "rescue_not_ours":
        return b"%PDF-1.7"
    if how == "rescue_newer":
        return one.file(magic=b"LOARESCUE2\n")
    if how == "rescue_cut":
        return data[:-20]
    if how == "rescue_altered":
        return data[:-1] + bytes([data[-1] ^ 1])
    return one.file(device="F" * 16)  # rescue_foreign


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("rescue_empty", "Chưa có tệp nào"),
        ("rescue_not_ours", "không phải tệp nộp"),
        ("rescue_newer", "mới hơn máy chủ"),
        ("rescue_cut", "thiếu phần cuối"),
        ("rescue_altered", "bị hỏng hoặc bị sửa"),
        ("rescue_foreign", "không biết điện thoại"),
    ],
)
def test_what_is_not_whole_stores_nothing_and_says_why(
    world: World, desk: MakeDesk, lost: MakeLost, how: str, words: str
) -> None:
    """R-6"""
    one = lost("xa1")
    one.five_writes_and_two_photos()
    for username in ("huyen", "xa1"):
        reviewer = desk(username)
        assert hand_in(reviewer, bent(one, how)) == 422
        assert words in reviewer.text
        assert reviewer.has_form("/desk/rescue")
        assert ('name="intact"' in reviewer.html) == (how in ("rescue_cut", "rescue_altered"))
    assert stored(world) == {}
    assert kept_files(world) == []
    with world.app.app_context(), reading() as session:
        assert session.scalars(select(Rescue)).all() == []


def test_nothing_chosen(desk: MakeDesk) -> None:
    one = desk("huyen")
    one.get("/desk/rescue")
    form = one.form("/desk/rescue")
    assert one.post(form, file=None).status_code == 422
    assert "Chưa có tệp nào" in one.text


def test_of_a_damaged_file_the_rest_is_taken_when_the_phone_is_gone(
    world: World, desk: MakeDesk, lost: MakeLost
) -> None:
    one, reviewer = lost("xa1"), desk("huyen")
    one.five_writes_and_two_photos()
    cut = one.file()[:-2000]  # in the last photo
    assert hand_in(reviewer, cut) == 422
    assert hand_in(reviewer, cut, intact="1") == 303
    assert sums(reviewer) == ([5, 0, 0, 0], [3, 0, 0, 0])
    assert "Tệp bị hỏng" in reviewer.text
    assert "Còn 1 ảnh" in reviewer.text
    assert len(stored(world)) == 5


def test_a_file_that_is_too_large_is_not_read(desk: MakeDesk) -> None:
    one = desk("huyen")
    one.get("/desk/rescue")
    token = one.form("/desk/rescue").values["csrf_token"][0]
    answer = one.http.post(
        "/desk/rescue",
        data={"csrf_token": token},
        content_type="multipart/form-data",
        environ_overrides={"CONTENT_LENGTH": str(300 * 1024**2)},
    )
    assert answer.status_code == 413
    assert "Tệp quá lớn" in answer.get_data(as_text=True)


@pytest.mark.slow
def test_one_bad_write_blocks_nothing(world: World, desk: MakeDesk, lost: MakeLost) -> None:
    """R-8"""
    one, reviewer = lost("xa1"), desk("huyen")
    records = one.five_writes_and_two_photos()
    good = list(one.phone.outbox)
    poison = [
        None,
        {"id": "P" * 16, "at": 1, "record": records[0], "set": {"quantity": "nhiều"}, "seen": []},
        {"id": "Q" * 16, "at": 1, "record": "Z" * 16, "set": {"note": "x"}, "seen": []},
        {"id": "\ud800" * 16, "at": 10**20, "set": {"\0": []}},
    ]
    mixed = list(itertools.chain.from_iterable(itertools.zip_longest(good, poison, fillvalue=good[-1])))
    assert hand_in(reviewer, one.file(writes=mixed)) == 303
    writes, photos = sums(reviewer)
    assert (writes[0], writes[2], writes[3], photos) == (5, 1, 3, [4, 0, 0, 0])
    assert set(stored(world)) == {write["id"] for write in good}
    assert "Có ô ghi chưa đúng" in reviewer.text
    assert "Số lượng" in reviewer.text
    assert "chưa có phần đầu" in reviewer.text


def test_a_photo_that_is_none_and_one_that_no_write_names_are_told(desk: MakeDesk, lost: MakeLost) -> None:
    one, reviewer = lost("xa1"), desk("huyen")
    fake = Shot(b"no photo at all", shot(1).thumb)
    one.banner(fake)
    assert hand_in(reviewer, one.file(photos=[fake.thumb, fake.data, shot(3).data])) == 303
    assert sums(reviewer) == ([1, 0, 0, 0], [1, 0, 0, 2])
    assert "không phải ảnh" in reviewer.text
    assert "Chưa nhận được bản ghi nào có ảnh, tệp này" in reviewer.text


def test_photos_that_are_missing_are_counted(desk: MakeDesk, lost: MakeLost) -> None:
    one, reviewer = lost("xa1"), desk("huyen")
    one.banner(shot(1))
    assert hand_in(reviewer, one.file(photos=[one.photos[0].thumb])) == 303
    assert "Còn 1 ảnh" in reviewer.text
