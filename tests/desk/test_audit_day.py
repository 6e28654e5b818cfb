"""A day of everything that is logged: all of it is in the log at the desk, and no secret is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, text

from server.core.clock import now_ms
from server.core.db import reading, writing
from server.models import AuditLine, Device, Officer
from server.services.access.welcome import make_welcome
from server.services.audit.acts import Act
from server.services.recovery import restores
from server.serving.installation import installed
from support.checks.audit_log import OF_ACCOUNTS, faults, heads_file, lines
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone, Phone
from support.installation.machine import Machine
from support.world.changes import seal
from support.world.lost import Lost, hand_in
from support.world.purging import WHY, purge
from support.world.world import World
from sync.code import digits

pytestmark = pytest.mark.databases("sqlite")

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
    settings = installed(world.app).settings
    machine = Machine(str(world.app.config["SQLALCHEMY_DATABASE_URI"]), settings.data_dir)
    added = ("--name", SECRETS["name"], "--phone", SECRETS["phone"], "--unit", "12286", "--role", "officer")
    said = [
        machine.done(*words)
        for words in (
            ("user", "add", "xa9", *added),
            ("user", "role", "xa9", "--unit", "12286", "--end"),
            ("user", "password", "xa9"),
            ("user", "disable", "xa9"),
            ("user", "enable", "xa9"),
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
    province.get(f"/desk/campaigns/{world.campaign}/amend")
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
    Act.ABSENCE_ENDED,
    Act.ABSENCE_NOTED,
    Act.HEADS_BEGUN,
    Act.HEADS_ACCEPTED,
    Act.ANSWERED_TOGETHER,
    Act.ANSWERS_UNDONE,
    Act.CASE_KEY_FORGOTTEN,
    Act.CASE_KEY_MADE,
    Act.CASE_KEY_OPENED,
    Act.DEVICE_TAKEN_BACK,
    Act.KEY_HOLDER_ADMITTED,
    Act.KEY_HOLDER_CHANGED,
    Act.KEY_HOLDER_LOST,
    Act.KEY_HOLDER_WAITS,
    Act.ORDERING_LETTER,
    Act.RECOVERY_SHEET_MADE,
    Act.RECOVERY_SHEET_USED,
    Act.TAKE_BACK_UNDONE,
    Act.WRONG_CASE_KEY,
    Act.CAMPAIGN_FILE_ANSWERED,
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
    Act.BACKUP_DONE,
    Act.BACKUP_FAILED,
    Act.RESTORE_TRIED,
    Act.DAYS_REMOVED,
    Act.WRONG_CODE,
    Act.CAMPAIGN_AMENDED,
    Act.CAMPAIGN_ERASED,
    Act.FIGURES_REOPENED,
    Act.REOPENING_ASKED,
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
    Act.DECISION_UNDONE,
    Act.SAMPLE_RULE_SET,
    Act.PHOTO_MARKED,
    Act.FACE_RULE_SET,
    *(OF_ACCOUNTS - {Act.CODE_MADE, Act.DEVICE_REVOKED}),
}
"""Acts of the shell, of nights, of guarded accounts, of reports, of many records at once, undone ones: other tests do
them."""


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
    assert [json.loads(line.new)["verdict"] for line in decided] == ["counted", "returned", "withdrawn"]
    assert {line.actor_id for line in decided} == {world.officers["huyen"]}
    assert {line.address for line in decided} == {"127.0.0.1"}
    (command,) = (line for line in found if line.act == "account_added")
    assert (command.actor_kind, command.actor_id) == ("command", "user add")
