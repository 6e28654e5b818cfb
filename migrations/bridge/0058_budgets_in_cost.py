"""What devices and persons spent of their budgets in writes and seconds of the processor; a push under way."""

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None

_COLUMNS = "quota_writes_until", "quota_work_until", "quota_pushing_until"


def upgrade() -> None:
    for name in _COLUMNS:
        op.add_column("device", sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"))
    op.create_table(
        "person_quota",
        sa.Column("officer_id", sa.String(16), nullable=False),
        sa.Column("writes_until", sa.BigInteger(), nullable=False),
        sa.Column("work_until", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name="fk_person_quota_officer_id"),
        sa.PrimaryKeyConstraint("officer_id", name="pk_person_quota"),
    )


def downgrade() -> None:
    op.drop_table("person_quota")
    for name in reversed(_COLUMNS):
        op.drop_column("device", name)
