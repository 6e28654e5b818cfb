"""The language-neutral cases of sync/vectors: the phone's tests run the same files."""

from __future__ import annotations

import hashlib
import itertools
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from server.core import cldr
from server.services.figures.table import answer
from support.clients.lines import read
from support.clients.reader import Reader
from support.clients.write_only import Json
from sync import checks
from sync.airings import hours_on, progress, to_ask
from sync.amount import Amount, Unread
from sync.amount import read as read_amount
from sync.code import digits, grouped, is_whole
from sync.day import read_day
from sync.errors import Refused
from sync.figures import Contribution, says, shares, together
from sync.late import Lines, marks
from sync.protocol import pack_runs, unpack_runs
from sync.record import InForce, State, shown, word_of
from sync.registry import KINDS, Giving, answered_by, follows
from sync.text import fold, normal
from sync.write import Write, check_values

VECTORS = Path(__file__).parents[2] / "sync" / "vectors"


def cases(name: str, part: str = "cases") -> list[Any]:
    rows = json.loads((VECTORS / f"{name}.json").read_text("utf-8"))[part]
    return [pytest.param(row, id=row.get("name", str(number))) for number, row in enumerate(rows)]


def write(raw: Json) -> Write:
    return Write(raw["id"], raw["at"], raw["record"], raw["set"], tuple(raw.get("seen", ())))


@pytest.mark.parametrize("case", cases("record"))
def test_record(case: Json) -> None:
    for order in itertools.permutations(case["writes"]):
        state = State.of(write(raw) for raw in order)
        assert {name: [w.id for w in alive] for name, alive in state.fields.items()} == case["survivors"]
        assert {name: state.value(name) for name in case["values"]} == case["values"]
        assert state.conflicts == case["conflicts"]
        found = (state.hidden, state.edited_while_deleted, state.submitted)
        assert found == (case["hidden"], case["edited_while_deleted"], case["submitted"])


@pytest.mark.parametrize("case", cases("decision"))
def test_decision(case: Json) -> None:
    raw = case["decision"]
    in_force = None if raw is None else InForce(raw["verdict"], raw["sides"])
    state = shown(State.of(write(row) for row in case["writes"]), in_force)
    assert state == case["state"]
    assert word_of(state, in_force.verdict if in_force else None) == case.get("word", case["state"])


@pytest.mark.parametrize("case", cases("change"))
def test_change(case: Json) -> None:
    """X-7, X-32."""
    reader = Reader()
    head = {"record": "r", "kind": "banner", "unit": "u", "campaign": "c", "number": "BR-1"}
    fields = {name: {row["id"]: row["set"][name] for row in writes} for name, writes in case["held"].items()}
    reader.kept["records"]["r"] = {"head": head, "fields": fields, "seen": {}, "decision": None}
    cursor = {"unit": "u", "campaign": "c", "position": 9, "tag": "t", "floor": 9, "reset": False}
    reader.block([{**head, "decision": None, **case["change"]}], [cursor], more=False)
    assert {name: sorted(ids) for name, ids in reader.records["r"].items()} == case["after"]


@pytest.mark.parametrize("case", cases("airings"))
def test_airings(case: Json) -> None:
    """F-20, F-21."""
    kind = KINDS[case["kind"]]
    found = progress(kind, case["values"], date.fromisoformat(case["until"]))
    if case.get("none"):
        assert found is None
        return
    assert found is not None
    told = (found.by_day, found.planned, found.done, [day.isoformat() for day in found.open], found.unconfirmed)
    assert told == tuple(case[key] for key in ("by_day", "planned", "done", "open", "unconfirmed"))
    # What counts is what is done, whatever the day.
    counted = Contribution.of(kind, {"programme": "own", **case["values"]}).figures()
    assert counted["airings"] + counted["airings_relay"] == found.done


