"""Rescue files at the desk: a phone's own writes by another road, once, whoever brings them (SPEC R-1, R-6 to R-9)."""

from __future__ import annotations

import errno
import io
import itertools
import os
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from server.blobs.files import FileBlobs
from server.clock import now_ms
from server.db import reading, writing
from server.models import Device, Membership, Officer, Rescue, WriteRow
from server.services.journal import Author, Result, accept
from server.services.rescue import taking
from server.services.rescue.opening import Sealed
from support.client import Client, Shot, shot
from support.phone import Phone
from support.rescue_file import rescue_file
from support.world import World

MakeDesk = Callable[..., Any]
RESULTS = ("Vừa nhận", "Đã có từ trước", "Chưa nhận, chờ phần đầu của bản ghi", "Không nhận được")


@dataclass
class Lost:
    """A phone that has enrolled and cannot send: what it keeps, and its file."""

    world: World
    username: str
    enrolment: dict[str, str] = field(default_factory=dict)
    photos: list[Shot] = field(default_factory=list)

    def __post_init__(self) -> None:
        body = {"code": self.world.code(self.username), "label": "Điện thoại của xã"}
        self.enrolment = self.world.app.test_client().post("/api/v1/enrolment", json=body).get_json()
        self.client = Client(self.world.app.test_client(), self.enrolment["token"])
        self.phone = Phone(self.send, self.enrolment["unit"], self.world.campaign)

    def send(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        answer = self.client.post("/sync", json=body)
        return answer.status_code, answer.get_json()

    @property
    def device(self) -> str:
        return self.enrolment["device"]

    def banner(self, photo: Shot | None = None, **values: Any) -> str:
        self.photos += [photo] if photo else []
        return self.phone.create(quantity=1, **values, **(photo.register if photo else {}))

    def five_writes_and_two_photos(self) -> list[str]:
        records = [self.banner(shot(1), note="Cổng chợ"), self.banner(shot(2)), self.banner()]
        self.phone.edit(records[0], note="Cổng chợ Trung")
        self.phone.edit(records[2], hamlet="Thôn Tạ Thượng")
        return records

    def file(self, **bent: Any) -> bytes:
        photos = [data for photo in self.photos for data in (photo.thumb, photo.data)]
        given = {"device": self.device, "key": self.enrolment["rescue_key"], "writes": self.phone.outbox}
        return rescue_file(**given | {"photos": photos} | bent)


@pytest.fixture
def lost(world: World) -> Callable[[str], Lost]:
    return lambda username: Lost(world, username)


def hand_in(one: Any, data: bytes, **more: Any) -> int:
    """Hand in a file and follow to what became of it; the status of the answer."""
    one.get("/desk/rescue")
    answer = one.post(one.form("/desk/rescue"), file=(io.BytesIO(data), "cuu-ho.loa"), **more)
    if answer.status_code == 303:
        one.follow()
    status: int = answer.status_code
    return status


def sums(one: Any) -> tuple[list[int], list[int]]:
    """The table of what was done: writes and photos, by RESULTS."""
    rows = re.findall(
        r'<th scope="row">([^<]*)</th><td class="number">(\d+)</td><td class="number">(\d+)</td>', one.html
    )
    assert [row[0] for row in rows] == list(RESULTS)
    return [int(row[1]) for row in rows], [int(row[2]) for row in rows]


def stored(world: World) -> dict[str, tuple[str, str | None]]:
    """(officer, device) of each stored write."""
    with world.app.app_context(), reading() as session:
        rows = session.scalars(select(WriteRow))
        return {row.id: (row.officer_id, row.device_id) for row in rows}


def kept_files(world: World) -> list[str]:
    folder = world.app.extensions["loa_settings"].data_dir / "rescue"
    return sorted(path.suffix for path in folder.glob("*"))


def verified(one: Lost) -> list[str]:
    hashes = [hash_ for photo in one.photos for hash_ in (photo.sha256, photo.thumb_sha256)]
    return [row["state"] for row in one.client.sync(photos=hashes)["photos"]]


def revoke(world: World, device: str) -> None:
    with world.app.app_context(), writing() as session:
        session.execute(update(Device).where(Device.id == device).values(revoked_at=1))


def test_the_whole_way(world: World, desk: MakeDesk, lost: Callable[[str], Lost]) -> None:
    """R-1, R-8: handed in, again, and then the phone finds its network."""
    one, reviewer = lost("xa1"), desk("huyen")
    one.five_writes_and_two_photos()
    ids = [write["id"] for write in one.phone.outbox]
    assert hand_in(reviewer, one.file()) == 303
    assert sums(reviewer) == ([5, 0, 0, 0], [4, 0, 0, 0])
    assert "Cán bộ 1 xã Chính Nghĩa" in reviewer.text
    assert reviewer.text.count("Chính Nghĩa BR-") == 3
    assert "chưa về máy chủ" not in reviewer.text
    mine = (world.officers["xa1"], one.device)
    assert stored(world) == dict.fromkeys(ids, mine)

    assert hand_in(reviewer, one.file()) == 303
    assert sums(reviewer) == ([0, 5, 0, 0], [0, 4, 0, 0])
    assert stored(world) == dict.fromkeys(ids, mine)

    answer = one.phone.sync()
    assert [row["id"] for row in answer["results"]] == ids
    assert {row["result"] for row in answer["results"]} == {"stored"}
    assert (one.phone.outbox, one.phone.refused) == ([], {})
    assert stored(world) == dict.fromkeys(ids, mine)
    assert verified(one) == ["verified"] * 4
    assert kept_files(world) == []


def test_a_file_after_the_sync_changes_nothing(world: World, desk: MakeDesk, lost: Callable[[str], Lost]) -> None:
    one, reviewer = lost("xa1"), desk("huyen")
    one.five_writes_and_two_photos()
    old = one.file()
    one.phone.sync()
    before = stored(world)
    assert hand_in(reviewer, old) == 303
    assert sums(reviewer) == ([0, 5, 0, 0], [4, 0, 0, 0])
    assert stored(world) == before


def test_the_officer_hands_in_the_own_file(desk: MakeDesk, lost: Callable[[str], Lost]) -> None:
    """R-7"""
    one = lost("xa1")
    one.banner()
    officer = desk("xa1")
    assert hand_in(officer, one.file()) == 303
    assert sums(officer)[0] == [1, 0, 0, 0]
    officer.get("/desk/rescue")
    assert "Tệp đã nộp gần đây" in officer.text
    assert officer.location in officer.html


@pytest.mark.parametrize("username", ["xa2", "nhanla", "phucu"])
def test_a_file_of_another_unit_or_colleague_is_left_to_them(
    world: World, desk: MakeDesk, lost: Callable[[str], Lost], username: str
) -> None:
    one, other = lost("xa1"), desk(username)
    one.banner()
    assert hand_in(other, one.file()) == 403
    assert "của cán bộ đơn vị khác" in other.text
    assert stored(world) == {}
    reviewer = desk("huyen")
    hand_in(reviewer, one.file())
    other.get(reviewer.location)
    assert other.status == 404


def test_who_moved_away_hands_in_by_the_reviewer_of_before(
    world: World, desk: MakeDesk, lost: Callable[[str], Lost]
) -> None:
    one, reviewer = lost("xa1"), desk("huyen")
    one.banner()
    with world.app.app_context(), writing() as session:
        theirs = Membership.officer_id == world.officers["xa1"]
        session.execute(update(Membership).where(theirs).values(ended_at=1))  # long ago: no grace is left
    assert hand_in(reviewer, one.file()) == 303
    assert sums(reviewer)[0] == [0, 0, 0, 1]
    assert "thuộc đơn vị khác" in reviewer.text
    assert stored(world) == {}


def test_a_replaced_device_is_one_like_any_other(world: World, desk: MakeDesk, lost: Callable[[str], Lost]) -> None:
    """R-8"""
    old, reviewer = lost("xa1"), desk("huyen")
    old.banner(shot(1))
    lost("xa1")  # a new phone of the same officer
    assert hand_in(reviewer, old.file()) == 303
    assert sums(reviewer) == ([1, 0, 0, 0], [2, 0, 0, 0])
    assert set(stored(world).values()) == {(world.officers["xa1"], old.device)}


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
    world: World, desk: MakeDesk, lost: Callable[[str], Lost], how: str, words: str
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
    world: World, desk: MakeDesk, lost: Callable[[str], Lost]
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


def test_one_bad_write_blocks_nothing(world: World, desk: MakeDesk, lost: Callable[[str], Lost]) -> None:
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
    assert "kiểu dữ liệu" in reviewer.text
    assert "Số lượng" in reviewer.text
    assert "chưa có phần đầu" in reviewer.text


def test_a_photo_that_is_none_and_one_that_no_write_names_are_told(desk: MakeDesk, lost: Callable[[str], Lost]) -> None:
    one, reviewer = lost("xa1"), desk("huyen")
    fake = Shot(b"no photo at all", shot(1).thumb)
    one.banner(fake)
    assert hand_in(reviewer, one.file(photos=[fake.thumb, fake.data, shot(3).data])) == 303
    assert sums(reviewer) == ([1, 0, 0, 0], [1, 0, 0, 2])
    assert "không phải ảnh" in reviewer.text
    assert "Chưa nhận được bản ghi nào có ảnh này" in reviewer.text


def test_photos_that_are_missing_are_counted(desk: MakeDesk, lost: Callable[[str], Lost]) -> None:
    one, reviewer = lost("xa1"), desk("huyen")
    one.banner(shot(1))
    assert hand_in(reviewer, one.file(photos=[one.photos[0].thumb])) == 303
    assert "Còn 1 ảnh" in reviewer.text


def test_two_people_hand_in_the_same_file_at_once(world: World, desk: MakeDesk, lost: Callable[[str], Lost]) -> None:
    one = lost("xa1")
    one.five_writes_and_two_photos()
    data, gate = one.file(), threading.Barrier(2)
    people = [desk("huyen"), desk("xa1")]
    for person in people:
        person.get("/desk/rescue")
    forms = [person.form("/desk/rescue") for person in people]
    statuses = []

    def act(person: Any, form: Any) -> None:
        gate.wait()
        statuses.append(person.post(form, file=(io.BytesIO(data), "cuu-ho.loa")).status_code)

    threads = [threading.Thread(target=act, args=pair) for pair in zip(people, forms, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [303, 303]
    told = []
    for person in people:
        person.follow()
        told.append(sums(person))
    assert [sum(column) for column in zip(*(writes for writes, _ in told), strict=True)] == [5, 5, 0, 0]
    assert [sum(photos[:2]) for _, photos in told] == [4, 4]
    assert len(stored(world)) == 5
    assert verified(one) == ["verified"] * 4


def photo_of(one: Any, record: str, photo: Shot) -> bytes:
    answer = one.http.get(f"/desk/records/{record}/photos/{photo.sha256[:16]}/full", buffered=True)
    data: bytes = answer.data
    return data


def entries(one: Any) -> list[Any]:
    return [form for form in one.forms() if form.action.endswith("/take")]


def test_of_a_revoked_phone_a_reviewer_takes_write_by_write(
    world: World, desk: MakeDesk, lost: Callable[[str], Lost]
) -> None:
    """R-9"""
    one, reviewer = lost("xa1"), desk("huyen")
    record = one.banner(shot(1), note="Cổng chợ")
    one.phone.edit(record, note="Cổng chợ Trung")
    other = one.banner(note="để lại")
    ids = [write["id"] for write in one.phone.outbox]
    revoke(world, one.device)
    officer = desk("xa1")
    assert hand_in(officer, one.file()) == 403
    assert "đã bị thu hồi" in officer.text

    assert hand_in(reviewer, one.file()) == 303
    assert stored(world) == {}
    assert all(words in reviewer.text for words in ("đã bị thu hồi", "Cổng chợ", "Cổng chợ Trung", "để lại"))
    assert [form.values["write"] for form in entries(reviewer)] == [[id_] for id_ in ids]
    page = reviewer.location
    small = re.search(r'<img src="(/desk/rescue/[^"]*)"', reviewer.html)
    assert small is not None
    assert reviewer.http.get(small[1], buffered=True).data[:2] == b"\xff\xd8"  # seen before it is taken
    assert desk("phucu").http.get(small[1], buffered=True).status_code == 404
    assert reviewer.http.get(small[1][:-1] + "-", buffered=True).status_code == 404

    assert reviewer.post(entries(reviewer)[1]).status_code == 422  # its record is not here yet
    assert "chưa có phần đầu" in reviewer.text
    for _ in range(2):
        assert reviewer.post(entries(reviewer)[0]).status_code == 303
        reviewer.get(page)
    mine = (world.officers["huyen"], None)
    assert stored(world) == {ids[0]: mine, ids[1]: mine}
    assert [form.values["write"] for form in entries(reviewer)] == [[ids[2]]]
    assert "đứng tên Người duyệt huyện Kim Động" in reviewer.text

    reviewer.get(f"/desk/records/{record}")
    assert "Cổng chợ Trung" in reviewer.text
    assert not reviewer.has_form("/decide")  # who took it in does not decide on it (D-6)
    assert photo_of(reviewer, record, one.photos[0]) == one.photos[0].data
    province = desk("tinh")
    province.get(f"/desk/records/{record}")
    assert province.has_form("/decide")

    again = lost("xa1")  # enrolled anew, the phone still has its outbox
    again.phone.outbox = list(one.phone.outbox)
    again.phone.sync()
    assert again.phone.refused == {}
    assert stored(world) == {ids[0]: mine, ids[1]: mine, ids[2]: (world.officers["xa1"], again.device)}
    assert other in again.phone.records


def test_photos_of_what_a_revoked_phone_had_sent_before(
    world: World, desk: MakeDesk, lost: Callable[[str], Lost]
) -> None:
    one, reviewer = lost("xa1"), desk("huyen")
    record = one.banner(shot(1))
    one.phone.sync()
    revoke(world, one.device)
    assert hand_in(reviewer, one.file()) == 303
    assert reviewer.post(reviewer.form("/photos")).status_code == 303
    reviewer.follow()
    assert "Đã nhận thêm 2 ảnh" in reviewer.text
    assert photo_of(reviewer, record, one.photos[0]) == one.photos[0].data


def test_a_revoked_phone_shows_each_reviewer_their_own_units_and_nobody_else(
    world: World, desk: MakeDesk, lost: Callable[[str], Lost]
) -> None:
    one = lost("xa1")
    one.banner(note="của Chính Nghĩa")
    elsewhere = Phone(one.send, world.units["12397"], world.campaign)
    elsewhere.create(note="của Đình Cao")
    one.phone.outbox += elsewhere.outbox
    revoke(world, one.device)
    reviewer = desk("huyen")
    assert hand_in(reviewer, one.file()) == 303
    assert "của Chính Nghĩa" in reviewer.text
    assert "của Đình Cao" not in reviewer.text
    assert "1 mục của đơn vị khác" in reviewer.text
    form = entries(reviewer)[0]
    assert reviewer.post(form, write=elsewhere.outbox[0]["id"]).status_code == 422
    assert stored(world) == {}
    for username in ("phucu", "xa1", "xa2"):
        other = desk(username)
        other.get(reviewer.location)
        assert other.status == 404
        other.get("/desk/rescue")
        form.values["csrf_token"] = other.form("/desk/rescue").values["csrf_token"]
        assert other.post(form).status_code == 404
    assert stored(world) == {}


def test_an_administrator_sees_and_does_not_write(world: World, desk: MakeDesk, lost: Callable[[str], Lost]) -> None:
    one, admin = lost("xa1"), desk("quantri")
    one.banner(note="Cổng chợ")
    revoke(world, one.device)
    assert hand_in(admin, one.file()) == 303
    assert "Cổng chợ" in admin.text
    assert entries(admin) == []
    assert "không ghi thay" in admin.text


def test_a_phone_whose_account_was_disabled(world: World, desk: MakeDesk, lost: Callable[[str], Lost]) -> None:
    one, reviewer = lost("xa1"), desk("huyen")
    one.banner(note="Cổng chợ")
    with world.app.app_context(), writing() as session:
        session.execute(update(Officer).where(Officer.id == world.officers["xa1"]).values(disabled_at=1))
    assert hand_in(reviewer, one.file()) == 303
    assert stored(world) == {}
    assert len(entries(reviewer)) == 1


def test_a_phone_that_a_restored_hub_does_not_know(world: World, desk: MakeDesk, lost: Callable[[str], Lost]) -> None:
    """R-9: it enrolled after the backup was made."""
    one, reviewer = lost("xa1"), desk("huyen")
    one.banner(note="Cổng chợ")
    with world.app.app_context(), writing() as session:
        session.execute(delete(Device).where(Device.id == one.device))
    assert hand_in(desk("xa1"), one.file()) == 422
    assert hand_in(reviewer, one.file()) == 303
    assert "đã được phục hồi" in reviewer.text
    assert reviewer.post(entries(reviewer)[0]).status_code == 303
    assert len(stored(world)) == 1


def test_a_file_that_waits_is_kept_for_thirty_days(world: World, desk: MakeDesk, lost: Callable[[str], Lost]) -> None:
    one, reviewer = lost("xa1"), desk("huyen")
    one.banner(note="Cổng chợ")
    revoke(world, one.device)
    hand_in(reviewer, one.file())
    form, page = entries(reviewer)[0], reviewer.location
    assert kept_files(world) == [".loa"]
    held = next((world.app.extensions["loa_settings"].data_dir / "rescue").glob("*.loa"))
    os.utime(held, (0, time.time() - 31 * 24 * 3600))
    hand_in(reviewer, b"anything")
    assert kept_files(world) == []
    reviewer.get(page)
    assert "Đã quá 30 ngày" in reviewer.text
    assert reviewer.post(form).status_code == 404


def test_a_disk_that_fills_up_in_the_middle_leaves_nothing_half(
    world: World, desk: MakeDesk, lost: Callable[[str], Lost], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, reviewer = lost("xa1"), desk("huyen")
    one.five_writes_and_two_photos()
    calls, put = itertools.count(), FileBlobs.put

    def full(self: FileBlobs, key: str, source: Path) -> None:
        if next(calls) == 3:  # the first thumbnail is kept, with the smaller one made of it; of the first photo half
            raise OSError(errno.ENOSPC, "No space left on device")
        put(self, key, source)

    monkeypatch.setattr(FileBlobs, "put", full)
    assert hand_in(reviewer, one.file()) == 503
    monkeypatch.undo()
    assert len(stored(world)) == 5
    assert sorted(verified(one)) == ["verified", "wanted", "wanted", "wanted"]
    assert kept_files(world) == []
    assert hand_in(reviewer, one.file()) == 303
    assert sums(reviewer) == ([0, 5, 0, 0], [3, 1, 0, 0])
    assert verified(one) == ["verified"] * 4


def test_a_database_that_fails_in_the_middle_keeps_what_was_committed(
    world: World, desk: MakeDesk, lost: Callable[[str], Lost], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, reviewer = lost("xa1"), desk("huyen")
    one.five_writes_and_two_photos()
    calls = itertools.count()

    def fail(session: Session, author: Author, raws: list[Any]) -> list[Result]:
        results = accept(session, author, raws)
        if next(calls) == 1:
            raise OperationalError("INSERT", {}, RuntimeError("disk I/O error"))
        return results

    monkeypatch.setattr(taking, "AT_ONCE", 2)
    monkeypatch.setattr(taking, "accept", fail)
    assert hand_in(reviewer, one.file()) == 503
    assert set(stored(world)) == {write["id"] for write in one.phone.outbox[:2]}
    assert hand_in(reviewer, one.file()) == 303
    assert sums(reviewer) == ([3, 2, 0, 0], [4, 0, 0, 0])


def test_poison_in_a_file_that_waits_hides_nothing_else(
    world: World, desk: MakeDesk, lost: Callable[[str], Lost]
) -> None:
    one, reviewer = lost("xa1"), desk("huyen")
    head = {"at": 1, "unit": world.units["12286"]}
    here = head | {"campaign": world.campaign}
    sets: list[dict[str, Any]] = [
        here | {"kind": "broadcast", "set": {"schedule": {"from": "hôm qua"}}},
        here | {"kind": "banner", "set": {"photos/0123456789abcdef": {"sha256": 7}}},
        here | {"kind": "parade", "set": {"note": "đoàn diễu hành"}},
        head | {"kind": "banner", "campaign": "C" * 16, "set": {"slogan": "s1"}},
    ]
    poison = [{"id": f"poison-{number:09}", **raw} for number, raw in enumerate(sets)]
    one.banner(note="Cổng chợ")
    revoke(world, one.device)
    assert hand_in(reviewer, one.file(writes=[*poison, None, *one.phone.outbox])) == 303
    assert all(words in reviewer.text for words in ("hôm qua", "đoàn diễu hành", "Cổng chợ", "1 mục của đơn vị khác"))
    assert [form.values["write"] for form in entries(reviewer)] == [[one.phone.outbox[0]["id"]]]
    form = entries(reviewer)[0]
    for raw in poison:
        assert reviewer.post(form, write=raw["id"]).status_code == 422
    assert reviewer.post(form).status_code == 303
    assert list(stored(world)) == [one.phone.outbox[0]["id"]]


@pytest.mark.parametrize("at", [0, 1])
def test_a_phone_that_is_revoked_while_its_file_is_taken_in(
    world: World, desk: MakeDesk, lost: Callable[[str], Lost], monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    """L-7, R-9: from then on nothing is taken by itself, and the same file waits for a person."""
    one, reviewer = lost("xa1"), desk("huyen")
    one.five_writes_and_two_photos()
    calls = itertools.count()

    def revoked(session: Session, device_id: str) -> None:
        session.get_one(Device, device_id).revoked_at = now_ms()

    def accept_and_revoke(session: Session, author: Author, raws: list[Any]) -> list[Result]:
        results = accept(session, author, raws)
        if next(calls) == at - 1:
            revoked(session, one.device)
        return results

    def check_and_revoke(self: Sealed, **named: Any) -> Any:
        found = check(self, **named)
        if at == 0:
            with writing() as session:
                revoked(session, one.device)
        return found

    check = Sealed.check
    monkeypatch.setattr(Sealed, "check", check_and_revoke)
    monkeypatch.setattr(taking, "AT_ONCE", 2)
    monkeypatch.setattr(taking, "accept", accept_and_revoke)
    assert hand_in(reviewer, one.file()) == 403
    assert set(stored(world)) == {write["id"] for write in one.phone.outbox[: 2 * at]}
    monkeypatch.undo()
    assert hand_in(reviewer, one.file()) == 303
    assert len(entries(reviewer)) == 5 - 2 * at


def test_two_files_handed_in_at_once(world: World, desk: MakeDesk, lost: Callable[[str], Lost]) -> None:
    """What the other one is done with is gone between the listing of the folder and the look at it."""
    one, reviewer = lost("xa1"), desk("huyen")
    one.banner()
    folder = world.app.extensions["loa_settings"].data_dir / "rescue"
    folder.mkdir()
    (folder / "other.part").symlink_to(folder / "gone")
    assert hand_in(reviewer, one.file()) == 303
