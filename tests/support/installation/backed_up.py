"""A server with two records and their photos, and a backup of it: made once for each kind of database, then copied.

To push, to judge photos and to back up costs a second of the processor, and fifty tests begin with it.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from server.core.db import writing
from server.models import Campaign
from server.services.campaigns import files
from server.services.campaigns.files import NewFile
from server.serving.installation import installed
from support.clients.client import Client
from support.clients.uploading import announce
from support.installation.backups import LETTER, ONE, TWO, bring
from support.installation.databases import Engine
from support.installation.machine import Machine
from support.world.world import World, fill
from support.world.world import world as make_world


class BackedUp:
    """The server of one kind of database. `folder` keeps its data folder and its backup."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self._engine = engine
        self._folder = folder
        self._token = ""

    def machine(self, data_dir: Path) -> Machine:
        """A new machine with a copy of the database and the data folder; `data_dir` is made."""
        url = self._engine.fresh(self._fill)
        shutil.copytree(self._folder / "data", data_dir)
        return Machine(url, data_dir)

    def client(self, world: World) -> Client:
        """The phone that pushed, at the application of such a machine."""
        return Client(world.app.test_client(), self._token)

    def backup(self, folder: Path) -> Path:
        """A copy of the backup; returns its folder."""
        return shutil.copytree(self._folder / "backup", folder)

    def _fill(self, url: str) -> None:
        fill(url)
        here = Machine(url, self._folder / "data")
        with make_world(here.url, here.data_dir) as world:
            self._token = self._push(world)
            said = here.done("backup", self._folder / "backup")
        assert "2 records and 5 photos and files of campaigns as of " in said

    @staticmethod
    def _push(world: World) -> str:
        """Two records with a photo each, and a script of the campaign; returns the phone's token."""
        client = Client(world.app.test_client(), world.token("xa1"))
        for photo in (ONE, TWO):
            announce(world, client, photo)
            bring(client, photo)
        with world.app.app_context(), writing() as session:
            new = NewFile("script", "Bài số 1", LETTER / "letter.example" / "thu-doan.txt")
            files.add(session, installed(world.app).blobs, session.get_one(Campaign, world.campaign), new)
        return client.token
