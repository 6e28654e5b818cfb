"""Accounts and devices by the shell: made, changed, shut out; who is not there is said."""

from __future__ import annotations

import re

import pytest

from support.installation.shell import Loa, said

pytestmark = pytest.mark.databases("sqlite")


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
    assert (
        installed("user", "disable", "xa.thu").stdout
        == "xa.thu is shut out; loa user enable xa.thu lets it in again.\n"
    )
    assert "xa.thu [disabled]: Cán bộ; reviewer of Huyện Thử (2)" in installed("user", "list").output
    assert installed("user", "enable", "xa.thu").exit_code == 0
    assert "[disabled]" not in installed("user", "list").output
    assert installed("device", "add", "--user", "xa.thu", "--label", "máy cũ").exit_code == 0
    reset = installed("user", "password", "xa.thu").output
    assert "/desk/welcome/" in reset
    assert "máy cũ; last seen" in reset
    for words in (["user", "second-factor", "xa.thu"], ["user", "second-factor", "xa.thu", "--reset"]):
        assert installed(*words).stdout == "xa.thu has no second factor.\n"


@pytest.mark.slow
@pytest.mark.costly
def test_one_or_all_are_signed_out(installed: Loa) -> None:
    """What a session opens is looked up at each page: desk/test_sign_in.py, test_account.py."""
    assert installed("user", "sign-out", "quantri").stdout == "quantri is signed out everywhere.\n"
    logged = [installed("audit", "show", str(number)).output for number in range(1, 20)]
    assert any("sessions_ended" in line for line in logged), logged
    assert installed("user", "sign-out", "--all").stdout == "0 accounts were signed out.\n"
    assert "Name an account, or --all." in installed("user", "sign-out").output
    assert "Name an account, or --all." in installed("user", "sign-out", "quantri", "--all").output


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
    id_ = re.findall(r"Device ([\w-]{16})\. Its token, shown only now:\n  [\w-]{22}\n", made)[0]
    four = r"\d{4} \d{4} \d{4} \d{4}"
    assert re.match(
        rf"{four}  \(to type into the app at .*, within 3 days, once", installed("code", "--user", "quantri").output
    )
    assert "within 14 days" in installed("code", "--user", "quantri", "--days", "14").output
    assert installed("code", "--user", "quantri", "--days", "15").exit_code == 2
    assert f"{id_}  quantri  " in installed("device", "list", "--user", "quantri").output
    assert installed("device", "revoke", id_).exit_code == 0
    assert "; shut out; last seen " in installed("device", "list").output


def test_the_last_administrator_is_not_shut_out(installed: Loa) -> None:
    assert "the last administrator of the top unit; nobody was shut out" in said(
        installed("user", "disable", "quantri")
    )
    assert installed("user", "add", "quantri2", "--name", "Hai", "--unit", "1", "--role", "admin").exit_code == 0
    assert installed("user", "disable", "quantri").exit_code == 0
    assert "the last administrator" in said(installed("user", "disable", "quantri2"))
    assert installed("user", "enable", "quantri").exit_code == 0
    assert installed("user", "disable", "quantri2").exit_code == 0
