"""Fast review without a script: one item after the other, ready reasons, undo, and nothing decided unseen."""

from __future__ import annotations

import re
from pathlib import Path
from time import sleep
from typing import Any

import pytest

from server import desk as desk_pages
from server.services.review import return_templates
from support.clients.client import Client, Shot, shot
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.clients.uploading import bring
from support.jobs.checks import checked
from support.world.world import World
from sync.registry import KINDS

pytestmark = pytest.mark.databases("sqlite")

SCRIPT = Path(desk_pages.__file__).with_name("static") / "review.js"


@pytest.fixture
def banners(world: World, phone: MakePhone) -> list[str]:
    """Three banners of a commune, the oldest first; each has a photo, and was checked."""
    officer, carrier = phone("xa1"), Client(world.app.test_client(), world.token("xa1"))
    made = []
    for number in (1, 2, 3):
        photo = shot(number)
        made.append(officer.create(slogan="s1", quantity=number, **photo.register))
        officer.sync()  # one by one: the order within one moment is that of the ids
        bring(carrier, photo)
        sleep(0.002)
    checked(world)
    return made


def shown(desk: Any) -> str:
    """The record on the page; empty at the end of the list."""
    found = re.search(r'<article class="item" data-record="([^"]*)"', desk.html)
    return found[1] if found else ""


def states(desk: Any, state: str) -> int:
    desk.get(f"/desk/queue?state={state}")
    html: str = desk.html
    return html.count('<a class="record"')


@pytest.mark.slow
def test_each_act_leads_on_to_the_next_item(desk: MakeDesk, banners: list[str]) -> None:
    one = desk("huyen")
    one.get("/desk/queue")
    assert "Duyệt nhanh 3 mục" in one.text
    one.get("/desk/review")
    assert "1/3" in one.text.replace(" ", "")
    for nth in range(3):
        assert shown(one) == banners[nth]
        assert one.post(one.form("/decide"), verdict="counted").status_code == 303
        one.follow()
        assert "Đã duyệt. " in one.text
    assert shown(one) == ""
    assert "Đã xem hết danh sách" in one.text
    assert states(one, "counted") == 3


@pytest.mark.slow
def test_skipped_it_stays_in_the_list(desk: MakeDesk, banners: list[str]) -> None:
    one = desk("huyen")
    one.get("/desk/review")
    skip = re.search(r'id="skip" href="([^"]*)"', one.html)
    assert skip is not None
    one.get(skip[1].replace("&amp;", "&"))
    assert shown(one) == banners[1]
    assert states(one, "todo") == 3


def test_a_ready_reason_is_the_whole_act(desk: MakeDesk, phone: MakePhone, banners: list[str]) -> None:
    one, officer = desk("huyen"), phone("xa2")
    one.get("/desk/review")
    form = one.form("/decide")
    assert one.post(form, template="number").status_code == 303
    officer.sync()
    told = officer.records[banners[0]].decision
    assert told is not None
    assert told["verdict"] == "returned"
    assert told["reason"].startswith("Con số chưa khớp")
    assert told["fields"] == ["quantity"]


@pytest.mark.slow
def test_the_reviewers_own_words_are_offered_from_then_on(desk: MakeDesk, banners: list[str]) -> None:
    one, other = desk("huyen"), desk("tinh")
    one.get("/desk/review")
    one.post(one.form("/decide"), template="number", **{"text.number": "Đề nghị đếm lại."})
    one.follow()
    assert shown(one) == banners[1]
    assert one.form("/decide").values["text.number"] == ["Đề nghị đếm lại."]
    other.get(f"/desk/review?at={banners[1]}&state=all")
    assert "Đề nghị đếm lại." not in other.html
    one.post(one.form("/decide"), template="number", **{"text.number": " "})
    one.get(f"/desk/records/{banners[1]}")
    assert "Đề nghị đếm lại." in one.text, "an emptied text is the one that was offered"


def test_a_reason_of_ones_own(desk: MakeDesk, banners: list[str]) -> None:
    one = desk("huyen")
    one.get("/desk/review")
    answer = one.post(one.form("/decide"), verdict="not_counted", **{"reason.not_counted": ""})
    assert answer.status_code == 422
    assert "Đề nghị ghi lý do" in one.text
    assert shown(one) == banners[0]
    one.post(one.form("/decide"), verdict="not_counted", fields=["quantity"], **{"reason.not_counted": "Bản thử."})
    assert states(one, "not_counted") == 1


@pytest.mark.slow
def test_undone_it_waits_again(desk: MakeDesk, banners: list[str]) -> None:
    one = desk("huyen")
    one.get("/desk/review")
    one.post(one.form("/decide"), verdict="counted")
    one.follow()
    assert one.post(one.form("/undo")).status_code == 303
    one.follow()
    assert shown(one) == banners[0]
    assert states(one, "waiting") == 3


