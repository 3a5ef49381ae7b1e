"""The worker tries price lists on what was billed, when staff ask for it."""

from domain import clock
from domain.actor import system
from domain.simulations.operations import run_simulation, waiting_simulations
from models.base import stamp_session
from views.extensions import db


def run_waiting_simulations() -> int:
    """Do every simulation that waits, its progress committed month by month; return how many were done."""
    session = db.session()
    waiting = waiting_simulations(session)
    for simulation_id in waiting:
        stamp_session(session, system("worker").label, clock.now())
        for _done in run_simulation(session, simulation_id=simulation_id):
            session.commit()
    return len(waiting)
