"""A commune signs its own report: once its figures are confirmed it locks them, and the report goes the usual road."""

from __future__ import annotations

import html
from typing import Any

import pytest

from server.core.db import writing
from server.models import Campaign
from server.models.installation import lock_catalog
from server.services.reports.workflow.papers import SUPPLEMENT, PaperAct, PaperState
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone, Phone
from support.world.changes import come, seal
from support.world.issuing import NUMBER, changes, history, make, pdf, prose, step, to, word
from support.world.locking import lock, unlock
from support.world.papers import decide
from support.world.world import World

LOCK, PAPERS = "/desk/figures/lock", "/desk/papers"


def recorded(desk: MakeDesk, officer: Phone, quantity: int) -> None:
    """A banner record that the district has counted."""
    record = officer.create(quantity=quantity)
    officer.sync()
    decide(desk("huyen"), record)


@pytest.mark.slow
@pytest.mark.costly
def test_from_its_confirmed_figures_to_the_issued_report(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    one = desk("xa1")
    recorded(desk, phone("xa1"), 3)
    place = f"unit={world.units['12286']}&campaign={world.campaign}"
    one.get(f"/desk/figures?{place}")
    assert "Khóa số liệu báo cáo" not in one.text, "nothing is confirmed"
    seal(world, "xa1")
    one.get(f"/desk/figures?{place}")
    assert "Khóa số liệu báo cáo" in one.text
    one.get(f"{LOCK}?{place}")
    assert one.post(one.form(LOCK), yes="1").status_code == 303
    one.get(f"/desk/report?{place}")
    assert one.post(one.form(PAPERS)).status_code == 303
    paper = one.location.rsplit("/", 1)[-1]
    for act, state in (
        (PaperAct.SUBMIT, PaperState.PRESENTED),
        (PaperAct.APPROVE, PaperState.APPROVED),
        (PaperAct.SIGN, PaperState.SIGNED),
        (PaperAct.ISSUE, PaperState.ISSUED),
    ):
        more: dict[str, Any] = {"pdf": pdf()} if act is PaperAct.ISSUE else {}
        assert step(world, paper, act, "xa1", **more) is state
    found = history(world, paper)
    assert found.file is not None
    assert found.issued is not None
    assert found.issued.doc_number == NUMBER
    assert "treo 03 băng rôn" in prose(word(world, paper, "xa1"))
    one.get(f"{PAPERS}/{paper}")
    assert NUMBER in one.text


@pytest.mark.slow
@pytest.mark.costly
def test_what_comes_later_is_a_supplementary_report(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer = phone("xa1")
    recorded(desk, officer, 3)
    seal(world, "xa1")
    lock(world, "xa1", "12286")
    first = to(world, make(world, "xa1", "12286"), PaperState.ISSUED, "xa1")
    recorded(desk, officer, 4)
    unlock(world, "huyen", "12286")
    seal(world, "xa1")
    lock(world, "xa1", "12286")
    second = make(world, "xa1", "12286", kind=SUPPLEMENT, follows=first)
    said = [row for row in changes(word(world, second, "xa1")) if "Băng rôn" in " ".join(row)]
    assert any({"3", "7"} <= set(row) for row in said), said


@pytest.mark.databases("sqlite")
def test_who_only_records_at_a_district_makes_no_report_of_it(world: World, desk: MakeDesk) -> None:
    come(world, "nhanla", "331", "officer")
    lock(world)
    one = desk("nhanla")
    one.get(f"/desk/report?unit={world.units['331']}&campaign={world.campaign}")
    assert not one.has_form(PAPERS)


UNSENT, CONFIRM = "Đơn vị chưa xác nhận và gửi hết số liệu", "Xem trước và xác nhận"


def test_what_is_not_sent_has_its_way_there_on_the_report_s_page(
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    recorded(desk, phone("xa1"), 3)
    place = f"unit={world.units['12286']}&campaign={world.campaign}"
    one, above = desk("xa1"), desk("huyen")
    one.get(f"/desk/report?{place}")
    assert UNSENT in one.text
    assert f"/desk/figures/give?{place}" in html.unescape(one.html)
    assert CONFIRM in one.text
    assert "khóa số liệu rồi lập báo cáo" not in one.text
    above.get(f"/desk/report?{place}")
    assert UNSENT in above.text
    assert CONFIRM not in above.text, "the commune itself"
    seal(world, "xa1")
    one.get(f"/desk/report?{place}")
    assert UNSENT not in one.text
    assert one.has_form(LOCK)
    above.get(f"/desk/report?{place}")
    assert "khóa số liệu rồi lập báo cáo" in above.text, "whose act it is"
    with world.app.app_context(), writing() as session:
        lock_catalog(session)
        session.get_one(Campaign, world.campaign).status = "archived"
    for each in (one, above):
        each.get(f"/desk/report?{place}")
        assert UNSENT not in each.text
        assert "khóa số liệu rồi lập báo cáo" not in each.text, "nothing is locked any more"
