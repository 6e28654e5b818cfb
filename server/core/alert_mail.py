"""A mail to those who look after the machine, over TLS; what it says is the caller's, and is of no record."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, Self
from urllib.parse import unquote, urlsplit

from server.core.shell_words import t

TIMEOUT_S: Final = 30
PORTS: Final = {"smtps": 465, "smtp": 587}
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
_ADDRESS: Final = re.compile(r"[^\s@<>,\"]+@[^\s@<>,\"]+")


@dataclass(frozen=True, slots=True)
class AlertMail:
    """Where mails are handed in, from whom, and to whom. `implicit`: TLS from the first byte, else by STARTTLS."""

    host: str
    port: int
    implicit: bool
    user: str
    password: str = field(repr=False)
    sender: str
    to: tuple[str, ...]

    @classmethod
    def read(cls, url: str, sender: str, to: str) -> Self | None:
        """Return what three settings say; None if none is set. Raises ValueError with a sentence."""
        if not (url or sender or to):
            return None
        receivers = tuple(to.split())
        try:
            parts = urlsplit(url)
            port = parts.port or PORTS.get(parts.scheme, 0)
        except ValueError:  # it names a piece of the password
            parts, port = urlsplit(""), 0
        host = parts.hostname or ""
        if not (host and port) or parts.scheme not in PORTS or parts.path.strip("/") or parts.query or parts.fragment:
            raise ValueError(
                t(
                    "LOA_ALERT_SMTP must be the server's address, like smtps://user:password@mail.example.vn, or "
                    "smtp:// for one with STARTTLS. In a password write % and two digits for signs such as # ? / @."
                )
            )
        if not receivers or not all(_ADDRESS.fullmatch(each) for each in (sender, *receivers)):
            raise ValueError(t("LOA_ALERT_FROM is one mail address, and LOA_ALERT_TO one or more, parted by blanks."))
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        if not (user + password).isascii():
            raise ValueError(
                t("LOA_ALERT_SMTP has a sign in user or password that mail servers do not take: use ASCII.")
            )
        return cls(host, port, parts.scheme == "smtps", user, password, sender, receivers)

    def send(self, subject: str, text: str) -> None:
        """Hand it in. Raises OSError, of which smtplib's errors are.

        Without TLS only to this machine and without a password: there the server's certificate is often its own alone.
        Anywhere else one that does not offer STARTTLS is refused.
        """
        import smtplib  # noqa: PLC0415  # settings are read by each command, and few send mails
        import ssl  # noqa: PLC0415
        from email.message import EmailMessage  # noqa: PLC0415
        from email.utils import formatdate, make_msgid  # noqa: PLC0415

        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = self.sender, ", ".join(self.to), subject
        mail["Date"], mail["Message-ID"] = formatdate(), make_msgid(domain=self.sender.partition("@")[2])
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
        mail.set_content(text)
        trust = ssl.create_default_context()
        if self.implicit:
            line: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT_S, context=trust)
        else:
            line = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_S)
        with line:
            line.ehlo()
            if not self.implicit and (self.host not in _LOOPBACK or self.user):
                line.starttls(context=trust)
            if self.user:
                line.login(self.user, self.password)
            if refused := line.send_message(mail):
                raise smtplib.SMTPRecipientsRefused(refused)
