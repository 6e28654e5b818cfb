"""Pages of locked figures: lock and unlock, what was frozen, its documents."""
