"""What was printed or certified for the accounts goes with them."""

from datetime import date

from sqlalchemy import select

from domain.privacy.letters import erase_letters
from domain.privacy.purge import count_due
from models.recovery import HandoverBatch, RecoveryPause, Reminder
from tests.privacy.old_town import ISSUED, Shelf, bill, keep_file, purge, years_later
from tests.recovery.world import reminded_and_handed_over
from tests.support.households import Household


def test_reminders_and_the_tresors_files_lose_their_names_after_ten_years(house: Household) -> None:
    shelf, session = Shelf(), house.session
    invoice = bill(house, shelf)
    reminded_and_handed_over(session, invoice, ISSUED, lambda *_: keep_file(house, shelf))
    before = count_due(session, date(2026, 12, 31))
    assert (before["reminders"], before["handovers"]) == (0, 0)

    run = purge(house, shelf, years_later(11))

    letters = session.scalars(select(Reminder)).all()
    assert {(one.payer_name, one.payer_address, one.body, one.file_id) for one in letters} == {
        ("effacé", "", "", None)
    }
    assert all(one.total_cents > 0 for one in letters)
    batch = session.scalars(select(HandoverBatch)).one()
    assert (batch.csv_file_id, batch.xlsx_file_id) == (None, None)
    assert (run.removed["reminders"], run.removed["handovers"]) == (3, 1)


def test_a_familys_letters_go_with_its_file(house: Household) -> None:
    shelf, session = Shelf(), house.session
    invoice = bill(house, shelf)
    reminded_and_handed_over(session, invoice, ISSUED, lambda *_: keep_file(house, shelf))
    pause = RecoveryPause(family_id=house.family.id, reason="Arrangement", until_on=date(2027, 1, 31))
    session.add(pause)
    session.flush()

    erase_letters(session, [house.family.id], years_later(4))
    session.expire_all()

    assert set(session.scalars(select(Reminder.payer_name))) == {"effacé"}
    assert session.scalars(select(RecoveryPause)).all() == []
