"""The one address of a Word file of a report: of today's figures, of locked ones, or of a paper."""

from __future__ import annotations

from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.problem_details import Problem
from server.desk.asked_place import SentPlace
from server.desk.guard import guarded, officer_id
from server.desk.shapes import reads, to_keep
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.campaigns import choices
from server.services.reports import content, word
from server.services.reports.documents import report_files
from server.services.reports.documents.report_files import WordAsked
from server.services.units.scope import Scope
from server.serving.installation import installed

bp = guarded("word", framed=False)
ALL = "all"
"""In the place of names of annexes: every one of them."""


class WordQuery(SentPlace):
    """Which report: of a paper, a freeze, else of a unit's figures of today (documents/report_files.py)."""

    paper: str
    freeze: str
    count: str
    since: str
    beside: bool
    annexes: list[str]


@bp.get("/report/word")
def download() -> Response:
    """Return the file. A draft is made anew; what was presented has the same bytes each time."""
    asked = WordQuery.asked()
    campaign, unit = ("", "") if asked.paper or asked.freeze else _place(asked)
    wanted = WordAsked(
        campaign=campaign,
        unit=unit,
        freeze=asked.freeze,
        count=asked.count,
        since=asked.since,
        paper=asked.paper,
        beside=asked.beside,
        annexes=content.ANNEXES if asked.annexes == [ALL] else tuple(asked.annexes),
    )
    made = report_files.word_file(officer_id(), wanted, installed().blobs)
    log.note(Act.EXPORTED, made.about, new={"format": "docx", **made.said})
    return to_keep(made.data, word.MEDIA_TYPE, made.name)


@reads
def _place(session: Session, scope: Scope, asked: WordQuery) -> tuple[str, str]:
    """The campaign, by default the nearest, and the unit as it is today."""
    campaign = choices.campaign(session, scope, asked.campaign)
    if campaign is None:
        raise Problem("not_found")
    return campaign.id, scope.today(asked.unit)
