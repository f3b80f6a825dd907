"""Whether a provider wrote what came to a webhook: each has a way of its own to prove it.

`check` returns nothing, or says why not: `unsigned`, `forged`, `replayed` (signed too long ago), `foreign` (of another
account). The secret is the provider's key or a password of ours; comparisons take the same time whatever is wrong.
"""

import base64
import binascii
import hashlib
import hmac
import json
import re
import urllib.request
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

Headers = Mapping[str, str]

TOLERANCE: Final = timedelta(hours=1)
FORGETFUL: Final = timedelta(days=2)  # Amazon repeats a notification under its first time for hours
USER: Final = "hirnok"  # of HTTP basic authentication
_SNS_HOST: Final = re.compile(
    r"https://sns\.[a-z0-9-]{1,30}\.amazonaws\.com(?:\.cn)?/[\w./?=&:%+-]{1,2000}\Z"
)
_SIGNED: Final = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}  # fmt: skip


class Refused(Exception):
    """The call is not the provider's; `reason` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def check(provider: str, body: bytes, headers: Headers, secret: str, *, at: datetime, fetch: "Fetch | None" = None) -> None:  # fmt: skip
    """Refused unless the provider (`Webhook.Provider`) signed this body; `fetch` reads Amazon's certificates."""
    if not secret:
        raise Refused("unsigned")
    match provider:
        case "amazon":
            _amazon(body, secret, at, fetch or fetched)
        case "mailgun":
            _mailgun(body, secret, at)
        case "sendgrid":
            _sendgrid(body, headers, secret, at)
        case "generic":
            _generic(body, headers, secret, at)
        case _:
            _password(headers, secret)


Fetch = Callable[[str], bytes]


def fetched(url: str) -> bytes:
    """Read a document of Amazon's notification service; OSError when it cannot be had. Other places are refused."""
    if not _SNS_HOST.match(url):
        raise Refused("foreign")
    opener = urllib.request.build_opener(_NoRedirect)
    with opener.open(url, timeout=10) as answer:
        data: bytes = answer.read(100_000)
    return data


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments: Any, **named: Any) -> None:
        return None


def sign(secret: str, body: bytes, at: datetime) -> str:
    """Return the header of our own kind of webhook: `t=<seconds>,v1=<hex of HMAC-SHA256 over "t.body">`."""
    seconds = str(int(at.timestamp()))
    mac = hmac.digest(secret.encode(), seconds.encode() + b"." + body, hashlib.sha256)
    return f"t={seconds},v1={mac.hex()}"


def _generic(body: bytes, headers: Headers, secret: str, at: datetime) -> None:
    given = headers.get("X-Hirnok-Signature", "")
    parts = dict(part.split("=", 1) for part in given.split(",") if "=" in part)
    if "t" not in parts or "v1" not in parts:
        raise Refused("unsigned")
    mac = hmac.digest(secret.encode(), parts["t"].encode() + b"." + body, hashlib.sha256).hex()
    _same(mac, parts["v1"])
    _recent(parts["t"], at)


def _mailgun(body: bytes, secret: str, at: datetime) -> None:
    given = _json(body).get("signature")
    if not isinstance(given, dict) or not given.get("signature"):
        raise Refused("unsigned")
    signed = f"{given.get('timestamp')}{given.get('token')}".encode()
    _same(hmac.digest(secret.encode(), signed, hashlib.sha256).hex(), str(given["signature"]))
    _recent(str(given.get("timestamp")), at)


def _sendgrid(body: bytes, headers: Headers, secret: str, at: datetime) -> None:
    signature = headers.get("X-Twilio-Email-Event-Webhook-Signature", "")
    seconds = headers.get("X-Twilio-Email-Event-Webhook-Timestamp", "")
    if not signature or not seconds:
        raise Refused("unsigned")
    try:
        key = serialization.load_der_public_key(base64.b64decode(secret))
        if not isinstance(key, ec.EllipticCurvePublicKey):
            raise Refused("forged")
        key.verify(base64.b64decode(signature), seconds.encode() + body, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError, binascii.Error) as error:
        raise Refused("forged") from error
    _recent(seconds, at)


def _password(headers: Headers, secret: str) -> None:
    """HTTP basic authentication (the password alone counts) or a bearer token."""
    kind, _, given = headers.get("Authorization", "").partition(" ")
    if kind.lower() == "basic":
        try:
            given = base64.b64decode(given, validate=True).decode().partition(":")[2]
        except (ValueError, binascii.Error) as error:
            raise Refused("forged") from error
    elif kind.lower() != "bearer":
        raise Refused("unsigned")
    _same(secret, given.strip())


def _amazon(body: bytes, topic: str, at: datetime, fetch: Fetch) -> None:
    """Signature of the Simple Notification Service, versions 1 and 2; the topic must be the one set up here."""
    message = _json(body)
    names = _SIGNED.get(str(message.get("Type")))
    if names is None or not isinstance(message.get("Signature"), str):
        raise Refused("unsigned")
    if message.get("TopicArn") != topic:
        raise Refused("foreign")
    text = "".join(f"{name}\n{message[name]}\n" for name in names if message.get(name) is not None)
    algorithm = hashes.SHA256() if str(message.get("SignatureVersion")) == "2" else hashes.SHA1()  # noqa: S303
    url = str(message.get("SigningCertURL"))
    if not _SNS_HOST.match(url):
        raise Refused("foreign")
    try:
        key = x509.load_pem_x509_certificate(fetch(url)).public_key()
        if not isinstance(key, rsa.RSAPublicKey):
            raise Refused("forged")
        signature = base64.b64decode(message["Signature"])
        key.verify(signature, text.encode(), padding.PKCS1v15(), algorithm)
    except (InvalidSignature, ValueError, binascii.Error) as error:
        raise Refused("forged") from error
    try:
        signed_at = datetime.fromisoformat(str(message.get("Timestamp")))
    except ValueError as error:
        raise Refused("forged") from error
    if abs(at - signed_at) > FORGETFUL:
        raise Refused("replayed")


def _same(wanted: str, given: str) -> None:
    if not hmac.compare_digest(wanted.encode(), given.encode("utf-8", "replace")):
        raise Refused("forged")


def _recent(seconds: str, at: datetime) -> None:
    try:
        signed_at = datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Refused("forged") from error
    if abs(at - signed_at) > TOLERANCE:
        raise Refused("replayed")


def _json(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused("unreadable") from error
    return found if isinstance(found, dict) else {}
