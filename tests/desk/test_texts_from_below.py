"""Paragraphs of units below are picked into a report: word for word, edited, attributed."""

from __future__ import annotations

import pytest

from support.clients.desk import MakeDesk
from support.world.changes import come
from support.world.issuing import write_unit
from support.world.texts import PICK, page, say, stored, take
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


@pytest.mark.slow
def test_paragraphs_from_below_are_picked_edited_and_attributed(world: World, desk: MakeDesk) -> None:
    write_unit(world, "12286", "xa1", difficulties="Địa bàn rộng.\nThiếu loa.", strengths="Việc khác.")
    write_unit(world, "331", "huyen", difficulties="Kinh phí ít;")
    one = desk("tinh")
    one.get(page(world, "33"))
    one.get(f"/desk/texts?section=difficulties&campaign={world.campaign}&unit={world.units['33']}")
    for said in ("Huyện Kim Động Kinh phí ít;", "Xã Chính Nghĩa Địa bàn rộng.", "Xã Chính Nghĩa Thiếu loa."):
        assert said in one.text
    assert "Việc khác." not in one.text
    form = one.form(PICK)
    keys = one.html.split('name="key" value="')[1:]
    district, wide, _ = (part.split('"')[0] for part in keys)
    one.post(form, key=[district, wide])
    one.follow()
    assert "Đã đưa 2 đoạn vào báo cáo." in one.text
    assert stored(world, "difficulties", "33") == "Kinh phí ít (huyện Kim Động).\nĐịa bàn rộng (xã Chính Nghĩa)."
    assert "Huyện Kim Động: nguyên văn" in one.text
    take(one, "difficulties")
    say(one, "close", difficulties="Kinh phí ít (huyện Kim Động).\nĐịa bàn một số xã rộng (xã Chính Nghĩa).")
    assert "Xã Chính Nghĩa: đã sửa, nguyên văn là Địa bàn rộng." in one.text
    one.get(f"/desk/texts?section=difficulties&campaign={world.campaign}&unit={world.units['33']}")
    assert one.text.count("đã đưa vào") == 2
    one.get("/desk/report")
    assert "Địa bàn một số xã rộng (xã Chính Nghĩa)." in one.text


@pytest.mark.databases("both")
def test_a_paragraph_edited_below_meanwhile_is_not_picked(world: World, desk: MakeDesk) -> None:
    write_unit(world, "12286", "xa1", causes="Cũ.")
    one = desk("huyen")
    one.get(f"/desk/texts?section=causes&campaign={world.campaign}&unit={world.units['331']}")
    key = one.html.split('name="key" value="')[1].split('"')[0]
    form = one.form(PICK)
    write_unit(world, "12286", "xa1", causes="Mới.")
    one.post(form, key=key)
    one.follow()
    assert "Đã đưa 0 đoạn" in one.text
    assert stored(world, "causes") == ""


def test_nothing_comes_from_beside_or_above(world: World, desk: MakeDesk) -> None:
    write_unit(world, "12397", "dinhcao", causes="Của Đình Cao.")
    write_unit(world, "331", "huyen", causes="Của chính huyện.")
    one = desk("huyen")
    path = f"/desk/texts?section=causes&campaign={world.campaign}&unit={world.units['331']}"
    one.get(path)
    assert "Chưa đơn vị cấp dưới nào viết mục này." in one.text
    other = desk("phucu")
    other.get(path.replace(world.units["331"], world.units["333"]))
    key = other.html.split('name="key" value="')[1].split('"')[0]
    one.get(page(world))
    token = one.forms()[0].values["csrf_token"][0]
    sent = {
        "csrf_token": token,
        "campaign": world.campaign,
        "unit": world.units["331"],
        "section": "causes",
        "key": key,
    }
    assert one.http.post(PICK, data=sent).status_code == 303
    assert stored(world, "causes") == "Của chính huyện."
    assert one.http.get(path.replace("causes", "victims")).status_code == 404


@pytest.mark.databases("both")
def test_a_picked_text_waits_for_who_writes(world: World, desk: MakeDesk) -> None:
    come(world, "xa2", "331", "reviewer")
    write_unit(world, "12286", "xa1", causes="Của xã.")
    one, other = desk("huyen"), desk("xa2")
    take(one, "causes", page(world))
    other.get(f"/desk/texts?section=causes&campaign={world.campaign}&unit={world.units['331']}")
    key = other.html.split('name="key" value="')[1].split('"')[0]
    other.post(other.form(PICK), key=key)
    assert other.status == 409
    assert "Đồng chí khác đang sửa mục này" in other.text
