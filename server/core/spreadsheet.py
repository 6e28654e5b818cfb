"""How a spreadsheet shows an amount.

>>> number_format(Decimal("12.50")), number_format(Decimal(12)), number_format(Amount(1225, 2))
('#,##0.0', '#,##0', '#,##0.00')
"""

from __future__ import annotations

from decimal import Decimal

from sync.amount import Amount


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
