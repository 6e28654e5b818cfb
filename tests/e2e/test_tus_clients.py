"""Two tus clients that others wrote, against the real server through a line that breaks: tuspy and tus-js-client.

They know nothing of Loa. What they are told is the endpoint, a token, and the hash as metadata (SPEC P-2).
"""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError, TusUploadFailed

from support.clients.client import Client, Shot, shot
from support.clients.uploading import announce, blob, partial, state
from support.waiting import settled
from support.world.province import Province

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
PATIENCE_S = 60


@dataclass
class Sender:
    """A device, the photo that one of its records names, and the line to the hub."""

    province: Province
    client: Client
    photo: Shot
    file: Path

    def take(self, photo: Shot) -> None:
        """Another photo, named by a record of its own."""
        self.photo = photo
        self.file.write_bytes(photo.data)
        announce(self.province.world, self.client, photo)

    @property
    def endpoint(self) -> str:
        return f"{self.province.line.url}/api/v1/uploads"

    @property
    def metadata(self) -> dict[str, str]:
        return {"sha256": self.photo.sha256, "filename": "băng rôn.jpg"}

    @property
    def arrived(self) -> bytes:
        """What the hub has of it that is not whole."""
        return partial(self.province.world, "xa1", self.photo.sha256).read_bytes()

    def settle(self, least: int) -> None:
        """Until the hub has taken what passed before the cut, and noticed the cut."""
        assert settled(lambda: len(self.arrived), least) >= least

    def is_whole(self) -> bool:
        stored = blob(self.province.world, self.photo.sha256).read_bytes() == self.photo.data
        return stored and state(self.client, self.photo.sha256) == ["verified"]

    def tuspy(self, **named: Any) -> Any:
        calling = TusClient(self.endpoint, headers={"Authorization": f"Bearer {self.client.token}"})
        # From memory: it leaves files that it opens to the collector.
        return calling.uploader(file_stream=BytesIO(self.photo.data), metadata=self.metadata, retry_delay=0, **named)

    def tus_js(self, url: str | None = None, **options: Any) -> str:
        """The last line of tus-js-client's run."""
        told: dict[str, Any] = {
            "endpoint": self.endpoint,
            "file": str(self.file),
            "token": self.client.token,
            "url": url,
        }
        told |= {"sha256": self.photo.sha256, "options": options}
        words = [sys.executable, "tools/setup.py", "node", "tests/tus/upload.mjs", json.dumps(told)]
        run = subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True, timeout=PATIENCE_S)
        return run.stdout.strip().splitlines()[-1]


@pytest.fixture
def sender(province: Province, tmp_path: Path) -> Sender:
    client = Client(province.world.app.test_client(), province.world.token("xa1"))
    made = Sender(province, client, shot(), tmp_path / "photo.jpg")
    made.take(made.photo)
    return made


def test_tuspy_in_pieces_each_checked(sender: Sender) -> None:
    uploader = sender.tuspy(chunk_size=20_000, upload_checksum=True)
    uploader.upload()
    assert uploader.offset == len(sender.photo.data)
    assert sender.is_whole()


def test_tuspy_goes_on_after_a_cut(sender: Sender) -> None:
    uploader = sender.tuspy()
    uploader.set_url(uploader.create_url())
    sender.province.line.cut_after(up=60_000)
    with pytest.raises((TusUploadFailed, TusCommunicationError)):
        uploader.upload()
    sender.province.line.restore()
    sender.settle(50_000)
    again = sender.tuspy(url=uploader.url, retries=3)
    assert again.offset == len(sender.arrived)
    again.upload()
    assert sender.is_whole()


def test_tuspy_begins_what_was_begun_before(sender: Sender) -> None:
    """It forgot the URL; the hub gives the same one, refuses bytes for the wrong place, and says where to go on."""
    first = sender.tuspy(chunk_size=50_000)
    first.upload_chunk()
    second = sender.tuspy(retries=1)
    second.upload()
    assert (second.url, second.offset) == (first.url, len(sender.photo.data))
    assert sender.is_whole()


WAYS: list[dict[str, Any]] = [
    {},
    {"chunkSize": 20_000},
    {"uploadDataDuringCreation": True},
    {"uploadDataDuringCreation": True, "chunkSize": 20_000},
    {"overridePatchMethod": True, "chunkSize": 50_000},
]


def test_tus_js_client_in_every_way(sender: Sender) -> None:
    for seed, options in enumerate(WAYS):
        sender.take(shot(seed))
        assert sender.tus_js(**options) == f"done {sender.endpoint}/{sender.photo.sha256}", options
        assert sender.is_whole(), options


@pytest.mark.costly
def test_tus_js_client_goes_on_by_itself_after_a_cut(sender: Sender) -> None:
    sender.province.line.cut_after(up=60_000)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(sender.tus_js)
        sender.province.line.wait_until_cut()
        assert len(sender.arrived) < len(sender.photo.data)
        sender.province.line.restore()
        assert running.result(PATIENCE_S).startswith("done ")
    assert sender.province.line.up.passed < len(sender.photo.data) + 20_000  # it did not begin again
    assert sender.is_whole()


@pytest.mark.costly
def test_tus_js_client_goes_on_in_another_run(sender: Sender) -> None:
    sender.province.line.cut_after(up=60_000)
    assert sender.tus_js(retryDelays=None) == "failed 0"
    sender.province.line.restore()
    assert sender.tus_js(f"{sender.endpoint}/{sender.photo.sha256}").startswith("done ")
    assert sender.is_whole()


@pytest.mark.costly
def test_tus_js_client_finds_what_is_finished(sender: Sender) -> None:
    assert sender.tus_js().startswith("done ")
    assert sender.tus_js(f"{sender.endpoint}/{sender.photo.sha256}").startswith("done ")
    assert sender.tus_js().startswith("done ")  # it begins at 0, is told that this is the wrong place, and asks


@pytest.mark.costly
def test_tus_js_client_ends_an_upload(sender: Sender) -> None:
    sender.tuspy(chunk_size=50_000).upload_chunk()
    assert len(sender.arrived) == 50_000
    assert sender.tus_js(f"{sender.endpoint}/{sender.photo.sha256}", terminate=True) == "gone"
    assert sender.client.offset(sender.photo.sha256) == -1


@pytest.mark.costly
def test_tus_js_client_is_told_what_is_no_image(sender: Sender) -> None:
    sender.take(Shot(sender.photo.data[:-900], sender.photo.thumb))
    assert [sender.tus_js(), sender.tus_js()] == ["failed 422"] * 2
    assert state(sender.client, sender.photo.sha256) == ["refused"]
