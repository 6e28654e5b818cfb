"""What the list selects, taken along: tables, a map, photos; each in the log, and nobody else's."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import zipfile
from dataclasses import replace
from html import unescape
from typing import Any

import openpyxl
import pytest
from PIL import Image, ImageChops
from sqlalchemy import delete, func, select

from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.core.spreadsheet import harmless
from server.decoding import limits, service
from server.models import AskedDocument, AuditLine, Hint, Membership, Record
from server.models.installation import lock_catalog
from server.services.audit.acts import Act
from server.services.exports import photo_parts, photo_stream, table_files
from server.services.records.stored import writes_of
from support.checks.statements import statements
from support.clients.client import Client, Shot, shot
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone, Phone
from support.clients.uploading import bring
from support.world.asked import made
from support.world.comparing import earlier_campaign
from support.world.purging import purge
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

PAGE = "/desk/exports"
FORMULA = '=HYPERLINK("https://x.example","xem")'
PLACE = {"lat_e6": 20_646_000, "lon_e6": 106_051_000, "accuracy_m": 8}


def fetch(one: Any, path: str) -> bytes:
    answer = one.http.get(path, buffered=True)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    data: bytes = answer.data
    return data


def exported(world: World) -> list[tuple[str, int]]:
    """Each export in the log: what of, and the number of its line."""
    with world.app.app_context(), reading() as session:
        rows = session.execute(select(AuditLine.new, AuditLine.number).where(AuditLine.act == Act.EXPORTED))
        return [(json.loads(new)["table"], number) for new, number in rows]


def with_photos(world: World, officer: Phone, *shots: Shot, **fields: Any) -> str:
    """Make a record with these photos, whose bytes are held."""
    record = officer.create(quantity=1, **fields, **{k: v for one in shots for k, v in one.register.items()})
    officer.sync()
    client = Client(world.app.test_client(), world.token("xa1"))
    for each in shots:
        bring(client, each)
    return record


def test_a_table_has_what_the_filter_selects_and_no_formula(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer = phone("xa1")
    record = officer.create(quantity=3, note=FORMULA, put_up_on="2021-07-20", place=PLACE)
    officer.create("event", name="Mít tinh", attendances=120)
    officer.sync()
    other = phone("nhanla", "12289")
    other.create(quantity=7, note="của Nhân La")
    other.sync()
    one, at = desk("huyen"), f"campaign={world.campaign}&unit={world.units['12286']}"
    one.get(f"{PAGE}?{at}")
    assert "2 kết quả" in one.text
    book = openpyxl.load_workbook(io.BytesIO(fetch(one, f"{PAGE}/table.xlsx?{at}")))
    assert book.sheetnames == ["Băng rôn", "Hội nghị, sự kiện", "Cách tính"]
    sheet = book["Băng rôn"]
    heads = [cell.value for cell in sheet[2]]
    cells = dict(zip(heads, sheet[3], strict=True))
    assert (cells["Ghi chú"].value, cells["Ghi chú"].data_type) == (FORMULA, "s")
    assert (cells["Số lượng (chiếc)"].value, cells["Mã bản ghi"].value) == (3, record)
    assert str(cells["Ngày treo"].value) == "2021-07-20 00:00:00"  # a day, not a text
    text = fetch(one, f"{PAGE}/table.csv?{at}")
    assert text.startswith(b"\xef\xbb\xbf")
    lines = list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"))))
    assert [line["Ghi chú"] for line in lines] == [f"'{FORMULA}", ""]
    assert (lines[0]["Ngày treo"], lines[0]["Vị trí: vĩ độ"], lines[0]["Trạng thái"]) == (
        "2021-07-20",
        "20.646",
        "Chờ duyệt",
    )
    points = json.loads(fetch(one, f"{PAGE}/table.geojson?{at}"))
    assert [each["geometry"]["coordinates"] for each in points["features"]] == [[106.051, 20.646]]
    assert points["without_position"] == 1
    assert [table for table, _ in exported(world)] == ["records"] * 3


def test_beside_what_a_record_says_now_stands_what_counts_and_who_decided(
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    """D-5: an amended record counts as it was decided on; one that waits, or was returned, counts nothing."""
    officer, one = phone("xa1"), desk("huyen")
    days: dict[str, Any] = {"aired/20210721": 2, "aired/20210722": 0}
    aired = officer.create("broadcast", script="Tin chung", programme="own", standing=True, minutes=5, **days)
    record, waits = officer.create(quantity=3, put_up_on="2021-07-20", place=PLACE), officer.create(quantity=9)
    officer.sync()
    for each in (record, aired):
        one.get(f"/desk/records/{each}")
        one.post(one.form("/decide"), verdict="counted")
    officer.edit(record, quantity=14)
    officer.sync()
    at = f"campaign={world.campaign}&unit={world.units['12286']}"
    text = fetch(one, f"{PAGE}/table.csv?{at}").decode("utf-8-sig")
    lines = {line["Mã bản ghi"]: line for line in csv.DictReader(io.StringIO(text))}
    counts = "Được tính: Băng rôn (chiếc)"
    record, waits, aired = map(harmless, (record, waits, aired))  # one id in 64 begins with a dash
    assert [(lines[id_]["Số lượng (chiếc)"], lines[id_][counts]) for id_ in (record, waits)] == [("14", "3"), ("9", "")]
    assert (lines[record]["Quyết định"], lines[waits]["Quyết định"]) == ("Đã duyệt", "")
    assert lines[record]["Người quyết định"]
    assert re.fullmatch(r"20\d\d-\d\d-\d\d \d\d:\d\d", lines[record]["Quyết định lúc"])
    said = next(value for head, value in lines[aired].items() if "ngày đã xác nhận" in head)
    assert said == "21/07/2021: 2; 22/07/2021: 0"
    assert lines[aired]["Được tính: Tin, bài phát thanh (giá trị)"] == "tin chung"
    points = json.loads(fetch(one, f"{PAGE}/table.geojson?{at}"))
    assert [each["properties"][counts] for each in points["features"]] == [3]
    book = openpyxl.load_workbook(io.BytesIO(fetch(one, f"{PAGE}/table.xlsx?{at}")))
    how = [str(row[0].value) for row in book["Cách tính"]]
    assert any(f"cộng cột “{counts}”" in line for line in how)
    assert any("đếm các “Mã đơn vị hiện nay” khác nhau" in line for line in how)


def test_a_hint_is_named_in_a_file(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer = phone("xa1")
    record = officer.create(quantity=3)
    officer.sync()
    with world.app.app_context(), writing() as session:
        stream = session.get_one(Record, record).stream_id
        session.execute(delete(Hint).where(Hint.record_id == record))
        session.add(Hint(record_id=record, rule="time_ahead", stream_id=stream, grade="look", hits=1, detail={}))
    at = f"campaign={world.campaign}&unit={world.units['12286']}"
    text = fetch(desk("huyen"), f"{PAGE}/table.csv?{at}").decode("utf-8-sig")
    (line,) = csv.DictReader(io.StringIO(text))
    assert line["Điểm cần lưu ý"] == "Ngày chưa đến khi gửi"


def test_a_filter_by_hand_shows_nobody_elses_and_breaks_nothing(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer = phone("xa1")
    record = with_photos(world, officer, shot(1), note="chỉ của Chính Nghĩa")
    here = f"campaign={world.campaign}&unit={world.units['12286']}"
    far = desk("phucu")
    zip_ = f"{PAGE}/photos.zip?{here}&first={record}&last={record}"
    for path in (f"{PAGE}?{here}", f"{PAGE}/table.csv?{here}", zip_):
        far.get(path)
        assert (far.status, "chỉ của" in far.text) == (404, False), path
    far.get(f"{PAGE}/photos.zip?campaign={world.campaign}&first={record}&last={record}")
    assert far.status == 404
    far.get(f"{PAGE}?campaign={world.campaign}")
    assert "0 kết quả" in far.text
    one = desk("huyen")
    for bad in ("campaign=none", f"{here}&first=x&last=y", f"{here}&first={'x' * 16}&last={record}", "first=1"):
        one.get(f"{PAGE}/photos.zip?{bad}")
        assert one.status == 404, bad
    for form in ("exe", "xlsx/..", "csv"):
        one.get(f"{PAGE}/table.{form}")  # no campaign is named
        assert one.status == 404, form
    one.get(f"{PAGE}?{here}&kind=lạ&state=%3Cb%3E&page=-7&figure=1&bucket=x&only=maybe")
    assert (one.status, "<b>" in one.html) == (400, False)
    assert exported(world) == []


def test_a_long_table_is_made_once_by_a_job_and_gone_with_a_purge(
    world: World, desk: MakeDesk, phone: MakePhone, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = phone("xa1")
    records = [officer.create(quantity=each) for each in range(1, 4)]
    officer.sync()
    monkeypatch.setattr(table_files, "DIRECT", 2)
    one, at = desk("huyen"), f"{PAGE}?campaign={world.campaign}&unit={world.units['12286']}"
    one.get(at.replace(PAGE, f"{PAGE}/table.csv"))
    assert one.status == 303
    one.get(at)
    form = one.form("/exports/ask")
    for _ in range(2):
        assert one.post(form, **{"as": "csv"}).status_code == 303
    with world.app.app_context(), reading() as session:
        (document,) = session.scalars(select(AskedDocument.id))
        assert session.scalar(select(func.count()).select_from(AskedDocument)) == 1
    with statements(world) as sent:
        one.get(f"{at}&watch=1")
    assert 'http-equiv="refresh"' in one.html
    assert not any("JOIN photo " in each for each in sent), "the page that comes every 4 s reads no photos"
    assert made(world, document).state == "done"
    one.get(at)
    assert "ket-qua-xa-chinh-nghia-" in one.text
    lines = list(csv.reader(io.StringIO(fetch(one, f"/desk/report/documents/{document}").decode("utf-8-sig"))))
    assert len(lines) == 4
    assert one.post(form, **{"as": "exe"}).status_code == 404
    assert [table for table, _ in exported(world)] == ["records"]
    one.get(f"/desk/report/documents?unit={world.units['12286']}")
    assert "ket-qua-" not in one.text
    purge(world, records[0])
    assert one.http.get(f"/desk/report/documents/{document}", buffered=True).status_code == 410


@pytest.mark.slow
def test_photos_have_readable_names_and_a_manifest_of_hashes(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer, shots = phone("xa1"), (shot(1), shot(2))
    with_photos(world, officer, *shots)
    one = desk("huyen")
    one.get(f"{PAGE}?campaign={world.campaign}")
    links = [link for link in one.html.split('"') if "photos.zip" in link]
    originals, stamped = (zipfile.ZipFile(io.BytesIO(fetch(one, link.replace("&amp;", "&")))) for link in links)
    names = [f"Huyện Kim Động/Xã Chính Nghĩa/BR-1 Xã Chính Nghĩa 2021-07-23 ({nth}).jpg" for nth in (1, 2)]
    for file in (originals, stamped):
        assert file.namelist() == [*names, "DANH-MUC.csv", "SHA256SUMS.txt"]
        lines = [line.split("  ") for line in file.read("SHA256SUMS.txt").decode().splitlines()]
        sums = {name: sha256 for sha256, name in lines}
        assert sums == {name: hashlib.sha256(file.read(name)).hexdigest() for name in names}
    assert {originals.read(name) for name in names} == {each.data for each in shots}
    listed = list(csv.DictReader(io.StringIO(stamped.read("DANH-MUC.csv").decode("utf-8-sig"))))
    assert {line["SHA-256 của tệp gốc"] for line in listed} == {each.sha256 for each in shots}
    assert [line["Ghi chú"] for line in listed] == ["", ""]
    before, after = (Image.open(io.BytesIO(file.read(names[0]))).convert("L") for file in (originals, stamped))
    changed = ImageChops.difference(before, after).point(lambda value: 255 if value > 60 else 0).getbbox()
    assert changed is not None
    assert changed[1] > before.height * 0.8  # the foot alone
    assert [table for table, _ in exported(world)] == ["photos", "stamped"]


@pytest.mark.slow
@pytest.mark.parametrize("busy", [1, photo_stream.TRIES])
def test_a_busy_machine_sends_no_photo_without_its_stamp(
    world: World, desk: MakeDesk, phone: MakePhone, monkeypatch: pytest.MonkeyPatch, busy: int
) -> None:
    """All turns are taken. It is tried again, and the file is cut short if no turn comes."""
    with_photos(world, phone("xa1"), shot(1))
    one = desk("huyen")
    one.get(f"{PAGE}?campaign={world.campaign}")
    link = next(unescape(each) for each in one.html.split('"') if "photos.zip" in each and "stamped=1" in each)
    row = limits.LIMITS[limits.Decoding.STAMPED_PHOTO]
    monkeypatch.setitem(limits.LIMITS, limits.Decoding.STAMPED_PHOTO, replace(row, turn_s=0))
    lane, pauses = service.turns[limits.DecodingLane.PHOTOS], [0.0]
    taken = [lane.acquire(blocking=False) for _ in range(limits.AT_ONCE[limits.DecodingLane.PHOTOS])]
    assert all(taken)

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) > busy:
            lane.release()
            taken.pop()

    monkeypatch.setattr("server.services.exports.photo_stream.time.sleep", pause)
    try:
        if busy == photo_stream.TRIES:
            with pytest.raises(Problem, match="unavailable"):
                fetch(one, link)
            return
        file = zipfile.ZipFile(io.BytesIO(fetch(one, link)))
    finally:
        for _ in taken:
            lane.release()
    (listed,) = csv.DictReader(io.StringIO(file.read("DANH-MUC.csv").decode("utf-8-sig")))
    assert listed["Ghi chú"] == ""
    assert listed["SHA-256 của tệp"] != listed["SHA-256 của tệp gốc"]


@pytest.mark.slow
def test_a_photo_purged_while_they_are_sent_is_named_as_gone(
    world: World, desk: MakeDesk, phone: MakePhone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photo_stream, "AT_ONCE", 2)
    officer = phone("xa1")
    kept = with_photos(world, officer, shot(1))
    soon = with_photos(world, officer, shot(2))
    later = with_photos(world, officer, shot(3))
    one = desk("huyen")
    at = f"{PAGE}/photos.zip?campaign={world.campaign}&first={kept}&last={later}"
    answer = one.http.get(at, buffered=False)
    pieces = answer.iter_encoded()
    begun = next(pieces)
    purge(world, soon, later)  # the one was read already, the other is in a later part
    file = zipfile.ZipFile(io.BytesIO(begun + b"".join(pieces)))
    assert file.testzip() is None
    listed = list(csv.DictReader(io.StringIO(file.read("DANH-MUC.csv").decode("utf-8-sig"))))
    gone = [line for line in listed if line["Ghi chú"].startswith("Tệp không còn")]
    assert [line["Số"] for line in gone] == ["BR-2", "BR-3"]
    assert all(line["SHA-256 của tệp"] == "" for line in gone)
    assert len(file.namelist()) == 1 + 2


def test_rights_that_end_while_they_are_sent_end_the_photos(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer = phone("xa1")
    records = [with_photos(world, officer, shot(each)) for each in (1, 2)]
    at = f"{PAGE}/photos.zip?campaign={world.campaign}&first={records[0]}&last={records[1]}"
    pieces = desk("huyen").http.get(at, buffered=False).iter_encoded()
    begun = next(pieces)
    with world.app.app_context(), writing() as session:
        lock_catalog(session)
        theirs = select(Membership).where(Membership.officer_id == world.officers["huyen"])
        session.scalars(theirs).one().ended_at = 1
    file = zipfile.ZipFile(io.BytesIO(begun + b"".join(pieces)))
    assert len(file.namelist()) == 1 + 2


@pytest.mark.slow
def test_parts_cover_all_photos_whatever_is_added_meanwhile(
    world: World, desk: MakeDesk, phone: MakePhone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photo_parts, "PHOTOS", 2)
    officer, shots = phone("xa1"), [shot(each) for each in range(1, 6)]
    for each in shots[:4]:
        with_photos(world, officer, each)
    one = desk("huyen")
    one.get(f"{PAGE}?campaign={world.campaign}")
    monkeypatch.setattr(table_files, "DIRECT", 2)  # of a long list they are asked for
    short = one.html
    one.get(f"{PAGE}?campaign={world.campaign}")
    assert "photos.zip" in short
    assert "photos.zip" not in one.html
    one.get(re.findall(r'href="([^"]*parts=1[^"]*)#photos"', one.html)[0].replace("&amp;", "&"))
    links = [
        link.replace("&amp;", "&") for link in one.html.split('"') if "photos.zip" in link and "stamped" not in link
    ]
    assert len(links) == 2
    with_photos(world, officer, shots[4])  # it has the next number, behind the last part
    found: list[bytes] = []
    for link in links:
        file = zipfile.ZipFile(io.BytesIO(fetch(one, link)))
        found += [file.read(name) for name in file.namelist() if name.endswith(".jpg")]
    assert sorted(found) == sorted(each.data for each in shots[:4])


@pytest.mark.slow
def test_the_filter_of_results_is_taken_along(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer = phone("xa1")
    with_photos(world, officer, shot(1), put_up_on="2021-07-01", slogan="s1")
    officer.create(quantity=2, put_up_on="2021-07-20", slogan="s2", place=PLACE, note="ngoài chợ")
    officer.sync()
    other = phone("nhanla", "12289")
    other.create("event", name="Mít tinh", held_on="2021-07-28")
    other.sync()
    one, person = desk("huyen"), world.officers["xa1"]
    for query, numbers, said in (
        (
            f"since=2021-07-10&until=2021-07-20&officer={person}",
            ["BR-2"],
            "từ ngày 10/07/2021, đến hết ngày 20/07/2021",
        ),
        ("kind=banner&slogan=s1&photo=with&place=without", ["BR-1"], "có ảnh, không có vị trí"),
        ("q=cho", ["BR-2"], "Từ cần tìm: “cho”"),
    ):
        one.get(f"/desk/results?{query}")
        link = unescape(re.findall(r'href="(/desk/exports[^"]*)"', one.html)[0])
        one.get(link)
        assert f"{len(numbers)} kết quả" in one.text, query
        assert said in one.text, query
        table = fetch(one, next(unescape(each) for each in one.html.split('"') if "table.csv" in each))
        rows = list(csv.DictReader(io.StringIO(table.decode("utf-8-sig"))))
        assert sorted(row["Số"] for row in rows) == numbers, query


def test_a_slogan_is_said_as_the_campaign_of_the_list_has_it(world: World, desk: MakeDesk) -> None:
    one, other = desk("tinh"), earlier_campaign(world)
    for campaign, said in ((world.campaign, "Chung tay phòng, chống"), (other, "x")):
        one.get(f"{PAGE}?campaign={campaign}&slogan=s1")
        assert f"Khẩu hiệu: {said}" in one.text


def test_a_person_of_another_district_is_not_named(world: World, desk: MakeDesk) -> None:
    name = "Cán bộ 1 xã Chính Nghĩa"
    for username, is_named in (("huyen", True), ("phucu", False)):
        one = desk(username)
        one.get(f"{PAGE}?campaign={world.campaign}&officer={world.officers['xa1']}")
        assert (one.status, name in one.text) == (200, is_named)


def test_the_log_says_of_a_long_table_what_it_says_of_a_short_one(
    world: World, desk: MakeDesk, phone: MakePhone, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer, one, person = phone("xa1"), desk("huyen"), world.officers["xa1"]
    officer.create(quantity=1, put_up_on="2021-07-10")
    officer.sync()
    at = f"{PAGE}/table.csv?campaign={world.campaign}&officer={person}&since=2021-07-01&until=2021-07-20"
    fetch(one, at)
    monkeypatch.setattr(table_files, "DIRECT", 0)
    one.get(at.replace("/table.csv", ""))
    one.post(one.form("/exports/ask"), **{"as": "csv"})
    with world.app.app_context(), reading() as session:
        document = session.scalars(select(AskedDocument.id)).one()
    made(world, document)
    fetch(one, f"/desk/report/documents/{document}")
    with world.app.app_context(), reading() as session:
        lines = session.scalars(select(AuditLine.new).where(AuditLine.act == Act.EXPORTED))
        short, long = map(json.loads, lines)
    assert short == {name: value for name, value in long.items() if name != "hash"}


def test_a_part_reads_no_writes_of_the_others(
    world: World, desk: MakeDesk, phone: MakePhone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long list has many parts, and each is fetched by itself."""
    officer, read = phone("xa1"), set[str]()
    first, other = (with_photos(world, officer, shot(each)) for each in (1, 2))
    for record in (first, other):
        officer.edit(record, quantity=9)
    officer.sync()

    def noted(session: Any, ids: Any) -> Any:
        read.update(ids)
        return writes_of(session, ids)

    monkeypatch.setattr(photo_parts, "writes_of", noted)
    fetch(desk("huyen"), f"{PAGE}/photos.zip?campaign={world.campaign}&first={first}&last={first}")
    assert read == {first}


