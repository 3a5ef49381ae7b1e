"""What corrects issued invoices: the lines that families contest."""

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Stamped


class ContestedLine(Base, Stamped):
    """A line of an invoice that its family contests; a line waits for one answer at a time."""

    __tablename__ = "contested_line"
    __table_args__ = (
        Index(
            "uq_contested_line_waiting",
            "line_id",
            unique=True,
            sqlite_where=text("is_waiting"),
            postgresql_where=text("is_waiting"),
        ),
    )

    demarche_id: Mapped[int] = mapped_column(ForeignKey("demarche.id", ondelete="CASCADE"), primary_key=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("invoice_line.id"))
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoice.id"), index=True)
    family_id: Mapped[int] = mapped_column(ForeignKey("family.id", ondelete="CASCADE"), index=True)
    message: Mapped[str] = mapped_column(Text)
    is_waiting: Mapped[bool] = mapped_column(default=True)
