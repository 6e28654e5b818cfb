"""What exports count adds up to the page of figures, at every level (SPEC D-5, F-5, F-8, L-6).

Read as the sheet "Cách tính" says: amounts add up, different values and units are counted once each.
"""

from __future__ import annotations

import csv
import io
import random
from collections import defaultdict
from typing import Any

import pytest
from desk.test_levels import filled, grown, merged
from sqlalchemy import select

from server.core.db import reading
from server.models import Campaign, DecisionRow, Unit
from server.services.exports import columns, rows
from server.services.exports.rows import ExportRow
from server.services.figures import loading
from server.services.records.projection import share_of
from server.services.units.scope import Scope
from support.clients.phone import MakePhone
from support.world import changes
from support.world.world import World
from sync.figures import every_figure
from sync.record import InForce, State, shown
from sync.registry import KINDS, Kind
from sync.values import Value
from sync.write import Write

Line = dict[str, Any]
RECORDED = KINDS.recorded()
HEADS = {column.key: column.title for column in columns.columns(RECORDED, Campaign())}


def _number(amount: Any) -> float:
    """A cell of Excel, or text of CSV with its decimal comma."""
    return float(str(amount).replace(",", "."))


def counted(lines: list[Line]) -> dict[str, int]:
    """The figures of these lines, by the heads of their columns, as digits."""
    found = {}
    for figure in every_figure():
        head = HEADS[f"counts/{figure.units_of or figure.code}"]
        said = [(line, line[head]) for line in lines if line.get(head) not in (None, "")]
        if figure.units_of:
            found[figure.code] = len({line[HEADS["unit_today"]] for line, amount in said if _number(amount) > 0})
        elif figure.distinct:
            found[figure.code] = len({value for _, value in said})
        else:
            found[figure.code] = sum(round(_number(amount) * 10**figure.scale) for _, amount in said)
    return found


