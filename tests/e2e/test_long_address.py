"""An address longer than the server reads is answered in words, by whoever refuses it."""

from __future__ import annotations

import urllib.error
import urllib.request

import pytest

from server.processes import long_address
from support.installation.served import Served

pytestmark = [pytest.mark.slow, pytest.mark.databases("sqlite")]


def said(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_a_long_address_is_refused_in_words(live: Served) -> None:
    status, body = said(f"{live.url}/desk/sign-in?next={'x' * 5000}")
    assert (status, "URI Too Long" in body) == (200, False)
    status, body = said(f"{live.url}/desk/results?q={'x' * long_address.MOST}")
    assert status == 414
    assert "Địa chỉ quá dài" in body
    assert "The address is too long" in body
    assert "LimitRequestLine" in live.log.read_text()
