"""tus 1.0, statement by statement: https://tus.io/protocols/resumable-upload (SPEC P-2, P-9 to P-11).

Each row is a request in a state of the upload, and what the protocol says of its answer. Here and there tus leaves a
choice; the words of the row say which was taken.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from io import BytesIO

import pytest
from sqlalchemy import delete, update
from werkzeug.test import TestResponse, create_environ

from server.api import uploads
from server.core.clock import now_ms
from server.core.db import writing
from server.models import Photo, PhotoRef
from server.services.photos.uploads import EXPIRES_MS
from support.clients.client import OCTETS, TUS, Client, MakeClient, Shot, shot
from support.clients.uploading import announce, partial
from support.installation.databases import Engine
from support.world.world import World
from support.world.world import world as make_world

pytestmark = pytest.mark.databases("sqlite")

PHOTO = shot(7)
HASH, SIZE, AT = PHOTO.sha256, len(PHOTO.data), 500
MORE = PHOTO.data[AT : AT + 100]
ABSENT, ANY = "", "*"


def packed(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def at(offset: int) -> dict[str, str]:
    return {"Upload-Offset": str(offset)}


def checksum(algorithm: str, data: bytes) -> dict[str, str]:
    return {"Upload-Checksum": f"{algorithm} {base64.b64encode(hashlib.new(algorithm, data).digest()).decode()}"}


NAMED = f"sha256 {packed(HASH)}"
META = {"Upload-Metadata": f"filename {packed('../../etc/passwd')},{NAMED},is_confidential"}
CREATE = {**TUS, "Upload-Length": str(SIZE), **META}
BODY = {"Content-Type": OCTETS}
PATCH = {**TUS, **BODY, "Upload-Offset": str(AT)}
UNTIL, ENDED, NO_OFFSET = {"Upload-Expires": ANY}, {"Upload-Expires": ABSENT}, {"Upload-Offset": ABSENT}
CAN = {
    "Tus-Version": "1.0.0",
    "Tus-Extension": "creation,creation-with-upload,checksum,expiration,termination",
    "Tus-Max-Size": str(8 * 1024 * 1024),
    "Tus-Checksum-Algorithm": "sha1,sha256",
}
TOLD = {
    "Upload-Offset": str(AT),
    "Upload-Length": str(SIZE),
    "Cache-Control": "no-store",
    "Upload-Expires": ANY,
    **META,
}
DONE = {"Upload-Offset": str(SIZE), "Upload-Length": str(SIZE), "Cache-Control": "no-store", "Upload-Expires": ABSENT}
NEW, BEGUN, FINISHED = "new", "begun", "finished"


@dataclass(frozen=True)
class Row:
    words: str
    state: str
    method: str
    headers: dict[str, str]
    status: int
    answered: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    one: bool = True
    """At the upload's own URL."""