@pytest.mark.slow
@pytest.mark.databases("both")
def test_what_somebody_else_decided_since_is_not_undone(desk: MakeDesk, banners: list[str]) -> None:
    one = desk("huyen")
    one.get("/desk/review")
    one.post(one.form("/decide"), verdict="counted")
    one.follow()
    undo = one.form("/undo")
    other = desk("tinh")
    other.get(f"/desk/records/{banners[0]}")
    other.post(other.form("/decide"), verdict="not_counted", reason="Trùng.")
    assert one.post(undo).status_code == 409
    assert "Trong lúc đó đã có quyết định khác" in one.text
    assert states(one, "not_counted") == 1


@pytest.mark.slow
def test_what_stood_before_stands_again_once_undone(
    world: World, desk: MakeDesk, phone: MakePhone, banners: list[str]
) -> None:
    """D-14: without a script, too. test_undone_decisions.py has the rest."""
    one, officer = desk("huyen"), phone("xa1")
    one.get("/desk/review")
    one.post(one.form("/decide"), verdict="counted")
    officer.sync()
    officer.edit(banners[0], quantity=9)
    officer.sync()
    checked(world)
    one.get("/desk/review?state=amended")
    assert one.post(one.form("/decide"), template="number").status_code == 303
    one.follow()
    assert states(one, "returned") == 1
    one.get(f"/desk/review?last={banners[0]}")
    assert one.post(one.form("/undo")).status_code == 303
    one.follow()
    assert shown(one) == banners[0]
    assert states(one, "amended") == 1


@pytest.mark.databases("both")
def test_what_arrives_meanwhile_is_not_approved_unseen(
    world: World, desk: MakeDesk, phone: MakePhone, banners: list[str]
) -> None:
    one, officer = desk("huyen"), phone("xa1")
    one.get("/desk/review")
    form = one.form("/decide")
    officer.sync()
    officer.edit(banners[0], quantity=40)
    officer.sync()
    assert one.post(form, verdict="counted").status_code == 409, "it is to be checked"
    assert states(one, "counted") == states(one, "amended") == 0
    checked(world)
    one.post(form, verdict="counted")
    assert states(one, "amended") == 1, "the page had another number"


def test_the_script_gets_items_and_answers(desk: MakeDesk, banners: list[str]) -> None:
    one = desk("huyen")
    one.get("/desk/review")
    form = one.form("/decide")
    one.get(f"/desk/review/items?from=&after={banners[0]}")
    assert re.findall(r'data-record="([^"]*)"', one.html) == banners[1:]
    one.get(f"/desk/review/items?from=&at={banners[2]}")
    assert re.findall(r'data-record="([^"]*)"', one.html) == banners[2:]
    json = {"Accept": "application/json"}
    sent = {**form.values, "verdict": "counted"}
    answer = one.http.post(form.action, data=sent, headers=json)
    assert answer.status_code == 200
    assert answer.get_json()["said"] == "Đã duyệt. Số liệu thay đổi: Băng rôn +1 chiếc."
    undo = {"csrf_token": form.values["csrf_token"], "decision": answer.get_json()["decision"]}
    address = form.action.replace("/decide", "/undo")
    assert one.http.post(address, data=undo, headers=json).status_code == 200
    answer = one.http.post(address, data=undo, headers=json)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "no_decision")
    answer = one.http.post(form.action, data={**form.values, "verdict": "returned"}, headers=json)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "reason_needed")
    answer = one.http.post(form.action, data={**form.values, "template": "nothing"}, headers=json)
    assert (answer.status_code, answer.get_json()["code"]) == (400, "bad_request")


@pytest.mark.usefixtures("banners")
def test_the_page_gives_every_word_that_its_script_reads(desk: MakeDesk) -> None:
    one = desk("huyen")
    one.get("/desk/review")
    tag = re.search(r'<div id="fast"([^>]*)>', one.html)
    assert tag is not None
    given = {re.sub("-(.)", lambda dash: dash[1].upper(), name) for name in re.findall(r'data-([a-z-]+)="', tag[1])}
    read = set(re.findall(r"\bwords\.(\w+)", SCRIPT.read_text("utf-8")))
    assert {"comesBack", "lost", "ended"} <= read <= given


def test_who_may_not_decide_is_told_why(desk: MakeDesk, banners: list[str]) -> None:
    one = desk("xa2")
    one.get("/desk/queue?state=waiting")
    assert one.html.count('<a class="record"') == 3
    assert "Duyệt nhanh" not in one.text
    one.get("/desk/review?state=all")
    assert "Cấp trên của đơn vị sẽ duyệt" in one.text
    assert not re.search(r'name="verdict"', one.html)
    far = desk("phucu")
    assert "xem hết danh sách" in far.get("/desk/review")
    assert far.status == 200
    far.get(f"/desk/review?at={banners[0]}")
    assert far.status == 404


