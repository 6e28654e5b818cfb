"""Cases of a unit that was merged away: whoever has no right to them learns nothing by what is handed over."""

from __future__ import annotations

import io
import re
import zipfile
from difflib import unified_diff
from typing import Any

import pytest
from desk.test_cases_due import OVERDUE, plain
from sqlalchemy import func, select

from server.core.clock import now_ms, stopped_at
from server.core.db import db, reading, writing
from server.models import AuditLine
from server.services.cases import making, store
from server.services.cases.making import NewCase
from support.checks.counting import counted
from support.clients.desk import MakeDesk
from support.world.cases import NEW, entered, entitle, made
from support.world.changes import merge
from support.world.confidential import vault
from support.world.issuing import prose
from support.world.world import World

pytestmark = [pytest.mark.databases("both"), pytest.mark.slow]
OTHERS = ("xa1", "nhanla", "huyen", "tinh", "quantri")
"""An officer of before, one of the successor, a reviewer, a coordinator, an administrator: all without the right."""
LIST_PAGES = (
    "/desk/people",
    "/desk/devices",
    "/desk/jobs",
    "/desk/audit",
    "/desk/units/change?act=merge",
    "/desk/case-rights",
)


@pytest.fixture(autouse=True)
def _holders(world: World) -> None:
    entitle(world)


def places(world: World) -> list[str]:
    """What hangs on a merger, at its successor's place and its own, and lists of all that is done."""
    here, old = f"campaign={world.campaign}&unit={world.units['12289']}", world.units["12286"]
    shown = [f"/desk/figures/give?{here}", f"/desk/report?{here}", f"/desk/report/documents?{here}&old={old}"]
    return [*shown, f"/desk/units/{old}/minutes", f"/desk/report/word?{here}", *LIST_PAGES]


def content(answer: Any) -> tuple[int, str]:
    """A page without what is made anew each time, or the text of a Word file."""
    if not answer.data.startswith(b"PK"):
        return answer.status_code, re.sub(r'name="draft\.[^"]*" value="[^"]*"', "", plain(answer.text))
    with zipfile.ZipFile(io.BytesIO(answer.data)) as file:  # its foot names the end of the log, where this look is
        return answer.status_code, file.read("word/document.xml").decode()


def seen(world: World, one: Any) -> dict[str, tuple[int, str]]:
    return {place: content(one.http.get(place, buffered=True)) for place in places(world)}


def log_lines(world: World) -> int:
    with world.app.app_context(), reading() as session:
        return session.scalar(select(func.count()).select_from(AuditLine)) or 0


def received(world: World, count: int) -> None:
    """Overdue cases of the merged unit, which only its own people could have made before."""
    said = {name: value for name, value in (NEW | OVERDUE).items() if name != "unit"}
    with world.app.app_context(), writing() as session:
        for _ in range(count):
            new = NewCase(unit=world.units["12289"], **said)
            held = making.make(session, vault(world), world.officers["mat_nhanla"], new)
            held.data.unit = held.data.received_by = world.units["12286"]
            store.save(session, vault(world), held)


@pytest.mark.parametrize("username", OTHERS)
def test_a_merger_with_overdue_cases_is_the_same_to_others_as_one_without(
    world: World, desk: MakeDesk, username: str
) -> None:
    one = desk(username)
    merge(world, "12286", into="12289")
    with stopped_at(now_ms()):
        seen(world, one)  # the first look notes itself in the log
        before, said = seen(world, one), log_lines(world)
        received(world, 3)
        assert log_lines(world) == said, "not a line of the log that coordinators read"
        after = seen(world, one)
    assert any(status == 200 for status, _ in before.values()) or username == "xa1"
    holder = entered(world, desk(), "mat_nhanla")
    answer = holder.http.get(f"/desk/cases/left/{world.units['12286']}", buffered=True)
    assert "03 hồ sơ chưa kết thúc" in prose(answer.data), "who has the right gets them"
    for place in places(world):
        if place != "/desk/audit":  # it names the looks of this very test
            changed = "\n".join(unified_diff(before[place][1].splitlines(), after[place][1].splitlines(), n=0))
            assert not changed, f"{place}: {changed}"
            assert after[place][0] == before[place][0], place


def test_the_list_of_codes_is_no_address_to_others_and_costs_the_same(world: World, desk: MakeDesk) -> None:
    one = entered(world, desk(), "mat_xa")
    made(one, **OVERDUE)
    merge(world, "12286", into="12289")
    with world.app.app_context():
        engine = db.engine

    def cost(page: Any, unit: str) -> tuple[int, int, int]:
        with counted(engine) as counts:
            answer = page.http.get(f"/desk/cases/left/{unit}", buffered=True)
        return answer.status_code, counts.statements, len(plain(answer.text))

    for name in OTHERS:
        page = desk(name)
        cost(page, "a" * 16)
        found = {cost(page, unit) for unit in (world.units["12286"], world.units["12289"], "a" * 16)}
        assert len(found) == 1, name
        assert next(iter(found))[0] == 404, name


def test_a_holder_before_the_door_gets_no_code(world: World, desk: MakeDesk) -> None:
    _, code = made(entered(world, desk(), "mat_xa"), **OVERDUE)
    merge(world, "12286", into="12289")
    for name in ("mat_nhanla", "mat_tinh"):
        answer = desk(name).http.get(f"/desk/cases/left/{world.units['12286']}", buffered=True, follow_redirects=True)
        assert code not in answer.text, name
        assert not answer.data.startswith(b"PK"), name
    above = entered(world, desk(), "mat_tinh")
    answer = above.http.get(f"/desk/cases/left/{world.units['12286']}", buffered=True)
    assert answer.status_code == 404, "the right at the province is none to the commune's cases"
