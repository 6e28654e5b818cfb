"""Texts of a report: who may write them, what is taken, and that a draft and a script's save have them."""

from __future__ import annotations

import io

import docx
import pytest
from sqlalchemy import select

from server.core.db import reading
from server.models import AuditLine
from support.clients.desk import MakeDesk
from support.world.changes import merge, status
from support.world.texts import EDIT, SAVE, page, say, stored, take
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


@pytest.mark.slow
@pytest.mark.costly
def test_a_commune_writes_its_short_fields_and_its_draft_has_them(world: World, desk: MakeDesk) -> None:
    one = desk("xa1")
    one.get("/desk/report")
    assert "đã viết 0/6 mục" in one.text
    assert "Viết lời văn" in one.text
    one.get(page(world, "12286"))
    assert "<h1>Lời văn báo cáo</h1>" in one.html, "as its station of the report's road is called"
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
    answer = one.http.get(
        f"/desk/report/word?campaign={world.campaign}&unit={world.units['12286']}&annexes=all", buffered=True
    )
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
