"""A plan for some units only: typed at the desk, seen on their phones and in the table, kept by whoever amends."""

from __future__ import annotations

from typing import Any

import pytest

from server.core.db import reading, writing
from server.models import Campaign
from server.models.installation import lock_catalog
from support.clients.client import Client
from support.clients.desk import MakeDesk
from support.letters.desk import previewed, published, uploaded
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

OWN = "Xã; Băng rôn; 4\nXã Chính Nghĩa\tbăng rôn\t8\nPhường; Lần phát; 9"
SHOWN = ["Xã; Băng rôn; 4", "Phường; Lượt phát; 9", "Xã Chính Nghĩa (12286); Băng rôn; 8"]


def of_phone(world: World, username: str, campaign: str) -> list[dict[str, Any]]:
    told = Client(world.app.test_client(), world.token(username)).get("/catalog").get_json()
    found: list[dict[str, Any]] = next(each["expected"] for each in told["campaigns"] if each["id"] == campaign)
    return found


@pytest.mark.slow
def test_some_units_have_a_plan_of_their_own(world: World, desk: MakeDesk) -> None:
    province = desk("tinh")
    campaign = published(province, **{"expected.banners": "5", "expected.airings": "20", "expected_own": OWN})
    assert of_phone(world, "xa1", campaign) == [
        {"figure": "banners", "amount": 8},
        {"figure": "airings", "amount": 20},
    ]
    assert {"figure": "banners", "amount": 4} in of_phone(world, "nhanla", campaign)
    province.get(f"/desk/campaigns/{campaign}")
    for line in SHOWN:
        assert line in province.text
    district = desk("huyen")
    district.get(f"/desk/figures?campaign={campaign}")
    (banners,) = ([*row.values()][1:] for name, row in district.figures().items() if name == "Xã Chính Nghĩa")
    assert any("/8" in cell for cell in banners)
    told = district.http.get(f"/desk/figures.csv?csv=comma&campaign={campaign}", buffered=True).get_data(as_text=True)
    assert "5 (có đơn vị khác)" in told


@pytest.mark.slow
def test_whoever_amends_keeps_it(world: World, desk: MakeDesk) -> None:
    province = desk("tinh")
    campaign = published(province, **{"expected.banners": "5", "expected_own": OWN})

    def kept() -> Any:
        with world.app.app_context(), reading() as session:
            return session.get_one(Campaign, campaign).expected

    before = kept()
    province.get(f"/desk/campaigns/{campaign}/amend")
    form = province.form("/amend")
    assert form.values["expected_own"] == ["\n".join(SHOWN)]
    assert province.post(form, name="Tên khác").status_code == 303
    assert kept() == before
    province.get(f"/desk/campaigns/{campaign}/amend")
    assert province.post(province.form("/amend"), expected_own="").status_code == 303
    assert kept() == [{"figure": "banners", "amount": 5}]
    with world.app.app_context(), writing() as session:
        lock_catalog(session)
        session.get_one(Campaign, campaign).expected = before
    province.get("/desk/campaigns")
    province.post(next(form for form in province.forms() if "earlier" in form.values), earlier=campaign)
    province.follow()
    copied = next(form for form in province.forms() if "expected_own" in form.values)
    assert copied.values["expected_own"] == ["\n".join(SHOWN)]


def test_a_line_that_is_not_understood_is_named_and_stays(desk: MakeDesk) -> None:
    province = desk("tinh")
    uploaded(province)
    previewed(province, expected_own="Phường; Băng rôn; 3\nXã Không Có; Băng rôn; 3")
    assert province.status == 422
    assert "Dòng 2 chưa hiểu" in province.text
    form = next(form for form in province.forms() if "expected_own" in form.values)
    assert form.values["expected_own"] == ["Phường; Băng rôn; 3\nXã Không Có; Băng rôn; 3"]
