"""Paybox System: the signed form that takes the browser to the bank, and the bank's answers."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from domain.clock import PARIS
from domain.payments.gateway import (
    EURO,
    BrowserReturn,
    GatewayForm,
    Notification,
    PaymentRequest,
    ReturnAddresses,
)
from gateways.payments.answers import PBX_RETOUR, Signed, read_answer
from gateways.payments.error_codes import meaning
from gateways.payments.signing import form_hmac, hmac_key, public_key
from gateways.payments.xml_fields import billing, shopping_cart

HASH = "SHA512"


@dataclass(frozen=True)
class PayboxSettings:
    """A merchant's contract with Paybox.

    Args:
        site, rang, identifiant: as the bank gave them.
        hmac_key_hex: the secret key of the merchant's back office; never shown.
        page_urls: the payment page on the bank's first host, then on its second.
        public_key_pem: the key with which the bank signs its answers.
        posts_notifications: ask the bank to POST its calls instead of the default GET.
    """

    site: str
    rang: str
    identifiant: str
    hmac_key_hex: str = field(repr=False)
    page_urls: tuple[str, ...]
    public_key_pem: bytes = field(repr=False)
    posts_notifications: bool = False


def page_url(settings: PayboxSettings, use_backup: bool) -> str:
    """Return the address of the payment page; the last one again when there is no second host."""
    return settings.page_urls[-1 if use_backup else 0]


class PayboxGateway:
    """The gateway to Paybox System, for one merchant's contract.

    Raises:
        BadKeyError: a key of the settings cannot be used.
    """

    def __init__(self, settings: PayboxSettings) -> None:
        self.settings = settings
        self._hmac_key = hmac_key(settings.hmac_key_hex)
        self._public_key: RSAPublicKey = public_key(settings.public_key_pem)

    def __repr__(self) -> str:
        return f"PayboxGateway(site={self.settings.site!r}, rang={self.settings.rang!r})"

    def form(self, request: PaymentRequest, *, use_backup: bool = False) -> GatewayForm:
        """Return the signed form of a try."""
        fields = self._fields(request)
        signature = ("PBX_HMAC", form_hmac(fields, self._hmac_key))
        return GatewayForm(page_url(self.settings, use_backup), (*fields, signature))

    def read_notification(self, raw: bytes | str) -> Notification:
        """Read a call of the bank's server, from its raw query string or its raw body.

        Raises:
            BadNotification: it is not signed by the bank, or cannot be understood.
        """
        answer = read_answer(raw, self._public_key, Signed.RETURN_VARIABLES)
        outcome, cause = meaning(answer.error_code)
        return Notification(
            reference=answer.reference,
            amount_cents=answer.amount_cents,
            # Paybox does not repeat the currency: it is the one that our signed form asked for.
            currency=EURO,
            outcome=outcome,
            cause=cause,
            error_code=answer.error_code,
            authorisation=answer.authorisation,
            transaction=answer.transaction,
            call=answer.call,
            raw=raw.decode("ascii") if isinstance(raw, bytes) else raw,
        )

    def read_return(self, raw: bytes | str) -> BrowserReturn:
        """Read the raw query string with which the browser comes back.

        Raises:
            BadNotification: it is not signed by the bank, or cannot be understood.
        """
        answer = read_answer(raw, self._public_key, Signed.WHOLE_QUERY)
        outcome, cause = meaning(answer.error_code)
        return BrowserReturn(answer.reference, outcome, cause)

    def _fields(self, request: PaymentRequest) -> tuple[tuple[str, str], ...]:
        if request.currency != EURO:
            msg = "the contract with the bank is in euros"
            raise ValueError(msg)
        addresses = _checked(request.addresses)
        post = (("PBX_RUF1", "POST"),) if self.settings.posts_notifications else ()
        return (
            ("PBX_SITE", self.settings.site),
            ("PBX_RANG", self.settings.rang),
            ("PBX_IDENTIFIANT", self.settings.identifiant),
            # Three digits at least.
            ("PBX_TOTAL", f"{request.amount_cents:03d}"),
            ("PBX_DEVISE", request.currency),
            ("PBX_CMD", request.reference),
            ("PBX_PORTEUR", request.payer_email),
            ("PBX_RETOUR", PBX_RETOUR),
            ("PBX_HASH", HASH),
            ("PBX_TIME", request.opened_at.astimezone(PARIS).isoformat(timespec="seconds")),
            ("PBX_EFFECTUE", addresses.paid),
            ("PBX_REFUSE", addresses.refused),
            ("PBX_ANNULE", addresses.cancelled),
            ("PBX_ATTENTE", addresses.pending),
            ("PBX_REPONDRE_A", addresses.notification),
            *post,
            ("PBX_SHOPPINGCART", shopping_cart(request.quantity)),
            ("PBX_BILLING", billing(request.billing)),
        )


def _checked(addresses: ReturnAddresses) -> ReturnAddresses:
    """Refuse a relative address, or one with a query: the bank's variables must stand alone in it."""
    for address in vars(addresses).values():
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
            msg = f"not an absolute address without a query: {address}"
            raise ValueError(msg)
    return addresses
