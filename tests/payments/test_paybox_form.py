"""The signed form that takes the browser to Paybox."""

import hashlib
import hmac
import re
import subprocess
from datetime import datetime
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.payments.gateway import BillingAddress, ReturnAddresses
from gateways.payments.paybox import page_url
from gateways.payments.signing import BadKeyError, form_hmac, hmac_key
from gateways.payments.xml_fields import billing, plain, shopping_cart
from tests.support.bank import TEST_KEY, contract, gateway, payment_request

# Computed apart from our code, with `printf '%s' MESSAGE | openssl dgst -sha512 -mac HMAC -macopt hexkey:KEY`.
VECTOR_MESSAGE = (
    "PBX_SITE=1999888&PBX_RANG=32&PBX_IDENTIFIANT=110647233&PBX_TOTAL=14180&PBX_DEVISE=978"
    "&PBX_CMD=PRE-2026-000042&PBX_PORTEUR=alice.martin@example.org"
    "&PBX_RETOUR=montant:M;reference:R;autorisation:A;transaction:S;appel:T;erreur:E;signature:K"
    "&PBX_HASH=SHA512&PBX_TIME=2026-11-09T09:30:00+01:00"
    "&PBX_EFFECTUE=http://localhost/paiement/42/merci&PBX_REFUSE=http://localhost/paiement/42/refus"
    "&PBX_ANNULE=http://localhost/paiement/42/abandon&PBX_ATTENTE=http://localhost/paiement/42/attente"
    "&PBX_REPONDRE_A=http://localhost/banque/notification/42"
    '&PBX_SHOPPINGCART=<?xml version="1.0" encoding="utf-8"?><shoppingcart><total><totalQuantity>1</totalQuantity>'
    "</total></shoppingcart>"
    '&PBX_BILLING=<?xml version="1.0" encoding="utf-8"?><Billing><Address><FirstName>Alice</FirstName>'
    "<LastName>Martin</LastName><Address1>12 rue de l'Eglise</Address1><ZipCode>45110</ZipCode>"
    "<City>Saint-Preau</City><CountryCode>250</CountryCode><CountryCodeMobilePhone>+33</CountryCodeMobilePhone>"
    "<MobilePhone>0612345678</MobilePhone></Address></Billing>"
)
VECTOR_HMAC = (
    "6834B2C1FF1C6518B2321E4D474F5DCA558DDDFAD0B6E08B01CC1E01A3D06893"
    "48BD489B768C4318238360F2DA4DB139DEC2BCDEB51275141F129BD663ECE4C6"
)


def test_the_form_is_the_bank_s_to_the_letter():
    form = gateway().form(payment_request())

    *signed, (last, signature) = form.fields
    assert "&".join(f"{name}={value}" for name, value in signed) == VECTOR_MESSAGE
    assert (last, signature) == ("PBX_HMAC", VECTOR_HMAC)


def test_the_vector_agrees_with_another_program():
    command = ["openssl", "dgst", "-sha512", "-mac", "HMAC", "-macopt", f"hexkey:{TEST_KEY}"]
    try:
        done = subprocess.run(command, input=VECTOR_MESSAGE.encode(), capture_output=True, check=True)
    except FileNotFoundError:
        pytest.skip("openssl is not installed")

    assert done.stdout.decode().split()[-1].upper() == VECTOR_HMAC


@given(
    st.lists(st.tuples(st.from_regex(r"PBX_[A-Z]{1,8}", fullmatch=True), st.text(max_size=40)), max_size=6)
)
def test_values_are_signed_raw_and_in_their_order(fields):
    message = "&".join(f"{name}={value}" for name, value in fields)

    expected = hmac.new(bytes.fromhex(TEST_KEY), message.encode(), hashlib.sha512).hexdigest().upper()
    assert form_hmac(fields, hmac_key(TEST_KEY)) == expected


def test_a_second_host_answers_when_the_first_is_down():
    first = gateway().form(payment_request())
    second = gateway().form(payment_request(), use_backup=True)

    assert first.action_url == "https://bank.test/page.cgi"
    assert second.action_url == "https://bank1.test/page.cgi"
    assert second.fields == first.fields
    assert page_url(contract(page_urls=("https://only.test/",)), use_backup=True) == "https://only.test/"


def test_the_bank_can_be_asked_to_post_its_calls():
    names = [name for name, _ in gateway(posts_notifications=True).form(payment_request()).fields]

    assert names[names.index("PBX_REPONDRE_A") + 1] == "PBX_RUF1"
    assert names[-1] == "PBX_HMAC"


@pytest.mark.parametrize(
    ("cents", "written"), [(1, "001"), (99, "099"), (100, "100"), (1_234_567, "1234567")]
)
def test_cents_have_three_digits_at_least(cents, written):
    fields = dict(gateway().form(payment_request(amount_cents=cents)).fields)

    assert fields["PBX_TOTAL"] == written


