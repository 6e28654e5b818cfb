"""A unit's report: a preview, and the Word file (services/reports)."""

from __future__ import annotations

import io
from typing import Annotated

from flask import render_template, send_file, url_for
from werkzeug.wrappers import Response

from server.core.db import reading
from server.core.problem_details import Problem
from server.desk.asked_place import SentPlace, asked_place
from server.desk.guard import guarded, officer_id
from server.desk.inputs import count
from server.desk.panels import panels
from server.desk.units import typed_unit, unit_field
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.campaigns import choices
from server.services.reports import content, draft, word, words
from server.services.reports.text import sections
from server.services.reports.workflow import papers
from server.services.units.scope import Scope
from server.serving.installation import installed

bp = guarded("report")


class ReportAsked(SentPlace):
    """Of whom the report is; the annex that the preview shows, or those that the file has."""

    annex: Annotated[int, count()]
    annexes: list[str]


@bp.get("/report")
def show() -> str | Response:
    """Show the preview, by default of one's own top unit. A long annex is on the page once it is asked for."""
    wanted = ReportAsked.asked().campaign
    with reading() as session:
        scope = Scope(session, officer_id())
        answer = typed_unit(session, scope, {"campaign": wanted} if wanted else {}, merged=False)
        if answer is not None:
            return answer
        place = asked_place(session, scope)
        if place is None:
            return render_template("desk/no_campaign.html")
        campaign = place.campaign
        # A merged unit reports no more: its work is a row of its successor's report (SPEC L-6).
        unit = scope.today(place.unit)
        return render_template(
            "desk/reports/report.html",
            it=sections.filled_today(session, scope, campaign, unit, draft.report(session, scope, campaign, unit)),
            unit=unit,
            field=unit_field(session, scope, unit, merged=False),
            campaign=campaign,
            campaigns=choices.campaigns(session, scope),
            words=words.text,
            opens=lambda annex: url_for("report.show", unit=unit, campaign=campaign.id, annex=annex, _anchor="annex"),
            at=ReportAsked.asked().annex,
            panels=panels(session, scope, campaign, unit),
            paper=papers.leading(papers.of_unit(session, unit, campaign.id)),
        )


@bp.get("/report/word")
def download() -> Response:
    """Return the file. Photos are read after the transaction with the figures, because drawing them takes seconds."""
    with reading() as session:
        scope = Scope(session, officer_id())
        campaign = choices.campaign(session, scope, ReportAsked.asked().campaign)
        if campaign is None:
            raise Problem("not_found")
        unit, campaign_id = scope.today(ReportAsked.asked().unit), campaign.id
        names = ReportAsked.asked().annexes or list(content.USUAL_ANNEXES)
        most = content.USUAL_PHOTOS if names == list(content.USUAL_ANNEXES) else None
        drafted = draft.report(session, scope, campaign, unit, most)
        made = sections.filled_today(session, scope, campaign, unit, drafted)
        made = made if names == ["all"] else content.with_chosen(made, names)
    log.note(Act.EXPORTED, ("campaign", campaign_id), new={"format": "docx", "table": "report", "unit": unit})
    data = word.document(made, installed().blobs.open)
    response = send_file(io.BytesIO(data), word.MEDIA_TYPE, as_attachment=True, download_name=made.file_name)
    response.headers["Cache-Control"] = "private, no-store"
    return response
