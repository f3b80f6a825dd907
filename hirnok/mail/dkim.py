"""DKIM signatures (RFC 6376) by our own hand: RSA-SHA256, relaxed/relaxed.

Promises: the signature covers the bytes that are sent, and both List-Unsubscribe headers (RFC 8058 §4); headers that a
forger would like to add a second time are signed once more than they occur (§5.4.2), so adding one breaks the
signature. Leaves to others: where the key is kept, who publishes its record.
"""

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

BITS: Final = 2048  # RFC 8301 §3.2; what every receiver takes and one TXT record holds
# Signed once more than they occur: nobody can add them, or add another one.
OVERSIGNED: Final = ("From", "To", "Cc", "Subject", "Reply-To", "MIME-Version", "Content-Type",
                     "List-Unsubscribe", "List-Unsubscribe-Post")  # fmt: skip
SIGNED: Final = (
    *OVERSIGNED,
    "Date",
    "Message-ID",
    "List-Id",
    "Content-Transfer-Encoding",
    "Feedback-ID",
)
_FIELD: Final = re.compile(rb"\r\n(?![ \t])")
_BLANKS: Final = re.compile(rb"(?:\r\n)?[ \t]+|\r\n")
_LINE: Final = 72


def new_key() -> str:
    """A private key, PEM (PKCS #8, not encrypted)."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return pem.decode("ascii")


def public_key(pem: str) -> str:
    """The public half, as it stands in `p=`: SubjectPublicKeyInfo in base64."""
    der = (
        _private(pem)
        .public_key()
        .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return base64.b64encode(der).decode("ascii")


def record(pem: str) -> str:
    """The TXT record for `<selector>._domainkey.<domain>` (RFC 6376 §3.6.1)."""
    return f"v=DKIM1; k=rsa; p={public_key(pem)}"


class Signer:
    """Signs for one domain with one key."""

    def __init__(self, domain: str, selector: str, pem: str) -> None:
        """`domain` and `selector` in ASCII; ValueError when `pem` is no private RSA key."""
        self._key = _private(pem)
        self._begin = f"v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s={selector};\r\n "

    def sign(self, message: bytes) -> bytes:
        """The message (CRLF line ends) with its signature in front."""
        head, _, body = message.partition(b"\r\n\r\n")
        found = _fields(head)
        names = tuple(name for name, _ in found)
        digest = base64.b64encode(hashlib.sha256(relaxed_body(body)).digest()).decode("ascii")
        unsigned = f"DKIM-Signature: {self._begin}{_names(names)};\r\n bh={digest};\r\n b="
        data = b"\r\n".join(
            [*_chosen(found), b"dkim-signature:" + _relaxed(unsigned[15:].encode("ascii"))]
        )
        signature = base64.b64encode(
            self._key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        ).decode("ascii")
        lines = "\r\n ".join(signature[at : at + _LINE] for at in range(0, len(signature), _LINE))
        return b"%b%b\r\n%b" % (unsigned.encode("ascii"), lines.encode("ascii"), message)


def relaxed_body(body: bytes) -> bytes:
    """A body in relaxed form (§3.4.4): blanks as one, none at line ends, no empty lines at the end."""
    if b"\t" in body:
        body = body.replace(b"\t", b" ")
    if b"  " in body:
        body = body.replace(b"        ", b" ")
        while b"  " in body:
            body = body.replace(b"  ", b" ")
    body = body.replace(b" \r\n", b"\r\n").removesuffix(b" ")
    while body.endswith(b"\r\n\r\n"):
        body = body[:-2]
    if body == b"\r\n":
        return b""
    return body if not body or body.endswith(b"\r\n") else body + b"\r\n"


def _private(pem: str) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(pem.encode("ascii"), None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError("not an RSA key")
    return key


def _fields(head: bytes) -> list[tuple[bytes, bytes]]:
    """Names in small letters, and whole fields, in order."""
    fields = _FIELD.split(head)
    return [(field.partition(b":")[0].rstrip(b" \t").lower(), field) for field in fields]


def _chosen(found: Iterable[tuple[bytes, bytes]]) -> Iterator[bytes]:
    """The fields that are signed, in relaxed form and in the order of `h=`: of several the last one first."""
    left: dict[bytes, list[bytes]] = {}
    for name, field in found:
        left.setdefault(name, []).append(field)
    for name in (wanted.lower().encode() for wanted in SIGNED):
        for field in reversed(left.get(name, [])):
            yield name + b":" + _relaxed(field.partition(b":")[2])


def _relaxed(value: bytes) -> bytes:
    """A field's value in relaxed form (§3.4.2)."""
    return _BLANKS.sub(b" ", value).strip(b" ")


@lru_cache(64)
def _names(present: tuple[bytes, ...]) -> str:
    """The tag `h=`, folded."""
    names = []
    for name in SIGNED:
        names += [name] * (present.count(name.lower().encode()) + (name in OVERSIGNED))
    lines, line = [], "h="
    for name in names:
        if len(line) + len(name) + 1 > _LINE:
            lines.append(line)
            line = ""
        line += name + ":"
    return "\r\n ".join([*lines, line]).removesuffix(":")
