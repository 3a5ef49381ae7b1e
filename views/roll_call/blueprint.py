"""The one blueprint of the roll-call, and who may open it."""

from flask import Blueprint

bp = Blueprint("roll_call", __name__, url_prefix="/pointage")
CALLERS = ("activity_leader", "school_agent", "administrator")
