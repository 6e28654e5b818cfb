"""The report of a freeze as plain data. Before *Trình* all but the figures may change: letterhead and texts are given.

Without photos and lists, which a purge removes: they are read from the lines of the records (evidence.py).
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.core.clock import today
from server.models import Campaign, Unit
from server.services import letterheads
from server.services.figures.table import Counting
from server.services.letterheads import LetterheadText
from server.services.locks.foot import foot
from server.services.locks.freezes import FrozenFigures
from server.services.reports import Report, ReportBasis, ReportedCampaign, draft, listings
from server.services.reports.pictures import Chosen


def headed(session: Session, found: FrozenFigures) -> LetterheadText:
    """Return the letterhead of the freeze's unit that is in force today."""
    campaign = session.get(Campaign, found.row.campaign_id)
    return letterheads.in_force(session, session.get_one(Unit, found.row.unit_id), today(), campaign)


def report(found: FrozenFigures, letterhead: LetterheadText, counts: Counting | None = None) -> Report:
    """Return the report. `counts`: which amounts, by default those that the signatory chose."""
    head, campaign = found.head, found.head["campaign"]
    read = ReportBasis(
        ReportedCampaign(campaign["name"], campaign["practice"], campaign["hotline"], tuple(campaign["bases"])),
        found.table,
        found.row.at,
        head["waiting"],
        head["demo"],
        head["witness"],
        Chosen((), *(int(head["photos"][name]) for name in ("n", "records", "all"))),
        letterhead,
        {code: found.amount(code, amount) for code, amount in head["earlier"].items()},
        listings.Lists((), (), 0, 0),
        head["added"],
        foot(found.row),
    )
    return draft.written(read, counts or found.counts, draft=False)
