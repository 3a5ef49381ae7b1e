"""The local bank judges as Paybox would, and misbehaves when asked."""

import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from domain.payments.gateway import BadNotification, BadNotificationReason, Outcome
from gateways.payments.error_codes import meaning
from gateways.payments.local_bank import REFUSAL_CODES, BankAnswer, Choice, Decision, Manner
from gateways.payments.local_forms import NEEDED_FIELDS, Fault, FormRefused, Order
from gateways.payments.local_keys import KEY_FILE, local_bank_key, public_pem
from gateways.payments.signing import BadKeyError, form_hmac, hmac_key
from tests.support.bank import NOW, TEST_KEY, bank, gateway, payment_request

FIELDS = gateway().form(payment_request()).fields


def read(fields, *, host="localhost", now=NOW) -> Order:
    return bank().read_form(fields, host=host, now=now)


def resigned(**changes: str) -> list[tuple[str, str]]:
    """The form with other values, and the signature that goes with them."""
    fields = [(name, changes.get(name, value)) for name, value in FIELDS[:-1]]
    return [*fields, ("PBX_HMAC", form_hmac(fields, hmac_key(TEST_KEY)))]


def problems_of(fields, **conditions) -> set[tuple[Fault, str]]:
    with pytest.raises(FormRefused) as caught:
        read(fields, **conditions)
    return {(problem.fault, problem.field) for problem in caught.value.problems}


def answer(decision: Decision, manner: Manner = Manner.PUNCTUAL, **choice) -> BankAnswer:
    return bank().answer(read(FIELDS), Choice(decision, manner, **choice))


def told(answered: BankAnswer) -> list[tuple[float, Outcome, int]]:
    """When the bank calls, and what a portal that verifies would read."""
    notifications = [gateway().read_notification(delivery.query) for delivery in answered.deliveries]
    waits = [delivery.after.total_seconds() for delivery in answered.deliveries]
    return [
        (wait, notification.outcome, notification.amount_cents)
        for wait, notification in zip(waits, notifications, strict=True)
    ]


# --- the form -------------------------------------------------------------------------------------


def test_the_portal_s_own_form_is_accepted():
    order = read(FIELDS)

    assert (order.reference, order.amount_cents) == ("PRE-2026-000042", 14180)
    assert order.notification_url == "http://localhost/banque/notification/42"
    assert order.fields == FIELDS
    assert not order.posts_notifications


def test_the_fields_of_the_bank_s_own_page_are_not_part_of_the_form():
    assert read([*FIELDS, ("decision", "pay"), ("card", "1111")]).fields == FIELDS


@pytest.mark.parametrize("name", [name for name, _ in FIELDS[:-1]])
def test_a_field_changed_on_the_way_breaks_the_signature(name):
    touched = [(field, value + "0" if field == name else value) for field, value in FIELDS]

    assert (Fault.HMAC, "PBX_HMAC") in problems_of(touched)


def test_an_order_of_fields_that_was_not_signed_is_refused():
    fields = [FIELDS[1], FIELDS[0], *FIELDS[2:]]

    assert problems_of(fields) == {(Fault.HMAC, "PBX_HMAC")}


def test_the_signature_comes_last():
    assert problems_of([FIELDS[-1], *FIELDS[:-1]]) == {(Fault.NOT_LAST, "PBX_HMAC")}


@pytest.mark.parametrize("name", NEEDED_FIELDS)
def test_each_needed_field_is_missed(name):
    assert (Fault.MISSING, name) in problems_of([pair for pair in FIELDS if pair[0] != name])


def test_an_empty_form_misses_everything():
    assert problems_of([]) == {(Fault.MISSING, name) for name in NEEDED_FIELDS}


def test_a_field_that_comes_twice_is_refused():
    assert (Fault.REPEATED, "PBX_TOTAL") in problems_of([("PBX_TOTAL", "100"), *FIELDS])


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("PBX_SITE", "1999889", Fault.MERCHANT),
        ("PBX_RANG", "33", Fault.MERCHANT),
        ("PBX_IDENTIFIANT", "2", Fault.MERCHANT),
        ("PBX_TOTAL", "12", Fault.AMOUNT),
        ("PBX_TOTAL", "000", Fault.AMOUNT),
        ("PBX_TOTAL", "141,80", Fault.AMOUNT),
        ("PBX_DEVISE", "840", Fault.CURRENCY),
        ("PBX_HASH", "SHA1", Fault.HASH),
        ("PBX_RETOUR", "Mt:M;Ref:R", Fault.RETURN_VARIABLES),
        ("PBX_TIME", "hier", Fault.TIME),
        ("PBX_TIME", "2026-11-09T09:30:00", Fault.TIME),
        ("PBX_TIME", "2026-11-09T12:30:00+01:00", Fault.TIME),
        ("PBX_EFFECTUE", "/merci", Fault.ADDRESS),
        ("PBX_REFUSE", "http://localhost/refus?try=1", Fault.ADDRESS),
        ("PBX_ANNULE", "http://[", Fault.ADDRESS),
        ("PBX_REPONDRE_A", "http://elsewhere.test/notification", Fault.OTHER_HOST),
        ("PBX_REPONDRE_A", "http://localhost:81/notification", Fault.OTHER_HOST),
    ],
)
def test_a_value_that_the_bank_does_not_take_is_named(name, value, fault):
    assert problems_of(resigned(**{name: value})) == {(fault, name)}


