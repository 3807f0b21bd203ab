"""Sealing of personal data: authenticated encryption for what is stored, a keyed hash for what must still be found.

A sealed text is `s1.<key id>.<base64url(nonce + ciphertext + tag)>`. The `aad` names the place it belongs to
("customer_identity/phone/…"): a ciphertext copied to another row or column does not open there.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Sequence
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.extensions import parts

MARK = "s1"
NONCE_BYTES = 12


class SealBroken(ValueError):
    """The sealed text was altered or moved, or sealed with a key that this installation does not hold."""


def _derive(secret: str, purpose: str) -> bytes:
    return HKDF(SHA256(), length=32, salt=b"danflow/vault/1", info=purpose.encode()).derive(secret.encode())


class Vault:
    """The keys of one installation: `secrets` newest first. The first seals, every one opens."""

    def __init__(self, secrets: Sequence[str]) -> None:
        if not secrets or not all(secrets):
            raise ValueError("the vault needs at least one secret, and no empty one")
        keys = [_derive(secret, "seal") for secret in secrets]
        self._ciphers = {hashlib.sha256(key).hexdigest()[:8]: AESGCM(key) for key in keys}
        self._newest = next(iter(self._ciphers))
        # The oldest secret keeps the index: a rotation must not make every known customer a stranger.
        self._index_key = _derive(secrets[-1], "index")

    def seal(self, text: str, aad: str) -> str:
        """`text` encrypted for the place `aad`; the same text seals differently every time."""
        nonce = os.urandom(NONCE_BYTES)
        body = self._ciphers[self._newest].encrypt(nonce, text.encode(), aad.encode())
        return f"{MARK}.{self._newest}.{base64.urlsafe_b64encode(nonce + body).decode()}"

    def open_(self, sealed: str, aad: str) -> str:
        """The text that was sealed for `aad`; raises SealBroken."""
        mark, _, rest = sealed.partition(".")
        key_id, _, packed = rest.partition(".")
        cipher = self._ciphers.get(key_id)
        if mark != MARK or cipher is None:
            raise SealBroken("sealed with a key that is not among this installation's secrets")
        try:
            raw = base64.b64decode(packed, altchars=b"-_", validate=True)
            return cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], aad.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise SealBroken(f"the sealed text of {aad} does not open") from error

    def blind(self, text: str, kind: str = "") -> str:
        """A keyed hash (64 hex digits) by which an equal `text` of the same `kind` is found without storing it."""
        message = f"{len(kind)}:{kind}:{text}".encode()
        return hmac.digest(self._index_key, message, "sha256").hex()


@lru_cache(maxsize=8)
def _vault(secrets: str) -> Vault:
    return Vault([secret.strip() for secret in secrets.split(",")])


def vault() -> Vault:
    """The current application's vault: DATA_KEY (comma-separated, newest first), else derived from SECRET_KEY."""
    settings = parts().settings
    return _vault(settings.data_key or settings.secret_key)


def seal(text: str, aad: str) -> str:
    """`Vault.seal` with the current application's keys."""
    return vault().seal(text, aad)


def open_(sealed: str, aad: str) -> str:
    """`Vault.open_` with the current application's keys."""
    return vault().open_(sealed, aad)


def blind(text: str, kind: str = "") -> str:
    """`Vault.blind` with the current application's keys."""
    return vault().blind(text, kind)
