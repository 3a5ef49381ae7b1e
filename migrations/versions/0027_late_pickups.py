"""late pick-ups: from when an activity bills them, and the items of an invoice that bill one."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LIVE = sa.text("late_id IS NOT NULL AND released_by_id IS NULL")
# By table: what an item bills, one subject each.
BEFORE = {
    "invoice_item": (
        "(CASE WHEN reservation_id IS NULL THEN 0 ELSE 1 END"
        " + CASE WHEN attendance_id IS NULL THEN 0 ELSE 1 END"
        " + CASE WHEN carried_id IS NULL THEN 0 ELSE 1 END) = 1"
    ),
    "carried_item": "(reservation_id IS NULL) <> (attendance_id IS NULL)",
}
AFTER = {
    "invoice_item": (
        "(CASE WHEN reservation_id IS NULL THEN 0 ELSE 1 END"
        " + CASE WHEN attendance_id IS NULL THEN 0 ELSE 1 END"
        " + CASE WHEN late_id IS NULL THEN 0 ELSE 1 END"
        " + CASE WHEN carried_id IS NULL THEN 0 ELSE 1 END) = 1"
    ),
    "carried_item": (
        "(CASE WHEN reservation_id IS NULL THEN 0 ELSE 1 END"
        " + CASE WHEN attendance_id IS NULL THEN 0 ELSE 1 END"
        " + CASE WHEN late_id IS NULL THEN 0 ELSE 1 END) = 1"
    ),
}
FROZEN = {
    "invoice_item": ("line_id", "reservation_id", "attendance_id", "carried_id", "home"),
    "carried_item": ("carried_id", "reservation_id", "attendance_id", "home"),
}
FROZEN_AFTER = {
    "invoice_item": ("line_id", "reservation_id", "attendance_id", "late_id", "carried_id", "home"),
    "carried_item": ("carried_id", "reservation_id", "attendance_id", "late_id", "home"),
}
ONCE = {"invoice_item": ("released_by_id",), "carried_item": ()}


def upgrade() -> None:
    """Apply the change."""
    with op.batch_alter_table("activity") as table:
        table.add_column(sa.Column("late_after_minutes", sa.Integer()))
        table.add_column(
            sa.Column("is_late_by_family", sa.Boolean(), nullable=False, server_default=sa.true())
        )
        table.create_check_constraint("late_after", "late_after_minutes >= 0")
    with op.batch_alter_table("activity") as table:
        table.alter_column("is_late_by_family", server_default=None)
    _drop_guards()
    for name, condition in AFTER.items():
        with op.batch_alter_table(name) as table:
            table.add_column(sa.Column("late_id", KEY))
            table.create_foreign_key(f"fk_{name}_late_id", "attendance", ["late_id"], ["id"])
            table.drop_constraint("one_subject", type_="check")
            table.create_check_constraint("one_subject", condition)
            if name == "carried_item":
                table.create_unique_constraint("uq_carried_item_late_id_home", ["late_id", "home"])
    op.create_index(
        "uq_invoice_item_late_id",
        "invoice_item",
        ["late_id", "home"],
        unique=True,
        sqlite_where=LIVE,
        postgresql_where=LIVE,
    )
    _guard(FROZEN_AFTER)


def downgrade() -> None:
    """Take the change back; a late pick-up that is billed cannot be kept, so there must be none."""
    _drop_guards()
    op.drop_index("uq_invoice_item_late_id", "invoice_item")
    for name, condition in BEFORE.items():
        with op.batch_alter_table(name) as table:
            if name == "carried_item":
                table.drop_constraint("uq_carried_item_late_id_home", type_="unique")
            table.drop_constraint("one_subject", type_="check")
            table.drop_constraint(f"fk_{name}_late_id", type_="foreignkey")
            table.drop_column("late_id")
            table.create_check_constraint("one_subject", condition)
    _guard(FROZEN)
    with op.batch_alter_table("activity") as table:
        table.drop_constraint("late_after", type_="check")
        table.drop_column("is_late_by_family")
        table.drop_column("late_after_minutes")


def _drop_guards() -> None:
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    for name in FROZEN:
        for what in ("unchanged", "undeleted"):
            op.execute(f"DROP TRIGGER keep_{name}_{what}" + (f" ON {name}" if is_postgresql else ""))


def _guard(frozen: dict[str, tuple[str, ...]]) -> None:
    """Make the triggers of both tables again, which SQLite loses when it rebuilds a table."""
    write = _postgresql if op.get_bind().dialect.name == "postgresql" else _sqlite
    for name, columns in frozen.items():
        for statement in write(name, columns, ONCE[name]):
            op.execute(statement)


def _postgresql(table: str, frozen: tuple[str, ...], once: tuple[str, ...]) -> Iterator[str]:
    # As text, for a json column cannot be compared.
    changes = [f"OLD.{name}::text IS DISTINCT FROM NEW.{name}::text" for name in frozen]
    changes += [f"(OLD.{name} IS NOT NULL AND OLD.{name} IS DISTINCT FROM NEW.{name})" for name in once]
    call = "EXECUTE FUNCTION keep_books()"
    yield (
        f"CREATE OR REPLACE TRIGGER keep_{table}_unchanged BEFORE UPDATE ON {table} FOR EACH ROW"
        f" WHEN ({' OR '.join(changes)}) {call}"
    )
    yield f"CREATE OR REPLACE TRIGGER keep_{table}_undeleted BEFORE DELETE ON {table} FOR EACH ROW {call}"


def _sqlite(table: str, frozen: tuple[str, ...], once: tuple[str, ...]) -> Iterator[str]:
    changes = [f"OLD.{name} IS NOT NEW.{name}" for name in frozen]
    changes += [f"(OLD.{name} IS NOT NULL AND OLD.{name} IS NOT NEW.{name})" for name in once]
    closed = "NOT EXISTS (SELECT 1 FROM open_books)"
    refuse = f"BEGIN SELECT RAISE(ABORT, 'the books are append-only: {table}'); END"
    columns = ", ".join((*frozen, *once))
    yield (
        f"CREATE TRIGGER IF NOT EXISTS keep_{table}_unchanged BEFORE UPDATE OF {columns} ON {table}"
        f" WHEN ({' OR '.join(changes)}) AND {closed} {refuse}"
    )
    yield f"CREATE TRIGGER IF NOT EXISTS keep_{table}_undeleted BEFORE DELETE ON {table} WHEN {closed} {refuse}"
