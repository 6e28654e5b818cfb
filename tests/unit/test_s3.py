"""Photos on a real S3 service that is wrong, slow, silent, damaged, or killed and back."""

from __future__ import annotations

import hashlib
import os
import secrets
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from server.blobs import StoreRefuses, StoreSilent, StoreUnavailable, breaker, s3_client
from server.blobs.bucket import Bucket
from server.blobs.s3 import S3Blobs
from server.blobs.s3_client import Client
from server.core.unavailable import is_unavailable
from support.installation.ports import LOOPBACK, free_port
from support.installation.s3 import S3
from support.network.lane import Lane
from support.network.proxy import Proxy

pytestmark = pytest.mark.slow
KEY = hashlib.sha256(b"photo").hexdigest()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(b"photo")
    return path


@pytest.fixture
def link(s3: S3) -> Iterator[Proxy]:
    with Proxy(s3.port) as between:
        yield between


def photo(folder: Path, size: int) -> tuple[str, Path]:
    data = secrets.token_bytes(size)
    key = hashlib.sha256(data).hexdigest()
    (folder / key).write_bytes(data)
    return key, folder / key


def read(blobs: S3Blobs, key: str) -> bytes | None:
    file = blobs.open(key)
    if file is None:
        return None
    with file:
        return file.read()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"secret": "another"}, r"refuses the key \(SignatureDoesNotMatch\); see LOA_S3_KEY_ID and LOA_S3_SECRET"),
        ({"key_id": "another"}, r"refuses the key \(InvalidAccessKeyId\); see LOA_S3_KEY_ID and LOA_S3_SECRET"),
        ({"key_id": "guest", "secret": "guest's secret", "name": "nobodys"}, "see LOA_S3_BUCKET|refuses the key"),
    ],
)
def test_what_the_service_refuses_is_said(
    s3: S3, source: Path, tmp_path: Path, wrong: dict[str, str], said: str
) -> None:
    """And is never taken for a photo that is not there, which phones would bring again."""
    blobs = S3Blobs(replace(s3.bucket(), **wrong))  # type: ignore[arg-type]  # names of fields
    with pytest.raises(StoreRefuses, match=said) as refused:
        blobs.check()
    assert is_unavailable(refused.value)
    assert "another" not in str(refused.value)
    for call in (
        lambda: blobs.has(KEY),
        lambda: blobs.open(KEY),
        lambda: blobs.sha256(KEY),
        lambda: blobs.fetch(KEY, tmp_path / "fetched"),
        lambda: blobs.put(KEY, source),
        lambda: blobs.set_aside(KEY),
        lambda: blobs.drop([KEY]),
    ):
        with pytest.raises(StoreRefuses):
            call()


def test_a_bucket_that_keeps_old_versions_is_refused(s3: S3) -> None:
    """A purge there would leave the victim's face."""
    s3.shell("s3.bucket.create -name versions", "s3.bucket.versioning -name versions -status Enabled")
    with pytest.raises(StoreRefuses, match="switch versioning off"):
        S3Blobs(replace(s3.bucket(), name="versions")).check()


@pytest.fixture(scope="module")
def unsigned(short_folder: Path) -> Iterator[S3]:
    """A service that lets everybody in: conditions are part of what is signed, and could not be taken out."""
    running = S3(short_folder / "unsigned", signed=False)
    running.start()
    yield running
    running.kill()


class Without(Lane):
    """Takes a header out of what passes, like a service that does not know it."""

    header = b"none yet"

    def admit(self, data: bytes) -> tuple[bytes, bool]:
        return super().admit(data.replace(self.header, b"x-unknown"))


@pytest.mark.parametrize("header", [b"if-none-match", b"if-match"])
def test_a_service_without_conditional_writes_is_refused(unsigned: S3, header: bytes) -> None:
    with Proxy(unsigned.port) as between:
        between.up = lane = Without()
        blobs = S3Blobs(unsigned.bucket(port=between.port))
        blobs.check()
        lane.header = header
        with pytest.raises(StoreRefuses, match="conditional writes"):
            blobs.check()


def test_a_service_that_is_down_is_named(s3: S3, source: Path) -> None:
    blobs = S3Blobs(replace(s3.bucket(), endpoint=f"http://{LOOPBACK}:{free_port()}"))
    for call in (lambda: blobs.has(KEY), lambda: blobs.open(KEY), lambda: blobs.put(KEY, source), blobs.check):
        with pytest.raises(StoreSilent, match=r"does not answer .*; see LOA_S3_ENDPOINT"):
            call()


