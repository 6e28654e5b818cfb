"""Texts of a report: who writes one holds it, nobody loses a word, figures follow, paragraphs come from below."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import docx
import pytest
from sqlalchemy import select, update

from server.core.clock import stopped_at
from server.core.db import reading, writing
from server.models import AuditLine, Passage, PassageAside
from server.services.narrative.passages import HOLD_MS
from support.clients.phone import Phone
from support.world.changes import come, merge, status
from support.world.issuing import make, write_unit
from support.world.locking import lock
from support.world.papers import decide
from support.world.world import World

pytestmark = pytest.mark.sqlite_first

MakeDesk = Callable[..., Any]
MakePhone = Callable[..., Phone]
SAVE, EDIT, SETTLE, PICK = "/desk/texts/save", "/desk/texts/edit", "/desk/texts/settle", "/desk/texts/pick"


def page(world: World, unit: str = "331") -> str:
    return f"/desk/texts?campaign={world.campaign}&unit={world.units[unit]}"


def take(one: Any, section: str, where: str = "") -> None:
    """Press *Sửa* of a section."""
    if where:
        one.get(where)
    form = next(form for form in one.forms() if form.action == EDIT)
    one.post(form, section=section)
    one.follow()


def say(one: Any, act: str = "save", **texts: str) -> None:
    one.post(one.form(SAVE), act=act, **{f"text.{name.replace('__', '.')}": text for name, text in texts.items()})
    if act != "auto":
        one.follow()


def stored(world: World, section: str, unit: str = "331") -> str:
    with world.app.app_context(), reading() as session:
        here = Passage.owner == world.units[unit], Passage.section == section
        return session.scalar(select(Passage.text).where(*here)) or ""


def asides(world: World) -> list[tuple[str, bool]]:
    with world.app.app_context(), reading() as session:
        rows = session.execute(select(PassageAside.text, PassageAside.settled_at).order_by(PassageAside.at))
        return [(text, settled is not None) for text, settled in rows]


def later(world: World, ms: int) -> None:
    """So much time goes by for all who write."""
    with world.app.app_context(), writing() as session:
        session.execute(update(Passage).where(Passage.held_at.is_not(None)).values(held_at=Passage.held_at - ms))


# --- writing --------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.costly
def test_a_commune_writes_its_short_fields_and_its_draft_has_them(world: World, desk: MakeDesk) -> None:
    one = desk("xa1")
    one.get("/desk/report")
    assert "đã viết 0/6 mục" in one.text
    one.get(page(world, "12286"))
    one.post(next(form for form in one.forms() if form.action == EDIT and len(form.values["section"]) == 6))
    one.follow()
    say(one, "close", direction="Ban hành kế hoạch.\n\n  Họp   giao ban. ", strengths="Người dân hưởng ứng.")
    assert "Đã lưu nội dung." in one.text
    assert not one.has_form(SAVE), "closed"
    assert stored(world, "direction", "12286") == "Ban hành kế hoạch.\nHọp giao ban."
    with world.app.app_context(), reading() as session:
        acts = list(session.scalars(select(AuditLine.act).where(AuditLine.act == "report_written")))
    assert acts == ["report_written"]
    one.get("/desk/report")
    assert "đã viết 2/6 mục" in one.text
    assert "Người dân hưởng ứng." in one.text
    answer = one.http.get(f"/desk/report/word?campaign={world.campaign}&unit={world.units['12286']}", buffered=True)
    said = [paragraph.text for paragraph in docx.Document(io.BytesIO(answer.data)).paragraphs]
    at = said.index("I. CÔNG TÁC CHỈ ĐẠO, TRIỂN KHAI")
    assert said[at + 1 : at + 3] == ["Ban hành kế hoạch.", "Họp giao ban."]
    assert said[said.index("2. Tiếp nhận, hỗ trợ nạn nhân") + 1] == "Có báo cáo riêng."


def test_what_a_script_saves_by_itself(world: World, desk: MakeDesk) -> None:
    one = desk("huyen")
    take(one, "ahead", page(world))
    form = one.form(SAVE)
    for number, text in enumerate(("Duy trì", "Duy trì loa"), 1):
        answer = one.http.post(SAVE, data={**form.values, "act": "auto", "text.ahead": text})
        said = answer.get_json()
        assert (said["saved"], said["aside"]) == ({"ahead": number}, [])
        assert "Đã tự lưu lúc" in said["said"]
        form.values |= {"version.ahead": [str(said["saved"]["ahead"])], "shown.ahead": [said["shown"]["ahead"]]}
    assert stored(world, "ahead") == "Duy trì loa"
    with world.app.app_context(), reading() as session:
        assert session.scalars(select(AuditLine).where(AuditLine.act == "report_written")).first() is None


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
@pytest.mark.both_databases
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


@pytest.mark.both_databases
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


def test_who_may_not_write(world: World, desk: MakeDesk) -> None:
    above = desk("tinh")
    above.get(page(world))
    assert above.status == 200
    assert not above.has_form(EDIT)
    one = desk("huyen")
    one.get(page(world))
    form = next(form for form in one.forms() if form.action == EDIT)
    above.post(form, section="ahead", csrf_token=above.forms()[0].values["csrf_token"])
    assert above.status == 403
    for who in ("phucu", "xa1"):
        assert desk(who).http.get(page(world)).status_code == 404
    status(world, "archived")
    one.post(form, section="ahead")
    assert one.status == 422


@pytest.mark.parametrize("section", ["victims", "results", "part.VISUAL", "'; --", "set.number" * 9])
def test_no_other_section_is_taken(world: World, desk: MakeDesk, section: str) -> None:
    one = desk("huyen")
    one.get(page(world))
    one.post(next(form for form in one.forms() if form.action == EDIT), section=section)
    assert one.status == 400


def test_too_long_a_text_is_refused_whole(world: World, desk: MakeDesk) -> None:
    one = desk("huyen")
    take(one, "ahead", page(world))
    one.post(one.form(SAVE), act="save", **{"text.ahead": "x" * 20_001})
    assert (one.status, stored(world, "ahead")) == (422, "")


def test_a_merged_unit_s_text_is_read_only(world: World, desk: MakeDesk) -> None:
    one = desk("nhanla")
    take(one, "ahead", page(world, "12289"))
    form = one.form(SAVE)
    merge(world, "12289", into="12286", with_people=True)
    one.post(form, act="save", **{"text.ahead": "x"})
    assert one.status == 409
    assert stored(world, "ahead", "12289") == ""


# --- figures within the text -----------------------------------------------------------


@pytest.mark.slow
@pytest.mark.both_databases
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


# --- from below --------------------------------------------------------------------------


@pytest.mark.slow
def test_paragraphs_from_below_are_picked_edited_and_attributed(world: World, desk: MakeDesk) -> None:
    write_unit(world, "12286", "xa1", difficulties="Địa bàn rộng.\nThiếu loa.", strengths="Việc khác.")
    write_unit(world, "331", "huyen", difficulties="Kinh phí ít;")
    one = desk("tinh")
    one.get(page(world, "33"))
    one.get(f"/desk/texts/pick?section=difficulties&campaign={world.campaign}&unit={world.units['33']}")
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
    one.get(f"/desk/texts/pick?section=difficulties&campaign={world.campaign}&unit={world.units['33']}")
    assert one.text.count("đã đưa vào") == 2
    one.get("/desk/report")
    assert "Địa bàn một số xã rộng (xã Chính Nghĩa)." in one.text


@pytest.mark.both_databases
def test_a_paragraph_edited_below_meanwhile_is_not_picked(world: World, desk: MakeDesk) -> None:
    write_unit(world, "12286", "xa1", causes="Cũ.")
    one = desk("huyen")
    one.get(f"/desk/texts/pick?section=causes&campaign={world.campaign}&unit={world.units['331']}")
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
    path = f"/desk/texts/pick?section=causes&campaign={world.campaign}&unit={world.units['331']}"
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


@pytest.mark.both_databases
def test_a_picked_text_waits_for_who_writes(world: World, desk: MakeDesk) -> None:
    come(world, "xa2", "331", "reviewer")
    write_unit(world, "12286", "xa1", causes="Của xã.")
    one, other = desk("huyen"), desk("xa2")
    take(one, "causes", page(world))
    other.get(f"/desk/texts/pick?section=causes&campaign={world.campaign}&unit={world.units['331']}")
    key = other.html.split('name="key" value="')[1].split('"')[0]
    other.post(other.form(PICK), key=key)
    assert other.status == 409
    assert "Đồng chí khác đang sửa mục này" in other.text


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
