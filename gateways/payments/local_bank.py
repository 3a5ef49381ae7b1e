"""The bank of development and tests: it judges our form as the bank would, and answers, well or badly behaved.

It keeps nothing: the signed fields travel through its pages. What it decides is pure; ``courier`` delivers it.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import quote, quote_plus

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from gateways.payments.error_codes import CANCELLED_CODE, PAID_CODE, PENDING_CODE, meaning
from gateways.payments.local_forms import Order, read_form
from gateways.payments.paybox import PayboxSettings
from gateways.payments.signing import sign_answer

TEST_CARD = "1111222233334444"
# Paybox writes XXXXXX in place of an authorisation number when the account is of test.
TEST_AUTHORISATION = "XXXXXX"
AT_ONCE = timedelta(0)
TWICE_GAP = timedelta(seconds=1)
AFTER_RETURN_GAP = timedelta(seconds=3)
MAX_DELAY = timedelta(minutes=10)
REFUSAL_CODES = (
    "00105", "00151", "00133", "00114", "00143", "00021", "00004", "00008", "00033", "00040", "00011", "00015",
    "00003", "00030",
)  # fmt: skip


class Decision(StrEnum):
    """What the person does on the bank's page."""

    PAY = "pay"
    REFUSE = "refuse"
    CANCEL = "cancel"
    DELAY = "delay"


class Manner(StrEnum):
    """How the bank behaves when it calls our server."""

    PUNCTUAL = "punctual"
    TWICE = "twice"
    LATE = "late"
    AFTER_RETURN = "after_return"
    FORGED = "forged"
    OTHER_AMOUNT = "other_amount"
    NONE = "none"


@dataclass(frozen=True)
class Choice:
    """What the person chose on the bank's page.

    Args:
        decision: what becomes of the payment.
        manner: how our server hears of it.
        refusal_code: the ``erreur`` of a refusal.
        delay: how late a late or delayed notification comes.
        other_amount_cents: the amount that is told instead of the true one.
    """

    decision: Decision
    manner: Manner = Manner.PUNCTUAL
    refusal_code: str = REFUSAL_CODES[0]
    delay: timedelta = timedelta(seconds=10)
    other_amount_cents: int = 1


@dataclass(frozen=True)
class Delivery:
    """One call to our server: how long after the decision, where, with which signed query."""

    after: timedelta
    url: str
    query: str
    posts: bool = False


@dataclass(frozen=True)
class BankAnswer:
    """What the bank does once the person chose: its calls, and where the browser goes."""

    deliveries: tuple[Delivery, ...]
    return_url: str


class LocalBank:
    """The bank of one merchant's contract, with a private key of its own."""

    def __init__(self, contract: PayboxSettings, key: RSAPrivateKey) -> None:
        self._contract = contract
        self._key = key

    def read_form(self, pairs: Iterable[tuple[str, str]], *, host: str, now: datetime) -> Order:
        """Judge a posted form; ``host`` is the only one that the bank calls.

        Raises:
            FormRefused: the bank would refuse it.
        """
        return read_form(pairs, self._contract, host=host, now=now)

    def answer(self, order: Order, choice: Choice) -> BankAnswer:
        """Say what the bank does for this choice."""
        told_now = PENDING_CODE if choice.decision is Decision.DELAY else _final_code(choice)
        outcome, _ = meaning(told_now)
        query = self.signed(answer_query(order, told_now, order.amount_cents))
        calls = tuple(
            Delivery(
                call.after, order.notification_url, self._call_query(order, call), order.posts_notifications
            )
            for call in _calls(order, choice)
        )
        return BankAnswer(calls, f"{order.return_urls[outcome]}?{query}")

    def signed(self, query: str) -> str:
        """Return a query with the bank's signature at its end."""
        return _with_signature(query, sign_answer(query.encode(), self._key))

    def forged(self, query: str) -> str:
        """Return a query that ends with a signature of the right form that is not of this query."""
        return _with_signature(query, sign_answer(b"forged:" + query.encode(), self._key))

    def _call_query(self, order: Order, call: "_Call") -> str:
        query = answer_query(order, call.code, call.amount_cents)
        return self.forged(query) if call.is_forged else self.signed(query)


def answer_query(order: Order, code: str, amount_cents: int) -> str:
    """Return the variables of ``PBX_RETOUR`` but the signature, URL-encoded; no ``autorisation`` unless paid."""
    digest = hashlib.sha256(order.reference.encode()).hexdigest()
    authorisation = f"&autorisation={TEST_AUTHORISATION}" if code == PAID_CODE else ""
    return (
        f"montant={amount_cents}&reference={quote(order.reference, safe='')}{authorisation}"
        f"&transaction={int(digest[:7], 16)}&appel={int(digest[7:14], 16)}&erreur={code}"
    )


def _with_signature(query: str, signature: str) -> str:
    return f"{query}&signature={quote_plus(signature)}"


@dataclass(frozen=True)
class _Call:
    after: timedelta
    code: str
    amount_cents: int
    is_forged: bool = False


def _final_code(choice: Choice) -> str:
    codes = {Decision.REFUSE: choice.refusal_code, Decision.CANCEL: CANCELLED_CODE}
    return codes.get(choice.decision, PAID_CODE)


def _calls(order: Order, choice: Choice) -> list[_Call]:
    """Return the calls in the order they leave; a delayed payment is first told as pending."""
    is_delayed = choice.decision is Decision.DELAY
    amount = choice.other_amount_cents if choice.manner is Manner.OTHER_AMOUNT else order.amount_cents
    pending = [_Call(AT_ONCE, PENDING_CODE, order.amount_cents)] if is_delayed else []
    start = choice.delay if is_delayed else AT_ONCE
    return pending + [
        _Call(start + wait, _final_code(choice), amount, choice.manner is Manner.FORGED)
        for wait in _waits(choice, is_delayed)
    ]


def _waits(choice: Choice, is_delayed: bool) -> list[timedelta]:
    match choice.manner:
        case Manner.NONE:
            return []
        case Manner.TWICE:
            return [AT_ONCE, TWICE_GAP]
        case Manner.LATE:
            return [AT_ONCE if is_delayed else choice.delay]
        case Manner.AFTER_RETURN:
            return [AFTER_RETURN_GAP]
        case _:
            return [AT_ONCE]
