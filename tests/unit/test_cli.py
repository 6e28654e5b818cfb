"""The shell makes an installation; without what it needs it says so in one sentence and changes nothing."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, text

from server import migrate
from server.commands import main
from server.core.build import own_version
from support.installation.databases import Engine
from support.installation.shell import HEAD, Loa, said

pytestmark = pytest.mark.databases("sqlite")

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.databases("both")
@pytest.mark.parametrize(("units", "count"), [("hung-yen-2021", 172), ("hung-yen-2025", 105)])
def test_init_fills_an_empty_database_once(loa: Loa, units: str, count: int) -> None:
    first = loa("init", "--units", units)
    assert first.stdout.startswith(f"{count} units, in force since ")
    assert len(re.findall(r"http://127.0.0.1:\d+/desk/welcome/[\w-]{43}\n", first.output)) == 1
    assert re.search(r"^Database: (sqlite|postgresql\+psycopg)://", first.stderr, re.MULTILINE)
    assert loa("user", "list").output == "quantri: Quản trị; admin of Tỉnh Hưng Yên (33)\n"
    assert said(loa("init")) == "This database holds units already; nothing was changed."
    assert len(loa("user", "list").output.splitlines()) == 1


@pytest.mark.slow
def test_init_makes_the_tables_where_there_are_none(empty_database_url: str, tmp_path: Path) -> None:
    runner = CliRunner(env={"LOA_DATABASE_URL": empty_database_url, "LOA_DATA_DIR": str(tmp_path)})
    for words in (["user", "list"], ["serve"]):
        assert said(runner.invoke(main, words)).startswith(
            "This database has no tables yet: run loa init first, or set "
        )
    assert runner.invoke(main, ["init"]).exit_code == 0


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_pool_in_front_of_another_database_is_refused(
    database_url: str, database_engine: Callable[[str], Engine], tmp_path: Path
) -> None:
    other = database_engine("postgresql").fresh(None)
    env = {"LOA_DATABASE_URL": database_url, "LOA_DATABASE_POOL_URL": other, "LOA_DATA_DIR": str(tmp_path)}
    assert "leads to another database" in said(CliRunner(env=env).invoke(main, ["serve"]))
    assert migrate.are_one_database(database_url, database_url)
    database_engine("postgresql").drop(other)


@pytest.mark.parametrize("words", [["user", "list"], ["serve"], ["backup", "b"], ["db", "recount"], ["sweep"]])
def test_a_command_without_its_settings_leaves_nothing(
    tmp_path: Path, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As from cron, in somebody's home: the next one would find a folder and a secret there."""
    monkeypatch.chdir(tmp_path)
    env = dict.fromkeys(("LOA_DATA_DIR", "LOA_DATABASE_URL", "LOA_SECRET_KEY"))
    assert "LOA_DATA_DIR" in said(CliRunner(env=env).invoke(main, words))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.costly
def test_nobody_else_on_the_machine_reads_what_is_written(tmp_path: Path) -> None:
    """Names, numbers and photos of people, wherever they lie; that of docs/install.md too."""
    data, elsewhere = tmp_path / "data", tmp_path / "elsewhere"
    elsewhere.mkdir(0o755)
    url, lines = f"sqlite:///{elsewhere / 'loa.sqlite'}", str(elsewhere / "revocations.ndjson")
    env = {"LOA_DATA_DIR": str(data), "LOA_DATABASE_URL": url, "LOA_REVOCATIONS_FILE": lines}
    before = os.umask(0o022)
    try:
        assert CliRunner(env=env).invoke(main, ["init"]).exit_code == 0
        words = ["user", "add", "thu", "--name", "Thu", "--unit", "33", "--role", "reviewer"]
        assert CliRunner(env=env).invoke(main, words).exit_code == 0
        assert CliRunner(env=env).invoke(main, ["user", "disable", "thu"]).exit_code == 0
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)
    made = [data, *data.rglob("*"), *elsewhere.rglob("*")]
    assert {"photos", "partial", "secret_key", "loa.sqlite", "revocations.ndjson"} <= {path.name for path in made}
    assert [path for path in made if path.stat().st_mode & 0o077] == []
    assert "sudo install -d -m 700 " in (ROOT / "docs" / "install.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("code,name,level,parent_code\n", "lacks the column short_name"),
        (HEAD, "holds no units"),
        (
            HEAD + "1,A,province,,A\n1,B,district,1,B\n",
            "line 3: the code 1 stands twice",
        ),
        (HEAD + "1,A,province,,A\n2,B,district,9,B\n", "the unit 9 above it"),
        (HEAD + "1,A,province,,A\n2,B,province,,B\n", "only the first unit"),
        (HEAD + "1,,province,,A\n", "line 2: name is empty"),
        (HEAD + f"{'1' * 17},A,province,,A\n", "code is longer than 16"),
    ],
)
def test_a_bad_list_of_units_is_refused_with_its_line(loa: Loa, tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text, "utf-8")
    assert sentence in said(loa("init", "--units", str(path)))
    assert loa("init").exit_code == 0  # nothing was left behind


