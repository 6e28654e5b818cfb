"""Figures per unit for a campaign: every number opens to its records, the counting rule is printed under the table."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for

from server.db import reading
from server.desk import asked, nil, page
from server.desk.groups import groups
from server.desk.guard import guarded, officer_id
from server.services import choices, figures
from server.services.materialise import BUCKETS
from server.services.queue import ALL, Asked
from server.services.scope import Scope

bp = guarded("figures")
bp.before_request(page.before)


@bp.get("/figures")
def show() -> str:
    """One unit's table, its own top unit unless another is asked for."""
    with reading() as session:
        scope = Scope(session, officer_id())
        campaign = choices.campaign(session, scope, request.args.get("campaign", ""))
        tops = choices.units(session, scope.tops())
        if campaign is None or not tops:
            return render_template("desk/no_campaign.html")
        table = figures.table(session, scope, campaign, request.args.get("unit") or tops[0].id)
        own_row = next(row for row in table.rows if row.own)
        return render_template(
            "desk/figures.html",
            table=table,
            groups=groups(table.figures),
            campaign=campaign,
            campaigns=choices.campaigns(session, scope),
            buckets=BUCKETS,
            own_row=own_row,
            nil=nil.sheet(session, campaign, table, own_row) if table.sheet else None,
            may_run=scope.may_run(campaign),
            opens=lambda row, figure, bucket: _opens(campaign.id, row, figure, bucket),
            late=lambda row, mark: _cut(campaign.id, row, mark),
            may_take_back=campaign.status != "archived" and scope.may_take_back(table.unit.id),
        )


def _opens(campaign: str, row: figures.Row, figure: str, bucket: str) -> str:
    """The list that a number is the sum of."""
    return _cut(campaign, row, ALL, figure=figure, bucket=bucket)


def _cut(campaign: str, row: figures.Row, state: str, **cut: Any) -> str:
    found = asked.args(Asked(campaign=campaign, state=state), unit=row.unit.id, only=row.own, **cut)
    return url_for("queue.show", **found)
