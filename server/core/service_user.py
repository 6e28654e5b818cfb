"""The user that serves: a command that root typed goes on as that user, so that no file becomes root's."""

from __future__ import annotations

import os
import pwd
import re
from typing import Final

from server.core.shell_words import t

SHELL_USER: Final = os.getuid()
"""Whose shell started the process, before it became the user that serves."""


class NoUser(Exception):  # noqa: N818  # it reads as the sentence it prints
    """The user that serves is not on this machine."""


def become(name: str) -> None:
    """Give up root for this user, with its groups and home; do nothing unless this process is root's. Raises NoUser."""
    if os.geteuid() != 0 or not name or name == "root":
        return
    try:
        user = pwd.getpwnam(name)
    except KeyError as error:
        raise NoUser(t("There is no user {name} on this machine, named as user in the settings.", name=name)) from error
    os.initgroups(user.pw_name, user.pw_gid)
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    os.environ.update(HOME=user.pw_dir, USER=user.pw_name, LOGNAME=user.pw_name)


def user_name() -> str:
    """Return whose shell it is: after sudo the person's own user name."""
    said = os.environ.get("SUDO_USER") or str(SHELL_USER)
    return re.sub(r"[^A-Za-z0-9_.@-]", "?", said)[:40]
