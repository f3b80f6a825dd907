"""Pictures for newsletters and public pages: checked, described, stored; served to readers by their token.

What a file is, its content decides, not its name: Pillow reads it, and only formats that every mail program
shows are taken. What a camera wrote beside the picture (where it was taken, with what) is taken out of JPEGs;
otherwise the bytes are stored as they came: nothing in them is ever run, and they are served with their real type.
"""

import secrets
import warnings
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from django.db import transaction
from django.db.models import Sum
from PIL import Image as Pillow
from PIL import ImageOps, UnidentifiedImageError

from hirnok.tenants import audit
from hirnok.tenants.models import Brand, Image, Tenant

TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif", "WEBP": "image/webp"}
LARGEST = 5_000_000  # bytes of a file; larger ones load too slowly on a phone
MOST_PIXELS = 25_000_000


class NotAPicture(Exception):
    """The file is no JPEG, PNG, GIF or WebP picture, or it is damaged."""


class TooLarge(Exception):
    """The file is larger than a newsletter's picture may be."""


class TooManyPixels(Exception):
    """The picture has more pixels than a newsletter's picture may have."""


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
    tenant: Tenant,
    *,
    name: str,
    data: bytes,
    alternative_text: str,
    actor: str,
    at: datetime,
    brand: Brand | None = None,
) -> Image:
    """Store a picture of a brand (None: of all of them); the same as `read` can be wrong with it."""
    facts = read(data)
    if facts.content_type == TYPES["JPEG"]:
        data = _without_camera(data)
        facts = read(data)
    image = Image.objects.create(
        tenant=tenant,
        brand=brand,
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
def delete(image: Image, *, actor: str, at: datetime) -> None:
    """Delete a picture; whoever knows where it is shown asks before."""
    audit.record(image.tenant_id, "image.remove", actor=actor, at=at, about=image)
    image.delete()


def storage_used(tenant: Tenant) -> int:
    """Return the bytes that the tenant's pictures take."""
    total: int | None = Image.objects.of(tenant).aggregate(total=Sum("size"))["total"]
    return total or 0


def _without_camera(data: bytes) -> bytes:
    """Return a JPEG turned upright and without EXIF; as it came when it has none."""
    with Pillow.open(BytesIO(data), formats=["JPEG"]) as picture:
        if not picture.getexif():
            return data
        upright = ImageOps.exif_transpose(picture)
        written = BytesIO()
        upright.save(written, "JPEG", quality=90, icc_profile=picture.info.get("icc_profile"))
        return written.getvalue()
