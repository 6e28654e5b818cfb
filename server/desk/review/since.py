"""What is new in a record since the decision, as one line."""

from __future__ import annotations

from collections.abc import Collection

from server.desk.formats import quantity
from server.desk.numerals import number
from server.desk.showing import field_label
from server.desk.words import t
from server.services.review.briefs import Brief
from server.services.review.changes import Change
from server.services.review.schedule_extensions import days_added
from sync.registry import Kind


def since(kind: Kind | None, brief: Brief) -> str:
    """Return the line, empty if nothing is new; confirmed days are counted, other fields named."""
    added = days_added(kind, brief.changes)
    parts = [_days(kind, added.values())] if kind and added else []
    names = dict.fromkeys(field_label(kind, change.name) for change in brief.changes if change.name not in added)
    if names:
        parts.append(t("since.fields", fields=", ".join(names)))
    return t("since.row", what="; ".join(parts)) if parts else ""


def _days(kind: Kind, said: Collection[Change]) -> str:
    agreed = [change.after[0] for change in said if len(change.after) == 1]
    times = sum(value for value in agreed if isinstance(value, int))
    unit = kind.registers[kind.confirm.register].unit if kind.confirm else None
    return t("since.days", days=len(said), times=quantity(times, unit) if unit else number(times))
