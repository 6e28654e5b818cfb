"""A case as its page shows it: which of several limits is the one to keep."""

from __future__ import annotations

from datetime import date
from typing import Any

from server.services.cases import showing
from server.services.cases.data import CaseData
from server.services.checklist import regimes
from server.services.checklist.regimes import STEP, LineVersion
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
