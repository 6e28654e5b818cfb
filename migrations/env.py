"""Alembic's entry: one engine, tuned as the server tunes its own, tables from the models."""

from __future__ import annotations

from alembic import context
from sqlalchemy import create_engine, pool

from server.core.db import Base, tune
from server.registration import collect


def run() -> None:
    """Run the migrations that were asked for, in one transaction."""
    collect()  # imports every capability, and with it its tables
    engine = create_engine(context.config.get_main_option("sqlalchemy.url") or "", poolclass=pool.NullPool)
    tune(engine)
    with engine.connect() as connection:
        context.configure(connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True)
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
