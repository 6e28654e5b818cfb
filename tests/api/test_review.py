"""Decisions: SPEC D-1 to D-7, as a phone and the totals see them."""

from __future__ import annotations

from typing import Any

import pytest

from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.models import Record, Tally
from server.services.records.recount import recount
from server.services.review.decisions import Verdict, decide, withdraw
from server.services.units.scope import Scope
from support.checks import truth
from support.clients.phone import MakePhone, Phone
from support.world.world import World
from sync.errors import Refused

pytestmark = pytest.mark.databases("sqlite")

RETURNED = Verdict("returned", "Ảnh mờ, đề nghị chụp lại", ["place"])


def page(world: World, record: str) -> dict[str, list[str]]:
    """The survivors a reviewer has on the screen now."""
    with world.app.app_context(), reading() as session:
        return dict(session.get_one(Record, record).survivors)


def judge(world: World, who: str, record: str, said: Verdict, basis: dict[str, list[str]] | None = None) -> None:
    basis = page(world, record) if basis is None else basis
    with world.app.app_context(), writing() as session:
        decide(session, Scope(session, world.officers[who]), record, said, basis)


def totals(world: World, figure: str = "banners") -> dict[str, int]:
    with world.app.app_context(), reading() as session:
        rows = session.query(Tally).filter_by(figure=figure).all()
        return {row.bucket: row.amount for row in rows if row.amount}


def decision(phone: Phone, record: str) -> Any:
    phone.sync()
    return phone.records[record].decision


def test_a_returned_record_comes_back_to_the_phone_and_is_amended_when_corrected(
    world: World, phone: MakePhone
) -> None:
    one = phone("xa1")
    record = one.create(quantity=2)
    one.sync()
    assert totals(world) == {"waiting": 2}
    judge(world, "huyen", record, RETURNED)
    told = decision(one, record)
    assert (told["verdict"], told["reason"], told["fields"], told["amended"]) == (
        "returned",
        "Ảnh mờ, đề nghị chụp lại",
        ["place"],
        False,
    )
    assert totals(world) == {"returned": 2}
    one.edit(record, quantity=3)
    one.sync()
    assert totals(world) == {"waiting": 3}
    two = phone("xa2")
    assert decision(two, record)["amended"] is True
    judge(world, "huyen", record, Verdict("counted"))
    assert totals(world) == {"counted": 3}


@pytest.mark.databases("both")
def test_a_phone_that_comes_later_is_told_what_counts_of_an_amended_record(world: World, phone: MakePhone) -> None:
    """X-13, D-5, X-34: its writes say it no more. What is not amended, or was returned, says it itself."""
    one = phone("xa1")
    counted, returned = one.create(quantity=4, note="Cổng chợ"), one.create(quantity=2)
    one.sync()
    judge(world, "huyen", counted, Verdict("counted"))
    judge(world, "huyen", returned, RETURNED)
    assert "counted" not in decision(phone("xa2"), counted)
    for record in (counted, returned):
        one.edit(record, quantity=9)
    one.sync()
    later = phone("xa2")
    told = decision(later, counted)["counted"]
    assert (told["quantity"], told["note"]) == (4, "Cổng chợ")
    assert not {"submitted", "deleted"} & told.keys()
    assert not any(name.startswith("photos/") for name in told)
    assert "counted" not in decision(later, returned)


@pytest.mark.databases("both")
def test_an_edit_after_counting_amends_and_figures_keep_what_was_counted(world: World, phone: MakePhone) -> None:
    """D-3, D-5."""
    one = phone("xa1")
    record = one.create(quantity=2)
    one.sync()
    judge(world, "huyen", record, Verdict("counted"))
    one.edit(record, quantity=50)
    one.sync()
    assert totals(world) == {"counted": 2}
    with world.app.app_context(), reading() as session:
        assert session.get_one(Record, record).state == "amended"
    one.delete(record)
    one.sync()
    assert totals(world) == {"counted": 2}, "only a reviewer takes a figure away"
    judge(world, "huyen", record, Verdict("not_counted", "Xã đã xóa"))
    assert totals(world) == {}


@pytest.mark.databases("both")
def test_what_arrived_after_the_page_was_drawn_is_not_approved_unseen(world: World, phone: MakePhone) -> None:
    """D-2."""
    one = phone("xa1")
    record = one.create(quantity=2)
    one.sync()
    drawn = page(world, record)
    one.edit(record, quantity=9)
    one.sync()
    judge(world, "huyen", record, Verdict("counted"), drawn)
    assert totals(world) == {"counted": 2}
    assert decision(one, record)["amended"] is True


def test_not_counted_needs_a_reason_and_can_be_undone(world: World, phone: MakePhone) -> None:
    one = phone("xa1")
    record = one.create(quantity=2)
    one.sync()
    with pytest.raises(Refused, match="reason_needed"):
        judge(world, "huyen", record, Verdict("not_counted", "  "))
    judge(world, "huyen", record, Verdict("not_counted", "Trùng với BR-1"))
    assert totals(world) == {}
    assert decision(one, record)["verdict"] == "not_counted"
    with world.app.app_context(), writing() as session:
        withdraw(session, Scope(session, world.officers["huyen"]), record)
    assert totals(world) == {"waiting": 2}
    assert decision(one, record) is None


