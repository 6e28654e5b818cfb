"""What names are searched by, folded by sync/folding.json. Hints compare folded texts: all are made anew."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

from sync.text import fold

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    unit = sa.table("unit", *map(sa.column, ("id", "name", "search_key")))
    officer = sa.table("officer", *map(sa.column, ("id", "name", "username", "search_key")))
    _fill(unit, lambda row: fold(row.name))
    _fill(officer, lambda row: fold(f"{row.name} {row.username}"))
    op.execute("UPDATE hinted_stream SET written = -1")


def downgrade() -> None:
    """Keep the keys: an older version searches by them, and makes the key of a name that changes by its own rule."""
    op.execute("UPDATE hinted_stream SET written = -1")


def _fill(table: sa.TableClause, made: Callable[[Any], str]) -> None:
    changed = [
        {"row": row.id, "key": key}
        for row in op.get_bind().execute(sa.select(table))
        if (key := made(row)) != row.search_key
    ]
    if changed:
        update = sa.update(table).where(table.c.id == sa.bindparam("row"))
        op.get_bind().execute(update.values(search_key=sa.bindparam("key")), changed)
