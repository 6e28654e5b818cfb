"""A unit's report in tests: what it is made of, and what its Word file says."""

from __future__ import annotations

import io
import re
from typing import Any

import docx
from docx.document import Document

from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from sync.registry import KINDS

SCHEDULE = {"from": "2021-07-01", "to": "2021-07-31", "times_a_day": 4}


def made(one: Any, unit: str = "", **more: str | list[str]) -> Document:
    """The Word file, opened by a library."""
    query = {"unit": unit, "annexes": "all", **more}
    answer = one.http.get("/desk/report/word", query_string=query, buffered=True)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert re.search(r"filename=bao-cao-[a-z-]+-\d{8}-\d{4}\.docx", answer.headers["Content-Disposition"])
    return docx.Document(io.BytesIO(answer.data))


def prose(document: Document) -> str:
    return "\n".join(paragraph.text for paragraph in document.paragraphs)


def cells(document: Document) -> dict[str, dict[str, str]]:
    """By unit its cells of all tables of figures by their heads; the first table of each head and unit."""
    found: dict[str, dict[str, str]] = {}
    for table in document.tables:
        rows = [[cell.text for cell in row.cells] for row in table.rows]
        if rows[0][:2] != ["TT", "Đơn vị"]:
            continue
        assert rows[2][:3] == ["A", "B", "1"] or int(rows[2][2]) > 1
        for row in rows[3:]:
            for head, cell in zip(rows[1][2:], row[2:], strict=True):
                found.setdefault(row[1], {}).setdefault(head, cell)
    return found


def head(code: str) -> str:
    figure = next(each for each in KINDS.figures() if each.code == code)
    return f"{figure.label['vi']} ({figure.unit['vi']})"


def fill(desk: MakeDesk, phone: MakePhone) -> None:
    """Two communes with every kind, counted but for one; the third is silent."""
    one, far = phone("xa1"), phone("dinhcao", "12397")
    for officer, factor in ((one, 1), (far, 3)):
        officer.create(slogan="s1", quantity=12 * factor, metres=40, hotline=True, put_up_on="2021-07-04")
        officer.create("panel", form="panel", slogan="s1", quantity=2, hotline=True)
        officer.create("leaflet", form="leaflet", document="Tờ rơi <A & B>", distributed=1200 * factor, hotline=False)
        officer.create("broadcast", script="Tin chung", schedule=SCHEDULE, minutes=5, programme="own", hotline=True)
        officer.create("mobile", route="Đường 38", rounds=3, attendances=45, hotline=True)
        officer.create("event", form="rally", name="Mít tinh", role="host", attendances=300, hotline=False)
        officer.create("event", form="conference", name="Hội nghị", role="co_organiser", attendances=99)
        officer.create("media", form="directive", headline="Công văn", number="12/UBND")
    one.create(slogan="s2", quantity=500)
    one.sync(), far.sync()
    for name, officer in (("huyen", one), ("phucu", far)):
        reviewer = desk(name)
        for record, held in officer.records.items():
            if 500 in held.fields.get("quantity", {}).values():
                continue
            reviewer.get(f"/desk/records/{record}")
            reviewer.post(reviewer.form("/decide"), verdict="counted")
