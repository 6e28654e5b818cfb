"""The processes of `loa serve` and `loa worker`: gunicorn, slow clients, shares, the child that does the jobs."""
