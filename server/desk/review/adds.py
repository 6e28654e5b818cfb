"""What an approval adds to the figures, in words: on cards and buttons before it, in a sentence after it (F-31)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy.orm import Session

from server.desk.words import label, quantity, t
from server.models import Record
from server.services.records.projection import share_in
from server.services.review import decisions
from server.services.units.scope import Scope
from sync.figures import every_figure
from sync.record import State


def listed(figures: Mapping[str, int], *, signed: bool = True) -> str:
    """Return the figures in their order: Băng rôn +5 chiếc · Lượt phát −20 lượt; empty for none."""
    parts = []
    for figure in every_figure():
        digits = figures.get(figure.code, 0)
        if digits:
            sign = ("−" if digits < 0 else "+") if signed else ""
            parts.append(f"{label(figure.label)} {sign}{quantity(figure.amount(abs(digits)), figure.unit)}")
    return " · ".join(parts)


def offer(figures: Mapping[str, int], key: str = "adds.offer") -> str:
    """Return the sentence of a button, or of a card that may be approved; `key`: its words."""
    what = listed(figures)
    return t(key, what=what) if what else t("adds.offer_none")


def done(figures: Mapping[str, int]) -> str:
    """Return the sentence after an act; empty if the figures stayed as they were."""
    what = listed(figures)
    return t("adds.done", what=what) if what else ""


def of_records(
    session: Session, scope: Scope, records: Iterable[tuple[Record, State]], key: str = "adds.offer"
) -> dict[str, str]:
    """Return, by record, what approving it would add, or what is counted of it; nothing for what cannot be approved."""
    those = list(records)
    offered = decisions.offered(session, scope, those)
    return {record.id: _of(record, offered[record.id], key) for record, _ in those if record.id in offered}


def _of(record: Record, added: Mapping[str, int], key: str) -> str:
    counted = listed(share_in(record).contribution.figures(), signed=False) if record.bucket == "counted" else ""
    return t("adds.counted", what=counted) if counted and not added else offer(added, key)