def test_a_silent_service_holds_few_threads(s3: S3, link: Proxy, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who says that it gave no answer a moment ago has not called it."""
    monkeypatch.setattr(breaker, "REST_S", 600.0)
    bucket = s3.bucket(port=link.port)
    blobs, again = S3Blobs(bucket), S3Blobs(bucket)
    blobs.put(KEY, source)
    link.silence()
    assert [said(blobs) for _ in range(20)] == [TRIED] + [A_MOMENT_AGO] * 19
    monkeypatch.setattr(breaker, "REST_S", 3.0)
    assert said(again) == TRIED
    time.sleep(3.1)
    began = time.monotonic()
    with ThreadPoolExecutor(20) as threads:  # one of them tries, at most one more each REST_S
        answers = Counter(threads.map(lambda _: said(again), range(20)))
    assert 1 <= answers[TRIED] <= 1 + (time.monotonic() - began) / 3
    link.restore()
    time.sleep(3.1)
    assert read(again, KEY) == b"photo"
    assert [again.has(KEY) for _ in range(20)] == [True] * 20


TRIED, A_MOMENT_AGO = "does not answer", "a moment ago"


def said(blobs: S3Blobs) -> str:
    with pytest.raises(StoreSilent) as silent:
        blobs.has(KEY)
    return A_MOMENT_AGO if A_MOMENT_AGO in str(silent.value) else TRIED


def test_a_put_into_silence_ends(s3: S3, link: Proxy, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3_client, "MOVE_S", 3)
    blobs = S3Blobs(s3.bucket(port=link.port))
    blobs.check()
    link.silence()
    with pytest.raises(StoreSilent):
        blobs.put(KEY, source)
    with pytest.raises(StoreSilent, match=A_MOMENT_AGO):
        blobs.put(KEY, source)


def test_a_slow_service_is_waited_for(s3: S3, link: Proxy, tmp_path: Path) -> None:
    blobs = S3Blobs(s3.bucket(port=link.port))
    key, source = photo(tmp_path, 200_000)
    link.slow(rate_bits=1_000_000, round_trip_ms=200)
    blobs.put(key, source)
    assert read(blobs, key) == source.read_bytes()


def test_a_cut_never_gives_half_a_photo(s3: S3, link: Proxy, tmp_path: Path) -> None:
    blobs = S3Blobs(s3.bucket(port=link.port))
    key, source = photo(tmp_path, 400_000)
    blobs.put(key, source)
    for call in (lambda: blobs.open(key), lambda: blobs.sha256(key), lambda: blobs.fetch(key, tmp_path / "fetched")):
        link.cut_after(down=100_000)
        with pytest.raises(StoreSilent):
            call()
        link.restore()
    assert not (tmp_path / "fetched").exists()
    assert read(blobs, key) == source.read_bytes()


def test_a_put_whose_answer_was_lost_is_stored(s3: S3, link: Proxy, source: Path) -> None:
    blobs = S3Blobs(s3.bucket(port=link.port))
    blobs.check()
    link.drop_answers()
    blobs.put(KEY, source)
    assert read(blobs, KEY) == b"photo"


@pytest.mark.costly
def test_a_killed_service_comes_back_with_all_it_acknowledged(
    s3: S3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(breaker, "REST_S", 1.0)
    blobs = S3Blobs(s3.bucket())
    given = dict(photo(tmp_path, 20_000) for _ in range(40))
    stored: list[str] = []

    def put(key: str) -> None:
        try:
            blobs.put(key, given[key])
            stored.append(key)
        except StoreUnavailable:
            pass

    with ThreadPoolExecutor(4) as threads:
        going = [threads.submit(put, key) for key in given]
        while len(stored) < 15:
            time.sleep(0.001)
        s3.kill()
        for each in going:
            each.result()
    assert 15 <= len(stored) < 40
    s3.start()
    time.sleep(1.1)  # breaker.REST_S
    for key in stored:
        assert read(blobs, key) == given[key].read_bytes()
    for key, source in given.items():
        blobs.put(key, source)
        assert blobs.sha256(key) == key


def rot(s3: S3, data: bytes) -> None:
    """Flip bytes on the service's own disk."""
    for file in (s3.folder / "data").rglob("*.dat"):
        at = file.read_bytes().find(data[:64])
        if at >= 0:
            with file.open("r+b") as volume:
                volume.seek(at + 100)
                volume.write(b"rotten")
            return
    raise AssertionError("the photo is in no volume")


def test_bytes_that_the_service_cannot_read_give_way_and_hold_nobody_up(
    s3: S3, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SeaweedFS finds damage by its own checksums, and then does not answer at all."""
    monkeypatch.setattr(s3_client, "MOVE_S", 3)
    blobs = S3Blobs(s3.bucket())
    key, rotten = photo(tmp_path, 30_000)
    blobs.put(key, rotten)
    blobs.put(KEY, source)
    rot(s3, rotten.read_bytes())
    with pytest.raises(StoreSilent):
        blobs.open(key)
    assert read(blobs, KEY) == b"photo"  # at once: only those bytes are lost, not the service
    blobs.put(key, rotten)
    assert read(blobs, key) == rotten.read_bytes()


@pytest.mark.parametrize("what", ["good bytes", "a purge"])
def test_what_comes_while_damaged_bytes_are_set_aside(
    s3: S3, source: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """A backup found them damaged (B-13); a phone of another host brings good ones, or a purge takes them."""
    bucket = s3.bucket()
    blobs, other, client = S3Blobs(bucket), S3Blobs(bucket), Client(bucket)
    client.overwrite(f"{KEY[:2]}/{KEY}", b"phot0")
    replace_ = Client.replace

    def late(self: Client, name: str, data: bytes, etag: str) -> bool:
        monkeypatch.undo()
        if what == "good bytes":
            other.put(KEY, source)
        else:
            other.drop([KEY])
        return replace_(self, name, data, etag)

    monkeypatch.setattr(Client, "replace", late)
    blobs.set_aside(KEY)
    assert read(blobs, KEY) == (b"photo" if what == "good bytes" else None)
    assert list(client.names("damaged")) == []


def test_one_of_many_is_the_first(s3: S3) -> None:
    client = Client(s3.bucket())
    with ThreadPoolExecutor(16) as threads:
        for name in "abc":
            made = list(threads.map(lambda number, name=name: client.create(name, b"%d" % number), range(8)))
            held = client.whole(name)
            assert held is not None
            assert [number for number, first in enumerate(made) if first] == [int(held.data)]


def test_a_service_whose_certificate_an_own_authority_signed(s3: S3) -> None:
    bucket = replace(s3.bucket(), endpoint=f"https://{LOOPBACK}:{s3.tls_port}")
    with pytest.raises(StoreSilent, match=r"does not answer \(InvalidCertificate\); see LOA_S3_ENDPOINT"):
        S3Blobs(bucket).check()
    S3Blobs(replace(bucket, ca=s3.ca)).check()


def test_probes_of_a_killed_process_are_swept(s3: S3) -> None:
    bucket = s3.bucket()
    Client(bucket).create("probes/left", b"1")
    blobs = S3Blobs(bucket)
    assert blobs.sweep(0) == 0
    assert blobs.sweep(2**53) == 1
    assert list(Client(bucket).names("probes")) == []


def test_settings_of_other_programs_change_nothing(s3: S3, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1",
        "AWS_SESSION_TOKEN": "of another program",
        "AWS_CHECKSUM_ALGORITHM": "unknown",
        "AWS_SKIP_SIGNATURE": "true",
        "AWS_CA_BUNDLE": "/nowhere",
    }.items():
        monkeypatch.setenv(name, value)
    S3Blobs(s3.bucket()).check()
    assert os.environ["AWS_SESSION_TOKEN"] == "of another program"


FORKS = """
import os, sys, time
from server.blobs.s3 import S3Blobs
from server.blobs.bucket import Bucket
blobs = S3Blobs(Bucket(*sys.argv[1:]))
blobs.check()
child = os.fork()
if child == 0:
    try:
        blobs.has("0" * 64)
    except RuntimeError as error:
        print(error, flush=True)
    os._exit(0)
time.sleep(3)
if os.waitpid(child, os.WNOHANG) == (0, 0):
    os.kill(child, 9)
    sys.exit("the child hangs")
"""


def test_a_fork_is_refused_and_does_not_hang(s3: S3) -> None:
    bucket = s3.bucket()
    words = (bucket.endpoint, bucket.name, bucket.region, bucket.key_id, bucket.secret, bucket.prefix)
    ran = subprocess.run([sys.executable, "-c", FORKS, *words], capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout == "The photo store was used before this process was forked.\n"


def test_the_secret_is_in_no_text(s3: S3) -> None:
    bucket: Bucket = s3.bucket()
    assert bucket.secret not in repr(bucket)
