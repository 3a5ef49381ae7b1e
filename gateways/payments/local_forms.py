"""The local bank's judgement of a posted form: the checks that Paybox makes, each told apart."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import SplitResult, urlsplit

from domain.payments.gateway import EURO, Outcome
from gateways.payments.answers import PBX_RETOUR
from gateways.payments.paybox import HASH, PayboxSettings
from gateways.payments.signing import form_hmac, hmac_key, same_hmac

SIGNATURE = "PBX_HMAC"
NOTIFICATION_FIELD = "PBX_REPONDRE_A"
RETURN_FIELDS = {
    Outcome.PAID: "PBX_EFFECTUE",
    Outcome.REFUSED: "PBX_REFUSE",
    Outcome.ALREADY_PAID: "PBX_REFUSE",
    Outcome.CANCELLED: "PBX_ANNULE",
    Outcome.PENDING: "PBX_ATTENTE",
}
ADDRESS_FIELDS = (*dict.fromkeys(RETURN_FIELDS.values()), NOTIFICATION_FIELD)
NEEDED_FIELDS = (
    "PBX_SITE",
    "PBX_RANG",
    "PBX_IDENTIFIANT",
    "PBX_TOTAL",
    "PBX_DEVISE",
    "PBX_CMD",
    "PBX_PORTEUR",
    "PBX_RETOUR",
    "PBX_HASH",
    "PBX_TIME",
    *ADDRESS_FIELDS,
    "PBX_SHOPPINGCART",
    "PBX_BILLING",
    SIGNATURE,
)
CLOCK_TOLERANCE = timedelta(hours=1)

Pairs = tuple[tuple[str, str], ...]


class Fault(StrEnum):
    """What is wrong with a form, as the bank sees it."""

    MISSING = "missing"
    REPEATED = "repeated"
    NOT_LAST = "not_last"
    HMAC = "hmac"
    HASH = "hash"
    MERCHANT = "merchant"
    AMOUNT = "amount"
    CURRENCY = "currency"
    TIME = "time"
    RETURN_VARIABLES = "return_variables"
    ADDRESS = "address"
    OTHER_HOST = "other_host"


@dataclass(frozen=True)
class Problem:
    """A fault of a form, and the field that has it."""

    fault: Fault
    field: str


class FormRefused(Exception):
    """The bank does not take this form; every problem is told."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(", ".join(f"{problem.fault} {problem.field}" for problem in problems))
        self.problems = problems


@dataclass(frozen=True)
class Order:
    """A form that the bank accepts."""

    fields: Pairs
    reference: str
    amount_cents: int
    payer_email: str
    site: str
    rang: str
    notification_url: str
    return_urls: Mapping[Outcome, str]
    posts_notifications: bool


def read_form(
    pairs: Iterable[tuple[str, str]], contract: PayboxSettings, *, host: str, now: datetime
) -> Order:
    """Judge a posted form.

    Args:
        pairs: the fields in the order they came; those that are not ``PBX_…`` are not part of the form.
        contract: what the bank knows of the merchant.
        host: the only host that this bank calls and sends the browser back to.
        now: the bank's clock.

    Raises:
        FormRefused: the bank would refuse it.
    """
    fields = tuple((name, value) for name, value in pairs if name.startswith("PBX_"))
    values = dict(fields)
    problems = (
        *_shape_problems(fields, values),
        *_signature_problems(fields, contract),
        *_value_problems(values, _checks(contract, host, now)),
    )
    if problems:
        raise FormRefused(problems)
    return Order(
        fields=fields,
        reference=values["PBX_CMD"],
        amount_cents=int(values["PBX_TOTAL"]),
        payer_email=values["PBX_PORTEUR"],
        site=values["PBX_SITE"],
        rang=values["PBX_RANG"],
        notification_url=values[NOTIFICATION_FIELD],
        return_urls={outcome: values[name] for outcome, name in RETURN_FIELDS.items()},
        posts_notifications=values.get("PBX_RUF1") == "POST",
    )


def _shape_problems(fields: Pairs, values: Mapping[str, str]) -> list[Problem]:
    names = [name for name, _ in fields]
    repeated = [Problem(Fault.REPEATED, name) for name in values if names.count(name) > 1]
    missing = [Problem(Fault.MISSING, name) for name in NEEDED_FIELDS if not values.get(name)]
    return repeated + missing


def _signature_problems(fields: Pairs, contract: PayboxSettings) -> list[Problem]:
    if not any(name == SIGNATURE for name, _ in fields):
        return []  # told as missing
    *signed, (last, claimed) = fields
    if last != SIGNATURE:
        return [Problem(Fault.NOT_LAST, SIGNATURE)]
    expected = form_hmac(signed, hmac_key(contract.hmac_key_hex))
    return [] if same_hmac(claimed, expected) else [Problem(Fault.HMAC, SIGNATURE)]


Check = tuple[str, Fault, Callable[[str], bool]]


def _checks(contract: PayboxSettings, host: str, now: datetime) -> list[Check]:
    """Return what each field's value must satisfy."""
    return [
        ("PBX_SITE", Fault.MERCHANT, contract.site.__eq__),
        ("PBX_RANG", Fault.MERCHANT, contract.rang.__eq__),
        ("PBX_IDENTIFIANT", Fault.MERCHANT, contract.identifiant.__eq__),
        ("PBX_TOTAL", Fault.AMOUNT, _is_amount),
        ("PBX_DEVISE", Fault.CURRENCY, EURO.__eq__),
        ("PBX_RETOUR", Fault.RETURN_VARIABLES, PBX_RETOUR.__eq__),
        ("PBX_HASH", Fault.HASH, HASH.__eq__),
        ("PBX_TIME", Fault.TIME, lambda text: _is_recent(text, now)),
        *((name, Fault.ADDRESS, _is_address) for name in ADDRESS_FIELDS),
        *((name, Fault.OTHER_HOST, lambda text: _is_of(text, host)) for name in ADDRESS_FIELDS),
    ]


def _value_problems(values: Mapping[str, str], checks: list[Check]) -> list[Problem]:
    return [
        Problem(fault, name)
        for name, fault, is_good in checks
        if values.get(name) and not is_good(values[name])
    ]


def _is_amount(text: str) -> bool:
    """Paybox wants cents, in three to ten digits."""
    return text.isascii() and text.isdigit() and 3 <= len(text) <= 10 and int(text) > 0


def _is_recent(text: str, now: datetime) -> bool:
    try:
        written = datetime.fromisoformat(text)
    except ValueError:
        return False
    return written.tzinfo is not None and abs(now - written) <= CLOCK_TOLERANCE


def _is_address(text: str) -> bool:
    parts = _split(text)
    return parts is not None and parts.scheme in ("http", "https") and not parts.query and not parts.fragment


def _is_of(text: str, host: str) -> bool:
    """Say whether an address is of this host; what is no address is told as such, not as of another host."""
    parts = _split(text)
    return parts is None or parts.netloc == host


def _split(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return parts if parts.netloc else None
