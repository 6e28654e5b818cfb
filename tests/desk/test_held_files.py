"""A file sent after its session ended is kept through the sign-in: sealed, for an hour, for its officer alone."""

from __future__ import annotations

import io
import os
import resource
import secrets
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select

from server.core.db import reading, writing
from server.models import DeskSession, LetterDraft
from server.services.access import second_factor
from server.services.access.kept_files import ALL_BYTES, KEPT_S, OF_ONE, KeptFile, KeptFiles
from server.services.units.scope import ROLES
from server.serving.installation import installed
from support.clients.desk import MakeDesk
from support.letters.desk import START, send
from support.letters.files import SEED, word
from support.world.world import PASSWORD, World

pytestmark = pytest.mark.databases("sqlite")

DRAFTS = "/desk/campaigns/drafts"
LETTER = word(SEED.read_text("utf-8"))
WITHOUT = "Nội dung vừa nhập vẫn còn nguyên. Hệ thống không giữ được tệp đã chọn qua đăng nhập. Đề nghị chọn lại tệp."
ALL_LOST = "Hệ thống không giữ được nội dung và tệp (nếu có) vừa nhập."


def folder(world: World) -> Path:
    data_dir: Path = installed(world.app).settings.data_dir
    return data_dir / "held"


def sent_late(world: World, desk: MakeDesk, file: bytes = LETTER, name: str = "cong-van.docx", **values: str) -> Any:
    """A letter chosen on the page, and sent when the session has ended."""
    one = desk()
    one.sign_in("tinh")
    one.get(START)
    with world.app.app_context(), writing() as session:
        session.execute(delete(DeskSession))
    send(one, "/campaigns/drafts", file, name, **values)
    return one


def drafts(world: World) -> list[tuple[str, str]]:
    with world.app.app_context(), reading() as session:
        return [(row.file_name, row.text[:40]) for row in session.scalars(select(LetterDraft))]


def test_a_letter_s_file_goes_on_after_the_sign_in(world: World, desk: MakeDesk) -> None:
    one = sent_late(world, desk)
    assert one.status == 401
    assert "Nội dung vừa nhập vẫn còn nguyên" in one.text
    assert one.post(one.form("/desk/sign-in"), username="tinh", password="sai").status_code == 403
    assert one.post(one.form("/desk/sign-in"), username="tinh", password=PASSWORD).status_code == 200
    assert "Tệp: cong-van.docx (giữ trong 1 giờ)" in one.text
    assert drafts(world) == []
    assert one.post(one.form(DRAFTS)).status_code == 303
    ((name, text),) = drafts(world)
    assert name == "cong-van.docx"
    assert text


def test_whoever_reads_the_disk_reads_no_letter(world: World, desk: MakeDesk) -> None:
    sent_late(world, desk, b"Kinh gui: " + b"mat " * 2000, "thu.txt")
    (file,) = folder(world).iterdir()
    assert b"mat mat" not in file.read_bytes()
    assert (file.stat().st_mode & 0o777, folder(world).stat().st_mode & 0o777) == (0o600, 0o700)


def test_nobody_goes_on_with_another_s_file(world: World, desk: MakeDesk) -> None:
    one = sent_late(world, desk)
    one.post(one.form("/desk/sign-in"), username="tinh", password=PASSWORD)
    ticket = one.form(DRAFTS).values["held_files"][0]
    other = desk("quantri")
    other.get("/desk/account")
    token = other.forms()[0].values["csrf_token"][0]
    answer = other.http.post(DRAFTS, data={"csrf_token": token, "held_files": ticket})
    assert answer.status_code == 422
    one.http.post(DRAFTS, data={"csrf_token": one.form(DRAFTS).values["csrf_token"][0], "held_files": f"{ticket}x"})
    assert drafts(world) == []


def test_after_an_hour_the_file_is_to_be_chosen_again(world: World, desk: MakeDesk) -> None:
    one = sent_late(world, desk)
    (file,) = folder(world).iterdir()
    os.utime(file, (time.time() - KEPT_S - 5,) * 2)
    one.post(one.form("/desk/sign-in"), username="tinh", password=PASSWORD)
    assert one.post(one.form(DRAFTS)).status_code == 422
    assert "không còn được giữ (quá 1 giờ). Đề nghị chọn lại tệp." in one.text
    assert drafts(world) == []
    assert KeptFiles(folder(world).parent).sweep() == 1
    assert not file.exists()


def test_a_file_that_is_too_large_is_said_to_be_lost(world: World, desk: MakeDesk) -> None:
    """One that its own page would take, but no store of an hour: a phone's rescue file."""
    one = desk()
    one.sign_in("huyen")
    one.get("/desk/rescue")
    with world.app.app_context(), writing() as session:
        session.execute(delete(DeskSession))
    assert send(one, "/desk/rescue", b"x" * 300_000, "may.loa") == 401
    assert ALL_LOST in one.text
    assert not folder(world).exists() or not list(folder(world).iterdir())


