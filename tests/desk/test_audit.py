"""The log at the desk: what is in it after a day of everything, who reads it, filters, pages, the file."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from desk.test_accounts_logged import OF_ACCOUNTS
from sqlalchemy import select, text, update

from server.core.clock import now_ms
from server.core.db import db, reading, writing
from server.models import AuditLine, Device, Officer
from server.services.access.welcome import make_welcome
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.organisation import staff
from server.services.recovery import restores
from support.checks.audit_log import faults, heads_file, lines, tamper
from support.clients.phone import Phone
from support.installation.machine import Machine
from support.world.changes import seal
from support.world.lost import Lost, hand_in
from support.world.purging import WHY, purge
from support.world.world import World
from sync.code import digits

pytestmark = pytest.mark.sqlite_first

MakeDesk = Callable[..., Any]
MakePhone = Callable[..., Phone]
ADDRESS = "203.0.113.9"
SECRETS = {
    "wrong password": "sai mật khẩu 987654",
    "chosen password": "một mật khẩu rất dài 42",
    "note": "Bí mật của bản ghi",
    "reason": "Lý do riêng không được ghi",
    "taken back": "Số liệu còn thiếu hai thôn",
    "label": "Điện thoại màu đỏ của xã",
    "name": "Người mới tên Bình",
    "phone": "0912345678",
    "why": WHY,
}


def ways_in(world: World, desk: MakeDesk, reviewer: Any) -> set[str]:
    """Wrong and right passwords, a welcome link, two phones of one officer, of which one is revoked."""
    stranger, secrets = desk(), set()
    stranger.sign_in("huyen", SECRETS["wrong password"])
    stranger.sign_in("khong-co-ai", SECRETS["wrong password"])
    reviewer.sign_in("huyen")
    with world.app.app_context(), writing() as session:
        token = make_welcome(session, world.officers["nhanla"])
    new, chosen = desk(), SECRETS["chosen password"]
    new.get(f"/desk/welcome/{token}")
    new.post(new.form(f"/desk/welcome/{token}"), password=chosen, again=chosen)
    assert new.location == "/desk/"
    for _ in range(2):  # the second one replaces the first
        reviewer.get("/desk/people")
        reviewer.post(reviewer.form(f"/desk/people/{world.officers['xa2']}/code"))
        reviewer.follow()
        code = digits(re.findall(r"\d{4} \d{4} \d{4} \d{4}", reviewer.text)[0])
        body = {"code": code, "label": SECRETS["label"]}
        answer = world.app.test_client().post("/api/v1/enrolment", json=body)
        assert answer.status_code == 201, answer.get_data(as_text=True)
        secrets |= {code, answer.get_json()["token"], answer.get_json()["rescue_key"]}
    confirming = desk("xa2")
    confirming.get("/desk/queue")
    confirming.post(next(form for form in confirming.forms() if form.action.endswith("/confirm")))
    reviewer.get("/desk/people")
    reviewer.post(next(form for form in reviewer.forms() if form.action.endswith("/revoke")))
    return secrets | {token}


def a_record(world: World, reviewer: Any, officer: Phone) -> str:
    """Pushed, sealed, decided on three times, taken back, exported."""
    record = officer.create(quantity=3, note=SECRETS["note"])
    officer.sync()
    seal(world, "xa1")
    for verdict, reason in (("counted", ""), ("returned", SECRETS["reason"])):
        reviewer.get(f"/desk/records/{record}")
        reviewer.post(reviewer.form("/decide"), verdict=verdict, reason=reason)
        assert reviewer.status == 303, reviewer.text
    reviewer.get(f"/desk/records/{record}")
    reviewer.post(reviewer.form("/withdraw"))
    unit = world.units["12286"]
    reviewer.get(f"/desk/figures/give?unit={unit}&campaign={world.campaign}")
    form = next(form for form in reviewer.forms() if form.action.endswith("/take-back"))
    reviewer.post(form, reason=SECRETS["taken back"])
    assert reviewer.status == 303, reviewer.text
    for path in ("figures.csv", "figures.xlsx", f"report/word?unit={unit}"):
        assert reviewer.http.get(f"/desk/{path}", buffered=True).status_code == 200
    return record


def locked(world: World, reviewer: Any, province: Any) -> None:
    """A district locks its figures, the province unlocks them."""
    page = f"/desk/figures/lock?unit={world.units['331']}&campaign={world.campaign}"
    reviewer.get(page)
    reviewer.post(reviewer.form("/figures/lock"), yes="1")
    assert reviewer.status == 303, reviewer.text
    province.get(page)
    province.post(province.form("/figures/unlock"), reason=SECRETS["taken back"])
    assert province.status == 303, province.text


def stated(world: World, reviewer: Any, commune: Any) -> None:
    """A district states a total of a commune, which confirms and then withdraws it."""
    page = f"/desk/totals?unit={world.units['12289']}&campaign={world.campaign}"
    reviewer.get(page)
    reviewer.post(reviewer.form("/desk/totals"), note=SECRETS["note"], **{"amount.banners": "3"})
    assert reviewer.status == 303, reviewer.text
    commune.get(page)
    commune.post(commune.form("/totals/confirm"))
    commune.follow()
    commune.post(commune.form("/totals/withdraw"), reason=SECRETS["taken back"])
    assert commune.status == 303, commune.text


def by_the_shell(world: World) -> set[str]:
    """Accounts, a program's device, a campaign."""
    settings = world.app.extensions["loa_settings"]
    machine = Machine(str(world.app.config["SQLALCHEMY_DATABASE_URI"]), settings.data_dir)
    added = ("--name", SECRETS["name"], "--phone", SECRETS["phone"], "--unit", "12286", "--role", "officer")
    said = [
        machine.done(*words)
        for words in (
            ("user", "add", "xa9", *added),
            ("user", "role", "xa9", "--unit", "12286", "--end"),
            ("user", "password", "xa9"),
            ("user", "disable", "xa9"),
            ("user", "disable", "xa9", "--undo"),
            ("device", "add", "--user", "xa9"),
            ("db", "recount"),
            ("campaign", "due", world.campaign, "--before", "2021-08-05"),
            ("campaign", "delete", world.practice),
        )
    ]
    found = set(re.findall(r"(?:/desk/welcome/|shown only now:\s+)(\S+)", "\n".join(said)))
    assert len(found) == 3
    return found


