"""Indexes of the audit log that end with the number, so that the newest lines of a person, act or unit are found."""

from alembic import op

revision = "0029"
down_revision = "0027"
branch_labels = None
depends_on = None

BEFORE = ("at", "actor_id", "act", "about_id", "unit_id")
NOW = (("at",), ("act",), ("actor_id", "act"), ("about_id", "act"), ("unit_id", "act"))


def upgrade() -> None:
    for column in BEFORE:
        op.drop_index(f"ix_audit_line_{column}", table_name="audit_line")
    for columns in NOW:
        name = f"ix_audit_line_{'_'.join(columns)}_number"
        op.create_index(name, "audit_line", [*columns, "number"], unique=False)


def downgrade() -> None:
    for columns in NOW:
        op.drop_index(f"ix_audit_line_{'_'.join(columns)}_number", table_name="audit_line")
    for column in BEFORE:
        op.create_index(f"ix_audit_line_{column}", "audit_line", [column], unique=False)
