"""A price list for the rights matrix: next year's meals, and what they would have brought in October."""

from datetime import date, datetime

from domain.pricing.versions import copy_version, versions_in_force
from domain.simulations.operations import request_simulation, run_simulation
from models.activities import ActivityKind
from tests.support.households import ACTOR, Household


def prepare_tariff(house: Household, now: datetime) -> dict[str, int]:
    """Copy the price list of meals to next September and try it; return the numbers of all three."""
    session, october = house.session, date(2026, 10, 1)
    who = {"actor": ACTOR, "now": now}
    tariff_id = house.activity(ActivityKind.CANTEEN).tariff_id
    [version] = versions_in_force(session, tariff_id)
    draft = copy_version(session, version_id=version.id, valid_from=date(2027, 9, 1), **who)
    asked = request_simulation(session, version_id=draft.id, first_month=october, last_month=october, **who)
    for _done in run_simulation(session, simulation_id=asked.id):
        session.flush()
    return {"tariff": tariff_id, "version": draft.id, "simulation": asked.id}