def a_day(world: World, desk: MakeDesk, phone: MakePhone, lost: Callable[[str], Lost]) -> set[str]:
    """Do everything that is logged, at the desk where it is done there. Returns further secrets that came up."""
    reviewer, commune, province, admin = desk(), desk("xa1"), desk("tinh"), desk("quantri")
    secrets = ways_in(world, desk, reviewer)
    record = a_record(world, reviewer, phone("xa1"))
    locked(world, reviewer, province)
    stated(world, reviewer, desk("nhanla"))
    one = lost("nhanla")
    one.banner(note=SECRETS["note"])
    assert hand_in(reviewer, one.file()) == 303
    for status in ("closed", "open"):
        province.get(f"/desk/campaigns/{world.campaign}")
        form = next(form for form in province.forms() if form.action.endswith("/status"))
        province.post(form, status=status)
        assert province.status == 303
    province.get(f"/desk/campaigns/{world.campaign}/hints")
    assert province.post(province.form("/hints"), place_none="look").status_code == 303
    purge(world, record)
    secrets |= by_the_shell(world)
    with world.app.app_context(), writing() as session:
        restores.tell(session, now_ms(), None)
    admin.get("/desk/restored")
    admin.post(admin.form("/desk/restored"))
    commune.get("/desk/queue")
    commune.post(commune.form("/desk/sign-out"))
    return secrets


ELSEWHERE = {
    Act.UNIT_ADDED,
    Act.UNITS_IMPORTED,
    Act.UNIT_MERGED,
    Act.UNIT_MOVED,
    Act.UNIT_SPLIT,
    Act.UNIT_SPLIT_TAKEN_BACK,
    Act.CAMPAIGN_OPENED,
    Act.CAMPAIGN_FILE_ADDED,
    Act.CAMPAIGN_FILE_REMOVED,
    Act.RESCUE_TAKEN,
    Act.KEY_ADDED,
    Act.KEY_RETIRED,
    Act.BACKUP_BEGUN,
    Act.DAYS_REMOVED,
    Act.WRONG_CODE,
    Act.CAMPAIGN_AMENDED,
    Act.REPORT_WRITTEN,
    Act.PAPER_MADE,
    Act.PAPER_STEP,
    Act.PAPER_FILED,
    Act.MONEY_STATED,
    Act.PAPER_LISTED,
    Act.PAPER_REMOVED,
    Act.PRIOR_TAKEN,
    Act.PRIOR_DROPPED,
    Act.ANNEX_ENTERED,
    Act.ANNEX_FROZEN,
    Act.ANNEX_READ,
    Act.ANNEX_EXPORTED,
    Act.REGIMES_TAKEN,
    Act.REST_DAY_CHANGED,
    Act.CASE_RIGHT_PROPOSED,
    Act.CASE_RIGHT_GIVEN,
    Act.CASE_RIGHT_ENDED,
    Act.LETTERHEAD_SAVED,
    Act.FORM_ADDED,
    Act.FORM_REMOVED,
    Act.EXPORT_LINK_MADE,
    Act.EXPORT_LINK_USED,
    Act.EXPORT_LINK_ENDED,
    Act.ACCOUNT_CHANGED,
    Act.TRAINING_BEGUN,
    Act.TRAINING_CONFIRMED,
    Act.TRAINING_REFUSED,
    Act.TRAINING_ENDED,
    Act.APPROVED_TOGETHER,
    Act.APPROVED_BY_SAMPLE,
    Act.APPROVAL_UNDONE,
    Act.SAMPLE_RULE_SET,
    *(OF_ACCOUNTS - {Act.CODE_MADE, Act.DEVICE_REVOKED}),
}
"""Acts of the shell, of nights, of guarded accounts, of reports and of many records at once: other tests do them."""


