"""One-time links to the desk."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "welcome_link",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("officer_id", sa.String(length=16), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name="fk_welcome_link_officer_id"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_welcome_link"),
    )
    op.create_index("ix_welcome_link_officer_id", "welcome_link", ["officer_id"], unique=False)


def downgrade() -> None:
    op.drop_table("welcome_link")
