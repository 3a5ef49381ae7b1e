"""job: the bank's returns of debits, noted by the worker when they are many."""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

BEFORE = (
    "import_check", "import_families", "import_sectors", "month_preview", "month_recount", "event_mails", "debit_mails", "debit_file",
    "debit_payments", "reminders", "handover", "wishes", "export",
)  # fmt: skip
AFTER = (*BEFORE[:9], "debit_returns", *BEFORE[9:])


def allow(kinds: tuple[str, ...]) -> None:
    """Let a job be of these kinds only."""
    with op.batch_alter_table("job") as table:
        table.drop_constraint(op.f("ck_job_kind"), type_="check")
        table.create_check_constraint(
            op.f("ck_job_kind"), f"kind IN ({', '.join(repr(one) for one in kinds)})"
        )


def upgrade() -> None:
    """Apply the change."""
    allow(AFTER)


def downgrade() -> None:
    """Take the change back; the record of such jobs is lost, what they did stays."""
    op.execute("DELETE FROM job WHERE kind = 'debit_returns'")
    allow(BEFORE)
