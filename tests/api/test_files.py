"""Files of a campaign: told in the catalogue, read by who takes part and by nobody else (SPEC F-7)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from server.core.db import writing
from server.models import Campaign
from server.services.campaigns import files
from server.services.campaigns.files import BadFile, NewFile
from server.services.campaigns.lifecycle import NewCampaign, open_campaign
from server.serving.installation import installed
from support.clients import pdfs
from support.clients.client import MakeClient
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

Give = Callable[..., str]
SCRIPT = "Kính thưa bà con!\n".encode()


def picture(form: str = "PNG") -> bytes:
    out = BytesIO()
    Image.new("RGB", (40, 20), (200, 20, 30)).save(out, form)
    return out.getvalue()


@pytest.fixture
def give(world: World, tmp_path: Path) -> Give:
    """`give(data)`: the id of a new file of the campaign."""

    def make(data: bytes, title: str = "Bài số 1", use: str = "script", campaign: str = "") -> str:
        path = tmp_path / "given"
        path.write_bytes(data)
        with world.app.app_context(), writing() as session:
            row = session.get_one(Campaign, campaign or world.campaign)
            return files.add(session, installed(world.app).blobs, row, NewFile(use, title, path)).id

    return make


def test_the_catalogue_tells_them_and_the_bytes_come_with_their_hash(client: MakeClient, give: Give) -> None:
    """F-7, F-14."""
    one = client("xa1")
    before = one.sync()["catalog"]
    script, design = give(SCRIPT), give(picture(), "Mẫu 1", "design")
    assert one.sync()["catalog"] != before
    told = one.get("/catalog").get_json()["campaigns"]
    assert [(file["id"], file["use"], file["title"], file["type"]) for file in told[0]["files"]] == [
        (script, "script", "Bài số 1", "text/plain"),
        (design, "design", "Mẫu 1", "image/png"),
    ]
    assert told[1]["files"] == []
    row = told[0]["files"][0]
    assert (row["size_bytes"], row["sha256"]) == (len(SCRIPT), hashlib.sha256(SCRIPT).hexdigest())
    got = one.get(f"/files/{script}")
    assert got.get_data() == SCRIPT
    assert got.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert row["sha256"] in got.headers["ETag"]
    assert one.get(f"/files/{script}", {"If-None-Match": got.headers["ETag"]}).status_code == 304
    assert one.get(f"/files/{design}").headers["Content-Type"] == "image/png"


def test_to_who_takes_no_part_there_is_no_such_file(world: World, client: MakeClient, give: Give) -> None:
    """F-14."""
    with world.app.app_context(), writing() as session:
        days = (date(2021, 7, 1), date(2021, 7, 31), date(2021, 8, 3))
        other = open_campaign(session, world.units["333"], NewCampaign("Huyện khác", *days, "111", ["Chung tay"])).id
    hidden = give(SCRIPT, campaign=other)
    one, far = client("xa1"), client("dinhcao")
    assert far.get(f"/files/{hidden}").status_code == 200
    answers = [one.get(f"/files/{id_}") for id_ in (hidden, "a" * 16, "a", "a%00b")]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.get_data() for answer in answers}) == 1
    assert world.app.test_client().get(f"/api/v1/files/{hidden}").status_code == 401


def test_the_same_bytes_are_one_file_and_a_removed_one_is_gone(world: World, client: MakeClient, give: Give) -> None:
    one = client("xa1")
    first, again, other = give(SCRIPT), give(SCRIPT, "Tên mới"), give(SCRIPT + b"!")
    assert first == again != other
    told = one.get("/catalog").get_json()
    assert sorted(file["title"] for file in told["campaigns"][0]["files"]) == ["Bài số 1", "Tên mới"]
    with world.app.app_context(), writing() as session:
        files.remove(session, first)
    after = one.get("/catalog").get_json()
    assert [file["id"] for file in after["campaigns"][0]["files"]] == [other]
    assert after["etag"] != told["etag"]
    assert one.get(f"/files/{first}").status_code == 404


@pytest.mark.parametrize(
    ("data", "type_"),
    [
        (SCRIPT, "text/plain"),
        (picture(), "image/png"),
        (picture("JPEG"), "image/jpeg"),
        (pdfs.pdf().data, "application/pdf"),
    ],
)
def test_a_type_is_told_by_what_is_in_it(client: MakeClient, give: Give, data: bytes, type_: str) -> None:
    assert client("xa1").get(f"/files/{give(data)}").headers["Content-Type"].partition(";")[0] == type_


@pytest.mark.parametrize(
    "data", [b"", b" \n", b"\xff\xfe\x00x", b"a\x00b", picture("GIF"), b"x" * (files.MOST_BYTES + 1)]
)
def test_what_no_phone_could_show_is_not_taken(give: Give, data: bytes) -> None:
    with pytest.raises(BadFile):
        give(data)


def test_a_campaign_has_thirty_at_most(give: Give) -> None:
    for number in range(files.MOST_FILES):
        give(b"%d" % number)
    with pytest.raises(BadFile, match="at most 30"):
        give(b"one more")
    give(b"0", "the first again is no new one")
