"""A document comes back from a backup as a photo does, and gets no thumbnail (SPEC P-17, B-5)."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.core.clock import new_id
from server.services.photos.images import thumb_key
from support.clients import pdfs
from support.clients.client import Client
from support.clients.uploading import blob
from support.installation.machine import Machine
from support.world.world import World

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


def test_a_document_comes_back(here: Machine, there: Machine, world: World, calling: Client, tmp_path: Path) -> None:
    document, record = pdfs.pdf(), new_id()
    head = {"kind": "media", "unit": world.units["12286"], "campaign": world.campaign}
    calling.sync({"id": record, "at": 1, **head, "set": {"submitted": True, **document.register}})
    assert calling.create_upload(document.sha256, len(document.data), document.data).status_code == 201
    stray = blob(world, thumb_key(document.sha256))
    stray.write_bytes(b"left by an older release")
    assert "3 records and 6 photos" in here.done("backup", tmp_path / "b")
    assert "3 records; 6 photos and files of campaigns, each checked." in there.done(
        "restore", "--without-keys", tmp_path / "b"
    )
    with there.holding(world) as restored:
        again = Client(restored.app.test_client(), calling.token)
        assert again.get(f"/records/{record}/documents/{document.key}").data == document.data
        assert not blob(restored, thumb_key(document.sha256)).exists()
