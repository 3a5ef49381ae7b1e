"""The town and its look, kept by each process and read again when staff change a setting."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.revision import settings_revision
from models.town import Town
from views.extensions import db


@dataclass(frozen=True, slots=True)
class TownView:
    """What pages show of the town."""

    name: str = "Préau"
    service_name: str = "Service Scolaire-Enfance-Jeunesse"
    address: str = ""
    postcode: str = ""
    phone: str = ""
    email: str = ""
    opening_hours: str = ""
    tresor_contact: str = ""
    accent: str = "#0F6B5C"
    has_logo: bool = False
    revision: int = 0


_kept: dict[str, TownView] = {}


def current_town() -> TownView:
    """Return the town as pages show it."""
    key = str(db.engine.url)
    kept = _kept.get(key)
    if kept is None or kept.revision != settings_revision(db.session()):
        kept = _kept[key] = _read_town(db.session())
    return kept


def forget() -> None:
    """Drop what this process keeps, for one that changes its database under the same address."""
    _kept.clear()


def _read_town(session: Session) -> TownView:
    town = session.scalar(select(Town))
    if town is None:
        return TownView()
    return TownView(
        name=town.name,
        service_name=town.service_name,
        address=town.address,
        postcode=town.postcode,
        phone=town.phone,
        email=town.email,
        opening_hours=town.opening_hours,
        tresor_contact=town.tresor_contact,
        accent=town.accent_color,
        has_logo=town.logo is not None,
        revision=town.revision,
    )
