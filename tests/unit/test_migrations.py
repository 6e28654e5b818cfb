"""Migrations run up and down on both databases, and end at the models."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect
from sqlalchemy.orm import Session

from server.cli.upgrade import counts_anew, minutes, stops
from server.core import paths
from server.core.db import Base
from server.migrate import config, expected, revision, upgrade
from server.migrate import stops as missing_stops
from server.registration import collect
from server.services.audit import outside
from support.installation.databases import Engine
from support.installation.rolling import refused
from support.installation.schema import schema_of


@pytest.mark.slow
def test_up_equals_the_models_and_down_leaves_nothing(empty_database_url: str) -> None:
    collect()
    upgrade(empty_database_url)
    engine = create_engine(empty_database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    command.downgrade(config(empty_database_url), "base")
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    assert schema_of(engine) == {}
    assert revision(engine) == ()
    upgrade(empty_database_url)
    assert revision(engine) == expected()
    engine.dispose()


def test_the_expected_revision_is_alembics_head() -> None:
    """It is read off the files' names, because each command asks and Alembic takes half a second."""
    assert expected() == tuple(ScriptDirectory.from_config(config("sqlite://")).get_heads())
    bridge = ScriptDirectory.from_config(config("sqlite://", bridge=True))
    assert (bridge.get_bases(), bridge.get_heads()) == (["0049"], ["0080"])


@pytest.mark.databases("both")
def test_each_trigger_is_listed_as_the_migrations_make_it(database_url: str) -> None:
    """tools/list_triggers.py writes the list anew, once on each database."""
    engine = create_engine(database_url)
    with Session(engine) as session:
        assert outside.present(session) == json.loads(outside.FILE.read_text("utf-8"))[engine.dialect.name]
    engine.dispose()


def test_the_release_before_can_live_beside_each_migration(empty_database_url: str) -> None:
    """From 1.0 on; one that needs a stop says so, with its reason (migrations/README.md)."""
    assert refused(config(empty_database_url)) == {}


PLANTED = {
    "expands": (
        """
    op.create_table("extra", sa.Column("id", sa.Integer, primary_key=True), sa.Column("said", sa.Text, nullable=False))
    op.add_column("unit", sa.Column("shade", sa.String(8)))
    op.add_column("unit", sa.Column("weight", sa.Integer, nullable=False, server_default="0"))
    op.create_index("ix_unit_shade", "unit", ["shade"])
    op.drop_index("ix_record_readiness", "record")""",
        "",
    ),
    "drops a table": ("""op.drop_table("face_rule")""", "table face_rule of face_rule: is gone"),
    "drops a column": ("""op.drop_column("report_form", "tags")""", "column tags of report_form: is gone"),
    "renames a column": (
        """op.alter_column("report_form", "tags", new_column_name="words")""",
        "column tags of report_form: is gone",
    ),
    "renames a table": ("""op.rename_table("face_rule", "rule_of_faces")""", "table face_rule of face_rule: is gone"),
    "asks for a column": (
        """
    always = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    with op.batch_alter_table("face_rule", recreate=always) as batch:
        batch.add_column(sa.Column("shade", sa.String(8), nullable=False))""",
        "column shade of face_rule: must be given",
    ),
    "takes no more blanks": (
        """
    with op.batch_alter_table("report_form") as batch:
        batch.alter_column("removed_at", existing_type=sa.BigInteger(), nullable=False)""",
        "column removed_at of report_form: may no longer be empty",
    ),
    "lets blanks in": (
        """
    with op.batch_alter_table("report_form") as batch:
        batch.alter_column("name", existing_type=sa.String(200), nullable=True)""",
        "column name of report_form: may be empty",
    ),
    "changes a type": (
        """
    with op.batch_alter_table("report_form") as batch:
        batch.alter_column("size_bytes", existing_type=sa.Integer(), type_=sa.String(20))""",
        "column size_bytes of report_form: was ",
    ),
    "drops a default": (
        """
    with op.batch_alter_table("photo_ref") as batch:
        batch.alter_column("gone", existing_type=sa.Boolean(), server_default=None)""",
        "column gone of photo_ref: another default",
    ),
    "makes something unique": (
        """op.create_index("ix_officer_phone", "officer", ["phone"], unique=True)""",
        "index ix_officer_phone of officer: is new",
    ),
    "drops what is unique": (
        """op.drop_index("ix_message_stream_id_position", "message")""",
        "index ix_message_stream_id_position of message: is gone",
    ),
    "refers": (
        """
    with op.batch_alter_table("report_form") as batch:
        batch.create_foreign_key("fk_report_form_sha256", "photo", ["sha256"], ["sha256"])""",
        "foreign fk_report_form_sha256 of report_form: is new",
    ),
    "watches": (
        """
    when = "BEFORE DELETE ON unit "
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"CREATE TRIGGER unit_stays {when} BEGIN SELECT RAISE(ABORT, 'stays'); END")
    else:
        op.execute(f"CREATE TRIGGER unit_stays {when} FOR EACH STATEMENT EXECUTE FUNCTION frozen_refused()")""",
        "trigger unit_stays of unit: is new",
    ),
    "makes figures anew": (
        """op.execute("INSERT INTO meta (key, value) VALUES ('must_recount', '1001')")""",
        "figures are to be made anew",
    ),
}
HEAD = '''"""Planted."""
import sqlalchemy as sa
from alembic import op
revision = "2000"
down_revision = "{before}"
branch_labels = depends_on = None
{more}
def upgrade() -> None:
    {steps}
def downgrade() -> None:
    raise NotImplementedError
'''


