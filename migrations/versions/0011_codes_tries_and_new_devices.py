"""Codes of 16 digits, failed sign-ins and wrong codes counted, and who made the code of a device."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("device", sa.Column("code_by", sa.String(length=16), nullable=True))
    op.add_column("device", sa.Column("confirmed_at", sa.BigInteger(), nullable=True))
    op.create_index("ix_device_code_by", "device", ["code_by"])
    # Who has used a phone for weeks is not asked whether it is theirs.
    op.execute("UPDATE device SET confirmed_at = created_at")
    # Codes of before have eight digits; those made from now on say how many they have.
    op.add_column("enrolment_code", sa.Column("digits", sa.Integer(), nullable=False, server_default="8"))
    op.create_table(
        "failed_tries",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_failed_tries"),
    )
    op.create_index("ix_failed_tries_since", "failed_tries", ["since"])
    op.create_table(
        "wrong_codes",
        sa.Column("hour", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hour", name="pk_wrong_codes"),
    )
    op.drop_index("ix_attempt_subject_at", "attempt")
    op.drop_table("attempt")


def downgrade() -> None:
    op.create_table(
        "attempt",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_attempt"),
    )
    op.create_index("ix_attempt_subject_at", "attempt", ["subject", "at"], unique=False)
    op.drop_table("wrong_codes")
    op.drop_index("ix_failed_tries_since", "failed_tries")
    op.drop_table("failed_tries")
    op.drop_column("enrolment_code", "digits")
    op.drop_index("ix_device_code_by", "device")
    op.drop_column("device", "confirmed_at")
    op.drop_column("device", "code_by")
