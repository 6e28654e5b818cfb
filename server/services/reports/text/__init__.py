"""The texts of a report that people write, how figures stand in them, and what units state of themselves."""
