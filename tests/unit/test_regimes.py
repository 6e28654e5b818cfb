"""The laws on support for victims as data: every row has its category, its start and its source, and no money."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import sync
from server.services.checklist import regimes

TEXT = {"type": "string", "minLength": 2}
CHECK = {"enum": ["what", "grade", "start", "limit", "agency", "papers", "source"]}
LABEL = {
    "type": "object",
    "required": ["vi", "en"],
    "additionalProperties": False,
    "properties": {"vi": TEXT, "en": TEXT},
}
LIMIT = {
    "type": "object",
    "required": ["text", "most", "unit", "kind"],
    "additionalProperties": False,
    "properties": {
        "text": TEXT,
        "most": {"type": "integer", "minimum": 1, "maximum": 365},
        "unit": {"enum": ["days", "working_days", "months"]},
        "kind": {"enum": ["lasts", "apply", "do", "inform"]},
    },
}


def rows_of(grades: list[str]) -> dict[str, Any]:
    row = {
        "type": "object",
        "required": [
            "id",
            "what",
            "categories",
            "start",
            "event",
            "limits",
            "agency",
            "papers",
            "source",
            "source_state",
            "check",
        ],
        "additionalProperties": False,
        "properties": {
            "id": {"type": "string", "pattern": "^[a-z_]+$"},
            "letter": {"type": "string", "minLength": 1, "maxLength": 1},
            "what": TEXT,
            "categories": {"type": "object", "minProperties": 1, "additionalProperties": {"enum": grades}},
            "start": {"type": "string", "pattern": "^(từ ngày|ngay khi) "},
            "event": {"enum": list(regimes.EVENTS)},
            "limits": {"type": "array", "items": LIMIT},
            "agency": TEXT,
            "body": {"enum": ["commune", "district", "province"]},
            "papers": {"type": "array", "items": TEXT},
            "source": {"type": "string", "pattern": r"^(Luật|Nghị định) .*số \d+/\d{4}/.*, Điều \d+"},
            "source_state": {"enum": list(regimes.SOURCE_STATES)},
            "check": {"type": "array", "items": CHECK, "uniqueItems": True},
        },
    }
    return {"type": "array", "minItems": 1, "items": row}


DAY = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"}
SCHEMA = {
    "type": "object",
    "required": ["version", "words", "laws"],
    "additionalProperties": False,
    "properties": {
        "version": {"type": "integer", "minimum": 1},
        "words": {"type": "object", "additionalProperties": TEXT},
        "laws": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "name", "from", "to", "check", "categories", "benefits", "steps", "notes"],
                "additionalProperties": False,
                "properties": {
                    "id": TEXT,
                    "name": LABEL,
                    "from": DAY,
                    "to": {"anyOf": [DAY, {"type": "null"}]},
                    "check": {"type": "array", "items": {"const": "from"}},
                    "transition": LABEL,
                    "categories": {
                        "type": "array",
                        "minItems": 1,
                        "items": {
                            "type": "object",
                            "required": ["id", "label", "check"],
                            "additionalProperties": False,
                            "properties": {"id": TEXT, "label": LABEL, "check": {"type": "boolean"}},
                        },
                    },
                    "benefits": rows_of(["given", "considered"]),
                    "steps": rows_of(["duty"]),
                    "notes": {"type": "array", "items": TEXT},
                },
            },
        },
    },
}
TABLE = json.loads((Path(sync.__file__).parent / "regimes.json").read_text("utf-8"))
GRADES = {
    **{name: {"given"} for name in ("victim", "minor", "identified_abroad", "identified_here")},
    **{name: {"given"} for name in ("minor_identified_abroad", "minor_identified_here")},
    "foreigner": {"considered"},
}
LAWS = {law["id"]: law for law in TABLE["laws"]}


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from texts(each)


def letters(law: str, category: str) -> str:
    return "".join(row["letter"] for row in LAWS[law]["benefits"] if category in row["categories"])


def test_the_file_is_of_its_schema() -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(TABLE)


@pytest.mark.parametrize("broken", ["source", "source_state", "start", "categories"])
def test_the_schema_misses_what_is_left_out(broken: str) -> None:
    row = {key: value for key, value in LAWS["2024"]["benefits"][0].items() if key != broken}
    validator = jsonschema.Draft202012Validator(rows_of(["given", "considered"]))
    assert not validator.is_valid([row])
    assert not validator.is_valid([{**row, broken: "" if broken != "categories" else {}}])


def test_every_row_is_of_a_category_of_its_law() -> None:
    for law in LAWS.values():
        known = {each["id"] for each in law["categories"]}
        for row in (*law["benefits"], *law["steps"]):
            assert set(row["categories"]) <= known, row["id"]
        assert {each for row in law["benefits"] for each in row["categories"]} == known


def test_no_money_and_nothing_about_a_person() -> None:
    told = " ".join(texts(TABLE)).lower()
    assert not re.search(r"\d\s*(đồng|đ\b|vnđ|triệu|nghìn|%)|lương|họ và tên|ngày sinh", told)


def test_the_laws_follow_each_other_without_a_gap() -> None:
    old, new = sorted(LAWS.values(), key=lambda law: str(law["from"]))
    assert (old["to"], new["from"], new["to"]) == ("2025-06-30", "2025-07-01", None)


def test_who_is_entitled_to_what_under_article_37() -> None:
    wanted = {
        "victim": "abcdđeghik",
        "minor": "abcdđegh",
        "identified_abroad": "abcd",
        "identified_here": "abcdđeg",
        "minor_identified_abroad": "abcd",
        "minor_identified_here": "abcdđeg",
        "foreigner": "abcdđg",
    }
    assert {category: letters("2024", category) for category in wanted} == wanted


def test_time_limits_are_in_the_units_of_the_law() -> None:
    limits = [
        (row["id"], each["most"], each["unit"]) for law in LAWS.values() for row in _all(law) for each in row["limits"]
    ]
    assert limits == [
        ("essential", 60, "days"),
        ("schooling", 12, "months"),
        ("initial", 12, "months"),
        ("receive", 3, "days"),
        ("police", 20, "days"),
        ("commune", 3, "working_days"),
        ("division", 5, "working_days"),
        ("chair", 3, "working_days"),
        ("essential", 120, "days"),
        ("verify", 3, "days"),
        ("grant", 9, "working_days"),
    ]


def _all(law: dict[str, Any]) -> list[Any]:
    return [*law["benefits"], *law["steps"]]


def states(law: str, state: str) -> list[str]:
    return [row["id"] for row in _all(LAWS[law]) if row["source_state"] == state]


def test_each_line_says_how_its_articles_were_read() -> None:
    assert states("2011", "seen") == ["medical", "psychological", "legal_aid"]
    assert states("2011", "not_seen") == ["chair"]
    assert states("2024", "seen") == [
        "medical", "interpreter", "legal_support", "travel", "psychological", "inform", "receive", "verify",
    ]  # fmt: skip
    assert states("2024", "not_seen") == []


def test_what_nobody_read_is_marked_whatever_it_says() -> None:
    for law in LAWS.values():
        for row in _all(law):
            if row["source_state"] == "not_seen":
                assert {"what", "start", "limit", "agency"} <= set(row["check"]), row["id"]
            if not row["papers"] and row in law["benefits"]:
                assert "papers" in row["check"], row["id"]


def line(law: str, id_: str) -> Any:
    return next(row for row in _all(LAWS[law]) if row["id"] == id_)


def test_the_law_of_2024_is_that_of_its_amendment() -> None:
    """Law 86/2025: the commune tells the provincial health authority, which receives and leads the verification."""
    steps = [line("2024", id_) for id_ in ("inform", "receive", "verify")]
    assert all("86/2025/QH15" in row["source"] and not row["check"] for row in steps)
    assert [row["agency"].split(" (")[0] for row in steps[1:]] == ["Cơ quan chuyên môn về y tế cấp tỉnh"] * 2
    assert "Công an cấp tỉnh" in steps[2]["what"]
    assert not any("cấp huyện" in text for text in texts(LAWS["2024"]))
    assert "Sở Y tế hoặc cơ quan có thẩm quyền quyết định" in line("2024", "essential")["agency"], "more than 120 days"


def test_nothing_of_the_law_of_2024_must_be_applied_for_within_months() -> None:
    limits = [each for row in _all(LAWS["2024"]) for each in row["limits"]]
    assert not [each for each in limits if each["kind"] == "apply" or each["unit"] == "months"]
    assert any("120/2026/TT-BTC" in note and "chưa xem" in note for note in LAWS["2024"]["notes"])


def test_who_came_under_one_law_and_is_supported_under_the_next_has_a_choice() -> None:
    def ids(received: str, today: str) -> list[str]:
        return [law["id"] for law in regimes.choices(date.fromisoformat(received), date.fromisoformat(today))]

    assert ids("2025-06-30", "2025-07-01") == ["2011", "2024"]
    assert ids("2025-06-30", "2025-06-30") == []
    assert ids("2025-07-01", "2026-11-30") == []
    assert ids("2011-12-31", "2026-11-30") == []
    found = regimes.sheet("victim", date(2025, 6, 30), chosen="2024")
    assert found is not None
    assert len(found.benefits) == 10
    assert "53/2024/QH15" in found.law
    assert "66/2011/QH12 (Điều 63" in LAWS["2024"]["transition"]["vi"]


@pytest.mark.parametrize(
    ("day", "category", "benefits"),
    [
        ("2021-07-15", "victim", 6),
        ("2021-07-15", "foreigner", 4),
        ("2025-06-30", "minor", 3),
        ("2025-07-01", "minor", 8),
        ("2025-07-01", "victim", 10),
        ("2021-07-15", "identified_here", None),
        ("2011-12-31", "victim", None),
        ("2025-07-01", "nobody", None),
    ],
)
def test_the_day_of_reception_chooses_the_law(day: str, category: str, benefits: int | None) -> None:
    found = regimes.sheet(category, date.fromisoformat(day))
    assert (len(found.benefits) if found else None) == benefits
    if found:
        assert {row.grade for row in found.benefits} <= {"given", "considered"}


def test_under_the_law_of_2024_only_foreigners_depend_on_the_case() -> None:
    grades = {
        category: {row["categories"].get(category) for row in LAWS["2024"]["benefits"]} - {None} for category in GRADES
    }
    assert grades == GRADES


def test_under_the_law_of_2011_everything_is_considered() -> None:
    found = regimes.sheet("victim", date(2021, 7, 15))
    assert found is not None
    assert found.law.endswith("(cần đối chiếu)")
    assert {row.grade for row in found.benefits} == {"considered"}
    assert found.benefits[0].check == "Cần đối chiếu: thời điểm tính, cơ quan, giấy tờ"
    assert found.benefits[1].source.endswith("66/2011/QH12, Điều 32 khoản 1 điểm b (đã xem văn bản)")
    assert [row.limits for row in found.steps][2:4] == [("trong 20 ngày",), ("trong 03 ngày làm việc",)]
    assert found.benefits[0].limits == ("tiền ăn: không quá 60 ngày",)


VECTORS: Any = json.loads((Path(sync.__file__).parent / "vectors" / "regimes.json").read_text("utf-8"))


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
def test_versions_hold_for_receptions_from_a_day_on(case: Any) -> None:
    """F-16: the phone runs the same cases."""
    days = ("since", "until", "taken")
    versions = [
        regimes.LineVersion(**each | {key: date.fromisoformat(each[key]) for key in days})
        for each in VECTORS["versions"]
    ]
    sheet = regimes.sheet(VECTORS["category"], date.fromisoformat(case["day"]), versions)
    assert sheet is not None
    assert [row.id for row in sheet.benefits] == case["benefits"]
    assert [row.id for row in sheet.steps] == case["steps"]
    assert sheet.benefits[0].time_limits[0].most == case["essential"]
    told = date.fromisoformat(case["updated"]).strftime("%d/%m/%Y") if case["updated"] else ""
    assert f"nhận ngày {told}" in sheet.law if told else "nhận ngày" not in sheet.law