@pytest.mark.slow
@pytest.mark.costly
def test_a_day_of_everything_is_in_the_log_and_no_secret_is(
    world: World, desk: MakeDesk, phone: MakePhone, lost: Callable[[str], Lost]
) -> None:
    secrets = a_day(world, desk, phone, lost) | set(SECRETS.values())
    with world.app.app_context():
        with reading() as session:
            secrets |= set(session.scalars(select(Officer.password_hash).where(Officer.password_hash.is_not(None))))
            secrets |= set(session.scalars(select(Device.token_hash)))
        with writing() as session:  # a minute later the wrong tries are lines
            session.execute(text("UPDATE wrong_try SET minute = minute - 2"))
    admin = desk("quantri")
    admin.get("/desk/audit")
    admin.get("/desk/audit.csv")
    shown = admin.html
    found = lines(world)
    assert {line.act for line in found} >= set(Act) - ELSEWHERE
    stored = "\n".join(str([getattr(line, each.name) for each in AuditLine.__table__.columns]) for line in found)
    for place in (stored, heads_file(world).read_text(), shown.replace(SECRETS["name"], "")):
        for secret in secrets:
            assert len(secret) > 7
            assert secret not in place
    assert faults(world) == []
    wrong = [line for line in found if line.act == "wrong_password"]
    assert sorted(line.about_id for line in wrong) == sorted(["", world.officers["huyen"]])
    decided = [line for line in found if line.act == "decided"]
    assert [line.new.split('"')[7] for line in decided] == ["counted", "returned", "withdrawn"]
    assert {line.actor_id for line in decided} == {world.officers["huyen"]}
    assert {line.address for line in decided} == {"127.0.0.1"}
    (command,) = (line for line in found if line.act == "account_added")
    assert (command.actor_kind, command.actor_id) == ("command", "user add")


def test_the_page_says_it_in_words(world: World, desk: MakeDesk) -> None:
    with world.app.app_context(), writing() as session:
        staff.give_role(session, world.officers["xa1"], world.units["331"], "reviewer")
    one = desk("quantri")
    one.get("/desk/people")
    assert 'href="/desk/audit"' in one.html
    one.get("/desk/audit")
    assert one.status == 200
    last = lines(world)[-1]
    for said in (
        "Giao vai trò Cán bộ: Cán bộ 1 xã Chính Nghĩa (xa1)",
        "vai trò: Người duyệt; đơn vị: Huyện Kim Động",
        "Xem danh sách cán bộ",
        f"Dòng cuối: {last.number}, ngày",
        f"mã {last.mac[:12]}.",
    ):
        assert said in one.text, said
    assert "(quantri) (Cán bộ)" not in one.text, "once is enough"
    assert "Đăng nhập Cán bộ: Quản trị" not in one.text, "who signed in stands below"
    one.post(one.form("/desk/language"), language="en")
    one.get("/desk/audit")
    assert "Role given Officer: Cán bộ 1 xã Chính Nghĩa (xa1)" in one.text


def test_it_is_for_administrators_and_coordinators_of_the_top_unit(world: World, desk: MakeDesk) -> None:
    with world.app.app_context(), writing() as session:
        staff.give_role(session, world.officers["xa2"], world.units["331"], "admin")
    for username, status in (("quantri", 200), ("tinh", 200), ("xa1", 403), ("xa2", 403), ("huyen", 403)):
        one = desk(username)
        for path in ("/desk/audit", "/desk/audit.csv"):
            one.get(path)
            assert one.status == status, (username, path)
        one.get("/desk/people")
        assert ("/desk/audit" in one.html) == (status == 200)
    assert desk().get("/desk/audit") is not None


