"""Versions of a tariff: prepared as drafts, put in force in one act, never changed once an invoice used them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_role
from domain.actor import Actor, Role
from domain.dates import first_of_month
from domain.errors import Refusal
from domain.pricing.coverage import FaultCode, check_version, require_whole
from domain.pricing.queries import bills_late, formula_keys, load_version
from domain.pricing.rules import FIGURES, PriceRule, written_rule
from models.activities import Activity
from models.invoices import CarriedAmount, Invoice, InvoiceLine, LineKind
from models.tariffs import PriceMethod, PriceResidence, PriceSituation, Tariff, TariffBand, TariffVersion
from models.tariffs import PriceRule as RuleRow

PREPARING = (Role.ADMINISTRATOR, Role.REGISSEUR)
DECIDING = (Role.ADMINISTRATOR,)
# What the tables themselves refuse, even of a draft.
NEVER = {FaultCode.SAME_CASE, FaultCode.FIGURE_MISSING, FaultCode.FLOOR_ABOVE_CEILING}


@dataclass(frozen=True, slots=True)
class Terms:
    """What a version says, whole."""

    valid_from: date
    title: str
    deliberation: str
    rules: tuple[PriceRule, ...]


def prepare_version(
    session: Session, *, actor: Actor, now: datetime, tariff_id: int, valid_from: date, title: str = ""
) -> TariffVersion:
    """Begin a version from nothing, as a draft.

    Raises:
        Refusal: ``not_allowed``.
    """
    require_role(actor, *PREPARING)
    draft = TariffVersion(tariff_id=tariff_id, valid_from=valid_from, title=title, is_draft=True)
    session.add(draft)
    session.flush()
    _note(session, actor, now, "prepare_tariff_version", draft, after=_told(session, draft))
    return draft


def copy_version(
    session: Session, *, actor: Actor, now: datetime, version_id: int, valid_from: date, title: str = ""
) -> TariffVersion:
    """Copy a version, with every price, to a new date; the copy is a draft until it is put in force.

    Raises:
        Refusal: ``not_allowed``.
    """
    require_role(actor, *PREPARING)
    original = session.get_one(TariffVersion, version_id)
    draft = TariffVersion(
        tariff_id=original.tariff_id, valid_from=valid_from, title=title, deliberation="", is_draft=True
    )
    session.add(draft)
    session.flush()
    _write_rules(session, draft.id, load_version(session, original).rules)
    _note(
        session,
        actor,
        now,
        "copy_tariff_version",
        draft,
        before={"version_id": original.id},
        after=_told(session, draft),
    )
    return draft


def change_version(
    session: Session, *, actor: Actor, now: datetime, version_id: int, terms: Terms
) -> TariffVersion:
    """Write a version's whole grid. A draft may have gaps; a version in force stays whole, and keeps its date.

    Raises:
        Refusal: ``not_allowed``; ``version_used`` once an issued invoice is priced by it; ``version_not_whole``;
            ``price_rule_wrong`` for a rule without its figures, or two for the same case, even in a draft.
    """
    version = _changeable(session, actor, version_id)
    if any(fault.code in NEVER for fault in check_version(terms.rules, ())):
        raise Refusal("price_rule_wrong")
    before = _told(session, version)
    if not version.is_draft:
        _require_whole(session, version.tariff_id, terms.rules)
    else:
        version.valid_from = terms.valid_from
    version.title, version.deliberation = terms.title, terms.deliberation
    _write_rules(session, version.id, terms.rules)
    _note(session, actor, now, "change_tariff_version", version, before=before, after=_told(session, version))
    return version


def put_in_force(session: Session, *, actor: Actor, now: datetime, version_id: int) -> TariffVersion:
    """Let a draft hold from its date on; the version before it ends the day before, in the same act.

    Raises:
        Refusal: ``not_allowed``; ``version_in_force`` when it is already; ``version_not_whole``;
            ``version_same_day`` when another begins that day; ``version_days_billed`` when days from its date on
            are on issued invoices.
    """
    require_role(actor, *DECIDING)
    version = _locked(session, version_id)
    if not version.is_draft:
        raise Refusal("version_in_force")
    _require_whole(session, version.tariff_id, load_version(session, version).rules)
    others = versions_in_force(session, version.tariff_id)
    if any(other.valid_from == version.valid_from for other in others):
        raise Refusal("version_same_day", day=version.valid_from)
    before = [other for other in others if other.valid_from < version.valid_from]
    after = [other for other in others if other.valid_from > version.valid_from]
    ends_on = after[0].valid_from if after else None
    if is_billed(session, version.tariff_id, version.valid_from, ends_on):
        raise Refusal("version_days_billed", day=version.valid_from)
    closed = before[-1] if before else None
    was = closed.valid_to if closed else None
    if closed is not None:
        closed.valid_to = version.valid_from
    version.valid_to, version.is_draft = ends_on, False
    _note(
        session,
        actor,
        now,
        "put_tariff_in_force",
        version,
        before={"closed_id": closed.id, "valid_to": _day(was)} if closed else None,
        after=_told(session, version),
    )
    return version


def delete_version(session: Session, *, actor: Actor, now: datetime, version_id: int) -> None:
    """Delete a draft, or a version that no invoice used; the version before it then goes on in its place.

    Raises:
        Refusal: ``not_allowed``; ``version_used``; ``version_needed`` when nothing would price its days.
    """
    version = _changeable(session, actor, version_id)
    if not version.is_draft:
        earlier = [
            other
            for other in versions_in_force(session, version.tariff_id)
            if other.valid_from < version.valid_from
        ]
        if earlier:
            earlier[-1].valid_to = version.valid_to
        elif formula_keys(session, version.tariff_id):
            raise Refusal("version_needed", day=version.valid_from)
    _note(session, actor, now, "delete_tariff_version", version, before=_told(session, version))
    _write_rules(session, version.id, ())
    session.delete(version)
    session.flush()


def _require_whole(session: Session, tariff_id: int, rules: Sequence[PriceRule]) -> None:
    require_whole(rules, formula_keys(session, tariff_id), bills_late=bills_late(session, tariff_id))


def versions_in_force(session: Session, tariff_id: int) -> list[TariffVersion]:
    """Return a tariff's versions that price days, the earliest first."""
    statement = select(TariffVersion).where(
        TariffVersion.tariff_id == tariff_id, TariffVersion.is_draft.is_(False)
    )
    return list(session.scalars(statement.order_by(TariffVersion.valid_from)))


