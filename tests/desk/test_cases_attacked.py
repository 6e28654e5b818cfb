"""An administrator, the data folder with its keys, the shell and a copy of everything: together they open no case."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from server.core.acting import ActorKind, acting_as
from server.core.clock import now_ms
from server.core.db import db, reading, writing
from server.core.passwords import hash_password
from server.core.problem_details import Problem
from server.models import CaseFile, CaseRight, Job, KeyHolder, Officer, SealedAnnex, Unit
from server.services.access import second_factor, welcome
from server.services.cases import rights, store
from server.services.confidential import annexes, resealing
from server.services.keyholders import vault
from server.services.units.scope import Scope
from server.serving.installation import installed
from support.clients.authenticator import given
from support.clients.desk import MakeDesk
from support.installation.machine import Machine
from support.jobs.inline import run
from support.world.annexes import freeze_of
from support.world.cases import entered, entitle, line, made, sealed_before, verified
from support.world.confidential import PASSPHRASE, proven
from support.world.keyholders import PAGE, attacked, chosen, opened, puppet, signed_in
from support.world.world import World

pytestmark = pytest.mark.databases("both")


@pytest.fixture(autouse=True)
def _holders(world: World) -> None:
    entitle(world)


def a_case(world: World, desk: MakeDesk) -> tuple[str, str]:
    one = entered(world, desk(), "mat_xa")
    case, code = made(one)
    line(one, case, "medical", "provided", "2021-08-01")
    return case, code.replace("-", "")


def tries_all(one: Any, case: str) -> str:
    """Every page that could show something of the case, with the reason that is asked for; redirects are followed."""
    one.get(f"/desk/cases/{case}")
    if one.has_form(f"/{case}/reason"):
        one.post(one.form(f"/{case}/reason"), why="record")
    seen = ""
    for path in ("/desk/cases", f"/desk/cases/{case}", f"/desk/cases/{case}?sheet=1", "/desk/cases/figures", PAGE):
        seen += one.http.get(path, follow_redirects=True).text
    return seen.replace("-", "")  # a code is shown in two groups


def test_two_accounts_of_one_administrator_give_each_other_nothing(world: World, desk: MakeDesk) -> None:
    case, code = a_case(world, desk)
    puppet(world, "con_roi_xa", "12286")
    puppet(world, "con_roi_tinh", "33")
    low, high = signed_in(world, desk(), "con_roi_xa"), signed_in(world, desk(), "con_roi_tinh")
    for one in (low, high):
        chosen(one)
    with world.app.app_context(), writing() as session:
        scope = Scope(session, world.officers["quantri"])
        mine = next(id_ for id_, name, _ in rights.candidates(session, scope) if "con_roi_xa" in name)
        right = rights.propose(session, scope, mine).id
    high.get("/desk/case-rights")
    csrf = high.form("/desk/language").values["csrf_token"][0]
    high.http.post(f"/desk/case-rights/{right}/give", data={"csrf_token": csrf})
    with world.app.app_context(), reading() as session:
        assert session.get_one(CaseRight, right).given_at is None, "who does not hold the key gives nothing"
    with world.app.app_context(), writing() as session:  # in the database, then
        session.get_one(CaseRight, right).given_at = now_ms()
    low.get("/desk/cases")
    low.post(low.form("/desk/cases/enter"))
    assert code not in tries_all(low, case)
    for one in (low, high):
        one.get(PAGE)
        assert not one.has_form("/admit"), "nobody who waits admits anybody"


def test_a_reset_password_and_factor_open_no_case_and_all_others_see_it(world: World, desk: MakeDesk) -> None:
    case, code = a_case(world, desk)
    other = proven(world, desk(), "mat_tinh")
    me = world.officers["mat_xa"]
    with world.app.app_context(), writing() as session, acting_as(ActorKind.OFFICER, world.officers["quantri"]):
        welcome.reset_password(session, session.get_one(Officer, me))
        second_factor.end(session, me)
        session.get_one(Officer, me).password_hash = hash_password("mật khẩu của quản trị viên 9")
        given(session, me, world.keyring)
    one = signed_in(world, desk(), "mat_xa")
    one.get("/desk/cases")
    one.post(one.form("/desk/cases/enter"))
    assert code not in tries_all(one, case)
    one.get(PAGE)
    assert "mật khẩu đăng nhập bị đặt lại" in one.text
    assert opened(signed_in(world, desk(), "mat_phucu")).status_code == 303
    chosen(one, "cá bống kho tiêu nồi đất 88")
    assert code not in tries_all(one, case), "a new passphrase makes a new key, which nobody admitted"
    other.get("/desk/figures")
    assert "Có thay đổi về người giữ khóa hồ sơ" in other.text
    other.get(PAGE)
    assert "Mất khóa hồ sơ (mật khẩu đăng nhập bị đặt lại)" in other.text
    assert "Lý do mất khóa lần trước: mật khẩu đăng nhập bị đặt lại" in other.text
    with world.app.app_context(), reading() as session:
        row = session.get_one(KeyHolder, me)
        assert (row.wrapped, row.admitted_at) == ("", None), "the copy of the key is gone"


def test_who_also_knows_the_passphrase_is_locked_out_by_a_reset(world: World, desk: MakeDesk) -> None:
    """Their copy stays while it may be the last one, and opens nothing; it goes when another holder opens the key."""
    case, code = a_case(world, desk)
    me = world.officers["mat_xa"]
    with world.app.app_context(), writing() as session, acting_as(ActorKind.OFFICER, world.officers["quantri"]):
        welcome.reset_password(session, session.get_one(Officer, me))
        second_factor.end(session, me)
        given(session, me, world.keyring)
    with world.app.app_context(), reading() as session:
        assert session.get_one(KeyHolder, me).wrapped != ""
    one = signed_in(world, desk(), "mat_xa")
    one.get(PAGE)
    assert not one.has_form("/case-key/open")
    csrf = one.form("/desk/language").values["csrf_token"][0]
    assert one.http.post("/desk/case-key/open", data={"csrf_token": csrf, "password": PASSPHRASE}).status_code == 409
    one.get("/desk/cases")
    one.post(one.form("/desk/cases/enter"))
    assert code not in tries_all(one, case)
    assert opened(signed_in(world, desk(), "mat_tinh")).status_code == 303
    with world.app.app_context(), reading() as session:
        assert session.get_one(KeyHolder, me).wrapped == "", "another copy opened"
    chosen(one)
    assert code not in tries_all(one, case), "the same passphrase makes a new key, which nobody admitted"


def test_a_new_confidential_account_reads_no_frozen_annex(world: World, desk: MakeDesk) -> None:
    annex = freeze_of(world, proven(world, desk(), "mat_xa"))
    puppet(world, "con_roi", "33")
    one = signed_in(world, desk(), "con_roi")
    chosen(one)
    for path in (f"/desk/annex?annex={annex}", f"/desk/annex/{annex}/word", "/desk/annex"):
        answer = one.http.get(path)
        assert (answer.status_code, answer.headers.get("Location", "")[:14]) == (303, "/desk/case-key"), path
    holder = proven(world, desk(), "mat_tinh")
    assert holder.http.get(f"/desk/annex/{annex}/word").status_code == 200


@pytest.mark.slow
def test_with_everything_but_the_passphrase_nothing_opens(world: World, desk: MakeDesk) -> None:
    """A copy of all rows while holders are in, the keyring, the data folder, an administrator, the shell."""
    case, code = a_case(world, desk)
    freeze_of(world, proven(world, desk(), "mat_nhanla"), "12289")
    secrets = (code, "medical", "2021-07-28", '"received":7', "mat_xa", "counts_as")
    found = attacked(world)
    assert any('"closed"' in each for each in found), "what the keyring seals does open: the attack works"
    assert [each for each in found if any(secret in each for secret in secrets)] == []
    with world.app.app_context(), reading() as session:
        shut = vault.closed(session, world.keyring)
        row, annex = session.get_one(CaseFile, case), session.scalars(select(SealedAnnex)).one()
        for read in (
            lambda: store.opened(shut, row),
            lambda: store.of_units(session, shut, [world.units["12286"]]),
            lambda: annexes.opened(shut, annex),
        ):
            with pytest.raises(Problem, match="case_locked"):
                read()
    puppet(world, "con_roi", "12286")
    machine = Machine(str(world.app.config["SQLALCHEMY_DATABASE_URI"]), installed(world.app).settings.data_dir)
    with world.app.app_context(), writing() as session:  # even with no right in force
        for right in session.scalars(select(CaseRight)):
            right.ended_at = now_ms()
    said = [
        machine.loa("cases", "first", "con_roi", "--unit", "12286").output,
        machine.loa("cases", "rotate").output,
        machine.loa("cases", "reduce", "--months", "12").output,
    ]
    one = signed_in(world, desk(), "con_roi")
    chosen(one)
    one.get("/desk/cases")
    one.post(one.form("/desk/cases/enter"))
    assert code not in tries_all(one, case) + "".join(said)
    assert opened(signed_in(world, desk(), "mat_xa")).status_code == 303, "and a holder goes on"


@pytest.mark.slow
def test_cases_of_before_are_taken_over_at_the_first_entry(world: World, desk: MakeDesk) -> None:
    case, code = a_case(world, desk)
    annex = freeze_of(world, proven(world, desk(), "mat_nhanla"), "12289")
    sealed_before(world)
    before = attacked(world)
    assert any(code in each for each in before), "as it was: the keyring opens it"
    assert any('"received":7' in each for each in before)
    with world.app.app_context(), reading() as session:
        old = session.get_one(CaseFile, case).sealed
    stranger = signed_in(world, desk(), "mat_phucu")
    stranger.get(PAGE)
    assert not stranger.has_form("/case-key/passphrase"), "who has no right given on the machine makes no first key"
    one = signed_in(world, desk(), "mat_xa")
    one.get(PAGE)
    assert not one.has_form("/case-key/passphrase"), "nor who was given one at the desk before there was a key"
    with world.app.app_context(), writing() as session:
        officer, unit = (
            session.get_one(Officer, world.officers["mat_xa"]),
            session.get_one(Unit, world.units["12286"]),
        )
        rights.first(session, vault.closed(session, world.keyring), officer, unit)
    chosen(one)
    assert one.status == 303, one.text
    after = attacked(world)
    assert not any(code in each or '"received":7' in each for each in after)
    with world.app.app_context(), reading() as session:
        jobs = list(session.scalars(select(Job.id).where(Job.kind == resealing.VACUUM)))
    assert len(jobs) == 1
    assert run(world, jobs[0]).state == "done"
    url = str(world.app.config["SQLALCHEMY_DATABASE_URI"])
    if url.startswith("sqlite"):
        with world.app.app_context(), db.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        assert old[:200].encode() not in Path(url.removeprefix("sqlite:///")).read_bytes(), "overwritten in the file"
    else:
        with world.app.app_context():
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("CHECKPOINT")
                read = (
                    "SELECT pg_read_binary_file(pg_relation_filepath(part)) FROM pg_class,"
                    " unnest(ARRAY[oid, reltoastrelid]) AS part WHERE relname = 'case_file'"
                )
                on_disk = b"".join(bytes(part) for part in connection.exec_driver_sql(read).scalars())
            with reading() as session:
                new = session.get_one(CaseFile, case).sealed
        assert new[:200].encode() in on_disk
        assert old[:200].encode() not in on_disk, "no dead row has it"
    one.get("/desk/cases")
    one.post(one.form("/desk/cases/enter"))
    one.get("/desk/cases")
    one.post(one.form("/desk/cases/find"), code=code)
    assert one.location.endswith(f"/{case}")
    assert one.http.get(f"/desk/annex/{annex}/word").status_code == 404, "of another unit, as ever"
    with world.app.app_context(), reading() as session:
        assert session.get_one(SealedAnnex, annex).key_id == vault.closed(session, world.keyring).id
    assert verified(world) == []
