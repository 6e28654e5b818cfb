"""Holders of the case key: the first one, admission by signs, the recovery sheet, what closes it, what others see."""

from __future__ import annotations

import re
from contextlib import ExitStack
from typing import Any

import pytest
from sqlalchemy import delete, select

from server.core import passwords
from server.core.clock import now_ms, stopped_at
from server.core.db import reading, writing
from server.core.passwords import Queue, hash_password
from server.models import AuditLine, CaseKey, KeyHolder, KeyOpening, Officer
from server.services.access import accounts, welcome
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.cases import rights
from server.services.installation import sample
from server.services.keyholders import holders, losing, vault
from server.services.organisation import staff
from server.serving.installation import installed
from support.clients.desk import MakeDesk
from support.installation.machine import Machine
from support.world.cases import entered, entitle, made
from support.world.confidential import PASSPHRASE, proven
from support.world.keyholders import PAGE, admits, chosen, opened, puppet, signed_in, signs
from support.world.world import PASSWORD, World

pytestmark = pytest.mark.databases("sqlite")
MINUTE = 60_000
OTHER = "cá bống kho tiêu nồi đất 88"


@pytest.fixture(autouse=True)
def _holders(world: World) -> None:
    entitle(world)


def acts(world: World) -> list[str]:
    with world.app.app_context(), reading() as session:
        return list(session.scalars(select(AuditLine.act).order_by(AuditLine.number)))


def begun_anew(world: World) -> None:
    """Nobody holds a key yet."""
    with world.app.app_context(), writing() as session:
        for table in (KeyOpening, KeyHolder, CaseKey):
            session.execute(delete(table))


@pytest.mark.databases("both")
def test_the_first_holder_makes_the_key_and_admits_the_next_by_signs(world: World, desk: MakeDesk) -> None:
    begun_anew(world)
    one, next_one = signed_in(world, desk(), "mat_tinh"), signed_in(world, desk(), "mat_xa")
    assert chosen(one).status_code == 303, one.text
    one.get(PAGE)
    assert "Khóa đang mở trên máy này" in one.text
    assert "Chưa có phiếu khôi phục" in one.text
    assert chosen(next_one, OTHER).status_code == 303
    read_out = signs(next_one)
    next_one.get("/desk/cases")
    next_one.post(next_one.form("/desk/cases/enter"))
    assert next_one.http.get("/desk/cases").headers["Location"].startswith(PAGE)
    assert admits(world, one, "mat_xa", "ACDE-GHKM-PQRT").status_code == 422
    assert "12 ký tự không khớp" in one.text
    assert admits(world, one, "mat_xa", read_out.lower().replace("-", " ")).status_code == 303
    assert opened(next_one, PASSPHRASE).status_code == 403, "of somebody else"
    assert "Mật khẩu mở hồ sơ chưa đúng" in next_one.text
    assert opened(next_one, OTHER).status_code == 303
    made(next_one)
    assert [act for act in acts(world) if act.startswith(("case_key", "key_holder"))] == [
        "case_key_made", "case_key_opened", "key_holder_waits", "key_holder_admitted", "case_key_opened",
    ]  # fmt: skip


def test_a_demo_alone_fills_in_the_passphrase(world: World, desk: MakeDesk) -> None:
    def filled(one: Any) -> str:
        one.get(PAGE)
        return str(one.form(f"{PAGE}/open").values["password"][0])

    one = signed_in(world, desk(), "mat_tinh")
    assert (filled(one), sample.CASE_PASSPHRASE in one.html) == ("", False)
    with world.app.app_context(), writing() as session:
        sample.mark(session, [])
    assert (filled(one), sample.CASE_PASSPHRASE in one.text) == (sample.CASE_PASSPHRASE, True)


