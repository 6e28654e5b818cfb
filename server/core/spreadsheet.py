"""What goes into a cell of a spreadsheet: an amount with its format, and text that is never a formula.

CSV has no types, so an apostrophe goes before the signs that begin a formula in Excel and LibreOffice, and before their
full-width forms: some versions of Excel read those alike.

>>> number_format(Decimal("12.50")), number_format(Decimal(12)), number_format(Amount(1225, 2))
('#,##0.0', '#,##0', '#,##0.00')
"""

from __future__ import annotations

import unicodedata
from decimal import Decimal
from typing import Any, Final

from sync.amount import Amount

_STARTS_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def cell_value(value: int) -> int | float:
    """Return the number to store in a cell: a real number, so that the spreadsheet adds it."""
    return float(value.decimal) if isinstance(value, Amount) and value.scale else int(value)


def number_format(value: int | Decimal) -> str:
    """Return the format of a cell with a decimal comma only where something stands behind it.

    The format is of Excel's own language, whose point each office's Excel shows as its comma. `#,##0.##` would leave a
    comma behind whole numbers.
    """
    exact = value.decimal if isinstance(value, Amount) else Decimal(value)
    behind = max(0, -int(exact.normalize().as_tuple().exponent))
    return "#,##0" + ("." + "0" * behind if behind else "")


def harmless(value: Any) -> Any:
    """Return a value for a cell of a CSV file. Only a text can be a formula; a number stays one."""
    if not isinstance(value, str):
        return value
    first = unicodedata.normalize("NFKC", value.lstrip(" \u3000")[:1])
    return f"'{value}" if first.startswith(_STARTS_A_FORMULA) else value
