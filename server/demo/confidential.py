"""Two invented confidential cases of the first commune; two officers hold the case key, each with a second factor.

A case that is nearly done, and one that came in some days ago and of which nobody has asked anything yet.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import pyotp
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.clock import now_ms, today
from server.core.db import reading, writing
from server.core.keyring import Keyring
from server.demo.people import CASE_USERS, Cast
from server.models import CaseRight, Membership, Officer, Unit
from server.services.access import second_factor
from server.services.cases import acting, making, rights
from server.services.cases.acting import DONE, EVENT, LINE, STEP, TableRow
from server.services.cases.making import NewCase
from server.services.installation.sample import CASE_PASSPHRASE
from server.services.keyholders import holders, sealing, vault
from server.services.keyholders.vault import Vault
from server.services.units.scope import Scope
from server.serving.installation import installed

_PROVINCE, _COMMUNE = CASE_USERS
_HELPED: Final = (
    (EVENT, "returned", "", 34),
    (STEP, "inform", DONE, 35),
    (STEP, "receive", DONE, 34),
    (LINE, "essential", "provided", 34),
    (LINE, "medical", "provided", 30),
    (LINE, "interpreter", "declined", 34),
    (LINE, "travel", "provided", 33),
    (LINE, "psychological", "provided", 20),
    (LINE, "legal_support", "informed", 33),
    (LINE, "legal_aid", "informed", 33),
    (LINE, "schooling", "declined", 28),
    (LINE, "vocational", "applied", 12),
    (LINE, "initial", "needed", 12),
)
"""What was done in the first case: part of its table, row, tick, days ago."""


def tell(app: Flask, cast: Cast) -> None:
    """Give the two rights, make the case key and both cases. The caller must be in the application's context."""
    province, commune = (cast.people[name].officer_id for name in CASE_USERS)
    ring = installed(app).keyring
    for officer in (province, commune):
        _equip(officer, ring)
    with writing() as session:
        above = session.get_one(Unit, cast.people[_PROVINCE].unit_id)
        rights.first(session, vault.closed(session, ring), session.get_one(Officer, province), above)
    _begin(app, province)
    with reading() as session:
        held, key = holders.unlock(session, province), vault.key(session)
    private = holders.unlocked(province, held, CASE_PASSPHRASE)
    if private is None or key is None:
        raise RuntimeError("the demo's case key is not open")
    opened = Vault(ring, key.id, sealing.decoded(key.public), private)
    _give(cast, opened)
    signs = sealing.check_signs(commune, _begin(app, commune))
    with writing() as session:
        holders.admit(session, Scope(session, province), opened, commune, signs)
    with writing() as session:
        helped = _make(session, opened, cast, ("victim", "female", "adult", "border", "law", "not_needed"), 36)
        rows = [
            TableRow(part, row, tick, (today() - timedelta(days=ago)).isoformat(), "")
            for part, row, tick, ago in _HELPED
        ]
        acting.table(session, opened, commune, helped, rows, "")
        _make(session, opened, cast, ("identified_here", "male", "youth", "police", "consent", "representative"), 5)


def _equip(officer: str, ring: Keyring) -> None:
    """Set up the second factor that the role asks for. Its authenticator is nobody's: a demo shows the code itself."""
    with writing() as session:
        begun = second_factor.begin(session, officer, ring)
        code = pyotp.TOTP(str(second_factor.secret_of(begun, ring))).at(now_ms() // 1000)
        second_factor.confirm(session, officer, code, ring)


def _begin(app: Flask, officer: str) -> str:
    """Choose the passphrase for an officer. Returns the public half of their key."""
    with reading() as session:
        password_hash = session.get_one(Officer, officer).password_hash
    pair = holders.new_pair(officer, password_hash, CASE_PASSPHRASE)
    with writing() as session:
        holders.begin(session, installed(app).keyring, officer, pair)
    return pair.public


def _give(cast: Cast, opened: Vault) -> None:
    """The administrator proposes the commune's right, the province's holder gives it."""
    commune, province = (cast.people[name].officer_id for name in (_COMMUNE, _PROVINCE))
    with writing() as session:
        role = select(Membership.id).where(Membership.officer_id == commune)
        administrator = Scope(session, cast.people["quantri"].officer_id)
        rights.propose(session, administrator, session.scalars(role).one())
    with writing() as session:
        row = session.scalars(select(CaseRight.id).where(CaseRight.officer_id == commune)).one()
        rights.give(session, Scope(session, province), opened, row)


def _make(
    session: Session, opened: Vault, cast: Cast, said: tuple[str, str, str, str, str, str], ago: int
) -> tuple[str, int]:
    """Make a case that was received so many days ago. Returns its id and number."""
    category, sex, age, source, basis, consent = said
    person = cast.people[_COMMUNE]
    received = (today() - timedelta(days=ago)).isoformat()
    new = NewCase(person.unit_id, category, sex, age, source, basis, consent, received)
    held = making.make(session, opened, person.officer_id, new)
    return held.id, held.row.number
