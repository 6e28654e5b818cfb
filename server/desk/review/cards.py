"""A record in a list: its title, its values in one line, its first photo."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from server.desk.hints import sentences
from server.desk.review import adds
from server.desk.review.since import since
from server.desk.showing import progress_text, value_text
from server.desk.words import t
from server.models import Campaign, Record
from server.services.records.late import marks_of
from server.services.records.streams import number_text
from server.services.review import briefs, warning_rules
from server.services.review.schedule_extensions import may_count
from server.services.units.scope import Scope
from sync.record import State
from sync.registry import KINDS, Kind

REPLY_SHOWN = 100
"""Characters of an answer in a list."""


RecordCard = dict[str, Any]
"""One line of a list. `thumb`: key of a photo that can be shown; `photos`: how many there are.

`refused`: it has photos, and each was refused. `since`: what is new since the decision; `verdict`: the
decision on an amended record, and `decision` its id. `basis`: what a decision is bound to (SPEC D-2); only for a
record that may be counted from the list, because it gained nothing but days of its schedule, otherwise empty.
`hint`: the worst grade of its hints; `kept`: what officers keep beside them. `reply`: how the officer's answer to
the return in force begins.

`readiness`: Why it is not ready for approval, or that something was found after it; empty for all others.
`adds`: What approving it would add to the figures, or what of it is counted (SPEC F-31).
`warnings`: Those that the line does not show otherwise.
"""


def cards(session: Session, scope: Scope, campaign: Campaign, records: Sequence[Record]) -> dict[str, RecordCard]:
    """Return the cards of these records by id."""
    found = {}
    late = marks_of(session, records)
    warned = warning_rules.of(session, records, but=warning_rules.SHOWN)
    those = briefs.briefs(session, records)
    added = adds.of_records(session, scope, [(brief.record, brief.state) for brief in those], "adds.row")
    for brief in those:
        record, kind = brief.record, KINDS.get(brief.record.kind)
        found[record.id] = {
            "number": number_text(record.kind, record.number),
            "title": _title(kind, campaign, brief.state),
            "line": _line(kind, campaign, brief.state),
            "thumb": brief.thumb,
            "refused": brief.refused,
            "photos": len(brief.state.photos),
            "by": brief.by,
            "icon": str(kind.source.get("icon", "")) if kind else "",
            "kind": record.kind,
            "edited_while_deleted": brief.state.edited_while_deleted,
            "late": late.get(record.id, []),
            "since": since(kind, brief),
            "verdict": brief.decision.verdict if brief.decision else "",
            "decision": brief.decision.id if brief.decision else "",
            "basis": json.dumps(brief.state.ids) if may_count(session, scope, campaign, brief) else "",
            "hint": record.hint or "",
            "readiness": (record.readiness or "") if record.state in ("waiting", "amended", "counted") else "",
            "kept": sentences.kept(kind, campaign, brief.state) if record.hint else [],
            "reply": _beginning(brief.reply.text) if brief.reply else "",
            "adds": added.get(record.id, ""),
            "warnings": warned.get(record.id, ()),
        }
    return found


def _beginning(text: str) -> str:
    """Return a text in one line, cut between two words if it is long."""
    line = " ".join(text.split())
    return line if len(line) <= REPLY_SHOWN else line[:REPLY_SHOWN].rsplit(" ", 1)[0] + "…"


def _title(kind: Kind | None, campaign: Campaign, state: State) -> str:
    if kind is None:
        return ""
    sides = state.sides(kind.title)
    return " / ".join(value_text(kind, campaign, kind.title, side) for side in sides if side is not None)


def _line(kind: Kind | None, campaign: Campaign, state: State) -> str:
    """Return the required fields but the title, and the hamlet: enough to tell two records apart."""
    if kind is None:
        return ""
    shown = [field.name for field in kind.fields if (field.required or field.name == "hamlet")]
    texts = [
        value_text(kind, campaign, name, state.value(name))
        for name in shown
        if name != kind.title and state.value(name) is not None
    ]
    if progress := progress_text(kind, state):
        texts.append(progress)
    if state.documents:
        texts.append(t("queue.documents", count=len(state.documents)))
    return " · ".join(texts)
