"""The clinics' own texts of the package's mails."""

import sqlalchemy as sa
from alembic import op

from host_example.models import KEY, LONG_TEXT

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create their table."""
    op.create_table(
        "mail_template",
        sa.Column(
            "clinic_id", KEY(), sa.ForeignKey("clinic.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("message", sa.String(32), primary_key=True),
        sa.Column("locale", sa.String(5), primary_key=True),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("text", LONG_TEXT, nullable=False),
        sa.Column("html", LONG_TEXT, nullable=True),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("mail_template")
