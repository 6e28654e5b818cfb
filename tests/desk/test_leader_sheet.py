"""The sheet for a leader: what is without evidence figure by figure, and who is silent, as short as one page allows."""

from __future__ import annotations

from typing import Any

import docx
import pytest

from server.core.db import writing
from server.models import Campaign
from server.models.installation import lock_catalog
from server.services.figures.loading import asked as asked_figures
from server.services.figures.table import Cell
from server.services.reports.documents import leader_sheet
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world import asked, papers, totals
from support.world.changes import add_communes
from support.world.world import World
from sync.figures import every_figure

pytestmark = pytest.mark.databases("sqlite")


def said(world: World, one: Any) -> list[str]:
    sheet = docx.Document(asked.got(world, one, "33", "summary"))
    return [paragraph.text for paragraph in sheet.paragraphs]


@pytest.mark.slow
@pytest.mark.costly
def test_what_has_no_evidence_is_said_of_each_figure(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """Pieces and airings have no common share."""
    papers.fill(desk, phone)
    assert "Các số liệu trên đều có minh chứng." in said(world, desk("tinh"))
    totals.state(world, "huyen", totals.NHANLA, banners=3, airings=2)
    says = "Chưa có minh chứng, không cộng vào kết quả: băng rôn 3/51 chiếc (6 %); lượt phát 2/250 lượt (dưới 1 %)."
    assert says in said(world, desk("tinh"))


@pytest.mark.slow
@pytest.mark.costly
def test_it_has_all_that_the_letter_asks_for(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """Mobile propaganda and the hotline come last of the kinds: other figures took their lines."""
    papers.fill(desk, phone)
    wanted = ["banners", "banner_metres", "panels", "posters", "leaflets", "folded_leaflets", "airings", "minutes"]
    wanted += ["mobile_sessions", "oral_sessions", "hotline_mentions", "hotline_units"]
    with world.app.app_context(), writing() as session:
        lock_catalog(session)
        session.get_one(Campaign, world.campaign).figures = wanted
    sheet = docx.Document(asked.got(world, desk("tinh"), "33", "summary"))
    labels = {figure.label["vi"]: figure.code for figure in every_figure()}
    rows = [[cell.text for cell in row.cells] for row in sheet.tables[1].rows[1:]]
    assert {labels[row[1]] for row in rows} == set(wanted)
    assert {labels[row[1]]: row[3] for row in rows}["hotline_units"] == "2"


def test_more_than_fit_are_counted_and_what_nobody_reported_is_not_first_to_go(world: World, desk: MakeDesk) -> None:
    wanted = every_figure()[: leader_sheet.MOST + 2]
    cells = {figure.code: Cell(counted=1) for figure in wanted} | {wanted[0].code: Cell()}
    assert {figure.code for figure in leader_sheet.chosen(wanted, wanted, cells)} == {
        figure.code for figure in wanted[: leader_sheet.MOST]
    }
    with world.app.app_context(), writing() as session:
        lock_catalog(session)
        campaign = session.get_one(Campaign, world.campaign)
        campaign.figures = [figure.code for figure in wanted]
        shown = len(asked_figures(campaign))
    assert shown == leader_sheet.MOST + 2
    assert "và 2 chỉ tiêu khác theo văn bản chỉ đạo, có trong báo cáo." in said(world, desk("tinh"))


@pytest.mark.slow
@pytest.mark.costly
def test_many_silent_units_are_counted_by_district(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    papers.fill(desk, phone)
    assert "Các đơn vị chưa báo cáo: xã Nhân La (huyện Kim Động)." in said(world, desk("tinh"))
    add_communes(world, "331", 50)
    lines = said(world, desk("tinh"))
    assert "Có 2/53 đơn vị đã có số liệu." in lines
    assert "Chưa báo cáo: huyện Kim Động 51." in lines
    assert "Nhân La" not in " ".join(lines)
