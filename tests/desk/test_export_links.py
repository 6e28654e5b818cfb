"""A link that refreshes a table in Excel: whoever has its address reads one selection, until it ends for good."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from server.core import clock
from server.core.clock import now_ms, stopped_at
from server.core.db import reading, writing
from server.core.secrets_at_rest import token_hash
from server.models import AuditLine, ExportLink, Membership
from server.models.installation import lock_catalog
from server.services.audit.acts import Act
from server.services.continuity import revocations
from server.services.exports import links
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone, Phone
from support.world.world import PASSWORD, World

pytestmark = pytest.mark.databases("sqlite")

PAGE = "/desk/exports"
DAY = 24 * 3600 * 1000


@pytest.fixture
def filled(phone: MakePhone) -> list[Phone]:
    """Two communes with a record each."""
    every = [phone("xa1"), phone("nhanla", "12289")]
    for officer in every:
        officer.create(quantity=3, note="+84 ghi chú")
        officer.sync()
    return every


def address(world: World, one: Any, unit: str = "12286") -> str:
    """Make a link to a commune's banners; returns the path of its address."""
    one.get(f"{PAGE}?campaign={world.campaign}&unit={world.units[unit]}&kind=banner")
    assert one.post(one.form("/exports/links")).status_code == 200, one.text
    found = re.search(r'readonly value="[a-z]+://[^/]+(/desk/exports/link/[\w-]{43}\.csv)"', one.html)
    assert found, one.html
    return found[1]


def taken(world: World, path: str) -> TestResponse:
    client: FlaskClient = world.app.test_client()
    return client.get(path, buffered=True)


def logged(world: World) -> list[tuple[str, int]]:
    acts = (Act.EXPORT_LINK_MADE, Act.EXPORT_LINK_USED, Act.EXPORT_LINK_ENDED)
    with world.app.app_context(), reading() as session:
        rows = select(AuditLine.act, AuditLine.times).where(AuditLine.act.in_(acts)).order_by(AuditLine.number)
        return [(act, times) for act, times in session.execute(rows)]


@pytest.mark.usefixtures("filled")
def test_it_shows_its_selection_to_whoever_has_it_and_is_listed(world: World, desk: MakeDesk) -> None:
    one = desk("huyen")
    path = address(world, one)
    answer = taken(world, path)
    assert (answer.status_code, answer.mimetype, answer.headers["Cache-Control"]) == (200, "text/csv", "no-store")
    assert "Set-Cookie" not in answer.headers
    text = answer.data.decode("utf-8-sig")
    assert "Xã Chính Nghĩa" in text
    assert "Nhân La" not in text
    assert "'+84 ghi chú" in text
    assert taken(world, f"{path}?unit={world.units['12289']}&campaign=x").data == answer.data
    one.get(f"{PAGE}?campaign={world.campaign}")
    assert "đã đọc 2 lần" in one.text
    with world.app.app_context(), reading() as session:
        row = session.scalars(select(ExportLink)).one()
        assert row.token_hash == token_hash(path.split("/")[-1].removesuffix(".csv"))
    assert path.split("/")[-1][:20] not in one.html
    assert taken(world, f"{PAGE}/link/{'x' * 43}.csv").status_code == 404


@pytest.mark.usefixtures("filled")
def test_a_link_is_made_after_a_proof_of_the_last_ten_minutes(world: World, desk: MakeDesk) -> None:
    one = desk("huyen")
    one.get(f"{PAGE}?campaign={world.campaign}&unit={world.units['12286']}&kind=banner")
    form = one.form("/exports/links")
    with stopped_at(now_ms() + 11 * 60_000):
        assert one.post(form).status_code == 401
        assert logged(world) == []
        assert one.post(one.form("/exports/links"), proof="not it").status_code == 403
        assert one.post(one.form("/exports/links"), proof=PASSWORD).status_code == 200
        assert logged(world) == [(Act.EXPORT_LINK_MADE, 1)]