def test_a_changed_key_of_who_waits_is_found_by_the_signs(world: World, desk: MakeDesk) -> None:
    """Who writes to the database puts a key of their own where a new holder waits."""
    puppet(world, "moi", "12286")
    new, one = signed_in(world, desk(), "moi"), proven(world, desk(), "mat_xa")
    chosen(new)
    read_out = signs(new)
    with world.app.app_context(), writing() as session:
        other = session.get_one(KeyHolder, world.officers["mat_tinh"])
        session.get_one(KeyHolder, world.officers["moi"]).public = other.public
    assert admits(world, one, "moi", read_out).status_code == 422


def test_who_may_admit_is_of_the_unit_above_or_below_and_has_the_key_open(world: World, desk: MakeDesk) -> None:
    puppet(world, "moi", "12286")
    new = signed_in(world, desk(), "moi")
    chosen(new)
    read_out = signs(new)
    path = f"/desk/case-key/{world.officers['moi']}/admit"
    for username, opens, status in (
        ("mat_nhanla", True, 404), ("mat_phucu", True, 404), ("mat_xa", False, 409), ("mat_huyen", True, 303),
    ):  # fmt: skip
        one = proven(world, desk(), username, opens=opens)
        one.get(PAGE)
        csrf = one.form("/desk/language").values["csrf_token"][0]
        assert one.http.post(path, data={"csrf_token": csrf, "signs": read_out}).status_code == status, username
    puppet(world, "cap_tinh", "33")
    top = signed_in(world, desk(), "cap_tinh")
    chosen(top)
    assert admits(world, proven(world, desk(), "mat_xa"), "cap_tinh", signs(top)).status_code == 303, "the level above"


@pytest.mark.parametrize(
    ("passphrase", "again"),
    [
        ("ngắn quá", ""),
        ("matkhau123456789", ""),
        (PASSWORD * 2, "other"),
        (f"{PASSWORD}", ""),
        ("quantri tinh 33 3333", ""),
    ],
)
def test_a_passphrase_is_long_hard_to_guess_and_not_the_password(
    world: World, desk: MakeDesk, passphrase: str, again: str
) -> None:
    puppet(world, "moi", "12286")
    with world.app.app_context(), writing() as session:
        session.get_one(Officer, world.officers["moi"]).password_hash = hash_password(PASSWORD)
    one = signed_in(world, desk(), "moi")
    one.get(PAGE)
    answer = one.post(one.form("/case-key/passphrase"), password=passphrase, again=again or passphrase)
    assert answer.status_code == 422
    assert "chưa dùng được" in one.text
    assert passphrase not in one.html


def test_wrong_passphrases_are_few(world: World, desk: MakeDesk) -> None:
    one = signed_in(world, desk(), "mat_xa")
    found = [opened(one, f"sai lần thứ {nth} rồi nhé").status_code for nth in range(11)]
    assert found == [403] * 10 + [429]
    assert opened(one).status_code == 429, "the right one, too"


@pytest.mark.databases("both")
def test_the_recovery_sheet_makes_a_holder_once_and_all_see_it(world: World, desk: MakeDesk) -> None:
    one, other = proven(world, desk(), "mat_tinh"), proven(world, desk(), "mat_huyen")
    one.get(PAGE)
    answer = one.post(one.form("/case-key/sheet"))
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    text = "-".join(re.findall(r"<code>(\w{4})</code>", one.html))
    assert len(text) == 44
    one.get(PAGE)
    assert text not in one.text, "shown once"
    new = signed_in(world, desk(), "mat_xa")
    chosen(new, OTHER)  # the old one was forgotten
    for typed, status in (("A" * 36, 403), (text.lower(), 303)):
        new.get(PAGE)
        assert new.post(new.form("/case-key/recover"), code=typed).status_code == status
    assert opened(new, OTHER).status_code == 303
    puppet(world, "moi", "12286")
    late = signed_in(world, desk(), "moi")
    chosen(late)
    late.get(PAGE)
    assert late.post(late.form("/case-key/recover"), code=text).status_code == 403, "used up"
    other.get(PAGE)
    assert "Dùng phiếu khôi phục khóa hồ sơ" in other.text
    other.post(other.form("/case-key/seen"))
    other.get("/desk/figures")
    assert "Có thay đổi về người giữ khóa" not in other.text, "once seen"


