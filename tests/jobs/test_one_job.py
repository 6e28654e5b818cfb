"""One job in the test's own process, by the real runner: how it ends, and who may end it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import update

from server.core.clock import now_ms
from server.core.db import reading, writing
from server.models import Job
from server.services.jobs import Attempt, Jobs, leases, restoring, running
from server.services.jobs.attempt import LeaseLost
from server.services.jobs.enqueuing import enqueue
from server.services.jobs.leases import BROKEN, DONE, FAILED, NO_RESULT, QUEUED, RUNNING
from server.services.jobs.minding import Chores
from server.serving.installation import installed
from support.jobs import kinds
from support.jobs.inline import done, row, run
from support.world.world import World

DAY_MS = 24 * 3600 * 1000


@pytest.fixture
def jobs(world: World, tmp_path: Path) -> Jobs:
    """The registry, with the tests' kinds."""
    found: Jobs = installed(world.app).jobs
    kinds.register(found, tmp_path / "begun")
    return found


def set_row(world: World, id_: str, **values: object) -> None:
    with world.app.app_context(), writing() as session:
        session.execute(update(Job).where(Job.id == id_).values(**values))


@pytest.mark.usefixtures("jobs")
@pytest.mark.parametrize(
    ("fault", "state", "attempts", "code"),
    [
        ("broken", FAILED, 1, BROKEN),
        ("not_found", FAILED, 1, "not_found"),
        ("later", QUEUED, 0, None),
        ("full", QUEUED, 1, None),
    ],
)
def test_a_fault_ends_the_job_or_lets_it_wait(
    world: World, fault: str, state: str, attempts: int, code: str | None
) -> None:
    ended = done(world, "test.breaks", fault)
    assert (ended.state, ended.attempts, ended.code, ended.result_key) == (state, attempts, code, None)
    assert (ended.ended_at is not None) == (state == FAILED)
    if state == QUEUED:
        assert ended.not_before > now_ms()
        assert run(world, ended.id).attempts == attempts, "not before its time"


@pytest.mark.usefixtures("jobs")
def test_a_full_disk_is_tried_as_often_as_the_kind_says(world: World) -> None:
    id_ = done(world, "test.breaks", "full").id
    set_row(world, id_, not_before=0)
    ended = run(world, id_)
    assert (ended.state, ended.attempts, ended.code) == (FAILED, 2, "unavailable")


def test_a_result_is_kept_in_the_store(world: World, jobs: Jobs) -> None:
    ended = done(world, "test.result", "r", "3", "0")
    assert (ended.state, ended.progress, ended.attempts) == (DONE, 100, 1)
    opened = jobs.blobs.open(ended.result_key or "")
    assert opened is not None
    with opened:
        assert opened.read() == kinds.expected("r", 3)
    assert run(world, ended.id).attempts == 1, "an ended job is not run again"


def test_who_lost_the_lease_ends_nothing_and_leaves_nothing(world: World, jobs: Jobs, tmp_path: Path) -> None:
    """Two hold it one after the other; the first comes back with a result of its own."""
    source = tmp_path / "result"
    with world.app.app_context():
        with writing() as session:
            id_ = enqueue(session, "test.result")
        with writing() as session:
            first = leases.take(session, id_, jobs.kinds)
        assert first is not None
        with writing() as session:
            assert leases.take(session, id_, jobs.kinds) is None, "it is taken"
            leases.expire(session, id_, first.lease, 5)
        assert row(world, id_).state == RUNNING, "its time is not over"
        set_row(world, id_, lease_until=0)
        with writing() as session:
            leases.expire(session, id_, "of another attempt", 5)
            assert session.get_one(Job, id_).state == RUNNING
            leases.expire(session, id_, first.lease, 5)
        with writing() as session:
            assert not leases.renew(session, first, 50), "nobody has taken it yet, and it is not the first's any more"
            second = leases.take(session, id_, jobs.kinds)
        assert second is not None
        source.write_bytes(b"of the first")
        late = Attempt(first, tmp_path, jobs.blobs, lambda: False)
        with pytest.raises(LeaseLost), late.finish(source) as session:
            session.get_one(Job, id_).code = "written by the first"
        source.write_bytes(b"of the second")
        with Attempt(second, tmp_path, jobs.blobs, lambda: False).finish(source):
            pass
        with writing() as session:
            assert not leases.renew(session, first, 50)
            assert not leases.give_back(session, first, 0, counted=True)
            assert not leases.fail(session, first, BROKEN)
    ended = row(world, id_)
    assert (ended.state, ended.code, ended.attempts) == (DONE, None, 2)
    assert ended.result_key == leases.result_key(id_, second.lease)
    assert not jobs.blobs.has(leases.result_key(id_, first.lease))


def test_what_a_killed_attempt_left_in_the_store_goes_before_the_next(world: World, jobs: Jobs, tmp_path: Path) -> None:
    (tmp_path / "left").write_bytes(b"half")
    key, folder = leases.result_key("x" * 16, "y" * 16), jobs.work_folder / ("y" * 16)
    folder.mkdir(parents=True)
    (folder / "half").write_bytes(b"half")
    jobs.blobs.put(key, tmp_path / "left")
    with world.app.app_context(), writing() as session:
        id_ = enqueue(session, "test.result", ["r", "1", "0"])
    set_row(world, id_, id="x" * 16, lease="y" * 16, attempts=1)
    assert run(world, "x" * 16).attempts == 2
    assert not jobs.blobs.has(key)
    assert list(jobs.work_folder.iterdir()) == []


