"""The shell: what it makes works, what it refuses it refuses in one sentence and changes nothing."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import create_engine, select, text
from sqlalchemy.orm import Session

from server.commands import main
from server.core.clock import today
from server.models import Campaign, Unit
from server.services.campaigns import expected
from support.installation.ports import free_port

pytestmark = pytest.mark.sqlite_first

Loa = Callable[..., Result]
ROOT = Path(__file__).parents[2]
OWN_ID = "AAAAAAAAAAAAAAA1"
HEAD = "code,name,level,parent_code,short_name\n"


@pytest.fixture
def loa(database_url: str, tmp_path: Path) -> Loa:
    """`loa("user", "list")` against a database of the test's own."""
    runner = CliRunner(env={"LOA_DATABASE_URL": database_url, "LOA_DATA_DIR": str(tmp_path)})
    return lambda *words: runner.invoke(main, words)


@pytest.fixture
def installed(loa: Loa, tmp_path: Path) -> Loa:
    """The same, behind `loa init` with a tree of three."""
    path = tmp_path / "units.csv"
    path.write_text(
        HEAD + "1,Tỉnh Thử,province,,Thử\n2,Huyện Thử,district,1,Thử\n3,Xã Thử,commune,2,Thử\n",
        "utf-8-sig",
    )
    assert loa("init", "--units", str(path)).exit_code == 0
    return loa


def said(result: Result) -> str:
    """The one sentence of a command that refused."""
    assert result.exit_code == 1
    (line,) = result.output.splitlines()
    return line.removeprefix("Error: ")


@pytest.mark.slow
@pytest.mark.both_databases
@pytest.mark.parametrize(("units", "count"), [("hung-yen-2021", 172), ("hung-yen-2025", 105)])
def test_init_fills_an_empty_database_once(loa: Loa, units: str, count: int) -> None:
    first = loa("init", "--units", units)
    assert first.output.startswith(f"{count} units, in force since ")
    assert len(re.findall(r"http://127.0.0.1:8080/desk/welcome/[\w-]{43}\n", first.output)) == 1
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


@pytest.mark.parametrize("words", [["user", "list"], ["serve"], ["backup", "b"], ["db", "recount"], ["sweep"]])
def test_a_command_without_its_settings_leaves_nothing(
    tmp_path: Path, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As from cron, in somebody's home: the next one would find a folder and a secret there."""
    monkeypatch.chdir(tmp_path)
    env = dict.fromkeys(("LOA_DATA_DIR", "LOA_DATABASE_URL", "LOA_SECRET_KEY")) | {"LOA_PORT": str(free_port())}
    assert "LOA_DATA_DIR" in said(CliRunner(env=env).invoke(main, words))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.costly
def test_the_line_for_cron_makes_a_backup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As README.md has it, run as cron does: sh, an empty environment, a percent sign only behind a backslash."""
    readme = (ROOT / "README.md").read_text("utf-8")
    (line,) = re.findall(r"^15 2 \* \* \*  (.*)$", readme, re.MULTILINE)
    settings = readme.partition("/etc/loa.env <<'END'\n")[2].partition("END\n")[0]
    assert "LOA_DATA_DIR=/srv/loa\n" in settings
    (tmp_path / "loa.env").write_text(settings.replace("/srv/loa", str(tmp_path / "data")))
    monkeypatch.chdir(tmp_path)
    assert CliRunner(env={"LOA_DATA_DIR": str(tmp_path / "data")}).invoke(main, ["init"]).exit_code == 0
    assert "%" not in line.replace(r"\%", "")
    for told, here in ((r"\%", "%"), ("/etc/loa.env", f"{tmp_path}/loa.env"), ("/mnt/other", str(tmp_path))):
        line = line.replace(told, here)
    line = line.replace("/opt/loa/.venv/bin/loa", str(Path(sys.executable).with_name("loa")))
    subprocess.run(["/bin/sh", "-c", line], env={"PATH": "/usr/bin:/bin"}, cwd="/", check=True)
    (made,) = tmp_path.glob("loa-20*")
    assert (made / "manifest.json").is_file()


@pytest.mark.slow
@pytest.mark.costly
def test_nobody_else_on_the_machine_reads_what_is_written(tmp_path: Path) -> None:
    """Names, numbers and photos of people, wherever they lie; README.md's own folder too."""
    data, elsewhere = tmp_path / "data", tmp_path / "elsewhere"
    elsewhere.mkdir(0o755)
    url, lines = f"sqlite:///{elsewhere / 'loa.sqlite'}", str(elsewhere / "revocations.ndjson")
    env = {"LOA_DATA_DIR": str(data), "LOA_DATABASE_URL": url, "LOA_REVOCATIONS_FILE": lines}
    before = os.umask(0o022)
    try:
        assert CliRunner(env=env).invoke(main, ["init"]).exit_code == 0
        assert CliRunner(env=env).invoke(main, ["user", "disable", "quantri"]).exit_code == 0
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)
    made = [data, *data.rglob("*"), *elsewhere.rglob("*")]
    assert {"photos", "partial", "secret_key", "loa.sqlite", "revocations.ndjson"} <= {path.name for path in made}
    assert [path for path in made if path.stat().st_mode & 0o077] == []
    assert "sudo install -d -m 700 " in (ROOT / "README.md").read_text("utf-8")


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


