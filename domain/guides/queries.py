"""What the public pages read beside the guides."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.activities import Activity


def published_regulations(session: Session) -> list[tuple[str, str]]:
    """Return each regulation once, after the names of the activities that it governs."""
    statement = (
        select(Activity.name, Activity.regulation)
        .where(Activity.is_active, Activity.regulation != "")
        .order_by(Activity.position, Activity.name)
    )
    names: dict[str, list[str]] = {}
    for name, text in session.execute(statement):
        known = names.setdefault(text, [])
        if name not in known:
            known.append(name)
    return [(", ".join(known), text) for text, known in names.items()]