def test_a_store_that_is_away_does_not_keep_the_next_attempt_away(world: World, jobs: Jobs) -> None:
    photos = jobs.data_dir / "photos"
    with world.app.app_context(), writing() as session:
        id_ = enqueue(session, "test.breaks", ["broken"])
    set_row(world, id_, lease="y" * 16, attempts=1)
    photos.rename(jobs.data_dir / "elsewhere")
    ended = run(world, id_)
    assert (ended.state, ended.code, ended.attempts) == (FAILED, BROKEN, 2)


def test_a_folder_that_cannot_be_made_ends_the_attempt(world: World, jobs: Jobs) -> None:
    jobs.work_folder.write_text("no folder")
    ended = done(world, "test.result", "r", "1", "0")
    assert (ended.state, ended.code) == (FAILED, BROKEN)


def test_rows_of_a_job_are_written_with_its_end_or_not_at_all(world: World, jobs: Jobs) -> None:
    """An error after the rows takes the end back, too."""
    begun = threading.Event()

    def half(attempt: Attempt, _ids: Sequence[str]) -> None:
        with attempt.finish() as session:
            enqueue(session, "jobs.clear", once="made by the job")
            session.flush()
            begun.set()
            raise ValueError

    jobs.register("test.half", half)
    ended = done(world, "test.half")
    assert begun.is_set()
    assert (ended.state, ended.code) == (FAILED, BROKEN)
    with world.app.app_context(), reading() as session:
        assert session.query(Job).filter_by(once="made by the job").first() is None


def test_who_is_stopped_gives_the_job_back(world: World, jobs: Jobs) -> None:
    with world.app.app_context(), writing() as session:
        id_ = enqueue(session, "test.result", ["r", "9", "0"])
    running.run(jobs, id_, world.app.app_context, lambda: True)
    back = row(world, id_)
    assert (back.state, back.attempts, back.lease_until) == (QUEUED, 0, None)


def test_old_jobs_go_with_their_results(world: World, jobs: Jobs, tmp_path: Path) -> None:
    old, young, runs, fails, late, waits = (done(world, "test.result", "r", "1", "0").id for _ in range(6))
    month = now_ms() - 31 * DAY_MS
    set_row(world, old, asked_at=month, ended_at=month)
    set_row(world, late, asked_at=month)
    set_row(world, waits, asked_at=month, state=QUEUED, ended_at=None)
    set_row(world, runs, asked_at=month, state=RUNNING, result_key=None)
    (tmp_path / "left").write_bytes(b"half")
    jobs.blobs.put(left := leases.result_key(fails, "z" * 16), tmp_path / "left")
    dropped = row(world, fails).result_key
    assert dropped is not None
    jobs.blobs.drop([dropped])
    set_row(world, fails, asked_at=month, ended_at=month, state=FAILED, result_key=None, lease="z" * 16)
    gone, kept = row(world, old).result_key, row(world, young).result_key
    for lease in ("of a running one", "of nobody"):
        (jobs.work_folder / lease).mkdir()
    set_row(world, runs, lease="of a running one")
    jobs.blobs.put(begun := leases.result_key(runs, "of a running one"), tmp_path / "left")
    assert done(world, "jobs.clear").state == DONE
    with world.app.app_context():
        Chores(jobs).mind()
    assert [path.name for path in jobs.work_folder.iterdir()] == ["of a running one"]
    assert jobs.blobs.has(begun)
    with world.app.app_context(), reading() as session:
        assert {id_ for id_ in (old, young, runs, fails, late, waits) if session.get(Job, id_)} == {
            young,
            runs,
            late,
            waits,
        }
    assert [jobs.blobs.has(key or "") for key in (gone, left, kept)] == [False, False, True]


def test_after_a_restore_all_that_did_not_end_waits_again(world: World, jobs: Jobs) -> None:
    whole, lost = (done(world, "test.result", "r", "1", "0") for _ in range(2))
    ran, waits = (done(world, "test.result", "r", "1", "0").id for _ in range(2))
    set_row(world, ran, state=RUNNING, lease_until=now_ms() + DAY_MS, attempts=4, progress=40, result_key=None)
    set_row(world, waits, state=QUEUED, attempts=2, not_before=now_ms() + DAY_MS, result_key=None)
    jobs.blobs.drop([lost.result_key or ""])
    with world.app.app_context(), writing() as session:
        restoring.queue_again(session, jobs.blobs)
    for id_ in (ran, waits):
        assert (row(world, id_).state, row(world, id_).attempts) == (QUEUED, 0)
        assert run(world, id_).state == DONE
    assert (row(world, whole.id).state, row(world, whole.id).result_key) == (DONE, whole.result_key)
    assert (row(world, lost.id).state, row(world, lost.id).code) == (FAILED, NO_RESULT)
