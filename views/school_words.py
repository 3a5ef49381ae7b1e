"""French words of schools: levels, segments of street, and why an address has no school."""

from flask_babel import gettext as _

from domain.schools.rules import HouseNumber, Parity, Segment, Unlocated

SUFFIXES = ("", " bis", " ter", " quater", " quinquies")


def segment_words(segment: Segment) -> str:
    """Return a segment as staff read it: street, numbers, side."""
    sides = {Parity.EVEN: _("côté pair"), Parity.ODD: _("côté impair"), Parity.BOTH: ""}
    if segment.first is None and segment.last is None:
        numbers = _("toute la rue")
    elif segment.last is None or segment.first is None:
        end = segment.first or segment.last
        written = _number(end) if end else ""
        numbers = (
            _("à partir du n° %(number)s", number=written)
            if segment.last is None
            else _("jusqu’au n° %(number)s", number=written)
        )
    else:
        numbers = _(
            "du n° %(first)s au n° %(last)s", first=_number(segment.first), last=_number(segment.last)
        )
    return ", ".join(part for part in (segment.street, numbers, sides[segment.parity]) if part)


def _number(house: HouseNumber) -> str:
    if house.rank < len(SUFFIXES):
        return f"{house.number}{SUFFIXES[house.rank]}"
    return f"{house.number} {chr(ord('a') + house.rank - len(SUFFIXES))}"


def unlocated_words(reason: Unlocated) -> str:
    """Return why the map gives no school."""
    return {
        Unlocated.UNKNOWN_STREET: _("Cette rue n’est pas dans la carte scolaire."),
        Unlocated.MISSING_NUMBER: _("Il manque le numéro dans la rue."),
        Unlocated.NO_SEGMENT: _("Ce numéro n’est dans aucun tronçon de la rue."),
        Unlocated.NO_MAP: _("La carte scolaire de cette année n’est pas encore installée."),
        Unlocated.OTHER_TOWN: _("L’adresse n’est pas dans la commune."),
        Unlocated.NO_ADDRESS: _("Aucune adresse n’est connue pour ce jour-là."),
    }[reason]
