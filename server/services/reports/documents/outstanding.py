"""What is still to be done a week after, and figures by which units may be commended: three sheets of one workbook.

The machine ranks nobody: it puts figures side by side, and people decide.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from server.core.clock import local
from server.core.sheets import written
from server.models import Campaign, DecisionRow, Photo, PhotoRef, Record, Seal, Stream, Unit
from server.services.figures import loading
from server.services.letters.citing import official_day
from server.services.records.projection import BUCKETS, is_activity
from server.services.records.stored import DOCUMENT, THUMB
from server.services.records.streams import number_text
from server.services.reports.accounts import clock
from server.services.units.scope import Scope
from server.services.units.tree import subtree
from sync.record import agreed
from sync.registry import KINDS
from sync.values import is_date

HEADS: Final = (
    *("STT", "Đơn vị", "Số hiệu kết quả", "Loại", "Ngày gửi", "Mã kết quả", "SHA-256 của ảnh, tệp PDF"),
    *("Dung lượng (byte)", "Rộng", "Cao", "Tình trạng"),
)
_HEAD: Final[dict[str, Any]] = {"bold": True, "border": 1, "text_wrap": True}
_WIDTHS: Final = (6, 28, 16, 18, 13, 20, 68, 16, 8, 8, 26)
HELD, MISSING = "Có trên máy chủ", "Chưa gửi về máy chủ"
_AT_ONCE: Final = 1_000


Row = tuple[int | str, ...]


def evidence_rows(session: Session, campaign: Campaign, unit_id: str) -> Iterator[Row]:
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


def write_evidence(path: Path, found: Iterable[Row]) -> int:
    """Write the index as an Excel file; returns the number of files."""
    with written(path) as book:
        return book.table(book.page("Minh chứng", _WIDTHS), 0, HEADS, found, book.look(**_HEAD))


@dataclass(frozen=True, slots=True)
class Outstanding:
    """The rows of the three sheets."""

    hanging: tuple[Row, ...]
    silent: tuple[Row, ...]
    units: tuple[Row, ...]


HANGING: Final = ("STT", "Đơn vị", "Số hiệu", "Loại", "Thôn, tổ dân phố", "Ngày treo", "Số ngày đã treo")
SILENT: Final = ("STT", "Đơn vị", "Đơn vị cấp trên", "Việc còn lại")
UNITS: Final = (
    *("STT", "Đơn vị", "Kết quả đã duyệt", "Số chỉ tiêu có số liệu", "Kết quả có ảnh", "Kết quả bị trả lại"),
    *("Kết quả gửi sau hạn", "Gửi số liệu lúc", "Đúng hạn"),
)
NOT_REPORTED, NOT_SENT, TO_REVIEW = "Chưa báo cáo", "Chưa xác nhận và gửi số liệu", "Còn {n} kết quả chờ duyệt"
YES, NO = "Có", "Không"


def read(session: Session, scope: Scope, campaign: Campaign, unit_id: str, today: date) -> Outstanding:
    """Read all three. Raises Problem `not_found`."""
    return Outstanding(
        tuple(_hanging(session, campaign, unit_id, today)),
        tuple(_silent(session, scope, campaign, unit_id)),
        tuple(_units(session, scope, campaign, unit_id)),
    )


def _hanging(session: Session, campaign: Campaign, unit_id: str, today: date) -> Iterator[Row]:
    """Yield counted displays that were put up and not taken down, those that hang longest first."""
    lives = {name: kind.source["life"] for name, kind in KINDS.items() if "life" in kind.source}
    here = Stream.campaign_id == campaign.id, Stream.unit_id.in_(subtree(session, [unit_id]))
    query = select(Unit.name, Record.kind, Record.number, Record.survivors, DecisionRow.sides)
    query = query.join_from(Record, Stream, Stream.id == Record.stream_id).join(Unit, Unit.id == Stream.unit_id)
    query = query.join(DecisionRow, DecisionRow.id == Record.decision_id)
    theirs = query.where(*here, Record.kind.in_(lives), Record.bucket == BUCKETS[0]).order_by(Unit.sort_key, Unit.id)
    found: list[tuple[int, Row]] = []
    for unit, kind, number, survivors, sides in session.execute(theirs.execution_options(yield_per=_AT_ONCE)):
        life, values = lives[kind], agreed(sides)
        began = values.get(life["from"])
        # The day it was taken down may have come after the decision: then it is in a write, and nothing hangs.
        if values.get(life["to"]) or life["to"] in survivors or not is_date(began):
            continue
        put_up = date.fromisoformat(str(began))
        hamlet = values.get("hamlet")
        said = (unit, number_text(kind, number), KINDS[kind].label["vi"], hamlet if isinstance(hamlet, str) else "")
        days = max(0, (today - put_up).days)
        found.append((-days, (*said, official_day(put_up), days)))
    for place, (_, row) in enumerate(sorted(found, key=lambda pair: pair[0]), 1):
        yield (place, *row)


def _silent(session: Session, scope: Scope, campaign: Campaign, unit_id: str) -> Iterator[Row]:
    """Yield the units that have something left to do, and what."""
    found = loading.load(session, scope, campaign, unit_id)
    place = 0
    for above, row in found.leaves():
        if row.unit.merged:
            continue
        waiting = _waiting(session, campaign.id, row.unit.id)
        left = [NOT_REPORTED] if row.silent else [] if row.standing.sealed else [NOT_SENT]
        left += [TO_REVIEW.format(n=waiting)] if waiting else []
        if left:
            place += 1
            yield place, row.unit.name, "" if above.id == row.unit.id else above.name, "; ".join(left)


def _waiting(session: Session, campaign_id: str, unit_id: str) -> int:
    here = Stream.campaign_id == campaign_id, Stream.unit_id == unit_id
    joined = select(func.count()).select_from(Record).join(Stream, Stream.id == Record.stream_id)
    return session.scalar(joined.where(*here, Record.bucket == BUCKETS[1], is_activity())) or 0


def _units(session: Session, scope: Scope, campaign: Campaign, unit_id: str) -> Iterator[Row]:
    """Yield the lowest units with their figures, in the order of the table."""
    counted = _by_unit(session, campaign, unit_id, BUCKETS[0])
    returned = _by_unit(session, campaign, unit_id, BUCKETS[2])
    with_photo = _by_unit(session, campaign, unit_id, BUCKETS[0], photo=True)
    sent = _sent(session, campaign, unit_id)
    due = campaign.due_before
    for place, (_, row) in enumerate(loading.load(session, scope, campaign, unit_id).leaves(), 1):
        id_ = row.unit.id
        at = sent.get(id_)
        own_due = campaign.due_levels.get(row.unit.level)
        last = (date.fromisoformat(own_due) if own_due else due) - timedelta(days=1)
        moment = local(at) if at else None
        yield (
            *(place, row.unit.name, counted[id_], sum(1 for cell in row.cells.values() if cell.counted)),
            *(with_photo[id_], returned[id_], sum(row.standing.late.values())),
            f"{clock(moment)}, {official_day(moment.date())}" if moment else "",
            "" if moment is None else YES if moment.date() <= last else NO,
        )


def _by_unit(session: Session, campaign: Campaign, unit_id: str, bucket: str, *, photo: bool = False) -> Counter[str]:
    here = Stream.campaign_id == campaign.id, Stream.unit_id.in_(subtree(session, [unit_id]))
    query = select(Stream.unit_id, func.count()).join_from(Record, Stream, Stream.id == Record.stream_id)
    query = query.where(*here, Record.bucket == bucket, is_activity())
    if photo:
        query = query.where(exists().where(PhotoRef.record_id == Record.id, PhotoRef.role != DOCUMENT, PhotoRef.held))
    return Counter({unit: int(count) for unit, count in session.execute(query.group_by(Stream.unit_id))})


def _sent(session: Session, campaign: Campaign, unit_id: str) -> dict[str, int]:
    """Return, by unit, when it last confirmed and sent its figures."""
    here = Stream.campaign_id == campaign.id, Stream.unit_id.in_(subtree(session, [unit_id]))
    query = select(Stream.unit_id, func.max(Seal.at)).join_from(Seal, Stream, Stream.id == Seal.stream_id)
    found = session.execute(query.where(*here, Seal.taken_back_at.is_(None)).group_by(Stream.unit_id))
    return {unit: int(at) for unit, at in found}


def write(path: Path, found: Outstanding) -> None:
    """Write the workbook."""
    with written(path) as book:
        for name, heads, rows in (
            ("Chưa tháo", HANGING, found.hanging),
            ("Đơn vị còn việc", SILENT, found.silent),
            ("Số liệu xét khen thưởng", UNITS, found.units),
        ):
            page = book.page(name, (6, *[22] * (len(heads) - 1)))
            book.table(page, 0, heads, rows, book.look(**_HEAD))
