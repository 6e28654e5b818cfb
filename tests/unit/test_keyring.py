"""A key for each purpose; those of the first secret are what the one secret of before made (literal values of then)."""

from __future__ import annotations

from pathlib import Path

import pytest
from itsdangerous import URLSafeSerializer, URLSafeTimedSerializer

from server.application import create_app
from server.core import keyring_file
from server.core.clock import stopped_at
from server.core.keyring import FIRST, KEY_BYTES, Keyring, Purpose, Secret
from server.core.secrets_at_rest import EARLIER_TOKEN_BYTES, code_hash, fingerprints, rescue_key_text, token_for
from server.desk import held
from server.services.access.known_browser import known_as, renewed
from server.services.access.sign_in import _stand_in
from server.services.records import streams
from server.serving.installation import installed
from server.settings import Settings

SECRET = "a secret of at least thirty-two characters"
DEVICE = "AAAAAAAAAAAAAAAA"
OLD = keyring_file.of_first(SECRET)
LATER = Secret("later", bytes(range(KEY_BYTES)), 1)
BOTH = Keyring((*OLD.secrets, LATER))
LAST = Keyring((LATER,))

# Made by the version before the keyring, with SECRET.
CODE = "384208973e2617c340f6c7bf5cdb0139f25fb1011abde8e5d0414836adb10b1f"
TOKEN = "jZmoMwBjFq5WMR2GDYA_1klRQl7pOWLS8ehs0Fu1Ut4"
FIRST_HALF = "jZmoMwBjFq5WMR2GDYA_1g"
"""The first 16 bytes of it: the token of the same device since 1.0."""
RESCUE = "J3hMUEbhwwY_QBN42Z6HhFuiTW7XtsEi1YaUm3qYU-E"
FINGERPRINT = "ff68403139a60991"
TAG, TAG_RESTORED = "drawnxxx64eDwNl1", "drawnxxxaTh-M2KT"
BROWSER = ".eJyLjlbKRwNKOkqZaAAoZGyabGpoZmRsaWJpkJhkZqKkYxgbCwDAoxRB.ELYENieeOIs5gRY7Yfe738wkxd8"
HELD = "eyJwYXRoIjoiL2Rlc2svcmVjb3Jkcy9uZXciLCJmaWVsZHMiOltbImEiLCJiIl1dLCJ3aG8iOiIifQ.GdduJ3p0xPZljMDkpCYUHL2VrIg"
STAND_IN = "YQ0XkbmVPpBJ-Skx"
SESSION = "eyJrZXkiOiJ0b2tlbiJ9.a0nSAA.SGbrJB3MBLQfICgq4VB0nz4lT8M"
FORM = "InNlZWQi.a0nSAA.WBIssfQfCnrjgz9QRtvp75hARpU"

CASES = "7f8abd3fd5b06097dc695c137fdbff37981c62330b22c53e07115df8601350bc"
"""HKDF of LATER with "loa:cases" (RFC 5869, 2.2 and 2.3), worked out with hmac alone."""


def tag(ring: Keyring, restored: int | None) -> str:
    return streams.cursors_given(streams.cursor_keys(ring)[0], "U" * 16, "C" * 16, 12, "drawnxxx", restored)


def test_the_first_secret_makes_what_it_made() -> None:
    assert code_hash("1234567890123456", OLD.current(Purpose.CODES)) == CODE
    assert token_for(DEVICE, "a nonce", OLD.current(Purpose.TOKENS), EARLIER_TOKEN_BYTES) == TOKEN
    assert token_for(DEVICE, "a nonce", OLD.current(Purpose.TOKENS)) == "jZmoMwBjFq5WMR2GDYA_1g", (
        "since 1.0 its first half"
    )
    assert rescue_key_text(DEVICE, OLD.current(Purpose.RESCUE)) == RESCUE
    assert fingerprints(OLD) == [FINGERPRINT]
    assert (tag(OLD, None), tag(OLD, 5)) == (TAG, TAG_RESTORED)


