"""The local bank's own key pair, made on its first start and kept in the instance folder."""

import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from gateways.payments.signing import BadKeyError

KEY_FILE = "local_bank_key.pem"
KEY_BITS = 2048


def local_bank_key(folder: Path) -> RSAPrivateKey:
    """Return the local bank's private key, made now if there is none; processes that start together agree on one.

    Raises:
        BadKeyError: the file is there but is not an RSA private key.
    """
    path = folder / KEY_FILE
    if not path.exists():
        _create(path)
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except ValueError as error:
        msg = f"{KEY_FILE} is not a PEM file: remove it, and the bank makes another"
        raise BadKeyError(msg) from error
    if not isinstance(key, RSAPrivateKey):
        msg = f"{KEY_FILE} is not an RSA key: remove it, and the bank makes another"
        raise BadKeyError(msg)
    return key


def public_pem(key: RSAPrivateKey) -> bytes:
    """Return the public half, as an adapter's settings take it."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _create(path: Path) -> None:
    """Write a new key whole under a name of its own, then give it the real name unless another was quicker."""
    path.parent.mkdir(parents=True, exist_ok=True)
    key = generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    draft.touch(mode=0o600)
    draft.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()
