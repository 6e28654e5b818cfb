"""An old database file is put back and nobody says so: the phones bring back what came after it (SPEC B-1 to B-4)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect
from sqlalchemy import select

from server.core.db import reading
from server.models import Reply
from server.services.recovery import missing
from server.services.units.scope import Scope
from support.browsers.kept import keyed, rows
from support.browsers.officer import Officer
from support.installation.old_file import copy_to, held, lose_and_bring_back, put_back, verified
from support.network.answers import SYNC, asked, heard, instead, only_heads, untouched
from support.tour.colleagues import judge
from support.tour.day import go
from support.world.changes import come, leave, lines
from support.world.province import Province

pytestmark = pytest.mark.slow
SLOGAN = "Chung tay phòng, chống nạn mua bán người"
PHOTOS = 4  # two banners, each with its thumbnail


def listed(province: Province) -> list[str]:
    """The records that the desk says nobody has brought back."""
    with province.world.app.app_context(), reading() as session:
        places = missing.listed(session, Scope(session, province.world.officers["huyen"]))
        return [gone.record for place in places for gone in place.records]


@pytest.mark.costly
def test_phones_bring_back_what_they_keep_and_name_what_they_saw(
    province: Province, officer: Callable[[str], Officer], tmp_path: Path
) -> None:
    one, two = officer("xa1"), officer("xa2")
    one.banner(SLOGAN)
    one.expect_status("1 đã gửi đủ")
    old = copy_to(province, tmp_path / "old.sqlite")

    one.banner(SLOGAN, asked=True)
    one.edit("BR-1", Số_lượng="4")
    one.expect_status("2 đã gửi đủ")
    two.broadcast("Tin của người khác", "2021-07-21", "2021-07-30", 2, 15)
    two.save()
    two.expect_status("1 đã gửi đủ")
    one.send()
    all_of_them = held(province)
    two.offline()
    lost = rows(two.page, "writes")[0]["id"]
    put_back(province, old)
    assert len(held(province)) == 1

    one.send()
    one.expect_status("2 đã gửi đủ")
    assert held(province) == all_of_them - {lost}
    assert [row["state"] for row in rows(one.page, "uploads")] == ["verified"] * PHOTOS
    assert {row["state"] for row in rows(one.page, "writes")} == {"landed"}
    one.open_record("BR-1")
    expect(one.page.get_by_role("definition").get_by_text("4 chiếc", exact=True)).to_be_visible()
    kept = keyed(one.page, "meta")
    assert kept["restored"] > 0
    assert "noted" not in kept
    assert listed(province) == [lost]

    two.offline(on=False)
    two.send()
    two.expect_status("1 đã gửi đủ")
    one.send()
    assert held(province) == all_of_them
    assert listed(province) == []
    for each in (one, two):
        assert {row["record"] for row in rows(each.page, "records")} == all_of_them
        assert all(row["view"]["marks"] == [] for row in rows(each.page, "records"))


@pytest.mark.costly
def test_the_phone_says_why_states_and_numbers_are_others(
    province: Province, officer: Callable[[str], Officer], tmp_path: Path
) -> None:
    """B-8, and decisions that no phone keeps: for as long as what was lost may come back."""
    one = officer("xa1")
    said = one.page.get_by_text("Máy chủ đã được khôi phục từ bản sao lưu")
    one.send()
    go(one, "sync")
    expect(one.page.get_by_role("heading", level=1)).to_have_text("Gửi/nhận")
    expect(said).to_have_count(0)
    one.home()
    lose_and_bring_back(province, one, tmp_path / "old.sqlite", SLOGAN)
    go(one, "sync")
    expect(said).to_contain_text("quyết định duyệt và việc gửi số liệu trên máy tính sau bản sao lưu phải làm lại")


@pytest.mark.costly(soak=True, kept_by="pwa/src/exchange/restored.test.ts::B-23: a server that is restored once more")
def test_what_a_phone_saw_is_named_to_a_hub_that_is_restored_again_meanwhile(
    province: Province, officer: Callable[[str], Officer], tmp_path: Path
) -> None:
    """B-3: the answer to what it names tells of the next restore, and that hub was named nothing yet."""
    one, two = officer("xa1"), officer("xa2")
    one.banner(SLOGAN)
    one.expect_status("1 đã gửi đủ")
    copies = []
    for nth in (1, 2):
        copies.append(copy_to(province, tmp_path / f"{nth}.sqlite"))
        two.broadcast(f"Tin số {nth}", "2021-07-21", "2021-07-30", 2, 15)
        two.save()
        two.expect_status(f"{nth} đã gửi đủ")
    one.send()
    two.offline()
    lost = [row["id"] for row in rows(two.page, "writes")]
    put_back(province, copies[1])
    named: list[int] = []

    def again(route: Route) -> None:
        known = asked(route.request).get("known")
        if known and not named:
            put_back(province, copies[0])
        named.extend([len(known)] if known else [])
        route.continue_()

    one.page.route(SYNC, again)
    one.send()
    assert named == [1, 2]
    assert sorted(listed(province)) == sorted(lost)
    assert "noted" not in keyed(one.page, "meta")


@pytest.mark.costly(soak=True, kept_by="pwa/src/exchange/restored.test.ts::B-20")
def test_each_restore_is_noticed_however_soon(
    province: Province, officer: Callable[[str], Officer], tmp_path: Path
) -> None:
    """B-1, B-2, C-4: photos come back with what tells of them."""
    one = officer("xa1")
    one.send()
    told = []
    for nth in (1, 2):
        old = copy_to(province, tmp_path / f"{nth}.sqlite")
        one.banner(SLOGAN, asked=nth > 1)
        one.expect_status(f"{nth} đã gửi đủ")
        one.offline()
        put_back(province, old)
        one.offline(on=False)
        one.send()
        one.expect_status(f"{nth} đã gửi đủ")
        told.append(keyed(one.page, "meta")["restored"])
    assert 0 < told[0] < told[1]
    assert {row["state"] for row in rows(one.page, "writes")} == {"landed"}
    assert verified(province) == PHOTOS


@pytest.mark.costly(soak=True, kept_by="pwa/src/exchange/restored.test.ts::B-31")
def test_what_was_stored_ahead_of_the_news_comes_back_with_its_photo(
    province: Province, officer: Callable[[str], Officer], tmp_path: Path
) -> None:
    """B-31: no cursor gives the restore away, and the next record has the lost position; a head alone may."""
    one, two = officer("xa1"), officer("xa2")
    one.banner(SLOGAN)
    one.expect_status("1 đã gửi đủ")
    two.send()
    old = copy_to(province, tmp_path / "old.sqlite")
    only_heads(one.page)
    one.banner(SLOGAN, asked=True)
    one.expect_status("1 ảnh chờ gửi · 1 đã gửi, còn ảnh · 1 đã gửi đủ")
    assert sorted(row["state"] for row in rows(one.page, "writes")) == ["landed", "stored"]
    mine = held(province)
    one.offline()
    put_back(province, old, whole_disk=True)
    two.broadcast("Tin của người khác", "2021-07-21", "2021-07-30", 2, 15)
    two.save()
    two.expect_status("1 đã gửi đủ")

    untouched(one.page)
    one.offline(on=False)
    one.send()
    one.expect_status("2 đã gửi đủ")
    assert held(province) > mine
    assert {row["state"] for row in rows(one.page, "writes")} == {"landed"}
    assert verified(province) == PHOTOS
    two.send()
    shown = {row["record"]: row["view"]["fields"] for row in rows(two.page, "records")}
    assert shown == {row["record"]: row["view"]["fields"] for row in rows(one.page, "records")}


@pytest.mark.costly(soak=True, kept_by="pwa/src/exchange/apply.test.ts::X-10: at or before the cursor")
def test_own_edits_that_overtook_each_other_are_no_sign_of_a_restore(officer: Callable[[str], Officer]) -> None:
    """B-2, X-10: what an own later one has seen may be told no more; nothing goes again."""
    one = officer("xa1")
    one.banner(SLOGAN)
    one.expect_status("1 đã gửi đủ")
    one.offline()
    for number in ("4", "5"):
        one.edit("BR-1", Số_lượng=number)
    only_heads(one.page)
    one.offline(on=False)
    one.expect_status("1 đã gửi đủ")
    untouched(one.page)
    questions = heard(one.page)
    one.send()
    one.expect_status("1 đã gửi đủ")
    again = [write["set"].get("quantity") for asked in questions for write in asked.get("writes", ())]
    assert again == []
    assert {row["state"] for row in rows(one.page, "writes")} == {"landed"}
    (record,) = rows(one.page, "records")
    assert [side["value"] for side in record["view"]["fields"]["quantity"]] == [5]


@pytest.mark.costly(soak=True, kept_by="pwa/src/exchange/apply.test.ts::L-26")
def test_who_moved_away_keeps_for_a_restored_hub_what_no_list_shows(
    province: Province, officer: Callable[[str], Officer], tmp_path: Path
) -> None:
    """L-10, H-2: the record goes, its writes and photo stay; after a restore they are shown until the hub has them."""
    one, two = officer("xa1"), officer("xa2")
    come(province.world, "xa1", "12289")
    old = copy_to(province, tmp_path / "old.sqlite")
    one.banner(SLOGAN)
    one.expect_status("1 đã gửi đủ")
    two.send()
    mine = held(province)
    leave(province.world, "xa1")
    one.send()
    one.expect_status("Không có gì chờ gửi")
    assert rows(one.page, "records") == []
    assert [row["state"] for row in rows(one.page, "writes")] == ["landed"]
    assert len(rows(one.page, "bytes")) == len(rows(one.page, "uploads")) == PHOTOS / 2

    one.offline()
    put_back(province, old)
    assert held(province) == set()
    two.send()
    instead(one.page, lambda asked: 503 if asked.get("writes") else None, arrives=False)
    one.offline(on=False)
    one.expect_status("1 chờ gửi · 1 ảnh đã gửi, chờ kiểm tra")
    # Its number went with what was pulled.
    expect(one.page.get_by_role("listitem").filter(has_text=SLOGAN)).to_be_visible()
    untouched(one.page)
    one.send()
    one.send()
    one.expect_status("Không có gì chờ gửi")
    assert held(province) == mine
    assert verified(province) == PHOTOS / 2


def test_an_answer_that_was_written_offline_and_figures_that_were_confirmed_arrive_once(
    province: Province, officer: Callable[[str], Officer], tmp_path: Path
) -> None:
    """X-62, D-13, L-2: the answer goes after a restore, and again after another, with the figures; each counts once."""
    one = officer("xa1")
    one.banner(SLOGAN)
    one.expect_status("1 đã gửi đủ")
    (record,) = held(province)
    judge(province.world, record, "returned", "Ảnh mờ")
    one.send()
    old = copy_to(province, tmp_path / "old.sqlite")
    one.offline()
    one.open_record("BR-1")
    one.page.get_by_role("button", name="Trả lời bằng lời").click()
    one.page.get_by_label("Trả lời").fill("Đã treo lại ở cổng chợ")
    one.page.get_by_role("button", name="Gửi trả lời").click()
    expect(one.page.get_by_text("Chờ gửi", exact=True)).to_be_visible()
    put_back(province, old)
    one.offline(on=False)
    one.send()
    assert said(province) == ["Đã treo lại ở cổng chợ"]
    go(one, "give")
    one.page.get_by_role("button", name="Xác nhận và gửi số liệu").click()
    one.page.get_by_role("dialog").get_by_role("button", name="Xác nhận và gửi số liệu").click()
    expect(one.page.get_by_text("Đã xác nhận và gửi số liệu", exact=False).first).to_be_visible()
    assert lines(province.world)[0] is not None
    first = {row["id"]: row["received"] for row in rows(one.page, "entries")}
    assert [len(row["wire"]["seal"]["basis"]) for row in rows(one.page, "entries") if "seal" in row["wire"]] == [32]

    put_back(province, old)
    assert (said(province), lines(province.world)) == ([], (None, None))
    one.send()
    assert said(province) == ["Đã treo lại ở cổng chợ"]
    assert lines(province.world)[0] is not None
    assert {row["id"]: (row["state"], row["received"]) for row in rows(one.page, "entries")} == {
        id_: ("stored", at) for id_, at in first.items()
    }
    one.open_record("BR-1")
    expect(one.page.get_by_text("Đã treo lại ở cổng chợ")).to_be_visible()


def said(province: Province) -> list[str]:
    """The answers to returns that the server has."""
    with province.world.app.app_context(), reading() as session:
        return list(session.scalars(select(Reply.text)))
