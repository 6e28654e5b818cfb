"""Who looks changes nothing: no page of the desk writes when it is asked for, whatever waits to be made behind it.

Asked are the pages whose address names nothing, or what each province has: a unit, a campaign, a person, a device, a
record, a lock, a paper. Those of drafts, cases, trainings, rescue files and links with a token are not. But that
somebody looked at what only some may see, took a file away or was refused, is a line in a log.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from server.core.db import reading
from server.models import Device
from support.checks.statements import statements
from support.clients.desk import MakeDesk
from support.world.issuing import make
from support.world.locking import lock
from support.world.world import World

CHANGE = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+\"?(\w+)")
LOGS = {"audit_line", "audit_head", "wrong_try", "case_log_line", "case_try"}


PAGES = {"huyen": 40, "tinh": 48, "quantri": 50}
"""So many answer each of them, at least."""


def written(sent: list[str]) -> set[str]:
    """The tables that these statements write to: neither a log, nor the mark of the minute that a log's line began."""
    tables = {found[1] for each in sent if (found := CHANGE.match(each))}
    return tables - LOGS - ({"mark"} if tables & LOGS else set())


@pytest.mark.slow
def test_no_page_writes(world: World, desk: MakeDesk, phone: Callable[..., Any]) -> None:
    officer = phone("xa1")
    made = [officer.create(quantity=number) for number in (1, 2, 3)]
    officer.sync()
    with world.app.app_context(), reading() as session:
        device = session.scalars(select(Device.id)).first()
    known = {"unit": world.units["331"], "campaign": world.campaign, "officer": world.officers["xa1"], "device": device}
    known |= {"record": made[0], "kind": "banner", "username": "xa1"}
    known |= {"freeze": lock(world, "tinh", "33"), "paper": make(world, "tinh", "33")}
    paths = sorted(
        re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(known[found[1]]), rule.rule)
        for rule in world.app.url_map.iter_rules()
        if rule.rule.startswith("/desk") and "GET" in (rule.methods or ()) and rule.arguments <= known.keys()
    )
    asked, found, broken = Counter[str](), dict[tuple[str, str], set[str]](), list[tuple[str, str, int]]()
    for account in PAGES:
        one = desk(account)
        for path in paths:
            with statements(world) as sent:
                answer = one.http.get(path, buffered=True)
            asked[account] += answer.status_code == 200
            if answer.status_code >= 500:
                broken.append((account, path, answer.status_code))
            if wrote := written(sent):
                found[account, path] = wrote
    assert found == {}
    assert broken == []
    assert {account: asked[account] >= least for account, least in PAGES.items()} == dict.fromkeys(PAGES, True), asked
