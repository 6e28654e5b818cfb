"""Rescue files at the desk: a phone's own writes by another road, once, whoever brings them (SPEC R-1, R-6 to R-9)."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from server.core.clock import now_ms, stopped_at, today
from server.core.db import writing
from server.models import Membership
from server.services.jobs.minding import Chores
from server.services.recovery.rescue import viewing
from server.serving.installation import installed
from support.clients.client import shot
from support.clients.desk import MakeDesk
from support.world.lost import Lost, MakeLost, entries, hand_in, kept_files, revoke, stored, sums, verified
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


@pytest.mark.slow
def test_the_whole_way(world: World, desk: MakeDesk, lost: MakeLost) -> None:
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


def test_a_file_after_the_sync_changes_nothing(world: World, desk: MakeDesk, lost: MakeLost) -> None:
    one, reviewer = lost("xa1"), desk("huyen")
    one.five_writes_and_two_photos()
    old = one.file()
    one.phone.sync()
    before = stored(world)
    assert hand_in(reviewer, old) == 303
    assert sums(reviewer) == ([0, 5, 0, 0], [4, 0, 0, 0])
    assert stored(world) == before


def test_the_officer_hands_in_the_own_file(desk: MakeDesk, lost: MakeLost) -> None:
    """R-7"""
    one = lost("xa1")
    one.banner()
    officer = desk("xa1")
    assert hand_in(officer, one.file()) == 303
    assert sums(officer)[0] == [1, 0, 0, 0]
    officer.get("/desk/rescue")
    assert "Tệp đồng chí đã nộp" in officer.text
    assert officer.location in officer.html


def test_files_that_were_handed_in_are_paged(desk: MakeDesk, lost: MakeLost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewing, "PAGE", 2)
    officer, one = desk("xa1"), lost("xa1")
    files = []
    for _ in range(3):
        one.banner()
        assert hand_in(officer, one.file()) == 303
        files.append(officer.location)
    officer.get("/desk/rescue")
    assert [file in officer.html for file in files] == [False, True, True], "the newest first"
    assert "?page=2" in officer.html
    officer.get("/desk/rescue?page=2")
    assert [file in officer.html for file in files] == [True, False, False]


def test_a_colleague_of_the_same_commune_hands_a_file_in(world: World, desk: MakeDesk, lost: MakeLost) -> None:
    """R-7: the phone is broken, and its officer on leave; the writes stay that officer's."""
    one, colleague = lost("xa1"), desk("xa2")
    one.five_writes_and_two_photos()
    assert hand_in(colleague, one.file()) == 303
    assert sums(colleague) == ([5, 0, 0, 0], [4, 0, 0, 0])
    assert set(stored(world).values()) == {(world.officers["xa1"], one.device)}


@pytest.mark.parametrize("username", ["nhanla", "phucu"])
def test_a_file_of_another_unit_is_left_to_them(world: World, desk: MakeDesk, lost: MakeLost, username: str) -> None:
    one, other = lost("xa1"), desk(username)
    one.banner()
    assert hand_in(other, one.file()) == 403
    assert "của cán bộ đơn vị khác" in other.text
    assert stored(world) == {}
    reviewer = desk("huyen")
    hand_in(reviewer, one.file())
    other.get(reviewer.location)
    assert other.status == 404


def test_who_moved_away_hands_in_by_the_reviewer_of_before(world: World, desk: MakeDesk, lost: MakeLost) -> None:
    one, reviewer = lost("xa1"), desk("huyen")
    one.banner()
    with world.app.app_context(), writing() as session:
        theirs = Membership.officer_id == world.officers["xa1"]
        session.execute(update(Membership).where(theirs).values(ended_at=1))  # long ago: no grace is left
    assert hand_in(reviewer, one.file()) == 303
    assert sums(reviewer)[0] == [0, 0, 0, 1]
    assert "thuộc đơn vị khác" in reviewer.text
    assert stored(world) == {}


def test_a_replaced_device_is_one_like_any_other(world: World, desk: MakeDesk, lost: MakeLost) -> None:
    """R-8"""
    old, reviewer = lost("xa1"), desk("huyen")
    old.banner(shot(1))
    lost("xa1")  # a new phone of the same officer
    assert hand_in(reviewer, old.file()) == 303
    assert sums(reviewer) == ([1, 0, 0, 0], [2, 0, 0, 0])
    assert set(stored(world).values()) == {(world.officers["xa1"], old.device)}


def test_an_administrator_sees_and_does_not_write(world: World, desk: MakeDesk, lost: MakeLost) -> None:
    one, admin = lost("xa1"), desk("quantri")
    one.banner(note="Cổng chợ")
    revoke(world, one.device)
    assert hand_in(admin, one.file()) == 303
    assert "Cổng chợ" in admin.text
    assert entries(admin) == []
    assert "không ghi thay" in admin.text


