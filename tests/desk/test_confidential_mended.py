"""The confidential annex after mergers, with rows that cannot be read, and on a page that is no longer right."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, text

from server.core.clock import now_ms
from server.core.db import reading, writing
from server.core.keyring import Keyring, Secret
from server.models import Campaign, SealedAnnex, SealedTotals
from server.services.campaigns import lifecycle
from server.services.campaigns.lifecycle import NewCampaign, open_campaign
from server.services.confidential import resealing
from server.services.keyholders.vault import Vault
from support.clients.desk import MakeDesk
from support.world.cases import sealed_before
from support.world.changes import merge, split, unsplit
from support.world.confidential import appoint, proven
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

TOTALS, FREEZE = "/desk/annex/totals", "/desk/annex/freeze"


@pytest.fixture(autouse=True)
def _officers(world: World) -> None:
    appoint(world)


def page(one: Any, world: World, unit: str) -> Any:
    one.get(f"/desk/annex?unit={world.units[unit]}&campaign={world.campaign}")
    assert one.status == 200, one.text
    return one


def enter(one: Any, world: World, unit: str, count: int) -> None:
    answer = one.post(page(one, world, unit).form(TOTALS), received=str(count), supported=str(count))
    assert answer.status_code == 303, one.text


def freeze(one: Any, world: World, unit: str) -> str:
    answer = one.post(page(one, world, unit).form(FREEZE), yes="1")
    assert answer.status_code == 303, one.text
    return str(one.location.rpartition("=")[2])


def sent(world: World, desk: MakeDesk, **counts: int) -> None:
    """Enter and freeze for communes."""
    units = {"mat_xa": "12286", "mat_nhanla": "12289"}
    for username, count in counts.items():
        one = proven(world, desk(), username)
        enter(one, world, units[username], count)
        freeze(one, world, units[username])


def spoil(world: World, table: str) -> None:
    """Seal rows under a key that nobody has any more."""
    with world.app.app_context(), writing() as session:
        session.execute(text(f"UPDATE {table} SET key_id = 'gone'"))  # a name of ours


@pytest.mark.slow
def test_communes_of_a_merged_district_are_in_its_successor_s_sum(world: World, desk: MakeDesk) -> None:
    sent(world, desk, mat_xa=3, mat_nhanla=4)
    merge(world, "331", into="333")
    above = page(proven(world, desk(), "mat_phucu"), world, "333")
    assert "Số liệu của 2/3 đơn vị." in above.text
    assert "Tổng cộng 7 7" in above.text


@pytest.mark.databases("both")
def test_after_a_split_an_annex_of_before_is_in_no_sum(world: World, desk: MakeDesk) -> None:
    """L-54: its people are in the new district's now; and where the split is taken back, it is right again."""
    sent(world, desk, mat_xa=3, mat_nhanla=4)
    district, province = proven(world, desk(), "mat_huyen"), proven(world, desk(), "mat_tinh")
    freeze(district, world, "331")
    row = split(world, "331", "333", below={"12289": "333"})
    page(province, world, "33")
    assert "Tổng cộng – –" in province.text
    assert "cần chốt lại sau sáp nhập, chia tách" in province.text
    assert "Tổng cộng 3 3" in page(district, world, "331").text, "the commune that stayed is as it was"
    assert "Tổng cộng 4 4" in page(proven(world, desk(), "mat_phucu"), world, "333").text
    unsplit(world, row)
    assert "Tổng cộng 7 7" in page(province, world, "33").text
    unsplit(world, split(world, "331", "332=Huyện Kim Bắc", below={"12289": "332"}))
    assert "Tổng cộng 7 7" in page(province, world, "33").text, "nor is the new one that never was"


@pytest.mark.slow
@pytest.mark.databases("both")
@pytest.mark.parametrize("into", ["12286", "12397"])
def test_after_a_merger_an_annex_of_before_is_in_no_sum(world: World, desk: MakeDesk, into: str) -> None:
    sent(world, desk, mat_xa=3, mat_nhanla=4)
    district, province = proven(world, desk(), "mat_huyen"), proven(world, desk(), "mat_tinh")
    freeze(district, world, "331")
    assert "Tổng cộng 7 7" in page(province, world, "33").text
    merge(world, "12289", into=into)
    page(province, world, "33")
    assert "Tổng cộng – –" in province.text
    assert "Số liệu của 0/2 đơn vị." in province.text
    assert "cần chốt lại sau sáp nhập" in province.text
    page(district, world, "331")
    if into == "12397":
        assert "Tổng cộng 3 3" in district.text, "the commune that stayed is as it was"
        return
    assert "Số liệu của 0/1 đơn vị." in district.text
    assert "cần chốt lại sau sáp nhập" in district.text
    freeze(proven(world, desk(), "mat_xa"), world, "12286")
    assert "Tổng cộng 7 7" in page(district, world, "331").text
    freeze(district, world, "331")
    page(province, world, "33")
    assert "Tổng cộng 7 7" in province.text
    assert "cần chốt lại sau sáp nhập" not in province.text


