"""The bookings of a telephone number in a clinic, by a look-up."""

from alembic import op

revision = "0005"
down_revision = "0004"

INDEX = "ix_rdv_booking_account_id_phone_starts_at"


def upgrade() -> None:
    """Add the index."""
    op.create_index(op.f(INDEX), "rdv_booking", ["account_id", "phone", "starts_at"])


def downgrade() -> None:
    """Drop it."""
    op.drop_index(op.f(INDEX), "rdv_booking")
