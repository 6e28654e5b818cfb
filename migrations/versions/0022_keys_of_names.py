"""What lists of people and units are searched and ordered by, made from their names."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from sync.text import fold, sort_text

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
KEYS = ("search_key", "sort_key")


def upgrade() -> None:
    for table in ("unit", "officer"):
        for key in KEYS:
            op.add_column(table, sa.Column(key, KEY, nullable=False, server_default=""))
    unit = sa.table("unit", *map(sa.column, ("id", "name", "short_name", *KEYS)))
    officer = sa.table("officer", *map(sa.column, ("id", "name", "username", *KEYS)))
    _fill(unit, lambda row: (fold(row.name), sort_text(row.short_name)))
    _fill(officer, lambda row: (fold(f"{row.name} {row.username}"), sort_text(row.name)))


def downgrade() -> None:
    for table in ("officer", "unit"):
        for key in KEYS:
            op.drop_column(table, key)


def _fill(table: sa.TableClause, made: Callable[[Any], tuple[str, str]]) -> None:
    rows = op.get_bind().execute(sa.select(table)).all()
    keys = [{"row": row.id, **dict(zip(KEYS, made(row), strict=True))} for row in rows]
    if keys:
        changed = sa.update(table).where(table.c.id == sa.bindparam("row"))
        op.get_bind().execute(changed.values({key: sa.bindparam(key) for key in KEYS}), keys)
