"""The two signatures of Paybox: ours on the form (HMAC-SHA512), the bank's on its answers (RSA-SHA1)."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import load_pem_public_key


class BadKeyError(ValueError):
    """A key of the settings cannot be used. Its text never holds the key."""


def hmac_key(key_hex: str) -> bytes:
    """Decode the merchant's key.

    Raises:
        BadKeyError: it is not hexadecimal, or is empty.
    """
    try:
        key = binascii.unhexlify(key_hex.strip())
    except (binascii.Error, ValueError):
        key = b""
    if not key:
        msg = "the merchant's HMAC key must be hexadecimal"
        raise BadKeyError(msg)
    return key


def form_hmac(fields: Iterable[tuple[str, str]], key: bytes) -> str:
    """Sign a form's fields in their order, values as they are: HMAC-SHA512, upper-case hexadecimal."""
    message = "&".join(f"{name}={value}" for name, value in fields)
    return hmac.new(key, message.encode(), hashlib.sha512).hexdigest().upper()


def same_hmac(claimed: str, expected: str) -> bool:
    """Compare two signatures in constant time."""
    return hmac.compare_digest(claimed.encode(), expected.encode())


def public_key(pem: bytes) -> RSAPublicKey:
    """Read the bank's public key.

    Raises:
        BadKeyError: it is not an RSA public key in PEM form.
    """
    try:
        key = load_pem_public_key(pem)
    except ValueError as error:
        msg = "the bank's public key is not a PEM file"
        raise BadKeyError(msg) from error
    if not isinstance(key, RSAPublicKey):
        msg = "the bank's public key is not an RSA key"
        raise BadKeyError(msg)
    return key


def sign_answer(message: bytes, key: RSAPrivateKey) -> str:
    """Sign an answer as the bank does: RSA-SHA1, in base64 (not URL-encoded)."""
    # The protocol says SHA-1; only the bank can change that.
    return base64.b64encode(key.sign(message, PKCS1v15(), SHA1())).decode()  # noqa: S303


def is_answer_signed(message: bytes, signature: str, key: RSAPublicKey) -> bool:
    """Say whether the bank signed this message; a signature that is not base64 is simply wrong."""
    try:
        key.verify(base64.b64decode(signature, validate=True), message, PKCS1v15(), SHA1())  # noqa: S303
    except (InvalidSignature, ValueError):
        return False
    return True
