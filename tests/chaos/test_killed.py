"""The server killed with -9 while phones push: what was acknowledged is there, and nothing is there twice (G1, G2).

A push is known when it is asked for if and only if it is stored (SPEC X-15, X-16): so acknowledged, it is there too.
"""

from __future__ import annotations

import hashlib
import random
import threading
import time
from pathlib import Path

import pytest

from bench.hub import Hub
from chaos.hubs import hub
from chaos.pushing import Pusher
from chaos.sizes import size
from server.core.db import db, reading
from server.models import Photo
from support.checks import truth
from support.clients.client import shot

KILLS, PHONES = size(2, 50), size(10, 200)
COMMUNES = size(5, 50)
PICTURES = size(4, 100)


@pytest.mark.slow
def test_killed_while_phones_push(database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = random.Random(9)
    with hub(database_url, tmp_path, COMMUNES) as made:
        phones = [Pusher(made, number) for number in range(PHONES)]
        for number in range(PICTURES):
            phones[number % PHONES].photos.append(shot(number))
        stop = threading.Event()
        threads = [threading.Thread(target=phone.run, args=(stop,), daemon=True) for phone in phones]
        for thread in threads:
            thread.start()
        try:
            for _ in range(KILLS):
                time.sleep(rng.uniform(0.5, 1.5))
                made.server.kill()
                _check_acknowledged(made, phones)  # now, before a repeat could hide a loss
                made.server.start()
        finally:
            stop.set()
            if made.server.process is None:  # something failed while it was down: phones carry their last push through
                made.server.start()
            for thread in threads:
                thread.join()
        acknowledged = [id_ for phone in phones for id_ in phone.acknowledged]
        stored = made.stored_ids()
        verified = _check_photos(made, phones)
        with made.world.app.app_context(), reading() as session:
            truth.check(session)
        assert [error for phone in phones for error in phone.errors] == []
        assert len(acknowledged) == len(set(acknowledged))
        assert set(acknowledged) == stored
    with capsys.disabled():
        kind = database_url.partition(":")[0].partition("+")[0]
        repeated, found = (sum(getattr(phone, name) for phone in phones) for name in ("repeated", "found"))
        print(
            f"\n{kind}: killed {KILLS} times under {PHONES} phones: {len(acknowledged)} acknowledged = {len(stored)} "
            f"stored, {verified} photos verified, {repeated} requests repeated, {found} lost answers told when asked"
        )


def _check_acknowledged(made: Hub, phones: list[Pusher]) -> None:
    told = {id_ for phone in phones for id_ in list(phone.acknowledged)}
    with made.world.app.app_context():
        db.engine.dispose()
        assert told <= made.stored_ids()
        db.engine.dispose()


def _check_photos(made: Hub, phones: list[Pusher]) -> int:
    verified = [sha for phone in phones for sha in phone.verified]
    with made.world.app.app_context(), reading() as session:
        for sha in verified:
            assert session.get_one(Photo, sha).state == "verified"
            file = made.server.data_dir / "photos" / sha[:2] / sha
            assert hashlib.sha256(file.read_bytes()).hexdigest() == sha
    return len(verified)
