"""Short signed tokens for public links; they carry no personal data.

A recipient token is 24 characters of base64url: six bytes of the delivery's id and twelve bytes of
HMAC-SHA256 over it. The key decides the purpose (`keys.derive("track")`, `keys.derive("leave")`), so a token
made for opens never unsubscribes anybody.

In the local part of an address the same token is written in hexadecimal digits (`in_address`): mail systems change
capitals, and a return path has to fit into 64 characters (RFC 5321 §4.5.3.1.1).
"""

import base64
import binascii
import hashlib
import hmac
from functools import lru_cache

_ID_BYTES = 6
_MAC_BYTES = 12
_BLOCK = 64  # of SHA-256
RECIPIENT_LENGTH = 24


class BadToken(Exception):
    """The token was not made by this installation for this purpose."""


def recipient(key: bytes, delivery_id: int) -> str:
    """Return the token of a delivery (0 <= id < 2**48)."""
    raw = delivery_id.to_bytes(_ID_BYTES, "big")
    return base64.urlsafe_b64encode(raw + _mac(key, raw)).decode()


def read_recipient(key: bytes, token: str) -> int:
    """Return the delivery's id; BadToken when the signature does not fit."""
    if len(token) != RECIPIENT_LENGTH:
        raise BadToken
    try:
        raw = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise BadToken from error
    if not hmac.compare_digest(_mac(key, raw[:_ID_BYTES]), raw[_ID_BYTES:]):
        raise BadToken
    return int.from_bytes(raw[:_ID_BYTES], "big")


def in_address(token: str) -> str:
    """Return a recipient token as the local part of an address can carry it: 36 hexadecimal digits.

    What is none, such as the word that previews have in its place, stays as it is.
    """
    return base64.urlsafe_b64decode(token).hex() if len(token) == RECIPIENT_LENGTH else token


def out_of_address(digits: str) -> str:
    """Return the token that `in_address` wrote, whatever the case of its letters; BadToken when it is none."""
    try:
        raw = bytes.fromhex(digits)
    except ValueError as error:
        raise BadToken from error
    if len(raw) != _ID_BYTES + _MAC_BYTES or len(digits) != 2 * len(raw):
        raise BadToken
    return base64.urlsafe_b64encode(raw).decode()


def _mac(key: bytes, raw: bytes) -> bytes:
    """Return the beginning of the HMAC (RFC 2104). The two blocks of the key are hashed once: a third of the time."""
    begun = _begun(key)
    inner, outer = begun[0].copy(), begun[1].copy()
    inner.update(raw)
    outer.update(inner.digest())
    return outer.digest()[:_MAC_BYTES]


@lru_cache(64)
def _begun(key: bytes) -> tuple["hashlib._Hash", "hashlib._Hash"]:
    block = (hashlib.sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block))
    outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in block))
    return inner, outer
