"""Photos in a unit's report: of counted records, two by three, chosen evenly where there are many."""

from __future__ import annotations

from typing import Any

import pytest
from docx.document import Document
from sqlalchemy import update

from server.core.db import writing
from server.models import Unit
from server.services.reports import evidence
from server.serving.installation import installed
from support.clients.client import Client, shot
from support.clients.desk import MakeDesk
from support.clients.uploading import blob, bring
from support.world.reports import made, prose
from support.world.world import World

pytestmark = [pytest.mark.slow, pytest.mark.databases("sqlite")]


def with_photos(world: World, desk: MakeDesk, username: str, unit: str, seeds: range) -> list[Any]:
    """Counted banners with a photo each that came."""
    one = Client(world.app.test_client(), world.token(username))
    shots = [shot(seed) for seed in seeds]
    head = {"kind": "banner", "unit": world.units[unit], "campaign": world.campaign}
    ids = [f"{unit}{seed:011d}" for seed in seeds]
    fixed = {"submitted": True, "quantity": 1, "hamlet": "Thôn\x07 <1> & 2\x0b\ufffe", "put_up_on": "2021-07-04"}
    for start in range(0, len(shots), 40):
        pairs = list(zip(ids, shots, strict=True))[start : start + 40]
        one.sync(*({"id": id_, "at": 1, **head, "set": {**fixed, **each.register}} for id_, each in pairs))
    for each in shots:
        bring(one, each)
    reviewer = desk("huyen")
    for record in ids:
        reviewer.get(f"/desk/records/{record}")
        reviewer.post(reviewer.form("/decide"), verdict="counted")
    return shots


def photos_of(document: Document) -> int:
    """How many; charts are pictures, too."""
    parts = [each.target_part for each in document.part.rels.values() if "image" in each.reltype]
    return sum(part.partname.startswith("/word/media/photo") for part in parts)


def captions(document: Document) -> list[str]:
    rows = [row for table in document.tables for row in table.rows]
    found = [paragraph for row in rows for cell in row.cells for paragraph in cell.paragraphs]
    return [each.text for each in found if each.style is not None and each.style.name == "Caption"]


@pytest.mark.costly
def test_photos_of_counted_records_two_by_three(world: World, desk: MakeDesk) -> None:
    shots = with_photos(world, desk, "xa1", "12286", range(5))
    document = made(desk("huyen"), world.units["331"])
    assert photos_of(document) == 5
    assert captions(document)[0] == (
        "Ảnh 1. Băng rôn, Thôn  <1> & 2  , xã Chính Nghĩa, ngày 04/7/2021 (Chính Nghĩa BR-1)"
    )
    assert [len(row.cells) for row in document.tables[-1].rows] == [2, 2, 2]
    blob(world, shots[0].sha256).unlink()
    assert photos_of(made(desk("huyen"), world.units["331"])) == 5, "our thumbnail stands in"
    for key in (f"{shots[0].sha256}-320", shots[0].thumb_sha256):
        blob(world, key).unlink()
    blob(world, shots[1].sha256).write_bytes(b"no picture")
    blob(world, f"{shots[1].sha256}-320").unlink()
    blob(world, shots[1].thumb_sha256).write_bytes(b"no picture either")
    document = made(desk("huyen"), world.units["331"])
    assert photos_of(document) == 3
    sentences = [cell.text for row in document.tables[-1].rows for cell in row.cells if "Không có ảnh" in cell.text]
    assert len(sentences) == 2
    assert len(captions(document)) == 5


def test_photos_are_read_outside_of_any_transaction(
    world: World, desk: MakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer goes through while the file is built: a transaction inside another would be refused here."""
    with_photos(world, desk, "xa1", "12286", range(2))
    blobs = installed(world.app).blobs
    opened = []
    read = blobs.open

    def writing_too(key: str) -> Any:
        with writing() as session:
            session.execute(update(Unit).where(Unit.code == "12289").values(short_name=key[:8]))
        opened.append(key)
        return read(key)

    monkeypatch.setattr(blobs, "open", writing_too)
    assert photos_of(made(desk("huyen"), world.units["331"])) == 2
    assert len(opened) == 2


@pytest.mark.costly
def test_of_many_photos_some_are_chosen_evenly(world: World, desk: MakeDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert evidence.MOST_PHOTOS == 60
    monkeypatch.setattr(evidence, "MOST_PHOTOS", 8)
    with_photos(world, desk, "xa1", "12286", range(9))
    with_photos(world, desk, "nhanla", "12289", range(100, 103))
    document = made(desk("huyen"), world.units["331"])
    told = captions(document)
    assert sum("Nhân La" in line for line in told) == 3, "all of the smaller unit are in"
    assert "08 ảnh của 08/12 hoạt động đã duyệt có ảnh, chọn đều theo đơn vị" in prose(document)
    assert [line.split(".")[0] for line in told] == [f"Ảnh {number}" for number in range(1, 9)]
    assert photos_of(document) == 8
