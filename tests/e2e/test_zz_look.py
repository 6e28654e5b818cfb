from __future__ import annotations
import io
from pathlib import Path
import pytest
from playwright.sync_api import expect
from server.services.airing_log import samples
from support.tour.colleagues import Colleague, judge
pytestmark = pytest.mark.browser
OUT = Path("/dev/shm/w35-look"); OUT.mkdir(exist_ok=True)
SLOGAN = "Chung tay phòng, chống nạn mua bán người"

def test_look(province, officer, reviewer):
    one, two = officer("xa1"), Colleague(province.world, "xa2")
    page = one.page
    page.set_viewport_size({"width": 360, "height": 640})
    page.wait_for_timeout(800)
    page.screenshot(path=OUT / "home-fresh.png")
    page.set_viewport_size({"width": 320, "height": 568}); page.screenshot(path=OUT / "home-fresh-320.png")
    page.emulate_media(color_scheme="dark"); page.screenshot(path=OUT / "home-fresh-dark.png"); page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 360, "height": 640})
    page.get_by_role("button", name="Băng rôn").click()
    page.get_by_role("button", name="Chụp", exact=True).click()
    page.wait_for_timeout(1500)
    page.screenshot(path=OUT / "banner-form.png")
    print("SLOGAN", page.get_by_role("group", name="Khẩu hiệu").get_by_role("radio").first.bounding_box())
    page.get_by_role("group", name="Khẩu hiệu").get_by_text(SLOGAN).click()
    one.save(); one.expect_status("1 đã gửi đủ")
    one.open_record("BR-1")
    record = page.evaluate("() => location.hash").rsplit("/", 1)[1]
    two.phone.sync()
    two.phone.edit(record, quantity=5, hamlet="Thôn Tạ Thượng"); two.phone.sync()
    judge(province.world, record, "returned", "Ảnh bị mờ, đề nghị chụp lại.")
    one.home(); one.send(); one.open_record("BR-1")
    page.get_by_text("Lịch sử").click(); page.wait_for_timeout(800)
    page.screenshot(path=OUT / "history.png", full_page=True)
    page.get_by_role("button", name="Sửa và gửi lại").click(); page.wait_for_timeout(700)
    page.screenshot(path=OUT / "return-form.png", full_page=True)
    one.home()
    page.evaluate("() => { location.hash = '/plan' }"); page.wait_for_timeout(500); page.screenshot(path=OUT / "plan.png", full_page=True)
    page.emulate_media(color_scheme="dark"); page.screenshot(path=OUT / "plan-dark.png", full_page=True); page.emulate_media(color_scheme="light")
    page.evaluate("() => { location.hash = '/enrol' }"); page.set_viewport_size({"width": 320, "height": 568})
    page.get_by_label("Mã 16 chữ số").fill("4809172635509184"); page.wait_for_timeout(300)
    print("CODE", page.get_by_label("Mã 16 chữ số").evaluate("e => [e.value, e.scrollWidth, e.clientWidth]"))
    page.screenshot(path=OUT / "code-320.png")
    page.evaluate("() => { location.hash = '/summary' }"); page.wait_for_timeout(500); page.screenshot(path=OUT / "summary.png", full_page=True)
    desk = reviewer("xa1").page
    desk.set_viewport_size({"width": 1366, "height": 768})
    desk.goto(f"{province.server.url}/desk/airing-log")
    desk.get_by_label("Tệp nhật ký").set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": samples.scheduler()})
    desk.get_by_role("button", name="Đọc thử").click(); desk.wait_for_timeout(300)
    desk.screenshot(path=OUT / "airing-log.png", full_page=True)
    desk.set_viewport_size({"width": 360, "height": 640}); desk.screenshot(path=OUT / "airing-log-360.png", full_page=True)
    desk.set_viewport_size({"width": 1366, "height": 768})
    desk.goto(f"{province.server.url}/desk/report"); desk.screenshot(path=OUT / "report.png"); (OUT / "report.pdf").write_bytes(desk.pdf(prefer_css_page_size=True))
