"""The records of processing activities: Art. 30 (1) of a controller, Art. 30 (2) of the operator as a processor.

A record is facts and tables in one language; `as_workbook` writes a sheet for each, `as_document` what
`printing.pdf` draws. The processor's record follows from what the tenants' registers say: each active activity of
each tenant, and the operator's own processors that take part.
"""

from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from xlsxwriter import Workbook

from hirnok.register import consistency, describing, documents, law
from hirnok.register.answers import RECIPIENTS, name_of
from hirnok.register.describing import in_language
from hirnok.register.models import Activity, Balancing, Controller, Recipient
from hirnok.tenants.acting import acting_for
from hirnok.tenants.models import Tenant

_WIDTH = 34  # characters of a column
_SHEET = 31  # characters of a sheet's name


@dataclass(frozen=True)
class Table:
    """A part of a record. The first cell of a row names what the row tells of."""

    title: str
    head: list[str]
    rows: list[list[str]]


@dataclass(frozen=True)
class Record:
    """A record on a day, in a language."""

    title: str
    language: str
    on: date
    who_title: str
    who: list[tuple[str, str]]
    tables: list[Table]
    security: list[str]


def of_controller(tenant: Tenant, language: str, on: date) -> Record:
    """Return the record that Art. 30 (1) asks of a tenant."""
    activities = list(Activity.objects.of(tenant).filter(active=True).order_by("pk"))
    recipients = consistency.in_force(tenant, on, [one.code for one in activities])
    balancings = {one.code: one for one in Balancing.objects.of(tenant).order_by("code")}
    with translation.override(language):
        return Record(
            title=_("Record of processing activities (Art. 30 (1))"),
            language=language,
            on=on,
            who_title=_("The controller"),
            who=documents.controller_rows(Controller.objects.of(tenant).get()),
            tables=[
                _activities(activities, recipients, balancings, language, on),
                _recipients(recipients, language, on),
                _balancings(activities, balancings, language),
            ],
            security=documents.security_words(activities, language),
        )


def of_processor(operator: Tenant, language: str, on: date) -> Record:
    """Return the record that Art. 30 (2) asks of the operator, over all its tenants."""
    helpers = [
        one
        for one in consistency.in_force(operator, on, [])
        if one.kind in {Recipient.Kind.PROCESSOR, Recipient.Kind.SUB_PROCESSOR}
    ]
    own = list(Activity.objects.of(operator).filter(active=True))
    with translation.override(language):
        return Record(
            title=_("Record of processing on behalf of controllers (Art. 30 (2))"),
            language=language,
            on=on,
            who_title=_("The processor"),
            who=documents.controller_rows(Controller.objects.of(operator).get()),
            tables=[
                _carried_out(operator, helpers, language, on),
                _recipients(helpers, language, on),
            ],
            security=documents.security_words(own, language),
        )


