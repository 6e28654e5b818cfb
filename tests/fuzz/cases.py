"""Cases: what schemathesis makes from the document, with real things laid on most of them."""

from __future__ import annotations

import gzip
import json
from contextlib import suppress
from ipaddress import IPv4Address
from random import Random
from typing import Any

import schemathesis
from hypothesis import strategies as st
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.core.parameters import ParameterLocation
from schemathesis.transport.serialization import Binary

from fuzz.seeds import Seeds, checksum, metadata
from server.core.clock import new_id
from support.clients.documented import Document, Undocumented
from support.clients.write_only import Json
from sync.registry import KINDS

ODD_VALUES: list[Any] = [
    None,
    True,
    False,
    0,
    -1,
    2**60,
    1.5,
    "",
    "chữ",
    "a\x00b",
    "\ud800",
    [],
    ["a"],
    {},
    {"a": 1},
    {"a": [1]},
]
ODD_RANGES = ["bytes=0-9", "bytes=-5", "bytes=99999999-", "bytes=9-1", "x"]
CURSOR = ("unit", "campaign", "position", "tag", "floor")
SOME, MOST = 0.2, 0.75


@schemathesis.serializer("application/offset+octet-stream")
def octets(_: schemathesis.SerializationContext, value: Any) -> bytes:
    """Return the body as it is sent."""
    if isinstance(value, Binary):
        return value.data
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


@schemathesis.deserializer("application/x-ndjson")
def lines(_: schemathesis.DeserializationContext, response: schemathesis.Response) -> list[Any]:
    """Return the lines as the document describes them."""
    return [json.loads(line) for line in response.content.decode().split("\n")[:-1]]


class Source:
    """What cases are made of. No dataclass: with an error Hypothesis would print all its fields, the document too."""

    def __init__(self, operation: APIOperation[Any, Any, Any, Any], mode: GenerationMode, seeds: Seeds) -> None:
        self.operation, self.seeds = operation, seeds
        self.made = operation.as_strategy(generation_mode=mode)


@st.composite
def cases(draw: st.DrawFn, source: Source) -> Case[Any]:
    """A case with a token; what was made wrong on purpose is left as it is.

    What is laid on is chosen by a drawn number: Hypothesis wants the same draws whatever the server answered before.
    """
    operation, seeds = source.operation, source.seeds
    case: Case[Any] = draw(source.made)
    dice = Random(draw(st.integers(0, 2**32)))
    headers = {str(name): str(value) for name, value in (case.headers or {}).items()}
    headers.pop("Authorization", None)
    if operation.definition.raw.get("security"):
        tokens = seeds.odd_tokens if dice.random() < SOME / 3 else seeds.tokens
        headers["Authorization"] = f"Bearer {dice.choice(tokens)}"
    headers["X-Forwarded-For"] = str(IPv4Address(dice.getrandbits(32)))  # wrong codes are counted by address
    case.headers = headers  # type: ignore[assignment]
    if dice.random() < MOST:
        _lay_on(dice, case, seeds)
    _encode(dice, case)
    return case


def _lay_on(dice: Random, case: Case[Any], seeds: Seeds) -> None:
    path = case.operation.path
    if "uploads" in path:
        _upload(dice, case, seeds)
    elif path.endswith("/sync"):
        _sync(dice, case, seeds)
    elif path.endswith("/enrolment") and _sound(case, ParameterLocation.BODY):
        case.body = {"code": seeds.world.code("xa1"), "label": dice.choice(["máy", ""]), "nonce": new_id()}
    elif (named := _named(dice, path, seeds)) and _sound(case, ParameterLocation.PATH):
        case.path_parameters = named
    if case.method.upper() == "POST" and _sound(case, ParameterLocation.BODY):
        if path.endswith("/reply"):
            case.body = {"id": new_id(), "decision": seeds.returned[1], "text": "Đã chụp lại", "at": 1}
        elif "figures" in path:  # what is confirmed is what was shown last, else nothing
            unit = str((case.path_parameters or {}).get("unit"))
            case.body = {"shown": seeds.shown.get(unit, {}), "empty": dice.random() < SOME}
    if case.method.upper() == "GET" and dice.random() < SOME:
        case.headers["Range"] = dice.choice(ODD_RANGES)


def _named(dice: Random, path: str, seeds: Seeds) -> Json | None:
    """What there is at an address of this form."""
    if "photos" in path:
        record, photo = dice.choice(seeds.kept)
        return {"record": record, "key": photo.sha256[:16], "size": dice.choice(["thumb", "full"])}
    if "documents" in path:
        return dict(zip(("record", "key"), seeds.document, strict=True))
    if "records" in path:
        return {"record": seeds.returned[0] if path.endswith("/reply") else dice.choice(seeds.records)}
    if "figures" in path:
        unit = seeds.world.units[dice.choice(["12286", "12397"])]
        return {"campaign": seeds.world.campaign, "unit": unit}
    return {"file": dice.choice(seeds.files)} if "files" in path else None


def _sound(case: Case[Any], location: ParameterLocation) -> bool:
    """True for a part of the request that was not made wrong on purpose."""
    part = case.meta.components.get(location) if case.meta else None
    return part is None or part.mode is GenerationMode.POSITIVE


