"""What the portal asks of a card-payment gateway, and what it hears back.

A gateway turns a payment try into a signed form for the browser, and reads what the bank sends. It never decides:
whether a notification settles a try is for the operations, which compare it with the try's own row.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

EURO = "978"
FRANCE = "250"


class Outcome(StrEnum):
    """What the bank says became of a try. Only ``PAID`` is money."""

    PAID = "paid"
    PENDING = "pending"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    # The person sent a form whose reference was paid before: the notification of that payment is what settles it.
    ALREADY_PAID = "already_paid"


class Cause(StrEnum):
    """Why a try was not paid, as far as it helps the person to do better; ``NONE`` when there is nothing to say."""

    NONE = "none"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"
    BANK_REFUSED = "bank_refused"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    EXPIRED_CARD = "expired_card"
    WRONG_CARD_DETAILS = "wrong_card_details"
    LOST_OR_STOLEN = "lost_or_stolen"
    CARD_NOT_ACCEPTED = "card_not_accepted"
    COUNTRY = "country"
    NOT_AUTHENTICATED = "not_authenticated"
    WRONG_AMOUNT = "wrong_amount"
    ALREADY_PAID = "already_paid"
    PLATFORM = "platform"
    MERCHANT_ACCOUNT = "merchant_account"
    UNKNOWN = "unknown"


class BadNotificationReason(StrEnum):
    """Why what came cannot be believed."""

    UNSIGNED = "unsigned"
    BAD_SIGNATURE = "bad_signature"
    MALFORMED = "malformed"


class BadNotification(Exception):
    """What came is not a message of the bank, or not one that can be understood. Nothing may change because of it."""

    def __init__(self, reason: BadNotificationReason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else str(reason))
        self.reason = reason
        self.detail = detail

    @property
    def is_forged(self) -> bool:
        """Whether the signature is missing or wrong: a security event, where a malformed message is an incident."""
        return self.reason is not BadNotificationReason.MALFORMED


@dataclass(frozen=True)
class BillingAddress:
    """Who pays and where they live, as the bank's 3-D Secure check wants it; any text, the gateway fits it."""

    first_name: str
    last_name: str
    street: str
    postcode: str
    city: str
    country: str = FRANCE
    # In the international form, "+33612345678"; empty when unknown.
    mobile: str = ""


@dataclass(frozen=True)
class ReturnAddresses:
    """Where the browser comes back, and where the bank's server calls; absolute, without a query."""

    paid: str
    refused: str
    cancelled: str
    pending: str
    notification: str


@dataclass(frozen=True)
class PaymentRequest:
    """A try to be paid, already written in the database."""

    reference: str
    amount_cents: int
    opened_at: datetime
    payer_email: str
    billing: BillingAddress
    addresses: ReturnAddresses
    # How many things are bought, for the bank's statistics.
    quantity: int = 1
    currency: str = EURO

    def __post_init__(self) -> None:
        if self.amount_cents <= 0:
            msg = "a payment is of one cent at least"
            raise ValueError(msg)
        if not self.reference or not self.payer_email:
            msg = "a payment has a reference and its payer's e-mail"
            raise ValueError(msg)
        if self.opened_at.tzinfo is None:
            msg = "an instant knows its time zone"
            raise ValueError(msg)


@dataclass(frozen=True)
class GatewayForm:
    """A form that the browser posts to the bank: every field in its order, nothing added."""

    action_url: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Notification:
    """A call of the bank's server whose signature was verified. It exists only signed."""

    reference: str
    amount_cents: int
    currency: str
    outcome: Outcome
    cause: Cause
    error_code: str
    # Absent on a refusal.
    authorisation: str
    transaction: str
    call: str
    raw: str = field(repr=False)

    @property
    def bank_refusal(self) -> str:
        """The issuing bank's own two-digit reason, or nothing."""
        return self.error_code[3:] if self.error_code.startswith("001") else ""


@dataclass(frozen=True)
class BrowserReturn:
    """What the browser brings back, signed too. It chooses the words of a page; it never settles anything."""

    reference: str
    outcome: Outcome
    cause: Cause


class PaymentGateway(Protocol):
    """A bank's card-payment page."""

    def form(self, request: PaymentRequest, *, use_backup: bool = False) -> GatewayForm:
        """Return the signed form that takes the browser to the bank, or to its second host."""
        ...

    def read_notification(self, raw: bytes | str) -> Notification:
        """Read a call of the bank's server from its raw query string, or its raw body when it posts.

        Raises:
            BadNotification: it is not signed by the bank, or cannot be understood.
        """
        ...

    def read_return(self, raw: bytes | str) -> BrowserReturn:
        """Read the raw query string with which the browser comes back.

        Raises:
            BadNotification: it is not signed by the bank, or cannot be understood.
        """
        ...
