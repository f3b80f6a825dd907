"""The key with which a brand's mail is signed (DKIM): made here, published by the tenant, then switched on.

The private key is sealed like a relay's password and never shown. Until it is switched on nothing is signed, so that
nobody's mail carries a signature whose key is not yet published.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from hirnok.lib import keys
from hirnok.mail import dkim
from hirnok.tenants import audit
from hirnok.tenants.models import Brand


class NoKey(Exception):
    """There is no key to sign with, or it is of another domain than the brand writes from."""


@dataclass(frozen=True)
class Published:
    """What has to stand in the DNS: a TXT record of this name with this text."""

    name: str
    text: str
    fits: bool  # the brand still writes from the key's domain


@transaction.atomic
def make_key(brand: Brand, *, actor: str, at: datetime) -> None:
    """Make a key for the domain of the from address, in place of the one before; it is not yet signed with.

    The selector is new each time, so that mail which is on its way stays verifiable with the old record.
    """
    brand.signs = False
    brand.dkim_domain = domain_of(brand)
    brand.dkim_selector = f"h{at:%Y%m%d%H%M%S}"
    brand.dkim_key = keys.seal(dkim.new_key())
    _saved(brand, "brand.dkim_key", actor, at, selector=brand.dkim_selector)


@transaction.atomic
def start(brand: Brand, *, actor: str, at: datetime) -> None:
    """Sign from now on: NoKey. Newsletters that are being sent go on as they began."""
    if not brand.dkim_key or brand.dkim_domain != domain_of(brand):
        raise NoKey
    brand.signs = True
    _saved(brand, "brand.dkim_start", actor, at)


@transaction.atomic
def stop(brand: Brand, *, actor: str, at: datetime) -> None:
    """Leave signing to the relay; the key stays."""
    brand.signs = False
    _saved(brand, "brand.dkim_stop", actor, at)


def published(brand: Brand) -> Published | None:
    """Return the record that has to be published; None without a key; keys.CannotDecrypt."""
    if not brand.dkim_key:
        return None
    return Published(
        f"{brand.dkim_selector}._domainkey.{brand.dkim_domain}",
        dkim.record(keys.unseal(brand.dkim_key)),
        brand.dkim_domain == domain_of(brand),
    )


def signs_as(brand: Brand) -> tuple[str, str, str] | None:
    """Return selector, domain and public key (in base64) where we sign ourselves."""
    record = published(brand)
    if record is None or not (brand.signs and record.fits):
        return None
    return brand.dkim_selector, brand.dkim_domain, record.text.rpartition("p=")[2]


def domain_of(brand: Brand) -> str:
    """Return the domain that a brand writes from."""
    return brand.from_address.rpartition("@")[2].lower()


def _saved(brand: Brand, action: str, actor: str, at: datetime, **details: str) -> None:
    brand.save(update_fields=["signs", "dkim_domain", "dkim_selector", "dkim_key"])
    audit.record(brand.tenant_id, action, actor=actor, at=at, about=brand, **details)
