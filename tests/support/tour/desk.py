"""A walk through every page of the desk, in every state in which a reviewer may find it.

for stop in walk(province, page): ...   # "records.show/conflict": the page is there now

The part before the slash is the endpoint; tests/e2e/test_legible.py counts those that Flask knows.
"""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import FilePayload, Page, expect
from sqlalchemy import select, update

from server.core.clock import new_id, today
from server.core.db import reading, writing
from server.models import Campaign, DeskSession, Device, Job, Meta
from server.models.installation import DEMO
from server.services.access import devices
from server.services.access.welcome import make_welcome
from server.services.recovery import missing, restores
from server.services.units.scope import Scope
from support.clients.authenticator import scanned
from support.clients.rescue_file import rescue_file
from support.jobs import inline
from support.jobs.states import in_each_state
from support.letters.files import SEED
from support.tour import administration, apart, taken_along
from support.tour.colleagues import Colleague, commune, photo
from support.world.province import Province
from support.world.world import PASSWORD, World

MOMENT = 1_627_000_000_000


def walk(province: Province, page: Page) -> Iterator[str]:
    """Yield the name of each stop, once the page is there."""
    at = province.server.url
    yield from doors(province.world, page, at)
    yield from no_jobs(page, at)
    yield from the_day(province.world, page, at)
    yield from progress(province.world, page, at)
    yield from people(page, at)
    yield from accounts(province.world, page, at)
    yield from administration.walk(province.world, page, at)
    yield from apart.confidential(province.world, page, at)
    yield from apart.cases(province.world, page, at)
    sign_in(page, at, "quantri")
    yield from apart.table(page, at)
    yield from jobs(province.world, page, at)
    yield from audit(page, at)
    yield from rescued(province.world, page, at)
    yield from restored(province.world, page, at)
    yield from set_apart(province.world, page, at)


def sign_in(page: Page, at: str, username: str) -> None:
    """Sign in under another name."""
    page.context.clear_cookies()
    page.goto(f"{at}/desk/sign-in")
    page.get_by_label("Tên đăng nhập").fill(username)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page.get_by_role("button", name="Đăng xuất")).to_be_visible()


def doors(world: World, page: Page, at: str) -> Iterator[str]:
    """Visit the start page, the sign-in and a welcome link, with their refusals."""
    page.goto(f"{at}/")
    yield "home.door/plain"
    page.goto(f"{at}/desk/sign-in?ended=1")
    yield "entry.sign_in/ended"
    page.get_by_label("Tên đăng nhập").fill("huyen")
    page.get_by_label("Mật khẩu").fill("không phải")
    page.get_by_role("button", name="Đăng nhập").click()
    yield "entry.sign_in/wrong"
    with world.app.app_context(), writing() as session:
        token = make_welcome(session, world.officers["nhanla"])
    page.goto(f"{at}/desk/welcome/{token}")
    yield "welcome.show/valid"
    page.goto(f"{at}/desk/welcome/{token}x")
    yield "welcome.show/void"


