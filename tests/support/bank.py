"""A card-payment gateway with keys of its own, and a courier that keeps the bank's calls in its pocket."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from flask import Flask

from domain.payments.gateway import BillingAddress, PaymentRequest, ReturnAddresses
from gateways.payments.courier import Courier
from gateways.payments.local_bank import Delivery, LocalBank
from gateways.payments.local_keys import public_pem
from gateways.payments.paybox import PayboxGateway, PayboxSettings

TEST_KEY = "0123456789ABCDEF" * 8
NOW = datetime(2026, 11, 9, 8, 30, tzinfo=UTC)


@cache
def bank_key() -> RSAPrivateKey:
    """The bank's private key, of these tests only."""
    return generate_private_key(public_exponent=65537, key_size=2048)


def contract(**changes: object) -> PayboxSettings:
    """The public test account of Paybox, with our own bank key."""
    values: dict[str, object] = {
        "site": "1999888",
        "rang": "32",
        "identifiant": "110647233",
        "hmac_key_hex": TEST_KEY,
        "page_urls": ("https://bank.test/page.cgi", "https://bank1.test/page.cgi"),
        "public_key_pem": public_pem(bank_key()),
    }
    return PayboxSettings(**values | changes)  # type: ignore[arg-type]


def gateway(**changes: object) -> PayboxGateway:
    """The gateway of the test account."""
    return PayboxGateway(contract(**changes))


def bank(**changes: object) -> LocalBank:
    """The local bank that holds the other end of ``gateway``."""
    return LocalBank(contract(**changes), bank_key())


def payment_request(host: str = "http://localhost", **changes: object) -> PaymentRequest:
    """A try of 141,80 euros by Alice Martin."""
    values: dict[str, object] = {
        "reference": "PRE-2026-000042",
        "amount_cents": 14180,
        "opened_at": NOW,
        "payer_email": "alice.martin@example.org",
        "billing": BillingAddress(
            "Alice", "Martin", "12 rue de l’Église", "45110", "Saint-Préau", mobile="+33612345678"
        ),
        "addresses": ReturnAddresses(
            paid=f"{host}/paiement/42/merci",
            refused=f"{host}/paiement/42/refus",
            cancelled=f"{host}/paiement/42/abandon",
            pending=f"{host}/paiement/42/attente",
            notification=f"{host}/banque/notification/42",
        ),
    }
    return PaymentRequest(**values | changes)  # type: ignore[arg-type]


class PocketCourier(Courier):
    """Sends what leaves at once through ``send``, in the same thread, and keeps the rest until ``run_late``."""

    def __init__(self, send: Callable[[Delivery], int]) -> None:
        self.late: list[tuple[float, Callable[[], None]]] = []
        super().__init__(send, self._keep, lambda action: action())

    def _keep(self, seconds: float, action: Callable[[], None]) -> None:
        self.late.append((seconds, action))

    def run_late(self) -> None:
        """Let the time pass: send what was kept, soonest first."""
        waiting, self.late = sorted(self.late, key=lambda kept: kept[0]), []
        for _, action in waiting:
            action()


def pocket_courier_of(app: Flask) -> PocketCourier:
    """Make the portal's local bank call the portal itself, in this process, and return its courier."""

    def call(delivery: Delivery) -> int:
        client = app.test_client()
        if delivery.posts:
            form = "application/x-www-form-urlencoded"
            return client.post(delivery.url, data=delivery.query, content_type=form).status_code
        return client.get(f"{delivery.url}?{delivery.query}").status_code

    courier = PocketCourier(call)
    app.extensions["bank_courier"] = courier
    return courier
