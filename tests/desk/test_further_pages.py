"""Lists that stand on a page beside other things have further pages: what is older is there to see, too."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from server.core.clock import new_id, now_ms, today
from server.core.db import reading, writing
from server.core.paging import page_of, slice_of
from server.models import (
    Absence,
    AskedDocument,
    EnrolmentCode,
    Handover,
    Membership,
    Officer,
    RegimeVersion,
    UnitSplit,
    WelcomeLink,
)
from server.models.installation import lock_catalog
from server.services.access import own_acts
from server.services.administration import splits
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.audit.listing import PAGE as LINES
from server.services.checklist import versions
from server.services.organisation import absences, factor_duty, handover
from server.services.reports.documents import asking
from support.clients.desk import MakeDesk
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


def put(world: World, *rows: Any) -> None:
    with world.app.app_context(), writing() as session:
        lock_catalog(session)
        session.add_all(rows)


def way(one: Any, rel: str, of: str = "") -> str:
    """The address of the next or former page; empty if there is none. `of`: of which list."""
    places = re.findall(rf'<nav class="pages" aria-label="{of}[^"]*">(.*?)</nav>', one.html, re.DOTALL)
    found = [href for place in places for href in re.findall(rf'rel="{rel}" href="([^"#]+)', place)]
    return found[0].replace("&amp;", "&") if found else ""


def test_every_row_is_on_one_page(world: World) -> None:
    with world.app.app_context(), reading() as session:
        names = [name for (name,) in session.execute(select(Officer.name).order_by(Officer.name, Officer.id))]
        ordered = select(Officer.name, Officer.id).order_by(Officer.name, Officer.id)
        found = [page_of(session, ordered, number, 3) for number in range(1, -(-len(names) // 3) + 1)]
        assert [row.name for page in found for row in page.rows] == names
        assert {page.pages for page in found} == {len(found)}
        assert page_of(session, ordered, 999, 3) == found[-1]
        none = page_of(session, ordered.where(Officer.name == "nobody"), 5, 3)
        assert (none.rows, none.number, none.pages) == ([], 1, 1)


def test_rows_that_are_there() -> None:
    found = [slice_of(range(7), number, 3) for number in (1, 2, 3)]
    assert [list(page.rows) for page in found] == [[0, 1, 2], [3, 4, 5], [6]]
    assert [(page.number, page.pages, page.total) for page in found] == [(1, 3, 7), (2, 3, 7), (3, 3, 7)]
    assert slice_of(range(7), 999, 3) == found[-1]
    assert slice_of([], 5, 3) == slice_of([], 1, 3)


def test_who_lacks_a_second_factor_is_listed_once(
    world: World, desk: MakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody with two roles that require one, at two units, is one of those on the page."""
    monkeypatch.setattr(factor_duty, "PAGE", 3)
    one = desk("quantri")
    put(
        world,
        *(
            Membership(id=new_id(), officer_id=world.officers["huyen"], unit_id=unit, role=role, since=now_ms())
            for unit, role in ((world.units["331"], "officer"), (world.units["333"], "reviewer"))
        ),
    )
    one.get("/desk/people?factors=1")
    assert one.post(one.form("/people/second-factors"), role=["officer", "reviewer"]).status_code == 303
    one.get("/desk/people?factors=1")
    seen: list[str] = []
    while True:
        said = one.html.partition('id="f-lacking"')[2].partition("</ul>")[0]
        people = re.findall(r"<li>.*?<span[^>]*>([^,]*),", said)
        seen += people
        if not (following := way(one, "next", "Những người bắt buộc")):
            break
        assert len(people) == 3
        one.get(following)
    assert len(seen) == len(set(seen)) > 3
    assert "huyen" in seen


def test_versions_of_the_table_of_regimes(world: World, desk: MakeDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "PAGE", 2)
    one, now = desk("quantri"), now_ms()
    put(
        world,
        *(
            RegimeVersion(
                id=new_id(), number=nth, officer_id=world.officers["quantri"], at=now, taken_at=now,
                sha256=f"{nth:064x}", lines=[],
            )
            for nth in range(1, 6)
        ),
    )  # fmt: skip
    one.get("/desk/regimes")
    shown = [_numbers(one)]
    while following := way(one, "next"):
        one.get(following)
        shown.append(_numbers(one))
    assert shown == [["5", "4"], ["3", "2"], ["1"]]


def _numbers(one: Any) -> list[str]:
    said = one.html.partition('id="taken"')[2].partition("</ul>")[0]
    return re.findall(r"<a [^>]*>\D*(\d+)</a>", said)


