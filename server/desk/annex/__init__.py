"""Pages of the confidential annex, and of the key that opens it and the cases."""
