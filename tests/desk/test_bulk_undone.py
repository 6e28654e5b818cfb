"""Many records approved in one act are undone as one, by whoever approved them, but for what was acted on since."""

from __future__ import annotations

import json
import re
from datetime import date

import pytest
from sqlalchemy import select, update

from server.core.db import reading, writing
from server.models import AuditLine, Campaign
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.jobs.checks import checked
from support.world.approving import bulk, judged, leaflet, states, talk
from support.world.world import World


@pytest.fixture(autouse=True)
def _in_time(world: World) -> None:
    """Nothing is late, so that nothing has a warning by itself."""
    with world.app.app_context(), writing() as session:
        session.execute(update(Campaign).values(due_before=date(2099, 1, 1)))


@pytest.mark.slow
def test_undone_as_one_but_for_what_was_acted_on_since(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer = phone("xa1")
    made = [leaflet(officer) for _ in range(4)]
    officer.sync()
    one = desk("huyen")
    checked(world)
    one.get("/desk/queue")
    one.post(bulk(one, "all"))
    one.follow()
    undo = one.form("/undo")
    judged(world, made[0], "not_counted", by="tinh")
    officer.sync()
    officer.edit(made[1], distributed=11)
    officer.sync()
    talk(world, "xa1", *made)  # words change nothing (SPEC D-15)
    for _ in range(2):  # a double click says the same
        one.post(undo)
        one.follow()
        assert "Đã hoàn tác 2 mục; 2 mục đã có thao tác mới, giữ nguyên." in one.text
    now = states(world)
    assert [now[record] for record in made] == ["not_counted", "amended", "waiting", "waiting"]
    assert not one.has_form("/undo")
    with world.app.app_context(), reading() as session:
        acts = session.scalars(select(AuditLine.act).order_by(AuditLine.number)).all()
        said = session.scalars(
            select(AuditLine.new).where(AuditLine.act.startswith("approv")).order_by(AuditLine.number)
        )
        approved, undone = map(json.loads, said)
    assert approved == {"amount": 4, "state": "todo", "unit": world.units["331"]}, "the district's, not the campaign's"
    assert undone == {"amount": 2, "unit": world.units["12286"]}
    assert acts.count("approved_together") == acts.count("approval_undone") == 1
    assert acts.count("decided") == 4 + 1 + 2


def test_only_whoever_did_it_undoes_it(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer = phone("xa1")
    record = leaflet(officer)
    officer.sync()
    one, other = desk("huyen"), desk("tinh")
    checked(world)
    one.get("/desk/queue")
    one.post(bulk(one, "all"))
    one.follow()
    act = re.search(r"done=([\w-]{16})", one.location)
    assert act is not None
    other.get(f"/desk/queue?done={act[1]}")
    assert "Đã duyệt 1 mục" not in other.text
    form = one.form("/undo")
    form.values["csrf_token"] = other.forms()[0].values["csrf_token"]
    assert other.post(form).status_code == 404
    assert states(world)[record] == "counted"
