"""Only a cursor that this server gave out proves a restore; what a phone makes up concerns it alone (C-5, C-6)."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from sqlalchemy import select

from server.core.clock import new_id, now_ms
from server.core.db import reading, writing
from server.core.keyring_file import of_first
from server.models import WriteRow
from server.services.continuity import marks
from server.services.records import streams
from server.services.recovery import restores
from support.clients import teller
from support.clients.teller import Teller, banner
from support.installation.moment import Moment
from support.installation.restored import Hub, replace_device


@pytest.fixture(autouse=True)
def no_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole disk is put back, and no minute is over since: cursors alone can tell (B-12)."""
    monkeypatch.setattr(marks, "last", lambda _: None)
    monkeypatch.setattr(teller, "SAID_BACK", ("restored",))


def put_back(hub: Hub, moment: Moment) -> None:
    with hub.world.app.app_context(), writing() as session:
        moment.put_back(session)


def two_clients(hub: Hub) -> tuple[Teller, Teller]:
    """Each has made a record, and holds both."""
    one, two = hub.teller("xa1"), hub.teller("xa2")
    for client in (one, two):
        client.ask(made(hub))
    one.sync(), two.sync()
    return one, two


def made(hub: Hub) -> dict[str, Any]:
    return banner(*place(hub))


def place(hub: Hub) -> tuple[str, str]:
    return hub.world.units["12286"], hub.world.campaign


@pytest.mark.parametrize(
    "made_up",
    [
        {"position": 99_999, "tag": "x"},
        {"tag": "x" * 16},
        {"tag": "không phải thẻ"},
        {"position": 3},
        {"position": 2**53 - 1},
    ],
)
def test_a_made_up_cursor_is_no_restore(hub: Hub, made_up: dict[str, Any]) -> None:
    """B-12, C-6: that client begins from zero; nobody else is told anything, no number jumps."""
    one, two = two_clients(hub)
    one.held.clear()
    one.cursor(*place(hub)).update(made_up)
    one.sync(), two.sync()
    assert hub.told() == []
    assert [client.said.get("restored") for client in (one, two)] == [None, None]
    assert len(one.held) == 2
    assert one.ask(made(hub))["results"][0]["number"] == "BR-3"
    assert [cursor["reset"] for cursor in two.ask()["cursors"]] == [False, False]


def test_after_a_reset_a_client_sends_its_own_writes_again(hub: Hub) -> None:
    """B-20, C-4: once, though nobody says that there was a restore."""
    one, two = hub.phone("xa1"), hub.phone("xa2")
    mine = one.create()
    two.create()
    for phone in (one, two, one):
        phone.sync()
    cursor = one.cursors[place(hub)]
    one.tamper("cursors", row=cursor | {"tag": "x" * 16})
    sent: list[str] = []
    one.wire.heard = lambda asked, _: sent.extend(write["id"] for write in asked.get("writes", []))
    one.sync(), one.sync()
    assert sent == [mine]
    assert (one.restored, one.outbox, len(one.records)) == (None, [], 2)


def test_half_of_a_tag_cannot_be_kept_for_another_position(hub: Hub) -> None:
    """C-5: the MAC is over unit, campaign and position."""
    one, two = two_clients(hub)
    cursor = one.cursor(*place(hub))
    two.ask(made(hub))
    cursor["position"] += 5
    one.cursor(hub.world.units["12286"], hub.world.practice).update(cursor | {"campaign": hub.world.practice})
    one.sync()
    assert hub.told() == []


def test_a_later_restore_alone_proves_nothing(hub: Hub) -> None:
    """B-12: not even with cursors, for those are known."""
    one, two = two_clients(hub)
    for later in (now_ms() - 1, now_ms() + 10**9, 2**53 - 1):
        one.said["restored"] = later
        one.sync(), two.sync()
    assert (hub.told(), two.said.get("restored")) == ([], None)


@pytest.mark.slow
def test_a_genuine_cursor_of_a_later_restore_gives_the_next_one_away(hub: Hub) -> None:
    """B-12: put back to before it was put back; the phone names the restore that this database does not know."""
    one, two = two_clients(hub)
    moment = hub.moment()
    with hub.world.app.app_context(), writing() as session:
        restores.tell(session, 1, None)
    two.ask()
    two.ask(made(hub))
    put_back(hub, moment)
    one.sync()  # knows nothing that this database does not
    assert len(hub.told()) == 0
    two.sync(), one.sync()
    assert one.said["restored"] == two.said["restored"] == max(hub.told())


@pytest.mark.slow
def test_a_cursor_of_a_lost_time_line_is_no_restore_again(hub: Hub) -> None:
    """B-12: kept from before and sent again and again, with whatever restore beside it."""
    one, two = two_clients(hub)
    moment = hub.moment()
    for _ in range(2):
        one.ask(made(hub))
    lost = copy.deepcopy(one.said["cursors"])
    put_back(hub, moment)
    one.sync()
    told = hub.told()
    assert len(told) == 1
    for restored in (None, told[0], told[0] - 1, told[0] + 1, 2**53 - 1):
        one.said |= {"cursors": copy.deepcopy(lost), "restored": restored}
        one.sync(), two.sync()
        assert hub.told() == told
    assert two.said["restored"] == told[0]


def test_tags_of_before_the_update_are_known(hub: Hub) -> None:
    """C-6: as they were drawn, all 16 characters; nobody pulls anew."""
    one, _ = two_clients(hub)
    with hub.world.app.app_context(), reading() as session:
        drawn = {row.position: row.tag for row in session.scalars(select(WriteRow))}
    cursor = one.cursor(*place(hub))
    given, cursor["tag"] = cursor["tag"], drawn[cursor["position"]]
    assert given != cursor["tag"]
    answer = one.send()
    assert answer["changes"] == []
    assert {(told["reset"], told["tag"]) for told in answer["cursors"] if told["position"]} == {(False, given)}


def test_an_app_too_old_has_no_cursor_made_genuine(hub: Hub) -> None:
    """V-1, C-2: its cursors come back as they were sent, and nobody looked at them."""
    one, _ = two_clients(hub)
    one.cursor(*place(hub)).update({"position": 99, "tag": new_id()})
    one.ask(app=0)
    one.sync()
    assert hub.told() == []


def test_who_was_replaced_may_give_it_away_too(hub: Hub) -> None:
    """B-12, X-23: their cursor is as genuine as any."""
    one = hub.teller("xa1")
    one.sync()
    moment = hub.moment()
    one.ask(made(hub))
    put_back(hub, moment)
    replace_device(hub, "xa1")
    one.sync()
    assert hub.told() == [one.said["restored"]]


def test_the_tag_is_of_all_that_the_cursor_says_and_of_this_server() -> None:
    """C-5."""
    given = [
        streams.cursors_given(streams.cursor_keys(of_first(secret))[0], unit, "c", position, "drawnxxx", restored)
        for secret, unit, position, restored in (
            ("a", "u", 1, None),
            ("b", "u", 1, None),
            ("a", "v", 1, None),
            ("a", "u", 2, None),
            ("a", "u", 1, 5),
        )
    ]
    assert len(set(given)) == 5
    assert {(len(tag), tag[:8]) for tag in given} == {(16, "drawnxxx")}
