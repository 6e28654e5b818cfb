"""Confidential officers of the small province: each with an account of their own and a second factor."""

from __future__ import annotations

from typing import Any

from server.core.clock import now_ms
from server.core.db import writing
from server.core.passwords import hash_password
from server.core.secrets_at_rest import token_hash
from server.models import DeskSession, SecondFactor
from server.services.access import desk_sessions, second_factor
from server.services.organisation.staff import NewOfficer, add_officer, give_role
from support.clients.authenticator import Authenticator, given
from support.world.world import PASSWORD, World

PEOPLE = {"mat_xa": "12286", "mat_nhanla": "12289", "mat_huyen": "331", "mat_phucu": "333", "mat_tinh": "33"}
"""User names with the units."""


def appoint(world: World, *usernames: str) -> None:
    """Give each an account, the role and a second factor."""
    with world.app.app_context(), writing() as session:
        for username in usernames or PEOPLE:
            code = PEOPLE[username]
            officer = add_officer(session, NewOfficer(username, f"Cán bộ phụ trách nạn nhân {code}"))
            officer.password_hash = hash_password(PASSWORD)
            give_role(session, officer.id, world.units[code], "confidential")
            world.officers[username] = officer.id
            given(session, officer.id, world.keyring)


def authenticator(world: World, username: str) -> Authenticator:
    """The authenticator of an appointed officer."""
    with world.app.app_context(), writing() as session:
        factor = second_factor.in_use(session, world.officers[username])
        assert isinstance(factor, SecondFactor)
        secret = second_factor.secret_of(factor, world.keyring)
        assert secret is not None
    return Authenticator(secret)


def proven(world: World, one: Any, username: str, age_ms: int = 0) -> Any:
    """Sign a desk in with its second factor, given `age_ms` ago."""
    with world.app.app_context(), writing() as session:
        token = desk_sessions.open_session(session, world.officers[username])
        token = desk_sessions.prove(session, token, second=True)
        session.flush()
        row = session.get_one(DeskSession, token_hash(token))
        row.proved_at = now_ms() - age_ms
    with one.http.session_transaction() as cookie:
        cookie["desk"] = token
    return one
