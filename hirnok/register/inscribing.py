"""Ready-made activities and balancings as rows: every text in every language, the categories that the code declares."""

from dataclasses import replace
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from hirnok.register import declarations, describing
from hirnok.register.describing import Ground, Item, Purpose
from hirnok.register.models import LegalBasis
from hirnok.register.readymade import (
    IMPORT,
    MEASUREMENT,
    NEWSLETTER,
    REFUSED,
    SENDING_LOG,
    SIGN_UP_PROOF,
    Readymade,
    Words,
)

# Why an interest prevails, for the ready-made activities that rest on one: (interest, necessity, balance).
BALANCINGS: dict[str, tuple[Words, Words, Words]] = {
    NEWSLETTER: (
        _("Telling existing customers and business contacts of our own similar offers."),
        _(
            "An e-mail reaches them; no other way intrudes less. Only address, name and what they gave is used."
        ),
        _(
            "They may expect it from a firm they deal with, can refuse with one click in every letter, and are never written to again."
        ),
    ),
    SIGN_UP_PROOF: (
        _("Proving that consent was given, should somebody claim the opposite."),
        _("A keyed hash, the text and the times suffice; no address is kept."),
        _(
            "Nobody can be found by it who does not give the address; it ends with the period in which claims can be made."
        ),
    ),
    SENDING_LOG: (
        _("Accounting for every message, and mending what was not delivered."),
        _("Without it nobody could tell a person whether and why a letter came or did not."),
        _("It is kept for a short time, seen by few, and never leaves the firm."),
    ),
    MEASUREMENT: (
        _("Seeing which newsletters are read, so that fewer and better ones are written."),
        _("Opens and clicks are counted without IP address and without code at the reader."),
        _(
            "Readers can refuse it on their page at any time; a brand can count without persons, or not at all."
        ),
    ),
    IMPORT: (
        _("Taking over a list that may be used, and saying which rows were refused."),
        _("The file is needed until the import has been checked."),
        _("It is deleted within days, and people who had left are recognised by it."),
    ),
}


def activity(ready: Readymade) -> dict[str, Any]:
    """Return the columns of an activity, with every text in every language."""
    items = _items(ready)
    grounds = ready.grounds or tuple(_ground(ready.code, str(basis)) for basis in ready.legal_bases)
    told = tuple(replace(one, if_refused=texts(REFUSED) if one.obligatory else {}) for one in items)
    return {
        "code": ready.code,
        "name": texts(ready.name),
        "description": texts(ready.description),
        "purposes": describing.stored([Purpose(texts(ready.purpose), grounds, told)]),
        "subjects": texts(ready.subjects),
        "origin": texts(ready.origin),
        "seen_by": texts(ready.seen_by),
        "retention_start": ready.retention_start,
        "retention_period": ready.retention_period,
        "retention_action": ready.action,
        "retention_words": texts(ready.retention_words),
        "retention_law": ready.retention_law,
        "further_retention": describing.stored(ready.further),
        "active": ready.active,
    }


def _ground(code: str, basis: str) -> Ground:
    needs_balancing = basis == LegalBasis.LEGITIMATE_INTEREST
    return Ground(basis, balancing=code if needs_balancing else "")


def texts(words: Words) -> dict[str, str]:
    """Return a text by language; {} for an empty one."""
    found: dict[str, str] = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            found[code] = str(words)
    return found if any(found.values()) else {}


def _items(ready: Readymade) -> tuple[Item, ...]:
    """What is named here, and what the packages declare to hold for it."""
    named = {item.category for item in ready.items}
    declared = sorted(declarations.categories().get(ready.code, set()) - named)
    needs = declarations.ADDRESS.category
    return (*ready.items, *(Item(one, obligatory=one == needs) for one in declared))
