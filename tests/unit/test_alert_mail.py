"""A mail says what turned red, to a server whose certificate is known, signed in; never in the clear over a network."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from server.checks import watching
from server.core.alert_mail import AlertMail
from server.core.clock import now_ms
from server.core.findings import HealthFinding, Level, write
from server.settings import Settings, UnsafeSettings

pytestmark = [
    pytest.mark.databases("sqlite"),
    pytest.mark.filterwarnings("ignore:Requiring AUTH while:UserWarning", "ignore:tls_context:UserWarning"),
]
PASSWORD = "p@ss/w#rd:1"
QUOTED = "p%40ss%2Fw%23rd%3A1"


class Inbox:
    """A handler of aiosmtpd's: keeps what was handed in, and whether after STARTTLS."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.over_tls: list[bool] = []

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # its name
        self.over_tls.append(session.ssl is not None)
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert envelope.rcpt_tos == ["truc@example.vn", "lanhdao@example.vn"]
        self.mails.append(mail)
        return "250 OK"


def signed_in(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (b"loa", PASSWORD.encode())
    return AuthResult(success=good, handled=False)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of 127.0.0.1, with its key behind it."""
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    bare = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(made.public_bytes(pem) + bare)
    return path


@contextmanager
def served(certificate: Path, inbox: Inbox, how: str, host: str = "127.0.0.1") -> Iterator[int]:
    """A mail server on a free port of this machine: `tls` from the start, `starttls`, or `plain`."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    with socket.create_server((host, 0)) as free:  # the controller connects to the number that it was given
        port = free.getsockname()[1]
    words: dict[str, Any] = {"hostname": host, "port": port}
    if how != "plain":
        words |= {"authenticator": signed_in, "auth_required": True}
    if how == "tls":
        words |= {"ssl_context": context, "auth_require_tls": False}
    elif how == "starttls":
        words |= {"tls_context": context, "require_starttls": True}
    control = Controller(inbox, **words)
    control.start()
    try:
        yield port
    finally:
        control.stop()


def where(port: int, how: str, password: str = QUOTED) -> AlertMail:
    scheme = "smtps" if how == "tls" else "smtp"
    user = "" if how == "plain" else f"loa:{password}@"
    url = f"{scheme}://{user}localhost:{port}"
    made = AlertMail.read(url, "loa@example.vn", "truc@example.vn lanhdao@example.vn")
    assert made is not None
    assert PASSWORD not in repr(made)
    return made


@pytest.mark.parametrize("how", ["tls", "starttls", "plain"])
def test_a_mail_is_handed_in(certificate: Path, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    inbox = Inbox()
    with served(certificate, inbox, how) as port:
        where(port, how).send("Loa: có việc", "Đĩa gần đầy.\n")
    (mail,), (after_starttls,) = inbox.mails, inbox.over_tls
    assert after_starttls == (how == "starttls")
    assert (mail["Subject"], mail["From"]) == ("Loa: có việc", "loa@example.vn")
    assert mail["To"] == "truc@example.vn, lanhdao@example.vn"
    assert mail.get_content().split() == ["Đĩa", "gần", "đầy."]


def test_nothing_goes_to_a_server_that_is_not_the_one(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inbox = Inbox()
    for how in ("tls", "starttls"):
        with served(certificate, inbox, how) as port:
            monkeypatch.delenv("SSL_CERT_FILE", raising=False)
            with pytest.raises(ssl.SSLCertVerificationError):
                where(port, how).send("x", "x")
            monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
            with pytest.raises(OSError, match="535"):
                where(port, how, "wrong").send("x", "x")
    with served(certificate, inbox, "plain", "127.0.0.2") as port, pytest.raises(OSError, match="STARTTLS"):
        replace(where(port, "plain"), host="127.0.0.2").send("x", "x")
    assert inbox.mails == []


def test_what_turns_red_is_mailed_once_and_good_again_once(
    certificate: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """And a server that is gone keeps no check from running."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    inbox, level = Inbox(), Level.BAD
    monkeypatch.setattr(watching, "_run", lambda _: [HealthFinding("files", "open", level, {"path": "/srv/loa"})])
    env = {"LOA_DATA_DIR": str(tmp_path), "LOA_PUBLIC_URL": "https://loa.example.vn", "LOA_TRUSTED_PROXIES": "1"}
    write(tmp_path, [], now_ms())
    with served(certificate, inbox, "tls") as port:
        env |= {"LOA_ALERT_SMTP": f"smtps://loa:{QUOTED}@localhost:{port}", "LOA_ALERT_FROM": "loa@example.vn"}
        settings = Settings.from_environment(env | {"LOA_ALERT_TO": "truc@example.vn lanhdao@example.vn"})
        watching.look(settings)
        watching.look(settings)
        level = Level.GOOD
        watching.look(settings)
    red, good = inbox.mails
    assert red["Subject"] == "Loa loa.example.vn: có việc phải xử lý ngay"
    assert "/srv/loa" in red.get_content()
    assert good["Subject"] == "Loa loa.example.vn: đã hoạt động bình thường trở lại"
    level = Level.BAD
    assert watching.look(settings)[0].level is Level.BAD
    later = Inbox()
    with served(certificate, later, "tls") as port:
        env |= {"LOA_ALERT_SMTP": f"smtps://loa:{QUOTED}@localhost:{port}"}
        settings = Settings.from_environment(env | {"LOA_ALERT_TO": "truc@example.vn lanhdao@example.vn"})
        watching.look(settings)
        watching.look(settings)
    assert [mail["Subject"] for mail in later.mails] == [red["Subject"]], "what did not get through goes later, once"


@pytest.mark.parametrize(
    ("url", "sender", "to"),
    [
        ("mail.example.vn", "a@b.vn", "c@b.vn"),
        ("smtps://mail.example.vn/x", "a@b.vn", "c@b.vn"),
        ("smtps://mail.example.vn", "a", "c@b.vn"),
        ("smtps://mail.example.vn", "a@b.vn", ""),
        ("smtps://mail.example.vn", "a@b.vn", "c@b.vn,d@b.vn"),
        ("", "a@b.vn", "c@b.vn"),
        ("smtps://loa:m%E1%BA%ADt@mail.example.vn", "a@b.vn", "c@b.vn"),
        ("smtps://loa:12#34@mail.example.vn", "a@b.vn", "c@b.vn"),
        ("smtps://loa:geh#eim@mail.example.vn", "a@b.vn", "c@b.vn"),
        ("smtps://mail.example.vn?tls", "a@b.vn", "c@b.vn"),
    ],
)
def test_settings_that_reach_nobody_are_refused(tmp_path: Path, url: str, sender: str, to: str) -> None:
    env = {"LOA_DATA_DIR": str(tmp_path), "LOA_ALERT_SMTP": url, "LOA_ALERT_FROM": sender, "LOA_ALERT_TO": to}
    with pytest.raises(UnsafeSettings, match="LOA_ALERT_"):
        Settings.from_environment(env)
