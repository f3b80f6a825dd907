"""Access (GDPR Art. 15; X11): a copy over all packages, for machines (JSON, CSV) and for people (HTML, PDF).

Promises: what the declarations say is personal and the person's own is in it; with it stand purposes, bases, periods,
sources, those who really got data, the rights and where to complain, as the register has them today. Data of others
and names of staff are kept out, and a note says so (Art. 15 (4)). Leaves to others: who may get it.
"""

import base64
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.text import slugify
from django.utils.translation import gettext as _

from hirnok.outbox.models import Delivery, Letter, Relay
from hirnok.privacy import printing
from hirnok.register import answers, consistency, declarations, documents, export, looking
from hirnok.register.describing import in_language
from hirnok.register.models import (
    Activity,
    Controller,
    Disclosure,
    Holding,
    Look,
    Notice,
    Recipient,
)
from hirnok.returns.models import Returned
from hirnok.rights import outcomes
from hirnok.rights.outcomes import Kind, Outcome
from hirnok.tenants.models import Brand, Tenant
from hirnok.ui import downloads

FORMAT, VERSION = "hirnok.access", 1
_READABLE = "copy"  # the files for people, without their ending
_LONG = 120  # characters of a value that a table for people shows
_ROWS = 200  # of a table for people; all are in the files


@dataclass(frozen=True)
class Copy:
    """`data`: ready for JSON; `document`: what people read, drawn like a notice; `attachments`: files by name."""

    data: dict[str, Any]
    document: dict[str, Any]
    attachments: dict[str, bytes]
    outcomes: list[Outcome] = field(default_factory=list)


def copy_of(
    tenant: Tenant, index: bytes, language: str, at: datetime, *, brand: Brand | None = None
) -> Copy:
    """Return all that the tenant (or one brand) holds of a person, in the person's language.

    Somebody unknown gets a copy that says so: that, too, is information.
    """
    held = list(
        outcomes.held_of(tenant, index, brand).select_related("activity", "source", "brand")
    )
    rows = _rows(tenant, held)
    attachments = _attachments(rows)
    with translation.override(language):
        notes = _notes(tenant, index)
        told = _told(tenant, held, language)
        recipients = _recipients(tenant, held, at, language)
        looks = _looks(tenant, index, language)
        document = _document(tenant, held, rows, recipients, notes, language, at)
        document["sections"][2:2] = _table(
            _("When your data were looked at"),
            (_("When"), _("For what"), _("How")),
            [(one["at"][:16].replace("T", " "), one["for"], one["how"]) for one in looks[:_ROWS]],
        )
    data = {
        "format": FORMAT,
        "version": VERSION,
        "made_at": at.isoformat(),
        "language": language,
        "controller": dict(documents.controller_rows(Controller.objects.of(tenant).get())),
        "held": told,
        "recipients": recipients,
        "looked_at": looks,
        "notes": notes,
        "data": rows,
    }
    numbers = outcomes.rows_below(tenant, held)
    found = outcomes.of_holdings(numbers, held, Kind.EXPORTED, article="15")
    return Copy(data, document, attachments, outcomes.complete(found))


def files(copy: Copy) -> bytes:
    """Return the copy as one ZIP file: data.json, a CSV file per table, copy.html, copy.pdf, attachments."""
    language = copy.data["language"]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", json.dumps(copy.data, ensure_ascii=False, indent=2))
        for label, rows in copy.data["data"].items():
            archive.writestr(f"csv/{slugify(label.replace('.', '-'))}.csv", _csv(rows, language))
        with translation.override(language):
            page = render_to_string("rights/copy.html", {"document": copy.document})
        archive.writestr(f"{_READABLE}.html", page)
        archive.writestr(f"{_READABLE}.pdf", printing.pdf(copy.document))
        for name, content in copy.attachments.items():
            archive.writestr(f"attachments/{name}", content)
    return packed.getvalue()


def _rows(tenant: Tenant, held: list[Holding]) -> dict[str, list[export.Row]]:
    """The rows by model; what an authority has forbidden to tell is not among them (C13)."""
    persons = {one.person_id for one in held}
    found: dict[str, list[export.Row]] = {}
    ids = [one.pk for one in held]
    for person in persons:
        for label, rows in export.about(tenant, person, only=Q(pk__in=ids)).items():
            found.setdefault(label, []).extend(rows)
    found["rights.Order"] = [
        row for row in found.get("rights.Order", []) if not row.get("is_secret")
    ]
    return {label: rows for label, rows in sorted(found.items()) if rows}


