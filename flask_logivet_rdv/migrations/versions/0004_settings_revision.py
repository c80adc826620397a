"""Which changes of a clinic may change what it offers, by a counter of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

TABLE, COLUMN = "rdv_clinic_account", "settings_revision"


def upgrade() -> None:
    """Begin each clinic's count where no process has seen it, if it was here before.

    Not as a batch: SQLite's makes the table anew, and all that is the clinic's goes with the old.
    """
    zero = sa.text("0")
    op.add_column(TABLE, sa.Column(COLUMN, sa.BigInteger(), nullable=False, server_default=zero))
    account = sa.table(TABLE, sa.column(COLUMN), sa.column("revision"))
    op.execute(sa.update(account).values({COLUMN: account.c.revision}))


def downgrade() -> None:
    """Drop it."""
    op.drop_column(TABLE, COLUMN)
