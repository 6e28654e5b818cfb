"""A purge erases what freezes hold of a record, also while their documents are being built."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from server.core.db import reading, writing
from server.models import FreezeDocument, FreezeLine, PhotoRef, Record
from server.services.photos import garbage
from server.services.recovery import purges
from server.services.reports import word as reports_word
from server.services.reports.snapshot import freeze_documents
from server.serving.installation import installed
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world import locking
from support.world.issuing import downloaded, make, present
from support.world.locking import lock
from support.world.papers import banners, fill, images, opened, prose, with_photos, word
from support.world.purging import purge
from support.world.world import World

pytestmark = pytest.mark.slow


@pytest.mark.costly
def test_a_purge_erases_the_record_in_the_freeze_too(world: World, desk: MakeDesk) -> None:
    """L-11, L-31: its line, its photo, the documents that show it; the rest is still checked, and the page says so."""
    records = with_photos(world, desk, range(3))
    freeze = lock(world)
    one, paper = desk("huyen"), present(world)
    first = downloaded(one, paper)
    assert images(first) == 3
    purge(world, records[0])
    with world.app.app_context(), reading() as session:
        lines = {line.record_id: (line.content, line.erased_at) for line in session.scalars(select(FreezeLine))}
        sha256, erased_at = session.execute(select(FreezeDocument.sha256, FreezeDocument.erased_at)).one()
    assert lines[records[0]] == ("", erased_at)
    assert erased_at is not None
    assert all(lines[record][0] for record in records[1:])
    blobs = installed(world.app).blobs
    assert not blobs.has(sha256)
    found = locking.check(world, freeze)
    assert (found.is_good, list(found.erased)) == (True, [records[0]])
    assert records[0] not in str(locking.frozen(world, freeze).head)
    assert "Thôn Kín" not in str(locking.frozen(world, freeze).head)
    one.get(f"/desk/locked/{freeze}")
    assert "1 kết quả đã bị xóa vĩnh viễn sau khi khóa" in one.text
    second = downloaded(one, paper)
    assert images(second) == 2
    assert "01 ảnh không còn trong phụ lục này" in prose(opened(second))
    assert downloaded(one, paper) == second
    assert images(word(one, freeze)) == 2, "and none in a draft"
    assert banners(opened(second)) == "3", "the sums stay"
    locking.alter(world, "UPDATE frozen_line SET sha256 = substr(sha256, 2) || substr(sha256, 1, 1) WHERE content = ''")
    assert not locking.check(world, freeze).is_right, "an erased line must have its hash all the same"


def test_a_file_that_a_record_has_too_stays(world: World, desk: MakeDesk) -> None:
    """L-11: who hands in the signed report as a document of a record loses it by no purge of another record."""
    gone, other = with_photos(world, desk, range(2))
    lock(world)
    downloaded(desk("huyen"), present(world))
    with world.app.app_context(), writing() as session:
        sha256 = session.scalars(select(FreezeDocument.sha256)).one()
        stream = session.get_one(Record, other).stream_id
        session.add(PhotoRef(sha256=sha256, record_id=other, stream_id=stream, role="original", held=True, gone=False))
    purge(world, gone)
    blobs = installed(world.app).blobs
    assert blobs.has(sha256)
    with world.app.app_context(), reading() as session:
        assert session.scalars(select(FreezeDocument.erased_at)).one() is not None
    purge(world, other)
    assert not blobs.has(sha256)


@pytest.mark.costly
def test_what_is_purged_while_a_document_is_built_is_in_none(
    world: World, desk: MakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = with_photos(world, desk, range(2))
    freeze = lock(world)
    real = reports_word.document

    def slow(record: str, *args: Any) -> bytes:
        monkeypatch.setattr(reports_word, "document", real)
        made = real(*args)
        purge(world, record)
        return made

    monkeypatch.setattr(reports_word, "document", partial(slow, records[0]))
    assert images(word(desk("huyen"), freeze)) == 1, "a draft of the figures"
    paper = make(world)
    monkeypatch.setattr(reports_word, "document", partial(slow, records[1]))
    assert images(downloaded(desk("huyen"), paper)) == 0, "a draft of a report"


def test_all_freezes_are_held_before_the_lock_of_photo_bytes(
    world: World, desk: MakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """C-1: a purge of several parts takes all locks in one order, so that two never wait for each other."""
    records = with_photos(world, desk, range(2))
    lock(world)
    calls: list[str] = []

    def noting(module: Any, name: str) -> None:
        real = getattr(module, name)

        def noted(*args: Any, **named: Any) -> Any:
            calls.append(name)
            return real(*args, **named)

        monkeypatch.setattr(module, name, noted)

    noting(freeze_documents, "hold")
    noting(garbage, "dropping")
    monkeypatch.setattr(purges, "AT_ONCE", 1)
    purge(world, *records)
    assert calls == ["hold", "dropping", "dropping"]


@pytest.mark.costly
def test_a_purge_while_two_build_the_same_document(
    world: World, desk: MakeDesk, phone: MakePhone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One has kept it; the other, who comes later, takes its bytes away only if it showed the record."""
    record = fill(desk, phone)[0]
    lock(world)
    paper = present(world)
    one, real = desk("huyen"), reports_word.document

    def slow(*args: Any) -> bytes:
        monkeypatch.setattr(reports_word, "document", real)
        downloaded(one, paper)
        purge(world, record)
        return real(*args)

    monkeypatch.setattr(reports_word, "document", slow)
    downloaded(one, paper)
    with world.app.app_context(), reading() as session:
        sha256 = session.scalars(select(FreezeDocument.sha256).where(FreezeDocument.erased_at.is_(None))).one()
    assert installed(world.app).blobs.has(sha256)
