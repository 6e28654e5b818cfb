"""The door: the road from the letter to the report, in a demo with what there is and into each step in one click."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from html import unescape

import pytest

from server.core.db import writing
from server.data.units import BUILT_IN, read
from server.demo import letter
from server.services.campaigns.lifecycle import open_campaign
from server.services.installation import sample
from server.services.installation.sample import SampleTree
from server.services.letters import publishing
from server.services.letters.facts import LetterFacts
from server.services.organisation.staff import NewOfficer, add_officer, give_role
from server.services.organisation.unit_changes import import_tree
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world.world import World, campaign

pytestmark = pytest.mark.databases("sqlite")

STEPS = ("1 Công văn", "2 Xã ghi", "3 Duyệt", "4 Báo cáo")


@pytest.fixture
def _sample(world: World) -> None:
    with world.app.app_context(), writing() as session:
        sample.mark(session, [SampleTree(2021, world.campaign, "xa1", "huyen", "tinh")])


def test_without_a_demo_it_has_steps_and_no_figures_and_no_way_in(desk: MakeDesk, phone: MakePhone) -> None:
    officer, one = phone("xa1"), desk()
    officer.create(quantity=3)
    officer.sync()
    one.get("/")
    assert all(step in one.text for step in STEPS)
    assert "/demo/" not in one.html
    assert "Ngày toàn dân" not in one.text
    assert "xã đã có số liệu" not in one.text


@pytest.mark.usefixtures("_sample")
def test_in_a_demo_each_step_has_its_figures(desk: MakeDesk, phone: MakePhone) -> None:
    officer, one = phone("xa1"), desk()
    made = [officer.create(quantity=number) for number in (1, 2, 3)]
    officer.create(submitted=None)
    officer.sync()
    reviewer = desk("huyen")
    for record, verdict in zip(made, ("counted", "returned"), strict=False):
        reviewer.get(f"/desk/records/{record}")
        reviewer.post(reviewer.form("/decide"), verdict=verdict, reason="Ghi rõ.")
    one.get("/")
    assert (
        "1 Công văn Ngày toàn dân phòng, chống mua bán người 2021 hạn gửi: hết ngày 02/08/2021 (đã qua hạn)" in one.text
    )
    assert "2 Xã ghi 3 kết quả đã gửi, 0 ảnh" in one.text
    assert "3 Duyệt 1 đã duyệt; 1 chờ duyệt, 1 đề nghị bổ sung" in one.text
    assert "4 Báo cáo 1/3 xã đã có số liệu; 0 đã gửi số liệu" in one.text


@pytest.mark.slow
@pytest.mark.usefixtures("_sample")
def test_one_click_leads_into_a_step_as_the_right_person(world: World, desk: MakeDesk) -> None:
    wanted = [
        ("/demo/sign-in/tinh", f"/desk/campaigns/{world.campaign}", "Cán bộ tổng hợp tỉnh Hưng Yên"),
        ("/demo/sign-in/huyen", "/desk/queue", "Người duyệt huyện Kim Động"),
        ("/demo/sign-in/tinh", "/desk/report", "Cán bộ tổng hợp tỉnh Hưng Yên"),
    ]
    one = desk()
    one.get("/")
    forms = [form for form in one.forms() if "next" in form.values and form.action.startswith("/demo/sign-in")]
    assert [(form.action, unescape(form.values["next"][0])) for form in forms] == [(at, to) for at, to, _ in wanted]
    for number, (_, page, name) in enumerate(wanted):
        one = desk()
        one.get("/")
        form = [form for form in one.forms() if "next" in form.values and form.action.startswith("/demo/sign-in")][
            number
        ]
        assert one.post(form).status_code == 303
        assert one.location == page
        one.follow()
        assert (one.status, name in one.text) == (200, True)


@pytest.mark.usefixtures("_sample")
def test_the_phone_to_try_opens_with_a_code(desk: MakeDesk) -> None:
    one = desk()
    one.get("/")
    (form,) = [form for form in one.forms() if form.action == "/demo/phone/xa1"]
    assert one.post(form).status_code == 303
    assert re.fullmatch(r"/enrol#\d{16}", one.location)


@pytest.mark.usefixtures("_sample")
def test_every_page_of_the_demo_says_where_in_the_tour_one_is(world: World, desk: MakeDesk) -> None:
    """Where I am, what comes next, and each other step: one click away."""
    for username, page, at in (
        ("tinh", f"/desk/campaigns/{world.campaign}", 1),
        ("xa1", "/desk/queue?state=all", 2),
        ("huyen", "/desk/queue", 3),
        ("tinh", "/desk/report", 4),
        ("quantri", "/desk/people", 0),
    ):
        one = desk(username)
        one.get(page)
        (bar,) = re.findall(r'<aside class="band sample tour".*?</aside>', one.html, re.DOTALL)
        steps = re.findall(r"<li(.*?)>(.*?)</li>", bar, re.DOTALL)
        assert [number for number, (mark, _) in enumerate(steps, 1) if "aria-current" in mark] == [at] * bool(at)
        assert [number for number, (mark, _) in enumerate(steps, 1) if "following" in mark] == [at % 4 + 1]
        assert sum("<form" in step for _, step in steps) == (3 if at in (1, 3, 4) else 4), "the phone opens from any"
        assert "Đổi vai" in bar
        one.get("/")
        assert 'aria-current="step"' not in one.html, "the page of all steps is none of them"
        assert set(re.findall(r'<li class="card" id="(\w+)">', one.html)) == {"letter", "records", "review", "report"}


def test_without_a_demo_no_page_has_a_tour(desk: MakeDesk) -> None:
    one = desk("huyen")
    one.get("/desk/queue")
    assert "tour" not in one.html


def test_a_letter_is_shown_with_what_was_read_in_it(world: World, desk: MakeDesk) -> None:
    with world.app.app_context(), writing() as session:
        publishing.keep(session, world.campaign, LetterFacts(text=letter.text(date(2021, 7, 25))))
    one = desk("xa1")
    one.get(f"/desk/campaigns/{world.campaign}")
    assert "Khẩu hiệu Phát huy tinh thần phòng, chống dịch Covid" in one.text
    assert "trước ngày 03/08/2021" in one.text
    assert one.html.count("<mark") > 10


def test_the_letter_says_what_is_asked_for(world: World, desk: MakeDesk) -> None:
    one = desk("xa1")
    one.get(f"/desk/campaigns/{world.campaign}")
    assert "từ 01/07/2021 đến 31/07/2021 · Hạn gửi: hết ngày 02/08/2021" in one.text
    assert "Chung tay phòng, chống nạn mua bán người" in one.text
    assert "Chỉ tiêu cần có số liệu Băng rôn (chiếc)" in one.text
    assert "Đơn vị có tuyên truyền 111 (đơn vị)" in one.text
    one.get("/desk/campaigns/AAAAAAAAAAAAAAAA")
    assert one.status == 404


@pytest.mark.usefixtures("_sample")
def test_a_demo_of_both_years_offers_each_with_its_own_people_and_figures(world: World, desk: MakeDesk) -> None:
    one = desk()
    one.get("/")
    assert "có cấp huyện" not in one.text, "there is nothing to choose between"
    with world.app.app_context(), writing() as session:
        units = import_tree(session, read("hung-yen-2025", BUILT_IN["hung-yen-2025"]).rows, BUILT_IN["hung-yen-2025"])
        for username, code, role in (("xa25", "12286", "officer"), ("tinh25", "33", "coordinator")):
            officer = add_officer(session, NewOfficer(username, f"Cán bộ {username}", "some hash"))
            give_role(session, officer.id, units[code].id, role)
        open_campaign(session, units["33"].id, replace(campaign(), name="Đợt của năm 2025"))
    for path, shown, other in (("/", "xa1", "xa25"), ("/?year=2021", "xa1", "xa25"), ("/?year=2025", "xa25", "xa1")):
        one.get(path)
        assert "2021, có cấp huyện" in one.text
        assert "2025, tỉnh–xã" in one.text
        assert f'/demo/sign-in/{shown}"' in one.html
        assert f'/demo/sign-in/{other}"' not in one.html
        assert ("Sở Y tế gửi công văn" in one.text) == ("2025" in path)
        assert ("Đợt của năm 2025" in one.text) == ("2025" in path)
    assert "0/104 xã" in one.text
    one.get("/?year=1999")
    assert '/demo/sign-in/xa1"' in one.html
