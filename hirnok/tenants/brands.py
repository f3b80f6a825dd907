"""Making and changing brands."""

from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction

from hirnok.tenants import audit, pictures
from hirnok.tenants.models import Brand, Tenant


class NameTaken(Exception):
    """The tenant has another brand of this name."""


@dataclass(frozen=True)
class Details:
    """What a user may say of a brand."""

    name: str
    sender_name: str
    from_address: str
    reply_to: str
    language: str
    postal_address: str
    public_base_url: str
    measurement: str


@transaction.atomic
def make(tenant: Tenant, details: Details, *, actor: str, at: datetime) -> Brand:
    """Make a brand; NameTaken."""
    _must_be_free(tenant, details.name)
    brand: Brand = Brand.objects.create(tenant=tenant, created_at=at, **asdict(details))
    audit.record(tenant, "brand.make", actor=actor, at=at, about=brand)
    return brand


@transaction.atomic
def change(brand: Brand, details: Details, *, actor: str, at: datetime) -> Brand:
    """Change a brand; what was launched before keeps what it was compiled with. NameTaken."""
    _must_be_free(brand.tenant, details.name, but=brand)
    changed = [key for key, value in asdict(details).items() if getattr(brand, key) != value]
    for key in changed:
        setattr(brand, key, getattr(details, key))
    if changed:
        brand.save(update_fields=changed)
        audit.record(
            brand.tenant_id,
            "brand.change",
            actor=actor,
            at=at,
            about=brand,
            fields=", ".join(changed),
        )
    return brand


@transaction.atomic
def set_logo(brand: Brand, data: bytes, *, actor: str, at: datetime) -> None:
    """Show a picture instead of the brand's name on public pages; b"" takes the present one away."""
    before = brand.logo
    brand.logo = None
    if data:
        brand.logo = pictures.upload(
            brand.tenant,
            brand=brand,
            name="logo",
            data=data,
            alternative_text=brand.name,
            actor=actor,
            at=at,
        )
    brand.save(update_fields=["logo"])
    if before is not None:
        pictures.delete(before, actor=actor, at=at)
    audit.record(brand.tenant_id, "brand.logo", actor=actor, at=at, about=brand)


def _must_be_free(tenant: Tenant, name: str, but: Brand | None = None) -> None:
    others = Brand.objects.of(tenant).filter(name=name)
    if but is not None:
        others = others.exclude(pk=but.pk)
    if others.exists():
        raise NameTaken(name)