def test_a_list_that_is_no_text_or_no_file_is_refused(loa: Loa, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(f"{HEAD}1,Tỉnh,province,,T\n".encode("utf-16"))
    assert "is not UTF-8" in said(loa("init", "--units", str(path)))
    assert "neither a file nor one of hung-yen-2021, hung-yen-2025" in said(loa("init", "--units", "nowhere"))


@pytest.mark.parametrize("words", [["user", "list"], ["db", "upgrade"], ["init"], ["demo"], ["serve", "--ready"]])
def test_a_database_that_does_not_answer_is_said(tmp_path: Path, words: list[str]) -> None:
    env = {"LOA_DATABASE_URL": "postgresql://127.0.0.1:1/loa", "LOA_DATA_DIR": str(tmp_path)}
    assert "see LOA_DATABASE_URL" in said(CliRunner(env=env).invoke(main, words))


@pytest.mark.databases("both")
def test_tables_of_another_version_are_said(loa: Loa, database_url: str) -> None:
    engine = create_engine(database_url)
    for revision, words, sentence in (
        ("0049", ["user", "list"], "The tables are not this version's (revision 0049; "),
        ("9999", ["db", "upgrade"], "The tables are of a newer Loa (revision 9999)"),
    ):
        with engine.begin() as database:
            database.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
        assert sentence in said(loa(*words))
    engine.dispose()


@pytest.mark.databases("both")
def test_newer_tables_name_the_version_that_made_them(loa: Loa, database_url: str) -> None:
    engine = create_engine(database_url)
    assert migrate.made_by(engine) == own_version()
    with engine.begin() as database:
        database.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert migrate.made_by(engine) == "", "what was noted is of another revision"
    with engine.begin() as database:
        database.execute(text("UPDATE meta SET value = '9999 1.2.0+4f2a91c0b3de' WHERE key = 'tables_made_by'"))
    for words in (["user", "list"], ["user", "disable", "nobody"], ["db", "upgrade"]):
        sentence = said(loa(*words))
        assert "(revision 9999), made by 1.2.0+4f2a91c0b3de, this is " in sentence
        assert "use 1.2.0+4f2a91c0b3de or a later one, or go back with loa rollback" in sentence
    assert "made by 1.2.0+4f2a91c0b3de" in loa("doctor").output
    engine.dispose()


@pytest.mark.databases("both")
def test_tables_of_a_later_release_that_lets_this_one_live_beside_them_are_used(loa: Loa, database_url: str) -> None:
    """Several hosts are brought up one after the other."""
    engine = create_engine(database_url)
    (own,) = migrate.expected()
    with engine.begin() as database:
        noted = database.scalar(text("SELECT value FROM meta WHERE key = 'tables_live_beside'"))
        assert noted == f"{own} {migrate.BEGINNING}"
        database.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    refused = "The tables are of a newer Loa (revision 9999)"
    assert refused in said(loa("user", "list"))
    for oldest, is_refused in ((own, False), ("9998", True)):
        with engine.begin() as database:
            database.execute(
                text("UPDATE meta SET value = :value WHERE key = 'tables_live_beside'"), {"value": f"9999 {oldest}"}
            )
        assert migrate.is_usable(engine) is not is_refused
        ran = loa("user", "list")
        assert (ran.exit_code, refused in ran.output) == (int(is_refused), is_refused)
    assert refused in said(loa("db", "upgrade"))
    engine.dispose()


NOTED = (
    [("1001", "1000", False)],
    [("1001", "1000", False), ("1002", "1001", True)],
    [("1001", "1000", False), ("1002", "1001", True), ("1003", "1002", False)],
    [("1001", "1000", False), ("1003", "1002", False)],
    [("1001", "", False)],
)
OLDEST = ("1000", "1002", "1002", "1002", "1001")
"""After such steps (revision, the one before, whether it needs a stop) the oldest that lives beside the last: none that
needs a stop lies between, and what was noted of another revision than the one before says nothing."""


@pytest.mark.parametrize(("steps", "oldest"), list(zip(NOTED, OLDEST, strict=True)))
def test_the_oldest_release_that_lives_beside_the_tables(
    database_url: str, steps: list[tuple[str, str, bool]], oldest: str
) -> None:
    engine = create_engine(database_url)
    with engine.begin() as database:
        database.execute(text("UPDATE meta SET value = '1000 1000' WHERE key = 'tables_live_beside'"))
        for revision, before, stop in steps:
            migrate.note(database, revision, before, stop=stop)
        noted = database.scalar(text("SELECT value FROM meta WHERE key = 'tables_live_beside'"))
    engine.dispose()
    assert noted == f"{steps[-1][0]} {oldest}"


def test_a_data_folder_that_cannot_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    env = {"LOA_DATA_DIR": str(tmp_path / "file" / "var")}
    assert "see LOA_DATA_DIR" in said(CliRunner(env=env).invoke(main, ["db", "upgrade"]))


def test_unsafe_settings_are_said(tmp_path: Path) -> None:
    env = {"LOA_SECRET_KEY": "short", "LOA_DATA_DIR": str(tmp_path)}
    for words in (["user", "list"], ["db", "upgrade"], ["serve"]):
        assert "LOA_SECRET_KEY" in said(CliRunner(env=env).invoke(main, words))


@pytest.mark.slow
def test_the_paper_tells_how_an_installation_is_made(loa: Loa, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    section = (ROOT / "docs" / "install.md").read_text("utf-8").partition("## From a checkout")[2].partition("\n## ")[0]
    block = next(block for block in section.split("```") if "apt install git" in block)
    commands = [shlex.split(line, comments=True)[1:] for line in block.splitlines() if line.startswith(".venv/bin/loa")]
    assert commands.pop() == ["serve"]
    for words in commands:
        told = loa(*words)
        assert told.exit_code == 0, told.output
    assert "xa.chinhnghia: Cán bộ xã Chính Nghĩa; officer of Xã Chính Nghĩa (12304)" in loa("user", "list").output
    assert "open: Ngày toàn dân phòng, chống mua bán người" in loa("campaign", "list").output