def aired_until_tomorrow(one: Lost) -> date:
    """A broadcast that confirms today and tomorrow, which is returned."""
    there = today()
    schedule = {"from": there.isoformat(), "to": (there + timedelta(days=3)).isoformat(), "times_a_day": 2}
    day = there + timedelta(days=1)
    aired: dict[str, Any] = {f"aired/{there:%Y%m%d}": 2, f"aired/{day:%Y%m%d}": 2}
    record = one.phone.create("broadcast", programme="own", script="Tin", standing=True, schedule=schedule, **aired)
    one.phone.edit(record, note="Đã kiểm tra")
    return day


def a_day_later(world: World) -> None:
    """The night's chores of this host, a day later, by a worker of its own."""
    with stopped_at(now_ms() + 24 * 3600_000), world.app.app_context():
        Chores(installed(world.app).jobs).mind()


def test_a_day_to_come_says_until_when_it_waits_and_is_taken_by_itself(
    world: World, desk: MakeDesk, lost: MakeLost
) -> None:
    """F-38: the day, and not the name of a register; nobody hands the file in again, and what is behind it comes."""
    world.goes_on()
    one, reviewer = lost("xa1"), desk("huyen")
    one.banner(shot(1))
    day = aired_until_tomorrow(one)
    hand_in(reviewer, one.file())
    page = reviewer.location
    assert sums(reviewer)[0] == [1, 0, 2, 0]
    assert f"tự nhận khi sang ngày {day:%d/%m/%Y}" in reviewer.text
    assert "aired" not in reviewer.text
    assert len(kept_files(world)) == 1
    with world.app.app_context():
        Chores(installed(world.app).jobs).mind()
    assert len(stored(world)) == 1, "not before its day"
    a_day_later(world)
    reviewer.get(page)
    assert sums(reviewer) == ([3, 0, 0, 0], [2, 0, 0, 0])
    assert len(stored(world)) == 3
    assert kept_files(world) == []


def test_a_day_to_come_of_a_phone_that_was_revoked_meanwhile_waits_for_a_person(
    world: World, desk: MakeDesk, lost: MakeLost
) -> None:
    """F-38, R-9"""
    world.goes_on()
    one, reviewer = lost("xa1"), desk("huyen")
    aired_until_tomorrow(one)
    hand_in(reviewer, one.file())
    page = reviewer.location
    revoke(world, one.device)
    a_day_later(world)
    assert stored(world) == {}
    with stopped_at(now_ms() + 24 * 3600_000):
        again = desk("huyen")
        again.get(page)
        assert len(entries(again)) == 2


def test_a_file_that_cannot_be_read_keeps_no_other_waiting(
    world: World, desk: MakeDesk, lost: MakeLost, caplog: pytest.LogCaptureFixture
) -> None:
    """F-38: a folder stands in the place of the first file; the second is taken that night."""
    world.goes_on()
    first, second, reviewer = lost("xa1"), lost("xa1"), desk("huyen")
    aired_until_tomorrow(first)
    hand_in(reviewer, first.file())
    folder = installed(world.app).settings.data_dir / "rescue"
    (bad,) = folder.glob("*")
    aired_until_tomorrow(second)
    hand_in(reviewer, second.file())
    bad.unlink()
    bad.mkdir()
    (bad / "x").touch()
    before = len(stored(world))
    a_day_later(world)
    assert len(stored(world)) == before + 2
    assert list(folder.glob("*")) == [bad]
    (line,) = [each for each in caplog.messages if bad.stem in each]
    assert re.fullmatch(rf"rescue file {re.escape(bad.stem)} waits on: IsADirectoryError in \w+\.py, line \d+", line)


def test_a_file_that_waits_and_is_gone_is_to_be_handed_in_again(world: World, desk: MakeDesk, lost: MakeLost) -> None:
    """F-38: as on the other host of two."""
    world.goes_on()
    one, reviewer = lost("xa1"), desk("huyen")
    day = aired_until_tomorrow(one)
    hand_in(reviewer, one.file())
    page = reviewer.location
    for path in (installed(world.app).settings.data_dir / "rescue").glob("*"):
        path.unlink()
    reviewer.get(page)
    assert f"Đề nghị nộp lại tệp này từ ngày {day:%d/%m/%Y}." in reviewer.text
    a_day_later(world)
    assert stored(world) == {}
    with stopped_at(now_ms() + 24 * 3600_000):
        again = desk("huyen")
        hand_in(again, one.file())
        assert sums(again)[0] == [2, 0, 0, 0]
