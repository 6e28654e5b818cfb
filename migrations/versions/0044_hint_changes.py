"""Count what changes the hints of a stream besides its writes, so that no change is lost while they are made."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hint_change",
        sa.Column("stream_id", sa.String(16), nullable=False),
        sa.Column("changes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("stream_id"),
    )
    op.add_column("hinted_stream", sa.Column("changes", sa.BigInteger(), nullable=False, server_default="0"))


def downgrade() -> None:
    # The older service knows -1 alone: the hints are to be made anew.
    op.execute(
        "UPDATE hinted_stream SET written = -1 WHERE changes <> "
        "COALESCE((SELECT c.changes FROM hint_change c WHERE c.stream_id = hinted_stream.stream_id), 0)"
    )
    with op.batch_alter_table("hinted_stream") as table:
        table.drop_column("changes")
    op.drop_table("hint_change")
