"""The second factor: set up, asked for, required by role, reset by the level above; and codes that are not taken."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from server.core.clock import now_ms, stopped_at
from server.core.db import reading, writing
from server.core.keyring import Keyring
from server.core.keyring_file import new_secret
from server.models import Officer, RecoveryCode, SecondFactor
from server.services.access import recovery_codes, sealing, second_factor, welcome
from server.services.access.sealing import SealedSecret
from server.services.access.second_factor import CodeOutcome
from server.services.installation import sample
from support.clients.authenticator import BEGIN, CONFIRM, given, scanned, set_up
from support.clients.desk import MakeDesk
from support.world.world import PASSWORD, World

pytestmark = pytest.mark.databases("sqlite")

ASK = "/desk/second-factor"
STEP_MS = 30_000


def signed_in(desk: MakeDesk, username: str) -> Any:
    one = desk()
    one.sign_in(username)
    return one


def test_after_the_password_the_code_is_asked_for_and_nothing_else_opens(desk: MakeDesk) -> None:
    with stopped_at(at := now_ms()):
        own, _ = set_up(desk("huyen"))
    with stopped_at(at + STEP_MS):
        two = signed_in(desk, "huyen")
        assert two.location.startswith(ASK)
        for path in ("/desk/queue", "/desk/account", "/desk/people", "/desk/account/second-factor"):
            two.get(path)
            assert (two.status, path) == (303, path)
        two.get("/desk/sign-in")
        assert "Người duyệt huyện Kim Động" not in two.text
        two.get(ASK)
        assert two.post(two.form(ASK), code="123").status_code == 403
        assert "giờ máy chủ lúc này là" in two.text
        assert two.post(two.form(ASK), code=own.code()).status_code == 303
        two.get("/desk/queue")
        assert two.status == 200


def test_a_demo_alone_shows_the_code(desk: MakeDesk, world: World) -> None:
    """Where no demo was made nobody learns it: no page has it, and the service has none to give."""
    with stopped_at(at := now_ms()):
        own, _ = set_up(desk("huyen"))

    def shown(one: Any) -> str:
        return str(one.form(ASK).values["code"][0])

    def offered() -> str | None:
        with world.app.app_context(), reading() as session:
            return second_factor.demo_code(session, world.officers["huyen"], world.keyring)

    with stopped_at(at + STEP_MS):
        one = signed_in(desk, "huyen")
        one.get(ASK)
        assert (shown(one), offered()) == ("", None)
        assert not {own.code(later) for later in (-30, 0, 30)} & set(re.findall(r"\d{6}", one.html))
        assert "Bản dùng thử" not in one.text
        with world.app.app_context(), writing() as session:
            sample.mark(session, [])
        one.get(ASK)
        assert shown(one) == own.code()
        assert f"{own.code()[:3]} {own.code()[3:]}" in one.text
        assert one.post(one.form(ASK)).status_code == 303
        two = signed_in(desk, "huyen")
        two.get(ASK)
        assert shown(two) == own.code(+30), "the other one was used"
        assert two.post(two.form(ASK)).status_code == 303
        three = signed_in(desk, "huyen")
        three.get(ASK)
        assert (shown(three), offered()) == ("", None)
        assert "Tải lại trang sau khoảng 30 giây" in three.text
    with stopped_at(at + 3 * STEP_MS):
        three.get(ASK)
        assert three.post(three.form(ASK)).status_code == 303


def test_a_code_is_taken_once_and_none_before_it(desk: MakeDesk) -> None:
    with stopped_at(at := now_ms()):
        own, _ = set_up(desk("huyen"))
        one = signed_in(desk, "huyen")
        one.get(ASK)
        assert one.post(one.form(ASK), code=own.code()).status_code == 403  # it confirmed the set-up
        assert "Mã này đã dùng rồi" in one.text
    with stopped_at(at + 2 * STEP_MS):
        one.get(ASK)
        code = own.code()
        assert one.post(one.form(ASK), code=code).status_code == 303
        two = signed_in(desk, "huyen")
        two.get(ASK)
        assert two.post(two.form(ASK), code=code).status_code == 403
        assert two.post(two.form(ASK), code=own.code(-30)).status_code == 403
        assert "Mã này đã dùng rồi" in two.text
        assert two.post(two.form(ASK), code=own.code(+30)).status_code == 303  # the phone is half a minute ahead


def test_a_code_of_a_minute_ago_is_wrong(desk: MakeDesk) -> None:
    with stopped_at(at := now_ms()):
        own, _ = set_up(desk("huyen"))
    with stopped_at(at + 10 * STEP_MS):
        two = signed_in(desk, "huyen")
        two.get(ASK)
        for later in (-60, +60):
            assert two.post(two.form(ASK), code=own.code(later)).status_code == 403
            assert "Mã chưa đúng" in two.text


def test_guessing_ends_after_five_for_a_quarter_of_an_hour(desk: MakeDesk) -> None:
    with stopped_at(at := now_ms()):
        own, _ = set_up(desk("huyen"))
    with stopped_at(at + STEP_MS):
        two = signed_in(desk, "huyen")
        two.get(ASK)
        form = two.form(ASK)
        statuses = [two.post(form, code=f"{int(own.code()) ^ 1 + number:06d}"[-6:]).status_code for number in range(5)]
        assert statuses == [403] * 5
        three = signed_in(desk, "huyen")  # another session has no count of its own
        three.get(ASK)
        assert three.post(three.form(ASK), code=own.code()).status_code == 429
        assert int(three.post(three.form(ASK), code=own.code()).headers["Retry-After"]) > 800
    with stopped_at(at + 16 * 60_000):
        three.get(ASK)
        assert three.post(three.form(ASK), code=own.code()).status_code == 303


@pytest.mark.parametrize(("fast_s", "said"), [(600, "nhanh khoảng 10 phút"), (-1800, "chậm khoảng 30 phút")])
def test_a_clock_that_is_off_is_named_while_it_is_set_up(desk: MakeDesk, fast_s: int, said: str) -> None:
    one = desk("huyen")
    one.get("/desk/account/second-factor")
    one.post(one.form(BEGIN))
    own = scanned(one.follow(), fast_s)
    assert one.post(one.form(CONFIRM), code=own.code()).status_code == 403
    assert said in one.text
    assert scanned(one.html).secret == own.secret  # the same picture: only the clock is to be mended
    assert one.post(one.form(CONFIRM), code=own.code(-fast_s)).status_code == 200


def test_a_recovery_code_serves_once(desk: MakeDesk) -> None:
    one = desk("huyen")
    _, codes = set_up(one)
    assert len(set(codes)) == 10
    for typed, status in ((codes[3].lower().replace("-", " "), 303), (codes[3], 403), ("AAAA-BBBB-CCCC", 403)):
        two = signed_in(desk, "huyen")
        two.get(ASK)
        assert two.post(two.form(ASK), code=typed).status_code == status
    one.get("/desk/account/second-factor")
    assert "Còn 9 mã dự phòng" in one.text
    one.post(one.form("/second-factor/codes"))
    fresh = re.findall(r"<code>([A-Z0-9-]+)</code>", one.html)
    assert len(fresh) == 10
    two = signed_in(desk, "huyen")
    two.get(ASK)
    assert two.post(two.form(ASK), code=codes[4]).status_code == 403  # void
    assert two.post(two.form(ASK), code=fresh[0]).status_code == 303


def test_what_was_typed_is_kept_through_both(desk: MakeDesk) -> None:
    """The form goes on after password and code."""
    with stopped_at(at := now_ms()):
        one = signed_in(desk, "huyen")
        own, _ = set_up(one)
        one.get("/desk/records/new?kind=broadcast")
        form = one.form("/desk/records/new")
    with stopped_at(at + 13 * 3_600_000):
        one.post(form, **{"f.script": "Bài tuyên truyền số 1", "submit": "anyway"})
        assert one.status == 401
        one.post(one.form("/desk/sign-in"), username="huyen", password=PASSWORD)
        assert one.post(one.form(ASK), code="000000").status_code in (403, 303)
        assert one.post(one.form(ASK), code=own.code()).status_code == 200
        assert one.post(one.form("/desk/records/new")).status_code == 303


@pytest.mark.slow
def test_a_role_that_requires_it_leads_to_the_set_up_and_no_further(desk: MakeDesk) -> None:
    chief, other = desk("quantri"), desk("tinh")
    other.get("/desk/people?factors=1")
    assert other.status == 403  # a coordinator is no administrator
    chief.get("/desk/people")
    assert "/desk/people?factors=1" in chief.html
    chief.get("/desk/people?factors=1")
    assert chief.post(chief.form("/people/second-factors"), role=["reviewer"]).status_code == 303
    chief.follow()
    assert "Người duyệt huyện Phù Cừ" in chief.text
    assert chief.post(chief.form("/people/second-factors"), role=["reviewer", "nobody"]).status_code == 400
    desk("xa1").get("/desk/queue")
    one = signed_in(desk, "huyen")
    assert one.location == "/desk/account/second-factor"
    for path in ("/desk/queue", "/desk/people", "/desk/account"):
        one.get(path)
        assert (one.status, one.http.get(path).headers["Location"]) == (303, "/desk/account/second-factor")
    set_up(one)
    one.get("/desk/queue")
    assert one.status == 200
    one.get("/desk/account/second-factor")
    assert not one.has_form("/second-factor/remove")
    token = one.forms()[0].values["csrf_token"][0]
    assert one.http.post("/desk/account/second-factor/remove", data={"csrf_token": token}).status_code == 403
    chief.get("/desk/people?factors=1")
    assert "Người duyệt huyện Kim Động" not in chief.html.partition('id="f-lacking"')[2].partition("</section>")[0]


def test_what_a_removed_one_proved_counts_no_more_once_a_role_requires_one(desk: MakeDesk) -> None:
    one, chief = desk("huyen"), desk("quantri")
    set_up(one)
    one.get("/desk/account/second-factor")
    assert one.post(one.form("/second-factor/remove")).status_code == 303
    one.get("/desk/queue")
    assert one.status == 200
    chief.get("/desk/people?factors=1")
    assert chief.post(chief.form("/people/second-factors"), role=["reviewer"]).status_code == 303
    one.get("/desk/queue")
    assert (one.status, one.http.get("/desk/queue").headers["Location"]) == (303, "/desk/account/second-factor")


@pytest.mark.slow
def test_a_lost_one_is_reset_by_the_level_above_and_by_nobody_else(world: World, desk: MakeDesk) -> None:
    lost = desk("huyen")
    _, codes = set_up(lost)
    path = f"/desk/people/{world.officers['huyen']}/second-factor/reset"
    for username, status in (("phucu", 404), ("xa1", 404), ("huyen", 403)):
        one = lost if username == "huyen" else desk(username)
        one.get("/desk/account")
        token = one.forms()[0].values["csrf_token"][0]
        assert (one.http.post(path, data={"csrf_token": token}).status_code, username) == (status, username)
    above = desk("tinh")
    above.get("/desk/people")
    assert above.post(above.form("/second-factor/reset")).status_code == 303
    lost.get("/desk/queue")
    assert lost.status == 303  # signed out everywhere
    assert signed_in(desk, "huyen").location == "/desk/"  # none, and none is required
    with world.app.app_context(), writing() as session:
        assert second_factor.check(session, world.officers["huyen"], codes[0], world.keyring) is CodeOutcome.WRONG


def test_a_new_authenticator_takes_the_place_of_the_old_one_when_it_is_confirmed(world: World, desk: MakeDesk) -> None:
    with stopped_at(at := now_ms()):
        one = desk("huyen")
        old, _ = set_up(one)
        one.get("/desk/account/second-factor")
        one.post(one.form(BEGIN))
        new = scanned(one.follow())
    officer = world.officers["huyen"]
    with stopped_at(at + 2 * STEP_MS), world.app.app_context(), writing() as session:
        assert second_factor.check(session, officer, old.code(), world.keyring) is CodeOutcome.GOOD
    with stopped_at(at + 4 * STEP_MS):
        one.post(one.form(CONFIRM), code=new.code())
    with stopped_at(at + 6 * STEP_MS), world.app.app_context(), writing() as session:
        assert second_factor.check(session, officer, old.code(), world.keyring) is CodeOutcome.WRONG
        assert second_factor.check(session, officer, new.code(), world.keyring) is CodeOutcome.GOOD


def test_the_secret_is_sealed_for_its_row_and_sealed_anew_with_a_new_key(world: World, desk: MakeDesk) -> None:
    with stopped_at(at := now_ms()):
        own, _ = set_up(desk("huyen"))
        other, _ = set_up(desk("phucu"))
    officer = world.officers["huyen"]
    ring = Keyring((*world.keyring.secrets, new_secret(at)))
    with stopped_at(at + 2 * STEP_MS), world.app.app_context(), writing() as session:
        rows = {row.officer_id: row for row in session.scalars(select(SecondFactor))}
        mine, theirs = rows[officer], rows[world.officers["phucu"]]
        assert own.secret not in mine.sealed
        place = f"second_factor:{mine.id}:sealed"
        sealed = SealedSecret(mine.key_id, mine.sealed)
        assert sealing.opened(world.keyring, second_factor.PURPOSE, place, sealed) == own.secret
        assert sealing.opened(world.keyring, second_factor.PURPOSE, place + "x", sealed) is None
        assert sealing.opened(world.keyring, "cases", place, sealed) is None
        assert second_factor.check(session, officer, own.code(), ring) is CodeOutcome.GOOD
        assert mine.key_id == ring.secrets[-1].id
        retired = Keyring(ring.secrets[1:])
        assert second_factor.secret_of(mine, retired) == own.secret
        assert second_factor.check(session, theirs.officer_id, other.code(), retired) is CodeOutcome.SEALED
        mine.sealed = theirs.sealed  # who can write to the database puts a secret that he knows in its place
        assert second_factor.check(session, officer, other.code(+30), ring) is CodeOutcome.SEALED


def test_a_first_second_factor_ends_the_other_sessions_which_had_none(desk: MakeDesk) -> None:
    one, two = signed_in(desk, "huyen"), signed_in(desk, "huyen")
    set_up(one)
    assert two.http.get("/desk/queue").headers["Location"].startswith("/desk/sign-in")
    one.get("/desk/queue")
    assert one.status == 200


@pytest.mark.slow
def test_keys_and_recovery_codes_use_all_their_letters(world: World) -> None:
    """160 random bits, and 59: twelve times one of thirty letters."""
    officer, ring = world.officers["huyen"], world.keyring
    with world.app.app_context(), writing() as session:
        drawn = {second_factor.secret_of(second_factor.begin(session, officer, ring), ring) for _ in range(60)}
        given(session, officer, ring)
        factor = second_factor.in_use(session, officer)
        assert factor is not None
        codes = [code.replace("-", "") for _ in range(80) for code in recovery_codes.make(session, factor, ring)]
    assert len(drawn) == 60
    assert all(re.fullmatch("[A-Z2-7]{32}", secret or "") for secret in drawn)
    assert len(set(codes)) == 800
    assert [len(set(place)) for place in zip(*codes, strict=True)] == [30] * 12


def test_a_new_password_by_a_link_is_no_way_round_it(world: World, desk: MakeDesk) -> None:
    set_up(desk("huyen"))
    with world.app.app_context(), writing() as session:
        token = welcome.reset_password(session, session.get_one(Officer, world.officers["huyen"]))
    one = desk()
    one.get(f"/desk/welcome/{token}")
    one.post(one.form(f"/welcome/{token}"), password="bốn con chim nhỏ", again="bốn con chim nhỏ")
    assert one.location.startswith(ASK)
    one.get("/desk/queue")
    assert one.status == 303


def test_codes_are_hashed_with_a_key(world: World, desk: MakeDesk) -> None:
    _, codes = set_up(desk("huyen"))
    with world.app.app_context(), reading() as session:
        stored = set(session.scalars(select(RecoveryCode.code_hash)))
        assert second_factor.roles(session) == ["confidential"], "the only role that always requires one"
    assert len(stored) == 10
    assert not any(code.replace("-", "") in "".join(stored) for code in codes)


def test_a_confirmation_that_is_sent_twice_changes_nothing(desk: MakeDesk) -> None:
    one = desk("huyen")
    one.get("/desk/account/second-factor")
    one.post(one.form(BEGIN))
    own = scanned(one.follow())
    form = one.form(CONFIRM)
    assert one.post(form, code=own.code()).status_code == 200
    assert one.post(form, code=own.code()).status_code == 303


def test_what_was_typed_when_it_was_required_is_kept_through_the_set_up(world: World, desk: MakeDesk) -> None:
    one = desk("huyen")
    one.get("/desk/records/new?kind=broadcast")
    form = one.form("/desk/records/new")
    with world.app.app_context(), writing() as session:
        second_factor.require(session, ["reviewer"], None)
    one.post(form, **{"f.script": "Bài tuyên truyền số 1", "submit": "anyway"})
    assert one.status == 401
    one.post(one.form(BEGIN))
    own = scanned(one.html)
    assert one.post(one.form(CONFIRM), code="000000").status_code == 403
    assert one.post(one.form(CONFIRM), code=own.code()).status_code == 200
    assert "Nội dung vừa nhập vẫn còn nguyên" in one.text
    assert one.post(one.form("/second-factor/go-on")).status_code == 200
    assert one.post(one.form("/desk/records/new")).status_code == 303


def test_wrong_codes_do_not_lock_the_owner_out_of_the_printed_ones(desk: MakeDesk) -> None:
    with stopped_at(at := now_ms()):
        own, codes = set_up(desk("huyen"))
    with stopped_at(at + STEP_MS):
        two = signed_in(desk, "huyen")
        two.get(ASK)
        form = two.form(ASK)
        assert [two.post(form, code="12345").status_code for _ in range(6)] == [403] * 5 + [429]
        assert two.post(form, code=own.code()).status_code == 429
        assert two.post(form, code=codes[0]).status_code == 303


def test_a_new_authenticator_ends_the_sessions_of_the_old_one(desk: MakeDesk) -> None:
    with stopped_at(at := now_ms()):
        one = desk("huyen")
        own, _ = set_up(one)
    with stopped_at(at + 2 * STEP_MS):
        two = signed_in(desk, "huyen")
        two.get(ASK)
        assert two.post(two.form(ASK), code=own.code()).status_code == 303
    with stopped_at(at + 4 * STEP_MS):
        set_up(one)
        two.get("/desk/queue")
        assert two.status == 303
        one.get("/desk/queue")
        assert one.status == 200
