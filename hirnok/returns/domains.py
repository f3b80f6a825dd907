"""The domain under which a brand's mail comes back, and what follows from it for what is sent."""

import re
from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction

from hirnok.returns.models import ReturnDomain
from hirnok.tenants import audit
from hirnok.tenants.models import Brand, Tenant

_DOMAIN: Final = re.compile(
    r"(?=.{4,190}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]\Z"
)


class NoDomain(ValueError):
    """The text is no domain name, such as news.example.hu."""


class Taken(Exception):
    """Another brand's mail comes back under this domain."""


def of(brand: Brand) -> str:
    """Return a brand's return domain; empty when it has none."""
    found = ReturnDomain.objects.filter(tenant_id=brand.tenant_id, brand_id=brand.pk).first()
    return found.domain if found else ""


def return_path(brand: Brand) -> str:
    """Return the envelope sender of a brand's newsletters: `@domain` has the engine make one a delivery."""
    domain = of(brand)
    return f"@{domain}" if domain else brand.from_address


@transaction.atomic
def choose(tenant: Tenant, brand: Brand, domain: str, *, actor: str, at: datetime) -> None:
    """Set a brand's return domain, or with an empty text none; NoDomain, Taken."""
    domain = domain.strip().lower().rstrip(".")
    if domain == of(brand):
        return
    if domain and not _DOMAIN.match(domain):
        raise NoDomain(domain)
    rows = ReturnDomain.objects.of(tenant).filter(brand_id=brand.pk)
    try:
        with transaction.atomic():
            rows.delete()
            if domain:
                ReturnDomain.objects.create(
                    tenant=tenant, brand=brand, domain=domain, created_at=at
                )
    except IntegrityError as error:
        raise Taken(domain) from error
    audit.record(tenant, "returns.domain", actor=actor, at=at, about=brand)
