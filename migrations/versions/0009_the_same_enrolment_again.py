"""Which device a code became, and for whom: an enrolment whose answer was lost is answered again."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("enrolment_code", sa.Column("device_id", sa.String(length=16), nullable=True))
    op.add_column("enrolment_code", sa.Column("nonce_hash", sa.String(length=64), nullable=True))


def downgrade() -> None:
    op.drop_column("enrolment_code", "nonce_hash")
    op.drop_column("enrolment_code", "device_id")
