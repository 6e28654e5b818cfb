"""The audit log at the desk: a list with filters, and the same as a file."""
