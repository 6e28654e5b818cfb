"""Who did what: the audit log, newest first, for administrators and coordinators of the top unit."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import Annotated, Any, Final

from flask import render_template, send_file, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.clock import local, now_ms
from server.desk import csv_file
from server.desk.audit import saying
from server.desk.formats import moment
from server.desk.guard import guarded
from server.desk.inputs import Inputs, among, count, cut
from server.desk.shapes import Noted, noted, reads
from server.desk.units import LONGEST, typed_unit, unit_field
from server.desk.words import t
from server.services.audit import listing, log
from server.services.audit.acts import Act
from server.services.audit.listing import LogFilter, LogLine
from server.services.units.scope import MANAGERS, Scope
from sync.text import normal

MOST: Final = 100_000
"""Most lines of a file; the newest. A filter by days gives the rest."""
COLUMNS: Final = ("number", "at", "who", "kind", "address", "act", "what", "times", "old", "new", "mac")
bp = guarded("audit")


class AuditAsked(Inputs):
    """Which lines of the log are shown; what an address says otherwise is left out. `before`: the cursor."""

    from_: date | None
    to: date | None
    q: Annotated[str, cut(LONGEST)]
    act: Annotated[str, among({*Act})]
    unit: str
    before: Annotated[int, count(digits=15)]

    @property
    def filter(self) -> LogFilter:
        """The lines."""
        return LogFilter(_day(self.from_), _day(self.to), normal(self.q), self.act, self.unit, self.before)


def _day(day: date | None) -> date | None:
    return day if day and date.min < day < date.max else None  # a day more or less must exist


@bp.get("/audit")
@reads
def show(database: Session, scope: Scope) -> str | Response:
    """Show a page of the log."""
    asked = AuditAsked.asked()
    listing.check(database, scope)
    answer = typed_unit(database, scope, asked.args(unit="", before=0), MANAGERS)
    if answer is not None:
        return answer
    return render_template(
        "desk/audit/audit.html",
        found=listing.page(database, scope, asked.filter),
        asked=asked.filter,
        kept=asked.args(before=0),
        cut=bool(asked.args(before=0)),
        head=log.head(database),
        removed=listing.removed_until(database),
        field=unit_field(database, scope, asked.unit, MANAGERS),
        acts=sorted(((act.value, saying.act(act)) for act in Act), key=lambda each: each[1]),
        say=saying,
        link=lambda before: url_for("audit.show", **asked.args(before=before)),
    )


@bp.get("/audit.csv")
@noted
@reads
def as_csv(database: Session, scope: Scope) -> Noted:
    """Return what the page lists as comma-separated values; that somebody took it is a line, too."""
    data = csv_file.made(_rows(islice(listing.every(database, scope, AuditAsked.asked().filter), MOST)))
    name = f"nhat-ky-{local(now_ms()):%Y%m%d-%H%M}.csv"
    answer = send_file(io.BytesIO(data), mimetype="text/csv", as_attachment=True, download_name=name)
    return Noted(answer, Act.LOG_READ, new={"format": "csv"})


def _rows(lines: Iterator[LogLine]) -> Iterator[list[Any]]:
    yield [t(f"audit.column.{name}") for name in COLUMNS]
    for line in lines:
        row, act = line.row, line.row.act
        said = (moment(row.at), saying.who(line), saying.kind(row.actor_kind), row.address, saying.act(act))
        changed = (saying.values(line.old, act), saying.values(line.new, act))
        yield [row.number, *said, saying.what(line), row.times, *changed, row.mac]
