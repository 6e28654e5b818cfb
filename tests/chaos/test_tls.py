"""nginx as it is advised, with its certificate: which TLS it speaks, and what it writes into its logs."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

import pytest

from chaos import nginx
from support.installation.certificate import certificate
from support.installation.ports import LOOPBACK, free_port

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(nginx.program() is None, reason="no nginx on this machine"),
]
ANY = ssl.TLSVersion.MINIMUM_SUPPORTED
NEW, NEWEST = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


def client(newest: ssl.TLSVersion = NEWEST, ciphers: str = "ALL") -> ssl.SSLContext:
    """A client that would take anything, so that the server alone refuses."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    made.set_ciphers(f"{ciphers}:@SECLEVEL=0")
    made.minimum_version, made.maximum_version = ANY, newest
    return made


def connected(port: int, context: ssl.SSLContext) -> ssl.SSLSocket:
    return context.wrap_socket(socket.create_connection((LOOPBACK, port), timeout=10))


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated:DeprecationWarning")
def test_it_speaks_tls_1_2_and_1_3_with_good_ciphers_alone(tmp_path: Path) -> None:
    with nginx.before(free_port(), tmp_path / "nginx", certificate(tmp_path)) as port:
        for newest in (NEW, NEWEST):
            with connected(port, client(newest)) as line:
                name, version, _ = line.cipher() or ("", "", 0)
            assert version == newest.name.replace("_", ".")
            assert "GCM" in name or "CHACHA20" in name
        for refused in (
            client(ssl.TLSVersion.TLSv1_1),
            client(NEW, "ECDHE-ECDSA-AES128-SHA"),
            client(NEW, "AES128-SHA"),
        ):
            with pytest.raises(ssl.SSLError, match="ALERT"):
                connected(port, refused)


SECRET = (
    "/desk/welcome/seCret",
    "/class/seCret",
    "/desk/exports/link/seCret.csv",
    "/desk/cases/seCret",
    "/desk/cases?page=seCret",
    "/desk/case-rights/seCret/give",
    "/desk/annex/seCret",
)


def test_no_link_and_no_case_is_in_its_logs(tmp_path: Path) -> None:
    """Nor where the server behind does not answer, which nginx tells its error log of."""
    with nginx.before(free_port(), tmp_path / "nginx", certificate(tmp_path)) as port:
        for path in (*SECRET, "/desk/sign-in"):
            with connected(port, client()) as line:
                line.sendall(f"GET {path} HTTP/1.1\r\nHost: loa\r\nConnection: close\r\n\r\n".encode())
                assert b"502" in line.recv(100)
    logs = [(tmp_path / "nginx" / name).read_text() for name in ("access.log", "error.log")]
    assert ["/desk/sign-in" in log for log in logs] == [True, True]
    assert ["seCret" in log for log in logs] == [False, False]