def _attachments(rows: Mapping[str, list[export.Row]]) -> dict[str, bytes]:
    """The files among the rows, decoded; in the rows stands the name of the file instead."""
    found: dict[str, bytes] = {}
    for label, kind in (
        (one.model, {name for name, column in one.exported().items() if column.binary})
        for one in declarations.below_holdings()
    ):
        for number, row in enumerate(rows.get(label, ()), 1):
            for name in kind & set(row):
                if not row[name]:
                    continue
                content = base64.b64decode(row[name])
                file = f"{slugify(label.replace('.', '-'))}-{number}{_suffix(content)}"
                found[file] = content
                row[name] = f"attachments/{file}"
    return found


def _suffix(content: bytes) -> str:
    for magic, suffix in ((b"%PDF", ".pdf"), (b"\x89PNG", ".png"), (b"\xff\xd8", ".jpg")):
        if content.startswith(magic):
            return suffix
    return ".eml" if b"\r\n\r\n" in content else ".bin"


def _told(tenant: Tenant, held: list[Holding], language: str) -> list[dict[str, Any]]:
    """Why each holding is there: activity, purposes, basis, source, since, until."""
    why = {
        answer.holding_id: answer
        for person in {one.person_id for one in held}
        for answer in answers.why_held(tenant, person, language)
    }
    return [
        {
            "activity": why[one.pk].activity,
            "purposes": _purposes(one, language),
            "legal_basis": str(why[one.pk].basis),
            "source": ": ".join(
                filter(None, (str(why[one.pk].source), why[one.pk].source_details))
            ),
            "brand": one.brand.name if one.brand else "",
            "since": one.held_since.isoformat(),
            "until": one.expires_at.isoformat() if one.expires_at else "",
            "restricted": why[one.pk].restricted,
        }
        for one in held
        if one.pk in why
    ]


def _purposes(holding: Holding, language: str) -> list[str]:
    return [in_language(purpose.get("text", {}), language) for purpose in holding.activity.purposes]


def _recipients(
    tenant: Tenant, held: list[Holding], at: datetime, language: str
) -> list[dict[str, Any]]:
    """Who gets data of these activities, and to whom data of this person really went (C-154/21)."""
    codes = sorted({one.activity.code for one in held})
    ids = [one.pk for one in held]
    listed = [
        {
            "name": one.name,
            "kind": str(answers.RECIPIENTS[one.kind]),
            "task": in_language(one.task, language),
            "countries": list(one.countries),
            "at": "",
        }
        for one in _in_force(tenant, at, codes)
    ]
    handed = [
        {
            "name": one.recipient,
            "kind": _("data were handed over"),
            "task": one.reason,
            "countries": [],
            "at": one.at.isoformat(),
        }
        for one in Disclosure.objects.of(tenant).filter(holding_id__in=ids).order_by("at")
    ]
    through = [
        {
            "name": name,
            "kind": _("mail server"),
            "task": _("carried mails to the address"),
            "countries": [],
            "at": "",
        }
        for name in _mail_servers(tenant, ids)
    ]
    return listed + through + handed


def _looks(tenant: Tenant, index: bytes, language: str) -> list[dict[str, str]]:
    """When, for what and how the data were looked at; by whom is not told (C-579/21)."""
    names = {one.code: answers.name_of(one, language) for one in Activity.objects.of(tenant)}
    return [
        {
            "at": at.isoformat(),
            "for": ", ".join(names.get(code, code) for code in activities),
            "how": _("in a file") if channel == Look.Channel.EXPORT else _("on a page"),
        }
        for at, channel, activities in looking.told_to(tenant, index)
    ]


def _in_force(tenant: Tenant, at: datetime, codes: list[str]) -> list[Recipient]:
    return consistency.in_force(tenant, at.date(), codes) if codes else []


