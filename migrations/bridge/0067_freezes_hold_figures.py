"""A freeze holds figures alone, a paper all else. What development versions locked is removed.

No release ever locked figures. Units lock them again, and make their papers from that.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None

_TABLES = (
    *("paper_file", "paper_step", "paper_version", "paper", "lock_step"),
    *("frozen_document", "frozen_line", "frozen"),
)


def upgrade() -> None:
    _remove()


def downgrade() -> None:
    _remove()


def _remove() -> None:
    with _unguarded():
        op.execute("DELETE FROM passage_aside WHERE passage_id IN (SELECT id FROM passage WHERE paper_id IS NOT NULL)")
        op.execute("DELETE FROM passage WHERE paper_id IS NOT NULL")
        op.execute("UPDATE paper SET follows_id = NULL")
        for table in _TABLES:
            op.execute(f"DELETE FROM {table}")  # noqa: S608 - names of this file


@contextmanager
def _unguarded() -> Iterator[None]:
    """The triggers that let nobody alter these rows are off meanwhile."""
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        for table in _TABLES:
            op.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        for table in _TABLES:
            op.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        return
    names = ", ".join(f"'{table}'" for table in _TABLES)
    found = bind.execute(
        sa.text(f"SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN ({names})")  # noqa: S608
    ).all()
    for name, _ in found:
        op.execute(f"DROP TRIGGER {name}")
    yield
    for _, sql in found:
        bind.execute(sa.text(sql.replace(":", "\\:")))
