"""What the bank sends back: nothing is believed that is not signed, nothing is read that is not understood."""

import base64
import logging
from urllib.parse import quote, quote_plus, urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA1
from hypothesis import given
from hypothesis import strategies as st

from domain.payments.gateway import BadNotification, BadNotificationReason, Cause, Outcome
from gateways.payments.error_codes import is_error_code, meaning
from tests.support.bank import TEST_KEY, bank, bank_key, gateway

PAID = "montant=14180&reference=PRE-2026-000042&autorisation=XXXXXX&transaction=123&appel=456&erreur=00000"
REFUSED = "montant=14180&reference=PRE-2026-000042&transaction=123&appel=456&erreur=00151"


def signed(query: str) -> str:
    """Sign as the bank does, apart from the code under test."""
    signature = base64.b64encode(bank_key().sign(query.encode(), PKCS1v15(), SHA1())).decode()
    return f"{query}&signature={quote(signature, safe='')}"


def reason_of(raw: bytes | str, *, browser: bool = False) -> BadNotificationReason:
    reader = gateway().read_return if browser else gateway().read_notification
    with pytest.raises(BadNotification) as caught:
        reader(raw)
    return caught.value.reason


def test_a_signed_call_is_read():
    notification = gateway().read_notification(signed(PAID))

    assert notification.reference == "PRE-2026-000042"
    assert (notification.amount_cents, notification.currency) == (14180, "978")
    assert (notification.outcome, notification.cause) == (Outcome.PAID, Cause.NONE)
    assert (notification.authorisation, notification.transaction, notification.call) == (
        "XXXXXX",
        "123",
        "456",
    )
    assert notification.raw == signed(PAID)


def test_bytes_as_the_server_received_them_are_read_too():
    assert gateway().read_notification(signed(PAID).encode()).outcome is Outcome.PAID


def test_a_refusal_has_no_authorisation():
    notification = gateway().read_notification(signed(REFUSED))

    assert (notification.outcome, notification.cause) == (Outcome.REFUSED, Cause.INSUFFICIENT_FUNDS)
    assert (notification.authorisation, notification.bank_refusal) == ("", "51")


def test_the_browser_s_return_is_read_but_tells_no_amount():
    back = gateway().read_return(signed(PAID))

    assert (back.reference, back.outcome) == ("PRE-2026-000042", Outcome.PAID)
    assert not hasattr(back, "amount_cents")


def test_what_stands_before_the_variables_in_our_address_is_not_signed_for_a_call_and_not_read():
    query = signed(PAID)

    assert gateway().read_notification(f"town=45999&{query}").reference == "PRE-2026-000042"
    assert reason_of(f"town=45999&{query}", browser=True) is BadNotificationReason.BAD_SIGNATURE


def test_the_browser_s_return_signs_the_whole_query():
    # Signed as a whole by the bank, it is still not what we asked for.
    assert reason_of(signed(f"town=45999&{PAID}"), browser=True) is BadNotificationReason.MALFORMED


def test_a_reference_with_odd_letters_survives():
    query = signed("montant=100&reference=A%2FB+C%20%C3%A9%26&erreur=00000")

    assert gateway().read_notification(query).reference == "A/B C é&"


@pytest.mark.parametrize("write", [quote_plus, lambda text: text, lambda text: quote(text, safe="/+")])
def test_a_signature_is_read_however_it_is_encoded(write):
    signature = base64.b64encode(bank_key().sign(PAID.encode(), PKCS1v15(), SHA1())).decode()

    assert gateway().read_notification(f"{PAID}&signature={write(signature)}").outcome is Outcome.PAID


@pytest.mark.parametrize("raw", ["", "x", PAID, f"{PAID}&signature=", "signature=abc", "&&&", b"\x00"])
def test_what_has_no_signature_is_unsigned(raw):
    assert reason_of(raw) is BadNotificationReason.UNSIGNED
    assert reason_of(raw, browser=True) is BadNotificationReason.UNSIGNED


@pytest.mark.parametrize("signature", ["pas du base64", "%%%", "AAAA", "====", "QUJD", "%C3%A9", "%00"])
def test_a_signature_that_is_no_signature_is_wrong(signature):
    assert reason_of(f"{PAID}&signature={signature}") is BadNotificationReason.BAD_SIGNATURE


def test_another_bank_s_signature_is_wrong():
    other = generate_private_key(public_exponent=65537, key_size=2048)
    signature = base64.b64encode(other.sign(PAID.encode(), PKCS1v15(), SHA1())).decode()

    assert reason_of(f"{PAID}&signature={quote_plus(signature)}") is BadNotificationReason.BAD_SIGNATURE


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("montant=14180", "montant=1418"),
        ("PRE-2026-000042", "PRE-2026-000043"),
        ("PRE-2026-000042", "PRE%2D2026-000042"),
        ("erreur=00000", "erreur=00151"),
        ("&autorisation=XXXXXX", ""),
        ("transaction=123&appel=456", "appel=456&transaction=123"),
    ],
)
def test_a_signed_query_that_was_touched_is_wrong(old, new):
    assert reason_of(signed(PAID).replace(old, new)) is BadNotificationReason.BAD_SIGNATURE