class Province:
    """A random tree of units with random records, and its running totals in memory."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self.parents: dict[str, str] = {"p": ""}
        for number in range(chance.randint(2, 9)):
            self.parents[f"u{number}"] = chance.choice(list(self.parents))
        low = [unit for unit in self.parents if unit not in self.parents.values()]
        self.gone = {unit for unit in low if chance.random() < 0.2}
        self.sums: dict[tuple[str, str], int] = defaultdict(int)
        self.keys: dict[tuple[str, str], set[str]] = defaultdict(set)
        self.lines: list[tuple[str, Line]] = []
        for number in range(chance.randint(0, 25)):
            self._record(f"{number:016d}", chance.choice(list(self.parents)))

    def _record(self, id_: str, unit: str) -> None:
        chance, kind = self._chance, self._chance.choice(RECORDED)
        writes = [Write(id_, 1, id_, {"submitted": True, **self._values(kind)}, ())]
        state, decision = State.of(writes), None
        if chance.random() < 0.7:
            verdict = chance.choices(("counted", "returned", "not_counted"), (6, 1, 1))[0]
            decision = InForce(verdict, state.all_sides)
        if chance.random() < 0.4:  # amended, in conflict, or deleted since
            set_: dict[str, Value] = {"deleted": True} if chance.random() < 0.3 else self._values(kind)
            writes.append(Write(f"b{id_[1:]}", 2, id_, set_, (id_,) if chance.random() < 0.7 else ()))
            state = State.of(writes)
        share = share_of(kind.name, state, decision, shown(state, decision))
        if share.bucket == "counted":
            for code, amount in share.amounts.items():
                self.sums[unit, code] += amount
            for code, key in share.keys.items():
                self.keys[unit, code].add(key)
        made = DecisionRow(verdict=decision.verdict, sides=decision.sides) if decision else None
        adds = rows.what_counts(kind, made)
        more: dict[str, Any] = {"photos": [], "documents": [], "by": "", "created_at": 0, "changed_at": 0}
        names: dict[str, Any] = {"unit": unit, "above": "", "number": "", "state": "", "unit_today": self.today(unit)}
        row = ExportRow(id_, kind.name, kind, values=state.all_sides, adds=adds, **names, **more)
        self.lines.append((unit, {one.title: one.cell(row) for one in columns.columns([kind], Campaign())}))

    def _values(self, kind: Kind) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for field in kind.fields:
            if self._chance.random() < 0.8:
                value = self._value(field)
                if value is not None:
                    found[field.name] = value
        for name in kind.registers:
            found |= {f"{name}/202107{day:02d}": self._chance.randint(0, 3) for day in range(1, 4)}
        return found

    def _value(self, field: Any) -> Value:
        chance = self._chance
        if field.type == "integer":
            return chance.choice((0, 1, 7, 1234, -3, 2_000_000_000))
        if field.type == "boolean":
            return chance.random() < 0.6
        if field.type == "choice":
            return str(chance.choice(field.choices)["value"])
        if field.type == "schedule":
            return {"from": "2021-07-01", "to": f"2021-07-{chance.randint(1, 9):02d}", "times_a_day": 2}
        return chance.choice(("Tin chung", "tin  CHUNG", "Tin 2")) if field.type == "text" else None

    def today(self, unit: str) -> str:
        while unit in self.gone:
            unit = self.parents[unit]
        return unit

    def below(self, top: str) -> set[str]:
        """The unit and all below it."""
        return {top}.union(*(self.below(unit) for unit, above in self.parents.items() if above == top))

    def page(self, top: str) -> dict[str, int]:
        """The counted figures of a unit with all below it, from the running totals."""
        units, found = self.below(top), {}
        for figure in every_figure():
            if figure.units_of:
                found[figure.code] = len({self.today(unit) for unit in units if self.sums[unit, figure.units_of]})
            elif figure.distinct:
                found[figure.code] = len(set().union(*(self.keys[unit, figure.code] for unit in units)))
            else:
                found[figure.code] = sum(self.sums[unit, figure.code] for unit in units)
        return found


@pytest.mark.parametrize(
    "provinces",
    [range(60), pytest.param(range(1000), marks=pytest.mark.costly(soak=True), id="a thousand")],
    ids=lambda _: "some",
)
def test_counted_amounts_of_an_export_add_up_at_every_level(provinces: range) -> None:
    more = 0
    for seed in provinces:
        province = Province(random.Random(seed))  # no secret
        for top in province.parents:
            units = province.below(top)
            read = counted([line for unit, line in province.lines if unit in units])
            assert read == province.page(top), (seed, top)
            more += sum(read.values()) > 0
    assert more > len(provinces)


@pytest.mark.slow
@pytest.mark.costly
@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.costly(soak=True)) for seed in (1, 2, 3))])
def test_a_csv_of_the_desk_adds_up_to_the_table_of_each_unit(
    world: World, desk: Any, phone: MakePhone, seed: int
) -> None:
    """The whole road: phones, decisions, mergers, the file as people get it, and the table of the page."""
    chance = random.Random(seed)  # no secret
    lowest = grown(world, chance)
    changes.come(world, "quantri", "33", "reviewer")
    for code in (*lowest, "331", "333", "33"):
        if chance.random() < 0.8:
            filled(world, phone("tinh", code), chance)
    merged(world, lowest, chance)
    one, more = desk("tinh"), 0
    with world.app.app_context(), reading() as session:
        living = session.scalars(select(Unit.id).where(Unit.merged_at.is_(None))).all()
    for unit in living:
        at = f"/desk/exports/table.csv?campaign={world.campaign}&unit={unit}&state=all"
        text = one.http.get(at, buffered=True).data.decode("utf-8-sig")
        read = counted(list(csv.DictReader(io.StringIO(text))))
        with world.app.app_context(), reading() as session:
            scope = Scope(session, world.officers["tinh"])
            total = loading.load(session, scope, session.get_one(Campaign, world.campaign), unit).total
            page = {code: int(cell.counted) for code, cell in total.cells.items()}
        assert {code: read[code] for code in page} == page, unit
        more += sum(page.values()) > 0
    assert more > 2
