"""The figures of what is stored are to be made anew: 0050 folds otherwise, 0053 counts what records say.

Only the code knows how. `loa db upgrade`, `loa serve --ready` and `loa restore` do it; `loa serve` waits for it.
"""

from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM meta WHERE key = 'must_recount'")
    op.execute("INSERT INTO meta (key, value) SELECT 'must_recount', '0056' WHERE EXISTS (SELECT 1 FROM record)")


def downgrade() -> None:
    """Leave the figures: an older version says that its own recount is needed (CHANGELOG)."""
    op.execute("DELETE FROM meta WHERE key = 'must_recount'")
