"""The tables of online booking."""

import sqlalchemy as sa
from alembic import context, op

from flask_logivet_rdv.models import host_key
from flask_logivet_rdv.models.types import JSON, Moment, key, uid

revision = "0001"
down_revision = None


def host_column(column: "sa.Column[object]") -> str:
    """Return the host's key column as a foreign key names it."""
    return f"{column.table.fullname}.{column.name}"


def upgrade() -> None:
    """Make the tables; the types of the host's keys are asked for, not assumed."""
    state = context.config.attributes["state"]
    clinic, user = host_key(state.clinic), host_key(state.user)
    op.create_table(
        "rdv_clinic_account",
        sa.Column("id", uid(), nullable=False),
        sa.Column("clinic_id", clinic.type, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("active_from", sa.BigInteger(), nullable=True),
        sa.Column("active_until", sa.BigInteger(), nullable=True),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("domains", JSON, nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("event_seq", sa.BigInteger(), nullable=False),
        sa.Column("upload_seq", sa.BigInteger(), nullable=False),
        sa.Column("events_kept_from", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id"],
            [host_column(clinic)],
            name=op.f("fk_rdv_clinic_account_clinic_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rdv_clinic_account")),
        sa.UniqueConstraint("clinic_id", name=op.f("uq_rdv_clinic_account_clinic_id")),
    )
    op.create_table(
        "rdv_consent_text",
        sa.Column("sha256", key(64), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_rdv_consent_text")),
    )
    op.create_table(
        "rdv_audit",
        sa.Column("account_id", uid(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("subject", key(80), nullable=False),
        sa.Column("actor_kind", sa.String(length=16), nullable=False),
        sa.Column("user_id", user.type, nullable=True),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("before", JSON, nullable=True),
        sa.Column("after", JSON, nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["rdv_clinic_account.id"],
            name=op.f("fk_rdv_audit_account_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], [host_column(user)], name=op.f("fk_rdv_audit_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("account_id", "revision", "n", name=op.f("pk_rdv_audit")),
    )
    op.create_index(
        op.f("ix_rdv_audit_account_id_subject_revision"),
        "rdv_audit",
        ["account_id", "subject", "revision"],
        unique=False,
    )
    op.create_index(op.f("ix_rdv_audit_user_id"), "rdv_audit", ["user_id"], unique=False)
    op.create_table(
        "rdv_category",
        sa.Column("account_id", uid(), nullable=False),
        sa.Column("online", sa.Boolean(), nullable=False),
        sa.Column("duration_min", sa.Integer(), nullable=True),
        sa.Column("id", uid(), nullable=False),
        sa.Column("logivet_id", key(64), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("name_fr", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("deleted_at", Moment(), nullable=True),
        sa.CheckConstraint(
            "NOT online OR duration_min IS NOT NULL",
            name=op.f("ck_rdv_category_online_has_duration"),
        ),
        sa.CheckConstraint(
            "duration_min % 5 = 0 AND duration_min BETWEEN 5 AND 480",
            name=op.f("ck_rdv_category_five"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["rdv_clinic_account.id"],
            name=op.f("fk_rdv_category_account_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_rdv_category")),
        sa.UniqueConstraint(
            "account_id", "logivet_id", name=op.f("uq_rdv_category_account_id_logivet_id")
        ),
    )
    op.create_table(
        "rdv_event",
        sa.Column("account_id", uid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", uid(), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("booking_id", uid(), nullable=True),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["rdv_clinic_account.id"],
            name=op.f("fk_rdv_event_account_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", "seq", name=op.f("pk_rdv_event")),
    )
    op.create_index(
        op.f("ix_rdv_event_account_id_booking_id"),
        "rdv_event",
        ["account_id", "booking_id"],
        unique=False,
    )
    op.create_table(
        "rdv_outbox",
        sa.Column("account_id", uid(), nullable=False),
        sa.Column("id", uid(), nullable=False),
        sa.Column("dedupe_key", key(120), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("booking_id", uid(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("last_error", sa.String(length=500), nullable=True),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('pending', 'sending', 'sent', 'dead', 'skipped')",
            name=op.f("ck_rdv_outbox_state"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["rdv_clinic_account.id"],
            name=op.f("fk_rdv_outbox_account_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_rdv_outbox")),
        sa.UniqueConstraint(
            "account_id", "dedupe_key", name=op.f("uq_rdv_outbox_account_id_dedupe_key")
        ),
    )
    op.create_index(
        op.f("ix_rdv_outbox_account_id_state"), "rdv_outbox", ["account_id", "state"], unique=False
    )
    op.create_index(
        op.f("ix_rdv_outbox_state_lease_until"),
        "rdv_outbox",
        ["state", "lease_until"],
        unique=False,
    )
    op.create_index(
        op.f("ix_rdv_outbox_state_not_before"), "rdv_outbox", ["state", "not_before"], unique=False
    )
    op.create_table(
        "rdv_resource",
        sa.Column("account_id", uid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("id", uid(), nullable=False),
        sa.Column("logivet_id", key(64), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("name_fr", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("deleted_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["rdv_clinic_account.id"],
            name=op.f("fk_rdv_resource_account_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_rdv_resource")),
        sa.UniqueConstraint(
            "account_id", "logivet_id", name=op.f("uq_rdv_resource_account_id_logivet_id")
        ),
    )
    op.create_table(
        "rdv_species",
        sa.Column("account_id", uid(), nullable=False),
        sa.Column("short_fr", sa.String(length=40), nullable=False),
        sa.Column("short_en", sa.String(length=40), nullable=False),
        sa.Column("online", sa.Boolean(), nullable=False),
        sa.Column("id", uid(), nullable=False),
        sa.Column("logivet_id", key(64), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("name_fr", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("deleted_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["rdv_clinic_account.id"],
            name=op.f("fk_rdv_species_account_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_rdv_species")),
        sa.UniqueConstraint(
            "account_id", "logivet_id", name=op.f("uq_rdv_species_account_id_logivet_id")
        ),
    )
    op.create_table(
        "rdv_sync_key",
        sa.Column("key_id", key(16), nullable=False),
        sa.Column("account_id", uid(), nullable=False),
        sa.Column("secret_sha256", key(64), nullable=False),
        sa.Column("scopes", JSON, nullable=False),
        sa.Column("replaces", key(16), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=True),
        sa.Column("revoked_at", Moment(), nullable=True),
        sa.Column("last_used_at", Moment(), nullable=True),
        sa.Column("last_used_ip", sa.String(length=45), nullable=True),
        sa.Column("last_used_agent", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["rdv_clinic_account.id"],
            name=op.f("fk_rdv_sync_key_account_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_rdv_sync_key")),
    )
    op.create_index(
        op.f("ix_rdv_sync_key_account_id"), "rdv_sync_key", ["account_id"], unique=False
    )
    op.create_table(
        "rdv_sync_state",
        sa.Column("account_id", uid(), nullable=False),
        sa.Column("acked_seq", sa.BigInteger(), nullable=False),
        sa.Column("acked_at", Moment(), nullable=True),
        sa.Column("uploaded_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["rdv_clinic_account.id"],
            name=op.f("fk_rdv_sync_state_account_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_rdv_sync_state")),
    )
    op.create_table(
        "rdv_reply",
        sa.Column("account_id", uid(), nullable=False),
        sa.Column("idempotency_key", key(200), nullable=False),
        sa.Column("body_sha256", key(64), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("answer", JSON, nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["rdv_clinic_account.id"],
            name=op.f("fk_rdv_reply_account_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", "idempotency_key", name=op.f("pk_rdv_reply")),
    )
    op.create_index(
        op.f("ix_rdv_reply_account_id_created_at"),
        "rdv_reply",
        ["account_id", "created_at"],
        unique=False,
    )
    op.create_table(
        "rdv_snapshot",
        sa.Column("account_id", uid(), nullable=False),
        sa.Column("id", uid(), nullable=False),
        sa.Column("kinds", JSON, nullable=False),
        sa.Column("busy_from", sa.BigInteger(), nullable=True),
        sa.Column("busy_to", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("counts", JSON, nullable=True),
        sa.Column("reply", JSON, nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'applying', 'done')", name=op.f("ck_rdv_snapshot_state")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["rdv_clinic_account.id"],
            name=op.f("fk_rdv_snapshot_account_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_rdv_snapshot")),
    )
    op.create_index(
        op.f("ix_rdv_snapshot_account_id_expires_at"),
        "rdv_snapshot",
        ["account_id", "expires_at"],
        unique=False,
    )
    op.create_table(
        "rdv_snapshot_part",
        sa.Column("account_id", uid(), nullable=False),
        sa.Column("snapshot_id", uid(), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("items", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id", "snapshot_id"],
            ["rdv_snapshot.account_id", "rdv_snapshot.id"],
            name=op.f("fk_rdv_snapshot_part_account_id_snapshot_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["rdv_clinic_account.id"],
            name=op.f("fk_rdv_snapshot_part_account_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "account_id", "snapshot_id", "n", name=op.f("pk_rdv_snapshot_part")
        ),
    )
    op.create_table(
        "rdv_booking",
        sa.Column("account_id", uid(), nullable=False),
        sa.Column("id", uid(), nullable=False),
        sa.Column("booking_key", key(64), nullable=False),
        sa.Column("form_sha256", key(64), nullable=False),
        sa.Column("confirmation_token_sha256", key(64), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("resource_id", uid(), nullable=False),
        sa.Column("species_id", uid(), nullable=False),
        sa.Column("category_id", uid(), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("local_start", sa.String(length=16), nullable=False),
        sa.Column("labels", JSON, nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("client_name", sa.String(length=120), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("phone", sa.String(length=32), nullable=True),
        sa.Column("pet_name", sa.String(length=80), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("email_key", key(64), nullable=True),
        sa.Column("consent_at", Moment(), nullable=False),
        sa.Column("consent_sha256", key(64), nullable=False),
        sa.Column("booked_at", Moment(), nullable=False),
        sa.Column("cancelled_at", Moment(), nullable=True),
        sa.Column("cancelled_by", sa.String(length=10), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=True),
        sa.Column("blanked_at", Moment(), nullable=True),
        sa.CheckConstraint(
            "(status = 'cancelled') = (cancelled_at IS NOT NULL)",
            name=op.f("ck_rdv_booking_cancelled"),
        ),
        sa.CheckConstraint(
            "status IN ('confirmed', 'cancelled')", name=op.f("ck_rdv_booking_status")
        ),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_rdv_booking_order")),
        sa.CheckConstraint(
            "starts_at % 300 = 0 AND ends_at % 300 = 0", name=op.f("ck_rdv_booking_five")
        ),
        sa.ForeignKeyConstraint(
            ["account_id", "category_id"],
            ["rdv_category.account_id", "rdv_category.id"],
            name=op.f("fk_rdv_booking_account_id_category_id"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id", "resource_id"],
            ["rdv_resource.account_id", "rdv_resource.id"],
            name=op.f("fk_rdv_booking_account_id_resource_id"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id", "species_id"],
            ["rdv_species.account_id", "rdv_species.id"],
            name=op.f("fk_rdv_booking_account_id_species_id"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["rdv_clinic_account.id"],
            name=op.f("fk_rdv_booking_account_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["consent_sha256"],
            ["rdv_consent_text.sha256"],
            name=op.f("fk_rdv_booking_consent_sha256"),
        ),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_rdv_booking")),
        sa.UniqueConstraint(
            "account_id", "booking_key", name=op.f("uq_rdv_booking_account_id_booking_key")
        ),
        sa.UniqueConstraint(
            "confirmation_token_sha256", name=op.f("uq_rdv_booking_confirmation_token_sha256")
        ),
    )
    op.create_index(
        op.f("ix_rdv_booking_account_id_resource_id_status_ends_at_starts_at"),
        "rdv_booking",
        ["account_id", "resource_id", "status", "ends_at", "starts_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_rdv_booking_account_id_starts_at"),
        "rdv_booking",
        ["account_id", "starts_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_rdv_booking_email_key_starts_at"),
        "rdv_booking",
        ["email_key", "starts_at"],
        unique=False,
    )
    op.create_table(
        "rdv_busy",
        sa.Column("account_id", uid(), nullable=False),
        sa.Column("logivet_id", key(64), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("resource_id", uid(), nullable=True),
        sa.Column("starts_at", sa.BigInteger(), nullable=True),
        sa.Column("ends_at", sa.BigInteger(), nullable=True),
        sa.Column("booking_id", uid(), nullable=True),
        sa.Column("deleted_at", Moment(), nullable=True),
        sa.CheckConstraint(
            "deleted_at IS NOT NULL OR (starts_at IS NOT NULL AND ends_at IS NOT NULL)",
            name=op.f("ck_rdv_busy_range"),
        ),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_rdv_busy_order")),
        sa.ForeignKeyConstraint(
            ["account_id", "resource_id"],
            ["rdv_resource.account_id", "rdv_resource.id"],
            name=op.f("fk_rdv_busy_account_id_resource_id"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["rdv_clinic_account.id"],
            name=op.f("fk_rdv_busy_account_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", "logivet_id", name=op.f("pk_rdv_busy")),
    )
    op.create_index(
        op.f("ix_rdv_busy_account_id_booking_id"),
        "rdv_busy",
        ["account_id", "booking_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_rdv_busy_account_id_resource_id_ends_at_starts_at"),
        "rdv_busy",
        ["account_id", "resource_id", "ends_at", "starts_at"],
        unique=False,
    )
    op.create_table(
        "rdv_opening",
        sa.Column("account_id", uid(), nullable=False),
        sa.Column("resource_id", uid(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("start_min", sa.Integer(), nullable=False),
        sa.Column("end_min", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "start_min % 5 = 0 AND end_min % 5 = 0", name=op.f("ck_rdv_opening_five")
        ),
        sa.CheckConstraint(
            "start_min >= 0 AND start_min < end_min AND end_min <= 1440",
            name=op.f("ck_rdv_opening_order"),
        ),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_rdv_opening_weekday")),
        sa.ForeignKeyConstraint(
            ["account_id", "resource_id"],
            ["rdv_resource.account_id", "rdv_resource.id"],
            name=op.f("fk_rdv_opening_account_id_resource_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["rdv_clinic_account.id"],
            name=op.f("fk_rdv_opening_account_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "account_id", "resource_id", "weekday", "start_min", name=op.f("pk_rdv_opening")
        ),
    )
    op.create_table(
        "rdv_resource_species",
        sa.Column("account_id", uid(), nullable=False),
        sa.Column("resource_id", uid(), nullable=False),
        sa.Column("species_id", uid(), nullable=False),
        sa.Column("online", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id", "resource_id"],
            ["rdv_resource.account_id", "rdv_resource.id"],
            name=op.f("fk_rdv_resource_species_account_id_resource_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["account_id", "species_id"],
            ["rdv_species.account_id", "rdv_species.id"],
            name=op.f("fk_rdv_resource_species_account_id_species_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["rdv_clinic_account.id"],
            name=op.f("fk_rdv_resource_species_account_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "account_id", "resource_id", "species_id", name=op.f("pk_rdv_resource_species")
        ),
    )
    op.create_table(
        "rdv_species_category",
        sa.Column("account_id", uid(), nullable=False),
        sa.Column("species_id", uid(), nullable=False),
        sa.Column("category_id", uid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id", "category_id"],
            ["rdv_category.account_id", "rdv_category.id"],
            name=op.f("fk_rdv_species_category_account_id_category_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["account_id", "species_id"],
            ["rdv_species.account_id", "rdv_species.id"],
            name=op.f("fk_rdv_species_category_account_id_species_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["rdv_clinic_account.id"],
            name=op.f("fk_rdv_species_category_account_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "account_id", "species_id", "category_id", name=op.f("pk_rdv_species_category")
        ),
    )
    op.create_table(
        "rdv_booking_cell",
        sa.Column("account_id", uid(), nullable=False),
        sa.Column("resource_id", uid(), nullable=False),
        sa.Column("cell", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("booking_id", uid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id", "booking_id"],
            ["rdv_booking.account_id", "rdv_booking.id"],
            name=op.f("fk_rdv_booking_cell_account_id_booking_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["rdv_clinic_account.id"],
            name=op.f("fk_rdv_booking_cell_account_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "account_id", "resource_id", "cell", name=op.f("pk_rdv_booking_cell")
        ),
    )
    op.create_index(
        op.f("ix_rdv_booking_cell_account_id_booking_id"),
        "rdv_booking_cell",
        ["account_id", "booking_id"],
        unique=False,
    )
    op.create_table(
        "rdv_cancel_link",
        sa.Column("token_sha256", key(64), nullable=False),
        sa.Column("account_id", uid(), nullable=False),
        sa.Column("booking_id", uid(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id", "booking_id"],
            ["rdv_booking.account_id", "rdv_booking.id"],
            name=op.f("fk_rdv_cancel_link_account_id_booking_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_rdv_cancel_link")),
    )
    op.create_index(
        op.f("ix_rdv_cancel_link_account_id_booking_id"),
        "rdv_cancel_link",
        ["account_id", "booking_id"],
        unique=False,
    )
    op.create_table(
        "rdv_conflict",
        sa.Column("account_id", uid(), nullable=False),
        sa.Column("booking_id", uid(), nullable=False),
        sa.Column("busy_id", key(64), nullable=False),
        sa.Column("opened_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id", "booking_id"],
            ["rdv_booking.account_id", "rdv_booking.id"],
            name=op.f("fk_rdv_conflict_account_id_booking_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["rdv_clinic_account.id"],
            name=op.f("fk_rdv_conflict_account_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "account_id", "booking_id", "busy_id", name=op.f("pk_rdv_conflict")
        ),
    )
    op.create_table(
        "rdv_resource_offer",
        sa.Column("account_id", uid(), nullable=False),
        sa.Column("resource_id", uid(), nullable=False),
        sa.Column("species_id", uid(), nullable=False),
        sa.Column("category_id", uid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id", "category_id"],
            ["rdv_category.account_id", "rdv_category.id"],
            name=op.f("fk_rdv_resource_offer_account_id_category_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["account_id", "resource_id", "species_id"],
            [
                "rdv_resource_species.account_id",
                "rdv_resource_species.resource_id",
                "rdv_resource_species.species_id",
            ],
            name=op.f("fk_rdv_resource_offer_account_id_resource_id_species_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["rdv_clinic_account.id"],
            name=op.f("fk_rdv_resource_offer_account_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "account_id",
            "resource_id",
            "species_id",
            "category_id",
            name=op.f("pk_rdv_resource_offer"),
        ),
    )


def downgrade() -> None:
    """Remove the tables."""
    op.drop_table("rdv_resource_offer")
    op.drop_table("rdv_conflict")
    op.drop_table("rdv_cancel_link")
    op.drop_table("rdv_booking_cell")
    op.drop_table("rdv_species_category")
    op.drop_table("rdv_resource_species")
    op.drop_table("rdv_opening")
    op.drop_table("rdv_busy")
    op.drop_table("rdv_booking")
    op.drop_table("rdv_snapshot_part")
    op.drop_table("rdv_snapshot")
    op.drop_table("rdv_reply")
    op.drop_table("rdv_sync_state")
    op.drop_table("rdv_sync_key")
    op.drop_table("rdv_species")
    op.drop_table("rdv_resource")
    op.drop_table("rdv_outbox")
    op.drop_table("rdv_event")
    op.drop_table("rdv_category")
    op.drop_table("rdv_audit")
    op.drop_table("rdv_consent_text")
    op.drop_table("rdv_clinic_account")
