"""Readiness: nothing is approved by key, at once or by sample before its photos are here and were checked; a finding
after an approval is on a list of its own."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from pathlib import Path
from time import sleep

import pytest
from sqlalchemy import select

from server import backups
from server.core.db import reading, writing
from server.models import DecisionRow, Hint, Record
from server.services.records import recount
from server.services.records.readiness import LOOK, written
from server.services.records.stored import as_write, writes_of
from server.services.review.decisions import Verdict, decide
from server.services.units.scope import Scope
from server.serving.installation import installed
from support.checks.statements import statements
from support.clients.client import Client, Shot
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone, Phone
from support.clients.uploading import blob, bring, state
from support.installation.backups import damage
from support.jobs import inline
from support.jobs.checks import checked
from support.likeness.scenes import scene
from support.likeness.shots import shot
from support.world.approving import bulk, leaflet, states
from support.world.world import World
from sync.record import State


def readiness(world: World, record: str) -> str | None:
    with world.app.app_context(), reading() as session:
        return session.get_one(Record, record).readiness


@pytest.fixture
def carrier(world: World) -> Callable[[str], Client]:
    return lambda username: Client(world.app.test_client(), world.token(username))


def banner(officer: Phone, photo: Shot, number: int = 1) -> str:
    record = officer.create(slogan="s1", quantity=number, put_up_on="2021-07-05", **photo.register)
    officer.sync()
    return record


@pytest.mark.databases("both")
def test_from_the_phone_to_ready(
    world: World, desk: MakeDesk, phone: MakePhone, carrier: Callable[[str], Client]
) -> None:
    photo = shot(scene(1))
    record, one = banner(phone("xa1"), photo), desk("huyen")
    assert readiness(world, record) == "photos"
    checked(world)
    assert readiness(world, record) == "photos", "no check brings a photo"
    one.get("/desk/review")
    assert record not in one.html
    assert "Chưa đưa vào lượt duyệt này: 1 mục chưa đủ ảnh." in one.text
    bring(carrier("xa1"), photo)
    assert readiness(world, record) == "checking"
    one.get("/desk/review")
    assert record not in one.html
    assert "Chưa đưa vào lượt duyệt này: 1 mục đang kiểm tra." in one.text
    inline.done(world, "likeness.compare")
    assert readiness(world, record) == "checking", "its hints are not made yet"
    inline.done(world, "hints.refresh")
    assert readiness(world, record) is None
    one.get("/desk/review")
    assert record in one.html
    assert "Chưa đưa vào" not in one.text
    one.post(one.form("/decide"), verdict="counted")
    assert states(world)[record] == "counted"


@pytest.mark.databases("both")
def test_acts_on_many_leave_out_what_is_not_ready_and_say_how_many(
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    officer, one = phone("xa1"), desk("huyen")
    clean = [leaflet(officer) for _ in range(2)]
    never = banner(officer, shot(scene(2)))
    officer.sync()
    checked(world)
    one.get("/desk/queue")
    assert "Mục chưa đủ ảnh hoặc đang kiểm tra không duyệt cùng lúc được" in one.text
    assert "Duyệt tất cả 2 mục của bộ lọc này" in one.text
    assert "Chưa đủ ảnh, đang kiểm tra 1" in one.text
    one.post(bulk(one, "all"))
    now = states(world)
    assert [now[record] for record in clean] == ["counted"] * 2
    assert now[never] == "waiting"
    one.get("/desk/queue?state=unready")
    assert never in one.html


def test_a_photo_that_a_backup_found_damaged_is_missing_until_it_is_back(
    world: World, desk: MakeDesk, phone: MakePhone, carrier: Callable[[str], Client], tmp_path: Path
) -> None:
    """Bytes that somebody puts back are believed, and were checked; those a phone brings are checked anew."""
    photo, officer, one = shot(scene(1)), phone("xa1"), desk("huyen")
    record = banner(officer, photo)
    bring(carrier("xa1"), photo)
    checked(world)
    assert readiness(world, record) is None
    kept = blob(world, photo.sha256)
    programs = os.environ.get("LOA_PG_BIN")  # of the PostgreSQL that the tests started
    settings = replace(installed(world.app).settings, pg_bin=Path(programs) if programs else None)

    def backup(name: str) -> list[str]:
        return backups.take(settings, tmp_path / name).missing

    damage(kept)
    assert backup("first") == [photo.sha256]
    assert readiness(world, record) == "photos"
    with world.app.app_context(), writing() as session:
        recount.recount(session)
    assert readiness(world, record) == "photos", "nor does a recount call it ready"
    one.get("/desk/review")
    assert record not in one.html
    assert "Chưa đưa vào lượt duyệt này: 1 mục chưa đủ ảnh." in one.text
    one.get("/desk/queue")
    assert "Mục chưa đủ ảnh hoặc đang kiểm tra không duyệt cùng lúc được" in one.text
    another = leaflet(officer)
    officer.sync()
    checked(world)
    one.get("/desk/queue")
    one.post(bulk(one, "all"))
    assert (states(world)[record], states(world)[another]) == ("waiting", "counted")
    kept.write_bytes(photo.data)
    assert state(carrier("xa1"), photo.sha256) == ["verified"], "no phone need bring it"
    assert backup("second") == []
    assert readiness(world, record) is None
    kept.unlink()
    assert backup("third") == [photo.sha256]
    assert readiness(world, record) == "photos", "bytes that are not there at all are missing as well"
    bring(carrier("xa1"), photo)
    assert readiness(world, record) == "checking"
    checked(world)
    assert readiness(world, record) is None


@pytest.mark.databases("both")
def test_what_arrives_while_the_page_is_open_is_left_out(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """The page offered it; an edit came since, and the form names a record that is to be checked again."""
    officer, one = phone("xa1"), desk("huyen")
    first, second = leaflet(officer), leaflet(officer)
    officer.sync()
    checked(world)
    one.get("/desk/queue")
    form = bulk(one, "all")
    officer.edit(second, distributed=11)
    officer.sync()
    one.post(form)
    assert states(world) == {first: "counted", second: "waiting"}


def test_of_a_phone_that_was_lost_a_person_decides_and_says_why(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    record, one = banner(phone("xa1"), shot(scene(3))), desk("huyen")
    checked(world)
    one.get(f"/desk/review?state=unready&at={record}")
    assert "mở đầy đủ, duyệt và ghi lý do" in one.text
    assert 'value="counted"' not in one.html, "there is no such button"
    form = one.form("/decide")
    assert one.post(form, verdict="counted", despite="Mất máy").status_code == 409, "not by key, whatever is sent"
    one.get(f"/desk/records/{record}")
    assert one.post(one.form("/decide"), verdict="counted", despite=" ").status_code == 409
    assert "Mục này chưa đủ ảnh hoặc đang được kiểm tra" in one.text
    assert states(world)[record] == "waiting"
    why = "Điện thoại của xã bị mất ngày 10/7; đã xem ảnh in tại xã."
    assert one.post(one.form("/decide"), verdict="counted", despite=why).status_code == 303
    assert states(world)[record] == "counted"
    with world.app.app_context(), reading() as session:
        row = session.scalars(select(DecisionRow)).one()
        assert (row.despite, row.reason) == ("photos", why)
    one.follow()
    assert "Duyệt khi chưa đủ ảnh" in one.text
    assert why in one.text
    chief = desk("tinh")
    chief.get("/desk/audit")
    assert "trạng thái: Chưa đủ ảnh" in chief.text


def approved_then_reused(
    world: World, desk: MakeDesk, phone: MakePhone, carrier: Callable[[str], Client], photos: list[Shot]
) -> list[str]:
    """Approve a banner for each photo, which another commune then sends as its own. Returns the approved ones."""
    made = []
    for number, photo in enumerate(photos, 1):
        made.append(banner(phone("xa1"), photo, number))
        bring(carrier("xa1"), photo)
        sleep(0.002)  # the order within one moment is that of the ids
    checked(world)
    one = desk("huyen")
    for record in made:
        one.get(f"/desk/records/{record}")
        assert one.post(one.form("/decide"), verdict="counted").status_code == 303
    for photo in photos:
        banner(phone("nhanla", "12289"), photo)
        bring(carrier("nhanla"), photo)
    checked(world)
    return made


@pytest.mark.databases("both")
def test_a_reuse_that_is_found_after_the_approval(
    world: World, desk: MakeDesk, phone: MakePhone, carrier: Callable[[str], Client]
) -> None:
    one, photo = desk("huyen"), shot(scene(4))
    first = banner(phone("xa1"), photo)
    bring(carrier("xa1"), photo)
    checked(world)
    one.get("/desk/review")
    one.post(one.form("/decide"), verdict="counted")
    assert readiness(world, first) is None
    one.get("/desk/")
    assert "đã duyệt, cần xem lại" not in one.text
    second = banner(phone("nhanla", "12289"), photo)
    bring(carrier("nhanla"), photo)
    checked(world)
    assert readiness(world, first) == "flagged"
    assert readiness(world, second) is None, "it is to be looked at, and waits for its decision"
    one.get("/desk/")
    assert "1 đã duyệt, cần xem lại" in one.text
    one.get("/desk/queue?state=flagged")
    assert first in one.html
    assert second not in one.html
    for path in ("/desk/report", f"/desk/figures/lock?unit={world.units['331']}"):
        one.get(path)
        assert "1 mục đã duyệt, sau đó phát hiện điểm cần xem." in one.text, path
    one.get("/desk/figures")
    assert "1 mục cần xem lại" in one.text, "in the row above the table, which then begins no lower"
    assert 'title="1 mục đã duyệt, sau đó phát hiện điểm cần xem."' in one.html
    one.get(f"/desk/records/{first}")
    assert "Sau khi duyệt đã phát hiện điểm cần xem" in one.text
    one.post(one.form("/decide"), verdict="counted")
    assert readiness(world, first) is None, "looked at, and approved again"
    checked(world)
    assert readiness(world, first) is None
    one.get(f"/desk/records/{first}")
    assert one.html.count('<li class="decision">') == 2


@pytest.mark.slow
@pytest.mark.databases("sqlite")
def test_what_was_found_since_is_gone_through_in_fast_review(
    world: World, desk: MakeDesk, phone: MakePhone, carrier: Callable[[str], Client]
) -> None:
    """Kept, returned, withdrawn, passed: each leads on to the next, and undone the record is on the list again."""
    one, photos = desk("huyen"), [shot(scene(20 + nth)) for nth in range(4)]
    made = approved_then_reused(world, desk, phone, carrier, photos)
    one.get("/desk/review")
    assert "Xem lại 4 mục đã duyệt" in one.text, "where the list of today ends"
    one.get("/desk/queue?state=flagged")
    assert "Duyệt nhanh 4 mục" in one.text
    address = re.search(r'href="(/desk/review\?[^"]*state=flagged[^"]*)"', one.html)
    assert address is not None
    one.get(unescape(address[1]))
    assert "1/4" in one.text.replace(" ", "")
    for nth, (verdict, reason, said) in enumerate(
        (
            ("counted", "", "Đã xem, vẫn duyệt."),
            ("returned", "Ảnh này là của xã khác.", "Đã đề nghị bổ sung."),
            ("withdrawn", "", "Đã rút lại quyết định."),
        )
    ):
        assert f'data-record="{made[nth]}"' in one.html
        assert "Đã duyệt; sau đó phát hiện điểm cần xem dưới đây." in one.text
        assert f"/desk/records/{made[nth]}/alike/" in one.html, "the pair is a key away"
        assert "hint-look" in one.html
        assert "hint-note" in one.html
        assert one.text.count("không bản ghi nào bị loại vì các điểm này") == 1, "said of both grades together"
        assert one.post(one.form("/decide"), verdict=verdict, **{"reason.returned": reason}).status_code == 303
        one.follow()
        assert said in one.text
    assert f'data-record="{made[3]}"' in one.html
    assert [states(world)[each] for each in made] == ["counted", "returned", "waiting", "counted"]
    assert [readiness(world, each) for each in made] == [None, None, None, "flagged"]
    assert one.post(one.form("/undo")).status_code == 303
    one.follow()
    assert f'data-record="{made[2]}"' in one.html
    assert "quyết định trước đó" not in one.text, "the page says so by its state"
    assert (states(world)[made[2]], readiness(world, made[2])) == ("counted", "flagged")
    one.get(f"/desk/review?state=flagged&after={made[0]}")
    assert f'data-record="{made[2]}"' in one.html, "kept, it is no longer on the list, and what is behind it follows"
    one.get(f"/desk/review?state=flagged&after={made[3]}")
    assert "Đã xem hết danh sách" in one.text
    assert "Xem lại 2 mục" not in one.text, "this is the list"


@pytest.mark.databases("both")
def test_a_withdrawal_is_undone_by_whoever_made_it_and_while_it_is_the_latest(
    world: World, desk: MakeDesk, phone: MakePhone, carrier: Callable[[str], Client]
) -> None:
    """D-14: figures are those of before, and what was found since is still to be looked at."""
    one, other = desk("huyen"), desk("tinh")
    (record,) = approved_then_reused(world, desk, phone, carrier, [shot(scene(20))])
    one.get("/desk/review?state=flagged")
    form = one.form("/decide")
    json = {"Accept": "application/json"}
    answer = one.http.post(form.action, data={**form.values, "verdict": "withdrawn"}, headers=json).get_json()
    assert answer["said"] == "Đã rút lại quyết định. Số liệu thay đổi: Băng rôn −1 chiếc."
    resent = one.http.post(form.action, data={**form.values, "verdict": "withdrawn"}, headers=json)
    assert resent.status_code == 200, "the line broke before the first answer came"
    assert resent.get_json()["decision"] == answer["decision"]
    sent = {"decision": answer["decision"]}
    address = form.action.replace("/decide", "/undo")
    other.get("/desk/account")
    theirs = {**sent, "csrf_token": other.form("/sign-out").values["csrf_token"]}
    late = {**form.values, "verdict": "withdrawn", "csrf_token": theirs["csrf_token"]}
    assert other.http.post(form.action, data=late, headers=json).status_code == 409, "it is not theirs"
    assert other.http.post(address, data=theirs, headers=json).status_code == 409
    assert states(world)[record] == "waiting"
    mine = {**sent, "csrf_token": form.values["csrf_token"]}
    undone = one.http.post(address, data=mine, headers=json)
    assert "lại có hiệu lực: Đã duyệt" in undone.get_json()["said"]
    assert (states(world)[record], readiness(world, record)) == ("counted", "flagged")
    assert one.http.post(address, data=mine, headers=json).status_code == 409, "once"
    other.get("/desk/audit")
    assert "Trước: quyết định: Rút lại quyết định" in other.text
    one.get(f"/desk/records/{record}")
    other.get(f"/desk/records/{record}")
    one.post(one.form("/withdraw"))
    other.get(f"/desk/records/{record}")
    other.post(other.form("/decide"), verdict="not_counted", reason="Trùng.")
    with world.app.app_context(), reading() as session:
        rows = select(DecisionRow).where(DecisionRow.verdict == "withdrawn").order_by(DecisionRow.position.desc())
        latest = session.scalars(rows).first()
        assert latest is not None
        late = {**mine, "decision": latest.id}
    assert one.http.post(address, data=late, headers=json).status_code == 409
    assert states(world)[record] == "not_counted"


@pytest.mark.databases("both")
def test_of_two_who_look_again_the_second_sees_that_the_first_withdrew(
    world: World, desk: MakeDesk, phone: MakePhone, carrier: Callable[[str], Client]
) -> None:
    one, other = desk("huyen"), desk("tinh")
    (record,) = approved_then_reused(world, desk, phone, carrier, [shot(scene(20))])
    for each in (one, other):
        each.get("/desk/review?state=flagged")
    loaded = one.form("/decide")
    assert other.post(other.form("/decide"), verdict="withdrawn").status_code == 303
    assert one.post(loaded, verdict="counted").status_code == 409
    assert "Trong lúc đó người khác đã quyết định khác về mục này." in one.text
    assert states(world)[record] == "waiting"
    assert one.post(one.form("/decide"), verdict="counted").status_code == 303, "having seen it"
    assert states(world)[record] == "counted"


def test_writes_to_many_ask_for_findings_once(world: World, phone: MakePhone) -> None:
    """A push of 100 edits does not ask 100 times; and each record is judged by its own approval."""
    officer = phone("xa1")
    ids = [leaflet(officer) for _ in range(4)]
    officer.sync()
    checked(world)
    with world.app.app_context(), writing() as session:
        scope = Scope(session, world.officers["huyen"])
        for id_ in ids:
            decide(session, scope, id_, Verdict("counted", ""), dict(session.get_one(Record, id_).survivors))
        found = {id_: session.get_one(Record, id_) for id_ in ids}
        for id_, record in found.items():
            record.hint = LOOK
            session.add(Hint(stream_id=record.stream_id, record_id=id_, rule="far", grade=LOOK, hits=1, detail={}))
        session.get_one(DecisionRow, found[ids[0]].decision_id).hints = ["far"]
        session.flush()
        asked = []
        for some in (ids[:2], ids):
            folded = [(found[id_], State.of(as_write(row) for row in writes_of(session, [id_])[id_])) for id_ in some]
            with statements(world) as sent:
                written(session, folded, {}, ())
            asked.append(len(sent))
        assert asked == [asked[0]] * 2
        assert [found[id_].readiness for id_ in ids] == [None, *["flagged"] * 3]
