"""Photos added to a record from a computer: as the phone makes them, several at once, and nothing lost by a bad one."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from server.core.db import db, reading
from server.models import LikenessPending, Photo, PhotoRef, WriteRow
from server.services.photos import computer_photos
from server.serving.installation import installed
from support.clients import pdfs
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world.purging import purge
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

ORIENTATION, EXIF_PART, TAKEN, GPS, CAMERA = 0x0112, 0x8769, 0x9003, 0x8825, 0x010F


def camera(size: tuple[int, int] = (3000, 2000)) -> bytes:
    """A JPEG as a camera writes it: lying on its side, with a position and the camera's name."""
    exif = Image.Exif()
    exif[ORIENTATION], exif[CAMERA] = 6, "Máy ảnh của xã"
    exif.get_ifd(EXIF_PART)[TAKEN] = "2021:07:20 08:15:00"
    exif.get_ifd(GPS)[1] = "N"
    return saved(Image.effect_noise(size, 60).convert("RGB"), "JPEG", exif=exif)


def saved(image: Image.Image, form: str, **more: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **more)
    return file.getvalue()


def add(one: Any, record: str, *files: tuple[str, bytes]) -> int:
    """Send the form of the record's page with these files; returns the status."""
    one.get(f"/desk/records/{record}")
    form = one.form("/photos/add")
    return sent(one, form.action, {name: values[0] for name, values in form.values.items()}, *files)


def sent(one: Any, action: str, values: dict[str, Any], *files: tuple[str, bytes]) -> int:
    """Send a form with files; returns the status."""
    data = values | {"photos": [FileStorage(io.BytesIO(data), name) for name, data in files]}
    boundary, body = encode_multipart(data)  # in memory: the client's own temporary file is never closed
    kind = f"multipart/form-data; boundary={boundary}"
    answer = one.http.post(action, data=body, content_type=kind, buffered=True)
    one.html, one.status = answer.get_data(as_text=True), answer.status_code
    one.location = answer.headers.get("Location", "")
    return int(answer.status_code)


