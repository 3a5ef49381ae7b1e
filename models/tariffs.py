"""Tariffs as data: versions by date, rules by situation, bands, sibling discounts, vouchers."""

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Cents, Pk, Reference, Stamped, text_enum


class PriceMethod(StrEnum):
    """How a unit price is found."""

    FLAT = "flat"
    BANDS = "bands"
    EFFORT = "effort"
    SLICE = "slice"
    PERCENT = "percent"


class PriceResidence(StrEnum):
    """Whom a price rule is for, by the address on the day."""

    ANY = "any"
    RESIDENT = "resident"
    NON_RESIDENT = "non_resident"
    PARTNER = "partner"


class PriceSituation(StrEnum):
    """What happened that day."""

    NORMAL = "normal"
    PAI = "pai"
    UNRESERVED = "unreserved"
    ABSENCE = "absence"
    LATE = "late"


class Tariff(Base, Reference):
    """A price list that activities refer to."""

    __tablename__ = "tariff"

    id: Mapped[Pk]
    name: Mapped[str] = mapped_column(String(120), unique=True)
    unit_name: Mapped[str] = mapped_column(String(40), default="repas")
    units_name: Mapped[str] = mapped_column(String(40), default="repas")

    versions: Mapped[list["TariffVersion"]] = relationship(
        back_populates="tariff", order_by="TariffVersion.valid_from", lazy="raise_on_sql"
    )

    def __str__(self) -> str:
        return self.name


class TariffVersion(Base, Reference):
    """A tariff in force on ``[valid_from, valid_to[``, as the council voted it.

    A draft is prepared and simulated; nothing is billed by it before it is put in force, and it may have gaps.
    """

    __tablename__ = "tariff_version"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="range"),
        Index("ix_tariff_version_tariff_id", "tariff_id"),
        # Several drafts of one day may be compared; one version at most begins on it.
        Index(
            "uq_tariff_version_in_force",
            "tariff_id",
            "valid_from",
            unique=True,
            sqlite_where=text("NOT is_draft"),
            postgresql_where=text("NOT is_draft"),
        ),
    )

    id: Mapped[Pk]
    tariff_id: Mapped[int] = mapped_column(ForeignKey("tariff.id", ondelete="CASCADE"))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    deliberation: Mapped[str] = mapped_column(String(120), default="")
    # What staff call it while it is prepared: "Hypothèse A, + 2 %".
    title: Mapped[str] = mapped_column(String(120), default="")
    is_draft: Mapped[bool] = mapped_column(Boolean, default=False)

    tariff: Mapped[Tariff] = relationship(back_populates="versions", lazy="raise_on_sql")
    rules: Mapped[list["PriceRule"]] = relationship(lazy="raise_on_sql")


class PriceRule(Base, Reference):
    """A price for a residence, a situation and a formula; the most specific rule wins.

    ``rate_ppm`` is in millionths (0.36 % is 3600); ``percent_bp`` in hundredths of a percent of the normal price.
    """

    __tablename__ = "price_rule"
    __table_args__ = (
        CheckConstraint("method <> 'flat' OR amount_cents IS NOT NULL", name="flat"),
        CheckConstraint("method <> 'effort' OR rate_ppm IS NOT NULL", name="effort"),
        CheckConstraint("method <> 'percent' OR percent_bp IS NOT NULL", name="percent"),
        CheckConstraint(
            "method <> 'slice' OR (amount_cents IS NOT NULL AND slice_minutes IS NOT NULL)", name="slice"
        ),
        CheckConstraint(
            "floor_cents IS NULL OR ceiling_cents IS NULL OR ceiling_cents >= floor_cents", name="clamp"
        ),
        UniqueConstraint("version_id", "residence", "situation", "formula_key"),
    )

    id: Mapped[Pk]
    version_id: Mapped[int] = mapped_column(ForeignKey("tariff_version.id", ondelete="CASCADE"))
    residence: Mapped[PriceResidence] = mapped_column(
        text_enum(PriceResidence, "residence"), default=PriceResidence.ANY
    )
    situation: Mapped[PriceSituation] = mapped_column(
        text_enum(PriceSituation, "situation"), default=PriceSituation.NORMAL
    )
    # Empty: every formula. Not NULL, so that the unique constraint sees it.
    formula_key: Mapped[str] = mapped_column(String(24), default="")
    method: Mapped[PriceMethod] = mapped_column(text_enum(PriceMethod, "method"))
    amount_cents: Mapped[Cents | None]
    rate_ppm: Mapped[int | None] = mapped_column(Integer)
    floor_cents: Mapped[Cents | None]
    ceiling_cents: Mapped[Cents | None]
    slice_minutes: Mapped[int | None] = mapped_column(Integer)
    percent_bp: Mapped[int | None] = mapped_column(Integer)

    bands: Mapped[list["TariffBand"]] = relationship(order_by="TariffBand.low_cents", lazy="raise_on_sql")


