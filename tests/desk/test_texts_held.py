"""Who writes a text of a report holds it for ten minutes, and nobody loses a word."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from server.core.clock import stopped_at
from server.core.db import reading
from server.models import Passage
from server.services.reports.text.passages import HOLD_MS
from support.clients.desk import MakeDesk
from support.world.changes import come
from support.world.issuing import make
from support.world.locking import lock
from support.world.texts import SAVE, SETTLE, asides, later, page, say, stored, take
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


@pytest.mark.slow
def test_somebody_else_sees_who_writes_and_cannot(world: World, desk: MakeDesk) -> None:
    come(world, "xa2", "331", "reviewer")
    one, other = desk("huyen"), desk("xa2")
    other.get(page(world))
    take(one, "strengths", page(world))
    take(other, "strengths")
    assert "Có 1 mục đang được đồng chí khác sửa" in other.text
    assert "Đồng chí Người duyệt huyện Kim Động đang sửa" in other.text
    assert not other.has_form(SAVE)
    later(world, HOLD_MS - 60_000)
    take(other, "strengths")
    assert not other.has_form(SAVE), "nine minutes are not ten"
    say(one, "close", strengths="Xong.")
    take(other, "strengths", page(world))
    assert other.has_form(SAVE)


@pytest.mark.slow
@pytest.mark.databases("both")
@pytest.mark.costly
def test_taken_over_after_ten_minutes_and_both_texts_are_there(world: World, desk: MakeDesk) -> None:
    come(world, "xa2", "331", "reviewer")
    one, other = desk("huyen"), desk("xa2")
    take(one, "strengths", page(world))
    later(world, HOLD_MS)
    take(other, "strengths", page(world))
    say(other, "save", strengths="Của người đến sau.")
    say(one, "save", strengths="Của người viết trước.")
    assert "được giữ bên cạnh mục đó" in one.text
    assert stored(world, "strengths") == "Của người đến sau."
    for each in (one, other):
        each.get(page(world))
        assert "Nội dung của đồng chí Người duyệt huyện Kim Động" in each.text
        assert "Của người viết trước." in each.text
    say(other, "close", strengths="Của người đến sau.")
    one.get(page(world))
    one.post(one.form(SETTLE), act="take")
    assert stored(world, "strengths") == "Của người viết trước."
    assert asides(world) == [("Của người viết trước.", True), ("Của người đến sau.", False)], "what it replaced is kept"
    one.follow()
    one.post(one.form(SETTLE), act="drop")
    assert stored(world, "strengths") == "Của người viết trước."
    assert not any(not settled for _, settled in asides(world))


@pytest.mark.databases("both")
def test_what_comes_again_and_again_from_a_script_is_kept_once(world: World, desk: MakeDesk) -> None:
    come(world, "xa2", "331", "reviewer")
    one, other = desk("huyen"), desk("xa2")
    take(one, "causes", page(world))
    form = one.form(SAVE)
    later(world, HOLD_MS)
    take(other, "causes", page(world))
    for text in ("M", "Một", "Một câu"):
        answer = one.http.post(SAVE, data={**form.values, "act": "auto", "text.causes": text})
        assert answer.get_json()["aside"] == ["causes"]
    assert asides(world) == [("Một câu", False)]


@pytest.mark.slow
def test_a_form_that_changes_nothing_keeps_nothing_aside(world: World, desk: MakeDesk) -> None:
    one, other = desk("huyen"), desk("huyen")
    take(one, "ahead", page(world))
    other.get(page(world))
    say(one, "save", ahead="Mới.")
    say(other, "save")
    assert (stored(world, "ahead"), asides(world)) == ("Mới.", [])
    say(other, "save", ahead="Từ tab kia.")
    assert (stored(world, "ahead"), asides(world)) == ("Từ tab kia.", []), "its page showed the newer text by then"


@pytest.mark.slow
def test_a_report_is_not_presented_while_somebody_writes_in_it(world: World, desk: MakeDesk) -> None:
    """And what comes in after it was presented all the same is kept beside, not lost."""
    come(world, "xa2", "331", "reviewer")
    lock(world)
    paper = make(world)
    one, other = desk("huyen"), desk("xa2")
    take(one, "strengths", f"/desk/texts?paper={paper}")
    other.get(f"/desk/papers/{paper}")
    submit = next(form for form in other.forms() if form.values.get("act") == ["submit"])
    other.post(submit)
    assert other.status == 409
    assert "Đồng chí khác đang sửa mục này" in other.text
    later(world, HOLD_MS)
    other.post(submit)
    assert other.status == 303
    say(one, "save", strengths="Gõ dở.")
    assert "được giữ bên cạnh mục đó" in one.text
    assert "Gõ dở." in one.text
    assert asides(world) == [("Gõ dở.", False)]


@pytest.mark.slow
def test_ten_minutes_are_counted_from_the_last_save(world: World, desk: MakeDesk) -> None:
    come(world, "xa2", "331", "reviewer")
    one, other = desk("huyen"), desk("xa2")
    take(one, "ahead", page(world))
    later(world, HOLD_MS - 1000)
    say(one, "save", ahead="Đang viết.")
    later(world, HOLD_MS - 60_000)
    take(other, "ahead", page(world))
    assert not other.has_form(SAVE)
    with world.app.app_context(), reading() as session:
        held = session.scalar(select(Passage.held_at).where(Passage.section == "ahead"))
    with stopped_at(int(held or 0) + HOLD_MS):
        take(other, "ahead", page(world))
        assert other.has_form(SAVE)
