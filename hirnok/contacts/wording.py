"""The words of imports in the reader's language: what columns mean, why rows or files were not taken."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy, gettext_noop

from hirnok.contacts.models import Field
from hirnok.contacts.reading.mapping import REASONS
from hirnok.contacts.reading.problems import MESSAGES, Problem
from hirnok.contacts.reading.rows import REJECTIONS, WARNINGS

TARGETS: dict[str, str | Promise] = {
    "email": gettext_lazy("E-mail address"),
    "first_name": gettext_lazy("First name"),
    "last_name": gettext_lazy("Last name"),
    "full_name": gettext_lazy("Full name"),
    "language": gettext_lazy("Language"),
    "tags": gettext_lazy("Tags"),
    "status": gettext_lazy("Status in the other system"),
    "left": gettext_lazy("Unsubscribed or blocked there"),
    "dead": gettext_lazy("Address does not work"),
    "consent_at": gettext_lazy("Time of the sign-up"),
    "consent_source": gettext_lazy("Place of the sign-up"),
    "consent_ip": gettext_lazy("IP address of the sign-up"),
    "attributes": gettext_lazy("Further data (JSON)"),
    "ignore": gettext_lazy("Leave out"),
}
TYPES: dict[str, str | Promise] = {
    Field.Type.TEXT: gettext_lazy("text"),
    Field.Type.NUMBER: gettext_lazy("number"),
    Field.Type.DATE: gettext_lazy("date"),
    Field.Type.BOOLEAN: gettext_lazy("yes or no"),
    Field.Type.CHOICE: gettext_lazy("choice"),
}
_ADDRESS_FAULTS: dict[str, str] = {
    "empty": gettext_noop("There is no address."),
    "several": gettext_noop("There is more than one address in the cell."),
    "no_at": gettext_noop("There is no @ sign."),
    "local": gettext_noop("The part before the @ sign is not valid."),
    "non_ascii_local": gettext_noop(
        "Letters with accents before the @ sign cannot be delivered reliably."
    ),
    "domain": gettext_noop("The domain after the @ sign is not valid."),
    "too_long": gettext_noop("The address is too long."),
    "invalid": gettext_noop("This is not an e-mail address."),
}
_OURS: dict[str, str] = {
    "no_brand": gettext_noop("There is no brand yet. Make one in the settings first."),
    "internal": gettext_noop(
        "Something went wrong on our side. Rows that are counted here were loaded; import the file again for the rest."
    ),
    "not_in_register": gettext_noop(
        "The register has no active activity for newsletters, so contacts may not be held."
    ),
}


def problem(fault: Problem) -> str:
    """Say why a file cannot be read."""
    return stored_problem({"code": fault.code, "details": fault.details})


def stored_problem(stored: Mapping[str, Any]) -> str:
    """Say why an import failed, from what is stored of it."""
    code = str(stored.get("code", "internal"))
    text = _OURS.get(code) or MESSAGES.get(code) or _OURS["internal"]
    details = dict(stored.get("details", {}))
    if details.get("found"):  # what kind of file it is, in words of the catalogue
        details["found"] = gettext(str(details["found"]))
    return str(gettext(text) % details)


def address_fault(code: str) -> str:
    """Say why a text is no address."""
    return gettext(_ADDRESS_FAULTS.get(code, _ADDRESS_FAULTS["invalid"]))


def rejection(code: str, details: Mapping[str, Any]) -> str:
    """Say why a row was not taken."""
    told = dict(details)
    if code == "invalid_address":
        told["reason"] = address_fault(str(told.get("reason", "")))
    return gettext(REJECTIONS[code]) % told if code in REJECTIONS else code


def reason_in_short(code: str) -> str:
    """Name a reason without the details of one row, for the counts."""
    return gettext(_SHORT[code]) if code in _SHORT else code


def warning(code: str) -> str:
    """Say why a value was left out."""
    return gettext(WARNINGS[code]) if code in WARNINGS else code


def guess(reason: str, details: Mapping[str, str]) -> str:
    """Say why a column was taken for what it is."""
    told = dict(details)
    if reason == "taken":
        told["target"] = target(told.get("target", ""))
    return gettext(REASONS[reason]) % told


def target(name: str, labels: Mapping[str, str] | None = None) -> str:
    """Name what a column means; `labels` are those of the custom fields by key."""
    if name.startswith("field:"):
        key = name.removeprefix("field:")
        return (labels or {}).get(key, key)
    return str(TARGETS.get(name, name))


_SHORT: dict[str, str] = {
    "missing_address": gettext_noop("no e-mail address"),
    "invalid_address": gettext_noop("the e-mail address is not valid"),
    "too_long": gettext_noop("the e-mail address is too long"),
    "unconfirmed": gettext_noop("never confirmed in the other system"),
    "unknown_status": gettext_noop("the status is not known"),
}