def as_workbook(record: Record) -> bytes:
    """Return the record as XLSX; every text is text, whatever it begins with."""
    made = BytesIO()
    with Workbook(made, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        plain = book.add_format({"text_wrap": True, "valign": "top"})
        facts = [[label, value] for label, value in record.who]
        with translation.override(record.language):
            facts += [[_("As of"), date_format(record.on)]]
            facts += [[_("How the data are protected"), text] for text in record.security]
        sheets = [Table(record.who_title, [record.title, ""], facts), *record.tables]
        for table in sheets:
            page = book.add_worksheet(table.title[:_SHEET])
            page.freeze_panes(1, 1)
            page.set_landscape()
            page.set_column(0, len(table.head) - 1, _WIDTH)
            for number, row in enumerate([table.head, *table.rows]):
                for column, cell in enumerate(row):
                    page.write_string(number, column, cell, plain if number and column else bold)
    return made.getvalue()


def as_document(record: Record) -> dict[str, Any]:
    """Return the record as the document that a PDF is drawn from: a section for each activity."""
    sections: list[dict[str, Any]] = [
        {"heading": record.who_title, "blocks": [{"kind": "facts", "rows": record.who}]}
    ]
    for table in record.tables:
        for row in table.rows:
            told = [one for one in zip(table.head[1:], row[1:], strict=True) if one[1]]
            heading = f"{table.title}: {row[0]}"
            sections.append({"heading": heading, "blocks": [{"kind": "facts", "rows": told}]})
    with translation.override(record.language):
        protected = {"kind": "list", "title": "", "items": record.security}
        sections.append({"heading": _("How the data are protected"), "blocks": [protected]})
        stand = _("As of %(day)s") % {"day": date_format(record.on)}
    return {
        "title": record.title,
        "language": record.language,
        "stand": stand,
        "sections": sections,
    }


def _activities(
    activities: list[Activity],
    recipients: list[Recipient],
    balancings: dict[str, Balancing],
    language: str,
    on: date,
) -> Table:
    head = [
        _("Activity"),
        _("What is done"),
        _("Our part"),
        _("Purpose"),
        _("Legal basis"),
        _("Whose data"),
        _("Data"),
        _("Source"),
        _("Recipients"),
        _("Third countries"),
        _("How long"),
        _("Who may see them"),
        _("How the data are protected"),
        _("Impact assessment"),
        _("Profiling and automated decisions"),
    ]
    rows = []
    for one in activities:
        purposes = describing.purposes(one)
        mine = [who for who in recipients if not who.activities or one.code in who.activities]
        grounds = [
            documents.ground_words(ground, balancings, language)
            for purpose in purposes
            for ground in purpose.grounds
        ]
        items = [
            documents.data_words(item, language) for purpose in purposes for item in purpose.items
        ]
        decisions = (
            in_language(one.profiling, language),
            in_language(one.automated_decisions, language),
        )
        rows.append(
            [
                name_of(one, language),
                in_language(one.description, language),
                _part(one),
                _joined(in_language(purpose.text, language) for purpose in purposes),
                _joined(grounds),
                in_language(one.subjects, language),
                _joined(items, ", "),
                in_language(one.origin, language),
                _joined((f"{who.name} ({RECIPIENTS[who.kind]})" for who in mine), ", "),
                _transfers(mine, on),
                documents.how_long(one, language),
                in_language(one.seen_by, language),
                " ".join(documents.security_words([one], language)),
                one.impact_assessment,
                _joined(text for text in decisions if text),
            ]
        )
    return Table(_("Processing activities"), head, rows)


def _recipients(recipients: list[Recipient], language: str, on: date) -> Table:
    head = [
        _("Name"),
        _("Role"),
        _("Address"),
        _("Task"),
        _("Contract"),
        _("Countries"),
        _("Third countries"),
        _("Reason"),
        _("Since"),
        _("Until"),
    ]
    rows = [
        [
            one.name,
            str(RECIPIENTS[one.kind]),
            one.address,
            in_language(one.task, language),
            one.contract,
            ", ".join(one.countries),
            _transfers([one], on),
            in_language(one.transfer_reason, language),
            date_format(one.since),
            date_format(one.until) if one.until else "",
        ]
        for one in recipients
    ]
    return Table(_("Recipients"), head, rows)


def _balancings(
    activities: list[Activity], balancings: dict[str, Balancing], language: str
) -> Table:
    head = [
        _("Activity"),
        _("Interest"),
        _("Necessity"),
        _("Balance"),
        _("Prevails"),
        _("Decided by"),
        _("Decided on"),
    ]
    used = {
        ground.balancing: name_of(one, language)
        for one in activities
        for purpose in describing.purposes(one)
        for ground in purpose.grounds
        if ground.balancing in balancings
    }
    rows = [
        [
            name,
            in_language(balancings[code].interest, language),
            in_language(balancings[code].necessity, language),
            in_language(balancings[code].balance, language),
            _("yes") if balancings[code].prevails else _("no"),
            balancings[code].decided_by,
            date_format(balancings[code].decided_at),
        ]
        for code, name in used.items()
    ]
    return Table(_("Balancing of interests"), head, rows)


def _carried_out(operator: Tenant, helpers: list[Recipient], language: str, on: date) -> Table:
    head = [
        _("Controller"),
        _("Seat"),
        _("Contact"),
        _("Representative in the EU"),
        _("Privacy officer"),
        _("Processing carried out"),
        _("Data"),
        _("Recipients"),
        _("Third countries"),
    ]
    rows = []
    names = ", ".join(f"{one.name} ({RECIPIENTS[one.kind]})" for one in helpers)
    abroad = _transfers(helpers, on)
    for tenant in Tenant.objects.exclude(pk=operator.pk).order_by("name", "pk"):
        with acting_for(tenant):
            one = Controller.objects.of(tenant).get()
            activities = list(Activity.objects.of(tenant).filter(active=True).order_by("pk"))
        items = [
            documents.data_words(item, language)
            for activity in activities
            for purpose in describing.purposes(activity)
            for item in purpose.items
        ]
        officer = (one.officer_name, one.officer_email, one.officer_phone)
        rows.append(
            [
                one.name,
                one.postal_address,
                _joined((one.email, one.phone), ", "),
                one.representative,
                _joined(officer, ", "),
                _joined(
                    f"{name_of(activity, language)}: {in_language(activity.description, language)}"
                    for activity in activities
                ),
                _joined(items, ", "),
                names,
                abroad,
            ]
        )
    return Table(_("Processing for controllers"), head, rows)


def _part(activity: Activity) -> str:
    return {
        Activity.Role.CONTROLLER: _("controller"),
        Activity.Role.JOINT: _("joint controller"),
        Activity.Role.PROCESSOR: _("processor"),
    }[Activity.Role(activity.role)]


def _transfers(recipients: list[Recipient], on: date) -> str:
    told = [
        f"{one.name}, {country}: {documents.guarantee_words(one) or _('no guarantee')}"
        for one in recipients
        for country in one.countries
        if not law.is_in_eea(country, on)
    ]
    return _joined(told) or _("none")


def _joined(texts: Any, between: str = "; ") -> str:
    return between.join(dict.fromkeys(text for text in texts if text))
