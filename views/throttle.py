"""How often a secret may be tried from one address: sign-in, activation, passwords."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app

from views.extensions import limiter

View = TypeVar("View", bound=Callable[..., Any])


def _limit() -> str:
    return current_app.config["PREAU"].sign_in_limit  # type: ignore[no-any-return]


def throttled(view: View) -> View:
    """Let a page take only so many forms from one address (setting ``sign_in_limit``); beyond, 429."""
    return limiter.limit(_limit, methods=["POST"])(view)  # type: ignore[return-value]
