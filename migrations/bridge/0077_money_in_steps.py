"""Money is stated in steps, as locks, papers and totals are: what was done and why, altered by nothing."""

import sqlalchemy as sa
from alembic import op

revision = "0077"
down_revision = "0076"
branch_labels = None
depends_on = None

SQLITE = {
    "money_statement_no_update": "BEFORE UPDATE ON money_statement",
    "money_statement_no_delete": "BEFORE DELETE ON money_statement",
    "money_statement_no_replace": (
        "BEFORE INSERT ON money_statement WHEN EXISTS (SELECT 1 FROM money_statement WHERE id = NEW.id OR "
        "(campaign_id = NEW.campaign_id AND unit_id = NEW.unit_id AND number = NEW.number))"
    ),
}
POSTGRESQL = {
    "money_statement_no_change": "BEFORE UPDATE OR DELETE ON money_statement FOR EACH ROW",
    "money_statement_no_truncate": "BEFORE TRUNCATE ON money_statement FOR EACH STATEMENT",
}
REFUSED = "what a unit stated is not altered"


def upgrade() -> None:
    op.add_column("money_statement", sa.Column("act", sa.String(length=8), nullable=False, server_default="state"))
    op.add_column("money_statement", sa.Column("reason", sa.String(length=2000), nullable=False, server_default=""))
    if op.get_bind().dialect.name == "sqlite":
        for name, when in SQLITE.items():
            op.execute(f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END")
        return
    for name, when in POSTGRESQL.items():
        op.execute(f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION frozen_refused()")


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for name in SQLITE if is_sqlite else POSTGRESQL:
        op.execute(f"DROP TRIGGER {name}" + ("" if is_sqlite else " ON money_statement"))
    for name in ("reason", "act"):
        op.drop_column("money_statement", name)
