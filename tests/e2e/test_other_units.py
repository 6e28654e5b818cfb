"""What a phone says of units that are not, or no more, its officer's: after a move or a merger (SPEC L-6 to L-10)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from server.core.db import reading, writing
from server.models import Campaign, Stream, Tally
from server.models.installation import lock_catalog
from support.browsers.officer import MakeOfficer
from support.tour.colleagues import SLOGAN, Colleague
from support.tour.day import go
from support.world.changes import come, leave, merge
from support.world.province import Province

pytestmark = pytest.mark.slow
UPLOADS = re.compile("/api/v1/uploads")


def expects(province: Province, **amounts: int) -> None:
    """The campaign's plan for each commune."""
    with province.world.app.app_context(), writing() as session:
        lock_catalog(session)
        campaign = session.get_one(Campaign, province.world.campaign)
        campaign.expected = [{"figure": figure, "amount": amount} for figure, amount in amounts.items()]


@pytest.mark.costly(soak=True, kept_by="pwa/src/exchange/beside.test.ts::a unit that an officer has no more")
def test_what_is_still_of_the_unit_before_says_so_and_is_in_no_plan_of_the_new_one(
    province: Province, officer: MakeOfficer
) -> None:
    """L-10 keeps the record until its photo is there; a form that was begun goes where it was begun for."""
    expects(province, banners=5)
    two = Colleague(province.world, "dinhcao", "12397")
    one = officer("xa1")
    one.offline()
    one.banner(SLOGAN)
    one.broadcast("Tin ghi dở", "2021-07-21", "2021-07-30", 1, 15)
    one.home()
    leave(province.world, "xa1")
    come(province.world, "xa1", "12397")
    two.banner(quantity=2)
    assert one.context is not None
    one.context.route(UPLOADS, lambda route: route.abort())
    one.offline(on=False)
    expect(one.page.get_by_text("Xã Đình Cao", exact=True)).to_be_visible()
    expect(one.item("Chính Nghĩa BR-1")).to_contain_text("Đã gửi, còn ảnh")
    go(one, "search")
    expect(one.page.get_by_text(re.compile(r"^Băng rôn\s+BR-1$"))).to_be_visible()
    one.home()
    plan = one.page.get_by_role("region", name="Kế hoạch và kết quả")
    expect(plan.get_by_role("link")).to_have_accessible_name("Băng rôn 0/5 chiếc 2 chờ duyệt")
    one.open_record("Chính Nghĩa BR-1")
    expect(one.page.get_by_role("heading", level=1)).to_have_text("Băng rôn Chính Nghĩa BR-1")
    one.home()
    one.page.get_by_role("link", name="Ghi tiếp: Phát thanh · Xã Chính Nghĩa").click()
    expect(one.page.get_by_text("Nội dung này thuộc xã Chính Nghĩa, khi lưu sẽ gửi về đơn vị đó.")).to_be_visible()
    one.save()
    one.context.unroute(UPLOADS)
    one.send()
    one.expect_status("Không có gì chờ gửi")
    expect(one.item("Chính Nghĩa")).to_have_count(0)
    expect(one.item("BR-1")).to_be_visible()


@pytest.mark.costly(soak=True, kept_by="pwa/src/exchange/apply.test.ts::L-10: of a stream that is left")
def test_who_moved_is_told_where_the_records_went(province: Province, officer: MakeOfficer) -> None:
    one = officer("xa1")
    one.banner(SLOGAN)
    one.expect_status("1 đã gửi đủ")
    leave(province.world, "xa1")
    come(province.world, "xa1", "12397")
    one.send()
    expect(one.page.get_by_text("Đồng chí không còn được giao ghi bản ghi của xã Chính Nghĩa")).to_be_visible()
    one.banner(SLOGAN)
    expect(one.page.get_by_text("Đồng chí không còn được giao ghi bản ghi của")).to_have_count(0)


@pytest.mark.costly(soak=True, kept_by="pwa/src/exchange/beside.test.ts::a unit that an officer has no more")
def test_who_has_no_unit_any_more_waits_for_no_campaign(province: Province, officer: MakeOfficer) -> None:
    """One is open. What is only on the phone is in the line that is always there (H-1)."""
    one = officer("xa1")
    one.offline()
    one.banner(SLOGAN)
    leave(province.world, "xa1")
    assert one.context is not None
    one.context.route(UPLOADS, lambda route: route.abort())
    one.offline(on=False)
    expect(one.page.get_by_text("Đồng chí hiện chưa được giao đơn vị nào.")).to_be_visible()
    expect(one.page.get_by_text("Chưa có đợt hoạt động nào đang mở")).to_have_count(0)
    one.expect_status("1 ảnh chờ gửi · 1 đã gửi, còn ảnh")
    go(one, "officers")
    expect(one.page.get_by_role("button", name="Cán bộ 1 xã Chính Nghĩa")).to_have_text(
        "Cán bộ 1 xã Chính Nghĩa · 1 bản ghi chưa gửi đủ"
    )


@pytest.mark.costly
def test_records_of_a_merged_unit_are_told_apart_and_its_word_is_not_written_over(
    province: Province, officer: MakeOfficer
) -> None:
    """Both units have a BR-1; what the successor has nothing of is said in its own record of acts (F-6)."""
    expects(province, rallies=1, scripts=2)
    two = Colleague(province.world, "xa2")
    two.banner(quantity=2)
    two.phone.create("plan", **{"nil/scripts": True})
    two.phone.sync()
    one = officer("nhanla")
    one.banner(SLOGAN)
    one.expect_status("1 đã gửi đủ")
    merge(province.world, "12286", into="12289")
    one.send()
    go(one, "search")
    expect(one.item("Chính Nghĩa BR-1")).to_be_visible()
    expect(one.page.get_by_text(re.compile(r"^Băng rôn\s+BR-1$"))).to_be_visible()
    one.home()
    go(one, "plan")
    asked = one.page.get_by_role("listitem")
    asked.filter(has_text="Mít tinh").get_by_role("button", name="Không phát sinh").click()
    expect(asked.filter(has_text="Mít tinh")).to_contain_text("Mít tinh, lễ phát động: không phát sinh")
    one.send()
    assert nil(province) == {("12286", "scripts"), ("12289", "rallies")}
    go(one, "plan")
    asked.filter(has_text="Tin, bài").get_by_role("button", name="Bỏ báo không phát sinh").click()
    one.send()
    assert nil(province) == {("12289", "rallies")}


def nil(province: Province) -> set[tuple[str, str]]:
    """Which units say that they have nothing of which figure."""
    names = {id_: code for code, id_ in province.world.units.items()}
    said = select(Stream.unit_id, Tally.figure).join(Tally, Tally.stream_id == Stream.id)
    with province.world.app.app_context(), reading() as session:
        rows = session.execute(said.where(Tally.bucket == "nil", Tally.amount > 0)).all()
        return {(names[row.unit_id], row.figure) for row in rows}
