"""A form that is sent after its session ended is kept through the sign-in, for who sat there and from our own page."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select

from server.core.db import reading, writing
from server.models import DeskSession, LetterDraft
from server.services.letters import extraction
from support.clients.desk import MakeDesk
from support.world.world import PASSWORD, World

pytestmark = pytest.mark.databases("sqlite")

NEW = "/desk/records/new"
LETTERS = Path(__file__).resolve().parents[1] / "letters"
TYPED = {"f.script": "Bài tuyên truyền số 1", "f.note": 'Ở <cổng> "chợ"', "submit": "anyway"}


def end_sessions(world: World) -> None:
    """Twelve hours have gone by."""
    with world.app.app_context(), writing() as session:
        session.execute(delete(DeskSession))


def typed(world: World, desk: MakeDesk, username: str = "huyen") -> Any:
    """Signed in by password, a form filled in and sent when the session has ended."""
    one = desk()
    one.sign_in(username)
    one.get(f"{NEW}?kind=broadcast")
    form = one.form(NEW)
    end_sessions(world)
    one.post(form, **TYPED)
    return one


def test_what_was_typed_is_kept_and_goes_on_by_one_click(world: World, desk: MakeDesk) -> None:
    one = typed(world, desk)
    assert one.status == 401
    assert "Phiên làm việc đã hết" in one.text
    assert "Nội dung vừa nhập vẫn còn nguyên" in one.text
    assert one.post(one.form("/desk/sign-in"), username="huyen", password="sai").status_code == 403
    assert one.post(one.form("/desk/sign-in"), username="huyen", password=PASSWORD).status_code == 200
    assert "chưa được lưu" in one.text
    assert one.post(one.form(NEW)).status_code == 303
    one.follow()
    assert "Kim Động PT-1 Chờ duyệt" in one.text
    assert 'Ở <cổng> "chợ"' in one.text


def long_letter() -> str:
    """As long a letter as may be pasted, of words in no order: nothing real packs worse."""
    words = sorted({word for file in LETTERS.glob("*.txt") for word in file.read_text("utf-8").split()})
    rng = random.Random(17)
    lines = (" ".join(rng.choice(words) for _ in range(14)) for _ in range(2_000))
    return "\n".join(lines)[: extraction.MOST_CHARS - 1].rstrip()


@pytest.mark.slow
def test_the_longest_letter_is_kept(world: World, desk: MakeDesk) -> None:
    """It is larger than what a stranger may send."""
    letter = long_letter()
    one = desk()
    one.sign_in("tinh")
    one.get("/desk/campaigns")
    form = one.form("/desk/campaigns/drafts")
    end_sessions(world)
    one.post(form, text=letter)
    assert one.status == 401
    assert "Nội dung vừa nhập vẫn còn nguyên" in one.text
    assert one.post(one.form("/desk/sign-in"), username="tinh", password=PASSWORD).status_code == 200
    assert one.post(one.form("/desk/campaigns/drafts")).status_code == 303
    with world.app.app_context(), reading() as session:
        assert session.scalars(select(LetterDraft.text)).one() == extraction.checked(letter)


def test_who_signed_out_is_a_stranger_again(desk: MakeDesk) -> None:
    one, sent = desk(), {"text": long_letter()}
    one.sign_in("tinh")
    one.get("/desk/campaigns")
    one.post(one.form("/desk/sign-out"))
    answer = one.http.post("/desk/campaigns/drafts", data=sent, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 303
    short = {"text": sent["text"][:1000]}
    answer = one.http.post("/desk/campaigns/drafts", data=short, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 401, "what anybody may send is carried on as before"


def test_nobody_goes_on_with_what_another_typed(world: World, desk: MakeDesk) -> None:
    one = typed(world, desk)
    assert one.post(one.form("/desk/sign-in"), username="phucu", password=PASSWORD).status_code == 303
    assert not one.has_form(NEW)


def test_a_form_of_another_site_is_not_carried(desk: MakeDesk) -> None:
    """It has no token, and the browser says where it comes from."""
    one = desk()
    for site, status in (("cross-site", 303), ("same-origin", 401)):
        answer = one.http.post(NEW, data=TYPED, headers={"Sec-Fetch-Site": site})
        assert answer.status_code == status


def test_what_was_made_up_or_is_too_long_is_not_carried(world: World, desk: MakeDesk) -> None:
    one = typed(world, desk)
    form = one.form("/desk/sign-in")
    kept = form.values["held"][0]
    assert one.post(form, username="huyen", password=PASSWORD, held=f"x{kept}").status_code == 303
    two = desk()
    long = {"f.note": "x" * 200_001}
    answer = two.http.post(NEW, data=long, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 303