# --- what it answers ------------------------------------------------------------------------------


def test_paid_is_told_once_and_brings_the_browser_to_the_thanks():
    answered = answer(Decision.PAY)

    assert told(answered) == [(0, Outcome.PAID, 14180)]
    back = urlsplit(answered.return_url)
    assert back.path == "/paiement/42/merci"
    assert gateway().read_return(back.query).outcome is Outcome.PAID


@pytest.mark.parametrize("code", REFUSAL_CODES)
def test_a_refusal_is_told_without_authorisation(code):
    answered = answer(Decision.REFUSE, refusal_code=code)

    notification = gateway().read_notification(answered.deliveries[0].query)
    assert (notification.error_code, notification.authorisation) == (code, "")
    expected = "abandon" if meaning(code)[0] is Outcome.CANCELLED else "refus"
    assert urlsplit(answered.return_url).path == f"/paiement/42/{expected}"


def test_a_cancelled_payment_is_told_as_cancelled():
    answered = answer(Decision.CANCEL)

    assert told(answered) == [(0, Outcome.CANCELLED, 14180)]
    assert urlsplit(answered.return_url).path == "/paiement/42/abandon"


def test_a_delayed_payment_is_pending_and_then_paid():
    answered = answer(Decision.DELAY, delay=timedelta(seconds=30))

    assert told(answered) == [(0, Outcome.PENDING, 14180), (30, Outcome.PAID, 14180)]
    assert urlsplit(answered.return_url).path == "/paiement/42/attente"


@pytest.mark.parametrize(
    ("manner", "expected"),
    [
        (Manner.TWICE, [(0, Outcome.PAID, 14180), (1, Outcome.PAID, 14180)]),
        (Manner.LATE, [(25, Outcome.PAID, 14180)]),
        (Manner.AFTER_RETURN, [(3, Outcome.PAID, 14180)]),
        (Manner.OTHER_AMOUNT, [(0, Outcome.PAID, 99)]),
        (Manner.NONE, []),
    ],
)
def test_bad_manners(manner, expected):
    answered = answer(Decision.PAY, manner, delay=timedelta(seconds=25), other_amount_cents=99)

    assert told(answered) == expected
    assert urlsplit(answered.return_url).path == "/paiement/42/merci"


@pytest.mark.parametrize(
    ("manner", "later"),
    [
        (Manner.TWICE, [(30, Outcome.PAID, 14180), (31, Outcome.PAID, 14180)]),
        (Manner.LATE, [(30, Outcome.PAID, 14180)]),
        (Manner.OTHER_AMOUNT, [(30, Outcome.PAID, 1)]),
        (Manner.NONE, []),
    ],
)
def test_bad_manners_after_a_delay(manner, later):
    answered = answer(Decision.DELAY, manner, delay=timedelta(seconds=30))

    assert told(answered) == [(0, Outcome.PENDING, 14180), *later]


def test_the_same_call_twice_is_the_same_to_the_letter():
    first, second = answer(Decision.PAY, Manner.TWICE).deliveries

    assert replace(first, after=second.after) == second


def test_a_forged_call_is_not_believed():
    (delivery,) = answer(Decision.PAY, Manner.FORGED).deliveries

    with pytest.raises(BadNotification) as caught:
        gateway().read_notification(delivery.query)
    assert caught.value.reason is BadNotificationReason.BAD_SIGNATURE


def test_the_bank_posts_when_the_contract_says_so():
    fields = gateway(posts_notifications=True).form(payment_request()).fields

    (delivery,) = bank().answer(read(fields), Choice(Decision.PAY)).deliveries
    assert delivery.posts


# --- its keys -------------------------------------------------------------------------------------


def test_a_key_is_made_once_and_kept_to_itself(tmp_path):
    folder = tmp_path / "var"

    first, second = local_bank_key(folder), local_bank_key(folder)

    assert public_pem(first) == public_pem(second)
    assert stat.S_IMODE((folder / KEY_FILE).stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == [KEY_FILE]


def test_processes_that_start_together_agree_on_one_key(tmp_path):
    with ThreadPoolExecutor(4) as pool:
        keys = list(pool.map(local_bank_key, [tmp_path] * 4))

    assert len({public_pem(key) for key in keys}) == 1


@pytest.mark.parametrize("content", [b"", b"not a key"])
def test_a_broken_key_file_is_told(tmp_path, content):
    (tmp_path / KEY_FILE).write_bytes(content)

    with pytest.raises(BadKeyError, match="remove it"):
        local_bank_key(tmp_path)
