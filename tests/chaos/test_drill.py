"""The drill of a lost machine: what was acknowledged before the backup is in it, what came after comes back."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from bench import wire
from bench.hub import Hub, hub
from chaos.drill import Rider, all_at_once, command, riders
from chaos.sizes import size
from server.db import db, reading, writing
from server.models import MissingWrite, Photo, WriteRow
from server.services import access, missing, restores
from server.services.people import revoke
from server.services.scope import Scope
from support import truth
from support.databases import Engine
from support.machine import Machine
from support.served import served
from support.world import World

PHONES = size(4, 20)
BEFORE = size(12, 200)
AFTER = size(16, 500)
PHOTOS = size(6, 100)


@pytest.mark.served
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_drill(
    kind: str, database_engine: Callable[[str], Engine], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = database_engine(kind)
    here, there = Machine(engine.fresh(), tmp_path / "data"), Machine(engine.empty(), tmp_path / "elsewhere")
    with hub(here.url, tmp_path, communes=(PHONES + 1) // 2 + 1) as made:
        phones = riders(made, PHONES, PHOTOS)
        revoked = riders_of(made)
        revoked.work()
        before, photos_before = push_and_back_up(phones, here, tmp_path / "backup")
        shut_out(made, revoked)
        for phone in phones:
            phone.come()  # what the other of its commune brought
        lost, coming = phones[0], phones[1:]
        seen = on_screen(phones[1])
        stored = made.stored_ids()
        made.server.stop()
        with made.world.app.app_context():
            db.engine.dispose()
        said = command(there, "restore", tmp_path / "backup", "--revocations", here.data_dir / "revocations.ndjson")
        with there.holding(made.world) as world:
            held = ids(world)
            assert before <= held, "acknowledged before the backup, and not in it"
            assert photos_before <= verified(world, there.data_dir)
            with served(there.url, there.data_dir) as server:
                for phone in (*coming, revoked):
                    phone.port = server.port
                all_at_once([phone.come for phone in coming])
                all_at_once([phone.come for phone in coming])  # and what the others brought meanwhile
                assert wire.sync(server.port, revoked.token, {}).status == 401
            nowhere = {write["id"] for write in lost.keeper.own} - held
            waiting = {w["id"]: w["record"] for phone in coming for w in phone.keeper.outbox}
            assert set(waiting.values()) <= nowhere, "it waits, and not for a record that is lost (X-5)"
            ids_now = ids(world)
            assert ids_now == stored - nowhere - set(waiting), "not brought back by the phone that keeps it"
            kept = {sha for phone in coming for sha in phone.keeper.shots}
            assert kept <= verified(world, there.data_dir)
            assert [phone.failed for phone in coming] == [[]] * len(coming)
            assert all(set(phone.keeper.shots) == phone.keeper.verified for phone in coming)
            assert listed(world) == nowhere & seen, "known to exist, not come back, and not said"
            with world.app.app_context(), reading() as session:
                truth.check(session)
                assert restores.unconfirmed(session) is not None
    with capsys.disabled():
        came = len(ids_now) - len(held)
        print(
            f"\n{kind}: {len(before)} writes and {len(photos_before)} photos acknowledged before the backup, all in it;"
            f" {came} writes of {len(coming)} phones came back, {len(nowhere)} of the lost one did not:"
            f" {len(nowhere & seen)} were on another screen, all listed"
        )
    assert "Restored to " in said
    assert came > 0
    assert nowhere & seen


def riders_of(made: Hub) -> Rider:
    """A phone of a commune of its own, to be shut out."""
    (alone,) = riders(Hub(made.world, made.server, made.units[-1:], made.tokens[-1:]), 1, 0)
    return alone


def push_and_back_up(phones: list[Rider], machine: Machine, folder: Path) -> tuple[set[str], set[str]]:
    """Phones push before, during and after a backup; what was acknowledged before it began: writes, and photos."""
    stop = threading.Event()
    failures: list[BaseException] = []
    pushing = threading.Thread(target=lambda: ride(phones, stop, failures))
    pushing.start()
    try:
        wait_for(phones, BEFORE, failures)
        writes = {write["id"] for phone in phones for write in list(phone.keeper.own)}
        photos = {sha for phone in phones for sha in set(phone.keeper.verified)}
        begun = sum(phone.pushes for phone in phones)
        command(machine, "backup", folder)
        during = sum(phone.pushes for phone in phones) - begun
        wait_for(phones, begun + during + AFTER, failures)
    finally:
        stop.set()
        pushing.join()
    assert failures == []
    assert during > 0, "nobody pushed while the backup was taken"
    return writes, photos


def ride(phones: list[Rider], stop: threading.Event, failures: list[BaseException]) -> None:
    try:
        all_at_once([lambda phone=phone: phone.ride(stop) for phone in phones])  # type: ignore[misc]
    except BaseException as error:  # noqa: BLE001  # told by the test, not by a log
        failures.append(error)


def wait_for(phones: list[Rider], pushes: int, failures: list[BaseException]) -> None:
    while sum(phone.pushes for phone in phones) < pushes and not failures:
        time.sleep(0.05)


def shut_out(made: Hub, revoked: Rider) -> None:
    with made.world.app.app_context(), writing() as session:
        device = access.device_of(session, revoked.token)
        assert device is not None
        revoke(session, Scope(session, made.world.officers["huyen"]), device.id)


def ids(world: World) -> set[str]:
    with world.app.app_context(), reading() as session:
        return set(session.scalars(select(WriteRow.id)))


def verified(world: World, data_dir: Path) -> set[str]:
    """Photos that the hub calls verified, each hashed here."""
    with world.app.app_context(), reading() as session:
        found = set(session.scalars(select(Photo.sha256).where(Photo.state == "verified")))
    for sha in found:
        assert hashlib.sha256((data_dir / "photos" / sha[:2] / sha).read_bytes()).hexdigest() == sha
    return found


def on_screen(phone: Rider) -> set[str]:
    """The writes whose values a phone shows."""
    held = phone.keeper.records.values()
    return {write for record in held for writes in record.fields.values() for write in writes}


def listed(world: World) -> set[str]:
    """B-4: what the hub knows to be missing."""
    with world.app.app_context(), writing() as session:
        missing.tidy(session)
        found = set(session.scalars(select(MissingWrite.id)))
        assert missing.count(session, Scope(session, world.officers["huyen"])) == len(found)
        return found
