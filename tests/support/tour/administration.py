"""The walk through administration: lists from Excel, accounts, a merger, a split, a class with one who waits."""

from __future__ import annotations

import io
from collections.abc import Iterator

from openpyxl import Workbook
from playwright.sync_api import FilePayload, Page, expect

from server.core.db import reading
from server.services.access import devices
from support.clients.client import Client
from support.tour.signing_in import sign_in
from support.world.changes import come, leave
from support.world.workload import records
from support.world.world import World

HEADS = ("Họ và tên", "Tên đăng nhập", "Mã đơn vị", "Vai trò", "Số điện thoại")


def _list(*rows: tuple[str, ...]) -> FilePayload:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (HEADS, *rows):
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return {"name": "danh-sach.xlsx", "mimeType": "application/octet-stream", "buffer": out.getvalue()}


def walk(world: World, page: Page, at: str) -> Iterator[str]:
    """Yield each stop."""
    sign_in(page, at, "quantri")
    yield from _lists(page, at)
    yield from _people(world, page, at)
    page.goto(f"{at}/desk/devices")
    yield "devices.show/used"
    yield from _device(world, page, at)
    page.goto(f"{at}/desk/units/change?act=merge&old=12289&into=12286&on=2026-01-01&people=1")
    yield "unit_changes.show/merging preview"
    page.goto(f"{at}/desk/units/change?act=merge&old=12286&into=12286&on=2026-01-01")
    yield "unit_changes.show/merging impossible"
    page.goto(f"{at}/desk/units/change?act=split&old=12286&parts=12287;Xã Tân Lập&on=2026-01-01")
    yield "unit_changes.show/splitting preview"
    page.get_by_label("Cho phép đơn vị mới chưa có cán bộ").check()
    page.get_by_label("Tôi đã xem phần trên").check()
    page.get_by_role("button", name="Chia tách Xã Chính Nghĩa").click()
    expect(page.get_by_role("heading", name="Các lần chia tách")).to_be_visible()
    yield "unit_changes.show/splitting done"
    page.get_by_role("button", name="Hủy việc chia tách Xã Chính Nghĩa").click()
    page.goto(f"{at}/desk/units/change?act=split&old=331&parts=332;Huyện Kim Bắc&on=2026-01-01")
    yield "unit_changes.show/splitting units"
    page.get_by_label("Xã Nhân La").select_option("332")
    page.get_by_label("Tôi đã xem phần trên").check()
    come(world, "xa2", "331", "reviewer")
    page.get_by_role("button", name="Chia tách Huyện Kim Động").click()
    expect(page.get_by_text("Cán bộ, vai trò, máy đang dùng: khi xem là 1, nay là 2.")).to_be_visible()
    yield "unit_changes.show/splitting changed"
    leave(world, "xa2", "331")
    page.goto(f"{at}/desk/units/change?act=split&old=33&parts=34;Tỉnh Mới&on=2026-01-01")
    yield "unit_changes.show/splitting impossible"
    yield from _class(page, at)


def _lists(page: Page, at: str) -> Iterator[str]:
    page.goto(f"{at}/desk/people/new")
    yield "adding.show/plain"
    for name, row in (
        ("faults", ("", "xa1", "99999", "Thủ trưởng", "gọi sau")),
        ("good", ("Lê Thị Tập", "tap.tour", "12289", "Cán bộ nhập liệu", "0912345678")),
    ):
        page.goto(f"{at}/desk/people/new")
        page.get_by_label("Tệp Excel (.xlsx)").first.set_input_files(_list(row))
        page.get_by_role("button", name="Kiểm tra tệp").first.click()
        expect(page.get_by_role("heading", name="Kiểm tra trước khi ghi")).to_be_visible()
        yield f"adding.show/{name}"
    page.get_by_label("Tôi đã xem danh sách trên").check()
    page.get_by_role("button", name="Tạo 1 tài khoản").click()
    expect(page.get_by_role("heading", name="Đã tạo 1 tài khoản")).to_be_visible()
    yield "adding.show/done"


def _people(world: World, page: Page, at: str) -> Iterator[str]:
    page.goto(f"{at}/desk/people/{world.officers['nhanla']}/account")
    yield "people_accounts.show/plain"
    page.get_by_role("button", name="Tạo đường dẫn đặt mật khẩu").click()
    expect(page.get_by_role("heading", name="Đường dẫn đặt mật khẩu của")).to_be_visible()
    yield "people_accounts.show/link"


def _device(world: World, page: Page, at: str) -> Iterator[str]:
    """What a device wrote, looked at and taken back."""
    stolen = Client(world.app.test_client(), world.token("xa1"))
    stolen.sync(*records(2, world.units["12286"], world.campaign))
    with world.app.app_context(), reading() as session:
        device = devices.device_of(session, stolen.token)
        assert device is not None
        id_ = device.id
    page.goto(f"{at}/desk/devices/{id_}")
    yield "device.show/plain"
    page.goto(f"{at}/desk/devices/{id_}?since=2020-01-01T08:30")
    yield "device.show/offer"
    page.get_by_label("Lý do").fill("Máy bị mất ngày 20/7")
    page.get_by_role("button", name="Rút lại").click()
    expect(page.get_by_role("heading", name="Các lần rút lại")).to_be_visible()
    yield "device.show/begun"
    page.get_by_role("button", name="Hoàn tác").click()
    yield "device.show/undone"


def _class(page: Page, at: str) -> Iterator[str]:
    page.goto(f"{at}/desk/training")
    yield "trainings.show/none"
    page.get_by_role("button", name="Mở và hiện mã QR").click()
    expect(page.get_by_role("heading", name="Tập huấn:")).to_be_visible()
    listed = page.url
    yield "trainings.show/nobody"
    page.goto(f"{listed}&screen=1")
    address, room = page.locator(".address").all_inner_texts()
    yield "trainings.show/screen"
    address = f"{at}/class/{address.partition('/class/')[2]}"
    page.goto(address)
    yield "class_door.show/room"
    page.get_by_label("Mã phòng").fill("sai")
    page.get_by_role("button", name="Vào lớp").click()
    yield "class_door.show/wrong"
    page.get_by_label("Mã phòng").fill(room.lower())
    page.get_by_role("button", name="Vào lớp").click()
    yield "class_door.show/units"
    page.get_by_role("link", name="Xã Nhân La").click()
    yield "class_door.show/names"
    page.get_by_label("Cán bộ xã Nhân La").check()
    page.get_by_role("button", name="Gửi yêu cầu").click()
    expect(page.get_by_text("Chờ cán bộ tập huấn xác nhận")).to_be_visible()
    yield "class_door.show/waiting"
    page.goto(listed)
    yield "trainings.show/waiting"
    page.get_by_role("button", name="Xác nhận cả 1 người").click()
    expect(page.get_by_text("Đã xác nhận, chờ máy đăng ký")).to_be_visible()
    yield "trainings.show/confirmed"
    page.goto(address)
    yield "class_door.show/confirmed"
    page.get_by_role("button", name="Lấy mã đăng ký").click()
    expect(page.get_by_role("link", name="Mở Loa với mã này")).to_be_visible()
    yield "class_door.show/code"
    page.goto(f"{address}x")
    yield "class_door.show/over"
