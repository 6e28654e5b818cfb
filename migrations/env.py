"""Alembic's entry: one engine, tuned as the server tunes its own, tables from the models."""

from __future__ import annotations

from typing import Any

from alembic import context
from alembic.runtime.migration import MigrationContext, MigrationInfo
from sqlalchemy import create_engine, pool

from server import migrate
from server.core.db import Base, tune
from server.registration import collect


def _note(*, ctx: MigrationContext, step: MigrationInfo, **_: Any) -> None:
    """Note which version took the step, with the step itself."""
    if step.is_upgrade and not step.is_stamp and ctx.connection is not None and step.up_revision_id:
        stop = bool(getattr(step.up_revision and step.up_revision.module, "NEEDS_STOP", False))
        migrate.note(ctx.connection, step.up_revision_id, "".join(step.down_revision_ids), stop=stop)


def run() -> None:
    """Run the migrations that were asked for, in one transaction."""
    collect()  # imports every capability, and with it its tables
    engine = create_engine(context.config.get_main_option("sqlalchemy.url") or "", poolclass=pool.NullPool)
    tune(engine)
    with engine.connect() as connection:
        context.configure(
            connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            compare_type=True,
            on_version_apply=_note,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
