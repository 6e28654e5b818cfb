"""What people said of faces in photos, with the parts that are covered; the rule of a campaign."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0078"
down_revision = "0077"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "photo_mark",
        sa.Column("record_id", sa.String(16), sa.ForeignKey("record.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("face", sa.Boolean),
        sa.Column("unused", sa.Boolean, nullable=False),
        sa.Column("parts", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("officer_id", sa.String(16), sa.ForeignKey("officer.id"), nullable=False, index=True),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "face_rule",
        sa.Column("campaign_id", sa.String(16), sa.ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("rule", sa.String(8), nullable=False),
        sa.Column("by_id", sa.String(16), sa.ForeignKey("officer.id"), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("face_rule")
    op.drop_table("photo_mark")
