"""Lengths of banners in centimetres: what is stored of them is rescaled (SPEC F-17).

Frozen figures keep their digits: each freeze says at which scale they are (services/reports/snapshot/freezes.py).
"""

from collections.abc import Callable, Iterable
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

FIGURE, TIMES = "banner_metres", 100
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
Rescale = Callable[[int], int]


def upgrade() -> None:
    _rescale(lambda column: column * TIMES, lambda digits: digits * TIMES)


def downgrade() -> None:
    """Round to whole metres, halves up; what is above 0 stays so, because 0 says that there is nothing to report.

    Running totals and records are rounded apart: run `loa db recount` after it.
    """
    _rescale(
        lambda column: sa.case((column.between(1, TIMES // 2 - 1), 1), else_=(column + TIMES // 2) // TIMES),
        lambda digits: max((digits + TIMES // 2) // TIMES, min(digits, 1)),
    )


def _rescale(made: Callable[[Any], Any], rescale: Rescale) -> None:
    # The bucket `nil` counts statements of units, not metres.
    _numbers("tally", ("amount",), made, sa.column("bucket") != "nil")
    _numbers("prior_value", ("amount",), made)
    _totals(made)
    _records(made)
    _each("campaign", "expected", lambda plan: [_plan(row, rescale) for row in plan])
    _each("prior_draft", "sheet", lambda sheet: _sheet(sheet, rescale))
    _each("asked_document", "printed", lambda printed: _amounts(printed, rescale))


def _numbers(table: str, names: Iterable[str], made: Callable[[Any], Any], *more: Any) -> None:
    columns = {name: sa.column(name, sa.BigInteger) for name in names}
    rows = sa.table(table, *columns.values(), sa.column("figure"), sa.column("bucket"))
    changed = {name: made(column) for name, column in columns.items()}
    op.execute(sa.update(rows).where(sa.column("figure") == FIGURE, *more).values(changed))


def _records(made: Callable[[Any], Any]) -> None:
    amounts = sa.column("amounts", JSON)
    if op.get_bind().dialect.name == "sqlite":
        held: Any = sa.func.json_extract(amounts, f"$.{FIGURE}", type_=sa.BigInteger)
        changed: Any = sa.func.json_set(amounts, f"$.{FIGURE}", made(held))
    else:
        held = sa.cast(amounts.op("->>")(FIGURE), sa.BigInteger)
        path = postgresql.array([FIGURE])
        changed = sa.func.jsonb_set(amounts, path, sa.func.to_jsonb(made(held)))
    rows = sa.table("record", amounts, sa.column("kind"))
    op.execute(sa.update(rows).where(sa.column("kind") == "banner", held.is_not(None)).values(amounts=changed))


def _totals(made: Callable[[Any], Any]) -> None:
    """The triggers of 0030 let nobody alter these rows; here no statement of a person changes."""
    off, on = "ALTER TABLE total_step DISABLE TRIGGER USER", "ALTER TABLE total_step ENABLE TRIGGER USER"
    if op.get_bind().dialect.name == "sqlite":
        off = "DROP TRIGGER total_step_no_update"
        on = op.get_bind().scalar(sa.text("SELECT sql FROM sqlite_master WHERE name = 'total_step_no_update'"))
    op.execute(off)
    _numbers("total_step", ("amount", "base"), made)
    op.execute(on)


def _each(table: str, column: str, change: Callable[[Any], Any]) -> None:
    rows = sa.table(table, sa.column("id"), sa.column(column, JSON))
    held = rows.c[column]
    for row in op.get_bind().execute(sa.select(rows)).all():
        if row[1] and (new := change(row[1])) != row[1]:
            op.get_bind().execute(sa.update(rows).where(rows.c.id == row[0]).values({held: new}))


def _amounts(found: dict[str, Any], rescale: Rescale) -> dict[str, Any]:
    return {code: rescale(said) if code == FIGURE and said is not None else said for code, said in found.items()}


def _plan(row: dict[str, Any], rescale: Rescale) -> dict[str, Any]:
    if row["figure"] != FIGURE:
        return row
    parts = {
        name: {key: rescale(int(said)) for key, said in row[name].items()}
        for name in ("classes", "units")
        if name in row
    }
    return {**row, "amount": rescale(int(row["amount"])), **parts}


def _sheet(sheet: dict[str, Any], rescale: Rescale) -> dict[str, Any]:
    """A row is [number, name, cell, amounts by figure, whether it is a total]."""
    if "rows" not in sheet:
        return sheet
    return {**sheet, "rows": [[*row[:3], _amounts(row[3], rescale), *row[4:]] for row in sheet["rows"]]}