@pytest.mark.parametrize("ring", [OLD, BOTH], ids=["alone", "beside a later one"])
@pytest.mark.slow
def test_what_the_first_secret_signed_is_recognised(tmp_path: Path, ring: Keyring) -> None:
    with stopped_at(2):
        assert known_as(BROWSER, "o" * 16, "$argon2id$hash", ring) == "i" * 16
    assert _stand_in("nobody", ring).compile().params["id_1"] == STAND_IN
    file = tmp_path / "data" / keyring_file.NAME
    file.parent.mkdir()
    if ring is BOTH:
        keyring_file.write(file, Keyring((*OLD.secrets, keyring_file.new_secret(1))))
    app = create_app(Settings.from_environment({"LOA_SECRET_KEY": SECRET, "LOA_DATA_DIR": str(file.parent)}))
    with app.app_context():
        kept = held.read(HELD)
        assert kept is not None
        assert (kept.path, kept.fields) == ("/desk/records/new", [("a", "b")])
        cookies = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        assert cookies.loads(SESSION) == {"key": "token"}
        assert URLSafeTimedSerializer(app.config["WTF_CSRF_SECRET_KEY"], salt="wtf-csrf-token").loads(FORM) == "seed"
        assert len(cookies.secret_keys) == len(ring.secrets)
        assert app.secret_key == installed(app).keyring.current(Purpose.SESSIONS).material


def test_the_first_secret_alone_signs_as_it_did() -> None:
    """Who goes back to the version before finds everybody signed in."""
    signed = URLSafeSerializer(OLD.signing(Purpose.HELD), salt="desk.held")
    assert signed.dumps({"path": "/desk/records/new", "fields": [["a", "b"]], "who": ""}) == HELD
    kept = renewed(None, "o" * 16, "$argon2id$hash", OLD)
    assert URLSafeSerializer(SECRET, salt="known-browser").loads(kept)[0][0] == "o" * 16


def test_a_later_key_is_of_its_purpose_alone() -> None:
    keys = [LAST.current(purpose).material for purpose in (*Purpose, "cases")]
    assert len({*keys, LATER.material}) == len(keys) + 1
    assert {len(key) for key in keys} == {KEY_BYTES}
    assert LAST.current("cases").material.hex() == CASES


def test_a_later_purpose_gets_no_secret_of_the_first_one_either() -> None:
    assert OLD.current("cases").material != SECRET.encode()
    assert OLD.current("cases") != OLD.current("others")


def test_the_newest_makes_and_all_recognise() -> None:
    assert (BOTH.current(Purpose.CODES).id, [key.id for key in BOTH.all(Purpose.CODES)]) == ("later", ["later", FIRST])
    assert BOTH.by_id("cases", FIRST) == OLD.current("cases")
    assert BOTH.by_id("cases", "later") == LAST.current("cases")
    assert LAST.by_id("cases", FIRST) is None
    assert BOTH.signing(Purpose.HELD) == [SECRET.encode(), LAST.current(Purpose.HELD).material]
    assert fingerprints(BOTH) == [*fingerprints(LAST), FINGERPRINT]


def test_a_browser_of_an_older_key_is_known_until_that_is_retired() -> None:
    kept = renewed(None, DEVICE, "hash", OLD)
    assert known_as(kept, DEVICE, "hash", BOTH) is not None
    assert known_as(kept, DEVICE, "hash", LAST) is None
    assert known_as(kept, DEVICE, "another", BOTH) is None
    assert known_as(renewed(kept, DEVICE, "hash", BOTH), DEVICE, "hash", LAST) is not None


def test_no_secret_is_printed(tmp_path: Path) -> None:
    settings = Settings.from_environment({"LOA_SECRET_KEY": SECRET, "LOA_DATA_DIR": str(tmp_path)})
    said = f"{BOTH!r} {BOTH.current(Purpose.CODES)!r} {settings!r}"
    assert SECRET not in said
    assert repr(LATER.material) not in said
