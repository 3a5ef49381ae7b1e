"""The town and its look, kept by each process and read again when staff change a setting."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.desk_hours.rules import OpenRange
from domain.look import Shades, shades
from domain.revision import settings_revision
from models.town import AccessibilityState, Town
from views.desk_hours import hours_sentence, read_hours
from views.extensions import db


@dataclass(frozen=True, slots=True)
class TownView:
    """What pages show of the town.

    Args:
        hours: the desk's hours, weekday by weekday; empty where staff wrote none.
        hours_remark: what the town adds to them.
    """

    name: str = "Préau"
    service_name: str = "Service Scolaire-Enfance-Jeunesse"
    address: str = ""
    postcode: str = ""
    phone: str = ""
    email: str = ""
    tresor_contact: str = ""
    hours: tuple[OpenRange, ...] = ()
    hours_remark: str = ""
    siret: str = ""
    publication_director: str = ""
    host: str = ""
    dpo_contact: str = ""
    accessibility_state: AccessibilityState = AccessibilityState.NON_COMPLIANT
    accessibility_audited_on: date | None = None
    accent: str = "#0F6B5C"
    has_logo: bool = False
    revision: int = 0

    @property
    def opening_hours(self) -> str:
        """Return the desk's hours in sentences, in the language of the page, and the town's remark."""
        return hours_sentence(self.hours, self.hours_remark)

    @property
    def shades(self) -> Shades:
        """Return the accent as an e-mail shows it, which reads no style sheet of ours."""
        return shades(self.accent)


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
        tresor_contact=town.tresor_contact,
        hours=read_hours(session),
        hours_remark=town.opening_hours,
        siret=town.siret,
        publication_director=town.publication_director,
        host=town.host,
        dpo_contact=town.dpo_contact,
        accessibility_state=town.accessibility_state,
        accessibility_audited_on=town.accessibility_audited_on,
        accent=town.accent_color,
        has_logo=town.logo is not None,
        revision=town.revision,
    )
