"""Every kind of PDF that the portal makes is PDF/UA-1: by our own reading, and by a validator."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from domain.attendance.queries import RollChild, RollHead
from gateways import pdf
from gateways.pdf import (
    AcknowledgementContext,
    DepositSlipContext,
    MandateContext,
    SlipLine,
    merge_print_batch,
)
from gateways.pdf import render as drawing
from tests.gateways.accessible import faults
from tests.gateways.papers import (
    ADDRESS,
    FIRST,
    SECOND,
    TOWN,
    make_credit_note,
    make_invoice,
    make_letter,
    make_receipt,
    make_reminder,
    render,
)
from tests.gateways.statement_papers import make_account, make_attendance, make_tax_certificate

MOMENT = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)


def deposit_slip() -> bytes:
    slip = DepositSlipContext(
        town=TOWN, number="B2026-000004", means="Espèces", cashier_name="Paul Lemaire", opened_at=MOMENT,
        closed_at=MOMENT, lines=(SlipLine("P2026-000045", "Alice Martin", "", 3060),), total_cents=3060,
        is_cash=True, float_cents=5000, counted_cents=8050, difference_cents=-10, note="Une pièce de 10 centimes.",
    )  # fmt: skip
    return drawing.render_deposit_slip(render, slip)


def mandate() -> bytes:
    signed = MandateContext(
        town=TOWN, rum="SP-000012", creditor_id="FR72ZZZ123456", address=ADDRESS, family_code="1002 0174",
        holder="Alice Martin", iban="FR76 3000 4000 0312 3456 7890 143", bic="BNPAFRPP",
        signed_on=date(2026, 11, 2), signature="Signé en ligne", terms=("Vous autorisez la commune à débiter.",),
    )  # fmt: skip
    return drawing.render_mandate(render, signed)


def acknowledgement() -> bytes:
    receipt = AcknowledgementContext(
        town=TOWN, number="D-2026-0012", sent_on=date(2026, 11, 2), subject="Déclaration de famille",
        address=ADDRESS, people=("Léo", "Zoé"), missing=("Justificatif de domicile",),
        url="https://famille.saint-preau.example/demarches",
    )  # fmt: skip
    return drawing.render_acknowledgement(render, receipt)


def roll_call() -> bytes:
    head = RollHead(
        activity_day_id=1, activity_id=1, name="Restauration", site_id=1, site_name="Jules Ferry",
        day=date(2026, 11, 23), starts_at=time(11, 45), ends_at=time(13, 30), expected=1, present=0, absent=0,
        closed_at=None, closed_reason=None,
    )  # fmt: skip
    child = RollChild(
        child_id=1, family_id=1, name="Martin Léo", about="CE1", born_on=date(2019, 3, 14), is_booked=True,
        formula="", presence=None, arrived_at=None, left_at=None, diet="standard", allergies="", care="", pai="",
        brings_meal=False, may_leave_alone=False, pickups=("Bob Martin",),
    )  # fmt: skip
    return drawing.render_roll_call(render, town=TOWN, head=head, children=[child])


# What draws each kind, by the name of its function. A new kind of PDF adds its line.
KINDS: dict[str, Callable[[], bytes]] = {
    "render_account": lambda: drawing.render_account(render, make_account()),
    "render_acknowledgement": acknowledgement,
    "render_attendance": lambda: drawing.render_attendance(render, make_attendance()),
    "render_deposit_slip": deposit_slip,
    "render_invoice": lambda: drawing.render_invoice(render, make_invoice()),
    "render_letter": lambda: drawing.render_letter(render, make_letter()),
    "render_letters": lambda: drawing.render_letters(render, [make_letter()]),
    "render_mandate": mandate,
    "render_receipt": lambda: drawing.render_receipt(render, make_receipt()),
    "render_reminder": lambda: drawing.render_reminder(render, make_reminder()),
    "render_roll_call": roll_call,
    "render_tax_certificate": lambda: drawing.render_tax_certificate(render, make_tax_certificate()),
}
# The same kinds as they also come: longer, without something, bound together.
MORE: dict[str, tuple[int, Callable[[], bytes]]] = {
    "credit note": (1, lambda: drawing.render_invoice(render, make_credit_note())),
    "two pages": (1, lambda: drawing.render_invoice(render, make_invoice(sections=(FIRST, SECOND) * 4))),
    "no day": (1, lambda: drawing.render_attendance(render, make_attendance(rows=(), day_count=0))),
    "batch": (2, lambda: merge_print_batch([KINDS["render_invoice"](), KINDS["render_tax_certificate"]()])),
}
ALL = {name: (1, draw) for name, draw in KINDS.items()} | MORE


def test_every_kind_of_pdf_is_checked() -> None:
    drawn = {name for name in (*vars(drawing), *pdf.__all__) if name.startswith("render_")} - {"render_pdf"}

    assert drawn == set(KINDS), "Add what draws the new kind of PDF to KINDS above."


@pytest.mark.parametrize("name", ALL)
def test_every_pdf_is_tagged_whole_and_readable(name: str) -> None:
    documents, draw = ALL[name]

    assert faults(draw(), documents=documents) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ALL)
def test_every_pdf_passes_the_validator(name: str, tmp_path: Path) -> None:
    outloud = pytest.importorskip("outloud", reason="the PDF/UA validator is not installed")
    path = tmp_path / "document.pdf"
    path.write_bytes(ALL[name][1]())

    result = outloud.check(str(path), layers=["conformance"])

    assert [str(one) for one in result.findings if one.severity != "info"] == []


def test_a_pdf_that_is_not_accessible_is_found_out() -> None:
    bad = pdf.render_pdf(
        "<html><title>t</title><body><h1>Un</h1><h3>Trois</h3><table><tr><td>1</td></tr></table></body></html>"
    )

    found = faults(bad)

    assert "not in French" in found
    assert "a heading /H3 after level 1" in found
    assert "a cell without header" in found
