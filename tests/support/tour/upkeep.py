"""What keeps a server well: jobs, the log, rescue files, a restore; and a desk set apart."""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import FilePayload, Page, expect
from sqlalchemy import update

from server.core.clock import new_id
from server.core.db import writing
from server.models import Campaign, Device, Meta
from server.models.installation import DEMO
from server.services.access import devices
from server.services.recovery import missing, restores
from server.services.units.scope import Scope
from support.clients.rescue_file import rescue_file
from support.jobs.states import in_each_state
from support.tour.colleagues import Colleague, photo
from support.tour.signing_in import sign_in
from support.world.world import World

MOMENT = 1_627_000_000_000


def kit(world: World, page: Page, at: str) -> Iterator[str]:
    """Visit the parts of which pages are made, as whoever works with sample data sees them."""
    with world.app.app_context(), writing() as session:
        session.add(Meta(key=DEMO, value="1"))
    page.goto(f"{at}/desk/kit")
    expect(page.get_by_role("heading", name="Giao diện tối")).to_be_visible()
    yield "kit.show/both themes"
    with world.app.app_context(), writing() as session:
        session.delete(session.get_one(Meta, DEMO))


def no_jobs(page: Page, at: str) -> Iterator[str]:
    """Visit the list of jobs before there is one."""
    sign_in(page, at, "tinh")
    page.goto(f"{at}/desk/people")
    page.locator(".top nav summary", has_text="Quản trị").click()
    page.get_by_role("link", name="Công việc nền của máy chủ").click()
    expect(page.get_by_text("Chưa có việc nào")).to_be_visible()
    yield "jobs.show/none"


def jobs(world: World, page: Page, at: str) -> Iterator[str]:
    """Visit the list of jobs with one in each state."""
    sign_in(page, at, "tinh")
    page.goto(f"{at}/desk/people")
    page.locator(".top nav summary", has_text="Quản trị").click()
    page.get_by_role("link", name="Công việc nền của máy chủ").click()
    in_each_state(world)
    page.reload()
    expect(page.get_by_text("Đang làm 40%")).to_be_visible()
    yield "jobs.show/every state"


def audit(page: Page, at: str) -> Iterator[str]:
    """Visit the log of all that was done on this walk."""
    page.goto(f"{at}/desk/people")
    page.locator(".top nav summary", has_text="Quản trị").click()
    page.get_by_role("link", name="Nhật ký hệ thống").click()
    expect(page.get_by_role("listitem").filter(has_text="Cấp mã đăng ký").first).to_be_visible()
    page.get_by_text("Lọc theo ngày, người, việc, đơn vị").click()
    yield "audit.show/finding"
    page.goto(f"{at}/desk/audit?from=2021-01-01&to=2021-01-02")
    yield "audit.show/none"
    page.locator(".top nav summary", has_text="Quản trị").click()
    page.get_by_role("link", name="Sổ tay vận hành").click()
    expect(page.get_by_role("heading", name="Đầy ổ đĩa")).to_be_visible()
    yield "runbook.show/plain"


def rescued(world: World, page: Page, at: str) -> Iterator[str]:
    """Hand in a file that is no rescue file, one that is taken in, one of a revoked phone."""
    page.goto(f"{at}/desk/rescue")
    yield "rescue.start/plain"
    hand_in(page, b"not ours")
    yield "rescue.start/not ours"
    page.goto(f"{at}/desk/rescue")
    hand_in(page, file_of(world, revoked=False))
    yield "rescue.show/taken"
    page.goto(f"{at}/desk/rescue")
    hand_in(page, file_of(world, revoked=True))
    yield "rescue.show/offered"
    page.goto(f"{at}/desk/rescue")
    hand_in(page, unfinished_file_of(world))
    yield "rescue.show/unfinished"


def hand_in(page: Page, data: bytes) -> None:
    """Hand in a file at the desk."""
    file: FilePayload = {"name": "cuu-ho.loa", "mimeType": "application/octet-stream", "buffer": data}
    page.locator("input[type=file]").set_input_files([file])
    page.get_by_role("button", name="Nhận tệp", exact=True).click()


def file_of(world: World, *, revoked: bool) -> bytes:
    """The rescue file of a phone that could not send a banner with its photo."""
    body = {"code": world.code("xa1"), "label": "Điện thoại của xã"}
    enrolled = world.app.test_client().post("/api/v1/enrolment", json=body).get_json()
    shot = photo("rescued")
    phone = Colleague(world, "xa1").phone
    phone.create(slogan="s1", quantity=1, **shot.register)
    if revoked:
        with world.app.app_context(), writing() as session:
            session.execute(update(Device).where(Device.id == enrolled["device"]).values(revoked_at=MOMENT))
    return rescue_file(enrolled["device"], enrolled["rescue_key"], phone.outbox, [shot.thumb, shot.data])


def unfinished_file_of(world: World) -> bytes:
    """The rescue file of a phone with a banner that was not saved, and a photo that waits for a record."""
    body = {"code": world.code("xa1"), "label": "Điện thoại của xã"}
    enrolled = world.app.test_client().post("/api/v1/enrolment", json=body).get_json()
    shots = [photo("unfinished"), photo("waiting")]
    home = {"kind": "banner", "unit": enrolled["unit"], "campaign": world.campaign}
    drafts = [
        {"id": "unfinished" + "-" * 6, "at": MOMENT, **home, "set": {"quantity": 2, **shots[0].register}},
        {"id": "waits" + "-" * 11, "at": MOMENT, "set": shots[1].register},
    ]
    photos = [data for shot in shots for data in (shot.thumb, shot.data)]
    return rescue_file(enrolled["device"], enrolled["rescue_key"], [{"draft": draft} for draft in drafts], photos)


def restored(world: World, page: Page, at: str) -> Iterator[str]:
    """Visit the page without a restore, then with a record that did not come back."""
    page.goto(f"{at}/desk/restored")
    yield "restored.show/never"
    with world.app.app_context(), writing() as session:
        restores.tell(session, MOMENT, MOMENT - 60_000)
        device = devices.add_device(session, world.officers["xa1"], "máy thử").device.id
        named = {"record": new_id(), "unit": world.units["12286"], "campaign": world.campaign, "number": "BR-17"}
        missing.tell(session, Scope(session, world.officers["xa1"]), device, [named | {"writes": [new_id()]}])
    sign_in(page, at, "quantri")
    page.goto(f"{at}/desk/restored")
    yield "restored.show/to confirm"


def set_apart(world: World, page: Page, at: str) -> Iterator[str]:
    """Visit practice, sample data, English, and a desk without an open campaign."""
    page.goto(f"{at}/desk/queue?campaign={world.practice}")
    yield "queue.show/practice"
    with world.app.app_context(), writing() as session:
        session.add(Meta(key=DEMO, value="1"))
    page.goto(f"{at}/")
    yield "home.door/demo"
    page.get_by_role("button", name="Xin mã cho điện thoại").click()
    yield "home.door/code"
    page.goto(f"{at}/desk/figures")
    page.locator(".who > summary").click()
    page.get_by_role("button", name="English").click()
    yield "figures.show/English, sample"
    with world.app.app_context(), writing() as session:
        session.execute(update(Campaign).values(status="archived"))
    page.goto(f"{at}/desk/queue")
    yield "queue.show/no campaign"