def test_days_to_come_and_days_to_ask() -> None:
    """F-22, F-23, F-41."""
    rows = json.loads((VECTORS / "airings.json").read_text("utf-8"))
    for row in rows["to_come"]:
        wanted = (row["field"], row["ahead"]) if row["field"] else None
        assert KINDS["broadcast"].day_to_come(row["set"], date.fromisoformat(row["today"])) == wanted, row
    for row in rows["to_ask"]:
        found = to_ask(row["schedule"], date.fromisoformat(row["today"]))
        assert [day.isoformat() for day in found] == row["days"], row
    for row in rows["hours"]:
        hours = hours_on(KINDS["broadcast"], row["values"], date.fromisoformat(row["day"]))
        assert list(hours) == row["hours"], row["name"]


@pytest.mark.parametrize("case", cases("checks"))
def test_checks(case: Json) -> None:
    """F-26 to F-29."""
    entries = [
        checks.CheckedRecord(row["id"], row["values"], frozenset(row["by"]), row.get("said_on", {}))
        for row in case["records"]
    ]
    around = case["around"]
    photos = {sha256: [(id_, theirs) for id_, theirs in homes] for sha256, homes in around.get("photos", {}).items()}
    found: dict[str, list[Json]] = {}
    for one in checks.look(KINDS[case["kind"]], entries, checks.Around(around["starts_on"], around["ends_on"], photos)):
        values = next(entry.values for entry in entries if entry.id == one.record)
        said = {
            "check": one.check.id,
            "said_of": checks.said_of(one.keys, values),
            "detail": one.detail,
            "hits": one.hits,
        }
        kept = checks.is_kept(one.keys, values, values.get(checks.kept_field(one.check)))
        found.setdefault(one.record, []).append({**said, "others": list(one.others), "kept": kept})
    assert found == case["found"]


AMOUNTS: Any = json.loads((VECTORS / "amounts.json").read_text("utf-8"))


@pytest.mark.parametrize(("text", "scale", "wanted"), AMOUNTS["typed"])
def test_typed_numbers(text: str, scale: int, wanted: int | str | None) -> None:
    """F-18."""
    try:
        found: int | str | None = read_amount(text, scale)
    except Unread as unread:
        found = unread.code
    assert found == wanted


@pytest.mark.parametrize(("digits", "scale", "vi", "en"), AMOUNTS["shown"])
def test_shown_amounts(digits: int, scale: int, vi: str, en: str) -> None:
    """F-17."""
    amount = Amount(digits, scale)
    assert (amount.text(",", "."), amount.text(".", ",")) == (vi, en)
    assert (cldr.number(amount, "vi"), cldr.number(amount, "en")) == (vi, en)


@pytest.mark.parametrize("case", cases("figures"))
def test_figures(case: Json) -> None:
    """F-4, F-10, F-11."""
    assert Contribution.of(KINDS[case["kind"]], case["values"]).figures() == case["figures"]


@pytest.mark.parametrize("case", cases("totals"))
def test_totals(case: Json) -> None:
    """F-30."""
    assert _together(case["records"]).figures() == case["totals"]


def _together(records: list[tuple[str, Json]]) -> Contribution:
    return together(Contribution.of(KINDS[kind], values) for kind, values in records)


@pytest.mark.parametrize("case", cases("contribution", "acts"))
def test_an_act_adds(case: Json) -> None:
    """F-31: the difference of the figures."""
    counted, before, after = (_together(case[name]) for name in ("counted", "before", "after"))
    assert (after - before).added_to(counted) == case["adds"]


@pytest.mark.parametrize("case", cases("contribution", "shares"))
def test_shares(case: Json) -> None:
    """F-32: each adds to those before it, and all of them are the figures together."""
    parts = [_together(records) for records in case["parts"]]
    assert shares(parts) == case["shares"]
    summed = {code: sum(share.get(code, 0) for share in case["shares"]) for share in case["shares"] for code in share}
    assert summed == {code: amount for code, amount in together(parts).figures().items() if amount}


@pytest.mark.parametrize("case", cases("reporting"))
def test_what_a_record_says(case: Json) -> None:
    """F-33."""
    assert says(KINDS[case["kind"]], case["values"]) == set(case["says"])


