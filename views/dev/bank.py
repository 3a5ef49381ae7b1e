"""The local bank's pages: what stands in the place of Paybox on a developer's machine and in tests.

It is another site by nature: the form that comes is judged by its own signature, not by our token.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from config import BadSetting, Settings
from domain import clock
from gateways.payments.courier import Courier
from gateways.payments.local_bank import (
    MAX_DELAY,
    REFUSAL_CODES,
    TEST_CARD,
    Choice,
    Decision,
    LocalBank,
    Manner,
)
from gateways.payments.local_forms import FormRefused, Order
from views.access import access
from views.extensions import csrf
from views.payment_gateway import BANK_PATH

MAX_SECONDS = int(MAX_DELAY.total_seconds())
MAX_CENTS = 9_999_999_999


def create_bank_blueprint(
    settings: Settings, bank: Callable[[], LocalBank], courier: Callable[[], Courier]
) -> Blueprint:
    """Return the bank's pages.

    Args:
        settings: of this portal.
        bank: gives the bank; asked at the first request, as its key may have to be made.
        courier: gives who delivers its calls.

    Raises:
        BadSetting: this is a portal of production.
    """
    if settings.is_production:
        msg = "the local bank never opens in production"
        raise BadSetting(msg)
    bp = Blueprint("bank", __name__, url_prefix=BANK_PATH)
    csrf.exempt(bp)

    @bp.get("")
    @access("public")
    def about() -> ResponseReturnValue:
        """Say what this place is to somebody who comes by hand."""
        return render_template("dev/bank_about.html")

    @bp.post("")
    @access("public")
    def pay_page() -> ResponseReturnValue:
        """Judge the portal's form and show the payment page, or say what is wrong with the form."""
        try:
            order = _read_order(bank())
        except FormRefused as refused:
            return render_template("dev/bank_refused.html", problems=refused.problems), 403
        return _page(order, _first_entries(order), {})

    @bp.post("/decision")
    @access("public")
    def decide() -> ResponseReturnValue:
        """Do what the person chose: call our server as asked, and send the browser back."""
        try:
            order = _read_order(bank())
        except FormRefused as refused:
            return render_template("dev/bank_refused.html", problems=refused.problems), 403
        errors = _errors(request.form)
        if errors:
            return _page(order, _first_entries(order) | request.form.to_dict(), errors), 422
        answer = bank().answer(order, _choice(request.form))
        courier().deliver(answer.deliveries)
        return redirect(answer.return_url, 303)

    return bp


def _read_order(bank: LocalBank) -> Order:
    return bank.read_form(request.form.items(multi=True), host=request.host, now=clock.now())


def _page(order: Order, entries: Mapping[str, str], errors: Mapping[str, str]) -> str:
    """Show the payment page with what was written in it; ``errors`` names what is wrong with each field."""
    return render_template(
        "dev/bank.html",
        order=order,
        entries=entries,
        errors=errors,
        refusal_codes=REFUSAL_CODES,
        manners=list(Manner),
        max_seconds=MAX_SECONDS,
    )


def _first_entries(order: Order) -> dict[str, str]:
    card = " ".join(TEST_CARD[start : start + 4] for start in range(0, len(TEST_CARD), 4))
    return {
        "card": card,
        "refusal_code": REFUSAL_CODES[0],
        "manner": Manner.PUNCTUAL,
        "seconds": "10",
        "other_amount": str(order.amount_cents + 100),
    }


def _errors(entries: MultiDict[str, str]) -> dict[str, str]:
    """Return the kind of mistake of each field that the bank cannot take."""
    checks = {
        "decision": entries.get("decision") in set(Decision),
        "manner": entries.get("manner") in set(Manner),
        "refusal_code": entries.get("refusal_code") in REFUSAL_CODES,
        "seconds": _is_number(entries.get("seconds", ""), MAX_SECONDS),
        "other_amount": _is_number(entries.get("other_amount", ""), MAX_CENTS),
    }
    pays = entries.get("decision") in (Decision.PAY, Decision.DELAY)
    if pays:
        checks["card"] = "".join(entries.get("card", "").split()) == TEST_CARD
    return {name: "wrong" for name, is_good in checks.items() if not is_good}


def _is_number(text: str, highest: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= len(str(highest)) and 1 <= int(text) <= highest


def _choice(entries: MultiDict[str, str]) -> Choice:
    return Choice(
        decision=Decision(entries["decision"]),
        manner=Manner(entries["manner"]),
        refusal_code=entries["refusal_code"],
        delay=timedelta(seconds=int(entries["seconds"])),
        other_amount_cents=int(entries["other_amount"]),
    )