def planted(database_url: str, folder: Path, steps: str, more: str = "") -> dict[str, list[str]]:
    """Put a migration behind the last one, in a folder of its own."""
    (before,) = expected()
    (folder / "2000_planted.py").write_text(HEAD.format(before=before, more=more, steps=steps.strip()))
    made = config(database_url)
    made.set_main_option("version_locations", f"{paths.migrations() / 'versions'}\n{folder}")
    return refused(made)


@pytest.mark.parametrize("name", PLANTED)
def test_one_that_it_cannot_live_beside_is_refused(name: str, empty_database_url: str, tmp_path: Path) -> None:
    steps, why = PLANTED[name]
    found = planted(empty_database_url, tmp_path, steps)
    if not why:
        assert found == {}
        return
    assert any(each.startswith(why) for each in found["2000"]), found


@pytest.mark.databases("both")
def test_one_that_says_that_it_needs_a_stop_says_why(
    empty_database_url: str, database_engine: Callable[[str], Engine], tmp_path: Path
) -> None:
    steps, _ = PLANTED["drops a table"]
    assert planted(empty_database_url, tmp_path, steps, "NEEDS_STOP = True") == {
        "2000": ["NEEDS_STOP without a STOP_REASON"]
    }
    again = database_engine(empty_database_url.partition(":")[0].partition("+")[0]).empty()
    assert planted(again, tmp_path, steps, 'NEEDS_STOP = True\nSTOP_REASON = "rules are in another table"') == {}


def test_the_steps_that_need_a_stop_are_those_that_the_tables_lack(database_url: str, tmp_path: Path) -> None:
    """The first one first, and none that stands between them; none where the tables are up to date."""
    assert missing_stops(database_url) == []
    (before,) = expected()
    for number, more in ((2000, ""), (2001, "NEEDS_STOP = True"), (2002, ""), (2003, "NEEDS_STOP = True")):
        text = HEAD.format(before=before, more=more, steps="raise SystemExit").replace(
            '\nrevision = "2000"', f'\nrevision = "{number}"'
        )
        (tmp_path / f"{number}_planted.py").write_text(text)
        before = str(number)
    made = config(database_url)
    made.set_main_option("version_locations", f"{paths.migrations() / 'versions'}\n{tmp_path}")
    assert missing_stops(database_url, made) == ["2001", "2003"]


def test_an_upgrade_says_before_which_step_needs_a_stop(tmp_path: Path) -> None:
    """`loa upgrade --dry-run`, of the wheel in the archive, without running any of it."""
    wheel = tmp_path / "loa-9.9.9-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as file:
        said = ("NEEDS_STOP = True", "", "NEEDS_STOP: Final = True", "")
        for number, more in enumerate(said, 1000):
            text = HEAD.format(before="", more=f'{more}\nSTOP_REASON = "why {number}"', steps="raise SystemExit")
            file.writestr(f"server/_data/migrations/versions/{number}_x.py", text)
        file.writestr("server/_data/migrations/bridge/1004_x.py", "NEEDS_STOP = True")
    assert stops(wheel, "1000") == {"1002": "why 1002"}
    assert stops(wheel, "1002") == {}


def test_an_upgrade_is_said_to_take_longer_where_all_is_counted_anew(tmp_path: Path) -> None:
    wheel = tmp_path / "loa-9.9.9-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as file:
        for number, text in (
            (1000, ""),
            (1001, "op.execute(\"INSERT INTO meta VALUES ('must_recount', '')\")"),
            (1002, ""),
        ):
            file.writestr(f"server/_data/migrations/versions/{number}_x.py", text)
    assert counts_anew(wheel, "1000")
    assert not counts_anew(wheel, "1001")
    assert counts_anew(wheel, "0049"), "on its way over the bridge"
    assert minutes(0, 0, counts=False) == 1
    of_a_million = 6_000_000_000
    assert minutes(of_a_million, 0, counts=True) > minutes(of_a_million, 0, counts=False) > 1
    assert minutes(of_a_million, 300 * 10**9, counts=False) > 4 * 60, "photos are most of it"