def test_filters_and_pages(world: World, desk: MakeDesk) -> None:
    with world.app.app_context(), writing() as session:
        for _ in range(60):
            log.append(session, Act.ROLE_GIVEN, ("officer", world.officers["xa1"]), new={"unit": world.units["12286"]})
        log.append(session, Act.ROLE_ENDED, ("officer", world.officers["dinhcao"]), old={"unit": world.units["12397"]})
    one = desk("quantri")
    one.get("/desk/audit")
    assert one.html.count("<li>") == 50
    assert "Đăng nhập" in one.text
    link = re.search(r'rel="next" href="([^"]+)"', one.html)
    assert link is not None
    older = one.get(link[1].replace("&amp;", "&"))
    assert older.count("<li>") == 13
    assert 'rel="next"' not in older
    for query, has, lacks in (
        ("act=role_ended", "Kết thúc vai trò", "Giao vai trò Cán bộ"),
        ("q=dinhcao", "Kết thúc vai trò", "Giao vai trò Cán bộ"),
        (f"unit={world.units['333']}", "Kết thúc vai trò Cán bộ", "Giao vai trò Cán bộ"),
        (f"unit={world.units['331']}", "Giao vai trò Cán bộ", "Kết thúc vai trò Cán bộ"),
        ("from=2021-01-01&to=2021-01-02", "Không có dòng nào như vậy.", "Giao vai trò Cán bộ"),
        ("from=x&to=9&before=x&act=x", "Kết thúc vai trò Cán bộ", "Không có dòng nào"),
    ):
        one.get(f"/desk/audit?{query}")
        shown = one.html.partition("</form>\n</details>")[2]
        said = " ".join(re.sub(r"<[^>]+>", " ", shown).split())
        assert has in said, query
        assert lacks not in said, query


def test_the_file_has_a_mark_for_excel_and_no_formula(world: World, desk: MakeDesk) -> None:
    with world.app.app_context(), writing() as session:
        session.execute(update(Officer).where(Officer.username == "xa1").values(name="=cmd|' /C calc'!A0"))
        log.append(session, Act.ACCOUNT_DISABLED, ("officer", world.officers["xa1"]))
    one = desk("quantri")
    answer = one.http.get("/desk/audit.csv?act=account_disabled", buffered=True)
    assert answer.data.startswith(b"\xef\xbb\xbf")
    head, row = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))
    assert head[:4] == ["Dòng", "Thời điểm", "Người thực hiện", "Loại"]
    assert row[head.index("Đối tượng")].startswith("Cán bộ: =cmd"), "behind a word it is no formula"
    with world.app.app_context(), writing() as session:
        staff.give_role(session, world.officers["xa1"], world.units["33"], "admin")
    desk("xa1")
    rows = list(csv.reader(io.StringIO(one.http.get("/desk/audit.csv", buffered=True).data.decode("utf-8-sig"))))
    assert any(each[head.index("Người thực hiện")].startswith("'=cmd") for each in rows)
    assert not any(value.startswith(("=", "+", "-", "@")) for each in rows for value in each)
    assert [line.act for line in lines(world)][-1] == "log_read"


@pytest.mark.slow
def test_an_altered_line_is_named_by_the_command(world: World, desk: MakeDesk) -> None:
    one = desk("quantri")
    one.get("/desk/audit.csv")
    settings = world.app.extensions["loa_settings"]
    machine = Machine(str(world.app.config["SQLALCHEMY_DATABASE_URI"]), settings.data_dir)
    assert "The audit log is whole." in machine.done("audit", "verify")
    tamper(world, lambda c: c.exec_driver_sql("UPDATE audit_line SET actor_id = 'somebody else' WHERE number = 2"))
    result = machine.loa("audit", "verify")
    assert result.exit_code == 1
    assert "Line 2: changed: not as they were written." in result.output
    assert f"mac: {lines(world)[1].mac}" in machine.done("audit", "show", 2)
    assert machine.refused("audit", "show", 99) == "Error: There is no line 99."
    one.get("/desk/audit")
    assert one.status == 200, "the page shows what is there"


def test_a_page_that_cannot_be_logged_is_not_shown(world: World, desk: MakeDesk) -> None:
    one = desk("huyen")
    file = heads_file(world)
    file.unlink()
    file.symlink_to("/dev/full")
    for path in ("people", "figures.csv"):
        one.get(f"/desk/{path}")
        assert one.status == 503
        assert "Chính Nghĩa" not in one.text.replace("Cán bộ", "") or (path == "people" and "xa1" not in one.text)
    file.unlink()
    one.get("/desk/people")
    assert one.status == 200
    with world.app.app_context():
        db.session.remove()


def test_the_last_day_of_all_is_no_filter(desk: MakeDesk) -> None:
    one = desk("quantri")
    for path in ("/desk/audit?to=9999-12-31", "/desk/audit.csv?to=9999-12-31", "/desk/audit?from=0001-01-01"):
        assert one.http.get(path, buffered=True).status_code == 200