@pytest.mark.slow
@pytest.mark.costly
def test_accounts_are_made_changed_and_shut_out(installed: Loa) -> None:
    made = installed("user", "add", "Xa.Thu", "--name", "Cán bộ", "--unit", "3", "--role", "officer")
    assert made.output.startswith("xa.thu: officer of Xã Thử.\n")
    assert "/desk/welcome/" in made.output
    again = installed("user", "add", "xa.thu", "--name", "Cán bộ", "--unit", "3", "--role", "officer")
    assert said(again) == "No account was made: the user name xa.thu is taken."
    assert installed("user", "role", "xa.thu", "--unit", "2", "--role", "reviewer").exit_code == 0
    assert installed("user", "role", "xa.thu", "--unit", "3", "--end").exit_code == 0
    assert installed("user", "disable", "xa.thu").output == "xa.thu is shut out.\n"
    assert "xa.thu [disabled]: Cán bộ; reviewer of Huyện Thử (2)" in installed("user", "list").output
    assert installed("user", "disable", "xa.thu", "--undo").exit_code == 0
    assert "[disabled]" not in installed("user", "list").output
    assert installed("device", "add", "--user", "xa.thu", "--label", "máy cũ").exit_code == 0
    reset = installed("user", "password", "xa.thu").output
    assert "/desk/welcome/" in reset
    assert "máy cũ; last seen" in reset
    for words in (["user", "second-factor", "xa.thu"], ["user", "second-factor", "xa.thu", "--reset"]):
        assert installed(*words).output == "xa.thu has no second factor.\n"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ["user", "add", "a", "--name", "A", "--unit", "9", "--role", "officer"],
            "There is no unit with the code 9 today.",
        ),
        (["user", "password", "nobody"], "There is no user nobody; loa user list shows all."),
        (["device", "add", "--user", "nobody"], "There is no user nobody; loa user list shows all."),
        (["device", "revoke", "x"], "There is no device x; loa device list shows all."),
        (["device", "revoke", "-h-x"], "There is no device -h-x; loa device list shows all."),
        (["campaign", "close", "-hx"], "There is no campaign -hx; loa campaign list shows all."),
        (["code", "--user", "nobody"], "There is no user nobody; loa user list shows all."),
        (["campaign", "archive", "x"], "There is no campaign x; loa campaign list shows all."),
    ],
)
@pytest.mark.slow
def test_what_is_not_there_is_said(installed: Loa, words: list[str], sentence: str) -> None:
    assert sentence in said(installed(*words))


@pytest.mark.slow
@pytest.mark.costly
def test_a_device_for_a_program_and_a_code_for_a_phone(installed: Loa) -> None:
    made = installed("device", "add", "--user", "quantri", "--label", "báo cáo").output
    id_ = re.findall(r"Device ([\w-]{16})\. Its token, shown only now:\n  [\w-]{43}\n", made)[0]
    four = r"\d{4} \d{4} \d{4} \d{4}"
    assert re.match(
        rf"{four}  \(to type into the app at .*, within 3 days, once", installed("code", "--user", "quantri").output
    )
    assert "within 14 days" in installed("code", "--user", "quantri", "--days", "14").output
    assert installed("code", "--user", "quantri", "--days", "15").exit_code == 2
    assert f"{id_}  quantri  " in installed("device", "list", "--user", "quantri").output
    assert installed("device", "revoke", id_).exit_code == 0
    assert "; shut out; last seen " in installed("device", "list").output


@pytest.mark.parametrize("words", [["user", "list"], ["db", "upgrade"], ["init"], ["demo"], ["serve", "--ready"]])
def test_a_database_that_does_not_answer_is_said(tmp_path: Path, words: list[str]) -> None:
    env = {"LOA_DATABASE_URL": "postgresql://127.0.0.1:1/loa", "LOA_DATA_DIR": str(tmp_path)}
    env["LOA_PORT"] = str(free_port())
    assert "see LOA_DATABASE_URL" in said(CliRunner(env=env).invoke(main, words))


