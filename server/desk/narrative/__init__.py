"""Pages on which people write the texts of a report."""
