"""The queue may lose everything, and is told of a job only once that is committed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import psycopg
import pytest
from flask import Flask
from huey.registry import Message
from sqlalchemy import create_engine, func, select, text, update

from server.blobs.files import FileBlobs
from server.core.clock import ZONE, stopped_at
from server.core.db import db, reading, writing
from server.models import Job
from server.processes import job_worker
from server.services.jobs import Jobs, minding, queue
from server.services.jobs.enqueuing import enqueue
from server.services.jobs.leases import DONE, QUEUED, RUNNING
from server.services.jobs.minding import last_night
from server.services.jobs.queue import FILE, SCHEMA, OnlyIds
from server.serving.installation import install, installed
from support.installation.databases import Postgresql
from support.jobs import inline
from support.jobs.crew import Crew
from support.waiting import until
from support.world.world import World

pytestmark = pytest.mark.databases("both")

NIGHT = datetime(2026, 11, 27, 3, tzinfo=ZONE)
DAY_MS = 24 * 3600 * 1000


def jobs_of(world: World) -> Jobs:
    found: Jobs = installed(world.app).jobs
    return found


def waiting(world: World) -> set[str]:
    jobs = jobs_of(world)
    with queue.opened(jobs.url, jobs.data_dir) as opened:
        return opened.waiting()


def rows(world: World) -> int:
    with world.app.app_context(), reading() as session:
        return session.scalar(select(func.count()).select_from(Job)) or 0


def mind(world: World) -> None:
    jobs = jobs_of(world)
    with world.app.app_context(), queue.opened(jobs.url, jobs.data_dir) as opened:
        minding.mind(jobs, opened)


def lose_queue(world: World) -> None:
    """Delete it, as somebody might who wants a fresh start."""
    jobs = jobs_of(world)
    if jobs.url.get_backend_name() == "sqlite":
        (jobs.data_dir / FILE).unlink()
    else:
        with world.app.app_context(), db.engine.begin() as connection:
            connection.execute(text(f"DROP SCHEMA {SCHEMA} CASCADE"))


def test_a_kind_with_something_to_do_runs_by_itself_and_once_at_a_time(world: World) -> None:
    jobs, to_do = jobs_of(world), [False]
    jobs.register("jobs.when_due", lambda *_: None, due=lambda _session: to_do[0])

    def asked() -> list[str]:
        with world.app.app_context(), reading() as session:
            return list(session.scalars(select(Job.id).where(Job.kind == "jobs.when_due")))

    try:
        mind(world)
        assert asked() == [], "nothing to do"
        to_do[0] = True
        mind(world)
        (first,) = asked()
        mind(world)
        assert asked() == [first], "one waits"
        assert inline.run(world, first).state == DONE
        mind(world)
        assert asked() == [first], "and the next only after a pause"
        with world.app.app_context(), writing() as session:
            session.get_one(Job, first).asked_at -= minding.PAUSE_MS
        mind(world)
        (second,) = asked()
        assert second != first, "of those that are done only the last is kept"
    finally:
        del jobs.kinds["jobs.when_due"]


def test_a_kind_that_names_parts_has_one_job_for_each_however_many_workers_mind(world: World) -> None:
    jobs, ran = jobs_of(world), list[str]()
    parts = {"north", "south"}
    jobs.register("jobs.in_parts", lambda _, ids: ran.extend(ids), due=lambda _session: parts)

    def asked() -> dict[str, Job]:
        with world.app.app_context(), reading() as session:
            found = list(session.scalars(select(Job).where(Job.kind == "jobs.in_parts")))
            session.expunge_all()
        return {row.ids[0]: row for row in found}

    def later(*ids: str) -> None:
        with world.app.app_context(), writing() as session:
            session.execute(update(Job).where(Job.id.in_(ids)).values(asked_at=Job.asked_at - minding.PAUSE_MS))

    try:
        mind(world)
        first = asked()
        assert set(first) == parts
        mind(world)
        assert {row.id for row in asked().values()} == {row.id for row in first.values()}
        assert inline.run(world, first["north"].id).state == DONE
        assert ran == ["north"]
        later(*(row.id for row in first.values()))
        mind(world)
        assert asked()["north"].id == first["north"].id, "while a part waits no worker is free"
        with world.app.app_context(), writing() as session:
            session.get_one(Job, first["south"].id).state = RUNNING
        mind(world)
        assert {part: row.state for part, row in asked().items()} == {"north": QUEUED, "south": RUNNING}
        assert asked()["north"].id != first["north"].id, "of those that are done none is kept"
    finally:
        del jobs.kinds["jobs.in_parts"]


def test_what_somebody_waits_for_goes_before_parts_of_a_long_work(workers: Crew) -> None:
    with workers.world.app.app_context(), writing() as session:
        enqueue(session, "test.result", ["own", "1", "0"])
        enqueue(session, "test.result", ["asked for", "1", "0"], workers.world.officers["quantri"])
    workers.start()
    workers.wait()
    assert list(workers.runs()) == ["asked", "own"]


def test_the_queue_hears_of_a_job_after_the_commit(world: World) -> None:
    with world.app.app_context(), writing() as session:
        id_ = enqueue(session, "jobs.clear")
        with session.begin_nested():
            other = enqueue(session, "jobs.clear")
        assert waiting(world) == set()
    assert waiting(world) == {id_, other}


def test_what_was_rolled_back_was_never_asked_for(world: World) -> None:
    with world.app.app_context():
        with suppress(ZeroDivisionError), writing() as session:
            enqueue(session, "jobs.clear")
            session.flush()
            raise ZeroDivisionError
        assert waiting(world) == set()
        with writing() as session:
            id_ = enqueue(session, "jobs.clear")
    assert waiting(world) == {id_}, "the session does not remember the other one"
    assert rows(world) == 1


def test_once_is_once(world: World) -> None:
    with world.app.app_context():
        with writing() as session:
            first = enqueue(session, "jobs.clear", once="a")
            assert enqueue(session, "jobs.clear", once="a") == first
        with writing() as session:
            assert enqueue(session, "jobs.clear", once="a") == first
            assert enqueue(session, "jobs.clear", once="b") != first
    assert rows(world) == 2


def test_only_a_registered_kind_is_taken(world: World) -> None:
    with world.app.app_context(), pytest.raises(KeyError), writing() as session:
        enqueue(session, "no.such")
    with pytest.raises(ValueError, match=r"jobs\.clear"):
        jobs_of(world).register("jobs.clear", lambda *_: None)


def test_the_queue_holds_ids_and_no_pickles(world: World) -> None:
    form = OnlyIds()
    message = Message("t", f"{queue.__name__}.job", args=("id",), kwargs={}, retries=0, retry_delay=0)
    assert form.serialize(message) == b'["t", "id"]'
    assert form.deserialize(b'["t", "id"]') == message
    with pytest.raises(ValueError, match="can't decode"):
        form.deserialize(b"\x80\x04cos\nsystem\n")
    with world.app.app_context(), writing() as session:
        enqueue(session, "jobs.clear", ["a secret unit"])
    jobs = jobs_of(world)
    with queue.opened(jobs.url, jobs.data_dir) as opened:
        (raw,) = opened._huey.storage.enqueued_items()  # noqa: SLF001
    assert b"secret" not in bytes(raw)


@pytest.mark.parametrize("damage", ["deleted", "damaged"])
def test_a_queue_that_is_lost_is_filled_from_the_rows(world: World, damage: str) -> None:
    with world.app.app_context(), writing() as session:
        ids = {enqueue(session, "jobs.clear") for _ in range(3)}
    jobs = jobs_of(world)
    if damage == "damaged" and jobs.url.get_backend_name() == "sqlite":
        (jobs.data_dir / FILE).write_bytes(b"no database at all" * 1000)
    else:
        lose_queue(world)
    mind(world)
    assert ids <= waiting(world)
    count = len(waiting(world))
    mind(world)
    with queue.opened(jobs.url, jobs.data_dir) as opened:
        assert len(opened._huey.pending()) == count, "none is handed over twice"  # noqa: SLF001


def test_an_address_of_any_form_opens_it_and_no_fault_tells_the_password(
    database_engine: Callable[[str], object], tmp_path: Path
) -> None:
    """What libpq would not read in an URI; and a role that may not make the schema."""
    server = database_engine("postgresql")
    assert isinstance(server, Postgresql)
    with server.role("cán bộ 1", "mật khẩu @/% 1") as own:
        where = {"options": "-c statement_timeout=9000 -c lock_timeout=5000"}
        with queue.opened(own.update_query_dict(where), tmp_path) as opened:
            opened.put("a")
            assert opened.waiting() == {"a"}
        wrong = own.set(password="xin chào @")
        with pytest.raises(psycopg.OperationalError) as refused, queue.opened(wrong, tmp_path):
            pass
        assert "xin" not in str(refused.value)
        engine = create_engine(own)
        with engine.begin() as connection:
            connection.execute(text(f"DROP SCHEMA {SCHEMA} CASCADE"))
            connection.execute(text(f'REVOKE CREATE ON DATABASE "{own.database}" FROM "{own.username}"'))
        app = Flask("nothing else")
        install(app, cast("Any", SimpleNamespace(jobs=Jobs(engine, tmp_path, FileBlobs(tmp_path / "photos")))))
        with pytest.raises(job_worker.NoQueue, match="may not make the schema loa_queue"):
            job_worker.work(app)
        engine.dispose()


def test_night_jobs_are_asked_for_once_a_night_and_at_start_when_overdue(world: World) -> None:
    """Both at the first start; then none until the next night; after a week away, one each."""
    kinds = sorted(name for name, kind in jobs_of(world).kinds.items() if kind.nightly)
    assert kinds == ["access.compact", "audit.retain", "confidential.reseal", "jobs.clear"]
    now = int(NIGHT.timestamp() * 1000)
    for at, asked in (
        (now, 4),
        (now + 3_600_000, 4),
        (now + 20 * 3_600_000, 4),
        (now + DAY_MS, 8),
        (now + 8 * DAY_MS, 12),
    ):
        with stopped_at(at):
            mind(world)
        assert rows(world) == asked


def test_the_night_is_that_of_vietnam() -> None:
    nights = {(1, 29): date(2026, 11, 26), (1, 30): date(2026, 11, 27), (23, 59): date(2026, 11, 27)}
    for (hour, minute), night in nights.items():
        at = NIGHT.replace(hour=hour, minute=minute)
        assert last_night(time(1, 30), int(at.timestamp() * 1000)) == night


@pytest.mark.slow
def test_a_worker_goes_on_when_its_queue_is_deleted(workers: Crew) -> None:
    workers.start()
    workers.wait(workers.ask("test.result", "one", 1, 0))
    lose_queue(workers.world)
    (id_,) = workers.ask("test.result", "two", 1, 0)
    assert workers.wait([id_])[id_]["state"] == DONE
    until(lambda: not waiting(workers.world))
    assert len(workers.alive) == 1
