"""A letter or a draft that is sent after its session ended goes on after the sign-in."""

from __future__ import annotations

import re
from html import unescape

import pytest
from sqlalchemy import delete

from server.core.db import writing
from server.models import (
    DeskSession,
)
from support.clients.desk import MakeDesk
from support.letters.desk import NAME, START, send, uploaded
from support.letters.files import SEED
from support.world.world import PASSWORD, World

pytestmark = pytest.mark.databases("sqlite")


@pytest.mark.slow
def test_a_draft_sent_after_its_session_ended_is_kept_through_the_sign_in(world: World, desk: MakeDesk) -> None:
    province = desk()
    province.sign_in("tinh")
    uploaded(province)
    form = next(each for each in province.forms() if re.search(r"/drafts/[\w-]{16}$", each.action))
    with world.app.app_context(), writing() as session:
        session.execute(delete(DeskSession))
    province.post(form, act="save", name="Gõ trước khi hết phiên")
    assert province.status == 401
    province.post(province.form("/desk/sign-in"), username="tinh", password=PASSWORD)
    province.post(province.form(form.action))
    assert province.status == 303
    assert "Gõ trước khi hết phiên" in unescape(province.follow())


def test_a_pasted_letter_is_kept_through_the_sign_in(world: World, desk: MakeDesk) -> None:
    province = desk()
    province.sign_in("tinh")
    province.get(START)
    with world.app.app_context(), writing() as session:
        session.execute(delete(DeskSession))
    assert send(province, "/campaigns/drafts", text=SEED.read_text("utf-8")) == 401
    province.post(province.form("/desk/sign-in"), username="tinh", password=PASSWORD)
    province.post(province.form("/campaigns/drafts"))
    assert province.status == 303
    assert NAME in unescape(province.follow())