def test_a_conflict_cannot_be_counted(world: World, phone: MakePhone) -> None:
    """D-4, S-4: and its value stands in no figure."""
    one, two = phone("xa1"), phone("xa2")
    record = one.create(quantity=2)
    one.sync(), two.sync()
    one.edit(record, quantity=3)
    two.edit(record, quantity=4)
    one.sync(), two.sync()
    assert totals(world) == {}
    with pytest.raises(Refused, match="conflicted"):
        judge(world, "huyen", record, Verdict("counted"))
    one.sync()
    one.edit(record, quantity=4)
    one.sync()
    judge(world, "huyen", record, Verdict("counted"))
    assert totals(world) == {"counted": 4}


def test_nobody_decides_on_what_they_wrote(world: World, phone: MakePhone) -> None:
    """D-6: the district's own broadcast is for the province; an edit at the desk binds the reviewer too."""
    district = phone("huyen", "331")
    schedule = {"from": "2021-07-21", "to": "2021-07-30", "times_a_day": 2}
    record = district.create("broadcast", script="Bài 1", schedule=schedule, minutes=15, programme="own")
    district.sync()
    with pytest.raises(Problem, match="forbidden"):
        judge(world, "huyen", record, Verdict("counted"))
    judge(world, "tinh", record, Verdict("counted"))
    assert (totals(world, "airings"), totals(world, "minutes")) == ({"counted": 20}, {"counted": 300})
    commune = phone("xa1")
    theirs = commune.create(quantity=1)
    commune.sync()
    reviewer = phone("huyen")
    reviewer.outbox.append({"id": "C" * 16, "at": 1, "record": theirs, "set": {"quantity": 2}, "seen": [theirs]})
    reviewer.sync()
    with pytest.raises(Refused, match="own_record"):
        judge(world, "huyen", theirs, Verdict("counted"))


@pytest.mark.parametrize(("who", "code"), [("xa2", "forbidden"), ("phucu", "not_found"), ("quantri", "forbidden")])
def test_who_may_not_decide(world: World, phone: MakePhone, who: str, code: str) -> None:
    one = phone("xa1")
    record = one.create(quantity=1)
    one.sync()
    with pytest.raises(Problem, match=code):
        judge(world, who, record, Verdict("counted"))


def test_a_basis_that_was_never_stored_is_no_page_of_ours(world: World, phone: MakePhone) -> None:
    one = phone("xa1")
    record, other = one.create(quantity=1), one.create(quantity=2)
    one.sync()
    for basis in ({}, {"quantity": [other]}, {"note": [record]}):
        with pytest.raises(Problem, match="bad_request"):
            judge(world, "huyen", record, Verdict("counted"), basis)


def test_a_draft_that_was_returned_and_changed_waits_for_nobody(world: World, phone: MakePhone) -> None:
    """D-7, D-11: not submitted comes before amended, in the state, in the figures and on the wire."""
    one = phone("xa1")
    record = one.create(quantity=2, submitted=None)
    one.sync()
    judge(world, "huyen", record, RETURNED)
    told = decision(one, record)
    assert (told["verdict"], told["amended"]) == ("returned", False)
    assert (state(world, record), totals(world)) == ("draft", {})
    one.edit(record, quantity=3)
    assert decision(one, record)["amended"] is False
    assert (state(world, record), totals(world)) == ("draft", {})
    one.edit(record, submitted=True)
    assert decision(one, record)["amended"] is True
    assert (state(world, record), totals(world)) == ("amended", {"waiting": 3})


def test_a_returned_record_that_is_deleted_is_deleted_and_not_amended(world: World, phone: MakePhone) -> None:
    """D-7, X-13: `amended` on the wire is the state, not D-3 alone."""
    one = phone("xa1")
    record = one.create(quantity=2)
    one.sync()
    judge(world, "huyen", record, RETURNED)
    one.sync()
    one.delete(record)
    assert decision(one, record)["amended"] is False
    assert (state(world, record), totals(world)) == ("deleted", {})


@pytest.mark.databases("both")
def test_the_figures_of_a_draft_that_was_returned_agree_with_a_recount(world: World, phone: MakePhone) -> None:
    one = phone("xa1")
    drafts = [one.create(quantity=2, submitted=None) for _ in range(2)]
    one.sync()
    for record in drafts:
        judge(world, "huyen", record, RETURNED)
    one.edit(drafts[0], quantity=7)
    one.sync()
    with world.app.app_context(), reading() as session:
        truth.check(session)
    before = [state(world, record) for record in drafts], totals(world)
    with world.app.app_context(), writing() as session:
        recount(session)
    assert before == ([state(world, record) for record in drafts], totals(world)) == (["draft"] * 2, {})


def state(world: World, record: str) -> str:
    with world.app.app_context(), reading() as session:
        return session.get_one(Record, record).state
