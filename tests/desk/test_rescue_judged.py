"""Of a phone that is revoked or unknown a reviewer takes write by write; its file waits for that (SPEC R-9)."""

from __future__ import annotations

import itertools
import os
import re
import time
from typing import Any

import pytest
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from server.core.clock import now_ms
from server.core.db import writing
from server.models import Device, Officer
from server.services.records.journal import accept
from server.services.records.stored import Author, Result
from server.services.recovery import outbox
from server.services.recovery.rescue import taking
from server.services.recovery.rescue.opening import Sealed
from server.serving.installation import installed
from support.clients.client import shot
from support.clients.desk import MakeDesk
from support.clients.phone import Phone
from support.world.lost import MakeLost, entries, hand_in, kept_files, photo_of, revoke, stored
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


@pytest.mark.slow
def test_of_a_revoked_phone_a_reviewer_takes_write_by_write(world: World, desk: MakeDesk, lost: MakeLost) -> None:
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
    again.phone.outbox.extend(one.phone.outbox)
    again.phone.sync()
    assert again.phone.refused == {}
    assert stored(world) == {ids[0]: mine, ids[1]: mine, ids[2]: (world.officers["xa1"], again.device)}
    assert other in again.phone.records


def test_photos_of_what_a_revoked_phone_had_sent_before(world: World, desk: MakeDesk, lost: MakeLost) -> None:
    one, reviewer = lost("xa1"), desk("huyen")
    record = one.banner(shot(1))
    one.phone.sync()
    revoke(world, one.device)
    assert hand_in(reviewer, one.file()) == 303
    assert reviewer.post(reviewer.form("/photos")).status_code == 303
    reviewer.follow()
    assert "Đã nhận thêm 2 tệp" in reviewer.text
    assert photo_of(reviewer, record, one.photos[0]) == one.photos[0].data


def test_a_revoked_phone_shows_each_reviewer_their_own_units_and_nobody_else(
    world: World, desk: MakeDesk, lost: MakeLost
) -> None:
    one = lost("xa1")
    one.banner(note="của Chính Nghĩa")
    elsewhere = Phone(one.send, world.units["12397"], world.campaign)
    elsewhere.create(note="của Đình Cao")
    one.phone.outbox.extend(elsewhere.outbox)
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


def test_a_phone_whose_account_was_disabled(world: World, desk: MakeDesk, lost: MakeLost) -> None:
    one, reviewer = lost("xa1"), desk("huyen")
    one.banner(note="Cổng chợ")
    with world.app.app_context(), writing() as session:
        session.execute(update(Officer).where(Officer.id == world.officers["xa1"]).values(disabled_at=1))
    assert hand_in(reviewer, one.file()) == 303
    assert stored(world) == {}
    assert len(entries(reviewer)) == 1


def test_a_phone_that_a_restored_hub_does_not_know(world: World, desk: MakeDesk, lost: MakeLost) -> None:
    """R-9: it enrolled after the backup was made."""
    one, reviewer = lost("xa1"), desk("huyen")
    one.banner(note="Cổng chợ")
    with world.app.app_context(), writing() as session:
        session.execute(delete(Device).where(Device.id == one.device))
    assert hand_in(desk("xa1"), one.file()) == 422
    assert hand_in(reviewer, one.file()) == 303
    assert "đã được khôi phục" in reviewer.text
    assert reviewer.post(entries(reviewer)[0]).status_code == 303
    assert len(stored(world)) == 1


def test_a_file_that_waits_is_kept_for_thirty_days(world: World, desk: MakeDesk, lost: MakeLost) -> None:
    one, reviewer = lost("xa1"), desk("huyen")
    one.banner(note="Cổng chợ")
    revoke(world, one.device)
    hand_in(reviewer, one.file())
    form, page = entries(reviewer)[0], reviewer.location
    assert kept_files(world) == [".loa"]
    held = next((installed(world.app).settings.data_dir / "rescue").glob("*.loa"))
    os.utime(held, (0, time.time() - 31 * 24 * 3600))
    hand_in(reviewer, b"anything")
    assert kept_files(world) == []
    reviewer.get(page)
    assert "Đã quá 30 ngày" in reviewer.text
    assert reviewer.post(form).status_code == 404


@pytest.mark.parametrize(("kept", "left"), [(0, 0), (5, 0), (-1, 1)])
def test_a_file_that_waits_and_is_cut_short_since_is_said_to_be(
    world: World, desk: MakeDesk, lost: MakeLost, kept: int, left: int
) -> None:
    """A disk may lose what it had; the page says so and shows what is left."""
    one, reviewer = lost("xa1"), desk("huyen")
    one.banner(note="Cổng chợ")
    revoke(world, one.device)
    hand_in(reviewer, one.file())
    form, page = entries(reviewer)[0], reviewer.location
    held = next((installed(world.app).settings.data_dir / "rescue").glob("*.loa"))
    held.write_bytes(held.read_bytes()[:kept])
    reviewer.get(page)
    assert "Tệp lưu ở đây bị hỏng" in reviewer.text
    assert len(entries(reviewer)) == left
    assert reviewer.post(form).status_code == (303 if left else 404)


@pytest.mark.parametrize("at", [0, 1])
def test_a_phone_that_is_revoked_while_its_file_is_taken_in(
    world: World, desk: MakeDesk, lost: MakeLost, monkeypatch: pytest.MonkeyPatch, at: int
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
    monkeypatch.setattr(outbox, "accept", accept_and_revoke)
    assert hand_in(reviewer, one.file()) == 403
    assert set(stored(world)) == {write["id"] for write in one.phone.outbox[: 2 * at]}
    monkeypatch.undo()
    assert hand_in(reviewer, one.file()) == 303
    assert len(entries(reviewer)) == 5 - 2 * at
