"""Saint-Préau prepares next year's prices: two drafts for the meals, each tried on what was billed; and some aids."""

from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import select

from demo.families import Builder
from domain.dates import add_months
from domain.invoicing.vouchers import grant_voucher
from domain.pricing.queries import load_version
from domain.pricing.rules import Band, Method, PriceRule, Residence, Situation
from domain.pricing.versions import Terms, change_version, copy_version
from domain.simulations.operations import request_simulation, run_simulation
from models.family import Family
from models.invoices import Invoice
from models.tariffs import Tariff, TariffVersion

NEXT_YEAR = date(2027, 9, 1)
MEALS = "Restauration scolaire"
DRAFTS = ("Hypothèse A : plafond à 4,80 €", "Hypothèse B : cantine à 1 €")
# What Bubry publishes; docs/tarifs.md.
ONE_EURO = (Band(0, 60000, 100), Band(60000, 100000, 305), Band(100000, 150000, 390), Band(150000, None, 480))
AIDED = 3
# A CAF's usual aid, and a CCAS's.
AIDS = (("Aide CAF aux loisirs", 6000), ("Aide du CCAS", 2000), ("Aide CAF aux loisirs", 4000))


def grant_aids(builder: Builder, now: datetime) -> None:
    """Grant aids to some families before their first invoice."""
    others = select(Family.id).where(Family.id.not_in(builder.persona_families)).order_by(Family.id)
    families = builder.session.scalars(others.limit(AIDED)).all()
    for family_id, (name, cents) in zip(families, AIDS, strict=False):
        grant_voucher(
            builder.session,
            actor=builder.actor,
            now=now,
            family_id=family_id,
            name=name,
            amount_cents=cents,
            valid_from=builder.setting.year.starts_on,
            valid_to=NEXT_YEAR,
        )


def prepare_prices(builder: Builder, now: datetime) -> None:
    """Prepare next year's meals in two ways, and try each on the months that are invoiced."""
    session = builder.session
    months = sorted(month for month in session.scalars(select(Invoice.month).distinct()) if month)
    if not months:
        return
    present = session.scalars(select(TariffVersion).join(Tariff).where(Tariff.name == MEALS)).first()
    if present is None:
        return
    prices = load_version(session, present).rules
    for title, rules in zip(DRAFTS, (dearer(prices), by_bands(prices)), strict=True):
        draft = copy_version(
            session, actor=builder.actor, now=now, version_id=present.id, valid_from=NEXT_YEAR
        )
        terms = Terms(NEXT_YEAR, title, "", rules)
        change_version(session, actor=builder.actor, now=now, version_id=draft.id, terms=terms)
        asked = request_simulation(
            session,
            actor=builder.actor,
            now=now,
            version_id=draft.id,
            first_month=max(months[0], add_months(months[-1], -11)),
            last_month=months[-1],
        )
        for _done in run_simulation(session, simulation_id=asked.id):
            session.flush()
    session.commit()


def dearer(rules: tuple[PriceRule, ...]) -> tuple[PriceRule, ...]:
    """Return the same prices with a higher ceiling, and outsiders' meals at 7,20 €."""
    return tuple(
        replace(rule, ceiling_cents=480)
        if rule.method is Method.EFFORT
        else replace(rule, amount_cents=720)
        if rule.residence is Residence.NON_RESIDENT
        else rule
        for rule in rules
    )


def by_bands(rules: tuple[PriceRule, ...]) -> tuple[PriceRule, ...]:
    """Return the prices with bands of quotient in place of the effort rate."""
    return tuple(
        PriceRule(Method.BANDS, rule.residence, Situation.NORMAL, bands=ONE_EURO)
        if rule.method is Method.EFFORT
        else rule
        for rule in rules
    )
