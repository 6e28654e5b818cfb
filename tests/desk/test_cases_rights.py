"""The right to cases: given by two people, it rests without the role, and follows splits and mergers."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import update

from server.core.clock import now_ms
from server.core.db import reading, writing
from server.models import CaseRight, Membership, Officer, Unit
from server.services.cases import counting, rights
from support.clients.desk import MakeDesk
from support.world.cases import entered, entitle, made
from support.world.changes import merge, split
from support.world.confidential import proven, vault
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


@pytest.fixture(autouse=True)
def _holders(world: World) -> None:
    entitle(world)


def test_the_right_needs_two_people(world: World, desk: MakeDesk) -> None:
    admin, above, own = desk("quantri"), proven(world, desk(), "mat_tinh"), proven(world, desk(), "mat_phucu")
    admin.get("/desk/case-rights")
    wanted = re.search(r'<option value="([\w-]+)">[^<]*333 · Huyện Phù Cừ', admin.html)
    assert wanted is not None
    admin.post(admin.form("/case-rights/propose"), **{"for": wanted[1]})
    assert admin.status == 303, admin.text
    assert own.http.get("/desk/cases").status_code == 404, "proposed alone gives nothing"
    with world.app.app_context(), reading() as session:
        right = next(row.id for row in session.query(CaseRight) if row.given_at is None)
    for other in (admin, own):
        other.get("/desk/case-rights")
        assert not other.has_form(f"/{right}/give")
        csrf = other.form("/desk/language").values["csrf_token"]
        assert other.http.post(f"/desk/case-rights/{right}/give", data={"csrf_token": csrf}).status_code == 404
    above.get("/desk/case-rights")
    above.post(above.form(f"/{right}/give"))
    assert above.status == 303
    entered(world, own, "mat_phucu")
    admin.get("/desk/case-rights")
    admin.post(admin.form(f"/{right}/end"))
    assert own.http.get("/desk/cases").status_code == 404, "ended at once"


def test_the_right_rests_while_the_role_is_gone(world: World, desk: MakeDesk) -> None:
    one = entered(world, desk(), "mat_xa")
    assert one.http.get("/desk/cases").status_code == 200
    role = (Membership.officer_id == world.officers["mat_xa"], Membership.role == "confidential")
    with world.app.app_context(), writing() as session:
        session.execute(update(Membership).where(*role).values(ended_at=now_ms()))
    assert one.http.get("/desk/cases").status_code == 404


def test_the_first_right_is_given_where_its_holder_has_the_role(world: World) -> None:
    with world.app.app_context(), writing() as session:
        session.execute(update(CaseRight).values(ended_at=now_ms()))
        officer = session.get_one(Officer, world.officers["mat_xa"])
        own, other = (session.get_one(Unit, world.units[code]) for code in ("12286", "12289"))
        with pytest.raises(ValueError, match="no confidential role"):
            rights.first(session, vault(world), officer, other)
        rights.first(session, vault(world), officer, own)
        assert rights.units_of(session, officer.id) == [own.id]


@pytest.mark.databases("both")
@pytest.mark.parametrize(("heir", "to"), [("", "12290"), ("12291", "12290"), ("12291", "12291")])
def test_who_goes_to_another_part_of_a_split_unit_leaves_its_cases(world: World, heir: str, to: str) -> None:
    split(world, "12286", "12290=Xã Một", "12291=Xã Hai", heir=heir, mat_xa=to)
    with world.app.app_context(), reading() as session:
        held = rights.handled(session, world.officers["mat_xa"])
        served = [id_ for id_, _ in rights.served(session)]
    assert (world.units["12286"] in held) == (heir == to), "only who goes to the part that took the unit in"
    assert (world.units["12286"] in served) == (heir == to), "no case is handed over to where nobody is"


def test_cases_of_a_commune_are_counted_above_its_new_district(world: World, desk: MakeDesk) -> None:
    """L-54: who handles them stays; who counts them is another one."""
    one = entered(world, desk(), "mat_xa")
    case, _ = made(one)
    split(world, "331", "333", below={"12286": "333"})
    one.get(f"/desk/cases/{case}")
    assert one.status == 200, one.text
    with world.app.app_context(), reading() as session:
        counts = [counting.due_below(session, vault(world), [world.units[code]]).open for code in ("331", "333", "33")]
    assert counts == [0, 1, 1]


@pytest.mark.parametrize("with_people", [True, False])
def test_a_right_goes_on_at_the_unit_that_took_its_own_in(world: World, *, with_people: bool) -> None:
    merge(world, "12286", into="12289", with_people=with_people)
    with world.app.app_context(), reading() as session:
        assert rights.units_of(session, world.officers["mat_xa"]) == [world.units["12286"]] * with_people
