"""Totals without evidence stay as they were said: each act is in the log, and no statement alters one."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from server.core.db import db, reading, writing
from server.models import AuditLine, TotalStep
from server.services.campaigns import lifecycle
from support.world.totals import WHY, XA1, confirm, state, withdraw
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


def test_every_act_is_in_the_log(world: World) -> None:
    state(world, "huyen", banners=3)
    confirm(world, "xa1")
    state(world, "xa1", banners=4, more={"reason": WHY, "source": "book"})
    withdraw(world, "xa1", "banners", WHY)
    with world.app.app_context(), reading() as session:
        query = select(AuditLine).where(AuditLine.act.startswith("total_")).order_by(AuditLine.number)
        rows = session.scalars(query).all()
        session.expunge_all()
    assert [(row.act, json.loads(row.new)["amount"], json.loads(row.new)["source"]) for row in rows] == [
        ("total_stated", 3, "phone"),
        ("total_confirmed", 3, "phone"),
        ("total_stated", 4, "book"),
        ("total_withdrawn", 4, "book"),
    ]
    assert [row.old and json.loads(row.old)["amount"] for row in rows] == ["", 3, 3, 4]
    assert {row.about_id for row in rows} == {world.units[XA1]}
    assert not any(WHY in row.new for row in rows), "no text that somebody typed"


COLUMNS = "base, source, note, reason, officer_id, on_behalf, reported, at FROM total_step"
REPLACE = "INSERT OR REPLACE INTO total_step SELECT"
TRUNCATE = "TRUNCATE total_step"
"""Instead, on PostgreSQL, which has no such insert."""


@pytest.mark.databases("both")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE total_step SET amount = 99",
        "DELETE FROM total_step",
        f"{REPLACE} id, stream_id, figure, number, act, 99, reach, {COLUMNS}",
        f"{REPLACE} 'AAAAAAAAAAAAAAAA', stream_id, figure, number, act, 99, reach, {COLUMNS}",
    ],
)
def test_no_statement_alters_one(world: World, statement: str) -> None:
    state(world, "xa1", banners=3)
    with world.app.app_context():
        on_sqlite = db.engine.dialect.name == "sqlite"
        asked = text(statement if on_sqlite or REPLACE not in statement else TRUNCATE)
        with pytest.raises(DBAPIError), writing() as session:
            session.execute(asked)
        with reading() as session:
            assert session.scalars(select(TotalStep.amount)).all() == [3]


@pytest.mark.databases("both")
def test_a_campaign_with_totals_is_not_deleted(world: World) -> None:
    state(world, "xa1", banners=3)
    with world.app.app_context(), writing() as session:
        assert lifecycle.delete_empty(session, world.campaign) is False