def _mail_servers(tenant: Tenant, ids: list[int]) -> list[str]:
    """The servers that took mails for the person: of newsletters and of single letters."""
    sent = Delivery.objects.of(tenant).filter(contact_id__in=ids, sent_at__isnull=False)
    relays = set(sent.values_list("message__relay_id", flat=True))
    relays |= set(sent.values_list("pinned_relay_id", flat=True))
    letters = Letter.objects.of(tenant).filter(holding_id__in=ids, sent_at__isnull=False)
    relays |= set(letters.values_list("relay_id", flat=True))
    rows = Relay.objects.of(tenant).filter(pk__in=[one for one in relays if one])
    return sorted(f"{name} ({host})" for name, host in rows.values_list("name", "host"))


def _notes(tenant: Tenant, index: bytes) -> list[str]:
    notes = [
        _(
            "Left out are names of those who work here, keys and hashes that say nothing to you, and what would tell of"
            " other people."
        )
    ]
    came_back = Returned.objects.of(tenant).filter(person_key=index).count()
    if came_back:
        notes.append(
            _(
                "Mails that came back because of your address are kept for a short time. They may name other people, so they"
                " are shown only on request. Their number: %(number)d."
            )
            % {"number": came_back}
        )
    return notes


def _document(
    tenant: Tenant,
    held: list[Holding],
    rows: Mapping[str, list[export.Row]],
    recipients: list[dict[str, Any]],
    notes: list[str],
    language: str,
    at: datetime,
) -> dict[str, Any]:
    codes = sorted({one.activity.code for one in held})
    notice = Notice(title={language: _("A copy of your personal data")}, activities=codes or [""])
    made = documents.compose(tenant, notice, language, at.date())
    about = [
        _section(_("What this is"), *({"kind": "text", "text": note} for note in notes))
        if held
        else _section(
            _("What this is"),
            {"kind": "text", "text": _("Nothing is held of you here.")},
        )
    ]
    why = _table(
        _("What is held, why, since and until when"),
        (_("For what"), _("Legal basis"), _("Source"), _("Since"), _("Until")),
        [
            (
                one["activity"],
                one["legal_basis"],
                one["source"],
                one["since"][:10],
                one["until"][:10] or _("until it is ended"),
            )
            for one in _told(tenant, held, language)
        ],
    )
    who = _table(
        _("Who really got data of you"),
        (_("Name"), _("As what"), _("For what"), _("When")),
        [(one["name"], one["kind"], one["task"], one["at"][:10]) for one in recipients],
    )
    own = [_of_rows(label, found) for label, found in rows.items()]
    made["stand"] = at.date().isoformat()
    made["sections"] = [
        *about,
        *why,
        *who,
        *(table for tables in own for table in tables),
        *made["sections"],
    ]
    return made


def _of_rows(label: str, rows: list[export.Row]) -> list[dict[str, Any]]:
    """A table of the rows of one model: columns that are empty everywhere are left out."""
    names = [
        name
        for name in rows[0]
        if name != "for" and any(row.get(name) not in (None, "", {}, []) for row in rows)
    ]
    if not names:
        return []
    heading = f"{_('Your data')}: {label.partition('.')[2]}"
    shown = [tuple(_short(row.get(name)) for name in names) for row in rows[:_ROWS]]
    if len(names) > 4 or len(rows) == 1:
        blocks = [
            {
                "kind": "facts",
                "rows": [(name, value) for name, value in zip(names, row, strict=True) if value],
            }
            for row in shown
        ]
        return [_section(heading, *blocks)]
    return _table(heading, tuple(names), shown)


def _short(value: Any) -> str:
    if value in (None, "", {}, []):
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONG else text[: _LONG - 1] + "…"


def _table(
    heading: str, head: tuple[str, ...], rows: Iterable[tuple[str, ...]]
) -> list[dict[str, Any]]:
    found = [list(row) for row in rows]
    if not found:
        return []
    return [_section(heading, {"kind": "table", "head": list(head), "rows": found})]


def _section(heading: str, *blocks: dict[str, Any]) -> dict[str, Any]:
    return {"heading": heading, "blocks": list(blocks)}


def _csv(rows: list[export.Row], language: str) -> str:
    names = list(dict.fromkeys(name for row in rows for name in row if name != "for"))
    ties = ("activity", "legal_basis", "held_since")
    table = [[*names, *ties]]
    table += [
        [_text(row.get(name)) for name in names] + [str(row["for"][tie]) for tie in ties]
        for row in rows
    ]
    return "".join(downloads.csv_pieces(table, language))


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
