"""W5: two people edit one record while both are offline. Behaviour, not speed; clients/phone.py is the phone."""

from __future__ import annotations

import json
from typing import Any

from bench import wire
from bench.device import APP
from bench.hub import Hub
from bench.lab import Lab
from bench.table import Line
from support.clients.phone import Phone


def run(lab: Lab) -> list[Line]:
    """Different fields are merged; of one field both values are kept and both people are told."""
    said = []
    for engine in lab.engines:
        with lab.hub(engine) as hub:
            said.append(f"{engine}: {_both(hub)}")
    return [Line("W5", "two edit one record offline", "", target="; ".join(said))]


def _both(hub: Hub) -> str:
    one, two = (Phone(_sender(hub, token), hub.units[0], hub.campaign) for token in (hub.tokens[0], hub.token(0)))
    record = one.create(note="ban đầu", hamlet="Thôn Tạ Thượng")
    one.sync()
    two.sync()
    one.edit(record, hamlet="Thôn Tạ Trung")
    two.edit(record, quantity=3)
    one.edit(record, note="chữ của người thứ nhất")
    two.edit(record, note="chữ của người thứ hai")
    other = two.create(note="việc khác")
    for phone in (one, two, one):
        phone.sync()
    shown = [json.dumps(phone.shown(), sort_keys=True) for phone in (one, two)]
    state = one.state(record)
    merged = (state.value("hamlet"), state.value("quantity")) == ("Thôn Tạ Trung", 3)
    told = one.state(record).conflicts == two.state(record).conflicts == ["note"] and len(state.sides("note")) == 2
    free = other in one.records and not one.outbox and not two.outbox
    verdicts = {"merged": merged, "both kept and told": told, "nothing blocked": free, "same": shown[0] == shown[1]}
    failed = [name for name, good in verdicts.items() if not good]
    return f"FAILED: {', '.join(failed)}" if failed else ", ".join(verdicts)


def _sender(hub: Hub, token: str) -> Any:
    def send(body: dict[str, Any]) -> tuple[int, Any]:
        answer = wire.sync(hub.port, token, body | {"app": APP})
        return answer.status, answer.whole()

    return send
