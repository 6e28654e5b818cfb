"""The drill of a lost machine: what was acknowledged before the backup is in it, what came after comes back."""

from __future__ import annotations

import hashlib
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from bench import wire
from bench.hub import Hub
from chaos.drill import Rider, all_at_once, command, riders
from chaos.hubs import hub
from chaos.sizes import size
from server.core.db import db, reading, writing
from server.models import MissingWrite, Photo, WriteRow
from server.services.access import devices
from server.services.organisation.people import revoke
from server.services.recovery import missing, restores
from server.services.units.scope import Scope
from support.checks import truth
from support.clients.shipped import build
from support.installation.databases import Engine
from support.installation.machine import Machine
from support.installation.served import forked
from support.world.world import World

PHONES = size(4, 20)
BEFORE = size(8, 200)
AFTER = size(12, 500)
PHOTOS = size(4, 100)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "by_hand"),
    [
        ("sqlite", False),
        pytest.param("postgresql", False, marks=pytest.mark.costly(soak=True)),
        pytest.param("sqlite", True, marks=pytest.mark.costly(soak=True)),
    ],
)
@pytest.mark.costly
def test_drill(
    kind: str,
    by_hand: bool,
    database_engine: Callable[[str], Engine],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """By hand: the old file is simply put back where it was, and nobody says so (B-1)."""
    engine = database_engine(kind)
    here = Machine(engine.fresh(), tmp_path / "data")
    there = here if by_hand else Machine(engine.empty(), tmp_path / "elsewhere")
    app = build(tmp_path / "app")
    with (
        hub(here.url, tmp_path, communes=(PHONES + 1) // 2 + 1) as made,
        riders(made, app, PHONES, PHOTOS) as (phones, alone),
    ):
        day = last_day(made, phones, alone, here, tmp_path / "backup")
        made.server.stop()
        with made.world.app.app_context():
            db.engine.dispose()
        if by_hand:
            put_file_back(here, tmp_path / "backup")
        else:
            revocations = here.data_dir / "revocations.ndjson"
            assert "Restored to " in command(
                there, "restore", "--without-keys", tmp_path / "backup", "--revocations", revocations
            )
        with there.holding(made.world) as world:
            said = day_after(day, world, there)
            with world.app.app_context(), reading() as session:
                told = restores.unconfirmed(session)
                assert told is not None
                assert (told.noticed_by is not None) is by_hand
    with capsys.disabled():
        print(f"\n{kind}{', by hand' * by_hand}: {said}")


@dataclass(frozen=True)
class Day:
    """What was true when the machine was lost: writes and photos acknowledged before the backup, writes stored in all.

    `lost` never comes again; `seen` is what the other phone of its commune had on its screen.
    """

    before: set[str]
    photos: set[str]
    stored: set[str]
    lost: Rider
    coming: list[Rider]
    revoked: Rider
    seen: set[str]


def last_day(made: Hub, phones: list[Rider], revoked: Rider, machine: Machine, folder: Path) -> Day:
    revoked.work()
    before, photos = push_and_back_up(phones, machine, folder)
    shut_out(made, revoked)
    for phone in phones:
        phone.come()  # what the other of its commune brought
    return Day(before, photos, made.stored_ids(), phones[0], phones[1:], revoked, on_screen(phones[1]))


def day_after(day: Day, world: World, machine: Machine) -> str:
    """The phones come; the figures."""
    held, coming = ids(world), day.coming
    assert day.before <= held, "acknowledged before the backup, and not in it"
    assert day.photos <= verified(world, machine.data_dir)
    with forked(machine.url, machine.data_dir) as server:
        for phone in coming:
            phone.port = server.port
        all_at_once([phone.come for phone in coming])
        all_at_once([phone.come for phone in coming])  # and what the others brought meanwhile
        assert wire.sync(server.port, day.revoked.token, {}).status == 401
    nowhere = set(day.lost.stored) - held
    waiting = {write["id"]: write["record"] for phone in coming for write in phone.app.outbox}
    assert set(waiting.values()) <= nowhere, "it waits, and not for a record that is lost (X-5)"
    now = ids(world)
    assert now == day.stored - nowhere - set(waiting), "not brought back by the phone that keeps it"
    photos = [row for phone in coming for row in phone.app.look()["uploads"]]
    assert {row["sha256"] for row in photos} <= verified(world, machine.data_dir)
    assert {row["state"] for row in photos} <= {"verified"}
    assert listed(world) == nowhere & day.seen, "known to exist, not come back, and not said"
    with world.app.app_context(), reading() as session:
        truth.check(session)
    came = len(now) - len(held)
    assert came > 0
    assert nowhere & day.seen
    return (
        f"{len(day.before)} writes and {len(day.photos)} photos acknowledged before the backup, all in it; "
        f"{came} writes of {len(coming)} phones came back, {len(nowhere)} of the lost one did not: "
        f"{len(nowhere & day.seen)} were on another screen, all listed"
    )


def put_file_back(machine: Machine, folder: Path) -> None:
    """What an operator in a hurry does."""
    file = Path(machine.url.removeprefix("sqlite:///"))
    for suffix in ("", "-wal", "-shm"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)
    shutil.copyfile(folder / "database" / "loa.sqlite", file)


def push_and_back_up(phones: list[Rider], machine: Machine, folder: Path) -> tuple[set[str], set[str]]:
    """Phones push before, during and after a backup; what was acknowledged before it began: writes, and photos."""
    stop = threading.Event()
    failures: list[BaseException] = []
    pushing = threading.Thread(target=lambda: ride(phones, stop, failures))
    pushing.start()
    try:
        wait_for(phones, BEFORE, failures)
        writes = {id_ for phone in phones for id_ in list(phone.stored)}
        photos = {sha256 for phone in phones for sha256 in list(phone.verified)}
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
        device = devices.device_of(session, revoked.token)
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
    return {write for fields in phone.app.alive.values() for writes in fields.values() for write in writes}


def listed(world: World) -> set[str]:
    """B-4: what the hub knows to be missing."""
    with world.app.app_context(), writing() as session:
        missing.tidy(session)
        rows = session.scalars(select(MissingWrite)).all()
        assert missing.count(session, Scope(session, world.officers["huyen"])) == len({row.record_id for row in rows})
        return {row.id for row in rows}
