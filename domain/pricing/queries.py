"""Tariffs as the rules read them."""

from collections import defaultdict

from sqlalchemy import ColumnElement, and_, exists, select
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
from models.activities import Activity, ActivityFormula
from models.tariffs import PriceRule as RuleRow
from models.tariffs import Tariff as TariffRow
from models.tariffs import TariffBand as BandRow
from models.tariffs import TariffVersion as VersionRow


def load_tariffs(session: Session) -> dict[int, Tariff]:
    """Return every tariff with its versions in force, rules and bands, by id; four queries. Drafts price nothing."""
    rules = _rules(session)
    versions: dict[int, list[TariffVersion]] = defaultdict(list)
    in_force = select(VersionRow).where(VersionRow.is_draft.is_(False)).order_by(VersionRow.valid_from)
    for version in session.scalars(in_force):
        versions[version.tariff_id].append(
            TariffVersion(version.id, version.valid_from, version.valid_to, tuple(rules[version.id]))
        )
    return {
        tariff.id: Tariff(
            tariff.id, tariff.name, tariff.unit_name, tariff.units_name, tuple(versions[tariff.id])
        )
        for tariff in session.scalars(select(TariffRow))
    }


def load_version(session: Session, row: VersionRow) -> TariffVersion:
    """Return one version, a draft too, with its rules and bands."""
    rules = _rules(session, RuleRow.version_id == row.id)
    return TariffVersion(row.id, row.valid_from, row.valid_to, tuple(rules[row.id]))


def formula_names(session: Session, tariff_id: int, without: int | None = None) -> dict[str, str]:
    """Return the names of the formulas that may be billed by a tariff; an empty key for activities that have none.

    Args:
        without: the number of a formula that is about to be taken away.
    """
    of_activity = ActivityFormula.activity_id == Activity.id
    kept = of_activity if without is None else and_(of_activity, ActivityFormula.id != without)
    rows = session.execute(
        select(ActivityFormula.key, ActivityFormula.name)
        .select_from(Activity)
        .outerjoin(ActivityFormula, kept)
        .where(Activity.tariff_id == tariff_id)
        .order_by(Activity.position, ActivityFormula.id)
    )
    found: dict[str, str] = {}
    for key, name in rows:
        found.setdefault(key or "", name or "")
    return found


def formula_keys(session: Session, tariff_id: int, without: int | None = None) -> tuple[str, ...]:
    """Return the formulas that may be billed by a tariff; none when no activity uses it."""
    return tuple(formula_names(session, tariff_id, without))


def bills_late(session: Session, tariff_id: int) -> bool:
    """Whether an activity bills late pick-ups by a tariff."""
    found = exists().where(Activity.tariff_id == tariff_id, Activity.late_after_minutes.is_not(None))
    return bool(session.scalar(select(found)))


def tariff_rows(session: Session) -> list[TariffRow]:
    """Return the tariffs by name."""
    return list(session.scalars(select(TariffRow).order_by(TariffRow.name)))


def all_versions(session: Session, tariff_id: int) -> list[VersionRow]:
    """Return a tariff's versions, drafts too, by date."""
    statement = select(VersionRow).where(VersionRow.tariff_id == tariff_id)
    return list(session.scalars(statement.order_by(VersionRow.valid_from, VersionRow.id)))


def _rules(session: Session, *which: ColumnElement[bool]) -> dict[int, list[PriceRule]]:
    """Return the price rules by version, each with its bands; two queries."""
    bands: dict[int, list[Band]] = defaultdict(list)
    of_rules = select(BandRow).join(RuleRow, RuleRow.id == BandRow.rule_id)
    for band in session.scalars(of_rules.where(*which).order_by(BandRow.low_cents)):
        bands[band.rule_id].append(Band(band.low_cents, band.high_cents, band.amount_cents))
    rules: dict[int, list[PriceRule]] = defaultdict(list)
    for row in session.scalars(select(RuleRow).where(*which).order_by(RuleRow.id)):
        rules[row.version_id].append(_rule(row, tuple(bands[row.id])))
    return rules


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