@pytest.mark.parametrize("kind", [kind for kind in KINDS.values() if not kind.act], ids=lambda kind: kind.name)
def test_the_ready_reasons_of_a_kind_have_each_a_key_and_mark_fields_that_it_has(kind: Any) -> None:
    for verdict in ("returned", "not_counted"):
        fitting = return_templates.of_kind(kind, verdict, photos=True)
        assert 3 <= len(fitting) <= 9
        for each in fitting:
            marked = return_templates.marks(kind, each)
            assert (verdict == "not_counted") == (not marked)
            assert all(name == "photos" or kind.field(name) for name in marked)


@pytest.mark.parametrize(("kind", "asks"), [("banner", True), ("broadcast", False), ("leaflet", False)])
def test_reasons_about_photos_are_for_kinds_that_need_them_or_records_that_have_them(kind: str, *, asks: bool) -> None:
    bare = [each.id for each in return_templates.of_kind(KINDS[kind], "returned", photos=False)]
    with_photos = [each.id for each in return_templates.of_kind(KINDS[kind], "returned", photos=True)]
    assert asks == bool({"blurred", "cut_off", "no_photo"} & set(bare))
    assert with_photos[: len(bare)] == bare, "a number is the same key, with photos or without"
    assert {"blurred", "cut_off"} <= set(with_photos)


def test_a_broadcast_without_photos_is_not_asked_for_a_new_one(desk: MakeDesk, phone: MakePhone) -> None:
    one, officer = desk("huyen"), phone("xa1")
    record = officer.create("broadcast")
    officer.sync()
    one.get(f"/desk/review?at={record}")
    offered = re.findall(r'name="template" value="([^"]*)"', one.html)
    assert offered[:3] == ["airings", "day", "content"]
    assert "chụp lại" not in one.text


def send(client: Client, photo: Shot) -> None:
    for sha256, data in ((photo.thumb_sha256, photo.thumb), (photo.sha256, photo.data)):
        assert client.create_upload(sha256, len(data), data).status_code == 201


@pytest.mark.databases("both")
@pytest.mark.parametrize("page", ["review", "record"])
def test_of_two_reviewers_the_second_sees_what_the_first_one_said(
    desk: MakeDesk, phone: MakePhone, banners: list[str], page: str
) -> None:
    one, two, officer = desk("huyen"), desk("tinh"), phone("xa2")
    address = f"/desk/review?at={banners[0]}" if page == "review" else f"/desk/records/{banners[0]}"
    for each in (one, two):
        each.get(address)
    late = two.form("/decide")
    assert one.post(one.form("/decide"), verdict="counted").status_code == 303
    said = {"verdict": "returned", "reason": "Ảnh mờ.", "reason.returned": "Ảnh mờ."}
    assert two.post(late, **said).status_code == 409
    assert "Trong lúc đó người khác đã quyết định khác về mục này." in two.text
    assert "Người duyệt huyện Kim Động" in two.text, "who, and what"
    officer.sync()
    decision = officer.records[banners[0]].decision
    assert decision is not None
    assert decision["verdict"] == "counted"
    assert two.post(two.form("/decide"), **said).status_code == 303, "having seen it"
    officer.sync()
    decision = officer.records[banners[0]].decision
    assert decision is not None
    assert decision["verdict"] == "returned"


@pytest.mark.slow
def test_of_an_amended_item_what_changed_comes_first(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer, one = phone("xa1"), desk("huyen")
    old, new = shot(1), shot(2)
    record = officer.create(slogan="s1", quantity=1, put_up_on="2021-07-05", **old.register)
    officer.sync()
    client = Client(world.app.test_client(), world.token("xa1"))
    send(client, old)
    one.get(f"/desk/records/{record}")
    one.post(one.form("/decide"), verdict="returned", reason="Đề nghị chụp lại.")
    officer.sync()
    officer.edit(record, quantity=4, **new.register)
    officer.sync()
    send(client, new)
    for page in (f"/desk/review?at={record}", f"/desk/records/{record}"):
        one.get(page)
        before_all, _, behind = one.html.partition("<summary>Toàn bộ nội dung</summary>")
        assert behind, "the rest is closed"
        assert "Số lượng" in before_all
        assert "<dt>Ngày treo</dt>" not in before_all
        assert "<dt>Ngày treo</dt>" in behind
    one.get(f"/desk/review?at={record}")
    large = re.search(r'class="large" href="[^"]*/photos/([0-9a-f]{16})/full"', one.html)
    assert large is not None
    assert large[1] == new.sha256[:16], "the new photo is the one to look at"
    assert one.html.count('class="new"') == 1
