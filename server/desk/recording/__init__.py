"""The form by which the desk writes and corrects records."""
