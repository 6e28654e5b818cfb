"""Indexes of the audit log with the number, so that the newest lines of a person, act or unit are found.

Those of a person also have what else is asked of the person's lines: a unit, another person, a time.
"""

from alembic import op

revision = "0029"
down_revision = "0027"
branch_labels = None
depends_on = None

BEFORE = ("at", "actor_id", "act", "about_id", "unit_id")
NOW = (
    ("at", "number"),
    ("act", "number"),
    ("actor_id", "act", "number", "about_id", "unit_id", "at"),
    ("about_id", "act", "number", "actor_id", "unit_id", "at"),
    ("unit_id", "act", "number"),
)


def _name(columns: tuple[str, ...]) -> str:
    return f"ix_audit_line_{'_'.join(columns[: columns.index('number') + 1])}"


def upgrade() -> None:
    for column in BEFORE:
        op.drop_index(f"ix_audit_line_{column}", table_name="audit_line")
    for columns in NOW:
        op.create_index(_name(columns), "audit_line", list(columns), unique=False)


def downgrade() -> None:
    for columns in NOW:
        op.drop_index(_name(columns), table_name="audit_line")
    for column in BEFORE:
        op.create_index(f"ix_audit_line_{column}", "audit_line", [column], unique=False)
