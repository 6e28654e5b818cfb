"""A version of what clients' catalogues are made of: another value with each change, also by plain SQL.

The server compares it before it makes a catalogue anew (server/services/exchange/catalog.py). Of statements that write
many rows it changes once on PostgreSQL.
"""

from alembic import op

revision = "0070"
down_revision = "0069"
branch_labels = None
depends_on = None

ROWS = {  # by table: the events
    "unit": ("INSERT", "UPDATE", "DELETE"),
    "campaign": ("INSERT", "UPDATE", "DELETE"),
    "campaign_file": ("INSERT", "UPDATE", "DELETE"),
    "membership": ("INSERT", "UPDATE", "DELETE"),
    "officer": ("INSERT", "UPDATE OF name, phone, disabled_at", "DELETE"),
    "stream": ("INSERT", "DELETE"),
}
SOME = {  # one row each: only those that a catalogue names
    "regime_version": (("INSERT", "NEW.number IS NOT NULL"), ("UPDATE", "NEW.number IS NOT NULL")),
    "meta": (("INSERT", "NEW.key = 'demo'"), ("DELETE", "OLD.key = 'demo'")),
}
NAMES = [(table, event, "") for table, events in ROWS.items() for event in events]
NAMES += [(table, event, when) for table, pairs in SOME.items() for event, when in pairs]


def name(table: str, event: str) -> str:
    return f"catalogue_{table}_{event.split(maxsplit=1)[0].lower()}"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "INSERT INTO meta (key, value) VALUES ('catalog_version', gen_random_uuid()::text) ON CONFLICT DO NOTHING"
        )
        op.execute(
            "CREATE FUNCTION catalogue_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "UPDATE meta SET value = gen_random_uuid()::text WHERE key = 'catalog_version'; RETURN NULL; END $$"
        )
        for table, event, when in NAMES:
            each = f"FOR EACH ROW WHEN ({when})" if when else "FOR EACH STATEMENT"
            op.execute(
                f"CREATE TRIGGER {name(table, event)} AFTER {event} ON {table} {each} "
                "EXECUTE FUNCTION catalogue_changed()"
            )
        return
    op.execute("INSERT OR IGNORE INTO meta (key, value) VALUES ('catalog_version', lower(hex(randomblob(12))))")
    for table, event, when in NAMES:
        only = f"WHEN {when} " if when else ""
        change = "UPDATE meta SET value = lower(hex(randomblob(12))) WHERE key = 'catalog_version'"
        op.execute(f"CREATE TRIGGER {name(table, event)} AFTER {event} ON {table} {only}BEGIN {change}; END")


def downgrade() -> None:
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    for table, event, _ in NAMES:
        op.execute(f"DROP TRIGGER {name(table, event)}{f' ON {table}' if is_postgresql else ''}")
    if is_postgresql:
        op.execute("DROP FUNCTION catalogue_changed()")
