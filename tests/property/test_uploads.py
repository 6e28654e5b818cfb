"""Random sequences of tus requests against a model of two dozen lines: what is here, and what each request is told.

Two officers of one commune send one photo: each has an upload of their own, and both are done when either is.
"""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from server.core.clock import now_ms
from server.services.photos.uploads import EXPIRES_MS
from server.serving.installation import installed
from support.clients.bombs import jpeg
from support.clients.client import OCTETS, TUS, Client, Shot
from support.clients.uploading import announce, blob, partial, state
from support.installation.databases import Sqlite
from support.world.world import World
from support.world.world import world as make_world

pytestmark = pytest.mark.slow

WHO = st.sampled_from(["xa1", "xa2"])
FIRST, SECOND = "xa1", "xa2"
PIECES = st.integers(0, 900)
RARELY = st.sampled_from([False, False, False, True])


class Hub(RuleBasedStateMachine):
    """`begun` is the model: for each officer the length announced and the bytes that arrived."""

    world: World
    clients: dict[str, Client]
    picture: bytes

    def __init__(self) -> None:
        super().__init__()
        self.begun: dict[str, tuple[int, bytes]] = {}
        self.is_done = False
        self.is_refused = False

    @initialize(cut=st.sampled_from([0, 0, 0, 700]))
    def name_a_photo(self, cut: int) -> None:
        """A new one, sometimes not a whole image; the hash that is announced is of what is sent."""
        data = self.picture[:2] + b"\xff\xfe\0\x12" + secrets.token_bytes(16) + self.picture[2:]  # with a comment
        self.photo = Shot(data[: len(data) - cut] if cut else data, data)
        self.is_image = not cut
        announce(self.world, self.clients[FIRST], self.photo)
        for who in self.clients:
            self.create(who, 0, 0)

    # What is asked.

    @rule(who=WHO, sent=PIECES, longer=st.sampled_from([0, 0, 0, 5]))
    def create(self, who: str, sent: int, longer: int) -> None:
        length = len(self.photo.data) + longer
        body = self.photo.data[: min(sent, length)]
        answer = self.clients[who].create_upload(self.photo.sha256, length, body)
        if self.is_refused or (self.is_done and not longer):
            self._told(answer, 422 if self.is_refused else 201)
            return
        known, arrived = self.begun.get(who, (0, b""))
        if known != length:
            arrived = b""
        if not arrived:
            arrived = body
        self.begun[who] = (length, arrived)
        self._told(answer, self._finished(who, 201))

    @rule(who=WHO, size=PIECES, wrong=st.sampled_from([0, 0, 0, -1, 1, 500]), spoilt=RARELY)
    def append(self, who: str, size: int, wrong: int, spoilt: bool) -> None:
        at, piece = self._next(who, size)
        offset = max(0, at + wrong)
        piece = bytes(byte ^ 1 for byte in piece) if spoilt else piece
        answer = self.clients[who].append(self.photo.sha256, offset, piece)
        self._told(answer, self._appended(who, offset, piece))

    @rule(who=WHO, size=PIECES, algorithm=st.sampled_from(["sha1", "sha256"]), kept=st.sampled_from([0, 1, 300, 900]))
    def append_checked(self, who: str, size: int, algorithm: str, kept: int) -> None:
        """`kept` bytes of it arrive: all of them, or the line was cut, or something else hashes so."""
        at, piece = self._next(who, size)
        checksum = {
            "Upload-Checksum": f"{algorithm} {base64.b64encode(hashlib.new(algorithm, piece).digest()).decode()}"
        }
        answer = self._patch(who, at, piece[:kept], len(piece), checksum)
        is_whole = kept >= len(piece)
        expected = self._appended(who, at, piece) if is_whole else self._appended(who, at, None)
        self._told(answer, expected)

    @rule(who=WHO, size=PIECES, kept=st.sampled_from([0, 1, 300, 900]))
    def append_cut(self, who: str, size: int, kept: int) -> None:
        """The line breaks in the middle: what came stays."""
        at, piece = self._next(who, size)
        answer = self._patch(who, at, piece[:kept], len(piece), {})
        self._told(answer, self._appended(who, at, piece[:kept]))

    @rule(who=WHO)
    def append_all(self, who: str) -> None:
        at, piece = self._next(who, len(self.photo.data))
        self._told(self.clients[who].append(self.photo.sha256, at, piece), self._appended(who, at, piece))

    @rule(who=WHO, really=RARELY)
    def end(self, who: str, really: bool) -> None:
        if not really:
            return
        url = f"/api/v1/uploads/{self.photo.sha256}"
        answer = self.clients[who].http.delete(url, headers=self._headers(who))
        if who in self.begun:
            del self.begun[who]
            self._told(answer, 204)
        else:
            self._told(answer, 422 if self.is_refused else 403 if self.is_done else 404)

    @rule(who=WHO, swept=st.booleans(), really=RARELY)
    def expire(self, who: str, swept: bool, really: bool) -> None:
        """A week passes without a byte."""
        if not really:
            return
        path = partial(self.world, who, self.photo.sha256)
        at = (now_ms() - EXPIRES_MS) / 1000 - 60
        for each in (path, path.with_name(f"{path.name}-about")):
            if each.exists():
                os.utime(each, (at, at))
        if swept:
            installed(self.world.app).sweeper.sweep()
        self.begun.pop(who, None)

    # What must be so at every moment.

    @invariant()
    def head_tells_what_is_here(self) -> None:
        for who, one in self.clients.items():
            url = f"/api/v1/uploads/{self.photo.sha256}"
            answer = one.http.head(url, headers=self._headers(who))
            if who in self.begun:
                length, arrived = self.begun[who]
                told = (answer.headers["Upload-Offset"], answer.headers["Upload-Length"])
                assert told == (str(len(arrived)), str(length))
            elif self.is_refused or not self.is_done:
                assert answer.status_code == 404
            else:
                assert answer.headers["Upload-Offset"] == answer.headers["Upload-Length"] == str(len(self.photo.data))

    @invariant()
    def bytes_are_those_that_were_sent(self) -> None:
        for who, (_, arrived) in self.begun.items():
            assert partial(self.world, who, self.photo.sha256).read_bytes() == arrived
        path = blob(self.world, self.photo.sha256)
        assert path.exists() == self.is_done
        assert not self.is_done or path.read_bytes() == self.photo.data

    @invariant()
    def an_exchange_says_so_too(self) -> None:
        expected = "refused" if self.is_refused else "verified" if self.is_done else "wanted"
        assert state(self.clients[FIRST], self.photo.sha256) == [expected]

    # The model.

    def _next(self, who: str, size: int) -> tuple[int, bytes]:
        at = len(self.begun[who][1]) if who in self.begun else 0
        return at, self.photo.data[at : at + size]

    def _appended(self, who: str, offset: int, piece: bytes | None) -> int:
        """The status; None is a piece that does not hash as it should."""
        if self.is_refused:
            return 422
        if who not in self.begun:
            at_end = offset == len(self.photo.data) and not piece
            return 404 if not self.is_done else 204 if at_end else 409
        length, arrived = self.begun[who]
        if offset != len(arrived):
            return 409
        if piece is None:
            return 460
        self.begun[who] = (length, arrived + piece)
        return self._finished(who, 204)

    def _finished(self, who: str, status: int) -> int:
        """The status of an answer about an upload that may be whole by now."""
        length, arrived = self.begun[who]
        if len(arrived) < length:
            return status
        del self.begun[who]
        if arrived != self.photo.data:
            return 460
        self.is_done, self.is_refused = self.is_image, not self.is_image
        return status if self.is_image else 422

    # How it is asked.

    def _headers(self, who: str) -> dict[str, str]:
        return {**TUS, "Authorization": f"Bearer {self.clients[who].token}"}

    def _patch(self, who: str, offset: int, body: bytes, length: int, more: dict[str, str]) -> Any:
        headers = {**self._headers(who), "Upload-Offset": str(offset), "Content-Length": str(length), **more}
        url = f"/api/v1/uploads/{self.photo.sha256}"
        return self.clients[who].http.patch(url, headers=headers, input_stream=BytesIO(body), content_type=OCTETS)

    def _told(self, answer: Any, status: int) -> None:
        assert answer.status_code == status, (answer.status_code, status, answer.get_data(as_text=True))


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[type[Hub]]:
    folder: Path = tmp_path_factory.mktemp("uploads")
    with make_world(Sqlite(folder).fresh(), folder / "data") as world:
        clients = {who: Client(world.app.test_client(), world.token(who)) for who in (FIRST, SECOND)}
        yield type("HubOfThisModule", (Hub,), {"world": world, "clients": clients, "picture": jpeg((48, 40))})


def test_any_sequence_of_requests_is_told_what_is_so(hub: type[Hub]) -> None:
    some = settings(max_examples=settings().max_examples // 4, stateful_step_count=20)
    run_state_machine_as_test(hub, settings=settings(some, suppress_health_check=[HealthCheck.too_slow]))