def without(headers: dict[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in headers.items() if key != name}


ROWS = [
    Row("OPTIONS tells what the server can", NEW, "OPTIONS", {}, 204, CAN, one=False),
    Row("and ignores Tus-Resumable", NEW, "OPTIONS", {"Tus-Resumable": "0.2.2"}, 204, CAN, one=False),
    Row("also at an upload", BEGUN, "OPTIONS", {}, 204, CAN),
    *(
        Row(f"{method} in another version", BEGUN, method, headers, 412, {"Tus-Version": "1.0.0"}, MORE, one)
        for method, named, one in (
            ("POST", CREATE, False),
            ("HEAD", TUS, True),
            ("PATCH", PATCH, True),
            ("DELETE", TUS, True),
        )
        for headers in ({**named, "Tus-Resumable": "0.2.2"}, without(named, "Tus-Resumable"))
    ),
    Row("HEAD tells offset, length, metadata and expiry", BEGUN, "HEAD", TUS, 200, TOLD),
    Row("of a completed upload too", FINISHED, "HEAD", TUS, 200, DONE),
    Row("of none: not found, without an offset", NEW, "HEAD", TUS, 404, NO_OFFSET),
    Row("PATCH adds", BEGUN, "PATCH", PATCH, 204, at(600) | UNTIL, MORE),
    Row("nothing", BEGUN, "PATCH", PATCH, 204, at(500) | UNTIL),
    Row("the rest", BEGUN, "PATCH", PATCH, 204, at(SIZE) | ENDED, PHOTO.data[AT:]),
    Row("before the end", BEGUN, "PATCH", {**PATCH, "Upload-Offset": "499"}, 409, UNTIL, MORE),
    Row("behind the end", BEGUN, "PATCH", {**PATCH, "Upload-Offset": "501"}, 409, UNTIL, MORE),
    *(
        Row(f"at {offset!r}", BEGUN, "PATCH", {**PATCH, "Upload-Offset": offset}, 400, body=MORE)
        for offset in ("-1", "0x1", "5e2", "٥٠٠", "9" * 16, "")
    ),
    Row("at no offset", BEGUN, "PATCH", without(PATCH, "Upload-Offset"), 400, body=MORE),
    Row("of another type", BEGUN, "PATCH", {**PATCH, "Content-Type": "image/jpeg"}, 415, UNTIL, MORE),
    Row("of no type", BEGUN, "PATCH", without(PATCH, "Content-Type"), 415, body=MORE),
    Row("more than the length", BEGUN, "PATCH", PATCH, 413, body=PHOTO.data[AT:] + b"more"),
    Row("to none", NEW, "PATCH", PATCH, 404, body=MORE),
    Row("to a completed one", FINISHED, "PATCH", PATCH, 409, body=MORE),
    Row("nothing to a completed one", FINISHED, "PATCH", {**PATCH, "Upload-Offset": str(SIZE)}, 204, at(SIZE)),
    Row(
        "POST creates",
        NEW,
        "POST",
        CREATE,
        201,
        {"Location": f"/api/v1/uploads/{HASH}", "Upload-Offset": "0", **UNTIL},
        one=False,
    ),
    Row("finds what was begun", BEGUN, "POST", CREATE, 201, at(500) | UNTIL, one=False),
    Row("or is completed", FINISHED, "POST", CREATE, 201, at(SIZE) | ENDED, one=False),
    Row("without a length", NEW, "POST", without(CREATE, "Upload-Length"), 400, one=False),
    Row(
        "with one to come",
        NEW,
        "POST",
        {**without(CREATE, "Upload-Length"), "Upload-Defer-Length": "1"},
        400,
        one=False,
    ),
    Row("with one that is none", NEW, "POST", {**CREATE, "Upload-Length": "-5"}, 400, one=False),
    Row("too long", NEW, "POST", {**CREATE, "Upload-Length": str(8 * 1024 * 1024 + 1)}, 413, one=False),
    Row("a part of several", NEW, "POST", {**CREATE, "Upload-Concat": "partial"}, 400, one=False),
    *(
        Row(f"with metadata that {words}", NEW, "POST", {**CREATE, "Upload-Metadata": meta}, 400, one=False)
        for words, meta in (
            ("is none", ""),
            ("names no hash", f"filename {packed('a.jpg')}"),
            ("names it twice", f"{NAMED},{NAMED}"),
            ("has a pair of nothing", f"{NAMED},"),
            ("has no base64", f"{NAMED},a not base64"),
            ("has a key beyond ASCII", f"{NAMED},ảnh {packed('x')}".encode().decode("latin-1")),
            ("names a path", f"sha256 {packed('../../secret_key')}"),
            ("shouts", f"sha256 {packed(HASH.upper())}"),
        )
    ),
    Row("with bytes", NEW, "POST", {**CREATE, **BODY}, 201, at(500) | UNTIL, PHOTO.data[:AT], False),
    Row("with all bytes", NEW, "POST", {**CREATE, **BODY}, 201, at(SIZE) | ENDED, PHOTO.data, False),
    Row(
        "with bytes of another type",
        NEW,
        "POST",
        {**CREATE, "Content-Type": "image/jpeg"},
        415,
        body=PHOTO.data[:AT],
        one=False,
    ),
    *(
        Row(f"a body that hashes right ({name})", BEGUN, "PATCH", {**PATCH, **checksum(name, MORE)}, 204, at(600), MORE)
        for name in ("sha1", "sha256")
    ),
    *(
        Row(f"a body that hashes wrong ({name})", BEGUN, "PATCH", {**PATCH, **checksum(name, b"x")}, 460, UNTIL, MORE)
        for name in ("sha1", "sha256")
    ),
    *(
        Row(f"checksum {text!r}", BEGUN, "PATCH", {**PATCH, "Upload-Checksum": text}, 400, body=MORE)
        for text in (
            f"md5 {packed('0123456789abcdef')}",
            "sha1",
            "sha1 !",
            f"sha1 {packed('short')}",
            f"SHA1 {packed('x' * 20)}",
            "",
        )
    ),
    Row("created right", NEW, "POST", {**CREATE, **BODY, **checksum("sha1", MORE)}, 201, at(100), MORE, False),
    Row("created wrong", NEW, "POST", {**CREATE, **BODY, **checksum("sha1", b"x")}, 460, {}, MORE, False),
    Row("DELETE ends it", BEGUN, "DELETE", TUS, 204, NO_OFFSET),
    Row("of none", NEW, "DELETE", TUS, 404),
    Row("of a stored photo: it is its record's", FINISHED, "DELETE", TUS, 403),
    Row("a POST that is a PATCH", BEGUN, "POST", {**PATCH, "X-HTTP-Method-Override": "PATCH"}, 204, at(600), MORE),
    Row("a POST that is a DELETE", BEGUN, "POST", {**TUS, "X-HTTP-Method-Override": "DELETE"}, 204),
    Row("a POST that is nothing else", BEGUN, "POST", TUS, 405, {"Allow": ANY}),
    Row("what may be done here", BEGUN, "GET", TUS, 405, {"Allow": ANY}),
]


@pytest.fixture(scope="module")
def quick(database_engine: Callable[[str], Engine], tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One for all rows, and SQLite alone: the other engine would answer alike."""
    with make_world(database_engine("sqlite").fresh(), tmp_path_factory.mktemp("data")) as made:
        announce(made, Client(made.app.test_client(), made.token("xa1")), PHOTO)
        yield made


def forget(world: World) -> None:
    """As if no byte of the photo had ever come."""
    with world.app.app_context(), writing() as session:
        session.execute(delete(Photo))
        session.execute(update(PhotoRef).values(held=False))
    for path in partial(world, "xa1", HASH).parent.glob(f"*{HASH}*"):
        path.unlink()


def prepare(one: Client, state: str) -> None:
    """Bring the upload to a state."""
    if state == BEGUN:
        assert one.post("/uploads", CREATE).status_code == 201
        assert one.append(HASH, 0, PHOTO.data[:AT]).status_code == 204
    elif state == FINISHED:
        assert one.create_upload(HASH, SIZE, PHOTO.data).status_code == 201


def ask(one: Client, row: Row) -> TestResponse:
    headers = {"Authorization": f"Bearer {one.token}", **row.headers}
    return one.http.open(
        f"/api/v1/uploads/{HASH}" if row.one else "/api/v1/uploads", method=row.method, headers=headers, data=row.body
    )


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.method}, {row.words}, {row.state}")
def test_what_tus_says(quick: World, row: Row) -> None:
    one = Client(quick.app.test_client(), quick.token("xa1"))
    forget(quick)
    prepare(one, row.state)
    answer = ask(one, row)
    assert answer.status_code == row.status, answer.get_data(as_text=True)
    assert answer.headers["Tus-Resumable"] == "1.0.0"
    for name, value in row.answered.items():
        told = answer.headers.get(name)
        assert (told is None) if value == ABSENT else (told is not None and value in (ANY, told)), name
    if row.status >= 400 or row.method == "OPTIONS":  # "without modifying the upload resource", "MUST be discarded"
        assert (
            one.offset(HASH) == {NEW: 0 if row.words == "created wrong" else -1, BEGUN: AT, FINISHED: SIZE}[row.state]
            or row.status == 413
        )


@pytest.mark.parametrize("method", ["POST", "HEAD", "PATCH", "DELETE"])
def test_nobody_is_told_nothing(quick: World, method: str) -> None:
    row = next(row for row in ROWS if row.method == method and row.status < 400)
    answer = ask(Client(quick.app.test_client(), "no token"), row)
    assert (answer.status_code, answer.headers["Tus-Resumable"]) == (401, "1.0.0")


def test_what_was_ended_is_gone_and_may_begin_again(world: World, client: MakeClient) -> None:
    """P-11."""
    one = client("xa1")
    announce(world, one, PHOTO)
    prepare(one, BEGUN)
    at = f"/api/v1/uploads/{HASH}"
    headers = {**TUS, "Authorization": f"Bearer {one.token}"}
    assert one.http.delete(at, headers=headers).status_code == 204
    assert not list(partial(world, "xa1", HASH).parent.glob(f"*{HASH}*"))
    assert {
        one.http.open(at, method=method, headers=headers).status_code for method in ("HEAD", "PATCH", "DELETE")
    } == {404}
    assert one.create_upload(HASH, SIZE, PHOTO.data).status_code == 201
    assert one.http.delete(at, headers=headers).get_json()["code"] == "forbidden"
    assert one.offset(HASH) == SIZE


def test_it_expires_seven_days_after_the_last_byte(world: World, client: MakeClient) -> None:
    """P-5, and RFC 9110's form of a date."""
    one = client("xa1")
    announce(world, one, PHOTO)
    prepare(one, BEGUN)
    before = now_ms()
    answer = one.append(HASH, AT, MORE)
    told = parsedate_to_datetime(answer.headers["Upload-Expires"])
    assert answer.headers["Upload-Expires"].endswith(" GMT")
    assert before - 1000 <= told.timestamp() * 1000 - EXPIRES_MS <= now_ms()


def test_a_body_that_was_cut_is_not_half_checked(world: World, client: MakeClient) -> None:
    """P-9: its sender wants bytes that hash right; of these nobody can say."""
    one = client("xa1")
    announce(world, one, PHOTO)
    prepare(one, BEGUN)
    headers = {**PATCH, **checksum("sha1", MORE), "Authorization": f"Bearer {one.token}", "Content-Length": "100"}
    answer = one.http.patch(f"/api/v1/uploads/{HASH}", headers=headers, input_stream=BytesIO(MORE[:40]))
    assert answer.get_json()["code"] == "checksum_mismatch"
    assert one.offset(HASH) == AT
    assert not list(partial(world, "xa1", HASH).parent.glob("*-chunk"))
    del headers["Upload-Checksum"]
    cut = one.http.patch(f"/api/v1/uploads/{HASH}", headers=headers, input_stream=BytesIO(MORE[:40]))
    assert (cut.status_code, one.offset(HASH)) == (204, AT + 40)


def test_a_photo_that_was_refused_is_refused_to_whoever_begins_again(world: World, client: MakeClient) -> None:
    """P-4, P-15: the hash tells the same bytes."""
    one, data = client("xa1"), PHOTO.data[:900]
    photo = Shot(data, PHOTO.thumb)
    announce(world, one, photo)
    assert one.create_upload(photo.sha256, len(data), data).get_json()["code"] == "not_an_image"
    assert one.create_upload(photo.sha256, len(data)).get_json()["code"] == "not_an_image"
    assert one.append(photo.sha256, 0, data).get_json()["code"] == "not_an_image"
    assert (
        one.http.head(
            f"/api/v1/uploads/{photo.sha256}", headers={**TUS, "Authorization": f"Bearer {one.token}"}
        ).status_code
        == 404
    )


def test_a_connection_that_breaks_off_is_an_os_error_whatever_the_server(world: World) -> None:
    """P-5: services know no HTTP. A WSGI server that does not end the input itself has werkzeug notice the cut."""
    environ = create_environ(method="PATCH", input_stream=BytesIO(MORE[:40])) | {"CONTENT_LENGTH": "100"}
    with world.app.request_context(environ):
        body = uploads.Bytes()
        assert body.read(100) == MORE[:40]
        with pytest.raises(ConnectionAbortedError):
            body.read(60)
