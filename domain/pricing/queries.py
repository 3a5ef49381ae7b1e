"""Tariffs as the rules read them."""

from collections import defaultdict

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.pricing.rules import (
    Band,
    Method,
    PriceRule,
    Residence,
    Situation,
    Tariff,
    TariffVersion,
)
from models.tariffs import PriceRule as RuleRow
from models.tariffs import Tariff as TariffRow
from models.tariffs import TariffBand as BandRow
from models.tariffs import TariffVersion as VersionRow


def load_tariffs(session: Session) -> dict[int, Tariff]:
    """Return every tariff with its versions, rules and bands, by id; four queries."""
    bands: dict[int, list[Band]] = defaultdict(list)
    for band in session.scalars(select(BandRow).order_by(BandRow.low_cents)):
        bands[band.rule_id].append(Band(band.low_cents, band.high_cents, band.amount_cents))
    rules: dict[int, list[PriceRule]] = defaultdict(list)
    for row in session.scalars(select(RuleRow).order_by(RuleRow.id)):
        rules[row.version_id].append(_rule(row, tuple(bands[row.id])))
    versions: dict[int, list[TariffVersion]] = defaultdict(list)
    for version in session.scalars(select(VersionRow).order_by(VersionRow.valid_from)):
        versions[version.tariff_id].append(
            TariffVersion(version.id, version.valid_from, version.valid_to, tuple(rules[version.id]))
        )
    return {
        tariff.id: Tariff(
            tariff.id, tariff.name, tariff.unit_name, tariff.units_name, tuple(versions[tariff.id])
        )
        for tariff in session.scalars(select(TariffRow))
    }


def _rule(row: RuleRow, bands: tuple[Band, ...]) -> PriceRule:
    return PriceRule(
        method=Method(row.method.value),
        residence=Residence(row.residence.value),
        situation=Situation(row.situation.value),
        formula_key=row.formula_key,
        amount_cents=row.amount_cents,
        rate_ppm=row.rate_ppm,
        floor_cents=row.floor_cents,
        ceiling_cents=row.ceiling_cents,
        slice_minutes=row.slice_minutes,
        percent_bp=row.percent_bp,
        bands=bands,
    )
