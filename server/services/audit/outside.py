"""Check what is outside the lines: files of heads, their copies, their ends in the database, triggers, emptied logs.

Each is checked against the others. A file that was deleted is missed by the log's line that names it and by the row of
its end; one whose end was cut, by that row and by copies elsewhere; a deleted row, by the log. If all of them are set
back to one earlier moment, copies elsewhere alone tell, and the marks of restores (continuity/marks.py).

The triggers that keep logs, freezes and papers as they were written: which there must be, and which are not.

`triggers.json` holds for each database a digest of every trigger by its name, as the migrations make it.
`tools/list_triggers.py` writes it; a test compares it with migrated databases.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.core.atomic_files import file_digest
from server.core.clock import DAY_MS, now_ms
from server.models import AuditHead, Officer, WriteRow
from server.services.audit import heads, log
from server.services.audit.acts import Act
from server.services.audit.chain import ChainKeys
from server.services.audit.heads import Head, HeadFile, ReplacedFile
from server.services.audit.naming import ChainFault, FaultKind
from server.services.audit.witness import Witness

if TYPE_CHECKING:
    from server.services.audit.verifying import ChainVerdict
import hashlib
import json
from functools import cache

from sqlalchemy import text

FILE: Final = Path(__file__).with_name("triggers.json")
_SQLITE: Final = text("SELECT name, tbl_name || ' ' || sql FROM sqlite_master WHERE type = 'trigger'")
_POSTGRESQL: Final = text(
    "SELECT tgname, tgenabled::text || ' ' || replace(pg_get_triggerdef(t.oid, true), current_schema() || '.', '')"
    " || ' ' || prosrc"
    " FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_class c ON c.oid = t.tgrelid"
    " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT tgisinternal AND n.nspname = current_schema()"
)
_RULES: Final = text("SELECT rulename FROM pg_rules WHERE schemaname = current_schema()")


def present(session: Session) -> dict[str, str]:
    """Return the digest of each trigger of this database by its name."""
    query = _POSTGRESQL if session.get_bind().dialect.name == "postgresql" else _SQLITE
    return {name: hashlib.sha256(said.encode()).hexdigest()[:16] for name, said in session.execute(query)}


def wrong(session: Session) -> list[str]:
    """Return the names of triggers that are missing, off or altered; of triggers and rules that no migration made."""
    found, expected = present(session), _known()[session.get_bind().dialect.name]
    rules = session.scalars(_RULES).all() if session.get_bind().dialect.name == "postgresql" else ()
    return sorted({*rules, *(name for name in found.keys() | expected.keys() if found.get(name) != expected.get(name))})


@cache
def _known() -> dict[str, dict[str, str]]:
    said: dict[str, dict[str, str]] = json.loads(FILE.read_text("utf-8"))
    return said


NAMES = (heads.NAME, heads.CASES)
LATE_MS: Final = 5 * 60 * 1000
"""A line younger than this may still be on its way to its copy."""


@dataclass(frozen=True, slots=True)
class OutsideLog:
    """What was read before the snapshot: by name this host's files, and by name and id the copies.

    `elsewhere`: True if copies are read from where they are sent, so that each line should be there.
    """

    files: Mapping[str, HeadFile]
    copies: Mapping[str, Mapping[str, HeadFile]]
    folder: Path
    elsewhere: bool
    lost: bool
    """The copies are gone: their file cannot be read."""

    @property
    def heads(self) -> list[Head]:
        """The heads of the audit log, those of this host first and in their order."""
        own = self.files[heads.NAME]
        copied = self.copies[heads.NAME]
        ours = copied[own.of].heads if own.of in copied else []
        others = [head for of, file in copied.items() if of != own.of for head in file.heads]
        return list(dict.fromkeys([*ours, *own.heads, *others]))

    @property
    def replaced(self) -> list[ReplacedFile]:
        """Files of the audit log that restores set aside, here and on hosts of which there are copies."""
        return self.set_aside(heads.NAME)

    def set_aside(self, name: str) -> list[ReplacedFile]:
        """Those of the files of this name, which none of this installation's keys began."""
        genuine = (self.files[name], *self.copies[name].values())
        return list(dict.fromkeys(each for file in genuine for each in file.replaced))

    def proven(self, session: Session, keys: ChainKeys) -> list[Head]:
        """Return the heads whose commits the database proves: it holds their lines as ends, and nobody forged them."""
        return [
            head
            for row in session.scalars(select(AuditHead).where(AuditHead.file == heads.NAME))
            if log.is_end(row, keys)
            for file in (self.files[heads.NAME], *self.copies[heads.NAME].values())
            if file.of == row.of and file.lines.get(row.nth) == row.tag and (head := file.noted.get(row.nth))
        ]


