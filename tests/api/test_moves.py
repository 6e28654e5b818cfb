"""Officers who leave, come back, and units that are merged, while writes are on the way: SPEC L-6 to L-10."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from server.core.clock import now_ms, stopped_at
from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.models import Campaign, Device, Membership, Stream, Unit
from server.services.campaigns.lifecycle import open_campaign, set_status
from server.services.organisation import staff, unit_changes
from server.services.organisation.unit_changes import UnitRow
from server.services.review import dossier
from server.services.units.scope import GRACE_MS, Scope
from support.clients.client import MakeClient, shot
from support.clients.in_hand import MakeShipped
from support.clients.phone import MakePhone
from support.world.changes import come, leave, merge, seal
from support.world.world import World, campaign

pytestmark = pytest.mark.databases("sqlite")


def test_who_leaves_without_knowing_hands_in_what_the_phone_holds(world: World, phone: MakePhone) -> None:
    """L-8, L-10: stored, and then the phone is told and drops what is no longer its own."""
    one, other = phone("xa1"), phone("xa2")
    old = one.create(quantity=1)
    one.sync()
    one.edit(old, note="ghi khi chưa biết"), one.create(quantity=2)
    leave(world, "xa1")
    one.sync()
    assert (one.outbox, one.refused, one.records, one.cursors) == ([], {}, {}, {})
    other.sync()
    assert len(other.records) == 2


@pytest.mark.slow
def test_a_lost_answer_is_asked_for_after_the_officer_left(
    world: World, phone: MakePhone, shipped: MakeShipped
) -> None:
    """L-8, X-16: what that push became is told to whoever is of the unit no more, and nothing of it goes again."""
    one = shipped("xa1")
    come(world, "xa1", "12289")
    one.sync()
    made = [one.create(quantity=number) for number in range(6)]
    leave(world, "xa1")
    one.sync(("lost", 1))
    assert len(one.waiting) == 6, "nothing was heard"
    asked: list[dict[str, Any]] = []
    one.wire.heard = lambda said, _: asked.append(said)
    one.sync()
    assert "ask" in asked[0]
    assert not any(said.get("writes") for said in asked), "told, and not sent again"
    assert (one.waiting, one.refused) == ([], {})
    other = phone("xa2")
    other.sync()
    assert other.records.keys() == set(made)


def test_an_outbox_of_many_requests_is_let_in_to_its_end(world: World, phone: MakePhone) -> None:
    """L-8, L-20: the answer to the first block tells of the new scope, and the others come after it."""
    one = phone("xa1")
    come(world, "xa1", "12289")
    one.sync()
    for number in range(6):
        one.create(quantity=number)
    leave(world, "xa1")
    one.send(one.body(1))  # its answer is lost
    one.sync(block=1)
    assert (one.outbox, one.refused) == ([], {})
    assert {place[0] for place in one.cursors} == {world.units["12289"]}


def test_a_phone_that_knows_may_still_bring_what_it_holds(world: World, phone: MakePhone) -> None:
    """L-8: another phone of the officer, or one that was asleep, has not heard of it yet."""
    one = phone("xa1")
    come(world, "xa1", "12289")
    one.sync()
    leave(world, "xa1")
    one.sync(), one.sync()
    late = one.create(quantity=1)
    one.sync()
    assert (one.outbox, one.refused, one.records) == ([], {}, {})
    come(world, "xa1")
    one.sync()
    assert late in one.records, "regained: pulled anew from zero"


def test_what_is_refused_after_the_grace_stays_on_the_phone(world: World, phone: MakePhone) -> None:
    """L-8, H-3, X-3."""
    one = phone("xa1")
    come(world, "xa1", "12289")
    one.sync()
    ended = now_ms()
    with stopped_at(ended):
        leave(world, "xa1")
    refused = one.create(quantity=2)
    with stopped_at(ended + GRACE_MS + 1):
        one.sync()
    assert one.refused == {refused: "foreign_unit"}
    assert [write["id"] for write in one.aside] == [refused]
    come(world, "xa1")
    one.send_again()
    one.sync()
    assert (one.refused, refused in one.records) == ({}, True)


@pytest.mark.parametrize(("after", "outcome"), [(GRACE_MS, "stored"), (GRACE_MS + 1, "refused")])
def test_the_grace_ends_after_30_days_of_server_time(world: World, phone: MakePhone, after: int, outcome: str) -> None:
    """L-8; what the phone's clock says is nothing."""
    one = phone("xa1")
    one.sync()
    ended = now_ms()
    with stopped_at(ended):
        leave(world, "xa1")
    record = one.create(quantity=1)
    one.at = 0
    with stopped_at(ended + after):
        one.sync()
    assert one.refused == ({} if outcome == "stored" else {record: "foreign_unit"})


