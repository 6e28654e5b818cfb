"""Pages of figures: the table, its spreadsheets, the quick report; giving figures, sealing them."""
