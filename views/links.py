"""Links that prove a mailbox: signed, of one purpose, and good for a time only."""

from typing import Any

from flask import current_app
from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer

from domain.errors import Refusal

HOUR = 3600
ACTIVATION_HOURS, EMAIL_HOURS = 48, 24


def signed(purpose: str, facts: dict[str, Any]) -> str:
    """Return the facts as a token that only this installation can write."""
    return _serializer(purpose).dumps(facts)


def read_signed(purpose: str, token: str, hours: int) -> dict[str, Any]:
    """Return the facts of a token.

    Raises:
        Refusal: ``link_expired`` when it is older than ``hours``, ``link_broken`` when it is not ours.
    """
    try:
        facts: dict[str, Any] = _serializer(purpose).loads(token, max_age=hours * HOUR)
    except SignatureExpired as error:
        raise Refusal("link_expired") from error
    except BadSignature as error:
        raise Refusal("link_broken") from error
    return facts


def _serializer(purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key, salt=f"preau-{purpose}")
