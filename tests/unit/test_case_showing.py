"""A case as its page shows it: which of several limits is the one to keep."""

from __future__ import annotations

from datetime import date
from typing import Any

from server.core.canonical import canonical
from server.services.cases import lists, sealing, showing
from server.services.cases.data import CaseData
from server.services.checklist import regimes
from server.services.checklist.regimes import BENEFIT, STEP, LineVersion
from server.services.checklist.rest_days import WorkCalendar

CASE: dict[str, Any] = {
    "unit": "u", "received_by": "u", "code": "", "category": "victim", "sex": "female", "age": "adult",
    "source": "border", "basis": "law", "consent": "not_needed", "received": "2021-07-28", "officer": "o",
}  # fmt: skip


def test_a_duty_with_two_limits_is_due_by_the_earlier_one_whichever_comes_first() -> None:
    law = next(each for each in regimes.laws() if each["from"] <= CASE["received"] <= (each["to"] or "9999"))
    row = law["steps"][0] | {"event": "received"}
    for days in ((20, 5), (5, 20)):
        limits = [{"text": "trong", "most": most, "unit": "days", "kind": "do"} for most in days]
        version = LineVersion(law["id"], STEP, date(2021, 1, 1), date.max, row | {"limits": limits}, date(2021, 1, 1))
        view = showing.view(CaseData(**CASE), [version], WorkCalendar(), date(2021, 7, 29))
        step = next(each for each in view.steps if each.id == row["id"])
        assert step.due == date(2021, 8, 2)
        assert step.look == showing.DUE


def test_a_case_open_across_two_laws_asks_which_and_goes_by_the_answer() -> None:
    def view(today: str, **more: str) -> showing.CaseView:
        data = CaseData(**CASE | {"received": "2025-06-20"} | more)
        return showing.view(data, [], WorkCalendar(), date.fromisoformat(today))

    assert not view("2025-06-30").asks_law
    asked = view("2025-07-01")
    assert asked.asks_law
    assert "66/2011/QH12" in asked.law, "that of the reception, until somebody answers"
    assert not view("2025-07-01", closed="2025-06-25").asks_law
    new = view("2025-07-01", law="2024")
    assert not new.asks_law
    assert [law["id"] for law in new.choices] == ["2011", "2024"], "a wrong answer is mended"
    assert "53/2024/QH15" in new.law
    assert new.benefits[0].lasts == date(2025, 10, 18), "120 days from the reception on"
    assert not view("2025-07-01", law="2011").asks_law


def test_a_case_with_everything_in_it_fits_in_one_block() -> None:
    """Else its length would tell it from one in which little was done."""
    law = regimes.laws()[-1]
    states = [[state, "2025-12-31"] for state in lists.STATES]
    paper = {"by": "prosecution", "number": "12345", "on": "2025-12-31", "was": "minor_identified_abroad"}
    again = {
        "ended": "anew",
        "why": "new_facts",
        "new_by": "prosecution",
        "new_number": "12345",
        "new_on": "2025-12-31",
    }
    data = CaseData(
        **CASE | dict.fromkeys(("unit", "received_by", "officer"), "x" * 16) | {"code": "x" * 10},
        events=dict.fromkeys(regimes.EVENTS, "2025-12-31"),
        lines={row["id"]: states for row in law["benefits"]},
        steps={row["id"]: "2025-12-31" for row in law["steps"]},
        findings=[{"outcome": "not_victim"} | paper | again] * 2,
        why_open={row["id"]: "moved_away" for row in law["benefits"]},
        same=["x" * 16],
    )
    assert len(canonical(data.plain).encode()) < sealing.BLOCK


def test_a_limit_of_the_law_to_tell_of_a_benefit_holds_instead_of_ours() -> None:
    law = next(each for each in regimes.laws() if each["id"] == "2024")
    row = law["benefits"][1]
    told = {"text": "trong", "most": 1, "unit": "days", "kind": "inform"}
    version = LineVersion("2024", BENEFIT, date(2025, 7, 1), date.max, row | {"limits": [told]}, date(2025, 7, 1))
    data = CaseData(**CASE | {"received": "2025-08-20"})
    lines = {each.id: each for each in showing.view(data, [version], WorkCalendar(), date(2025, 8, 21)).benefits}
    assert (lines[row["id"]].task, lines[row["id"]].due) == (showing.INFORM, date(2025, 8, 21))
    assert lines["interpreter"].due == date(2025, 8, 20 + showing.ASK_DAYS)


def test_an_office_above_whose_task_a_line_is_keeps_it_when_a_version_leaves_its_agency() -> None:
    law = next(each for each in regimes.laws() if each["id"] == "2024")
    row = {name: value for name, value in law["steps"][2].items() if name != "body"}
    for agency, body in ((row["agency"], "province"), ("Cơ quan khác", "")):
        version = LineVersion("2024", STEP, date(2025, 7, 1), date.max, row | {"agency": agency}, date(2025, 7, 1))
        data = CaseData(**CASE | {"received": "2025-08-20"}, steps={"inform": "2025-08-20"})
        view = showing.view(data, [version], WorkCalendar(), date(2025, 8, 21))
        assert next(each for each in view.steps if each.id == row["id"]).body == body
