"""How the phone without a screen takes changes with their cursors (SPEC C-2, C-4, X-7 to X-10, B-2, L-10, L-12)."""

from __future__ import annotations

from support.clients.installed import Cursors, Held, Installed, Json, lay, place_of

CURSOR = ("unit", "campaign", "position", "tag", "floor")
ZERO: Json = {"position": 0, "floor": 0}


class Pulling(Installed):
    """An installation that the server's changes reach."""

    def _commit(self, changes: list[Json], cursors: list[Json]) -> None:
        """Take a block with its cursors, in one transaction."""
        before = dict(self.cursors)
        for cursor in cursors:
            if cursor["reset"]:
                before.pop((cursor["unit"], cursor["campaign"]), None)
                self._reset(cursor)
        for change in changes:
            self._change(change)
        self.cursors = {(c["unit"], c["campaign"]): {k: c[k] for k in CURSOR} for c in cursors}
        self.lines = {(c["unit"], c["campaign"]): (c.get("sealed"), c.get("closed")) for c in cursors}
        self._drop()
        self._fold({change["record"] for change in changes}, before)

    def _drop(self) -> None:
        """L-10: drop what is out of scope, but never the outbox nor refused writes; a Keeper remembers some of it."""
        places = self.cursors.keys()
        self.records = {
            id_: held for id_, held in self.records.items() if (held.head["unit"], held.head["campaign"]) in places
        }
        self.stored = [write for write in self.stored if place_of(write) in places]

    def _reset(self, cursor: Json) -> None:
        """C-4, without the memory of 30 days: a real phone pushes again what the server does not bring back."""
        self.records = {
            id_: held
            for id_, held in self.records.items()
            if (held.head["unit"], held.head["campaign"]) != (cursor["unit"], cursor["campaign"])
        }

    def _change(self, change: Json) -> None:
        """Take one change (X-7, L-12)."""
        if change.get("purged"):
            self._purge(change["record"])
            return
        head = {name: change[name] for name in ("record", "kind", "unit", "campaign", "number")}
        held = self.records.setdefault(change["record"], Held(head))
        held.head, held.decision = head, change["decision"]
        held.written = change.get("written", held.written)
        held.received = change.get("received", held.received)
        new = {write["id"]: write for write in change["writes"]}
        if change["whole"]:
            held.fields, held.writes = {}, {}
        touched = {name for write in new.values() for name in write["set"]} | set(change.get("keep", {}))
        for name in touched:
            held.fields[name] = [id_ for id_, write in new.items() if name in write["set"]]
            held.fields[name] += change.get("keep", {}).get(name, [])
        for id_, write in new.items():
            held.writes.setdefault(id_, {"at": write["at"], "set": {}, "seen": write.get("seen", [])})
            held.writes[id_]["set"] = held.writes[id_]["set"] | write["set"]

    def _purge(self, record: str) -> None:
        """L-12: drop everything of the record, the outbox included."""
        self.records.pop(record, None)
        for mine in (self.outbox, self.stored, self.aside):
            mine[:] = [write for write in mine if write["record"] != record]
        self.refused = {write["id"]: self.refused[write["id"]] for write in self.aside}

    def _fold(self, told: set[str], before: Cursors) -> None:
        """X-9, X-10: own writes that the cursor passes join the pulled records, laid over them if no change shows them.

        A write that the cursor passed earlier is in the pulled record already, or was replaced there.
        """
        rest = []
        for write in sorted(self.stored, key=lambda write: write["position"]):
            place = place_of(write)
            cursor = self.cursors.get(place)
            if cursor is None or cursor["position"] < write["position"]:
                rest.append(write)
            elif write["record"] not in told and before.get(place, ZERO)["position"] < write["position"]:
                head = {
                    "record": write["record"],
                    **write["home"],
                    "kind": write.get("kind"),
                    "number": write["number"],
                }
                held = self.records.setdefault(write["record"], Held(head))
                lay(held.fields, held.writes, write)
                held.written = max(held.written, write["position"])
                held.received = max(held.received, write["received"])
        self.stored = rest
