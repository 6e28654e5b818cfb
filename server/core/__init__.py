"""What knows nothing of the domain: database, clock, locks, atomic files, secrets, problems, headers."""
