"""The portal's tables."""

import sqlalchemy as sa
from alembic import op

from host_example.models import KEY

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the clinics and their users."""
    op.create_table(
        "clinic",
        sa.Column("id", KEY(), primary_key=True),
        sa.Column("slug", sa.String(40), nullable=False, unique=True),
        sa.Column("name_fr", sa.String(120), nullable=False),
        sa.Column("name_en", sa.String(120), nullable=False),
        sa.Column("address", sa.String(200), nullable=False),
        sa.Column("phone", sa.String(40), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("time_zone", sa.String(64), nullable=False),
        sa.Column("locale", sa.String(5), nullable=False),
        sa.Column("accent", sa.String(7), nullable=False),
    )
    op.create_table(
        "user_account",
        sa.Column("id", KEY(), primary_key=True),
        sa.Column("email", sa.String(254), nullable=False, unique=True),
        sa.Column("password_hash", sa.String(255), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("clinic_id", KEY(), sa.ForeignKey("clinic.id"), nullable=True, index=True),
        sa.Column("is_support", sa.Boolean(), nullable=False),
        sa.Column("may_edit", sa.Boolean(), nullable=False),
        sa.Column("locale", sa.String(5), nullable=False),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("user_account")
    op.drop_table("clinic")
