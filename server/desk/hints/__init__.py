"""Hints at the desk: beside a record, two photos side by side, the grades of a campaign."""