def test_the_grace_is_for_writes_of_phones_alone(world: World, phone: MakePhone) -> None:
    """L-7: what is read, decided and written at the desk follows the present scope."""
    one = phone("xa1")
    record = one.create(quantity=1)
    one.sync()
    leave(world, "xa1")
    with world.app.app_context(), writing() as session:
        scope = Scope(session, world.officers["xa1"])
        assert not scope.may_write(world.units["12286"])
        with pytest.raises(Problem):
            dossier.read(session, scope, record)
        assert Scope(session, world.officers["xa1"], grace=True).may_write(world.units["12286"])
        assert not Scope(session, world.officers["xa1"], grace=True).may_see(world.units["12286"])


@pytest.mark.databases("both")
def test_revocation_is_at_once(world: World, phone: MakePhone) -> None:
    """L-7, L-20."""
    one = phone("xa1")
    one.sync()
    one.create(quantity=1)
    with world.app.app_context(), writing() as session:
        session.query(Device).filter_by(officer_id=world.officers["xa1"]).one().revoked_at = now_ms()
    assert one.send(one.body())[0] == 401
    assert len(one.outbox) == 1


def test_photos_of_what_was_let_in_follow(world: World, client: MakeClient) -> None:
    """L-8: text goes first, and by the time of the photos the grace may be over."""
    one, photo = client("xa1"), shot()
    head = {"kind": "banner", "unit": world.units["12286"], "campaign": world.campaign}
    ended = now_ms()
    with stopped_at(ended):
        leave(world, "xa1")
    write = {"id": "A" * 16, "record": "A" * 16, "at": 1, "set": photo.register, **head}
    assert one.result(write)[0] == "stored"
    with stopped_at(ended + GRACE_MS + 1):
        assert one.result({"id": "B" * 16, "record": "B" * 16, "at": 1, "set": {"note": "x"}, **head})[:2] == (
            "refused",
            "foreign_unit",
        )
        assert one.sync(photos=[photo.sha256])["photos"] == [{"sha256": photo.sha256, "state": "wanted"}]
        assert one.create_upload(photo.sha256, len(photo.data), photo.data).status_code == 201
        assert one.sync(photos=[photo.sha256])["photos"] == [{"sha256": photo.sha256, "state": "verified"}]


@pytest.mark.databases("both")
def test_a_merged_unit_s_records_are_the_successor_s(world: World, phone: MakePhone) -> None:
    """L-6, L-16: read, edited and decided on there; the record stays where it was made."""
    old, new = phone("xa1"), phone("nhanla", "12289")
    record = old.create(quantity=1)
    old.sync(), new.sync()
    assert record not in new.records
    merge(world, "12286", into="12289")
    new.sync()
    assert new.records[record].head["unit"] == world.units["12286"]
    assert new.records[record].head["number"] == "BR-1"
    new.edit(record, note="đơn vị mới bổ sung")
    on_the_way = old.create(quantity=2)
    old.sync(), new.sync()
    assert (old.refused, new.refused, old.records) == ({}, {}, {})
    assert on_the_way in new.records
    with world.app.app_context(), writing() as session:
        row = session.get_one(Campaign, world.campaign)
        assert Scope(session, world.officers["huyen"]).may_decide(world.units["12286"], row)
        staff.give_role(session, world.officers["nhanla"], world.units["12289"], "reviewer")
        assert not Scope(session, world.officers["nhanla"]).may_decide(world.units["12286"], row), "not by its own"


@pytest.mark.databases("both")
def test_a_merger_across_districts_moves_who_decides(world: World, phone: MakePhone) -> None:
    """L-16."""
    old = phone("xa1")
    record = old.create(quantity=1)
    old.sync()
    merge(world, "12286", into="12397")
    with world.app.app_context(), writing() as session:
        assert dossier.read(session, Scope(session, world.officers["phucu"]), record).may_decide
        with pytest.raises(Problem):
            dossier.read(session, Scope(session, world.officers["huyen"]), record)
        unit = session.get_one(Unit, world.units["12286"])
        assert (unit.former_parent_id, unit.valid_to) == (world.units["331"], date(2021, 7, 19))


def test_people_may_move_with_their_unit(world: World, phone: MakePhone) -> None:
    """L-6, L-8: then nothing is lost from the phone at all."""
    old = phone("xa1")
    record = old.create(quantity=1)
    old.sync()
    merge(world, "12286", into="12289", with_people=True)
    old.sync(), old.sync()
    assert record in old.records
    old.unit = world.units["12289"]
    made = old.create(quantity=2)
    old.sync()
    assert (old.refused, old.records[made].head["unit"]) == ({}, world.units["12289"])