def test_it_closes_after_half_an_hour_by_hand_and_with_the_session(world: World, desk: MakeDesk) -> None:
    one = proven(world, desk(), "mat_xa")
    now = now_ms()

    def is_open(at: int) -> bool:
        with stopped_at(at):
            one.get(PAGE) if at < now + 9 * MINUTE else proven(world, one, "mat_xa", opens=False).get(PAGE)
            return "Khóa đang mở" in one.text

    assert is_open(now)
    with world.app.app_context(), writing() as session:
        row = session.scalars(select(KeyOpening)).one()
        row.seen_at = now - vault.IDLE_MS - 1
    assert not is_open(now)
    opened(one)
    assert is_open(now_ms())
    one.post(one.form("/case-key/close"))
    assert not is_open(now_ms())
    opened(one)
    with one.http.session_transaction() as cookie:
        kept = cookie["case_key"]
    other = signed_in(world, desk(), "mat_tinh")
    with other.http.session_transaction() as cookie:
        cookie["case_key"] = kept
    other.get(PAGE)
    assert "Khóa đang mở" not in other.text, "another officer's secret opens nothing"


@pytest.mark.parametrize("why", ["role", "account"])
def test_who_loses_role_or_account_loses_the_key_at_once(world: World, desk: MakeDesk, why: str) -> None:
    one = entered(world, desk(), "mat_xa")
    me = world.officers["mat_xa"]
    with world.app.app_context(), writing() as session:
        if why == "role":
            staff.end_roles(session, me, world.units["12286"])
            staff.give_role(session, me, world.units["12286"], "confidential")
        else:
            accounts.disable(session, session.get_one(Officer, me))
            accounts.disable(session, session.get_one(Officer, me), undo=True)
    with world.app.app_context(), reading() as session:
        row = session.get_one(KeyHolder, me)
        assert (row.lost_at is not None, row.lost_why) == (True, why)
        assert session.scalars(select(KeyOpening).where(KeyOpening.officer_id == me)).all() == []
    assert opened(signed_in(world, desk(), "mat_tinh")).status_code == 303
    with world.app.app_context(), reading() as session:
        assert session.get_one(KeyHolder, me).wrapped == "", "once another copy opened"
        assert session.scalars(select(KeyOpening).where(KeyOpening.officer_id == me)).all() == []
    assert one.http.get("/desk/cases").status_code in (303, 404)
    assert "key_holder_lost" in acts(world)


def test_for_everybody_else_the_page_is_not_there(desk: MakeDesk) -> None:
    for username in ("quantri", "xa1", "tinh"):
        assert desk(username).http.get(PAGE).status_code == 404


def test_who_has_it_open_changes_the_passphrase_with_the_one_of_before(world: World, desk: MakeDesk) -> None:
    one = proven(world, desk(), "mat_xa")
    for current, status in ((OTHER, 403), (PASSPHRASE, 303)):
        one.get(PAGE)
        form = one.form("/case-key/passphrase")
        assert one.post(form, current=current, password=OTHER, again=OTHER).status_code == status
    assert "key_holder_changed" in acts(world)
    later = signed_in(world, desk(), "mat_xa")
    assert opened(later, PASSPHRASE).status_code == 403
    assert opened(later, OTHER).status_code == 303


def test_an_office_whose_holders_all_forgot_begins_anew(world: World, desk: MakeDesk) -> None:
    old, _ = made(entered(world, desk(), "mat_xa"))
    machine = Machine(str(world.app.config["SQLALCHEMY_DATABASE_URI"]), installed(world.app).settings.data_dir)
    assert "1 cases could not be opened" in machine.done("cases", "forget-key")
    assert opened(signed_in(world, desk(), "mat_xa")).status_code == 303, "nothing was done"
    assert "1 cases cannot be opened" in machine.done("cases", "forget-key", "--yes")
    machine.done("cases", "first", "mat_xa", "--unit", "12286")
    one = signed_in(world, desk(), "mat_xa")
    assert chosen(one, OTHER).status_code == 303
    one.get("/desk/cases")
    one.post(one.form("/desk/cases/enter"))
    assert one.http.get(f"/desk/cases/{old}").status_code == 404
    made(one)


