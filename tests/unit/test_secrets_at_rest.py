"""Tokens and passwords as they are made and stored: long enough, never twice the same, hashed as OWASP advises."""

from __future__ import annotations

import base64

from server.core.keyring import Key
from server.core.passwords import hash_password
from server.core.secrets_at_rest import new_device_token, new_token, token_for, token_hash


def test_a_token_has_256_random_bits_and_is_stored_as_a_hash() -> None:
    tokens = [new_token() for _ in range(1000)]
    raw = [base64.urlsafe_b64decode(token + "=") for token in tokens]
    assert {len(each) for each in raw} == {32}
    assert len(set(raw)) == 1000
    for at in range(32):  # each byte is drawn: of 1000 draws far more than 200 values are different
        assert len({each[at] for each in raw}) > 200
    assert tokens[0] not in token_hash(tokens[0])
    assert len(token_hash(tokens[0])) == 64


def test_a_device_token_has_128_random_bits() -> None:
    """However it was made: drawn here, or derived from what the phone drew."""
    key = Key("k", b"m" * 32)
    for tokens in ([new_device_token() for _ in range(1000)], [token_for("d", str(each), key) for each in range(1000)]):
        raw = [base64.urlsafe_b64decode(token + "==") for token in tokens]
        assert {len(each) for each in raw} == {16}
        assert all(len({each[at] for each in raw}) > 200 for at in range(16))


def test_a_password_is_hashed_with_argon2id_19_mib_and_a_salt_of_its_own() -> None:
    one, two = (hash_password("mật khẩu để thử 111") for _ in range(2))
    assert one.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert one != two
