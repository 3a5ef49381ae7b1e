"""What a record is called where another one points at it."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from models.activities import Activity
from models.payments import PaymentTry
from models.schools import SchoolClass
from models.tariffs import PriceRule, TariffVersion
from views.admin.words import word
from views.extensions import db
from views.formats import short_day


def title_of(row: Any) -> str:
    """Return a record's name."""
    match row:
        case TariffVersion():
            return f"{row.tariff.name}, depuis le {short_day(row.valid_from)}"
        case PriceRule():
            words = (word(row.residence), word(row.situation), word(row.method))
            return f"n° {row.id} : {', '.join(words)}"
        case Activity():
            return f"{row.name}, {row.site.name}"
        case PaymentTry():
            return row.reference
        case SchoolClass():
            return row.name
    return str(row)


def titled(model: type[Any]) -> Select[Any]:
    """Return the query of a table's records, with whatever their names need."""
    needed: dict[type[Any], Any] = {TariffVersion: TariffVersion.tariff, Activity: Activity.site}
    statement = select(model)
    return statement.options(joinedload(needed[model])) if model in needed else statement


def titles(model: type[Any], ids: Iterable[int]) -> dict[int, str]:
    """Return the names of some records; one query."""
    return {row.id: title_of(row) for row in db.session.scalars(titled(model).where(model.id.in_(set(ids))))}
