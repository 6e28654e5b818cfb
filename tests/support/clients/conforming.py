"""The clients of SPEC's levels as `loa conform --client` speaks to them: a JSON object a line, and one back.

python -m support.clients.conforming write-only
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from pathlib import Path

from support.clients.reader import Reader
from support.clients.write_only import Cut, Json, WriteOnly, is_code


def do(client: WriteOnly, asked: Json) -> Json:
    """Do what was asked and return what is to be said (sync/vectors/README.md)."""
    match asked.pop("do"):
        case "code":
            return {"ok": is_code(asked["typed"])}
        case "save":
            return {"id": client.save(asked.pop("set"), asked.pop("record", None), **asked)}
        case "sync":
            with suppress(Cut):
                client.begin()
                return {"request": client.request()}
        case "answer":
            with suppress(Cut):
                client.answer(asked["status"], asked["body"], asked["retry_after"])
                return {"request": client.request()}
        case "state":
            kept = client.kept
            said = {"outbox": [row["id"] for row in kept["outbox"]], "records": {}}
            said["refused"] = {id_: row["code"] for id_, row in kept["refused"].items()}
            if isinstance(client, Reader):
                found = {id_: (client.shown(id_)[0], client.state(id_)) for id_ in asked["records"]}
                said["records"] = {id_: {"fields": fields, "state": state} for id_, (fields, state) in found.items()}
            return said
    return {"request": None}


def main() -> None:
    """Answer until nothing more is asked."""
    client = {"write-only": WriteOnly, "read": Reader}[sys.argv[1]](Path.cwd())
    for line in sys.stdin:
        sys.stdout.write(json.dumps(do(client, json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
