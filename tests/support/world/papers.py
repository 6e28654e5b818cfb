"""Figures to lock, and what stands in the Word files made of them."""

from __future__ import annotations

import io
from typing import Any

import docx
from docx.document import Document

from support.clients.client import Client, shot
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.clients.uploading import bring
from support.world.world import World

SCHEDULE = {"from": "2021-07-01", "to": "2021-07-31", "times_a_day": 4}


def decide(reviewer: Any, record: str, verdict: str = "counted") -> None:
    reviewer.get(f"/desk/records/{record}")
    reviewer.post(reviewer.form("/decide"), verdict=verdict)


def fill(desk: MakeDesk, phone: MakePhone) -> list[str]:
    """Two communes with counted and waiting records; the third is silent. Returns those of the first."""
    one, far = phone("xa1"), phone("dinhcao", "12397")
    for officer, factor in ((one, 1), (far, 3)):
        officer.create(quantity=12 * factor, metres=40, hotline=True, put_up_on="2021-07-04")
        officer.create("broadcast", script="Tin chung", schedule=SCHEDULE, minutes=5, programme="own", hotline=True)
        officer.create("event", form="rally", name="Mít tinh", role="host", attendances=300, hotline=False)
        officer.create(quantity=5)
    one.sync(), far.sync()
    for name, officer in (("huyen", one), ("phucu", far)):
        for record in list(officer.records)[:3]:
            decide(desk(name), record)
    return list(one.records)


def word(one: Any, freeze: str, more: str = "") -> bytes:
    answer = one.http.get(f"/desk/report/word?freeze={freeze}&{more}", buffered=True)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    data: bytes = answer.data
    return data


def opened(data: bytes) -> Document:
    return docx.Document(io.BytesIO(data))


def prose(document: Document) -> str:
    return "\n".join(paragraph.text for paragraph in document.paragraphs)


def foot(document: Document) -> str:
    return str(document.sections[-1].footer.paragraphs[0].text)


def cells(document: Document, row: str) -> dict[str, str]:
    """The cells of a unit's first row in each table of figures, by their heads."""
    found: dict[str, str] = {}
    for table in document.tables:
        rows = [[cell.text for cell in each.cells] for each in table.rows]
        if rows[0][:2] == ["TT", "Đơn vị"] and "Lý do" not in rows[0]:
            mine = next((each for each in rows if each[1] == row), None)
            for head, said in zip(rows[1][2:], mine[2:] if mine else [], strict=False):
                found.setdefault(head, said)
    return found


def banners(document: Document) -> str:
    return next(said for head, said in cells(document, "Tổng cộng").items() if head.startswith("Băng rôn (chiếc"))


def with_photos(world: World, desk: MakeDesk, seeds: range) -> list[str]:
    """Counted banners of the first commune, with a photo each that came."""
    one = Client(world.app.test_client(), world.token("xa1"))
    shots = [shot(seed) for seed in seeds]
    head = {"kind": "banner", "unit": world.units["12286"], "campaign": world.campaign}
    ids = [f"12286{seed:011d}" for seed in seeds]
    fixed = {"submitted": True, "quantity": 1, "hamlet": "Thôn Kín", "put_up_on": "2021-07-04"}
    pairs = zip(ids, shots, strict=True)
    one.sync(*({"id": id_, "at": 1, **head, "set": {**fixed, **each.register}} for id_, each in pairs))
    for each in shots:
        bring(one, each)
    for record in ids:
        decide(desk("huyen"), record)
    return ids


def images(data: bytes) -> int:
    return sum("image" in relation.reltype for relation in opened(data).part.rels.values())
