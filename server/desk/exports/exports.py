"""One page for everything that the list's filter can be taken along as; tables, at once or made by a job."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import redirect, render_template, send_file, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.db import reading
from server.core.problem_details import Problem
from server.desk.exports import asked as filters
from server.desk.exports import links as link_pages
from server.desk.exports.in_words import in_words
from server.desk.guard import guarded, officer_id
from server.desk.inputs import whole_address
from server.desk.jobs.jobs import fault
from server.desk.shapes import Done, changes, reads
from server.desk.units import typed_unit, unit_field
from server.desk.words import t
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.campaigns import choices
from server.services.campaigns.lifecycle import kinds_of
from server.services.exports import links, photo_parts, table_files
from server.services.exports.selection import Selection, logged, one_unit
from server.services.exports.table_files import FORMATS, TableOrder, write
from server.services.reports.documents import asking
from server.services.review import queue as lists
from server.services.review import writers
from server.services.review.results_filter import HINTS, ResultFilter
from server.services.units.scope import Scope

bp = guarded("exports")


@bp.get("/exports")
@reads
def show(session: Session, scope: Scope) -> str | Response:
    """Show what the filter selects, the ways to take it along, files that jobs made, links."""
    wanted = filters.read(session, whole_address())
    whole = replace(wanted, cut=replace(wanted.cut, unit="", only=False), officer="")
    answer = typed_unit(session, scope, filters.arguments(whole))
    if answer is not None:
        return answer
    campaign = choices.campaign(session, scope, wanted.cut.campaign)
    if campaign is None:
        return render_template("desk/no_campaign.html")
    asked = replace(wanted, cut=replace(wanted.cut, campaign=campaign.id))
    selection = Selection(session, scope, campaign, asked)
    count = selection.count()
    try:
        unit = one_unit(scope, asked)
    except Problem:
        unit = ""
    page = filters.ExportAsked.asked().made
    kinds = table_files.KINDS_BY_FORM.values()
    made = asking.listed(session, scope, campaign.id, unit, kinds, page) if unit else None
    lines = made.rows if made else ()
    too_large = selection.is_too_large
    direct = count <= table_files.DIRECT
    # Of a long list only when asked for: all its records are read, and the page comes every 4 s while a job runs.
    divided = not too_large and (direct or filters.ExportAsked.asked().parts)
    return render_template(
        "desk/exports/exports.html",
        asked=asked,
        filter=filters.text(asked),
        arguments=filters.arguments(asked),
        back=url_for(_list_of(asked), **filters.arguments(asked)),
        campaign=campaign,
        campaigns=choices.campaigns(session, scope),
        field=unit_field(session, scope, asked.cut.unit),
        said=in_words(session, scope, asked),
        officers=writers.writers(session, lists.units_of(session, scope, asked.cut)),
        hints=[name for name, _ in HINTS.named()],
        filters=lists.FILTERS,
        kinds=kinds_of(campaign),
        count=count,
        too_large=too_large,
        unit=unit,
        direct=direct,
        forms=list(FORMATS),
        parts=photo_parts.parts(session, selection) if divided else None,
        made=made,
        lines=lines,
        made_link=lambda page: url_for("exports.show", **filters.arguments(asked), made=page, _anchor="made"),
        under_way=any(line.state in ("queued", "running") for line in lines),
        watch=filters.ExportAsked.asked().watch,
        fault=fault,
        links=links.listed(session, scope),
        says=lambda line: in_words(session, scope, line.filter),
        draft=link_pages.draft(),
        days=link_pages.days(),
        most_linked=links.MOST,
    )


def _list_of(asked: ResultFilter) -> str:
    """Return the page that lists this filter: results, where the queue does not know all of it."""
    return "queue.show" if replace(asked, hint="") == ResultFilter(asked.cut) else "results.show"


@bp.get("/exports/table.<form>")
def table(form: str) -> Response:
    """Return a short table; of a long one the page, where it can be asked for."""
    if form not in FORMATS:
        raise Problem("not_found")
    with reading() as session:
        asked = filters.read(session, whole_address())
        scope = Scope(session, officer_id())
        campaign = filters.campaign(session, scope, asked)
        if Selection(session, scope, campaign, asked).count() > table_files.DIRECT:
            return redirect(url_for("exports.show", **filters.arguments(asked)), 303)
        said = {"format": form, "table": "records", **logged(scope, asked)}
    log.note(Act.EXPORTED, ("campaign", asked.cut.campaign), new=said)
    order = TableOrder(officer_id(), asked.cut.campaign, asked, lambda _done, _of: None)
    with TemporaryDirectory(prefix="loa-") as folder:
        path, name = write(order, form, Path(folder))
        data = path.read_bytes()
    return send_file(BytesIO(data), FORMATS[form], as_attachment=True, download_name=name)


@bp.post("/exports/ask")
@changes
def ask(session: Session, scope: Scope) -> Done:
    """Ask for a long table. Asked for twice, it is made once."""
    asked = filters.posted(session)
    campaign = filters.campaign(session, scope, asked)
    if Selection(session, scope, campaign, asked).is_too_large:
        raise Problem("export_too_large")
    table_files.ask(session, scope, campaign, asked, filters.ExportForm.sent().as_)
    return Done(url_for("exports.show", **filters.arguments(asked), watch=1, _anchor="made"), t("done.document_asked"))
