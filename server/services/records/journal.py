"""Accept writes, each once, whatever goes wrong with one of them (SPEC G1 to G3, G6, X-2).

All writes of a request are judged in memory and saved together (write_batch.py). If anything but a refusal goes wrong,
all of it is rolled back and each write is processed alone, under its own savepoint. Then the write at fault is `later`,
and the others are stored.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from server.core.unavailable import is_unavailable
from server.services.records import receipts
from server.services.records.stored import Author, Result
from server.services.records.write_batch import WriteBatch, lock_streams
from sync.errors import Refused
from sync.ids import is_id
from sync.write import Write, read

log = logging.getLogger(__name__)


def accept(session: Session, author: Author, raws: Sequence[object]) -> list[Result]:
    """Check and store these writes in their order; returns one result for each."""
    judged = receipts.settle(session, [_read(raw) for raw in raws], author)
    results = _stored(session, author, judged)
    return [
        replace(result, altered=True) if result.new and _differs(raw, write) else result
        for raw, write, result in zip(raws, judged, results, strict=True)
    ]


def _differs(raw: object, write: Write | Result) -> bool:
    return isinstance(write, Write) and isinstance(raw, dict) and raw.get("set") != write.set


def _stored(session: Session, author: Author, judged: Sequence[Write | Result]) -> list[Result]:
    try:
        return _together(session, author, judged)
    except (IntegrityError, DataError):
        pass
    except SQLAlchemyError:
        # Disk full, connection gone: the database may have rolled back the whole transaction, not this savepoint alone.
        # Then nothing of this request may be called stored (G1).
        raise
    except Exception as error:
        if is_unavailable(error):  # not the write's fault
            raise
        log.warning("a batch is judged write by write: %s", type(error).__name__)
    # The rollback released the locks. Take all again first: one by one, their order would be that of the writes (C-1).
    lock_streams(session, [write for write in judged if isinstance(write, Write)])
    return [_alone(session, author, write) for write in judged]


def _together(
    session: Session, author: Author, judged: Sequence[Write | Result], *, thorough: bool = False
) -> list[Result]:
    writes = [write for write in judged if isinstance(write, Write)]
    if not writes:
        return [result for result in judged if isinstance(result, Result)]
    with session.begin_nested():
        batch = WriteBatch(session, writes, thorough=thorough)
        results = [write if isinstance(write, Result) else batch.take(author, write) for write in judged]
        batch.save()
    return results


def _alone(session: Session, author: Author, write: Write | Result) -> Result:
    try:
        return _together(session, author, [write], thorough=True)[0]
    except (IntegrityError, DataError) as error:
        return _failed(write.id, error)
    except SQLAlchemyError:
        raise
    except Exception as error:
        if is_unavailable(error):
            raise
        return _failed(write.id, error)


def _failed(id_: str, error: Exception) -> Result:
    # Only the type: messages may hold field values.
    log.error("write %s failed: %s", id_, type(error).__name__)
    return Result(id_, "later", code="internal")


def _read(raw: object) -> Write | Result:
    try:
        return read(raw)
    except Refused as refused:
        return Result(_id_of(raw), "refused", code=refused.code, field=refused.field)
    except Exception as error:  # noqa: BLE001  # X-2: whatever one write raises, the others go through
        return _failed(_id_of(raw), error)


def _id_of(raw: object) -> str:
    id_ = raw.get("id") if isinstance(raw, dict) else None
    return str(id_) if is_id(id_) else ""
