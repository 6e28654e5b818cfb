"""The last push of each device."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "push",
        sa.Column("device_id", sa.String(length=16), nullable=False),
        sa.Column("push", sa.String(length=16), nullable=False),
        sa.Column("runs", JSON, nullable=False),
        sa.Column("new", JSON, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name="fk_push_device_id"),
        sa.PrimaryKeyConstraint("device_id", name="pk_push"),
    )


def downgrade() -> None:
    op.drop_table("push")
