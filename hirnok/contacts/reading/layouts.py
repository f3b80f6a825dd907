"""The exports of Mailchimp, Brevo, HubSpot and listmonk: recognised by columns only they have."""

from __future__ import annotations

from collections.abc import Sequence

from hirnok.contacts.reading.vocabulary import fold

# By system: the folded headers that give it away; two of them must be present.
_MARKS: dict[str, frozenset[str]] = {
    "Mailchimp": frozenset(
        (
            "memberrating",
            "optintime",
            "optinip",
            "confirmtime",
            "leid",
            "euid",
            "lastchanged",
            "unsubtime",
            "cleantime",
            "gmtoff",
        )
    ),
    "Brevo": frozenset(
        (
            "contactid",
            "emailid",
            "extid",
            "addedtime",
            "modifiedtime",
            "whatsapp",
            "landlinenumber",
            "emailblacklisted",
            "smsblacklisted",
            "emailblocklisted",
            "doubleoptin",
            "prenom",
            "nom",
            "sms",
            "optin",
        )
    ),
    "HubSpot": frozenset(
        (
            "recordid",
            "recordidcontact",
            "lifecyclestage",
            "hubspotscore",
            "contactowner",
            "unsubscribedfromallemail",
            "emailhardbouncereason",
            "marketingcontactstatus",
            "leadstatus",
            "associatedcompany",
            "originalsource",
            "latesttrafficsource",
            "createdate",
            "lastactivitydate",
            "optedoutofallemail",
        )
    ),
    "listmonk": frozenset(("uuid", "attributes", "attribs", "createdat", "updatedat")),
}

_TARGETS: dict[str, dict[str, str]] = {
    "Mailchimp": {
        "emailaddress": "email",
        "firstname": "first_name",
        "lastname": "last_name",
        "optintime": "consent_at",
        "optinip": "consent_ip",
        "confirmtime": "consent_at",
        "confirmip": "consent_ip",
        "unsubtime": "left",
        "cleantime": "dead",
        "cc": "ignore",
        "tags": "tags",
        "region": "ignore",
        "memberrating": "ignore",
        "leid": "ignore",
        "euid": "ignore",
        "notes": "ignore",
        "lastchanged": "ignore",
        "unsubreason": "ignore",
    },
    "Brevo": {
        "email": "email",
        "emailid": "email",
        "firstname": "first_name",
        "prenom": "first_name",
        "lastname": "last_name",
        "nom": "last_name",
        "nume": "last_name",
        "prenume": "first_name",
        "vezeteknev": "last_name",
        "keresztnev": "first_name",
        "emailblacklisted": "left",
        "emailblocklisted": "left",
        "emailblacklist": "left",
        "emailblocklist": "left",
        "blacklisted": "left",
        "blocklisted": "left",
        "addedtime": "ignore",  # added to the list by anybody: no proof of consent
        "contactid": "ignore",
        "smsblacklisted": "ignore",
        "optin": "ignore",
        "doubleoptin": "ignore",
    },
    "HubSpot": {
        "email": "email",
        "firstname": "first_name",
        "lastname": "last_name",
        "unsubscribedfromallemail": "left",
        "optedoutofallemail": "left",
        "emailhardbouncereason": "dead",
        "emailaddressquarantined": "dead",
        "preferredlanguage": "language",
        "originalsource": "consent_source",
        "leadstatus": "ignore",
        "marketingcontactstatus": "ignore",
        "recordid": "ignore",
        "createdate": "ignore",
    },
    "listmonk": {
        "email": "email",
        "name": "full_name",
        "attributes": "attributes",
        "attribs": "attributes",
        "status": "status",
        "uuid": "ignore",
        "createdat": "ignore",  # likewise
        "updatedat": "ignore",
    },
}

_FILES: tuple[tuple[str, str], ...] = (
    ("unsubscribed", "unsubscribed"),
    ("cleaned", "dead"),
    ("blocklist", "unsubscribed"),
    ("blacklist", "unsubscribed"),
    ("leiratkoz", "unsubscribed"),
    ("dezabona", "unsubscribed"),
    ("bounce", "dead"),
)


def recognise(header: Sequence[str]) -> str | None:
    """The system with most of its marks in the header, two at least."""
    folded = {fold(cell) for cell in header}
    counts = {system: len(marks & folded) for system, marks in _MARKS.items()}
    best = max(counts, key=lambda system: counts[system])
    return best if counts[best] >= 2 else None


def target_of(header: str, system: str | None) -> str | None:
    """The target of a column in the layout of a system."""
    return _TARGETS[system].get(fold(header)) if system else None


def status_of_file(header: Sequence[str], filename: str) -> str | None:
    """`unsubscribed` or `dead` where the name of an export says that all in it left or bounced.

    Believed only together with a recognised layout, because a wrong guess would suppress a whole
    list. Columns that say so row by row (`UNSUB_TIME`, `CLEAN_TIME`) are targets of their own.
    """
    if recognise(header) is None:
        return None
    name = fold(filename)
    return next((status for mark, status in _FILES if mark in name), None)