class TariffBand(Base, Reference):
    """A price for a quotient in ``[low_cents, high_cents[``; no high end for the last."""

    __tablename__ = "tariff_band"
    __table_args__ = (
        CheckConstraint("low_cents >= 0", name="low"),
        CheckConstraint("high_cents IS NULL OR high_cents > low_cents", name="range"),
        UniqueConstraint("rule_id", "low_cents"),
    )

    id: Mapped[Pk]
    rule_id: Mapped[int] = mapped_column(ForeignKey("price_rule.id", ondelete="CASCADE"))
    low_cents: Mapped[Cents]
    high_cents: Mapped[Cents | None]
    amount_cents: Mapped[Cents]


class SiblingDiscount(Base, Reference):
    """From the nth child registered, a percentage off or, for one tariff, a unit price in place of a dearer one."""

    __tablename__ = "sibling_discount"
    __table_args__ = (
        CheckConstraint("from_rank >= 2", name="rank"),
        CheckConstraint("percent_bp BETWEEN 1 AND 10000", name="percent"),
        CheckConstraint("(percent_bp IS NULL) <> (amount_cents IS NULL)", name="one_figure"),
        CheckConstraint(
            "amount_cents IS NULL OR (amount_cents >= 0 AND tariff_id IS NOT NULL)", name="price"
        ),
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="range"),
    )

    id: Mapped[Pk]
    tariff_id: Mapped[int | None] = mapped_column(ForeignKey("tariff.id", ondelete="CASCADE"), index=True)
    from_rank: Mapped[int] = mapped_column(Integer)
    percent_bp: Mapped[int | None] = mapped_column(Integer)
    amount_cents: Mapped[Cents | None]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class Voucher(Base, Stamped):
    """An aid (CAF, CCAS) taken off a family's bill after price, never below zero."""

    __tablename__ = "voucher"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount"),
        CheckConstraint("used_cents BETWEEN 0 AND amount_cents", name="used"),
        Index("ix_voucher_family", "family_id", "valid_from"),
    )

    id: Mapped[Pk]
    family_id: Mapped[int] = mapped_column(ForeignKey("family.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(120))
    amount_cents: Mapped[Cents]
    used_cents: Mapped[Cents] = mapped_column(default=0)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class SimulationState(StrEnum):
    """Where a simulation stands."""

    WAITING = "waiting"
    DONE = "done"


class TariffSimulation(Base, Stamped):
    """A version of a tariff tried on what was billed in ``[first_month, end_month[``; it bills nothing.

    ``rules`` are its prices as they were when it was asked for; the version may have changed since.
    """

    __tablename__ = "tariff_simulation"
    __table_args__ = (
        CheckConstraint("end_month > first_month", name="range"),
        CheckConstraint("done_count BETWEEN 0 AND month_count", name="progress"),
        Index("ix_tariff_simulation_version_id", "version_id"),
        Index("ix_tariff_simulation_state", "state"),
    )

    id: Mapped[Pk]
    version_id: Mapped[int] = mapped_column(ForeignKey("tariff_version.id", ondelete="CASCADE"))
    first_month: Mapped[date]
    end_month: Mapped[date]
    state: Mapped[SimulationState] = mapped_column(
        text_enum(SimulationState, "state"), default=SimulationState.WAITING
    )
    month_count: Mapped[int] = mapped_column(Integer)
    done_count: Mapped[int] = mapped_column(Integer, default=0)
    rules: Mapped[list[Any]] = mapped_column(JSON)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON)