def test_a_browser_without_a_session_stores_nothing(world: World, desk: MakeDesk) -> None:
    one = desk()
    body = {"text": "", "file": (io.BytesIO(LETTER), "a.docx")}
    answer = one.http.post(DRAFTS, data=body, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code in (303, 401)
    assert not folder(world).exists() or not list(folder(world).iterdir())


def test_an_officer_has_a_few_files_and_each_has_its_own_key(tmp_path: Path) -> None:
    store = KeptFiles(tmp_path)
    kept = [store.keep("A" * 16, bytes([number])) for number in range(OF_ONE + 2)]
    assert [store.opened("A" * 16, each) for each in kept if each][-OF_ONE:] == [
        bytes([n]) for n in range(2, OF_ONE + 2)
    ]
    assert len(list((tmp_path / "held").iterdir())) == OF_ONE
    last = kept[-1]
    assert last is not None
    for wrong in (
        KeptFile(last.id, "00" * 32),
        KeptFile(last.id, "no key"),
        KeptFile(f"{'A' * 16}./../../secret", last.key),
        KeptFile(f"{'A' * 16}.gone", last.key),
    ):
        assert store.opened("A" * 16, wrong) is None
    assert store.opened("B" * 16, last) is None
    assert store.keep("A" * 16, b"x" * (20 * 1024**2 + 1)) is None


def test_where_a_file_is_not_kept_the_fields_go_on_without_it(world: World, desk: MakeDesk) -> None:
    folder(world).mkdir()
    (folder(world) / "full").touch()
    os.truncate(folder(world) / "full", ALL_BYTES)
    one = sent_late(world, desk, text="Kính gửi các xã")
    assert one.status == 401
    assert WITHOUT in one.text
    one.post(one.form("/desk/sign-in"), username="tinh", password=PASSWORD)
    assert "không giữ được tệp đã chọn qua đăng nhập" in one.text
    values = one.form(DRAFTS).values
    assert values["text"] == ["Kính gửi các xã"]
    assert "held_files" not in values


def test_a_disk_that_fails_loses_the_file_and_not_the_sign_in(world: World, desk: MakeDesk) -> None:
    folder(world).write_text("no folder can be made here")
    one = sent_late(world, desk)
    assert one.status == 401
    assert WITHOUT in one.text


def test_a_disk_that_is_full_keeps_no_part_of_a_file(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        kept = KeptFiles(tmp_path).keep("A" * 16, b"x" * 5000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert kept is None
    assert list((tmp_path / "held").iterdir()) == []


def test_what_is_too_long_to_be_carried_is_said_and_leaves_no_file(world: World, desk: MakeDesk) -> None:
    one = sent_late(world, desk, text=secrets.token_urlsafe(45_000))
    assert one.status == 401
    assert ALL_LOST in one.text
    assert not folder(world).exists()


def test_a_file_whose_name_is_too_long_to_be_carried_is_removed(world: World, desk: MakeDesk) -> None:
    one = sent_late(world, desk, name=secrets.token_urlsafe(45_000))
    assert WITHOUT in one.text
    assert list(folder(world).iterdir()) == []


def test_more_files_than_one_officer_may_have_push_none_out(world: World, desk: MakeDesk) -> None:
    one = sent_late(world, desk)
    before = list(folder(world).iterdir())
    assert len(before) == 1
    files = [(io.BytesIO(bytes([number])), f"{number}.docx") for number in range(OF_ONE + 1)]
    answer = one.http.post(DRAFTS, data={"text": "", "file": files}, headers={"Sec-Fetch-Site": "same-origin"})
    assert (answer.status_code, WITHOUT in answer.text) == (401, True)
    assert list(folder(world).iterdir()) == before


def test_the_page_of_the_second_factor_says_that_the_file_is_lost(world: World, desk: MakeDesk) -> None:
    """In a session that needs one now."""
    folder(world).write_text("no folder can be made here")
    one = desk()
    one.sign_in("tinh")
    one.get(START)
    with world.app.app_context(), writing() as session:
        second_factor.require(session, [role for role in ROLES if role != "officer"], None)
    assert send(one, "/campaigns/drafts", LETTER) == 401
    assert WITHOUT in one.text
    one.get(START)
    with world.app.app_context(), writing() as session:
        second_factor.require(session, [], None)
    one.get(START)
    with world.app.app_context(), writing() as session:
        second_factor.require(session, [role for role in ROLES if role != "officer"], None)
    assert send(one, "/campaigns/drafts", LETTER, text=secrets.token_urlsafe(45_000)) == 401
    assert ALL_LOST in one.text
    assert "held" not in one.form("/second-factor/begin").values
