"""A year's certificates for all families at once, and the children of two homes."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.statements.operations import tax_facts
from domain.statements.tax import paid_years
from domain.statements.yearly import (
    batch_statements,
    issue_next_certificates,
    open_tax_run,
    print_certificates,
    start_tax_run,
    tax_year_rows,
)
from models.family import ChildFamily
from models.statements import Statement
from tests.invoicing.support import issue
from tests.statements.support import SPRING, household, pay, total_of
from tests.support.households import ACTOR, make_family


def test_the_year_is_issued_for_all_families_and_printed_for_those_on_paper(db: Session) -> None:
    house = household(db)
    issue(db)
    pay(db, house, total_of(db), date(2026, 12, 9))
    run = start_tax_run(db, actor=ACTOR, now=SPRING, year=2026)
    while open_tax_run(db) is not None:
        issue_next_certificates(db, actor=ACTOR, now=SPRING, run_id=run.id, limit=1)

    [row] = tax_year_rows(db, today=date(2027, 3, 1))
    batch = print_certificates(db, actor=ACTOR, now=SPRING, year=2026)

    assert (run.family_count, run.seen_count, run.holder_count, run.issued_count) == (1, 1, 1, 1)
    assert (row.count, row.unprinted) == (1, 1)
    assert batch is not None
    assert len(batch_statements(db, batch.id)) == 1
    assert print_certificates(db, actor=ACTOR, now=SPRING, year=2026) is None


def test_a_year_done_again_issues_nothing_new(db: Session) -> None:
    house = household(db)
    issue(db)
    pay(db, house, total_of(db), date(2026, 12, 9))
    for _turn in range(2):
        run = start_tax_run(db, actor=ACTOR, now=SPRING, year=2026)
        assert start_tax_run(db, actor=ACTOR, now=SPRING, year=2026).id == run.id
        while open_tax_run(db) is not None:
            issue_next_certificates(db, actor=ACTOR, now=SPRING, run_id=run.id, limit=10)

    assert (run.holder_count, run.issued_count) == (1, 0)
    assert len(db.scalars(select(Statement)).all()) == 1


def test_children_of_two_homes_are_attested_to_each_payer_for_its_own_payments(db: Session) -> None:
    house = household(db)
    other = make_family(db, "Moreau")
    db.add(ChildFamily(child_id=house.younger.id, family_id=other.id, valid_from=date(2026, 9, 1)))
    issue(db)
    pay(db, house, total_of(db), date(2026, 12, 9))

    paid = paid_years(db, [house.family.id, other.id], [2026])

    assert tax_facts(paid[house.family.id], 2026)["children"]
    assert tax_facts(paid[other.id], 2026) == {
        "age_limit": 6, "children": [], "total_cents": 0, "excluded_cents": 0,
    }  # fmt: skip
