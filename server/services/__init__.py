"""What the product does, as verbs. A service flushes and never commits, and knows no request (see README.md)."""
