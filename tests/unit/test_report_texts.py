"""Figures within texts, and sections under the headings of an outline."""

from __future__ import annotations

from dataclasses import replace

import pytest

from server.core.problem_details import Problem
from server.services.reports.content import Section
from server.services.reports.text import sections, tokens
from server.services.reports.text.sections import attributed
from server.services.reports.workflow import settings
from server.services.reports.workflow.papers import TRANSITIONS, PaperAct, PaperState, after

AUTO = "Toàn huyện đã treo {banners} băng rôn, phát {airings} lần."
VALUES = {"banners": "24", "airings": "486"}
BASE = (
    Section("I.", "Công tác chỉ đạo, triển khai", blank=True, code="direction"),
    Section(
        "II.",
        "Kết quả thực hiện",
        code="results",
        sections=(
            Section(
                "1.",
                "Công tác tuyên truyền",
                sections=(Section("a)", "Trực quan", code="part.visual"),),
                code="outreach",
            ),
            Section("2.", "Tiếp nhận, hỗ trợ nạn nhân", ("Có báo cáo riêng.",), code="victims"),
            Section("3.", "Kinh phí thực hiện", blank=True, code="money"),
        ),
    ),
    Section(
        "III.",
        "Đánh giá chung",
        code="judgement",
        sections=(
            Section("1.", "Ưu điểm", blank=True, code="strengths"),
            Section("2.", "Khó khăn, hạn chế", blank=True, code="difficulties"),
            Section("3.", "Nguyên nhân", blank=True, code="causes"),
        ),
    ),
    Section("IV.", "Phương hướng, nhiệm vụ thời gian tới", blank=True, code="ahead"),
    Section("V.", "Kiến nghị, đề xuất", blank=True, code="proposals"),
)


def test_a_text_left_as_it_is_comes_back_as_it_was() -> None:
    assert tokens.typed(tokens.bracketed(AUTO, VALUES), VALUES) == AUTO


def test_words_around_a_figure_are_edited_and_the_figure_follows() -> None:
    shown = tokens.bracketed(AUTO, VALUES)
    stored = tokens.typed(shown.replace("treo", "treo tại các trục đường chính"), VALUES)
    assert tokens.printed(stored, {"banners": "31", "airings": "500"}) == (
        "Toàn huyện đã treo tại các trục đường chính 31 băng rôn, phát 500 lần."
    )
    assert tokens.by_hand(stored, AUTO) == []


def test_a_number_typed_over_a_figure_stays_and_is_named() -> None:
    stored = tokens.typed(tokens.bracketed(AUTO, VALUES).replace("[Băng rôn: 24]", "[Băng rôn: 25]"), VALUES)
    assert (
        tokens.printed(stored, {"banners": "31", "airings": "500"}) == "Toàn huyện đã treo 25 băng rôn, phát 500 lần."
    )
    assert tokens.by_hand(stored, AUTO) == ["25"]
    assert tokens.unsaid(stored, AUTO) == ["banners"]
    hand = [piece.text for piece in tokens.pieces(stored, VALUES, AUTO) if piece.hand]
    assert hand == ["25"]
    assert "".join(piece.text for piece in tokens.pieces(stored, VALUES, AUTO)) == tokens.printed(stored, VALUES)


def test_days_and_numbers_of_the_automatic_text_are_no_numbers_by_hand() -> None:
    auto = "Giới thiệu đường dây nóng 111 trong {hotline_mentions} hoạt động."
    assert tokens.by_hand(f"{auto} Ngày 30/7/2021 tổ chức mít tinh.", auto) == []


def test_brackets_around_anything_else_are_text() -> None:
    assert tokens.typed("xem [Phụ lục: I] và [ghi chú]", VALUES) == "xem [Phụ lục: I] và [ghi chú]"
    assert tokens.typed("[bang ron: ]", VALUES) == "{banners}", "without tone marks, and empty: the figure"


def test_a_figure_that_nobody_reported_is_no_zero() -> None:
    assert tokens.printed("{panels} pano, {nothing}", {}) == "(chưa có số liệu) pano, {nothing}"


@pytest.mark.parametrize("typed", ["x", "part.", "part.A", "own.", "set.to\n", "results", "victims"])
def test_no_other_section_is_written(typed: str) -> None:
    with pytest.raises(Problem):
        sections.checked(typed)


def test_a_picked_paragraph_names_its_unit_once() -> None:
    assert attributed("Hưởng ứng tốt;", "Xã Nhân La") == "Hưởng ứng tốt (xã Nhân La)."


def titles(made: tuple[Section, ...]) -> list[tuple[str, str, str]]:
    return [(each.mark, each.title, each.code) for each in made]


def test_the_usual_outline_changes_nothing() -> None:
    usual = [section.title for section in BASE]
    assert settings.arranged(BASE, usual) == BASE
    assert settings.arranged(BASE, []) == BASE


def test_another_outline_finds_its_sections_by_their_words() -> None:
    made = settings.arranged(
        BASE,
        [
            "Kết quả công tác tuyên truyền",
            "Việc tiếp nhận, hỗ trợ nạn nhân",
            "Thuận lợi, khó khăn và nguyên nhân",
            "Công tác phối hợp liên ngành",
            "Đề xuất, kiến nghị",
        ],
    )
    assert [each.mark for each in made] == ["I.", "II.", "III.", "IV.", "V."]
    assert made[0].code == "outreach", "victims have a heading of their own"
    assert (made[1].title, made[1].sentences) == ("Việc tiếp nhận, hỗ trợ nạn nhân", ("Có báo cáo riêng.",))
    assert [(each.mark, each.code) for each in made[2].sections] == [
        ("1.", "strengths"),
        ("2.", "difficulties"),
        ("3.", "causes"),
    ]
    assert made[3].blank
    assert made[3].code.startswith(sections.OWN)
    assert sections.checked(made[3].code) == made[3].code
    assert made[4].code == "proposals"
    assert settings.left_out(BASE, made, {"ahead": "x", "causes": "y"}) == ["Phương hướng, nhiệm vụ thời gian tới"]


def test_a_heading_that_comes_twice_is_written_into_the_second_time() -> None:
    made = settings.arranged(BASE, ["Kiến nghị", "Kiến nghị, đề xuất"])
    assert made[0].code == "proposals"
    assert made[1].code.startswith(sections.OWN)


def test_results_stay_whole_where_nothing_of_them_is_named_apart() -> None:
    made = settings.arranged(BASE, ["Kết quả tuyên truyền"])
    assert made == (replace(BASE[1], mark="I.", title="Kết quả tuyên truyền"),)


@pytest.mark.parametrize("state", PaperState)
@pytest.mark.parametrize("act", PaperAct)
def test_every_transition(state: PaperState, act: PaperAct) -> None:
    """Written down once more: a table that is compared with itself would prove nothing."""
    road = ["draft", "presented", "approved", "signed", "issued"]
    onward = {"submit": 0, "approve": 1, "sign": 2, "issue": 3}
    wanted = None
    if act in onward and road[onward[act]] == state:
        wanted = road[onward[act] + 1]
    elif (act, state) == ("sign", "presented"):
        wanted = "signed"
    elif (act, state) in (("move", "draft"), ("file", "issued")):
        wanted = str(state)
    elif act == "back" and state not in ("draft", "issued"):
        wanted = "draft"
    if wanted is None:
        with pytest.raises(Problem, match="paper_step"):
            after(state, act)
    else:
        assert after(state, act) == wanted
    assert ((state, act) in TRANSITIONS) == (wanted is not None)
