"""What is stored of the confidential annex: sealed, unaltered, logged without a value, read under a new key."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import DBAPIError

from server.core.clock import now_ms
from server.core.db import db, reading, writing
from server.core.keyring import Keyring, Secret
from server.core.problem_details import Problem
from server.models import AuditLine, SealedAnnex, SealedTotals
from server.services.confidential import document, resealing, sealed
from server.services.confidential.annexes import opened
from server.services.keyholders import sealing as keys
from server.services.keyholders.vault import closed
from server.services.recovery import key_use
from support.clients.desk import MakeDesk
from support.jobs.inline import done
from support.world.annexes import enter, freeze, freeze_of
from support.world.cases import sealed_before
from support.world.confidential import appoint, proven, vault
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


@pytest.fixture(autouse=True)
def _officers(world: World) -> None:
    appoint(world)


@pytest.mark.databases("both")
def test_a_stolen_database_tells_nothing(world: World, desk: MakeDesk) -> None:
    one = proven(world, desk(), "mat_xa")
    enter(one, world, "12286", received="84217", supported="61393", **{"r.medical": "50971"})
    freeze(one, world, "12286")
    with world.app.app_context(), db.engine.connect() as connection:
        for table in inspect(db.engine).get_table_names():
            stored = str(connection.execute(text(f'SELECT * FROM "{table}"')).all())
            assert not re.search(r"\b(84217|61393|50971)\b", stored), table  # a hash may have such digits
        small = enter(one, world, "12286", received="1", supported="1", **{"r.medical": ""})
        assert small.status_code == 303
        lengths = set(connection.execute(text("SELECT length(sealed) FROM sealed_totals")).scalars())
    assert len(lengths) == 1, "3 and 300 are of one length"
    with world.app.app_context(), reading() as session:
        row, annex = session.scalars(select(SealedTotals)).first(), session.scalars(select(SealedAnnex)).one()
        assert row is not None
        held, place = vault(world), f"sealed_totals:{row.id}:sealed"
        other = replace(held, private=keys.new_key()[0])
        for one_vault, where in ((other, place), (held, "sealed_totals:other:sealed")):
            with pytest.raises(sealed.Unreadable):
                sealed.opened(one_vault, where, row.key_id, row.sealed)
        with pytest.raises(Problem, match="case_locked"):
            sealed.opened(closed(session, world.keyring), place, row.key_id, row.sealed)
        content = opened(held, annex).content
        guess = json.loads(json.dumps({**content, "salt": "A" * 32}))
    assert guess["total"]["received"] == 84217
    assert len(content["salt"]) == 32, "the hash in the log cannot be tried out number by number"


@pytest.mark.databases("both")
def test_no_statement_alters_what_was_entered(world: World, desk: MakeDesk) -> None:
    freeze_of(world, proven(world, desk(), "mat_xa"))
    for statement in (
        "UPDATE sealed_totals SET number = 5", "DELETE FROM sealed_totals", "UPDATE sealed_annex SET sha256 = 'x'",
        "DELETE FROM sealed_annex", "UPDATE sealed_annex SET at = 1",
    ):  # fmt: skip
        with world.app.app_context(), pytest.raises(DBAPIError), writing() as session:
            session.execute(text(statement))


@pytest.mark.slow
def test_acts_and_views_are_logged_without_a_value(world: World, desk: MakeDesk) -> None:
    one = proven(world, desk(), "mat_xa")
    enter(one, world, "12286", received="84217", supported="61393")
    id_ = freeze(one, world, "12286")
    one.get(f"/desk/annex?annex={id_}")
    one.http.get(f"/desk/annex/{id_}/word")
    with world.app.app_context(), reading() as session:
        lines = session.execute(
            select(AuditLine.act, AuditLine.actor_id, AuditLine.unit_id, AuditLine.old, AuditLine.new).where(
                AuditLine.act.startswith("annex_", autoescape=True)
            )
        ).all()
    assert {line.act for line in lines} == {"annex_entered", "annex_frozen", "annex_read", "annex_exported"}
    assert {(line.actor_id, line.unit_id) for line in lines} == {(world.officers["mat_xa"], world.units["12286"])}
    assert not any(re.search(r"84217|61393", line.old + line.new) for line in lines)
    assert sum(line.act == "annex_read" for line in lines) == 3


@pytest.mark.slow
@pytest.mark.databases("both")
def test_under_a_new_key_all_is_sealed_anew_and_reads_as_before(world: World, desk: MakeDesk) -> None:
    one = proven(world, desk(), "mat_xa")
    id_ = freeze_of(world, one)
    held, old = vault(world), world.keyring
    ring = Keyring((*old.secrets, Secret("next", b"k" * 32, now_ms())))
    with world.app.app_context(), writing() as session:
        before = document.document(opened(held, session.get_one(SealedAnnex, id_)))
        assert key_use.of(session, ring, old.secrets[-1].id).totals == 0, "the case key needs no key of the ring"
        assert resealing.anew(session, closed(session, ring)) == (0, 0)
    sealed_before(world)
    with world.app.app_context(), writing() as session:
        assert key_use.of(session, ring, old.secrets[-1].id).totals == 2
        assert resealing.anew(session, closed(session, ring)) == (2, 0)
        assert resealing.anew(session, closed(session, ring)) == (0, 0)
        assert key_use.of(session, ring, old.secrets[-1].id).totals == 0
    with world.app.app_context(), reading() as session:
        row = session.get_one(SealedAnnex, id_)
        assert row.key_id == "next"
        found = opened(closed(session, ring), row)
        assert found.is_right
        assert document.document(found) == before
    assert done(world, resealing.KIND).state == "done", "with the application's ring they cannot be read: it says so"
