"""Confidential cases open by key: the case key, its holders, who opened it, and what remains once a case is reduced."""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None

_ADDED = {
    "case_file": (("remains", sa.Text()), ("rest", sa.Text()), ("recoded", sa.Text())),
    "case_log_line": (("remains", sa.Text()), ("case_tag", sa.String(64))),
}


def upgrade() -> None:
    officer = ("officer.id",)
    op.create_table(
        "case_key",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("public", sa.String(64), nullable=False),
        sa.Column("made_by", sa.String(16), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("recovery", sa.Text(), nullable=False),
        sa.Column("recovery_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_case_key"),
        sa.ForeignKeyConstraint(["made_by"], officer, name="fk_case_key_made_by_officer"),
    )
    op.create_table(
        "key_holder",
        sa.Column("officer_id", sa.String(16), nullable=False),
        sa.Column("public", sa.String(64), nullable=False),
        sa.Column("salt", sa.String(32), nullable=False),
        sa.Column("private", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("wrapped", sa.Text(), nullable=False),
        sa.Column("admitted_by", sa.String(16), nullable=False),
        sa.Column("admitted_at", sa.BigInteger(), nullable=True),
        sa.Column("lost_at", sa.BigInteger(), nullable=True),
        sa.Column("lost_why", sa.String(16), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("officer_id", name="pk_key_holder"),
        sa.ForeignKeyConstraint(["officer_id"], officer, name="fk_key_holder_officer_id_officer"),
    )
    op.create_table(
        "key_opening",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("officer_id", sa.String(16), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_key_opening"),
        sa.ForeignKeyConstraint(["officer_id"], officer, name="fk_key_opening_officer_id_officer"),
    )
    op.create_index("ix_case_key_made_by", "case_key", ["made_by"])
    op.create_index("ix_key_opening_officer_id", "key_opening", ["officer_id"])
    for table, columns in _ADDED.items():
        for name, kind in columns:
            op.add_column(table, sa.Column(name, kind, nullable=False, server_default=""))
    op.create_index("ix_case_log_line_case_tag", "case_log_line", ["case_tag"])


def downgrade() -> None:
    """Refuse where cases are under the case key: an older version could not open them, nor could anybody else."""
    found = op.get_bind().execute(sa.text("SELECT 1 FROM case_key")).first()
    if found is not None:
        raise RuntimeError("cases are sealed with the case key: an older version cannot open them; restore a backup")
    op.drop_index("ix_case_log_line_case_tag", "case_log_line")
    for table, columns in _ADDED.items():
        for name, _ in columns:
            op.drop_column(table, name)
    for table in ("key_opening", "key_holder", "case_key"):
        op.drop_table(table)
