"""Confidential officers of the small province: each with an account of their own and a second factor."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.clock import now_ms
from server.core.db import writing
from server.core.passwords import hash_password, stretch
from server.core.secrets_at_rest import token_hash
from server.models import CaseKey, DeskSession, KeyHolder, SecondFactor
from server.services.access import desk_sessions, second_factor
from server.services.keyholders import sealing
from server.services.keyholders.vault import Vault, begin
from server.services.organisation.staff import NewOfficer, add_officer, give_role
from support.clients.authenticator import Authenticator, given
from support.world.world import PASSWORD, World

PASSPHRASE = "thuyền nan trăng khuyết bến cũ 1967"
CASE_KEY = "the-case-key-000"
_PRIVATE, _PUBLIC = sealing.new_key()
_SALT = b"salt of the tests"[:16]
PEOPLE = {"mat_xa": "12286", "mat_nhanla": "12289", "mat_huyen": "331", "mat_phucu": "333", "mat_tinh": "33"}
"""User names with the units."""


def appoint(world: World, *usernames: str) -> None:
    """Give each an account, the role and a second factor."""
    with world.app.app_context(), writing() as session:
        if session.scalar(select(CaseKey.id)) is None:
            made = CaseKey(id=CASE_KEY, public=sealing.encoded(_PUBLIC), made_at=now_ms(), recovery="")
            made.made_by = world.officers["quantri"]  # in these worlds only: nobody at the desk could
            session.add(made)
        for username in usernames or PEOPLE:
            code = PEOPLE[username]
            officer = add_officer(session, NewOfficer(username, f"Cán bộ phụ trách nạn nhân {code}"))
            officer.password_hash = hash_password(PASSWORD)
            give_role(session, officer.id, world.units[code], "confidential")
            world.officers[username] = officer.id
            given(session, officer.id, world.keyring)
            admitted(session, officer.id)


@cache
def _stretched() -> bytes:
    return stretch(PASSPHRASE, _SALT)


def admitted(session: Session, officer: str) -> None:
    """Make an officer a holder of the case key, as the desk does: with the passphrase of all holders of tests."""
    private, public = sealing.new_key()
    row = KeyHolder(officer_id=officer, made_at=now_ms(), admitted_by="", lost_why="", seen=0, look="")
    row.public, row.salt = sealing.encoded(public), sealing.encoded(_SALT)
    row.private = sealing.seal_with(_stretched(), f"key_holder:{officer}:private", private)
    row.wrapped = sealing.seal_to(public, f"key_holder:{officer}:{CASE_KEY}", _PRIVATE)
    row.admitted_at = now_ms()
    session.add(row)


def vault(world: World) -> Vault:
    """The case key of a world with confidential officers, open."""
    return Vault(world.keyring, CASE_KEY, _PUBLIC, _PRIVATE)


def unlocked(world: World, one: Any, username: str) -> Any:
    """Open the case key in a desk, as the right passphrase does."""
    with world.app.app_context(), writing() as session:
        secret = begin(session, world.officers[username], _PRIVATE)
    with one.http.session_transaction() as cookie:
        cookie["case_key"] = secret
    return one


def authenticator(world: World, username: str) -> Authenticator:
    """The authenticator of an appointed officer."""
    with world.app.app_context(), writing() as session:
        factor = second_factor.in_use(session, world.officers[username])
        assert isinstance(factor, SecondFactor)
        secret = second_factor.secret_of(factor, world.keyring)
        assert secret is not None
    return Authenticator(secret)


def proven(world: World, one: Any, username: str, age_ms: int = 0, *, opens: bool = True) -> Any:
    """Sign a desk in with its second factor, given `age_ms` ago, and open the case key."""
    with world.app.app_context(), writing() as session:
        token = desk_sessions.open_session(session, world.officers[username])
        token = desk_sessions.prove(session, token, second=True)
        session.flush()
        row = session.get_one(DeskSession, token_hash(token))
        row.proved_at = now_ms() - age_ms
    with one.http.session_transaction() as cookie:
        cookie["desk"] = token
    return unlocked(world, one, username) if opens else one
