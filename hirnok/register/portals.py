"""The permanent address under which a tenant's people exercise their rights: `/rights/TOKEN/`, one a brand.

The token names tenant and brand and is signed, so it needs no row and never changes; what lies below the portal
(newsletters, own pages, notices) can link to it. Brand 0 stands for the tenant as a whole.
"""

from django.conf import settings

from hirnok.lib import keys, tokens
from hirnok.tenants.models import Brand, Tenant

_BRAND_BITS = 27  # of the 48 of a token; the rest is the tenant's number


def token(tenant_id: int, brand_id: int = 0) -> str:
    """Return the token of a portal."""
    return tokens.recipient(_key(), (tenant_id << _BRAND_BITS) | brand_id)


def read(text: str) -> tuple[int, int]:
    """Return the tenant's and the brand's number (0: none) of a token; BadToken."""
    number = tokens.read_recipient(_key(), text)
    return number >> _BRAND_BITS, number & ((1 << _BRAND_BITS) - 1)


def path(tenant_id: int, brand_id: int = 0) -> str:
    """Return the path of a portal."""
    return f"/rights/{token(tenant_id, brand_id)}/"


def url(tenant: Tenant, brand: Brand | None = None) -> str:
    """Return the whole address of a portal."""
    base = (brand.public_base_url if brand else "") or settings.PUBLIC_URL
    return f"{base.rstrip('/')}{path(tenant.pk, brand.pk if brand else 0)}"


def _key() -> bytes:
    return keys.derive("rights-portal")
