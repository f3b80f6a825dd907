"""Files of evidence: looked at by their content, limited in size, kept with their SHA-256 as they came."""

import hashlib
import re
from datetime import datetime

from django.db import transaction

from hirnok.breaches import story
from hirnok.breaches.models import Breach, BreachFile
from hirnok.lib import env

_STARTS = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"PK\x03\x04", "application/zip"),  # also what word processors and spreadsheets write
    (b"\x1f\x8b", "application/gzip"),
)


class Unusable(ValueError):
    """The file is empty, or is neither text, PDF, picture nor archive."""


class TooLarge(ValueError):
    """The file is larger than is taken."""


class AlreadyThere(ValueError):
    """The same file is among the evidence."""


def largest() -> int:
    """Return the size of the largest file that is taken, in bytes."""
    return env.number("HIRNOK_EVIDENCE_MB") * 1_000_000


def kind_of(data: bytes) -> str:
    """Return the media type by the content; Unusable."""
    for start, kind in _STARTS:
        if data.startswith(start):
            return kind
    if not data.strip() or b"\0" in data:
        raise Unusable
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        raise Unusable from None
    return "text/plain"


@transaction.atomic
def add(
    breach: Breach, name: str, data: bytes, *, about: str = "", actor: str, at: datetime
) -> BreachFile:
    """Keep a file; TooLarge, Unusable, AlreadyThere, NotOpen."""
    if len(data) > largest():
        raise TooLarge
    kind = kind_of(data)
    found = story.locked(breach)
    digest = hashlib.sha256(data).digest()
    if BreachFile.objects.filter(tenant_id=found.tenant_id, breach=found, digest=digest).exists():
        raise AlreadyThere
    made: BreachFile = BreachFile.objects.create(
        tenant_id=found.tenant_id,
        breach=found,
        name=_safe(name),
        content_type=kind,
        size=len(data),
        digest=digest,
        data=data,
        about=about,
        added_at=at,
        added_by=actor,
    )
    story.tell(found, "evidence", actor=actor, at=at, size=len(data))
    return made


def _safe(name: str) -> str:
    """A name without folders and control characters."""
    last = re.split(r"[/\\]", name)[-1]
    return re.sub(r"[\x00-\x1f\x7f\"]", "", last).strip()[:200] or "file"
