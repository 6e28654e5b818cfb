"""Compiles the shell's Vietnamese words: `tools/shell_words.py` reads loa.po and writes loa.mo beside it.

`--new` prints the sentences of the code and of click that loa.po lacks, as entries to fill in. Run with the Python of
the tests.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from support.installation import said_words  # noqa: E402  # needs the line above


def main() -> None:
    """Write the compiled words, or print what is lacking."""
    if "--new" in sys.argv:
        for sentence in sorted(said_words.every() - said_words.known().keys()):
            print(f'msgid {said_words.quoted(sentence)}\nmsgstr ""\n')
        return
    said_words.PO.with_suffix(".mo").write_bytes(said_words.compiled())


if __name__ == "__main__":
    main()