def the_key(world: World) -> tuple[str, str]:
    with world.app.app_context(), reading() as session:
        return session.scalars(select(CaseKey.public)).one(), session.scalars(select(KeyHolder.wrapped)).one()


@pytest.mark.databases("both")
def test_the_first_holders_form_sent_twice_makes_one_key_and_loses_none(world: World, desk: MakeDesk) -> None:
    """The answer to the first one was lost: no opening came into the browser."""
    begun_anew(world)
    one, again = signed_in(world, desk(), "mat_tinh"), signed_in(world, desk(), "mat_tinh")
    for each in (one, again):
        each.get(PAGE)
    forms = [each.form("/case-key/passphrase") for each in (one, again)]
    assert one.post(forms[0], password=PASSPHRASE, again=PASSPHRASE).status_code == 303
    key = the_key(world)
    assert again.post(forms[1], password=PASSPHRASE, again=PASSPHRASE).status_code == 303
    assert the_key(world) == key
    again.get(PAGE)
    assert "Khóa đang mở trên máy này" in again.text


@pytest.mark.databases("both")
def test_two_forms_of_the_first_holder_on_their_way_at_once(
    world: World, desk: MakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one commits after this one looked: it finds the pair of the other, and leaves it."""
    begun_anew(world)
    one, again = signed_in(world, desk(), "mat_tinh"), signed_in(world, desk(), "mat_tinh")
    made_pair = holders.new_pair
    met: list[int] = []

    def meanwhile(*args: Any) -> Any:
        if not met:
            met.append(1)
            with world.app.test_request_context():
                assert chosen(again).status_code == 303
        return made_pair(*args)

    monkeypatch.setattr(holders, "new_pair", meanwhile)
    assert chosen(one).status_code == 303
    one.get(PAGE)
    assert "Khóa đang mở trên máy này" in one.text
    assert acts(world).count("case_key_made") == 1


def test_the_last_holder_who_forgot_keeps_the_copy_unless_there_is_a_sheet(world: World, desk: MakeDesk) -> None:
    begun_anew(world)
    one = signed_in(world, desk(), "mat_tinh")
    chosen(one)
    one.get(PAGE)
    one.post(one.form("/case-key/close"))
    key = the_key(world)
    assert chosen(one, OTHER).status_code == 409
    assert "đồng chí giữ bản khóa cuối cùng" in one.text
    assert the_key(world) == key
    assert opened(one).status_code == 303, "it came back to mind"
    one.get(PAGE)
    one.post(one.form("/case-key/sheet"))
    text = "-".join(re.findall(r"<code>(\w{4})</code>", one.html))
    one.get(PAGE)
    one.post(one.form("/case-key/close"))
    assert chosen(one, OTHER).status_code == 303
    one.get(PAGE)
    assert one.post(one.form("/case-key/recover"), code=text).status_code == 303
    assert opened(one, OTHER).status_code == 303


def test_the_form_of_a_new_passphrase_is_no_way_to_guess_the_old_one(world: World, desk: MakeDesk) -> None:
    begun_anew(world)
    one = signed_in(world, desk(), "mat_tinh")
    chosen(one)
    one.get(PAGE)
    one.post(one.form("/case-key/close"))
    found = [chosen(one, f"{OTHER} lần {nth}").status_code for nth in range(11)]
    assert found == [409] * 10 + [429]


@pytest.mark.databases("both")
@pytest.mark.parametrize("why", ["password", "account", "role"])
def test_a_reset_of_the_last_holder_loses_no_case_and_opens_none(world: World, desk: MakeDesk, why: str) -> None:
    """The command lets them in again; their passphrase opens."""
    begun_anew(world)
    one = signed_in(world, desk(), "mat_tinh")
    chosen(one)
    me, key = world.officers["mat_tinh"], the_key(world)
    with world.app.app_context(), writing() as session:
        officer = session.get_one(Officer, me)
        if why == "password":
            welcome.reset_password(session, officer)
        elif why == "account":
            accounts.disable(session, officer)
            accounts.disable(session, officer, undo=True)
        else:
            staff.end_roles(session, me, world.units["33"])
            staff.give_role(session, me, world.units["33"], "confidential")
    assert the_key(world) == key
    one = signed_in(world, desk(), "mat_tinh")
    assert chosen(one, OTHER).status_code == 409, "who has the account only does not delete it either"
    assert chosen(one).status_code == 409, "nor opens it"
    assert the_key(world) == key
    machine = Machine(str(world.app.config["SQLALCHEMY_DATABASE_URI"]), installed(world.app).settings.data_dir)
    assert "no copy of the key" in machine.refused("cases", "let-in", "mat_xa")
    assert "their own passphrase opens it" in machine.done("cases", "let-in", "mat_tinh")
    assert opened(one, OTHER).status_code == 403
    assert opened(one).status_code == 303


def test_the_command_lets_nobody_in_while_another_one_holds_the_key(world: World) -> None:
    with world.app.app_context(), writing() as session:
        losing.lose(session, world.officers["mat_xa"], "password")
        with pytest.raises(ValueError, match="somebody else holds the key"):
            holders.let_in(session, world.officers["mat_xa"])


def test_a_right_of_the_desk_makes_no_first_key(world: World) -> None:
    """Before the upgrade an administrator's two accounts could give each other one."""
    begun_anew(world)
    with world.app.app_context(), reading() as session:
        assert holders.state(session, world.officers["mat_xa"]) == "none", "given at the desk"
        assert holders.state(session, world.officers["mat_tinh"]) == "first", "given by the command"
    with world.app.app_context(), writing() as session:
        staff.end_roles(session, world.officers["mat_tinh"], world.units["33"])
        assert holders.state(session, world.officers["mat_tinh"]) == "none", "the role is gone"
    machine = Machine(str(world.app.config["SQLALCHEMY_DATABASE_URI"]), installed(world.app).settings.data_dir)
    machine.done("cases", "first", "mat_xa", "--unit", "12286")
    with world.app.app_context(), reading() as session:
        assert holders.state(session, world.officers["mat_xa"]) == "first", "others have a right already"
        assert rights.units_of(session, world.officers["mat_xa"]) == [world.units["12286"]], "one right"


def test_many_changes_show_the_oldest_first_and_none_is_confirmed_unseen(world: World, desk: MakeDesk) -> None:
    one = proven(world, desk(), "mat_tinh")
    with world.app.app_context(), writing() as session:
        for _ in range(losing.MOST + 3):
            log.append(session, Act.KEY_HOLDER_WAITS, ("officer", world.officers["mat_xa"]))
    for left in (3, 0):
        one.get(PAGE)
        one.post(one.form("/case-key/seen"))
        with world.app.app_context(), reading() as session:
            assert len(losing.events(session, world.officers["mat_tinh"])) == left


def test_holders_have_the_places_of_known_people_in_the_password_queue(
    world: World, desk: MakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crowd of strangers at the sign-in keeps no holder out."""
    begun_anew(world)
    queue = Queue(1, 8)
    monkeypatch.setattr(passwords, "_queue", queue)
    with ExitStack() as crowd:
        for _ in range(5):
            crowd.enter_context(queue.place())
        one = signed_in(world, desk(), "mat_tinh")
        assert chosen(one).status_code == 303, one.text
        one.get(PAGE)
        one.post(one.form("/case-key/close"))
        assert opened(one).status_code == 303, one.text
