"""Accounts and roles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.clock import new_id, now_ms
from server.core.db import add_now
from server.core.problem_details import refuse_if
from server.core.shell_words import t
from server.models import Membership, Officer
from server.models.installation import lock_catalog
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.units.roles import ROLES
from sync.text import normal


@dataclass(frozen=True, slots=True)
class NewOfficer:
    """The data of a new account. Without a password (hashed already) it can use a phone but not the desk."""

    username: str
    name: str
    password_hash: str | None = None
    phone: str = ""


def add_officer(session: Session, new: NewOfficer) -> Officer:
    """Make an account. Raises ValueError when the user name is taken or blank."""
    username = normal(new.username).lower()
    if not username:
        raise ValueError(t("a user name is needed"))
    if find_officer(session, username) is not None:
        raise ValueError(t("the user name {username} is taken", username=username))
    lock_catalog(session)
    officer = add_now(
        session,
        Officer(
            id=new_id(),
            username=username,
            name=normal(new.name),
            phone=new.phone,
            password_hash=new.password_hash,
            created_at=now_ms(),
        ),
    )
    log.append(session, Act.ACCOUNT_ADDED, ("officer", officer.id))
    return officer


def find_officer(session: Session, username: str) -> Officer | None:
    """The account of that user name."""
    return session.scalar(select(Officer).where(Officer.username == normal(username).lower()))


def give_role(session: Session, officer_id: str, unit_id: str, role: str) -> None:
    """Give a role at a unit; giving it again removes its end. Raises Problem for an unknown role."""
    refuse_if(role not in ROLES, "bad_request", "role")
    lock_catalog(session)
    held = session.scalar(
        select(Membership).where(
            Membership.officer_id == officer_id, Membership.unit_id == unit_id, Membership.role == role
        )
    )
    if held is None:
        held = Membership(id=new_id(), officer_id=officer_id, unit_id=unit_id, role=role, since=now_ms())
        session.add(held)
    elif held.ended_at is None:
        return
    held.ended_at = None
    session.flush()
    log.append(session, Act.ROLE_GIVEN, ("officer", officer_id), new={"role": role, "unit": unit_id})


def end_roles(session: Session, officer_id: str, unit_id: str) -> None:
    """End every role the officer holds at a unit."""
    lock_catalog(session)
    held = select(Membership).where(Membership.officer_id == officer_id, Membership.unit_id == unit_id)
    end(session, session.scalars(held.where(Membership.ended_at.is_(None))).all())


def end(session: Session, held: Sequence[Membership]) -> None:
    """End these roles; phones may push writes for 30 days more (SPEC L-8)."""
    for membership in held:
        membership.ended_at = now_ms()
        was = {"role": membership.role, "unit": membership.unit_id}
        log.append(session, Act.ROLE_ENDED, ("officer", membership.officer_id), old=was)
    session.flush()