@pytest.mark.usefixtures("filled")
def test_the_same_form_makes_one_and_nobody_names_a_token(world: World, desk: MakeDesk) -> None:
    one = desk("huyen")
    one.get(f"{PAGE}?campaign={world.campaign}")
    form = one.form("/exports/links")
    shown = [one.post(form).data.decode().split("readonly")[1][:120] for _ in range(2)]
    assert shown[0] == shown[1]
    assert logged(world) == [(Act.EXPORT_LINK_MADE, 1)]
    assert one.post(form, draft="my own").status_code == 400
    other = desk("tinh")
    other.get(f"{PAGE}?campaign={world.campaign}")
    assert other.post(other.form("/exports/links"), draft=form.values["draft"][0]).status_code == 400
    assert (
        one.post(form, filter=f"campaign={world.campaign}&unit={world.units['333']}").status_code == 200
    )  # made before
    one.get(f"{PAGE}?campaign={world.campaign}")
    far = f"campaign={world.campaign}&unit={world.units['333']}"
    assert one.post(one.form("/exports/links"), filter=far).status_code == 404


@pytest.mark.usefixtures("filled")
def test_uses_are_counted_by_day_in_the_log_and_bounded_by_the_minute(world: World, desk: MakeDesk) -> None:
    path, at = address(world, desk("huyen")), now_ms()
    at += clock.MINUTE_MS - at % clock.MINUTE_MS
    with stopped_at(at):
        assert [taken(world, path).status_code for _ in range(links.A_MINUTE + 1)] == [200] * links.A_MINUTE + [429]
        assert taken(world, path).headers["Retry-After"] == "61"
    with stopped_at(at + clock.MINUTE_MS):
        assert taken(world, path).status_code == 200
    with stopped_at(at + DAY):
        assert taken(world, path).status_code == 200
    used = [times for act, times in logged(world) if act == Act.EXPORT_LINK_USED]
    assert used == [1, links.A_MINUTE + 1]  # the first, then those after it with the next day's first


@pytest.mark.slow
@pytest.mark.usefixtures("filled")
def test_it_ends_by_hand_for_good_also_after_a_restore(world: World, desk: MakeDesk) -> None:
    one = desk("huyen")
    path, kept = address(world, one), address(world, one)
    assert taken(world, path).status_code == 200
    far = desk("phucu")
    far.get(f"{PAGE}?campaign={world.campaign}")
    assert "/end" not in far.html
    one.get(f"{PAGE}?campaign={world.campaign}")
    with world.app.app_context(), reading() as session:
        hash_ = token_hash(path.split("/")[-1].removesuffix(".csv"))
        id_ = session.scalars(select(ExportLink.id).where(ExportLink.token_hash == hash_)).one()
    form = one.form(f"/links/{id_}/end")
    assert far.post(far.form("/sign-out")).status_code == 303
    assert desk("phucu").http.post(form.action, data=form.values, buffered=True).status_code in (400, 404)
    for _ in range(2):
        assert one.post(form).status_code == 303
    assert "Đã thu hồi đường dẫn" in one.follow()
    assert (taken(world, path).status_code, taken(world, kept).status_code) == (410, 200)
    assert "đã bị thu hồi" in taken(world, path).get_data(as_text=True)
    assert [act for act, _ in logged(world)].count(Act.EXPORT_LINK_ENDED) == 1
    with world.app.app_context(), writing() as session:  # what an older database says
        session.execute(update(ExportLink).values(ended_at=None))
    assert taken(world, path).status_code == 200
    with world.app.app_context(), writing() as session:
        assert revocations.reapply(session) == 1
    assert (taken(world, path).status_code, taken(world, kept).status_code) == (410, 200)


@pytest.mark.usefixtures("filled")
def test_it_expires_and_shows_no_more_than_its_maker_may_see(world: World, desk: MakeDesk) -> None:
    path = address(world, desk("huyen"))
    with world.app.app_context(), reading() as session:
        expires_at = session.scalars(select(ExportLink.expires_at)).one()
    assert 30 * DAY < expires_at - now_ms() < 32 * DAY  # the campaign is over: so long after today
    with stopped_at(expires_at - 1):
        assert taken(world, path).status_code == 200
    with stopped_at(expires_at):
        assert taken(world, path).status_code == 410
    with world.app.app_context(), writing() as session:
        lock_catalog(session)
        theirs = select(Membership).where(Membership.officer_id == world.officers["huyen"])
        session.scalars(theirs).one().ended_at = 1
    assert taken(world, path).status_code == 410
