"""What LogiVet acknowledged, by key; the parts of a committed snapshot; a clock that is off."""

import sqlalchemy as sa
from alembic import op

from flask_logivet_rdv.models.types import Moment, uid

revision = "0002"
down_revision = "0001"

INDEX = "ix_rdv_snapshot_state_lease_until"

STATE = sa.table(
    "rdv_sync_state",
    sa.column("account_id", uid()),
    sa.column("acked_seq", sa.BigInteger()),
    sa.column("acked_at", Moment()),
)
KEY = sa.table(
    "rdv_sync_key",
    sa.column("account_id", uid()),
    sa.column("acked_seq", sa.BigInteger()),
    sa.column("acked_at", Moment()),
)


def upgrade() -> None:
    """Give each key what its clinic had acknowledged."""
    _add("rdv_sync_key")
    _carry(STATE, KEY)
    _drop("rdv_sync_state")
    with op.batch_alter_table("rdv_sync_state") as state:
        state.add_column(sa.Column("clock_told_at", Moment(), nullable=True))
    with op.batch_alter_table("rdv_snapshot") as snapshot:
        snapshot.add_column(sa.Column("parts", sa.Integer(), nullable=True))
    op.create_index(op.f(INDEX), "rdv_snapshot", ["state", "lease_until"])


def downgrade() -> None:
    """Give each clinic what the most advanced of its keys had acknowledged."""
    op.drop_index(op.f(INDEX), "rdv_snapshot")
    with op.batch_alter_table("rdv_snapshot") as snapshot:
        snapshot.drop_column("parts")
    with op.batch_alter_table("rdv_sync_state") as state:
        state.drop_column("clock_told_at")
    _add("rdv_sync_state")
    _carry(KEY, STATE)
    _drop("rdv_sync_key")


def _add(name: str) -> None:
    zero = sa.text("0")
    with op.batch_alter_table(name) as table:
        table.add_column(
            sa.Column("acked_seq", sa.BigInteger(), nullable=False, server_default=zero)
        )
        table.add_column(sa.Column("acked_at", Moment(), nullable=True))
    with op.batch_alter_table(name) as table:
        table.alter_column(
            "acked_seq", existing_type=sa.BigInteger(), existing_nullable=False, server_default=None
        )


def _carry(source: sa.TableClause, target: sa.TableClause) -> None:
    def best(column: "sa.ColumnElement[object]") -> "sa.ScalarSelect[object]":
        of_clinic = source.c.account_id == target.c.account_id
        return sa.select(sa.func.max(column)).where(of_clinic).correlate(target).scalar_subquery()

    op.execute(
        sa.update(target).values(
            acked_seq=sa.func.coalesce(best(source.c.acked_seq), 0),
            acked_at=best(source.c.acked_at),
        )
    )


def _drop(name: str) -> None:
    with op.batch_alter_table(name) as table:
        table.drop_column("acked_seq")
        table.drop_column("acked_at")