@pytest.mark.databases("both")
def test_the_successor_s_seal_covers_what_it_gained(world: World, phone: MakePhone) -> None:
    """L-16, L-2."""
    old, new = phone("xa1"), phone("nhanla", "12289")
    record = old.create(quantity=1)
    old.sync()
    merge(world, "12286", into="12289")
    assert seal(world, "nhanla", "12289")
    new.sync()
    new.edit(record, note="sau khi chốt")
    new.sync()
    assert new.late(record)


def test_the_catalogue_tells_that_a_unit_was_merged(world: World, client: MakeClient) -> None:
    """L-6, L-25."""
    merge(world, "12286", into="12289")
    told = client("nhanla").get("/catalog").get_json()
    assert [(unit["short_name"], unit["merged_into"]) for unit in told["units"]] == [
        ("Nhân La", None),
        ("Chính Nghĩa", "Xã Nhân La"),
    ]
    assert told["units"][0]["hamlets"] == ["Thôn Tạ Thượng", "Thôn Tạ Trung"]


def test_a_merger_makes_no_place_to_write_to(world: World) -> None:
    """L-6: the successor had its part in what runs above it, though it came when one was closed and one archived.

    So a restore that takes a merger takes no place with it, and what phones hold of one waits for no second merger.
    """
    with world.app.app_context(), writing() as session:
        set_status(session, world.campaign, "closed")
        set_status(session, world.practice, "archived")
        parent = session.get_one(Unit, world.units["331"])
        row = UnitRow("12290", "Xã Vũ Xá", "Vũ Xá", "commune")
        world.units["12290"] = unit_changes.add_unit(session, row, parent, date(2021, 7, 1)).id
        open_campaign(session, world.units["331"], campaign())
        set_status(session, world.practice, "open")
        before = set(session.scalars(select(Stream.id)))
    merge(world, "12286", "12289", into="12290")
    with world.app.app_context(), reading() as session:
        assert set(session.scalars(select(Stream.id))) == before


@pytest.mark.parametrize(
    ("old", "into", "day", "sentence"),
    [
        ("12286", "12286", date(2021, 7, 20), "is Xã Chính Nghĩa itself"),
        ("331", "12286", date(2021, 7, 20), "or stands below it"),
        ("12286", "12289", date(2999, 1, 1), "on the day itself"),
        ("12286", "12289", date(2021, 1, 1), "in force since 01/01/2021 only"),
    ],
)
def test_what_cannot_be_merged(world: World, old: str, into: str, day: date, sentence: str) -> None:
    with world.app.app_context(), writing() as session:
        one, other = session.get_one(Unit, world.units[old]), session.get_one(Unit, world.units[into])
        with pytest.raises(ValueError, match=sentence):
            unit_changes.merge(session, [one], other, day)


def test_a_unit_is_merged_once(world: World) -> None:
    merge(world, "12286", into="12289")
    for old, into, sentence in (("12286", "12397", "was merged before"), ("12397", "12286", "was merged itself")):
        with pytest.raises(ValueError, match=sentence):
            merge(world, old, into=into)
    with world.app.app_context(), writing() as session:
        held = session.query(Membership).filter_by(unit_id=world.units["12286"]).all()
        assert all(membership.ended_at is not None for membership in held)


@pytest.mark.databases("both")
def test_a_phone_is_told_32_streams(world: World, phone: MakePhone) -> None:
    """L-9, L-21: of open campaigns first, the newest first; what falls out is dropped, and still taken."""
    one = phone("xa1")
    one.campaign = world.practice
    dropped = one.create(quantity=1)
    one.campaign = world.campaign
    kept = one.create(quantity=1)
    one.sync()
    at = now_ms()
    made = []
    for number in range(31):
        with stopped_at(at + 1000 * number), world.app.app_context(), writing() as session:
            made.append(open_campaign(session, world.units["33"], campaign()).id)
    with world.app.app_context(), writing() as session:
        set_status(session, world.practice, "closed")
        set_status(session, made[-1], "archived")
    one.sync()
    told = {place[1] for place in one.cursors}
    assert len(told) == 32
    assert world.practice in told, "closed comes before archived, whichever is newer"
    assert made[-1] not in told
    with world.app.app_context(), writing() as session:
        set_status(session, made[-1], "open")
    one.campaign = world.practice
    written = one.create(quantity=3)
    one.sync()
    assert {place[1] for place in one.cursors} == {world.campaign, *made}
    assert (one.refused, kept in one.records, dropped in one.records) == ({}, True, False)
    with world.app.app_context(), writing() as session:
        assert dossier.read(session, Scope(session, world.officers["huyen"]), written).number == "BR-2"
    asked = one.body()
    assert one.send(asked)[0] == 200
    asked["cursors"].append(asked["cursors"][0])
    assert one.send(asked)[0] == 400, "X-1: so many are told, and no more are taken"
