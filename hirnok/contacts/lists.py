"""Lists, custom fields and tags: made, renamed, put away."""

import re
import unicodedata
from datetime import datetime

from django.db import models, transaction

from hirnok.contacts.models import Contact, Field, List, Tag
from hirnok.tenants import audit
from hirnok.tenants.models import Brand, Tenant


class NameTaken(Exception):
    """There is already one of this name."""


class StillUsed(Exception):
    """The choice stands in contacts; it cannot go while they have it."""


@transaction.atomic
def create_list(
    tenant: Tenant, brand: Brand, *, name: str, description: str = "", actor: str, at: datetime
) -> List:
    """Make a list of a brand."""
    if List.objects.of(tenant).filter(brand=brand, name=name).exists():
        raise NameTaken
    made: List = List.objects.create(
        tenant=tenant, brand=brand, name=name, description=description, created_at=at
    )
    audit.record(tenant, "list.create", actor=actor, at=at, about=made)
    return made


@transaction.atomic
def rename_list(changed: List, *, name: str, description: str, actor: str, at: datetime) -> None:
    """Give a list another name or description."""
    others = List.objects.filter(tenant_id=changed.tenant_id, brand_id=changed.brand_id, name=name)
    if others.exclude(pk=changed.pk).exists():
        raise NameTaken
    changed.name, changed.description = name, description
    changed.save(update_fields=["name", "description"])
    audit.record(changed.tenant_id, "list.rename", actor=actor, at=at, about=changed)


@transaction.atomic
def archive_list(changed: List, *, actor: str, at: datetime) -> None:
    """Put a list away: it is offered no more, its contacts stay."""
    _set_archived(changed, at, "list.archive", actor, at)


@transaction.atomic
def restore_list(changed: List, *, actor: str, at: datetime) -> None:
    """Bring an archived list back."""
    _set_archived(changed, None, "list.restore", actor, at)


@transaction.atomic
def create_field(
    tenant: Tenant,
    *,
    label: str,
    type: str = Field.Type.TEXT,
    choices: tuple[str, ...] = (),
    actor: str,
    at: datetime,
) -> Field:
    """Make a custom field; its key is made from the label and never changes."""
    if Field.objects.of(tenant).filter(label__iexact=label).exists():
        raise NameTaken
    made: Field = Field.objects.create(
        tenant=tenant,
        key=_free_key(tenant, label),
        label=label,
        type=type,
        choices=list(choices),
        position=Field.objects.of(tenant).count(),
    )
    audit.record(tenant, "field.create", actor=actor, at=at, about=made)
    return made


@transaction.atomic
def change_field(
    field: Field, *, label: str, choices: tuple[str, ...], actor: str, at: datetime
) -> None:
    """Change label and choices; the type stays, because values of it are held. StillUsed, NameTaken."""
    others = Field.objects.filter(tenant_id=field.tenant_id, label__iexact=label)
    if others.exclude(pk=field.pk).exists():
        raise NameTaken
    for gone in set(field.choices) - set(choices):
        if _holders(field).filter(**{f"fields__{field.key}": gone}).exists():
            raise StillUsed(gone)
    field.label, field.choices = label, list(choices)
    field.save(update_fields=["label", "choices"])
    audit.record(field.tenant_id, "field.change", actor=actor, at=at, about=field)


@transaction.atomic
def delete_field(field: Field, *, actor: str, at: datetime) -> int:
    """Delete a field with its values; return how many contacts had one."""
    touched = 0
    for contact in _holders(field).only("pk", "fields").iterator(chunk_size=2000):
        contact.fields.pop(field.key)
        Contact.objects.filter(pk=contact.pk, tenant_id=field.tenant_id).update(
            fields=contact.fields, updated_at=at
        )
        touched += 1
    audit.record(field.tenant_id, "field.delete", actor=actor, at=at, about=field, contacts=touched)
    field.delete()
    return touched


@transaction.atomic
def create_tag(tenant: Tenant, *, name: str, actor: str, at: datetime) -> Tag:
    """Make a tag."""
    if Tag.objects.of(tenant).filter(name=name).exists():
        raise NameTaken
    made: Tag = Tag.objects.create(tenant=tenant, name=name)
    audit.record(tenant, "tag.create", actor=actor, at=at, about=made)
    return made


@transaction.atomic
def rename_tag(tag: Tag, *, name: str, actor: str, at: datetime) -> None:
    """Give a tag another name."""
    if Tag.objects.filter(tenant_id=tag.tenant_id, name=name).exclude(pk=tag.pk).exists():
        raise NameTaken
    tag.name = name
    tag.save(update_fields=["name"])
    audit.record(tag.tenant_id, "tag.rename", actor=actor, at=at, about=tag)


@transaction.atomic
def delete_tag(tag: Tag, *, actor: str, at: datetime) -> None:
    """Delete a tag; the contacts lose it."""
    audit.record(tag.tenant_id, "tag.delete", actor=actor, at=at, about=tag)
    tag.delete()


def active_lists(tenant: Tenant) -> "models.QuerySet[List]":
    """Return the lists that are in use, by name."""
    found: models.QuerySet[List] = List.objects.of(tenant).filter(archived_at=None)
    return found.order_by("name")


def key_of(label: str) -> str:
    """Return the key for a label: `Kedvenc szín` is `kedvenc_szin`. Pure."""
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    return (words if words[:1].isalpha() else f"field_{words}".strip("_"))[:40].strip("_")


def _free_key(tenant: Tenant, label: str) -> str:
    wanted = key_of(label)
    taken = {*RESERVED, *Field.objects.of(tenant).values_list("key", flat=True)}
    if wanted not in taken:
        return wanted
    return next(
        key for number in range(2, 10_000) if (key := f"{wanted[:35]}_{number}") not in taken
    )


def _holders(field: Field) -> models.QuerySet[Contact]:
    found: models.QuerySet[Contact] = Contact.objects.filter(
        tenant_id=field.tenant_id, fields__has_key=field.key
    )
    return found


def _set_archived(
    changed: List, archived_at: datetime | None, action: str, actor: str, at: datetime
) -> None:
    changed.archived_at = archived_at
    changed.save(update_fields=["archived_at"])
    audit.record(changed.tenant_id, action, actor=actor, at=at, about=changed)


# In the merge language these mean what every contact has.
RESERVED = frozenset({"email", "first_name", "last_name", "language", "id", "tags", "lists"})
