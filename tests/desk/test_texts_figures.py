"""Figures within the text of a report follow what is counted, also in a text that somebody edited."""

from __future__ import annotations

import pytest

from server.services.reports.text.passages import HOLD_MS
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world.changes import come
from support.world.papers import decide
from support.world.texts import SAVE, asides, later, page, say, stored, take
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


@pytest.mark.slow
@pytest.mark.databases("both")
@pytest.mark.costly
def test_section_two_follows_the_figures_and_keeps_an_edit(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer, one = phone("xa1"), desk("huyen")
    first, second = officer.create(quantity=3), officer.create(quantity=4)
    officer.sync()
    decide(one, first)
    take(one, "part.visual", page(world))
    shown = one.form(SAVE).values["text.part.visual"][0].strip()
    assert shown == "Toàn huyện đã treo [Băng rôn: 03] băng rôn."
    say(one, "save", part__visual=shown)
    assert stored(world, "part.visual") == "", "nothing was edited: it goes on writing itself"
    say(one, "close", part__visual="Các xã đã treo [Băng rôn: 03] băng rôn tại 25 nhà văn hóa.")
    assert stored(world, "part.visual") == "Các xã đã treo {banners} băng rôn tại 25 nhà văn hóa."
    assert "Đã sửa tay." in one.text
    assert "Số gõ tay, không tự cập nhật theo số liệu: 25" in one.text
    decide(one, second)
    one.get("/desk/report")
    assert "Các xã đã treo 07 băng rôn tại 25 nhà văn hóa." in one.text
    take(one, "part.visual", page(world))
    assert "[Băng rôn: 07]" in one.html
    say(one, "close", part__visual="Các xã đã treo [Băng rôn: 9] băng rôn.")
    one.get(page(world))
    assert "Số gõ tay, không tự cập nhật theo số liệu: 9" in one.text
    assert "Có số liệu nhưng đoạn đã sửa không nhắc tới: Băng rôn" in one.text
    take(one, "part.visual")
    say(one, "close", part__visual="")
    assert "Tự lập từ số liệu" in one.text
    one.get("/desk/report")
    assert "Toàn huyện đã treo 07 băng rôn." in one.text


@pytest.mark.slow
def test_a_value_that_moved_while_somebody_wrote_is_no_number_by_hand(
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    officer, one, other = phone("xa1"), desk("huyen"), desk("huyen")
    first, second = officer.create(quantity=3), officer.create(quantity=4)
    officer.sync()
    decide(other, first)
    take(one, "part.visual", page(world))
    decide(other, second)
    say(one, "close", part__visual="Đã treo [Băng rôn: 03] băng rôn.")
    assert stored(world, "part.visual") == "Đã treo {banners} băng rôn."


@pytest.mark.slow
def test_a_kept_text_shows_its_figures(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    come(world, "xa2", "331", "reviewer")
    officer, one, other = phone("xa1"), desk("huyen"), desk("xa2")
    decided = officer.create(quantity=3)
    officer.sync()
    decide(one, decided)
    take(one, "part.visual", page(world))
    later(world, HOLD_MS)
    take(other, "part.visual", page(world))
    say(one, "save", part__visual="Đã treo [Băng rôn: 03] băng rôn.")
    assert asides(world) == [("Đã treo {banners} băng rôn.", False)]
    assert "Đã treo [Băng rôn: 03] băng rôn." in one.text
