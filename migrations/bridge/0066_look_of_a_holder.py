"""Of a holder of the case key only the day on which they looked last is kept, no day on which something is due.

What was kept before is removed: each holder is reminded once to look.
"""

from alembic import op

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("UPDATE key_holder SET due = ''")
    op.execute("ALTER TABLE key_holder RENAME COLUMN due TO look")


def downgrade() -> None:
    op.execute("UPDATE key_holder SET look = ''")
    op.execute("ALTER TABLE key_holder RENAME COLUMN look TO due")
