"""Who looks changes nothing: no page of the desk writes when it is asked for, whatever waits to be made behind it.

But that somebody looked at what only some may see, took a file away or was refused, is a line in a log.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from support.checks.statements import statements
from support.world.world import World

MakeDesk = Callable[..., Any]
CHANGE = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+\"?(\w+)")
LOGS = {"audit_line", "audit_head", "wrong_try", "case_log_line", "case_try"}


def written(sent: list[str]) -> set[str]:
    """The tables that these statements write to."""
    return {found[1] for each in sent if (found := CHANGE.match(each))}


@pytest.mark.slow
def test_no_page_writes(world: World, desk: MakeDesk, phone: Callable[..., Any]) -> None:
    officer = phone("xa1")
    made = [officer.create(quantity=number) for number in (1, 2, 3)]
    officer.sync()
    paths = sorted(
        rule.rule
        for rule in world.app.url_map.iter_rules()
        if rule.rule.startswith("/desk") and "GET" in (rule.methods or ()) and not rule.arguments
    )
    assert len(paths) > 20
    asked, found = 0, dict[tuple[str, str], set[str]]()
    for account in ("huyen", "tinh", "quantri"):
        one = desk(account)
        for path in (*paths, f"/desk/records/{made[0]}"):
            with statements(world) as sent:
                answer = one.http.get(path, buffered=True)
            asked += answer.status_code == 200
            if wrote := written(sent) - LOGS:
                found[account, path] = wrote
    assert found == {}
    assert asked > 30
