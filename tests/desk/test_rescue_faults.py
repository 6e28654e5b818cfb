"""While a rescue file is taken in: two people at once, a full disk, a failing database, poison (SPEC R-8)."""

from __future__ import annotations

import errno
import io
import itertools
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from server.blobs.files import FileBlobs
from server.services.records.journal import accept
from server.services.records.stored import Author, Result
from server.services.recovery import outbox
from server.services.recovery.rescue import taking
from server.serving.installation import installed
from support.clients.desk import MakeDesk
from support.world.lost import MakeLost, entries, hand_in, kept_files, revoke, stored, sums, verified
from support.world.world import World


@pytest.mark.slow
def test_two_people_hand_in_the_same_file_at_once(world: World, desk: MakeDesk, lost: MakeLost) -> None:
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


def test_two_files_handed_in_at_once(world: World, desk: MakeDesk, lost: MakeLost) -> None:
    """What the other one is done with is gone between the listing of the folder and the look at it."""
    one, reviewer = lost("xa1"), desk("huyen")
    one.banner()
    folder = installed(world.app).settings.data_dir / "rescue"
    folder.mkdir()
    (folder / "other.part").symlink_to(folder / "gone")
    assert hand_in(reviewer, one.file()) == 303


@pytest.mark.slow
def test_a_disk_that_fills_up_in_the_middle_leaves_nothing_half(
    world: World, desk: MakeDesk, lost: MakeLost, monkeypatch: pytest.MonkeyPatch
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


@pytest.mark.slow
def test_a_database_that_fails_in_the_middle_keeps_what_was_committed(
    world: World, desk: MakeDesk, lost: MakeLost, monkeypatch: pytest.MonkeyPatch
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
    monkeypatch.setattr(outbox, "accept", fail)
    assert hand_in(reviewer, one.file()) == 503
    assert set(stored(world)) == {write["id"] for write in one.phone.outbox[:2]}
    assert hand_in(reviewer, one.file()) == 303
    assert sums(reviewer) == ([3, 2, 0, 0], [4, 0, 0, 0])


def test_poison_in_a_file_that_waits_hides_nothing_else(world: World, desk: MakeDesk, lost: MakeLost) -> None:
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
