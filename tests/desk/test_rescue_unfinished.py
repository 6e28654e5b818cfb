"""What a phone had not saved comes in its rescue file, is shown, and becomes no record (SPEC R-11, R-12)."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from typing import Any

import pytest

from server.serving.installation import installed
from support.clients.client import Shot, shot
from support.clients.desk import MakeDesk
from support.world.lost import Lost, MakeLost, hand_in, kept_files, revoke, stored, sums
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

AT = 1_626_900_000_000


def draft(one: Lost, mark: str, photo: Shot, **values: Any) -> dict[str, Any]:
    """A form for a new banner that nobody saved."""
    home = {"kind": "banner", "unit": one.enrolment["unit"], "campaign": one.world.campaign}
    return {"draft": {"id": mark * 16, "at": AT, **home, "set": {**values, **photo.register}}}


def waiting(mark: str, photo: Shot) -> dict[str, Any]:
    """A photo of which nobody said what it is of."""
    return {"draft": {"id": mark * 16, "at": AT, "set": photo.register}}


def file_with(one: Lost, drafts: list[Any], photos: list[Shot]) -> bytes:
    one.photos += photos
    return one.file(writes=[*one.phone.outbox, *drafts])


def links(one: Any, end: str) -> list[str]:
    return re.findall(rf'(?:src|href)="(/desk/rescue/[^"]*/unfinished/\w+{end})"', one.html)


def test_drafts_and_waiting_photos_are_shown_and_counted_nowhere(world: World, desk: MakeDesk, lost: MakeLost) -> None:
    one, reviewer = lost("xa1"), desk("huyen")
    one.banner(note="Cổng chợ")
    form, loose = shot(2), shot(3)
    drafts = [draft(one, "D", form, hamlet="Thôn Tạ Thượng", quantity=2), waiting("E", loose)]
    assert hand_in(reviewer, file_with(one, drafts, [form, loose])) == 303
    assert sums(reviewer) == ([1, 0, 0, 0], [0, 0, 0, 0])  # neither taken nor refused
    assert len(stored(world)) == 1
    for words in ("Đang ghi dở trên điện thoại", "Thôn Tạ Thượng", "Ảnh chưa thành bản ghi"):
        assert words in reviewer.text
    assert "Chưa nhận được" not in reviewer.text
    small, whole = links(reviewer, ""), links(reviewer, "/file")
    assert (len(small), len(whole)) == (2, 2)
    assert reviewer.http.get(small[0], buffered=True).data[:2] == b"\xff\xd8"
    answer = reviewer.http.get(whole[1], buffered=True)
    assert answer.data == loose.data
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert reviewer.http.get(small[0][:-1] + "-", buffered=True).status_code == 404
    assert desk("phucu").http.get(whole[0], buffered=True).status_code == 404

    assert hand_in(reviewer, file_with(one, drafts, [])) == 303  # again: as before
    assert sums(reviewer) == ([0, 1, 0, 0], [0, 0, 0, 0])
    assert "Ảnh chưa thành bản ghi" in reviewer.text


def test_a_draft_that_was_saved_since_is_one_record(world: World, desk: MakeDesk, lost: MakeLost) -> None:
    """R-11: its photo is taken as of the record; what was handed in before changes nothing."""
    one, reviewer = lost("xa1"), desk("huyen")
    photo = shot(2)
    assert hand_in(reviewer, file_with(one, [draft(one, "D", photo)], [photo])) == 303
    assert stored(world) == {}
    one.banner(photo)
    one.photos = [photo]
    assert hand_in(reviewer, file_with(one, [draft(one, "D", photo)], [])) == 303
    assert sums(reviewer) == ([1, 0, 0, 0], [2, 0, 0, 0])


def test_what_is_no_draft_is_passed_over_and_stops_nothing(desk: MakeDesk, lost: MakeLost) -> None:
    one, reviewer = lost("xa1"), desk("huyen")
    one.banner()
    bad: list[Any] = [None, 7, {}, {"id": "D" * 16, "at": "x", "set": {}}, {"id": "D" * 16, "at": 1, "set": {"<b>": 1}}]
    elsewhere = {"id": "F" * 16, "at": AT, "kind": "banner", "unit": "X" * 16, "set": {"note": "nơi khác"}}
    assert hand_in(reviewer, file_with(one, [{"draft": each} for each in [*bad, elsewhere]], [])) == 303
    assert sums(reviewer)[0] == [1, 0, 0, 0]
    assert "nơi khác" not in reviewer.text
    assert "1 mục của đơn vị khác" in reviewer.text


def test_bytes_that_are_no_photo_are_not_served(desk: MakeDesk, lost: MakeLost) -> None:
    one, reviewer = lost("xa1"), desk("huyen")
    page = b"<script>alert(1)</script>" * 20
    bent = Shot(shot(4).data, page)
    assert hand_in(reviewer, file_with(one, [waiting("E", bent)], [bent])) == 303
    both = links(reviewer, "/file") + links(reviewer, "")
    assert len(both) == 2
    for link in both:
        answer = reviewer.http.get(link, buffered=True)
        assert b"alert(1)" not in answer.data


HALF_FILLED: list[tuple[str, dict[str, Any], list[str]]] = [
    (
        "broadcast",
        # The schedule as a new form has it at first.
        {"schedule": {"from": "2021-07-20", "to": "2021-07-21"}, "minutes": "15 phút", "note": "Loa cụm 3"},
        ["from: 2021-07-20; to: 2021-07-21", "15 phút", "Loa cụm 3"],
    ),
    ("broadcast", {"schedule": {"from": None, "to": "2021-07-21", "times_a_day": 2}}, ["to: 2021-07-21"]),
    ("broadcast", {"schedule": "mai", "aired/99": "x"}, ["mai"]),
    ("banner", {"place": {"lat_e6": 20_730_000}, "quantity": {"a": 1}}, ["lat_e6: 20730000", "a: 1"]),
]


@pytest.mark.parametrize(("kind", "values", "words"), HALF_FILLED)
def test_what_is_half_filled_in_is_shown_as_it_is(
    desk: MakeDesk, lost: MakeLost, kind: str, values: dict[str, Any], words: list[str]
) -> None:
    one, reviewer = lost("xa1"), desk("huyen")
    half = draft(one, "D", shot(2), **values)
    half["draft"]["kind"] = kind
    assert hand_in(reviewer, file_with(one, [half], [])) == 303
    assert all(each in reviewer.text for each in words)


def test_beside_what_is_half_filled_in_the_rest_is_shown_by_its_kind(desk: MakeDesk, lost: MakeLost) -> None:
    one, reviewer = lost("xa1"), desk("huyen")
    half = draft(one, "D", shot(2), schedule={"from": "2021-07-20"}, minutes=15)
    half["draft"]["kind"] = "broadcast"
    assert hand_in(reviewer, file_with(one, [half], [])) == 303
    assert "15 phút" in reviewer.text


@pytest.mark.parametrize("unit", [{}, {"unit": ""}, {"unit": "<b>"}, {"unit": 7}, {"unit": "X" * 16}])
@pytest.mark.parametrize("more", [{"record": "R" * 16}, {"kind": "banner"}, {"set": {"note": "không rõ đơn vị"}}])
def test_only_a_photo_of_which_nothing_is_said_needs_no_unit(
    desk: MakeDesk, lost: MakeLost, unit: dict[str, Any], more: dict[str, Any]
) -> None:
    """R-12"""
    one, reviewer = lost("xa1"), desk("huyen")
    photo = shot(3)
    said = waiting("E", photo)["draft"]
    both = {**said, **unit, **more, "set": {**said["set"], **more.get("set", {})}}
    assert hand_in(reviewer, file_with(one, [{"draft": both}], [photo])) == 303
    assert links(reviewer, "") == []
    assert "không rõ đơn vị" not in reviewer.text
    assert "1 mục của đơn vị khác" in reviewer.text


def test_of_a_revoked_phone_drafts_are_shown_beside_the_writes(world: World, desk: MakeDesk, lost: MakeLost) -> None:
    """R-9"""
    one, reviewer = lost("xa1"), desk("huyen")
    one.banner(note="Cổng chợ")
    revoke(world, one.device)
    photo = shot(2)
    assert hand_in(reviewer, file_with(one, [draft(one, "D", photo, note="dở dang")], [photo])) == 303
    assert stored(world) == {}
    assert "Cổng chợ" in reviewer.text
    assert "dở dang" in reviewer.text
    assert len(links(reviewer, "/file")) == 1


def test_after_thirty_days_the_page_says_that_it_is_gone(world: World, desk: MakeDesk, lost: MakeLost) -> None:
    one, reviewer = lost("xa1"), desk("huyen")
    assert hand_in(reviewer, file_with(one, [waiting("E", photo := shot(3))], [photo])) == 303
    page = reviewer.location
    assert kept_files(world) == [".loa"]
    folder: Path = installed(world.app).settings.data_dir / "rescue"
    old = time.time() - 31 * 86_400
    for path in folder.glob("*.loa"):
        os.utime(path, (old, old))
    other = lost("xa2")
    other.banner()
    hand_in(reviewer, other.file())
    assert kept_files(world) == []
    reviewer.get(page)
    assert "đã quá 30 ngày" in reviewer.text
