"""From a campaign to a message: the one road of preview, test send and launch.

Promises: the three use the same preparation, compilation and filling, so what is shown is what is sent, but
for links and pixel, which are measured only in real deliveries. Leaves to others: the language of templates
and MIME (mail), who gets it (audience), links' rows and queueing (launch).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from hirnok.campaigns.models import Campaign
from hirnok.campaigns.problems import Finding, from_mail
from hirnok.contacts.models import Contact, Field
from hirnok.mail import compile as mail_compile
from hirnok.mail import compose
from hirnok.mail.body import Kind
from hirnok.mail.compile import Envelope
from hirnok.mail.compose import Prepared
from hirnok.mail.footers import Footer
from hirnok.mail.message import PREVIEW, Compiled
from hirnok.returns import domains
from hirnok.tenants.models import Brand, Measurement, Tenant


@dataclass(frozen=True)
class Composed:
    """A campaign's checked parts, ready to be compiled, and what is to be mended."""

    prepared: Prepared
    envelope: Envelope
    findings: list[Finding]

    @property
    def errors(self) -> list[Finding]:
        """Return what stands against sending."""
        return [finding for finding in self.findings if finding.is_error]

    @property
    def warnings(self) -> list[Finding]:
        """Return what should be known before sending."""
        return [finding for finding in self.findings if not finding.is_error]


def compose_campaign(campaign: Campaign) -> Composed:
    """Check and compose a campaign; never fails for what its author wrote."""
    brand = brand_of(campaign)
    prepared = compose.prepare(
        compose.Source(
            kind=cast("Kind", campaign.format),
            body=campaign.body,
            subject=campaign.subject,
            preheader=campaign.preheader,
            text=campaign.text_body,
            language=brand.language,
            fields=frozenset(field_keys(campaign.tenant_id)),
        ),
        compose.Brand(brand.name, brand.postal_address, brand.sender_name),
        footer(brand),
    )
    findings = [*_findings(campaign, brand), *from_mail(prepared.problems)]
    return Composed(prepared, envelope(campaign, brand), findings)


def compiled(
    made: Composed, *, name: str, link_ids: Mapping[int, int] | None = None, pixel: bool = False
) -> Compiled:
    """Compile for sending; HasErrors when there is something to mend. `name` is of the Message-IDs."""
    wanted = replace(made.envelope, message=name, pixel=pixel)
    return mail_compile.compile_message(made.prepared, wanted, link_ids)


def rendered(
    made: Composed, campaign: Campaign, values: Mapping[str, Any], *, at: datetime
) -> bytes:
    """Return the message as one reader would get it now; HasErrors, CannotRender."""
    message = compiled(made, name=f"c{campaign.pk}")
    return message.render(
        values,
        track="",
        leave=PREVIEW,
        delivery_id=campaign.pk,
        date=mail_compile.date_of(at),
    )


def footer(brand: Brand) -> Footer:
    """Return what stands below each letter, in the brand's language."""
    known = {code for code, _name in settings.LANGUAGES}
    with translation.override(brand.language if brand.language in known else "en"):
        return Footer(
            unsubscribe=_("Unsubscribe"),
            note=_("You get this letter because your address is on the mailing list of %(brand)s.")
            % {"brand": brand.name},
            preferences=_("Change my data"),
        )


def envelope(campaign: Campaign, brand: Brand) -> Envelope:
    """Return the headers' values; without a name for Message-IDs and without a pixel."""
    domain = brand.from_address.rpartition("@")[2]
    return Envelope(
        from_name=brand.sender_name,
        from_address=brand.from_address,
        domain=domain,
        message=f"c{campaign.pk}",
        list_id=f"brand-{brand.pk}.{domain}",
        list_name=brand.name,
        language=brand.language,
        reply_to=brand.reply_to,
        unsubscribe_domain=domains.of(brand),
        feedback_id=f"c{campaign.pk}:b{brand.pk}:t{brand.tenant_id}:hirnok",
        public_base=public_base(brand),
        track_base=(brand.public_base_url or settings.TRACKER_URL).rstrip("/"),
    )


def public_base(brand: Brand) -> str:
    """Return the URL under which readers reach a brand's pages and pictures."""
    return (brand.public_base_url or settings.PUBLIC_URL).rstrip("/")


def is_measured(brand: Brand) -> bool:
    """Whether opens and clicks are recorded."""
    return brand.measurement != Measurement.OFF


def values_of(contact: Contact) -> dict[str, Any]:
    """Return a contact as templates see it; the engine reads the same columns."""
    return {
        **contact.fields,
        "email": contact.email,
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "language": contact.language,
    }


def sample(tenant: Tenant, brand: Brand) -> dict[str, Any]:
    """Return somebody made up, for previews while there are no contacts."""
    examples: dict[str, Any] = {
        Field.Type.TEXT: "…",
        Field.Type.NUMBER: 1,
        Field.Type.DATE: "2026-01-31",
        Field.Type.BOOLEAN: True,
    }
    values = {
        field.key: examples.get(field.type, (field.choices or [""])[0])
        for field in Field.objects.of(tenant)
    }
    first, last = ("Anna", "Minta") if brand.language == "hu" else ("Anna", "Example")
    return {
        **values,
        "email": "anna@example.org",
        "first_name": first,
        "last_name": last,
        "language": brand.language,
    }


def field_keys(tenant_id: int) -> list[str]:
    """Return the keys of the tenant's custom fields."""
    return list(Field.objects.filter(tenant_id=tenant_id).values_list("key", flat=True))


def brand_of(campaign: Campaign) -> Brand:
    """Return the campaign's brand."""
    return Brand.objects.get(tenant_id=campaign.tenant_id, pk=campaign.brand_id)


def _findings(campaign: Campaign, brand: Brand) -> list[Finding]:
    missing = [
        ("subject", campaign.subject, _("The subject is missing.")),
        ("body", campaign.body, _("There is nothing in the body yet.")),
        (
            "",
            brand.postal_address,
            _("The brand has no postal address, and each newsletter must carry one."),
        ),
    ]
    return [Finding(where, text) for where, value, text in missing if not value.strip()]
