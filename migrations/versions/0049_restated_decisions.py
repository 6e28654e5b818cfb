"""Which decision a later one states again, where the decision between them was undone (D-14)."""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("decision", sa.Column("restates", sa.String(16), nullable=True))


def downgrade() -> None:
    op.drop_column("decision", "restates")
