"""Pictures for newsletters: checked, described, stored; served to readers by their token.

What a file is, its content decides, not its name: Pillow reads it, and only formats that every mail program
shows are taken. The bytes are stored as they came: nothing in
them is ever run, and they are served with their real type.
"""

import secrets
import warnings
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from django.db import transaction
from django.db.models import QuerySet, Sum
from PIL import Image as Pillow
from PIL import UnidentifiedImageError

from hirnok.campaigns.models import Campaign
from hirnok.tenants import audit
from hirnok.tenants.models import Image, Tenant

TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif", "WEBP": "image/webp"}
LARGEST = 5_000_000  # bytes of a file; larger ones load too slowly on a phone
MOST_PIXELS = 25_000_000


class NotAPicture(Exception):
    """The file is no JPEG, PNG, GIF or WebP picture, or it is damaged."""


class TooLarge(Exception):
    """The file is larger than a newsletter's picture may be."""


class TooManyPixels(Exception):
    """The picture has more pixels than a newsletter's picture may have."""


class InUse(Exception):
    """A campaign that has been sent shows the picture; its readers would see a hole."""


@dataclass(frozen=True)
class Facts:
    """What the content of a file says it is."""

    content_type: str
    width: int
    height: int


def read(data: bytes) -> Facts:
    """Return what a file is: TooLarge, NotAPicture, TooManyPixels."""
    if len(data) > LARGEST:
        raise TooLarge
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Pillow.DecompressionBombWarning)
            with Pillow.open(BytesIO(data), formats=list(TYPES)) as picture:
                facts = Facts(TYPES[str(picture.format)], picture.width, picture.height)
                if facts.width * facts.height > MOST_PIXELS:
                    raise TooManyPixels
                picture.load()
    except Pillow.DecompressionBombError as error:
        raise TooManyPixels from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise NotAPicture from error
    return facts


@transaction.atomic
def upload(
    tenant: Tenant, *, name: str, data: bytes, alternative_text: str, actor: str, at: datetime
) -> Image:
    """Store a picture; the same as `read` can be wrong with it."""
    facts = read(data)
    image = Image.objects.create(
        tenant=tenant,
        token=secrets.token_urlsafe(16),
        name=name[:200],
        alternative_text=alternative_text,
        content_type=facts.content_type,
        data=data,
        size=len(data),
        width=facts.width,
        height=facts.height,
        uploaded_at=at,
    )
    audit.record(tenant, "image.upload", actor=actor, at=at, about=image, size=len(data))
    return image


@transaction.atomic
def describe(tenant: Tenant, pk: int, *, alternative_text: str, actor: str, at: datetime) -> Image:
    """Change the text that stands for the picture; letters already sent keep theirs."""
    image: Image = Image.objects.of(tenant).defer("data").get(pk=pk)
    image.alternative_text = alternative_text
    image.save(update_fields=["alternative_text"])
    audit.record(tenant, "image.describe", actor=actor, at=at, about=image)
    return image


@transaction.atomic
def remove(tenant: Tenant, pk: int, *, actor: str, at: datetime) -> None:
    """Delete a picture that no sent campaign shows: InUse."""
    image: Image = Image.objects.of(tenant).defer("data").get(pk=pk)
    if used_in(tenant, image).exclude(status=Campaign.Status.DRAFT).exists():
        raise InUse
    audit.record(tenant, "image.remove", actor=actor, at=at, about=image)
    Image.objects.of(tenant).filter(pk=pk).delete()


def used_in(tenant: Tenant, image: Image) -> QuerySet[Campaign]:
    """Return the campaigns whose body names the picture."""
    campaigns: QuerySet[Campaign] = Campaign.objects.of(tenant).filter(body__contains=image.token)
    return campaigns


def storage_used(tenant: Tenant) -> int:
    """Return the bytes that the tenant's pictures take."""
    total: int | None = Image.objects.of(tenant).aggregate(total=Sum("size"))["total"]
    return total or 0
