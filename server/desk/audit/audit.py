"""Who did what: the audit log, newest first, for administrators and coordinators of the top unit."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from itertools import islice
from typing import Any, Final

from flask import render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from server.core.clock import local, now_ms
from server.core.db import reading
from server.desk import csv_file, page
from server.desk.audit import saying
from server.desk.formats import moment
from server.desk.guard import guarded, officer_id
from server.desk.units import LONGEST, typed_unit, unit_field
from server.desk.words import t
from server.services.audit import listing, log
from server.services.audit.acts import Act
from server.services.audit.listing import LogFilter, LogLine
from server.services.units.scope import MANAGERS, Scope
from sync.text import normal
from sync.values import is_date

MOST: Final = 100_000
"""Most lines of a file; the newest. A filter by days gives the rest."""
COLUMNS: Final = ("number", "at", "who", "kind", "address", "act", "what", "times", "old", "new", "mac")
bp = guarded("audit")
bp.before_request(page.before)


@bp.get("/audit")
def show() -> str | Response:
    """Show a page of the log."""
    asked = _asked(request.args)
    with reading() as database:
        scope = Scope(database, officer_id())
        listing.check(database, scope)
        answer = typed_unit(database, scope, _args(replace(asked, unit="", before=0)), MANAGERS)
        if answer is not None:
            return answer
        return render_template(
            "desk/audit/audit.html",
            found=listing.page(database, scope, asked),
            asked=asked,
            kept=_args(replace(asked, before=0)),
            cut=bool(_args(replace(asked, before=0))),
            head=listing.head(database),
            removed=listing.removed_until(database),
            field=unit_field(database, scope, asked.unit, MANAGERS),
            acts=sorted(((act.value, saying.act(act)) for act in Act), key=lambda each: each[1]),
            say=saying,
            link=lambda before: url_for("audit.show", **_args(replace(asked, before=before))),
        )


@bp.get("/audit.csv")
def as_csv() -> Response:
    """Return what the page lists as comma-separated values; that somebody took it is a line, too."""
    asked = _asked(request.args)
    with reading() as database:
        found = listing.every(database, Scope(database, officer_id()), asked)
        data = csv_file.made(_rows(islice(found, MOST)))
    log.note(Act.LOG_READ, new={"format": "csv"})
    name = f"nhat-ky-{local(now_ms()):%Y%m%d-%H%M}.csv"
    return send_file(io.BytesIO(data), mimetype="text/csv", as_attachment=True, download_name=name)


def _rows(lines: Iterator[LogLine]) -> Iterator[list[Any]]:
    yield [t(f"audit.column.{name}") for name in COLUMNS]
    for line in lines:
        row = line.row
        who, what = saying.who(line), saying.what(line)
        old, new = saying.values(line.old, row.act), saying.values(line.new, row.act)
        said = (moment(row.at), who, saying.kind(row.actor_kind), row.address, saying.act(row.act), what)
        yield [row.number, *said, row.times, old, new, row.mac]


def _asked(args: Mapping[str, str]) -> LogFilter:
    """Return the filter of the address; what it does not understand is left out."""
    before = args.get("before", "")
    return LogFilter(
        first=_day(args.get("from", "")),
        last=_day(args.get("to", "")),
        person=normal(args.get("q", "")[:LONGEST]),
        act=args.get("act", "") if args.get("act", "") in set(Act) else "",
        unit=args.get("unit", ""),
        before=int(before) if before.isdecimal() and before.isascii() and len(before) < 16 else 0,
    )


def _day(text: str) -> date | None:
    found = date.fromisoformat(text) if is_date(text) else None
    return found if found and date.min < found < date.max else None  # a day more or less must exist


def _args(asked: LogFilter) -> dict[str, Any]:
    """Return the filter as arguments of `url_for`; defaults are left out."""
    found = {
        "from": asked.first and asked.first.isoformat(),
        "to": asked.last and asked.last.isoformat(),
        "q": asked.person,
        "act": asked.act,
        "unit": asked.unit,
        "before": asked.before,
    }
    return {name: value for name, value in found.items() if value}
