"""Kinds may grow, never shrink: phones in the field hold records of yesterday's kinds (sync/kinds.lock.json)."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from server.desk.words import shared
from server.services.hints.rules import RULES
from support.checks.promised_kinds import LOCK, breaks, snapshot
from sync.checks import TYPES as TYPES_OF_CHECKS
from sync.registry import KINDS, Kind
from sync.values import REGISTERS, TYPES

EVERY_KIND = pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))


def test_the_lock_is_kept_and_up_to_date() -> None:
    """V-3: types, limits and choices that phones in the field know."""
    old = json.loads(LOCK.read_text("utf-8"))
    assert breaks(old, snapshot()) == []
    assert old == snapshot(), "compatible: run .venv/bin/python tools/lock_kinds.py"


def test_a_breaking_change_is_noticed() -> None:
    old, new = snapshot(), snapshot()
    new["banner"]["fields"]["hamlet"]["max_length"] = 10
    del new["banner"]["fields"]["note"]
    new["broadcast"]["fields"]["programme"]["choices"] = ["own"]
    new["broadcast"]["registers"] = {}
    new["media"]["documents"] = 0
    assert breaks(old, new) == [
        "banner.hamlet",
        "banner.note",
        "broadcast.aired",
        "broadcast.aired_at",
        "broadcast.programme",
        "media.documents",
    ]


@EVERY_KIND
def test_a_kind_is_well_formed(kind: Kind) -> None:
    names = [field.name for field in kind.fields]
    assert len(names) == len(set(names))
    assert kind.act or kind.title in names
    assert {field.type for field in kind.fields} <= set(TYPES)
    assert {register.type for register in kind.registers.values()} <= set(REGISTERS)
    for figure in kind.figures:
        terms = {path.partition(".")[0] for term in figure.terms for path in term}
        used = terms | set(figure.where) | set(figure.distinct)
        assert used <= set(names) | set(kind.registers)
        assert set(figure.label) == set(figure.rule) == {"vi", "en"}
    units = [field.unit for field in kind.fields] + [each.unit for each in kind.registers.values()]
    for unit in (*units, *(figure.unit for figure in kind.figures)):
        assert unit is None or set(unit) == {"vi", "en", "en.one"}
    words = [kind.label, *(field.label for field in kind.fields), *(each.label for each in kind.registers.values())]
    for label in (*words, *(choice["label"] for field in kind.fields for choice in field.choices)):
        assert set(label) == {"vi", "en"}


@EVERY_KIND
def test_a_field_that_stands_for_another_one_is_counted_as_it(kind: Kind) -> None:
    """F-17, F-19: a retired integer, with the same factor in the figure's term. App 3 reads `product` and `unit`."""
    by_name = {field.name: field for field in kind.fields}
    for field in kind.fields:
        for old, factor in field.replaces.items():
            assert (field.type, by_name[old].type, by_name[old].retired) == ("integer", "integer", True)
            terms = [term for figure in kind.figures for term in figure.terms if old in term]
            assert terms
            assert all(list(term.items()) == [(field.name, 1), (old, factor)] for term in terms)
    for row, figure in zip(kind.source["figures"], kind.figures, strict=True):
        old_app = row.get("product", [])
        assert all(isinstance(path, str) for path in old_app)
        assert [any(path in term for term in figure.terms) for path in old_app] == [True] * len(figure.terms)
    for row in kind.source["fields"]:
        if "measure" in row:
            assert row["measure"]["scale"] > 0
            assert row["unit"] != row["measure"]["unit"], "app 3 shows the integer with this unit"


def test_entries_of_a_figure_have_one_scale() -> None:
    scales: dict[str, int] = {}
    for kind in KINDS.values():
        for figure in kind.figures:
            assert scales.setdefault(figure.code, figure.scale) == figure.scale


@EVERY_KIND
def test_what_a_kind_names_it_has(kind: Kind) -> None:
    """The files a field offers, what a confirmation belongs to, the days of a life."""
    types = {field.name: field.type for field in kind.fields}
    for field in kind.fields:
        assert (field.files in ("script", "design")) == (field.type == "file")
        assert field.fills is None or types[field.fills] == "text"
    life, confirm = kind.source.get("life"), kind.source.get("confirm")
    assert life is None or (types[life["from"]], types[life["to"]], life["days"] > 0) == ("date", "date", True)
    if confirm is not None:
        assert (types[confirm["schedule"]], types[confirm["when"]]) == ("schedule", "boolean")
        assert kind.registers[confirm["register"]].type == "times"
        assert "at" not in confirm or kind.registers[confirm["at"]].type == "clocks"
        assert "hours" not in confirm or types[confirm["hours"]] == "text"


@EVERY_KIND
def test_a_check_is_well_formed(kind: Kind) -> None:
    """F-26: of a known type, about fields that the kind has, in words, with a rule of the desk's hints."""
    assert len({check.id for check in kind.checks}) == len(kind.checks)
    named = {field.name: field.type for field in kind.fields} | dict.fromkeys(kind.registers, "register")
    for check in kind.checks:
        assert check.type in TYPES_OF_CHECKS
        assert check.rule in RULES
        assert check.type in shared()["checks"]
        assert {*check.fields, *check.needs, *check.where} <= set(named)
        assert not check.day or named[check.day] in ("date", "schedule")
        assert re.fullmatch("[a-z][a-z_]*", check.id), "part of a field's name"
        assert check.says is None or set(check.says) == {"vi", "en"}
        assert (len(check.fields) == 2) or check.type != "at_most"
        assert (check.enough > 0 and check.times > 0) or check.type != "outlier"
    words = {check.type: shared()["checks"][check.type] for check in kind.checks}
    assert all(set(said) == {"vi", "en"} for said in words.values())


def test_every_activity_says_whether_it_advertises_the_hotline() -> None:
    for kind in KINDS.recorded():
        field = kind.field("hotline")
        assert field is not None
        assert (field.type, field.default) == ("boolean", None), "nobody says it for the officer (F-25)"
        by = kind.field(field.said_by or "")
        assert by is not None
        assert (by.type, by.retired, [choice["value"] for choice in by.choices]) == ("choice", True, ["person", "file"])
        assert all(each.answers == "hotline" for each in kind.fields if each.type == "file")
        assert "hotline_mentions" in {figure.code for figure in kind.figures}


def test_an_act_is_no_activity() -> None:
    """F-6: nothing to fill in as a form, nothing to add to a sum."""
    assert KINDS.acts() == ["plan"]
    assert not set(KINDS.acts()) & {kind.name for kind in KINDS.recorded()}
    assert all(not KINDS[name].figures and not KINDS[name].fields for name in KINDS.acts())


def test_what_every_kind_feeds_stands_last() -> None:
    codes = [figure.code for figure in KINDS.figures()]
    assert (codes[0], codes[-1]) == ("banners", "hotline_mentions")
    assert len(codes) == len(set(codes))


def test_prefixes_and_figures_agree_over_kinds() -> None:
    assert len({kind.prefix for kind in KINDS.values()}) == len(KINDS)
    labels: dict[str, Any] = {}
    for kind in KINDS.values():
        for figure in kind.figures:
            assert labels.setdefault(figure.code, (figure.label, figure.unit, figure.rule)) == (
                figure.label,
                figure.unit,
                figure.rule,
            )