def read(folder: Path, keys: ChainKeys, witness: Witness | None, copies: Sequence[Path]) -> OutsideLog:
    """Read this host's files, and then all copies. Raises OSError if a named copy cannot be read."""
    files = {name: heads.read(folder / name, keys) for name in NAMES}
    if witness is not None:
        witness.settle()
    found: dict[str, dict[str, HeadFile]] = {name: {} for name in NAMES}
    elsewhere = lost = False
    for name in NAMES:
        try:
            sent = witness.copies(name, keys) if witness is not None else None
        except OSError:
            sent, lost = {}, True
        elsewhere = elsewhere or sent is not None
        _add(found[name], sent or {})
        for path in copies:
            with path.open("rb") as file:
                _add(found[name], heads.copies(file, name, keys))
    return OutsideLog(files, found, folder, elsewhere, lost)


def _add(found: dict[str, HeadFile], more: Mapping[str, HeadFile]) -> None:
    for of, file in more.items():
        one = found.setdefault(of, HeadFile(of, there=True))
        one.heads = list(dict.fromkeys([*one.heads, *file.heads]))
        one.bad += file.bad
        one.lines |= file.lines
        one.noted |= file.noted
        one.compacted |= file.compacted
        one.replaced = list(dict.fromkeys([*one.replaced, *file.replaced]))


def faults(session: Session, seen: OutsideLog, keys: ChainKeys, found: ChainVerdict) -> list[ChainFault]:
    """Return what is wrong outside the lines, of which `found` says what they name."""
    rows = {(row.of, row.file): row for row in session.scalars(select(AuditHead))}
    some = [
        *_emptied(session, found),
        *_named(seen, rows, found),
        *(fault for name in NAMES for fault in _file(name, seen, rows, keys)),
        *(ChainFault(FaultKind.TRIGGERS, 0, 0, name) for name in wrong(session)),
    ]
    if seen.lost:
        some.append(ChainFault(FaultKind.COPIES_MISSING, 0, 0))
    return some


def _emptied(session: Session, found: ChainVerdict) -> Iterator[ChainFault]:
    """The log is empty though there are accounts, or it begins a day after the database took its first write."""
    if not (found.lines or found.removed) and session.scalar(select(Officer.id).limit(1)):
        yield ChainFault(FaultKind.EMPTIED, 0, 0)
    first = session.scalar(select(func.min(WriteRow.received_at))) if found.begun else None
    if first is not None and found.begun - first > DAY_MS:
        yield ChainFault(FaultKind.EMPTIED, 1, 1)


Rows = Mapping[tuple[str, str], AuditHead]


def _named(seen: OutsideLog, rows: Rows, found: ChainVerdict) -> Iterator[ChainFault]:
    """Files that the log or the database names and that are not here."""
    named: dict[str, int] = {}
    twice: list[ChainFault] = []
    for line in found.files:
        if line.act == Act.HEADS_ACCEPTED:
            continue
        if line.about_id in named and not _restored(found, named[line.about_id]):
            twice.append(ChainFault(FaultKind.HEADS_UNNAMED, line.number, line.number, line.about_id))
        named[line.about_id] = line.number
    yield from twice
    accepted = {line.about_id for line in found.files if line.act == Act.HEADS_ACCEPTED}
    own = seen.files[heads.NAME]
    for of in dict.fromkeys([*named, *(of for of, _ in rows)]):
        here = of == own.of or of in seen.copies[heads.NAME]
        if here and (of, heads.NAME) not in rows:
            yield ChainFault(FaultKind.HEADS_UNNAMED, named.get(of, 0), named.get(of, 0), of)
        elif not here and of not in accepted and not _restored(found, named.get(of, 0)):
            yield ChainFault(FaultKind.HEADS_MISSING, named.get(of, 0), named.get(of, 0), of)
    if not own.there and not (named or rows) and found.lines:
        yield ChainFault(FaultKind.HEADS_MISSING, 0, 0, heads.NAME)
    if named and own.plain:
        yield ChainFault(FaultKind.HEADS_ALTERED, 1, 1, heads.NAME)
    if own.of and own.of not in named and (own.of, heads.NAME) not in rows and (named or rows):
        yield ChainFault(FaultKind.HEADS_UNNAMED, 0, 0, own.of)


