"""After a new key the desk goes on: sessions, open forms, known browsers, and rescue files of before."""

from __future__ import annotations

import pytest
from sqlalchemy import delete

from server.core.clock import new_id
from server.core.db import reading, writing
from server.core.keyring import FIRST
from server.models import DeskSession, Officer
from server.services.access.known_browser import known_as
from support.clients.desk import MakeDesk
from support.installation.rotated import machine_of, rotated, same_browser, without_first
from support.world.lost import Lost, MakeLost, hand_in, revoke, stored, sums
from support.world.world import PASSWORD, World

pytestmark = pytest.mark.databases("sqlite")

NEW = "/desk/records/new"
AT = 1_626_900_000_000


@pytest.mark.slow
def test_who_was_signed_in_goes_on_with_the_form_that_was_open(world: World, desk: MakeDesk) -> None:
    one = desk()
    one.sign_in("huyen")
    one.get(f"{NEW}?kind=broadcast")
    form = one.form(NEW)
    before = one.cookie("session")
    with rotated(world) as after:
        one.http = same_browser(one.http, after)
        assert one.post(form, **{"f.script": "Bài tuyên truyền số 1", "submit": "anyway"}).status_code == 303
        one.follow()
        assert "PT-1" in one.text
        assert one.cookie("session") != before
        machine = machine_of(after)
    machine.done("keys", "retire", FIRST, "--yes")
    with machine.holding(world) as last:
        one.http = same_browser(one.http, last)
        one.get("/desk/queue")
        assert one.status == 200, "the cookie was signed anew in between"


def test_who_was_signed_in_signs_in_again_once_the_key_is_retired(world: World, desk: MakeDesk) -> None:
    one = desk("huyen")
    with without_first(world) as after:
        one.http = same_browser(one.http, after)
        one.get("/desk/queue")
        assert one.status == 303


def test_a_form_kept_through_the_sign_in_and_a_known_browser(world: World, desk: MakeDesk) -> None:
    one = desk()
    one.sign_in("huyen")
    one.get(f"{NEW}?kind=broadcast")
    form = one.form(NEW)
    with world.app.app_context(), writing() as session:
        session.execute(delete(DeskSession))
    one.post(form, **{"f.note": "Ở cổng chợ", "submit": "anyway"})
    assert one.status == 401
    with rotated(world) as after:
        kept = one.cookie("browser")
        with after.app.app_context(), reading() as session:
            officer = session.get_one(Officer, world.officers["huyen"])
            assert known_as(kept, officer.id, str(officer.password_hash), after.keyring) is not None
        one.http = same_browser(one.http, after)
        assert one.post(one.form("/desk/sign-in"), username="huyen", password=PASSWORD).status_code == 200
        assert "Ở cổng chợ" in one.html


@pytest.mark.slow
def test_files_sealed_before_and_after_are_taken(world: World, desk: MakeDesk, lost: MakeLost) -> None:
    """R-5, R-6: one from before the key, one of the same phone later, one of a phone that enrolled later."""
    one = lost("xa1")
    one.five_writes_and_two_photos()
    of_before, held = one.file(), len(one.phone.outbox)
    with rotated(world) as after:
        reviewer = desk("huyen")
        reviewer.http = same_browser(reviewer.http, after)
        assert hand_in(reviewer, of_before) == 303
        assert sums(reviewer) == ([held, 0, 0, 0], [4, 0, 0, 0])
        one.banner(note="Sau khi đổi khoá")
        assert hand_in(reviewer, one.file()) == 303
        assert sums(reviewer)[0] == [1, held, 0, 0]
        two = Lost(after, "xa2")
        two.banner()
        assert two.enrolment["rescue_key"] != one.enrolment["rescue_key"]
        assert hand_in(reviewer, two.file()) == 303
        assert sums(reviewer)[0] == [1, 0, 0, 0]
        assert len(stored(after)) == held + 2


@pytest.mark.slow
def test_a_file_that_waits_opens_after(world: World, desk: MakeDesk, lost: MakeLost) -> None:
    """R-9"""
    one = lost("xa1")
    one.banner(note="Cổng chợ")
    revoke(world, one.device)
    reviewer = desk("huyen")
    assert hand_in(reviewer, one.file()) == 303
    with rotated(world) as after:
        reviewer.http = same_browser(reviewer.http, after)
        reviewer.get(reviewer.location)
        assert "Cổng chợ" in reviewer.text
        assert reviewer.post(reviewer.form("/take")).status_code == 303
        assert len(stored(after)) == 1
        machine = machine_of(after)
    assert "0 codes, 1 rescue files that wait" in machine.refused("keys", "retire", FIRST)


@pytest.mark.slow
def test_words_that_are_still_read_in_a_file_keep_its_key(world: World, desk: MakeDesk, lost: MakeLost) -> None:
    """R-12: and where it is retired all the same, the page says that they cannot be read."""
    one, reviewer = lost("xa1"), desk("huyen")
    message = {"id": new_id(), "record": new_id(), "text": "Trạm nào ghi?", "about": [], "at": AT}
    assert hand_in(reviewer, one.file(writes=[{"message": message}])) == 303
    assert "Trạm nào ghi?" in reviewer.text
    with rotated(world) as after:
        machine = machine_of(after)
    assert "0 codes, 1 rescue files that wait" in machine.refused("keys", "retire", FIRST)
    machine.done("keys", "retire", FIRST, "--yes")
    with machine.holding(world) as last:
        again = desk()
        again.http = last.app.test_client()
        again.sign_in("huyen")
        again.get(reviewer.location)
        assert "Trạm nào ghi?" not in again.text
        assert "1 mục của đơn vị khác hoặc không đọc được" in again.text


@pytest.mark.parametrize("intact", [False, True])
def test_a_file_of_a_retired_key_is_refused(world: World, desk: MakeDesk, lost: MakeLost, intact: bool) -> None:
    one = lost("xa1")
    one.banner()
    with without_first(world) as after:
        reviewer = desk()
        reviewer.http = after.app.test_client()
        reviewer.sign_in("huyen")
        assert hand_in(reviewer, one.file(), **({"intact": "1"} if intact else {})) == 422
        assert stored(after) == {}
