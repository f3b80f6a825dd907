"""Portability (GDPR Art. 20; X16): what the person gave, on consent or by contract, in a format that programs read.

The format is described in docs/portability.md. Promises: only what was given by the person (`Personal.given_by_person`),
nothing of others; sent to another controller only to the address that the person named, and written down as disclosed.
"""

import io
import json
import zipfile
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.text import slugify
from django.utils.translation import gettext as _

from hirnok.mail.addresses import Address, normalise
from hirnok.outbox import letters as outbox
from hirnok.register import declarations, disclosures, export
from hirnok.register.models import Controller, Holding, LegalBasis
from hirnok.rights import mails, outcomes
from hirnok.rights.outcomes import Kind, Outcome
from hirnok.tenants import audit
from hirnok.tenants.models import Brand, Tenant
from hirnok.ui import downloads

FORMAT, VERSION = "hirnok.portability", 1
_BASES = frozenset({LegalBasis.CONSENT, LegalBasis.CONTRACT})


class NoAddress(Exception):
    """The other controller's address is no e-mail address."""


def package(
    tenant: Tenant, index: bytes, language: str, at: datetime, *, brand: Brand | None = None
) -> bytes:
    """Return a ZIP file: portability.json, and the same rows as CSV files."""
    data = given(tenant, index, at, brand=brand)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("portability.json", json.dumps(data, ensure_ascii=False, indent=2))
        for label, rows in data["data"].items():
            names = list(dict.fromkeys(name for row in rows for name in row))
            table = [names, *([_text(row.get(name)) for name in names] for row in rows)]
            text = "".join(downloads.csv_pieces(table, language))
            archive.writestr(f"csv/{slugify(label.replace('.', '-'))}.csv", text)
    return packed.getvalue()


def given(
    tenant: Tenant, index: bytes, at: datetime, *, brand: Brand | None = None
) -> dict[str, Any]:
    """Return what the person gave on consent or by contract, ready for JSON."""
    held = _portable(tenant, index, brand)
    rows: dict[str, list[export.Row]] = {}
    columns = _columns()
    for holding in held:
        from_export = export.about(tenant, holding.person_id, only=Q(pk=holding.pk))
        for label, found in from_export.items():
            mine = columns.get(label, set())
            kept = [
                {
                    name: value
                    for name, value in row.items()
                    if name in mine and value not in (None, "")
                }
                for row in found
            ]
            rows.setdefault(label, []).extend(row for row in kept if row)
    return {
        "format": FORMAT,
        "version": VERSION,
        "made_at": at.isoformat(),
        "controller": Controller.objects.of(tenant).get().name,
        "data": {label: found for label, found in sorted(rows.items()) if found},
    }


def answer(tenant: Tenant, index: bytes, *, brand: Brand | None = None) -> list[Outcome]:
    """Return what each package gives; what rests on another basis is not portable (Art. 20 (1))."""
    held = list(outcomes.held_of(tenant, index, brand))
    portable = _portable(tenant, index, brand)
    mine = {one.pk for one in portable}
    numbers = outcomes.rows_below(tenant, held)
    found = _of_given(numbers, portable, Kind.EXPORTED, "20(1)")
    others = [one for one in held if one.pk not in mine]
    found += outcomes.of_holdings(
        numbers, others, Kind.RETAINED, article="20(1)", reason="not_portable"
    )
    return outcomes.complete(found)


@transaction.atomic
def send_to(
    tenant: Tenant,
    index: bytes,
    language: str,
    address: str,
    *,
    actor: str,
    at: datetime,
    brand: Brand | None = None,
) -> list[Outcome]:
    """Mail the package to another controller, whom the person named, and write that down: NoAddress."""
    to = normalise(address)
    if not isinstance(to, Address):
        raise NoAddress
    held = _portable(tenant, index, brand)
    if not held:
        return answer(tenant, index, brand=brand)
    controller = Controller.objects.of(tenant).get()
    with translation.override(language):
        subject = _("Personal data for you at the wish of the person concerned (Art. 20 GDPR)")
        text = _(
            "%(controller)s sends you the data of a person who wants to take them to you. What the files mean is"
            " said in the file portability.json itself; its format is public. If you did not expect this, please delete it."
        ) % {"controller": controller.name}
    letter, sender = mails.mail_of(tenant, brand, to.text, subject, text, at=at)
    letter.add_attachment(
        package(tenant, index, language, at, brand=brand),
        maintype="application",
        subtype="zip",
        filename="portability.zip",
    )
    outbox.post(
        tenant,
        held[0],
        recipient=to.text,
        return_path=sender,
        data=outbox.seven_bit(letter.as_bytes()),
        at=at,
    )
    disclosures.record(
        tenant,
        held,
        recipient=to.text,
        address=to.text,
        categories=["given_by_person"],
        reason="Art. 20 (2)",
        actor=actor,
        at=at,
    )
    audit.record(tenant, "portability.send", actor=actor, at=at, holdings=len(held))
    numbers = outcomes.rows_below(tenant, held)
    return outcomes.complete(_of_given(numbers, held, Kind.PASSED_ON, "20(2)"))


def _of_given(
    numbers: Mapping[tuple[str, int], int], held: list[Holding], kind: Kind, article: str
) -> list[Outcome]:
    """Return `kind` for the packages that hold what the person gave; what others noted of the person stays here."""
    giving = {label.partition(".")[0] for label, columns in _columns().items() if columns}
    given = {key: number for key, number in numbers.items() if key[0] in giving}
    noted = {key: number for key, number in numbers.items() if key[0] not in giving}
    return [
        *outcomes.of_holdings(given, held, kind, article=article),
        *outcomes.of_holdings(noted, held, Kind.RETAINED, article="20(1)", reason="not_given"),
    ]


def _portable(tenant: Tenant, index: bytes, brand: Brand | None) -> list[Holding]:
    return [
        one
        for one in outcomes.held_of(tenant, index, brand)
        if one.legal_basis in _BASES and not outcomes.is_about_rights(one.activity)
    ]


def _columns() -> dict[str, set[str]]:
    return {
        one.model: {name for name, kind in one.exported().items() if kind.given_by_person}
        for one in declarations.below_holdings()
    }


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
