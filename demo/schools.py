"""Saint-Préau's carte scolaire, for the school year that runs and the one that comes."""

from dataclasses import dataclass
from pathlib import Path

from demo.families import Builder
from domain.calendar.operations import seed_school_year
from domain.schools.sector_rows import COLUMNS
from domain.schools.sectors import plan_sectors, replace_sectors
from gateways.imports.tables import read_table
from models.calendar import SchoolYear

FILE = Path(__file__).parent / "data" / "secteurs.csv"
ZONE = "B"


@dataclass(frozen=True)
class Years:
    """The school year that runs, and the next."""

    running: SchoolYear
    coming: SchoolYear


def install_maps(builder: Builder) -> Years:
    """Write the next school year, and put the same map in place for both years."""
    running = builder.setting.year
    coming = seed_school_year(
        builder.session,
        actor=builder.actor,
        now=builder.now,
        first_year=running.starts_on.year + 1,
        zone=ZONE,
    )
    table = read_table(FILE.read_bytes(), COLUMNS)
    for year in (running, coming):
        rows = ((row.line, row.values | {"annee": str(year.starts_on.year)}) for row in table.rows)
        plan = plan_sectors(builder.session, rows)
        replace_sectors(builder.session, actor=builder.actor, now=builder.now, plan=plan)
    return Years(running, coming)
