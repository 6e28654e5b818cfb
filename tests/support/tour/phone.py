"""A walk through every screen of the phone, in every state in which an officer may find it.

    for stop in walk(province, one): ...   # "record/conflict": the phone shows it now

`one` is a phone that is open and not enrolled. The part before the slash is the screen's name in its address ("home"
has none there); tests/e2e/test_legible.py counts the screens, so that none is forgotten.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

from PIL import Image
from playwright.sync_api import FilePayload, expect
from sqlalchemy import update

from server.core.clock import now_ms
from server.core.db import writing
from server.models import Device
from server.services.campaigns.lifecycle import set_status
from support.browsers.officer import Officer
from support.clients import pdfs
from support.tour import leaving
from support.tour.colleagues import LONG, SLOGAN, commune
from support.tour.day import the_day
from support.world.province import Province

NO_CAMERA = """() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", "NotAllowedError"));
}"""


def picture(color: str) -> FilePayload:
    """A file as a file chooser returns it."""
    content = io.BytesIO()
    Image.new("RGB", (640, 480), color).save(content, "JPEG")
    return FilePayload(name=f"{color}.jpg", mimeType="image/jpeg", buffer=content.getvalue())


def walk(province: Province, one: Officer) -> Iterator[str]:
    """Yield the name of each stop, once the phone shows it."""
    yield from joining(province, one)
    yield from first_records(one)
    yield from without_a_signal(province, one)
    records = commune(province.world)
    one.send()
    yield from full(one)
    yield from looking(one, records)
    yield from the_day(province, one)
    yield from refused(province, one)
    yield from leaving.walk(one)
    yield from shut_out(province, one)


def joining(province: Province, one: Officer) -> Iterator[str]:
    """Go from the empty phone to the home screen."""
    expect(one.page.get_by_label("Mã 16 chữ số")).to_be_visible()
    yield "enrol/empty"
    one.page.get_by_label("Mã 16 chữ số").fill("0000000000000000")
    one.page.get_by_role("button", name="Đăng ký").click()
    expect(one.page.get_by_role("alert")).to_be_visible()
    yield "enrol/wrong code"
    one.enrol(province.world.code("xa1"))
    yield "home/empty"


def first_records(one: Officer) -> Iterator[str]:
    """Visit the camera, a form of each sort, missing values, and the way out."""
    page = one.page
    page.get_by_role("button", name="Băng rôn").click()
    shutter = page.get_by_role("button", name="Chụp", exact=True)
    expect(shutter).to_be_visible()
    expect(page.get_by_text("Vị trí ±")).to_be_visible()
    yield "new/camera"
    shutter.click()
    expect(page.get_by_role("img", name="Ảnh", exact=True)).to_be_visible()
    yield "form/new banner"
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.get_by_text(re.compile("^Còn thiếu"))).to_be_visible()
    page.get_by_text("Thêm", exact=True).click()
    page.get_by_role("button", name="Bỏ bản đang ghi").click()
    yield "form/lacking, all open, letting go"
    page.get_by_role("button", name="Không, giữ lại").click()
    page.get_by_role("group", name="Khẩu hiệu").get_by_text(SLOGAN).click()
    one.save()
    yield "home/saved"
    one.broadcast(LONG, "2021-07-21", "2021-07-30", 2, 99)
    yield "form/broadcast, odd number"
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text("Đề nghị kiểm tra.")
    yield "form/asked"
    page.get_by_role("button", name="Giữ số này").click()
    expect(page.get_by_text("Đã lưu trên máy này.")).to_be_visible()


def without_a_signal(province: Province, one: Officer) -> Iterator[str]:
    """Record without a signal."""
    province.line.refuse()
    one.offline()
    one.banner(SLOGAN)
    one.broadcast("Tin số 2", "2021-07-21", "2021-07-30", 1, 15)
    one.home()
    yield "home/waiting, unfinished"
    one.status.get_by_role("link").click()
    expect(one.page.get_by_text(re.compile("Chưa tới được máy chủ"))).to_be_visible()
    yield "sync/waiting, unreachable"
    one.offline(on=False)
    province.line.restore()


def full(one: Officer) -> Iterator[str]:
    """Visit the lists of a busy commune."""
    page = one.page
    one.home()
    expect(page.get_by_role("region", name="Hai người cùng sửa").first).to_be_visible()
    yield "home/full"
    one.status.get_by_role("link").click()
    expect(page.get_by_role("region", name="Đã gửi đủ")).to_be_visible()
    yield "sync/done"
    one.home()
    page.get_by_role("link", name="Tất cả bản ghi").click()
    page.get_by_role("link", name="Bản ghi đã xóa").click()
    expect(page.get_by_role("listitem").first).to_be_visible()
    yield "deleted/one"


def looking(one: Officer, records: dict[str, str]) -> Iterator[str]:
    """Visit a record in each state, and the form of a returned one."""
    page = one.page
    for name, record in records.items():
        nowhere(one)  # so that the article is not that of the record before
        page.evaluate("(record) => { location.hash = '/record/' + record }", record)
        expect(page.get_by_role("article")).to_be_visible()
        if name == "conflict":
            page.get_by_text("Lịch sử").click()
        yield f"record/{name}"
        if name == "document":
            page.get_by_role("button", name="Sửa", exact=True).click()
            expect(page.get_by_text("Thêm tệp PDF")).to_be_visible()
            yield "form/with PDF files"
        if name == "counted":
            page.get_by_role("button", name="Xem ảnh lớn").click()
            yield "record/photo"
            page.get_by_role("button", name="Phóng to").click()
            yield "record/photo, closer"
            page.get_by_role("dialog").get_by_role("button", name="Đóng").click()
    nowhere(one)
    yield "record/gone"
    page.evaluate("(record) => { location.hash = '/record/' + record }", records["returned"])
    page.get_by_role("button", name="Sửa và gửi lại").click()
    expect(page.get_by_role("button", name="Gửi lại", exact=True)).to_be_visible()
    yield "form/returned"
    one.home()


def nowhere(one: Officer) -> None:
    """Open a record that the phone does not have."""
    one.page.evaluate("() => { location.hash = '/record/nowhere' }")
    expect(one.page.get_by_role("heading", name="Bản ghi này không còn trên máy.")).to_be_visible()


def refused(province: Province, one: Officer) -> Iterator[str]:
    """Archive the practice campaign while the phone holds a record of it."""
    page = one.page
    page.get_by_label("Đợt hoạt động").select_option(label="Tập dượt")
    expect(page.get_by_text("TẬP DƯỢT").first).to_be_visible()
    yield "home/practice"
    page.evaluate("() => { location.hash = '/deleted' }")
    expect(page.get_by_text("Không có bản ghi nào đã xóa.")).to_be_visible()
    yield "deleted/none"
    one.home()
    one.offline()
    one.broadcast("Tin tập dượt", "2021-07-21", "2021-07-30", 1, 5)
    one.save()
    with province.world.app.app_context(), writing() as session:
        set_status(session, province.world.practice, "archived")
    one.offline(on=False)
    expect(one.status).to_contain_text("1 chưa nhận được", timeout=20_000)
    one.status.get_by_role("link").click()
    region = page.get_by_role("region", name="Chưa nhận được").first
    region.get_by_role("button", name="Bỏ phần chưa nhận được").click()
    yield "sync/refused, letting go"
    region.get_by_role("button", name="Không, giữ lại").click()
    region.get_by_role("button", name="Sửa và gửi lại").click()
    expect(page.get_by_role("button", name="Lưu", exact=True)).to_be_visible()
    yield "form/refused"
    page.get_by_role("link", name=re.compile("Trang đầu")).click()
    expect(page.get_by_text("Đợt này đã lưu trữ")).to_be_visible()
    yield "home/archived"
    page.get_by_label("Đợt hoạt động").select_option(index=0)
    expect(page.get_by_role("navigation", name="Ghi việc mới")).to_be_visible()


def shut_out(province: Province, one: Officer) -> Iterator[str]:
    """Revoke the phone, deny the camera, switch to English."""
    page = one.page
    one.home()
    with province.world.app.app_context(), writing() as session:
        session.execute(update(Device).values(revoked_at=now_ms()))
    one.status.get_by_role("link").click()
    page.get_by_role("button", name="Gửi/nhận ngay").click()
    expect(page.get_by_role("alert")).to_contain_text("Máy chủ không nhận máy này nữa")
    yield "sync/ended"
    page.get_by_role("alert").get_by_role("link", name="Nhập mã mới").click()
    expect(page.get_by_label("Mã 16 chữ số")).to_be_visible()
    yield "enrol/again"
    page.evaluate(NO_CAMERA)
    one.home()
    page.get_by_role("button", name="Băng rôn").click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_be_visible()
    yield "new/no camera"
    page.get_by_label("Chọn ảnh từ máy").set_input_files([picture("white"), picture("black")])
    expect(page.get_by_text("2 ảnh mới nhận. Ghi thế nào?")).to_be_visible()
    yield "form/photos together"
    page.evaluate("() => { location.hash = '/photos' }")
    expect(page.get_by_role("heading", name="Ảnh chưa có nội dung")).to_be_visible()
    yield "photos/received"
    page.get_by_role("link", name="Ghi vào “Băng rôn”").click()
    expect(page.get_by_text("2 ảnh mới nhận. Ghi thế nào?")).to_be_visible()
    page.get_by_role("button", name="Bỏ các ảnh này").click()
    page.get_by_role("alert").get_by_role("button", name="Bỏ các ảnh này").click()
    page.get_by_label("Chọn ảnh từ máy").set_input_files([picture("black")])
    expect(page.get_by_text("Ảnh hơi tối")).to_be_visible()
    yield "form/dark"
    page.get_by_role("button", name="Bỏ bản đang ghi").click()
    page.get_by_role("alert").get_by_role("button", name="Bỏ bản đang ghi").click()
    expect(page.get_by_role("navigation", name="Ghi việc mới")).to_be_visible()
    one.hand_over_pdf("Kế hoạch hưởng ứng Ngày toàn dân phòng, chống mua bán người.pdf", pdfs.pdf().data)
    page.get_by_role("link", name="1 tệp PDF mới nhận, chưa thành bản ghi").click()
    expect(page.get_by_role("heading", name="Tệp PDF mới nhận")).to_be_visible()
    yield "documents/received"
    page.get_by_role("link", name=re.compile("^Ghi vào")).click()
    expect(page.get_by_role("button", name=re.compile("^Đính kèm vào bản ghi này"))).to_be_visible()
    yield "form/PDF received"
    page.get_by_role("button", name="Bỏ các tệp này").click()
    page.get_by_role("alert").get_by_role("button", name="Bỏ các tệp này").click()
    page.evaluate("() => { location.hash = '/full' }")
    expect(page.get_by_role("alert").get_by_text("Máy đã hết chỗ chứa")).to_be_visible()
    yield "full"
    one.home()
    one.status.get_by_role("link").click()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    yield "sync/English"
