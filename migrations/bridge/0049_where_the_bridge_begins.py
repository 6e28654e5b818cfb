"""The tables of the development version of 28/11/2026, made by steps that are gone: the bridge begins on them."""

revision = "0049"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    raise RuntimeError("the bridge begins on tables of 0049; an empty database has its own beginning (../versions)")


def downgrade() -> None:
    raise RuntimeError("nothing goes below 0049")
