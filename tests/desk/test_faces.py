"""Photos before they leave the review: answered for, covered, kept out; by a rule of the campaign."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import func, select

from server.core.clock import stopped_at
from server.core.db import reading, writing
from server.models import AuditLine, Campaign, FreezeDocument, PaperVersion, PhotoMark, PhotoRef, Record
from server.services.audit.acts import Act
from server.services.faces.marks import PhotoAnswer
from server.services.recovery import purges
from server.services.reports import evidence
from server.services.reports.workflow.papers import PaperAct
from server.serving.installation import installed
from support.clients.desk import MakeDesk
from support.clients.uploading import blob
from support.world.asked import got
from support.world.faces import PART, archive, is_covered, pictures, said, say
from support.world.issuing import downloaded, make, step
from support.world.locking import lock
from support.world.papers import with_photos, word
from support.world.purging import purge
from support.world.reports import made
from support.world.world import World

pytestmark = [pytest.mark.slow, pytest.mark.databases("both")]


def marked(world: World, desk: MakeDesk, count: int) -> tuple[list[str], list[str]]:
    """Counted banners with a photo each: their records, and the hashes of the photos."""
    records = with_photos(world, desk, range(count))
    with world.app.app_context(), reading() as session:
        refs = session.execute(select(PhotoRef.record_id, PhotoRef.sha256).where(PhotoRef.role == "original")).all()
    found = {row.record_id: row.sha256 for row in refs}
    return records, [found[record] for record in records]


def keys(hashes: list[str]) -> list[str]:
    return [each[:16] for each in hashes]


def today_pictures(world: World, one: Any) -> list[Image.Image]:
    file = io.BytesIO()
    made(one, world.units["331"]).save(file)
    return pictures(file.getvalue())


def set_rule(world: World, desk: MakeDesk, rule: str) -> Any:
    one = desk("quantri")
    one.get(f"/desk/campaigns/{world.campaign}/amend")
    assert one.post(one.form("/faces"), rule=rule).status_code == 303
    return one


def asked(one: Any, paper: str) -> str:
    """The photos that the page names before the report is presented, and the link to answer."""
    one.get(f"/desk/papers/{paper}")
    found = re.search(r"Chưa ai trả lời có rõ mặt trẻ em không, với ảnh của: (.*? Trả lời cho \d+ ảnh)", one.text)
    return found[1] if found else ""


def test_a_photo_is_covered_in_everything_that_leaves_and_nowhere_else(world: World, desk: MakeDesk) -> None:
    records, hashes = marked(world, desk, 2)
    (first, second) = keys(hashes)
    one = desk("huyen")
    assert say(one, records[0], first, "yes", PART) == 303
    assert said(world, records[0], first) == PhotoAnswer(True, False, ((2000, 1000, 4000, 5000),), 1)
    shown = one.follow()
    assert "Rõ mặt trẻ em · 1 vùng che" in one.text
    covered = one.http.get(f"/desk/records/{records[0]}/photos/{first}/covered", buffered=True)
    assert is_covered(Image.open(io.BytesIO(covered.data)))
    assert f"/photos/{first}/covered" in shown
    assert one.http.get(f"/desk/records/{records[1]}/photos/{second}/covered", buffered=True).status_code == 404
    original = one.http.get(f"/desk/records/{records[0]}/photos/{first}/full", buffered=True)
    assert hashlib.sha256(original.data).hexdigest() == hashes[0], "it is the evidence"
    assert sorted(map(is_covered, today_pictures(world, one))) == [False, True]
    freeze = lock(world)
    assert sorted(map(is_covered, pictures(word(one, freeze)))) == [False, True]
    assert sorted(map(is_covered, pictures(downloaded(one, make(world))))) == [False, True]
    stamped, originals = archive(one, world, stamped=True), archive(one, world, stamped=False)
    copies = [Image.open(io.BytesIO(stamped.read(name))) for name in stamped.namelist() if name.endswith(".jpg")]
    assert sorted(map(is_covered, copies)) == [False, True]
    kept = [originals.read(name) for name in originals.namelist() if name.endswith(".jpg")]
    assert {hashlib.sha256(each).hexdigest() for each in kept} == set(hashes)
    assert not any(image.getexif() or image.info.get("comment") for image in copies)
    with world.app.app_context(), reading() as session:
        line = session.execute(select(AuditLine.about_id, AuditLine.new).where(AuditLine.act == Act.PHOTO_MARKED)).one()
    told = {"amount": 1, "hash": first, "status": "face", "unit": world.units["12286"]}
    assert (line.about_id, json.loads(line.new)) == (records[0], told)


def test_a_face_without_a_cover_and_what_is_not_for_reports_stay(world: World, desk: MakeDesk) -> None:
    records, hashes = marked(world, desk, 3)
    names = keys(hashes)
    one = desk("huyen")
    freeze = lock(world)
    say(one, records[0], names[0], "yes")
    say(one, records[1], names[1], "no", unused="1")
    one.get(f"/desk/records/{records[0]}?photo={names[0]}")
    assert "Rõ mặt trẻ em mà chưa che: ảnh này không đi cùng báo cáo" in one.text
    assert len(today_pictures(world, one)) == 1
    assert len(pictures(word(one, freeze))) == 1
    stamped = archive(one, world, stamped=True)
    assert sum(name.endswith(".jpg") for name in stamped.namelist()) == 1
    assert stamped.read("DANH-MUC.csv").decode().count("Không đưa ra: ") == 2
    assert sum(name.endswith(".jpg") for name in archive(one, world, stamped=False).namelist()) == 3
    say(one, records[0], names[0], "yes", PART)
    say(one, records[1], names[1], "no", unused=None)
    assert len(pictures(word(one, freeze))) == 3, "said otherwise, it goes"


def test_the_rule_of_a_campaign_asks_leaves_be_or_keeps_all_faces(world: World, desk: MakeDesk) -> None:
    records, hashes = marked(world, desk, 3)
    names = keys(hashes)
    lock(world)
    paper, one = make(world), desk("huyen")
    assert all(f"Chính Nghĩa BR-{number}" in asked(one, paper) for number in (1, 2, 3))
    assert say(one, records[0], names[0], "no", paper=paper) == 303
    assert f"photo={names[1]}" in one.location, "the next that asks"
    say(one, records[1], names[1], "yes", PART, paper=paper)
    assert f"photo={names[2]}" in one.location
    assert "BR-1" not in asked(one, paper)
    assert "Chính Nghĩa BR-3 Trả lời cho 1 ảnh" in asked(one, paper)
    assert len(pictures(downloaded(one, paper))) == 3, "it asks and stops nobody"
    set_rule(world, desk, "marked")
    assert asked(one, paper) == ""
    assert sorted(map(is_covered, pictures(downloaded(one, paper)))) == [False, False, True]
    set_rule(world, desk, "none")
    assert "Chính Nghĩa BR-3" in asked(one, paper)
    (only,) = pictures(downloaded(one, paper))
    assert not is_covered(only)
    assert len(today_pictures(world, one)) == 1
    stamped = archive(one, world, stamped=True)
    assert sum(name.endswith(".jpg") for name in stamped.namelist()) == 1
    assert say(one, records[2], names[2], "no", paper=paper) == 303
    assert f"/desk/papers/{paper}" in one.location, "none asks any more"
    assert len(pictures(downloaded(one, paper))) == 2
    with world.app.app_context(), reading() as session:
        told = session.scalars(select(AuditLine.new).where(AuditLine.act == Act.FACE_RULE_SET)).all()
    assert [json.loads(each)["status"] for each in told] == ["faces_marked", "faces_none"]


def test_what_was_presented_stays_as_it_was_and_is_built_again_so(world: World, desk: MakeDesk) -> None:
    records, hashes = marked(world, desk, 1)
    (name,) = keys(hashes)
    one = desk("huyen")
    say(one, records[0], name, "yes", PART)
    lock(world)
    paper = make(world)
    step(world, paper, PaperAct.SUBMIT)
    before = downloaded(one, paper)
    assert all(map(is_covered, pictures(before)))
    say(one, records[0], name, "no", "")
    set_rule(world, desk, "none")
    with world.app.app_context():
        with reading() as session:
            sha256 = session.scalars(select(FreezeDocument.sha256)).one()
        installed(world.app).blobs.drop([sha256])
    assert downloaded(one, paper) == before, "after a restore without its bytes"
    step(world, paper, PaperAct.BACK)
    assert not any(map(is_covered, pictures(downloaded(one, paper)))), "a draft again, as is said today"


def test_no_clock_decides_what_a_presented_paper_shows(world: World, desk: MakeDesk) -> None:
    records, hashes = marked(world, desk, 2)
    (name, bare) = keys(hashes)
    one = desk("huyen")
    lock(world)
    say(one, records[1], bare, "yes")
    paper = make(world)
    step(world, paper, PaperAct.SUBMIT)
    before = downloaded(one, paper)
    with world.app.app_context(), reading() as session:
        at = session.scalars(select(PaperVersion.at)).one()
    for earlier in (0, 1_000):  # a mark of the same millisecond, and one of a clock that was set back
        with stopped_at(at - earlier):
            say(one, records[0], name, "yes", PART if earlier else "")
    with world.app.app_context():
        with reading() as session:
            sha256 = session.scalars(select(FreezeDocument.sha256)).one()
        installed(world.app).blobs.drop([sha256])
    assert downloaded(one, paper) == before
    assert [is_covered(each) for each in pictures(before)] == [False]


def test_photos_beside_a_paper_are_asked_for_as_its_own_are(world: World, desk: MakeDesk) -> None:
    marked(world, desk, 8)
    lock(world)
    paper, one = make(world), desk("huyen")
    assert asked(one, paper).endswith("Trả lời cho 8 ảnh")
    beside = one.http.get(f"/desk/report/word?paper={paper}&beside=1", buffered=True)
    assert (len(pictures(downloaded(one, paper))), len(pictures(beside.data))) == (6, 2)


def test_one_that_is_left_open_leads_on_and_a_wrong_report_takes_nothing_back(world: World, desk: MakeDesk) -> None:
    records, hashes = marked(world, desk, 2)
    names = keys(hashes)
    lock(world)
    paper, one = make(world), desk("huyen")
    say(one, records[0], names[0], "", PART, paper=paper)
    assert f"photo={names[1]}" in one.location
    say(one, records[1], names[1], "", paper=paper)
    assert f"/desk/papers/{paper}" in one.location, "through once"
    say(one, records[1], names[1], "no", paper=paper)
    assert f"photo={names[0]}" in one.location, "one answered last leads to those that were left open"
    assert say(one, records[0], names[0], "no", paper="NOWHERE") == 303
    assert f"/desk/records/{records[0]}" in one.location
    assert said(world, records[0], names[0]).face is False


def test_who_signs_is_told_what_was_said_since(world: World, desk: MakeDesk) -> None:
    records, hashes = marked(world, desk, 2)
    one = desk("huyen")
    lock(world)
    paper = make(world)
    told = "vùng che đã đổi, với ảnh của: Chính Nghĩa BR-1. "
    for act in (PaperAct.SUBMIT, PaperAct.APPROVE, PaperAct.SIGN):
        step(world, paper, act)
        one.get(f"/desk/papers/{paper}")
        assert (told in one.text) == (act is not PaperAct.SUBMIT), act
        say(one, records[0], hashes[0][:16], "yes", PART)
    assert len(pictures(downloaded(one, paper))) == 2
    step(world, paper, PaperAct.BACK)
    step(world, paper, PaperAct.SUBMIT)
    one.get(f"/desk/papers/{paper}")
    assert "vùng che đã đổi" not in one.text
    assert sorted(map(is_covered, pictures(downloaded(one, paper)))) == [False, True]


@pytest.mark.parametrize("since", [True, False])
def test_what_came_back_is_closed_up_only_as_it_may_leave_today(world: World, desk: MakeDesk, since: bool) -> None:
    records, hashes = marked(world, desk, 1)
    one = desk("huyen")
    lock(world)
    paper = make(world)
    if not since:
        say(one, records[0], hashes[0][:16], "yes", PART)
    step(world, paper, PaperAct.SUBMIT)
    downloaded(one, paper)
    step(world, paper, PaperAct.BACK)
    if since:
        say(one, records[0], hashes[0][:16], "yes", PART)
    for act in (PaperAct.SUBMIT, PaperAct.APPROVE, PaperAct.SIGN, PaperAct.ISSUE):
        step(world, paper, act)
    with zipfile.ZipFile(got(world, one, "331", "dossier")) as archived:
        words = {name: archived.read(name) for name in archived.namelist() if name.endswith(".docx")}
    shown = {name[0]: [is_covered(each) for each in pictures(data)] for name, data in words.items()}
    assert shown == {"0": [], "3": [True]} | ({} if since else {"8": [True]})


def test_parts_are_drawn_on_our_own_copy_for_browsers_turn_photos_otherwise(world: World, desk: MakeDesk) -> None:
    records, hashes = marked(world, desk, 1)
    (name,) = keys(hashes)
    one = desk("huyen")
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = io.BytesIO()
    Image.new("RGB", (400, 200), (200, 200, 200)).save(turned, "WEBP", exif=exif.tobytes())
    blob(world, hashes[0]).write_bytes(turned.getvalue())
    say(one, records[0], name, "yes", PART)
    assert f"/photos/{name}/upright" in one.get(f"/desk/records/{records[0]}?photo={name}")
    at = f"/desk/records/{records[0]}/photos/{name}"
    drawn_on, covered = (
        Image.open(io.BytesIO(one.http.get(f"{at}/{which}", buffered=True).data)) for which in ("upright", "covered")
    )
    assert drawn_on.size == covered.size == (200, 400)
    assert (is_covered(drawn_on), is_covered(covered)) == (False, True)
    assert not drawn_on.getexif(), "nothing is left that a browser turns it by"


def test_those_that_stay_take_no_place_from_others(world: World, desk: MakeDesk) -> None:
    records, hashes = marked(world, desk, 3)
    one = desk("huyen")

    def chosen(most: int) -> list[str]:
        with world.app.app_context(), reading() as session:
            campaign = session.get_one(Campaign, world.campaign)
            return [each.record_id for each in evidence.choose(session, campaign, world.units["331"], most).photos]

    (first,) = chosen(1)
    say(one, first, dict(zip(records, keys(hashes), strict=True))[first], "yes")
    (second,) = chosen(1)
    assert second != first
    assert set(chosen(2)) == set(records) - {first}


def test_a_purge_takes_marks_along_also_again_after_a_restore(world: World, desk: MakeDesk) -> None:
    records, hashes = marked(world, desk, 2)
    names = keys(hashes)
    one = desk("huyen")
    for record, name in zip(records, names, strict=True):
        say(one, record, name, "yes", PART)
    with world.app.app_context(), reading() as session:
        kept = {name: getattr(session.get_one(PhotoMark, (records[0], hashes[0], 1)), name) for name in COLUMNS}
    purge(world, records[0])
    assert one.http.get(f"/desk/records/{records[0]}/photos/{names[0]}/covered").status_code == 404
    with world.app.app_context():
        with reading() as session:
            assert session.scalars(select(PhotoMark.record_id)).all() == [records[1]]
        with writing() as session:  # a backup from before brings it back
            session.add(PhotoMark(**kept))
            session.get_one(Record, records[0]).state = "counted"
        with writing() as session:
            assert purges.reapply(session, installed(world.app).blobs) == 1
            assert session.scalar(select(func.count()).select_from(PhotoMark)) == 1


COLUMNS = tuple(column.name for column in PhotoMark.__table__.columns)


def test_who_may_not(world: World, desk: MakeDesk) -> None:
    records, hashes = marked(world, desk, 1)
    (name,) = keys(hashes)
    own, above = desk("xa1"), desk("huyen")
    for one in (own, above):
        one.get(f"/desk/records/{records[0]}?photo={name}")
        assert one.has_form("/photos/faces")
    form = above.form("/photos/faces")
    for username, page, act in (("nhanla", 404, 404), ("quantri", 404, 403)):
        other = desk(username)
        other.get(f"/desk/records/{records[0]}?photo={name}")
        assert other.status == page, username
        other.get("/desk/account")
        token = {"csrf_token": other.forms()[0].values["csrf_token"]}
        assert other.post(form, face="no", **token).status_code in (act, 403), username
        other.get(f"/desk/campaigns/{world.campaign}/amend")
    own.get("/desk/account")
    rule = type(form)(f"/desk/campaigns/{world.campaign}/faces", dict(own.forms()[0].values))
    assert own.post(rule, rule="marked").status_code == 403
    assert said(world, records[0], name).number == 0


def test_what_somebody_said_meanwhile_is_not_lost_and_nonsense_is_refused(world: World, desk: MakeDesk) -> None:
    records, hashes = marked(world, desk, 1)
    (name,) = keys(hashes)
    one, other = desk("huyen"), desk("xa1")
    for each in (one, other):
        each.get(f"/desk/records/{records[0]}?photo={name}")
    assert other.post(other.form("/photos/faces"), face="yes", parts=PART).status_code == 303
    assert one.post(one.form("/photos/faces"), face="no").status_code == 409
    assert "Người khác vừa lưu nội dung khác" in one.text
    assert said(world, records[0], name).face is True
    assert one.post(one.form("/photos/faces"), face="no").status_code == 303, "seen by now"
    assert said(world, records[0], name) == PhotoAnswer(False, False, (), 2)
    for parts in ("1,2,3", "1,2,3,4", "9000,0,2000,100", "0,0,x,100", "0,0,-5,100", " ".join(["0,0,90,90"] * 41)):
        assert say(one, records[0], name, "yes", parts) == 400, parts
    one.get(f"/desk/records/{records[0]}?photo={'0' * 16}")
    assert one.status == 404
