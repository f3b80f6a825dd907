"""Announcing a version of a notice by mail to those whom it concerns (N5, C1; Art. 13 (3), 14 (4)).

A change for the worse is announced to everybody about whom the tenant holds data for an activity that changes, and
who can be written to. It is no marketing, so who objected to marketing is told too; dead addresses and restricted
data are left alone (docs/decisions/0011). The worker writes some letters of each tenant in a minute; they leave at
the pace of all mail.
"""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from hirnok.accounts.models import User
from hirnok.consent import lettering, reading
from hirnok.consent.lettering import Said
from hirnok.contacts.models import Contact
from hirnok.outbox import letters
from hirnok.privacy import wording
from hirnok.privacy.models import NoticeAnnouncement
from hirnok.register import suppression
from hirnok.register.models import Holding, NoticeVersion
from hirnok.register.readymade import (
    ACCOUNTS,
    MEASUREMENT,
    NEWSLETTER,
    SENDING_LOG,
    SIGN_UP_PROOF,
    SUPPRESSION,
)
from hirnok.tenants import audit
from hirnok.tenants.models import Brand, Tenant

BATCH = 500  # letters of a tenant in one step
ACTOR = "job:announcing"
# Data of these arise about whom the other one holds, be it only with the next newsletter.
_ARISE_FROM = {
    MEASUREMENT: NEWSLETTER,
    SENDING_LOG: NEWSLETTER,
    SIGN_UP_PROOF: NEWSLETTER,
    SUPPRESSION: NEWSLETTER,
}


def begin(version: NoticeVersion, *, actor: str, at: datetime) -> NoticeAnnouncement | None:
    """Announce a version that changes something for the worse; None for every other one."""
    if version.change != NoticeVersion.Change.MATERIAL:
        return None
    made, _is_new = NoticeAnnouncement.objects.get_or_create(
        tenant_id=version.tenant_id,
        version=version,
        defaults={"begun_at": at, "begun_by": actor},
    )
    return made


def affected(version: NoticeVersion) -> set[str]:
    """Return the activities that a version changes, by code; what concerns the whole register concerns all of its."""
    told = version.register.snapshot
    mine = set(version.notice.activities) or set(told["activities"])
    found: set[str] = set()
    for one in version.difference:
        named = {one["about"], one["what"]} & mine
        recipient = told["recipients"].get(one["about"]) or told["recipients"].get(one["what"])
        if recipient is not None:
            named |= set(recipient["activities"]) or mine
        if not named:
            return _with_origins(mine)
        found |= named
    return _with_origins(found & mine)


def _with_origins(codes: set[str]) -> set[str]:
    return codes | {_ARISE_FROM[code] for code in codes & _ARISE_FROM.keys()}


@transaction.atomic
def write_next(tenant: Tenant, *, at: datetime) -> int:
    """Write the next letters of a tenant's announcements; return how many people were dealt with."""
    announcement = (
        NoticeAnnouncement.objects.of(tenant)
        .filter(finished_at=None)
        .select_for_update(of=("self",), skip_locked=True)
        .select_related("version__notice", "version__register")
        .order_by("pk")
        .first()
    )
    if announcement is None:
        return 0
    codes = affected(announcement.version)
    done = _write_to_contacts(tenant, announcement, codes, at)
    if done < BATCH and ACCOUNTS in codes:
        done += _write_to_users(tenant, announcement, BATCH - done, at)
    if done < BATCH:
        announcement.finished_at = at
        audit.record(
            tenant,
            "notice.announce",
            actor=ACTOR,
            at=at,
            about=announcement.version.notice,
            number=announcement.version.number,
            letters=announcement.written,
        )
    announcement.save()
    return done


def _write_to_contacts(
    tenant: Tenant, announcement: NoticeAnnouncement, codes: set[str], at: datetime
) -> int:
    """One letter a person, whatever the number of brands, in the name of the first of them."""
    held = Holding.objects.filter(
        tenant_id=tenant.pk,
        person_id=OuterRef("person_id"),
        activity__code__in=codes,
        held_since__lte=announcement.begun_at,
    )
    before = Contact.objects.filter(
        tenant_id=tenant.pk, person_id=OuterRef("person_id"), pk__lt=OuterRef("pk")
    )
    rows = (
        Contact.objects.of(tenant)
        .filter(Exists(held), ~Exists(before), pk__gt=announcement.last_contact)
        .select_related("holding", "person", "brand__logo")
        .order_by("pk")[:BATCH]
    )
    found = list(rows)
    dead = suppression.dead(tenant, [bytes(one.person.blind_index) for one in found])
    for one in found:
        if one.holding.restricted_at is None and bytes(one.person.blind_index) not in dead:
            language = reading.language_of(one)
            data = _letter(tenant, announcement, one.brand, language, one.email, at)
            _post(tenant, one.holding, one.email, one.brand, data, at)
            announcement.written += 1
        else:
            announcement.unreachable += 1
        announcement.last_contact = one.pk
    return len(found)


def _write_to_users(
    tenant: Tenant, announcement: NoticeAnnouncement, most: int, at: datetime
) -> int:
    """Users hold their account with the operator; its first brand writes to them."""
    brand = Brand.objects.of(tenant).select_related("logo").order_by("pk").first()
    if brand is None:
        return 0
    rows = User.objects.filter(
        tenant_id=tenant.pk, is_active=True, pk__gt=announcement.last_user
    ).select_related("holding")
    found = list(rows.order_by("pk")[:most])
    for one in found:
        language = one.language if one.language in dict(settings.LANGUAGES) else tenant.language
        data = _letter(tenant, announcement, brand, language, one.email, at)
        _post(tenant, one.holding, one.email, brand, data, at)
        announcement.written += 1
        announcement.last_user = one.pk
    return len(found)


def _letter(
    tenant: Tenant,
    announcement: NoticeAnnouncement,
    brand: Brand,
    language: str,
    address: str,
    at: datetime,
) -> bytes:
    version = announcement.version
    with translation.override(language), timezone.override(tenant.time_zone):
        day = date_format(version.effective_from)
        changes = wording.changes(tenant, version.difference, language)
        who = version.documents[language]["title"]
        said = Said(
            subject=_("%(notice)s of %(controller)s: what changes on %(day)s")
            % {"notice": who, "controller": _controller(version), "day": day},
            opening="\n".join(
                [
                    _("We change how we use personal data, from %(day)s on. This is different:")
                    % {"day": day},
                    "",
                    *(f"• {text}" for text in changes),
                ]
            ),
            lead=_("The whole notice, and the one that holds until then:"),
            button=_("Read the new notice"),
            page="n",
            closing=_(
                "You get this mail because we hold data about you, and the law wants you to know. It is no advertisement, and there is nothing you have to do."
            ),
            otherwise=_("If the button does not work, open this address:"),
        )
    return lettering.written(
        lettering.look(brand, tenant.accent, language),
        said,
        address=address,
        token=f"{version.notice.token}/{version.number}",
        day=day,
        at=at,
    )


def _controller(version: NoticeVersion) -> str:
    return str(version.register.snapshot["controller"]["name"])


def _post(
    tenant: Tenant, holding: Holding, address: str, brand: Brand, data: bytes, at: datetime
) -> None:
    letters.post(
        tenant, holding, recipient=address, return_path=brand.from_address, data=data, at=at
    )
