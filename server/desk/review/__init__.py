"""Pages for a reviewer: the queue, a record, decisions."""
