"""Figures that are locked anew while a report is on its way to the signature."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from server.services.issuing.states import PaperAct, PaperState
from support.clients.phone import Phone
from support.world.issuing import (
    make,
    prose,
    refused,
    standing,
    step,
    to,
    word,
    write,
)
from support.world.locking import again, lock, unlock
from support.world.papers import decide
from support.world.world import World

MakeDesk = Callable[..., Any]
MakePhone = Callable[..., Phone]
A, S = PaperAct, PaperState


def test_before_the_signature_it_moves_to_newer_figures_and_keeps_its_text(
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    officer, one = phone("xa1"), desk("huyen")
    first, late = officer.create(quantity=3), officer.create(quantity=4)
    officer.sync()
    decide(one, first)
    lock(world)
    paper = make(world)
    write(world, paper, strengths="Giữ nguyên.", part__visual="Toàn huyện treo {banners} băng rôn ở 12 tuyến phố.")
    to(world, paper, S.SIGNING)
    decide(one, late)
    newer = again(world)
    assert refused(lambda: step(world, paper, A.SIGN)) == "paper_figures_moved", "nobody signs figures of yesterday"
    one.get(f"/desk/papers/{paper}")
    assert "Huyện Kim Động Băng rôn 3 7 +4" in one.text
    assert "chuyển báo cáo về dự thảo trước" in one.text
    step(world, paper, A.BACK)
    one.get(f"/desk/papers/{paper}")
    form = next(form for form in one.forms() if form.values.get("act") == ["move"])
    one.post(form)
    assert standing(world, paper).row.freeze_id == newer
    assert refused(lambda: step(world, paper, A.MOVE)) == "paper_no_newer"
    said = prose(word(world, paper))
    assert "Giữ nguyên." in said
    assert "Toàn huyện treo 07 băng rôn ở 12 tuyến phố." in said, "the figure followed, the edit stayed"
    one.get(f"/desk/texts?paper={paper}")
    assert "Số gõ tay, không tự cập nhật theo số liệu: 12" in one.text
    to(world, paper, S.SIGNED)


def test_while_figures_are_unlocked_nothing_is_signed_and_the_page_says_why(world: World, desk: MakeDesk) -> None:
    lock(world)
    paper = to(world, make(world), S.FORM)
    unlock(world)
    assert refused(lambda: step(world, paper, A.CHECK_FORM)) == "paper_figures_moved"
    one = desk("huyen")
    one.get(f"/desk/papers/{paper}")
    assert "đã được mở khóa để làm lại" in one.text
