"""Asking for a simulation, and doing it month by month; it writes nothing but its own result."""

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_role
from domain.actor import Actor
from domain.dates import add_months
from domain.errors import Refusal
from domain.pricing.coverage import require_whole
from domain.pricing.queries import bills_late, formula_keys, load_tariffs, load_version
from domain.pricing.rules import Method, TariffVersion, read_rule, written_rule
from domain.pricing.versions import PREPARING
from domain.reservations.catalogue import catalogue
from domain.simulations.queries import BilledReader
from domain.simulations.rules import Trial
from models.tariffs import SimulationState, TariffSimulation
from models.tariffs import TariffVersion as VersionRow

MAX_MONTHS = 24


def request_simulation(
    session: Session, *, actor: Actor, now: datetime, version_id: int, first_month: date, last_month: date
) -> TariffSimulation:
    """Ask the worker to try a version, with its prices as they are now, on the months from first to last.

    Raises:
        Refusal: ``not_allowed``; ``version_not_whole``; ``simulation_period`` when the months are in the wrong
            order, or more than two years.
    """
    require_role(actor, *PREPARING)
    version = session.get_one(VersionRow, version_id)
    rules = load_version(session, version).rules
    keys, late = formula_keys(session, version.tariff_id), bills_late(session, version.tariff_id)
    require_whole(rules, keys, bills_late=late)
    count = (last_month.year - first_month.year) * 12 + last_month.month - first_month.month + 1
    if not 1 <= count <= MAX_MONTHS:
        raise Refusal("simulation_period", months=MAX_MONTHS)
    simulation = TariffSimulation(
        version_id=version_id,
        first_month=first_month,
        end_month=add_months(last_month, 1),
        month_count=count,
        rules=[written_rule(rule) for rule in rules],
    )
    session.add(simulation)
    session.flush()
    audit.record(
        session,
        actor=actor,
        now=now,
        action="simulate_tariff",
        subject_kind="tariff_version",
        subject_id=version_id,
        after={"first_month": first_month.isoformat(), "last_month": last_month.isoformat()},
    )
    session.flush()
    return simulation


def waiting_simulations(session: Session) -> list[int]:
    """Return the simulations to do, the oldest first."""
    statement = select(TariffSimulation.id).where(TariffSimulation.state == SimulationState.WAITING)
    return list(session.scalars(statement.order_by(TariffSimulation.id)))


def run_simulation(session: Session, *, simulation_id: int) -> Iterator[int]:
    """Do a simulation; yield after each month how many are done, so that the caller commits the progress.

    Begun again after an interruption, it starts from its first month.
    """
    row = session.get_one(TariffSimulation, simulation_id)
    version = session.get_one(VersionRow, row.version_id)
    settings, tariff = catalogue(session), load_tariffs(session)[version.tariff_id]
    # Numbered as no version is: a version in force tried on itself has its present prices beside those tried.
    tried = TariffVersion(0, version.valid_from, None, tuple(read_rule(kept) for kept in row.rules))
    trial = Trial(tariff, tried, tariff.versions)
    reader = BilledReader(
        session,
        tariff=tariff,
        activities=[one for one in settings.activities.values() if one.tariff.id == tariff.id],
        needs_minutes=any(
            rule.method is Method.SLICE for one in (tried, *tariff.versions) for rule in one.rules
        ),
    )
    carried = 0
    for done in range(1, row.month_count + 1):
        billed = reader.read(add_months(row.first_month, done - 1))
        carried += billed.carried_cents
        for invoice in billed.invoices:
            trial.add(invoice)
        row.done_count = done
        if done == row.month_count:
            row.result = trial.result() | {"carried_cents": carried}
            row.state = SimulationState.DONE
        session.flush()
        yield done
