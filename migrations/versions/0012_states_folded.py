"""What is needed to bring a record's state forward write by write: ids named in `seen` early, and counts of writes."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

EARLY = """
INSERT INTO early_seen (record_id, write_id, by)
SELECT DISTINCT write.record_id, named.value, write.id FROM write, {named} AS named
WHERE named.value <> write.id AND NOT EXISTS (SELECT 1 FROM write AS held WHERE held.id = named.value)
"""
NAMED = {"sqlite": "json_each(write.seen)", "postgresql": "jsonb_array_elements_text(write.seen)"}
COUNT = """
UPDATE record SET writes = (SELECT count(*) FROM write WHERE write.record_id = record.id),
early = (SELECT count(*) FROM early_seen WHERE early_seen.record_id = record.id)
"""


def upgrade() -> None:
    op.create_table(
        "early_seen",
        sa.Column("record_id", sa.String(length=16), nullable=False),
        sa.Column("write_id", sa.String(length=16), nullable=False),
        sa.Column("by", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name="fk_early_seen_record_id"),
        sa.ForeignKeyConstraint(["by"], ["write.id"], name="fk_early_seen_by"),
        sa.PrimaryKeyConstraint("record_id", "write_id", "by", name="pk_early_seen"),
    )
    op.add_column("record", sa.Column("writes", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("record", sa.Column("early", sa.Integer(), nullable=False, server_default="0"))
    op.execute(EARLY.format(named=NAMED[op.get_bind().dialect.name]))
    op.execute(COUNT)


def downgrade() -> None:
    op.drop_column("record", "early")
    op.drop_column("record", "writes")
    op.drop_table("early_seen")