def the_day(world: World, page: Page, at: str) -> Iterator[str]:
    """Visit queue, records, forms, figures."""
    sign_in(page, at, "huyen")
    yield "start.show/district"
    records = commune(world)
    for state in ("todo", "all", "conflict"):
        page.goto(f"{at}/desk/queue?state={state}")
        yield f"queue.show/{state}"
    yield from results(page, at)
    yield from fast_review(page, at, records)
    yield from hinted(world, page, at, records["waiting"])
    for name, record in records.items():
        page.goto(f"{at}/desk/records/{record}")
        yield f"records.show/{name}"
    page.goto(f"{at}/desk/records/{records['waiting']}")
    page.get_by_role("button", name="Không tính", exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()
    yield "records.show/reason missing"
    page.goto(f"{at}/desk/records/{'x' * 16}")
    yield "records.show/none such"
    page.goto(f"{at}/desk/records/{records['waiting']}/edit")
    yield "edits.edit/as it is"
    yield from taken_along.visited(page, at, records["waiting"])
    page.goto(f"{at}/desk/records/new")
    yield "edits.new/choose"
    page.get_by_role("button", name="Băng rôn").click()
    yield "edits.new/form"
    yield from the_figures(world, page, at)


def the_figures(world: World, page: Page, at: str) -> Iterator[str]:
    """Visit figures, totals, the campaign, reports and locks."""
    page.goto(f"{at}/desk/figures")
    yield "figures.show/district"
    page.goto(f"{at}/desk/figures/quick")
    yield "figures.quick_report/district"
    yield from totals(world, page, at)
    page.goto(f"{at}/desk/figures/give")
    page.get_by_text("Báo không phát sinh", exact=True).click()
    yield "giving.show/district, nothing to report"
    page.get_by_role("link", name="Xem trước và xác nhận").click()
    yield "seals.preview"
    yield from apart.stated(page, at)
    yield from apart.compared(page, at)
    sign_in(page, at, "tinh")
    page.goto(f"{at}/desk/figures")
    yield "figures.show/province"
    page.goto(f"{at}/desk/queue?state=below")
    yield "queue.show/below"
    page.goto(f"{at}/desk/figures?tab=all&reach=every&count=with_waiting")
    yield "figures.show/all of every commune"
    page.get_by_role("link", name="Công văn", exact=True).click()
    page.get_by_text("Kết thúc hoặc mở lại đợt này").click()
    yield "letter.show/ending"
    yield from hint_grades(world, page, at)
    yield from from_a_letter(page, at)
    page.goto(f"{at}/desk/report")
    yield "report.show/province"
    yield from documents(world, page, at)
    yield from locked(page, at)
    yield from checklist(page, at)


def progress(world: World, page: Page, at: str) -> Iterator[str]:
    """Visit the first page of a province, its plan, and the pages of a district."""
    sign_in(page, at, "tinh")
    yield "start.show/province"
    page.goto(f"{at}/desk/progress?reach=every&order=behind")
    yield "progress.show/every commune"
    sign_in(page, at, "huyen")
    yield from apart.behind(world, page, at)


def results(page: Page, at: str) -> Iterator[str]:
    """Visit the results in each view, and a search that finds nothing."""
    for view in ("gallery", "list", "table", "map"):
        page.goto(f"{at}/desk/results?view={view}&kind=banner")
        if view == "map":
            expect(page.locator("#map-says")).not_to_be_empty()
        yield f"results.show/{view}"
    page.get_by_role("searchbox", name="Tìm theo số, đơn vị, khẩu hiệu, nội dung").fill("không có từ này")
    page.get_by_role("button", name="Tìm", exact=True).click()
    yield "results.show/nothing found"


def documents(world: World, page: Page, at: str) -> Iterator[str]:
    """Visit documents that are asked for, made and failed, forms with a refused one, the letterhead with a fault."""
    page.get_by_role("link", name="Tài liệu khác").click()
    yield "documents.show/none"
    for name in ("Báo cáo (Word)", "Sổ nhật ký phát thanh (Word)"):
        page.locator("form.card").filter(has=page.get_by_role("heading", name=name, exact=True)).get_by_role(
            "button", name="Lập tài liệu"
        ).click()
        expect(page.get_by_text("Đã yêu cầu lập tài liệu.")).to_be_visible()
    page.goto(page.url.replace("&watch=1", ""))
    yield "documents.show/waiting"
    waiting(world)
    page.reload()
    yield "documents.show/made"
    page.get_by_role("link", name="Biểu mẫu của Bộ, tỉnh").click()
    file: FilePayload = {"name": "bieu.xlsx", "mimeType": "application/octet-stream", "buffer": b"not ours"}
    page.locator("input[type=file]").set_input_files([file])
    page.get_by_role("button", name="Tải lên và kiểm tra").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_text("Thẻ của từng chỉ tiêu").click()
    yield "forms.show/refused"
    page.goto(f"{at}/desk/report/letterhead")
    yield "letterhead.show/usual"
    page.get_by_label("Ký hiệu").fill("báo cáo")
    page.get_by_role("button", name="Lưu thể thức").click()
    expect(page.get_by_role("alert")).to_be_visible()
    yield "letterhead.show/fault"
    page.get_by_label("Ký hiệu").fill("BC-SLĐTBXH")
    page.get_by_role("button", name="Lưu thể thức").click()
    page.get_by_text("Áp dụng từ").last.click()
    yield "letterhead.show/own"


def waiting(world: World) -> None:
    """Make the documents that wait."""
    with world.app.app_context(), reading() as session:
        jobs = list(session.scalars(select(Job.id).where(Job.kind == "documents.make")))
    for job in jobs:
        inline.run(world, job)


def checklist(page: Page, at: str) -> Iterator[str]:
    """Visit the checklist for a victim who came back, and its sheet."""
    page.goto(f"{at}/desk/checklist")
    yield "checklist.show/plain"
    page.get_by_label("Ngày tiếp nhận").fill("2021-07-15")
    page.get_by_role("button", name="Lập phiếu").click()
    expect(page.get_by_role("article")).to_be_visible()
    yield "checklist.show/sheet"


def totals(world: World, page: Page, at: str) -> Iterator[str]:
    """Visit totals without evidence, a message to paste, silent units."""
    place = f"unit={world.units['12289']}&campaign={world.campaign}"
    page.goto(f"{at}/desk/totals?{place}")
    yield "totals.show/a commune's"
    page.goto(f"{at}/desk/totals/read?{place}")
    yield "pasted.show/empty"
    page.goto(f"{at}/desk/totals/silent?unit={world.units['331']}&campaign={world.campaign}")
    yield "silent.show/district"


def fast_review(page: Page, at: str, records: dict[str, str]) -> Iterator[str]:
    """Visit items of the fast review, its ready reasons, its keys, and its end."""
    for name in ("waiting", "amended", "conflict", "not_counted"):
        page.goto(f"{at}/desk/review?at={records[name]}")
        expect(page.get_by_role("button", name="Hoàn tác")).to_be_visible()
        yield f"fast.show/{name}"
    page.goto(f"{at}/desk/review?at={records['waiting']}")
    page.get_by_role("button", name="Hoàn tác").wait_for()
    page.keyboard.press("?")
    yield "fast.show/keys"
    page.goto(f"{at}/desk/review?state=draft")
    yield "fast.show/nothing"


def hinted(world: World, page: Page, at: str, record: str) -> Iterator[str]:
    """Visit a record whose photo another one has, both side by side, the list of such ones, the grades of hints."""
    other = Colleague(world, "xa1").banner(photo("waiting"), quantity=7, put_up_on="2020-01-02")
    for kind in ("likeness.compare", "hints.refresh"):
        inline.done(world, kind)
    page.goto(f"{at}/desk/records/{other}")
    yield "records.show/hints"
    page.goto(f"{at}/desk/review?at={other}")
    yield "fast.show/hints"
    page.goto(f"{at}/desk/records/{other}/alike/{record}")
    yield "alike.show/two"
    page.goto(f"{at}/desk/queue?state=all&hint=photo_same")
    yield "queue.show/hint"


def hint_grades(world: World, page: Page, at: str) -> Iterator[str]:
    """Visit the grades of a campaign, with a line that is none."""
    page.goto(f"{at}/desk/campaigns/{world.campaign}/hints")
    page.get_by_label("Mỗi dòng một đơn vị").fill("12286 năm nghìn")
    page.get_by_role("button", name="Lưu số dân").click()
    expect(page.get_by_role("alert")).to_be_visible()
    yield "hint_grades.show/bad line"


def locked(page: Page, at: str) -> Iterator[str]:
    """Visit the page before figures are locked, those that were, and the search for them."""
    page.goto(f"{at}/desk/figures")
    page.get_by_role("link", name="Khóa số liệu báo cáo").click()
    yield "locks.show/before"
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Khóa số liệu báo cáo").click()
    expect(page.get_by_text("Đúng số liệu đã khóa")).to_be_visible()
    yield "frozen.show/province"
    page.get_by_role("link", name="Xem như bản in").click()
    yield "frozen.read"
    page.go_back()
    page.get_by_role("link", name="Xem quá trình khóa").click()
    yield "locks.show/locked"
    page.get_by_role("link", name="Xem bảng số liệu").click()
    yield "figures.show/locked"
    page.goto(f"{at}/desk/locked?id=7F3K")
    yield "frozen.find/none"
    yield from papers(page, at)


def papers(page: Page, at: str) -> Iterator[str]:
    """Visit the texts of a report, what may be picked for it, and a report from its draft to its issue."""
    page.goto(f"{at}/desk/texts")
    page.get_by_role("button", name="Viết các mục I, III, IV, V").click()
    page.get_by_label("III.1. Ưu điểm").first.fill("Người dân hưởng ứng.")
    yield "texts.show/writing"
    page.get_by_role("button", name="Lưu và đóng").click()
    page.get_by_role("link", name="Chọn từ cấp dưới").first.click()
    yield "texts.choose/none"
    page.goto(f"{at}/desk/papers")
    yield "papers.listed/none"
    page.get_by_role("button", name="Lập báo cáo trình ký").click()
    expect(page.get_by_text("Đã lập báo cáo, ở bước dự thảo.")).to_be_visible()
    yield "papers.show/draft"
    page.get_by_role("link", name="Sửa nội dung").click()
    yield "texts.show/of a report"
    page.go_back()
    page.get_by_role("button", name="Trình lãnh đạo phòng").click()
    page.get_by_text("Chuyển về dự thảo", exact=True).first.click()
    yield "papers.show/content, going back"
    for label, act in (
        ("Lãnh đạo phòng đã kiểm tra", "Ghi: nội dung đạt"),
        ("Người kiểm tra thể thức", "Ghi: thể thức đạt"),
        ("Người ký", "Ghi: đã ký"),
    ):
        page.get_by_label(label).fill("Nguyễn Văn A, Trưởng phòng")
        page.get_by_role("button", name=act).click()
    page.get_by_label("Số, ký hiệu").fill("101/BC-UBND")
    page.get_by_label("Ngày của báo cáo").fill("2021-01-01")
    page.get_by_role("button", name="Ghi số, ngày và phát hành").click()
    expect(page.get_by_role("alert")).to_be_visible()
    yield "papers.show/wrong day"
    page.get_by_label("Ngày của báo cáo").fill(today().isoformat())
    page.get_by_role("button", name="Ghi số, ngày và phát hành").click()
    expect(page.get_by_text("Đã phát hành số 101/BC-UBND")).to_be_visible()
    yield "papers.show/issued"
    page.goto(f"{at}/desk/papers")
    yield "papers.listed/one"


def from_a_letter(page: Page, at: str) -> Iterator[str]:
    """Visit the campaigns, a letter that cannot be read, a draft with its letter, its preview, a campaign to amend."""
    page.goto(f"{at}/desk/campaigns")
    yield "campaigns.show/plain"
    page.get_by_role("button", name="Đọc công văn").click()
    expect(page.get_by_role("alert")).to_be_visible()
    yield "campaigns.show/no letter"
    page.get_by_label("Hoặc dán nội dung công văn").fill(
        SEED.read_text("utf-8").replace("trước ngày 03/8", "chậm nhất 02/8")
    )
    page.get_by_role("button", name="Đọc công văn").click()
    for closed in (
        "Trích yếu, người ký, nơi nhận",
        "Hạn riêng của từng cấp",
        "Chỉ tiêu theo công văn",
        "Đề cương báo cáo",
    ):
        page.get_by_text(closed).first.click()
    yield "drafts.edit/seed letter"
    page.get_by_role("button", name="Xem trước").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    yield "drafts.edit/faults"
    page.get_by_label("Bắt đầu").fill("2021-07-01")
    page.get_by_label("Kết thúc").fill("2021-07-31")
    page.get_by_role("checkbox", name="Đúng, ngày").check()
    page.get_by_role("button", name="Xem trước").click()
    expect(page.get_by_role("button", name="Phát hành đợt này")).to_be_visible()
    yield "drafts.preview/seed letter"
    page.get_by_role("button", name="Phát hành đợt này").click()
    page.get_by_text("Xem toàn văn công văn").click()
    yield "letter.show/from a letter"
    page.get_by_role("link", name="Sửa đợt này").click()
    yield "amend.show/plain"


def people(page: Page, at: str) -> Iterator[str]:
    """Visit officers, their phones, a code."""
    sign_in(page, at, "huyen")
    page.goto(f"{at}/desk/people")
    page.get_by_text("Tìm cán bộ, chọn đơn vị").click()
    yield "people.show/finding"
    page.get_by_text("Thu hồi", exact=True).first.click()
    yield "people.show/revoking"
    page.goto(f"{at}/desk/people?q=khong+co+ai")
    yield "people.show/nobody"
    page.goto(f"{at}/desk/people?unit_name=xa")
    yield "people.show/which unit"
    page.goto(f"{at}/desk/people")
    page.get_by_role("button", name="Cấp mã đăng ký").first.click()
    yield "people.shown/code"
    page.goto(f"{at}/desk/people?choose=1")
    page.get_by_role("button", name="Cấp mã và in phiếu").click()
    expect(page.get_by_role("article").first).to_be_visible()
    yield "people.cards/some"
    page.goto(f"{at}/desk/people")
    page.get_by_role("link", name="Tờ hướng dẫn để in").first.click()
    expect(page.get_by_role("article")).to_be_visible()
    yield "handout.show/one"


def accounts(world: World, page: Page, at: str) -> Iterator[str]:
    """Visit one's own account, the second factor, what is asked again, and a handover."""
    sign_in(page, at, "phucu")
    page.get_by_role("link", name="Người duyệt huyện Phù Cừ").click()
    page.get_by_text("Đổi mật khẩu", exact=True).first.click()
    yield "account.show/changing the password"
    page.get_by_role("link", name="Thiết lập xác thực hai lớp").click()
    yield "second_factor.show/none"
    page.get_by_role("button", name="Thiết lập xác thực hai lớp").click()
    own = scanned(page.content())
    page.get_by_label("Mã 6 chữ số").fill("000000")
    page.get_by_role("button", name="Xác nhận và bật").click()
    expect(page.get_by_role("alert")).to_be_visible()
    yield "second_factor.show/wrong code"
    page.get_by_label("Mã 6 chữ số").fill(own.code())
    page.get_by_role("button", name="Xác nhận và bật").click()
    expect(page.get_by_role("article")).to_be_visible()
    yield "second_factor.show/recovery codes"
    page.goto(f"{at}/desk/account/second-factor")
    yield "second_factor.show/in use"
    page.goto(f"{at}/desk/people")
    page.get_by_role("link", name="Bàn giao").first.click()
    yield "handovers.show/plain"
    page.get_by_label("Tên đăng nhập của người nhận").fill("phucu")
    page.get_by_role("button", name="Bàn giao và lập biên bản").click()
    expect(page.get_by_role("article")).to_be_visible()
    yield "handovers.record/one"
    page.context.clear_cookies()
    page.goto(f"{at}/desk/sign-in")
    page.get_by_label("Tên đăng nhập").fill("phucu")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    yield "second_factor.ask/plain"
    page.get_by_label("Mã xác thực").fill("000000")
    page.get_by_role("button", name="Tiếp tục").click()
    expect(page.get_by_role("alert")).to_be_visible()
    yield "second_factor.ask/wrong code"
    sign_in(page, at, "quantri")
    page.goto(f"{at}/desk/people/second-factors")
    page.get_by_label("Cán bộ tổng hợp").check()
    with world.app.app_context(), writing() as session:
        session.execute(update(DeskSession).values(proved_at=0))
    page.get_by_role("button", name="Lưu yêu cầu").click()
    yield "factors.show/asked again"
    page.get_by_label("Mật khẩu của đồng chí").fill(PASSWORD)
    page.get_by_role("button", name="Xác nhận và thực hiện").click()
    expect(page.get_by_text("Những người bắt buộc mà chưa thiết lập")).to_be_visible()
    yield "factors.show/required"
    page.get_by_label("Cán bộ tổng hợp").uncheck()
    page.get_by_role("button", name="Lưu yêu cầu").click()


def no_jobs(page: Page, at: str) -> Iterator[str]:
    """Visit the list of jobs before there is one."""
    sign_in(page, at, "tinh")
    page.goto(f"{at}/desk/people")
    page.get_by_role("link", name="Công việc nền của máy chủ").click()
    expect(page.get_by_text("Chưa có việc nào")).to_be_visible()
    yield "jobs.show/none"


def jobs(world: World, page: Page, at: str) -> Iterator[str]:
    """Visit the list of jobs with one in each state."""
    sign_in(page, at, "tinh")
    page.goto(f"{at}/desk/people")
    page.get_by_role("link", name="Công việc nền của máy chủ").click()
    in_each_state(world)
    page.reload()
    expect(page.get_by_text("Đang làm 40%")).to_be_visible()
    yield "jobs.show/every state"


def audit(page: Page, at: str) -> Iterator[str]:
    """Visit the log of all that was done on this walk."""
    page.goto(f"{at}/desk/people")
    page.get_by_role("link", name="Nhật ký hệ thống").click()
    expect(page.get_by_role("listitem").filter(has_text="Cấp mã đăng ký").first).to_be_visible()
    page.get_by_text("Lọc theo ngày, người, việc, đơn vị").click()
    yield "audit.show/finding"
    page.goto(f"{at}/desk/audit?from=2021-01-01&to=2021-01-02")
    yield "audit.show/none"


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
    yield "home.demo_shown/code"
    page.goto(f"{at}/desk/figures")
    page.get_by_role("button", name="English").click()
    yield "figures.show/English, sample"
    with world.app.app_context(), writing() as session:
        session.execute(update(Campaign).values(status="archived"))
    page.goto(f"{at}/desk/queue")
    yield "queue.show/no campaign"