@pytest.mark.slow
def test_the_number_of_photos_is_that_of_the_file_and_of_the_log(
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    officer, old, new = phone("xa1"), shot(1), shot(2)
    record = with_photos(world, officer, old)
    with_photos(world, officer, shot(3))
    officer.create(quantity=1)
    officer.edit(record, **dict.fromkeys(old.register), **new.register)  # replaced
    officer.sync()
    bring(Client(world.app.test_client(), world.token("xa1")), new)
    one = desk("huyen")
    one.get(f"{PAGE}?campaign={world.campaign}")
    assert "Phần 1/1: 2 ảnh," in one.text
    link = next(unescape(each) for each in one.html.split('"') if "photos.zip" in each)
    answer = one.http.get(link, buffered=True)
    file = zipfile.ZipFile(io.BytesIO(answer.data))
    assert len([name for name in file.namelist() if name.endswith(".jpg")]) == 2
    assert "filename=anh-huyen-kim-dong-phan-1.zip" in answer.headers["Content-Disposition"]
    with world.app.app_context(), reading() as session:
        (line,) = session.scalars(select(AuditLine.new).where(AuditLine.act == Act.EXPORTED))
    assert json.loads(line) == {
        "amount": 2,
        "format": "zip",
        "table": "photos",
        "state": "all",
        "unit": world.units["331"],
    }
    one = desk("quantri")
    one.get("/desk/audit?act=exported")
    assert "số ảnh và tài liệu: 2; dạng tệp: zip; trạng thái: Tất cả; bảng: " in one.text
    assert "đơn vị: Huyện Kim Động" in one.text
