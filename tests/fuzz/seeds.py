"""Real things for the cases to name: tokens, ids, cursors, photos, files, uploads under way, enrolment codes."""

from __future__ import annotations

import base64
import hashlib
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from server.core.clock import new_id
from server.core.db import reading, writing
from server.models import Campaign, Record
from server.services.access import devices
from server.services.campaigns import files
from server.services.campaigns.files import NewFile
from server.serving.installation import installed
from support.clients import pdfs
from support.clients.client import Client, Shot, shot
from support.clients.uploading import announce, bring
from support.clients.write_only import Json
from support.tour.colleagues import judge
from support.world.world import World

PHOTOS_KEPT, PHOTOS_WANTED = 2, 12


@dataclass
class Seeds:
    """What is there, and what was learned from answers since."""

    world: World
    tokens: list[str]
    odd_tokens: list[str]
    records: list[str]
    kept: list[tuple[str, Shot]]
    wanted: list[Shot]
    files: list[str]
    document: tuple[str, str]
    """A record and the key of its document, which is here."""
    returned: tuple[str, str]
    """A record and the decision that returned it."""
    shown: dict[str, Json] = field(default_factory=dict)
    """By unit: what its figures showed last."""
    cursors: deque[Json] = field(default_factory=lambda: deque(maxlen=60))
    writes: deque[Json] = field(default_factory=lambda: deque(maxlen=200))
    pushes: deque[str] = field(default_factory=lambda: deque(maxlen=60))
    begun: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Uploads under way: by hash, whose they are (the header) and how much is there."""
    bodies: dict[str, bytes] = field(init=False)
    """The bytes of each photo and thumbnail that may be uploaded, by hash."""

    def __post_init__(self) -> None:
        shots = [*self.wanted, *(photo for _, photo in self.kept)]
        self.bodies = {hashlib.sha256(data).hexdigest(): data for photo in shots for data in (photo.thumb, photo.data)}

    def learn(self, asked: Any, told: Any) -> None:
        """Keep cursors, writes and pushes of an exchange for the next ones."""
        self.cursors.extend(row for row in told.get("cursors", ()) if isinstance(row, dict))
        for change in told.get("changes", ()):
            self.writes.extend({"record": change["record"], "id": write["id"]} for write in change["writes"])
        if isinstance(asked, dict) and isinstance(asked.get("push"), str):
            self.pushes.append(asked["push"])

    def learn_upload(self, sha256: str, authorization: str, offset: str | None) -> None:
        """Keep how far an upload is, or that it is there no more."""
        self.begun.pop(sha256, None)
        if offset is not None and int(offset) < len(self.bodies.get(sha256, b"")):
            self.begun[sha256] = (authorization, int(offset))


def metadata(sha256: str) -> str:
    """Return `Upload-Metadata` for a hash."""
    return f"sha256 {base64.b64encode(sha256.encode()).decode()}"


def checksum(data: bytes) -> str:
    """Return `Upload-Checksum` for a body."""
    return f"sha1 {base64.b64encode(hashlib.sha1(data).digest()).decode()}"


def sow(world: World, folder: Path) -> Seeds:
    """Fill a world: records of two units, photos that are here and photos that are awaited, files of the campaign."""
    one, other = (Client(world.app.test_client(), world.token(name)) for name in ("xa1", "dinhcao"))
    kept = [(announce(world, one, photo), photo) for photo in map(shot, range(PHOTOS_KEPT))]
    for _, photo in kept:
        bring(one, photo)
    wanted = [shot(100 + number) for number in range(PHOTOS_WANTED)]
    records = [announce(world, one, photo) for photo in wanted]
    records.append(announce(world, other, shot(99), "12397"))
    returned = announce(world, one, shot(98))
    judge(world, returned, "returned", "Ảnh mờ")
    return Seeds(
        world,
        tokens=[one.token, world.token("xa2"), other.token],
        odd_tokens=["", "x" * 43, *_gone(world)],
        records=records,
        kept=kept,
        wanted=wanted,
        files=_files(world, folder, kept[0][1].data),
        document=_document(world, one),
        returned=(returned, _decision_on(world, returned)),
    )


def _document(world: World, one: Client) -> tuple[str, str]:
    document, id_ = pdfs.pdf(), new_id()
    head = {"kind": "media", "unit": world.units["12286"], "campaign": world.campaign}
    one.sync({"id": id_, "at": 1, **head, "set": {"submitted": True, **document.register}})
    assert one.create_upload(document.sha256, len(document.data), document.data).status_code == 201
    return id_, document.key


def _decision_on(world: World, record: str) -> str:
    with world.app.app_context(), reading() as session:
        return str(session.get_one(Record, record).decision_id)


def _gone(world: World) -> list[str]:
    """Tokens of a device that was replaced, and of one that was revoked."""
    with world.app.app_context(), writing() as session:
        replaced, revoked = (devices.add_device(session, world.officers["nhanla"], "cũ") for _ in range(2))
        replaced.device.replaced_at = revoked.device.revoked_at = 1
        return [replaced.token, revoked.token]


def _files(world: World, folder: Path, picture: bytes) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "script.txt").write_text("Kính thưa bà con!\n" * 20, "utf-8")
    (folder / "design.jpg").write_bytes(picture)
    with world.app.app_context(), writing() as session:
        campaign = session.get_one(Campaign, world.campaign)
        blobs = installed(world.app).blobs
        given = [("script", folder / "script.txt"), ("design", folder / "design.jpg")]
        return [files.add(session, blobs, campaign, NewFile(use, path.name, path)).id for use, path in given]
