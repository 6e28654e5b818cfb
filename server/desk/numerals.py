"""Format numbers in the language of the request: 29.125, in English 29,125."""

from __future__ import annotations

from server.core.language import language


def number(value: int) -> str:
    """Return the number with the language's thousands separator."""
    text = f"{value:,}"
    return text if language() == "en" else text.replace(",", ".")
