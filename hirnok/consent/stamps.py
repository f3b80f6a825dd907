"""The stamp in a form that was shown: when, and with which words beside the box. Pure.

It is what a sign-up carries instead of a session: no cookie is needed. Written `seconds.text.signature`, the
last being 16 bytes of HMAC-SHA256 over form, time and text.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

SOONEST = timedelta(seconds=2)  # nobody reads and fills a form faster
LATEST = timedelta(hours=12)
_LENGTH = 16


class BadStamp(Exception):
    """The stamp is missing, or was not made by this installation for this form."""


class TooSoon(Exception):
    """The form came back faster than a person can fill it."""


class TooOld(Exception):
    """The form was shown too long ago."""


@dataclass(frozen=True)
class Shown:
    """What the stamp says: the words beside the box, by id, and when they were shown."""

    text_id: int
    at: datetime


def stamp(key: bytes, form: str, shown: Shown) -> str:
    """Return the stamp of a form (its token) that is shown now."""
    said = f"{int(shown.at.timestamp())}.{shown.text_id}"
    return f"{said}.{_signature(key, form, said)}"


def read(key: bytes, form: str, text: str, at: datetime) -> Shown:
    """Return what a stamp says; BadStamp, TooSoon, TooOld."""
    said, _, signature = text.rpartition(".")
    wanted = _signature(key, form, said)
    if not said or not hmac.compare_digest(wanted.encode(), signature.encode()):
        raise BadStamp
    seconds, _, text_id = said.partition(".")
    shown = Shown(int(text_id), datetime.fromtimestamp(int(seconds), UTC))
    if at - shown.at < SOONEST:
        raise TooSoon
    if at - shown.at > LATEST:
        raise TooOld
    return shown


def _signature(key: bytes, form: str, said: str) -> str:
    mac = hmac.digest(key, f"{form}.{said}".encode(), hashlib.sha256)[:_LENGTH]
    return base64.urlsafe_b64encode(mac).decode().rstrip("=")