@pytest.mark.both_databases
def test_tables_of_another_version_are_said(loa: Loa, database_url: str) -> None:
    engine = create_engine(database_url)
    for revision, words, sentence in (
        ("0001", ["user", "list"], "The tables are not this version's: run loa db upgrade first."),
        ("9999", ["db", "upgrade"], "The tables are not of this Loa or one before it"),
    ):
        with engine.begin() as database:
            database.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
        assert sentence in said(loa(*words))
    engine.dispose()


def test_a_data_folder_that_cannot_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    env = {"LOA_DATA_DIR": str(tmp_path / "file" / "var")}
    assert "see LOA_DATA_DIR" in said(CliRunner(env=env).invoke(main, ["db", "upgrade"]))


def test_unsafe_settings_are_said(tmp_path: Path) -> None:
    env = {"LOA_SECRET_KEY": "short", "LOA_DATA_DIR": str(tmp_path)}
    for words in (["user", "list"], ["db", "upgrade"], ["serve"]):
        assert "LOA_SECRET_KEY" in said(CliRunner(env=env).invoke(main, words))


@pytest.mark.slow
def test_readme_tells_how_an_installation_is_made(loa: Loa, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    section = (ROOT / "README.md").read_text("utf-8").partition("## Install it")[2].partition("\n## ")[0]
    block = section.split("```")[1]
    commands = [shlex.split(line, comments=True)[1:] for line in block.splitlines() if line.startswith(".venv/bin/loa")]
    assert commands.pop() == ["serve"]
    for words in commands:
        told = loa(*words)
        assert told.exit_code == 0, told.output
    assert "xa.chinhnghia: Cán bộ xã Chính Nghĩa; officer of Xã Chính Nghĩa (12304)" in loa("user", "list").output
    assert "open: Ngày toàn dân phòng, chống mua bán người" in loa("campaign", "list").output


@pytest.mark.slow
@pytest.mark.costly
def test_a_campaign_is_opened_from_a_file(installed: Loa, tmp_path: Path) -> None:
    letter = {
        "name": "Ngày toàn dân phòng, chống mua bán người",
        "unit": "1",
        "starts_on": "2021-07-01",
        "ends_on": "2021-07-31",
        "due_before": "2021-08-03",
        "hotline": "111",
        "slogans": ["Chung tay phòng, chống nạn mua bán người"],
    }
    file = tmp_path / "letter.json"
    file.write_text(json.dumps(letter), "utf-8")
    opened = installed("campaign", "open", str(file))
    assert "open for Tỉnh Thử and all below it." in opened.output
    assert "due before 03/08/2021" in installed("campaign", "list").output
    id_ = opened.output.partition(":")[0]
    assert f"The same campaign is there already: {id_}, open." in said(installed("campaign", "open", str(file)))
    assert said(installed("campaign", "due", id_, "--before", "2021-06-30")).startswith("The due date lies after")
    told = installed("campaign", "due", id_, "--before", "2021-07-30", "--level", "commune").output
    assert told.endswith("due before 2021-07-30 for commune.\n")
    assert "due before 03/08/2021, commune before 2021-07-30)" in installed("campaign", "list").output
    second = installed("campaign", "open", str(file), "--twice").output.partition(":")[0]
    assert installed("campaign", "delete", second).output.endswith("is deleted.\n")
    assert second not in installed("campaign", "list").output
    wrong: list[dict[str, object]] = [{"due_before": "2021-07-31"}, {"slogans": []}, {"slogan": "x"}, {"unit": "none"}]
    for changed in wrong:
        file.write_text(json.dumps(letter | changed), "utf-8")
        assert installed("campaign", "open", str(file)).exit_code == 1
    file.write_text("{", "utf-8")
    assert "is no JSON" in said(installed("campaign", "open", str(file)))


@pytest.mark.slow
@pytest.mark.costly
def test_a_campaign_expects_other_amounts_of_a_class_or_of_one_unit(
    installed: Loa, database_url: str, tmp_path: Path
) -> None:
    letter = json.loads((ROOT / "docs" / "letter.example.json").read_text("utf-8")) | {"unit": "1", "files": []}
    file = tmp_path / "letter.json"
    bad = ["Thị trấn; Băng rôn; 8", "Xã Không Có; Băng rôn; 3"]
    for lines, wrong in ((bad, 2), (["Xã; Cờ phướn; 3"], 1), (["Xã; Băng rôn; ba"], 1), (["Băng rôn; 3"], 1)):
        file.write_text(json.dumps(letter | {"expected_own": lines}), "utf-8")
        assert said(installed("campaign", "open", str(file))).startswith(f"Line {wrong} of expected_own, '{lines[-1]}'")
    assert installed("campaign", "list").output == ""
    own = ["Thị trấn; Băng rôn; 8", "Xã Thử (3); Tờ rơi; 1.200", "3; banners; 0"]
    file.write_text(json.dumps(letter | {"expected_own": own}), "utf-8")
    id_ = installed("campaign", "open", str(file)).output.partition(":")[0]
    with Session(create_engine(database_url)) as session:
        rows = {row["figure"]: row for row in session.get_one(Campaign, id_).expected}
        xa = session.scalars(select(Unit.id).where(Unit.code == "3")).one()
    assert rows["banners"] == {"figure": "banners", "amount": 5, "classes": {"thi_tran": 8}, "units": {xa: 0}}
    assert rows["leaflets"] == {"figure": "leaflets", "amount": 0, "units": {xa: 1200}}
    assert expected.of_unit(rows.values(), xa, "Xã Thử") == {"leaflets": 1200, "airings": 20, "oral_sessions": 2}


@pytest.mark.slow
@pytest.mark.costly
def test_a_unit_comes_into_being_and_another_is_merged_into_it(installed: Loa) -> None:
    added = installed(
        "unit", "add", "4", "--name", "Xã Mới", "--short-name", "Mới", "--level", "commune", "--parent", "2"
    )
    assert added.output == "Xã Mới (4) stands below Huyện Thử.\n"
    again = installed("unit", "add", "4", "--name", "Xã", "--short-name", "Xã", "--level", "commune", "--parent", "2")
    assert said(again) == "No unit was added: the code 4 is in use."
    for bad, sentence in (("short", "is no id of a unit"), (OWN_ID, "Xã 5 (5) stands below"), (OWN_ID, "already.")):
        row = ("--name", "Xã 5", "--short-name", "5", "--level", "commune", "--parent", "2", "--id", bad)
        assert sentence in installed("unit", "add", "5", *row).output
    day = (today() + timedelta(days=1)).isoformat()
    assert "on the day itself" in said(installed("unit", "merge", "3", "into", "4", "--on", day))
    installed("user", "add", "xa", "--name", "Cán bộ", "--unit", "3", "--role", "officer")
    early = installed("unit", "merge", "3", "into", "4", "--on", today().isoformat())
    assert "in force since" in said(early), "a unit of today's list began today"
    assert installed("unit", "merge", "3", "4", "--on", "2021-07-20").exit_code == 2
    assert installed("unit", "merge", "into", "4", "--on", "2021-07-20").exit_code == 2
    tree = [
        "1  Tỉnh Thử  province",
        "  2  Huyện Thử  district",
        "    5  Xã 5  commune",
        "    4  Xã Mới  commune",
        "    3  Xã Thử  commune",
    ]
    assert installed("unit", "list").output.splitlines() == tree


@pytest.mark.slow
@pytest.mark.costly
def test_a_merger_moves_roles_when_asked(loa: Loa) -> None:
    assert loa("init").exit_code == 0
    loa("user", "add", "xa", "--name", "Cán bộ", "--unit", "12304", "--role", "officer")
    merged = loa("unit", "merge", "12304", "INTO", "12307", "--on", "2021-07-20", "--with-people")
    assert merged.output == "Xã Nhân La stands for Xã Chính Nghĩa since 20/07/2021.\n"
    listed = loa("unit", "list").output
    assert (
        "    12307  Xã Nhân La  commune\n      12304  Xã Chính Nghĩa  commune  merged, in force until 19/07/2021"
        in listed
    )
    assert "xa: Cán bộ; officer of Xã Nhân La (12307)\n" in loa("user", "list").output
    assert "There is no unit with the code 12304 today." in said(
        loa("user", "role", "xa", "--unit", "12304", "--role", "officer")
    )


@pytest.mark.slow
@pytest.mark.costly
def test_a_unit_is_split_and_is_whole_again(loa: Loa) -> None:
    assert loa("init").exit_code == 0
    for name in ("o.lai", "sang.moi"):
        loa("user", "add", name, "--name", "Cán bộ", "--unit", "12304", "--role", "officer")
    new = "12305x=Xã Tân Lập"
    asked = ("unit", "split", "12304", "into", new, "--on", "2021-07-20", "--move")
    for wrong, sentence in (
        ((*asked, "sang.moi=99999"), "sang.moi holds no role there, or goes to a unit that gets no part"),
        ((*asked, "khong.co=12305x"), "There is no user khong.co"),
        (
            (*asked[:4], *(f"9{number:04}=Xã Mới {number}" for number in range(21)), *asked[5:-1], "--empty"),
            "to more than 20 units",
        ),
        ((*asked[:-1],), "nobody goes to Xã Tân Lập"),
        (("unit", "split", "12304", "into", "12304", "--on", "2021-07-20"), "cannot get a part of itself"),
        (("unit", "split", "12304", "into", "12307=Xã X", "--on", "2021-07-20"), "the code 12307 (Xã Nhân La) is in"),
        (("unit", "split", "12304", "into", "12307", "--on", "2021-07-20", "--heir", "12307"), "is a merger"),
    ):
        assert sentence in said(loa(*wrong))
    assert loa("unit", "split", "12304", new, "--on", "2021-07-20").exit_code == 2
    named = loa(*asked, "sang.moi")
    assert (named.exit_code, "a user name, = and the code" in " ".join(named.output.split())) == (2, True)
    done = loa(*asked, "sang.moi=12305x")
    assert done.output.startswith("Xã Chính Nghĩa shares its area with Xã Tân Lập (12305x) since 20/07/2021; ")
    people = loa("user", "list").output
    assert "sang.moi: Cán bộ; officer of Xã Tân Lập (12305x)\n" in people
    assert "o.lai: Cán bộ; officer of Xã Chính Nghĩa (12304)\n" in people
    id_ = done.output.split()[-1]
    assert loa("unit", "unsplit", id_).output == "Xã Chính Nghĩa is whole again.\n"
    assert "sang.moi: Cán bộ; officer of Xã Chính Nghĩa (12304)\n" in loa("user", "list").output
    assert "it was taken back before" in said(loa("unit", "unsplit", id_))
    assert "there is no such split" in said(loa("unit", "unsplit", "-" * 16))
    district = ("unit", "split", "331", "into", "332x=Huyện Kim Bắc", "--on", "2021-07-20", "--empty")
    assert "Huyện Kim Bắc gets none of the units below" in said(loa(*district))
    assert "is not right below it, or goes to a unit that gets no part" in said(loa(*district, "--below", "12304=9"))
    assert loa(*district, "--below", "12304").exit_code == 2
    id_ = loa(*district, "--below", "12304=332x").output.split()[-1]
    tree = loa("unit", "list").output
    assert "\n  332x  Huyện Kim Bắc  district\n    12304  Xã Chính Nghĩa  commune\n" in tree
    assert loa("unit", "unsplit", id_).exit_code == 0
    assert "332x.1  Huyện Kim Bắc  district  merged, in force until 19/07/2021\n" in loa("unit", "list").output


@pytest.mark.slow
@pytest.mark.costly
def test_a_campaign_is_ended_and_opened_again(installed: Loa, tmp_path: Path) -> None:
    assert installed("campaign", "open", str(ROOT / "docs" / "letter.example.json")).exit_code == 1  # another tree
    letter = json.loads((ROOT / "docs" / "letter.example.json").read_text("utf-8")) | {"unit": "1"}
    file = tmp_path / "letter.json"
    file.write_text(json.dumps(letter), "utf-8")
    assert installed("db", "recount").output == "0 records counted.\n"
    refused = installed("campaign", "open", str(file))
    assert "Nhận diện thủ đoạn" in refused.output
    assert "No such file" in refused.output
    assert installed("campaign", "list").output == ""
    shutil.copytree(ROOT / "docs" / "letter.example", tmp_path / "letter.example")
    id_ = installed("campaign", "open", str(file)).output.partition(":")[0]
    (line,) = installed("campaign", "files", "list", id_).output.splitlines()
    assert line.endswith("script: Nhận diện thủ đoạn mua bán người (text/plain, 1 kB)")
    assert "There is no file" in installed("campaign", "files", "remove", "a" * 16).output
    assert "is offered no more" in installed("campaign", "files", "remove", line.split()[0]).output
    assert installed("campaign", "files", "list", id_).output == ""
    for act, status in (("close", "closed"), ("archive", "archived"), ("reopen", "open")):
        assert installed("campaign", act, id_).output == f"The campaign is {status}.\n"
        assert f"{id_}  {status}: " in installed("campaign", "list").output