def require_prices(
    session: Session, *, tariff_id: int, today: date, without_formula: int | None = None
) -> None:
    """Refuse a change of activities that leaves a case without price, today or in a version to come.

    Raises:
        Refusal: ``formula_without_price`` or ``late_without_price``, with the name of the price list.
    """
    keys = formula_keys(session, tariff_id, without_formula)
    versions = [
        one for one in versions_in_force(session, tariff_id) if one.valid_to is None or one.valid_to > today
    ]
    grids = [load_version(session, one).rules for one in versions]
    if not grids or any(check_version(rules, keys) for rules in grids):
        raise Refusal("formula_without_price", tariff=session.get_one(Tariff, tariff_id).name)
    if bills_late(session, tariff_id) and any(check_version(rules, keys, bills_late=True) for rules in grids):
        raise Refusal("late_without_price", tariff=session.get_one(Tariff, tariff_id).name)


def is_used(session: Session, version: TariffVersion) -> bool:
    """Whether a version priced something that is issued, or kept for the next invoice."""
    return not version.is_draft and is_billed(
        session, version.tariff_id, version.valid_from, version.valid_to
    )


def is_billed(session: Session, tariff_id: int, first: date, end: date | None) -> bool:
    """Whether days of ``[first, end[`` are billed by a tariff, on an invoice or in a sum kept for the next one."""
    days = (day for explanation in _billed(session, tariff_id, first, end) for day in explanation["days"])
    return any(first.isoformat() <= day and (end is None or day < end.isoformat()) for day in days)


def _billed(session: Session, tariff_id: int, first: date, end: date | None) -> Any:
    """Yield the explanations of what a tariff billed in the months that the days touch."""
    name = session.scalars(select(Tariff.name).where(Tariff.id == tariff_id)).one()
    months = [Invoice.month >= first_of_month(first)]
    kept_months = [CarriedAmount.month >= first_of_month(first)]
    if end is not None:
        months.append(Invoice.month < end)
        kept_months.append(CarriedAmount.month < end)
    lines = (
        select(InvoiceLine.explanation)
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .join(Activity, Activity.id == InvoiceLine.activity_id)
        .where(
            InvoiceLine.kind == LineKind.SERVICE,
            or_(
                Activity.tariff_id == tariff_id,
                InvoiceLine.explanation["price"]["tariff"].as_string() == name,
            ),
            *months,
        )
    )
    yield from session.scalars(lines)
    for kept in session.scalars(select(CarriedAmount.lines).where(*kept_months)):
        for line in kept:
            if line["explanation"].get("price", {}).get("tariff") == name:
                yield line["explanation"]


def _changeable(session: Session, actor: Actor, version_id: int) -> TariffVersion:
    """Return a version that the actor may change or delete, locked."""
    version = _locked(session, version_id)
    require_role(actor, *(PREPARING if version.is_draft else DECIDING))
    if is_used(session, version):
        raise Refusal("version_used", day=version.valid_from)
    return version


def _locked(session: Session, version_id: int) -> TariffVersion:
    return session.get_one(TariffVersion, version_id, with_for_update=True, populate_existing=True)


def _write_rules(session: Session, version_id: int, rules: Sequence[PriceRule]) -> None:
    """Put these rules in place of a version's."""
    old = select(RuleRow.id).where(RuleRow.version_id == version_id)
    for statement in (
        delete(TariffBand).where(TariffBand.rule_id.in_(old)),
        delete(RuleRow).where(RuleRow.version_id == version_id),
    ):
        session.execute(statement.execution_options(synchronize_session="fetch"))
    for rule in rules:
        session.add(_row(version_id, rule))
    session.flush()


def _row(version_id: int, rule: PriceRule) -> RuleRow:
    return RuleRow(
        version_id=version_id,
        method=PriceMethod(rule.method.value),
        residence=PriceResidence(rule.residence.value),
        situation=PriceSituation(rule.situation.value),
        formula_key=rule.formula_key,
        **{name: getattr(rule, name) for name in FIGURES},
        bands=[
            TariffBand(low_cents=band.low_cents, high_cents=band.high_cents, amount_cents=band.amount_cents)
            for band in rule.bands
        ],
    )


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _told(session: Session, version: TariffVersion) -> dict[str, Any]:
    """Return what the trail keeps of a version: its dates, and every price."""
    return {
        "tariff_id": version.tariff_id,
        "valid_from": _day(version.valid_from),
        "valid_to": _day(version.valid_to),
        "title": version.title,
        "deliberation": version.deliberation,
        "rules": [written_rule(rule) for rule in load_version(session, version).rules],
    }


def _note(
    session: Session, actor: Actor, now: datetime, action: str, version: TariffVersion, **facts: Any
) -> None:
    audit.record(
        session,
        actor=actor,
        now=now,
        action=action,
        subject_kind="tariff_version",
        subject_id=version.id,
        **facts,
    )
    session.flush()
