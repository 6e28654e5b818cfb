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
