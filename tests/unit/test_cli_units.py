"""Units by the shell: added, merged, split and made whole again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from server.core.clock import today
from support.installation.shell import Loa, said

pytestmark = pytest.mark.databases("sqlite")

OWN_ID = "AAAAAAAAAAAAAAA1"


@pytest.mark.slow
@pytest.mark.costly
def test_a_unit_comes_into_being_and_another_is_merged_into_it(installed: Loa) -> None:
    added = installed(
        "unit", "add", "4", "--name", "Xã Mới", "--short-name", "Mới", "--level", "commune", "--parent", "2"
    )
    assert added.stdout == "Xã Mới (4) stands below Huyện Thử.\n"
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
    assert merged.stdout == "Xã Nhân La stands for Xã Chính Nghĩa since 20/07/2021.\n"
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
    assert loa("unit", "unsplit", id_).stdout == "Xã Chính Nghĩa is whole again.\n"
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
