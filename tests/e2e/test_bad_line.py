"""A line that is cut, held down or answers nothing; and a server that refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import expect
from sqlalchemy import update

from server.core.clock import now_ms
from server.core.db import writing
from server.models import Device
from server.services.campaigns.lifecycle import set_status
from support.browsers.officer import MakeOfficer, Officer
from support.waiting import settled
from support.world.province import Province

pytestmark = pytest.mark.slow
SLOGAN = "Chung tay phòng, chống nạn mua bán người"


@pytest.mark.costly
def test_a_photo_cut_at_60_percent_and_held_down_goes_on_where_it_stopped(
    province: Province, officer: MakeOfficer, tmp_path: Path
) -> None:
    """P-5; that at most 1 kB goes again is measured to the byte in test_cut_uploads.py."""
    one = officer("xa1")
    big = tmp_path / "banner.jpg"
    Image.effect_noise((1600, 1200), 60).save(big, "JPEG", quality=90)
    one.offline()
    one.page.get_by_role("button", name="Băng rôn").click()
    one.page.get_by_role("button", name="Đóng").first.click()
    one.page.get_by_label("Chọn ảnh từ máy").set_input_files(big)
    one.page.get_by_role("group", name="Khẩu hiệu").get_by_text(SLOGAN).click()
    one.save()
    offsets: list[int] = []
    one.page.on(
        "request",
        lambda request: offsets.append(int(request.headers["upload-offset"])) if request.method == "PATCH" else None,
    )
    province.line.cut_after(up=400_000)
    one.offline(on=False)
    province.line.wait_until_cut()
    expect(one.status).to_contain_text("1 ảnh chờ gửi")
    partial = tmp_path / "data" / "partial"
    held = settled(lambda: max(path.stat().st_size for path in partial.iterdir()), 300_000, one.page)
    assert held > 300_000
    offsets.clear()
    province.line.restore()
    one.expect_status("1 đã gửi đủ")
    assert held in offsets
    assert min(offset for offset in offsets if offset > 0) == held


def test_the_app_starts_and_records_with_the_server_dead(province: Province, officer: MakeOfficer) -> None:
    one = officer("xa1")
    province.server.kill()
    one.page.reload()
    expect(one.page.get_by_role("navigation", name="Ghi việc mới")).to_be_visible()
    one.banner(SLOGAN)
    one.expect_status("1 chờ gửi · 1 ảnh chờ gửi")
    one.page.reload()
    one.expect_status("1 chờ gửi · 1 ảnh chờ gửi")
    province.server.start()
    one.send()
    one.expect_status("1 đã gửi đủ")


@pytest.mark.costly(
    soak=True, kept_by="tests/e2e/test_exchange.py::test_a_lost_answer_is_asked_for_and_no_write_goes_again"
)
def test_a_lost_answer_counts_once(province: Province, officer: MakeOfficer) -> None:
    """X-3, G2."""
    one = officer("xa1")
    one.offline()
    one.broadcast("Tin số 1", "2021-07-21", "2021-07-30", 2, 15)
    one.save()
    province.line.drop_answers(2)
    one.offline(on=False)
    one.expect_status("1 đã gửi đủ")
    other = officer("xa2")
    other.send()
    expect(other.page.get_by_role("listitem").filter(has_text="Tin số 1")).to_have_count(1)


@pytest.mark.costly(soak=True, kept_by="pwa/src/exchange/apply.test.ts::X-2")
def test_a_refused_record_stays_with_its_reason_and_stops_nothing_else(
    province: Province, officer: MakeOfficer
) -> None:
    """H-3: archived meanwhile; the practice campaign beside it goes through."""
    one = officer("xa1")
    one.offline()
    one.broadcast("Tin của đợt đã đóng", "2021-07-21", "2021-07-30", 2, 15)
    one.save()
    one.page.get_by_label("Đợt hoạt động").select_option(label="Tập dượt")
    expect(one.page.get_by_text("TẬP DƯỢT").first).to_be_visible()
    one.broadcast("Tin tập dượt", "2021-07-21", "2021-07-30", 1, 5)
    one.save()
    with province.world.app.app_context(), writing() as session:
        set_status(session, province.world.campaign, "archived")
    one.offline(on=False)
    expect(one.status).to_contain_text("1 chưa nhận được")
    expect(one.status).to_contain_text("1 đã gửi đủ")
    one.status.get_by_role("link").click()
    refused = one.page.get_by_role("region", name="Chưa nhận được").first
    expect(refused).to_contain_text("Đợt hoạt động này đã lưu trữ, không nhận thêm.")
    with province.world.app.app_context(), writing() as session:
        set_status(session, province.world.campaign, "open")
    refused.get_by_role("button", name="Sửa và gửi lại").click()
    one.save()
    one.expect_status("2 đã gửi đủ")


@pytest.mark.costly(
    soak=True, kept_by="tests/e2e/test_enrolment.py::test_a_code_is_typed_in_groups_and_a_typing_error_is_said_at_once"
)
def test_a_wrong_code_is_told_and_a_link_never_consumes_one(province: Province, officer: MakeOfficer) -> None:
    one = Officer(officer("xa2").browser, officer("xa1").folder.with_name("third"), province.line.url).open()
    try:
        one.page.get_by_label("Mã 16 chữ số").fill("0000000000000000")
        one.page.get_by_role("button", name="Đăng ký").click()
        expect(one.page.get_by_role("alert")).to_contain_text("Mã không đúng, đã dùng hoặc đã hết hạn.")
        one.page.get_by_label("Mã 16 chữ số").fill("000 0")
        expect(one.page.get_by_role("alert")).to_have_count(0)
        expect(one.page.get_by_text("Còn thiếu 12 chữ số.")).to_be_visible()
        one.page.get_by_label("Mã 16 chữ số").fill("0000000000000000")
        province.line.refuse()
        one.page.get_by_role("button", name="Đăng ký").click()
        expect(one.page.get_by_role("alert")).to_contain_text("Chưa tới được máy chủ.")
    finally:
        one.close()


@pytest.mark.costly(soak=True, kept_by="pwa/src/exchange/triggers.test.ts::W-7")
def test_a_session_that_ended_never_touches_unsent_work(province: Province, officer: MakeOfficer) -> None:
    """W-7: revoked on the hub; the phone goes on recording and a new code sends it all."""
    one = officer("xa1")
    with province.world.app.app_context(), writing() as session:
        session.execute(update(Device).values(revoked_at=now_ms()))
    one.broadcast("Tin số 1", "2021-07-21", "2021-07-30", 2, 15)
    one.save()
    expect(one.page.get_by_role("alert")).to_contain_text("Máy chủ không nhận máy này nữa")
    one.expect_status("1 chờ gửi")
    one.page.get_by_role("alert").get_by_role("link", name="Nhập mã mới").click()
    one.enrol(province.world.code("xa1"))
    one.expect_status("1 đã gửi đủ")


@pytest.mark.costly
def test_the_worker_leaves_the_api_alone(officer: MakeOfficer) -> None:
    """The worker's scope is /app/, and it answers GET only."""
    one = officer("xa1")
    one.offline()
    with pytest.raises(PlaywrightError):
        one.page.evaluate("() => fetch('/api/v1/health')")
    with pytest.raises(PlaywrightError):
        one.page.evaluate("() => fetch('/app/', { method: 'POST' })")
    assert one.page.evaluate("async () => (await fetch('/app/')).status") == 200