@pytest.mark.parametrize(
    "changes",
    [
        {"amount_cents": 0},
        {"amount_cents": -5},
        {"reference": ""},
        {"payer_email": ""},
        {"opened_at": datetime(2026, 11, 9, 9, 30)},  # noqa: DTZ001 - naive on purpose
    ],
)
def test_a_request_that_makes_no_sense_is_a_fault_of_ours(changes):
    with pytest.raises(ValueError, match=r"payment|instant"):
        payment_request(**changes)


def test_another_currency_than_the_contract_s_is_a_fault_of_ours():
    with pytest.raises(ValueError, match="euros"):
        gateway().form(payment_request(currency="840"))


@pytest.mark.parametrize(
    "address", ["/paiement/42", "http://localhost/p?x=1", "http://localhost/p#x", "ftp://x/y"]
)
def test_return_addresses_are_absolute_and_have_no_query(address):
    good = "http://localhost/p"

    with pytest.raises(ValueError, match="absolute"):
        gateway().form(payment_request(addresses=ReturnAddresses(good, good, good, good, address)))


@pytest.mark.parametrize("key", ["", "0123456789ABCDEG", "ABC", "clé"])
def test_a_bad_merchant_key_is_told_without_being_shown(key):
    with pytest.raises(BadKeyError) as caught:
        gateway(hmac_key_hex=key)

    assert not key or key not in str(caught.value)


@pytest.mark.parametrize("pem", [b"", b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"])
def test_a_bad_public_key_is_told(pem):
    with pytest.raises(BadKeyError):
        gateway(public_key_pem=pem)


def test_no_secret_is_shown():
    shown = repr(gateway()) + str(gateway()) + repr(contract())

    assert TEST_KEY not in shown


# --- the XML fields -------------------------------------------------------------------------------


@pytest.mark.parametrize(("quantity", "written"), [(-3, 1), (0, 1), (1, 1), (99, 99), (100, 99)])
def test_the_cart_holds_1_to_99_things(quantity, written):
    root = ElementTree.fromstring(shopping_cart(quantity))

    assert root.findtext("total/totalQuantity") == str(written)


@pytest.mark.parametrize(
    ("text", "length", "written"),
    [
        ("Chloé", 22, "Chloe"),
        ("L’Haÿ-les-Roses", 50, "L'Hay-les-Roses"),
        ("Œuvrard  Ñuñez\n", 22, "OEuvrard Nunez"),
        ("Marie-Antoinette-Joséphine", 22, "Marie-Antoinette-Josep"),
        ("Bât. B ; « Les Lilas » n° 3", 50, "Bat. B Les Lilas no 3"),
        ("Weiß Łukasz Ørsted", 22, "Weiss Lukasz Orsted"),
        ("<b>Bob</b>", 22, "b Bob /b"),
        ("Ольга", 22, ""),
    ],
)
def test_texts_are_written_in_the_bank_s_letters(text, length, written):
    assert plain(text, length) == written


def test_a_text_is_cut_before_it_is_escaped():
    address = BillingAddress("A&B" * 10, "Martin & fils", "1 rue", "45110", "Saint-Préau")

    root = ElementTree.fromstring(billing(address)).find("Address")
    assert root is not None
    assert root.findtext("FirstName") == ("A&B" * 10)[:22]
    assert root.findtext("LastName") == "Martin & fils"


def test_what_the_family_has_not_told_is_never_empty():
    root = ElementTree.fromstring(billing(BillingAddress("Ольга", "", "", "", ""))).find("Address")

    assert root is not None
    assert [element.text for element in root] == ["NC", "NC", "NC", "NC", "NC", "250"]


@pytest.mark.parametrize(
    ("number", "code", "national"),
    [
        ("+33612345678", "+33", "0612345678"),
        ("06 12 34 56 78", "+33", "0612345678"),
        ("+4915112345678", None, None),
        ("+32470123456", "+32", "470123456"),
        ("pas de téléphone", None, None),
        ("", None, None),
    ],
)
def test_a_mobile_is_told_when_it_fits(number, code, national):
    address = BillingAddress("Alice", "Martin", "1 rue", "45110", "Saint-Préau", mobile=number)

    root = ElementTree.fromstring(billing(address)).find("Address")
    assert root is not None
    assert (root.findtext("CountryCodeMobilePhone"), root.findtext("MobilePhone")) == (code, national)


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_name_makes_a_form_that_the_bank_can_read(first_name, street):
    text = billing(BillingAddress(first_name, "Martin", street, "45110", "Saint-Préau"))

    root = ElementTree.fromstring(text).find("Address")
    assert root is not None
    assert text.isascii()
    assert re.fullmatch(r"[A-Za-z0-9 .,'/&()-]{1,22}", root.findtext("FirstName") or "")
    assert 1 <= len(root.findtext("Address1") or "") <= 50
