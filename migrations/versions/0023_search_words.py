"""search words: what the search box of the back office finds, filled from the files that are there."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.orm import Session

from domain.search.index import reindex

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORD = sa.String(80).with_variant(sa.String(80, collation="C"), "postgresql")
NAMED = ("family", "guardian", "child")


def upgrade() -> None:
    """Apply the change."""
    for named in NAMED:
        key = f"{named}_id"
        op.create_table(
            f"{named}_word",
            sa.Column("word", WORD, nullable=False),
            sa.Column(key, KEY, nullable=False),
            sa.ForeignKeyConstraint(
                [key], [f"{named}.id"], ondelete="CASCADE", name=f"fk_{named}_word_{key}"
            ),
            sa.PrimaryKeyConstraint("word", key, name=f"pk_{named}_word"),
        )
        op.create_index(f"ix_{named}_word_{key}", f"{named}_word", [key, "word"])
    op.create_table(
        "word_variant",
        sa.Column("variant", WORD, nullable=False),
        sa.Column("word", WORD, nullable=False),
        sa.PrimaryKeyConstraint("variant", "word", name="pk_word_variant"),
    )
    op.create_index("ix_word_variant_word", "word_variant", ["word"])
    op.create_index("ix_payment_try_transaction", "payment_try", ["transaction"])
    op.create_index("ix_payment_bank_reference", "payment", ["bank_reference"])
    reindex(Session(op.get_bind()))


def downgrade() -> None:
    """Take the change back; the words are in the files still."""
    op.drop_index("ix_payment_bank_reference", "payment")
    op.drop_index("ix_payment_try_transaction", "payment_try")
    op.drop_table("word_variant")
    for named in reversed(NAMED):
        op.drop_table(f"{named}_word")
