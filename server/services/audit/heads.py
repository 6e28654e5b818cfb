"""Heads of a chained log, kept in a file outside the database: a database whose last lines were cut lacks them.

The file is a log of its own. Each line is JSON with its number (`nth`), the tag of the line before it (`after`) and a
tag over all of it, made with the chain's keys: a line that is altered, put in or missing shows. The database holds the
number and tag of the last line (`audit_head`), so a file whose end was cut shows, too. A commit has two lines:

    {"file": "audit_heads.ndjson", "of": "5o…", "nth": 8, "after": "c1…", "what": "intended", "data": [8, 9, …], …}
    {"file": "audit_heads.ndjson", "of": "5o…", "nth": 9, "after": "7e…", "what": "kept", "data": [9, "a0…"], …}

The first is written and synced before it, the second after it. A head without the second may belong to a commit that
never came about: the server was killed, or the database refused. Each host has the heads of its own commits, in a file
with an id of its own (`of`), which the log names when the file begins.

A new machine has a file before it gets the keys and the database of the old one, begun with a key of its own that is
gone then. Its restore sets that file aside, and the second line of the new one says so (`replaced`). Who alters the
first line of a file to have it set aside hides no more than who deletes it: its copies have lines of these keys.

Each line says all that is needed to judge it, so copies that are kept elsewhere (witness.py) are judged alike.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

from server.core import atomic_files
from server.core.clock import local
from server.core.shell_words import t
from server.services.audit.chain import ChainKeys

log = logging.getLogger(__name__)
NAME: Final = "audit_heads.ndjson"
CASES: Final = "case_heads.ndjson"
"""Of the log of confidential cases, which is chained with the same keys."""
BEGUN, COMPACTED, INTENDED, KEPT, REPLACED = "begun", "compacted", "intended", "kept", "replaced"
_TAIL: Final = 4096
Send = Callable[[Path, str], None]
"""Gets the file and a line that was added to it."""


class Head(NamedTuple):
    """The chain's end after a commit that added the lines `first` to `n`; `at` in ms.

    `prev`: the mac before them, `mac`: that of the last.
    """

    first: int
    n: int
    prev: str
    mac: str
    at: int


class ReplacedFile(NamedTuple):
    """A file on this machine that none of this installation's keys began.

    An installation that this one replaced made it, or this one before its keys were lost.

    `digest`: of all of it; `at`: when a restore set it aside, in ms.
    """

    of: str
    lines: int
    digest: str
    at: int

    def path(self, file: Path) -> Path:
        """Where it is, beside the file that took its place."""
        return file.with_name(f"{file.name}.{REPLACED}-{self.digest[:12]}")


class HeadLine(NamedTuple):
    """A line of the file, as in the module's example. `key`: check value of the key that made the tag."""

    file: str
    of: str
    nth: int
    after: str
    what: str
    data: list[Any]
    key: str = ""
    tag: str = ""

    @property
    def text(self) -> str:
        """The line as it is written."""
        return json.dumps(self._asdict(), separators=(",", ":")) + "\n"

    @property
    def end(self) -> str:
        """What the next line says that it comes after: a compacted line ends with the last that it replaced."""
        return str(self.data[0]) if self.what == COMPACTED else self.tag

    def is_genuine(self, keys: ChainKeys) -> bool:
        """True if one of the keys made the tag."""
        return keys.is_stamp(self.tag, _content(self))


@dataclass(slots=True)
class HeadFile:
    """What a file holds. `of` is empty if there is none, or if it is of a Loa whose lines had no tags (`plain`).

    `heads`: those that were committed, in their order. `bad`: places, counted from 1, of lines that cannot be read,
    are not as they were written, or do not follow the one before. `lines`: number to tag of each genuine line.
    `noted`: number to head of each line that was written before a commit, whether that came about or not.
    `replaced`: files in whose place this one is.
    """

    of: str = ""
    plain: bool = False
    there: bool = False
    heads: list[Head] = field(default_factory=list)
    bad: list[int] = field(default_factory=list)
    lines: dict[int, str] = field(default_factory=dict)
    noted: dict[int, Head] = field(default_factory=dict)
    compacted: bool = False
    replaced: list[ReplacedFile] = field(default_factory=list)

    def add(self, line: HeadLine, intended: dict[tuple[int, str], Head]) -> None:
        """Take over what a genuine line says. `intended`: heads of the lines before it, by number and mac."""
        self.lines[line.nth] = line.end
        match line.what:
            case "begun":
                self.heads += [Head(*each) for each in line.data]
            case "compacted":
                self.compacted = True
                self.heads += [Head(*each) for each in line.data[1]]
                self.replaced += [ReplacedFile(*each) for more in line.data[2:] for each in more]
            case "replaced":
                self.replaced.append(ReplacedFile(*line.data))
            case "intended":
                head = Head(*line.data)
                self.noted[line.nth] = intended[head.n, head.mac] = head
            case "kept":
                if kept := intended.get((line.data[0], line.data[1])):
                    self.heads.append(kept)


