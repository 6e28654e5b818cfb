"""One-time links: each serves once and for 72 hours, and whoever makes a new one closes all that stood open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from server.core.clock import now_ms, stopped_at
from server.core.db import writing
from server.core.passwords import check_password
from server.core.problem_details import Problem
from server.models import Officer
from server.services.access import accounts, desk_sessions, welcome
from support.world.world import World, world

GOOD = "bốn con chim nhỏ"


@pytest.fixture
def place(database_url: str, tmp_path: Path) -> Iterator[World]:
    with world(database_url, tmp_path / "data") as made:
        yield made


@pytest.fixture
def session(place: World) -> Iterator[Session]:
    with place.app.app_context(), writing() as open_session:
        yield open_session


@pytest.fixture
def admin(place: World, session: Session) -> Officer:
    return session.get_one(Officer, place.officers["quantri"])


def test_looking_uses_nothing_up_and_using_does(session: Session, admin: Officer) -> None:
    token = welcome.make_welcome(session, admin.id)
    assert welcome.find_welcome(session, token) is welcome.find_welcome(session, token) is admin
    assert welcome.use_welcome(session, token, welcome.choose_password(GOOD)) is admin
    assert welcome.use_welcome(session, token, welcome.choose_password("correct horse battery")) is None
    assert welcome.find_welcome(session, token) is None
    assert check_password(GOOD, admin.password_hash)


def test_a_short_password_is_refused_and_the_link_still_serves(session: Session, admin: Officer) -> None:
    token = welcome.make_welcome(session, admin.id)
    for password in ("ngắn", "password12"):
        with pytest.raises(Problem):
            welcome.choose_password(password)
    assert welcome.use_welcome(session, token, welcome.choose_password(GOOD)) is admin


def test_a_reset_ends_the_password_the_sessions_and_the_link_before(session: Session, admin: Officer) -> None:
    browser, before = desk_sessions.open_session(session, admin.id), welcome.make_welcome(session, admin.id)
    token = welcome.reset_password(session, admin)
    assert desk_sessions.state_of(session, browser) is None
    assert welcome.find_welcome(session, before) is None
    assert welcome.find_welcome(session, token) is admin
    assert admin.password_hash is None


def test_a_link_is_over_after_72_hours_and_for_a_disabled_account(session: Session, admin: Officer) -> None:
    with stopped_at(now_ms() - 73 * 3_600_000):
        old = welcome.make_welcome(session, admin.id)
    assert welcome.find_welcome(session, old) is None
    token = welcome.make_welcome(session, admin.id)
    accounts.disable(session, admin)
    assert welcome.use_welcome(session, token, welcome.choose_password(GOOD)) is None
    accounts.disable(session, admin, undo=True)
    assert welcome.use_welcome(session, token, welcome.choose_password(GOOD)) is admin
