"""What the bank sends back, read from the query string exactly as it came.

The signature is over the bytes on the wire, so nothing is decoded before it is verified. Two ways of signing:
the call of the bank's server signs the variables of ``PBX_RETOUR`` only, whatever stood before them in our
address; the browser's return signs the whole query.
"""

from dataclasses import dataclass
from enum import Enum
from urllib.parse import unquote, unquote_plus

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from domain.payments.gateway import BadNotification, BadNotificationReason
from gateways.payments.error_codes import is_error_code
from gateways.payments.signing import is_answer_signed

# The variables of PBX_RETOUR in their order: our name, Paybox's letter. The signature comes last.
RETURN_VARIABLES = (
    ("montant", "M"),
    ("reference", "R"),
    ("autorisation", "A"),
    ("transaction", "S"),
    ("appel", "T"),
    ("erreur", "E"),
    ("signature", "K"),
)
PBX_RETOUR = ";".join(f"{name}:{letter}" for name, letter in RETURN_VARIABLES)
_SIGNED_NAMES = frozenset(name for name, _ in RETURN_VARIABLES) - {"signature"}
_NEEDED = ("montant", "reference", "erreur")
_FIRST = RETURN_VARIABLES[0][0]
_SIGNATURE = "&signature="
# A long answer of the bank is some 600 bytes; what is much longer is not worth a verification.
MAX_LENGTH = 8192


class Signed(Enum):
    """Which part of a query the bank signs."""

    RETURN_VARIABLES = "the variables of PBX_RETOUR"
    WHOLE_QUERY = "the whole query"


@dataclass(frozen=True)
class Answer:
    """The variables of an answer that the bank signed, decoded."""

    reference: str
    amount_cents: int
    error_code: str
    authorisation: str
    transaction: str
    call: str


def read_answer(raw: bytes | str, key: RSAPublicKey, signed: Signed) -> Answer:
    """Verify an answer on its raw text, then read it.

    Raises:
        BadNotification: unsigned, wrongly signed, or not what ``PBX_RETOUR`` asked for.
    """
    query = _text(raw)
    message, signature = _split(query, signed)
    if not is_answer_signed(message.encode(), signature, key):
        raise BadNotification(BadNotificationReason.BAD_SIGNATURE)
    return _answer(_variables(message))


def _text(raw: bytes | str) -> str:
    try:
        query = raw.decode("ascii") if isinstance(raw, bytes) else raw
        query.encode("ascii")
    except UnicodeError as error:
        raise BadNotification(BadNotificationReason.MALFORMED, "not URL-encoded") from error
    if len(query) > MAX_LENGTH:
        raise BadNotification(BadNotificationReason.MALFORMED, "too long")
    return query


def _split(query: str, signed: Signed) -> tuple[str, str]:
    """Return the text that is signed, as it came, and the signature in base64."""
    message, found, signature = query.partition(_SIGNATURE)
    if not found or not signature:
        raise BadNotification(BadNotificationReason.UNSIGNED)
    if "&" in signature:
        raise BadNotification(BadNotificationReason.MALFORMED, "something follows the signature")
    if signed is Signed.RETURN_VARIABLES:
        message = _from_first_variable(message)
    # Not unquote_plus: a sign + that nobody encoded belongs to the base64.
    return message, unquote(signature)


def _from_first_variable(message: str) -> str:
    """Drop what stood in our own address before the first variable; it is not signed, so it is not read."""
    if message.startswith(f"{_FIRST}="):
        return message
    _, found, rest = message.partition(f"&{_FIRST}=")
    return f"{_FIRST}={rest}" if found else message


def _variables(message: str) -> dict[str, str]:
    """Decode the signed variables; a name that comes twice or that nobody asked for is refused."""
    variables: dict[str, str] = {}
    for part in message.split("&"):
        name, _, value = part.partition("=")
        if name not in _SIGNED_NAMES:
            raise BadNotification(BadNotificationReason.MALFORMED, "a variable that nobody asked for")
        if name in variables:
            raise BadNotification(BadNotificationReason.MALFORMED, f"{name} comes twice")
        try:
            variables[name] = unquote_plus(value, errors="strict")
        except UnicodeDecodeError as error:
            raise BadNotification(BadNotificationReason.MALFORMED, f"{name} is not UTF-8") from error
    return variables


def _answer(variables: dict[str, str]) -> Answer:
    for name in _NEEDED:
        if not variables.get(name):
            raise BadNotification(BadNotificationReason.MALFORMED, f"no {name}")
    amount, error_code = variables["montant"], variables["erreur"]
    if not (amount.isascii() and amount.isdigit() and len(amount) <= 12):
        raise BadNotification(BadNotificationReason.MALFORMED, "montant is not a number of cents")
    if not is_error_code(error_code):
        raise BadNotification(BadNotificationReason.MALFORMED, "erreur is not five digits")
    return Answer(
        reference=variables["reference"],
        amount_cents=int(amount),
        error_code=error_code,
        authorisation=variables.get("autorisation", ""),
        transaction=variables.get("transaction", ""),
        call=variables.get("appel", ""),
    )