def read(path: Path, keys: ChainKeys) -> HeadFile:
    """Return what the file holds. Raises OSError."""
    try:
        with _opened(path) as file:
            return _read(file, path.name, keys)
    except FileNotFoundError:
        return HeadFile()


def _opened(path: Path) -> BinaryIO:
    """Open a regular file: a device would be read for ever. Raises OSError."""
    atomic_files.check_appendable(path)
    return path.open("rb")


def copies(texts: Iterable[bytes], name: str, keys: ChainKeys) -> dict[str, HeadFile]:
    """Return by id what copied lines of that file say, whatever stands before the JSON of each; others are skipped."""
    found: dict[str, HeadFile] = {}
    intended: dict[tuple[int, str], Head] = {}
    for place, text in enumerate(texts, 1):
        line = _line(text[text.find(b"{") :])
        if line is None or line.file != name:
            continue
        one = found.setdefault(line.of, HeadFile(line.of, there=True))
        if line.is_genuine(keys):
            one.add(line, intended)
        else:
            one.bad.append(place)
    return found


def begin(path: Path, of: str, keys: ChainKeys, send: Send | None = None) -> None:
    """Begin a file. One of an earlier Loa, whose lines had no tags, is taken over as it is. Raises OSError."""
    with atomic_files.alone(path):
        old = read(path, keys)
        line = _stamped(HeadLine(path.name, of, 1, "", BEGUN, [list(head) for head in old.heads]), keys)
        with atomic_files.replacing(path) as made:
            made.touch(0o600)
            made.write_text(line.text, "utf-8")
    _sent(send, path, line)


def of_other_keys(path: Path, keys: ChainKeys) -> str:
    """Return the id of a file that was begun with none of these keys; empty for any other. Raises OSError.

    Lines of these keys may follow: a command between the return of the keys and the restore wrote them.
    """
    try:
        with _opened(path) as file:
            line = _line(file.readline())
    except FileNotFoundError:
        return ""
    strange = line is not None and line.file == path.name and not line.is_genuine(keys)
    return line.of if line and strange and line.what in (BEGUN, COMPACTED) else ""


def replace(path: Path, of: str, keys: ChainKeys, at: int, send: Send | None = None) -> None:
    """Begin a file in the place of one `of_other_keys`, which is kept beside it as it is. Raises OSError."""
    with atomic_files.alone(path):
        old = ReplacedFile(
            of_other_keys(path, keys), path.read_bytes().count(b"\n"), atomic_files.file_digest(path), at
        )
        with atomic_files.replacing(old.path(path)) as copy:
            copy.touch(0o600)
            shutil.copyfile(path, copy)
        first = _stamped(HeadLine(path.name, of, 1, "", BEGUN, []), keys)
        second = _stamped(HeadLine(path.name, of, 2, first.tag, REPLACED, list(old)), keys)
        with atomic_files.replacing(path) as made:
            made.touch(0o600)
            made.write_text(first.text + second.text, "utf-8")
    for line in (first, second):
        _sent(send, path, line)


def of_file(path: Path) -> str:
    """Return the id in the file's last line; empty if there is no file, or its last line is none. Raises OSError."""
    try:
        with _opened(path) as file:
            line = _last(file.fileno())
    except FileNotFoundError:
        return ""
    return line.of if line else ""


def intend(path: Path, head: Head, keys: ChainKeys, send: Send | None = None) -> HeadLine:
    """Note a head before its commit. Returns its line. Raises OSError: then nothing may be committed."""
    return _add(path, INTENDED, list(head), keys, send)


def keep(path: Path, head: Head, keys: ChainKeys, send: Send | None = None) -> None:
    """Note that the commit came about. A failure only leaves the head unproven."""
    try:
        _add(path, KEPT, [head.n, head.mac], keys, send)
    except OSError as error:
        log.warning("the head of the audit log cannot be noted: %s", type(error).__name__)


def compact(path: Path, today: str, keys: ChainKeys) -> int:
    """Keep of each day before `today` only the last head, so that the file does not grow for ever.

    A head that a later one does not continue stays, too: it is the witness of lines that were cut off meanwhile.
    A file with a line that is not genuine stays as it is, so that the fault stays in sight. Returns the number of
    dropped lines. Raises OSError.
    """
    if not path.exists():
        return 0
    with atomic_files.alone(path):
        found = read(path, keys)
        if found.plain or found.bad or not found.of:
            return 0
        texts = path.read_bytes().splitlines(keepends=True)
        lines = [line for text in texts if (line := _line(text)) is not None]
        of_today = [line.what == INTENDED and _day(line.data) >= today for line in lines]
        before = [n for n, line in enumerate(lines) if line.what != KEPT and not of_today[n]]
        old = lines[: before[-1] + 1 if any(of_today) else len(lines)]
        if len(old) < 2 or old[-1].what == REPLACED:  # no head yet
            return 0
        later = {tuple(line.data) for line in lines[len(old) :] if line.what == INTENDED}
        committed = [head for head in found.heads if head not in later]
        last = {_day(head): head for head in committed}
        left = {head for head, after in pairwise(committed) if after.first <= head.n}
        stay = [list(head) for head in committed if head in left or last[_day(head)] == head or _day(head) >= today]
        end = old[-1]
        data = [end.end, stay, *([[list(each) for each in found.replaced]] if found.replaced else [])]
        one = _stamped(HeadLine(path.name, found.of, end.nth, "", COMPACTED, data), keys)
        with atomic_files.replacing(path) as made:
            made.touch(0o600)
            shutil.copymode(path, made)
            made.write_bytes(one.text.encode() + b"".join(texts[len(old) :]))
    return len(old) - 1


