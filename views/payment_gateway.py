"""The card-payment gateway that the settings choose, and the local bank where there is one."""

from functools import cache
from pathlib import Path
from typing import cast

from flask import Flask, current_app

from config import ROOT, BadSetting, Settings
from domain.payments.gateway import PaymentGateway
from gateways.payments.local_bank import LocalBank
from gateways.payments.local_keys import local_bank_key, public_pem
from gateways.payments.paybox import PayboxGateway, PayboxSettings
from gateways.payments.signing import BadKeyError

# On the very host of the portal, so that the browser may send its form there whatever name it knows us by.
BANK_PATH = "/banque-essai"
PUBLISHED_KEY = ROOT / "gateways" / "payments" / "paybox_public_key.pem"


def has_local_bank(settings: Settings) -> bool:
    """Say whether the local bank answers in the place of Paybox; never in production."""
    return settings.payment_gateway == "local_bank" and settings.has_development_pages


def init_gateway(app: Flask, settings: Settings) -> None:
    """Bind the gateway to the application; Paybox's keys are tried now, the local bank's made when first used.

    Raises:
        BadSetting: a key cannot be used.
    """
    bank = cache(lambda: LocalBank(_local_settings(settings), local_bank_key(settings.var_dir)))
    gateway = cache(lambda: _gateway(settings))
    if has_local_bank(settings):
        app.extensions["local_bank"] = bank
    else:
        gateway()
    app.extensions["payment_gateway"] = gateway


def current_gateway() -> PaymentGateway:
    """Return the gateway of this portal."""
    return cast("PaymentGateway", current_app.extensions["payment_gateway"]())


def current_bank() -> LocalBank:
    """Return the local bank of this portal, where ``has_local_bank``."""
    return cast("LocalBank", current_app.extensions["local_bank"]())


def _gateway(settings: Settings) -> PayboxGateway:
    try:
        return PayboxGateway(
            _local_settings(settings) if has_local_bank(settings) else _paybox_settings(settings)
        )
    except BadKeyError as error:
        msg = f"PREAU_PAYBOX_HMAC_KEY or PREAU_PAYBOX_PUBLIC_KEY_FILE: {error}"
        raise BadSetting(msg) from error


def _local_settings(settings: Settings) -> PayboxSettings:
    return _contract(settings, (BANK_PATH,), public_pem(local_bank_key(settings.var_dir)))


def _paybox_settings(settings: Settings) -> PayboxSettings:
    path = Path(settings.paybox_public_key_file or PUBLISHED_KEY)
    if not path.is_file():
        msg = f"PREAU_PAYBOX_PUBLIC_KEY_FILE: there is no file {path}"
        raise BadSetting(msg)
    return _contract(settings, paybox_pages(settings), path.read_bytes())


def paybox_pages(settings: Settings) -> tuple[str, ...]:
    """Return the addresses of the bank's payment page: the first host, then the second where there is one."""
    return tuple(url for url in (settings.paybox_page_url, settings.paybox_backup_url) if url)


def _contract(settings: Settings, page_urls: tuple[str, ...], public_key_pem: bytes) -> PayboxSettings:
    return PayboxSettings(
        site=settings.paybox_site,
        rang=settings.paybox_rang,
        identifiant=settings.paybox_identifiant,
        hmac_key_hex=settings.paybox_hmac_key,
        page_urls=page_urls,
        public_key_pem=public_key_pem,
    )
