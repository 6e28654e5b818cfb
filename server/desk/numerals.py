"""Numbers as the language of the request writes them: 29.125, in English 29,125."""

from __future__ import annotations

from server.core.language import language


def number(value: int) -> str:
    """Thousands parted as the language does."""
    text = f"{value:,}"
    return text if language() == "en" else text.replace(",", ".")