def _day(head: Sequence[Any]) -> str:
    return local(head[4]).date().isoformat()


def _add(path: Path, what: str, data: list[Any], keys: ChainKeys, send: Send | None) -> HeadLine:
    with atomic_files.alone(path) as file:
        last = _last(file.fileno())
        if last is None:
            raise OSError(t("{name} has no last line that can be read", name=path.name))
        line = _stamped(HeadLine(path.name, last.of, last.nth + 1, last.end, what, data), keys)
        atomic_files.append_to(file, line.text.encode())
    _sent(send, path, line)
    return line


def _last(handle: int) -> HeadLine | None:
    """Return the last whole line; None if there is none, or it cannot be read. Half a line of a power cut is passed."""
    end = os.fstat(handle).st_size
    size = _TAIL
    while True:
        tail = os.pread(handle, min(size, end), max(0, end - size))
        whole = tail[: tail.rfind(b"\n") + 1]
        start = whole.rfind(b"\n", 0, -1)
        if start >= 0 or size >= end:
            return _line(whole[start + 1 :])
        size *= 16


def _sent(send: Send | None, path: Path, line: HeadLine) -> None:
    if send is not None:
        send(path, line.text)


def _content(line: HeadLine) -> tuple[str | int, ...]:
    return ("head", *line[:5], json.dumps(line.data, separators=(",", ":")), line.key)


def _stamped(line: HeadLine, keys: ChainKeys) -> HeadLine:
    line = line._replace(key=keys.current)
    return line._replace(tag=keys.stamp(_content(line))[1])


def _line(text: bytes) -> HeadLine | None:
    """Return the line; None if it is not of this form."""
    try:
        said = json.loads(text)
        line = HeadLine(**said)
        whole = isinstance(said["nth"], int) and isinstance(said["data"], list) and _shaped(line)
    except (ValueError, TypeError, RecursionError):
        return None
    return line if whole else None


def _shaped(line: HeadLine) -> bool:
    match line.what, line.data:
        case (
            ("intended", [int(), int(), str(), str(), int()])
            | ("kept", [int(), str()])
            | ("replaced", [str(), int(), str(), int()])
        ):
            return True
        case "compacted", [str(), list(heads)]:
            return _are(Head, heads)
        case "compacted", [str(), list(heads), list(files)]:
            return _are(Head, heads) and _are(ReplacedFile, files)
        case "begun", heads:
            return _are(Head, heads)
    return False


def _are(kind: type[Head | ReplacedFile], rows: list[Any]) -> bool:
    return all(isinstance(row, list) and len(row) == len(kind._fields) for row in rows)


def _read(texts: Iterable[bytes], name: str, keys: ChainKeys) -> HeadFile:
    found = HeadFile(there=True)
    intended: dict[tuple[int, str], Head] = {}
    plain: list[bytes] = []
    before: HeadLine | None = None
    for place, text in enumerate(texts, 1):
        if not text.endswith(b"\n"):  # a power cut; the next line takes its place
            continue
        line = _line(text)
        if line is None and before is None and not found.bad and _plain(text) is not None:
            plain.append(text)
            continue
        if line is None or line.file != name or not line.is_genuine(keys) or not _follows(before, line, found):
            found.bad.append(place)
            if line is None or line.file != name or not line.is_genuine(keys):
                continue
        found.of = found.of or line.of
        found.add(line, intended)
        before = line
    if plain and before is None and not found.bad:
        found.plain, found.heads = True, list(_plain_heads(plain))
    elif plain:
        found.bad = [*range(1, len(plain) + 1), *found.bad]
    return found


def _follows(before: HeadLine | None, line: HeadLine, found: HeadFile) -> bool:
    if before is None:
        return line.what in (BEGUN, COMPACTED) and not found.lines
    return line.of == before.of and line.nth == before.nth + 1 and line.after == before.end


def _plain(text: bytes) -> dict[str, Any] | None:
    """Return a line of a Loa before 1.0, which had no tags: a head, or `{"kept": n, "mac": …}`."""
    try:
        said: dict[str, Any] = json.loads(text)
        return said if set(said) in ({"kept", "mac"}, set(Head._fields)) else None
    except (ValueError, TypeError):
        return None


def _plain_heads(texts: Iterable[bytes]) -> Iterator[Head]:
    intended: dict[tuple[int, str], Head] = {}
    for said in filter(None, map(_plain, texts)):
        if "kept" in said:
            if kept := intended.get((said["kept"], said["mac"])):
                yield kept
        else:
            head = Head(**said)
            intended[head.n, head.mac] = head
