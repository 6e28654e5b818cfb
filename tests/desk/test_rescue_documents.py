"""The PDF files of a phone that cannot send come in its rescue file (SPEC R-1, R-11, P-18)."""

from __future__ import annotations

import re
from typing import Any

import pytest

from server.decoding import service
from server.decoding.limits import DecodingLane
from support.clients import pdfs
from support.clients.client import shot
from support.clients.desk import MakeDesk
from support.clients.pdfs import Pdf
from support.world.lost import Lost, MakeLost, entries, hand_in, revoke, sums
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


def directive(one: Lost, document: Pdf) -> str:
    return one.phone.create("media", form="directive", headline="Kế hoạch", **document.register)


def download(reviewer: Any, record: str, document: Pdf) -> bytes:
    answer = reviewer.http.get(f"/desk/records/{record}/documents/{document.key}", buffered=True)
    data: bytes = answer.data
    return data


@pytest.mark.slow
def test_a_record_and_its_document_by_another_road(desk: MakeDesk, lost: MakeLost) -> None:
    """One that is no document is told, and the rest is taken."""
    one, reviewer, good, bad = lost("xa1"), desk("huyen"), pdfs.pdf(), pdfs.with_script()
    record = directive(one, good)
    directive(one, bad)
    assert hand_in(reviewer, one.file(photos=[good.data, bad.data])) == 303
    assert sums(reviewer) == ([2, 0, 0, 0], [1, 0, 0, 1])
    assert "Không nhận được 1 tệp PDF, lý do ở mục “Chưa nhận được” bên dưới." in reviewer.text
    assert f"Tệp PDF {bad.sha256[:6]}: Tệp PDF có mã lệnh" in reviewer.text
    assert "chưa về máy chủ" not in reviewer.text
    assert download(reviewer, record, good) == good.data
    states = one.client.sync(photos=[good.sha256, bad.sha256])["photos"]
    assert {row["sha256"]: row["state"] for row in states} == {good.sha256: "verified", bad.sha256: "refused"}


@pytest.mark.slow
def test_a_document_that_could_not_be_judged_waits_alone(desk: MakeDesk, lost: MakeLost) -> None:
    """R-8: the writes and the report are kept, and the file handed in again brings the document."""
    one, reviewer, document = lost("xa1"), desk("huyen"), pdfs.pdf()
    record = directive(one, document)
    file = one.file(photos=[document.data])
    turns = service.turns[DecodingLane.DOCUMENTS]
    with turns, turns:
        assert hand_in(reviewer, file) == 303
    assert sums(reviewer) == ([1, 0, 0, 0], [0, 0, 1, 0])
    assert "Chưa nhận 1 tệp PDF: có trong tệp" in reviewer.text
    assert hand_in(reviewer, file) == 303
    assert sums(reviewer) == ([0, 1, 0, 0], [1, 0, 0, 0])
    assert "Chưa nhận 1" not in reviewer.text
    assert download(reviewer, record, document) == document.data


@pytest.mark.slow
def test_of_a_waiting_file_too(world: World, desk: MakeDesk, lost: MakeLost) -> None:
    """R-9: the write is taken, its document stays in the file."""
    one, reviewer, document = lost("xa1"), desk("huyen"), pdfs.pdf()
    record = directive(one, document)
    revoke(world, one.device)
    assert hand_in(reviewer, one.file(photos=[document.data])) == 303
    turns = service.turns[DecodingLane.DOCUMENTS]
    with turns, turns:
        assert reviewer.post(entries(reviewer)[0]).status_code == 303
    reviewer.follow()
    assert "Chưa nhận 1 tệp PDF của các mục đã nhận: vẫn còn trong tệp." in reviewer.text
    assert reviewer.post(reviewer.form("/photos")).status_code == 303
    reviewer.follow()
    assert "Chưa nhận 1" not in reviewer.text
    assert download(reviewer, record, document) == document.data


def test_of_a_revoked_phone_the_document_is_taken_with_its_write(world: World, desk: MakeDesk, lost: MakeLost) -> None:
    """R-9."""
    one, reviewer, document = lost("xa1"), desk("huyen"), pdfs.pdf()
    record = directive(one, document)
    revoke(world, one.device)
    assert hand_in(reviewer, one.file(photos=[document.data])) == 303
    assert document.name in reviewer.text
    assert reviewer.post(entries(reviewer)[0]).status_code == 303
    assert download(reviewer, record, document) == document.data