def test_documents(world: World, desk: MakeDesk) -> None:
    one = desk("huyen")
    unit, now = world.units["331"], now_ms()
    put(
        world,
        *(
            AskedDocument(
                id=new_id(), campaign_id=world.campaign, unit_id=unit, kind="word", choices={}, job_id=new_id(),
                officer_id=world.officers["huyen"], asked_at=now - nth * HOUR_MS,
            )
            for nth in range(asking.LISTED_PAGE + 3)
        ),
    )  # fmt: skip
    one.get(f"/desk/report/documents?unit={unit}")
    assert one.html.count('<p class="head"><strong>') == asking.LISTED_PAGE
    one.get(way(one, "next"))
    assert one.html.count('<p class="head"><strong>') == 3
    assert way(one, "next") == ""
    assert way(one, "prev")


def test_handovers(world: World, desk: MakeDesk) -> None:
    one = desk("quantri")
    me, now = world.officers["quantri"], now_ms()
    put(
        world,
        *(
            Handover(
                id=new_id(), from_id=world.officers["xa1"], to_id=world.officers["xa2"], by_id=me,
                at=now - nth * HOUR_MS, told={"from": {"name": f"Người {nth:03}"}, "to": {"name": "Người kế nhiệm"}},
            )
            for nth in range(handover.PAGE + 2)
        ),
    )  # fmt: skip
    one.get("/desk/people")
    last, first = (f"Người {nth:03}" for nth in (handover.PAGE - 1, handover.PAGE))
    assert last in one.html
    assert first not in one.html
    one.get(way(one, "next", "Các lần bàn giao"))
    assert last not in one.html
    assert first in one.html


def test_absences(world: World, desk: MakeDesk) -> None:
    one = desk("quantri")
    now = now_ms()
    put(
        world,
        *(
            Absence(
                id=new_id(), officer_id=world.officers["huyen"], deputy_id=world.officers["tinh"],
                by_id=world.officers["quantri"], unit_id=world.units["331"], at=now,
                begins_at=now - (2 * nth + 2) * DAY_MS, ends_at=now - (2 * nth + 1) * DAY_MS,
            )
            for nth in range(absences.PAGE + 4)
        ),
    )  # fmt: skip
    one.get(f"/desk/people/{world.officers['huyen']}/account")
    said = one.html.partition('id="h-absence"')[2].partition("</section>")[0]
    assert said.partition("</ul>")[0].count("<li>") == absences.PAGE
    one.get(way(one, "next", "Vắng mặt"))
    said = one.html.partition('id="h-absence"')[2].partition("</section>")[0]
    assert said.partition("</ul>")[0].count("<li>") == 4


def test_own_codes_links_and_acts(world: World, desk: MakeDesk) -> None:
    one = desk("huyen")
    me, now = world.officers["huyen"], now_ms()
    count = own_acts.PAGE + 1
    put(
        world,
        *(
            EnrolmentCode(
                code_hash=f"{nth:064}", officer_id=me, made_by=None, made_at=now - nth, expires_at=now + DAY_MS
            )
            for nth in range(count)
        ),
        *(
            WelcomeLink(token_hash=f"{nth:064}", officer_id=me, made_at=now - nth, expires_at=now)
            for nth in range(count)
        ),
    )
    with world.app.app_context():
        for _ in range(LINES + 1):
            with writing() as session:
                log.append(session, Act.CODE_MADE, ("officer", me))
    one.get("/desk/account")
    made = one.html.partition('id="a-made"')[2].partition("</section>")[0]
    assert made.count("<li>") == 2 * own_acts.PAGE
    nexts = re.findall(r'rel="next" href="([^"#]+)', one.html)
    assert len(nexts) == 3
    one.get(nexts[0].replace("&amp;", "&"))
    made = one.html.partition('id="a-made"')[2].partition("</section>")[0]
    assert made.count("<li>") == own_acts.PAGE + 1, "the second page of codes beside the first of links"
    one.get(nexts[2].replace("&amp;", "&"))
    acts = one.html.partition('id="a-acts"')[2].partition("</section>")[0]
    assert 1 <= acts.count("<li>") < LINES
    assert "Mới nhất" in acts


def test_splits(world: World, desk: MakeDesk) -> None:
    one = desk("quantri")
    unit, now = world.units["331"], now_ms()
    put(
        world,
        *(
            UnitSplit(
                id=new_id(), unit_id=unit, first_day=today(), at=now - nth * DAY_MS, heir_id=None, parts=[], moves=[]
            )
            for nth in range(splits.PAGE + 2)
        ),
    )
    one.get("/desk/units/change?act=split")
    assert one.html.count('<td data-label="Lúc"') == splits.PAGE
    one.get(way(one, "next"))
    assert one.html.count('<td data-label="Lúc"') == 2
