"""A published campaign is amended: phones get it, records keep what they rest on, nobody's change is lost."""

from __future__ import annotations

import unicodedata

import pytest

from server.core.db import reading
from server.models import (
    Campaign,
    CampaignFile,
)
from support.clients.client import Client
from support.clients.desk import MakeDesk
from support.letters.desk import acts, count, send
from support.world.world import World
from sync.errors import CODES

pytestmark = pytest.mark.databases("sqlite")


def test_a_published_campaign_is_amended_and_phones_get_it(world: World, desk: MakeDesk) -> None:
    phone = Client(world.app.test_client(), world.token("xa1"))
    before = phone.get("/catalog").get_json()
    province = desk("tinh")
    province.get(f"/desk/campaigns/{world.campaign}/amend")
    form = province.form("/amend")
    province.post(
        form,
        **{"name": "Tên mới", "slogan.s1": "Chung tay sửa lỗi chính tả", "slogans": "Khẩu hiệu thêm", "hotline": "112"},
        **{
            "due_before": "10/8/2021",
            "due.commune": "5-8-21",
            "expected.banners": "7",
            "cutoff": "1/8/2021 12:00",
        },
    )
    assert province.status == 303
    told = phone.get("/catalog").get_json()
    assert told["etag"] != before["etag"]
    mine = next(each for each in told["campaigns"] if each["id"] == world.campaign)
    assert mine["slogans"][0] == {"id": "s1", "text": "Chung tay sửa lỗi chính tả"}
    assert mine["slogans"][-1] == {"id": "s3", "text": "Khẩu hiệu thêm"}
    assert (mine["name"], mine["hotline"], mine["due_before"]) == ("Tên mới", "112", "2021-08-10")
    assert mine["due_levels"] == {"commune": "2021-08-05"}
    assert mine["expected"] == [{"figure": "banners", "amount": 7}]
    assert mine["kinds"] == next(each["kinds"] for each in before["campaigns"] if each["id"] == world.campaign)
    province.get(f"/desk/campaigns/{world.campaign}/amend")
    assert 'value="01/08/2021 12:00"' in province.html
    assert acts(world)[-3:] == [
        ("campaign_amended", {}, {"unit": world.units["33"]}),
        ("campaign_due", {"before": "2021-08-03"}, {"before": "2021-08-10"}),
        ("campaign_due", {}, {"before": "2021-08-05"}),
    ]


def test_a_corrected_slogan_is_stored_like_a_new_one(world: World, desk: MakeDesk) -> None:
    province = desk("tinh")
    province.get(f"/desk/campaigns/{world.campaign}/amend")
    typed = unicodedata.normalize("NFD", "Chung tay  vì trẻ em ")
    province.post(province.form("/amend"), **{"slogan.s1": typed})
    assert province.status == 303
    with world.app.app_context(), reading() as session:
        assert session.get_one(Campaign, world.campaign).slogans[0]["text"] == "Chung tay vì trẻ em"


def test_what_records_rest_on_is_not_taken_away(world: World, desk: MakeDesk) -> None:
    province = desk("tinh")
    province.get(f"/desk/campaigns/{world.campaign}/amend")
    form = province.form("/amend")
    province.post(form, **{"slogan.s2": " ", "name": "Vẫn còn đây"})
    assert province.status == 422
    assert "không bỏ được" in province.text
    assert "Vẫn còn đây" in province.html
    province.post(form, kinds=["banner"])
    assert province.status == 303, "kinds that are there are not withdrawn by a form without them"
    with world.app.app_context(), reading() as session:
        row = session.get_one(Campaign, world.campaign)
        assert row.kinds == []
        assert [each["id"] for each in row.slogans] == ["s1", "s2"]


@pytest.mark.databases("both")
def test_two_who_amend_at_once_lose_nothing(desk: MakeDesk, world: World) -> None:
    one, two = desk("tinh"), desk("quantri")
    for each in (one, two):
        each.get(f"/desk/campaigns/{world.campaign}/amend")
    one.post(one.form("/amend"), hotline="112")
    two.post(two.form("/amend"), name="Tên của người thứ hai")
    assert two.status == 422
    assert "Có người vừa sửa" in two.text
    assert "Tên của người thứ hai" in two.html
    two.post(two.form("/amend"))
    assert two.status == 303
    with world.app.app_context(), reading() as session:
        row = session.get_one(Campaign, world.campaign)
        assert (row.name, row.hotline) == ("Tên của người thứ hai", "112"), "what the first one entered stays"


