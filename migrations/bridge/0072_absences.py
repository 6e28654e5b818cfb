"""Who decides for a reviewer who is away, from which moment to which."""

import sqlalchemy as sa
from alembic import op

revision = "0072"
down_revision = "0071"
branch_labels = None
depends_on = None

_PEOPLE = ("officer_id", "deputy_id", "by_id")


def upgrade() -> None:
    op.create_table(
        "absence",
        sa.Column("id", sa.String(16), primary_key=True),
        *(sa.Column(name, sa.String(16), sa.ForeignKey("officer.id"), nullable=False, index=True) for name in _PEOPLE),
        sa.Column("unit_id", sa.String(16), sa.ForeignKey("unit.id"), nullable=False, index=True),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("begins_at", "ends_at", "at")),
        sa.Column("ended_at", sa.BigInteger),
    )


def downgrade() -> None:
    op.drop_table("absence")
