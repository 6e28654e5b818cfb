"""The shell imports what a command needs and no more: names cost nothing, lists no application."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from server import models
from server.cli import campaign_files, cases, init
from server.cli.application import looking
from server.commands import INDEX, main
from server.core.clock import today
from server.core.db import Base
from server.data import units
from server.registration import collect
from server.services.campaigns import files
from server.services.cases import reducing
from support.installation.shell import Loa

pytestmark = pytest.mark.databases("sqlite")

RUN = """
import json, sys
from click.testing import CliRunner
from server.commands import main
done = [CliRunner().invoke(main, words) for words in json.loads(sys.argv[1])]
output = "".join(each.output for each in done)
found = [name for name in json.loads(sys.argv[2]) if name in sys.modules]
print(json.dumps([max(each.exit_code for each in done), output, found]))
"""


def imported(words: list[list[str]], *names: str, env: dict[str, str] | None = None) -> tuple[int, str, list[str]]:
    """Exit code and output of commands in a process of their own, and which of these modules it imported."""
    said = subprocess.run(
        [sys.executable, "-c", RUN, json.dumps(words), json.dumps(names)],
        env=os.environ | (env or {}),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    code, output, found = json.loads(said)
    return code, output, found


def test_the_index_leads_to_the_commands_of_the_capabilities() -> None:
    """One that a capability adds and the index lacks would not be found; another object would miss its options."""
    context = click.Context(main)
    for command in collect().commands:
        assert main.get_command(context, str(command.name)) is command, command.name
    assert {str(command.name) for command in collect().commands} == INDEX.keys()
    assert main.get_command(context, "nothing") is None


@pytest.mark.parametrize("words", [["--help"], ["--version"]])
def test_names_cost_nothing(words: list[str]) -> None:
    code, output, found = imported([words], "flask", "sqlalchemy", "alembic", "server.models")
    assert (code, found) == (0, [])
    assert output


def test_a_command_that_ends_at_once_has_written_all(tmp_path: Path) -> None:
    """It does not wait until what it imported is taken apart; what registered with atexit is called all the same."""
    noted = tmp_path / "noted"
    code = (
        f"import atexit, pathlib, sys\natexit.register(pathlib.Path({str(noted)!r}).touch)\n"
        "from server.commands import run\nsys.argv[1:] = {words!r}\nrun()\nprint('never')"
    )

    def ended(*words: str, to: str = "") -> tuple[int, str]:
        noted.unlink(missing_ok=True)
        program = [sys.executable, "-c", code.format(words=list(words))]
        with Path(to or tmp_path / "said").open("w") as out:
            status = subprocess.run(program, stdout=out, stderr=subprocess.PIPE, check=False).returncode
        assert noted.exists()
        return status, "" if to else (tmp_path / "said").read_text()

    status, said = ended("--help")
    assert (status, [name for name in INDEX if name not in said]) == (0, [])
    assert "never" not in said
    assert ended("nothing")[0] == 2
    assert ended("--help", to="/dev/full")[0] in {1, 120}, "120 is Python's own, where its buffer cannot be written"


HEAVY = ("flask", "sqlalchemy", "alembic", "marshmallow", "cryptography", "psycopg", "huey", "docx", "server.models")


def test_help_of_a_command_reads_its_words_alone() -> None:
    """So does TAB behind its name, which asks for the same modules."""
    code, output, found = imported([[name, "--help"] for name in INDEX], *HEAVY)
    assert (code, found) == (0, [])
    assert output.count("Usage:") == len(INDEX)


@pytest.mark.parametrize(
    ("typed", "found"), [("us", ["user"]), ("user ", ["add", "list"]), ("user add --r", ["--role"])]
)
def test_tab_completes_without_a_database(typed: str, found: list[str]) -> None:
    words = ["loa", *typed.split(" ")]
    env = {"_LOA_COMPLETE": "bash_complete", "COMP_WORDS": f"loa {typed}", "COMP_CWORD": str(len(words) - 1)}
    code = (
        "import sys; sys.argv[0] = 'loa'\nfrom server.commands import main\n"
        "try: main(prog_name='loa')\nexcept SystemExit: pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = [sys.executable, "-c", code]
    *said, heavy = subprocess.run(
        done, env=os.environ | env, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert {f"plain,{each}" for each in found} <= set(said)
    assert heavy == "[]"


def test_words_of_options_are_those_of_the_services() -> None:
    """A command says them once more, because TAB imports no service."""
    assert campaign_files.USES == files.USES
    assert cases.LEAST_MONTHS == reducing.LEAST_MONTHS
    (option,) = [each for each in init.init.params if each.name == "named"]
    assert isinstance(option, click.Option)
    assert option.help == f"{', '.join(units.BUILT_IN)}, or a CSV file with the columns {','.join(units.COLUMNS)}."


@pytest.mark.slow
@pytest.mark.databases("both")
def test_what_only_shows_imports_no_application(loa: Loa, database_url: str, tmp_path: Path) -> None:
    assert loa("init").exit_code == 0
    env = {"LOA_DATABASE_URL": database_url, "LOA_DATA_DIR": str(tmp_path)}
    shown = ["user list", "device list", "unit list", "campaign list", "audit show 1", "db revision"]
    heavy = ("flask", "server.application", "server.api", "server.desk.page", "docx", "alembic")
    code, output, found = imported([each.split() for each in shown], *heavy, env=env)
    assert (code, found) == (0, []), output
    listed = imported([["unit", "list"]], "server.services.organisation", "server.models.records", env=env)
    assert (listed[0], listed[2]) == (0, [])
    env["LOA_BACKUP_DIR"] = str(tmp_path.with_name("backups"))
    assert imported([["backup", "list"]], "sqlalchemy.orm", "psycopg", "alembic", env=env) == (0, "", [])


@pytest.mark.slow
@pytest.mark.databases("both")
def test_what_changes_accounts_imports_no_application(loa: Loa, database_url: str, tmp_path: Path) -> None:
    """What it writes is whole all the same: the revocation's line, and the log's."""
    assert loa("init").exit_code == 0
    env = {"LOA_DATABASE_URL": database_url, "LOA_DATA_DIR": str(tmp_path)}
    changed = [
        ["user", "add", "ha", "--name", "Hà", "--unit", "33", "--role", "reviewer"],
        ["code", "--user", "ha"],
        ["user", "disable", "ha"],
        ["device", "add", "--user", "quantri"],
    ]
    heavy = ("flask", "server.application", "server.api", "server.desk.page", "docx", "alembic")
    code, output, found = imported(changed, *heavy, env=env)
    assert (code, found) == (0, []), output
    assert "ha [disabled]: Hà; reviewer of Tỉnh Hưng Yên (33)" in loa("user", "list").output
    assert '"what": "officer"' in (tmp_path / "revocations.ndjson").read_text()
    assert loa("audit", "verify").exit_code == 0
    logged = [loa("audit", "show", str(number)).output for number in range(6, 14)]
    assert any("act: account_disabled\n" in each and "actor_id: user disable\n" in each for each in logged), logged


@pytest.mark.slow
def test_a_command_that_reads_a_point_gets_all_capabilities(loa: Loa, database_url: str, tmp_path: Path) -> None:
    """Hints must hear of a merger, and the shell did not import them."""
    assert loa("init", "--units", "hung-yen-2021").exit_code == 0
    env = {"LOA_DATABASE_URL": database_url, "LOA_DATA_DIR": str(tmp_path)}
    merger = ["unit", "merge", "12142", "into", "12145", "--on", f"{today():%Y-%m-%d}"]
    code, output, found = imported([merger], "server.services.hints", "server.application", env=env)
    assert (code, found) == (0, ["server.services.hints"]), output


def test_each_table_is_found_by_its_name_together_with_those_it_refers_to() -> None:
    """Without one of them a flush or a join fails, and only in a command: the application imports all."""
    models.complete()
    file_of, refers = vars(models)["_FILE_OF"], vars(models)["_REFERS"]
    mapped = {one.class_.__name__: one.class_.__module__.rpartition(".")[2] for one in Base.registry.mappers}
    assert mapped == file_of
    holds = {one.local_table: mapped[one.class_.__name__] for one in Base.registry.mappers}
    for table, file in holds.items():
        others = {holds[key.column.table] for key in table.foreign_keys} - {file}
        assert others <= set(refers.get(file, "").split()), table


@pytest.mark.slow
@pytest.mark.databases("both")
def test_a_command_maps_the_tables_that_it_needs(loa: Loa, database_url: str, tmp_path: Path) -> None:
    assert loa("init").exit_code == 0
    env = {"LOA_DATABASE_URL": database_url, "LOA_DATA_DIR": str(tmp_path)}
    words = [["user", "list"], ["user", "disable", "quantri"], ["user", "enable", "quantri"]]
    code, output, found = imported(words[:1], "server.models.records", "server.models.reports", env=env)
    assert (code, found) == (0, []), output
    code, output, found = imported(words, "server.models.reports", "server.models.letters", env=env)
    assert (code, found) == (1, []), output
    assert "the last administrator" in output


@pytest.mark.databases("both")
@pytest.mark.parametrize(
    "words", ["merge 12142 into 12145 --on 2021-07-20", "split 12304 into 1x=Xã --on 2021-07-20", "unsplit x"]
)
def test_capabilities_are_imported_before_phones_have_to_wait(
    loa: Loa, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    """It takes seconds, and while a transaction writes every push waits."""
    assert loa("init").exit_code == 0
    order = list[str]()

    def counted() -> None:
        order.append("import")
        collect()

    def begun(*_: object) -> None:
        order.append("begin")

    monkeypatch.setattr("server.changing.collect", counted)
    event.listen(Session, "after_begin", begun)
    try:
        loa("unit", *words.split())
    finally:
        event.remove(Session, "after_begin", begun)
    assert order[:2] == ["import", "begin"]
    assert order.count("import") == 1


def test_what_follows_from_acts_is_no_capabilitys_to_add() -> None:
    """A command would not hear of it: it imports them only where a point is read."""
    code = (
        "from server.registration import collect\nfrom server.services.audit import log\n"
        "collect()\nprint(vars(log)['_WATCHERS'])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "{}\n"


@pytest.mark.databases("both")
def test_what_only_shows_can_change_nothing(
    loa: Loa, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert loa("init").exit_code == 0
    monkeypatch.setenv("LOA_DATABASE_URL", database_url)
    monkeypatch.setenv("LOA_DATA_DIR", str(tmp_path))
    with pytest.raises((DBAPIError, click.ClickException)), looking() as session:
        session.execute(text("UPDATE unit SET name = 'x'"))
    assert "Tỉnh Hưng Yên" in loa("user", "list").output
