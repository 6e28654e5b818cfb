"""A record removed for good: at the hub and on phones (SPEC L-11, L-12, L-18)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update

from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.models import Campaign, DecisionRow, Membership, Record, WriteRow
from server.services.figures import loading
from server.services.records import recount
from server.services.recovery import purges
from server.services.review import dossier, queue
from server.services.review.decisions import Verdict, decide
from server.services.review.queue import ALL, QueueFilter
from server.services.units.scope import Scope
from server.serving.installation import installed
from support.checks import truth
from support.clients.client import MakeClient, shot
from support.clients.uploading import announce, blob, bring, state
from support.installation.machine import Machine
from support.world.changes import come, leave
from support.world.purging import WHY, purge
from support.world.workload import records
from support.world.world import World

FACE = "mặt nạn nhân"


def count(world: World, record: str) -> None:
    with world.app.app_context(), writing() as session:
        basis = dict(session.get_one(Record, record).survivors)
        decide(session, Scope(session, world.officers["huyen"]), record, Verdict("counted", FACE), basis)


def test_what_it_said_is_nowhere_and_everything_else_is_right(world: World, phone: Callable[..., Any]) -> None:
    """L-18."""
    one = phone("xa1")
    gone, stays = one.create(quantity=3, note=FACE), one.create(quantity=2)
    one.sync()
    for each in (gone, stays):
        count(world, each)
    assert purge(world, gone) == []
    assert purge(world, gone) == [], "once is enough"
    with world.app.app_context(), writing() as session:
        truth.check(session)
        recount.recount(session)
        truth.check(session)
        scope, campaign = Scope(session, world.officers["huyen"]), session.get_one(Campaign, world.campaign)
        listed = queue.page(session, scope, campaign, QueueFilter(state=ALL))
        assert [record.id for record in listed.records] == [stays]
        assert (listed.total, listed.counts[ALL]) == (1, 1)
        table = loading.load(session, scope, campaign, world.units["331"])
        assert (table.total.cells["banners"].counted, table.total.records) == (2, 1)
        with pytest.raises(Problem, match="not_found"):
            dossier.read(session, scope, gone)
        with pytest.raises(Problem, match="not_found"):
            decide(session, scope, gone, Verdict("counted"), {"note": [gone]})
        writes = session.scalars(select(WriteRow).where(WriteRow.record_id == gone)).all()
        assert [(write.set, write.seen) for write in writes] == [({}, [])]
        first, audit = session.scalars(
            select(DecisionRow).where(DecisionRow.record_id == gone).order_by(DecisionRow.position)
        )
        assert (first.reason, first.sides, first.basis) == ("", {}, {})
        assert (audit.verdict, audit.officer_id, audit.reason) == ("purged", world.officers["quantri"], WHY)
    one.create()
    (stored,) = one.sync()["results"]
    assert stored["number"] == "BR-3"


@pytest.mark.parametrize("lines", [False, True])
def test_phones_are_told_and_drop_all_they_have_of_it(world: World, phone: Callable[..., Any], lines: bool) -> None:
    """L-12: also what waits; the other records stay, and who begins from zero is told too."""
    one, two, three = phone("xa1"), phone("xa2"), phone("xa2")
    gone, stays = one.create(note=FACE), one.create(quantity=2)
    one.sync(lines=lines), two.sync(lines=lines)
    two.edit(gone, note="sửa")
    purge(world, gone)
    two.sync(lines=lines), one.sync(lines=lines), three.sync(lines=lines)
    for each in (one, two, three):
        assert list(each.records) == [stays]
        assert each.outbox == each.on_their_way == each.aside == []
    assert one.shown() == two.shown() == three.shown()
    assert FACE not in str(three.sync(lines=lines))


def test_a_write_to_it_is_refused_and_so_is_a_repeat(world: World, client: MakeClient) -> None:
    """L-11; to another unit its id says nothing."""
    one, far = client("xa1"), client("dinhcao")
    create = records(1, world.units["12286"], world.campaign)[0]
    edit = {"id": "E" * 16, "at": 1, "record": create["id"], "set": {"note": "x"}, "seen": []}
    assert one.result(create)[0] == "stored"
    purge(world, create["id"])
    for write in (create, edit, create | {"set": {"note": "y"}}):
        assert one.result(write) == ("refused", "purged", None)
        assert far.result(write) == ("refused", "foreign_unit", None)


def test_who_moved_away_meanwhile_is_told_of_what_they_wrote_there(world: World, client: MakeClient) -> None:
    """L-12: or their phone would keep the text of it as refused."""
    one, other = client("xa1"), client("dinhcao")
    create = records(1, world.units["12286"], world.campaign)[0]
    edit = {"id": "E" * 16, "at": 1, "record": create["id"], "set": {"note": "x"}, "seen": []}
    one.sync(create)
    leave(world, "xa1")
    come(world, "xa1", "12289")
    with world.app.app_context(), writing() as session:  # its grace is over (L-8)
        session.execute(update(Membership).where(Membership.ended_at.is_not(None)).values(ended_at=1))
    purge(world, create["id"])
    for write in (create, edit):
        assert one.result(write) == ("refused", "purged", None)
        assert other.result(write) == ("refused", "foreign_unit", None)


def test_a_photo_goes_with_its_bytes_unless_another_record_names_it(world: World, client: MakeClient) -> None:
    """L-18, P-3, P-7."""
    one, face, both = client("xa1"), shot(1), shot(2)
    gone = announce(world, one, face)
    edit = {"id": "E" * 16, "at": 1, "record": gone, "set": both.register}
    assert one.result(edit)[0] == "stored"
    other = announce(world, one, both)
    for each in (face, both):
        bring(one, each)
    assert set(purge(world, gone)) == {face.sha256, face.thumb_sha256}
    assert not blob(world, face.sha256).exists()
    assert one.get(f"/records/{gone}/photos/{face.sha256[:16]}/full").status_code == 404
    assert one.get(f"/records/{other}/photos/{both.sha256[:16]}/full").status_code == 200
    assert (state(one, face.sha256), state(one, both.sha256)) == ([], ["verified"])
    assert one.create_upload(face.sha256, len(face.data), face.data).get_json()["code"] == "photo_unannounced"


@pytest.mark.slow
@pytest.mark.costly
def test_the_command_says_first_and_does_it_when_told(world: World, client: MakeClient, database_url: str) -> None:
    machine = Machine(database_url, installed(world.app).settings.data_dir)
    one, places = client("xa1"), enumerate((world.campaign, world.practice))
    real, practice = (records(1, world.units["12286"], each, seed=n)[0] for n, each in places)
    one.sync(real, practice)
    by = ("--by", "quantri", "--why", "thử")
    said = machine.done("purge", real["id"], *by)
    assert f"Chính Nghĩa BR-1 ({real['id']}): 1 writes, 0 photos" in said
    assert "Nothing was removed yet" in said
    assert "no administrator" in machine.refused("purge", real["id"], "--by", "huyen", "--why", "thử")
    assert "no practice campaign" in machine.refused("purge", "--campaign", world.campaign, *by)
    assert "Name one record" in machine.refused("purge", *by)
    assert "Removed." in machine.done("purge", "--campaign", world.practice, *by, "--yes")
    with world.app.app_context(), reading() as session:
        assert purges.of_campaign(session, world.practice) == []
        assert purges.of_campaign(session, world.campaign) == [real["id"]]
    assert "Removed." in machine.done("purge", real["id"], *by, "--yes")
    assert "no such record" in machine.refused("purge", real["id"], *by)