def test_what_a_merged_unit_entered_is_no_word_of_its_successor(world: World, desk: MakeDesk) -> None:
    old, new = proven(world, desk(), "mat_nhanla"), proven(world, desk(), "mat_xa")
    enter(old, world, "12289", 4)
    merge(world, "12289", into="12286")
    page_id = freeze(new, world, "12286")
    new.get(f"/desk/annex?annex={page_id}")
    assert "Số liệu của 0/1 đơn vị." in new.text
    enter(new, world, "12286", 1)
    new.get(f"/desk/annex?annex={freeze(new, world, '12286')}")
    assert "Số liệu của 1/1 đơn vị." in new.text


@pytest.mark.slow
def test_what_cannot_be_read_is_said_to_be_so_and_stops_nothing_else(world: World, desk: MakeDesk) -> None:
    sent(world, desk, mat_xa=3)
    spoil(world, "sealed_annex")
    spoil(world, "sealed_totals")
    sent(world, desk, mat_nhanla=4)
    above = page(proven(world, desk(), "mat_huyen"), world, "331")
    assert "không đọc được" in above.text
    assert "Tổng cộng 4 4" in above.text
    assert "Số liệu của 1/2 đơn vị." in above.text
    one = page(proven(world, desk(), "mat_xa"), world, "12286")
    assert "Không đọc được số liệu đã nhập" in one.text
    with world.app.app_context(), reading() as session:
        lost = session.scalars(select(SealedAnnex.id).where(SealedAnnex.key_id == "gone")).one()
    for path in (f"?annex={lost}", f"/{lost}/word"):
        assert one.http.get(f"/desk/annex{path}").status_code == 422
    sent(world, desk, mat_xa=5)
    page(above, world, "331")
    assert "Tổng cộng 9 9" in above.text
    assert "không đọc được" not in above.text


@pytest.mark.databases("both")
def test_unreadable_rows_do_not_stop_those_behind_them(
    world: World, desk: MakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = proven(world, desk(), "mat_xa")
    for count in range(1, 5):
        enter(one, world, "12286", count)
    sealed_before(world)
    with world.app.app_context(), writing() as session:
        first = sorted(session.scalars(select(SealedTotals.id)))[:2]
        for id_ in first:
            session.execute(text("UPDATE sealed_totals SET key_id = 'gone' WHERE id = :id"), {"id": id_})
    monkeypatch.setattr(resealing, "AT_ONCE", 1)
    ring = Vault(Keyring((*world.keyring.secrets, Secret("next", b"k" * 32, now_ms()))))
    past: dict[str, str] = {}
    with world.app.app_context(), writing() as session:
        found = [resealing.anew(session, ring, past) for _ in range(5)]
    assert found == [(0, 1), (0, 1), (1, 0), (1, 0), (0, 0)]


@pytest.mark.databases("both")
def test_what_changed_below_since_the_page_is_not_frozen_unseen(world: World, desk: MakeDesk) -> None:
    sent(world, desk, mat_xa=3)
    above = proven(world, desk(), "mat_huyen")
    form = page(above, world, "331").form(FREEZE)
    sent(world, desk, mat_nhanla=4)
    assert above.post(form, yes="1").status_code == 409
    assert freeze(above, world, "331")


def test_the_menu_opens_a_campaign_of_the_unit(world: World, desk: MakeDesk) -> None:
    with world.app.app_context(), writing() as session:
        new = NewCampaign(
            name="Đợt của Phù Cừ", starts_on=date(2021, 9, 1), ends_on=date(2021, 9, 30),
            due_before=date(2021, 10, 3), hotline="111", slogans=["x"],
        )  # fmt: skip
        open_campaign(session, world.units["333"], new)
    one = proven(world, desk(), "mat_tinh")
    one.get("/desk/annex")
    assert one.status == 200
    assert "Đợt của Phù Cừ" not in one.text


def test_a_campaign_with_totals_is_not_empty(world: World, desk: MakeDesk) -> None:
    enter(proven(world, desk(), "mat_xa"), world, "12286", 3)
    with world.app.app_context(), writing() as session:
        assert not lifecycle.delete_empty(session, world.campaign)
        assert session.get(Campaign, world.campaign) is not None
