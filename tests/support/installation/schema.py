"""All that a database has besides rows: tables, columns, constraints, indexes, triggers, functions, sequences.

Alembic's comparison sees neither triggers nor names of constraints nor defaults; two databases that are alike here take
and refuse the same statements.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, Engine, inspect, text


class Column(NamedTuple):
    type: str
    nullable: bool
    default: str | None


class Part(NamedTuple):
    """`kind`: table, order (of a table's columns), column, primary, foreign, unique, check, index, trigger, function,
    sequence."""

    kind: str
    table: str
    name: str


class Index(NamedTuple):
    says: str
    unique: bool


Schema = dict[Part, Column | Index | str]

_COLUMNS = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod) || coalesce(' ' || nullif(l.collname, 'default'), ''),
NOT a.attnotnull, coalesce(pg_get_expr(d.adbin, d.adrelid), nullif(a.attidentity::text, ''))
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum LEFT JOIN pg_collation l ON l.oid = a.attcollation
WHERE c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND c.relnamespace = :here ORDER BY c.relname, a.attnum
"""
_CONSTRAINTS = """
SELECT c.relname, k.contype::text, k.conname, pg_get_constraintdef(k.oid)
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid WHERE k.connamespace = :here AND k.contype <> 'n'
"""
_INDEXES = """
SELECT c.relname, i.relname, pg_get_indexdef(i.oid), x.indisunique FROM pg_index x JOIN pg_class i ON
i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid WHERE c.relnamespace = :here AND NOT EXISTS
(SELECT 1 FROM pg_constraint k WHERE k.conindid = i.oid AND k.contype IN ('p', 'u'))
"""
_TRIGGERS = """
SELECT c.relname, t.tgname, pg_get_triggerdef(t.oid), t.tgenabled::text FROM pg_trigger t JOIN pg_class c ON
c.oid = t.tgrelid WHERE NOT t.tgisinternal AND c.relnamespace = :here
"""
_FUNCTIONS = "SELECT proname, pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = :here"
_OTHERS = "SELECT relname, relkind::text FROM pg_class WHERE relnamespace = :here AND relkind NOT IN ('r', 'i')"
_KINDS = {"p": "primary", "f": "foreign", "u": "unique", "c": "check"}


def schema_of(engine: Engine) -> Schema:
    """Everything but Alembic's own table."""
    with engine.connect() as connection:
        found = _sqlite(connection) if engine.dialect.name == "sqlite" else _postgresql(connection)
    return {part: said for part, said in found.items() if part.table != "alembic_version"}


def _sqlite(connection: Connection) -> Schema:
    found: Schema = {}
    looked = inspect(connection)
    for table in looked.get_table_names():
        columns = looked.get_columns(table)
        found[Part("table", table, table)] = ""
        found[Part("order", table, table)] = ", ".join(each["name"] for each in columns)
        for each in columns:
            type_ = each["type"].compile(connection.dialect)
            found[Part("column", table, each["name"])] = Column(type_, each["nullable"], each["default"])
        key = looked.get_pk_constraint(table)
        found[Part("primary", table, str(key["name"]))] = ", ".join(key["constrained_columns"])
        for foreign in looked.get_foreign_keys(table):
            to = f"{foreign['referred_table']} ({', '.join(foreign['referred_columns'])}) {foreign.get('options')}"
            of = ", ".join(foreign["constrained_columns"])
            found[Part("foreign", table, str(foreign["name"]))] = f"({of}) -> {to}"
        for unique in looked.get_unique_constraints(table):
            found[Part("unique", table, str(unique["name"]))] = ", ".join(unique["column_names"])
        for check in looked.get_check_constraints(table):
            found[Part("check", table, str(check["name"]))] = check["sqltext"]
    rows = connection.execute(text("SELECT type, tbl_name, name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
    for kind, table, name, sql in rows:
        if kind == "index":
            found[Part(kind, table, name)] = Index(sql, unique=sql.startswith("CREATE UNIQUE"))
        elif kind != "table":
            found[Part(kind, table, name)] = sql
        else:
            found[Part("table", table, table)] = sql.rpartition(")")[2].strip()  # STRICT, WITHOUT ROWID
    return found


def _postgresql(connection: Connection) -> Schema:
    here = {"here": connection.scalar(text("SELECT current_schema()::regnamespace::oid"))}
    found: Schema = {}
    order: dict[str, list[str]] = {}
    for table, name, type_, nullable, default in connection.execute(text(_COLUMNS), here):
        found[Part("table", table, table)] = ""
        found[Part("column", table, name)] = Column(type_, nullable, default)
        order.setdefault(table, []).append(name)
    found |= {Part("order", table, table): ", ".join(names) for table, names in order.items()}
    for table, kind, name, says in connection.execute(text(_CONSTRAINTS), here):
        found[Part(_KINDS.get(kind, kind), table, name)] = says
    for table, name, says, unique in connection.execute(text(_INDEXES), here):
        found[Part("index", table, name)] = Index(says, unique)
    for table, name, says, enabled in connection.execute(text(_TRIGGERS), here):
        found[Part("trigger", table, name)] = f"{enabled} {says}"
    for name, says in connection.execute(text(_FUNCTIONS), here):
        found[Part("function", "", name)] = says
    for name, kind in connection.execute(text(_OTHERS), here):
        found[Part("sequence" if kind == "S" else kind, "", name)] = ""
    return found
