"""What the product does, as verbs. A service knows no request and, but for a few, never commits (see README.md)."""