def test_an_archived_campaign_is_not_amended(desk: MakeDesk, world: World) -> None:
    province = desk("tinh")
    province.get(f"/desk/campaigns/{world.campaign}/amend")
    form = province.form("/amend")
    province.get(f"/desk/campaigns/{world.campaign}")
    province.post(province.form("/status"), status="archived")
    province.post(form, name="Không được")
    assert province.status == 422
    assert CODES["archived"].vi in province.text
    province.get(f"/desk/campaigns/{world.campaign}")
    assert not province.has_form("/amend")
    assert "Sửa đợt này" not in province.text


def test_files_of_a_published_campaign(desk: MakeDesk, world: World) -> None:
    province = desk("tinh")
    at = f"/desk/campaigns/{world.campaign}/amend"
    province.get(at)
    assert send(province, "/files", "Bài đọc".encode(), "bai.txt", use="script", title="Bài số 1") == 303
    told = Client(world.app.test_client(), world.token("xa1")).get("/catalog").get_json()
    mine = next(each for each in told["campaigns"] if each["id"] == world.campaign)
    assert [each["title"] for each in mine["files"]] == ["Bài số 1"]
    province.get(at)
    assert send(province, "/files", b"\x00", "x", use="script", title="Hỏng") == 422
    assert CODES["campaign_file"].vi in province.text
    province.get(at)
    form = next(each for each in province.forms() if each.action.endswith("/files") and "use" not in each.values)
    province.post(form, remove=mine["files"][0]["id"])
    assert count(world, CampaignFile) == 0
    assert acts(world)[-1] == ("campaign_file_removed", {"campaign": world.campaign}, {})


def test_a_file_answers_once_for_the_records_that_use_it(desk: MakeDesk, world: World) -> None:
    """F-25: phones get the answer with the catalogue; a later answer changes no record."""
    province, client = desk("tinh"), Client(world.app.test_client(), world.token("xa1"))
    at = f"/desk/campaigns/{world.campaign}/amend"

    def told() -> list[tuple[str, bool | None]]:
        found = client.get("/catalog").get_json()
        mine = next(each for each in found["campaigns"] if each["id"] == world.campaign)
        return sorted((each["title"], each["hotline"]) for each in mine["files"])

    province.get(at)
    assert send(province, "/files", b"Mau 1", "1.txt", use="design", title="Mẫu 1", hotline="yes") == 303
    province.get(at)
    assert send(province, "/files", b"Mau 2", "2.txt", use="design", title="Mẫu 2") == 303
    assert told() == [("Mẫu 1", True), ("Mẫu 2", None)]
    province.get(at)
    assert "Giới thiệu 111: Mẫu 2" in province.html
    found = client.get("/catalog").get_json()["campaigns"]
    files = {each["title"]: each["id"] for campaign in found for each in campaign["files"]}
    one = desk("huyen")
    one.get("/desk/records/new?kind=banner")
    one.post(
        one.form("/desk/records/new"),
        **{"f.slogan": "s1", "f.design": files["Mẫu 1"], "f.put_up_on": "20/7/2021", "submit": "1"},
    )
    one.follow()
    assert "Có (theo mẫu)" in one.text
    mine = (each for each in province.forms() if each.action.endswith("/files") and "use" not in each.values)
    form = next(each for each in mine if "hotline" in each.values)
    assert province.post(form, answer=files["Mẫu 1"], hotline="no").status_code == 303
    assert told()[0] == ("Mẫu 1", False)
    was = {"campaign": world.campaign, "state": "yes"}
    assert acts(world)[-1] == ("campaign_file_answered", was, was | {"state": "no"})
    one.follow()
    assert "Có (theo mẫu)" in one.text
    assert province.post(form, answer="AAAAAAAAAAAAAAAA", hotline="no").status_code == 404
