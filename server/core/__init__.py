"""Domain-free modules: database, clock, locks, atomic files, secrets, problems."""
