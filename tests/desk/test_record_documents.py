"""The PDF files of a record at the desk, in exports, and where they end (SPEC P-17 to P-19, L-18)."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from typing import Any

import pytest
from sqlalchemy import select

from server.core.db import reading
from server.models import Campaign, LikenessPending, Record, Stream
from server.services.reports import evidence
from server.services.reports.documents import outstanding
from server.services.reports.workflow.papers import PaperAct, PaperState
from server.services.review import warning_rules
from support.clients import pdfs
from support.clients.client import Client, Shot, shot
from support.clients.desk import MakeDesk
from support.clients.pdfs import Pdf
from support.clients.phone import MakePhone, Phone
from support.clients.uploading import blob, bring
from support.world.issuing import make, step, to
from support.world.locking import lock
from support.world.purging import purge
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


def recorded(phone: Phone, *documents: Pdf, photos: tuple[Shot, ...] = ()) -> str:
    """A directive with these documents and photos, sent but for their bytes. Returns its id."""
    registers: dict[str, Any] = {}
    for register in (*(each.register for each in documents), *(each.register for each in photos)):
        registers |= register
    said = {"form": "directive", "headline": "Kế hoạch tuyên truyền", "published_on": "2021-07-20"}
    record = phone.create("media", **said, **registers)
    phone.sync()
    return record


def client(world: World, username: str = "xa1") -> Client:
    return Client(world.app.test_client(), world.token(username))


def sent(world: World, document: Pdf) -> None:
    client(world).create_upload(document.sha256, len(document.data), document.data)


@pytest.mark.slow
def test_each_document_is_wanted_then_kept_or_refused(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    good, bad, one = pdfs.pdf(name="<b>Kế hoạch</b> 12.pdf"), pdfs.with_script(), desk("huyen")
    record = recorded(phone("xa1"), good, bad)
    page = f"/desk/records/{record}"
    one.get(page)
    assert one.text.count("Tệp còn trên điện thoại, chưa về đến máy chủ.") == 2
    sent(world, good)
    sent(world, bad)
    one.get(page)
    assert one.text.count("Không dùng được tệp này: Tệp PDF có mã lệnh") == 1
    assert "&lt;b&gt;Kế hoạch&lt;/b&gt; 12.pdf" in one.html
    assert f"{page}/documents/{bad.key}" not in one.html
    answer = one.http.get(f"{page}/documents/{good.key}", buffered=True)
    assert (answer.data, answer.mimetype) == (good.data, "application/pdf")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert desk("phucu").http.get(f"{page}/documents/{good.key}", buffered=True).status_code == 404
    one.get(f"/desk/queue?campaign={world.campaign}")
    assert "2 tệp PDF" in one.text


@pytest.mark.slow
def test_the_zip_of_a_selection_has_the_documents(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """Also where there is no photo; the stamped copies leave documents as they are."""
    document, photo = pdfs.pdf(), shot()
    record = recorded(phone("xa1"), document, photos=(photo,))
    alone = recorded(phone("xa1"), pdfs.pdf(1))
    bring(client(world), photo)
    for each in (document, pdfs.pdf(1)):
        sent(world, each)
    one = desk("huyen")
    one.get(f"/desk/exports?campaign={world.campaign}&parts=1")
    links = [link.replace("&amp;", "&") for link in one.html.split('"') if "photos.zip" in link]
    assert all(f"first={record}&last={alone}" in link for link in links)
    for link in links:
        file = zipfile.ZipFile(io.BytesIO(one.http.get(link, buffered=True).data))
        names = [name for name in file.namelist() if name.endswith(".pdf")]
        assert [file.read(name) for name in names] == [document.data, pdfs.pdf(1).data]
        assert names[0] == "Huyện Kim Động/Xã Chính Nghĩa/TB-1 Xã Chính Nghĩa 2021-07-23 (1).pdf"
        sums = dict(line.split("  ")[::-1] for line in file.read("SHA256SUMS.txt").decode().splitlines())
        assert sums == {name: hashlib.sha256(file.read(name)).hexdigest() for name in sums}
        assert set(names) < set(sums)
        listed = list(csv.DictReader(io.StringIO(file.read("DANH-MUC.csv").decode("utf-8-sig"))))
        assert {line["SHA-256 của tệp gốc"] for line in listed} >= {document.sha256, pdfs.pdf(1).sha256}
        assert {line["Ghi chú"] for line in listed} == {""}


def test_a_document_is_evidence_and_no_photo(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """It warns of no missing photo, is compared with no photo, and stands on no sheet of photos."""
    document, one = pdfs.pdf(), desk("huyen")
    record = recorded(phone("xa1"), document)
    one.get(f"/desk/queue?campaign={world.campaign}")
    assert "1 tệp PDF" in one.text
    sent(world, document)
    one.get(f"/desk/records/{record}")
    assert one.post(one.form("/decide"), verdict="counted").status_code == 303
    with world.app.app_context(), reading() as session:
        campaign = session.get_one(Campaign, world.campaign)
        unit = world.units["331"]
        assert session.get(LikenessPending, document.sha256) is None
        chosen = evidence.choose(session, campaign, unit, 6)
        assert (chosen.photos, chosen.all_records) == ((), 0)
        (row,) = outstanding.evidence_rows(session, campaign, unit)
    assert row[6:] == (document.sha256, len(document.data), "", "", outstanding.HELD)


def test_a_document_that_came_says_nothing_of_a_photo_that_did_not(world: World, phone: MakePhone) -> None:
    """Acts on many records leave out what has a warning: each of the two is asked about by itself."""
    document = pdfs.pdf()
    record = recorded(phone("xa1"), document, photos=(shot(),))
    assert warned(world, record) == {"no_photo", "no_document"}
    sent(world, document)
    assert warned(world, record) == {"no_photo"}


def warned(world: World, record: str) -> set[str]:
    with world.app.app_context(), reading() as session:
        of_all = Stream.campaign_id == world.campaign
        return {
            name
            for name, warning in warning_rules.OWN
            if session.scalar(select(Record.id).where(Record.id == record, warning(session, of_all)))
        } & {"no_photo", "no_document"}


@pytest.mark.slow
@pytest.mark.costly
def test_a_purge_takes_the_document_unless_something_else_has_it(world: World, phone: MakePhone) -> None:
    """L-18: another record, or a report whose signed PDF is the same file."""
    alone, twice, signed = (pdfs.pdf(seed) for seed in range(3))
    record, other = recorded(phone("xa1"), alone, twice, signed), recorded(phone("xa1"), twice)
    for each in (alone, twice, signed):
        sent(world, each)
    lock(world)
    step(world, to(world, make(world), PaperState.ISSUED), PaperAct.FILE, pdf=signed.data)
    purge(world, record)
    assert [blob(world, each.sha256).exists() for each in (alone, twice, signed)] == [False, True, True]
    assert client(world).get(f"/records/{record}/documents/{alone.key}").status_code == 404
    assert client(world).get(f"/records/{other}/documents/{twice.key}").data == twice.data
