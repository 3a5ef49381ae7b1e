"""The worker tells families of the decisions on their documents that an agent left half done."""

from domain import clock
from domain.actor import system
from domain.documents.queue import families_to_tell
from models.base import stamp_session
from views.document_answers import tell_decisions
from views.extensions import db


def tell_left_decisions() -> int:
    """Send each family one e-mail for what was decided an hour ago or more; return how many families."""
    session, now = db.session(), clock.now()
    families = families_to_tell(session, now)
    for family_id in families:
        stamp_session(session, system("worker").label, now)
        tell_decisions(family_id)
        session.commit()
    return len(families)