@pytest.mark.slow
def test_the_document_of_a_form_nobody_saved_can_be_kept(desk: MakeDesk, lost: MakeLost) -> None:
    """R-12: once it was judged, and as a file."""
    one, reviewer, document, bad = lost("xa1"), desk("huyen"), pdfs.pdf(), pdfs.that_starts()
    home = {"kind": "media", "unit": one.enrolment["unit"], "campaign": one.world.campaign}
    form = {"form": "directive", **document.register, **bad.register}
    draft = {"draft": {"id": "D" * 16, "at": 1_626_900_000_000, **home, "set": form}}
    assert hand_in(reviewer, one.file(writes=[draft], photos=[document.data, bad.data])) == 303
    links = re.findall(r'href="(/desk/rescue/[^"]*/document)"', reviewer.html)
    assert len(links) == 2
    answers = {link: reviewer.http.get(link, buffered=True) for link in links}
    kept = answers[next(link for link in links if document.key in link)]
    assert kept.data == document.data
    assert kept.headers["Content-Disposition"].startswith("attachment")
    assert kept.headers["Content-Security-Policy"].startswith("sandbox")
    assert answers[next(link for link in links if bad.key in link)].status_code == 404
    assert desk("phucu").http.get(links[0], buffered=True).status_code == 404


@pytest.mark.slow
def test_what_is_not_in_the_file_is_counted_and_what_to_do_is_said(desk: MakeDesk, lost: MakeLost) -> None:
    """Each photo once: of one only the thumbnail came, of the other nothing, and the PDF did not."""
    one, reviewer = lost("xa1"), desk("huyen")
    one.banner(shot(1))
    one.banner(shot(2))
    directive(one, pdfs.pdf())
    assert hand_in(reviewer, one.file(photos=[one.photos[0].thumb])) == 303
    assert "Còn 2 ảnh, 1 tệp PDF của các bản ghi này chưa về máy chủ và không có trong tệp." in reviewer.text
    reviewer.post(reviewer.form("/desk/language"), language="en")
    reviewer.follow()
    assert "and not in the file, though these records name them: 2 photos, 1 PDF file." in reviewer.text
    assert "save another file on it" in reviewer.text


@pytest.mark.slow
def test_a_photo_that_came_after_all_is_not_said_to_be_refused(desk: MakeDesk, lost: MakeLost) -> None:
    """A file lacks the write that names it. The next one brings that write, and then the photo too."""
    one, reviewer = lost("xa1"), desk("huyen")
    record = one.banner()
    without = list(one.phone.outbox)
    one.photos.append(shot(1))
    one.phone.edit(record, **one.photos[0].register)
    assert hand_in(reviewer, one.file(writes=without)) == 303
    first = reviewer.location
    assert hand_in(reviewer, one.file(photos=[])) == 303
    reviewer.get(first)
    assert "Chưa nhận 1 ảnh: có trong tệp" in reviewer.text, "handed in again, it brings the photo"
    assert "chụp lại" not in reviewer.text
    assert hand_in(reviewer, one.file()) == 303
    reviewer.get(first)
    assert not any(said in reviewer.text for said in ("Chưa nhận 1 ảnh", "chụp lại", "chưa về máy chủ"))


def test_files_of_an_entry_that_was_not_taken_are_no_photos(desk: MakeDesk, lost: MakeLost) -> None:
    one, reviewer, document = lost("xa1"), desk("huyen"), pdfs.pdf()
    one.phone.create("media", headline=7, **document.register)
    assert hand_in(reviewer, one.file(photos=[document.data])) == 303
    assert sums(reviewer) == ([0, 0, 0, 1], [0, 0, 0, 1])
    assert f"Ảnh hoặc tệp {document.sha256[:6]}: Chưa nhận được bản ghi nào có ảnh, tệp này." in reviewer.text
    assert "Ảnh, tệp của những mục chưa nhận được cũng chưa được nhận." in reviewer.text


@pytest.mark.slow
def test_a_document_that_waits_for_a_form_is_shown_to_who_may_see_the_file(desk: MakeDesk, lost: MakeLost) -> None:
    """R-12: another app handed it to the phone, and nobody said what it is of."""
    one, reviewer, document = lost("xa1"), desk("huyen"), pdfs.pdf()
    draft = {"draft": {"id": "E" * 16, "at": 1_626_900_000_000, "set": document.register}}
    assert hand_in(reviewer, one.file(writes=[draft], photos=[document.data])) == 303
    assert "Tệp PDF chưa thành bản ghi" in reviewer.text
    [link] = re.findall(r'href="(/desk/rescue/[^"]*/document)"', reviewer.html)
    assert reviewer.http.get(link, buffered=True).data == document.data