def _restored(found: ChainVerdict, number: int) -> bool:
    """True if a restore that was announced or confirmed came after this line."""
    return any(restore.announced and restore.number > number for restore in found.restores)


def _file(name: str, seen: OutsideLog, rows: Rows, keys: ChainKeys) -> Iterator[ChainFault]:
    """Faults of a file of this host, and of the copies of any."""
    own, copies = seen.files[name], seen.copies[name]
    now = heads.read(seen.folder / name, keys)  # a file is ahead of its commits: it has each end that was read before
    yield from (ChainFault(FaultKind.HEADS_ALTERED, place, place, name) for place in _runs(own.bad))
    if not own.there and seen.files[heads.NAME].of:
        yield ChainFault(FaultKind.HEADS_MISSING, 0, 0, name)
    if own.of:
        yield from _copied(name, seen, now, copies.get(own.of, HeadFile()))
    for old in own.replaced:
        kept = old.path(seen.folder / name)
        if kept.is_file() and file_digest(kept) != old.digest:
            yield ChainFault(FaultKind.HEADS_ALTERED, 1, old.lines, kept.name)
    others = {old.of for old in seen.set_aside(name)}
    copies = {of: file for of, file in copies.items() if file.lines or of not in others}  # a genuine line is ours
    for of, file in (dict(copies) | ({own.of: now} if own.of else {})).items():
        row = rows.get((of, name))
        if row is not None:
            yield from _end(name, row, file, keys)
        elif file.noted or file.compacted:
            yield ChainFault(FaultKind.HEADS_UNNAMED, 0, 0, of)
    for copy in copies.values():
        yield from (ChainFault(FaultKind.COPIES_ALTERED, place, place, name) for place in _runs(copy.bad))


def _copied(name: str, seen: OutsideLog, now: HeadFile, copy: HeadFile) -> Iterator[ChainFault]:
    """Compare this host's file with its copy, and with the file of the other log, which began with it."""
    own = seen.files[name]
    if own.of != seen.files[heads.NAME].of:
        yield ChainFault(FaultKind.HEADS_ALTERED, 1, 1, name)
    end, top = max(now.lines, default=0), max(copy.lines, default=0)
    if end < top:
        yield ChainFault(FaultKind.HEADS_SHORT, end + 1, top, name)
    if other := [nth for nth, tag in copy.lines.items() if now.lines.get(nth, tag) != tag]:
        yield ChainFault(FaultKind.HEADS_ALTERED, min(other), max(other), name)
    since = now_ms() - LATE_MS
    late = min((nth for nth, head in own.noted.items() if head.at > since), default=end + 1)
    if (seen.folder / name).stat().st_mtime * 1000 < since:  # heads of cases tell no more than their month
        late = end + 1
    absent = [nth for nth in own.lines.keys() - copy.lines.keys() if nth < late]
    if seen.elsewhere and not seen.lost and absent:
        yield ChainFault(FaultKind.COPIES_MISSING, min(absent), max(absent), name)


def _end(name: str, row: AuditHead, file: HeadFile, keys: ChainKeys) -> Iterator[ChainFault]:
    """Compare a file with the end that the database holds. The file may be longer: a commit may have failed."""
    if row.key_id not in keys.by_id:
        return
    if not log.is_end(row, keys):
        yield ChainFault(FaultKind.HEADS_UNNAMED, 0, 0, row.of)
    elif (end := max(file.lines, default=0)) < row.nth:
        yield ChainFault(FaultKind.HEADS_SHORT, end + 1, row.nth, name)
    elif file.lines.get(row.nth, row.tag) != row.tag:
        yield ChainFault(FaultKind.HEADS_ALTERED, row.nth, row.nth, name)


def _runs(places: Iterable[int]) -> list[int]:
    """Return the first place of each run: one line that is gone leaves one fault."""
    there = set(places)
    return sorted(place for place in there if place - 1 not in there)
