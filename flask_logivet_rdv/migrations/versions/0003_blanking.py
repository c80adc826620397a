"""Which bookings of a clinic are to be blanked, by a look-up."""

from alembic import op

revision = "0003"
down_revision = "0002"

INDEX = "ix_rdv_booking_account_id_blanked_at_ends_at"


def upgrade() -> None:
    """Add the index."""
    op.create_index(op.f(INDEX), "rdv_booking", ["account_id", "blanked_at", "ends_at"])


def downgrade() -> None:
    """Drop it."""
    op.drop_index(op.f(INDEX), "rdv_booking")
