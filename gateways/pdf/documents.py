"""What each document says, complete and ready to print: the templates compute nothing and read no table."""

from dataclasses import dataclass, field
from datetime import date, datetime

# NF Z10-011: six lines of 38 signs at most, the last one (postcode and town) in capitals.
ADDRESS_LINES, ADDRESS_WIDTH = 6, 38


@dataclass(frozen=True, slots=True)
class Letterhead:
    """The town as its paper shows it.

    Args:
        accent: a colour like ``#0F6B5C``, dark enough to be read on white.
        logo: a ``data:`` address of the town's logo, or nothing for the portal's own mark.
    """

    name: str
    service_name: str
    address: tuple[str, ...] = ()
    phone: str = ""
    email: str = ""
    opening_hours: str = ""
    siret: str = ""
    accent: str = "#0F6B5C"
    logo: str = ""


@dataclass(frozen=True, slots=True)
class LetterContext:
    """The letter that opens the portal to one adult of a known family; ``secret`` is readable only here.

    Args:
        address: the adult's postal lines, name first (see ``address_lines``).
        family_code: as people read it, ``1002 0174``.
        secret: as people type it, ``ABCDE-FGHJK``.
        url: where to type them, as it is printed.
        qr_url: the same page, with the code famille already written; never with the secret.
        expires_on: the last day on which the secret works.
    """

    town: Letterhead
    written_on: date
    family_name: str
    address: tuple[str, ...]
    family_code: str
    secret: str
    url: str
    qr_url: str
    expires_on: date


@dataclass(frozen=True, slots=True)
class Line:
    """A line that bills something; ``explanation`` says in sentences how its price came about."""

    label: str
    quantity: int
    unit_cents: int
    amount_cents: int
    explanation: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SumLine:
    """A line that has an amount only: a discount, a voucher, a carried sum, an adjustment."""

    label: str
    amount_cents: int
    explanation: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChildSection:
    """The lines of one child, and their sum."""

    name: str
    lines: tuple[Line, ...]
    subtotal_cents: int


@dataclass(frozen=True, slots=True)
class InvoiceContext:
    """An invoice, or the credit note that corrects one (``corrects_number`` is then the invoice's number).

    Args:
        period: the month billed, any of its days; None when it bills no month.
        due_cents: what is to be paid: the total less what is paid (for a credit note, 0).
        means: sentences, one for each way to pay.
        legal: small print: who made it enforceable, how and until when it can be disputed.
        pay_url: the page where it is paid on line; also in the QR code. Empty for a credit note.
    """

    town: Letterhead
    number: str
    issued_on: date
    family_code: str
    address: tuple[str, ...]
    sections: tuple[ChildSection, ...]
    total_cents: int
    due_cents: int
    period: date | None = None
    due_on: date | None = None
    paid_cents: int = 0
    other_lines: tuple[SumLine, ...] = ()
    means: tuple[str, ...] = ()
    legal: tuple[str, ...] = ()
    pay_url: str = ""
    corrects_number: str = ""
    reason: str = ""

    @property
    def is_credit_note(self) -> bool:
        """Whether it gives money back."""
        return bool(self.corrects_number)


@dataclass(frozen=True, slots=True)
class ReminderLine:
    """An overdue invoice: its number, the month billed, its last day, which reminder of it this is, what is due."""

    number: str
    month: date | None
    due_on: date | None
    level: str
    due_cents: int


@dataclass(frozen=True, slots=True)
class ReminderContext:
    """A reminder of unpaid invoices to one family.

    Args:
        title: what the level of the reminder is called.
        paragraphs: what it says.
        means: sentences, one for each way to pay.
        pay_url: the page where they are paid on line; also in the QR code.
    """

    town: Letterhead
    number: str
    sent_on: date
    title: str
    family_code: str
    address: tuple[str, ...]
    paragraphs: tuple[str, ...]
    lines: tuple[ReminderLine, ...]
    total_cents: int
    means: tuple[str, ...]
    pay_url: str


@dataclass(frozen=True, slots=True)
class ReceiptContext:
    """A quittance: money received, numbered without gaps.

    Args:
        means: how it was paid, in words: ``carte bancaire en ligne``.
        reference: the bank's or the cheque's own number, if any.
        allocations: the invoices that it pays, each by its number, with the amount.
        credit_cents: what remains on the family's account.
    """

    town: Letterhead
    number: str
    received_on: date
    family_code: str
    address: tuple[str, ...]
    amount_cents: int
    means: str
    regie: str
    reference: str = ""
    allocations: tuple[SumLine, ...] = field(default=())
    credit_cents: int = 0


@dataclass(frozen=True, slots=True)
class SlipLine:
    """An entry of a deposit slip: its receipt, who paid, the cheque or ticket, cents (negative when given back)."""

    number: str
    payer: str
    detail: str
    amount_cents: int


@dataclass(frozen=True, slots=True)
class DepositSlipContext:
    """A bordereau de versement: what a closed desk hands over of one means of payment.

    Args:
        is_cash: whether the count of the drawer is told too.
        note: why the count differs from what the drawer should hold.
    """

    town: Letterhead
    number: str
    means: str
    cashier_name: str
    opened_at: datetime
    closed_at: datetime
    lines: tuple[SlipLine, ...]
    total_cents: int
    is_cash: bool
    float_cents: int
    counted_cents: int
    difference_cents: int
    note: str


@dataclass(frozen=True, slots=True)
class MandateContext:
    """A mandate for direct debit.

    Args:
        iban: in groups of four.
        signature: how it was signed.
        terms: what the signature means, in sentences.
    """

    town: Letterhead
    rum: str
    creditor_id: str
    address: tuple[str, ...]
    family_code: str
    holder: str
    iban: str
    bic: str
    signed_on: date
    signature: str
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AcknowledgementContext:
    """An accusé de réception: what a family has sent, and what the service still expects.

    Args:
        subject: what was sent, in words.
        people: the children that it is about.
        missing: the documents still expected, each with whom it is about.
        url: the page where it is followed.
    """

    town: Letterhead
    number: str
    sent_on: date
    subject: str
    address: tuple[str, ...]
    people: tuple[str, ...]
    missing: tuple[str, ...]
    url: str


def address_lines(name: str, address: str) -> tuple[str, ...]:
    """Return an address as NF Z10-011 wants it in the window: six lines at most, the last in capitals.

    Args:
        address: lines separated by newlines, postcode and town last; too many lines are joined by twos.
    """
    lines = [" ".join(line.replace(",", " ").split()) for line in address.splitlines()]
    lines = [" ".join(name.split()), *(line for line in lines if line)]
    while len(lines) > ADDRESS_LINES:
        pairs = [
            (len(one) + len(two), index)
            for index, (one, two) in enumerate(zip(lines[1:-2], lines[2:-1], strict=True))
        ]
        _, index = min(pairs)
        lines[index + 1 : index + 3] = [f"{lines[index + 1]} {lines[index + 2]}"]
    if len(lines) > 1:
        lines[-1] = lines[-1].upper()
    return tuple(lines)