@pytest.mark.parametrize(
    "query",
    [
        f"montant=1&{PAID}",
        f"{PAID}&montant=1",
        PAID.replace("&transaction", "&reference=AUTRE&transaction"),
        f"{PAID}&erreur=00000",
        f"{PAID}&pays=FRA",
        PAID.replace("montant=14180", "montant="),
        PAID.replace("montant=14180&", ""),
        PAID.replace("montant=14180", "montant=141,80"),
        PAID.replace("montant=14180", "montant=-14180"),
        PAID.replace("montant=14180", "montant=%D9%A1%D9%A2"),
        PAID.replace("montant=14180", "montant=" + "9" * 13),
        PAID.replace("reference=PRE-2026-000042", "reference="),
        PAID.replace("erreur=00000", "erreur=0"),
        PAID.replace("erreur=00000", "erreur=0000A"),
        PAID.replace("&erreur=00000", ""),
        PAID.replace("XXXXXX", "%FF"),
    ],
)
def test_a_well_signed_message_that_makes_no_sense_is_malformed(query):
    assert reason_of(signed(query)) is BadNotificationReason.MALFORMED


@pytest.mark.parametrize(
    "raw", [signed(PAID) + "&montant=1", signed(PAID) + "&signature=AAAA", "é=1", b"\xff", "a" * 9000]
)
def test_what_the_bank_would_not_write_is_malformed(raw):
    assert reason_of(raw) is BadNotificationReason.MALFORMED


def test_only_a_missing_or_wrong_signature_is_a_forgery():
    forged = {reason: BadNotification(reason).is_forged for reason in BadNotificationReason}

    assert forged == {
        BadNotificationReason.UNSIGNED: True,
        BadNotificationReason.BAD_SIGNATURE: True,
        BadNotificationReason.MALFORMED: False,
    }


# --- any query ------------------------------------------------------------------------------------

values = st.text(alphabet=st.characters(codec="utf-8"), min_size=1, max_size=30)


@given(
    reference=values,
    cents=st.integers(0, 10**12 - 1),
    authorisation=values,
    code=st.from_regex(r"[0-9]{5}", fullmatch=True),
)
def test_whatever_the_bank_signs_comes_out_as_it_went_in(reference, cents, authorisation, code):
    query = urlencode(
        {"montant": cents, "reference": reference, "autorisation": authorisation, "erreur": code},
        encoding="utf-8",
    )

    notification = gateway().read_notification(bank().signed(query))

    assert (notification.reference, notification.amount_cents) == (reference, cents)
    assert (notification.authorisation, notification.error_code) == (authorisation, code)
    assert (notification.outcome is Outcome.PAID) == (code == "00000")


@given(st.one_of(st.text(max_size=300), st.binary(max_size=300)))
def test_nothing_that_the_bank_has_not_signed_is_ever_believed(raw):
    for reader in (gateway().read_notification, gateway().read_return):
        with pytest.raises(BadNotification):
            reader(raw)


@given(st.data())
def test_one_letter_changed_in_the_signed_part_is_enough(data):
    place = data.draw(st.integers(0, len(PAID) - 1))
    letter = data.draw(
        st.characters(min_codepoint=33, max_codepoint=126).filter(lambda new: new != PAID[place])
    )
    touched = signed(PAID)[:place] + letter + signed(PAID)[place + 1 :]

    with pytest.raises(BadNotification):
        gateway().read_notification(touched)


# --- error codes ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "outcome", "cause"),
    [
        ("00000", Outcome.PAID, Cause.NONE),
        ("00001", Outcome.CANCELLED, Cause.CANCELLED),
        ("00003", Outcome.REFUSED, Cause.PLATFORM),
        ("00004", Outcome.REFUSED, Cause.WRONG_CARD_DETAILS),
        ("00006", Outcome.REFUSED, Cause.MERCHANT_ACCOUNT),
        ("00008", Outcome.REFUSED, Cause.EXPIRED_CARD),
        ("00010", Outcome.REFUSED, Cause.MERCHANT_ACCOUNT),
        ("00011", Outcome.REFUSED, Cause.WRONG_AMOUNT),
        ("00015", Outcome.ALREADY_PAID, Cause.ALREADY_PAID),
        ("00021", Outcome.REFUSED, Cause.CARD_NOT_ACCEPTED),
        ("00029", Outcome.REFUSED, Cause.CARD_NOT_ACCEPTED),
        ("00030", Outcome.CANCELLED, Cause.TIMED_OUT),
        ("00033", Outcome.REFUSED, Cause.COUNTRY),
        ("00040", Outcome.REFUSED, Cause.NOT_AUTHENTICATED),
        ("00100", Outcome.REFUSED, Cause.BANK_REFUSED),
        ("00105", Outcome.REFUSED, Cause.BANK_REFUSED),
        ("00114", Outcome.REFUSED, Cause.WRONG_CARD_DETAILS),
        ("00133", Outcome.REFUSED, Cause.EXPIRED_CARD),
        ("00143", Outcome.REFUSED, Cause.LOST_OR_STOLEN),
        ("00151", Outcome.REFUSED, Cause.INSUFFICIENT_FUNDS),
        ("00999", Outcome.REFUSED, Cause.UNKNOWN),
        ("99999", Outcome.PENDING, Cause.NONE),
    ],
)
def test_each_code_says_what_became_of_the_try(code, outcome, cause):
    query = PAID.replace("erreur=00000", f"erreur={code}")

    notification = gateway().read_notification(signed(query))

    assert (notification.outcome, notification.cause) == (outcome, cause)


def test_one_code_alone_is_money():
    paid = [number for number in range(100_000) if meaning(f"{number:05d}")[0] is Outcome.PAID]

    assert paid == [0]
    assert not any(is_error_code(text) for text in ("", "0", "000000", "٠٠٠٠٠", "00000\n"))


# --- secrets --------------------------------------------------------------------------------------


def test_nothing_is_logged_of_keys_or_cards(caplog):
    with caplog.at_level(logging.DEBUG):
        gateway().read_notification(signed(PAID))
        with pytest.raises(BadNotification) as caught:
            gateway().read_notification(PAID + "&signature=AAAA")

    assert TEST_KEY not in caplog.text + str(caught.value)
    assert not caplog.records
