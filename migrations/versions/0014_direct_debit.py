"""direct debit: the town as a creditor, mandates as families sign them, batches and debits."""

from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LIVE_DEBIT = sa.text("state IN ('announced', 'sent')")
LIVE_MANDATE = sa.text("revoked_on IS NULL")


def one_of(name: str, *values: str) -> sa.Enum:
    """Return the column type of a state."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def stamps() -> list[sa.Column[object]]:
    """Return who wrote a row and when."""
    return [
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(80), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.String(80), nullable=False),
    ]


def links(table: str, **targets: str) -> Iterable[sa.ForeignKeyConstraint]:
    """Return the foreign keys of a table, by column."""
    for column, target in targets.items():
        yield sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}")


def upgrade() -> None:
    """Apply the change."""
    with op.batch_alter_table("town") as table:
        table.add_column(sa.Column("sepa_creditor_id", sa.String(35), nullable=False, server_default=""))
        table.add_column(sa.Column("sepa_iban", sa.String(34), nullable=False, server_default=""))
        table.add_column(sa.Column("sepa_bic", sa.String(11), nullable=False, server_default=""))
        table.add_column(sa.Column("sepa_notice_days", sa.Integer(), nullable=False, server_default="14"))
    with op.batch_alter_table("town") as table:
        for name in ("sepa_creditor_id", "sepa_iban", "sepa_bic", "sepa_notice_days"):
            table.alter_column(name, server_default=None)
        table.create_check_constraint("sepa_notice", "sepa_notice_days BETWEEN 1 AND 60")
    # No page could write a mandate before this one: there is nothing to carry over.
    op.drop_table("sepa_mandate")
    _mandates()
    _batches()
    _debits()


def _mandates() -> None:
    op.create_table(
        "sepa_mandate",
        sa.Column("id", KEY, nullable=False),
        sa.Column("family_id", KEY, nullable=False),
        sa.Column("rum", sa.String(35), nullable=False),
        sa.Column("origin", one_of("origin", "online", "paper"), nullable=False),
        sa.Column("holder", sa.String(70), nullable=False),
        sa.Column("iban", sa.String(34), nullable=False),
        sa.Column("bic", sa.String(11), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("revoked_on", sa.Date(), nullable=True),
        sa.Column("revoked_reason", sa.String(200), nullable=False),
        sa.Column("last_used_on", sa.Date(), nullable=True),
        sa.Column("file_id", KEY, nullable=True),
        *stamps(),
        sa.CheckConstraint("revoked_on IS NULL OR revoked_on >= signed_on", name="range"),
        *links("sepa_mandate", family_id="family", file_id="stored_file"),
        sa.PrimaryKeyConstraint("id", name="pk_sepa_mandate"),
        sa.UniqueConstraint("rum", name="uq_sepa_mandate_rum"),
    )
    op.create_index("ix_sepa_mandate_family_id", "sepa_mandate", ["family_id"])
    op.create_index(
        "uq_sepa_mandate_live",
        "sepa_mandate",
        ["family_id"],
        unique=True,
        sqlite_where=LIVE_MANDATE,
        postgresql_where=LIVE_MANDATE,
    )


def _batches() -> None:
    op.create_table(
        "debit_batch",
        sa.Column("id", KEY, nullable=False),
        sa.Column("number", sa.String(24), nullable=False),
        sa.Column("collection_on", sa.Date(), nullable=False),
        sa.Column("state", one_of("state", "announced", "sent", "settled", "cancelled"), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message_id", sa.String(35), nullable=False),
        sa.Column("file_id", KEY, nullable=True),
        *stamps(),
        sa.CheckConstraint("(state IN ('sent', 'settled')) = (sent_at IS NOT NULL)", name="sent"),
        sa.CheckConstraint("(state = 'settled') = (settled_at IS NOT NULL)", name="settled"),
        *links("debit_batch", file_id="stored_file"),
        sa.PrimaryKeyConstraint("id", name="pk_debit_batch"),
        sa.UniqueConstraint("number", name="uq_debit_batch_number"),
    )


def _debits() -> None:
    states = one_of("state", "announced", "withdrawn", "sent", "collected", "returned")
    targets = {
        "batch_id": "debit_batch",
        "mandate_id": "sepa_mandate",
        "family_id": "family",
        "invoice_id": "invoice",
        "payment_id": "payment",
    }
    op.create_table(
        "direct_debit",
        sa.Column("id", KEY, nullable=False),
        sa.Column("batch_id", KEY, nullable=False),
        sa.Column("mandate_id", KEY, nullable=False),
        sa.Column("family_id", KEY, nullable=False),
        sa.Column("invoice_id", KEY, nullable=False),
        sa.Column("announced_cents", sa.BigInteger(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("end_to_end_id", sa.String(35), nullable=False),
        sa.Column("state", states, nullable=False),
        sa.Column("payment_id", KEY, nullable=True),
        sa.Column("reason_code", sa.String(4), nullable=False),
        sa.Column("returned_on", sa.Date(), nullable=True),
        *stamps(),
        sa.CheckConstraint("amount_cents > 0 AND amount_cents <= announced_cents", name="amount"),
        sa.CheckConstraint("state <> 'collected' OR payment_id IS NOT NULL", name="collected"),
        sa.CheckConstraint("(state = 'returned') = (returned_on IS NOT NULL)", name="returned"),
        *links("direct_debit", **targets),
        sa.PrimaryKeyConstraint("id", name="pk_direct_debit"),
        sa.UniqueConstraint("end_to_end_id", name="uq_direct_debit_end_to_end_id"),
        sa.UniqueConstraint("payment_id", name="uq_direct_debit_payment_id"),
    )
    for column in ("batch_id", "family_id", "mandate_id"):
        op.create_index(f"ix_direct_debit_{column}", "direct_debit", [column])
    op.create_index(
        "uq_direct_debit_live",
        "direct_debit",
        ["invoice_id"],
        unique=True,
        sqlite_where=LIVE_DEBIT,
        postgresql_where=LIVE_DEBIT,
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("direct_debit")
    op.drop_table("debit_batch")
    op.drop_table("sepa_mandate")
    op.create_table(
        "sepa_mandate",
        sa.Column("id", KEY, nullable=False),
        sa.Column("family_id", KEY, nullable=False),
        sa.Column("rum", sa.String(35), nullable=False),
        sa.Column("holder", sa.String(160), nullable=False),
        sa.Column("iban", sa.String(34), nullable=False),
        sa.Column("bic", sa.String(11), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("revoked_on", sa.Date(), nullable=True),
        sa.Column("used_count", sa.Integer(), nullable=False),
        *stamps(),
        sa.CheckConstraint("revoked_on IS NULL OR revoked_on >= signed_on", name="range"),
        *links("sepa_mandate", family_id="family"),
        sa.PrimaryKeyConstraint("id", name="pk_sepa_mandate"),
        sa.UniqueConstraint("rum", name="uq_sepa_mandate_rum"),
    )
    op.create_index("ix_sepa_mandate_family_id", "sepa_mandate", ["family_id"])
    with op.batch_alter_table("town") as table:
        table.drop_constraint("sepa_notice", type_="check")
        for name in ("sepa_notice_days", "sepa_bic", "sepa_iban", "sepa_creditor_id"):
            table.drop_column(name)