@pytest.mark.parametrize("case", cases("reporting", "answers"))
def test_answers(case: Json) -> None:
    """F-34, F-35."""
    known = {name: case[name] for name in ("reported", "nil", "units", "empty")}
    assert answer(**known) == case["answer"]


@pytest.mark.parametrize("case", cases("values"))
def test_values(case: Json) -> None:
    """F-9."""
    set_ = {case["field"]: case["value"]}
    if case["refused"] is None:
        check_values(Write("w" * 16, 1, "w" * 16, set_), KINDS[case["kind"]])
        return
    with pytest.raises(Refused) as refused:
        check_values(Write("w" * 16, 1, "w" * 16, set_), KINDS[case["kind"]])
    assert (refused.value.code, refused.value.field) == (case["refused"], case["field"])


@pytest.mark.parametrize("case", cases("late"))
def test_late(case: Json) -> None:
    lines = Lines(case["sealed"], case["closed"], case["due"])
    assert list(marks(case["position"], case["received"], lines)) == case["marks"]


@pytest.mark.parametrize("case", cases("runs"))
def test_runs(case: Json) -> None:
    """X-17, X-36."""
    assert pack_runs(case["results"]) == case["runs"]
    assert unpack_runs(case["runs"]) == case["results"]


@pytest.mark.parametrize("case", cases("stream"))
def test_stream(case: Json) -> None:
    got = read("".join(f"{json.dumps(line)}\n" for line in case["lines"]) + case["tail"])
    blocks = [
        {"records": [change["record"] for change in block.changes], "position": block.cursors[0]["position"]}
        for block in got.blocks
    ]
    assert (got.head is not None, blocks, got.ended) == (case["head"], case["blocks"], case["ended"])


@pytest.mark.parametrize("case", cases("code"))
def test_code(case: Json) -> None:
    assert is_whole(case["code"]) == case["whole"]


def test_code_as_it_is_shown_and_typed() -> None:
    rows = json.loads((VECTORS / "code.json").read_text("utf-8"))
    assert [grouped(code) for code, _ in rows["grouped"]] == [wanted for _, wanted in rows["grouped"]]
    assert [digits(typed) for typed, _ in rows["digits"]] == [wanted for _, wanted in rows["digits"]]


def test_text() -> None:
    """F-12."""
    rows = json.loads((VECTORS / "text.json").read_text("utf-8"))
    assert [fold(text) for text, _ in rows["fold"]] == [wanted for _, wanted in rows["fold"]]
    assert [normal(text) for text, _ in rows["normal"]] == [wanted for _, wanted in rows["normal"]]


def test_every_code_point_is_folded_as_on_the_phone() -> None:
    """F-24: a digest for each plane, over `a`, the code point, `e`. The phone's tests have another Unicode."""
    found = []
    for plane in range(17):
        codes = (code for code in range(plane << 16, (plane + 1) << 16) if not 0xD800 <= code < 0xE000)
        lines = "".join([f"{fold(f'a{chr(code)}e')}\n" for code in codes])
        found.append(hashlib.sha256(lines.encode()).hexdigest()[:16])
    assert found == json.loads((VECTORS / "text.json").read_text("utf-8"))["fold_planes"]


@pytest.mark.parametrize("case", cases("answers"))
def test_what_follows_from_an_answer(case: Json) -> None:
    """F-2, F-25."""
    kind = KINDS[case["kind"]]
    field = kind.field(case["field"])
    assert field is not None
    giving = Giving(**case["file"]) if case["file"] else None
    assert follows(kind, field, case["value"], case["now"], giving) == case["sets"]


def test_who_answered() -> None:
    """F-25."""
    field = KINDS["banner"].field("hotline")
    assert field is not None
    rows = json.loads((VECTORS / "answers.json").read_text("utf-8"))["answered_by"]
    assert [answered_by(field, values) for values, _ in rows] == [by for _, by in rows]


def test_a_typed_day() -> None:
    """V-6."""
    rows = json.loads((VECTORS / "days.json").read_text("utf-8"))
    assert [(text, read_day(text, rows["this_year"])) for text, _ in rows["typed"]] == [
        tuple(row) for row in rows["typed"]
    ]
