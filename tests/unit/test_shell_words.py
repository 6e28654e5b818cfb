"""The shell speaks the language of LANG: commands, their help, their errors, and what click says itself."""

from __future__ import annotations

import re

import click
import pytest
from click.testing import CliRunner

from server.commands import main
from server.core.shell_words import shell_language, t, tn
from support.installation import said_words
from support.installation.shell import Loa

pytestmark = pytest.mark.databases("sqlite")
MARKS = re.compile("[ăâđêôơưàáảãạèéẻẽẹìíỉĩịòóỏõọùúủũụỳýỷỹỵấầẩẫậắằẳẵặếềểễệốồổỗộớờởỡợứừửữự]", re.IGNORECASE)


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{[^}]*\}", text))


def test_the_catalogue_has_each_sentence_and_no_other() -> None:
    known = said_words.known()
    assert known.keys() == said_words.every()
    for sentence, said in known.items():
        assert placeholders(sentence) == placeholders(said), sentence
        assert said not in ("", sentence)


def test_what_is_compiled_is_what_is_written() -> None:
    assert said_words.PO.with_suffix(".mo").read_bytes() == said_words.compiled(), "run tools/shell_words.py"


@pytest.mark.parametrize(
    ("names", "language"),
    [
        ({"LANG": "vi_VN.UTF-8"}, "vi"),
        ({"LANG": "vi_VN.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "C.UTF-8", "LC_MESSAGES": "vi_VN"}, "vi"),
        ({}, "en"),
    ],
)
def test_the_language_is_that_of_the_shell(
    monkeypatch: pytest.MonkeyPatch, names: dict[str, str], language: str
) -> None:
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in names.items():
        monkeypatch.setenv(name, value)
    assert shell_language() == language
    assert (
        t("There is no line {number}.", number=3) == {"en": "There is no line 3.", "vi": "Không có dòng 3."}[language]
    )
    one = tn("{n} record counted.", "{n} records counted.", 1)
    assert one == {"en": "1 record counted.", "vi": "Đã tính 1 bản ghi."}[language]


def test_each_help_is_said_in_vietnamese() -> None:
    """And in English again in the same process: what is imported stays as it is."""
    runner = CliRunner()
    words = [[name] for name in main.list_commands(click.Context(main))]
    words += [["user", "disable"], ["campaign", "files", "add"], ["backup", "verify"]]
    for each in words:
        english = runner.invoke(main, [*each, "--help"], env={"LANG": "C.UTF-8"}).output
        said = runner.invoke(main, [*each, "--help"], env={"LANG": "vi_VN.UTF-8"}).output
        assert "Cách dùng: " in said, each
        assert "Tùy chọn:" in said, each
        assert "Usage: " in english, each
        assert not MARKS.search(english.replace("Chính Nghĩa", "").replace("Xã", "").replace("Tân Lập", "")), each
    assert "Loa: máy chủ" in runner.invoke(main, ["--help"], env={"LANG": "vi_VN.UTF-8"}).output
    assert "Không có lệnh" in runner.invoke(main, ["nothing"], env={"LANG": "vi_VN.UTF-8"}).output


def test_what_a_command_does_is_said_in_vietnamese(loa: Loa, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "vi_VN.UTF-8")
    assert "quản trị viên quantri." in loa("init").output
    assert "Lỗi: quantri là quản trị viên cuối cùng" in loa("user", "disable", "quantri").output
    assert "Đã mở lại quantri." in loa("user", "enable", "quantri").output
    assert "Lỗi: Không có tài khoản ai" in loa("code", "--user", "ai").output
    assert "Thiếu tùy chọn" in loa("code").output
    assert "Nhật ký hệ thống nguyên vẹn." in loa("audit", "verify").output