@pytest.mark.slow
@pytest.mark.costly
def test_several_are_added_small_upright_and_bare_as_one_write(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer = phone("xa1")
    record = officer.create(quantity=1)
    officer.sync()
    one = desk("xa1")
    clear = Image.new("RGBA", (640, 480), (200, 0, 0, 0))
    assert add(one, record, ("a.jpg", camera()), ("b.PNG", saved(clear, "PNG"))) == 303
    assert "Đã thêm 2 ảnh." in one.follow()
    officer.sync()
    with world.app.app_context(), reading() as session:
        assert session.scalar(select(func.count()).select_from(WriteRow)) == 2
        written = session.scalars(select(WriteRow).order_by(WriteRow.position.desc())).first()
        assert written is not None
        values = sorted(written.set.values(), key=lambda value: value["width"])
        refs = {ref.sha256: ref.held for ref in session.scalars(select(PhotoRef))}
        states = {photo.sha256: photo.state for photo in session.scalars(select(Photo))}
    assert [(value["width"], value["height"]) for value in values] == [(640, 480), (1067, 1600)]
    assert values[1]["taken_at"] == 1_626_743_700_000
    assert [value.get("undated") for value in values] == [True, None], "the PNG says nothing of when (P-20)"
    one.get(f"/desk/records/{record}")
    assert one.text.count("Lúc thêm vào (ảnh không ghi lúc chụp): ") == 1
    assert one.text.count("Lúc chụp (giờ trên điện thoại): 20/07/2021 08:15") == 1
    assert refs == dict.fromkeys(states, True)
    assert set(states.values()) == {"verified"}
    for value, key in ((each, part) for each in values for part in ("sha256", "thumb_sha256")):
        shown = one.http.get(
            f"/desk/records/{record}/photos/{value['sha256'][:16]}/{'full' if key == 'sha256' else 'thumb'}",
            buffered=True,
        )
        assert shown.status_code == 200
        if key == "sha256":
            assert hashlib.sha256(shown.data).hexdigest() == value["sha256"]
            image = Image.open(io.BytesIO(shown.data))
            assert dict(image.getexif()) == {}
            if value["width"] == 640:
                assert image.getpixel((9, 9)) == (255, 255, 255)  # on white, not on black


@pytest.mark.slow
def test_a_bad_file_is_named_and_costs_nothing_else(desk: MakeDesk, phone: MakePhone) -> None:
    officer = phone("xa1")
    record = officer.create(quantity=1)
    officer.sync()
    one = desk("huyen")
    bad = {
        "iphone.heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
        "bao-cao.pdf": b"%PDF-1.7 trang 1",
        "lon.jpg": b"\xff\xd8\xff" + bytes(50 * 1000 * 1000),
        "gia.jpg": b"<script>alert(1)</script>",
        "cut.jpg": camera((640, 480))[:4000],
        "cham.png": saved(Image.new("RGB", (3, 900)), "PNG"),
    }
    assert add(one, record, *bad.items(), ("tot.jpg", camera((640, 480)))) == 422
    said = ("ảnh HEIC của iPhone", "tệp PDF", "trên 30 MB", "không phải ảnh đọc được", "không phải ảnh", "quá nhỏ")
    for name, sentence in zip(bad, said, strict=True):
        assert f"{name}" in one.text
        assert sentence in one.text, name
    assert "Đã thêm 1 ảnh." in one.text
    assert "tot.jpg" not in one.text
    one.get(f"/desk/records/{record}")
    assert one.html.count('/full"') > 0
    assert add(one, record) == 422
    assert "Chưa chọn ảnh nào." in one.text


@pytest.mark.slow
def test_the_same_photo_and_the_same_form_add_it_once(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer = phone("xa1")
    record = officer.create(quantity=1)
    officer.sync()
    one, photo = desk("xa1"), camera((640, 480))
    assert add(one, record, ("a.jpg", photo), ("a (1).jpg", photo)) == 303
    assert "Đã thêm 1 ảnh." in one.follow()
    assert add(one, record, ("a.jpg", photo)) == 303
    assert "đã có trong bản ghi" in one.follow()
    with world.app.app_context(), reading() as session:
        assert session.scalar(select(func.count()).select_from(WriteRow)) == 2
    keys = purge(world, record)
    blobs = installed(world.app).blobs
    assert len(keys) == 2
    assert not any(blobs.has(key) for key in keys)


def test_who_may_not_write_adds_nothing_and_leaves_no_bytes(
    world: World, desk: MakeDesk, phone: MakePhone, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = phone("xa1")
    record = officer.create(quantity=1)
    officer.sync()
    for username in ("phucu", "nhanla"):
        assert desk(username).http.get(f"/desk/records/{record}", buffered=True).status_code == 404
    one = desk("xa1")
    folder = installed(world.app).settings.data_dir / "photos"
    before = {path for path in folder.rglob("*") if path.is_file()}
    put = computer_photos.put

    def put_then_purge(*given: Any) -> None:
        put(*given)
        purge(world, record)

    monkeypatch.setattr(computer_photos, "put", put_then_purge)
    one.get(f"/desk/records/{record}")
    assert add(one, record, ("a.jpg", camera((640, 480)))) == 404
    assert {path for path in folder.rglob("*") if path.is_file()} == before


def test_the_store_is_asked_nothing_while_the_database_is_written(
    world: World, desk: MakeDesk, phone: MakePhone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow store would hold the stream's lock, on SQLite the whole database."""
    officer = phone("xa1")
    record = officer.create(quantity=1)
    officer.sync()
    one, blobs, asked = desk("xa1"), installed(world.app).blobs, list[tuple[str, object]]()

    def noting(name: str) -> Any:
        method = getattr(blobs, name)

        def call(*args: Any) -> Any:
            asked.append((name, db.session().info.get("held by")))
            return method(*args)

        return call

    for name in ("put", "has", "open", "drop"):
        monkeypatch.setattr(blobs, name, noting(name))
    assert add(one, record, ("a.jpg", camera((640, 480))), ("b.jpg", camera((480, 640)))) == 303
    assert asked == [("put", None)] * 8 + [("has", None)] * 8
    with world.app.app_context(), reading() as session:
        waiting = set(session.scalars(select(LikenessPending.sha256)))
        assert waiting == set(session.scalars(select(PhotoRef.sha256).where(PhotoRef.role == "original")))


@pytest.mark.slow
def test_bytes_that_a_purge_elsewhere_drops_meanwhile_are_stored_again(
    world: World, desk: MakeDesk, phone: MakePhone, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = phone("xa1")
    records = [officer.create(quantity=each) for each in (1, 2)]
    officer.sync()
    one, photo = desk("xa1"), camera((640, 480))
    assert add(one, records[0], ("a.jpg", photo)) == 303
    put, times = computer_photos.put, list[int]()

    def put_then_purge(*given: Any) -> None:
        put(*given)
        times.append(1)
        if len(times) == 1:
            purge(world, records[0])

    monkeypatch.setattr(computer_photos, "put", put_then_purge)
    assert add(one, records[1], ("a.jpg", photo)) == 303
    assert len(times) == 2
    blobs = installed(world.app).blobs
    with world.app.app_context(), reading() as session:
        refs = session.scalars(select(PhotoRef).where(PhotoRef.record_id == records[1])).all()
        assert len(refs) == 2
        assert all(ref.held and blobs.has(ref.sha256) for ref in refs)


def test_a_new_record_leads_on_to_its_photos(world: World, desk: MakeDesk) -> None:
    one = desk("xa1")
    one.get(f"/desk/records/new?kind=banner&campaign={world.campaign}&unit={world.units['12286']}")
    assert (
        one.post(one.form("/records/new"), then="photos", **{"f.quantity": "4", "f.put_up_on": "20/7/2021"}).status_code
        == 303
    )
    assert one.location.endswith("#add-files")
    assert "Chính Nghĩa BR-1" in one.follow()
    assert one.has_form("/photos/add")
    record = one.location.rpartition("/")[2].removesuffix("#add-files")
    assert "Mở “Sửa nội dung” để gửi duyệt" in one.get(f"/desk/records/{record}")
    assert "để gửi duyệt" not in desk("huyen").get(f"/desk/records/{record}")


@pytest.mark.slow
def test_a_new_record_takes_its_photos_along_on_one_page(world: World, desk: MakeDesk) -> None:
    """What is missing is asked first, and no photo is stored; a bad file costs nothing of the record."""
    one = desk("xa1")
    new = f"/desk/records/new?kind=banner&campaign={world.campaign}&unit={world.units['12286']}"
    one.get(new)
    form = one.form("/records/new")
    typed = {name: values[0] for name, values in form.values.items()} | {"f.put_up_on": "20/7/2021"}
    with_photos = "/desk/records/new/photos/add"
    assert f'data-form="{with_photos}"' in one.html
    photo = ("a.jpg", camera((640, 480)))
    assert sent(one, with_photos, typed | {"f.quantity": "", "submit": "1"}, photo) == 422
    assert "Đề nghị chọn lại ảnh" in one.text
    with world.app.app_context(), reading() as session:
        assert session.scalar(select(func.count()).select_from(PhotoRef)) == 0
        assert session.scalar(select(func.count()).select_from(WriteRow)) == 0
    ready = typed | {"f.quantity": "4", "submit": "anyway"}
    assert sent(one, with_photos, ready, photo) == 303
    assert "Đã thêm 1 ảnh." in one.follow()
    assert one.html.count('/full"') > 0
    assert sent(one, with_photos, ready, photo) == 303, "sent twice"
    one.follow()
    with world.app.app_context(), reading() as session:
        assert session.scalar(select(func.count()).select_from(PhotoRef).where(PhotoRef.role == "original")) == 1
    one.get(new)
    form = one.form("/records/new")
    other = {name: values[0] for name, values in form.values.items()} | {"f.quantity": "2", "f.put_up_on": "21/7/2021"}
    assert sent(one, with_photos, other, ("x.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")) == 422
    assert "ảnh HEIC của iPhone" in one.text
    assert "Chính Nghĩa BR-2" in one.text, "the record is there, its page is shown"
    one.get(new)
    form = one.form("/records/new")
    bare = {name: values[0] for name, values in form.values.items()} | {"f.quantity": "3", "f.put_up_on": "22/7/2021"}
    assert sent(one, with_photos, bare) == 303, "without photos it is the plain form"
    assert "add-files" not in one.location


@pytest.mark.costly
def test_a_pdf_is_added_as_it_is_where_the_kind_takes_documents(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """P-17, P-18: beside photos, in one write; what is no document is named, and of a banner a PDF is no photo."""
    officer, one, document = phone("xa1"), desk("xa1"), pdfs.pdf()
    record, banner = officer.create("media", form="directive", headline="Kế hoạch"), officer.create()
    officer.sync()
    files = [
        ("a.jpg", camera()),
        ("Kế hoạch 12.pdf", document.data),
        ("khóa.pdf", pdfs.locked().data),
        ("rỗng.pdf", b"%PDF-1.4"),
    ]
    assert add(one, record, *files) == 422
    assert "khóa.pdf : Tệp PDF có mật khẩu" in one.text
    assert "rỗng.pdf : Tệp PDF bị thiếu phần cuối" in one.text
    one.get(f"/desk/records/{record}")
    assert "Kế hoạch 12.pdf" in one.text
    answer = one.http.get(f"/desk/records/{record}/documents/{document.key}", buffered=True)
    assert answer.data == document.data
    assert add(one, record, ("Kế hoạch 12.pdf", document.data)) == 303
    assert "Các tệp này đã có trong bản ghi" in one.follow()
    more = [(f"{seed}.pdf", pdfs.pdf(seed).data) for seed in range(1, 6)]
    assert add(one, record, *more) == 422
    assert "5.pdf : Mỗi bản ghi tối đa 5 tệp PDF." in one.text
    assert "4.pdf :" not in one.text
    assert add(one, banner, ("Kế hoạch 12.pdf", document.data)) == 422
    assert "Đây là tệp PDF, không phải ảnh" in one.text
    with world.app.app_context(), reading() as session:
        assert session.scalar(select(func.count()).where(PhotoRef.role == "document")) == 5
