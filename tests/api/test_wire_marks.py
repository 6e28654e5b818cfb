"""A phone's own mark proves a restore, also of a whole disk; nobody can make one up (SPEC B-31, B-32)."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from server.core.clock import new_id
from server.core.db import reading, writing
from server.services.continuity import marks
from server.services.continuity.marks import WireMark
from server.services.records import streams
from server.services.recovery import restores
from support.clients.teller import Teller, banner
from support.installation.moment import Moment
from support.installation.restored import Hub
from sync.protocol import MARK_LENGTH

VECTORS = json.loads((Path(__file__).parents[2] / "sync" / "vectors" / "marks.json").read_text("utf-8"))
MONTH_MS = 30 * 24 * 3600 * 1000


@pytest.fixture(autouse=True)
def only_phones_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file with this host's mark is lost with the disk; each commit is a minute of its own."""
    monkeypatch.setattr(marks, "last", lambda _: None)
    monkeypatch.setattr(marks, "EVERY_S", 0)


def put_back(hub: Hub, moment: Moment) -> None:
    with hub.world.app.app_context(), writing() as session:
        moment.put_back(session)


def made(hub: Hub) -> dict[str, Any]:
    return banner(hub.world.units["12286"], hub.world.campaign)


def knows_more(hub: Hub) -> tuple[Teller, Moment]:
    """A client that spoke since the backup, and has no cursor left that tells."""
    one = hub.teller("xa1")
    one.ask(made(hub))
    one.sync()
    moment = hub.moment()
    one.ask(made(hub))
    one.sync()
    one.said["cursors"] = []
    return one, moment


@pytest.mark.parametrize("case", VECTORS["given"], ids=lambda case: case["name"])
def test_what_is_given_out(case: dict[str, Any]) -> None:
    """B-32: the form, and the MAC."""
    key = bytes.fromhex(case["key"])
    mark = WireMark(case["value"], case["at"], case["of_write"])
    assert mark.given(key, case["restored"]) == case["mark"]
    assert len(case["mark"]) <= MARK_LENGTH
    read = WireMark.read(case["mark"])
    assert read is not None
    assert (read.value, read.of_write, read.second) == (mark.value, mark.of_write, mark.second)
    assert read.is_genuine([b"another", key], case["restored"])
    assert not read.is_genuine([key], (case["restored"] or 0) + 1)


@pytest.mark.parametrize("sent", VECTORS["none"])
def test_what_is_no_mark(sent: object) -> None:
    assert WireMark.read(sent) is None


def test_a_mark_alone_gives_a_restore_away(hub: Hub) -> None:
    """B-31: who holds no cursor at all; and once; the app sends again what was lost."""
    one = hub.phone("xa1")
    one.create()
    one.sync()
    moment = hub.moment()
    one.create()
    one.sync()
    one.tamper("cursors")
    put_back(hub, moment)
    one.sync(), one.sync()
    assert hub.told() == [one.restored]
    assert (len(one.records), one.outbox) == (2, [])


def test_the_last_mark_is_said_once(hub: Hub) -> None:
    """B-31: no bytes for what the client has."""
    one, two = hub.teller("xa1"), hub.teller("xa2")
    first = two.ask()
    assert "mark" not in two.ask()
    one.ask(made(hub))
    answer = two.ask()
    assert answer["mark"] != first["mark"]
    assert "mark" not in two.ask()


def test_who_asks_is_given_none(hub: Hub) -> None:
    """B-31: else it would replace the one that still has to be looked at."""
    one, moment = knows_more(hub)
    push = new_id()
    one.send(made(hub), push=push)
    put_back(hub, moment)
    mark = one.said.pop("mark")
    answer = one.ask(ask=push)
    assert (answer["asked"]["known"], "mark" in answer, hub.told()) == (False, False, [])
    one.said["mark"] = mark
    one.sync()
    assert hub.told() == [one.said["restored"]]


def test_an_own_write_needs_no_new_minute(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """B-32: a copy that is seconds older."""
    one, _ = knows_more(hub)
    monkeypatch.setattr(marks, "EVERY_S", 3600)
    moment = hub.moment()
    one.ask(made(hub))
    assert len(one.said["mark"]) == 30
    kept = one.said["mark"]
    one.sync()
    assert one.said["mark"] == kept
    one.said["cursors"] = []
    put_back(hub, moment)
    one.sync()
    assert hub.told() == [one.said["restored"]]


def test_nobody_can_make_one_up(hub: Hub) -> None:
    """B-32: any bit of one that is changed, whatever is beside it."""
    one, _ = knows_more(hub)
    for at in range(22):
        bent = bytearray(base64.urlsafe_b64decode(one.said["mark"] + "=="))
        bent[at] ^= 1
        one.send(mark=base64.urlsafe_b64encode(bent).decode()[:30], restored=1)
    for odd in ("x" * 24, "", "á" * 24, "x" * 10_000, 7, {"mark": 1}, None):
        one.send(mark=odd)
    assert hub.told() == []


def test_one_from_before_the_last_restore_proves_no_other(hub: Hub) -> None:
    """B-32: that client has not heard of it, and is told of that one."""
    one, moment = knows_more(hub)
    put_back(hub, moment)
    with hub.world.app.app_context(), writing() as session:
        restores.tell(session, 1, None)
    one.sync()
    assert hub.told() == [one.said["restored"]]


def test_one_from_after_a_restore_that_the_copy_does_not_know(hub: Hub) -> None:
    """B-32: the same copy a second time, before anything else was told than the restore."""
    one, moment = knows_more(hub)
    put_back(hub, moment)
    one.ask()
    one.said["cursors"] = []
    put_back(hub, moment)
    first = one.said["restored"]
    assert hub.told() == []
    one.sync()
    assert one.said["restored"] == max(hub.told())
    assert sorted(hub.told()) == [first, one.said["restored"]]


def test_one_that_was_dropped_proves_nothing(hub: Hub) -> None:
    """B-32: after 30 days the database has it no more."""
    one, _ = knows_more(hub)
    last = newest(hub)
    for older, proves in ((MONTH_MS + 1000, False), (MONTH_MS - 1000, True)):
        mark = WireMark("0" * 16, last.at - older)
        one.send(mark=mark.given(keys(hub)[0], None))
        assert bool(hub.told()) is proves


def newest(hub: Hub) -> WireMark:
    with hub.world.app.app_context(), reading() as session:
        found = marks.look(session, None).newest
    assert found is not None
    return found


def test_a_clock_set_back_takes_no_mark_behind_the_last(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """B-10: clients are given the latest one, so what another host's clock says must not hide it."""
    one, _ = knows_more(hub)
    before = newest(hub)
    monkeypatch.setattr(marks, "now_ms", lambda: 1_000)
    one.ask(made(hub))
    after = newest(hub)
    assert (after.value != before.value, after.at > before.at) == (True, True)


def keys(hub: Hub) -> tuple[bytes, ...]:
    return streams.cursor_keys(hub.world.keyring)
