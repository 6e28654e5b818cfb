"""Who made a unit's figures, and which leader approved them, when they were confirmed and sent."""

import sqlalchemy as sa
from alembic import op

revision = "0069"
down_revision = "0068"
branch_labels = None
depends_on = None

_COLUMNS = {"prepared_by": 100, "approved_by": 100, "approved_title": 100, "approved_on": 10}


def upgrade() -> None:
    for name, length in _COLUMNS.items():
        op.add_column("seal", sa.Column(name, sa.String(length), nullable=False, server_default=""))


def downgrade() -> None:
    for name in reversed(_COLUMNS):
        op.drop_column("seal", name)
