"""What is new in a record since the decision, as one line."""

from __future__ import annotations

from server.desk.showing import field_label
from server.desk.words import t
from server.services.review.briefs import Brief
from server.services.review.schedule_extensions import days_added
from sync.registry import Kind


def since(kind: Kind | None, brief: Brief) -> str:
    """Return the line, empty if nothing is new; confirmed days are counted, other fields named.

    What they add to the figures is said beside it (adds.py).
    """
    added = days_added(kind, brief.changes)
    parts = [t("since.days", days=len(added))] if added else []
    names = dict.fromkeys(field_label(kind, change.name) for change in brief.changes if change.name not in added)
    if names:
        parts.append(t("since.fields", fields=", ".join(names)))
    return t("since.row", what="; ".join(parts)) if parts else ""
