"""What a phone cannot send is saved to a file and handed in at the desk (SPEC R-1 to R-5)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FilePayload, expect
from sqlalchemy import update

from server.core import keyring_file
from server.core.db import writing
from server.core.keyring import Keyring
from server.models import Device
from server.services.recovery.rescue.opening import Sealed
from server.serving.installation import installed
from server.settings import Settings
from support.browsers.batches import pictures, save_and_next
from support.browsers.kept import rows
from support.browsers.officer import MakeOfficer, Officer
from support.browsers.reviewer import MakeReviewer, Reviewer
from support.installation.machine import Machine
from support.waiting import until
from support.world.province import Province
from support.world.world import World

pytestmark = pytest.mark.slow
SLOGAN = "Chung tay phòng, chống nạn mua bán người"
STORES = ("writes", "uploads", "records", "bytes")


def held(one: Officer) -> list[Any]:
    return [rows(one.page, store) for store in STORES]


def two_records(one: Officer) -> None:
    """A banner with its photo, and a broadcast that is edited."""
    one.banner(SLOGAN)
    one.broadcast("Tin số 1", "2021-07-21", "2021-07-30", 2, 15)
    one.save()
    one.edit("Tin số 1", Thời_lượng="10")


def save_file(one: Officer, folder: Path) -> Path:
    """Make the file and download it; nothing on the phone is another then."""
    before = held(one)
    one.page.get_by_role("button", name="Lập tệp").click()
    with one.page.expect_download() as download:
        one.page.get_by_role("button", name=re.compile("^Chuyển tệp")).click()
    name = download.value.suggested_filename
    assert re.fullmatch(r"Loa - Xã Chính Nghĩa - máy \w\d - [\d-]+ \d\d-\d\d\.loa", name), name
    assert held(one) == before
    path = folder / name
    download.value.save_as(path)
    return path


def hand_in(one: Reviewer, path: Path) -> None:
    one.page.goto(f"{one.url}/desk/rescue")
    one.page.get_by_label(re.compile("Tệp .loa")).set_input_files(path)
    one.page.get_by_role("button", name="Nhận tệp").click()
    expect(one.page.get_by_role("heading", level=1)).to_contain_text("Tệp nộp của")


def sums(one: Reviewer, row: str) -> list[str]:
    return one.page.get_by_role("row").filter(has_text=row).get_by_role("cell").all_inner_texts()


def test_a_phone_without_a_network_hands_in_and_sends_later(
    province: Province, officer: MakeOfficer, reviewer: MakeReviewer, tmp_path: Path
) -> None:
    """R-1: the exchange that comes later finds everything there, and all of it ends verified."""
    one = officer("xa1")
    province.line.refuse()
    one.offline()
    two_records(one)
    one.home()
    one.status.get_by_role("link").click()
    one.page.get_by_role("link", name="Lưu ra tệp để nộp").click()
    expect(one.page.get_by_text("Chưa gửi đủ: 2 bản ghi, 1 ảnh.")).to_be_visible()
    path = save_file(one, tmp_path)

    district = reviewer("huyen")
    hand_in(district, path)
    assert sums(district, "Vừa nhận") == ["3", "2"]
    province.line.restore()
    one.offline(on=False)
    one.send()
    one.expect_status("2 đã gửi đủ")
    assert {row["number"] for row in rows(one.page, "records")} == {"BR-1", "PT-1"}
    hand_in(district, path)
    assert sums(district, "Đã có từ trước") == ["3", "2"]
    district.open("PT-1")
    expect(district.page.get_by_role("definition").filter(has_text=re.compile(r"^10 phút$"))).to_be_visible()


@pytest.mark.costly(soak=True, kept_by="tests/desk/test_rotated.py::test_files_sealed_before_and_after_are_taken")
def test_a_phone_seals_with_the_newest_key_it_heard_of(
    province: Province, officer: MakeOfficer, reviewer: MakeReviewer, tmp_path: Path
) -> None:
    """R-5: enrolled under the older key; what it saves offline opens, and after an exchange it has the newer key."""
    one, server = officer("xa1"), province.server
    settings: Settings = installed(province.world.app).settings
    server.stop()
    Machine(settings.database_url, settings.data_dir).done("keys", "add")
    ring = keyring_file.read(settings.keyring_file, (settings.data_dir / "secret_key").read_text("utf-8"))
    assert ring is not None
    old, new = (Keyring((secret,)) for secret in ring.secrets)

    def saved(nth: int) -> Path:
        one.broadcast(f"Tin số {nth}", "2021-07-21", "2021-07-30", 2, 15)
        one.save()
        one.home()
        one.status.get_by_role("link").click()
        one.page.get_by_role("link", name="Lưu ra tệp để nộp").click()
        path = save_file(one, tmp_path / str(nth))  # a name tells the minute
        one.home()
        return path

    before = saved(1)
    server.start()
    one.send()
    one.expect_status("1 đã gửi đủ")
    server.stop()
    after = saved(2)
    assert (opens(before, old), opens(before, new)) == (True, False)
    assert (opens(after, old), opens(after, new)) == (False, True)
    server.start()
    for path in (before, after):
        hand_in(reviewer("huyen"), path)


def opens(path: Path, ring: Keyring) -> bool:
    return bool(list(Sealed(path, ring).writes()))


@pytest.mark.costly
def test_photos_of_an_unfinished_batch_are_in_the_file(
    officer: MakeOfficer, reviewer: MakeReviewer, tmp_path: Path
) -> None:
    """R-11, R-12: forms of a batch, and photos that nobody chose a form for; the phone may be left then."""
    one = officer("xa1")
    page = one.page
    one.offline()
    page.get_by_role("button", name="Băng rôn").click()
    files = [FilePayload(name=f"{at}.jpg", mimeType="image/jpeg", buffer=data) for at, data in enumerate(pictures(3))]
    page.get_by_label("Chọn ảnh từ máy").set_input_files(files)
    page.get_by_label("Thôn, tổ dân phố").fill("Thôn Tạ Thượng")
    page.get_by_role("button", name=re.compile("^Mỗi ảnh một bản ghi")).click()
    expect(page.get_by_role("button", name="Lưu & ảnh tiếp theo")).to_be_visible()
    page.get_by_role("group", name="Khẩu hiệu").get_by_text(SLOGAN).click()
    save_and_next(page)
    one.home()
    one.hand_over(pictures(5)[3:])
    expect(page.get_by_text(re.compile("^2 ảnh mới nhận"))).to_be_visible()
    page.evaluate("location.hash = '/leave'")
    expect(page.get_by_text("Đang ghi dở: 2 bản, 2 ảnh chờ ghi.")).to_be_visible()
    leave = page.get_by_role("button", name="Xóa dữ liệu khỏi máy này")
    expect(leave).to_have_count(0)
    path = save_file(one, tmp_path)
    expect(leave).to_be_visible()

    district = reviewer("huyen")
    hand_in(district, path)
    assert sums(district, "Vừa nhận") == ["1", "2"]
    assert sums(district, "Không nhận được") == ["0", "0"]
    section = district.page.get_by_role("region", name="Đang ghi dở trên điện thoại")
    expect(section.get_by_text("Thôn Tạ Thượng")).to_have_count(2)
    expect(section.get_by_role("heading", name=re.compile("^Ảnh chưa thành bản ghi"))).to_have_count(2)
    shown = section.get_by_role("img")
    expect(shown).to_have_count(4)
    for image in shown.all():
        image.scroll_into_view_if_needed()
        until(lambda image=image: image.evaluate("(one) => one.naturalWidth > 0"))  # type: ignore[misc]
    with district.page.expect_download() as download:
        section.get_by_role("link", name=re.compile("^Lưu ảnh")).first.click()
    assert download.value.path().read_bytes()[:2] == b"\xff\xd8"


def revoke(world: World) -> None:
    with world.app.app_context(), writing() as session:
        session.execute(update(Device).values(revoked_at=1))


@pytest.mark.costly
def test_a_revoked_phone_keeps_all_and_a_reviewer_takes_it_in(
    province: Province, officer: MakeOfficer, reviewer: MakeReviewer, tmp_path: Path
) -> None:
    """R-9, W-7: the phone says it, and its key is on it since it was enrolled."""
    one = officer("xa1")
    one.offline()
    one.banner(SLOGAN)
    revoke(province.world)
    one.offline(on=False)
    refused = one.page.get_by_role("alert")
    expect(refused).to_contain_text("có thể máy đã bị thu hồi")
    one.expect_status("1 chờ gửi · 1 ảnh chờ gửi")
    refused.get_by_role("link", name="Lưu ra tệp để nộp").click()
    path = save_file(one, tmp_path)

    district = reviewer("huyen")
    hand_in(district, path)
    district.page.get_by_role("button", name="Nhận mục này").click()
    expect(district.page.get_by_text("Đã có trên máy chủ")).to_be_visible()
    district.open("BR-1", "all")
    expect(district.page.get_by_role("img", name="Ảnh 1 của bản ghi")).to_be_visible()


SHARING = """(fault) => {
    navigator.canShare = ({ files }) => files.every(({ name }) => name.endsWith(".txt"));
    navigator.share = async ({ files: [file] }) => {
        if (fault) throw new DOMException("", fault);
        window.shared = [file.name, Array.from(new Uint8Array(await file.arrayBuffer()))];
    };
}"""


@pytest.mark.costly
def test_where_the_phone_can_share_it_does(officer: MakeOfficer, reviewer: MakeReviewer, tmp_path: Path) -> None:
    """As Chrome on Android: only files of endings that it knows."""
    one = officer("xa1")
    one.offline()
    one.banner(SLOGAN)
    one.page.evaluate("location.hash = '/rescue'")
    one.page.get_by_role("button", name="Lập tệp").click()
    give = one.page.get_by_role("button", name=re.compile("^Chuyển tệp"))
    one.page.evaluate(SHARING, "NotAllowedError")  # what Chrome says of more than 50 MB
    with one.page.expect_download():
        give.click()
    one.page.evaluate(SHARING, None)
    give.click()
    one.page.wait_for_function("() => window.shared")
    name, data = one.page.evaluate("window.shared")
    assert name.endswith(".loa.txt")
    path = tmp_path / name
    path.write_bytes(bytes(data))
    district = reviewer("huyen")
    hand_in(district, path)
    assert sums(district, "Vừa nhận") == ["1", "2"]
