"""Campaigns by the shell: opened from a file with what is expected of whom, ended, opened again."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from server.models import Campaign, Unit
from server.services.campaigns import expected
from support.installation.shell import Loa, said

pytestmark = pytest.mark.databases("sqlite")

ROOT = Path(__file__).parents[2]


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
    assert told.endswith("due before 30/07/2021 for commune.\n")
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
def test_a_campaign_is_ended_and_opened_again(installed: Loa, tmp_path: Path) -> None:
    assert installed("campaign", "open", str(ROOT / "docs" / "letter.example.json")).exit_code == 1  # another tree
    letter = json.loads((ROOT / "docs" / "letter.example.json").read_text("utf-8")) | {"unit": "1"}
    file = tmp_path / "letter.json"
    file.write_text(json.dumps(letter), "utf-8")
    assert installed("db", "recount").stdout == "0 records counted.\n"
    refused = installed("campaign", "open", str(file))
    assert "Nhận diện thủ đoạn" in refused.output
    assert "No such file" in refused.output
    assert installed("campaign", "list").output == ""
    shutil.copytree(ROOT / "docs" / "letter.example", tmp_path / "letter.example")
    id_ = installed("campaign", "open", str(file)).output.partition(":")[0]
    (line,) = installed("campaign", "files", "list", id_).output.splitlines()
    assert line.endswith("script: Nhận diện thủ đoạn mua bán người (text/plain, 1 kB, hotline: not said)")
    of_letter = [str(tmp_path / "letter.example" / "thu-doan.txt"), "--use", "script", "--title", "Bài"]
    added = ""
    for option, answer in (("--hotline", "yes"), ("--no-hotline", "no")):
        added = installed("campaign", "files", "add", id_, *of_letter, option).output
        assert added.strip() == f"{line.split()[0]}  script: Bài (text/plain, 1 kB, hotline: {answer})"
    assert added == installed("campaign", "files", "add", id_, *of_letter).output, "unsaid leaves the answer"
    files = [{"use": "script", "title": "Hai", "path": "letter.example/thu-doan.txt", "hotline": True}]
    file.write_text(json.dumps(letter | {"files": files}), "utf-8")
    other = installed("campaign", "open", str(file), "--twice").output.partition(":")[0]
    assert installed("campaign", "files", "list", other).output.strip().endswith("hotline: yes)")
    assert "is deleted" in installed("campaign", "delete", other).output
    assert "There is no file" in installed("campaign", "files", "remove", "a" * 16).output
    assert "is offered no more" in installed("campaign", "files", "remove", line.split()[0]).output
    assert installed("campaign", "files", "list", id_).output == ""
    for act, status in (("close", "closed"), ("archive", "archived"), ("reopen", "open")):
        assert installed("campaign", act, id_).stdout == f"The campaign is {status}.\n"
        assert f"{id_}  {status}: " in installed("campaign", "list").output


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        (
            "en_GB.UTF-8",
            "the user nobody, as whom loa runs after sudo too, may not read {}. Give that user a copy: {}",
        ),
        (
            "vi_VN.UTF-8",
            "tài khoản nobody không đọc được {}; dù gõ với sudo, lệnh loa vẫn chạy bằng tài khoản này. Hãy",
        ),
    ],
)
@pytest.mark.parametrize("words", [["open"], ["files", "add", "--use", "script", "--title", "x", "AAAAAAAAAAAAAAA1"]])
def test_a_file_of_another_user_is_told_with_who_may_read_it(
    tmp_path: Path, words: list[str], language: str, sentence: str
) -> None:
    """What root typed goes on as the user that serves, who may look into no folder of root's."""
    file = tmp_path / "roots own" / "x.json"
    file.parent.mkdir(mode=0o700)
    file.write_text("{}")
    env = {"PATH": os.environ["PATH"], "LOA_SETTINGS": "", "LOA_USER": "nobody", "LC_ALL": language}
    loa = str(Path(sys.executable).parent / "loa")
    done = subprocess.run(
        [loa, "campaign", *words, str(file)],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    copy = f"sudo install -o nobody -m 600 '{file}' /tmp/"
    assert (done.returncode, sentence.format(file, copy) in done.stderr, copy in done.stderr) == (2, True, True)
