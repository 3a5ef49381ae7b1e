"""The town as its letters and invoices show it."""

from base64 import b64encode

from sqlalchemy import select

from domain.look import PAPER, parse_colour, readable_on
from gateways.pdf import Letterhead
from models.town import Town
from views.desk_hours import hours_sentence, read_hours
from views.extensions import db
from views.languages import FRENCH, speaking


@speaking(FRENCH)
def letterhead() -> Letterhead:
    """Return the town's letterhead, its accent dark enough to be read on paper."""
    town = db.session.scalars(select(Town)).one()
    red, green, blue = readable_on(parse_colour(town.accent_color), PAPER, -0.02)
    logo = ""
    if town.logo is not None:
        logo = f"data:{town.logo_media_type};base64,{b64encode(town.logo).decode()}"
    return Letterhead(
        name=town.name,
        service_name=town.service_name,
        address=tuple(line.strip() for line in town.address.splitlines() if line.strip()),
        phone=town.phone,
        email=town.email,
        opening_hours=hours_sentence(read_hours(db.session()), town.opening_hours),
        siret=town.siret,
        accent=f"#{red:02x}{green:02x}{blue:02x}",
        logo=logo,
    )
