"""Pages of the confidential annex."""
