"""Where each file of the audit log's heads ends, so that a file whose end was cut shows."""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_head",
        sa.Column("of", sa.String(16), nullable=False),
        sa.Column("file", sa.String(40), nullable=False),
        sa.Column("nth", sa.BigInteger(), nullable=False),
        sa.Column("tag", sa.String(64), nullable=False),
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("mac", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("of", "file", name="pk_audit_head"),
    )


def downgrade() -> None:
    op.drop_table("audit_head")
