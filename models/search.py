"""What families, adults and children are found by: words without accents, kept beside the rows that they name."""

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Pk

LENGTH = 80

# Compared sign by sign on both databases, so that a beginning of a word is a range of the index.
Word = String(LENGTH).with_variant(String(LENGTH, collation="C"), "postgresql")

# Written anew from other tables: a merge leaves such rows to the foreign key, and keeps no trace of them.
DERIVED = {"is_derived": True}


class FamilyWord(Base):
    """A word by which a family's file is found."""

    __tablename__ = "family_word"
    __table_args__ = (Index("ix_family_word_family_id", "family_id", "word"), {"info": DERIVED})

    word: Mapped[str] = mapped_column(Word, primary_key=True)
    family_id: Mapped[Pk] = mapped_column(ForeignKey("family.id", ondelete="CASCADE"))


class GuardianWord(Base):
    """A word by which an adult is found."""

    __tablename__ = "guardian_word"
    __table_args__ = (Index("ix_guardian_word_guardian_id", "guardian_id", "word"), {"info": DERIVED})

    word: Mapped[str] = mapped_column(Word, primary_key=True)
    guardian_id: Mapped[Pk] = mapped_column(ForeignKey("guardian.id", ondelete="CASCADE"))


class ChildWord(Base):
    """A word by which a child is found."""

    __tablename__ = "child_word"
    __table_args__ = (Index("ix_child_word_child_id", "child_id", "word"), {"info": DERIVED})

    word: Mapped[str] = mapped_column(Word, primary_key=True)
    child_id: Mapped[Pk] = mapped_column(ForeignKey("child.id", ondelete="CASCADE"))


class WordVariant(Base):
    """A known word's beginning with some letters left out: what it shares with its misspellings."""

    __tablename__ = "word_variant"
    __table_args__ = (Index("ix_word_variant_word", "word"), {"info": DERIVED})

    variant: Mapped[str] = mapped_column(Word, primary_key=True)
    word: Mapped[str] = mapped_column(Word, primary_key=True)
