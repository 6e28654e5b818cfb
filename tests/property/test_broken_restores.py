"""Rules of a hub that was put back, broken on purpose in a short story each."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from api import test_genuine as genuine
from api import test_marks as moved
from api import test_restored as restored
from api import test_restored_again as again
from api import test_restored_listed as listed
from api import test_restored_noticed as noticed_by
from api import test_restored_places as places
from api import test_wire_marks as wire_marks
from property.breaks import APPLY, IN_THE_APP, Break

from server.services.continuity import marks
from server.services.continuity.marks import Last, Looked, WireMark
from server.services.exchange import feed, wire
from server.services.records import streams
from server.services.records.streams import Cursor
from server.services.recovery import missing, restores
from support.clients.pictures import tell
from support.clients.shipped import Fault, PhoneHost, build
from support.installation.databases import Sqlite
from support.installation.machine import Machine
from support.installation.restored import Hub
from support.world.world import World

pytestmark = pytest.mark.slow


@pytest.fixture
def own_hub(own_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, phones: PhoneHost) -> Hub:
    """The world of a test, and a machine to put its backup on."""
    monkeypatch.setattr(marks, "EVERY_S", 0)
    here = Machine(str(own_world.app.config["SQLALCHEMY_DATABASE_URI"]), tmp_path / "data")
    there = tmp_path / "there"
    there.mkdir()
    return Hub(own_world, here, Machine(Sqlite(there).empty(), there), tmp_path / "backup", phones)


@contextmanager
def noticed(
    hub: Hub, *, announced: bool, by: type[Exception] = AssertionError, saying: str | None = None
) -> Iterator[Callable[[], None]]:
    """The story that puts the hub back in the body ends in this error."""
    going = hub.put_back(announced=announced)
    with pytest.raises(by, match=saying):
        yield lambda: next(going)
    going.close()


def nothing_is_told(patch: pytest.MonkeyPatch) -> None:
    """B-2: a phone that is told no news has nothing that gives it away."""
    head = wire.head
    patch.setattr(wire, "head", lambda *said: {k: v for k, v in head(*said).items() if k != "restored"})


def test_a_restore_that_nobody_is_told_of_is_noticed(own_hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing_is_told(monkeypatch)
    with noticed(own_hub, announced=True) as put_back:
        restored.test_a_replaced_phone_brings_back_too(own_hub, put_back)


def test_a_lost_answer_without_its_mark_is_noticed(own_hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """B-31: no cursor gives this restore away."""
    a_mark_that_no_phone_brings(monkeypatch)
    with noticed(own_hub, announced=False) as put_back:
        restored.test_what_was_stored_ahead_of_the_cursor_comes_back_too(own_hub, put_back, monkeypatch, 0, 200)


def test_what_is_missing_and_not_listed_is_noticed(own_hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """B-3."""
    monkeypatch.setattr(missing, "tell", lambda *_: None)
    with noticed(own_hub, announced=True, by=KeyError, saying="12286") as put_back:  # its unit is not in the list
        listed.test_what_nobody_brings_back_is_listed_until_it_comes(own_hub, put_back)


def test_a_lost_unit_whose_cursor_nobody_looks_at_is_noticed(own_hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """B-1."""
    unknown = feed.unknown
    a_mark_that_no_phone_brings(monkeypatch)
    monkeypatch.setattr(feed, "unknown", lambda session, _, answered: unknown(session, [], answered))
    with noticed(own_hub, announced=False) as put_back:
        noticed_by.test_who_lost_the_unit_before_anybody_was_heard_gives_it_away(own_hub, put_back)


def test_a_stream_that_comes_back_without_the_mark_is_noticed(own_hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """L-10, B-31."""
    a_mark_that_no_phone_brings(monkeypatch)
    with noticed(own_hub, announced=False) as put_back:
        places.test_who_comes_back_to_a_unit_brings_what_was_lost_while_away(own_hub, put_back, monkeypatch, page=1)


def a_mark_that_nobody_looks_at(patch: pytest.MonkeyPatch) -> None:
    """B-10."""
    patch.setattr(marks, "last", lambda _: None)


def a_mark_that_no_phone_brings(patch: pytest.MonkeyPatch) -> None:
    """B-31."""
    patch.setattr(WireMark, "read", lambda _: None)


def every_mark_is_genuine(patch: pytest.MonkeyPatch) -> None:
    """B-32."""
    patch.setattr(WireMark, "is_genuine", lambda *_: True)


def a_mark_is_of_all_times(patch: pytest.MonkeyPatch) -> None:
    """B-32: one of a lost time line declares a restore whenever it is sent."""
    made = WireMark._mac_by  # noqa: SLF001  # the rule's place
    patch.setattr(WireMark, "_mac_by", lambda self, key, _: made(self, key, 0))


def a_mark_that_never_moves(patch: pytest.MonkeyPatch) -> None:
    """B-10: an older copy has the same one."""
    patch.setattr(marks, "EVERY_S", 3600)


def a_mark_that_is_written_over(patch: pytest.MonkeyPatch) -> None:
    """B-10: whoever stores something next wipes out what the file proves."""
    look = marks.look_beside

    def blind(*asked: Any) -> tuple[Looked, Sequence[Any]]:
        found, beside = look(*asked)
        return replace(found, put_back=found.put_back and not _commits()), beside

    patch.setattr(marks, "look_beside", blind)


def _commits() -> bool:
    return any(frame.function == "_make" for frame in inspect.stack())


def marks_of_before_a_restore(patch: pytest.MonkeyPatch) -> None:
    """B-10: each host would notice the same one."""
    look = marks.look_beside

    def timeless(session: Any, said: Last | None, *asked: Any) -> tuple[Looked, Sequence[Any]]:
        return look(session, said and replace(said, restored=2**53), *asked)

    patch.setattr(marks, "look_beside", timeless)


def every_cursor_is_genuine(patch: pytest.MonkeyPatch) -> None:
    """C-2."""
    patch.setattr(Cursor, "is_genuine", lambda *_: True)


def a_later_restore_is_believed(patch: pytest.MonkeyPatch) -> None:
    """B-1."""

    def believing(found: Looked, file: Last | None, phone: restores.PhoneKnows, *_: object) -> int | None:
        later = phone.restored is not None and phone.restored > (found.restored or 0)
        return phone.restored if later else (file.restored if file is not None and found.put_back else None)

    patch.setattr(restores, "proof", believing)


def a_tag_is_of_all_times(patch: pytest.MonkeyPatch) -> None:
    """B-1: one of a lost time line declares a restore whenever it is sent."""
    given = streams.cursors_given
    patch.setattr(
        streams,
        "cursors_given",
        lambda key, unit, campaign, position, tag, _: given(key, unit, campaign, position, tag, 0),
    )


def a_side_too_many_is_refused(patch: pytest.MonkeyPatch) -> None:
    """B-7."""
    patch.setattr(restores, "MAY_PASS", ("unknown_unit", "unknown_campaign"))


STORIES: list[tuple[Break, Callable[[Hub, pytest.MonkeyPatch], None]]] = [
    (
        a_mark_that_no_phone_brings,
        lambda hub, _: moved.test_who_moved_away_brings_back_what_was_stored_at_the_old_place(hub, disk=True),
    ),
    (
        a_mark_that_no_phone_brings,
        lambda hub, patch: moved.test_a_pull_between_pages_is_begun_anew(hub, patch, disk=True),
    ),
    (every_mark_is_genuine, lambda hub, _: wire_marks.test_nobody_can_make_one_up(hub)),
    (a_mark_is_of_all_times, lambda hub, _: wire_marks.test_one_from_before_the_last_restore_proves_no_other(hub)),
    (a_mark_that_nobody_looks_at, lambda hub, _: moved.test_the_server_notices_when_it_starts(hub)),
    (
        a_mark_that_never_moves,
        lambda hub, patch: moved.test_a_pull_between_pages_is_begun_anew(hub, patch, disk=False),
    ),
    (a_mark_that_is_written_over, lambda hub, _: moved.test_what_is_stored_meanwhile_does_not_wipe_it_out(hub)),
    (marks_of_before_a_restore, lambda hub, _: moved.test_several_hosts_notice_it_once(hub, announced=True)),
    (every_cursor_is_genuine, lambda hub, _: genuine.test_a_made_up_cursor_is_no_restore(hub, {"tag": "x" * 16})),
    (a_later_restore_is_believed, lambda hub, _: genuine.test_a_later_restore_alone_proves_nothing(hub)),
    (a_tag_is_of_all_times, lambda hub, _: genuine.test_a_cursor_of_a_lost_time_line_is_no_restore_again(hub)),
    (
        a_side_too_many_is_refused,
        lambda hub, _: again.test_one_side_too_many_waits_for_what_settled_the_others(hub, 0, waits=True),
    ),
]


@pytest.mark.parametrize(("break_", "story"), STORIES, ids=lambda each: getattr(each, "__name__", ""))
def test_stories_notice(
    own_hub: Hub, monkeypatch: pytest.MonkeyPatch, break_: Break, story: Callable[[Hub, pytest.MonkeyPatch], None]
) -> None:
    break_(monkeypatch)
    with pytest.raises((AssertionError, LookupError, ValueError)):
        story(own_hub, monkeypatch)


def nothing_comes_back(hub: Hub) -> None:
    """B-2: the phone keeps to itself what the hub has lost."""
    going = hub.put_back(announced=True)
    restored.test_a_replaced_phone_brings_back_too(hub, lambda: next(going))


def nobody_brings_it_back(hub: Hub) -> None:
    """C-4: and the phone that had pulled it goes on to show it."""
    going = hub.put_back(announced=True)
    listed.test_what_nobody_brings_back_is_listed_until_it_comes(hub, lambda: next(going))


IN_THE_APP_TOO: list[tuple[str, Sequence[Fault], Callable[[Hub], None]]] = [
    ("B-2", IN_THE_APP["B-2: nothing comes back"].faults, nothing_comes_back),
    ("C-4", IN_THE_APP["C-4: a stream that begins anew keeps what was pulled"].faults, nobody_brings_it_back),
    (
        "B-25",
        IN_THE_APP["B-3: what was named is forgotten"].faults,
        lambda hub: again.test_what_was_named_is_named_again_when_the_list_is_lost(hub, 29, listed=True),
    ),
    (
        "X-11: a late answer is taken",
        [(APPLY, "if (known !== asked.restored || !stand(before, asked.cursors)) return undefined;", "")],
        again.test_an_answer_from_before_a_restore_marks_nothing_stored,
    ),
]


@pytest.mark.parametrize(
    ("faults", "story"), [case[1:] for case in IN_THE_APP_TOO], ids=[case[0] for case in IN_THE_APP_TOO]
)
@pytest.mark.costly
def test_stories_notice_in_the_app(
    own_hub: Hub, tmp_path: Path, faults: Sequence[Fault], story: Callable[[Hub], None]
) -> None:
    with PhoneHost.of(build(tmp_path / "app", faults)) as own_hub.host:
        tell(own_hub.host)
        with pytest.raises(AssertionError):
            story(own_hub)
