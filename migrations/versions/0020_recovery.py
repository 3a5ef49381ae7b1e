"""recovery: levels of reminders, reminders sent, hand-over to the Trésor public, and the alarm of a late month."""

from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
LIVE = sa.text("taken_back_at IS NULL")
MEANS = ("card_online", "card_desk", "cash", "cheque", "cesu", "ancv", "transfer", "direct_debit")
ALERTS = ("other_amount", "second_payment", "unknown_reference", "already_settled")
# Each column whose values grow: table, column, what it held, what it may hold too.
GROWN = (
    ("payment", "means", MEANS, "tresor"),
    ("refund", "means", MEANS, "tresor"),
    ("deposit_slip", "means", MEANS, "tresor"),
    ("bank_notification", "alert", ALERTS, "handed_over"),
    ("drawing_try", "kind", ("invoice", "print_batch"), "reminder"),
)
TOWN = (
    ("invoicing_alarm_day", sa.Integer(), "10"),
    ("handover_after_days", sa.Integer(), "15"),
    ("handover_min_cents", sa.BigInteger(), "1500"),
    ("handover_nature", sa.String(120), ""),
    ("tresor_contact", sa.Text(), ""),
)


def one_of(name: str, *values: str) -> sa.Enum:
    """Return the column type of a state."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def stamps() -> list[sa.Column[object]]:
    """Return who wrote a row and when."""
    return [
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", sa.String(80), nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("updated_by", sa.String(80), nullable=False),
    ]


def links(table: str, **targets: str) -> Iterable[sa.ForeignKeyConstraint]:
    """Return the foreign keys of a table, by column."""
    for column, target in targets.items():
        yield sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}")


def upgrade() -> None:
    """Apply the change."""
    for table, column, held, added in GROWN:
        _hold(table, column, (*held, added))
    with op.batch_alter_table("town") as table:
        for name, kind, default in TOWN:
            table.add_column(sa.Column(name, kind, nullable=False, server_default=default))
    with op.batch_alter_table("town") as table:
        for name, _kind, _default in TOWN:
            table.alter_column(name, server_default=None)
        table.create_check_constraint("invoicing_alarm", "invoicing_alarm_day BETWEEN 1 AND 28")
        table.create_check_constraint("handover", "handover_after_days >= 0 AND handover_min_cents >= 0")
    with op.batch_alter_table("print_batch") as table:
        table.add_column(sa.Column("reminder_count", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("print_batch") as table:
        table.alter_column("reminder_count", server_default=None)
    _levels()
    _reminders()
    _pauses()
    _handovers()


def _hold(table: str, column: str, values: Iterable[str]) -> None:
    """Let a column hold these values and no others."""
    listed = ", ".join(f"'{value}'" for value in values)
    with op.batch_alter_table(table) as change:
        change.drop_constraint(op.f(f"ck_{table}_{column}"), type_="check")
        change.create_check_constraint(op.f(f"ck_{table}_{column}"), f"{column} IN ({listed})")


def _levels() -> None:
    made = op.create_table(
        "reminder_level",
        sa.Column("id", KEY, nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("after_days", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("by_email", sa.Boolean(), nullable=False),
        sa.Column("paper", one_of("paper", "never", "paper_families", "everybody"), nullable=False),
        sa.Column("min_cents", sa.BigInteger(), nullable=False),
        *stamps(),
        sa.CheckConstraint("level BETWEEN 1 AND 9", name="level"),
        sa.CheckConstraint("after_days BETWEEN 1 AND 730", name="after_days"),
        sa.CheckConstraint("min_cents >= 0", name="min"),
        sa.CheckConstraint("by_email OR paper <> 'never'", name="some_way"),
        sa.PrimaryKeyConstraint("id", name="pk_reminder_level"),
        sa.UniqueConstraint("level", name="uq_reminder_level_level"),
        sa.UniqueConstraint("after_days", name="uq_reminder_level_after_days"),
    )
    # A town that is there already begins with the usual levels; a new one is given them when it is installed.
    if op.get_bind().scalar(sa.text("SELECT count(*) FROM town")):
        now = sa.func.current_timestamp()
        stamp = {"created_at": now, "created_by": "system", "updated_at": now, "updated_by": "system"}
        for row in USUAL:
            op.execute(made.insert().values(**row, **stamp))


USUAL = (
    {
        "level": 1,
        "after_days": 7,
        "title": "Un oubli, peut-être ?",
        "body": (
            "Sauf erreur de notre part, nous n’avons pas encore reçu votre paiement de {total}. "
            "Il s’agit sans doute d’un oubli : merci de régler cette somme dès que possible.\n\n"
            "Si vous venez de payer, ne tenez pas compte de ce message."
        ),
        "by_email": True,
        "paper": "paper_families",
        "min_cents": 0,
    },
    {
        "level": 2,
        "after_days": 21,
        "title": "Deuxième rappel",
        "body": (
            "Malgré notre premier rappel, {total} restent à payer. Nous vous demandons de régler cette somme "
            "sous huit jours.\n\n"
            "Une difficulté ? Appelez-nous : nous chercherons une solution avec vous."
        ),
        "by_email": True,
        "paper": "paper_families",
        "min_cents": 0,
    },
    {
        "level": 3,
        "after_days": 35,
        "title": "Dernier avis avant transmission au Trésor public",
        "body": (
            "Nos rappels sont restés sans réponse : {total} restent à payer. Sans paiement sous quinze jours, "
            "cette somme sera transmise au Trésor public, qui la recouvrera.\n\n"
            "Une difficulté ? Appelez-nous avant cette date : nous chercherons une solution avec vous."
        ),
        "by_email": True,
        "paper": "everybody",
        "min_cents": 0,
    },
)


def _reminders() -> None:
    op.create_table(
        "reminder_run",
        sa.Column("id", KEY, nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("reminder_count", sa.Integer(), nullable=False),
        sa.Column("total_cents", sa.BigInteger(), nullable=False),
        *stamps(),
        sa.CheckConstraint("reminder_count > 0 AND total_cents > 0", name="some"),
        sa.PrimaryKeyConstraint("id", name="pk_reminder_run"),
    )
    op.create_table(
        "reminder",
        sa.Column("id", KEY, nullable=False),
        sa.Column("number", sa.String(24), nullable=False),
        sa.Column("run_id", KEY, nullable=False),
        sa.Column("family_id", KEY, nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("payer_name", sa.String(240), nullable=False),
        sa.Column("payer_address", sa.Text(), nullable=False),
        sa.Column("family_code", sa.String(8), nullable=False),
        sa.Column("total_cents", sa.BigInteger(), nullable=False),
        sa.Column("by_email", sa.Boolean(), nullable=False),
        sa.Column("delivery", one_of("delivery", "electronic", "paper"), nullable=False),
        sa.Column("printed_at", INSTANT, nullable=True),
        sa.Column("file_id", KEY, nullable=True),
        *stamps(),
        sa.CheckConstraint("level BETWEEN 1 AND 9", name="level"),
        sa.CheckConstraint("total_cents > 0", name="total"),
        *links("reminder", run_id="reminder_run", family_id="family", file_id="stored_file"),
        sa.PrimaryKeyConstraint("id", name="pk_reminder"),
        sa.UniqueConstraint("number", name="uq_reminder_number"),
    )
    op.create_index("ix_reminder_family_id", "reminder", ["family_id", "sent_on"])
    op.create_index("ix_reminder_run_id", "reminder", ["run_id"])
    op.create_index("ix_reminder_unprinted", "reminder", ["delivery", "printed_at"])
    op.create_table(
        "reminder_invoice",
        sa.Column("reminder_id", KEY, nullable=False),
        sa.Column("invoice_id", KEY, nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("due_cents", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("due_cents > 0", name="due"),
        sa.CheckConstraint("level BETWEEN 1 AND 9", name="level"),
        sa.ForeignKeyConstraint(
            ["reminder_id"], ["reminder.id"], name="fk_reminder_invoice_reminder_id", ondelete="RESTRICT"
        ),
        *links("reminder_invoice", invoice_id="invoice"),
        sa.PrimaryKeyConstraint("reminder_id", "invoice_id", name="pk_reminder_invoice"),
        sa.UniqueConstraint("invoice_id", "level", name="uq_reminder_invoice_invoice_id_level"),
    )
    op.create_table(
        "print_batch_reminder",
        sa.Column("reminder_id", KEY, nullable=False),
        sa.Column("batch_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["print_batch.id"], name="fk_print_batch_reminder_batch_id", ondelete="CASCADE"
        ),
        *links("print_batch_reminder", reminder_id="reminder"),
        sa.PrimaryKeyConstraint("reminder_id", name="pk_print_batch_reminder"),
    )
    op.create_index("ix_print_batch_reminder_batch_id", "print_batch_reminder", ["batch_id"])


def _pauses() -> None:
    op.create_table(
        "recovery_pause",
        sa.Column("id", KEY, nullable=False),
        sa.Column("family_id", KEY, nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("lifted_at", INSTANT, nullable=True),
        *stamps(),
        sa.CheckConstraint("reason <> ''", name="reason"),
        *links("recovery_pause", family_id="family"),
        sa.PrimaryKeyConstraint("id", name="pk_recovery_pause"),
    )
    op.create_index("ix_recovery_pause_family_id", "recovery_pause", ["family_id", "until_on"])


def _handovers() -> None:
    op.create_table(
        "handover_batch",
        sa.Column("id", KEY, nullable=False),
        sa.Column("number", sa.String(24), nullable=False),
        sa.Column("handed_on", sa.Date(), nullable=False),
        sa.Column("invoice_count", sa.Integer(), nullable=False),
        sa.Column("total_cents", sa.BigInteger(), nullable=False),
        sa.Column("csv_file_id", KEY, nullable=True),
        sa.Column("xlsx_file_id", KEY, nullable=True),
        *stamps(),
        sa.CheckConstraint("invoice_count > 0 AND total_cents > 0", name="some"),
        *links("handover_batch", csv_file_id="stored_file", xlsx_file_id="stored_file"),
        sa.PrimaryKeyConstraint("id", name="pk_handover_batch"),
        sa.UniqueConstraint("number", name="uq_handover_batch_number"),
    )
    op.create_table(
        "handover",
        sa.Column("id", KEY, nullable=False),
        sa.Column("batch_id", KEY, nullable=False),
        sa.Column("invoice_id", KEY, nullable=False),
        sa.Column("due_cents", sa.BigInteger(), nullable=False),
        sa.Column("taken_back_at", INSTANT, nullable=True),
        sa.Column("taken_back_reason", sa.String(200), nullable=False),
        *stamps(),
        sa.CheckConstraint("due_cents > 0", name="due"),
        sa.CheckConstraint("(taken_back_at IS NULL) = (taken_back_reason = '')", name="taken_back"),
        *links("handover", batch_id="handover_batch", invoice_id="invoice"),
        sa.PrimaryKeyConstraint("id", name="pk_handover"),
    )
    op.create_index("ix_handover_batch_id", "handover", ["batch_id"])
    op.create_index("ix_handover_invoice_id", "handover", ["invoice_id"])
    op.create_index(
        "uq_handover_live", "handover", ["invoice_id"], unique=True, sqlite_where=LIVE, postgresql_where=LIVE
    )


def downgrade() -> None:
    """Take the change back; payments of the Trésor cannot be kept, so they must not exist."""
    for name in (
        "handover",
        "handover_batch",
        "recovery_pause",
        "print_batch_reminder",
        "reminder_invoice",
        "reminder",
        "reminder_run",
        "reminder_level",
    ):
        op.drop_table(name)
    with op.batch_alter_table("print_batch") as table:
        table.drop_column("reminder_count")
    with op.batch_alter_table("town") as table:
        table.drop_constraint("handover", type_="check")
        table.drop_constraint("invoicing_alarm", type_="check")
        for name, _kind, _default in reversed(TOWN):
            table.drop_column(name)
    op.execute("DELETE FROM drawing_try WHERE kind = 'reminder'")
    for table, column, held, _added in GROWN:
        _hold(table, column, held)
