"""Second factors with their recovery codes, what a desk session knows of itself, and handovers."""

import time

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("desk_session", sa.Column("seen_at", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("desk_session", sa.Column("proved_at", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("desk_session", sa.Column("second_at", sa.BigInteger(), nullable=True))
    op.add_column("desk_session", sa.Column("address", sa.String(length=64), nullable=False, server_default=""))
    op.add_column("desk_session", sa.Column("browser", sa.String(length=60), nullable=False, server_default=""))
    # Whoever is at work now stays signed in: when a session was last used was not noted before.
    now = sa.text("UPDATE desk_session SET seen_at = :now, proved_at = created_at")
    op.get_bind().execute(now, {"now": int(time.time() * 1000)})
    op.create_table(
        "second_factor",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("officer_id", sa.String(length=16), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("sealed", sa.String(length=200), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name="fk_second_factor_officer_id"),
        sa.PrimaryKeyConstraint("id", name="pk_second_factor"),
    )
    op.create_index("ix_second_factor_officer_id", "second_factor", ["officer_id"], unique=False)
    op.create_table(
        "recovery_code",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("factor_id", sa.String(length=16), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["factor_id"], ["second_factor.id"], name="fk_recovery_code_factor_id"),
        sa.PrimaryKeyConstraint("code_hash", name="pk_recovery_code"),
    )
    op.create_index("ix_recovery_code_factor_id", "recovery_code", ["factor_id"], unique=False)
    op.create_table(
        "required_factor",
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("by_id", sa.String(length=16), nullable=True),
        sa.PrimaryKeyConstraint("role", name="pk_required_factor"),
    )
    op.create_table(
        "handover",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("from_id", sa.String(length=16), nullable=False),
        sa.Column("to_id", sa.String(length=16), nullable=False),
        sa.Column("by_id", sa.String(length=16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("told", JSON, nullable=False),
        sa.ForeignKeyConstraint(["from_id"], ["officer.id"], name="fk_handover_from_id"),
        sa.ForeignKeyConstraint(["to_id"], ["officer.id"], name="fk_handover_to_id"),
        sa.ForeignKeyConstraint(["by_id"], ["officer.id"], name="fk_handover_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_handover"),
    )
    for column in ("from_id", "to_id", "by_id"):
        op.create_index(f"ix_handover_{column}", "handover", [column], unique=False)


def downgrade() -> None:
    op.drop_table("handover")
    op.drop_table("required_factor")
    op.drop_table("recovery_code")
    op.drop_table("second_factor")
    for column in ("browser", "address", "second_at", "proved_at", "seen_at"):
        op.drop_column("desk_session", column)
