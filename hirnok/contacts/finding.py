"""Which contacts a list page or an export shows: search, filters, order; and what stands beside each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from hirnok.contacts import searching
from hirnok.contacts.models import Contact, ContactTag, List, Subscription, Tag
from hirnok.register import holding_back
from hirnok.tenants.models import Brand, Tenant

ORDERS: dict[str, tuple[str, ...]] = {
    "email": ("email", "pk"),
    "-email": ("-email", "-pk"),
    "name": ("last_name", "first_name", "pk"),
    "-name": ("-last_name", "-first_name", "-pk"),
    "since": ("pk",),
    "-since": ("-pk",),
}

LOOKED_AT = 2_000


@dataclass(frozen=True)
class Narrowing:
    """What is asked for; empty values narrow nothing."""

    words: str = ""
    list_id: int | None = None
    tag_id: int | None = None
    language: str = ""

    @classmethod
    def of_query(cls, query: Mapping[str, Any]) -> "Narrowing":
        """Read the parameters of a page; what makes no sense narrows nothing."""
        return cls(
            str(query.get("q", "")).strip(),
            _number(query.get("list")),
            _number(query.get("tag")),
            str(query.get("language", ""))[:5],
        )


def find(tenant: Tenant, narrowing: Narrowing) -> QuerySet[Contact]:
    """Return the contacts that a search and filters leave; those whose data are restricted are nowhere (Art. 18)."""
    # What the index by address is for (docs/decisions/0007); nobody's address is empty.
    rows: QuerySet[Contact] = Contact.objects.of(tenant).filter(
        ~holding_back.frozen(tenant), email__gt=""
    )
    words = narrowing.words.split()[:5]
    few = searching.candidates(tenant, words)
    if few is not None:
        rows = rows.filter(pk__in=few)
    for word in words:
        rows = rows.filter(
            Q(email__icontains=word) | Q(first_name__icontains=word) | Q(last_name__icontains=word)
        )
    if narrowing.list_id is not None:
        on = Subscription.objects.of(tenant).filter(
            contact_id=OuterRef("pk"), list_id=narrowing.list_id
        )
        rows = rows.filter(Exists(on))
    if narrowing.tag_id is not None:
        tagged = ContactTag.objects.of(tenant).filter(
            contact_id=OuterRef("pk"), tag_id=narrowing.tag_id
        )
        rows = rows.filter(Exists(tagged))
    if narrowing.language:
        rows = rows.filter(language=narrowing.language)
    return rows


def lists_by_contact(tenant: Tenant, contacts: Iterable[Contact]) -> dict[int, list[str]]:
    """Return the names of the lists of each contact."""
    rows = Subscription.objects.of(tenant).filter(contact_id__in=[one.pk for one in contacts])
    found: dict[int, list[str]] = {}
    for number, name in rows.order_by("list__name").values_list("contact_id", "list__name"):
        found.setdefault(number, []).append(name)
    return found


def tags_by_contact(tenant: Tenant, contacts: Iterable[Contact]) -> dict[int, list[str]]:
    """Return the tags of each contact."""
    rows = ContactTag.objects.of(tenant).filter(contact_id__in=[one.pk for one in contacts])
    found: dict[int, list[str]] = {}
    for number, name in rows.order_by("tag__name").values_list("contact_id", "tag__name"):
        found.setdefault(number, []).append(name)
    return found


def languages(tenant: Tenant) -> list[str]:
    """Return the languages to choose from: of the brands, and of the contacts that came last."""
    newest = Contact.objects.of(tenant).order_by("-pk").values_list("language", flat=True)
    brands = Brand.objects.of(tenant).values_list("language", flat=True)
    return sorted({*newest[:LOOKED_AT], *brands} - {""})


def lists_with_counts(tenant: Tenant) -> list[List]:
    """Return all lists with `members` and `brand`: those in use first, by name."""
    counts = dict(
        Subscription.objects.of(tenant).values_list("list_id").annotate(count=Count("*")).order_by()
    )
    rows = List.objects.of(tenant).select_related("brand").order_by("archived_at", "name")
    found = sorted(rows, key=lambda one: (one.archived_at is not None, one.name.casefold()))
    for one in found:
        one.members = counts.get(one.pk, 0)
    return found


def tags_with_counts(tenant: Tenant) -> list[Tag]:
    """Return all tags with `members`, by name."""
    counts = dict(
        ContactTag.objects.of(tenant).values_list("tag_id").annotate(count=Count("*")).order_by()
    )
    found = sorted(Tag.objects.of(tenant), key=lambda one: one.name.casefold())
    for one in found:
        one.members = counts.get(one.pk, 0)
    return found


def _number(value: object) -> int | None:
    text = str(value or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
