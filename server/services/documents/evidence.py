"""The index of evidence: every photo and document of a counted record, with the hash by which it can be checked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session
from xlsxwriter import Workbook

from server.core.clock import local
from server.models import Campaign, Photo, PhotoRef, Record, Stream, Unit
from server.services.records.photo_refs import THUMB
from server.services.records.projection import BUCKETS
from server.services.records.streams import number_text
from server.services.reports import official_day
from server.services.units.tree import subtree
from sync.registry import KINDS

HEADS: Final = (
    *("STT", "Đơn vị", "Số hiệu kết quả", "Loại", "Ngày gửi", "Mã kết quả", "SHA-256 của ảnh, tệp PDF"),
    *("Dung lượng (byte)", "Rộng", "Cao", "Tình trạng"),
)
_WIDTHS: Final = (6, 28, 16, 18, 13, 20, 68, 16, 8, 8, 26)
HELD, MISSING = "Có trên máy chủ", "Chưa gửi về máy chủ"
_AT_ONCE: Final = 1_000


def rows(session: Session, campaign: Campaign, unit_id: str) -> Iterator[tuple[int | str, ...]]:
    """Yield a row for each original photo and each document, by unit and record."""
    here = Stream.campaign_id == campaign.id, Stream.unit_id.in_(subtree(session, [unit_id]))
    columns = Unit.name, Record.kind, Record.number, Record.received_at, Record.id, PhotoRef.sha256, PhotoRef.held
    query = select(*columns, Photo.size_bytes, Photo.width, Photo.height)
    query = query.join_from(PhotoRef, Record, Record.id == PhotoRef.record_id)
    query = query.join(Stream, Stream.id == Record.stream_id).join(Unit, Unit.id == Stream.unit_id)
    query = query.outerjoin(Photo, Photo.sha256 == PhotoRef.sha256)
    originals = query.where(*here, PhotoRef.role != THUMB, Record.bucket == BUCKETS[0])
    order = (Unit.sort_key, Unit.id, Record.kind, Record.number, PhotoRef.sha256)
    found = session.execute(originals.order_by(*order).execution_options(yield_per=_AT_ONCE))
    for place, (unit, kind, number, received, record, sha256, held, size, width, height) in enumerate(found, 1):
        known = KINDS.get(kind)
        label = known.label["vi"] if known else kind
        day = official_day(local(received).date()) if received else ""
        said = HELD if held else MISSING
        yield (
            *(place, unit, number_text(kind, number), label, day, record, sha256),
            *(size or "", width or "", height or "", said),
        )


def write(path: Path, found: Iterator[tuple[int | str, ...]]) -> int:
    """Write the index as an Excel file; returns the number of files."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    count = 0
    with Workbook(str(path), options) as book:
        page, bold = book.add_worksheet("Minh chứng"), book.add_format({"bold": True, "border": 1, "text_wrap": True})
        for column, (head, width) in enumerate(zip(HEADS, _WIDTHS, strict=True)):
            page.set_column(column, column, width)
            page.write_string(0, column, head, bold)
        for row in found:
            count += 1
            for column, value in enumerate(row):
                if isinstance(value, int):
                    page.write_number(count, column, value)
                else:
                    page.write_string(count, column, value)
        page.freeze_panes(1, 0)
    return count