def _upload(dice: Random, case: Case[Any], seeds: Seeds) -> None:
    sha256, data = dice.choice(sorted(seeds.bodies.items()))
    if "sha256" in (case.path_parameters or {}) and _sound(case, ParameterLocation.PATH):
        case.path_parameters = {"sha256": sha256}
    method = case.method.upper()
    if not _sound(case, ParameterLocation.HEADER):
        return
    if method != "OPTIONS":
        case.headers["Tus-Resumable"] = "1.0.0"
    if method not in ("POST", "PATCH"):
        return
    start = dice.choice([0, 1000, len(data)]) if method == "PATCH" else 0
    if method == "PATCH" and seeds.begun and dice.random() < MOST and _sound(case, ParameterLocation.PATH):
        sha256, (case.headers["Authorization"], start) = dice.choice(sorted(seeds.begun.items()))
        case.path_parameters, data = {"sha256": sha256}, seeds.bodies[sha256]
    if method == "POST":
        case.headers.update({"Upload-Length": str(len(data)), "Upload-Metadata": metadata(sha256)})
    else:
        case.headers["Upload-Offset"] = str(start)
    if _sound(case, ParameterLocation.BODY):
        end = len(data) if dice.random() < SOME / 2 else min(start + dice.choice([0, 1000]), len(data))
        case.body = data[start:end]
        case.media_type = "application/offset+octet-stream"
        case.headers.pop("Upload-Checksum", None)
        if dice.random() < SOME:
            case.headers["Upload-Checksum"] = checksum(data[start:end] if dice.random() < MOST else b"other")


def _sync(dice: Random, case: Case[Any], seeds: Seeds) -> None:
    if dice.random() < 0.5:
        case.headers["Accept"] = "application/x-ndjson"
    if not _sound(case, ParameterLocation.BODY):
        return
    cursors = {row["tag"]: row for row in dice.sample(list(seeds.cursors), min(3, len(seeds.cursors)))}.values()
    body: Json = {"app": 3, "cursors": [{key: row[key] for key in CURSOR} for row in cursors]}
    if dice.random() < 0.5:
        body |= {"writes": [_write(dice, seeds) for _ in range(dice.randrange(4))], "push": new_id()}
    elif seeds.pushes and dice.random() < 0.5:
        body["ask"] = dice.choice(list(seeds.pushes))
    if dice.random() < 0.5:
        body["photos"] = dice.sample(sorted(seeds.bodies), 4)
    made = case.body if isinstance(case.body, dict) else {}
    case.body = made | body if dice.random() < SOME and not body.get("writes") and not made.get("writes") else body


def _write(dice: Random, seeds: Seeds) -> Json:
    """A create or an edit, most of them good."""
    kind = dice.choice(list(KINDS))
    names = [*(each.name for each in KINDS[kind].fields), "other", "nil/banners", "aired/20210730", "photos/x"]
    said = {dice.choice(names): dice.choice(ODD_VALUES)} if dice.random() < SOME else {}
    write: Json = {"id": new_id(), "at": dice.randrange(2**41), "set": {"submitted": True, **said}}
    if seeds.writes and dice.random() < 0.5:
        known = dice.choice(list(seeds.writes))
        return write | {"record": known["record"], "seen": [known["id"]]}
    return write | {
        "kind": kind,
        "unit": dice.choice(list(seeds.world.units.values())),
        "campaign": seeds.world.campaign,
    }


def _encode(dice: Random, case: Case[Any]) -> None:
    """Where the header says gzip it is gzip, mostly."""
    if case.media_type != "application/json" or not _sound(case, ParameterLocation.BODY):
        return
    case.headers.pop("Content-Encoding", None)
    if dice.random() < SOME:
        case.headers["Content-Encoding"] = "gzip" if dice.random() < MOST else dice.choice(["br", "x", "gzip, gzip"])


def may_pass(case: Case[Any], document: Document) -> bool:
    """True where schemathesis says "wrong" of what is not: any bytes are octets, OPTIONS is the same everywhere.

    So is a request to sync of which only writes, `known`, `held` or `mark` are wrong: each is judged alone (SPEC X-2).
    """
    parts = case.meta.components.items() if case.meta else []
    wrong = {location for location, part in parts if part.mode is GenerationMode.NEGATIVE}
    # The header that is wrong may be the token, which a case has anew.
    if (
        ParameterLocation.BODY in wrong
        and wrong <= {ParameterLocation.BODY, ParameterLocation.HEADER}
        and case.operation.path.endswith("/sync")
        and isinstance(case.body, dict)
    ):
        names = document.content["components"]["schemas"]["SyncIn"]["properties"]
        rest = {name: value for name, value in case.body.items() if name in names and name not in ("held", "mark")}
        for name in ("writes", "known"):
            if isinstance(items := rest.get(name), list) and len(items) <= names[name]["maxItems"]:
                rest[name] = []
        with suppress(Undocumented):
            document.check({"$ref": "#/components/schemas/SyncIn"}, rest, closed=False)
            return True
        return False
    octets_alone = wrong == {ParameterLocation.BODY} and "uploads" in case.operation.path
    return not wrong or octets_alone or case.operation.method == "options"


def packed(case: Case[Any]) -> bytes | None:
    """Return the gzipped body of a case that says so."""
    if case.headers.get("Content-Encoding") != "gzip" or not isinstance(case.body, dict):
        return None
    return gzip.compress(json.dumps(case.body).encode())
