"""The glossary of the desk's texts: each word once, and no text anywhere with a word that it rules out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from server.desk import words
from server.services import reports

FOLDERS = {"desk": words.FOLDER, "phone": Path(words.__file__).parents[2] / "pwa" / "src" / "i18n"}
REPORTS = Path(reports.__file__).with_name("words.vi.json")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (words.FOLDER / "README.md").read_text("utf-8").splitlines()
    if line.startswith("| ")
][2:]


def texts(lang: str) -> dict[str, str]:
    """Every text of desk and phone, and of reports in Vietnamese, in small letters, all forms of one together."""
    found = {}
    for name, folder in FOLDERS.items():
        for key, text in json.loads((folder / f"{lang}.json").read_text("utf-8")).items():
            found[f"{name}: {key}"] = (text if isinstance(text, str) else "\n".join(text.values())).casefold()
    if lang == "vi":
        said = json.loads(REPORTS.read_text("utf-8"))["texts"]
        found |= {f"report: {key}": text.casefold() for key, text in said.items()}
    return found


@pytest.mark.parametrize("column", [3, 4], ids=["vi", "en"])
def test_no_text_has_a_word_that_the_glossary_rules_out(column: int) -> None:
    ruled_out = [word for row in ROWS for word in row[column].split(", ") if word]
    assert len(ruled_out) > 4
    said = texts("vi" if column == 3 else "en")
    assert not {key: word for word in ruled_out for key, text in said.items() if word in text}


def test_each_word_of_the_glossary_is_used_and_means_one_thing() -> None:
    for lang, column in (("vi", 0), ("en", 1)):
        named = [word for row in ROWS for word in row[column].split(", ")]
        assert len(named) == len(set(named)), lang
        said = "\n".join(texts(lang).values())
        assert not [word for word in named if word not in said], lang


def test_an_approving_button_says_approve_in_english() -> None:
    vi, en = (words.catalogue(lang) for lang in words.LANGUAGES)
    for key in ("bulk.all", "bulk.clean", "bulk.sample", "queue.grown_go"):
        text = en[key]
        forms = text if isinstance(text, str) else " ".join(text.values())
        assert str(vi[key]).startswith("Duyệt")
        assert "Approve" in forms, key
    verdicts = words.shared()["verdicts"]["counted"]
    assert (verdicts["vi"], verdicts["en"]) == ("Duyệt", "Approve")
