"""Sentences of the shell in its language: English in the code, Vietnamese from Babel's catalogue where LANG says so.

    raise click.ClickException(t("There is no user {username}.", username=username))

The catalogue is `server/cli/locale/vi/LC_MESSAGES/loa.po`, beside it what `tools/shell_words.py` compiles from it.
A test compares both with the sentences of the code, placeholders included. Click's own words stand there, too.
"""

from __future__ import annotations

import gettext
import os
from pathlib import Path
from typing import Any, Final

DOMAIN: Final = "loa"
FOLDER: Final = Path(__file__).parents[1] / "cli" / "locale"
_NAMES: Final = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


def shell_language() -> str:
    """Return `vi` or `en`, by LANGUAGE, LC_ALL, LC_MESSAGES or LANG, whichever is set first."""
    said = next((os.environ[name] for name in _NAMES if os.environ.get(name)), "")
    return "vi" if said.startswith("vi") else "en"


def begin() -> None:
    """Have click say its own words from our catalogue, too."""
    gettext.textdomain(DOMAIN)


def t(sentence: str, **values: Any) -> str:
    """Return a sentence of the code in the language of the shell, with its values."""
    return _looked_up(sentence).format(**values)


def tn(one: str, many: str, count: int, **values: Any) -> str:
    """Return the form for this count, which is `{n}`."""
    form = one if count == 1 and shell_language() == "en" else many
    return _looked_up(form).format(n=count, **values)


def later(sentence: str) -> str:
    """Return the sentence as it is: it is in the catalogue, and goes through `t` where it is said."""
    return sentence


def words(text: str) -> str:
    """Return a text without placeholders, such as a command's help, in the language of the shell."""
    return _looked_up(text) if text else ""


def _looked_up(sentence: str) -> str:
    return gettext.dgettext(DOMAIN, sentence) if shell_language() == "vi" else sentence


gettext.bindtextdomain(DOMAIN, str(FOLDER))
